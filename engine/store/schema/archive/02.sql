-- SPDX-License-Identifier: Apache-2.0
-- The state of proto/history of each device, and its events. An alert is one
-- row from its beginning to its end; ended_to_ms is 0 as long as it is there.
CREATE TABLE judgements(
  device INTEGER PRIMARY KEY REFERENCES devices(id),
  bytes BLOB NOT NULL
) STRICT;
CREATE TABLE events(
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES devices(id),
  agent INTEGER NOT NULL REFERENCES agents(id),
  kind INTEGER NOT NULL,  -- enum history_kind
  key INTEGER NOT NULL,  -- tells it from others of its kind on the device
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  ended_from_ms INTEGER NOT NULL DEFAULT 0,
  ended_to_ms INTEGER NOT NULL DEFAULT 0,
  what TEXT NOT NULL,
  old TEXT NOT NULL,
  new TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  training INTEGER NOT NULL,
  alert_group INTEGER NOT NULL,
  group_index INTEGER NOT NULL,
  code INTEGER NOT NULL,
  location INTEGER NOT NULL
) STRICT;
CREATE INDEX events_of_device ON events(device, to_ms);
CREATE INDEX events_open ON events(device, key) WHERE ended_to_ms = 0;
CREATE INDEX devices_by_place ON devices(agent, address);
