/* SPDX-License-Identifier: Apache-2.0
 * From a reading to a record on disk: the groups that differ from the last record are packed, once,
 * and put into the spool. While the spool has no room the item waits here with its reading, its
 * owner keeps its slot, and so the pressure reaches the polls without a message. */
#ifndef PLATEN_FLEET_COLLECT_H
#define PLATEN_FLEET_COLLECT_H

#include "engine/fleet/roster.h"
#include "engine/loop/loop.h"
#include "engine/store/spool.h"
#include "proto/base/err.h"
#include "proto/reading/reading.h"
#include "proto/wire/policy.h"

struct collector;

/* A reading on its way to the disk; embedded in its owner, who fills the first part. */
struct collect_item {
	struct device *device;
	struct reading *reading; /* passes the privacy gate here */
	uint64_t read_wall_ms;
	bool is_incremental; /* slowly changing groups were left out of the poll */
	bool is_stopped;     /* the agent cancelled the poll: partial groups are dropped */
	/* The record is packed: the reading is not needed any more. From inside the collector. */
	void (*on_packed)(struct collect_item *item);
	/* err 0: the record is on disk. Else it is lost to that error, and the device wants a full
	 * record next time. */
	void (*on_kept)(struct collect_item *item, int err);
	/* The collector's. */
	struct list node; /* waiting for the spool */
	struct spool_put put;
	struct collector *collector;
	unsigned groups;              /* bit g: group g differs */
	uint8_t awaits;               /* bit g: the hub needs a second reading of it */
	uint64_t digest[GROUP_COUNT]; /* of what was read */
};

/* The disk quota is used up and readings wait; again and again as long as that is so. */
typedef void collect_on_full(void *owner);

struct collect_counters {
	uint64_t made;      /* readings taken */
	uint64_t unchanged; /* of these: nothing to keep */
	uint64_t kept;
	uint64_t refused;   /* for want of room, when the agent stopped */
	uint64_t lost;      /* to an error; made = unchanged + kept + refused + lost + under_way */
	uint64_t under_way; /* on their way to the disk now */
	uint64_t waited;    /* readings that found the spool full at first */
	uint64_t bytes;     /* of records kept */
};

int collect_open(struct collector **ret, struct loop *l, struct spool *spool,
	collect_on_full *on_full, void *owner) MUST_USE;

/* The policy of the next readings; the caller's. Without it, the default policy. */
void collect_use_policy(struct collector *c, const struct policy *policy);

/* 1: on_kept comes later; 0: nothing changed, nothing to keep, on_kept never comes. */
int collect_reading(struct collector *c, struct collect_item *item) MUST_USE;

/* From now on a reading that finds the quota used up is not waited with: on_kept(ERR_STOPPED) comes
 * from the loop for those that wait already. Those on their way to the disk still get there. */
void collect_stop(struct collector *c);

const struct collect_counters *collect_counters(const struct collector *c);

/* Items that still wait end with ERR_STOPPED, from inside this call. Call it before the spool is
 * closed and when no put is under way. */
void collect_close(struct collector *c);

/* "serial:xerox/3wx100", "mac:00:00:aa:..", "addr:10.1.4.22:161" (proto/wire/SCHEMA.md). */
void collect_device_key(char *dst, size_t cap, const struct device *dev, const struct identity *id);

#endif
