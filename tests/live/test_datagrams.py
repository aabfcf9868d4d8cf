# SPDX-License-Identifier: Apache-2.0
"""Requests per poll of a printer: the bounds of tools/gate/prove for bench/sweep, with few printers, and those of
every built-in profile of the simulator. Counts are the same on any machine."""
import json
import subprocess

import pytest

from conftest import BUILD

FIRST, LATER = 40, 23  # of a large colour printer, read for the first time and after
FIRST_BILLED, LATER_BILLED = 52, 30  # of a printer with tables of billing meters by function, colour and size


def profiles():
    program = BUILD / "bin/platen-sim"
    if not program.exists():
        return []
    return subprocess.run([program, "--list-profiles"], capture_output=True, text=True,
                          check=True).stdout.split()


def test_poll_sends_no_more_requests_than_promised():
    ran = subprocess.run([BUILD / "bench/sweep", "--printers", "100", "--rounds", "1", "--latency", "1"],
                         capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    assert (told["complete"], told["resent"]) == (100, 0)
    assert 0 < told["first_poll_datagrams"] <= FIRST
    assert 0 < told["learned_poll_datagrams"] <= LATER


@pytest.mark.skipif(not profiles(), reason="no programs")
def test_every_profile_stays_within_its_requests(world):
    """Three polls of one printer of each profile: the first one, and two with what it has learned."""
    count = len(profiles())
    sim = world.sim(count, "--job-interval", 0)
    config = world.agent_config(sim)
    received, polls = [0] * count, []
    for _ in range(3):
        code, summary, _ = world.once(config)
        assert code == 0 and summary["complete"] == count
        now = [sim.command(cmd="traffic", printer=n)["traffic"][0]["received"] for n in range(count)]
        polls.append([b - a for a, b in zip(received, now)])
        received = now
    table = {name: requests for name, *requests in zip(profiles(), *polls)}
    # Those without such tables stay within the figures of a large colour printer.
    bounds = {name: (FIRST, LATER) if "xerox" in name or name in PLAIN else (FIRST_BILLED, LATER_BILLED)
              for name in table}
    wrong = {name: requests for name, requests in table.items()
             if requests[0] > bounds[name][0] or max(requests[1:]) > bounds[name][1]}
    assert not wrong and all(min(requests) > 0 for requests in table.values()), table


PLAIN = ("brother", "develop", "fuji", "hp", "hp-jetdirect", "konica", "oki", "sharp", "tsc")
