# SPDX-License-Identifier: Apache-2.0
"""Today's programs on what earlier releases left on disk and sent (R23, S13): tests/golden/README.md."""
import json
import re
import subprocess
import sys
import tarfile

import msgpack
import pytest

import lab
from conftest import ROOT, count, database, hub_records, state_dir, status
from test_hub import Agent, Client, open_receipt, sha256

sys.path.insert(0, str(ROOT / "tests/golden"))
from make import facts  # noqa: E402

GOLDEN = ROOT / "tests/golden"
VECTORS = sorted(p.stem for p in (ROOT / "proto/wire/vectors").glob("batch*.bin") if "head" not in p.stem)
RELEASES = sorted(p.name for p in GOLDEN.iterdir() if p.is_dir() and p.name != "__pycache__")
# A parameter list that is empty would skip its tests.
assert RELEASES and VECTORS
NO_PRINTER = "    - range: 127.0.0.1-127.0.0.1\n      port: 9\n"


class Release:
    def __init__(self, name):
        self.dir = GOLDEN / name
        self.expected = json.loads((self.dir / "expected.json").read_text())
        self.batches = [bytes.fromhex(b) for b in json.loads((self.dir / "batches.json").read_text())]

    def unpack(self, archive, where):
        where.mkdir(mode=0o700)
        with tarfile.open(self.dir / f"{archive}.tar.xz") as tar:
            for member in tar.getmembers():
                assert member.isfile() and "/" not in member.name
                (where / member.name).write_bytes(tar.extractfile(member).read())
                (where / member.name).chmod(0o600)


@pytest.fixture(params=RELEASES)
def release(request):
    return Release(request.param)


def head_of(batch):
    return msgpack.unpackb(msgpack.unpackb(batch)[3], strict_map_key=False)


class Sender:
    """What open_receipt compares a receipt with."""

    def __init__(self, batch, records):
        head = msgpack.unpackb(batch)[3]
        self.id, self.epoch = head_of(batch)[1], head_of(batch)[2]
        self.signed = b"platen-batch-1\0" + sha256(head) + sha256(records)


def shown(world, config):
    return sorted((facts(device) for device in world.devices(config)), key=lambda d: d["device_key"])


def test_hub_state_of_a_release_is_read_and_its_batches_are_duplicates(world, release):
    config = world.hub_config()
    release.unpack("hub", world.dir / "hub-state")
    hub = world.hub(config)
    assert shown(world, config) == sorted(release.expected["devices"], key=lambda d: d["device_key"])
    before = hub_records(config)
    client = Client(world, hub.port, "agent1", world.add_agent(config, "agent1"))
    for batch in release.batches:
        code, _, answer = client.post(batch)
        assert code == 200, answer
        receipt = msgpack.unpackb(msgpack.unpackb(answer)[3], strict_map_key=False)
        head = head_of(batch)
        assert (receipt[3], receipt.get(4, 0), receipt[5]) == (head[4], 0, head[5])
    assert hub_records(config) == before


def test_batches_of_a_release_are_stored_by_a_new_hub(world, hub, release):
    client = Client(world, hub.port, "agent1", hub.secret)
    for batch in release.batches:
        assert client.post(batch)[0] == 200
    assert shown(world, hub.config) == sorted(release.expected["devices"], key=lambda d: d["device_key"])


def test_agent_state_of_a_release_goes_on_with_its_hub(world, release):
    """The identity stays, every record that was not sent arrives once, none is refused."""
    config = world.hub_config()
    release.unpack("hub", world.dir / "hub-state")
    release.unpack("agent", world.dir / "agent-state")
    hub = world.hub(config)
    before = set(hub_records(config))
    secret = world.add_agent(config, "agent1")
    agent = world.agent_config(None, hub.port, secret, targets=NO_PRINTER, state=world.dir / "agent-state")
    waiting = status(world, agent)
    assert waiting["agent_id"] == release.expected["agent_id"]
    assert world.once(agent)[0] == 0
    after = set(hub_records(config))
    # An agent that supersedes older pending records sends one of each device.
    new = after - before
    assert len(new) == release.expected["pending"]
    # The agent may see that its store is a copy, and then begins a new epoch.
    assert len({epoch for epoch, _ in new}) == 1
    assert min(seq for _, seq in new) > max(seq for _, seq in before)
    said = status(world, agent)
    assert said["agent_id"] == release.expected["agent_id"]
    assert (said["spool"]["pending"], said["spool"]["quarantined"]) == (0, 0)
    newer = {d["device_key"]: d for d in shown(world, config)}
    for device in release.expected["devices"]:
        now = newer.pop(device["device_key"])
        assert now["read_at_ms"] > device["read_at_ms"] and now["serial"] == device["serial"]
    assert newer == {}


def minor_of(name):
    """batch_v1 is of minor 1, batch of the one that SCHEMA.md describes."""
    described = re.search(r"\bminor (\d+)[,;]", (ROOT / "proto/wire/SCHEMA.md").read_text())
    return int(name[7:] or described[1])


@pytest.mark.parametrize("name", VECTORS)
def test_recorded_batch_of_each_minor_is_stored_byte_for_byte(world, hub, name):
    batch = (ROOT / f"proto/wire/vectors/{name}.bin").read_bytes()
    records = msgpack.unpackb(batch)[4]
    assert head_of(batch).get(14, 0) == minor_of(name)
    client = Client(world, hub.port, "agent1", hub.secret)
    code, _, answer = client.post(batch)
    assert code == 200, answer
    receipt = open_receipt(world.dir, Sender(batch, records), answer)
    assert receipt[4] == head_of(batch)[5] and receipt.get(6, []) == []
    assert b"".join(body for _, body in sorted(hub_records(hub.config).items())) == records
    assert len(world.devices(hub.config)) > 0
    assert client.post(batch)[0] == 200
    with database(state_dir(hub.config) / "store.db") as db:
        assert db.execute("SELECT count(*) FROM records").fetchone()[0] == head_of(batch)[5]


def test_batch_of_a_newer_minor_is_understood(world, hub):
    """Unknown fields in the head, in a record, in a group and in a row are skipped, an unknown group too; a row of an
    unknown kind is left out and its group is shown as partial."""
    agent = Agent(world.dir)
    identity = {1: 1, 2: 50, 3: 40, 10: True, 11: "Xerox", 12: "AltaLink", 13: "N1", 90: {1: [2, "x"]}}
    meters = {1: 1, 2: 50, 3: 40, 91: b"new", 10: [{1: 0, 2: 4711, 3: 7, 6: "1.3.6.1.2.1.43.10.2.1.4.1.1", 92: [1.5]}]}
    later = {1: 1, 10: [{1: "of a later minor"}]}
    record = msgpack.packb({1: 1, 2: agent.now_ms, 4: True, 5: "127.0.0.1:161", 6: "serial:xerox/N1", 60: {1: 2},
                            10: identity, 11: meters, 70: later, 71: "text", 72: [[[[1]]]]})
    unknown_row = msgpack.packb({1: 2, 2: agent.now_ms, 4: True, 5: "127.0.0.2:161", 6: "serial:xerox/N2",
                                 10: {**identity, 13: "N2"},
                                 11: {1: 1, 2: 50, 3: 40, 10: [*meters[10], {1: 200, 2: 1, 3: 7}]}})
    newer = {14: 99, 40: "of a later minor", 41: [1, {2: b"3"}], 42: {1: True}}
    batch = agent.batch([record, unknown_row], 1, fields=newer)
    client = Client(world, hub.port, "agent1", hub.secret)
    code, _, answer = client.post(batch)
    assert code == 200, answer
    receipt = open_receipt(world.dir, agent, answer)
    assert (receipt[3], receipt[4], receipt.get(6, [])) == (2, 2, [])
    devices = {d["device_key"]: d for d in world.devices(hub.config)}
    for key in ("serial:xerox/N1", "serial:xerox/N2"):
        assert [m["value"] for m in devices[key]["meters"]] == [4711]
    groups = {g["name"]: g["status"] for g in devices["serial:xerox/N2"]["groups"]}
    assert groups["meters"] == "partial"


# The last commit whose agent wrote minor 1.
OLDER = "d3bf1b8^"


def older_agent(world):
    """The agent of OLDER, built from the history; skips where there is none."""
    found = subprocess.run(["git", "rev-parse", "--verify", f"{OLDER}^{{commit}}"], cwd=ROOT, capture_output=True,
                           check=False)
    if found.returncode != 0:
        pytest.skip(f"this checkout has no history with {OLDER}")
    source = world.dir / "older"
    source.mkdir()
    archive = subprocess.run(["git", "archive", OLDER], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "x", "-C", source], input=archive, check=True)
    for argv in (["cmake", "--preset", "release", "-DPLATEN_TESTS=OFF", "-DPLATEN_BENCH=OFF"],
                 ["cmake", "--build", "--preset", "release", "-j1", "--target", "platen"]):
        made = subprocess.run(argv, cwd=source, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]
    return source / "build/release/bin/platen"


@pytest.mark.skipif(count("OLDER_AGENT") == 0, reason="builds an older agent: tools/gate/prove only")
def test_agent_of_an_older_minor_syncs(world, hub):
    platen = older_agent(world)
    sim = world.sim(20, "--job-interval", "1s")
    config = world.agent_config(sim, hub.port, hub.secret)
    for _ in range(3):
        said = json.loads(world.run(platen, "once", "--json", "--config", config).stdout.splitlines()[-1])
        assert said["complete"] == 20
    assert len(hub_records(hub.config)) >= 20
    # It read levels of supplies that today's agent reads by the vendors' own objects: the rest must be right.
    found, wrong = lab.compare_devices(sim, world.devices(hub.config))
    assert (len(found), wrong) == (20, [])
    assert not any(lab.LIFE in line or "serial" in line for lines in found.values() for line in lines), found
    # The same state, read and continued by the agent of today.
    older = status(world, config)["agent_id"]
    code, summary, _ = world.once(config)
    assert code == 0, lab.tail(world.dir / f"{config.stem}.log")
    assert status(world, config)["agent_id"] == older
    assert {epoch for epoch, _ in hub_records(hub.config)} == {min(hub_records(hub.config))[0]}
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (20, 0, [])
