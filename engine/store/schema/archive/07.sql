-- SPDX-License-Identifier: Apache-2.0
-- The latest site information of each agent, as its map (proto/wire/SCHEMA.md), and its mode.
ALTER TABLE agents ADD COLUMN is_corporate INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN information BLOB NOT NULL DEFAULT x'';
ALTER TABLE agents ADD COLUMN information_at_ms INTEGER NOT NULL DEFAULT 0;
