/* SPDX-License-Identifier: Apache-2.0
 * How many polls run at once. A slot is taken before a poll starts and released when its reading is
 * on disk, so a slow disk slows the polls and nothing piles up between them.
 *
 * More at once helps only while the loop has idle time: beyond that it costs cache and memory. So
 * the window begins small and doubles, up to its maximum, as long as polls wait for a slot and half
 * of the time is idle, and shrinks slowly when less than an eighth is. Slow or silent printers open
 * it at once; printers that respond as fast as requests are sent leave it small. */
#ifndef PLATEN_FLEET_ADMISSION_H
#define PLATEN_FLEET_ADMISSION_H

#include "proto/base/due.h"
#include "engine/loop/loop.h"

#include <stddef.h>
#include <stdint.h>

struct admission {
	struct loop *loop;
	size_t window;  /* now */
	size_t min;     /* where it begins */
	size_t max;     /* the maximum */
	size_t running; /* slots out */
	size_t peak;
	struct due tick; /* set while a poll waits */
	uint64_t idle_before_ms;
	uint64_t tick_before_ms;
	void (*on_room)(void *owner); /* the window has grown */
	void *owner;
};

void admission_open(
	struct admission *p, struct loop *l, size_t max, void (*on_room)(void *owner), void *owner);
void admission_close(struct admission *p);

/* False if no slot is free now; on_room, or the next admission_release, is the time to try again.
 */
bool admission_acquire(struct admission *p);
void admission_release(struct admission *p);

#endif
