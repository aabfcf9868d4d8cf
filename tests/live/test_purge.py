# SPDX-License-Identifier: Apache-2.0
"""`platen purge` leaves nothing of the agent in its state directory (S97), `platen reset-identity` makes it
another agent (S65); both refuse beside a daemon."""
import json

from conftest import state_dir

OK, FAILED, USAGE, TEMPORARY, CONFIG = 0, 1, 2, 75, 78


def platen(world, verb, config, *options):
    return world.run(world.bin("platen"), verb, *options, "--config", config, check=False)


def content(folder):
    """The bytes of every file below the folder, and its names."""
    files = [f for f in folder.rglob("*") if f.is_file()]
    return b"".join(f.read_bytes() + str(f).encode() for f in files)


def test_purge_leaves_nothing_of_the_agent(world):
    sim = world.sim(3)
    config = world.agent_config(sim)
    assert platen(world, "once", config).returncode == OK
    state = state_dir(config)
    report = json.loads(platen(world, "report", config, "--format", "json").stdout)
    serials = [d["identity"]["serial"].encode() for d in report["devices"]]
    agent = json.loads((state / "status.json").read_text())["agent_id"].encode()
    # A spool that was damaged, and a file of the operator.
    (state / "store.damaged-20261130T120000Z").write_bytes(serials[0])
    (state / "notes.txt").write_text("rack 7")
    before = content(state)
    assert all(word in before for word in [*serials, agent]) and len(serials) == 3
    for options in ((), ("--json",)):
        got = platen(world, "purge", config, *options)
        assert got.returncode == USAGE and "confirm it with --yes" in got.stderr, got
    assert content(state) == before
    got = platen(world, "purge", config, "--yes")
    assert got.returncode == OK and "stays    notes.txt: not a file of platen" in got.stdout, got
    after = content(state)
    assert [f.name for f in state.iterdir()] == ["notes.txt"]
    assert not any(word in after for word in [*serials, agent])
    got = platen(world, "purge", config, "--yes", "--json")
    assert got.returncode == OK and json.loads(got.stdout)["entries"][0]["result"] == "not-of-platen"


def test_purge_and_reset_identity_refuse_beside_a_daemon(world):
    config = world.agent_config(world.sim(1))
    world.agent(config)
    for verb, rest in (("purge", "nothing was removed"), ("reset-identity", "the identity is as it was")):
        got = platen(world, verb, config, "--yes")
        assert got.returncode == TEMPORARY, got
        assert "is in use by process" in got.stderr and rest in got.stderr
    assert (state_dir(config) / "store.db").exists()
    missing = world.dir / "missing.yaml"
    assert platen(world, "purge", missing, "--yes").returncode == CONFIG


def test_reset_identity_makes_another_agent(world, hub):
    config = world.agent_config(world.sim(2), hub.port, hub.secret)
    got = platen(world, "reset-identity", config, "--yes")
    assert got.returncode == FAILED and "no agent has run here" in got.stderr, got
    assert world.once(config)[0] == OK
    state = state_dir(config)
    first, key = (state / "agent.id").read_text(), (state / "agent.key").read_text()
    assert platen(world, "reset-identity", config).returncode == USAGE
    assert (state / "agent.id").read_text() == first
    got = platen(world, "reset-identity", config, "--yes", "--json")
    assert got.returncode == OK, got
    second = json.loads(got.stdout)["agent"]
    assert second != first.strip() == (first[:32]) and (state / "agent.id").read_text() == second + "\n"
    code, summary, _ = world.once(config)
    assert code == OK and summary["sent"] == 2
    assert (state / "agent.key").read_text() != key
    assert (state / "agent.id").read_text() == second + "\n"
    log = hub.log.read_text()
    assert first.strip() in log and second in log
