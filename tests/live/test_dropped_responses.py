# SPDX-License-Identifier: Apache-2.0
"""A fifth of the hub's responses is lost after the hub's commit (R2): the agents send again, each record has effect
once, and the hub shows what the printers hold, to the page."""
import random

import msgpack
import pytest
import zstandard

import lab
from columns import records_in_columns
from conftest import count, hub_records, until
from hub_proxy import HubProxy
from ledger import doubled_records
from test_hub import Agent, Client

PRINTERS = 6  # of each agent
LOST = 0.2    # of the responses
SEQ = 1       # key of a record, proto/wire/SCHEMA.md
BODY_MAX = 1 << 20  # of a batch, uncompressed or in columns


@pytest.fixture
def make_proxy(world):
    made = []

    def make(*args, **more):
        made.append(HubProxy(world.certs(), *args, **more))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


def records_of(body, encoding):
    """The records of a batch: as they are (0), in a zstd frame (1), in a zstd frame of columns (2)."""
    if encoding > 0:
        body = zstandard.ZstdDecompressor().decompress(body, BODY_MAX)
    if encoding == 2:
        return records_in_columns(body)
    reader = msgpack.Unpacker(strict_map_key=False)
    reader.feed(body)
    return list(reader)


def arrivals(bodies):
    """How often each record arrived: (agent, epoch, number) -> times."""
    times = {}
    for body in bodies:
        _, _, _, head, packed, _ = msgpack.unpackb(body)
        head = msgpack.unpackb(head, strict_map_key=False)
        for record in records_of(packed, encoding=head[7]):
            key = head[1], head[2], record[SEQ]
            times[key] = times.get(key, 0) + 1
    return times


def range_of(sim, number):
    return f"    - range: {sim.address(number * PRINTERS)}-{sim.address((number + 1) * PRINTERS - 1)}\n" \
           f"      port: {sim.info['port']}\n"


def test_lost_responses_double_nothing(world, hub, make_proxy):
    chance = random.Random(20261130)
    agents, batches = count("DROP_AGENTS"), count("DROP_BATCHES")
    proxy = make_proxy(hub.port, swallows=lambda status: chance.random() < LOST, keeps_bodies=True)
    sim = world.sim(PRINTERS * agents, "--job-interval", "1s")
    fleet = []
    for number in range(agents):
        config = world.agent_config(sim, proxy.port, hub.secret, targets=range_of(sim, number),
                                    devices_extra="  interval: 1s\n", extra="sync:\n  interval: 1s\n")
        fleet.append((config, world.agent(config)))
    until(hub, lambda: proxy.statuses.get(200, 0) >= batches and proxy.swallowed > 0, 7200)
    proxy.swallows = lambda status: False
    for config, agent in fleet:
        assert agent.stop() == 0, lab.tail(agent.log)
        code, summary, _ = world.once(config)
        assert code == 0 and summary["complete"] == PRINTERS, lab.tail(world.dir / f"{config.stem}.log")

    assert set(proxy.statuses) == {200}, proxy.statuses
    arrived, records = arrivals(proxy.bodies), hub_records(hub.config)
    assert doubled_records(records) == []
    assert {(epoch, seq) for _, epoch, seq in arrived} == set(records)
    # Positive control: what would have been counted twice without the numbers of records.
    repeated = sum(arrived.values()) - len(arrived)
    assert repeated > 0
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (PRINTERS * agents, 0, [])
    print(f"{proxy.statuses[200]} batches of {agents} agents, {proxy.swallowed} responses lost, {len(records)} records "
          f"stored, {repeated} came again, 0 doubled; {PRINTERS * agents} printers equal to the simulator")


def test_same_numbers_with_another_body_are_refused(world, hub):
    """409, and the stored body stays as it was."""
    agent = Agent(world.dir)
    client = Client(world, hub.port, "agent1", hub.secret)
    assert client.post(agent.batch([agent.record(1, total=100), agent.record(2, "mac:aa", 5)], 1))[0] == 200
    before, devices = hub_records(hub.config), world.devices(hub.config)
    for records in ([agent.record(1, total=101)], [agent.record(2, "mac:aa", 6)],
                    [agent.record(1, total=100), agent.record(2, "mac:ab", 5)],
                    [agent.record(2, "mac:aa", 6), agent.record(3, "mac:ac", 7)]):
        first = msgpack.unpackb(records[0], strict_map_key=False)[SEQ]
        assert client.post(agent.batch(records, first))[0] == 409
        assert hub_records(hub.config) == before
    assert world.devices(hub.config) == devices
    assert client.post(agent.batch([agent.record(3, "mac:ac", 7)], 3))[0] == 200
