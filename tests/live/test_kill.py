# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the agent and of the hub while readings flow: every stored record arrives once (R1, R2).

The ledger: after every kill the agent's store is read from outside, and each record found there must
be at the hub in the end, byte for byte. Record numbers leave no gap. No device has two records of the
same read. What the hub shows at last is what the printers hold."""
import random
import shutil
import socket

import msgpack

import lab
from conftest import count, database, hub_records, state_dir

SEED = 20261122
READ_AT, DEVICE_KEY = 2, 6  # keys of a record, proto/wire/SCHEMA.md


def spooled(config, work):
    """The records in the agent's store: (epoch is one for all) seq -> frame. Read from a copy, as
    the store belongs to the agent."""
    state = state_dir(config)
    if not (state / "store.db").exists():
        return {}
    copy = work / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in ("store.db", "store.db-wal"):
        if (state / name).exists():
            shutil.copy(state / name, copy / name)
    with database(copy / "store.db", is_writing=True) as db:
        return {seq: bytes(frame) for seq, frame in db.execute("SELECT id, frame FROM record")}


def judge_ledger(seen, records):
    """(lost, doubled): compares the records once on the agent's disk with those stored at the hub."""
    numbers = sorted(seq for _, seq in records)
    by_number = {seq: body for (_, seq), body in records.items()}
    lost = [seq for seq, frame in seen.items() if by_number.get(seq, b"?") not in frame]
    lost += [seq for seq in range(1, (numbers or [0])[-1] + 1) if seq not in by_number]
    reads, doubled = set(), []
    for (_, seq), body in records.items():
        record = msgpack.unpackb(body, strict_map_key=False)
        read = (record[DEVICE_KEY], record[READ_AT])
        if read in reads:
            doubled.append(seq)
        reads.add(read)
    return sorted(set(lost)), doubled


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def test_kill_9_loses_nothing_and_doubles_nothing(world):
    chance = random.Random(SEED)
    rounds = count("KILL_ROUNDS")
    # The hub comes back where it was: the kernel chose the port once.
    hub_config = world.hub_config(port=free_port())
    hub = world.hub(hub_config)
    secret = world.add_agent(hub_config, "agent1")
    sim = world.sim(40, "--job-interval", "1s")
    config = world.agent_config(sim, hub.port, secret, devices_extra="  interval: 1s\n",
                                extra="sync:\n  interval: 1s\n")
    seen = {}
    kills = {"platen": 0, "platen-hub": 0}
    for number in range(rounds):
        agent = world.agent(config)
        victim = chance.choice((agent, hub))
        # Some work first, so that kills fall into different phases of it.
        assert victim.runs_for(chance.uniform(0.05, 2.5)), lab.tail(victim.log)
        victim.kill()
        kills[victim.name] += 1
        if victim is hub:
            seen.update(spooled(config, world.dir))
            agent.kill()
            hub = world.hub(hub_config)
        seen.update(spooled(config, world.dir))
    # The end: everything that is left goes over, and one more look at each printer.
    code, summary, _ = world.once(config)
    assert code == 0, lab.tail(world.dir / f"{config.stem}.log")
    assert summary["complete"] == 40
    records = hub_records(hub_config)
    assert len({epoch for epoch, _ in records}) == 1
    lost, doubled = judge_ledger(seen, records)
    assert (lost, doubled) == ([], [])
    assert len(records) > 40 and spooled(config, world.dir) == {}
    assert lab.compare_fleet(sim, world.devices(hub_config)) == (40, 0, [])
    print(f"{rounds} rounds {kills}, {len(records)} records, {len(seen)} seen in the spool")

    # Positive control: the ledger notices one record gone and one that had effect twice.
    some = sorted(records)
    gone = {k: v for k, v in records.items() if k != some[len(some) // 2]}
    assert judge_ledger(seen, gone)[0]
    epoch, last = some[-1]
    twice = {**records, (epoch, last + 1): records[some[-2]]}
    assert judge_ledger(seen, twice)[1]
