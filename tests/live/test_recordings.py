# SPDX-License-Identifier: Apache-2.0
"""Recordings of real printers, served by the simulator and read by `platen poll`: identity, meters and
supplies, compared with the device's own page where it was recorded. The recordings are beside the
repository; without them these tests are skipped. tools/gate/readings compares each field of each recording
(test_readings.py)."""
import json
import pathlib

import pytest

from conftest import ROOT
import expect
import recordings

PRINTERS = ROOT.parent / "shared" / "printers"
RECORDINGS = PRINTERS / "recordings"
pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings")


def names(pattern="*"):
    return sorted(p.name for p in RECORDINGS.glob(pattern) if p.suffix != ".ipp")


def read(world, recording, version="2c"):
    sim = world.sim(1, "--recording", recording, "--job-interval", "0")
    got = world.run(world.bin("platen"), "poll", "--json", "--version", version, "--port",
                    sim.info["port"], sim.info["first"])
    sim.stop()
    return json.loads(got.stdout)


def content(reading):
    """The part of a reading that does not change."""
    identity = {k: v for k, v in reading["identity"].items() if k != "uptime_cs"}
    return [identity] + [reading[k] for k in (
        "meters", "supplies", "alerts", "state", "options", "settings", "trays", "bins", "covers",
        "media_paths", "rated_speed", "maintenance")]


@pytest.mark.parametrize("name", names())
def test_every_recording_is_read_completely(world, name):
    first = read(world, RECORDINGS / name)
    assert {g["name"]: g["status"] for g in first["groups"]} == {
        g: "complete" for g in ("identity", "meters", "supplies", "alerts", "state", "options",
                                "media", "maintenance")}
    # SNMPv1, without GETBULK and with other errors, gives the same reading.
    assert content(read(world, RECORDINGS / name, "1")) == content(first)
    for supply in first["supplies"]:
        level = supply["level"]
        if level["kind"] == "percent":
            assert level["percent"] == pytest.approx(
                100 * level["value"] / level.get("max", 100), abs=0.01)
        assert any(c.isdigit() for c in supply.get("serial", "0"))
        assert any(c.isdigit() for c in supply.get("part", "0"))


@pytest.mark.parametrize("name,vendor,model,serial,life,supplies", [
    ("xerox_workcentre7845_full.valueoid.txt", "Xerox", "WorkCentre 7845 v1 Multifunction System",
     True, 178479, 12),
    ("xerox_workcentre6605dn_full.valueoid.txt", "Xerox", "WorkCentre 6605DN", True, 18145, 6),
    ("xerox_phaser6130n_full.valueoid.txt", "Xerox", "Phaser 6130N", False, 1051, 6),
    ("lexmark_xc4240_full.oidvalue.json", "Lexmark", "XC4240", True, 2501, 8),
    ("kyocera_cs4053ci_full.pdus.json", "Kyocera", "CS 4053ci", True, 76498, 5),
    ("epson_sc-t3405_full.pdus.json", "Epson", "SC-T3405 Series", True, 145, 5),
    ("brother_hl-l8260cdw_full.pdus.json", "Brother", "HL-L8260CDW series", True, 42976, 7),
    ("librenms_sharp.snmprec", "Sharp", "MX-3570N", True, 121104, 14),
    ("librenms_samsungprinter_clx.snmprec", "Samsung", "CLX-3170 Series", True, None, 0),
    ("librenms_dell-laser_s5830dn.snmprec", "Dell", "S5830dn", True, None, 4),
    ("librenms_lexmarkprinter.snmprec", "Lexmark", "T640", False, None, 0),
    ("librenms_toshiba-tec_estudio305.snmprec", "Toshiba TEC", "e-STUDIO305CS", False, None, 0),
    ("librenms_ricoh.snmprec", "Ricoh", "MP 3053", False, None, 0),
    ("librenms_jetdirect_m252dw.snmprec", "HP", "Color LaserJet Pro M252dw", True, None, 4),
])
def test_identity_of_recordings(world, name, vendor, model, serial, life, supplies):
    if not (RECORDINGS / name).exists():
        pytest.skip(f"no {name}")
    got = read(world, RECORDINGS / name)
    identity = got["identity"]
    held = expect.serial_of(recordings.Recording(RECORDINGS / name))
    assert bool(held) == serial
    assert (identity["vendor"], identity["model"], identity["serial"]) == (vendor, model, held)
    assert [m["value"] for m in got["meters"] if m["name"] == "marker_life"] == (
        [] if life is None else [life])
    assert len(got["supplies"]) == supplies


def test_xerox_meters_add_up(world):
    name = "xerox_workcentre7845_full.valueoid.txt"
    if not (RECORDINGS / name).exists():
        pytest.skip(f"no {name}")
    got = read(world, RECORDINGS / name)
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


@pytest.mark.parametrize("name", names("*_counters_supplies.snmpwalk"))
def test_reading_equals_the_device_page(world, name):
    """The recording has no identity: the vendor is recognised by its objects."""
    expected = PRINTERS / "expected" / name.replace(".snmpwalk", ".json")
    truth = json.loads(expected.read_text()).get("device_page") if expected.exists() else None
    if truth is None:
        pytest.skip("no record of the device's page")
    file = RECORDINGS / name
    got = json.loads(world.run(world.bin("platen"), "read", "--json", "--recording", file).stdout)
    assert got["identity"]["vendor"] == ("Xerox" if name.startswith("xerox") else "Lexmark")
    assert truth["counters"]
    wrong = [c for c in expect.device_page(truth, got) if not c.ok]
    assert not wrong, wrong
    # The same printer read over the network gives the same reading.
    assert content(read(world, file)) == content(got)
