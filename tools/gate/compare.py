# SPDX-License-Identifier: Apache-2.0
"""Compares the devices at the hub with the values that the synthetic printers had between request and
response.

If a printer's profile has truth blocks, every meter, supply, alert and firmware module must be at the
hub, and no other, with the name, unit and value of the profile. Without them (recordings, printers with
values set by a test), each value at the hub must have been in the row that it names, and no supply,
serial number or life count may be missing."""
SUPPLY_LEVEL = "1.3.6.1.2.1.43.11.1.1.9"
SUPPLY_MAX = "1.3.6.1.2.1.43.11.1.1.8"
SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"
LIFE = "1.3.6.1.2.1.43.10.2.1.4"


def claims(device):
    """Every value that the hub has of a device, as claims for the simulator's "check"."""
    window = {g["name"]: (g.get("requested_at_ms"), g.get("received_at_ms"))
              for g in device.get("groups") or []}
    # Sums, and levels of the vendor's objects, are in no row of their own.
    found = [("meters", m["oid"], m["value"]) for m in device.get("meters") or [] if "oid" in m]
    for supply in device.get("supplies") or []:
        level = {} if "oid" in supply else supply.get("level") or {}
        for key, column in (("value", SUPPLY_LEVEL), ("max", SUPPLY_MAX)):
            if key in level:
                found.append(("supplies", f"{column}.{supply['index']}", level[key]))
    serial = (device.get("identity") or {}).get("serial")
    if serial:
        found.append(("identity", SERIAL, serial))
    return [{"oid": oid, "value": value, "from_ms": window[group][0], "to_ms": window[group][1]}
            for group, oid, value in found]


def missing_rows(device, rows):
    """Supplies, serial number and life counts of the printer's rows that are not at the hub."""
    held = {row["oid"]: row.get("value") for row in rows}

    def indexes(column):
        return {oid[len(column) + 1:] for oid in held if oid.startswith(column + ".")}

    found = []
    # Supplies that the hub has in excess fail as claims.
    supplies = indexes(SUPPLY_LEVEL) - {s["index"] for s in device.get("supplies") or []}
    if supplies:
        found.append(f"supplies {' '.join(sorted(supplies))}")
    serial = (device.get("identity") or {}).get("serial")
    if held.get(SERIAL) and not serial:
        found.append("the serial")
    life = {m.get("oid") for m in device.get("meters") or [] if m.get("name") == "marker_life"}
    for index in sorted(indexes(LIFE)):
        if f"{LIFE}.{index}" not in life:
            found.append(f"marker_life {index}")
    return found


def missing(sim, seen):
    """{number: [rows of the printer at the time of the poll that are not at the hub]}"""
    def window(device):
        times = [t for g in device.get("groups") or [] if g["name"] in ("meters", "supplies")
                 for t in (g.get("requested_at_ms"), g.get("received_at_ms")) if t]
        return {"from": min(times), "to": max(times)} if times else {}

    def rows_missing_at(numbers, which):
        """250 printers per request, because the tables are large."""
        found = {}
        for first in range(0, len(numbers), 250):
            some = numbers[first:first + 250]
            requests = []
            for number in some:
                at = window(seen[number]).get(which)
                requests.append({"cmd": "table", "printer": number, **({"at_ms": at} if at else {})})
            for number, response in zip(some, sim.commands(requests)):
                what = (missing_rows(seen[number], response["rows"]) if response["ok"]
                        else [response["error"]])
                if what:
                    found[number] = what
        return found

    # A row that appeared or disappeared between request and response may be at the hub or not.
    at_end = rows_missing_at(list(seen), "to")
    at_begin = rows_missing_at(list(at_end), "from")
    return {number: at_end[number] for number in at_begin}


# {section of a truth block: (its group, its entries in a device's JSON, the key of an entry)}
SECTIONS = {
    "identity": ("identity", lambda d: [d.get("identity") or {}], ()),
    "firmware": ("identity", lambda d: (d.get("identity") or {}).get("firmware") or [], ("name",)),
    "meters": ("meters", lambda d: [with_parts(m) for m in d.get("meters") or []], ("name", "oid")),
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
# Sections that are compared even if the profile has no facts of them: then there must be no entries.
ALWAYS = ("identity", "firmware", "meters", "supplies", "alerts")
PERCENT_TOLERANCE = 0.0051  # percentages have two decimals


def with_parts(meter):
    """A meter with the objects of its parts in place of one of its own."""
    return {"oid": " ".join(meter.get("sum_of", [])), **meter}


def flat(supply):
    """A supply with the fields of its level at top level."""
    level = supply.get("level") or {}
    return {**{k: v for k, v in supply.items() if k != "level"}, **level}


def with_level(fact):
    """A supply with kind and percentage derived by RFC 3805 unless the profile gives them: -1 no limit,
    -2 unknown, -3 some left; a percentage only with a known capacity."""
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


def with_derived(section, fact):
    """A fact with its derived fields."""
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
        return got is not None and abs(want - got) <= PERCENT_TOLERANCE
    return want == got and isinstance(want, str) == isinstance(got, str)


def is_between(field, entry, here):
    """A sum whose parts came in two responses may be between two values: counters only grow."""
    values = [fact.get(field) for fact in here]
    return (field == "value" and "sum_of" in entry and
            min(values) <= entry[field] <= max(values))


def compare_section(section, spans, found):
    """Errors of the entries of one section. `spans` are the facts of each span between request and
    response; an entry that appeared or disappeared meanwhile may exist or not."""
    keys = SECTIONS[section][2]
    wrong = []

    def key(entry):
        return tuple(str(entry.get(k, "")) for k in keys)

    def name(k):
        return f"{section} {' '.join(k)}".rstrip()

    expected = [{key(f): with_derived(section, f) for f in span} for span in spans]
    got = {}
    for entry in found:
        if key(entry) in got:
            wrong.append(f"twice: {name(key(entry))}")
        got[key(entry)] = entry
    for k in set.intersection(*[set(span) for span in expected]) - set(got):
        wrong.append(f"missing: {name(k)}")
    for k, entry in got.items():
        here = [span[k] for span in expected if k in span]
        if not here:
            wrong.append(f"extra: {name(k)}")
            continue
        for field in dict.fromkeys(f for fact in here for f in fact):
            if not (any(is_same(fact.get(field), entry.get(field)) for fact in here)
                    or is_between(field, entry, here)):
                if len(here) < len(spans) and entry.get(field) is None:
                    continue
                want = " or ".join(dict.fromkeys(str(fact.get(field)) for fact in here))
                wrong.append(f"{name(k)}: {field} is {entry.get(field)!r}, not {want}")
    return wrong


def windows(device):
    """{section: [from_ms, to_ms]} of the groups that were read."""
    groups = {g["name"]: (g.get("requested_at_ms"), g.get("received_at_ms"))
              for g in device.get("groups") or []}
    return {section: list(groups[group]) for section, (group, _, _) in SECTIONS.items()
            if all(groups.get(group, (None,)))}


def compare_facts(sim, seen):
    """{number: [errors by the profile's truth blocks], or None without truth blocks}"""
    numbers = list(seen)
    answers = []
    for first in range(0, len(numbers), 250):
        answers += sim.commands([{"cmd": "facts", "printer": n, "windows": windows(seen[n])}
                                for n in numbers[first:first + 250]])
    found = {}
    for number, response in zip(numbers, answers):
        device = seen[number]
        if not response["ok"]:
            found[number] = [response["error"]]
        elif not response["known"]:
            found[number] = None
        else:
            found[number] = []
            for section, (group, entries, _) in SECTIONS.items():
                spans = [s["facts"] for s in response["sections"].get(section, [])]
                if section not in ALWAYS and section not in response["has"]:
                    continue
                if not spans:
                    found[number].append(f"missing: the group {group}")
                else:
                    found[number] += compare_section(section, spans, entries(device))
    return found


def compare_claims(sim, seen):
    """{number: [errors by the printer's rows]}"""
    requests = [{"cmd": "check", "printer": n, "claims": claims(d)} for n, d in seen.items()]
    lacking = missing(sim, seen)
    found = {}
    for request, response in zip(requests, sim.commands(requests)):
        number = request["printer"]
        what = [f"missing: {w}" for w in lacking.get(number, [])]
        if not request["claims"]:
            what.append("no value at all")
        if not response["ok"] or response["wrong"]:
            bad = [request["claims"][i] for i in response.get("wrong", [])][:3]
            what.append(f"{response.get('error', '')} {bad}")
        found[number] = what
    return found


def compare_devices(sim, devices):
    """({number: [errors]} of the devices at the hub, [messages about unknown and duplicate devices])"""
    seen, strays = {}, []
    for device in devices:
        number = sim.number_of(device["address"])
        if not 0 <= number < sim.printers or number in seen:
            strays.append(f"{device['address']}: no printer's address, or there twice")
            continue
        seen[number] = device
    found = compare_facts(sim, seen)
    without_truth = {n: seen[n] for n, what in found.items() if what is None}
    if without_truth:
        found.update(compare_claims(sim, without_truth))
    return found, strays


def compare_fleet(sim, devices):
    """(number of printers at the hub, number of wrong ones, messages)"""
    found, messages = compare_devices(sim, devices)
    messages += [f"printer {n}: {'; '.join(what)}" for n, what in found.items() if what]
    return len(found), len(messages), messages
