# SPDX-License-Identifier: Apache-2.0
"""Holds what the hub has of synthetic printers against what they held between question and answer.

A printer of a profile with `truth` blocks is held against those: every meter, supply, alert and
firmware module must be there, and no other, with the name, unit and value that the profile says. A
recording, or a printer in which somebody set values by hand, has no such word: there each value at
the hub must have been in the row that it claims to come from, and nothing may be missing."""
SUPPLY_LEVEL = "1.3.6.1.2.1.43.11.1.1.9"
SUPPLY_MAX = "1.3.6.1.2.1.43.11.1.1.8"
SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"
LIFE = "1.3.6.1.2.1.43.10.2.1.4"


def claims(device):
    """Every value that the hub holds of a device, as the simulator's "check" wants them."""
    window = {g["name"]: (g.get("asked_at_ms"), g.get("answered_at_ms"))
              for g in device.get("groups") or []}
    found = [("meters", m["oid"], m["value"]) for m in device.get("meters") or []]
    for supply in device.get("supplies") or []:
        level = supply.get("level") or {}
        for key, column in (("value", SUPPLY_LEVEL), ("max", SUPPLY_MAX)):
            if key in level:
                found.append(("supplies", f"{column}.{supply['index']}", level[key]))
    serial = (device.get("identity") or {}).get("serial")
    if serial:
        found.append(("identity", SERIAL, serial))
    return [{"oid": oid, "value": value, "from_ms": window[group][0], "to_ms": window[group][1]}
            for group, oid, value in found]


def is_missing(device, rows):
    """What of these rows of the printer is not at the hub: supplies, the serial, the marker's life."""
    held = {row["oid"]: row.get("value") for row in rows}

    def indexes(column):
        return {oid[len(column) + 1:] for oid in held if oid.startswith(column + ".")}

    found = []
    # That the hub has too many shows in the values that it claims.
    supplies = indexes(SUPPLY_LEVEL) - {s["index"] for s in device.get("supplies") or []}
    if supplies:
        found.append(f"supplies {' '.join(sorted(supplies))}")
    serial = (device.get("identity") or {}).get("serial")
    if held.get(SERIAL) and not serial:
        found.append("the serial")
    life = {m["oid"] for m in device.get("meters") or [] if m.get("name") == "marker_life"}
    for index in sorted(indexes(LIFE)):
        if f"{LIFE}.{index}" not in life:
            found.append(f"marker_life {index}")
    return found


def missing(sim, seen):
    """By printer, what it held when it was asked and the hub does not have."""
    def window(device):
        times = [t for g in device.get("groups") or [] if g["name"] in ("meters", "supplies")
                 for t in (g.get("asked_at_ms"), g.get("answered_at_ms")) if t]
        return {"from": min(times), "to": max(times)} if times else {}

    def against(numbers, which):
        """The tables are large: a few hundred at a time."""
        found = {}
        for first in range(0, len(numbers), 250):
            some = numbers[first:first + 250]
            requests = []
            for number in some:
                at = window(seen[number]).get(which)
                requests.append({"cmd": "table", "printer": number, **({"at_ms": at} if at else {})})
            for number, answer in zip(some, sim.ask_all(requests)):
                what = is_missing(seen[number], answer["rows"]) if answer["ok"] else [answer["error"]]
                if what:
                    found[number] = what
        return found

    # A row that came or went between question and answer may be there or not.
    at_end = against(list(seen), "to")
    at_begin = against(list(at_end), "from")
    return {number: at_end[number] for number in at_begin}


# By section of the profile's truth: which group it is read with, where it stands in a device's
# JSON, and what tells one entry from another.
SECTIONS = {
    "identity": ("identity", lambda d: [d.get("identity") or {}], ()),
    "firmware": ("identity", lambda d: (d.get("identity") or {}).get("firmware") or [], ("name",)),
    "meters": ("meters", lambda d: d.get("meters") or [], ("name", "oid")),
    "supplies": ("supplies", lambda d: [flat(s) for s in d.get("supplies") or []], ("index",)),
    "alerts": ("alerts", lambda d: d.get("alerts") or [], ("index",)),
    "state": ("state", lambda d: [d.get("state") or {}], ()),
    "errors": ("state", lambda d: [{"name": e} for e in (d.get("state") or {}).get("errors") or []],
               ("name",)),
    "options": ("options", lambda d: d.get("options") or [], ("kind", "name")),
    "settings": ("options", lambda d: d.get("settings") or [], ("name",)),
    "trays": ("media", lambda d: d.get("trays") or [], ("index",)),
    "bins": ("media", lambda d: d.get("bins") or [], ("index",)),
    "covers": ("media", lambda d: [{**c, "status": " ".join(c.get("status") or [])}
                                   for c in d.get("covers") or []], ("index",)),
    "media_paths": ("media", lambda d: d.get("media_paths") or [], ("index",)),
    "rated_speed": ("media", lambda d: [d.get("rated_speed") or {}], ()),
    "maintenance": ("maintenance", lambda d: d.get("maintenance") or [], ("index",)),
}
# These are held against the profile also where it says nothing: then there must be none.
ALWAYS = ("identity", "firmware", "meters", "supplies", "alerts")
HUNDREDTH = 0.0051  # percentages are shown to a hundredth


def flat(supply):
    """A supply with its level's fields beside the others."""
    level = supply.get("level") or {}
    return {**{k: v for k, v in supply.items() if k != "level"}, **level}


def with_level(fact):
    """What follows from a supply's numbers by RFC 3805, where the profile does not say otherwise:
    -1 no limit, -2 unknown, -3 some left; a percentage only of a known capacity."""
    value, top = fact.get("value"), fact.get("max")
    fact = dict(fact)
    if "hundredths" in fact:
        fact["percent"] = fact.pop("hundredths") / 100
    if "kind" not in fact and value is not None:
        states = {-1: "unlimited", -2: "unknown", -3: "some"}
        fact["kind"] = states.get(value) or ("percent" if (top or 0) > 0 else "units")
    if fact.get("kind") == "percent" and "percent" not in fact and (top or 0) > 0:
        fact["percent"] = 100 * value / top
    return fact


def told_more(section, fact):
    """A fact with what follows from it."""
    if section == "supplies":
        return with_level(fact)
    if section == "maintenance":
        fact = dict(fact)
        if "hundredths" in fact:
            fact["percent"] = fact.pop("hundredths") / 100
        elif "percent" not in fact and fact.get("life"):
            fact["percent"] = 100 * fact["left"] / fact["life"]
    return fact


def is_same(want, got):
    if want == "":
        return got in (None, "")
    if isinstance(want, float) or isinstance(got, float):
        return got is not None and abs(want - got) <= HUNDREDTH
    return want == got and isinstance(want, str) == isinstance(got, str)


def held_against(section, spans, found):
    """What is wrong about the entries of one section: `spans` are the facts of each span between
    question and answer. What came or went meanwhile may be there or not."""
    keys = SECTIONS[section][2]
    wrong = []

    def key(entry):
        return tuple(str(entry.get(k, "")) for k in keys)

    def name(k):
        return f"{section} {' '.join(k)}".rstrip()

    told = [{key(f): told_more(section, f) for f in span} for span in spans]
    got = {}
    for entry in found:
        if key(entry) in got:
            wrong.append(f"twice: {name(key(entry))}")
        got[key(entry)] = entry
    for k in set.intersection(*[set(span) for span in told]) - set(got):
        wrong.append(f"missing: {name(k)}")
    for k, entry in got.items():
        here = [span[k] for span in told if k in span]
        if not here:
            wrong.append(f"extra: {name(k)}")
            continue
        for field in dict.fromkeys(f for fact in here for f in fact):
            if not any(is_same(fact.get(field), entry.get(field)) for fact in here):
                if len(here) < len(spans) and entry.get(field) is None:
                    continue
                want = " or ".join(dict.fromkeys(str(fact.get(field)) for fact in here))
                wrong.append(f"{name(k)}: {field} is {entry.get(field)!r}, not {want}")
    return wrong


def windows(device):
    """[from, to] of each section whose group was read."""
    groups = {g["name"]: (g.get("asked_at_ms"), g.get("answered_at_ms"))
              for g in device.get("groups") or []}
    return {section: list(groups[group]) for section, (group, _, _) in SECTIONS.items()
            if all(groups.get(group, (None,)))}


def by_facts(sim, seen):
    """By printer, what is wrong by its profile's truth; None for those that have none."""
    numbers = list(seen)
    answers = []
    for first in range(0, len(numbers), 250):
        answers += sim.ask_all([{"cmd": "facts", "printer": n, "windows": windows(seen[n])}
                                for n in numbers[first:first + 250]])
    found = {}
    for number, answer in zip(numbers, answers):
        device = seen[number]
        if not answer["ok"]:
            found[number] = [answer["error"]]
        elif not answer["known"]:
            found[number] = None
        else:
            found[number] = []
            for section, (group, entries, _) in SECTIONS.items():
                spans = [s["facts"] for s in answer["sections"].get(section, [])]
                if section not in ALWAYS and section not in answer["has"]:
                    continue
                if not spans:
                    found[number].append(f"missing: the group {group}")
                else:
                    found[number] += held_against(section, spans, entries(device))
    return found


def by_claims(sim, seen):
    """By printer, what is wrong by its rows."""
    requests = [{"cmd": "check", "printer": n, "claims": claims(d)} for n, d in seen.items()]
    lacking = missing(sim, seen)
    found = {}
    for request, answer in zip(requests, sim.ask_all(requests)):
        number = request["printer"]
        what = [f"missing: {w}" for w in lacking.get(number, [])]
        if not request["claims"]:
            what.append("no value at all")
        if not answer["ok"] or answer["wrong"]:
            bad = [request["claims"][i] for i in answer.get("wrong", [])][:3]
            what.append(f"{answer.get('error', '')} {bad}")
        found[number] = what
    return found


def hold(sim, devices):
    """({number: [what is wrong]} of the printers that are there, messages about what is nobody's)."""
    seen, strays = {}, []
    for device in devices:
        number = sim.number_of(device["address"])
        if not 0 <= number < sim.printers or number in seen:
            strays.append(f"{device['address']}: nobody's, or there twice")
            continue
        seen[number] = device
    found = by_facts(sim, seen)
    untold = {n: seen[n] for n, what in found.items() if what is None}
    if untold:
        found.update(by_claims(sim, untold))
    return found, strays


def history(sim, devices):
    """How many printers are there, how many of them are wrong, and what is wrong about them."""
    found, messages = hold(sim, devices)
    messages += [f"printer {n}: {'; '.join(what)}" for n, what in found.items() if what]
    return len(found), len(messages), messages
