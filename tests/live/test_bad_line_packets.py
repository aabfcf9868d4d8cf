# SPDX-License-Identifier: Apache-2.0
"""A bad line between agent and hub below TCP: packets are lost, doubled, reordered, changed, late, held up by a
rate, or all swallowed for a time. Each record arrives, and none twice (R12)."""
import contextlib
import json
import re
import select
import signal
import subprocess

import pytest

import packet_line
from conftest import ROOT, count, hub_records, status, until

PRINTERS = 50
LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"

# Faults of the line, one set after the other (packet_line.Line.set): tools/check takes the first ones.
HOLE = "hole"
LINES = (
    {"loss": 0.05, "duplicate": 0.05, "reorder": 0.1, "corrupt": 0.05, "forge": 0.05},
    {"loss": 0.2},
    {"delay": 0.1, "slow": 1},
    {HOLE: 1},
    {"loss": 0.05}, {"loss": 0.3}, {"duplicate": 0.05}, {"reorder": 0.1}, {"corrupt": 0.05}, {"forge": 0.05},
    {"delay": 0.2}, {"slow": 1},
    {"loss": 0.3, "duplicate": 0.05, "reorder": 0.1, "corrupt": 0.05, "delay": 0.2, "slow": 1},
)


@pytest.fixture
def line():
    try:
        made = packet_line.Line()
    except packet_line.Unavailable as err:
        pytest.skip(str(err))
    with contextlib.closing(made):
        yield made


class Site:
    """Agent and printers at one end of the line, the hub at the other."""

    def __init__(self, world, line):
        self.world, self.line = world, line
        world.run(ROOT / "tools/certs", world.dir / "certs", packet_line.FAR)
        config = world.hub_config()
        world.file(config, config.read_text().replace("127.0.0.1", packet_line.FAR))
        with line.far.inside():
            self.hub = world.hub(config)
        secret = world.add_agent(config, "agent1")
        with line.near.inside():
            self.sim = world.sim(PRINTERS, "--job-interval", "0")
            self.config = world.agent_config(self.sim, self.hub.port, secret, host=packet_line.FAR,
                                             devices_extra="  interval: 1s\n", extra="sync:\n  interval: 1d\n")
            self.agent = world.agent(self.config)
        self.pages = 9_000_000
        self.failures = 0

    def print_pages(self):
        self.pages += 1
        self.sim.commands([{"cmd": "set", "printer": n, "oid": LIFE, "type": "counter", "value": self.pages}
                           for n in range(PRINTERS)])

    def sync(self):
        """`platen sync-now`; SIGHUP ends each back-off. Returns how many records went, 0 after a failure."""
        argv = [self.world.bin("platen"), "sync-now", "--json", "--timeout", "10m", "--config", self.config]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as verb:
            while not select.select([verb.stdout], [], [], 0.05)[0]:
                failures = len(re.findall(r"mod=uplink hub=.* err=", self.agent.log.read_text()))
                if failures > self.failures:
                    self.agent.signal(signal.SIGHUP)
                self.failures = failures
            said = json.loads(verb.stdout.read())
        return said["records"] if verb.returncode == 0 else 0

    def meet(self, faults, number):
        """Syncs until so many packets met each of the faults, and records arrived past them."""
        wanted = {kind: self.line.counts[kind] + number for kind in faults}
        self.line.set(**{**faults, **({HOLE: number} if HOLE in faults else {})})
        sent = 0
        while any(self.line.counts[kind] < n for kind, n in wanted.items()) or not sent:
            self.print_pages()
            until(self.agent, lambda: self.pending() > 0)
            sent = self.sync()
        self.line.set()

    def pending(self):
        return status(self.world, self.config)["spool"]["pending"]

    def all_pages_arrived(self):
        self.sync()
        found = [m["value"] for d in self.world.devices(self.hub.config) for m in d["meters"] if m.get("oid") == LIFE]
        return found == [self.pages] * PRINTERS


def test_each_record_arrives_once_over_a_line_that_damages_packets(world, line):
    site = Site(world, line)
    for faults in LINES[:count("PACKET_LINES")]:
        site.meet(faults, count("PACKET_FAULTS"))
    until(site.agent, site.all_pages_arrived)
    balance = status(world, site.config)["balance"]
    assert site.agent.stop() == 0
    stored = sum(int(n) for n in re.findall(r"mod=ingest .* stored=(\d+)", site.hub.log.read_text()))
    assert balance["receipted"] == stored == len(hub_records(site.hub.config)), (balance, stored)
    print(f"\n{line.carried} packets; " + ", ".join(f"{k} {n}" for k, n in sorted(line.counts.items()))
          + f"; {stored} records, each once; {site.failures} failures of a connection")
