/* SPDX-License-Identifier: Apache-2.0
 * Connections of the ingest and their states. */
#include "engine/hub/ingest_internal.h"

#include "proto/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ingest_open(struct ingest **ret, const struct ingest_options *o)
{
	struct ingest *in = calloc(1, sizeof *in);
	if (in == NULL)
		return -ENOMEM;
	in->o = *o;
	in->o.head_ms = o->head_ms != 0 ? o->head_ms : LIMIT_HEAD_MS;
	in->o.idle_ms = o->idle_ms != 0 ? o->idle_ms : LIMIT_IDLE_MS;
	list_init(&in->peers);
	list_init(&in->idle);
	list_init(&in->queued);
	list_init(&in->commit.waiting);
	list_init(&in->commit.taken);
	commit_open(in);
	struct batch_writer_options t = {.archive = o->archive,
		.key = o->key,
		.old_key = o->old_key,
		.software = o->software,
		.audit = o->audit};
	int err = batch_writer_open(&in->writer, &t);
	if (err < 0)
		goto no_taker;
	err = slab_open(&in->peers_slab, sizeof(struct peer), o->max_conns);
	if (err < 0)
		goto no_peers;
	/* A request whose connection has gone waits for its worker: at most one more each. */
	err = slab_open(&in->requests_slab, sizeof(struct request), 2 * o->max_conns);
	if (err < 0)
		goto no_requests;
	*ret = in;
	return 0;
no_requests:
	slab_close(&in->peers_slab);
no_peers:
	batch_writer_close(in->writer);
no_taker:
	free(in);
	return err;
}

size_t ingest_dues(size_t max_conns)
{
	/* Ours and the conn's own for each; for all conns, and for the audit. */
	return 2 * max_conns + 2;
}

void ingest_counts(const struct ingest *in, struct ingest_counts *ret)
{
	*ret = in->counts;
	ret->conns = in->peers_slab.used;
	ret->held_bytes = in->held;
	ret->commits = in->commit.commits;
}

/* The list that the state belongs to. */
static void move(struct peer *p, enum ingest_state state)
{
	bool was_idle = p->state == INGEST_IDLE;
	p->state = state;
	if (was_idle == (state == INGEST_IDLE))
		return;
	list_remove(&p->node);
	list_push(was_idle ? &p->ingest->peers : &p->ingest->idle, &p->node);
}

void peer_set_state(struct peer *p, enum ingest_state state, uint64_t deadline_ms)
{
	move(p, state);
	struct loop *l = p->ingest->o.loop;
	if (deadline_ms == 0)
		loop_due_clear(l, &p->due);
	else if (loop_due_set(l, &p->due, loop_now_ms(l) + deadline_ms) < 0) {
		/* The loop was opened with too few deadlines; without one no connection may stay.
		 */
		move(p, INGEST_ENDING);
		conn_abort(p->conn);
	}
}

static void close_peer(struct peer *p)
{
	peer_set_state(p, INGEST_ENDING, 0);
	conn_close(p->conn);
}

void peer_abort(struct peer *p)
{
	peer_set_state(p, INGEST_ENDING, 0);
	conn_abort(p->conn);
}

static void on_open(void *owner)
{
	struct peer *p = owner;
	peer_set_state(p, INGEST_IDLE, p->ingest->o.idle_ms);
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct peer *p = owner;
	if (p->state == INGEST_IDLE) {
		p->request = request_new(p);
		if (p->request == NULL) {
			peer_abort(p);
			return;
		}
		peer_set_state(p, INGEST_HEAD, p->ingest->o.head_ms);
	}
	/* In other states the conn is paused or closing. */
	if (p->state == INGEST_HEAD || p->state == INGEST_BODY)
		request_feed(p->request, bytes, len);
}

void peer_respond(struct peer *p)
{
	struct request *r = p->request;
	conn_pause(p->conn);
	peer_set_state(p, INGEST_RESPONDING, LIMIT_SEND_MS);
	if (p->state == INGEST_RESPONDING &&
		conn_write(p->conn, r->response.data, r->response.len) < 0)
		peer_abort(p);
}

static void on_writable(void *owner)
{
	struct peer *p = owner;
	struct request *r = p->request;
	if (p->state == INGEST_CONTINUING) {
		request_continued(r);
		return;
	}
	if (p->state != INGEST_RESPONDING)
		return;
	bool is_last = r->is_last || p->ingest->is_closing;
	p->request = NULL;
	request_free(p->ingest, r);
	if (is_last) {
		close_peer(p);
		return;
	}
	peer_set_state(p, INGEST_IDLE, p->ingest->o.idle_ms);
	conn_resume(p->conn);
}

/* The present phase took too long. */
static void on_due(struct due *due)
{
	struct peer *p = container_of(due, struct peer, due);
	switch (p->state) {
	case INGEST_IDLE:
		close_peer(p);
		return;
	case INGEST_HEAD:
	case INGEST_BODY:
		request_refuse(p->request, 408, 0, "too slow");
		return;
	case INGEST_QUEUED:
		list_remove(&p->request->node);
		request_refuse(p->request, 503, INGEST_RETRY_S, "no room");
		return;
	case INGEST_CHECKING:
	case INGEST_CONTINUING:
	case INGEST_WORKING:
	case INGEST_RESPONDING:
		log_line(LOG_WARN, "ingest", "peer=%s err=%s state=%d next=abort",
			conn_peer(p->conn), err_text(ERR_TIMEOUT), p->state);
		peer_abort(p);
		return;
	case INGEST_OPENING:
	case INGEST_ENDING:
		return; /* the conn has its own deadline */
	}
}

void request_free(struct ingest *in, struct request *r)
{
	list_remove(&r->node);
	request_release(in, r);
	/* The head that was read holds the password too. */
	crypto_wipe(&r->http, sizeof r->http);
	crypto_wipe(&r->check, sizeof r->check);
	buf_close(&r->body);
	buf_close(&r->response);
	buf_close(&r->receipt);
	slab_give(&in->requests_slab, r);
}

static void on_end(void *owner, int err, const char *why)
{
	struct peer *p = owner;
	struct ingest *in = p->ingest;
	struct request *r = p->request;
	loop_due_clear(in->o.loop, &p->due);
	bool is_loss = err != ERR_STOPPED && (r != NULL || p->state == INGEST_OPENING);
	unsigned missed;
	if (is_loss && log_rate_limit_pass(&in->losses, loop_now_ms(in->o.loop), &missed))
		log_line(r != NULL ? LOG_WARN : LOG_INFO, "ingest",
			"peer=%s err=%s why=%s during=%s not_logged=%u", conn_peer(p->conn),
			err_text(err), why, r != NULL ? "request" : "handshake", missed);
	if (r != NULL) {
		r->peer = NULL;
		if (!r->is_in_worker)
			request_free(in, r);
	}
	list_remove(&p->node);
	slab_give(&in->peers_slab, p);
	ingest_try_finish(in);
}

/* ---- accepting ---- */

static const struct conn_events peer_events = {
	.on_open = on_open, .on_bytes = on_bytes, .on_writable = on_writable, .on_end = on_end};

/* Idle connections make room when all places are in use, so that they keep no agent out. */
static void shed(struct ingest *in)
{
	size_t part = in->o.max_conns / LIMIT_SHED_PART + 1;
	for (size_t i = 0; i < part && !list_is_empty(&in->idle); i++)
		close_peer(container_of(in->idle.next, struct peer, node));
}

void ingest_accept(struct ingest *in, struct conn *c)
{
	struct peer *p = in->is_closing ? NULL : slab_take(&in->peers_slab);
	if (p == NULL) {
		conn_abort(c);
		return;
	}
	memset(p, 0, sizeof *p);
	list_init(&p->node);
	due_init(&p->due, on_due);
	p->ingest = in;
	p->conn = c;
	p->state = INGEST_OPENING;
	list_push(&in->peers, &p->node);
	in->counts.accepted++;
	conn_set_owner(c, &peer_events, p);
	if (in->peers_slab.used == in->o.max_conns)
		shed(in);
}

/* ---- the end ---- */

static void on_closing(struct worker_job *job, int result)
{
	struct ingest *in = container_of(job, struct ingest, closing);
	(void)result;
	in->is_closing_over = true;
	ingest_try_finish(in);
}

void ingest_close(struct ingest *in, void (*on_closed)(void *owner), void *owner)
{
	if (in == NULL || in->is_closing)
		return;
	in->is_closing = true;
	in->on_closed = on_closed;
	in->closed_owner = owner;
	while (!list_is_empty(&in->idle))
		close_peer(container_of(in->idle.next, struct peer, node));
	for (struct list *at = in->peers.next; at != &in->peers; at = at->next) {
		struct peer *p = container_of(at, struct peer, node);
		switch (p->state) {
		case INGEST_OPENING:
		case INGEST_HEAD:
		case INGEST_CHECKING:
		case INGEST_QUEUED:
		case INGEST_CONTINUING:
		case INGEST_BODY:
			peer_abort(p);
			break;
		case INGEST_WORKING:
		case INGEST_RESPONDING:
		case INGEST_ENDING:
		case INGEST_IDLE:
			break; /* on its way out already */
		}
	}
	logins_flush(in);
	worker_start(in->o.workers, WORKER_READ, &in->closing, NULL, on_closing);
}

void ingest_try_finish(struct ingest *in)
{
	if (!in->is_closing || !in->is_closing_over || in->peers_slab.used > 0 ||
		in->requests_slab.used > 0 || !commit_is_idle(in))
		return;
	void (*on_closed)(void *owner) = in->on_closed;
	void *owner = in->closed_owner;
	log_line(LOG_INFO, "ingest",
		"batches=%ju received=%ju stored=%ju duplicates=%ju rejected=%ju",
		in->counts.batches, in->counts.received, in->counts.stored, in->counts.duplicates,
		in->counts.rejected);
	batch_writer_close(in->writer);
	slab_close(&in->requests_slab);
	slab_close(&in->peers_slab);
	free(in);
	on_closed(owner);
}
