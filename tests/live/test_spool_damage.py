# SPDX-License-Identifier: Apache-2.0
"""One flipped byte in the spool costs that record and no other (R10)."""
import random

import pytest

import lab
from conftest import database, hub_records, state_dir, status

PRINTERS = 30


def flip_one_byte(path, seq, place):
    """Inside the frame of record `seq`, in the file itself; returns nothing to undo."""
    with database(path, is_writing=True) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        frame = bytes(db.execute("SELECT frame FROM record WHERE id=?", (seq,)).fetchone()[0])
    data = bytearray(path.read_bytes())
    piece = frame[:64]
    at = data.find(piece)
    assert at >= 0 and data.find(piece, at + 1) < 0, "the frame lies in the file once"
    data[at + int(place * (len(piece) - 1))] ^= 0x10
    path.write_bytes(data)


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_one_flipped_byte_costs_one_record(world, hub, place):
    sim = world.sim(PRINTERS, "--job-interval", "0")
    state = world.dir / "agent-state"
    alone = world.agent_config(sim, name="alone", state=state)
    code, summary, _ = world.once(alone)
    assert code == 0 and summary["kept"] == PRINTERS
    store = state_dir(alone) / "store.db"
    with database(store) as db:
        numbers = [seq for seq, in db.execute("SELECT id FROM record ORDER BY id")]
    assert len(numbers) == PRINTERS
    damaged = numbers[PRINTERS // 2]
    flip_one_byte(store, damaged, place)

    config = world.agent_config(sim, hub.port, hub.secret, state=state, name="sending")
    code, summary, _ = world.once(config)
    assert code == 0, lab.tail(world.dir / "sending.log")
    arrived = {seq for _, seq in hub_records(hub.config)}
    assert set(numbers) - arrived == {damaged}
    assert status(world, config)["spool"]["quarantined"] == 1
    # The printers were read again in this cycle, so nothing at the hub is wrong or missing.
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (PRINTERS, 0, [])


def identity(config):
    return (state_dir(config) / "agent.id").read_text()


def damaged_files(config):
    return sorted(path.name for path in state_dir(config).glob("store.damaged-*")
                  if not path.name.endswith(("-wal", "-shm")))


def overwrite(config):
    """Random bytes in the place of the store, as another program or a broken disk leaves them."""
    store = state_dir(config) / "store.db"
    store.write_bytes(random.Random(7).randbytes(store.stat().st_size))
    return store.read_bytes()


def test_store_of_random_bytes_is_reported_and_kept(world, hub):
    """The log names file and loss, status shows it, each damaged file stays, the identity too."""
    sim = world.sim(3, "--job-interval", "0")
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    before, devices = identity(config), world.devices(hub.config)
    assert damaged_files(config) == []
    kept = []
    for number in (1, 2):
        kept.append(overwrite(config))
        agent = world.agent(config)
        lines = [line for line in agent.log.read_text().splitlines() if "has been rebuilt" in line]
        assert len(lines) == number, agent.log.read_text()
        name = damaged_files(config)[-1]
        for part in ("level=error", "mod=spool", f'file={state_dir(config)}/store.db ',
                     "lost=unknown", "identity=kept", name):
            assert part in lines[-1], lines[-1]
        said = status(world, config)
        assert said["spool"]["damaged_file"] == name and said["spool"]["rebuilt_ms"] > 0
        assert said["spool"]["rebuilt_lost"] == "unknown"
        assert said["agent_id"] == before.strip()
        page = world.run(world.bin("platen"), "status", "--config", config).stdout
        assert "REBUILT" in page and name in page
        agent.stop()
    assert [(state_dir(config) / name).read_bytes() for name in damaged_files(config)] == kept
    assert identity(config) == before
    assert world.once(config)[0] == 0
    assert len(world.devices(hub.config)) == len(devices) == 3


def test_rebuilt_store_reports_the_number_of_lost_records(world):
    """The header of the first page is gone, the records on the other pages are there, one is not."""
    sim = world.sim(PRINTERS, "--job-interval", "0")
    config = world.agent_config(sim)
    assert world.once(config)[0] == 0
    store = state_dir(config) / "store.db"
    flip_one_byte(store, 5, 0.0)  # its magic: it is not found again
    data = bytearray(store.read_bytes())
    data[0:100] = bytes(100)
    store.write_bytes(data)
    agent = world.agent(config)
    line = agent.wait_for_log("has been rebuilt", 60)
    assert f"records={PRINTERS - 1} lost=1 " in line, line
    assert status(world, config)["spool"]["rebuilt_lost"] == "1"
    agent.stop()
