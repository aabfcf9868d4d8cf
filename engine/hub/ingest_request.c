/* SPDX-License-Identifier: Apache-2.0
 * HTTP requests of the ingest and their responses. */
#include "engine/hub/ingest_internal.h"

#include "proto/base/log.h"
#include "proto/wire/coverage.h"
#include "proto/wire/heartbeat.h"

#include <stdio.h>
#include <string.h>

static void on_checked(struct account_check *check, int err);
static void admit(struct request *r);

/* ---- reading ----------------------------------------------------------------------------- */

static int stop_with(struct request *r, int status)
{
	r->refusal = status;
	return ERR_STOPPED;
}

static bool is_type(const char *type, const char *ours)
{
	size_t n = strlen(ours);
	return strncmp(type, ours, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* The uploads: path and media types. */
static const struct {
	const char *path, *type, *response_type;
	uint64_t max;
	unsigned retry_s; /* of a 429 */
} uploads[] = {
	[ROUTE_BATCH] = {BATCH_PATH, BATCH_MEDIA_TYPE, RECEIPT_MEDIA_TYPE, INGEST_BODY_MAX, 0},
	[ROUTE_COVERAGE] = {COVERAGE_PATH, COVERAGE_MEDIA_TYPE, NULL, INGEST_BODY_MAX, 0},
	[ROUTE_HEARTBEAT] = {HEARTBEAT_PATH, HEARTBEAT_MEDIA_TYPE, HEARTBEAT_RESPONSE_MEDIA_TYPE,
		LIMIT_HEARTBEAT_RECEIVED, LIMIT_HEARTBEAT_EVERY_MS / 1000},
};
enum { UPLOADS = sizeof uploads / sizeof uploads[0] };

bool request_has_receipt(const struct request *r)
{
	return uploads[r->route].response_type != NULL;
}

static int on_head(void *owner, const struct http1_head *head)
{
	struct request *r = owner;
	r->has_head = true;
	r->is_last = !head->is_keep_alive;
	r->is_expecting = head->is_expecting;
	r->content_length = head->content_length;
	if (strcmp(head->target, "/livez") == 0) {
		r->route = ROUTE_LIVEZ;
		r->is_head_only = head->method == HTTP1_HEAD;
		if (head->method != HTTP1_GET && head->method != HTTP1_HEAD)
			return stop_with(r, 405);
		return head->content_length == 0 ? 0 : stop_with(r, 413);
	}
	unsigned route = 0;
	while (route < UPLOADS && strcmp(head->target, uploads[route].path) != 0)
		route++;
	if (route == UPLOADS)
		return stop_with(r, 404);
	r->route = (enum route)route;
	if (head->method != HTTP1_POST)
		return stop_with(r, 405);
	if (http1_read_basic(head->authorization, r->check.user, sizeof r->check.user,
		    r->check.password, sizeof r->check.password) < 0) {
		r->check.user[0] = '\0';
		return stop_with(r, 401);
	}
	if (!is_type(head->content_type, uploads[route].type))
		return stop_with(r, 415);
	if (!head->has_length)
		return stop_with(r, 411);
	if (head->content_length > uploads[route].max)
		return stop_with(r, 413);
	buf_open(&r->body, (size_t)head->content_length);
	return 0;
}

/* Bytes that arrive before their sender is known and has a place are counted apart. */
static int count_early(struct request *r, size_t len)
{
	struct ingest *in = r->peer->ingest;
	if (in->early + len > INGEST_EARLY_MAX || in->held + len > INGEST_HELD_MAX)
		return stop_with(r, 503);
	in->early += len;
	in->held += len;
	r->held += len;
	return 0;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct request *r = owner;
	if (!r->is_admitted) {
		int err = count_early(r, len);
		if (err < 0)
			return err;
	}
	/* The length was announced: no growing by halves. */
	if (r->is_admitted && r->body.cap < r->body.max &&
		buf_reserve(&r->body, r->body.max - r->body.len) < 0)
		return stop_with(r, 503);
	return buf_put(&r->body, bytes, len) < 0 ? stop_with(r, 503) : 0;
}

static int on_end(void *owner)
{
	struct request *r = owner;
	r->has_all = true;
	return 0;
}

static const struct http1_events events = {
	.on_head = on_head, .on_body = on_body, .on_end = on_end};

struct request *request_new(struct peer *p)
{
	struct ingest *in = p->ingest;
	struct request *r = slab_take(&in->requests_slab);
	if (r == NULL)
		return NULL;
	memset(r, 0, sizeof *r);
	list_init(&r->node);
	r->ingest = in;
	r->peer = p;
	r->started_ms = loop_now_ms(in->o.loop);
	http1_open(&r->http, HTTP1_REQUESTS, INGEST_BODY_MAX, &events, r);
	buf_open(&r->body, 0);
	buf_open(&r->response, LIMIT_RECEIPT + LIMIT_HTTP_HEAD);
	buf_open(&r->receipt, LIMIT_RECEIPT);
	return r;
}

/* A body must keep its pace; the head has LIMIT_HEAD_MS. */
static void wait_for_body(struct request *r)
{
	uint64_t now_ms = loop_now_ms(r->peer->ingest->o.loop);
	uint64_t until_ms = r->body_started_ms + r->ingest->o.head_ms +
			    r->body.len * 1000 / LIMIT_BODY_BYTES_PER_S;
	peer_set_state(r->peer, INGEST_BODY, until_ms > now_ms ? until_ms - now_ms : 1);
}

static void check_account(struct request *r)
{
	struct peer *p = r->peer;
	conn_pause(p->conn);
	peer_set_state(p, INGEST_CHECKING, LIMIT_SEND_MS);
	r->check.on_checked = on_checked;
	if (account_check(p->ingest->o.accounts, &r->check) < 0) {
		request_refuse(r, 429, r->check.retry_after_s, "user must wait");
		return;
	}
	r->is_in_worker = true;
}

/* The body, of response->content_length bytes, follows unless only the head was requested. */
static void respond(struct request *r, struct http1_response *response, const void *body)
{
	response->date_ms = loop_wall_ms(r->ingest->o.loop);
	response->is_last = r->is_last;
	buf_clear(&r->response);
	int err = http1_put_response(&r->response, response);
	if (err == 0 && !r->is_head_only)
		err = buf_put(&r->response, body, response->content_length);
	if (err < 0)
		peer_abort(r->peer);
	else
		peer_respond(r->peer);
}

static void respond_ok(struct request *r)
{
	static const char text[] = "ok\n";
	struct http1_response response = {
		.status = 200, .content_type = "text/plain", .content_length = sizeof text - 1};
	respond(r, &response, text);
}

static void submit(struct request *r)
{
	struct peer *p = r->peer;
	conn_pause(p->conn);
	peer_set_state(p, INGEST_WORKING, LIMIT_RECEIPT_MS);
	r->received_wall_ms = loop_wall_ms(p->ingest->o.loop);
	(void)str_copy(r->address, sizeof r->address, conn_peer(p->conn));
	r->is_in_worker = true;
	commit_add(p->ingest, r);
}

void request_feed(struct request *r, const uint8_t *bytes, size_t len)
{
	struct peer *p = r->peer;
	int n = http1_feed(&r->http, bytes, len);
	if (n < 0) {
		int status = r->refusal != 0 ? r->refusal : http1_refusal(&r->http);
		request_refuse(r, status, status == 503 ? INGEST_RETRY_S : 0,
			r->refusal != 0 ? "request" : "http");
		return;
	}
	/* Bytes after the end of a request are dropped, and the connection closes after the
	 * response: a client that pipelines requests must send them again. */
	if ((size_t)n < len)
		r->is_last = true;
	if (!r->has_head)
		return;
	if (r->route == ROUTE_LIVEZ) {
		if (r->has_all)
			respond_ok(r);
	} else if (p->state == INGEST_HEAD) {
		check_account(r);
	} else if (r->has_all) {
		submit(r);
	} else {
		wait_for_body(r);
	}
}

/* ---- authentication and admission -------------------------------------------------------------
 */

static void on_checked(struct account_check *check, int err)
{
	struct request *r = container_of(check, struct request, check);
	struct peer *p = r->peer;
	r->is_in_worker = false;
	if (p == NULL) {
		struct ingest *in = r->ingest;
		request_free(in, r);
		ingest_try_finish(in);
		return;
	}
	if (p->state != INGEST_CHECKING)
		return; /* on its way out: on_end frees the request */
	if (err == 0 && check->role != ROLE_AGENT) {
		logins_note_failure(p->ingest, check->user, conn_peer(p->conn), ERR_FORBIDDEN);
		request_refuse(r, 403, 0, "role may not upload");
	} else if (err == 0)
		admit(r);
	else if (err == ERR_AUTH || err == ERR_UNAVAILABLE) {
		logins_note_failure(p->ingest, check->user, conn_peer(p->conn), err);
		request_refuse(r, err == ERR_AUTH ? 401 : 429, check->retry_after_s, "password");
	} else {
		request_refuse(r, 503, INGEST_RETRY_S, err_text(err));
	}
}

static void begin_body(struct request *r)
{
	r->body_started_ms = loop_now_ms(r->peer->ingest->o.loop);
	if (r->has_all) {
		submit(r);
		return;
	}
	wait_for_body(r);
	conn_resume(r->peer->conn);
}

static void admit_now(struct request *r)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct peer *p = r->peer;
	struct ingest *in = p->ingest;
	in->early -= r->held;
	in->held += r->content_length - r->held;
	r->held = r->content_length;
	r->is_admitted = true;
	if (in->held > in->counts.held_bytes_peak)
		in->counts.held_bytes_peak = in->held;
	if (!r->is_expecting || r->body.len > 0 || r->has_all) {
		begin_body(r);
		return;
	}
	peer_set_state(p, INGEST_CONTINUING, LIMIT_SEND_MS);
	if (p->state == INGEST_CONTINUING && conn_write(p->conn, text, sizeof text - 1) < 0)
		peer_abort(p);
}

void request_continued(struct request *r)
{
	begin_body(r);
}

static bool has_room(const struct ingest *in, const struct request *r)
{
	return in->held + r->content_length - r->held <= INGEST_HELD_MAX;
}

static void admit(struct request *r)
{
	struct ingest *in = r->peer->ingest;
	if (list_is_empty(&in->queued) && has_room(in, r)) {
		admit_now(r);
		return;
	}
	list_push(&in->queued, &r->node);
	peer_set_state(r->peer, INGEST_QUEUED, LIMIT_SEND_MS);
}

void request_release(struct ingest *in, struct request *r)
{
	in->held -= r->held;
	if (!r->is_admitted)
		in->early -= r->held;
	r->held = 0;
	while (!list_is_empty(&in->queued)) {
		struct request *first = container_of(in->queued.next, struct request, node);
		bool is_leaving = first->peer->state != INGEST_QUEUED;
		if (!is_leaving && !has_room(in, first))
			return;
		list_remove(&first->node);
		if (!is_leaving)
			admit_now(first);
	}
}

/* ---- responses ----------------------------------------------------------------------------- */

static void log_refusal(const struct request *r, int status, const char *what)
{
	struct ingest *in = r->ingest;
	unsigned missed;
	if (!log_rate_limit_pass(&in->refusals, loop_now_ms(in->o.loop), &missed))
		return;
	log_line(LOG_WARN, "ingest", "peer=%s user=%s status=%d err=%s why=%s not_logged=%u",
		conn_peer(r->peer->conn), r->check.user, status,
		r->result.err != 0 ? err_text(r->result.err) : "refused", what, missed);
}

void request_refuse(struct request *r, int status, unsigned retry_after_s, const char *what)
{
	struct peer *p = r->peer;
	struct ingest *in = p->ingest;
	char text[LIMIT_WHY];
	/* Bytes that were not read cannot be distinguished from the next request. */
	r->is_last |= !r->has_all;
	in->counts.unavailable += status == 503 || status == 429;
	in->counts.refused += status != 503 && status != 429;
	log_refusal(r, status, what);
	(void)snprintf(text, sizeof text, "%s: %s\n", http1_reason(status), what);
	struct http1_response response = {.status = status,
		.content_type = "text/plain",
		.content_length = strlen(text),
		.retry_after_s = retry_after_s};
	if (status == 401)
		response.www_authenticate = "Basic realm=\"platen-hub\", charset=\"UTF-8\"";
	respond(r, &response, text);
}

static void log_upload(const struct request *r, const struct ingest *in)
{
	char agent[2 * AGENT_ID_BYTES + 1];
	const struct batch_result *b = &r->result;
	str_hex(agent, b->agent_id, sizeof b->agent_id);
	log_line(LOG_INFO, "ingest",
		"peer=%s user=%s agent=%s first=%ju last=%ju stored=%u duplicates=%u rejected=%u"
		" wanted=%u bytes=%zu raw=%u took_ms=%ju new=%s gap=%s",
		r->peer != NULL ? conn_peer(r->peer->conn) : "gone", r->check.user, agent, b->first,
		b->last, b->stored, b->duplicates, b->rejected, b->wanted, r->body.len,
		b->raw_bytes, (loop_now_ms(in->o.loop) - r->started_ms),
		b->is_new_agent   ? "agent"
		: b->is_new_epoch ? "epoch"
				  : "no",
		b->has_gap ? "yes" : "no");
	if (b->dropped[0] + b->dropped[1] + b->dropped[2] > 0)
		log_line(LOG_WARN, "ingest",
			"user=%s agent=%s diagnostics=%ju supplies=%ju meters=%ju "
			"what=\"records that the agent's full spool has cost\" "
			"next=\"let it synchronise more often, or raise its spool.max_bytes\"",
			r->check.user, agent, b->dropped[0], b->dropped[1], b->dropped[2]);
}

/* Its times are of no use: a reading of the past is never shown, one of the future gets our time.
 */
static void log_clock(const struct request *r)
{
	char agent[2 * AGENT_ID_BYTES + 1];
	const struct batch_result *b = &r->result;
	if (b->clock_suspects == 0)
		return;
	str_hex(agent, b->agent_id, sizeof b->agent_id);
	log_line(LOG_WARN, "ingest",
		"user=%s agent=%s clock_suspect=%u dev=%s what=\"read times of the agent are "
		"wrong: set "
		"the clock of its machine\"",
		r->check.user, agent, b->clock_suspects, b->clock_suspect);
}

/* Our store was restored from an older copy: what it had of this agent is lost, but for the full
 * states that the receipt requests. */
static void log_loss(const struct request *r)
{
	char agent[2 * AGENT_ID_BYTES + 1], from[25], until[25];
	const struct batch_result *b = &r->result;
	if (b->lost_last == 0)
		return;
	str_hex(agent, b->agent_id, sizeof b->agent_id);
	str_utc(from, b->lost_from_ms);
	str_utc(until, r->received_wall_ms);
	log_line(LOG_ERROR, "ingest",
		"user=%s agent=%s lost_first=%ju lost_last=%ju from=%s until=%s what=\"records "
		"that "
		"this hub has receipted are not in its store, which is an older copy: full states "
		"are requested\"",
		r->check.user, agent, b->lost_first, b->lost_last, from, until);
}

static void respond_receipt(struct request *r)
{
	struct http1_response response = {.status = 200,
		.content_type = uploads[r->route].response_type,
		.content_length = r->receipt.len};
	r->is_last |= r->ingest->is_closing;
	respond(r, &response, r->receipt.data);
}

void request_committed(struct request *r)
{
	struct ingest *in = r->ingest;
	struct peer *p = r->peer;
	r->is_in_worker = false;
	if (r->result.status == 200 && r->route == ROUTE_BATCH) {
		in->counts.batches++;
		in->counts.received += r->result.records;
		in->counts.stored += r->result.stored;
		in->counts.duplicates += r->result.duplicates;
		in->counts.rejected += r->result.rejected;
		log_upload(r, in);
		log_clock(r);
		log_loss(r);
	}
	if (p == NULL) {
		request_free(in, r);
		return;
	}
	if (p->state != INGEST_WORKING)
		return; /* on_end frees it */
	int status = r->result.status;
	if (status == 200 && request_has_receipt(r))
		respond_receipt(r);
	else if (status == 200)
		respond_ok(r);
	else
		request_refuse(r, status,
			status == 503   ? INGEST_RETRY_S
			: status == 429 ? uploads[r->route].retry_s
					: 0,
			r->result.what);
}
