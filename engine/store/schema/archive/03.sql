-- SPDX-License-Identifier: Apache-2.0
-- The last complete reading of a group that was last read in part: the next complete one is
-- compared with it.
CREATE TABLE whole_groups(
  id INTEGER PRIMARY KEY,  -- as in device_groups
  read_at_ms INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
