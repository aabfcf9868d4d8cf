# SPDX-License-Identifier: Apache-2.0
"""Decodes recordings of printers, for the comparison with platen's readings.

Independent of platen's decoder, so that an error of one is not an error of both: it stores every value
of an object as bytes, in the order of the file."""
import json
import re

# The net-snmp names of FIELDS.md; the rest of a name is numbers.
NAMES = {"iso": "1", "SNMPv2-SMI::mib-2": "1.3.6.1.2.1", "SNMPv2-SMI::enterprises": "1.3.6.1.4.1"}
VARBIND = re.compile(r"^(\S+) = (.*)$")


def numeric(name):
    """The object of a net-snmp name that begins with one of NAMES; else None."""
    for word, oid in NAMES.items():
        if name == word or name.startswith(word + "."):
            name = oid + name[len(word):]
    name = name.lstrip(".")
    return name if re.fullmatch(r"[0-9.]+", name) else None


def snmprec(data):
    for line in data.split(b"\n"):
        parts = line.split(b"|", 2)
        if len(parts) != 3:
            continue
        value = bytes.fromhex(parts[2].decode()) if parts[1] == b"4x" else parts[2]
        if parts[1] == b"6":
            value = value.lstrip(b".")
        yield parts[0].decode().lstrip("."), value


def recording_value(text):
    """The bytes of "TYPE: VALUE". Some numbers are followed by manual remarks, which are ignored."""
    kind, colon, rest = text.partition(": ")
    if text == '""' or not colon:
        return b""
    if kind == "Hex-STRING":
        return bytes.fromhex("".join(rest.split()))
    if kind == "STRING":
        text = rest.strip()
        quoted = re.fullmatch(r'"(.*)"', text, re.S)
        return (quoted.group(1) if quoted else text).encode("utf-8", "surrogateescape")
    number = re.match(r"(?:[A-Za-z]\w*\()?(-?\d+)", rest)
    if kind in ("INTEGER", "Counter32", "Gauge32", "Counter64") and number:
        return number.group(1).encode()
    if kind == "OID":
        return (numeric(rest.strip()) or rest).encode()
    return rest.encode("utf-8", "surrogateescape")


def snmpwalk(data):
    held = None
    for line in data.decode("utf-8", "surrogateescape").split("\n") + [". = end"]:
        start = VARBIND.match(line)
        if start:
            if held and held[0]:
                yield held[0], recording_value(held[1])
            held = [numeric(start.group(1)), start.group(2)]
        elif held and held[1].startswith("Hex-STRING") and re.fullmatch(r"[0-9A-Fa-f ]+", line):
            held[1] += line
        elif held and held[1].startswith("STRING: \"") and not held[1].endswith("\""):
            held[1] += "\n" + line


def pdus(data):
    for row in json.loads(data):
        value = row.get("value")
        raw = row.get("hex_value")
        if raw is None and row["type"] == "OctetString":
            value = ""
        yield row["oid"].lstrip("."), (bytes.fromhex(raw) if raw else
                                       str(value).lstrip(".").encode())


def oidvalue(data):
    for row in json.loads(data):
        yield row["oid"].lstrip("."), str(row["value"]).encode()


def oidmap(data):
    for oid, value in json.loads(data).items():
        if isinstance(value, list):
            yield oid, bytes.fromhex("".join(value))
        else:
            yield oid, str(value).encode()


def valueoid(data):
    text = data.decode("utf-8", "surrogateescape")
    end = 0
    for row in re.finditer(r': "([0-9][0-9.]*)"(?:\n|$)', text):
        yield row.group(1), text[end:row.start()].encode("utf-8", "surrogateescape")
        end = row.end()


def ipp(data):
    """Attribute names and the bytes of their values (RFC 8010). Members of collections come under
    the collection's name, which is enough for counting."""
    at, name = 8, ""
    while at < len(data):
        tag = data[at]
        if tag < 0x10:
            at += 1
            continue
        length = int.from_bytes(data[at + 1:at + 3], "big")
        if length:
            name = data[at + 3:at + 3 + length].decode()
        at += 3 + length
        length = int.from_bytes(data[at:at + 2], "big")
        yield name, data[at + 2:at + 2 + length]
        at += 2 + length


FORMATS = {".snmprec": snmprec, ".snmpwalk": snmpwalk, ".pdus.json": pdus, ".ipp": ipp,
           ".oidvalue.json": oidvalue, ".oidmap.json": oidmap, ".valueoid.txt": valueoid}


class Recording:
    """{object: [values]} of one or more files, as an object may occur more than once."""

    def __init__(self, *files):
        self.values = {}
        for path in files:
            kind = next(f for f in FORMATS if path.name.endswith(f))
            for oid, value in FORMATS[kind](path.read_bytes()):
                self.values.setdefault(oid, []).append(value)

    def all(self, oid):
        return self.values.get(oid, [])

    def text(self, oid):
        """The first value as text, up to the first NUL."""
        value = (self.all(oid) or [b""])[0]
        return value.split(b"\0")[0].decode("utf-8", "replace").strip()

    def number(self, oid):
        """The last value as a number, or None."""
        value = (self.all(oid) or [b""])[-1].strip()
        return int(value) if re.fullmatch(rb"-?\d+", value) else None

    def numbers(self, oid):
        return {int(v) for v in self.all(oid) if re.fullmatch(rb"\s*-?\d+\s*", v)}

    def rows(self, column):
        """The indexes of a column, as text behind it."""
        return sorted(o[len(column) + 1:] for o in self.values if o.startswith(column + "."))
