# SPDX-License-Identifier: Apache-2.0
"""The agent by SNMPv3: three versions side by side (S44), and changes of engines and users
at run time (S53): reboot, clock, another engineID, another passphrase, the same engineID twice."""

import pytest

import lab
from conftest import state_dir, status, until

USER = "reader:sha256:maplesyrup:aes128:pancakes1"
CREDENTIALS = """snmp:
  timeout: 1s
  tries: 2
%s  credentials:
    - name: secure
      version: 3
      user: reader
      auth: sha256
      auth_password_file: auth
      priv: aes128
      priv_password_file: priv
    - name: old
      version: 1
      community: public
"""


def config_of(world, sim, hub=None, more="", extra=""):
    """By credential: printers 0..9 by v1, 10..19 by v2c, the others by v3."""
    world.file(world.dir / "auth", "maplesyrup\n")
    world.file(world.dir / "priv", "pancakes1\n")
    rows = [(0, 9, "credential: old"), (10, 19, "version: 2c"),
            (20, sim.printers - 1, "credential: secure")]
    targets = "".join(f"    - range: {sim.address(first)}-{sim.address(last)}\n"
                      f"      port: {sim.info['port']}\n      ipp: off\n      {how}\n"
                      for first, last, how in rows if first < sim.printers)
    return world.agent_config(sim, hub.port if hub else None, hub.secret if hub else "",
                              targets=targets, devices_extra="  interval: 1s\n",
                              extra=CREDENTIALS % more + extra)


def test_every_version_gives_the_same_reading(world, hub):
    """All vendors by v3 too, with those whose supplies are in another context only."""
    sim = world.sim(50, "--v3", USER, "--only-v3", "20-49", "--only-v1", "0-9", "--no-v3", "10-19",
                    "--duplicate-engine", "25,26,47")
    config = config_of(world, sim, hub)
    code, summary, _ = world.once(config)
    log = (world.dir / f"{config.stem}.log").read_text()
    assert code == 0, log
    assert (summary["printers"], summary["silent"]) == (50, 0), log
    assert summary["complete"] == 50, log
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (50, 0, [])
    seen = status(world, config)
    assert seen["devices"]["v3"] == 30
    assert seen["v3"]["engine_changes"] == 0
    # Every engine is discovered once, and none after a restart.
    assert seen["v3"]["probes"] == 30
    assert world.once(config)[0] == 0
    assert status(world, config)["v3"]["probes"] == 0
    assert world.once(config)[1]["silent"] == 0


def silent(world, config):
    if not (state_dir(config) / "status.json").exists():
        return None
    return status(world, config)["devices"]["silent"]


def complete_again(world, agent, config, sim, what):
    """Waits until a status written after this call shows all printers as complete."""
    since = status(world, config)["written_ms"]
    until(agent, lambda: (s := status(world, config))["written_ms"] > since
          and s["devices"]["complete"] == sim.printers, 90, what)


def test_agent_recovers_from_credential_errors(world):
    sim = world.sim(26, "--v3", USER, "--only-v3", "20-25")
    config = config_of(world, sim)
    agent = world.agent(config)
    until(agent, lambda: silent(world, config) is not None)
    complete_again(world, agent, config, sim, "at first")
    sim.command(cmd="reboot", printer=20)
    sim.command(cmd="engine", printer=21, jump_s=100000)
    sim.command(cmd="engine", printer=22, id="8000000b0301020304aabb")
    since = len(agent.log.read_text())
    agent.wait_for_log("the engineID has changed: the new one is used from now on", 60, since)
    complete_again(world, agent, config, sim, "after reboot, jump and a new engine")
    seen = status(world, config)["v3"]
    assert seen["engine_changes"] == 1
    assert seen["resyncs"] >= 2
    # The event is written behind the reading.
    until(agent, lambda: "engine-changed" in world.run(
        world.bin("platen"), "devices", "--events", "--json", "--config", config).stdout)
    assert agent.stop() == 0


def test_reload_applies_a_new_passphrase(world):
    sim = world.sim(24, "--v3", USER, "--only-v3", "20-23")
    config = config_of(world, sim)
    agent = world.agent(config)
    until(agent, lambda: silent(world, config) is not None)
    complete_again(world, agent, config, sim, "at first")
    sim.command(cmd="user", printers=[20, 23], user="reader", auth="sha256",
            auth_password="changed-one", priv="aes128", priv_password="changed-two")
    agent.wait_for_log("err=snmp-wrong-digest", 60)
    world.file(world.dir / "auth", "changed-one\n")
    world.file(world.dir / "priv", "changed-two\n")
    since = len(agent.log.read_text())
    agent.signal(1)
    agent.wait_for_log("what=reloaded", 30, since)
    # A silent printer is polled again after its backoff; the others continue.
    got = world.run(world.bin("platen"), "poll", sim.address(20), "--port", sim.info["port"],
                    "--config", config, "--credential", "secure", "--ipp", "off")
    assert got.returncode == 0
    assert agent.stop() == 0
    code, summary, _ = world.once(config)
    assert (code, summary["silent"]) == (0, 0)


@pytest.mark.parametrize("policy,is_read", [("warn", True), ("refuse", False)])
def test_changed_engine_is_refused_if_configured(world, policy, is_read):
    sim = world.sim(21, "--v3", USER, "--only-v3", "20")
    config = config_of(world, sim, more=f"  engine_change: {policy}\n")
    assert world.once(config)[1]["silent"] == 0
    sim.command(cmd="engine", printer=20, id="8000000b0301020304aabb")
    world.once(config)
    log = (world.dir / f"{config.stem}.log").read_text()
    assert ("the new one is used from now on" in log) == is_read, log
    assert ("it is not read" in log) != is_read
    summary = world.once(config)[1]
    assert (summary["silent"], summary["refused"]) == (0, 0 if is_read else 1)
    # And back to warn: the new one is taken.
    config.write_text(config.read_text().replace("engine_change: refuse", "engine_change: warn"))
    world.once(config)
    assert world.once(config)[1]["silent"] == 0
