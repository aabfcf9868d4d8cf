/* SPDX-License-Identifier: Apache-2.0
 * DNS names of devices.targets, and the devices at their addresses. Each name is looked up again
 * after LIMIT_NAME_EVERY_MS, on WORKER_NAMES, one after another; one that does not resolve keeps
 * its address, if it has one, and is looked up sooner, with a growing delay. If a name has another
 * address, its device is retired, unless something else names that address, and the one at the new
 * address gets the limits that were learned. roster_add applies access.allow and access.deny to
 * each address.
 *
 * Order of calls: name_list_add ..., names_open, names_start, names_replace at a reload,
 * names_close; then the workers may end. */
#ifndef PLATEN_FLEET_NAMES_H
#define PLATEN_FLEET_NAMES_H

#include "engine/conf/conf.h"
#include "engine/fleet/roster.h"
#include "engine/loop/workers.h"
#include "proto/base/due.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

struct name {
	struct conf_device device; /* its address: the last one; until there is one, the port */
	bool is_known;             /* it has an address */
	bool is_failing;           /* its last lookup failed, as logged */
	uint8_t failures;          /* in a row, saturating */
	uint64_t due_ms;           /* monotonic */
};

/* All zero is empty. */
struct name_list {
	struct name *names;
	size_t count, cap;
};

/* 0; ERR_FULL: it has `max` already; or -ENOMEM. The text of the name stays the caller's. */
int name_list_add(struct name_list *list, const struct conf_device *device, size_t max) MUST_USE;
/* The entry with the same name and port, or NULL. */
const struct name *name_list_find(const struct name_list *list, const struct conf_device *device);
void name_list_free(struct name_list *list);

struct names_options {
	struct loop *loop;
	struct workers *workers;
	struct roster *roster;
	struct device_store *device_store; /* may be NULL */
	const struct agent_conf *conf;     /* for access.allow and access.deny in messages */
	roster_users users;
	/* Whether devices may come and go now; if not, a lookup waits LIMIT_NAME_RETRY_MS. */
	bool (*may_change)(void *owner);
	/* It is due. */
	void (*on_added)(void *owner, struct device *dev);
	void *owner;
};

/* Embedded in its owner. */
struct names {
	struct names_options options;
	struct name_list list;
	struct due due;
	struct worker_job job;
	struct conf_device looked_up; /* the job's */
	char host[LIMIT_HOST + 1];    /* the job's */
	size_t at;                    /* which the job is about */
	bool is_running;              /* the job */
	bool is_stale;                /* its result belongs to a list that has gone */
	bool is_closed;
};

/* Before the loop runs. Takes the list over, looks all names up (blocks, for about
 * LIMIT_NAMES_START_MS at most) and adds their devices to the roster. */
void names_open(struct names *n, const struct names_options *options, struct name_list *list);

/* How many have no address. */
size_t names_unknown(const struct names *n);

/* From now on they are looked up again. */
void names_start(struct names *n);

/* At a reload, whose devices are in the roster already: takes the list over; all are looked up
 * again now. */
void names_replace(struct names *n, struct name_list *list);

/* No lookup begins any more; one that is under way has no effect. Harmless if it was not opened. */
void names_close(struct names *n);

#endif
