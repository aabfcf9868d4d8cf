-- SPDX-License-Identifier: Apache-2.0
-- The newest heartbeat of each agent (proto/wire/heartbeat.h), as its map.
CREATE TABLE heartbeats(
  agent INTEGER PRIMARY KEY REFERENCES agents(id),
  number INTEGER NOT NULL,  -- of the agent's; none with a lower one counts
  sent_at_ms INTEGER NOT NULL,  -- by the agent's clock
  received_at_ms INTEGER NOT NULL,  -- by our clock
  allowed_at_ms INTEGER NOT NULL,  -- until when the accepted ones have used up their rate
  bytes BLOB NOT NULL
) STRICT;
