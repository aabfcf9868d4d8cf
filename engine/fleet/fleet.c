/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/fleet.h"

#include "proto/base/log.h"
#include "engine/fleet/admission.h"
#include "engine/fleet/poll.h"
#include "engine/fleet/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct fleet {
	struct loop *loop;
	struct snmp_client *client;
	struct roster *roster;
	struct collector *collector;
	struct poll_context *polls;
	struct admission admission;
	struct rate_limit rate_limit;
	struct fleet_options options;
	struct fleet_events events;
	void *owner;
	struct fleet_counters counters;
	struct due idle; /* on_idle comes from the loop, not from inside a poll's end */
	struct due late; /* grant() again: after all others that are due now, or in the next turn */
	bool is_stopping;
	bool is_paused;
	bool is_arriving; /* a device that is not slow has become due, and more may follow */
	bool is_granting; /* grant() is at work further up the stack */
};

static void grant(struct fleet *f);

static void check_idle(struct fleet *f)
{
	if (f->admission.running > 0 || roster_in_state(f->roster, DEVICE_POLLED) > 0)
		return;
	bool is_over = f->is_stopping || (f->options.interval_ms == 0 &&
						 roster_in_state(f->roster, DEVICE_WAITING) == 0);
	if (is_over && loop_due_set(f->loop, &f->idle, loop_now_ms(f->loop)) < 0)
		log_line(LOG_ERROR, "fleet", "err=%s what=\"the idle timer cannot be set\"",
			err_text(ERR_FULL));
}

static void on_idle(struct due *due)
{
	struct fleet *f = container_of(due, struct fleet, idle);
	if (f->events.on_idle != NULL)
		f->events.on_idle(f->owner);
}

static enum device_outcome outcome_of(const struct poll_end *end)
{
	bool is_complete = end->err == 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const struct group_info *info = &end->reading->group[g];
		/* An incremental poll leaves groups out. */
		is_complete = is_complete && (info->status == GROUP_COMPLETE ||
						     info->status == GROUP_NOT_REQUESTED);
	}
	return is_complete                       ? OUTCOME_COMPLETE
	       : poll_has_response(end->reading) ? OUTCOME_PARTIAL
						 : OUTCOME_SILENT;
}

static void note_text(char *dst, size_t cap, struct text t)
{
	if (t.len > 0)
		(void)text_scrub(dst, cap, t);
}

/* For the device store; a text that this reading lacks stays as it was. */
static void note_identity(struct device *dev, const struct identity *id)
{
	note_text(dev->identity.vendor, sizeof dev->identity.vendor, id->vendor);
	note_text(dev->identity.model, sizeof dev->identity.model, id->model);
	note_text(dev->identity.serial, sizeof dev->identity.serial, id->serial);
	note_text(dev->identity.mac, sizeof dev->identity.mac, id->mac);
}

/* A host that responded is a device of this fleet if it is a printer, or named by devices.accept.
 * One that was accepted before stays so until a whole identity says otherwise; of one that was not,
 * nothing is kept until its identity is whole. */
static enum device_outcome accept_device(const struct fleet *f, struct device *dev,
	enum device_outcome outcome, const struct reading *r)
{
	const struct conf_accept *accept = f->options.accept;
	if (outcome == OUTCOME_SILENT)
		return outcome;
	dev->kind = (uint8_t)device_kind_of(&r->identity);
	if (r->identity.is_printer ||
		(accept != NULL && conf_accepts(accept, &dev->peer.address.sa, dev->kind))) {
		dev->is_accepted = true;
		note_identity(dev, &r->identity);
		return outcome;
	}
	return r->group[GROUP_IDENTITY].status == GROUP_COMPLETE ? OUTCOME_OTHER : OUTCOME_PARTIAL;
}

/* The poll of a device is over: its slot is free, the next one may come. */
static void finish(struct fleet *f, struct poll *poll, struct device *dev, int err)
{
	enum device_outcome outcome = (enum device_outcome)dev->outcome;
	bool is_last = f->is_stopping || f->options.interval_ms == 0;
	poll_free(poll);
	admission_release(&f->admission);
	roster_schedule(dev, outcome, f->is_stopping ? 0 : f->options.interval_ms);
	profile_save(f->options.device_store, dev, is_last);
	if (f->events.on_polled != NULL)
		f->events.on_polled(f->owner, dev, outcome, err);
	grant(f);
	check_idle(f);
}

/* A range may hold addresses without a device, and devices that are no printers: no warning. */
static enum log_level turn_level(const struct device *dev, const struct poll_end *how)
{
	bool is_unknown = dev->is_range && !dev->is_accepted;
	if (dev->outcome == OUTCOME_COMPLETE)
		return LOG_INFO;
	if (is_unknown && (dev->outcome != OUTCOME_SILENT || device_is_absence(how->err)))
		return LOG_DEBUG;
	return LOG_WARN;
}

/* dev->outcome is that of this poll. */
static void log_turn(
	const struct device *dev, enum device_outcome before, const struct poll_end *how)
{
	static const char *const words[] = {"never", "complete", "partial", "silent", "other"};
	const char *word = device_is_refused(dev) ? "refused" : words[dev->outcome];
	enum device_outcome now = (enum device_outcome)dev->outcome;
	if (before == now || (before == OUTCOME_NEVER && now == OUTCOME_COMPLETE))
		return;
	if (now == OUTCOME_OTHER)
		log_line(turn_level(dev, how), "poll",
			"dev=%s was=%s now=%s kind=%s what=\"not a printer: it is not kept\" "
			"next=\"name it in devices.accept if it is one\"",
			device_address(dev).text, words[before], words[now],
			device_kind_name(dev->kind));
	else
		log_line(turn_level(dev, how), "poll",
			"dev=%s was=%s now=%s err=%s requests=%u took_ms=%ju",
			device_address(dev).text, words[before], word, err_text(how->err),
			how->requests, how->took_ms);
}

static void count_outcome(struct fleet *f, const struct device *dev)
{
	struct fleet_counters *c = &f->counters;
	enum device_standing standing = device_standing(dev);
	c->others += standing == STANDING_OTHER;
	c->absent += standing == STANDING_ABSENT;
	c->complete += dev->outcome == OUTCOME_COMPLETE;
	c->partial += dev->outcome == OUTCOME_PARTIAL;
	c->refused += device_is_refused(dev) && standing == STANDING_DEVICE;
	c->silent += dev->outcome == OUTCOME_SILENT && !device_is_refused(dev) &&
		     standing == STANDING_DEVICE;
}

static void report_stopped_responding(struct fleet *f, const struct device *dev)
{
	f->counters.stopped_responding++;
	log_line(LOG_WARN, "poll",
		"dev=%s key=\"%s\" event=stopped-responding next=\"safe mode\" "
		"objects=%u bulk=%s",
		device_address(dev).text, dev->key, dev->profile.limits.proven_oids,
		dev->profile.limits.has_proven_bulk ? "yes" : "no");
	profile_report_stopped_responding(f->options.device_store, dev);
}

/* Between the readings of two clocks. */
enum { UPTIME_SLACK_MS = 60000 };

/* A device that crashed comes up with a sysUpTime that began anew. One whose sysUpTime ran on was
 * only out of reach: after LIMIT_QUARANTINE_MS it leaves safe mode. */
static void end_safe_mode(const struct fleet *f, struct device *dev, const struct reading *r)
{
	struct device_protection *m = &dev->profile.protection;
	uint64_t wall = loop_wall_ms(f->loop);
	if (!dev->profile.limits.is_safe_mode || m->stopped_responding_wall_ms == 0 ||
		r->identity.uptime_cs == 0 ||
		wall < m->stopped_responding_wall_ms + LIMIT_QUARANTINE_MS)
		return;
	if (wall - UINT64_C(10) * r->identity.uptime_cs + UPTIME_SLACK_MS <
		m->stopped_responding_wall_ms)
		dev->profile.limits.is_safe_mode = false;
	m->stopped_responding_wall_ms = 0; /* decided */
}

static void on_kept(void *owner, struct poll *poll, int err);

static void on_poll_end(void *owner, struct poll *poll, const struct poll_end *end)
{
	struct fleet *f = owner;
	struct device *dev = end->device;
	enum device_outcome outcome = outcome_of(end);
	f->counters.requests += end->requests;
	if (end->has_stopped_responding)
		report_stopped_responding(f, dev);
	/* Broken off by us: nothing is learned of the printer. */
	bool is_stopped = end->err == ERR_STOPPED;
	outcome = accept_device(f, dev, outcome, end->reading);
	if (!is_stopped) {
		enum device_outcome before = (enum device_outcome)dev->outcome;
		dev->outcome = (uint8_t)outcome;
		dev->err = end->err;
		dev->profile.protection.refusal = device_is_refused(dev) ? dev->err : 0;
		dev->attempt_wall_ms = end->ended_wall_ms;
		if (outcome == OUTCOME_COMPLETE)
			dev->complete_wall_ms = end->ended_wall_ms;
		log_turn(dev, before, end);
		dev->profile.is_slow =
			outcome == OUTCOME_SILENT || end->took_ms >= LIMIT_SLOW_POLL_MS;
		count_outcome(f, dev);
	}
	bool is_kept = dev->is_accepted && outcome != OUTCOME_SILENT && outcome != OUTCOME_OTHER;
	if (outcome != OUTCOME_SILENT && !is_stopped) {
		dev->last_read_wall_ms = end->ended_wall_ms;
		end_safe_mode(f, dev, end->reading);
	}
	dev->has_stopped_responding = end->has_stopped_responding;
	if (!is_kept || poll_keep(poll, f->collector, on_kept) == 0)
		finish(f, poll, dev, 0);
}

static void on_kept(void *owner, struct poll *poll, int err)
{
	struct fleet *f = owner;
	finish(f, poll, poll_device(poll), err);
}

/* Part of the slots that slow devices may have while others wait or arrive, and while none does. */
enum { SLOW_PART = 16, SLOW_ALONE = 4 };

static size_t slow_max(const struct fleet *f)
{
	size_t slots = f->admission.max;
	return f->is_arriving || roster_has_prompt(f->roster) ? slots / SLOW_PART
							      : slots - slots / SLOW_ALONE;
}

/* Starts polls as long as a device waits and a slot is free. */
static void grant(struct fleet *f)
{
	if (f->is_granting || f->is_stopping || f->is_paused)
		return;
	f->is_granting = true;
	while (roster_in_state(f->roster, DEVICE_WAITING) > 0 &&
		f->admission.running < f->rate_limit.window && admission_acquire(&f->admission)) {
		struct device *dev = roster_next(f->roster, slow_max(f));
		if (dev == NULL) {
			admission_release(&f->admission);
			break; /* only slow ones wait, and their part of the slots is used */
		}
		int err = poll_start(f->polls, dev, on_poll_end, f);
		if (err == 0 && loop_iteration_is_long(f->loop) &&
			loop_due_set(f->loop, &f->late, loop_now_ms(f->loop)) == 0)
			break; /* the next ones in the next turn */
		if (err == 0)
			continue;
		admission_release(&f->admission);
		if (err == ERR_FULL && f->admission.running > 0) {
			roster_put_back(dev);
			break;
		}
		log_line(LOG_WARN, "poll", "dev=%s err=%s event=\"poll not started\"",
			device_address(dev).text, err_text(err));
		dev->outcome = OUTCOME_SILENT;
		dev->err = err;
		count_outcome(f, dev);
		roster_schedule(dev, OUTCOME_SILENT, f->options.interval_ms);
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
	if (dev->profile.is_slow && loop_due_set(f->loop, &f->late, loop_now_ms(f->loop)) == 0)
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
	admission_open(&f->admission, l, o->window, on_room, f);
	/* A small fleet has room for the largest printer all the same. */
	size_t blocks = o->window * LIMIT_BLOCKS_PER_POLL;
	if (blocks < LIMIT_ARENA_BLOCKS_ONE)
		blocks = LIMIT_ARENA_BLOCKS_ONE;
	struct poll_options polls = {.client = client,
		.models = o->models,
		.rate_limit = &f->rate_limit,
		.polls = o->window,
		.blocks = blocks,
		.ipp_polls = o->ipp_window};
	int err = rate_limit_open(&f->rate_limit, l, client, &o->rate_limit);
	if (err == 0)
		err = poll_context_open(&f->polls, l, &polls);
	if (err == 0)
		err = collect_open(&f->collector, l, spool, on_full, f);
	if (err < 0) {
		rate_limit_close(&f->rate_limit);
		poll_context_close(f->polls);
		free(f);
		return err;
	}
	*ret = f;
	return 0;
}

/* Other devices get their poll now: they may be accepted. */
static void wake_other(void *owner, struct device *dev)
{
	(void)owner;
	if (dev->outcome == OUTCOME_OTHER && roster_wake(dev) < 0)
		log_line(LOG_ERROR, "fleet", "err=%s what=\"poll timer\"", err_text(ERR_FULL));
}

void fleet_accept(struct fleet *f, const struct conf_accept *accept)
{
	f->options.accept = accept;
	roster_each(f->roster, wake_other, NULL);
}

void fleet_use_policy(struct fleet *f, const struct policy *policy)
{
	collect_use_policy(f->collector, policy);
	poll_context_add_optional(f->polls, policy_optional(policy));
}

void fleet_pause(struct fleet *f, bool is_paused)
{
	f->is_paused = is_paused;
	grant(f);
}

const struct fleet_counters *fleet_counters(const struct fleet *f)
{
	return &f->counters;
}

const struct collect_counters *fleet_collect_counters(const struct fleet *f)
{
	return collect_counters(f->collector);
}

const struct rate_limit_counters *fleet_rate_limit_counters(const struct fleet *f)
{
	return &f->rate_limit.counters;
}

size_t fleet_window(const struct fleet *f)
{
	return f->rate_limit.window;
}

size_t fleet_polls(const struct fleet *f)
{
	return f->admission.running;
}

size_t fleet_memory_ceiling(const struct fleet *f)
{
	return sizeof *f +
	       (f->rate_limit.buckets == NULL ? 0
					      : LIMIT_SUBNETS * sizeof f->rate_limit.buckets[0]) +
	       poll_context_ceiling(f->polls) + LIMIT_RECORD;
}

void fleet_stop(struct fleet *f)
{
	f->is_stopping = true;
	poll_context_stop(f->polls);
	collect_stop(f->collector);
	check_idle(f);
}

void fleet_close(struct fleet *f)
{
	if (f == NULL)
		return;
	loop_due_clear(f->loop, &f->idle);
	loop_due_clear(f->loop, &f->late);
	admission_close(&f->admission);
	collect_close(f->collector);
	rate_limit_close(&f->rate_limit);
	poll_context_close(f->polls);
	free(f);
}
