/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/admission.h"

#include "proto/base/list.h"
#include "proto/base/log.h"

/* The window doubles when half of the time was spent waiting, and goes back by an eighth when
 * less than an eighth was. */
enum { WINDOW_MIN = 128, TICK_MS = 10, IDLE_TO_GROW = 2, IDLE_TO_SHRINK = 8 };

static void set_tick(struct admission *p)
{
	p->idle_before_ms = loop_idle_ms(p->loop);
	p->tick_before_ms = loop_now_ms(p->loop);
	/* Without a tick the window stays as it is: slower, not wrong. */
	if (loop_due_set(p->loop, &p->tick, p->tick_before_ms + TICK_MS) < 0)
		log_line(
			LOG_ERROR, "admission", "err=%s what=\"window timer\"", err_text(ERR_FULL));
}

static void on_tick(struct due *due)
{
	struct admission *p = container_of(due, struct admission, tick);
	uint64_t passed = loop_now_ms(p->loop) - p->tick_before_ms;
	uint64_t idle = loop_idle_ms(p->loop) - p->idle_before_ms;
	if (p->running < p->window)
		return; /* no poll waits for the window any more */
	if (idle * IDLE_TO_GROW >= passed && p->window < p->max) {
		p->window = p->window * 2 < p->max ? p->window * 2 : p->max;
		p->on_room(p->owner);
	} else if (idle * IDLE_TO_SHRINK < passed) {
		size_t less = p->window - p->window / 8;
		p->window = less > p->min ? less : p->min;
	}
	if (p->running >= p->window)
		set_tick(p);
}

void admission_open(
	struct admission *p, struct loop *l, size_t max, void (*on_room)(void *owner), void *owner)
{
	*p = (struct admission){.loop = l,
		.window = max < WINDOW_MIN ? max : WINDOW_MIN,
		.min = max < WINDOW_MIN ? max : WINDOW_MIN,
		.max = max,
		.on_room = on_room,
		.owner = owner};
	due_init(&p->tick, on_tick);
}

void admission_close(struct admission *p)
{
	if (p->loop != NULL)
		loop_due_clear(p->loop, &p->tick);
}

bool admission_acquire(struct admission *p)
{
	if (p->running >= p->window) {
		if (!due_is_set(&p->tick))
			set_tick(p);
		return false;
	}
	if (++p->running > p->peak)
		p->peak = p->running;
	return true;
}

void admission_release(struct admission *p)
{
	p->running--;
}
