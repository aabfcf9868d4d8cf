/* SPDX-License-Identifier: Apache-2.0
 * One run: batch after batch until the spool is empty; failures that pass are retried. */
#include "engine/uplink/uplink_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sync_free(struct uplink_sync *sync)
{
	buf_close(&sync->batch.body);
	buf_close(&sync->head_bytes);
	buf_close(&sync->upload.compressed);
	buf_close(&sync->envelope);
	if (sync->request.data != NULL)
		crypto_wipe(sync->request.data, sync->request.cap);
	buf_close(&sync->request);
	buf_close(&sync->response);
	free(sync);
}

static void end_unpinned(struct uplink *u)
{
	sync_end(u, ERR_KEY,
		"both copies of the hub's pinned key are damaged in the store: nothing is sent to "
		"a hub that may be another one");
}

struct uplink_sync *sync_new(struct uplink *u)
{
	struct uplink_sync *sync = calloc(1, sizeof *sync);
	if (sync == NULL)
		return NULL;
	sync->uplink = u;
	buf_open(&sync->batch.body, LIMIT_BATCH_RAW);
	buf_open(&sync->head_bytes, LIMIT_HEAD);
	buf_open(&sync->upload.compressed, LIMIT_BATCH_SENT);
	/* Array, lengths, key id and signature around head and body. */
	buf_open(&sync->envelope, LIMIT_BATCH_SENT + LIMIT_HEAD + LIMIT_SIGNATURE + 64);
	buf_open(&sync->request, LIMIT_HTTP_HEAD);
	buf_open(&sync->response, LIMIT_RECEIPT + LIMIT_SIGNATURE + 64);
	sync->max_records = u->o.max_records;
	sync->summary.started_at_ms = loop_wall_ms(u->loop);
	u->sync = sync;
	return sync;
}

int sync_start(struct uplink *u)
{
	if (u->is_off)
		return ERR_STOPPED;
	if (sync_new(u) == NULL)
		return -ENOMEM;
	loop_due_clear(u->loop, &u->due);
	if (u->events.on_sync_start != NULL)
		u->events.on_sync_start(u->owner);
	spool_flush(u->spool);
	if (u->hub_key.is_damaged)
		end_unpinned(u);
	else
		sync_peek(u);
	return 0;
}

const char *sync_stop_reason(const struct uplink *u)
{
	return u->is_closing ? "the program is stopping" : "send is off";
}

bool sync_is_stopped(struct uplink *u)
{
	if (!u->is_closing && !u->is_off)
		return false;
	sync_end(u, ERR_STOPPED, sync_stop_reason(u));
	return true;
}

static void on_peeked(struct spool_batch *batch, int err)
{
	struct uplink *u = batch->owner;
	if (sync_is_stopped(u))
		return;
	if (err < 0)
		sync_fail(u, err, "the spool cannot be read");
	else if (batch->count > 0)
		batch_pack_start(u);
	else if (!coverage_start(u))
		sync_end(u, 0, "");
}

void sync_peek(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	u->state = UPLINK_PACKING;
	sync->message =
		MESSAGE_BATCH; /* it may be packed anew, behind records that came meanwhile */
	buf_clear(&sync->batch.body);
	buf_clear(&sync->envelope);
	sync->batch.owner = u;
	sync->batch.on_peeked = on_peeked;
	/* The first receipt says how the others may travel. */
	size_t max = sync->max_records;
	if (u->hub_encodings == 0 && max > LIMIT_BATCH_FIRST)
		max = LIMIT_BATCH_FIRST;
	spool_peek(u->spool, &sync->batch, max);
}

void sync_packed(struct uplink *u)
{
	if (!sync_is_stopped(u))
		post_start(u);
}

/* ---- failures ---- */
static void note_failure(struct uplink *u, int err, const char *why)
{
	u->status.last_error_at_ms = loop_wall_ms(u->loop);
	(void)str_copy(u->status.last_error, sizeof u->status.last_error,
		why[0] != '\0' ? why : err_text(err));
}

static void note_error(struct uplink *u, int err, const char *why)
{
	u->status.last_err = err;
	note_failure(u, err, why);
}

static void rest(struct uplink *u)
{
	int err = loop_due_set(u->loop, &u->due, loop_now_ms(u->loop) + u->sync->backoff_ms);
	if (err < 0)
		sync_end(u, err, "no room for a deadline");
}

void sync_fail(struct uplink *u, int err, const char *why)
{
	struct uplink_sync *sync = u->sync;
	if (sync->message == MESSAGE_COVERAGE) {
		coverage_failed(u, err, why);
		return;
	}
	if (sync->message == MESSAGE_HEARTBEAT) {
		sync_end(u, err, why);
		return;
	}
	sync->failures++;
	if (!err_passes(err) || sync->failures >= u->o.tries || u->is_closing ||
		sync->retry_after_ms > u->o.retry_after_max_ms) {
		sync_end(u, err, why);
		return;
	}
	note_error(u, err, why);
	sync->summary.retries++;
	sync->backoff_ms = schedule_backoff_ms(
		sync->failures, u->o.backoff_base_ms, u->o.backoff_cap_ms, uplink_random());
	/* Behind Retry-After the jitter goes on, so that not all come back in the same second. */
	if (sync->backoff_ms < sync->retry_after_ms)
		sync->backoff_ms =
			sync->retry_after_ms + uplink_random() % (u->o.backoff_base_ms + 1);
	log_line(LOG_INFO, "uplink", "hub=%s:%u err=%s why=%s try=%u next_in_ms=%ju", u->o.hub.host,
		u->o.hub.port, err_text(err), why, sync->failures, sync->backoff_ms);
	u->state = UPLINK_BACKED_OFF;
	post_drop(u, false, rest);
}

/* On a line this slow the same bytes would not leave next time either: half of them. Records that
 * the hub has received all the same are recognised by their numbers. */
void sync_too_slow(struct uplink *u, const char *why)
{
	struct uplink_sync *sync = u->sync;
	if (sync->batch.count > 1) {
		sync->is_slow = true;
		sync->max_records = (sync->batch.count + 1) / 2;
		buf_clear(&sync->envelope);
	}
	sync_fail(u, ERR_TIMEOUT, why);
}

void sync_retry(struct uplink *u)
{
	/* The same bytes again: if the hub has them already, it counts them as duplicates. */
	if (u->sync->envelope.len > 0)
		post_start(u);
	else
		sync_peek(u);
}

/* ---- the end ---- */
static void over(struct uplink *u)
{
	struct uplink_summary summary = u->sync->summary;
	sync_free(u->sync);
	u->sync = NULL;
	uplink_sync_over(u, &summary);
}

static void log_end(struct uplink *u)
{
	const struct uplink_summary *s = &u->sync->summary;
	if (s->err == 0) {
		/* An agent at full pace often has nothing to send. */
		log_line(s->batches > 0 ? LOG_INFO : LOG_DEBUG, "uplink",
			"hub=%s:%u batches=%llu records=%llu duplicates=%llu rejected=%llu "
			"sent_bytes=%llu took_ms=%llu",
			u->o.hub.host, u->o.hub.port, (unsigned long long)s->batches,
			(unsigned long long)s->records, (unsigned long long)s->duplicates,
			(unsigned long long)s->rejected, (unsigned long long)s->sent_bytes,
			(unsigned long long)(s->ended_at_ms - s->started_at_ms));
		return;
	}
	log_line(s->err == ERR_STOPPED ? LOG_INFO : LOG_ERROR, "uplink",
		"hub=%s:%u err=%s why=%s records=%llu", u->o.hub.host, u->o.hub.port,
		err_text(s->err), s->why, (unsigned long long)s->records);
}

static void on_frozen(struct spool_done *done, int err)
{
	struct uplink *u = done->owner;
	if (err < 0)
		log_line(LOG_ERROR, "uplink",
			"err=%s what=\"the content of this sync may be superseded\"",
			err_text(err));
	status_write_start(u, over);
}

/* The records of a sync of the schedule go as they are with a later one. */
static void write_status(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	log_end(u);
	if (!u->is_regular || sync->summary.err == 0 || sync->summary.err == ERR_STOPPED) {
		status_write_start(u, over);
		return;
	}
	sync->done.owner = u;
	sync->done.on_done = on_frozen;
	spool_freeze(u->spool, &sync->done);
}

void sync_end(struct uplink *u, int err, const char *why)
{
	struct uplink_sync *sync = u->sync;
	if (sync->message == MESSAGE_HEARTBEAT) {
		/* The hub refuses the log-in of the next sync too; of other failures the next sync
		 * finds out by itself. */
		if (err == ERR_AUTH || err == ERR_FORBIDDEN)
			note_error(u, err, why);
		else if (err < 0 && err != ERR_STOPPED)
			note_failure(u, err, why);
		heartbeat_end(u, err, why);
		return;
	}
	u->state = UPLINK_ENDING;
	loop_due_clear(u->loop, &u->due);
	sync->summary.err = err;
	sync->summary.ended_at_ms = loop_wall_ms(u->loop);
	(void)str_copy(sync->summary.why, sizeof sync->summary.why, why);
	if (err == 0) {
		u->status.last_err = 0;
		/* Nothing to send is no proof that the hub is well. */
		if (sync->summary.batches > 0 || sync->is_coverage_accepted)
			u->status.last_success_ms = sync->summary.ended_at_ms;
	} else if (err != ERR_STOPPED) {
		note_error(u, err, why);
	}
	post_drop(u, err == 0, write_status);
}

/* ---- a batch is done with ---- */
static void tell_want_full(struct uplink *u)
{
	struct receipt_list list = u->sync->receipt.want_full_list;
	struct text key;
	while (receipt_next_want_full(&list, &key) > 0) {
		u->status.want_full_ms = loop_wall_ms(u->loop);
		if (u->events.on_want_full != NULL)
			u->events.on_want_full(u->owner, key);
	}
}

static void count(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	struct uplink_summary *s = &sync->summary;
	s->batches++;
	s->records += sync->batch.count;
	s->duplicates += sync->receipt.duplicates;
	s->rejected += sync->receipt.rejected_count;
	s->raw_bytes += sync->batch.body.len;
	s->sent_bytes += sync->envelope.len;
	u->status.batches++;
	u->status.records += sync->batch.count;
	u->status.sent_bytes += sync->envelope.len;
	u->polls_sent = sync->polls;
}

void sync_deleted(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	sync->failures = 0;
	sync->retry_after_ms = 0;
	if (sync->has_receipt) {
		count(u);
		sync->given_up = 0;
		tell_want_full(u);
		/* After a split, back to full size step by step. */
		if (!sync->is_slow)
			sync->max_records *= 2;
		if (sync->max_records > u->o.max_records)
			sync->max_records = u->o.max_records;
	} else {
		sync->summary.rejected++;
	}
	if (!sync_is_stopped(u))
		sync_peek(u);
}
