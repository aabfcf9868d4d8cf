/* SPDX-License-Identifier: Apache-2.0
 * Which of two readings of the same group of the same printer is shown. Pure: the same records in
 * any order, from any agents, give the same current state. The rest is history. */
#ifndef PLATEN_HUB_MERGE_H
#define PLATEN_HUB_MERGE_H

#include "engine/store/archive.h"

/* How far an agent's clock may be ahead of ours before its times count as wrong. */
#define MERGE_AHEAD_MS (5 * 60 * 1000)
/* How long a reading may have waited in a spool before its time counts as wrong: five years. A
 * machine without a battery for its clock starts in 1970. */
#define MERGE_BEHIND_MS (5 * 365 * 24 * 3600ull * 1000)

/* For archive_options. */
extern const struct archive_rule merge_rule;

/* A group with values beats one that failed; then the later reading wins; then the higher
 * number (one agent's own order); then the digest, so that there is always an order. */
bool merge_wins(const struct archive_version *newer, const struct archive_version *shown);

/* The agent's own time, unless it lies more than MERGE_AHEAD_MS in our future: then the time at
 * which we received it, less the age that the agent measured by its monotonic clock. A time more
 * than MERGE_BEHIND_MS in our past is suspect too and stays: such a reading is shown only where
 * there is no other. */
uint64_t merge_read_at(
	uint64_t read_at_ms, uint64_t received_at_ms, uint32_t age_ms, bool *is_suspect);

/* Whether the reading is suspect by its time. */
bool merge_is_behind(uint64_t read_at_ms, uint64_t received_at_ms);

#endif
