# SPDX-License-Identifier: Apache-2.0
"""R7: one bad printer cannot slow the fleet. Of all printers a fifth is silent, endless, goes back in its
tables, answers after 5 s or with 64 KiB. None of the polls that take long ends before the last healthy printer
is read: no healthy printer waits for one. The control: with a window smaller than the number of bad printers,
at first contact, they hold it, and healthy printers are read after them. How long the healthy ones take beside
bad ones is measured in virtual time (tests/replay/test_rate_limit.c)."""
import json

from conftest import count

FAULTS = ("endless", "slow=5000", "down", "huge")


def ended_before_last_healthy(world, printers, window, latency_ms, tries=5):
    """How many of the endless and slow printers were read before the last healthy one, by `platen once`,
    and how many there are."""
    bad = list(range(2, printers, 5))
    groups = [bad[i::len(FAULTS) + 1] for i in range(len(FAULTS) + 1)]
    options = ["--latency", latency_ms, "--silent-list", ",".join(map(str, groups[0]))]
    for fault, who in zip(FAULTS, groups[1:]):
        options += ["--fault", f"{fault}@{','.join(map(str, who))}"]
    sim = world.sim(printers, *options)
    targets = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n"
    config = world.agent_config(sim, targets=targets, devices_extra="  ipp: off\n",
                                extra=f"snmp:\n  window: {window}\n  tries: {tries}\n  subnet_rate: 0\n")
    code, summary, _ = world.once(config)
    assert code == 0 and sim.drops() == 0
    got = world.run(world.bin("platen"), "report", "--json", "--config", config)
    read = {sim.number_of(d["address"]): d["read_at_ms"] for d in json.loads(got.stdout)["devices"]}
    healthy = set(range(printers)) - set(bad)
    assert healthy <= set(read)
    assert summary["absent"] >= len(groups[0]), summary
    sim.stop()
    long = [n for n in groups[1] + groups[2] if n in read]
    assert long
    last = max(read[n] for n in healthy)
    print(f"{len(healthy)} healthy printers among {len(bad)} bad ones: of {len(long)} polls that take long, "
          f"{sum(read[n] < last for n in long)} ended before the last healthy one")
    return sum(read[n] < last for n in long), len(long), summary["complete"] - len(healthy)


def test_no_healthy_printer_waits_for_a_long_poll(world):
    for _ in range(count("NEIGHBOURS_ROUNDS")):
        ended, _, more_complete = ended_before_last_healthy(world, count("NEIGHBOURS"), 2000, 50)
        assert ended == 0 and more_complete >= 0


def test_control_bad_printers_fill_a_small_window(world):
    ended, long, _ = ended_before_last_healthy(world, 50, 5, 10, tries=2)
    assert ended > 0, long
