# SPDX-License-Identifier: Apache-2.0
"""A reading from printer to report: agent, TLS, hub (S6, S7, S10, R28 with small numbers)."""
import time
import csv
import io
import json

import lab
from conftest import hub_records, status

LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"


def test_one_cycle_brings_every_value_to_the_hub(world, hub):
    sim = world.sim(60)
    config = world.agent_config(sim, hub.port, hub.secret)
    code, summary, _ = world.once(config)
    assert code == 0, lab.tail(world.dir / f"{config.stem}.log")
    assert summary["complete"] == summary["printers"] == 60
    devices = world.devices(hub.config)
    assert lab.compare_fleet(sim, devices) == (60, 0, [])
    assert sim.drops() == 0
    # The books balance: each kept record is at the hub, once.
    assert len(hub_records(hub.config)) == summary["kept"] == summary["sent"]
    # All vendors were among them; but for label printers each device has meters and supplies.
    assert len({d["identity"]["vendor"] for d in devices}) >= 18
    assert sum(bool(d["meters"] and d["supplies"]) for d in devices) >= 54


def test_comparison_finds_a_changed_value(world, hub):
    """Positive control: the comparison finds one changed value at the hub."""
    sim = world.sim(5)
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    devices = world.devices(hub.config)
    devices[2]["meters"][0]["value"] += 100000
    devices[3]["identity"]["serial"] += "x"
    at_hub, wrong, messages = lab.compare_fleet(sim, devices)
    assert (at_hub, wrong) == (5, 2), messages


def test_comparison_covers_every_value(world, hub):
    """Positive control: the comparison finds each kind of row that the hub does not have."""
    sim = world.sim(12)
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    devices = world.devices(hub.config)
    assert lab.compare_fleet(sim, devices) == (12, 0, [])
    gone = devices[1]["supplies"].pop()["index"]
    del devices[4]["identity"]["serial"]
    devices[7]["meters"] = [m for m in devices[7]["meters"] if m["name"] != "marker_life"]
    at_hub, wrong, messages = lab.compare_fleet(sim, devices)
    assert (at_hub, wrong) == (12, 3), messages
    assert f"missing: supplies {gone}" in messages[0]
    assert "serial is None" in messages[1]
    assert "missing: meters marker_life" in messages[2]
    # A row that the printer removed after its poll is not missing.
    sim.command(cmd="set", printer=2, oid=f"{lab.SUPPLY_LEVEL}.1.1", type="absent")
    sim.command(cmd="set", printer=3, oid=f"{lab.SUPPLY_LEVEL}.1.77", type="integer", value=5)
    assert lab.compare_fleet(sim, devices)[1] == 3
    # A row that the printer had before its poll and the reading lacks is missing. Until a second has passed, the
    # poll may have begun before it: the agent rounds the times of a group.
    sim.command(cmd="set", printer=5, oid=f"{lab.SUPPLY_LEVEL}.1.77", type="integer", value=5)
    added = time.time() * 1000
    for level in range(900, 0, -1):
        sim.command(cmd="set", printer=5, oid=f"{lab.SUPPLY_LEVEL}.1.2", type="integer", value=level)
        sim.command(cmd="advance", printer=5, pages=1)
        assert world.once(config)[0] == 0
        again = world.devices(hub.config)
        device = next(d for d in again if sim.number_of(d["address"]) == 5)
        if min(g["requested_at_ms"] for g in device["groups"] if g["name"] in ("meters", "supplies")) > added:
            break
    assert lab.compare_fleet(sim, again) == (12, 0, [])
    device = next(d for d in again if sim.number_of(d["address"]) == 5)
    device["supplies"] = [s for s in device["supplies"] if s["index"] != "1.77"]
    assert lab.compare_fleet(sim, again) == (12, 1, ["printer 5: missing: supplies 1.77"])


def life(world, hub, address):
    """prtMarkerLifeCount of a printer at the hub, with the time it was read."""
    for device in world.devices(hub.config):
        if device["address"].startswith(address + ":"):
            meters = [m["value"] for m in device["meters"] if m["oid"] == LIFE]
            group = next(g for g in device["groups"] if g["name"] == "meters")
            return meters[0], group
    raise AssertionError(f"{address} is not at the hub")


def test_meter_increase_arrives_exactly(world, hub):
    sim = world.sim(8, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    before, _ = life(world, hub, sim.address(3))
    other, _ = life(world, hub, sim.address(4))
    raised = sim.command(cmd="advance", printer=3, pages=137)["at_ms"]
    assert world.once(config)[0] == 0
    after, group = life(world, hub, sim.address(3))
    assert after - before == 137
    # Stamped with the time of the read, which was after the change; rounded outward to a second.
    assert raised - 1000 < group["requested_at_ms"] <= group["received_at_ms"]
    assert raised <= group["received_at_ms"]
    assert life(world, hub, sim.address(4))[0] == other


def test_traffic_to_the_hub_is_encrypted(world, hub, relay):
    sim = world.sim(10)
    between = relay(hub.port)
    config = world.agent_config(sim, between.port, hub.secret)
    assert world.once(config)[0] == 0
    devices = world.devices(hub.config)
    assert len(devices) == 10
    seen = bytes(between.seen)
    assert len(seen) > 2000
    for device in devices:
        for secret in (device["identity"]["serial"], device["device_key"]):
            assert secret.encode() not in seen
    assert hub.secret.encode() not in seen
    assert b"Lab" not in seen


def test_silent_printer_does_not_affect_others(world, hub):
    sim = world.sim(20, "--silent-list", "4,11")
    targets = "".join(f"    - range: {sim.address(n)}\n      port: {sim.info['port']}\n" for n in range(20))
    config = world.agent_config(sim, hub.port, hub.secret, targets=targets, extra="snmp:\n  timeout: 1s\n")
    code, summary, _ = world.once(config)
    assert code == 0
    assert (summary["complete"], summary["silent"]) == (18, 2)
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (18, 0, [])
    assert status(world, config)["devices"]["silent"] == 2


def test_reports_show_every_device_once(world, hub):
    sim = world.sim(12)
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    serials = sorted(d["identity"]["serial"] for d in world.devices(hub.config))
    hubs = world.run(world.bin("platen-hub"), "report", "--format", "csv", "--config", hub.config)
    rows = list(csv.DictReader(io.StringIO(hubs.stdout.lstrip("\ufeff"))))
    column = next(c for c in rows[0] if c.lower() == "serial")
    assert sorted(r[column] for r in rows) == serials
    agents = world.run(world.bin("platen"), "report", "--format", "json", "--config", config)
    text = json.dumps(json.loads(agents.stdout))
    assert all(text.count(f'"{s}"') == 1 for s in serials)


def test_hub_and_agent_stop_in_order(world, hub):
    sim = world.sim(10)
    config = world.agent_config(sim, hub.port, hub.secret, devices_extra="  interval: 1s\n",
                                extra="sync:\n  interval: 1s\n")
    agent = world.agent(config)
    hub.wait_for_log("mod=ingest", 60)
    assert agent.stop() == 0
    assert hub.stop() == 0
    assert sim.stop() == 0
