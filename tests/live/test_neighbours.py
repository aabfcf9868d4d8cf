# SPDX-License-Identifier: Apache-2.0
"""R7: one bad printer cannot slow the fleet. Of all printers a fifth is silent, endless, goes back in its
tables, answers after 5 s or with 64 KiB; the last of the healthy ones is read about as soon as if they were
alone. The control: with a window smaller than the number of the bad ones, at first contact, they hold it and
everybody waits."""
import json
import statistics
import time

from conftest import count

FAULTS = ("endless", "down", "slow=5000", "huge")


def last_healthy_s(world, printers, bad, window, latency_ms):
    """How long after the start the last healthy printer was read, by `platen once`."""
    groups = [bad[i::len(FAULTS) + 1] for i in range(len(FAULTS) + 1)]
    options = ["--latency", latency_ms]
    if bad:
        options += ["--silent-list", ",".join(map(str, groups[0]))]
        for fault, who in zip(FAULTS, groups[1:]):
            options += ["--fault", f"{fault}@{','.join(map(str, who))}"]
    sim = world.sim(printers, *options)
    targets = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n"
    config = world.agent_config(sim, targets=targets, devices_extra="  ipp: off\n",
                                extra=f"snmp:\n  window: {window}\n  subnet_rate: 0\n")
    began_ms = time.time() * 1000
    code, summary, _ = world.once(config)
    assert code == 0 and sim.drops() == 0
    got = world.run(world.bin("platen"), "report", "--json", "--config", config)
    read = {sim.number_of(d["address"]): d for d in json.loads(got.stdout)["devices"]}
    healthy = set(range(printers)) - set(bad)
    assert healthy <= set(read)
    assert summary["complete"] >= len(healthy), summary
    assert summary["silent"] >= len(groups[0]) and (bad or summary["silent"] == 0)
    sim.stop()
    return max(read[n]["read_at_ms"] for n in healthy) / 1000 - began_ms / 1000


def ratio(world, printers, window, latency_ms):
    bad = list(range(2, printers, 5))
    alone = last_healthy_s(world, printers - len(bad), [], window, latency_ms)
    among = last_healthy_s(world, printers, bad, window, latency_ms)
    print(f"{printers - len(bad)} healthy printers: alone {alone:.2f} s, "
          f"among {len(bad)} bad ones {among:.2f} s, {among / alone:.3f} times")
    return among / alone


def test_the_bad_ones_keep_nobody_waiting(world):
    ratios = [ratio(world, count("NEIGHBOURS"), 2000, 100) for _ in range(count("NEIGHBOURS_ROUNDS"))]
    print(f"median {statistics.median(ratios):.3f}")
    assert statistics.median(ratios) <= (1.2 if len(ratios) > 1 else 2.0)


def test_control_a_window_that_they_fill(world):
    assert ratio(world, 50, 5, 10) > 2.0
