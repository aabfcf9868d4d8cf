# SPDX-License-Identifier: Apache-2.0
"""Verbs that operators use beside the daemon: each one's good path and its failures with their exit codes."""
import json
import re
import signal

from conftest import state_dir, until

OK, FAILED, USAGE, UNAVAILABLE, TEMPORARY, PERMISSION, CONFIG = 0, 1, 2, 69, 75, 77, 78
LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"
FAR = "sync:\n  interval: 10h\n"
OFTEN = "  interval: 2s\n"


def platen(world, verb, config, *options):
    return world.run(world.bin("platen"), verb, *options, "--config", config, check=False)


def test_sync_now_sends_what_is_kept(world, hub):
    sim = world.sim(2, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret, extra=FAR, devices_extra=OFTEN)
    got = platen(world, "sync-now", config)
    assert got.returncode == UNAVAILABLE and "no daemon runs here" in got.stderr, got
    assert "platen once --sync" in got.stderr
    agent = world.agent(config)
    sent = []

    def is_sent():
        got = platen(world, "sync-now", config, "--json")
        assert got.returncode == OK, got
        sent.append(json.loads(got.stdout))
        return sum(one["records"] for one in sent) == 2

    until(agent, is_sent)
    assert len(world.devices(hub.config)) == 2
    got = platen(world, "sync-now", config)
    assert (got.returncode, got.stdout) == (OK, "nothing to send: all readings are at the hub\n")


def test_sync_now_ends_with_the_reason_of_a_failed_sync(world, hub):
    sim = world.sim(1, "--job-interval", "0")
    wrong = world.agent_config(sim, hub.port, "not the secret", extra=FAR,
                               devices_extra=OFTEN)
    agent = world.agent(wrong)
    until(agent, lambda: json.loads(platen(world, "status", wrong, "--json").stdout)["spool"]["pending"] > 0)
    got = platen(world, "sync-now", wrong, "--json")
    assert got.returncode == PERMISSION and "401" in got.stderr, got
    assert json.loads(got.stdout)["error"] == "authentication-refused"
    agent.stop()
    none = world.agent_config(sim)
    world.agent(none)
    got = platen(world, "sync-now", none)
    assert got.returncode == CONFIG and "no hub is configured" in got.stderr, got


def test_sync_now_refuses_wrong_options(world):
    config = world.agent_config(world.sim(1))
    got = platen(world, "sync-now", config, "--timeout", "never")
    assert got.returncode == USAGE and "--timeout takes a duration" in got.stderr
    got = platen(world, "sync-now", world.dir / "missing.yaml")
    assert got.returncode == CONFIG and "missing.yaml" in got.stderr


def test_once_syncs_only_when_the_schedule_says_so(world, hub):
    """As from cron: the first run syncs, the next ones wait for the schedule, --sync does not."""
    sim = world.sim(2, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret, extra=FAR, devices_extra=OFTEN)
    first = json.loads(platen(world, "once", config, "--json").stdout)
    assert (first["sync_due"], first["batches"], first["pending"]) == (True, 1, 0)
    sim.command(cmd="set", printer=0, oid=LIFE, type="counter", value=4000000)
    got = platen(world, "once", config)
    assert got.returncode == OK and "no sync is due before 20" in got.stdout, got
    waits = json.loads(platen(world, "once", config, "--json").stdout)
    assert (waits["sync_due"], waits["sent"]) == (False, 0) and waits["pending"] > 0
    assert waits["next_sync_ms"] > first["next_sync_ms"] - 1
    code, forced, _ = world.once(config)
    assert (code, forced["pending"]) == (OK, 0) and forced["sent"] >= waits["pending"]
    life = [m["value"] for d in world.devices(hub.config) for m in d["meters"] if m.get("oid") == LIFE]
    assert 4000000 in life
    # The next process knows what the spool has kept: nothing has changed, nothing is sent again.
    code, same, _ = world.once(config)
    assert (code, same["kept"], same["sent"], same["unchanged"]) == (OK, 0, 0, 2)
    # After a sync that failed for a reason that passes, the next run tries again.
    hub.stop()
    sim.command(cmd="set", printer=0, oid=LIFE, type="counter", value=5000000)
    code, failed, _ = world.once(config)
    assert code == TEMPORARY and failed["sync_error"]
    again = json.loads(platen(world, "once", config, "--json").stdout)
    assert again["sync_due"] and again["sync_error"]


def data_of(line):
    """The performance data of a plugin's line: {label: value}."""
    return dict(pair.split(";")[0].split("=") for pair in line.split(" | ")[1].split())


def test_check_speaks_the_codes_of_a_monitoring_plugin(world, hub):
    sim = world.sim(4, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret, extra=FAR, devices_extra=OFTEN)
    got = platen(world, "check", config)
    assert (got.returncode, got.stdout[:28]) == (2, "PLATEN CRITICAL: no daemon h"), got
    agent = world.agent(config)
    until(agent, lambda: "4 of 4 printers read" in platen(world, "check", config).stdout)
    assert platen(world, "sync-now", config).returncode == OK
    got = platen(world, "check", config)
    assert got.returncode == 0 and got.stdout.count("\n") == 1, got
    assert got.stdout.startswith("PLATEN OK: 4 of 4 printers read; last sync now")
    data = data_of(got.stdout)
    assert (data["printers"], data["read"], data["coverage"]) == ("4", "4", "100%")
    assert " coverage=100%;90:;50:;0;100 sync_age=" in got.stdout
    until(agent, lambda: platen(world, "check", config, "--warning", "sync=0").returncode == 1)
    until(agent, lambda: platen(world, "check", config, "--critical", "sync=0").returncode == 2)
    agent.signal(signal.SIGSTOP)
    try:
        got = platen(world, "check", config)
    finally:
        agent.signal(signal.SIGCONT)
    assert got.returncode == 2 and "does not respond" in got.stdout, got
    agent.stop()
    got = platen(world, "check", config)
    assert got.returncode == 2 and "does not run" in got.stdout and "|" not in got.stdout, got


def test_check_of_timed_runs_needs_no_daemon(world, hub):
    """A timer runs `platen once`: its last run and sync are compared with the clock."""
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == OK
    got = platen(world, "check", config)
    assert got.returncode == 0 and got.stdout.startswith("PLATEN OK: platen once ran now; 3 of 3 printers read"), got
    assert data_of(got.stdout)["coverage"] == "100%"
    path = state_dir(config) / "status.json"
    fresh = path.read_text()

    def aged(hours, *names):
        told = json.loads(fresh)
        for name in names:
            told[name] -= hours * 3_600_000
        told["hub"]["last_sync_ms"] -= hours * 3_600_000
        path.write_text(json.dumps(told))
        return platen(world, "check", config)

    for hours, code in ((25, 0), (27, 1), (51, 2)):
        got = aged(hours, "written_ms")
        assert got.returncode == code and " ago; 3 of 3" in got.stdout, (hours, got)
        # The timer runs, and no sync succeeds.
        got = aged(hours)
        assert got.returncode == code, (hours, got)
        assert re.search(r"platen once ran (now|\d+ s ago);", got.stdout), (hours, got)
    path.write_text(fresh)
    # From its start on a daemon is expected.
    assert world.agent(config).stop() == OK
    got = platen(world, "check", config)
    assert got.returncode == 2 and "the daemon does not run" in got.stdout, got


def test_check_is_unknown_where_it_cannot_say(world):
    config = world.agent_config(world.sim(1))
    for wrong in ("coverage", "sync=soon", "coverage=101", "pages=3"):
        got = platen(world, "check", config, "--warning", wrong)
        assert got.returncode == 3 and "takes a list such as" in got.stderr, (wrong, got)
    assert platen(world, "check", config, "--no-such-option").returncode == 3
    got = platen(world, "check", world.dir / "missing.yaml")
    assert got.returncode == 3 and got.stdout.startswith("PLATEN UNKNOWN"), got
