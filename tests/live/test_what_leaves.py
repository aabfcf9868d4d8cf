# SPDX-License-Identifier: Apache-2.0
"""Each switch and each opt-in of the section privacy, in what `platen preview` shows, in the bytes on the wire and in
exported files (S41, S59); an opted-in field at the hub and in reports."""
import json
import signal

import pytest
from conftest import until
from test_privacy import Capture, decode, find

NAMES = {"name": "1.3.6.1.2.1.1.5.0", "location": "1.3.6.1.2.1.1.6.0", "contact": "1.3.6.1.2.1.1.4.0",
         "asset": "1.3.6.1.4.1.253.8.53.3.2.1.15.1"}
CLASSES = {"meters": {"meters"}, "supplies": {"supplies", "maintenance"},
           "diagnostics": {"alerts", "state", "options", "trays", "bins", "covers", "media_paths"}}
ALL = set().union(*CLASSES.values())


@pytest.fixture
def capture(world):
    made = Capture(world.certs())
    yield made
    made.close()


def printer(world):
    """A Xerox whose owner has filled in everything; an alert, so that no class is empty by chance."""
    sim = world.sim(1, "--profile", "xerox-color-mfp", "--job-interval", "0")
    for field, oid in NAMES.items():
        sim.command(cmd="set", printer=0, oid=oid, type="string", value=f"planted{field}")
    for column, value in ((2, 3), (3, 1), (4, 8), (5, 1), (6, -1), (7, 8)):
        sim.command(cmd="set", printer=0, oid=f"1.3.6.1.2.1.43.18.1.1.{column}.1.70", type="integer", value=value)
    sim.command(cmd="set", printer=0, oid="1.3.6.1.2.1.43.18.1.1.8.1.70", type="string", value="Tray 2 is empty")
    return sim


def leaving(world, config, capture):
    """(way, records, bytes) of the preview, of the request that was sent, and of the exported file."""
    assert world.once(config)[0] == 75
    preview = world.run(world.bin("platen"), "preview", "--json", "--config", config).stdout
    yield "preview", json.loads(preview)["records"], preview.encode()
    body = capture.requests[0][1]
    yield "request", decode(world, body)["records"], body
    folder = world.dir / "out"
    folder.mkdir()
    world.run(world.bin("platen"), "export", folder, "--config", config)
    file, = folder.glob("*.batch")
    yield "file", decode(world, file.read_bytes())["records"], file.read_bytes()


def planted(records, data):
    """The fields whose planted text is in the records, or in the bytes of the message in any encoding."""
    text = json.dumps(records).encode()
    return {field for field in NAMES if find([f"planted{field}"], text) or find([f"planted{field}"], data)}


@pytest.mark.parametrize("switch", ["none", *CLASSES])
def test_class_that_is_off_leaves_by_no_way(world, capture, switch):
    extra = "" if switch == "none" else f"privacy:\n  {switch}: off\n"
    config = world.agent_config(printer(world), capture.port, "s", extra=extra)
    for way, records, data in leaving(world, config, capture):
        filled = {key for record in records for key in ALL if record.get(key)}
        assert filled == ALL - CLASSES.get(switch, set()), (way, filled)
        assert all(record["identity"]["serial"] for record in records)
        assert not planted(records, data), way


@pytest.mark.parametrize("field", NAMES)
def test_opt_in_sends_its_field_by_each_way(world, capture, field):
    config = world.agent_config(printer(world), capture.port, "s", extra=f"privacy:\n  {field}: on\n")
    for way, records, data in leaving(world, config, capture):
        assert records[0]["identity"][field] == f"planted{field}", way
        assert planted(records, data) == {field}, way


@pytest.mark.parametrize("veto", ["corporate: on", "policy_file: policy.yaml"])
def test_veto_is_above_each_opt_in(world, capture, veto):
    world.file(world.dir / "policy.yaml", "leave_out: [" + ", ".join(f"identity.{f}" for f in NAMES) + "]\n")
    extra = "privacy:\n" + "".join(f"  {field}: on\n" for field in NAMES) + f"  {veto}\n"
    config = world.agent_config(printer(world), capture.port, "s", extra=extra)
    for way, records, data in leaving(world, config, capture):
        assert records[0]["identity"]["serial"] and not planted(records, data), way
    checked = world.run(world.bin("platen"), "check-config", "--config", config)
    assert ("have no effect" in checked.stderr) == veto.startswith("corporate")


def test_opted_in_fields_reach_the_hub_and_leave_it_again(world, hub):
    """At the hub in `devices`, `device` and `report`; not in a report for third parties; and SIGHUP takes them back."""
    sim = printer(world)
    opted = "privacy:\n" + "".join(f"  {field}: on\n" for field in NAMES)
    config = world.agent_config(sim, hub.port, hub.secret, extra=opted, devices_extra="  interval: 1s\n")
    agent = world.agent(config)
    shown = {field: f"planted{field}" for field in NAMES}

    def at_hub():
        world.run(world.bin("platen"), "sync-now", "--config", config)
        devices = world.devices(hub.config)
        return {f: devices[0]["identity"].get(f) for f in NAMES} if devices else None

    until(agent, lambda: at_hub() == shown)
    page = world.run(world.bin("platen-hub"), "device", world.devices(hub.config)[0]["device_key"],
                     "--config", hub.config).stdout
    assert all(text in page for text in shown.values())
    for program, made in (("platen", config), ("platen-hub", hub.config)):
        argv = (world.bin(program), "report", "--json", "--config", made)
        report = json.loads(world.run(*argv).stdout)
        assert shown.items() <= report["devices"][0]["identity"].items()
        assert "planted" not in world.run(*argv, "--for-third-party").stdout
    config.write_text(config.read_text().replace(opted, ""))
    agent.signal(signal.SIGHUP)
    until(agent, lambda: at_hub() == dict.fromkeys(NAMES))
    assert agent.stop() == 0
