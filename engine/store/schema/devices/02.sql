-- SPDX-License-Identifier: Apache-2.0
-- One profile, the engine inside; the old column is read once more, with the old format.
ALTER TABLE device RENAME COLUMN learned TO profile;
ALTER TABLE device ADD COLUMN written_ms INTEGER NOT NULL DEFAULT 0;
UPDATE device SET written_ms=last_seen_ms;
