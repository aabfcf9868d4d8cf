# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: new credentials and secrets apply at run time, an invalid file changes nothing, keys
that need a restart are named, no data is lost, and memory does not grow (R22)."""
import json
import pathlib
import signal
import socket
import time

import pytest

from conftest import count, flat, keep_no_freed_memory, size_of, state_dir, status, until

SNMP = "snmp:\n  timeout: 300ms\n  tries: 2\n  credentials:\n" \
       "    - {name: lab, community_file: community}\n"


V3 = "    - {name: secure, version: 3, user: %s, auth: sha256, auth_password_file: auth}\n"


def config_of(world, sim, extra="", community="public"):
    world.file(world.dir / "community", community + "\n")
    targets = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n" \
              "      credential: lab\n      ipp: off\n"
    return world.agent_config(targets=targets, devices_extra="  interval: 1s\n",
                              extra=SNMP + extra)


def reload_it(agent, says):
    """Sends SIGHUP and waits for its result in the log."""
    since = len(agent.log.read_text())
    agent.signal(signal.SIGHUP)
    agent.wait_for_log(says, 30, since)
    return agent.log.read_text()[since:]


def devices(world, config, outcome):
    """The count in the last status; 0 before the first polls."""
    if not (state_dir(config) / "status.json").exists():
        return 0
    return status(world, config)["devices"][outcome]


def test_reload_applies_a_changed_secret(world):
    sim = world.sim(12)
    config = config_of(world, sim, community="not-this-one")
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "absent") == 12)
    asked = sim.command(cmd="stats")["responses"]
    assert asked == 0
    world.file(world.dir / "community", "public\n")
    reload_it(agent, "what=reloaded")
    until(agent, lambda: sim.command(cmd="stats")["responses"] > 0)
    assert agent.stop() == 0


def test_invalid_file_keeps_the_running_configuration(world):
    sim = world.sim(8)
    config = config_of(world, sim)
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 8)
    store = state_dir(config) / "store.db"
    inode = store.stat().st_ino
    good = config.read_text()
    config.write_text(good + "intervall: 3\n")
    log = reload_it(agent, "the old configuration stays")
    assert f'why="{config}:{len(good.splitlines()) + 1}:1: unknown key \\"intervall\\"' in log
    assert log.count("intervall") == 1
    (world.dir / "community").chmod(0o644)
    config.write_text(good)
    log = reload_it(agent, "the old configuration stays")
    assert "community" in log
    (world.dir / "community").chmod(0o600)
    # It goes on with what it had, and its store is the one that it had.
    before = sim.command(cmd="stats")["responses"]
    until(agent, lambda: sim.command(cmd="stats")["responses"] > before + 100)
    assert devices(world, config, "complete") == 8
    assert store.stat().st_ino == inode
    reload_it(agent, "what=reloaded")
    assert agent.stop() == 0


def test_keys_that_need_a_restart_are_named(world):
    sim = world.sim(3)
    config = config_of(world, sim)
    agent = world.agent(config)
    good = config.read_text()
    config.write_text(good.replace("interval: 1s", "interval: 2s").replace("tries: 2", "tries: 3")
                      + "access:\n  deny: 10.0.0.0/8\nlog:\n  level: debug\n")
    log = reload_it(agent, "what=reloaded")
    for key in ("devices.interval", "snmp.tries", "access.deny"):
        assert f"key={key} what=\"changed: takes effect after a restart\"" in log
    assert log.count("takes effect after a restart") == 3
    assert agent.stop() == 0


def states(world, config):
    """The state of each device in the device store, by its address."""
    got = world.run(world.bin("platen"), "devices", "--json", "--config", config)
    return {d["address"].rsplit(":", 1)[0]: d["state"] for d in json.loads(got.stdout)["devices"]}


def test_reload_adds_and_removes_printers(world):
    """What is removed gets no packet any more and is gone; its place is free for another."""
    sim = world.sim(9)
    config = config_of(world, sim)
    good = config.read_text()
    here = f"{sim.address(0)}-{sim.address(2)}"
    config.write_text(good.replace(f"{sim.info['first']}-{sim.last}", here).replace("devices:\n", "devices:\n  max: 4\n"))
    three = config.read_text()
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 3)
    # The first one goes; two come, for which devices.max has room only then.
    config.write_text(three.replace(here, f"{sim.address(1)}-{sim.address(4)}"))
    log = reload_it(agent, "what=reloaded")
    assert "added=2 removed=1" in log and f"dev={sim.address(0)}:" in log and 'key=devices.targets what="changed: takes effect now"' in log
    until(agent, lambda: devices(world, config, "complete") == 4)
    assert devices(world, config, "roster") == 4
    before = sim.command(cmd="traffic", printers=[0, 0])["traffic"][0]["received"]
    until(agent, lambda: states(world, config).get(sim.address(4)) == "present")
    assert states(world, config)[sim.address(0)] == "gone"
    # All others, by a community of the targets.
    config.write_text(three.replace(here, f"{sim.address(5)}-{sim.address(8)}")
                      .replace("credential: lab", "community: public").replace("name: lab", "name: other"))
    assert "added=4 removed=4" in reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "complete") == 4)
    # A place is free when its device's profile is saved.
    until(agent, lambda: states(world, config)[sim.address(4)] == "gone")
    config.write_text(three)
    assert "added=3 removed=4" in reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "complete") == 3)
    assert sim.command(cmd="traffic", printers=[0, 0])["traffic"][0]["received"] > before
    assert agent.stop() == 0


def test_printer_that_a_reload_adds_keeps_its_profile(world):
    """It was polled before a restart, without GETBULK: that is not tried again."""
    sim = world.sim(2, "--fault", "no-bulk=1@1")
    config = config_of(world, sim)
    both = config.read_text()
    assert world.run(world.bin("platen"), "once", "--config", config).returncode == 0

    def bulks():
        return sim.command(cmd="traffic", printers=[1, 1])["traffic"][0]["get_bulk"]

    learned = bulks()
    assert learned > 0
    config.write_text(both.replace(f"-{sim.last}", f"-{sim.info['first']}"))
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 1)
    config.write_text(both)
    assert "added=1" in reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "complete") == 2)
    assert bulks() == learned
    assert agent.stop() == 0


def test_own_entry_of_an_address_counts_before_a_range_after_a_reload(world):
    """Of a printer that was there, and of one that the same reload adds."""
    sim = world.sim(4)
    config = config_of(world, sim, community="not-this-one")
    text = config.read_text().replace(sim.last, sim.address(2))
    config.write_text(text)
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "absent") == 3)
    own = "".join(f"    - {{range: {sim.address(n)}, port: {sim.info['port']}, ipp: off}}\n" for n in (1, 3))
    config.write_text(text.replace(f"-{sim.address(2)}", f"-{sim.last}").replace("      ipp: off\n", "      ipp: off\n" + own))
    assert "added=1 removed=0" in reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "complete") == 2)
    assert agent.stop() == 0


def test_reloads_in_a_row_leave_no_printer_out(world):
    """Places are free when profiles are saved: the third reload finds none, and adds its printers later."""
    sim = world.sim(12)
    config = config_of(world, sim)
    text = config.read_text().replace("devices:\n", "devices:\n  max: 3\n")

    def name(first):
        config.write_text(text.replace(f"{sim.info['first']}-{sim.last}",
                                       f"{sim.address(first)}-{sim.address(first + 2)}"))

    name(0)
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 3)
    for first in (3, 6, 9):
        name(first)
        reload_it(agent, "what=reloaded")
    until(agent, lambda: states(world, config).get(sim.address(11)) == "present")
    until(agent, lambda: devices(world, config, "complete") == 3)
    assert devices(world, config, "excluded") == 0
    assert agent.stop() == 0


def test_window_that_is_too_small_after_a_reload_is_told_once(world):
    sim = world.sim(5)
    config = config_of(world, sim)
    text = config.read_text()
    config.write_text(text.replace(f"-{sim.last}", ""))
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 1)
    config.write_text(text)
    says = "window=1 devices=5 what=\"only so many printers are polled at once: restart for more\""
    assert "added=4" in reload_it(agent, "what=reloaded")
    agent.wait_for_log(says, 30)
    reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "complete") == 5)
    assert agent.log.read_text().count(says) == 1
    assert agent.stop() == 0


def test_reload_polls_silent_printers_at_once(world):
    """Without a reload their next poll is due in a minute, later in an hour; status shows the
    error as long as it lasts."""
    sim = world.sim(1, "--v3", "reader:sha256:passphrase-1:none:")
    world.file(world.dir / "auth", "passphrase-0\n")
    config = config_of(world, sim, V3 % "reader")
    text = config.read_text().replace("credential: lab", "credential: secure")
    config.write_text(text.replace("interval: 1s", "interval: 1h"))
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "refused") == 1)
    why = status(world, config)["devices"]["silent_reasons"]
    assert why.startswith("1 snmp-wrong-digest, for example 127.") and "auth_password_file" in why
    assert devices(world, config, "silent") == 0
    text = world.run(world.bin("platen"), "status", "--config", config).stdout
    assert "1 refused, 0 not responding" in text and "not read" in text
    assert "now=refused err=snmp-wrong-digest" in agent.log.read_text()
    world.file(world.dir / "auth", "passphrase-1\n")
    reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "complete") == 1, 15)
    assert status(world, config)["devices"]["silent_reasons"] == ""
    assert agent.stop() == 0


def test_changed_hub_password_is_used_at_once(world, hub):
    """Without a reload the next sync is due in 15 minutes at least."""
    config = world.agent_config(world.sim(1), hub.port, "platen-" + "a" * 32,
                                extra="sync:\n  interval: 1m\n")
    agent = world.agent(config)
    agent.wait_for_log("mod=uplink", 90)
    assert "401" in agent.log.read_text() or "err=auth" in agent.log.read_text()
    world.file(config.with_suffix(".password"), hub.secret + "\n")
    reload_it(agent, "what=reloaded")
    until(agent, lambda: len(world.devices(hub.config)) == 1)
    assert agent.stop() == 0


def sync_now(world, config, code=0):
    got = world.run(world.bin("platen"), "sync-now", "--config", config, check=False)
    assert got.returncode == code, got
    return got.stdout + got.stderr


def test_status_has_a_session_while_sync_now_waits(world):
    """Users who interrupted sync-now while the hub did not respond: their sessions last as long as the sync."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = world.agent_config(world.sim(1), silent.getsockname()[1], "secret", name="agent")
        agent = world.agent(config)
        until(agent, lambda: status(world, config)["spool"]["pending"] > 0)
        for _ in range(8):
            with socket.socket(socket.AF_UNIX) as session:
                session.connect(str(state_dir(config) / "ctl.sock"))
                session.sendall(b'{"do":"sync"}\n')
        shown = world.run(world.bin("platen"), "status", "--config", config, check=False)
        assert "NOT responding" not in shown.stdout + shown.stderr
        assert agent.stop() == 0


def test_hub_is_given_removed_and_given_again_by_sighup(world, hub):
    sim = world.sim(2)
    extra = "sync:\n  interval: 7d\n"
    config = world.agent_config(sim, name="agent", devices_extra="  interval: 1s\n", extra=extra)
    without = config.read_text()
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 2)
    assert status(world, config)["hub"]["url"] == ""
    assert "no hub is configured" in sync_now(world, config, 78)

    world.agent_config(sim, hub.port, hub.secret, name="agent", devices_extra="  interval: 1s\n", extra=extra)
    having = config.read_text()
    assert 'key=hub.url what="changed: takes effect now"' in reload_it(agent, "what=reloaded")
    sync_now(world, config)
    assert len(world.devices(hub.config)) == 2
    said = status(world, config)["hub"]
    assert said["last_sync_ms"] > 0
    key = world.run(world.bin("platen-hub"), "key", "show", "--config", hub.config).stdout
    assert len(said["key_fingerprint"]) == 64 and said["key_fingerprint"] in key
    assert said["certificate_expires_ms"] > said["last_sync_ms"] and said["client_certificate_expires"] is None
    page = world.run(world.bin("platen"), "status", "--config", config).stdout
    assert f"hub key        {said['key_fingerprint']}\n" in page
    assert f"issued by {said['certificate_issuer']}\n" in page

    config.write_text(without)
    reload_it(agent, "what=reloaded")
    assert status(world, config)["hub"]["url"] == ""
    assert "no hub is configured" in sync_now(world, config, 78)
    config.write_text(having)
    reload_it(agent, "what=reloaded")
    sync_now(world, config)
    assert agent.stop() == 0


def test_last_sync_moves_although_nothing_has_changed(world, hub):
    config = world.agent_config(world.sim(1), hub.port, hub.secret, extra="sync:\n  interval: 7d\n")
    assert world.once(config)[0] == 0
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 1)
    before = status(world, config)
    assert before["spool"]["pending"] == 0
    sync_now(world, config)
    after = status(world, config)
    assert after["hub"]["sent"] == before["hub"]["sent"]
    assert after["hub"]["last_sync_ms"] > before["hub"]["last_sync_ms"] > 0
    assert agent.stop() == 0


def test_usr1_dumps_the_state(world):
    agent = world.agent(config_of(world, world.sim(3)))
    until(agent, lambda: devices(world, agent.config, "complete") == 3)
    since = agent.log.stat().st_size
    agent.signal(signal.SIGUSR1)
    agent.wait_for_log("dump=process ", 60, since)
    log = agent.log.read_text()[since:]
    for line in ("dump=state state=run ", "dump=reload stage=none ", "dump=printers devices=3 "
                 "complete=3 ", "dump=polls ", "dump=spool "):
        assert line in log
    assert agent.stop() == 0


def test_no_core_with_passphrases_is_left(world):
    sim = world.sim(1)
    agent = world.agent(config_of(world, sim))
    limits = pathlib.Path(f"/proc/{agent.child.pid}/limits").read_text()
    soft = next(x for x in limits.splitlines() if x.startswith("Max core file size")).split()[4]
    assert soft in ("0", "1"), limits
    assert agent.stop() == 0


def test_refused_reload_is_in_status(world):
    sim = world.sim(3)
    config = config_of(world, sim)
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 3)
    good = config.read_text()
    config.write_text(good.replace("tries: 2", "tries: 20").replace("timeout:", "time_out:"))
    log = reload_it(agent, "the old configuration stays")
    line = 1 + good[:good.index("tries: 2")].count("\n")
    # Each mistake is in one line of the log, with its place; the last one with what follows from it.
    for at, key in ((line, "tries"), (line - 1, "time_out")):
        assert len([x for x in log.splitlines() if f'="{config}:{at}:' in x and key in x]) == 1, log
    until(agent, lambda: f"{config}:{line - 1}:" in status(world, config)["conf"]["error"])
    words = world.run(world.bin("platen"), "status", "--config", config).stdout
    assert "NOT reloaded" in words and f"{config}:{line - 1}:" in words
    config.write_text(good)
    reload_it(agent, "what=reloaded")
    until(agent, lambda: status(world, config)["conf"]["error"] == "")
    assert "NOT" not in world.run(world.bin("platen"), "status", "--config", config).stdout
    assert agent.stop() == 0


def test_too_many_addresses_are_refused_in_bounded_memory(world):
    """Targets beyond devices.max are not read, and a reload keeps no memory for them."""
    sim = world.sim(3)
    config = config_of(world, sim)
    good = config.read_text()
    config.write_text(good.replace("interval: 1s", "interval: 1s\n  max: 3"))
    agent = world.agent(config)
    until(agent, lambda: devices(world, config, "complete") == 3)
    before = size_of(agent.child.pid)[0]
    more = "".join(f"    - range: 127.{i}.0.0/15\n" for i in range(2, 34, 2))
    config.write_text(good.replace("  targets:\n", "  targets:\n" + more).replace("interval: 1s", "interval: 1s\n  max: 3"))
    assert more in config.read_text()
    assert "added=0 removed=0" in reload_it(agent, "what=reloaded")
    until(agent, lambda: devices(world, config, "excluded") == 16 * 131070)
    assert size_of(agent.child.pid)[0] - before < 24 * 1024
    assert agent.stop() == 0


def test_stop_during_a_reload(world):
    """Under ASan: no leak and no use after free."""
    sim = world.sim(10)
    world.file(world.dir / "auth", "passphrase-0\n")
    config = config_of(world, sim, V3 % "u0")
    for i in range(4):
        agent = world.agent(config)
        until(agent, lambda: sim.command(cmd="stats")["responses"] > 0)
        world.file(world.dir / "auth", f"passphrase-{i}\n")
        for _ in range(1 + i % 2):
            agent.signal(signal.SIGHUP)
        agent.signal(signal.SIGTERM)
        assert agent.wait(60) == 0, agent.log.read_text()[-4000:]


@pytest.mark.parametrize("is_good", [True, False])
def test_reloads_do_not_leak(world, is_good, monkeypatch):
    """Under load, with an SNMPv3 user whose name and passphrase change each time. The first half
    warms up caches. Runs without ASan, which keeps freed memory."""
    keep_no_freed_memory(monkeypatch)
    sim = world.sim(40)
    world.file(world.dir / "auth", "passphrase-0\n")
    config = config_of(world, sim, V3 % "u0")
    good = config.read_text()
    agent = world.agent(config)
    until(agent, lambda: sim.command(cmd="stats")["responses"] > 200)
    if not is_good:
        config.write_text(config.read_text() + "x: 1\n")
    says = "what=reloaded" if is_good else "the old configuration stays"
    sizes = []
    for i in range(count("RELOADS")):
        world.file(world.dir / "auth", f"passphrase-{i}\n")
        if is_good:
            config.write_text(good.replace("user: u0", f"user: u{i % 3}"))
        reload_it(agent, says)
        sizes.append(size_of(agent.child.pid))
    fds, first, last = flat(sizes)
    assert max(fds) - min(fds) <= 1, fds  # status.json is open at times
    began = time.monotonic()
    assert agent.stop() == 0
    print(f"\n{len(sizes)} reloads of {'a good' if is_good else 'an invalid'} file while printers are polled: descriptors "
          f"{min(fds)} to {max(fds)}, {first} KiB resident half way, {last} KiB at the end; stopped in "
          f"{time.monotonic() - began:.2f} s")
