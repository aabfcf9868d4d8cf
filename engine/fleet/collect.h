/* SPDX-License-Identifier: Apache-2.0
 * From a reading to a kept record: what changed since the last kept one is packed, once, and put
 * into the spool. While the spool has no room the poll waits here with its reading, its slot stays
 * taken, and so the pressure reaches the printers' side without a message. */
#ifndef PLATEN_FLEET_COLLECT_H
#define PLATEN_FLEET_COLLECT_H

#include "proto/base/err.h"
#include "engine/fleet/poll.h"
#include "engine/loop/loop.h"
#include "engine/store/spool.h"

struct collector;

/* err 0: the record is on disk. Else it was lost to that error, the device wants a full record next
 * time, and the poll is over all the same. */
typedef void collect_on_kept(void *owner, struct poll *poll, int err);

/* The disk quota is used up and readings wait; told again and again as long as that is so. */
typedef void collect_on_full(void *owner);

struct collect_counters {
	uint64_t made;      /* readings taken */
	uint64_t unchanged; /* of these: nothing to keep */
	uint64_t kept;
	uint64_t lost;
	uint64_t waited; /* readings that found the spool full at first */
	uint64_t bytes;  /* of records kept */
};

int collect_open(struct collector **ret, struct loop *l, struct spool *spool,
	collect_on_kept *on_kept, collect_on_full *on_full, void *owner) MUST_USE;

/* 1: on_kept comes later; 0: nothing changed, nothing to keep, on_kept never comes. */
int collect_reading(struct collector *h, struct poll *poll) MUST_USE;

/* From now on a reading that finds the quota used up is not waited with: on_kept(ERR_STOPPED) comes
 * from the loop for those that wait already. Those on their way to the disk still get there. */
void collect_stop(struct collector *h);

const struct collect_counters *collect_counters(const struct collector *h);

/* Polls that still wait end with ERR_STOPPED, from inside this call. Call it before the spool is
 * closed and when no put is under way. */
void collect_close(struct collector *h);

/* "serial:xerox/3wx100", "mac:00:00:aa:..", "addr:10.1.4.22:161" (proto/wire/SCHEMA.md). */
void collect_device_key(char *dst, size_t cap, const struct device *dev, const struct identity *id);

#endif
