/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/uplink_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t uplink_random(void)
{
	uint64_t v;
	/* Only spreads load: without random numbers the rest is the longest one. */
	return crypto_random(&v, sizeof v) < 0 ? UINT64_MAX : v;
}

static void finish_close(struct uplink *u)
{
	void (*on_closed)(void *) = u->on_closed;
	void *owner = u->closed_owner;
	loop_due_clear(u->loop, &u->due);
	loop_due_clear(u->loop, &u->heartbeat_due);
	hub_close(u);
	free(u);
	on_closed(owner);
}

static void on_nothing_done(struct worker_job *job, int result)
{
	(void)result;
	finish_close(container_of(job, struct uplink, close_job));
}

/* Sleeps until the next time, in steps. */
static void arm(struct uplink *u)
{
	uint64_t now = loop_wall_ms(u->loop), next = u->is_off ? 0 : u->when.next_ms;
	u->status.next_ms = next;
	if (next == 0 || u->o.is_on_request) {
		loop_due_clear(u->loop, &u->due);
		return;
	}
	uint64_t wait = next > now ? next - now : 0;
	if (wait > u->o.look_ms)
		wait = u->o.look_ms;
	/* The heap has room for every owner by its own sum; without it the uplink would only run
	 * on request, so the error is logged. */
	int err = loop_due_set(u->loop, &u->due, loop_now_ms(u->loop) + wait);
	if (err < 0)
		log_line(LOG_ERROR, "uplink", "err=%s what=\"no room for the schedule\"",
			err_text(err));
}

static void schedule_regular(struct uplink *u)
{
	u->when.next_ms =
		schedule_is_empty(&u->schedule)
			? 0
			: schedule_next_ms(&u->schedule, loop_wall_ms(u->loop), u->when.served_ms);
}

static void uplink_schedule(struct uplink *u)
{
	bool is_again = u->status.last_err != 0 && err_passes(u->status.last_err);
	if (is_again && !schedule_is_empty(&u->schedule))
		u->when.next_ms = schedule_again_ms(
			&u->schedule, loop_wall_ms(u->loop), u->when.served_ms, uplink_random());
	else
		schedule_regular(u);
	arm(u);
}

/* Counts the times of the calendar that went by without a sync, each once: those after the last one
 * that was served or counted. Whether there are any. */
static bool count_missed(struct uplink *u, uint64_t now)
{
	char last[25], next[25];
	struct uplink_status *status = &u->status;
	uint64_t since = status->served_ms > status->last_missed_ms ? status->served_ms
								    : status->last_missed_ms;
	uint64_t last_ms;
	unsigned count = schedule_missed(&u->schedule, since, now, &last_ms);
	if (count == 0)
		return false;
	status->missed += count;
	status->last_missed_ms = last_ms;
	str_utc(last, last_ms);
	str_utc(next, u->when.next_ms);
	log_line(LOG_WARN, "uplink",
		"missed=%s%u last=%s next=%s what=\"syncs missed: the agent or its host was off\"",
		count < LIMIT_SYNC_MISSED ? "" : "at-least-", count, last, next);
	if (u->events.on_missed != NULL)
		u->events.on_missed(u->owner, count, last_ms);
	return true;
}

/* A sync of the schedule; the one before was due at served_ms. */
static int start_due(struct uplink *u, uint64_t served_ms, uint64_t now)
{
	u->is_regular = schedule_has_passed(&u->schedule, served_ms, now);
	int err = sync_start(u);
	if (err < 0)
		u->is_regular = false;
	return err;
}

static void look_at_clock(struct uplink *u)
{
	uint64_t now = loop_wall_ms(u->loop), before = u->when.served_ms;
	int err = 0;
	switch (schedule_look(&u->schedule, &u->when, now)) {
	case SCHEDULE_SYNC:
		u->status.served_ms = now;
		err = start_due(u, before, now);
		if (err == 0)
			return;
		log_line(LOG_ERROR, "uplink", "err=%s what=\"cannot start\"", err_text(err));
		schedule_regular(u);
		break;
	case SCHEDULE_MISSED:
		/* None if a sync was begun at the time, and only its repetition is missed. */
		(void)count_missed(u, now);
		break;
	case SCHEDULE_WAIT:
		break;
	}
	arm(u);
}

static bool is_refused(const struct uplink *u)
{
	int err = u->status.last_err;
	return (err == ERR_AUTH || err == ERR_FORBIDDEN) && u->events.on_refused != NULL;
}

static void look(struct uplink *u)
{
	if (!is_refused(u)) {
		look_at_clock(u);
	} else if (!u->is_checking_login) {
		u->is_checking_login = true;
		u->events.on_refused(u->owner);
	}
}

void uplink_login_checked(struct uplink *u, const char *password)
{
	u->is_checking_login = false;
	if (u->is_closing || u->is_off || u->state != UPLINK_IDLE)
		return; /* a run has begun meanwhile, and its end finds the next time */
	if (password == NULL || strcmp(password, u->place.password) == 0) {
		look_at_clock(u);
		return;
	}
	hub_use_password(u, password);
	log_line(LOG_INFO, "uplink", "what=\"the hub's password has changed: trying again\"");
	int err = sync_start(u);
	if (err == 0)
		return;
	log_line(LOG_ERROR, "uplink", "err=%s what=\"cannot start\"", err_text(err));
	arm(u);
}

static void on_due(struct due *due)
{
	struct uplink *u = container_of(due, struct uplink, due);
	if (u->state == UPLINK_IDLE)
		look(u);
	else if (u->state == UPLINK_BACKED_OFF)
		sync_retry(u);
	/* else the deadline is the connection's; a worker always reports */
}

void uplink_sync_over(struct uplink *u, const struct uplink_summary *summary)
{
	bool was_closing = u->is_closing;
	u->state = UPLINK_IDLE;
	u->is_regular = false;
	hub_use_next(u);
	if (!was_closing)
		uplink_schedule(u);
	u->events.on_sync_end(u->owner, summary->err, summary);
	/* If the owner closed in that call, uplink_close has queued a job that goes on. */
	if (was_closing)
		finish_close(u);
}

void uplink_heartbeat_over(struct uplink *u, bool wants_sync)
{
	bool was_closing = u->is_closing;
	u->state = UPLINK_IDLE;
	hub_use_next(u);
	int err = was_closing || !wants_sync ? ERR_STOPPED : sync_start(u);
	if (wants_sync && err < 0) {
		const struct uplink_summary none = {
			.err = err, .ended_at_ms = loop_wall_ms(u->loop)};
		u->events.on_sync_end(u->owner, err, &none);
	}
	if (was_closing)
		finish_close(u);
	else if (u->state == UPLINK_IDLE)
		arm(u);
}

/* A damaged value counts as none. */
static int load(struct uplink_kept *k, struct spool *spool)
{
	uint8_t bytes[VALUE_BYTES];
	int n = hub_key_load(&k->hub_key, spool);
	if (n < 0)
		return n;
	n = spool_get_value(spool, UPLINK_STATUS_VALUE, bytes, sizeof bytes);
	if (n > 0 && uplink_status_unpack(&k->status, bytes, (size_t)n) < 0)
		k->status = (struct uplink_status){0};
	n = spool_get_value(spool, UPLINK_ENCODINGS_VALUE, bytes, sizeof bytes);
	k->encodings = n == 1 && bytes[0] < BODY_ENCODING_COUNT ? bytes[0] : 0;
	/* Damaged: it is sent once more. */
	n = spool_get_value(spool, SITE_VALUE, bytes, sizeof bytes);
	if (n == sizeof k->site_sent)
		memcpy(&k->site_sent, bytes, sizeof k->site_sent);
	return 0;
}

int uplink_kept_load(struct uplink_kept **ret, struct spool *spool)
{
	struct uplink_kept *k = calloc(1, sizeof *k);
	int err = k == NULL ? -ENOMEM : load(k, spool);
	if (err < 0) {
		free(k);
		k = NULL;
	}
	*ret = k;
	return err;
}

void uplink_kept_next(const struct uplink_kept *k, struct uplink_next *ret)
{
	*ret = (struct uplink_next){.encodings = k->encodings,
		.looks_at_site = true,
		.site_digest = k->site_sent.digest,
		.site_sent_ms = k->site_sent.at_ms};
}

void uplink_kept_free(struct uplink_kept *kept)
{
	free(kept);
}

static void use_kept(struct uplink *u, const struct uplink_kept *k)
{
	u->hub_key = k->hub_key;
	u->status = k->status;
	u->hub_encodings = k->encodings;
	u->site_sent = k->site_sent;
}

static int open_kept(struct uplink *u)
{
	struct uplink_kept *kept;
	if (u->o.kept != NULL) {
		use_kept(u, u->o.kept);
		return 0;
	}
	int err = uplink_kept_load(&kept, u->spool);
	if (err < 0)
		return err;
	use_kept(u, kept);
	uplink_kept_free(kept);
	return 0;
}

void uplink_set_site(struct uplink *u, const struct site_agent *site)
{
	site_set_agent(&u->site, site);
}

static void apply_defaults(struct uplink_options *o)
{
	if (o->max_records == 0 || o->max_records > LIMIT_BATCH_RECORDS)
		o->max_records = LIMIT_BATCH_RECORDS;
	if (o->tries == 0)
		o->tries = LIMIT_UPLINK_TRIES;
	if (o->backoff_base_ms == 0)
		o->backoff_base_ms = 1000;
	if (o->backoff_cap_ms == 0)
		o->backoff_cap_ms = 60000;
	if (o->send_ms == 0)
		o->send_ms = LIMIT_SEND_MS;
	if (o->receipt_ms == 0)
		o->receipt_ms = LIMIT_RECEIPT_MS;
	if (o->retry_after_max_ms == 0)
		o->retry_after_max_ms = LIMIT_RETRY_AFTER_MS;
	if (o->look_ms == 0)
		o->look_ms = LIMIT_UPLINK_LOOK_MS;
}

/* So that the next start does not count the same ones again. */
static void keep_status(struct uplink *u)
{
	int n = uplink_status_pack(&u->status, u->status_bytes);
	int err = spool_set_value(u->spool, UPLINK_STATUS_VALUE, u->status_bytes, (size_t)n);
	if (err < 0)
		log_line(LOG_ERROR, "uplink", "err=%s what=\"the status is not kept\"",
			err_text(err));
}

static struct schedule_past past_of(const struct uplink *u)
{
	return (struct schedule_past){.served_ms = u->status.served_ms,
		.success_ms = u->status.last_success_ms,
		.is_failed = u->status.last_err != 0 && err_passes(u->status.last_err)};
}

static void open_schedule(struct uplink *u)
{
	uint64_t now = loop_wall_ms(u->loop);
	const struct schedule_past past = past_of(u);
	schedule_open(&u->schedule, u->o.interval_ms, u->o.calendar, spool_agent_id(u->spool), 16);
	u->when = (struct schedule_state){.served_ms = past.served_ms};
	if (u->o.is_on_request)
		schedule_regular(u);
	else if (!schedule_is_empty(&u->schedule))
		u->when.next_ms = schedule_first_ms(&u->schedule, now, &past, uplink_random());
	/* Times that passed between two runs of `once` are served by the second; those before a
	 * reload that brings the hub were of none. */
	if (!u->o.is_on_request && u->o.kept == NULL && count_missed(u, now))
		keep_status(u);
	u->o.kept = NULL;
	arm(u);
}

static void default_policy(struct policy *p)
{
	policy_open(p);
	policy_close(p);
}

void uplink_use_policy(struct uplink *u, const struct policy *policy)
{
	u->policy = *policy;
}

int uplink_open(struct uplink **ret, struct loop *l, struct workers *workers, struct spool *spool,
	const struct uplink_options *o, const struct uplink_events *events, void *owner)
{
	if (o->tls == NULL || o->key == NULL)
		return ERR_USAGE;
	struct uplink *u = calloc(1, sizeof *u);
	if (u == NULL)
		return -ENOMEM;
	u->loop = l;
	u->workers = workers;
	u->spool = spool;
	u->o = *o;
	hub_open(u, &o->hub);
	if (o->policy != NULL)
		u->policy = *o->policy;
	else
		default_policy(&u->policy);
	u->events = *events;
	u->is_off = o->is_off;
	(void)str_copy(u->site.name, sizeof u->site.name, o->site != NULL ? o->site : "");
	u->owner = owner;
	apply_defaults(&u->o);
	due_init(&u->due, on_due);
	int err = crypto_key_public(o->key, u->public_key);
	if (err >= 0) {
		u->public_key_len = (size_t)err;
		err = crypto_key_id(u->public_key, u->public_key_len, u->key_id);
	}
	if (err >= 0)
		err = open_kept(u);
	if (err < 0) {
		hub_close(u);
		free(u);
		return err;
	}
	open_schedule(u);
	heartbeat_open(u);
	*ret = u;
	return 0;
}

static int can_start(const struct uplink *u)
{
	if (u->is_closing)
		return ERR_STOPPED;
	return u->state == UPLINK_IDLE ? 0 : ERR_BUSY;
}

int uplink_sync_now(struct uplink *u)
{
	int err = can_start(u);
	if (err == ERR_BUSY && !u->is_off && u->sync != NULL &&
		u->sync->message == MESSAGE_HEARTBEAT) {
		u->wants_sync = true; /* at its end */
		return 0;
	}
	return err < 0 ? err : sync_start(u);
}

bool uplink_is_due(const struct uplink *u)
{
	const struct schedule_past past = past_of(u);
	return !u->is_off && schedule_is_due(&u->schedule, loop_wall_ms(u->loop), &past);
}

int uplink_sync_due(struct uplink *u)
{
	uint64_t before = u->status.served_ms, now = loop_wall_ms(u->loop);
	int err = can_start(u);
	if (err < 0)
		return err;
	u->status.served_ms = u->when.served_ms = now;
	err = start_due(u, before, now);
	if (err < 0)
		u->status.served_ms = u->when.served_ms = before;
	return err;
}

void uplink_set_schedule(struct uplink *u, uint64_t interval_ms, const struct calendar *calendar)
{
	uint64_t before = u->when.next_ms;
	schedule_open(&u->schedule, interval_ms, calendar, spool_agent_id(u->spool), 16);
	if (u->is_closing || u->state != UPLINK_IDLE)
		return; /* the end of the sync finds the next time */
	schedule_regular(u);
	/* The first sync after the installation stays as near as it is. */
	if (u->status.last_success_ms == 0 && before != 0 && before < u->when.next_ms)
		u->when.next_ms = before;
	arm(u);
}

bool uplink_is_on(const struct uplink *u)
{
	return !u->is_off;
}

static void switch_off(struct uplink *u)
{
	switch (u->state) {
	case UPLINK_IDLE:
		arm(u);
		break;
	case UPLINK_CONNECTING:
	case UPLINK_SENDING:
	case UPLINK_WAITING:
	case UPLINK_BACKED_OFF:
		sync_end(u, ERR_STOPPED, sync_stop_reason(u));
		break;
	case UPLINK_PACKING:
	case UPLINK_DELETING:
	case UPLINK_ENDING:
		break; /* when the worker reports */
	}
}

void uplink_switch(struct uplink *u, bool is_on)
{
	if (u->is_closing || u->is_off == !is_on)
		return;
	u->is_off = !is_on;
	heartbeat_arm(u);
	if (!is_on) {
		switch_off(u);
	} else if (u->state == UPLINK_IDLE) {
		schedule_regular(u);
		arm(u);
	}
}

void uplink_set_polls(
	struct uplink *u, uint64_t made, uint64_t unchanged, uint64_t failed, uint32_t devices)
{
	u->polls = (struct polls){made, unchanged, failed};
	u->devices = devices;
}

void uplink_get_status(const struct uplink *u, struct uplink_status *ret)
{
	*ret = u->status;
	ret->state = (uint8_t)u->state;
	if (u->hub_key.len > 0)
		(void)hub_key_text(ret->hub_key, u->hub_key.der, u->hub_key.len);
}

void uplink_close(struct uplink *u, void (*on_closed)(void *owner), void *owner)
{
	if (u->is_closing)
		return;
	u->is_closing = true;
	u->on_closed = on_closed;
	u->closed_owner = owner;
	switch (u->state) {
	case UPLINK_IDLE:
		/* By way of a worker, because that cannot fail. */
		loop_due_clear(u->loop, &u->due);
		loop_due_clear(u->loop, &u->heartbeat_due);
		worker_start(u->workers, WORKER_READ, &u->close_job, NULL, on_nothing_done);
		break;
	case UPLINK_CONNECTING:
	case UPLINK_SENDING:
	case UPLINK_WAITING:
	case UPLINK_BACKED_OFF:
		sync_end(u, ERR_STOPPED, "the program is stopping");
		break;
	case UPLINK_PACKING:
	case UPLINK_DELETING:
	case UPLINK_ENDING:
		break; /* when the worker reports */
	}
}
