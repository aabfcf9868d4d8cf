# SPDX-License-Identifier: Apache-2.0
"""A logfmt parser of its own, which checks every line that the programs log in live tests: a time, then
pairs key=value. A bare value has no blank, quote or equals sign; a quoted one escapes quotes,
backslashes and control characters."""
import re

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")
PAIR = re.compile(r"""([a-z][a-z0-9_.]*)=          # the key
    (?:[^\s"=\\\x00-\x1f\x7f]*                    # a bare value
    |"(?:[^"\\\x00-\x1f\x7f]                      # or a quoted one
      |\\(?:["\\nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}))*")(?:\ |$)""", re.X)


def parse(line):
    """({key: value as written}, None) of a log line, or (None, why it is not valid)."""
    pairs, at = {}, LOG_LINE.match(line).end()
    while at < len(line):
        pair = PAIR.match(line, at)
        if pair is None:
            return None, f"not key=value at {line[at:at + 40]!r}"
        if pair[1] in pairs:
            return None, f"{pair[1]} twice"
        pairs[pair[1]] = pair[0].split("=", 1)[1].rstrip(" ")
        at = pair.end()
    if line.endswith(" "):
        return None, "a blank at the end"
    for key in ("level", "mod"):
        if not pairs.get(key):
            return None, f"no {key}"
    return pairs, None


def imbalance(pairs):
    """Why the books of a hub do not balance (R28): what it received is stored, a duplicate or rejected."""
    if pairs is None or pairs.get("mod") != "ingest" or "received" not in pairs:
        return None
    received, *parts = (int(pairs[key]) for key in ("received", "stored", "duplicates", "rejected"))
    return None if received == sum(parts) else "the hub's books do not balance"


def errors(text):
    """The invalid lines of a log. A program that was killed may leave half a line at the end."""
    found = []
    for line in text.split("\n")[:-1]:
        if LOG_LINE.match(line):
            pairs, why = parse(line)
            why = why or imbalance(pairs)
            if why is not None:
                found.append(f"invalid log line: {why}: {line[:300]}")
    return found
