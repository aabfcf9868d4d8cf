/* SPDX-License-Identifier: Apache-2.0
 * Opening, closing and counting. The other files: spool_commit.c puts, spool_read.c peeks and
 * removes, spool_disk.c is the transaction below both, spool_salvage.c the last resort. */
#include "engine/store/spool.h"

#include "engine/store/spool_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void spool_look(struct spool *s)
{
	const struct spool_disk *d = &s->disk;
	s->epoch = d->meta.epoch;
	s->counts.pending = d->meta.rows;
	s->counts.pending_bytes = d->meta.bytes;
	s->counts.quarantined = d->quarantined;
	s->counts.unsent_bytes = d->unsent_bytes;
	s->counts.balance = d->meta.balance;
	s->counts.receipted_upto = d->meta.receipted_upto;
	s->counts.salvages = d->salvages;
	s->rebuild = d->rebuild;
}

static void free_spool(struct spool *s)
{
	free(s->groups[0].frames);
	free(s->groups[1].frames);
	free(s);
}

static struct spool *make(const struct spool_options *o)
{
	struct spool *s = calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->linger_ms = o->linger_ms;
	s->max_bytes = o->max_bytes;
	s->max_devices = o->max_devices > 0 ? o->max_devices : LIMIT_SPOOL_DEVICES;
	s->always = o->always;
	s->retry_ms = o->retry_ms;
	s->on_disk = o->on_disk;
	s->disk_owner = o->owner;
	due_init(&s->linger, spool_linger_over);
	due_init(&s->retry, spool_retry_over);
	for (int i = 0; i < 2; i++) {
		s->groups[i].spool = s;
		list_init(&s->groups[i].puts);
		s->groups[i].frames = malloc(LIMIT_SPOOL_PENDING / 2);
		if (s->groups[i].frames == NULL) {
			free_spool(s);
			return NULL;
		}
	}
	s->filling = &s->groups[0];
	return s;
}

int spool_open(struct spool **ret, struct loop *l, struct workers *workers,
	const struct spool_options *o, char *why, size_t why_cap)
{
	struct spool *s = make(o);
	if (s == NULL) {
		(void)snprintf(why, why_cap, "no memory for the spool");
		return -ENOMEM;
	}
	s->loop = l;
	s->workers = workers;
	int err = disk_open(&s->disk, o->dir, why, why_cap);
	if (err < 0) {
		free_spool(s);
		return err;
	}
	s->next_seq = s->disk.meta.next_seq;
	spool_look(s);
	*ret = s;
	return 0;
}

uint64_t spool_epoch(const struct spool *s)
{
	return s->epoch;
}

const uint8_t *spool_agent_id(const struct spool *s)
{
	return s->disk.meta.agent_id;
}

uint64_t spool_next_seq(const struct spool *s)
{
	return s->next_seq;
}

void spool_counts(const struct spool *s, struct spool_counts *ret)
{
	*ret = s->counts;
}

void spool_last_rebuild(const struct spool *s, struct spool_rebuild *ret)
{
	*ret = s->rebuild;
}

/* ---- closing ---- */

static int close_on_worker(struct worker_job *job)
{
	struct spool *s = container_of(job, struct spool, close_job);
	disk_close(&s->disk);
	return 0;
}

static void on_disk_closed(struct worker_job *job, int err)
{
	struct spool *s = container_of(job, struct spool, close_job);
	(void)err; /* the job returns 0, and the pool cannot cancel it */
	void (*on_closed)(void *) = s->on_closed;
	void *owner = s->owner;
	free_spool(s);
	on_closed(owner);
}

void spool_close_if_idle(struct spool *s)
{
	if (!s->is_closing || s->committing != NULL || s->filling->count > 0)
		return;
	loop_due_clear(s->loop, &s->linger);
	worker_start(s->workers, WORKER_DISK, &s->close_job, close_on_worker, on_disk_closed);
}

void spool_close(struct spool *s, void (*on_closed)(void *owner), void *owner)
{
	s->on_closed = on_closed;
	s->owner = owner;
	s->is_closing = true;
	spool_give_up(s);
	spool_flush(s);
	spool_close_if_idle(s);
}
