# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the agent and of the hub while readings flow: every stored record arrives once (R1, R2).

The ledger (ledger.py): after every kill the agent's store is read from outside, and each record found there must be
at the hub in the end, byte for byte or superseded. No device has two records of the same poll. What the hub shows at
last is what the printers hold."""
import random
import socket

import lab
from conftest import count, hub_records
from ledger import balance, doubled_records, lost_records, spooled

SEED = 20261122


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
        assert victim.runs_for(chance.uniform(0.05, 1.5)), lab.tail(victim.log)
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
    assert (lost_records(seen, records), doubled_records(records)) == ([], [])
    kept, found = balance(config, world.dir)
    assert kept == found >= len(records), "the balance does not hold"
    assert len(records) > 40 and spooled(config, world.dir) == {}
    assert lab.compare_fleet(sim, world.devices(hub_config)) == (40, 0, [])
    print(f"{rounds} rounds {kills}, {len(records)} records, {len(seen)} seen in the spool")

    # Positive control: the ledger notices one record gone and one that had effect twice.
    last = max(records)
    gone = {key: body for key, body in records.items() if key != last}
    assert last[1] in lost_records({**seen, last[1]: bytes(24) + records[last]}, gone)
    assert doubled_records({**records, (last[0], last[1] + 1): records[last]}) == [last[1] + 1]
