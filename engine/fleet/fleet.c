/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/fleet.h"

#include "engine/core/log.h"
#include "engine/fleet/pace.h"

#include <errno.h>
#include <stdlib.h>

struct fleet {
	struct loop *loop;
	struct poller *poller;
	struct roster *roster;
	struct harvest *harvest;
	struct visit_room room;
	struct ipp_room ipp;
	struct pace pace;
	struct fleet_options options;
	struct fleet_events events;
	void *owner;
	struct fleet_counters counters;
	struct due idle; /* on_idle is told from the loop, not from inside a visit's end */
	bool is_stopping;
	bool is_granting; /* grant() is at work further up the stack */
};

static void grant(struct fleet *f);

static void check_idle(struct fleet *f)
{
	if (f->pace.running > 0 || roster_in_state(f->roster, DEVICE_VISITED) > 0)
		return;
	bool is_over = f->is_stopping || (f->options.interval_ms == 0 &&
						 roster_in_state(f->roster, DEVICE_WAITING) == 0);
	if (is_over && loop_due_set(f->loop, &f->idle, loop_now_ms(f->loop)) < 0)
		log_line(LOG_ERROR, "fleet", "err=%s what=\"idle timer\"", err_text(ERR_FULL));
}

static void on_idle(struct due *due)
{
	struct fleet *f = container_of(due, struct fleet, idle);
	if (f->events.on_idle != NULL)
		f->events.on_idle(f->owner);
}

static enum device_outcome outcome_of(const struct visit *v)
{
	bool is_complete = v->err == 0;
	bool is_silent = true;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		/* Not asked is what a brief visit leaves out. */
		is_complete = is_complete && (v->reading.group[g].status == GROUP_COMPLETE ||
						     v->reading.group[g].status == GROUP_NOT_ASKED);
		is_silent = is_silent && v->reading.group[g].answered_at_ms == 0;
	}
	return is_complete ? OUTCOME_COMPLETE : is_silent ? OUTCOME_SILENT : OUTCOME_PARTIAL;
}

/* The end of a device's turn: its slot is free, the next one may come. */
static void finish(struct fleet *f, struct visit *v, int err)
{
	struct device *dev = v->device;
	enum device_outcome outcome = (enum device_outcome)dev->outcome;
	visit_free(v);
	pace_give(&f->pace);
	roster_rest(dev, outcome, f->is_stopping ? 0 : f->options.interval_ms);
	if (f->events.on_visited != NULL)
		f->events.on_visited(f->owner, dev, outcome, err);
	grant(f);
	check_idle(f);
}

static void log_turn(const struct device *dev, enum device_outcome before, enum device_outcome now,
	const struct visit_end *how)
{
	if (before == now || (before == OUTCOME_NEVER && now == OUTCOME_COMPLETE))
		return;
	static const char *const words[] = {"never", "complete", "partial", "silent"};
	char address[LIMIT_ADDRESS];
	device_address(dev, address, sizeof address);
	log_line(now == OUTCOME_COMPLETE ? LOG_INFO : LOG_WARN, "visit",
		"dev=%s was=%s now=%s err=%s requests=%u took_ms=%llu", address, words[before],
		words[now], err_text(how->err), how->requests, (unsigned long long)how->took_ms);
}

static void on_visit_end(void *owner, struct visit *v, struct visit_end how)
{
	struct fleet *f = owner;
	struct device *dev = v->device;
	enum device_outcome outcome = outcome_of(v);
	f->counters.requests += how.requests;
	if (how.err == ERR_STOPPED) {
		/* Broken off by us: nothing was learned of the printer. */
		if (outcome == OUTCOME_SILENT || harvest_take(f->harvest, v) == 0)
			finish(f, v, 0);
		return;
	}
	log_turn(dev, (enum device_outcome)dev->outcome, outcome, &how);
	dev->outcome = (uint8_t)outcome;
	f->counters.complete += outcome == OUTCOME_COMPLETE;
	f->counters.partial += outcome == OUTCOME_PARTIAL;
	f->counters.silent += outcome == OUTCOME_SILENT;
	if (outcome == OUTCOME_SILENT) {
		finish(f, v, 0);
		return;
	}
	dev->last_read_wall_ms = v->ended_wall_ms;
	if (harvest_take(f->harvest, v) == 0)
		finish(f, v, 0);
}

static void on_kept(void *owner, struct visit *v, int err)
{
	struct fleet *f = owner;
	f->counters.lost += err < 0;
	finish(f, v, err);
}

/* Starts visits as long as somebody waits and a slot is free. */
static void grant(struct fleet *f)
{
	if (f->is_granting || f->is_stopping)
		return;
	f->is_granting = true;
	while (roster_in_state(f->roster, DEVICE_WAITING) > 0 && pace_take(&f->pace)) {
		struct device *dev = roster_take(f->roster);
		int err = visit_start(&f->room, dev, on_visit_end, f);
		if (err == 0)
			continue;
		pace_give(&f->pace);
		if (err == ERR_FULL && f->pace.running > 0) {
			roster_put_back(dev);
			break;
		}
		char address[LIMIT_ADDRESS];
		device_address(dev, address, sizeof address);
		log_line(LOG_WARN, "visit", "dev=%s err=%s what=\"cannot be asked\"", address,
			err_text(err));
		f->counters.silent++;
		roster_rest(dev, OUTCOME_SILENT, f->options.interval_ms);
		if (f->events.on_visited != NULL)
			f->events.on_visited(f->owner, dev, OUTCOME_SILENT, err);
		check_idle(f);
	}
	f->is_granting = false;
}

static void on_full(void *owner)
{
	struct fleet *f = owner;
	if (f->events.on_full != NULL)
		f->events.on_full(f->owner);
}

static void on_room(void *owner)
{
	grant(owner);
}

void fleet_on_due(struct fleet *f, struct device *dev)
{
	(void)dev; /* it stands in the roster's waiting list */
	grant(f);
}

int fleet_open(struct fleet **ret, struct loop *l, struct poller *poller, struct spool *spool,
	struct roster *roster, const struct fleet_options *o, const struct fleet_events *events,
	void *owner)
{
	struct fleet *f = calloc(1, sizeof *f);
	if (f == NULL)
		return -ENOMEM;
	f->loop = l;
	f->poller = poller;
	f->roster = roster;
	f->options = *o;
	f->events = *events;
	f->owner = owner;
	due_init(&f->idle, on_idle);
	pace_open(&f->pace, l, o->window, on_room, f);
	/* A small fleet has room for the largest printer all the same. */
	size_t blocks = o->window * LIMIT_BLOCKS_PER_VISIT;
	if (blocks < LIMIT_ARENA_BLOCKS_ONE)
		blocks = LIMIT_ARENA_BLOCKS_ONE;
	int err = visit_room_open(&f->room, l, poller, o->window, blocks);
	if (err == 0)
		err = ipp_room_open(&f->ipp, l, o->ipp_window);
	f->room.ipp = &f->ipp;
	if (o->models != NULL)
		f->room.models = o->models;
	if (err == 0)
		err = harvest_open(&f->harvest, l, spool, on_kept, on_full, f);
	if (err < 0) {
		ipp_room_close(&f->ipp);
		visit_room_close(&f->room);
		free(f);
		return err;
	}
	*ret = f;
	return 0;
}

const struct fleet_counters *fleet_counters(const struct fleet *f)
{
	return &f->counters;
}

const struct harvest_counters *fleet_harvest(const struct fleet *f)
{
	return harvest_counters(f->harvest);
}

size_t fleet_visits(const struct fleet *f)
{
	return f->pace.running;
}

size_t fleet_memory_ceiling(const struct fleet *f)
{
	return sizeof *f + visit_room_ceiling(&f->room) + ipp_room_ceiling(&f->ipp) + LIMIT_RECORD;
}

void fleet_stop(struct fleet *f)
{
	f->is_stopping = true;
	poller_stop_all(f->poller);
	ipp_room_stop(&f->ipp);
	harvest_stop(f->harvest);
	check_idle(f);
}

void fleet_close(struct fleet *f)
{
	if (f == NULL)
		return;
	loop_due_clear(f->loop, &f->idle);
	pace_close(&f->pace);
	harvest_close(f->harvest);
	ipp_room_close(&f->ipp);
	visit_room_close(&f->room);
	free(f);
}
