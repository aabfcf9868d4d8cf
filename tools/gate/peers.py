# SPDX-License-Identifier: Apache-2.0
"""Compares the results of other programs for a recording with platen's reading. A field that a program
does not report is skipped; every other Difference must be listed in tests/readings/peers.tsv."""
import collections
import re

Difference = collections.namedtuple("Difference", "peer field said found")
LIFE = {"impressions_total", "marker_life"}
# {glpi_agent's supply types: platen's}
TYPES = {"TONER": {"toner", "toner_cartridge"}, "DRUM": {"opc"}, "DEVELOPER": {"developer"},
         "CARTRIDGE": {"ink", "ink_cartridge"}, "FUSERKIT": {"fuser"},
         "TRANSFERKIT": {"transfer_unit"}, "WASTETONER": {"waste_toner", "waste_ink"},
         "MAINTENANCEKIT": {"other"}}
COUNTERS = {"TOTAL": LIFE, "COLOR": {"impressions_color"},
            **{f"{p}{c}": {f"{p.lower()}_impressions_{'mono' if c == 'BLACK' else c.lower()}"}
               for p in ("PRINT", "COPY", "FAX") for c in ("BLACK", "COLOR", "TOTAL")},
            "SCANNED": {"scan_images_total"}}
# bieniu/brother's counters: a meter, or the remaining or used life of a part.
BROTHER_METERS = {"page_counter": LIFE, "bw_counter": {"impressions_mono"},
                  "color_counter": {"impressions_color"}, "duplex_unit_pages_counter":
                  {"sheets_duplex"}, "image_counter": {"vendor:Image count"},
                  **{f"{c}_counter": {f"vendor:{c.capitalize()} images"}
                     for c in ("black", "cyan", "magenta", "yellow")}}
BROTHER_PARTS = {"belt_unit": "Belt unit", "laser_unit": "Laser", "fuser": "Fuser", "drum": "Drum",
                 "pf_kit_1": "Paper feeding kit 1", "pf_kit_mp": "Paper feeding kit MP",
                 **{f"{c}_drum": f"{c.capitalize()} drum"
                    for c in ("black", "cyan", "magenta", "yellow")}}


def same(one, other):
    return " ".join(str(one).lower().split()) == " ".join(str(other).lower().split())


def shown(level):
    """A level as text, for the list."""
    if level is None:
        return "-"
    return f"{level['percent']:g}" if level["kind"] == "percent" else level["kind"]


def names(said, reading):
    """Identity: the fields that librenms, glpi_agent and bieniu_brother name alike."""
    who = reading["identity"]
    vendor = said.get("manufacturer")
    if vendor and not same(vendor, who["vendor"]):
        yield "vendor", vendor, who["vendor"]
    model = said.get("model")
    if model:
        bare = re.sub(rf"^{re.escape(who['vendor'])}\s+", "", model, flags=re.I)
        if not any(same(bare, m) for m in (who["model"], re.sub(r" [Ss]eries$", "", who["model"]))):
            yield "model", model, who["model"] or "-"
    if said.get("serial") and not same(said["serial"], who["serial"]):
        yield "serial", said["serial"], who["serial"] or "-"
    modules = [f["version"] for f in who["firmware"]]
    for version in [said.get("version")] + [f["VERSION"] for f in said.get("firmwares") or []]:
        if version and version not in modules:
            yield f"firmware {version}", version, ", ".join(modules[:1]) or "-"
    for key, ours in (("mac", "mac"), ("sysDescr", "sys_descr"), ("sysObjectID", "sys_object_id")):
        if said.get(key) and not same(str(said[key]).lstrip("."), who.get(ours, "")):
            yield key, said[key], who.get(ours, "-")


def memory(said, reading):
    """glpi_agent's memory is in megabytes."""
    if not said.get("memory"):
        return
    found = [o["value"] for o in reading["options"] if o["kind"] == "memory"]
    if f"{said['memory']} MiB" not in found:
        yield "memory", said["memory"], ", ".join(found) or "-"


def counters(said, reading):
    values = collections.defaultdict(set)
    for meter in reading["meters"]:
        values[meter["name"]].add(meter["value"])
    by_oid = {m.get("oid"): m["value"] for m in reading["meters"]}
    pages = dict(said.get("page_counters") or {})
    if said.get("page_counter") is not None:
        pages["TOTAL"] = said["page_counter"]
    for name, value in pages.items():
        found = set().union(*(values[n] for n in COUNTERS.get(name, {name})))
        if int(value) not in found:
            yield name, value, " ".join(map(str, sorted(found))) or "-"
    for counter in said.get("counters") or []:
        oid = counter["oid"].lstrip(".")
        if by_oid.get(oid) != counter["value"]:
            yield f"counter {oid}", counter["value"], by_oid.get(oid, "-")


def rows(said, reading):
    """librenms names the row of each level."""
    tables = [("supply", said.get("supplies") or [],
               {s["index"]: s["level"] for s in reading["supplies"]}),
              ("tray", said.get("trays") or [], {t["index"]: t for t in reading["trays"]})]
    for word, theirs, ours in tables:
        for row in theirs:
            if "oid" not in row:
                continue
            index = ".".join(row["oid"].split(".")[-2:])
            level = ours.get(index)
            if word == "tray" and level is not None:
                known = level.get("level", -2) >= 0 and level.get("max", 0) > 0
                level = {"kind": "percent", "percent": 100 * level["level"] / level["max"]} \
                    if known else {"kind": {-3: "some"}.get(level.get("level"), "unknown")}
            near = level is not None and level["kind"] == "percent" and \
                abs(level["percent"] - row["level_percent"]) <= 0.51
            if not near:
                yield f"{word} {index}", row["level_percent"], shown(level)


def kinds(said, reading):
    """glpi_agent names a kind of supply, with one level for all that are of that kind."""
    for row in said.get("supplies") or []:
        if "oid" in row or not row["type"].isupper():
            continue
        word = next((t for t in TYPES if row["type"].startswith(t)), None)
        colour = row["type"][len(word or ""):].lower() if word else ""
        mine = [s["level"] for s in reading["supplies"] if word and s.get("type") in TYPES[word]
                and (colour in ("", "other") or s.get("colorant") in (colour, None))]
        level = row["level_percent"]
        if str(level).isdigit():
            ok = any(m["kind"] == "percent" and abs(m["percent"] - int(level)) < 1 for m in mine)
        else:
            ok = level == "OK" and any(m["kind"] in ("some", "ok") for m in mine)
        if not ok:
            yield row["type"], level, " ".join(sorted({shown(m) for m in mine})) or "-"


def brother(said, reading):
    """The fields of bieniu_brother, each of which is a record of the printer."""
    values = {m["name"]: m["value"] for m in reading["meters"]}
    parts = {p["name"]: p for p in reading["maintenance"]}
    toners = {s.get("colorant"): s for s in reading["supplies"]}
    for word, value in (said.get("all") or {}).items():
        part = next((p for p in sorted(BROTHER_PARTS, key=len, reverse=True)
                     if word.startswith(p + "_")), None)
        if word in BROTHER_METERS:
            found = [values[n] for n in BROTHER_METERS[word] if n in values]
        elif part and word.endswith("_remaining_life"):
            found = [int(p["percent"]) for p in (parts.get(BROTHER_PARTS[part]),)
                     if p and "percent" in p]
        elif part and word.endswith("_remaining_pages"):
            found = [p["left"] for p in (parts.get(BROTHER_PARTS[part]),) if p and "left" in p]
        elif re.fullmatch(r"[a-z]+_(toner|ink)_remaining", word):
            supply = toners.get(word.split("_")[0], {"level": {}})
            found = [int(supply["level"].get("percent", -1))]
            if word.split("_")[1] not in supply.get("type", "-"):
                found = [f"{supply.get('type', '-')} {found[0]}"] if supply.get("type") else []
        else:
            continue
        if value not in found:
            yield word, value, " ".join(map(str, found)) or "-"


def differences(peers, reading):
    for peer, said in peers.items():
        for part in (names, memory, counters, rows, kinds):
            if part is counters and peer == "bieniu_brother":
                part = brother
            for field, theirs, ours in part(said, reading):
                yield Difference(peer, field, str(theirs), str(ours))
