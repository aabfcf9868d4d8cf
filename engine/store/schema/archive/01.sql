-- SPDX-License-Identifier: Apache-2.0
-- The tables of the hub's store. 64-bit numbers of agents (epoch, seq) are kept as SQLite's signed
-- integers, bit for bit.
CREATE TABLE accounts(
  name TEXT PRIMARY KEY,
  role INTEGER NOT NULL,
  scheme INTEGER NOT NULL,
  salt BLOB NOT NULL,
  hash BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Its key is pinned when it is first seen, and never changes.
CREATE TABLE agents(
  id INTEGER PRIMARY KEY,
  agent_id BLOB NOT NULL UNIQUE,
  public_key BLOB NOT NULL,
  account TEXT NOT NULL,
  site TEXT NOT NULL,
  software TEXT NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE epochs(
  agent INTEGER NOT NULL REFERENCES agents(id),
  epoch INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,  -- the highest that came
  first_seen_ms INTEGER NOT NULL,
  PRIMARY KEY(agent, epoch)
) STRICT, WITHOUT ROWID;

-- One device each identity key, whichever agent reads it. agent, seq, tie, read_at_ms: of
-- the newest record of any agent.
CREATE TABLE devices(
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  vendor TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  serial TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL,
  agent INTEGER NOT NULL REFERENCES agents(id),
  seq INTEGER NOT NULL,
  tie INTEGER NOT NULL,
  read_at_ms INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_by_serial ON devices(serial);

-- What is shown now: the winning bytes of each group, as they were packed.
CREATE TABLE device_groups(
  id INTEGER PRIMARY KEY,  -- device * 16 + group
  status INTEGER NOT NULL,
  read_at_ms INTEGER NOT NULL,
  answered_at_ms INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  tie INTEGER NOT NULL,
  agent INTEGER NOT NULL REFERENCES agents(id),
  crc INTEGER NOT NULL,  -- CRC-32C of id, read_at_ms and bytes
  bytes BLOB NOT NULL
) STRICT;

-- How an agent calls a device, and whether only changes of it are known from there.
CREATE TABLE sightings(
  agent INTEGER NOT NULL REFERENCES agents(id),
  key TEXT NOT NULL,
  device INTEGER NOT NULL REFERENCES devices(id),
  is_wanted INTEGER NOT NULL,
  PRIMARY KEY(agent, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_wanted ON sightings(agent) WHERE is_wanted = 1;

-- Every record that ever had effect, and so the history of each device.
CREATE TABLE records(
  id INTEGER PRIMARY KEY,
  agent INTEGER NOT NULL REFERENCES agents(id),
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  digest BLOB NOT NULL,  -- SHA-256 of bytes
  device INTEGER REFERENCES devices(id),  -- NULL: of no use, see its err
  err INTEGER NOT NULL,
  read_at_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  is_clock_suspect INTEGER NOT NULL,
  crc INTEGER NOT NULL,  -- CRC-32C of epoch, seq and bytes
  bytes BLOB NOT NULL,
  UNIQUE(agent, epoch, seq)
) STRICT;
CREATE INDEX records_of_device ON records(device, read_at_ms);

CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  what TEXT NOT NULL,
  who TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
