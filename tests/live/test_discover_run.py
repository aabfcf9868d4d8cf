# SPDX-License-Identifier: Apache-2.0
"""Discovery by the running agent: what it finds is read from then on and after a restart; new, moved,
gone and returned printers are told (S32)."""
import json
import signal

from conftest import status, until

SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"


def config_of(world, port, net="127.50.1.0/28", adopt="on", interval="1m", devices=""):
    return world.file(world.dir / "agent.yaml", f"""\
state_dir: {world.dir}/state
devices:
  interval: 1m
  targets: [{devices}]
snmp:
  timeout: 1s
  tries: 2
  credentials:
    - name: site
      version: 2c
      community: public
discovery:
  interval: {interval}
  rate: 1000
  rounds: 1
  adopt: {adopt}
  targets:
    - range: {net}
      port: {port}
""")


def devices(world, config):
    got = world.run(world.bin("platen"), "devices", "--json", "--config", config, check=False)
    if got.returncode != 0:
        return {}
    return {d["address"].rsplit(":", 1)[0]: d for d in json.loads(got.stdout)["devices"]}


def events(world, config):
    """Oldest first."""
    got = world.run(world.bin("platen"), "devices", "--events", "--json", "--config", config)
    return json.loads(got.stdout)["events"][::-1]


def test_found_printers_are_polled_before_and_after_a_restart(world):
    """And what no credential opened is opened by one that comes by SIGHUP."""
    sim = world.sim(6, "--non-printers", 2, "--base", "127.50.1.1", "--only-v3", "5",
                    "--profile", "xerox-color-mfp,hp,ricoh",
                    "--v3", "reader:sha256:authauth1:aes128:privpriv1")
    config = config_of(world, sim.info["port"])
    agent = world.agent(config)
    agent.wait_for_log("mod=discovery run=1 ", 60)
    until(agent, lambda: sum(d["last_seen"] is not None for d in devices(world, config).values()) >= 6)
    known = devices(world, config)
    assert sorted(known) == [sim.address(n) for n in range(6)]
    assert all(d["source"] == "discovery" for d in known.values())
    assert {known[sim.address(n)]["state"] for n in range(5)} == {"present"}
    assert known[sim.address(5)]["state"] == "needs-credential"
    assert known[sim.address(5)]["version"] == ""
    assert all(known[sim.address(n)]["version"] for n in range(5))
    told = events(world, config)
    assert sorted((e["event"], e["address"].rsplit(":", 1)[0]) for e in told) == \
        [("new", sim.address(n)) for n in range(6)]
    until(agent, lambda: status(world, config)["discovery"]["devices"] == 6)
    assert status(world, config)["discovery"]["needs_credential"] == 1
    agent.stop()
    # Those that answer to a credential are read: their records are in the spool.
    report = json.loads(world.run(world.bin("platen"), "report", "--json", "--config",
                                  config).stdout)["devices"]
    assert len(report) == 5

    # The second start knows them at once, and the first run has nothing to do.
    again = world.agent(config)
    again.wait_for_log("mod=agent start=", 60)
    starts = [line for line in again.log.read_text().splitlines() if "mod=agent start=" in line]
    assert "devices=0 " in starts[0] and "devices=5 " in starts[-1]
    for name, text in (("auth", "authauth1"), ("priv", "privpriv1")):
        world.file(world.dir / name, text).chmod(0o600)
    user = f"""\
    - name: secret
      version: 3
      user: reader
      auth: sha256
      auth_password_file: {world.dir}/auth
      priv: aes128
      priv_password_file: {world.dir}/priv
"""
    text = config.read_text()
    config.write_text(text.replace("discovery:\n", user + "discovery:\n"))
    again.child.send_signal(signal.SIGHUP)
    until(again, lambda: devices(world, config)[sim.address(5)]["credential"] == "secret")
    opened = devices(world, config)[sim.address(5)]
    assert opened["serial"] and opened["key"].startswith("serial:ricoh/")
    assert opened["state"] == "present" and len(devices(world, config)) == 6
    again.stop()
    assert len(events(world, config)) == 6
    code, summary, _ = world.once(config)
    assert code == 0 and summary["printers"] == 6 and summary["complete"] == 6


def test_events_new_moved_gone_back(world):
    """By run: SIGHUP begins one. Without discovery.adopt nothing that was found is read."""
    sim = world.sim(4, "--profile", "ricoh", "--base", "127.50.1.1")
    config = config_of(world, sim.info["port"], adopt="off")
    serial = sim.command(cmd="truth", printer=2, oid=SERIAL)["value"]
    sim.command(cmd="stop", printer=3)
    agent = world.agent(config)
    agent.wait_for_log("mod=discovery run=1 ", 60)

    def run(number):
        agent.child.send_signal(signal.SIGHUP)
        agent.wait_for_log(f"mod=discovery run={number} ", 60)

    # The third printer gets another address; the first one is switched off.
    sim.command(cmd="set", printer=3, oid=SERIAL, type="string", value=serial)
    sim.command(cmd="start", printer=3)
    sim.command(cmd="stop", printer=2)
    sim.command(cmd="stop", printer=0)
    run(2)
    assert "event=gone" not in agent.log.read_text()
    run(3)
    run(4)
    sim.command(cmd="start", printer=0)
    run(5)
    until(agent, lambda: len(events(world, config)) == 6)
    told = [(e["event"], e["address"].rsplit(":", 1)[0]) for e in events(world, config)]
    assert sorted(told[:3]) == [("new", sim.address(n)) for n in range(3)]
    assert told[3:] == [("moved", sim.address(3)), ("gone", sim.address(0)),
                        ("back", sim.address(0))]
    assert events(world, config)[3]["detail"] == f"was at {sim.address(2)}:{sim.info['port']}"
    until(agent, lambda: len(devices(world, config)) == 4)
    known = devices(world, config)
    assert {n: known[sim.address(n)]["state"] for n in range(4)} == \
        {0: "present", 1: "present", 2: "gone", 3: "present"}
    assert known[sim.address(2)]["serial"] == known[sim.address(3)]["serial"] == serial
    agent.stop()
    code, summary, _ = world.once(config)
    assert code == 0 and summary["printers"] == 0


def test_stop_ends_a_run(world):
    """In the middle of one, SIGHUP takes the new credentials and begins another; SIGTERM ends all in
    order, and what was half looked at makes no device gone."""
    sim = world.sim(4, "--base", "127.50.1.1", "--profile", "ricoh,hp")
    config = config_of(world, sim.info["port"], net="127.50.0.0/20")
    agent = world.agent(config)
    until(agent, lambda: sim.command(cmd="stats")["received"] > 200)
    text = config.read_text()
    config.write_text(text.replace("community: public", "community: other"))
    agent.child.send_signal(signal.SIGHUP)
    agent.wait_for_log("what=reloaded", 60)
    seen = sim.command(cmd="stats")["received"]
    assert "mod=discovery run=" not in agent.log.read_text()
    until(agent, lambda: sim.command(cmd="stats")["received"] > seen + 200)
    agent.stop()
    log = agent.log.read_text()
    assert "state=stopped result=ok" in log
    assert "event=gone" not in log


def test_discovery_without_credentials_tries_public(world):
    """As `platen discover` with the same file does; status follows the run, and the next start knows them."""
    sim = world.sim(3, "--base", "127.50.9.1")
    config = config_of(world, sim.info["port"], "127.50.9.0/29", interval="24h")
    text = config.read_text()
    begin, end = text.index("  credentials:"), text.index("discovery:")
    config.write_text(text[:begin] + text[end:])
    got = world.run(world.bin("platen"), "check-config", "--config", config)
    assert "discovery looks for more every 1440 min, with community public;" in got.stdout
    agent = world.agent(config)
    until(agent, lambda: len(devices(world, config)) == 3)
    until(agent, lambda: status(world, config)["discovery"]["devices"] == 3)
    assert status(world, config)["discovery"]["needs_credential"] == 0
    found = devices(world, config).values()
    assert {(d["state"], d["credential"], d["source"]) for d in found} == {("present", "public", "discovery")}
    agent.signal(signal.SIGHUP)
    assert "removed=0" in agent.wait_for_log("what=reloaded", 60)
    assert agent.stop() == 0
    code, summary, _ = world.once(config)
    assert (code, summary["printers"], summary["complete"]) == (0, 3, 3)


def test_found_printer_outlives_a_target_that_named_it_for_a_time(world):
    """By its own community: discovery's is used again when the target goes."""
    sim = world.sim(1, "--base", "127.50.11.1", "--community", "public")
    port = sim.info["port"]
    config = config_of(world, port, "127.50.11.0/29", interval="24h")
    text = config.read_text().replace("  interval: 1m\n  targets", "  interval: 1s\n  targets")
    begin, end = text.index("  credentials:"), text.index("discovery:")
    text = text[:begin] + text[end:]
    config.write_text(text)
    agent = world.agent(config)
    until(agent, lambda: len(devices(world, config)) == 1)
    until(agent, lambda: status(world, config)["discovery"]["devices"] == 1)
    for targets in (f"{{range: {sim.address(0)}, port: {port}, community: public}}", ""):
        since = len(agent.log.read_text())
        config.write_text(text.replace("targets: []", f"targets: [{targets}]"))
        agent.signal(signal.SIGHUP)
        assert "removed=0" in agent.wait_for_log("what=reloaded", 60, since)
    seen = sim.command(cmd="stats")["received"]
    until(agent, lambda: sim.command(cmd="stats")["received"] > seen + 20)
    assert agent.stop() == 0
    assert "now=silent" not in agent.log.read_text()
