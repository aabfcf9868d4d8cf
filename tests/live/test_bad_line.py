# SPDX-License-Identifier: Apache-2.0
"""A bad line between agent and hub: connections that are cut, reset, slowed down, or lose a response. Each
record arrives, and none twice (R12)."""
import contextlib
import itertools
import json
import random
import re
import signal
import socket
import struct
import threading

from conftest import count, hub_records, until

LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"


class Line:
    """A TCP proxy. Each connection takes the next fault of `faults`, then `always`; `last` counts its bytes."""

    def __init__(self, port, faults):
        self.target = ("127.0.0.1", port)
        self.faults = list(faults)
        self.always = ("none", 0)
        self.last = {True: 0, False: 0}  # to the hub, from it
        self.taken = 0
        self.pairs = []  # of sockets, also closed ones
        self.threads = []
        self.closing = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.accepting = threading.Thread(target=self._serve, daemon=True)
        self.accepting.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.server.accept()
                fault = self.faults.pop(0) if self.faults else self.always
                self.taken += 1
                self.last = {True: 0, False: 0}
                far = socket.create_connection(self.target)
                self.pairs.append((near, far))
                self.threads.append(threading.Thread(target=self._carry, args=(near, far, fault), daemon=True))
                self.threads[-1].start()

    def _carry(self, near, far, fault):
        down = threading.Thread(target=self._pass, args=(far, near, fault, False), daemon=True)
        down.start()
        self._pass(near, far, fault, True)
        down.join()
        near.close()
        far.close()

    def _pass(self, here, there, fault, is_up):
        kind, value = fault
        bytes_of, seen = self.last, 0
        with contextlib.suppress(OSError):
            while got := here.recv(65536):
                if kind == "delay" and self.closing.wait(value / 1000):
                    return
                for at in range(0, len(got), value if kind == "pieces" else len(got)):
                    piece = got[at:at + (value if kind == "pieces" else len(got))]
                    left = value - seen
                    seen += len(piece)
                    bytes_of[is_up] = seen
                    if (kind in ("cut", "reset") and is_up or kind == "reset response" and not is_up) and seen >= value:
                        there.sendall(piece[:left])
                        self._end(here, there, kind != "cut")
                        return
                    if kind == "swallow" and not is_up and seen >= value:
                        self._end(here, there, False)
                        return
                    there.sendall(piece)
            there.shutdown(socket.SHUT_WR)

    @staticmethod
    def _end(here, there, is_reset):
        for end in (here, there):
            if is_reset:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self):
        """Ends each connection; no thread is left."""
        self.closing.set()
        self.server.shutdown(socket.SHUT_RDWR)  # ends accept
        self.accepting.join(60)
        self.server.close()
        for end in itertools.chain(*self.pairs):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(60)
        assert not any(t.is_alive() for t in [self.accepting, *self.threads])


def faults_of(rounds):
    """Places of a cut from the ClientHello to behind the batch; of a swallowed response behind the handshake."""
    places = random.Random(12)
    for _ in range(rounds):
        yield ("cut", places.randint(1, 4000))
        yield ("reset", places.randint(1, 4000))
        yield ("swallow", places.randint(1, 2000))
        yield ("pieces", 7)
        yield ("delay", 20)


def stored_of(hub):
    return sum(int(n) for n in re.findall(r"mod=ingest .* stored=(\d+)", hub.log.read_text()))


def shown(world, hub):
    """The hub's devices as JSON."""
    return [json.dumps(d).encode() for d in world.devices(hub.config)]


def receipted(agent):
    """Records of the syncs that have ended."""
    return sum(int(n) for n in re.findall(r"mod=uplink hub=.* records=(\d+)", agent.log.read_text()))


def send_over(world, hub, line, fault_count, rounds):
    """New pages until each fault had its connection; then all records are at the hub, each once."""
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, line.port, hub.secret, devices_extra="  interval: 1s\n",
                                extra="sync:\n  interval: 1s\n")
    agent = world.agent(config)
    pages = 9_000_000
    # A new page for each connection; SIGHUP ends the pause after a failure.
    while line.taken <= fault_count:
        taken = line.taken
        pages += 1
        sim.command(cmd="set", printer=1, oid=LIFE, type="counter", value=pages)
        agent.signal(signal.SIGHUP)
        until(agent, lambda: line.taken > taken)
    # The line is good from here on: the last page arrives, and with it all before.
    until(agent, lambda: str(pages).encode() in b"".join(shown(world, hub)))
    # The hub shows it before the agent has the receipt.
    until(agent, lambda: receipted(agent) >= len(hub_records(hub.config)))
    assert agent.stop() == 0
    stored = stored_of(hub)
    records = hub_records(hub.config)
    assert receipted(agent) == stored == len(records), (receipted(agent), stored, len(records))
    failures = re.findall(r"mod=uplink hub=.* err=", agent.log.read_text())
    assert len(failures) >= rounds, "the faults had no effect"


def test_each_record_arrives_once_over_a_bad_line(world, hub):
    rounds = count("BAD_LINES")
    faults = list(faults_of(rounds))
    with contextlib.closing(Line(hub.port, faults)) as line:
        send_over(world, hub, line, len(faults), rounds)


PAGE_EACH = 25  # resets


class Resets:
    """An agent whose connections are reset at one byte after the other."""

    def __init__(self, world, hub, line):
        self.line, self.hub = line, hub
        self.sim = world.sim(3, "--job-interval", "0")
        self.agent = world.agent(world.agent_config(self.sim, line.port, hub.secret, devices_extra="  interval: 1s\n",
                                                    extra="sync:\n  interval: 1s\n"))
        self.pages = 9_000_000
        self.agent.wait_for_log(" batches=", 60)
        since = self.agent.log.stat().st_size
        self.print_page()
        self.agent.wait_for_log(" batches=", 60, since)  # a sync as the next ones

    def print_page(self):
        self.pages += 1
        self.sim.command(cmd="set", printer=1, oid=LIFE, type="counter", value=self.pages)

    def fails_again(self, since):
        """Whether the next connection fails before the receipt; SIGHUP ends the pause after the last failure."""
        self.agent.signal(signal.SIGHUP)
        ends = []

        def has_ended():
            with open(self.agent.log, "rb") as log:
                log.seek(since)
                ends[:] = [line for line in log if b"mod=uplink hub=" in line and b"coverage" not in line]
            return bool(ends)
        until(self.agent, has_ended)
        return not any(b" batches=" in line for line in ends)

    def at_each(self, kind, step):
        """Each step-th byte, up to the one behind which the sync is over; returns how many."""
        resets = 0
        self.line.always = (kind, 1)
        since = self.agent.log.stat().st_size
        self.print_page()
        while self.fails_again(since):
            resets += 1
            since = self.agent.log.stat().st_size
            self.line.always = (kind, 1 + resets * step)
            if resets % PAGE_EACH == 0:
                self.print_page()
        self.line.always = ("none", 0)
        return resets


def test_each_record_arrives_once_when_each_byte_is_the_last(world, hub):
    """RST behind each byte of a sync, then behind each of the response."""
    with contextlib.closing(Line(hub.port, [])) as line:
        site = Resets(world, hub, line)
        lengths, resets = dict(line.last), {}
        for kind, is_up in (("reset", True), ("reset response", False)):
            step = max(1, lengths[is_up] // count("LINE_RESETS"))
            resets[kind] = site.at_each(kind, step)
            assert resets[kind] >= lengths[is_up] // step // 2, (resets, lengths)
        until(site.agent, lambda: str(site.pages).encode() in b"".join(shown(world, hub)))
        until(site.agent, lambda: receipted(site.agent) >= len(hub_records(hub.config)))
        assert site.agent.stop() == 0
    stored, records = stored_of(hub), len(hub_records(hub.config))
    assert receipted(site.agent) == stored == records, (receipted(site.agent), stored, records)
    twice = sum(int(n) for n in re.findall(r"mod=ingest .* duplicates=(\d+)", hub.log.read_text()))
    assert twice > 0, "no response was lost"
    print(f"\nRST behind {resets['reset']} bytes of a sync and {resets['reset response']} of its response: {records} "
          f"records at the hub, 0 lost, 0 doubled; it recognised {twice} sent again")
