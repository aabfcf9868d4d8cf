/* SPDX-License-Identifier: Apache-2.0
 * The agents of bench/uploads --hub: each has one connection to a real hub and brings one batch. A
 * batch counts only when the hub's signed receipt names it. Asked to wait (503, 429), an agent
 * waits as long as it was told and sends the same bytes again, over a new connection if need be. */
#include "bench/common.h"
#include "bench/uploads.h"

#include "proto/base/list.h"
#include "engine/loop/conn.h"
#include "proto/http/http1.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	JOINING_MAX = 256, /* handshakes under way at once: the listen queue holds more */
	PHASE_LIMIT_MS = 300000
};

enum phase { OPENING, POSTING, CLOSING };

struct run;

struct agent {
	struct run *run;
	const struct upload_batch *batch;
	struct conn *conn; /* NULL: the hub closed it, or not open yet */
	struct http1 http;
	struct due retry;
	double began_s;
	int status;
	uint64_t retry_ms;
	bool is_sending_head;
	bool is_waiting; /* for `retry` */
	bool is_done;
	char head[512];
	uint8_t reply[1024]; /* a receipt without refusals has less than 400 bytes */
	size_t reply_len;
};

struct run {
	struct loop *loop;
	const struct upload_agents_plan *plan;
	struct upload_result *result;
	struct tls *tls;
	struct agent *agents;
	enum phase phase;
	size_t started;
	size_t joining;
	size_t joined;
	size_t resumed;
	size_t alive; /* conns that have not had their on_end */
	size_t busy;  /* agents whose batch has no receipt */
	bool is_fresh;
	struct due limit;
};

static void fail(struct run *r, const char *what, const char *why)
{
	if (r->result->wrong++ == 0)
		(void)snprintf(r->result->why, sizeof r->result->why, "%s: %s", what, why);
	loop_stop(r->loop);
}

/* ---- posting ---- */

static void post(struct agent *a)
{
	struct run *r = a->run;
	struct buf b;
	struct http1_request q = {.method = HTTP1_POST,
		.target = BATCH_PATH,
		.host = "127.0.0.1",
		.port = r->plan->port,
		.user = r->plan->user,
		.password = r->plan->secret,
		.content_type = BATCH_MEDIA_TYPE,
		.content_length = a->batch->len};
	buf_over(&b, a->head, sizeof a->head);
	a->reply_len = 0;
	a->is_sending_head = true;
	int err = http1_put_request(&b, &q);
	if (err == 0)
		err = conn_write(a->conn, b.data, b.len);
	if (err < 0)
		fail(r, "post", err_text(err));
}

static void on_writable(void *owner)
{
	struct agent *a = owner;
	if (!a->is_sending_head)
		return;
	a->is_sending_head = false;
	int err = conn_write(a->conn, a->batch->bytes, a->batch->len);
	if (err < 0)
		fail(a->run, "body", err_text(err));
}

static int on_head(void *owner, const struct http1_head *head)
{
	struct agent *a = owner;
	a->status = head->status;
	a->retry_ms = strtoul(head->retry_after, NULL, 10) * 1000;
	if (head->status == 200)
		return strcmp(head->content_type, RECEIPT_MEDIA_TYPE) == 0 ? 0 : ERR_FORMAT;
	bool is_later = (head->status == 503 || head->status == 429) && a->retry_ms > 0;
	return is_later ? 0 : ERR_HTTP_STATUS;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct agent *a = owner;
	if (len > sizeof a->reply - a->reply_len)
		return ERR_LIMIT;
	memcpy(a->reply + a->reply_len, bytes, len);
	a->reply_len += len;
	return 0;
}

static int on_end_of_message(void *owner)
{
	const struct agent *a = owner;
	return a->status == 200 ? upload_judge(a->batch, a->reply, a->reply_len) : 0;
}

static const struct http1_events http_events = {on_head, on_body, on_end_of_message};

static void wait_for_turn(struct agent *a)
{
	struct run *r = a->run;
	r->result->waits++;
	a->is_waiting = true;
	int err = loop_due_set(r->loop, &a->retry, loop_now_ms(r->loop) + a->retry_ms);
	if (err < 0)
		fail(r, "retry", err_text(err));
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct agent *a = owner;
	struct run *r = a->run;
	int taken = http1_feed(&a->http, bytes, len);
	if (taken < 0 || (size_t)taken < len) {
		char why[64];
		(void)snprintf(why, sizeof why, "status %d, %s", a->status,
			err_text(taken < 0 ? taken : ERR_HTTP));
		fail(r, "answer", why);
		return;
	}
	if (!http1_is_ended(&a->http))
		return;
	http1_next(&a->http);
	if (a->status != 200) {
		wait_for_turn(a);
		return;
	}
	a->is_done = true;
	r->result->post_s[r->result->post_count++] = bench_now_s() - a->began_s;
	if (--r->busy == 0)
		loop_stop(r->loop);
}

/* ---- opening and closing ---- */

static void open_more(struct run *r);

static void on_open(void *owner)
{
	struct agent *a = owner;
	struct run *r = a->run;
	if (r->phase == POSTING) {
		post(a);
		return;
	}
	r->joining--;
	r->joined++;
	r->resumed += conn_is_resumed(a->conn) ? 1 : 0;
	if (r->joined == r->plan->connections)
		loop_stop(r->loop);
	else
		open_more(r);
}

/* The hub may close after a 503, and an idle connection long after a receipt; no other. */
static void on_end(void *owner, int err, const char *why)
{
	struct agent *a = owner;
	struct run *r = a->run;
	a->conn = NULL;
	r->alive--;
	bool is_fair = a->is_waiting || (a->is_done && err == 0 && r->phase == POSTING);
	if (r->phase == CLOSING) {
		if (r->alive == 0)
			loop_stop(r->loop);
	} else if (!is_fair) {
		fail(r, "connection", why);
	}
}

static const struct conn_events conn_events = {on_open, on_bytes, on_writable, on_end};

static int open_one(struct agent *a)
{
	struct run *r = a->run;
	struct conn_target target = {.host = "127.0.0.1",
		.port = r->plan->port,
		.tls = r->tls,
		.connect_ms = PHASE_LIMIT_MS,
		.is_fresh = r->is_fresh};
	http1_open(&a->http, HTTP1_RESPONSES, sizeof a->reply, &http_events, a);
	int err = conn_connect(&a->conn, r->loop, &target, &conn_events, a);
	if (err < 0)
		fail(r, "connect", err_text(err));
	else
		r->alive++;
	return err;
}

static void open_more(struct run *r)
{
	while (r->joining < JOINING_MAX && r->started < r->plan->connections) {
		if (open_one(&r->agents[r->started]) < 0)
			return;
		r->started++;
		r->joining++;
	}
}

static void on_retry(struct due *due)
{
	struct agent *a = container_of(due, struct agent, retry);
	a->is_waiting = false;
	if (a->conn != NULL)
		post(a);
	else
		(void)open_one(a); /* an error has ended the run */
}

/* ---- phases ---- */

static void on_limit(struct due *due)
{
	fail(container_of(due, struct run, limit), "phase", "took too long");
}

static void on_signal(void *owner, int signo)
{
	(void)signo;
	fail(owner, "stopped", "by a signal");
}

/* One phase: `begin`, then the loop until a callback has seen its end. */
static void measure(struct run *r, void (*begin)(struct run *r), struct upload_phase *ret)
{
	pid_t hub = r->plan->hub;
	if (r->result->wrong > 0)
		return;
	upload_phase_begin(ret, hub);
	loop_refresh(r->loop);
	int err = loop_due_set(r->loop, &r->limit, loop_now_ms(r->loop) + PHASE_LIMIT_MS);
	begin(r);
	if (err == 0)
		err = loop_run(r->loop);
	loop_due_clear(r->loop, &r->limit);
	if (err < 0)
		fail(r, "loop", err_text(err));
	upload_phase_end(ret, hub);
}

static void begin_opening(struct run *r)
{
	r->phase = OPENING;
	r->started = r->joined = r->resumed = 0;
	open_more(r);
}

static void begin_posting(struct run *r)
{
	r->phase = POSTING;
	r->is_fresh = false;
	r->busy = r->plan->connections;
	for (size_t i = 0; i < r->plan->connections; i++) {
		r->agents[i].began_s = bench_now_s();
		post(&r->agents[i]);
	}
}

static void begin_closing(struct run *r)
{
	r->phase = CLOSING;
	for (size_t i = 0; i < r->plan->connections; i++) {
		if (r->agents[i].conn != NULL)
			conn_close(r->agents[i].conn);
	}
	if (r->alive == 0)
		loop_stop(r->loop);
}

static void expect_resumed(struct run *r, size_t want)
{
	char why[64];
	if (r->result->wrong > 0 || r->resumed == want)
		return;
	(void)snprintf(why, sizeof why, "%zu of %zu were resumed, not %zu", r->resumed,
		r->plan->connections, want);
	fail(r, "handshakes", why);
}

static void run_phases(struct run *r)
{
	struct upload_result *result = r->result;
	struct upload_phase unused;
	result->server_start_kib = bench_rss_kib(r->plan->hub);
	r->is_fresh = true;
	measure(r, begin_opening, &result->full);
	expect_resumed(r, 0);
	measure(r, begin_posting, &result->posts);
	measure(r, begin_closing, &unused);
	measure(r, begin_opening, &result->resumed);
	expect_resumed(r, r->plan->connections);
	measure(r, begin_closing, &unused);
	result->server_peak_kib = bench_peak_rss_kib(r->plan->hub);
}

/* Whatever happened, nothing stays open. */
static int clean_up(struct run *r)
{
	r->phase = CLOSING;
	for (size_t i = 0; i < r->plan->connections; i++) {
		loop_due_clear(r->loop, &r->agents[i].retry);
		if (r->agents[i].conn != NULL)
			conn_abort(r->agents[i].conn);
	}
	int err = r->alive > 0 ? loop_run(r->loop) : 0;
	while (err == 0 && (err = loop_close(r->loop)) == -EBUSY)
		err = loop_run(r->loop);
	return err;
}

static int run_all(struct run *r)
{
	/* Each agent has two deadlines: its conn's and its own. */
	int err = loop_open(&r->loop, 2 * r->plan->connections + 16);
	if (err < 0)
		return err;
	err = loop_signal_watch(r->loop, SIGINT, on_signal, r);
	if (err == 0)
		err = loop_signal_watch(r->loop, SIGTERM, on_signal, r);
	if (err == 0) {
		upload_hold_signals(false);
		run_phases(r);
		upload_hold_signals(true);
	}
	int closed = clean_up(r);
	return err < 0 ? err : closed;
}

int upload_agents_run(const struct upload_agents_plan *plan, struct upload_result *ret)
{
	struct run r = {.plan = plan, .result = ret};
	char ca[512];
	char why[LIMIT_WHY];
	(void)snprintf(ca, sizeof ca, "%s/ca.pem", plan->certs);
	struct tls_client_options o = {.ca_file = ca, .sessions_max = plan->connections};
	r.agents = calloc(plan->connections, sizeof *r.agents);
	ret->post_s = calloc(plan->connections, sizeof *ret->post_s);
	if (r.agents == NULL || ret->post_s == NULL) {
		free(r.agents);
		return -ENOMEM;
	}
	for (size_t i = 0; i < plan->connections; i++) {
		r.agents[i].run = &r;
		r.agents[i].batch = &plan->batches[i];
		due_init(&r.agents[i].retry, on_retry);
	}
	due_init(&r.limit, on_limit);
	int err = tls_client_open(&r.tls, &o, why, sizeof why);
	if (err == 0) {
		err = run_all(&r);
		tls_close(r.tls);
	}
	free(r.agents);
	return err;
}
