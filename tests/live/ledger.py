# SPDX-License-Identifier: Apache-2.0
"""The books of a test: each record that was once on an agent's disk against the records at the hub."""
import shutil

import msgpack

from conftest import database, state_dir

READ_AT, DEVICE_KEY, FIRST_GROUP = 2, 6, 10  # keys of a record, proto/wire/SCHEMA.md
FRAME_HEAD = 24


def spooled(config, work):
    """The frames in the agent's store by number. Reads a copy, as the store belongs to the agent."""
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
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name='record'").fetchone():
            return {}  # killed while the store was made
        return {seq: bytes(frame) for seq, frame in db.execute("SELECT id, frame FROM record")}


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
