/* SPDX-License-Identifier: Apache-2.0
 * What a device has taught us, over a restart: from store/device_store into the roster at start,
 * and back after a poll that changed anything worth it. */
#ifndef PLATEN_FLEET_PROFILE_H
#define PLATEN_FLEET_PROFILE_H

#include "proto/base/err.h"
#include "engine/fleet/roster.h"
#include "engine/store/device_store.h"

/* Before roster_start: every device of the roster that is known has its limits, times, engine,
 * circuit and bad questions again. Returns how many. */
int profile_load(struct roster *r, struct device_store *k) MUST_USE;

/* After a poll: written if something was learned, or once in LIMIT_PROFILE_SAVE_MS, so that it is
 * known when the device was last seen. If another printer answered at this address, what was
 * learned of the one before is forgotten. `is_last`: the agent ends, so the day's traffic too. */
void profile_save(
	struct device_store *k, struct device *dev, bool has_stopped_responding, bool is_last);

/* It fell silent on a question: told as an event. */
void profile_report_stopped_responding(struct device_store *k, const struct device *dev);

/* A row of it as it is now (for tests and for verbs); returns the parts. */
unsigned profile_row(
	const struct device *dev, uint64_t now_ms, uint64_t wall_ms, struct device_row *row);
void profile_from_row(
	struct device *dev, uint64_t now_ms, uint64_t wall_ms, const struct device_row *row);

#endif
