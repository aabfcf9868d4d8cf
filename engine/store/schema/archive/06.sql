-- SPDX-License-Identifier: Apache-2.0
-- How each agent last read its devices (proto/wire/coverage.h).
CREATE TABLE coverage_agents(
  agent INTEGER PRIMARY KEY REFERENCES agents(id),
  sent_at_ms INTEGER NOT NULL,  -- by our clock
  made_at_ms INTEGER NOT NULL,  -- by the agent's clock: none that was made earlier counts
  known INTEGER NOT NULL,  -- devices that it polls
  unread INTEGER NOT NULL  -- of these, never read
) STRICT;

-- Times by our clock; 0: not known. reason: enum coverage_reason of the last attempt.
CREATE TABLE coverage(
  device INTEGER NOT NULL REFERENCES devices(id),
  agent INTEGER NOT NULL REFERENCES agents(id),
  complete_at_ms INTEGER NOT NULL,
  attempt_at_ms INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  is_current INTEGER NOT NULL,
  PRIMARY KEY(device, agent)
) STRICT, WITHOUT ROWID;
CREATE INDEX coverage_by_agent ON coverage(agent);

CREATE TABLE coverage_unread(
  agent INTEGER NOT NULL REFERENCES agents(id),
  address TEXT NOT NULL,
  attempt_at_ms INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  PRIMARY KEY(agent, address)
) STRICT, WITHOUT ROWID;
