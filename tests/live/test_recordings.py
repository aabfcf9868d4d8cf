# SPDX-License-Identifier: Apache-2.0
"""Recorded printers, served by the simulator and read by `platen poll`: who they are, their meters
and their supplies. Where the recorder wrote down what the device itself displayed, that is the
truth. The recordings lie beside the repository; without them these tests are skipped."""
import json
import pathlib

import pytest

from conftest import ROOT

PRINTERS = ROOT.parent / "shared" / "printers"
RECORDINGS = PRINTERS / "recordings"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings")


def names(pattern="*"):
    return sorted(p.name for p in RECORDINGS.glob(pattern) if p.suffix != ".ipp")


def read(house, recording, version="2c"):
    sim = house.sim(1, "--recording", recording, "--job-interval", "0")
    got = house.run(house.bin("platen"), "poll", "--json", "--version", version, "--port",
                    sim.info["port"], sim.info["first"])
    sim.stop()
    return json.loads(got.stdout)


def content(reading):
    """What does not change from one reading to the next."""
    identity = {k: v for k, v in reading["identity"].items() if k != "uptime_cs"}
    return [identity] + [reading[k] for k in (
        "meters", "supplies", "alerts", "state", "options", "settings", "trays", "bins", "covers",
        "media_paths", "rated_speed", "maintenance")]


@pytest.mark.parametrize("name", names())
def test_every_recording_is_read_whole(house, name):
    first = read(house, RECORDINGS / name)
    assert {g["name"]: g["status"] for g in first["groups"]} == {
        g: "complete" for g in ("identity", "meters", "supplies", "alerts", "state", "options",
                                "media", "maintenance")}
    # SNMPv1 has no GETBULK and other errors, and says the same.
    assert content(read(house, RECORDINGS / name, "1")) == content(first)
    for supply in first["supplies"]:
        level = supply["level"]
        if level["kind"] == "percent":
            assert level["percent"] == pytest.approx(
                100 * level["value"] / level.get("max", 100), abs=0.01)
        assert any(c.isdigit() for c in supply.get("serial", "0"))
        assert any(c.isdigit() for c in supply.get("part", "0"))


@pytest.mark.parametrize("name,vendor,model,serial,life,supplies", [
    ("xerox_workcentre7845_full.valueoid.txt", "Xerox", "WorkCentre 7845 v1 Multifunction System",
     "3913850890", 178479, 12),
    ("xerox_workcentre6605dn_full.valueoid.txt", "Xerox", "WorkCentre 6605DN", "3180945058", 18145,
     6),
    ("xerox_phaser6130n_full.valueoid.txt", "Xerox", "Phaser 6130N", "000000000", 1051, 6),
    ("lexmark_xc4240_full.oidvalue.json", "Lexmark", "XC4240", "7529901141RTW", 2501, 8),
    ("kyocera_cs4053ci_full.pdus.json", "Kyocera", "CS 4053ci", "RH28Y00024", 76498, 5),
    ("epson_sc-t3405_full.pdus.json", "Epson", "SC-T3405 Series", "X8G9000415", 145, 5),
    ("brother_hl-l8260cdw_full.pdus.json", "Brother", "HL-L8260CDW series", "U64641E7J134163",
     42976, 7),
    ("librenms_sharp.snmprec", "Sharp", "MX-3570N", "6509415X00", 121104, 14),
    ("librenms_samsungprinter_clx.snmprec", "Samsung", "CLX-3170 Series", "AAAAAAA000AAAA000",
     None, 0),
    ("librenms_dell-laser_s5830dn.snmprec", "Dell", "S5830dn", "7XQ1R92-132-13", None, 4),
    ("librenms_lexmarkprinter.snmprec", "Lexmark", "T640", "", None, 0),
    ("librenms_jetdirect_m252dw.snmprec", "HP", "Color LaserJet Pro M252dw", "VNB3J99999",
     None, 4),
])
def test_who_they_are(house, name, vendor, model, serial, life, supplies):
    if not (RECORDINGS / name).exists():
        pytest.skip(f"no {name}")
    got = read(house, RECORDINGS / name)
    identity = got["identity"]
    assert (identity["vendor"], identity["model"], identity["serial"]) == (vendor, model, serial)
    assert [m["value"] for m in got["meters"] if m["name"] == "marker_life"] == (
        [] if life is None else [life])
    assert len(got["supplies"]) == supplies


def test_a_xerox_adds_up(house):
    name = "xerox_workcentre7845_full.valueoid.txt"
    if not (RECORDINGS / name).exists():
        pytest.skip(f"no {name}")
    got = read(house, RECORDINGS / name)
    meters = {m["name"]: m["value"] for m in got["meters"]}
    assert meters["impressions_total"] == meters["marker_life"]
    assert meters["impressions_color"] + meters["impressions_mono"] == meters["impressions_total"]
    assert (meters["print_impressions_color"] + meters["copy_impressions_color"]
            == meters["impressions_color"])
    assert meters["large_impressions_color"] + meters["large_impressions_mono"] == (
        meters["large_impressions_total"])
    assert [s["colorant"] for s in got["supplies"][:8]] == [
        "black", "cyan", "magenta", "yellow"] * 2
    assert got["state"]["errors"] == ["low_toner", "input_tray_empty"]


# What the recorder left out: a printer says who it is.
HEAD = """\
.1.3.6.1.2.1.1.1.0 = STRING: "{vendor} {name}"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.{enterprise}.8.62.1
.1.3.6.1.2.1.25.3.2.1.2.1 = OID: .1.3.6.1.2.1.25.3.1.5
.1.3.6.1.2.1.25.3.2.1.3.1 = STRING: "{vendor} {name}"
"""
READ_NOW = ("1.3.6.1.2.1.43.", "1.3.6.1.4.1.253.")


@pytest.mark.parametrize("name", names("*_counters_supplies.snmpwalk"))
def test_what_the_device_displays(house, name):
    expected = PRINTERS / "expected" / name.replace(".snmpwalk", ".json")
    truth = json.loads(expected.read_text()).get("device_page") if expected.exists() else None
    if truth is None:
        pytest.skip("nobody wrote down what it displays")
    vendor = "Xerox" if name.startswith("xerox") else "Lexmark"
    recording = house.dir / name
    recording.write_bytes(
        HEAD.format(vendor=vendor, name=name.split("_")[1],
                    enterprise=253 if vendor == "Xerox" else 641).encode()
        + (RECORDINGS / name).read_bytes())
    got = read(house, recording)
    meters = {m["oid"]: m["value"] for m in got["meters"]}
    supplies = {s["index"]: s["level"] for s in got["supplies"]}
    for counter in truth["counters"]:
        if counter["oid"].startswith(READ_NOW):
            assert meters[counter["oid"]] == counter["value"], counter
    for shown in truth["supplies"]:
        level = supplies[shown["prtMarkerSupplies_index"]]
        assert (level["value"], level["max"]) == (shown["snmp_level"], shown["snmp_max"])
        if "level_percent_shown" in shown:
            # A toner that is weighed is shown in steps of ten.
            tolerance = 5.1 if level["unit"] == "tenths_of_grams" else 0.51
            assert level["percent"] == pytest.approx(shown["level_percent_shown"], abs=tolerance)
        elif level["max"] < 0:
            assert level["kind"] in ("some", "unknown", "units")
