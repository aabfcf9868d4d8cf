# SPDX-License-Identifier: Apache-2.0
"""Derives the expected reading of a recording from its values alone, and compares platen's reading with
it. Each function yields Checks; a Check that is not ok is a missing or a wrong value.

Objects and numbers are interpreted by RFC 3805, RFC 2790 and the vendors' MIBs, independently of
platen's code."""
import collections
import re

Check = collections.namedtuple("Check", "field expected found ok")
M = "1.3.6.1.2.1"
E = "1.3.6.1.4.1"
XEROX = f"{E}.253.8.53.13.2.1.6.1.20"
LEXMARK = f"{E}.641.6.4.2.1.1"
BROTHER = f"{E}.2435.2.3.9.4.2.1.5.5"
NEVER = [f"{E}.253.8.{n}" for n in ("51.5", "51.17", "51.18", "57", "59", "64", "74")]
# Texts entered by people: contact, name and location of the device, operator, service person.
PERSONAL = [f"{M}.1.4.0", f"{M}.1.5.0", f"{M}.1.6.0", f"{M}.43.5.1.1.4.1", f"{M}.43.5.1.1.5.1",
            f"{M}.43.5.1.1.16.1", f"{E}.253.8.53.3.2.1.2.1", f"{E}.11.2.3.9.4.2.1.1.3.10.0",
            f"{E}.11.2.3.9.4.2.1.1.3.11.0", f"{E}.367.3.2.1.6.1.1.7.1", f"{E}.1347.40.10.1.1.5.1"]
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
SERIALS = [f"{E}.253.8.53.3.2.1.3.1", f"{E}.641.6.2.3.1.5.1", f"{E}.641.2.1.2.1.6.1",
           f"{BROTHER}.1.0", f"{E}.1347.43.5.1.1.28.1", f"{E}.367.3.2.1.2.1.4.0",
           f"{E}.1248.1.2.2.1.1.1.5.1", f"{E}.11.2.3.9.4.2.1.1.3.3.0"]
FIRMWARE = [f"{E}.367.3.2.1.1.1.2.0", f"{E}.1602.1.1.1.4.0", f"{BROTHER}.17.0",
            f"{E}.1347.43.5.4.1.5.1.1", f"{E}.674.10898.100.1.1.1.0", f"{E}.236.11.5.1.1.1.2.0"]
# (table, column of the versions, column that marks other rows, its mark): serial numbers, applications.
FIRMWARE_COLUMNS = [(f"{E}.1248.1.2.2.2.1.1", 2, 3, "Serial"), (f"{E}.641.6.3.3.1", 7, 3, "5"),
                    (f"{E}.18334.1.1.1.5.5.1.1", 3, 2, "(none)")]
METERS = {
    f"{XEROX}.1": "impressions_total", f"{XEROX}.33": "impressions_color",
    f"{XEROX}.34": "impressions_mono", f"{XEROX}.43": "large_impressions_color",
    f"{XEROX}.44": "large_impressions_mono", f"{XEROX}.47": "large_impressions_total",
    f"{XEROX}.38": "sheets_total", f"{XEROX}.39": "sheets_duplex",
    f"{XEROX}.7": "print_impressions_mono", f"{XEROX}.29": "print_impressions_color",
    f"{XEROX}.80": "color_level_1", f"{XEROX}.81": "color_level_2",
    f"{XEROX}.82": "color_level_3",
    f"{E}.1347.43.10.1.1.12.1.1": "impressions_total",
    f"{E}.1347.42.3.1.1.1.1.1": "print_impressions_total",
    f"{E}.1347.42.3.1.1.1.1.2": "copy_impressions_total",
    f"{E}.1347.42.3.1.1.1.1.4": "fax_impressions_total",
    f"{E}.1248.1.2.2.27.1.1.30.1.1": "impressions_total",
}
SHARP = f"{E}.2385.1.1.19.2.1.3"
METERS.update({f"{SHARP}.1.4.61": "print_impressions_mono", f"{SHARP}.4.4.61": "copy_impressions_mono",
               f"{SHARP}.1.4.63": "print_impressions_color"})
# Lexmark's rows by their columns 2 and 3: what is counted, and in what (4 sides, 5 sheets).
LEXMARK_ROWS = {(1, 4): "impressions_total", (1, 5): "sheets_total", (3, 4): "impressions_mono",
                (4, 4): "impressions_color", (92, 4): "color_graphics",
                (91, 4): "color_business", (90, 4): "color_highlight"}
BROTHER_CODES = {0: "impressions_total", 1: "impressions_mono", 2: "impressions_color"}


def plain(name, vendor):
    """The model in lower case, without the vendor's name before and "series" behind."""
    words = name.lower().split()
    vendor = vendor.lower().split()
    if words[:len(vendor)] == vendor:
        words = words[len(vendor):]
    elif words and words[0] == vendor[0]:
        words = words[1:]
    return words[:-1] if words[-1:] == ["series"] else words


def is_model(expected, found, vendor):
    """One name may say more behind the other, and the found one letters that tell its kind
    ("6600DN"); what they share holds a digit."""
    want, have = plain(expected, vendor), plain(found, vendor)
    size = min(len(want), len(have))
    if size == 0 or want[:size - 1] != have[:size - 1]:
        return False
    more = have[size - 1].removeprefix(want[size - 1])
    same = have[size - 1] == want[size - 1] or (more != have[size - 1] and more.isalpha())
    return same and any(c.isdigit() for c in "".join(want[:size]))


def serial_of(recording):
    """The serial number of the standard object, the vendor's or sysDescr; "" without any. Zeros are none."""
    for oid in [f"{M}.43.5.1.1.17.1"] + SERIALS:
        text = re.sub(r"^\x01\x15", "", recording.text(oid))
        if text.strip("0"):
            return text
    for text in (recording.text(f"{M}.1.1.0"), recording.text("printer-device-id")):
        found = re.search(r"\b(?:SN:|S/N )([0-9A-Za-z]+)", text)
        if found:
            return found.group(1)
    return ""


def has_zeros_for_serial(recording):
    """Whether the standard object holds zeros only: a number that was never set."""
    return bool(re.fullmatch("0+", recording.text(f"{M}.43.5.1.1.17.1")))


def versions_of(recording):
    """All firmware versions in the recording, as texts that must occur in the version of a module."""
    found = {recording.text(oid) for oid in FIRMWARE}
    for entry, column, name, other in FIRMWARE_COLUMNS:
        found |= {recording.text(f"{entry}.{column}.{row}")
                  for row in recording.rows(f"{entry}.{column}")
                  if other not in recording.text(f"{entry}.{name}.{row}")}
    for row in recording.rows(f"{M}.25.6.3.1.2"):
        words = recording.text(f"{M}.25.6.3.1.2.{row}").split()
        found |= {words[-1]} if len(words) > 1 and ";" in " ".join(words) else set()
    text = re.sub(r"kernel \S+|\([^)]*\)", " ", recording.text(f"{M}.1.1.0"))
    for word in re.split(r"[\s,;]+", text):
        number = re.match(r"(?:[A-Za-z]*?|Ver\.)(\d+(?:\.\d+)+|\d{12})", word)
        if number:
            found.add(number.group(1))
    found |= set(re.findall(r"(?:\bversion |Firmware Ver\.)([0-9A-Z.]+)", text))
    found |= {v.decode("utf-8", "replace") for v in
              recording.all("printer-firmware-string-version")}
    return sorted(v for v in found if any(c.isalnum() for c in v))


def identity(recording, reading, index):
    """Vendor, model, serial number and firmware; "" is expected where the recording has none."""
    who = reading["identity"]
    vendor = index["vendor"]
    yield Check("vendor", vendor, who["vendor"], who["vendor"] == vendor)
    yield Check("printer", "yes", "yes" if who["is_printer"] else "no", who["is_printer"])
    model = index["model"]
    # "71xx" stands for any model of that range.
    pattern = "".join("[0-9]" if c == "x" and re.search(r"\d+x+$", model) else re.escape(c)
                      for c in model)
    yield Check("model", model, who["model"], is_model(model, who["model"], vendor) if model
                else bool(who["model"]) and not re.fullmatch(pattern, who["model"]))
    serial = serial_of(recording)
    yield Check("serial", serial, who["serial"], who["serial"] == serial and
                (bool(serial) or has_zeros_for_serial(recording)))
    have = [f["version"] for f in who["firmware"]]
    versions = versions_of(recording)
    for version in versions:
        yield Check(f"firmware {version}", version, "",
                    any(version in v for v in have))
    if not versions:
        yield Check("firmware", "", ", ".join(have), bool(have))


WASTE = re.compile(r"\b(waste|maintenance box|ink capture)", re.I)


def has_direction(supply, vendor):
    """Whether the number of this row says what is left: of a receptacle only with class 4 and Xerox's model file."""
    is_receptacle = (supply["class"] == "receptacle" or supply["type"].startswith("waste_")
                     or WASTE.search(supply["description"]))
    return not is_receptacle or (supply["class"] == "receptacle" and vendor == "Xerox")


def level_of(recording, row, is_directed):
    """(kind, percentage) of a row of prtMarkerSuppliesTable by RFC 3805."""
    level = recording.number(f"{M}.43.11.1.1.9.{row}")
    top = recording.number(f"{M}.43.11.1.1.8.{row}")
    unit = recording.number(f"{M}.43.11.1.1.7.{row}")
    if level is None or level == -2:
        return "unknown", None
    if level < 0:
        return {-3: "some", -1: "unlimited"}.get(level, "unknown"), None
    if not is_directed:
        return "direction_unknown", None
    if top is not None and top > 0:
        return ("percent", 100 * level / top) if level <= top else ("units", None)
    return ("percent", level) if unit == 19 and level <= 100 else ("units", None)


def supplies(recording, reading):
    rows = {row for c in (6, 8, 9) for row in recording.rows(f"{M}.43.11.1.1.{c}")}
    have = {s["index"]: s["level"] for s in reading["supplies"]}
    directed = {s["index"]: has_direction(s, reading["identity"]["vendor"]) for s in reading["supplies"]}
    if rows:
        yield Check("supplies", len(rows), len(have), set(have) == rows)
    elif recording.all("marker-names"):
        count = len(recording.all("marker-names"))
        yield Check("supplies", count, len(have), len(have) == count)
    for row in sorted(rows & set(have)):
        kind, percent = level_of(recording, row, directed[row])
        found = have[row]
        ok = found["kind"] == kind and (
            percent is None or abs(found["percent"] - percent) <= 0.01)
        yield Check(f"level {row}", f"{kind} {percent or ''}".strip(),
                    f"{found['kind']} {found.get('percent', '')}".strip(), ok)


def meters(recording, reading):
    """Each value must be in the recording, at the object that the meter names; objects of known meaning
    must be read, under their names."""
    have = {m["oid"]: m for m in reading["meters"] if "oid" in m}
    for oid, meter in have.items():
        if oid.startswith(BROTHER):
            continue
        yield Check(f"value {oid}", "", meter["value"], meter["value"] in recording.numbers(oid))
    wanted = {f"{M}.43.10.2.1.4.{row}": "marker_life" for row in recording.rows(f"{M}.43.10.2.1.4")}
    wanted.update({o: name for o, name in METERS.items() if recording.numbers(o)})
    for row in recording.rows(f"{LEXMARK}.4"):
        name = LEXMARK_ROWS.get(tuple(recording.number(f"{LEXMARK}.{c}.{row}") for c in (2, 3)))
        if name:
            wanted[f"{LEXMARK}.4.{row}"] = name
    for oid, name in wanted.items():
        if not any(n >= 0 for n in recording.numbers(oid)):
            continue
        found = have.get(oid, {}).get("name", "")
        yield Check(f"meter {oid}", name, found, found == name)
    blob = (recording.all(f"{BROTHER}.10.0") or [b""])[0]
    named = {m["name"]: m["value"] for m in reading["meters"]}
    for at in range(0, len(blob) - 6, 7):
        name = BROTHER_CODES.get(blob[at])
        if name and blob[at + 1:at + 3] == b"\x01\x04":
            value = int.from_bytes(blob[at + 3:at + 7], "big")
            yield Check(f"meter {name}", value, named.get(name), named.get(name) == value)


def alerts(recording, reading):
    rows = {row for c in (2, 4, 7, 8) for row in recording.rows(f"{M}.43.18.1.1.{c}")}
    have = {a["index"]: a for a in reading["alerts"]}
    if rows:
        yield Check("alerts", len(rows), len(have), set(have) == rows)
    for row in sorted(rows & set(have)):
        codes = recording.numbers(f"{M}.43.18.1.1.7.{row}")
        found = have[row].get("code_number")
        if codes:
            yield Check(f"alert {row}", min(codes), found, found in codes)


def device_page(truth, reading):
    """The values of the device's own page: counters exactly, percentages within half a percent. A toner
    that is weighed is shown in steps of ten percent."""
    values = {m["oid"]: m["value"] for m in reading["meters"] if "oid" in m}
    for counter in truth["counters"]:
        found = values.get(counter["oid"])
        yield Check(f"page {counter['oid']}", counter["value"], found, found == counter["value"])
    levels = {s["index"]: s["level"] for s in reading["supplies"]}
    for shown in truth["supplies"]:
        row = shown["prtMarkerSupplies_index"]
        level = levels.get(row, {})
        field = f"page {row}"
        if "level_percent_shown" in shown:
            want, found = shown["level_percent_shown"], level.get("percent")
            near = 5.1 if level.get("unit") == "tenths_of_grams" else 0.51
            yield Check(field, want, found, found is not None and abs(found - want) <= near)
        else:
            said = (level.get("value"), level.get("max")) == (shown["snmp_level"],
                                                              shown["snmp_max"])
            honest = level.get("kind") != "percent" or shown["snmp_max"] > 0
            yield Check(field, shown.get("state_shown", ""), level.get("kind"), said and honest)


def private_texts(recording):
    """Texts that no output may contain: those entered by people, and those that occur only in sub-trees
    that are never read."""
    # The model's name is no private text.
    models = "\n".join(recording.text(f"{M}.25.3.2.1.3.{row}")
                       for row in recording.rows(f"{M}.25.3.2.1.3"))
    found = {t for t in (recording.text(oid) for oid in PERSONAL)
             if t.removesuffix(" Series") not in models}
    apart, rest = set(), []
    for oid, values in recording.values.items():
        texts = [v.decode("utf-8", "replace").strip("\0 ") for v in values]
        if any(oid.startswith(n + ".") for n in NEVER):
            apart.update(t for t in texts if len(t) >= 6 and not t.isdigit())
        elif oid not in PERSONAL:
            rest.extend(texts)
    open_text = "\n".join(rest)
    found |= {t for t in apart if t not in open_text}
    return {t for t in found if len(t) >= 3 and t != "<private>"}


def privacy(recording, outputs):
    text = "\n".join(outputs)
    for mail in sorted(set(MAIL.findall(text))):
        yield Check("privacy", "no mail address", "(an address)", mail == "")
    leaked = sum(t in text for t in private_texts(recording))
    yield Check("privacy", 0, leaked, leaked == 0)
