/* SPDX-License-Identifier: Apache-2.0
 * One run: batch after batch until the spool is empty, and what every kind of failure means. */
#include "engine/uplink/internal.h"
#include "engine/uplink/window.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_peeked(struct spool_batch *batch, int err);

void run_free(struct uplink_run *run)
{
	buf_close(&run->batch.body);
	buf_close(&run->head_bytes);
	buf_close(&run->sent);
	buf_close(&run->envelope);
	if (run->request.data != NULL)
		crypto_wipe(run->request.data, run->request.cap);
	buf_close(&run->request);
	buf_close(&run->reply);
	free(run);
}

static void end_unpinned(struct uplink *u)
{
	run_end(u, ERR_KEY,
		"both copies of the hub's pinned key are damaged in the store: nothing is sent to "
		"a hub that may be another one");
}

int run_start(struct uplink *u)
{
	struct uplink_run *run = calloc(1, sizeof *run);
	if (run == NULL)
		return -ENOMEM;
	run->uplink = u;
	buf_open(&run->batch.body, LIMIT_BATCH_RAW);
	buf_open(&run->head_bytes, LIMIT_HEAD);
	buf_open(&run->sent, LIMIT_BATCH_SENT);
	/* Array, lengths, key id and signature around head and body. */
	buf_open(&run->envelope, LIMIT_BATCH_SENT + LIMIT_HEAD + LIMIT_SIGNATURE + 64);
	buf_open(&run->request, LIMIT_HTTP_HEAD);
	buf_open(&run->reply, LIMIT_RECEIPT + LIMIT_SIGNATURE + 64);
	run->max_records = u->o.max_records;
	run->summary.started_at_ms = loop_wall_ms(u->loop);
	u->run = run;
	loop_due_clear(u->loop, &u->due);
	spool_flush(u->spool);
	if (u->is_hub_key_damaged)
		end_unpinned(u);
	else
		run_peek(u);
	return 0;
}

void run_peek(struct uplink *u)
{
	struct uplink_run *run = u->run;
	u->state = UPLINK_PACKING;
	buf_clear(&run->batch.body);
	buf_clear(&run->envelope);
	run->batch.owner = u;
	run->batch.on_peeked = on_peeked;
	spool_peek(u->spool, &run->batch, run->max_records);
}

static void on_peeked(struct spool_batch *batch, int err)
{
	struct uplink *u = batch->owner;
	if (u->is_closing)
		run_end(u, ERR_STOPPED, "the program is stopping");
	else if (err < 0)
		run_fail(u, err, "the spool cannot be read");
	else if (batch->count == 0)
		run_end(u, 0, "");
	else
		batch_pack_start(u);
}

void run_packed(struct uplink *u)
{
	if (u->is_closing)
		run_end(u, ERR_STOPPED, "the program is stopping");
	else
		post_start(u);
}

/* ---- failures ---- */
static void note_error(struct uplink *u, int err, const char *why)
{
	u->status.last_err = err;
	u->status.last_error_at_ms = loop_wall_ms(u->loop);
	(void)str_copy(u->status.last_error, sizeof u->status.last_error,
		why[0] != '\0' ? why : err_text(err));
}

static void rest(struct uplink *u)
{
	int err = loop_due_set(u->loop, &u->due, loop_now_ms(u->loop) + u->run->rest_ms);
	if (err < 0)
		run_end(u, err, "no room for a deadline");
}

void run_fail(struct uplink *u, int err, const char *why)
{
	struct uplink_run *run = u->run;
	run->failures++;
	if (!err_passes(err) || run->failures >= u->o.tries || u->is_closing) {
		run_end(u, err, why);
		return;
	}
	note_error(u, err, why);
	run->summary.retries++;
	run->rest_ms = window_backoff_ms(
		run->failures, u->o.rest_base_ms, u->o.rest_cap_ms, uplink_random());
	/* The hub knows best; a little more, so that not all come back in the same second. */
	if (run->rest_ms < run->retry_after_ms)
		run->rest_ms = run->retry_after_ms + uplink_random() % (u->o.rest_base_ms + 1);
	log_line(LOG_INFO, "uplink", "err=%s why=%s try=%u next_in_ms=%llu", err_text(err), why,
		run->failures, (unsigned long long)run->rest_ms);
	u->state = UPLINK_RESTING;
	post_drop(u, false, rest);
}

/* On a line this slow the same bytes would not leave next time either: half of them. What the hub
 * may have of them all the same is known to it by its numbers. */
void run_too_slow(struct uplink *u, const char *why)
{
	struct uplink_run *run = u->run;
	if (run->batch.count > 1) {
		run->is_slow = true;
		run->max_records = (run->batch.count + 1) / 2;
		buf_clear(&run->envelope);
	}
	run_fail(u, ERR_TIMEOUT, why);
}

void run_rested(struct uplink *u)
{
	/* The same bytes again: if the hub has them already, it will say so. */
	if (u->run->envelope.len > 0)
		post_start(u);
	else
		run_peek(u);
}

/* ---- the end ---- */
static void over(struct uplink *u)
{
	struct uplink_summary summary = u->run->summary;
	run_free(u->run);
	u->run = NULL;
	uplink_run_over(u, &summary);
}

static void log_end(struct uplink *u)
{
	const struct uplink_summary *s = &u->run->summary;
	if (s->err == 0) {
		log_line(LOG_INFO, "uplink",
			"hub=%s:%u batches=%llu records=%llu duplicates=%llu rejected=%llu "
			"sent_bytes=%llu took_ms=%llu",
			u->o.host, u->o.port, (unsigned long long)s->batches,
			(unsigned long long)s->records, (unsigned long long)s->duplicates,
			(unsigned long long)s->rejected, (unsigned long long)s->sent_bytes,
			(unsigned long long)(s->ended_at_ms - s->started_at_ms));
		return;
	}
	log_line(s->err == ERR_STOPPED ? LOG_INFO : LOG_ERROR, "uplink",
		"hub=%s:%u err=%s why=%s records=%llu", u->o.host, u->o.port, err_text(s->err),
		s->why, (unsigned long long)s->records);
}

static void write_status(struct uplink *u)
{
	log_end(u);
	status_write_start(u, over);
}

void run_end(struct uplink *u, int err, const char *why)
{
	struct uplink_run *run = u->run;
	u->state = UPLINK_ENDING;
	loop_due_clear(u->loop, &u->due);
	run->summary.err = err;
	run->summary.ended_at_ms = loop_wall_ms(u->loop);
	(void)str_copy(run->summary.why, sizeof run->summary.why, why);
	if (err == 0) {
		u->status.last_err = 0;
		u->status.last_error[0] = '\0';
		/* Nothing to send is no proof that the hub is well. */
		if (run->summary.batches > 0)
			u->status.last_success_ms = run->summary.ended_at_ms;
	} else if (err != ERR_STOPPED) {
		note_error(u, err, why);
	}
	post_drop(u, err == 0, write_status);
}

/* ---- answers ---- */
/* Fewer records at a time, down to the one that the hub does not want, which is moved aside. */
static void split(struct uplink *u)
{
	struct uplink_run *run = u->run;
	if (run->batch.count > 1) {
		run->max_records = (run->batch.count + 1) / 2;
		post_drop(u, false, run_peek);
		u->state = UPLINK_PACKING;
		return;
	}
	if (run->given_up == REJECTED_UNSIGNED) {
		run_end(u, ERR_HTTP_STATUS,
			"the hub refuses record after record: nothing more is given up");
		return;
	}
	run->given_up++;
	run->has_receipt = false;
	post_drop(u, false, batch_settle_start);
	u->state = UPLINK_SETTLING;
}

static void on_renewed(struct spool_done *done, int err)
{
	struct uplink *u = done->owner;
	if (u->is_closing)
		run_end(u, ERR_STOPPED, "the program is stopping");
	else if (err < 0)
		run_fail(u, err, "the spool cannot draw a new epoch");
	else
		run_peek(u);
}

static void renew(struct uplink *u)
{
	struct uplink_run *run = u->run;
	run->done.owner = u;
	run->done.on_done = on_renewed;
	spool_renew(u->spool, &run->done);
}

/* The hub holds other records under our numbers: this store is an older copy of itself. Under a
 * new epoch its numbers are new. */
static void conflict(struct uplink *u)
{
	struct uplink_run *run = u->run;
	if (run->has_renewed) {
		run_end(u, ERR_CONFLICT, "the hub holds other records under these numbers (409)");
		return;
	}
	run->has_renewed = true;
	log_line(LOG_WARN, "uplink", "err=%s what=\"the store is an older copy: new epoch\"",
		err_text(ERR_CONFLICT));
	post_drop(u, false, renew);
	u->state = UPLINK_SETTLING;
}

static void receipted(struct uplink *u)
{
	const char *why;
	int err = receipt_judge(u, &why);
	if (err < 0) {
		run_end(u, err, why);
		return;
	}
	u->run->has_receipt = true;
	u->state = UPLINK_SETTLING;
	if (u->run->is_keep_alive)
		batch_settle_start(u);
	else
		post_drop(u, true, batch_settle_start);
}

void run_answered(struct uplink *u)
{
	struct uplink_run *run = u->run;
	char why[LIMIT_WHY];
	u->status.last_contact_ms = loop_wall_ms(u->loop);
	switch (run->http_status) {
	case 200:
		receipted(u);
		break;
	case 401:
		(void)snprintf(why, sizeof why, "the hub refused user \"%s\" or its password (401)",
			u->o.user == NULL ? "" : u->o.user);
		run_end(u, ERR_AUTH, why);
		break;
	case 403:
		run_end(u, ERR_FORBIDDEN,
			"the hub knows this agent by another key, or does not let this user "
			"upload (403)");
		break;
	case 409:
		conflict(u);
		break;
	case 413:
	case 422:
		split(u);
		break;
	default:
		(void)snprintf(why, sizeof why, "the hub answered %d %s", run->http_status,
			http1_reason(run->http_status));
		run_fail(u,
			run->http_status == 408 || run->http_status == 429 ||
					run->http_status >= 500
				? ERR_UNAVAILABLE
				: ERR_HTTP_STATUS,
			why);
		break;
	}
}

/* ---- a batch is done with ---- */
static void tell_want_full(struct uplink *u)
{
	struct receipt_list list = u->run->receipt.want_full_list;
	struct text key;
	while (u->events.on_want_full != NULL && receipt_next_want_full(&list, &key) > 0)
		u->events.on_want_full(u->owner, key);
}

static void count(struct uplink *u)
{
	struct uplink_run *run = u->run;
	struct uplink_summary *s = &run->summary;
	s->batches++;
	s->records += run->batch.count;
	s->duplicates += run->receipt.duplicates;
	s->rejected += run->receipt.rejected_count;
	s->raw_bytes += run->batch.body.len;
	s->sent_bytes += run->body_sent_len;
	u->status.batches++;
	u->status.records += run->batch.count;
	u->status.sent_bytes += run->body_sent_len;
	u->polls_sent = run->polls;
}

void run_settled(struct uplink *u)
{
	struct uplink_run *run = u->run;
	run->failures = 0;
	run->retry_after_ms = 0;
	if (run->has_receipt) {
		count(u);
		run->given_up = 0;
		tell_want_full(u);
		/* After a split, back to full size step by step. */
		if (!run->is_slow)
			run->max_records *= 2;
		if (run->max_records > u->o.max_records)
			run->max_records = u->o.max_records;
	} else {
		run->summary.rejected++;
	}
	if (u->is_closing)
		run_end(u, ERR_STOPPED, "the program is stopping");
	else
		run_peek(u);
}
