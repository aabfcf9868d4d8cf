/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/fleet.h"

#include "proto/base/log.h"
#include "engine/fleet/pace.h"
#include "engine/fleet/remember.h"

#include <errno.h>
#include <stdlib.h>

struct fleet {
	struct loop *loop;
	struct snmp_client *client;
	struct roster *roster;
	struct harvest *harvest;
	struct poll_room room;
	struct ipp_room ipp;
	struct pace pace;
	struct gate gate;
	struct fleet_options options;
	struct fleet_events events;
	void *owner;
	struct fleet_counters counters;
	struct due idle; /* on_idle is told from the loop, not from inside a poll's end */
	struct due late; /* grant() again: after all others that are due now, or in the next turn */
	bool is_stopping;
	bool is_arriving; /* a device that is not doubtful has become due, and more may follow */
	bool is_granting; /* grant() is at work further up the stack */
};

static void grant(struct fleet *f);

static void check_idle(struct fleet *f)
{
	if (f->pace.running > 0 || roster_in_state(f->roster, DEVICE_POLLED) > 0)
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

static enum device_outcome outcome_of(const struct poll *v)
{
	bool is_complete = v->err == 0;
	bool is_silent = true;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		/* Not asked is what a brief poll leaves out. */
		is_complete =
			is_complete && (v->reading.group[g].status == GROUP_COMPLETE ||
					       v->reading.group[g].status == GROUP_NOT_REQUESTED);
		is_silent = is_silent && v->reading.group[g].answered_at_ms == 0;
	}
	return is_complete ? OUTCOME_COMPLETE : is_silent ? OUTCOME_SILENT : OUTCOME_PARTIAL;
}

/* The end of a device's turn: its slot is free, the next one may come. */
static void finish(struct fleet *f, struct poll *v, int err)
{
	struct device *dev = v->device;
	enum device_outcome outcome = (enum device_outcome)dev->outcome;
	bool has_fallen_silent = v->has_fallen_silent;
	poll_free(v);
	pace_give(&f->pace);
	bool is_last = f->is_stopping || f->options.interval_ms == 0;
	roster_rest(dev, outcome, f->is_stopping ? 0 : f->options.interval_ms);
	remember_poll(f->options.known, dev, has_fallen_silent, is_last);
	if (f->events.on_polled != NULL)
		f->events.on_polled(f->owner, dev, outcome, err);
	grant(f);
	check_idle(f);
}

static void log_turn(const struct device *dev, enum device_outcome before, enum device_outcome now,
	const struct poll_end *how)
{
	if (before == now || (before == OUTCOME_NEVER && now == OUTCOME_COMPLETE))
		return;
	static const char *const words[] = {"never", "complete", "partial", "silent"};
	char address[LIMIT_ADDRESS];
	device_address(dev, address, sizeof address);
	log_line(now == OUTCOME_COMPLETE ? LOG_INFO : LOG_WARN, "poll",
		"dev=%s was=%s now=%s err=%s requests=%u took_ms=%llu", address, words[before],
		words[now], err_text(how->err), how->requests, (unsigned long long)how->took_ms);
}

static void tell_silence(struct fleet *f, const struct device *dev)
{
	char address[LIMIT_ADDRESS];
	device_address(dev, address, sizeof address);
	f->counters.fell_silent++;
	log_line(LOG_WARN, "poll",
		"dev=%s key=\"%s\" what=\"fell silent on a question: it is asked with care from "
		"now "
		"on\" objects=%u bulk=%s",
		address, dev->key, dev->memory.proven_oids,
		dev->memory.has_proven_bulk ? "yes" : "no");
	remember_silence(f->options.known, dev);
}

/* A clock that was read a moment before or after. */
enum { UPTIME_SLACK_MS = 60000 };

/* What died comes up again with a clock that began anew. One whose clock ran on was only out of
 * reach: after the day is over it is asked like all others. */
static void acquit(const struct fleet *f, struct device *dev, const struct reading *r)
{
	struct device_manners *m = &dev->manners;
	uint64_t wall = loop_wall_ms(f->loop);
	if (!dev->memory.is_safe_mode || m->fell_silent_wall_ms == 0 ||
		r->identity.uptime_cs == 0 || wall < m->fell_silent_wall_ms + LIMIT_KILLER_MS)
		return;
	if (wall - UINT64_C(10) * r->identity.uptime_cs + UPTIME_SLACK_MS < m->fell_silent_wall_ms)
		dev->memory.is_safe_mode = false;
	m->fell_silent_wall_ms = 0; /* judged */
}

static void on_poll_end(void *owner, struct poll *v, struct poll_end how)
{
	struct fleet *f = owner;
	struct device *dev = v->device;
	enum device_outcome outcome = outcome_of(v);
	f->counters.requests += how.requests;
	if (v->has_fallen_silent)
		tell_silence(f, dev);
	if (how.err == ERR_STOPPED) {
		/* Broken off by us: nothing was learned of the printer. */
		if (outcome == OUTCOME_SILENT || harvest_take(f->harvest, v) == 0)
			finish(f, v, 0);
		return;
	}
	log_turn(dev, (enum device_outcome)dev->outcome, outcome, &how);
	dev->outcome = (uint8_t)outcome;
	dev->err = how.err;
	dev->is_doubtful = outcome == OUTCOME_SILENT || how.took_ms >= LIMIT_PROMPT_MS;
	f->counters.complete += outcome == OUTCOME_COMPLETE;
	f->counters.partial += outcome == OUTCOME_PARTIAL;
	f->counters.silent += outcome == OUTCOME_SILENT;
	if (outcome == OUTCOME_SILENT) {
		finish(f, v, 0);
		return;
	}
	dev->last_read_wall_ms = v->ended_wall_ms;
	acquit(f, dev, &v->reading);
	if (harvest_take(f->harvest, v) == 0)
		finish(f, v, 0);
}

static void on_kept(void *owner, struct poll *v, int err)
{
	struct fleet *f = owner;
	f->counters.lost += err < 0;
	finish(f, v, err);
}

/* Of the slots: what doubtful devices may have while others wait or arrive, and when nobody does.
 */
enum { DOUBTFUL_PART = 16, DOUBTFUL_ALONE = 4 };

static size_t doubtful_max(const struct fleet *f)
{
	size_t slots = f->pace.most;
	return f->is_arriving || roster_has_prompt(f->roster) ? slots / DOUBTFUL_PART
							      : slots - slots / DOUBTFUL_ALONE;
}

/* Starts polls as long as somebody waits and a slot is free. */
static void grant(struct fleet *f)
{
	if (f->is_granting || f->is_stopping)
		return;
	f->is_granting = true;
	while (roster_in_state(f->roster, DEVICE_WAITING) > 0 && f->pace.running < f->gate.window &&
		pace_take(&f->pace)) {
		struct device *dev = roster_take(f->roster, doubtful_max(f));
		if (dev == NULL) {
			pace_give(&f->pace);
			break; /* doubtful ones wait, and as many as may are polled */
		}
		int err = poll_start(&f->room, dev, on_poll_end, f);
		if (err == 0 && loop_is_long(f->loop) &&
			loop_due_set(f->loop, &f->late, loop_now_ms(f->loop)) == 0)
			break; /* the next ones in the next turn */
		if (err == 0)
			continue;
		pace_give(&f->pace);
		if (err == ERR_FULL && f->pace.running > 0) {
			roster_put_back(dev);
			break;
		}
		char address[LIMIT_ADDRESS];
		device_address(dev, address, sizeof address);
		log_line(LOG_WARN, "poll", "dev=%s err=%s what=\"cannot be asked\"", address,
			err_text(err));
		f->counters.silent++;
		dev->err = err;
		roster_rest(dev, OUTCOME_SILENT, f->options.interval_ms);
		if (f->events.on_polled != NULL)
			f->events.on_polled(f->owner, dev, OUTCOME_SILENT, err);
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

static void on_late(struct due *due)
{
	grant(container_of(due, struct fleet, late));
}

void fleet_on_due(struct fleet *f, struct device *dev)
{
	/* It stands in one of the roster's waiting lists. */
	if (dev->is_doubtful && loop_due_set(f->loop, &f->late, loop_now_ms(f->loop)) == 0)
		return;
	f->is_arriving = true;
	grant(f);
	f->is_arriving = false;
}

int fleet_open(struct fleet **ret, struct loop *l, struct snmp_client *client, struct spool *spool,
	struct roster *roster, const struct fleet_options *o, const struct fleet_events *events,
	void *owner)
{
	struct fleet *f = calloc(1, sizeof *f);
	if (f == NULL)
		return -ENOMEM;
	f->loop = l;
	f->client = client;
	f->roster = roster;
	f->options = *o;
	f->events = *events;
	f->owner = owner;
	due_init(&f->idle, on_idle);
	due_init(&f->late, on_late);
	pace_open(&f->pace, l, o->window, on_room, f);
	/* A small fleet has room for the largest printer all the same. */
	size_t blocks = o->window * LIMIT_BLOCKS_PER_POLL;
	if (blocks < LIMIT_ARENA_BLOCKS_ONE)
		blocks = LIMIT_ARENA_BLOCKS_ONE;
	int err = poll_room_open(&f->room, l, client, o->window, blocks);
	if (err == 0)
		err = ipp_room_open(&f->ipp, l, o->ipp_window);
	f->room.ipp = &f->ipp;
	f->room.gate = &f->gate;
	if (err == 0)
		err = gate_open(&f->gate, l, client, &o->gate);
	if (o->models != NULL)
		f->room.models = o->models;
	if (err == 0)
		err = harvest_open(&f->harvest, l, spool, on_kept, on_full, f);
	if (err < 0) {
		gate_close(&f->gate);
		ipp_room_close(&f->ipp);
		poll_room_close(&f->room);
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

const struct gate_counters *fleet_gate(const struct fleet *f)
{
	return &f->gate.counters;
}

size_t fleet_window(const struct fleet *f)
{
	return f->gate.window;
}

size_t fleet_polls(const struct fleet *f)
{
	return f->pace.running;
}

size_t fleet_memory_ceiling(const struct fleet *f)
{
	return sizeof *f +
	       (f->gate.buckets == NULL ? 0 : LIMIT_SUBNETS * sizeof f->gate.buckets[0]) +
	       poll_room_ceiling(&f->room) + ipp_room_ceiling(&f->ipp) + LIMIT_RECORD;
}

void fleet_stop(struct fleet *f)
{
	f->is_stopping = true;
	poll_stop_all(&f->room);
	harvest_stop(f->harvest);
	check_idle(f);
}

void fleet_close(struct fleet *f)
{
	if (f == NULL)
		return;
	loop_due_clear(f->loop, &f->idle);
	loop_due_clear(f->loop, &f->late);
	pace_close(&f->pace);
	harvest_close(f->harvest);
	gate_close(&f->gate);
	ipp_room_close(&f->ipp);
	poll_room_close(&f->room);
	free(f);
}
