/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/pace.h"

#include "engine/core/list.h"

enum { WINDOW_FIRST = 128, TICK_MS = 10, IDLE_SHARE = 4 /* a quarter of the time */ };

static void set_tick(struct pace *p)
{
	p->idle_before_ms = loop_idle_ms(p->loop);
	p->tick_before_ms = loop_now_ms(p->loop);
	/* Without a tick the window stays as it is: slower, not wrong. */
	int err = loop_due_set(p->loop, &p->tick, p->tick_before_ms + TICK_MS);
	(void)err;
}

static void on_tick(struct due *due)
{
	struct pace *p = container_of(due, struct pace, tick);
	uint64_t passed = loop_now_ms(p->loop) - p->tick_before_ms;
	uint64_t idle = loop_idle_ms(p->loop) - p->idle_before_ms;
	if (p->running < p->window)
		return; /* nobody is kept waiting by the window any more */
	if (idle * IDLE_SHARE >= passed) {
		p->window = p->window * 2 < p->most ? p->window * 2 : p->most;
		p->on_room(p->owner);
	}
	if (p->running >= p->window && p->window < p->most)
		set_tick(p);
}

void pace_open(
	struct pace *p, struct loop *l, size_t most, void (*on_room)(void *owner), void *owner)
{
	*p = (struct pace){.loop = l,
		.window = most < WINDOW_FIRST ? most : WINDOW_FIRST,
		.most = most,
		.on_room = on_room,
		.owner = owner};
	due_init(&p->tick, on_tick);
}

void pace_close(struct pace *p)
{
	if (p->loop != NULL)
		loop_due_clear(p->loop, &p->tick);
}

bool pace_take(struct pace *p)
{
	if (p->running >= p->window) {
		if (p->window < p->most && !due_is_set(&p->tick))
			set_tick(p);
		return false;
	}
	if (++p->running > p->peak)
		p->peak = p->running;
	return true;
}

void pace_give(struct pace *p)
{
	p->running--;
}
