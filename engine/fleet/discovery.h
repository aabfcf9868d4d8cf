/* SPDX-License-Identifier: Apache-2.0
 * Discovery by schedule: a scan (scan.h) of discovery.targets every discovery.interval, in the
 * background of polling, through a client of its own. Found devices are kept (store/device_store)
 * over restarts, and with discovery.adopt they join the roster, now and at the next start. New,
 * moved, gone and returned devices are events.
 *
 * A device that the roster reads is not probed: whether it answers is known from reading it.
 * Devices are the same by their key (serial number with vendor, else hardware address).
 *
 * Order of calls: discovery_open, discovery_load (before roster_start), discovery_start, and at the
 * end discovery_stop, on_run if a run was under way, discovery_close. */
#ifndef PLATEN_FLEET_DISCOVERY_H
#define PLATEN_FLEET_DISCOVERY_H

#include "proto/base/err.h"
#include "engine/fleet/roster.h"
#include "engine/fleet/scan.h"
#include "engine/store/device_store.h"

#include <stddef.h>
#include <stdint.h>

struct discovery;

struct discovery_options {
	const struct agent_conf *conf; /* outlives it */
	const struct models *models;
	struct roster *roster;
	struct device_store *device_store; /* NULL: nothing lasts over a restart */
};

struct discovery_events {
	/* How to ask, as configured now: fills list[cap], in order, and *ret_users. Good until
	 * on_run. */
	size_t (*on_credentials)(
		void *owner, struct scan_credential *list, size_t cap, roster_users *ret_users);
	/* A device joined the roster; after discovery_load it is to be woken. */
	void (*on_adopted)(void *owner, struct device *dev);
	/* A run is over: credentials are not used any more. */
	void (*on_run)(void *owner);
};

struct discovery_status {
	bool is_running;
	uint64_t runs;
	uint64_t last_wall_ms; /* when the last run ended; 0 never */
	uint64_t next_ms;      /* monotonic */
	uint64_t devices;      /* found and not gone */
	uint64_t locked;       /* of these, that need a credential */
	uint64_t gone;
	struct scan_counts counts; /* of the last run */
};

int discovery_open(struct discovery **ret, struct loop *l, const struct discovery_options *o,
	const struct discovery_events *events, void *owner) MUST_USE;

/* Loads the devices that earlier runs found; with discovery.adopt they join the roster. Returns
 * their number, or an error. */
int discovery_load(struct discovery *d) MUST_USE;

/* The first run: now, if no device was found yet or it is asked for, else after an interval. */
int discovery_start(struct discovery *d, bool is_asked_for) MUST_USE;

/* Ends the run that is under way; true: on_run comes. The next one begins after an interval, or, by
 * discovery_start, sooner. */
bool discovery_cancel(struct discovery *d);

void discovery_status(const struct discovery *d, struct discovery_status *ret);
size_t discovery_memory_ceiling(const struct discovery *d);

/* No more runs. True: one is being ended, and on_run comes; then discovery_close may follow. */
bool discovery_stop(struct discovery *d);
/* When no run is under way, after known was closed (it still writes rows of ours). NULL is
 * harmless.
 */
void discovery_close(struct discovery *d);

#endif
