# SPDX-License-Identifier: Apache-2.0
"""The end of the agent in every state: during polls, a commit, a status write, with a full spool,
without a hub. Every end is clean (under ASan: no leak, no use after free), and no confirmed record
is lost."""
import os
import signal

import pytest

import lab
from conftest import BUILD, state_dir, status, until

# Their readings are twice what the smallest spool holds.
PRINTERS = 1500
SHORT = "  interval: 1s\n"
DROPPED = "full: the oldest records were dropped"


def stop(agent, deadline_s=60):
    agent.signal(signal.SIGTERM)
    assert agent.wait(deadline_s) == 0, agent.log.read_text()[-4000:]


def test_stop_after_several_intervals(world, hub):
    """Printers print and are polled repeatedly, some with faults; their last values reach the
    hub."""
    sim = world.sim(40, "--job-interval", "1s")
    config = world.agent_config(sim, hub.port, hub.secret, devices_extra=SHORT,
                                extra="sync:\n  interval: 24h\nsnmp:\n  timeout: 500ms\n")
    for number, how in enumerate(["garbage", "cut", "too-big", "gen-err", "wrong-id", "loop",
                                  "twice"]):
        sim.command(cmd="break", printer=number, how=how)
    agent = world.agent(config)
    until(agent, lambda: sim.command(cmd="stats")["responses"] > 3000)
    for number in range(7):
        sim.command(cmd="break", printer=number, how="off")
    stop(agent)
    assert status(world, config)["devices"]["partial"] < 7
    code, summary, _ = world.once(config)
    assert (code, summary["complete"]) == (0, 40)
    assert len(world.devices(hub.config)) == 40
    assert status(world, config)["spool"]["pending"] == 0


@pytest.mark.parametrize("latency", [0, 400])
def test_stop_during_polls(world, latency):
    sim = world.sim(300, "--latency", latency)
    config = world.agent_config(sim, devices_extra=SHORT)
    agent = world.agent(config)
    until(agent, lambda: sim.command(cmd="stats")["responses"] > 300)
    stop(agent)
    # Printers that it broke off with are not said to be silent.
    assert status(world, config)["devices"]["silent"] == 0
    assert "now=silent" not in agent.log.read_text()


def opened(fifo):
    """Whether a process waits at the other end of the FIFO: our end, or None."""
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_stop_during_a_commit_and_a_status_write(world):
    """Readings wait for their commit while status.json is being written: its first rename is held
    until the test closes a FIFO."""
    shim = BUILD / "tests" / "libhold_rename.so"
    sim = world.sim(20)
    assert world.once(world.agent_config(sim))[0] == 0
    polled = sim.command(cmd="stats")["responses"]  # of 20 first polls
    config = world.agent_config(sim, devices_extra="  interval: 10s\n",
                                extra="spool:\n  linger: 8s\n")
    fifo = world.dir / "hold"
    os.mkfifo(fifo, 0o600)
    held = ["/usr/bin/env", f"LD_PRELOAD={shim}", "HOLD_RENAME_TO=status.json",
            f"HOLD_RENAME_FIFO={fifo}", "ASAN_OPTIONS=verify_asan_link_order=0"]
    agent = lab.Program("platen", [*held, world.bin("platen"), "run", "--config", config],
                        world.dir / f"{config.stem}.log")
    world.programs.append(agent)
    ends = []
    until(agent, lambda: ends.append(opened(fifo)) or ends[-1] is not None)
    try:
        until(agent, lambda: sim.command(cmd="stats")["responses"] >= 2 * polled)
        agent.signal(signal.SIGTERM)
        agent.wait_for_log("next=stop", 60)
    finally:
        os.close(ends[-1])
    assert agent.wait(60) == 0, agent.log.read_text()[-4000:]
    assert status(world, config)["spool"]["pending"] == 20


def check_dropped(world, config, log):
    """The quota holds, and what it has cost is counted by class (status checks the balance) and logged."""
    got = status(world, config)
    assert 0 < got["spool"]["pending_bytes"] <= 1 << 20
    classes = {name: got["balance"][f"dropped_{name}"] for name in ("diagnostics", "supplies", "meters")}
    assert sum(classes.values()) > 0
    lines = [line for line in log.read_text().splitlines() if DROPPED in line]
    assert " ".join(f"{name}={number}" for name, number in classes.items()) in lines[-1]
    assert sum(int(line.split(" dropped=")[1].split()[0]) for line in lines) == sum(classes.values())
    return classes


def hub_shows_dropped(world, hub, state, classes):
    """Of a later sync of this agent: in the hub's log and in its audit."""
    config = world.agent_config(None, hub.port, hub.secret, targets="    []\n", state=state, name="later")
    assert world.once(config)[0] == 0
    numbers = " ".join(f"{name}={number}" for name, number in classes.items())
    line = hub.wait_for_log(numbers, 60)
    assert "level=warn" in line and "full spool has cost" in line, line
    audit = world.run(world.bin("platen-hub"), "audit", "show", "--json", "--config", hub.config).stdout
    assert f" dropped={'+'.join(map(str, classes.values()))}" in audit, audit


def test_stop_with_a_full_spool_and_no_hub(world, hub):
    sim = world.sim(PRINTERS)
    config = world.agent_config(sim, hub_port=1, secret="not used",
                                devices_extra=SHORT, extra="spool:\n  max_bytes: 1MiB\n")
    agent = world.agent(config)
    agent.wait_for_log(DROPPED, 60)
    stop(agent)
    hub_shows_dropped(world, hub, state_dir(config), check_dropped(world, config, agent.log))


def test_once_syncs_early_if_the_spool_is_too_small(world, hub):
    sim = world.sim(PRINTERS)
    config = world.agent_config(sim, hub.port, hub.secret, extra="spool:\n  max_bytes: 1MiB\n")
    code, summary, _ = world.once(config, deadline_s=120)
    assert (code, summary["complete"], summary["lost"]) == (0, PRINTERS, 0)
    assert summary["sent"] == summary["kept"] == PRINTERS
    assert len(world.devices(hub.config)) == PRINTERS


@pytest.mark.parametrize("hub_port", [None, 1], ids=["no hub", "hub away"])
def test_once_ends_if_the_spool_stays_full(world, hub_port):
    """It reads all printers all the same; what the quota costs is counted by class and logged."""
    sim = world.sim(PRINTERS)
    hub = {} if hub_port is None else {"hub_port": hub_port, "secret": "not used"}
    config = world.agent_config(sim, extra="spool:\n  max_bytes: 1MiB\n", **hub)
    code, summary, _ = world.once(config, deadline_s=120)
    assert (summary["complete"], summary["kept"], summary["lost"]) == (PRINTERS, PRINTERS, 0)
    assert (code == 0) == (hub_port is None)
    log = world.dir / f"{config.stem}.log"
    check_dropped(world, config, log)
    again = world.agent_config(sim, targets="    []\n", state=state_dir(config), name="again")
    assert world.once(again)[1]["complete"] == 0
    assert DROPPED not in (world.dir / "again.log").read_text()
