# SPDX-License-Identifier: Apache-2.0
"""How each device was read last, as the hub shows it: read without a change, silent, never read."""
import json

from test_audit import entries, of_kind
from test_hub import Client


def shown(world, hub):
    got = world.run(world.bin("platen-hub"), "devices", "--json", "--config", hub.config)
    return json.loads(got.stdout)


def numbered(sim, document):
    return {sim.number_of(d["address"]): d for d in document["devices"]}


def test_unchanged_silent_and_unread_devices_are_told(world, hub):
    sim = world.sim(4)
    nothing = "127.0.0.77"  # nothing responds there
    targets = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n" \
              f"    - range: {nothing}\n      port: {sim.info['port']}\n"
    config = world.agent_config(sim, hub.port, hub.secret, targets=targets)
    world.once(config)
    first = shown(world, hub)
    assert first["coverage"] == [{"site": "Lab", "known": 5, "complete": 4, "unread": 1,
                                  "reported_at_ms": first["coverage"][0]["reported_at_ms"]}]
    unread = first["unread"]
    assert [(u["address"], u["last_attempt"]) for u in unread] == \
        [(f"{nothing}:{sim.info['port']}", "not-responding")]
    before = numbered(sim, first)
    assert all(d["last_attempt"] == "complete" for d in before.values())

    sim.command(cmd="stop", printer=2)
    world.once(config)
    after = numbered(sim, shown(world, hub))
    silent = after[2]
    assert silent["last_attempt"] == "not-responding"
    # A second is the resolution of coverage.
    assert abs(silent["silent_since_ms"] - before[2]["last_complete_ms"]) < 1500
    assert silent["last_attempt_ms"] > before[2]["last_attempt_ms"]
    for number in (0, 1, 3):
        assert after[number]["last_attempt"] == "complete"
        assert after[number]["last_complete_ms"] > before[number]["last_complete_ms"]
        assert "silent_since_ms" not in after[number]

    table = world.run(world.bin("platen-hub"), "devices", "--config", hub.config).stdout
    assert 'coverage of site "Lab": 4 of 5 devices were read completely in the last 24 hours (80.0 %), 1 never' \
        in table
    assert f"never read: {nothing}:{sim.info['port']} (not-responding" in table


def test_only_refused_coverage_is_in_the_audit(world, hub):
    world.once(world.agent_config(world.sim(1), hub.port, hub.secret))
    assert shown(world, hub)["coverage"][0]["complete"] == 1
    client = Client(world, hub.port, "agent1", hub.secret)
    assert client.post(b"\xc1", path="/v1/coverage",
                       **{"Content-Type": "application/vnd.platen.coverage+msgpack"})[0] == 422
    audit = entries(world, "platen-hub", hub.config)
    assert [e["result"] for e in of_kind(audit, "upload")] == ["ok"]
    refused, = of_kind(audit, "coverage")
    assert refused["result"] != "ok" and refused["who"].startswith("agent1 from 127.") and "refused=" in refused["what"]
