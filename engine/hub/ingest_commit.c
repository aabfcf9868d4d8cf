/* SPDX-License-Identifier: Apache-2.0
 * The ingest's way to the disk: all batches that wait, up to LIMIT_COMMIT_BATCHES, in one
 * transaction. */
#include "engine/hub/ingest_internal.h"

#include "proto/base/log.h"

#include <stdio.h>
#include <string.h>

bool commit_is_idle(const struct ingest *in)
{
	return !in->commit.is_running && list_is_empty(&in->commit.waiting);
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
	if (r->result.status != 200 || !request_has_receipt(r))
		return;
	int err = r->route == ROUTE_BATCH ? batch_sign(in->writer, &r->receipt)
					  : heartbeat_sign(in->writer, &r->receipt);
	if (err < 0) {
		r->result.status = 503; /* it is safe; sent again, it is a duplicate */
		r->result.err = err;
		r->result.what = "no receipt could be signed";
	}
}

static int write_one(struct ingest *in, struct request *r)
{
	const struct buf *body = &r->body;
	uint64_t at_ms = r->received_wall_ms;
	if (r->route == ROUTE_COVERAGE)
		return coverage_write(in->writer, &r->result, body->data, body->len, at_ms);
	if (r->route == ROUTE_HEARTBEAT)
		return heartbeat_write(
			in->o.archive, &r->result, &r->receipt, body->data, body->len, at_ms);
	return batch_write(
		in->writer, &r->result, &r->receipt, body->data, body->len, r->check.user, at_ms);
}

/* The batches of the commit from `first` up to but not with `end`, in one transaction. */
static int take_some(struct ingest *in, struct list *first, const struct list *end)
{
	int err = archive_begin(in->o.archive);
	for (struct list *at = first; at != end && err == 0; at = at->next) {
		struct request *r = taken_at(at);
		buf_clear(&r->receipt);
		err = write_one(in, r);
	}
	if (err == 0)
		err = archive_commit(in->o.archive);
	if (err < 0) {
		(void)str_copy(in->commit.why, sizeof in->commit.why, archive_why(in->o.archive));
		archive_rollback(in->o.archive);
	} else if ((err = audit_uploads(in, first, end)) < 0) {
		/* The committed batches are duplicates when they are sent again, with an entry. */
		(void)str_copy(in->commit.why, sizeof in->commit.why, "the audit is not written");
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

/* ---- opening ---- */

void commit_open(struct ingest *in)
{
	in->commit.job.work = work;
	in->commit.job.on_done = on_done;
	logins_open(in);
}
