# SPDX-License-Identifier: Apache-2.0
"""Batches and receipts as files (S52), each record stored once whichever way it comes first; rotation of the hub's
key, and the explicit trust in a hub that was installed anew."""
import itertools
import json
import os

import lab
from conftest import database, hub_records, state_dir

OK, FAILED, USAGE, TEMPORARY, CONFIG = 0, 1, 2, 75, 78


def verb(world, program, config, *words, code=OK):
    got = world.run(world.bin(program), *words, "--config", config, check=False)
    assert got.returncode == code, got
    return got


def pending(config):
    with database(state_dir(config) / "store.db") as db:
        return db.execute("SELECT count(*) FROM record").fetchone()[0]


def ledger(world, program, config, kind):
    lines = verb(world, program, config, "audit", "show", "--json").stdout.splitlines()
    entries = [json.loads(line) for line in lines]
    return [dict(w.split("=", 1) for w in e["what"].split(" ") if "=" in w) for e in entries if e["kind"] == kind]


def fingerprint(world, hub_config):
    return verb(world, "platen-hub", hub_config, "key", "show").stdout.strip()


LEVELS = itertools.count(11)


def new_reading(world, config, sim):
    """A cycle that has something to send."""
    sim.command(cmd="set", printer=1, oid=f"{lab.SUPPLY_LEVEL}.1.1", type="integer", value=next(LEVELS))
    return world.once(config)


def sync(world, config):
    agent = world.agent(config)
    verb(world, "platen", config, "sync-now")
    assert agent.stop() == 0


def medium(world, name="medium"):
    folder = world.dir / name
    folder.mkdir()
    return folder


def test_files_carry_everything_without_a_hub_url(world):
    """Also a batch that was changed on the way is refused, and a receipt of another hub settles nothing."""
    sim = world.sim(5, "--job-interval", "0")
    alone = world.agent_config(sim, name="alone")
    hub_config = world.hub_config()
    world.hub(hub_config).stop()
    usb = medium(world)
    verb(world, "platen", alone, "export", usb, code=FAILED)  # nothing was read yet
    assert world.once(alone)[0] == OK
    out = json.loads(verb(world, "platen", alone, "export", usb, "--json").stdout)
    assert out["batches"] == 1 and out["records"] == 5 and out["damaged"] == 0
    batch, = usb.glob("*.batch")
    whole = batch.read_bytes()
    batch.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    got = verb(world, "platen-hub", hub_config, "import", usb, code=FAILED)
    assert "signature" in got.stdout and not list(usb.glob("*.receipt")) and len(hub_records(hub_config)) == 0
    batch.write_bytes(whole)
    assert ": 5 stored, 0 duplicates" in verb(world, "platen-hub", hub_config, "import", usb).stdout
    assert ": 0 stored, 5 duplicates" in verb(world, "platen-hub", hub_config, "import", usb).stdout
    assert len(hub_records(hub_config)) == 5
    # The agent has never met this hub: its key is confirmed by hand before its receipts count.
    got = verb(world, "platen", alone, "import-receipts", usb, code=FAILED)
    assert "platen trust-hub --new-key" in got.stdout and pending(alone) == 5
    verb(world, "platen", alone, "trust-hub", "--new-key", "12ab", code=USAGE)
    verb(world, "platen", alone, "trust-hub", "--new-key", fingerprint(world, hub_config))
    assert ": settled" in verb(world, "platen", alone, "import-receipts", usb).stdout
    assert pending(alone) == 0
    assert ": settled before" in verb(world, "platen", alone, "import-receipts", usb).stdout
    exported, = [a for a in ledger(world, "platen", alone, "action") if a["what"] == "export"]
    uploads = ledger(world, "platen-hub", hub_config, "upload")
    assert [u["batch"] for u in uploads[1:]] == [exported["batch"]] * 2 and {u["way"] for u in uploads} == {"file"}
    settled, = ledger(world, "platen", alone, "batch")
    assert settled["batch"] == exported["batch"] and settled["way"] == "file"
    # A rotated key is pinned with a receipt that settles nothing, and the ledger says so.
    verb(world, "platen-hub", hub_config, "key", "rotate")
    verb(world, "platen-hub", hub_config, "import", usb)
    assert ": settled before" in verb(world, "platen", alone, "import-receipts", usb).stdout
    rotated = ledger(world, "platen", alone, "key")[-1]
    assert rotated["what"] == "hub-key-rotated" and rotated["fingerprint"] == fingerprint(world, hub_config)
    assert "verified" in verb(world, "platen", alone, "audit", "verify").stdout
    assert "verified" in verb(world, "platen-hub", hub_config, "audit", "verify").stdout
    verb(world, "platen", alone, "export", world.dir / "missing", code=FAILED)
    verb(world, "platen-hub", hub_config, "import", world.dir / "missing", code=FAILED)
    verb(world, "platen", world.dir / "missing.yaml", "export", usb, code=CONFIG)
    (usb / "noise.receipt").write_bytes(b"\x93\x01")
    os.mkfifo(usb / "pipe.receipt")
    os.mkfifo(usb / "pipe.batch")
    got = verb(world, "platen", alone, "import-receipts", usb, code=FAILED)
    assert "not a receipt" in got.stdout and "not a regular file" in got.stdout
    verb(world, "platen-hub", hub_config, "import", usb, code=FAILED)


def test_record_is_stored_once_whichever_way_comes_first(world):
    sim = world.sim(4, "--job-interval", "0")
    for first in ("file", "network"):
        hub_config = world.hub_config(name=f"hub-{first}")
        hub = world.hub(hub_config)
        secret = world.add_agent(hub_config, "agent1")
        state = world.dir / f"state-{first}"
        alone = world.agent_config(sim, name=f"alone-{first}", state=state)
        # It polls nothing, so that exactly the exported records travel.
        online = world.agent_config(None, hub.port, secret, name=f"online-{first}", state=state, targets="    []\n")
        assert world.once(alone)[0] == OK
        usb = medium(world, first)
        verb(world, "platen", alone, "export", usb)
        got = verb(world, "platen-hub", hub_config, "import", usb, code=TEMPORARY)
        assert "stop the hub first" in got.stderr
        if first == "network":
            sync(world, online)
        assert hub.stop() == 0
        stored = 4 if first == "file" else 0
        assert f": {stored} stored, {4 - stored} duplicates" in verb(
            world, "platen-hub", hub_config, "import", usb).stdout
        if first == "file":
            port = hub.port
            hub = world.hub(world.hub_config(name="hub-file", port=port))
            sync(world, online)
            assert hub.stop() == 0
        assert len(hub_records(hub_config)) == 4
        uploads = ledger(world, "platen-hub", hub_config, "upload")
        assert [(u["stored"], u["duplicates"]) for u in uploads] == [("4", "0"), ("0", "4")]
        assert ": settled before" in verb(world, "platen", alone, "import-receipts", usb).stdout


def test_agents_follow_a_rotated_key_and_refuse_a_hub_made_anew(world, hub):
    sim = world.sim(2, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == OK
    old = fingerprint(world, hub.config)
    assert json.loads(verb(world, "platen", config, "trust-hub", "--json").stdout)["pinned"] == old
    # A rotation: the old key signs the new one.
    rotated = json.loads(verb(world, "platen-hub", hub.config, "key", "rotate", "--json").stdout)
    assert rotated["before"] == old != rotated["fingerprint"]
    assert hub.stop() == 0
    again = world.hub(world.hub_config(port=hub.port))
    assert new_reading(world, config, sim)[0] == OK
    shown = json.loads(verb(world, "platen", config, "trust-hub", "--json").stdout)
    assert shown == {"pinned": rotated["fingerprint"], "confirmed": "none"}
    # A hub without its key is another one: nothing is sent to it until the new key is confirmed.
    assert again.stop() == 0
    for path in state_dir(hub.config).glob("hub.key*"):
        path.unlink()
    daemon = world.agent(config)
    assert verb(world, "platen", config, "trust-hub").stdout.split()[1] == rotated["fingerprint"]
    assert "stop it first" in verb(
        world, "platen", config, "trust-hub", "--new-key", old, code=TEMPORARY).stderr
    assert daemon.stop() == 0
    anew = world.hub(world.hub_config(port=hub.port))
    key = fingerprint(world, hub.config)
    code, summary, _ = new_reading(world, config, sim)
    assert code != OK and key in summary["sync_why"] and rotated["fingerprint"] in summary["sync_why"]
    assert "platen trust-hub --new-key" in summary["sync_why"]
    left = pending(config)
    assert left > 0
    verb(world, "platen", config, "trust-hub", "--new-key", key)
    assert new_reading(world, config, sim)[0] == OK and pending(config) == 0
    assert json.loads(verb(world, "platen", config, "trust-hub", "--json").stdout)["pinned"] == key
    names = [e["what"] for e in ledger(world, "platen", config, "key")]
    assert names == ["hub-key-pinned", "hub-key-rotated", "trust-hub", "hub-key-confirmed"]
    assert "hub-key-rotated" in [e["what"] for e in ledger(world, "platen-hub", hub.config, "key")]
    assert anew.stop() == 0
