-- SPDX-License-Identifier: Apache-2.0
ALTER TABLE judgements RENAME TO evaluations;
ALTER TABLE whole_groups RENAME TO complete_groups;
ALTER TABLE device_groups RENAME COLUMN answered_at_ms TO responded_at_ms;
