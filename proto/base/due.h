/* SPDX-License-Identifier: Apache-2.0
 * The deadline heap: who is due next, for any number of owners. Nodes are embedded in their
 * owners and never move; the heap holds pointers to them, and beside each what it is
 * sorted by, so that only nodes that change their place are touched. Ties are served in the order
 * they were set, so that none starves. Pure: the caller passes the time. engine/loop drives a
 * heap by one timer. */
#ifndef PLATEN_BASE_DUE_H
#define PLATEN_BASE_DUE_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct due;
typedef void due_on_time(struct due *due);

struct due {
	uint64_t at_ms; /* monotonic milliseconds */
	uint64_t tie;   /* order of setting, for equal times */
	size_t place;   /* 1 + index in the heap; 0: not in it */
	due_on_time *on_time;
};

struct due_slot {
	uint64_t at_ms;
	uint64_t tie;
	struct due *due;
};

struct due_heap {
	struct due_slot *slots;
	size_t len;
	size_t cap; /* fixed when opened */
	uint64_t ties;
};

/* Room for `cap` nodes, allocated once. 0 or -ENOMEM. */
int due_heap_open(struct due_heap *h, size_t cap) MUST_USE;
void due_heap_close(struct due_heap *h);

/* Before first use. on_time is called by the code that drives the heap, after the node was taken
 * out. */
void due_init(struct due *d, due_on_time *on_time);

/* Sets or moves the deadline. ERR_FULL if the heap has no room (only possible for a new node). */
int due_set(struct due_heap *h, struct due *d, uint64_t at_ms) MUST_USE;

/* Takes the node out; harmless if it is not in. */
void due_clear(struct due_heap *h, struct due *d);

/* The earliest node, still in the heap, or NULL. */
struct due *due_first(const struct due_heap *h);

static inline bool due_is_set(const struct due *d)
{
	return d->place != 0;
}

#endif
