/* SPDX-License-Identifier: Apache-2.0
 * The half of the device store that runs on the loop: rows that wait, and when they are written. */
#include "engine/store/device_store_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void write_next(struct device_store *k);

/* ---- writing ---- */

static void free_closed(struct device_store *k)
{
	void (*on_closed)(void *) = k->on_closed;
	void *owner = k->owner;
	loop_due_clear(k->loop, &k->due);
	free(k);
	on_closed(owner);
}

static int write_on_worker(struct worker_job *job)
{
	struct device_store *k = container_of(job, struct device_store, job);
	return device_store_disk_write(&k->disk, &k->batch);
}

static int close_on_worker(struct worker_job *job)
{
	struct device_store *k = container_of(job, struct device_store, job);
	device_store_disk_close(&k->disk);
	return 0;
}

static void on_disk_closed(struct worker_job *job, int err)
{
	(void)err;
	free_closed(container_of(job, struct device_store, job));
}

/* Whether the same may be written later: not what this file or this batch is at fault for. */
static bool may_write_later(int err)
{
	return err < 0 && err != ERR_STORE && err != ERR_STORE_CORRUPT && err != ERR_CONFLICT &&
	       err != ERR_LIMIT;
}

static void on_written(struct worker_job *job, int err)
{
	struct device_store *k = container_of(job, struct device_store, job);
	k->is_writing = false;
	k->is_again = !k->is_closing && may_write_later(err);
	k->counts.commits += err == 0;
	k->counts.errors += err < 0;
	k->counts.last_err = err;
	if (err == 0)
		k->counts.written += k->batch.rows;
	k->counts.rows = k->disk.rows;
	k->counts.refused = k->disk.dropped_rows;
	k->counts.moved_aside = k->disk.moved_aside;
	if (k->is_again && loop_due_set(k->loop, &k->due,
				   loop_now_ms(k->loop) + LIMIT_DEVICE_STORE_RETRY_MS) == 0)
		return;
	if (k->waiting_count > 0 || k->events > 0 || k->is_closing)
		write_next(k);
}

/* A row that was not written for LIMIT_PROFILE_KEEP_MS belongs to a device that is gone. First
 * checked a day after the start, when each device that is there has been written with this clock: a
 * wall clock that was set forward drops only those that are not. */
static uint64_t drop_before(struct device_store *k, uint64_t wall_ms)
{
	uint64_t now = loop_now_ms(k->loop);
	if (now < k->drop_at_ms || wall_ms < LIMIT_PROFILE_KEEP_MS)
		return 0;
	k->drop_at_ms = now + LIMIT_PROFILE_DROP_EVERY_MS;
	return wall_ms - LIMIT_PROFILE_KEEP_MS;
}

/* As many of those that wait as one commit takes. */
static void fill_batch(struct device_store *k)
{
	struct device_store_batch *b = &k->batch;
	b->rows = 0;
	b->wall_ms = loop_wall_ms(k->loop);
	b->drop_before_wall_ms = drop_before(k, b->wall_ms);
	while (b->rows < LIMIT_DEVICE_STORE_BATCH && !list_is_empty(&k->waiting)) {
		struct device_store_put *put =
			container_of(list_pop(&k->waiting), struct device_store_put, node);
		struct device_row *row = &b->row[b->rows];
		put->is_waiting = false;
		k->waiting_count--;
		memset(row, 0, sizeof *row);
		b->parts[b->rows] = put->fill(put, row);
		if (b->parts[b->rows] == 0)
			continue;
		device_profile_to_wall(&row->profile, loop_now_ms(k->loop), b->wall_ms);
		if (row->first_seen_wall_ms == 0)
			row->first_seen_wall_ms = row->last_seen_wall_ms;
		b->rows++;
	}
	b->events = k->events;
	memcpy(b->event, k->event, k->events * sizeof k->event[0]);
	k->events = 0;
}

/* Begins the next commit, or the end. */
static void write_next(struct device_store *k)
{
	if (k->is_writing)
		return;
	loop_due_clear(k->loop, &k->due);
	if (!k->is_again) /* else the batch of the last time, before anything newer */
		fill_batch(k);
	k->is_again = false;
	k->job.work = write_on_worker;
	k->job.on_done = on_written;
	if (k->batch.rows == 0 && k->batch.events == 0) {
		if (!k->is_closing)
			return;
		k->job.work = close_on_worker;
		k->job.on_done = on_disk_closed;
	}
	k->is_writing = true;
	worker_submit(k->workers, WORKER_DISK, &k->job);
}

static void on_due(struct due *due)
{
	write_next(container_of(due, struct device_store, due));
}

static void wait_for_company(struct device_store *k)
{
	if (k->is_writing || k->is_again || due_is_set(&k->due))
		return;
	/* Without a deadline it is written at once: more commits, nothing lost. */
	uint64_t at = loop_now_ms(k->loop) + LIMIT_DEVICE_STORE_LINGER_MS;
	if (k->waiting_count >= LIMIT_DEVICE_STORE_BATCH || loop_due_set(k->loop, &k->due, at) < 0)
		write_next(k);
}

void device_store_put(struct device_store *k, struct device_store_put *put)
{
	if (put->is_waiting || k->is_closing)
		return;
	list_init(&put->node);
	list_push(&k->waiting, &put->node);
	put->is_waiting = true;
	if (++k->waiting_count == LIMIT_DEVICE_STORE_BATCH && !k->is_again && due_is_set(&k->due) &&
		loop_due_set(k->loop, &k->due, loop_now_ms(k->loop)) == 0)
		return;
	wait_for_company(k);
}

void device_store_add_event(struct device_store *k, const struct device_event *event)
{
	if (k->events == LIMIT_DEVICE_EVENTS_WAITING || k->is_closing) {
		k->counts.dropped++;
		return;
	}
	k->event[k->events++] = *event;
	wait_for_company(k);
}

void device_store_counts(const struct device_store *k, struct device_store_counts *ret)
{
	*ret = k->counts;
}

/* ---- life ---- */

int device_store_each(
	struct device_store *k, int (*each)(void *owner, const struct device_row *row), void *owner)
{
	struct db_stmt st;
	struct device_row row;
	if (k->disk.db == NULL)
		return -EBADF;
	int err = db_prepare(k->disk.db, &st, device_store_select);
	if (err < 0)
		return err;
	while ((err = db_step(&st)) == 1) {
		int damaged = device_store_read_row(&st, &row);
		if (damaged < 0) {
			k->counts.damaged++;
			continue;
		}
		k->counts.damaged += (uint64_t)damaged;
		device_profile_from_wall(&row.profile, loop_now_ms(k->loop), loop_wall_ms(k->loop));
		if ((err = each(owner, &row)) < 0)
			break;
	}
	db_finalize(&st);
	return err < 0 ? err : 0;
}

int device_store_open(struct device_store **ret, struct loop *l, struct workers *workers,
	const char *dir, bool has_lock, char *why, size_t why_cap)
{
	struct device_store *k = calloc(1, sizeof *k);
	if (k == NULL)
		return -ENOMEM;
	k->loop = l;
	k->workers = workers;
	list_init(&k->waiting);
	k->drop_at_ms = loop_now_ms(l) + LIMIT_PROFILE_DROP_EVERY_MS;
	due_init(&k->due, on_due);
	k->disk.has_lock = has_lock;
	int err = str_copy(k->disk.dir, sizeof k->disk.dir, dir) < strlen(dir)
			  ? -ENAMETOOLONG
			  : device_store_disk_open(&k->disk, why, why_cap);
	if (err < 0) {
		free(k);
		return err;
	}
	k->counts.rows = k->disk.rows;
	k->counts.moved_aside = k->disk.moved_aside;
	*ret = k;
	return err;
}

void device_store_close(struct device_store *k, void (*on_closed)(void *owner), void *owner)
{
	if (k == NULL) {
		on_closed(owner);
		return;
	}
	k->is_closing = true;
	k->on_closed = on_closed;
	k->owner = owner;
	write_next(k);
}
