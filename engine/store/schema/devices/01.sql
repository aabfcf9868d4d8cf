-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE device(
  address BLOB PRIMARY KEY,  -- family, port, address, scope: device_store_pack.c
  key TEXT NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL,
  identity BLOB,  -- each with its checksum
  learned BLOB,
  engine BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE event(
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  address TEXT NOT NULL,
  key TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
