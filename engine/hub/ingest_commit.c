/* SPDX-License-Identifier: Apache-2.0
 * The ingest's way to the disk: all batches that wait, up to LIMIT_COMMIT_BATCHES, in one
 * transaction; and the audit of failed log-ins. */
#include "engine/hub/ingest_internal.h"

#include "proto/base/log.h"

#include <stdio.h>
#include <string.h>

/* Failed log-ins are summed up for so long. */
enum { AUDIT_PAUSE_MS = 1000 };

bool commit_is_idle(const struct ingest *in)
{
	return !in->commit.is_running && list_is_empty(&in->commit.waiting) &&
	       !in->failed.is_running;
}

static void start(struct ingest *in)
{
	struct commit *c = &in->commit;
	if (c->is_running || list_is_empty(&c->waiting))
		return;
	for (int i = 0; i < LIMIT_COMMIT_BATCHES && !list_is_empty(&c->waiting); i++)
		list_push(&c->taken, list_pop(&c->waiting));
	c->is_running = true;
	worker_submit(in->o.workers, WORKER_DISK, &c->job);
}

void commit_add(struct ingest *in, struct request *r)
{
	list_push(&in->commit.waiting, &r->node);
	start(in);
}

/* ---- on the disk worker: only bodies, receipts and results of the requests in the commit ---- */

static struct request *taken_at(struct list *at)
{
	return container_of(at, struct request, node);
}

static void fail(struct request *r, int err)
{
	r->result.status = 503;
	r->result.err = err;
	r->result.what = "the store failed";
}

static void sign(struct ingest *in, struct request *r)
{
	if (r->result.status != 200)
		return;
	int err = batch_sign(in->writer, &r->receipt);
	if (err < 0) {
		r->result.status = 503; /* it is safe; sent again, it is a duplicate */
		r->result.err = err;
		r->result.what = "no receipt could be signed";
	}
}

/* The batches of the commit from `first` up to but not with `end`, in one transaction. */
static int take_some(struct ingest *in, struct list *first, const struct list *end)
{
	int err = archive_begin(in->o.archive);
	for (struct list *at = first; at != end && err == 0; at = at->next) {
		struct request *r = taken_at(at);
		buf_clear(&r->receipt);
		err = batch_write(in->writer, &r->result, &r->receipt, r->body.data, r->body.len,
			r->check.user, r->received_wall_ms);
	}
	if (err == 0)
		err = archive_commit(in->o.archive);
	if (err < 0) {
		(void)str_copy(in->commit.why, sizeof in->commit.why, archive_why(in->o.archive));
		archive_rollback(in->o.archive);
	}
	for (struct list *at = first; at != end; at = at->next) {
		if (err < 0)
			fail(taken_at(at), err);
		else
			sign(in, taken_at(at));
	}
	return err;
}

/* Not the disk's trouble (-errno) but perhaps one batch's own, e.g. it touches a damaged page: then
 * the others must not share its fate at every try. */
static bool is_of_one(int err)
{
	return err <= ERR_FULL;
}

static int work(struct worker_job *job)
{
	struct commit *c = container_of(job, struct commit, job);
	struct ingest *in = container_of(c, struct ingest, commit);
	int err = take_some(in, c->taken.next, &c->taken);
	if (!is_of_one(err) || c->taken.next->next == &c->taken)
		return err;
	for (struct list *at = c->taken.next; at != &c->taken; at = at->next) {
		int alone = take_some(in, at, at->next);
		(void)alone; /* its request holds the error */
	}
	c->is_split = true;
	return err;
}

/* ---- on the loop ---- */

static void on_done(struct worker_job *job, int result)
{
	struct commit *c = container_of(job, struct commit, job);
	struct ingest *in = container_of(c, struct ingest, commit);
	if (result < 0) {
		log_line(LOG_ERROR, "commit", "err=%s why=%s next=\"%s\"", err_text(result), c->why,
			c->is_split ? "each batch was tried alone"
				    : "batches are refused with 503");
		/* Also when the worker could not run the job at all. */
		for (struct list *at = c->taken.next; at != &c->taken && !c->is_split;
			at = at->next)
			fail(taken_at(at), result);
	} else {
		c->commits++;
	}
	c->is_split = false;
	c->is_running = false;
	struct list done;
	list_init(&done);
	list_move_all(&done, &c->taken);
	start(in);
	struct list *node;
	while ((node = list_pop(&done)) != NULL)
		request_committed(container_of(node, struct request, node));
	ingest_try_finish(in);
}

/* ---- failed log-ins ---- */

static int work_audit(struct worker_job *job)
{
	struct failed_logins *f = container_of(job, struct failed_logins, job);
	struct ingest *in = container_of(f, struct ingest, failed);
	return archive_audit(in->o.archive, f->at_ms, "login-failed", text_of(f->who), f->detail);
}

static void on_audited(struct worker_job *job, int result)
{
	struct failed_logins *f = container_of(job, struct failed_logins, job);
	struct ingest *in = container_of(f, struct ingest, failed);
	f->is_running = false;
	if (result < 0)
		log_line(LOG_ERROR, "audit", "err=%s", err_text(result));
	if (in->is_closing)
		logins_flush(in);
	ingest_try_finish(in);
}

void logins_flush(struct ingest *in)
{
	struct failed_logins *f = &in->failed;
	loop_due_clear(in->o.loop, &f->due);
	if (f->count == 0 || f->is_running)
		return;
	(void)str_copy(f->who, sizeof f->who, f->user);
	(void)snprintf(f->detail, sizeof f->detail, "failures=%ju last_peer=%s", f->count, f->peer);
	f->at_ms = loop_wall_ms(in->o.loop);
	f->count = 0;
	f->is_running = true;
	worker_submit(in->o.workers, WORKER_DISK, &f->job);
}

static void on_audit_due(struct due *due)
{
	struct failed_logins *f = container_of(due, struct failed_logins, due);
	logins_flush(container_of(f, struct ingest, failed));
}

void logins_note_failure(struct ingest *in, const char *user, const char *peer)
{
	struct failed_logins *f = &in->failed;
	f->count++;
	(void)str_copy(f->user, sizeof f->user, user);
	(void)str_copy(f->peer, sizeof f->peer, peer);
	if (!due_is_set(&f->due) &&
		loop_due_set(in->o.loop, &f->due, loop_now_ms(in->o.loop) + AUDIT_PAUSE_MS) < 0)
		logins_flush(in);
}

/* ---- opening ---- */

void commit_open(struct ingest *in)
{
	in->commit.job.work = work;
	in->commit.job.on_done = on_done;
	in->failed.job.work = work_audit;
	in->failed.job.on_done = on_audited;
	due_init(&in->failed.due, on_audit_due);
}
