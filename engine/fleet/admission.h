/* SPDX-License-Identifier: Apache-2.0
 * How many polls run at once. A slot is taken before a poll starts and given back when its
 * reading is kept, so a slow disk slows the polls and nothing piles up between them.
 *
 * More at once is only worth something while the loop would otherwise wait: beyond that it costs
 * cache and memory. So the window begins small and doubles, up to its maximum, as long as somebody
 * waits for a slot and the loop has idle time, and goes back slowly when it has none; printers that
 * are slow or silent open it at once, printers that answer as fast as they are asked leave it
 * small. */
#ifndef PLATEN_FLEET_ADMISSION_H
#define PLATEN_FLEET_ADMISSION_H

#include "proto/base/due.h"
#include "engine/loop/loop.h"

#include <stddef.h>
#include <stdint.h>

struct admission {
	struct loop *loop;
	size_t window;  /* now */
	size_t least;   /* where it begins */
	size_t most;    /* the maximum */
	size_t running; /* slots out */
	size_t peak;
	struct due tick; /* set while somebody waits */
	uint64_t idle_before_ms;
	uint64_t tick_before_ms;
	void (*on_room)(void *owner); /* the window has grown */
	void *owner;
};

void admission_open(struct admission *p, struct loop *l, size_t most, void (*on_room)(void *owner),
	void *owner);
void admission_close(struct admission *p);

/* False if no slot is free now; on_room, or the next admission_release, is the time to try again.
 */
bool admission_acquire(struct admission *p);
void admission_release(struct admission *p);

#endif
