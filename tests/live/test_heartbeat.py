# SPDX-License-Identifier: Apache-2.0
"""Heartbeats between syncs: both ends show them, a forged or repeated one changes nothing, an older hub gets one, and
with sync.heartbeat: off or send: off none is sent."""
import contextlib
import json
import shutil

import msgpack

from conftest import database, state_dir, until
from hub_proxy import HubProxy
from test_audit import entries, of_kind
from test_hub import Agent, Client, Signer, sha256, verifies
from test_reload import reload_it, status, sync_now

LIFE = "1.3.6.1.2.1.43.10.2.1.4.1.1"
HEARTBEAT = "application/vnd.platen.heartbeat+msgpack"
WANTS_FULL, HAS_LOST = 1, 2


def agents(world, hub):
    got = world.run(world.bin("platen-hub"), "agents", "--json", "--config", hub.config)
    return [json.loads(line) for line in got.stdout.splitlines()]


def config_of(world, sim, port, secret, heartbeat):
    return world.agent_config(sim, port, secret, name="agent", devices_extra="  interval: 1s\n",
                              extra=f"sync:\n  interval: 7d\n  heartbeat: {heartbeat}\n")


def cycles(world, config):
    return status(world, config)["devices"]["cycle"]


def test_heartbeats_are_shown_at_both_ends(world, hub):
    with contextlib.closing(HubProxy(world.certs(), hub.port)) as proxy:
        config = config_of(world, world.sim(2), proxy.port, hub.secret, "1s")
        agent = world.agent(config)
        until(agent, lambda: status(world, config)["devices"]["complete"] == 2)
        assert not proxy.heartbeats  # the hub's key is not pinned yet
        sync_now(world, config)
        until(agent, lambda: agents(world, hub)[0]["heartbeat"] is not None)
        said = agents(world, hub)[0]
        beat = said["heartbeat"]
        assert said["account"] == "agent1" and said["site"] == "Lab" and not said["silent"]
        assert said["software"].startswith("platen/") and said["last_contact_ms"] >= said["last_sync_ms"] > 0
        assert (beat["known"], beat["complete"], beat["failed"], beat["interval_s"]) == (2, 2, 0, 1)
        assert beat["next_sync_ms"] > beat["last_sync_ms"] > 0 and abs(beat["clock_skew_ms"]) < 60000
        until(agent, lambda: status(world, config)["hub"]["last_heartbeat_ms"] > 0)
        here = status(world, config)["hub"]
        assert here["clock_skew"].endswith(" s") and here["heartbeat_interval_ms"] == 1000
        assert here["last_sync_ms"] == beat["last_sync_ms"]
        assert max(map(len, proxy.heartbeats)) <= 300
        table = world.run(world.bin("platen-hub"), "agents", "--config", hub.config).stdout
        assert said["agent_id"][:8] in table and " ok " in table and "2/2" in table

        reload_of(world, agent, config, "1s", "off")
        here = status(world, config)["hub"]
        assert here["heartbeat_interval_ms"] == 0
        assert agent.stop() == 0
    # One an hour would flood the ledgers.
    assert not of_kind(entries(world, "platen", config), "heartbeat")
    assert len(of_kind(entries(world, "platen-hub", hub.config), "upload")) == 1


def reload_of(world, agent, config, old, new):
    config.write_text(config.read_text().replace(f"heartbeat: {old}", f"heartbeat: {new}"))
    assert 'key=sync.heartbeat what="changed: takes effect now"' in reload_it(agent, "what=reloaded")


def test_none_is_sent_when_off(world, hub):
    with contextlib.closing(HubProxy(world.certs(), hub.port)) as proxy:
        config = config_of(world, world.sim(1), proxy.port, hub.secret, "off")
        agent = world.agent(config)
        until(agent, lambda: status(world, config)["devices"]["complete"] == 1)
        sync_now(world, config)
        config.write_text(config.read_text() + "send: off\n")
        reload_it(agent, "what=reloaded")
        reload_of(world, agent, config, "off", "1s")
        seen = cycles(world, config)
        until(agent, lambda: cycles(world, config) >= seen + 2)  # of a second each
        assert not proxy.heartbeats and agents(world, hub)[0]["heartbeat"] is None
        # The control: with both on they come.
        config.write_text(config.read_text().replace("send: off\n", ""))
        reload_it(agent, "what=reloaded")
        until(agent, lambda: proxy.heartbeats)
        assert agent.stop() == 0


def test_an_older_hub_gets_one_heartbeat(world, hub):
    with contextlib.closing(HubProxy(world.certs(), hub.port, missing="/v1/heartbeat")) as proxy:
        config = config_of(world, world.sim(1), proxy.port, hub.secret, "1s")
        agent = world.agent(config)
        until(agent, lambda: status(world, config)["devices"]["complete"] == 1)
        sync_now(world, config)
        agent.wait_for_log("reads no heartbeats", 60)
        seen = cycles(world, config)
        until(agent, lambda: cycles(world, config) >= seen + 2)
        assert len(proxy.heartbeats) == 1
        assert agent.log.read_text().count("reads no heartbeats") == 1
        sync_now(world, config)
        assert status(world, config)["hub"]["last_result"] == "ok"
        assert agent.stop() == 0


class Beats:
    """An agent in another language."""

    def __init__(self, world, hub):
        self.folder, self.agent = world.dir, Agent(world.dir)
        self.client = Client(world, hub.port, "agent1", hub.secret)

    def body(self, number, signer=None, **fields):
        signer = signer or self.agent.signer
        head = {1: self.agent.id, 2: self.agent.epoch, 3: number, 4: self.agent.now_ms + 5000, 5: 3, 6: "python/1",
                7: 3600}
        head.update({int(k[1:]): v for k, v in fields.items()})
        head = msgpack.packb(head)
        self.signed = b"platen-heartbeat-1\0" + sha256(head) + sha256(b"")
        return msgpack.packb([1, 1, signer.key_id, head, b"", signer.sign(self.signed)])

    def post(self, body):
        return self.client.post(body, path="/v1/heartbeat", **{"Content-Type": HEARTBEAT})

    def work(self, body, hub_key):
        """The verified response's bits."""
        status_, headers, answer = self.post(body)
        assert status_ == 200 and headers["Content-Type"] == "application/vnd.platen.heartbeat-response+msgpack"
        version, alg, key_id, inner, signature = msgpack.unpackb(answer)
        assert (version, alg, key_id) == (1, 1, sha256(hub_key)[:8])
        assert verifies(self.folder, hub_key, b"platen-heartbeat-response-1\0" + sha256(inner), signature)
        fields = msgpack.unpackb(inner, strict_map_key=False)
        assert fields[1] == sha256(self.signed)
        return fields.get(3, 0)


def test_forged_and_repeated_heartbeats_change_nothing(world, hub):
    beats = Beats(world, hub)
    now = beats.agent.now_ms
    assert beats.post(beats.body(now))[0] == 422  # no record has come
    answer = beats.client.post(beats.agent.batch([beats.agent.record(1)], 1))[2]
    key = msgpack.unpackb(msgpack.unpackb(answer)[3], strict_map_key=False)[11]
    first = beats.body(now, _9=7)
    assert beats.work(first, key) == 0
    second = beats.body(now + 1000, _9=8)
    assert beats.work(second, key) == 0
    shown = agents(world, hub)[0]
    assert shown["heartbeat"]["pending"] == 8
    # An agent's clock is 5 s ahead.
    assert 0 < shown["heartbeat"]["clock_skew_ms"] <= 5000

    assert beats.post(first)[0] == 409
    assert beats.work(second, key) == 0  # its response was lost
    assert beats.post(beats.body(now + 2000, signer=Signer(world.dir, "other")))[0] == 403
    body = bytearray(beats.body(now + 2000))
    body[-1] ^= 1
    assert beats.post(bytes(body))[0] == 422
    assert beats.post(b"\xc1" * 2000)[0] == 413
    assert agents(world, hub)[0] == shown
    # A hub that has less than it has receipted, and one that waits for a full record.
    assert beats.work(beats.body(now + 3000, _8=9), key) == HAS_LOST
    beats.client.post(beats.agent.batch([beats.agent.record(2, "mac:aa", is_full=False)], 2))
    assert beats.work(beats.body(now + 4000, _8=2), key) == WANTS_FULL
    got = [beats.post(beats.body(now + 5000 + i, _7=1)) for i in range(20)]
    assert [s for s, _, _ in got].count(429) > 0 and got[-1][1]["Retry-After"] == "60"
    uploads = of_kind(entries(world, "platen-hub", hub.config), "upload")
    assert [u["result"] for u in uploads] == ["ok", "ok"]
    assert not agents(world, hub)[0]["silent"]
    hub.stop()
    with database(state_dir(hub.config) / "store.db", True) as db:  # two minutes later
        db.execute("UPDATE heartbeats SET received_at_ms = received_at_ms - 120000")
        db.execute("UPDATE agents SET last_seen_ms = last_seen_ms - 120000")
    assert agents(world, hub)[0]["silent"]
    assert " SILENT " in world.run(world.bin("platen-hub"), "agents", "--config", hub.config).stdout


def test_work_that_waits_leads_to_a_sync(world):
    """A hub that was restored from a backup: the response to a heartbeat says so long before the next sync."""
    hub_config = world.hub_config()
    hub = world.hub(hub_config)
    secret = world.add_agent(hub_config, "agent1")
    hub_config.write_text(hub_config.read_text().replace("port: 0", f"port: {hub.port}"))
    sim = world.sim(1)
    config = config_of(world, sim, hub.port, secret, "1s")
    agent = world.agent(config)
    until(agent, lambda: status(world, config)["devices"]["complete"] == 1)
    sync_now(world, config)
    state, backup = world.dir / "hub-state", world.dir / "backup"
    assert hub.stop() == 0
    agent.wait_for_log('what="heartbeats fail"', 60)
    shutil.copytree(state, backup)
    hub = world.hub(hub_config)
    print_one_more(world, sim, agent, config, 1)
    sync_now(world, config)
    assert hub.stop() == 0
    print_one_more(world, sim, agent, config, 2)
    shutil.rmtree(state)
    shutil.copytree(backup, state)
    since = len((world.dir / "hub.log").read_text())
    hub = world.hub(hub_config)
    agent.wait_for_log('work=records-lost what="the hub asks for a sync"', 90)
    until(agent, lambda: "lost_first=" in (world.dir / "hub.log").read_text()[since:])
    assert agent.stop() == 0
    assert hub.stop() == 0
    # Failures that follow one another are one entry, and their end is another one.
    results = [e["result"] == "ok" for e in of_kind(entries(world, "platen", config), "heartbeat")]
    assert len(results) >= 2 and all(is_ok == (i % 2 == 1) for i, is_ok in enumerate(results)), results


def print_one_more(world, sim, agent, config, value):
    sim.command(cmd="set", printer=0, oid=LIFE, type="counter", value=9_000_000 + value)
    until(agent, lambda: status(world, config)["spool"]["pending"] > 0)
