# SPDX-License-Identifier: Apache-2.0
"""2,000 printers with 64 descriptors and the receive buffer that Debian gives, and
no datagram is lost in it, though the program is stopped while the responses to hundreds
of requests arrive. The control: the same with a program that assumes a larger buffer than it
has, which loses some."""
import os
import pathlib
import re
import signal

import lab
import pytest
from conftest import BUILD, count, until


def drops_of(pid):
    """Datagrams that the kernel dropped at the UDP sockets of a process, and how many it has."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        found = re.match(r"socket:\[(\d+)\]", os.readlink(fd))
        if found:
            inodes.add(found[1])
    drops, sockets = 0, 0
    for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]:
        words = line.split()
        if words[9] in inodes:
            drops, sockets = drops + int(words[12]), sockets + 1
    return drops, sockets


def stop_when_many_are_under_way(sim, agent, many):
    """Stops the program until that many responses have arrived."""
    def under_way():
        now = sim.command(cmd="stats")
        return now["received"] - now["sent"]

    until(agent, lambda: under_way() >= many, 60)
    os.kill(agent.pid, signal.SIGSTOP)
    until(agent, lambda: under_way() == 0, 60)
    os.kill(agent.pid, signal.SIGCONT)


def stopped_in_a_small_world(world, lies):
    """A daemon in a small world that was stopped for a while: (sim, agent, config)."""
    shim = BUILD / "tests" / "libsmall_buffer.so"
    if not shim.exists():
        pytest.skip(f"no {shim}")
    printers = count("SMALL_PRINTERS")
    sim = world.sim(printers, "--latency", "300")
    config = world.agent_config(
        sim, extra="snmp:\n  window: 2000\n  timeout: 10s\n",
        devices_extra="  interval: 10s\n  ipp: off\n")
    limited = ["/bin/sh", "-c", "ulimit -n 64; exec \"$0\" \"$@\"", "/usr/bin/env",
             f"LD_PRELOAD={shim}", "ASAN_OPTIONS=verify_asan_link_order=0",
             *(["SMALL_BUFFER_LIES=1"] if lies else [])]
    agent = lab.Program("platen", [*limited, world.bin("platen"), "run", "--config", config],
                        world.dir / f"{config.stem}.log")
    world.programs.append(agent)
    agent.ready()
    stop_when_many_are_under_way(sim, agent, printers // 4)
    return sim, agent, config


def test_small_socket_buffer_loses_no_datagram(world):
    sim, agent, config = stopped_in_a_small_world(world, lies=False)

    def is_over():
        asked = sim.command(cmd="stats")["devices_contacted"]
        now = world.run(world.bin("platen"), "status", "--json", "--config", config, check=False)
        return asked == sim.printers and '"waiting":0' in now.stdout

    until(agent, is_over, 180)
    drops, sockets = drops_of(agent.pid)
    assert drops == 0 and sim.drops() == 0
    assert sockets == 16 and len(list(pathlib.Path(f"/proc/{agent.pid}/fd").iterdir())) < 64
    assert agent.stop() == 0


def test_control_wrong_buffer_size_loses_datagrams(world):
    sim, agent, _ = stopped_in_a_small_world(world, lies=True)
    drops, sockets = drops_of(agent.pid)
    assert sockets == 1 and drops > 0
    assert sim.drops() == 0
    assert agent.stop() == 0
