/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/audit_queue.h"

#include "proto/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct audit_queue {
	struct loop *loop;
	struct workers *workers;
	struct audit *ledger; /* WORKER_DISK */
	struct due retry;
	struct worker_job job;
	bool is_running;
	size_t taken; /* the first of `entries`, which the job writes */
	size_t count;
	uint64_t lost; /* not counted in an entry yet */
	struct audit_counts counts;
	bool is_closing, is_last;
	void (*on_closed)(void *owner);
	void *owner;
	uint8_t newest[AUDIT_DIGEST];         /* of the loop */
	uint8_t written_newest[AUDIT_DIGEST]; /* of WORKER_DISK, until on_written */
	struct audit_entry entries[LIMIT_AUDIT_PENDING];
};

static void finish(struct audit_queue *q)
{
	void (*on_closed)(void *) = q->on_closed;
	void *owner = q->owner;
	if (q->count > 0 || q->lost > 0)
		log_line(LOG_ERROR, "audit",
			"err=%s lost=%ju what=\"entries are not in the audit\"",
			err_text(q->counts.err), (uintmax_t)(q->count + q->lost));
	audit_close(q->ledger);
	free(q);
	on_closed(owner);
}

static int work(struct worker_job *job)
{
	struct audit_queue *q = container_of(job, struct audit_queue, job);
	return q->taken == 0 ? 0 : audit_queue_write(q, q->entries, q->taken);
}

int audit_queue_write(struct audit_queue *q, struct audit_entry *entries, size_t count)
{
	int err = audit_append(q->ledger, entries, count);
	if (err == 0)
		memcpy(q->written_newest, entries[count - 1].digest, AUDIT_DIGEST);
	return err;
}

static void start(struct audit_queue *q)
{
	q->is_running = true;
	q->taken = q->count;
	worker_submit(q->workers, WORKER_DISK, &q->job);
}

/* The state of the disk, when it changes. */
static void note_result(struct audit_queue *q, int err)
{
	if (err < 0 && q->counts.err == 0)
		log_line(LOG_ERROR, "audit",
			"err=\"%s\" what=\"the audit cannot be written: entries wait in memory\"",
			err_text(err));
	if (err == 0 && q->counts.err < 0)
		log_line(LOG_INFO, "audit", "what=\"the audit is written again\"");
	q->counts.err = err;
}

static void add_lost(struct audit_queue *q)
{
	if (q->lost == 0 || q->count == LIMIT_AUDIT_PENDING)
		return;
	audit_entry_set(&q->entries[q->count++], loop_wall_ms(q->loop), AUDIT_LOST, "", ERR_FULL,
		"entries=%ju", (uintmax_t)q->lost);
	q->lost = 0;
}

static void on_written(struct worker_job *job, int result)
{
	struct audit_queue *q = container_of(job, struct audit_queue, job);
	q->is_running = false;
	memcpy(q->newest, q->written_newest, AUDIT_DIGEST);
	note_result(q, result);
	if (result == 0) {
		q->count -= q->taken;
		q->counts.written += q->taken;
		memmove(q->entries, q->entries + q->taken, q->count * sizeof q->entries[0]);
		add_lost(q);
	}
	/* The last try may have made room for the count of the lost ones. */
	if (q->is_closing && (q->count == 0 || (q->is_last && result < 0))) {
		finish(q);
		return;
	}
	q->is_last = q->is_closing;
	if (q->is_closing || (q->count > 0 && result == 0))
		start(q);
	else if (q->count > 0 &&
		 loop_due_set(q->loop, &q->retry, loop_now_ms(q->loop) + LIMIT_AUDIT_RETRY_MS) < 0)
		log_line(LOG_ERROR, "audit", "err=%s", err_text(ERR_FULL)); /* at the next entry */
}

static void on_retry(struct due *due)
{
	struct audit_queue *q = container_of(due, struct audit_queue, retry);
	if (!q->is_running)
		start(q);
}

int audit_queue_open(
	struct audit_queue **ret, struct loop *l, struct workers *workers, const char *dir)
{
	const struct audit_options o = {.dir = dir};
	struct audit_queue *q = calloc(1, sizeof *q);
	if (q == NULL)
		return -ENOMEM;
	int err = audit_open(&q->ledger, &o);
	if (err < 0) {
		free(q);
		return err;
	}
	q->loop = l;
	q->workers = workers;
	q->job = (struct worker_job){.work = work, .on_done = on_written};
	due_init(&q->retry, on_retry);
	*ret = q;
	return 0;
}

void audit_queue_add(struct audit_queue *q, const struct audit_entry *e)
{
	if (q == NULL)
		return;
	if (q->count == LIMIT_AUDIT_PENDING) {
		q->lost++;
		q->counts.lost++;
	} else {
		q->entries[q->count++] = *e;
	}
	/* After a failure the retry is due: not each entry tries the disk. */
	if (!q->is_running && !due_is_set(&q->retry))
		start(q);
}

void audit_queue_add_config(
	struct audit_queue *q, const uint8_t digest[AUDIT_DIGEST], const char *file)
{
	char before[2 * AUDIT_DIGEST + 1], now[2 * AUDIT_DIGEST + 1], who[LIMIT_AUDIT_WHO];
	struct audit_entry e;
	/* Without the ledger the entry says so when it is written. */
	int err = audit_config(q->ledger, before);
	if (err == 0)
		err = audit_newest(q->ledger, q->newest);
	str_hex(now, digest, AUDIT_DIGEST);
	memcpy(q->written_newest, q->newest, AUDIT_DIGEST);
	if (err == 0 && strcmp(before, now) == 0)
		return;
	audit_entry_set(&e, loop_wall_ms(q->loop), AUDIT_CONFIG, audit_os_user(who), 0,
		"digest=%s start=yes file=%s", now, file);
	audit_queue_add(q, &e);
}

void audit_queue_add_reload(struct audit_queue *q, const uint8_t digest[AUDIT_DIGEST],
	const char *file, int err, const char *why)
{
	char now[2 * AUDIT_DIGEST + 1], who[LIMIT_AUDIT_WHO];
	struct audit_entry e;
	str_hex(now, digest, AUDIT_DIGEST);
	audit_entry_set(&e, loop_wall_ms(q->loop), AUDIT_CONFIG, audit_os_user(who), err,
		"digest=%s signal=HUP file=%s%s%.*s", now, file, err < 0 ? " why=" : "",
		err < 0 ? (int)strcspn(why, "\n") : 0, why);
	audit_queue_add(q, &e);
}

const uint8_t *audit_queue_newest(const struct audit_queue *q)
{
	return q->newest;
}

const uint8_t *audit_queue_newest_written(const struct audit_queue *q)
{
	return q->written_newest;
}

void audit_queue_counts(const struct audit_queue *q, struct audit_counts *ret)
{
	*ret = q->counts;
	ret->waiting = q->count;
}

void audit_queue_close(struct audit_queue *q, void (*on_closed)(void *owner), void *owner)
{
	q->is_closing = true;
	q->on_closed = on_closed;
	q->owner = owner;
	loop_due_clear(q->loop, &q->retry);
	if (q->is_running)
		return;
	q->is_last = true;
	start(q);
}
