/* SPDX-License-Identifier: Apache-2.0
 * Reading the oldest records for the uplink, removing what the hub has receipted, and the small
 * values. All of it on the disk worker with the owner's connection: a second one would cost memory
 * and could not move damaged rows aside. */
#include "engine/store/spool_internal.h"

#include <errno.h>
#include <string.h>

/* Damaged rows that one pass moves aside; the next pass takes the next ones. */
enum { DAMAGED_MAX = 64 };

/* ---- peek ---- */

struct pass {
	struct spool_batch *batch;
	size_t rows; /* seen */
	int64_t damaged[DAMAGED_MAX];
	size_t damaged_count;
};

/* Takes the current row. 1: go on, 0: the batch is full, or an error. */
static int add_row(struct spool_disk *d, struct pass *p)
{
	size_t len;
	int64_t row = db_col_i64(&d->records, 0);
	const uint8_t *bytes = db_col_blob(&d->records, 1, &len);
	struct frame f;
	p->rows++;
	if (row < 0)
		return ERR_STORE_CORRUPT;
	if (frame_read(&f, bytes, len) < 0 || f.kind != FRAME_RECORD) {
		p->damaged[p->damaged_count++] = row;
		return p->damaged_count < DAMAGED_MAX;
	}
	/* A whole record under a wrong key: the page is damaged, not the record. */
	if (f.number != (uint64_t)row)
		return ERR_STORE_CORRUPT;
	struct spool_batch *b = p->batch;
	int err = buf_put(&b->body, f.body, f.body_len);
	if (err == ERR_FULL && b->count > 0)
		return 0;
	if (err < 0)
		return err;
	if (b->count++ == 0)
		b->first = f.number;
	b->last = f.number;
	return b->count < b->max_records;
}

/* Fills the batch from the oldest record on. 1: nothing is behind what was read. */
static int read_rows(struct spool_disk *d, struct pass *p)
{
	buf_clear(&p->batch->body);
	p->batch->count = 0;
	p->batch->first = p->batch->last = 0;
	p->rows = p->damaged_count = 0;
	int more = 1, err = 0;
	while (more == 1 && (err = db_step(&d->records)) == 1)
		more = add_row(d, p);
	db_reset(&d->records);
	if (err < 0)
		return err;
	return more <= 0 ? more : 1;
}

static int put_aside(struct spool_disk *d, uint64_t row)
{
	db_bind(&d->get_record, db_u64(row));
	int err = db_step(&d->get_record);
	if (err <= 0)
		return err < 0 ? err : ERR_STORE_CORRUPT; /* it was there a moment ago */
	size_t len;
	const uint8_t *bytes = db_col_blob(&d->get_record, 0, &len);
	int64_t id = frame_row_of_bytes(bytes, len);
	size_t aside_len = aside_write(d->scratch, row, bytes, len);
	db_reset(&d->get_record);
	db_bind(&d->put_aside, db_i64(id), db_blob(d->scratch, aside_len));
	return db_run(&d->put_aside);
}

static int move_aside(struct spool_disk *d, void *arg)
{
	struct pass *p = arg;
	for (size_t i = 0; i < p->damaged_count; i++) {
		uint64_t row = (uint64_t)p->damaged[i];
		int err;
		if ((err = put_aside(d, row)) < 0 || (err = disk_drop(d, row, row)) < 0)
			return err;
	}
	d->quarantined_next += p->damaged_count;
	d->next.balance.quarantined += p->damaged_count;
	return 0;
}

static int settle_sent(struct spool_disk *d, void *arg)
{
	const struct spool_batch *b = arg;
	return disk_settle_sent(d, b->last);
}

static int peek_once(struct spool_disk *d, struct spool_batch *b)
{
	struct pass p = {.batch = b};
	for (;;) {
		int err = disk_ready(d);
		if (err < 0 || (err = read_rows(d, &p)) < 0)
			return err;
		/* At the end all rows have been seen, or a page hides some. */
		if (err == 1 && p.rows != d->meta.rows)
			return ERR_STORE_CORRUPT;
		if (p.damaged_count == 0)
			return 0;
		if ((err = disk_transact(d, move_aside, &p)) < 0)
			return err;
		b->quarantined += p.damaged_count;
		if (b->count > 0)
			return 0;
	}
}

static int peek_on_worker(struct worker_job *job)
{
	struct spool_batch *b = container_of(job, struct spool_batch, job);
	struct spool_disk *d = &b->spool->disk;
	b->quarantined = 0;
	int err = peek_once(d, b);
	if (disk_is_damage(err) && (err = disk_salvage(d)) == 0)
		err = peek_once(d, b);
	/* Before it leaves this host: what the hub may have does not change any more. */
	if (err == 0 && b->count > 0 && b->last > d->meta.sent_upto)
		err = disk_transact(d, settle_sent, b);
	if (err < 0) {
		buf_clear(&b->body);
		b->count = 0;
	}
	return err;
}

static void on_peeked(struct worker_job *job, int err)
{
	struct spool_batch *b = container_of(job, struct spool_batch, job);
	spool_look(b->spool);
	b->on_peeked(b, err);
}

void spool_peek(struct spool *s, struct spool_batch *batch, size_t max_records)
{
	batch->spool = s;
	batch->max_records = max_records;
	worker_start(s->workers, WORKER_DISK, &batch->job, peek_on_worker, on_peeked);
}

/* ---- done and renew ---- */

int disk_drop_done(struct spool_disk *d, void *arg)
{
	const struct spool_done *done = arg;
	uint64_t rows = d->next.rows;
	if (done->last > d->next.done_upto)
		d->next.done_upto = done->last;
	if (done->is_receipted)
		d->next.receipted_upto = done->last;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		d->next.balance.dropped_told[i] += done->dropped_told[i];
	int err = disk_drop(d, 0, done->last);
	rows -= d->next.rows;
	uint64_t rejected = done->rejected < rows ? done->rejected : rows;
	d->next.balance.receipted += rows - rejected;
	d->next.balance.quarantined += rejected;
	return err < 0 ? err : disk_settle_sent(d, done->last);
}

static int done_on_worker(struct worker_job *job)
{
	struct spool_done *done = container_of(job, struct spool_done, job);
	return disk_transact(&done->spool->disk, disk_drop_done, done);
}

static int renew_on_worker(struct worker_job *job)
{
	struct spool_done *done = container_of(job, struct spool_done, job);
	return disk_transact(&done->spool->disk, disk_draw_epoch, NULL);
}

static int freeze(struct spool_disk *d, void *unused)
{
	(void)unused;
	db_bind(&d->freeze_unsent, db_u64(d->frozen_upto));
	return db_run(&d->freeze_unsent);
}

static int freeze_on_worker(struct worker_job *job)
{
	struct spool_done *done = container_of(job, struct spool_done, job);
	struct spool_disk *d = &done->spool->disk;
	int err = disk_transact(d, freeze, NULL);
	if (err == 0)
		d->frozen_upto = d->meta.next_seq - 1;
	return err;
}

static void on_done(struct worker_job *job, int err)
{
	struct spool_done *done = container_of(job, struct spool_done, job);
	spool_look(done->spool);
	done->on_done(done, err);
}

void spool_done(struct spool *s, struct spool_done *done)
{
	done->spool = s;
	worker_start(s->workers, WORKER_DISK, &done->job, done_on_worker, on_done);
}

void spool_renew(struct spool *s, struct spool_done *done)
{
	done->spool = s;
	worker_start(s->workers, WORKER_DISK, &done->job, renew_on_worker, on_done);
}

void spool_freeze(struct spool *s, struct spool_done *done)
{
	done->spool = s;
	worker_start(s->workers, WORKER_DISK, &done->job, freeze_on_worker, on_done);
}

/* ---- values ---- */

static int put_value(struct spool_disk *d, const struct spool_value *v)
{
	struct frame f = {.kind = FRAME_VALUE,
		.number = d->next.generation,
		.key = (const uint8_t *)v->name,
		.key_len = strlen(v->name),
		.body = v->bytes,
		.body_len = v->len};
	frame_write(d->scratch, &f);
	db_bind(&d->put_value, db_i64(frame_row_of_name(v->name, strlen(v->name))),
		db_blob(d->scratch, frame_len(&f)));
	return db_run(&d->put_value);
}

struct values {
	const struct spool_value *list;
	size_t count;
};

static int put_values(struct spool_disk *d, void *arg)
{
	const struct values *v = arg;
	int err = 0;
	for (size_t i = 0; i < v->count && err == 0; i++)
		err = put_value(d, &v->list[i]);
	return err;
}

int spool_set_values(struct spool *s, const struct spool_value *list, size_t count)
{
	struct values v = {list, count};
	for (size_t i = 0; i < count; i++) {
		if (strlen(list[i].name) > LIMIT_SPOOL_NAME || list[i].len > LIMIT_SPOOL_VALUE)
			return ERR_LIMIT;
	}
	return count == 0 ? 0 : disk_transact(&s->disk, put_values, &v);
}

int spool_set_value(struct spool *s, const char *name, const void *bytes, size_t len)
{
	const struct spool_value v = {name, bytes, len};
	return spool_set_values(s, &v, 1);
}

int spool_get_value(struct spool *s, const char *name, uint8_t *dst, size_t cap)
{
	struct db_stmt *st = &s->disk.get_value;
	int err = disk_ready(&s->disk);
	if (err < 0)
		return err;
	db_bind(st, db_i64(frame_row_of_name(name, strlen(name))));
	if ((err = db_step(st)) <= 0)
		return err;
	size_t len;
	const uint8_t *bytes = db_col_blob(st, 0, &len);
	struct frame f;
	if ((err = frame_read(&f, bytes, len)) == 0) {
		if (f.kind != FRAME_VALUE || f.key_len != strlen(name) ||
			memcmp(f.key, name, f.key_len) != 0)
			err = ERR_STORE_CORRUPT;
		else
			err = f.body_len > cap ? ERR_FULL : (int)f.body_len;
	}
	if (err > 0)
		memcpy(dst, f.body, f.body_len);
	db_reset(st);
	return err;
}
