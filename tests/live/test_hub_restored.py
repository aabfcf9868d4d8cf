# SPDX-License-Identifier: Apache-2.0
"""A hub whose store is an older copy of itself: it says which records it has lost, keeps that in its
audit, and requests full states; and an agent whose store is one gets a new epoch (R3)."""
import shutil

from conftest import hub_records, state_dir


LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"


def print_more(sim, value):
    for number in range(sim.printers):
        sim.command(cmd="set", printer=number, oid=LIFE, type="counter", value=value)


def once(world, config):
    code, summary, _ = world.once(config)
    assert code == 0 and summary["sync_error"] is None, summary
    return summary


def test_restored_hub_names_what_it_lost(world):
    config = world.hub_config()
    hub = world.hub(config)
    secret = world.add_agent(config, "agent1")
    sim = world.sim(3)
    port = hub.port
    agent = world.agent_config(sim, port, secret)
    assert once(world, agent)["sent"] == 3
    assert hub.stop() == 0
    state = world.dir / "hub-state"
    shutil.copytree(state, world.dir / "backup")
    # Records of the time after the backup.
    config.write_text(config.read_text().replace("port: 0", f"port: {port}"))
    hub = world.hub(config)
    for value in (9_100_000, 9_200_000):
        print_more(sim, value)
        assert once(world, agent)["sent"] > 0
    assert hub.stop() == 0
    shutil.rmtree(state)
    shutil.copytree(world.dir / "backup", state)
    since = len((world.dir / "hub.log").read_text())
    hub = world.hub(config)
    print_more(sim, 9_300_000)
    once(world, agent)
    log = (world.dir / "hub.log").read_text()[since:]
    lost = [line for line in log.splitlines() if "lost_first=" in line]
    assert len(lost) == 1 and "lost_first=4 " in lost[0] and "level=error" in lost[0], log
    audit = world.run(world.bin("platen-hub"), "audit", "show", "--config", config).stdout
    assert "records-lost" in audit, audit
    # The next full states close the gap; nothing is told twice.
    print_more(sim, 9_400_000)
    once(world, agent)
    assert (world.dir / "hub.log").read_text()[since:].count("lost_first=") == 1
    assert len(world.devices(config)) == 3
    assert hub.stop() == 0


def test_store_restored_into_the_same_file_gets_a_new_epoch(world, hub):
    """As a snapshot of a virtual machine does: the file keeps its inode and its birth."""
    sim = world.sim(3)
    agent = world.agent_config(sim, hub.port, hub.secret)
    once(world, agent)
    store = state_dir(agent) / "store.db"
    older = store.read_bytes()
    print_more(sim, 9_100_000)
    once(world, agent)
    before = len(hub_records(hub.config))
    for name in ("store.db-wal", "store.db-shm"):
        (state_dir(agent) / name).unlink(missing_ok=True)
    with open(store, "r+b") as f:
        f.write(older)
        f.truncate(len(older))
    print_more(sim, 9_200_000)
    summary = once(world, agent)
    assert summary["sent"] > 0
    assert "new epoch" in (world.dir / f"{agent.stem}.log").read_text()
    assert len(hub_records(hub.config)) == before + summary["sent"]
