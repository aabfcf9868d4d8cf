/* SPDX-License-Identifier: Apache-2.0
 * The tables of the hub's store. 64-bit numbers of agents (epoch, seq) are kept as SQLite's signed
 * integers, bit for bit. */
#include "engine/store/archive_schema.h"

static const char *const steps[] = {
	"CREATE TABLE accounts("
	"  name TEXT PRIMARY KEY,"
	"  role INTEGER NOT NULL,"
	"  scheme INTEGER NOT NULL,"
	"  salt BLOB NOT NULL,"
	"  hash BLOB NOT NULL,"
	"  created_at_ms INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"

	/* Its key is pinned when it is first seen, and never changes. */
	"CREATE TABLE agents("
	"  id INTEGER PRIMARY KEY,"
	"  agent_id BLOB NOT NULL UNIQUE,"
	"  public_key BLOB NOT NULL,"
	"  account TEXT NOT NULL,"
	"  site TEXT NOT NULL,"
	"  software TEXT NOT NULL,"
	"  first_seen_ms INTEGER NOT NULL,"
	"  last_seen_ms INTEGER NOT NULL"
	") STRICT;"

	"CREATE TABLE epochs("
	"  agent INTEGER NOT NULL REFERENCES agents(id),"
	"  epoch INTEGER NOT NULL,"
	"  last_seq INTEGER NOT NULL," /* the highest that came */
	"  first_seen_ms INTEGER NOT NULL,"
	"  PRIMARY KEY(agent, epoch)"
	") STRICT, WITHOUT ROWID;"

	/* One device each identity key, whichever agent reads it. agent, seq, tie, read_at_ms: of
	 * the newest record of any agent. */
	"CREATE TABLE devices("
	"  id INTEGER PRIMARY KEY,"
	"  key TEXT NOT NULL UNIQUE,"
	"  vendor TEXT NOT NULL DEFAULT '',"
	"  model TEXT NOT NULL DEFAULT '',"
	"  serial TEXT NOT NULL DEFAULT '',"
	"  address TEXT NOT NULL,"
	"  agent INTEGER NOT NULL REFERENCES agents(id),"
	"  seq INTEGER NOT NULL,"
	"  tie INTEGER NOT NULL,"
	"  read_at_ms INTEGER NOT NULL,"
	"  first_seen_ms INTEGER NOT NULL,"
	"  received_at_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX devices_by_serial ON devices(serial);"

	/* What is shown now: the winning bytes of each group, as they were packed. */
	"CREATE TABLE device_groups("
	"  id INTEGER PRIMARY KEY," /* device * 16 + group */
	"  status INTEGER NOT NULL,"
	"  read_at_ms INTEGER NOT NULL,"
	"  answered_at_ms INTEGER NOT NULL,"
	"  seq INTEGER NOT NULL,"
	"  tie INTEGER NOT NULL,"
	"  agent INTEGER NOT NULL REFERENCES agents(id),"
	"  crc INTEGER NOT NULL," /* CRC-32C of id, read_at_ms and bytes */
	"  bytes BLOB NOT NULL"
	") STRICT;"

	/* How an agent calls a device, and whether only changes of it are known from there. */
	"CREATE TABLE sightings("
	"  agent INTEGER NOT NULL REFERENCES agents(id),"
	"  key TEXT NOT NULL,"
	"  device INTEGER NOT NULL REFERENCES devices(id),"
	"  is_wanted INTEGER NOT NULL,"
	"  PRIMARY KEY(agent, key)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX sightings_wanted ON sightings(agent) WHERE is_wanted = 1;"

	/* Every record that ever had effect, and so the history of each device. */
	"CREATE TABLE records("
	"  id INTEGER PRIMARY KEY,"
	"  agent INTEGER NOT NULL REFERENCES agents(id),"
	"  epoch INTEGER NOT NULL,"
	"  seq INTEGER NOT NULL,"
	"  digest BLOB NOT NULL,"                  /* SHA-256 of bytes */
	"  device INTEGER REFERENCES devices(id)," /* NULL: of no use, see its err */
	"  err INTEGER NOT NULL,"
	"  read_at_ms INTEGER NOT NULL,"
	"  received_at_ms INTEGER NOT NULL,"
	"  is_clock_suspect INTEGER NOT NULL,"
	"  crc INTEGER NOT NULL," /* CRC-32C of epoch, seq and bytes */
	"  bytes BLOB NOT NULL,"
	"  UNIQUE(agent, epoch, seq)"
	") STRICT;"
	"CREATE INDEX records_of_device ON records(device, read_at_ms);"

	"CREATE TABLE audit("
	"  id INTEGER PRIMARY KEY,"
	"  at_ms INTEGER NOT NULL,"
	"  what TEXT NOT NULL,"
	"  who TEXT NOT NULL,"
	"  detail TEXT NOT NULL"
	") STRICT;",

	/* What proto/history/history remembers of a device, and what it found out. An alert is one
	 * row from its beginning to its end; ended_to_ms is 0 as long as it is there. */
	"CREATE TABLE judgements("
	"  device INTEGER PRIMARY KEY REFERENCES devices(id),"
	"  bytes BLOB NOT NULL"
	") STRICT;"
	"CREATE TABLE events("
	"  id INTEGER PRIMARY KEY,"
	"  device INTEGER NOT NULL REFERENCES devices(id),"
	"  agent INTEGER NOT NULL REFERENCES agents(id),"
	"  kind INTEGER NOT NULL," /* enum history_kind */
	"  key INTEGER NOT NULL,"  /* tells it from others of its kind on the device */
	"  from_ms INTEGER NOT NULL,"
	"  to_ms INTEGER NOT NULL,"
	"  ended_from_ms INTEGER NOT NULL DEFAULT 0,"
	"  ended_to_ms INTEGER NOT NULL DEFAULT 0,"
	"  what TEXT NOT NULL,"
	"  old TEXT NOT NULL,"
	"  new TEXT NOT NULL,"
	"  cycle INTEGER NOT NULL,"
	"  severity INTEGER NOT NULL,"
	"  training INTEGER NOT NULL,"
	"  alert_group INTEGER NOT NULL,"
	"  group_index INTEGER NOT NULL,"
	"  code INTEGER NOT NULL,"
	"  location INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX events_of_device ON events(device, to_ms);"
	"CREATE INDEX events_open ON events(device, key) WHERE ended_to_ms = 0;"
	"CREATE INDEX devices_by_place ON devices(agent, address);",

	/* The last complete one of a group whose last reading was one in part: what the next
	 * complete one is judged by. */
	"CREATE TABLE whole_groups("
	"  id INTEGER PRIMARY KEY," /* as in device_groups */
	"  read_at_ms INTEGER NOT NULL,"
	"  crc INTEGER NOT NULL,"
	"  bytes BLOB NOT NULL"
	") STRICT;",

	/* Events of supplies name them. States were events before: those that are open end. */
	"ALTER TABLE events ADD COLUMN supply_type INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE events ADD COLUMN colorant TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE events ADD COLUMN part TEXT NOT NULL DEFAULT '';"
	"UPDATE events SET ended_from_ms = to_ms, ended_to_ms = to_ms"
	" WHERE ended_to_ms = 0 AND kind = 6"
	" AND (code IN (23, 24, 503, 504, 507) OR (severity = 1 AND code < 3));",
};

const struct db_schema archive_schema = {
	.application_id = 0x504c4831, /* "PLH1" */
	.steps = steps,
	.version = sizeof steps / sizeof steps[0],
};
