# SPDX-License-Identifier: Apache-2.0
"""S30: one instance, as many printers as it promises, some of them silent, slow or sending garbage: all
others are read whole, and printers beyond the maximum are counted and said, not forgotten. (That memory
stays under the sum told at start is looked at by tools/demo, without sanitizers.)"""
import lab
from conftest import count, status


def test_bad_printers_delay_no_other(world, hub):
    printers, slow_ms = count("CROWD_PRINTERS"), count("CROWD_SLOW_MS")
    silent = set(range(3, printers, 20))
    slow = set(range(7, printers, 20))
    garbage = set(range(11, printers, 100))
    sim = world.sim(printers, "--silent-list", ",".join(map(str, sorted(silent))))
    sim.commands([{"cmd": "slow", "printer": n, "ms": slow_ms} for n in slow] +
                 [{"cmd": "break", "printer": n, "how": "garbage"} for n in garbage])
    config = world.agent_config(sim, hub.port, hub.secret, extra="snmp:\n  timeout: 5s\n")
    code, summary, _ = world.once(config)
    assert code == 0, lab.tail(world.dir / f"{config.stem}.log")
    unread = silent | garbage
    # Of a range: an address without a valid response is not a printer.
    assert summary["printers"] == printers - len(unread)
    assert summary["complete"] == printers - len(unread)
    assert (summary["silent"], summary["absent"]) == (0, len(unread))
    assert summary["lost"] == 0
    devices = world.devices(hub.config)
    assert lab.compare_fleet(sim, devices) == (printers - len(unread), 0, [])
    assert {sim.number_of(d["address"]) for d in devices} == set(range(printers)) - unread
    assert sim.drops() == 0


def test_devices_beyond_the_maximum_are_counted_and_logged(world):
    sim = world.sim(12)
    config = world.agent_config(sim, devices_extra="")
    text = config.read_text().replace("  max: 2000\n", "  max: 10\n")
    assert text.count("max: 10") == 1
    config.write_text(text)
    code, summary, _ = world.once(config)
    assert code == 0
    assert (summary["printers"], summary["complete"], summary["over_limit"]) == (10, 10, 2)
    assert "over_limit=2" in (world.dir / f"{config.stem}.log").read_text()
    assert status(world, config)["devices"]["excluded"] == 2
