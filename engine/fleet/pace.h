/* SPDX-License-Identifier: Apache-2.0
 * How many visits may run at once. A slot is taken before a visit starts and given back when its
 * reading is kept, so a slow disk slows the visits and nothing piles up between them. */
#ifndef PLATEN_FLEET_PACE_H
#define PLATEN_FLEET_PACE_H

#include <stdbool.h>
#include <stddef.h>

struct pace {
	size_t window;
	size_t running;
	size_t peak;
};

static inline void pace_init(struct pace *p, size_t window)
{
	*p = (struct pace){.window = window};
}

static inline bool pace_take(struct pace *p)
{
	if (p->running == p->window)
		return false;
	if (++p->running > p->peak)
		p->peak = p->running;
	return true;
}

static inline void pace_give(struct pace *p)
{
	p->running--;
}

#endif
