# SPDX-License-Identifier: Apache-2.0
"""Options, trays, bins, covers, media paths and parts that wear: what `platen poll` shows of a
printer is what its agent keeps and its hub shows, in JSON and in words (S8, S9)."""
import json

import lab

PRT = "1.3.6.1.2.1.43"
ROWS = [
    ("1.3.6.1.2.1.1.1.0", 4, "Synthetic printer of this test"),
    ("1.3.6.1.2.1.1.2.0", 6, "1.3.6.1.4.1.99999.1"),
    ("1.3.6.1.2.1.25.3.2.1.2.1", 6, "1.3.6.1.2.1.25.3.1.5"),
    ("1.3.6.1.2.1.25.3.2.1.3.1", 4, "Synthetic 1"),
    (f"{PRT}.5.1.1.17.1", 4, "TST000123"),
    (f"{PRT}.10.2.1.4.1.1", 65, 4711),
    # a cover, open
    (f"{PRT}.6.1.1.2.1.1", 4, "Door A"), (f"{PRT}.6.1.1.3.1.1", 2, 3),
    # a tray: 130 of 520 sheets, active, with a warning
    (f"{PRT}.8.2.1.2.1.1", 2, 3), (f"{PRT}.8.2.1.8.1.1", 2, 8), (f"{PRT}.8.2.1.9.1.1", 2, 520),
    (f"{PRT}.8.2.1.10.1.1", 2, 130), (f"{PRT}.8.2.1.11.1.1", 2, 12),
    (f"{PRT}.8.2.1.12.1.1", 4, "iso_a4_white"), (f"{PRT}.8.2.1.13.1.1", 4, "Tray 1"),
    (f"{PRT}.8.2.1.18.1.1", 4, "Upper tray"),
    # a bin with an unknown amount of room
    (f"{PRT}.9.2.1.2.1.1", 2, 4), (f"{PRT}.9.2.1.3.1.1", 2, 8), (f"{PRT}.9.2.1.4.1.1", 2, 250),
    (f"{PRT}.9.2.1.5.1.1", 2, -3), (f"{PRT}.9.2.1.6.1.1", 2, 0),
    (f"{PRT}.9.2.1.7.1.1", 4, "Center Tray"),
    # a part that wears: a fuser of which 40 % are left
    (f"{PRT}.11.1.1.3.1.1", 2, 0), (f"{PRT}.11.1.1.4.1.1", 2, 3), (f"{PRT}.11.1.1.5.1.1", 2, 15),
    (f"{PRT}.11.1.1.6.1.1", 4, "Fuser"), (f"{PRT}.11.1.1.7.1.1", 2, 7),
    (f"{PRT}.11.1.1.8.1.1", 2, 160000), (f"{PRT}.11.1.1.9.1.1", 2, 64000),
    # a page description language
    (f"{PRT}.15.1.1.2.1.1", 2, 6), (f"{PRT}.15.1.1.6.1.1", 4, "3018.101"),
    (f"{PRT}.15.1.1.5.1.1", 4, "PostScript 3"),
]

PARTS = ("options", "settings", "trays", "bins", "covers", "media_paths", "rated_speed",
         "maintenance")


def test_parts_of_a_printer_reach_the_hub(world, hub):
    recording = world.dir / "parts.snmprec"
    rows = sorted(ROWS, key=lambda row: [int(n) for n in row[0].split(".")])
    recording.write_text("".join(f"{oid}|{tag}|{value}\n" for oid, tag, value in rows))
    sim = world.sim(1, "--recording", recording, "--job-interval", "0")
    poll = [world.bin("platen"), "poll", "--port", sim.info["port"], sim.info["first"]]
    polled = json.loads(world.run(*poll, "--json").stdout)
    tray = polled["trays"][0]
    assert (tray["name"], tray["media"], tray["level"], tray["max"], tray["unit"]) == (
        "Tray 1", "iso_a4_white", 130, 520, "sheets")
    assert tray["status"] == ["active", "non_critical_alerts"]
    assert polled["bins"][0]["level"] == -3 and polled["bins"][0]["meaning"] == "space_left"
    assert polled["covers"][0]["status"] == ["open"]
    assert "3018.101" in polled["options"][0]["value"]
    fuser = polled["maintenance"][0]
    assert (fuser["type"], fuser["left"], fuser["life"], fuser["percent"]) == (
        "fuser", 64000, 160000, 40.0)
    assert polled["identity"]["why"] == "printer_mib" and polled["sources"] == ["snmp"]

    config = world.agent_config(sim, hub.port, hub.secret)
    code, summary, _ = world.once(config)
    assert code == 0 and summary["complete"] == 1, lab.tail(world.dir / f"{config.stem}.log")
    kept = world.run(world.bin("platen"), "report", "--format", "json", "--config", config)
    shown = world.run(world.bin("platen-hub"), "device", "TST000123", "--json", "--config",
                      hub.config)
    for device in (json.loads(kept.stdout)["devices"][0], json.loads(shown.stdout)):
        assert {part: device[part] for part in PARTS} == {part: polled[part] for part in PARTS}
        assert device["identity"]["why"] == "printer_mib" and device["sources"] == ["snmp"]
        assert len(device["groups"]) == 8

    in_words = world.run(world.bin("platen-hub"), "device", "TST000123", "--config", hub.config)
    for text in (in_words.stdout, world.run(*poll).stdout):
        for words in ("PostScript 3", "active, non_critical_alerts", "iso_a4_white", "Center Tray",
                      "Door A", "40 %"):
            assert words in text, words
