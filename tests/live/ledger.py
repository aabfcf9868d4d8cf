# SPDX-License-Identifier: Apache-2.0
"""The books of a test: each record that was once on an agent's disk against the records at the hub."""
import contextlib
import shutil
import struct

import msgpack

from conftest import database, state_dir

READ_AT, DEVICE_KEY, FIRST_GROUP = 2, 6, 10  # keys of a record, proto/wire/SCHEMA.md
FRAME_HEAD = 24
META_BALANCE = 4 + 8 * 8 + 16 + 8  # bytes before the balance in the row about the store


@contextlib.contextmanager
def copied(config, work):
    """A copy of the agent's store, as the store belongs to the agent; None if no table is there yet."""
    state, copy = state_dir(config), work / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in ("store.db", "store.db-wal"):
        if (state / name).exists():
            shutil.copy(state / name, copy / name)
    if not (copy / "store.db").exists():
        yield None
        return
    with database(copy / "store.db", is_writing=True) as db:
        made = db.execute("SELECT 1 FROM sqlite_master WHERE name='record'").fetchone()
        yield db if made else None


def spooled(config, work):
    """The frames in the agent's store by number."""
    with copied(config, work) as db:
        return {} if db is None else {seq: bytes(frame) for seq, frame in db.execute("SELECT id, frame FROM record")}


def balance(config, work):
    """(records kept over the store's life, where they are: receipted, pending, superseded, quarantined, dropped) by
    the newer copy of the store's row about itself (engine/store/spool_meta.c)."""
    with copied(config, work) as db:
        if db is None:
            return 0, 0
        metas = [bytes(row[0]) for table in ("meta_a", "meta_b") for row in db.execute(f"SELECT frame FROM {table}")]
        pending = db.execute("SELECT count(*) FROM record").fetchone()[0]
    newest = max(metas, key=lambda frame: int.from_bytes(frame[16:FRAME_HEAD], "little"))
    body = newest[FRAME_HEAD + META_BALANCE:]
    kept, receipted, superseded, quarantined, *dropped = struct.unpack_from("<7Q", body)
    return kept, receipted + pending + superseded + quarantined + sum(dropped)


def record_in(frame):
    """The record in a frame of the spool: the map behind its head and its key (engine/store/spool_frame.h)."""
    key_len = int.from_bytes(frame[10:12], "little")
    try:
        record = msgpack.unpackb(frame[FRAME_HEAD + key_len:], strict_map_key=False)
    except (ValueError, msgpack.UnpackException):
        return None
    return record if isinstance(record, dict) and DEVICE_KEY in record else None


def groups(record):
    return {key for key in record if key >= FIRST_GROUP}


def lost_records(seen, records):
    """Numbers of records that were on the agent's disk (`seen`: number -> frame) with a group that is neither at the
    hub as it was nor superseded there: brought by a later record of the device."""
    at_hub, later = {}, {}
    for (_, seq), body in records.items():
        at_hub[seq] = record = msgpack.unpackb(body, strict_map_key=False)
        for group in groups(record):
            key = record[DEVICE_KEY], group
            later[key] = max(seq, later.get(key, 0))
    lost = []
    for seq, frame in sorted(seen.items()):
        record = record_in(frame)
        if record is None or not all(at_hub.get(seq, {}).get(g) == record[g]
                                     or later.get((record[DEVICE_KEY], g), 0) > seq for g in groups(record)):
            lost.append(seq)
    return lost


def doubled_records(records):
    """Numbers of records that repeat a poll which the hub has under another number."""
    reads, doubled = set(), []
    for (_, seq), body in sorted(records.items()):
        record = msgpack.unpackb(body, strict_map_key=False)
        read = (record[DEVICE_KEY], record[READ_AT])
        if read in reads:
            doubled.append(seq)
        reads.add(read)
    return doubled
