/* SPDX-License-Identifier: Apache-2.0
 * Putting records: one group fills while the other one is on its way to the disk. A group goes
 * when it is half full, when its first record has waited for linger_ms, or on request;
 * and then all its records share one fsync. */
#include "engine/store/spool_internal.h"

#include "proto/wire/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- on the disk worker ---- */

static int put_record(struct spool_disk *d, const struct frame *record, unsigned always)
{
	struct record_head head;
	struct record_span groups[GROUP_COUNT];
	int len = record_spans(&head, groups, record->body, record->body_len);
	if (len < 0 || head.seq != record->number)
		return 0; /* not a record that we could show; the hub says what is wrong with it */
	bool is_known;
	int awaited = supersede(d, &head, groups, record->body_len, always, &is_known);
	return awaited < 0 ? awaited : latest_put(d, &head, groups, (unsigned)awaited, is_known);
}

/* Whether the failed commit has reached the disk all the same. */
static int is_put_already(struct spool_disk *d, const struct spool_group *g)
{
	if (!d->is_failed_repeated || d->failed_last != g->last)
		return 0;
	db_bind(&d->get_record, db_u64(g->last));
	int found = db_step(&d->get_record);
	if (found == 1)
		db_reset(&d->get_record);
	if (found != 0)
		return found;
	uint64_t rows = d->next.rows;
	int err = disk_drop(d, g->first, g->last);
	d->next.balance.kept -= rows - d->next.rows;
	return err;
}

static int put_group(struct spool_disk *d, void *arg)
{
	const struct spool_group *g = arg;
	int err = is_put_already(d, g);
	if (err != 0)
		return err < 0 ? err : 0;
	for (size_t at = 0; at < g->len && err == 0;) {
		int len = frame_peek_len(g->frames + at, g->len - at);
		struct frame f;
		if (len < 0 || frame_read(&f, g->frames + at, (size_t)len) < 0)
			return -EFAULT; /* our own memory has changed under us */
		db_bind(&d->put_record, db_u64(f.number), db_blob(g->frames + at, (size_t)len));
		if ((err = db_run(&d->put_record)) == 0)
			err = put_record(d, &f, g->always);
		at += (size_t)len;
	}
	if (err < 0)
		return err;
	d->next.balance.kept += g->count;
	d->next.rows += g->count;
	d->next.bytes += g->body_bytes;
	d->next.next_seq = g->last + 1;
	err = make_room(d, g->max_bytes);
	return err < 0 ? err : latest_make_room(d, g->spool->max_devices);
}

static int commit_on_worker(struct worker_job *job)
{
	struct spool_group *g = container_of(job, struct spool_group, job);
	struct spool_disk *d = &g->spool->disk;
	int err = disk_transact(d, put_group, g);
	if (err < 0) {
		if (d->failed_first == 0)
			d->failed_first = g->first;
		d->failed_last = g->last;
	} else {
		d->is_failed_repeated = false;
		d->failed_first = 0;
	}
	return err;
}

/* ---- on the loop ---- */

static void consider(struct spool *s);

static void note_disk(struct spool *s, int err)
{
	bool is_new = (err < 0) != (s->counts.disk_err < 0);
	s->counts.disk_err = err < 0 ? err : 0;
	s->counts.failures += err < 0;
	if (is_new)
		s->counts.failing_since_ms = err < 0 ? loop_wall_ms(s->loop) : 0;
	if (is_new && s->on_disk != NULL)
		s->on_disk(s->disk_owner, err);
}

/* Whether the failed commit will be repeated: the same records under the same numbers, as the next
 * transaction first removes what this one may have left in the file. */
static bool is_repeated(struct spool *s, int err)
{
	/* -EFAULT: the group itself has changed in memory. */
	if (err >= 0 || err == -EFAULT || s->retry_ms == 0)
		return false;
	return loop_due_set(s->loop, &s->retry, loop_now_ms(s->loop) + s->retry_ms) == 0;
}

static void on_committed(struct worker_job *job, int err)
{
	struct spool_group *g = container_of(job, struct spool_group, job);
	struct spool *s = g->spool;
	spool_look(s);
	note_disk(s, err);
	s->disk.is_failed_repeated = is_repeated(s, err);
	if (s->disk.is_failed_repeated)
		return;
	s->counts.commits++;
	if (err == 0)
		s->counts.kept += g->count;
	s->counts.waiting -= g->count;
	struct list puts;
	list_init(&puts);
	list_move_all(&puts, &g->puts);
	g->len = g->body_bytes = g->count = 0;
	s->committing = NULL;
	/* The next group starts first, so that the disk works during the callbacks. */
	consider(s);
	for (struct list *n = list_pop(&puts); n != NULL; n = list_pop(&puts)) {
		struct spool_put *put = container_of(n, struct spool_put, node);
		put->on_kept(put, err);
	}
	spool_close_if_idle(s);
}

static void start_commit(struct spool *s)
{
	struct spool_group *g = s->filling;
	loop_due_clear(s->loop, &s->linger);
	s->is_flushing = false;
	s->committing = g;
	g->always = s->always;
	g->max_bytes = s->max_bytes;
	s->filling = g == &s->groups[0] ? &s->groups[1] : &s->groups[0];
	worker_start(s->workers, WORKER_DISK, &g->job, commit_on_worker, on_committed);
}

/* Decides whether the filling group goes now, later, or when the other one is back. */
static void consider(struct spool *s)
{
	const struct spool_group *g = s->filling;
	if (s->committing != NULL || g->count == 0)
		return;
	uint64_t at_ms = g->since_ms + s->linger_ms;
	bool is_due = s->is_flushing || s->is_closing || g->len >= LIMIT_SPOOL_PENDING / 4 ||
		      at_ms <= loop_now_ms(s->loop);
	/* Without a place in the deadline heap nothing lingers. */
	if (is_due || loop_due_set(s->loop, &s->linger, at_ms) < 0)
		start_commit(s);
}

void spool_retry_over(struct due *due)
{
	struct spool *s = container_of(due, struct spool, retry);
	worker_start(s->workers, WORKER_DISK, &s->committing->job, commit_on_worker, on_committed);
}

void spool_give_up(struct spool *s)
{
	s->retry_ms = 0;
	if (!due_is_set(&s->retry))
		return;
	loop_due_clear(s->loop, &s->retry);
	spool_retry_over(&s->retry);
}

void spool_linger_over(struct due *due)
{
	consider(container_of(due, struct spool, linger));
}

int spool_put(struct spool *s, struct spool_put *put, const uint8_t *record, size_t len)
{
	struct spool_group *g = s->filling;
	if (s->is_closing)
		return ERR_STOPPED;
	if (len == 0 || len > LIMIT_RECORD)
		return ERR_LIMIT;
	size_t waiting = s->groups[0].body_bytes + s->groups[1].body_bytes;
	uint64_t droppable = s->keeps_all ? 0 : s->counts.unsent_bytes;
	if (g->len + FRAME_HEAD + len > LIMIT_SPOOL_PENDING / 2 ||
		s->counts.pending_bytes - droppable + waiting + len > s->max_bytes)
		return ERR_FULL;
	struct frame f = {
		.kind = FRAME_RECORD, .number = s->next_seq, .body = record, .body_len = len};
	frame_write(g->frames + g->len, &f);
	g->len += frame_len(&f);
	g->body_bytes += len;
	if (g->count++ == 0) {
		g->first = s->next_seq;
		g->since_ms = loop_now_ms(s->loop);
	}
	g->last = s->next_seq;
	put->seq = s->next_seq++;
	list_init(&put->node);
	list_push(&g->puts, &put->node);
	s->counts.waiting++;
	consider(s);
	return 0;
}

void spool_set_always(struct spool *s, unsigned always)
{
	s->always = always;
}

void spool_set_dropping(struct spool *s, bool is_dropping)
{
	s->keeps_all = !is_dropping;
}

void spool_flush(struct spool *s)
{
	if (s->filling->count == 0)
		return;
	s->is_flushing = true;
	consider(s);
}
