# SPDX-License-Identifier: Apache-2.0
"""access.allow and access.deny hold before any packet, by SNMP and by IPP (S51); the agent asks from
ports that the kernel chose, and listens on none (S44)."""
import contextlib
import pathlib
import socket
import threading

import pytest

from conftest import status, until

ADDRESSES = ["127.77.0.1", "127.77.0.2", "127.77.0.3"]


class Ear:
    """Three printers that say nothing and count what they are asked, on one port."""

    def __init__(self):
        self.udp, self.tcp = [], []
        first = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        first.bind((ADDRESSES[0], 0))
        self.port = first.getsockname()[1]
        self.udp.append(first)
        for address in ADDRESSES[1:]:
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((address, self.port))
            self.udp.append(one)
        for address in ADDRESSES:
            self.tcp.append(socket.create_server((address, 0 if not self.tcp else self.ipp_port)))
        for one in self.udp:
            one.setblocking(False)
        self.connections = [0] * len(self.tcp)
        for i, one in enumerate(self.tcp):
            threading.Thread(target=self._hang_up, args=(i, one), daemon=True).start()

    def _hang_up(self, i, server):
        with contextlib.suppress(OSError):
            while True:
                server.accept()[0].close()
                self.connections[i] += 1

    @property
    def ipp_port(self):
        return self.tcp[0].getsockname()[1]

    def heard(self):
        """Datagrams and connections of each; to be asked once."""
        counts = []
        for udp, n in zip(self.udp, self.connections):
            with contextlib.suppress(BlockingIOError):
                while True:
                    udp.recvfrom(2048)
                    n += 1
            counts.append(n)
        return counts

    def close(self):
        for one in self.udp + self.tcp:
            one.close()


@pytest.fixture
def ear():
    made = Ear()
    yield made
    made.close()


def config_of(world, ear, extra):
    targets = f"    - range: {ADDRESSES[0]}-{ADDRESSES[-1]}\n      port: {ear.port}\n" \
              f"      ipp: always\n      ipp_port: {ear.ipp_port}\n"
    return world.agent_config(targets=targets, extra="snmp:\n  timeout: 300ms\n  tries: 2\n" + extra)


@pytest.mark.parametrize("rules,heard", [
    ("", [True, True, True]),  # the positive control
    ("access:\n  deny: 127.77.0.2\n", [True, False, True]),
    ("access:\n  deny: '::ffff:127.77.0.2'\n", [True, False, True]),
    ("access:\n  allow: 127.77.0.2/31\n", [False, True, True]),
    ("access:\n  allow: 127.77.0.0/16\n  deny: 127.77.0.0/30\n", [False, False, False]),
])
def test_denied_address_gets_no_packet(world, ear, rules, heard):
    config = config_of(world, ear, rules)
    code, summary, _ = world.once(config)
    assert code == 0
    assert [n > 0 for n in ear.heard()] == heard
    assert summary["printers"] + summary["absent"] == sum(heard)
    log = (world.dir / f"{config.stem}.log").read_text()
    denied = 3 - sum(heard)
    assert log.count("denied=") == (1 if denied else 0)
    if denied:
        assert f"denied={denied} " in log
        assert status(world, config)["devices"]["denied"] == denied


def local_ports(pid, table):
    """The local ports of this process's sockets in /proc/net/TABLE."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            link = str(fd.readlink())
            if link.startswith("socket:["):
                inodes.add(link[8:-1])
    ports = []
    for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
        words = line.split()
        if words[9] in inodes:
            ports.append((int(words[1].rsplit(":", 1)[1], 16), words[3]))
    return ports


def test_agent_listens_on_no_port(world):
    sim = world.sim(5)
    config = world.agent_config(sim, devices_extra="  interval: 1s\n")
    agent = world.agent(config)
    until(agent, lambda: sim.command(cmd="stats")["responses"] > 20)
    udp = local_ports(agent.child.pid, "udp") + local_ports(agent.child.pid, "udp6")
    assert udp, "it asks from somewhere"
    assert all(port >= 1024 for port, _ in udp), udp
    tcp = local_ports(agent.child.pid, "tcp") + local_ports(agent.child.pid, "tcp6")
    assert all(state != "0A" for _, state in tcp), tcp  # TCP_LISTEN
    assert agent.stop() == 0
