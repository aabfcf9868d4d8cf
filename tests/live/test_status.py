# SPDX-License-Identifier: Apache-2.0
"""`platen status` says what is true of an agent that runs, is suspended, was stopped, was killed or never
ran, and its exit code says it too (S89-S92)."""
import json
import shutil
import signal

from conftest import state_dir, until

SHORT = "  interval: 1s\n"
RUNS, ENDED, MUTE = 0, 69, 75


def state(world, config):
    """Exit code and JSON of one call, for a state that is awaited."""
    got = world.run(world.bin("platen"), "status", "--json", "--config", config, check=False)
    return got.returncode, json.loads(got.stdout) if got.stdout else None


def status(world, config):
    """Exit code, JSON and page of a state that lasts; both calls must agree about the exit code."""
    code, said = state(world, config)
    page = world.run(world.bin("platen"), "status", "--config", config, check=False)
    assert code == page.returncode, (code, said, page)
    return code, said, page.stdout + page.stderr


def test_status_of_a_killed_agent_is_not_0(world):
    config = world.agent_config(world.sim(3), devices_extra=SHORT)
    agent = world.agent(config)
    code, said, page = status(world, config)
    assert (code, said["running"], said["pid"], said["state"]) == (RUNS, True, agent.pid, "run")
    assert "is running" in page
    until(agent, lambda: (state_dir(config) / "status.json").exists())
    agent.kill()
    world.programs.remove(agent)
    code, said, page = status(world, config)
    assert (code, said["running"]) == (ENDED, False)
    assert "is NOT running: it ended without a stop" in page


def test_status_of_a_stopped_agent_is_not_0(world):
    config = world.agent_config(world.sim(3), devices_extra=SHORT)
    world.agent(config).stop()
    code, said, page = status(world, config)
    assert (code, said["running"], said["state"]) == (ENDED, False, "stop")
    assert "is NOT running: it was stopped" in page


def test_status_of_a_suspended_agent_is_not_0(world):
    config = world.agent_config(world.sim(3), devices_extra=SHORT)
    agent = world.agent(config)
    agent.signal(signal.SIGSTOP)
    try:
        code, said, page = status(world, config)
    finally:
        agent.signal(signal.SIGCONT)
    assert (code, said["running"], said["state"], said["pid"]) == (
        MUTE, True, "not-responding", agent.pid)
    assert "is NOT responding" in page
    until(agent, lambda: state(world, config)[0] == RUNS)


def test_status_after_a_restart_is_not_of_the_last_run(world):
    """status.json still is of the run before: the second agent has written none."""
    config = world.agent_config(world.sim(3), devices_extra=SHORT)
    first = world.agent(config)
    until(first, lambda: (state_dir(config) / "status.json").exists())
    first.stop()
    before = json.loads((state_dir(config) / "status.json").read_text())
    assert before["pid"] == first.pid
    second = world.agent(config)
    code, said, _ = status(world, config)
    assert (code, said["pid"], said["state"]) == (RUNS, second.pid, "run")
    assert said["started_ms"] > before["started_ms"]


def test_no_daemon_has_run_is_said_only_where_it_is_true(world):
    config = world.agent_config(world.sim(3), devices_extra=SHORT)
    code, said, page = status(world, config)
    assert (code, said) == (ENDED, None) and "no daemon has run here yet" in page
    agent = world.agent(config)
    agent.stop()
    (state_dir(config) / "status.json").unlink()
    code, said, page = status(world, config)
    assert (code, said) == (ENDED, None)
    assert "no daemon has run" not in page and "status.json" in page
    shutil.rmtree(state_dir(config))
    assert "no daemon has run here yet" in status(world, config)[2]


def test_a_sync_that_sends_nothing_writes_no_info_line(world, hub):
    """Ten syncs: the first sends all, the others nothing, as nothing changes."""
    config = world.agent_config(world.sim(3, "--job-interval", "0"), hub.port, hub.secret,
                                extra="sync:\n  interval: 1s\n")
    agent = world.agent(config)
    until(agent, lambda: state(world, config)[1]["hub"]["sent"] >= 3)
    ends = agent.log.read_text().count("mod=uplink")
    last = status(world, config)[1]["hub"]["next_sync_ms"]
    for _ in range(4):
        until(agent, lambda: state(world, config)[1]["hub"]["next_sync_ms"] > last)
        last = status(world, config)[1]["hub"]["next_sync_ms"]
    assert agent.log.read_text().count("mod=uplink") == ends, agent.log.read_text()


def test_failure_and_success_of_the_hub_have_their_own_times(world, hub):
    """The hub goes: the failure has its time and reason, the last contact keeps its own."""
    config = world.agent_config(world.sim(3, "--job-interval", "1s"), hub.port, hub.secret,
                                devices_extra=SHORT, extra="sync:\n  interval: 1s\n")
    agent = world.agent(config)
    until(agent, lambda: state(world, config)[1]["hub"]["last_sync_ms"] > 0)
    said = status(world, config)[1]["hub"]
    assert said["last_failure_ms"] == 0 and said["last_contact_ms"] > 0
    hub.stop()
    until(agent, lambda: state(world, config)[1]["hub"]["last_failure_ms"] > 0)
    said = status(world, config)[1]["hub"]
    assert said["last_failure_ms"] > said["last_contact_ms"] >= said["last_sync_ms"] - 1000
    assert said["failure"] == said["last_result"] != "ok"
    page = world.run(world.bin("platen"), "status", "--config", config).stdout
    line = next(line for line in page.splitlines() if line.startswith("last failure"))
    assert said["failure"] in line
    assert not any(said["failure"] in line for line in page.splitlines()
                   if line.startswith("last contact"))


def test_suspended_agent_without_a_control_socket_is_not_0(world):
    """The path of the state directory is longer than a socket's may be: the age of status.json decides."""
    folder = world.dir / ("long" * 25)
    config = world.agent_config(world.sim(3), devices_extra=SHORT, state=folder)
    agent = world.agent(config)
    assert "no control socket" in agent.log.read_text()
    until(agent, lambda: state(world, config)[0] == RUNS)
    agent.signal(signal.SIGSTOP)
    try:
        file = folder / "status.json"
        said = json.loads(file.read_text())
        said["written_ms"] -= 600_000
        file.write_text(json.dumps(said))
        code, said, _ = status(world, config)
    finally:
        agent.signal(signal.SIGCONT)
    assert (code, said["running"], said["state"]) == (MUTE, True, "not-responding")
