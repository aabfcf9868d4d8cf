# SPDX-License-Identifier: Apache-2.0
"""Events of the hub: supplies (S8), diagnostics (S9, S17, S23, S64), firmware (S14), fault history
(S15), meter resets (S7). Printers print nothing (--job-interval 0); each step is one change and one
cycle."""
import csv
import json
import signal

import acme
import pytest

import lab
from conftest import ROOT, until
from ipp_printer import ENUM, INTEGER, KEYWORD, OCTETS, TEXT, IppPrinter, attribute, message

SEVERITY, CRITICAL = "1.3.6.1.2.1.43.18.1.1.2", 3
ALERT = "1.3.6.1.2.1.43.18.1.1"
SYS_DESCR = "1.3.6.1.2.1.1.1.0"


@pytest.fixture
def xerox(world, hub):
    """Two Xerox printers and the configuration of an agent that has sent them once."""
    sim = world.sim(2, "--job-interval", "0", "--profile", "xerox-color-mfp")
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    return sim, config


def device(world, hub, sim, number):
    address = f"{sim.address(number)}:{sim.info['port']}"
    got = world.run(world.bin("platen-hub"), "device", address, "--json", "--config", hub.config)
    return json.loads(got.stdout)


def events(world, hub, kind=None, key=None):
    """Oldest first."""
    argv = ["--device", key] if key else []
    got = world.run(world.bin("platen-hub"), "events", "--json", *argv, "--config", hub.config)
    found = [json.loads(line) for line in got.stdout.splitlines()]
    return [e for e in reversed(found) if kind is None or e["kind"] == kind]


def set_level(sim, number, level, index="1.1"):
    sim.command(cmd="set", printer=number, oid=f"{lab.SUPPLY_LEVEL}.{index}", type="integer",
            value=level)


def cycle(world, *configs):
    for config in configs:
        assert world.once(config)[0] == 0


WASTE = """\
1.1 | 1 | 0 | 3 | 3 | "Black Toner" | 19 | 100 | 60
1.2 | 1 | 0 | 4 | 4 | "Waste Toner Box" | 19 | 100 | 0
"""
WASTE_ALERT = f"""\
table {ALERT} 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 | 5 | 4 | 3 | -1 | -1 | 1 | "Ready" | 0
end
"""


def test_level_of_waste_box_needs_a_second_witness(world, hub):
    """Level 0 may be a new box or a full one: no event, until an alert row says which."""
    sim = world.sim(1, "--job-interval", "0", "--profile-file", world.file(
        world.dir / "waste.profile", acme.profile("waste", "{serial}", WASTE, WASTE_ALERT)))
    config = world.agent_config(sim, hub.port, hub.secret)
    for level in (0, 0, 0, 100, 100, 0):
        set_level(sim, 0, level, "1.2")
        cycle(world, config)
    found = device(world, hub, sim, 0)
    level = found["supplies"][1]["level"]
    assert (level["kind"], level["value"], level["meaning"]) == (
        "direction_unknown", 0, "direction_unknown") and "percent" not in level
    assert [e for e in events(world, hub) if e["kind"].startswith("supply_")] == []
    text = world.run(world.bin("platen-hub"), "device", found["device_key"], "--config", hub.config).stdout
    assert "0 of 100 (direction unknown)" in text
    for column, value in ((4, 11), (5, 2), (7, 1109)):  # group, group index, code
        sim.command(cmd="set", printer=0, oid=f"{ALERT}.{column}.1.1", type="integer", value=value)
    cycle(world, config)
    cycle(world, config)
    told = [(e["kind"], e["new"]) for e in events(world, hub) if e["kind"].startswith("supply_")]
    assert told == [("supply_low", "full"), ("supply_empty", "full")]
    assert device(world, hub, sim, 0)["supplies"][1]["level"]["kind"] == "full"


def test_supply_low_and_replaced_are_reported_once(world, hub, xerox):
    """S8: 21 % -> 9 % is one event; jitter is none; 100 % is one; a second agent adds none."""
    sim, config = xerox
    other = world.agent_config(sim, hub.port, world.add_agent(hub.config, "agent2"), user="agent2")
    sim.command(cmd="set", printer=0, oid=f"{lab.SUPPLY_MAX}.1.1", type="integer", value=100)
    for level in (21, 9, 10, 11, 9, 10):
        set_level(sim, 0, level)
        cycle(world, config, other)
    key = device(world, hub, sim, 0)["device_key"]
    low = events(world, hub, "supply_low", key)
    assert len(low) == 1, low
    assert (low[0]["old"], low[0]["new"]) == ("21.00 %", "9.00 %")
    assert low[0]["from_ms"] < low[0]["to_ms"]
    assert events(world, hub, "supply_replaced", key) == []
    set_level(sim, 0, 100)
    cycle(world, config, other)
    set_level(sim, 0, 99)
    cycle(world, other, config)
    replaced = events(world, hub, "supply_replaced", key)
    assert [(e["old"], e["new"]) for e in replaced] == [("9.00 %", "100.00 %")]
    assert len(events(world, hub, "supply_low", key)) == 1
    # The next cartridge gives events of its own.
    set_level(sim, 0, 5)
    cycle(world, config)
    assert [e["cycle"] for e in events(world, hub, "supply_low", key)] == [0, 1]
    # The other printer has no event.
    other_key = device(world, hub, sim, 1)["device_key"]
    others = events(world, hub, key=other_key)
    assert [e for e in others if e["kind"].startswith("supply_rep")] == []


def test_supply_event_names_colour_part_and_level(world, hub, xerox):
    sim, config = xerox
    sim.command(cmd="set", printer=0, oid=f"{lab.SUPPLY_MAX}.1.2", type="integer", value=100)
    for level in (60, 7):
        set_level(sim, 0, level, "1.2")
        cycle(world, config)
    key = device(world, hub, sim, 0)["device_key"]
    low = next(e for e in events(world, hub, "supply_low", key) if e["colorant"] == "cyan")
    assert (low["type"], low["part"], low["old"], low["new"]) == (
        "toner", "006R01747", "60.00 %", "7.00 %")
    assert low["what"].startswith("Cyan Toner")


@pytest.mark.parametrize("case, oid, low, full", [
    ("epson-maintenance-cartridge", "1.3.6.1.4.1.1248.1.2.2.28.1.1.2.1.5", ("integer", 6), ("integer", 100)),
    ("brother-ink-box", "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.8.0",
     ("hex", "85010400000006ff"), ("hex", "85010400000064ff"))])
def test_private_maintenance_box_has_events(world, hub, case, oid, low, full):
    """A box that only the vendor's table has is nearly used up, and replaced."""
    sim = world.sim(1, "--recording", ROOT / f"tests/readings/cases/{case}.snmprec", "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret)
    cycle(world, config)
    for kind, value in (low, full):
        sim.command(cmd="set", printer=0, oid=oid, type=kind, value=value)
        cycle(world, config)
    found = [(e["kind"], e["type"], e["new"]) for e in events(world, hub) if e.get("type") == "waste_ink"]
    assert found == [("supply_low", "waste_ink", "6.00 %"), ("supply_replaced", "waste_ink", "100.00 %")]


def test_events_are_filtered_by_kind_and_site(world, hub, xerox):
    sim, config = xerox
    sim.command(cmd="set", printer=0, oid=f"{lab.SUPPLY_MAX}.1.1", type="integer", value=100)
    for level in (60, 7, 99):
        set_level(sim, 0, level)
        cycle(world, config)
    set_fault(sim, 0, 900, FAULTS[2])
    cycle(world, config)

    def listed(*argv, check=True):
        return world.run(world.bin("platen-hub"), "events", *argv, "--config", hub.config,
                         check=check)

    def kinds(*argv):
        return {json.loads(line)["kind"] for line in listed("--json", *argv).stdout.splitlines()}

    assert kinds() >= {"supply_low", "supply_replaced", "alert_raised"}
    assert kinds("--kind", "supply_low,supply_replaced") == {"supply_low", "supply_replaced"}
    assert kinds("--kind", "supply_low", "--site", "Lab") == {"supply_low"}
    for verb in ("events", "supplies"):
        got = world.run(world.bin("platen-hub"), verb, "--site", "Elsewhere", "--config", hub.config,
                        check=False)
        assert got.returncode == 1 and got.stdout == "", got
        assert "Elsewhere: no device has this site; one that is known is Lab" in got.stderr
    got = listed("--csv", "--kind", "supply_replaced", "--max", "1")
    rows = list(csv.DictReader(got.stdout.splitlines()))
    assert [(r["event"], r["before"], r["after"]) for r in rows] == [
        ("supply_replaced", "7.00 %", "99.00 %")]
    assert "the newest 1 events are shown" in got.stderr
    assert "shown" not in listed("--kind", "supply_replaced").stderr
    assert "no kind of event" in listed("--kind", "supply_high", check=False).stderr


def test_events_are_filtered_as_the_table_names_them(world, hub, xerox):
    """The column EVENT says fault or warning where JSON says alert_raised; the ID is that of `device`."""
    sim, config = xerox
    for printer, number, fault in ((0, 900, FAULTS[2]), (1, 901, (8, 807, "Tray 1 low", 5))):
        set_fault(sim, printer, number, fault)
    cycle(world, config)

    def rows(*argv):
        got = world.run(world.bin("platen-hub"), "events", "--csv", *argv, "--config", hub.config)
        return [(r["event"], r["what"]) for r in csv.DictReader(got.stdout.splitlines())]

    fault, warning = ("fault", "Paper jam"), ("warning", "Tray 1 low")
    assert fault in rows("-k", "fault") and {e for e, _ in rows("-k", "fault")} == {"fault"}
    assert warning in rows("-k", "warning") and {e for e, _ in rows("-k", "warning")} == {"warning"}
    assert {e for e, _ in rows("-k", "warning,supply_low")} <= {"warning", "supply_low"}
    assert {fault, warning} <= set(rows("-k", "alert_raised"))
    found = device(world, hub, sim, 0)
    page = world.run(world.bin("platen-hub"), "device", found["device_key"], "--config", hub.config)
    assert "\nsite     Lab\n" in page.stdout
    for name in (found["device_key"], found["identity"]["serial"], found["address"],
                 sim.address(0)):
        assert fault in rows("--device", name) and warning not in rows("--device", name), name
    got = world.run(world.bin("platen-hub"), "events", "--device", "nosuch", "--config",
                    hub.config, check=False)
    assert (got.returncode, got.stdout) == (1, "")
    assert got.stderr == "platen-hub: nosuch: no such device\n"


def test_supplies_that_need_an_order_are_listed(world, hub, xerox):
    sim, config = xerox
    for index in ("1.1", "1.2"):
        sim.command(cmd="set", printer=0, oid=f"{lab.SUPPLY_MAX}.{index}", type="integer",
                    value=100)
    set_level(sim, 0, 7)
    set_level(sim, 0, 55, "1.2")
    cycle(world, config)

    def listed(*argv):
        return world.run(world.bin("platen-hub"), "supplies", *argv, "--config",
                         hub.config).stdout

    key = device(world, hub, sim, 0)["device_key"]
    rows = [r for r in csv.DictReader(listed("--csv").splitlines()) if r["device"] == key]
    black = next(r for r in rows if r["supply"] == "black")
    assert (black["site"], black["part"], black["level"], black["state"]) == (
        "Lab", "006R01746", "7 %", "low")
    assert "cyan" not in {r["supply"] for r in rows}
    every = [json.loads(line) for line in listed("--all", "--json").splitlines()]
    cyan = next(s for s in every if s["device_key"] == key and s["colorant"] == "cyan")
    assert (cyan["level"], cyan["is_low"], cyan["part"]) == ("55 %", False, "006R01747")
    assert "days_left" not in cyan
    assert {s["device_key"] for s in every} > {key}
    assert "006R01746" in listed()


def test_zero_percent_counts_when_it_is_repeated(world, hub, xerox):
    """A daemon sends a level that stays 0 a second time, because the hub asks for it."""
    sim, config = xerox
    key = device(world, hub, sim, 0)["device_key"]
    sim.command(cmd="set", printer=0, oid=f"{lab.SUPPLY_MAX}.1.1", type="integer", value=100)
    before = len(events(world, hub, key=key))
    for level in (60, 0, 59, 58):
        set_level(sim, 0, level)
        cycle(world, config)
    assert len(events(world, hub, key=key)) == before
    set_level(sim, 0, 0)
    agent = world.agent(world.agent_config(
        sim, hub.port, hub.secret, name="daemon", state=world.dir / f"{config.stem}-state",
        devices_extra="  interval: 1s\n", extra="sync:\n  interval: 1s\n"))
    until(agent, lambda: events(world, hub, "supply_empty", key))
    assert agent.stop() == 0
    found = [e for e in events(world, hub, key=key) if e.get("colorant") == "black"]
    assert [e["kind"] for e in found][-2:] == ["supply_low", "supply_empty"]
    assert [e["new"] for e in found][-2:] == ["0.00 %", "0.00 %"]


def test_low_threshold_follows_type_and_site_after_hup(world, hub, xerox):
    sim, config = xerox
    key = device(world, hub, sim, 0)["device_key"]
    sim.command(cmd="set", printer=0, oid=f"{lab.SUPPLY_MAX}.1.1", type="integer", value=100)

    def lows(level):
        set_level(sim, 0, level)
        cycle(world, config)
        return [e["new"] for e in events(world, hub, "supply_low", key)
                if e["colorant"] == "black"]

    def reload(thresholds, says="what=reloaded"):
        since = hub.log.stat().st_size
        hub.config.write_text(plain + thresholds)
        hub.signal(signal.SIGHUP)
        hub.wait_for_log(says, 60, since)
        return hub.log.read_text()[since:]

    plain = hub.config.read_text()
    assert lows(60) == lows(21) == []
    log = reload("supplies:\n  low_percent: 5\n  thresholds:\n"
                 "    - low_percent: 90\n      site: Elsewhere\n"
                 "    - low_percent: 40\n      type: opc\n"
                 "    - low_percent: 20\n      type: toner\n      site: Lab\n"
                 "    - low_percent: 2\n      site: Lab\n")
    assert "takes effect after a restart" not in log
    assert lows(21) == []
    assert lows(20) == ["20.00 %"]
    log = reload("supplies:\n  thresholds:\n    - low_percent: 20\n      type: tonner\n",
                 "the old configuration stays")
    assert '"tonner" is no type of supply' in log.replace('\\"', '"')


FAULTS = [(8, 808, "Tray 3 is empty", 4), (6, 3, "Front cover is open", 3), (13, 8, "Paper jam", 3),
          (9, 903, "Output bin is full", 5), (11, 1104, "Black toner is low", 4)]


def set_fault(sim, number, row, fault):
    group, code, text, severity = fault
    values = {2: severity, 3: 3, 4: group, 5: 1, 6: 4711, 7: code}
    for column, value in values.items():
        sim.command(cmd="set", printer=number, oid=f"{ALERT}.{column}.1.{row}", type="integer",
                value=value)
    sim.command(cmd="set", printer=number, oid=f"{ALERT}.8.1.{row}", type="string", value=text)
    sim.command(cmd="set", printer=number, oid=f"{ALERT}.9.1.{row}", type="ticks", value=4242)


def clear_fault(sim, number, row):
    for column in range(2, 10):
        sim.command(cmd="set", printer=number, oid=f"{ALERT}.{column}.1.{row}", type="absent")


def test_alert_shows_every_column_of_its_row(world, hub, xerox):
    """S9, S17, S23, S64: code, text, severity, subunit and start; every row, every column."""
    sim, config = xerox
    for number, fault in enumerate(FAULTS, start=900):
        set_fault(sim, 0, number, fault)
    cycle(world, config)
    found = device(world, hub, sim, 0)
    rows = {a["index"]: a for a in found["alerts"]}
    severities = {3: "critical", 4: "warning", 5: "warning_binary_change_event"}
    groups = {6: "cover", 8: "input", 9: "output", 11: "marker_supplies", 13: "media_path"}
    for number, (group, code, text, severity) in enumerate(FAULTS, start=900):
        row = rows[f"1.{number}"]
        assert {k: row[k] for k in ("severity", "training", "group", "group_index", "code_number",
                                    "location", "description", "time_cs")} == {
            "severity": severities[severity], "training": "untrained", "group": groups[group],
            "group_index": 1, "code_number": code, "location": "4711", "description": text,
            "time_cs": 4242}
    row = rows["1.902"]
    assert (row["kind"], row["code"]) == ("fault", "jam")
    begun = next(e for e in found["events"] if e["kind"] == "alert_raised"
                 and e["what"] == "Paper jam")
    assert begun["is_open"] and begun["from_ms"] <= begun["to_ms"]
    assert begun["alert"]["group"] == "media_path" and begun["alert"]["code"] == "jam"
    assert found["state"]["service_mode"] is False
    # The text output shows the same.
    text = world.run(world.bin("platen-hub"), "device", found["device_key"], "--config",
                     hub.config).stdout
    assert "Paper jam" in text and "now" in text


def test_faults_between_two_syncs_reach_the_history(world, hub, xerox):
    """S15: five faults begin and end while the agent cannot send; the next sync brings all of
    them to the hub with beginning and end."""
    sim, config = xerox
    key = device(world, hub, sim, 0)["device_key"]
    known = len(events(world, hub, "alert_raised", key))
    state = world.dir / f"{config.stem}-state"
    alone = world.agent_config(sim, name="alone", state=state)
    for row, fault in enumerate(FAULTS, start=900):
        set_fault(sim, 0, row, fault)
        cycle(world, alone)
        clear_fault(sim, 0, row)
        cycle(world, alone)
    assert len(events(world, hub, "alert_raised", key)) == known
    cycle(world, config)
    texts = {fault[2] for fault in FAULTS}
    past = [e for e in events(world, hub, "alert_raised", key) if e["what"] in texts]
    assert {e["what"] for e in past} == texts and len(past) == 5
    for one in past:
        assert not one["is_open"]
        assert (one["from_ms"] <= one["to_ms"] <= one["ended_from_ms"] <= one["ended_to_ms"])
    present = [a["description"] for a in device(world, hub, sim, 0)["alerts"]]
    assert not texts & set(present)


def test_jam_of_a_printer_without_snmp_is_an_event(world, hub):
    """By IPP only, and without printer-alert: a reason that ends in -report only informs."""
    reasons = []

    def body(address):
        return message(
            attribute(TEXT, "printer-make-and-model", "Acme One"),
            attribute(TEXT, "printer-device-id", "MFG:Acme;MDL:One;SN:ACME0001;"),
            attribute(INTEGER, "printer-impressions-completed", 4711),
            attribute(OCTETS, "printer-supply",
                      "type=toner;maxcapacity=100;level=67;colorantname=black;"),
            attribute(ENUM, "printer-state", 3),
            attribute(KEYWORD, "printer-state-reasons", *(reasons or ["none"])))

    sim = world.sim(1, "--job-interval", "0")
    sim.command(cmd="stop", printer=0)
    ipp = IppPrinter(body=body)
    try:
        config = world.agent_config(
            sim, hub.port, hub.secret, extra="snmp:\n  timeout: 200ms\n",
            devices_extra=f"  ipp: always\n  ipp_port: {ipp.port}\n")
        for said in ([], ["media-jam-report", "toner-low-report", "media-empty-report"],
                     ["paused", "moving-to-paused", "other-report"],
                     ["media-jam-error", "cover-open-report"], ["media-jam"], []):
            reasons[:] = said
            world.once(config)
    finally:
        ipp.close()
    found = events(world, hub)
    assert [(e["kind"], e["what"], e["is_open"]) for e in found] == [
        ("alert_raised", "jammed", False)]
    assert found[0]["alert"]["code"] == "jam" and found[0]["alert"]["kind"] == "fault"


def test_firmware_change_is_reported_once(world, hub, xerox):
    """S14: three modules arrive with their versions; a new version is one event, old and new."""
    sim, config = xerox
    sim.command(cmd="set", printer=0, oid=SYS_DESCR, type="string",
            value="Xerox Planted C8000; ZA 1.0.1, ZB 2.0.2, ZC 3.0.3")
    cycle(world, config)
    found = device(world, hub, sim, 0)
    modules = {f["name"]: f["version"] for f in found["identity"]["firmware"]}
    assert {n: modules[n] for n in ("ZA", "ZB", "ZC")} == {
        "ZA": "1.0.1", "ZB": "2.0.2", "ZC": "3.0.3"}
    sim.command(cmd="set", printer=0, oid=SYS_DESCR, type="string",
            value="Xerox Planted C8000; ZA 1.0.1, ZB 2.1.0, ZC 3.0.3")
    cycle(world, config)
    cycle(world, config)
    changed = events(world, hub, "firmware_changed", found["device_key"])
    assert [(e["what"], e["old"], e["new"]) for e in changed] == [("ZB", "2.0.2", "2.1.0")]


def test_lower_meter_is_suspect_and_not_billed(world, hub, xerox):
    """S7: one lower value or a zero is suspect; two lower values are a reset."""
    sim, config = xerox
    found = device(world, hub, sim, 0)
    total = next(m for m in found["meters"] if m["name"] == "impressions_total")
    key, good = found["device_key"], total["value"]

    def show(value):
        sim.command(cmd="set", printer=0, oid=total["oid"], type="counter", value=value)
        cycle(world, config)
        now = device(world, hub, sim, 0)
        meter = next(m for m in now["meters"] if m["name"] == "impressions_total")
        suspects = [s["billed"] for s in now["evaluation"]["suspect_meters"]
                    if s["name"] == "impressions_total"]
        return meter["quality"], suspects

    def report():
        got = world.run(world.bin("platen-hub"), "report", "--format", "csv", "--config", hub.config)
        rows = list(csv.DictReader(got.stdout.splitlines()))
        return next(int(row["total"]) for row in rows if row["device"] == key)

    assert good > 1000 and report() == good
    assert show(0) == ("suspect", [good])
    assert report() == good  # the report keeps the last good value
    assert show(good + 5) == ("ok", [])
    assert report() == good + 5
    assert show(17) == ("suspect", [good + 5])
    assert events(world, hub, "meter_reset", key) == []
    assert report() == good + 5
    assert show(20) == ("ok", [])
    assert report() == 20
    reset = events(world, hub, "meter_reset", key)
    assert [(e["what"], e["old"], e["new"]) for e in reset] == [
        ("impressions_total", str(good + 5), "17")]


def test_moved_and_replaced_devices_are_reported(world, hub):
    """A printer keeps its key at a new address; another printer at an old address is an event."""
    sim = world.sim(2, "--job-interval", "0", "--profile", "xerox-color-mfp")
    config = world.agent_config(sim, hub.port, hub.secret)
    cycle(world, config)
    serial = [device(world, hub, sim, n)["identity"]["serial"] for n in (0, 1)]
    keys = [device(world, hub, sim, n)["device_key"] for n in (0, 1)]
    # The second address now has the first serial number, with leading zeros.
    sim.command(cmd="set", printer=1, oid=lab.SERIAL, type="string", value="00" + serial[0])
    sim.command(cmd="set", printer=0, oid=lab.SERIAL, type="string", value="3WXNEW0001")
    cycle(world, config)
    devices = world.devices(hub.config)
    assert len(devices) == 3
    moved = events(world, hub, "moved", keys[0])
    assert len(moved) == 1 and sim.address(0) in moved[0]["old"] and sim.address(1) in moved[0]["new"]
    replaced = events(world, hub, "another_device")
    assert [e["old"] for e in replaced if e["device_key"].endswith("3WXNEW0001")] == [keys[0]]
    assert serial[1] in keys[1]


def test_every_class_of_diagnostics_reaches_the_hub(world, hub):
    """S25, S16, S62, S63: identification, software, fault codes, options, settings, performance;
    parts that wear with life, used and left; colour and mono impressions and the rated speed; type,
    class, colorant, level, maximum, unit and percent of each supply, or the reason why not."""
    sim = world.sim(2, "--job-interval", "0", "--profile", "xerox-color-mfp,hp")
    config = world.agent_config(sim, hub.port, hub.secret)
    for number in (0, 1):
        set_fault(sim, number, 900, FAULTS[1])
    cycle(world, config)
    xerox, hp = device(world, hub, sim, 0), device(world, hub, sim, 1)
    for found in (xerox, hp):
        identity = found["identity"]
        assert identity["vendor"] and identity["model"] and identity["serial"]
        assert identity["firmware"] and all(f["version"] for f in identity["firmware"])
        assert "cover_open" in {a["code"] for a in found["alerts"]}
        assert {o["kind"] for o in found["options"]} >= {"interpreter", "channel", "memory"}
        assert found["meters"] and found["rated_speed"]["mono"] > 0
        assert {s["type"] for s in found["supplies"]}
        for supply in found["supplies"]:
            assert supply["class"] in ("consumed", "receptacle", "other")
            level = supply["level"]
            has_number = level["kind"] in ("percent", "units")
            assert ("value" in level and "unit" in level) if has_number else level["kind"] in (
                "some", "unknown", "unlimited", "empty", "low", "ok")
            assert ("percent" in level) == (level["kind"] == "percent")
    assert any(found["settings"] for found in (xerox, hp))
    meters = {m["name"]: m["value"] for m in xerox["meters"]}
    assert meters["impressions_color"] + meters["impressions_mono"] == meters["impressions_total"]
    worn = {m["type"] for m in xerox["maintenance"]}
    assert {"fuser", "opc", "transfer_unit"} <= worn
    parts = [part for part in xerox["maintenance"] + hp["maintenance"] if "percent" in part]
    assert {"opc"} <= {part["type"] for part in parts}
    for part in parts:
        if "life" in part:
            assert part["life"] > 0 and part["used"] + part["left"] == part["life"]
            assert abs(part["percent"] - 100 * part["left"] / part["life"]) < 0.5
        else:  # the standard table has percent, the vendor's own one the impressions so far
            assert part["unit"] == "impressions" and part["used"] > 0
    assert any("life" in part for part in parts) and any("life" not in part for part in parts)
