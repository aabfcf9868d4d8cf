/* SPDX-License-Identifier: Apache-2.0
 * What a device has taught us, over a restart: from store/known into the roster at start, and back
 * after a poll that changed anything worth it. */
#ifndef PLATEN_FLEET_REMEMBER_H
#define PLATEN_FLEET_REMEMBER_H

#include "proto/base/err.h"
#include "engine/fleet/roster.h"
#include "engine/store/known.h"

/* Before roster_start: every device of the roster that is known has its limits, times, engine,
 * circuit and bad questions again. Returns how many. */
int remember_load(struct roster *r, struct known *k) MUST_USE;

/* After a poll: written if something was learned, or once in LIMIT_REMEMBER_MS, so that it is
 * known when the device was last seen. If another printer answered at this address, what was
 * learned of the one before is forgotten. `is_last`: the agent ends, so the day's traffic too. */
void remember_poll(struct known *k, struct device *dev, bool has_fallen_silent, bool is_last);

/* It fell silent on a question: told as an event. */
void remember_silence(struct known *k, const struct device *dev);

/* A row of it as it is now (for tests and for verbs); returns the parts. */
unsigned remember_row(
	const struct device *dev, uint64_t now_ms, uint64_t wall_ms, struct known_device *row);
void remember_take(
	struct device *dev, uint64_t now_ms, uint64_t wall_ms, const struct known_device *row);

#endif
