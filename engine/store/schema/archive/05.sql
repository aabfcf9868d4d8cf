-- SPDX-License-Identifier: Apache-2.0
-- Events of supplies name them. States were events before: those that are open end.
ALTER TABLE events ADD COLUMN supply_type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN colorant TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN part TEXT NOT NULL DEFAULT '';
UPDATE events SET ended_from_ms = to_ms, ended_to_ms = to_ms
 WHERE ended_to_ms = 0 AND kind = 6
 AND (code IN (23, 24, 503, 504, 507) OR (severity = 1 AND code < 3));
