/* SPDX-License-Identifier: Apache-2.0
 * The device profile, over a restart: from store/device_store into the roster at start,
 * and back after a poll that changed anything worth it. */
#ifndef PLATEN_FLEET_PROFILE_H
#define PLATEN_FLEET_PROFILE_H

#include "proto/base/err.h"
#include "engine/fleet/roster.h"
#include "engine/store/device_store.h"

/* Before roster_start: every device of the roster that the store has a row of gets its profile
 * back. Returns how many. */
int profile_load(struct roster *r, struct device_store *k) MUST_USE;

/* The device gets the profile of this row, whose times are monotonic. */
void profile_restore(struct device *dev, const struct device_row *row);

/* Profiles of devices that are added while the agent runs, as the store has them. */
struct profile_set {
	struct device_row *rows; /* by address; its own */
	size_t count, cap;
};

/* On a worker, by a connection of its own. -ENOENT: nothing was ever stored. */
int profile_set_read(struct profile_set *ret, const char *dir, const struct conf_device *of,
	size_t count) MUST_USE;
/* Before the first poll of a device; nothing for one that keeps its own. */
void profile_set_apply(const struct profile_set *s, struct device *dev);
void profile_set_free(struct profile_set *s);
/* Whether the store's row of the device, read by profile_load, is of the device with this key. */
bool profile_has_key(const struct device *dev, struct text key);

/* After a poll: saved if the profile has changed, and once in LIMIT_SEEN_SAVE_MS, with the time
 * when the device was last seen. If another printer responds at this address, the profile begins
 * anew. `is_last`: the agent ends, so the day's traffic is saved too. */
void profile_save(struct device_store *k, struct device *dev, bool is_last);

/* The device was retired (roster_retire): the store has it as gone. */
void profile_retire(struct device_store *k, struct device *dev);

/* The device stopped responding after a request: an event. */
void profile_report_stopped_responding(struct device_store *k, const struct device *dev);

/* The SNMP client keeps round-trip time and engine where it sends, in the device's peer: the
 * profile brought up to date with them, and the peer with the profile. */
const struct device_profile *profile_current(struct device *dev);
void profile_apply(struct device *dev);

#endif
