# SPDX-License-Identifier: Apache-2.0
"""One flipped byte in the spool costs that record and no other (R10)."""
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
