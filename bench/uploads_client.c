/* SPDX-License-Identifier: Apache-2.0
 * The client: opens all connections, posts on all of them at once, closes them, and opens them all
 * again with the sessions of the first time. */
#include "bench/uploads.h"
#include "bench/common.h"

#include "proto/base/crc.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/conn.h"
#include "proto/http/http1.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	JOINING_MAX = 256, /* handshakes under way at once: the listen queue holds more */
	PHASE_LIMIT_MS = 120000
};

struct run;

struct client {
	struct run *run;
	struct conn *conn;
	struct http1 http;
	size_t index;
	size_t posts_left;
	double began_s;
	bool is_sending_head;
	char head[256];
	char said[64];
	size_t said_len;
};

struct run {
	struct loop *loop;
	const struct upload_plan *plan;
	struct upload_result *result;
	struct tls *tls;
	uint16_t port;
	struct client *clients;
	const uint8_t *pattern;
	uint32_t crcs[UPLOAD_WINDOWS];
	size_t started;
	size_t joining;
	size_t open;
	size_t resumed;
	size_t busy;
	bool is_opening;
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

static size_t window_of(const struct client *c)
{
	return (c->index + c->posts_left) % UPLOAD_WINDOWS;
}

static void post(struct client *c)
{
	struct run *r = c->run;
	struct buf b;
	struct http1_request q = {.method = HTTP1_POST,
		.target = "/v1/batches",
		.host = "127.0.0.1",
		.port = r->port,
		.content_type = "application/vnd.platen.batch+msgpack",
		.content_length = r->plan->body_bytes};
	buf_over(&b, c->head, sizeof c->head);
	c->said_len = 0;
	c->began_s = bench_now_s();
	c->is_sending_head = true;
	int err = http1_put_request(&b, &q);
	if (err == 0)
		err = conn_write(c->conn, b.data, b.len);
	if (err < 0)
		fail(r, "post", err_text(err));
}

static void on_writable(void *owner)
{
	struct client *c = owner;
	struct run *r = c->run;
	if (!c->is_sending_head)
		return;
	c->is_sending_head = false;
	int err = conn_write(c->conn, r->pattern + window_of(c), r->plan->body_bytes);
	if (err < 0)
		fail(r, "body", err_text(err));
}

static int on_head(void *owner, const struct http1_head *head)
{
	(void)owner;
	return head->status == 200 ? 0 : ERR_HTTP_STATUS;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct client *c = owner;
	if (len >= sizeof c->said - c->said_len)
		return ERR_LIMIT;
	memcpy(c->said + c->said_len, bytes, len);
	c->said_len += len;
	return 0;
}

static int on_end_of_message(void *owner)
{
	struct client *c = owner;
	struct run *r = c->run;
	char want[64];
	c->said[c->said_len] = '\0';
	(void)snprintf(want, sizeof want, "%08x %zu\n", r->crcs[window_of(c)], r->plan->body_bytes);
	if (strcmp(c->said, want) != 0)
		return ERR_FORMAT;
	r->result->post_s[r->result->post_count++] = bench_now_s() - c->began_s;
	return 0;
}

static const struct http1_events http_events = {on_head, on_body, on_end_of_message};

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct client *c = owner;
	int taken = http1_feed(&c->http, bytes, len);
	if (taken < 0 || (size_t)taken < len) {
		fail(c->run, "answer", err_text(taken < 0 ? taken : ERR_HTTP));
		return;
	}
	if (!http1_is_ended(&c->http))
		return;
	http1_next(&c->http);
	if (--c->posts_left > 0)
		post(c);
	else if (--c->run->busy == 0)
		loop_stop(c->run->loop);
}

/* ---- opening and closing ---- */

static void open_more(struct run *r);

static void on_open(void *owner)
{
	struct client *c = owner;
	struct run *r = c->run;
	r->joining--;
	r->open++;
	r->resumed += conn_is_resumed(c->conn) ? 1 : 0;
	if (r->open == r->plan->connections)
		loop_stop(r->loop);
	else
		open_more(r);
}

static void on_end(void *owner, int err, const char *why)
{
	struct client *c = owner;
	struct run *r = c->run;
	c->conn = NULL;
	r->open--;
	if (err != ERR_STOPPED)
		fail(r, "connection", why);
	if (!r->is_opening && r->open == 0)
		loop_stop(r->loop);
}

static const struct conn_events conn_events = {on_open, on_bytes, on_writable, on_end};

static void open_more(struct run *r)
{
	struct conn_target target = {.host = "127.0.0.1",
		.port = r->port,
		.tls = r->tls,
		.connect_ms = PHASE_LIMIT_MS,
		.is_fresh = r->is_fresh};
	while (r->joining < JOINING_MAX && r->started < r->plan->connections) {
		struct client *c = &r->clients[r->started];
		int err = conn_connect(&c->conn, r->loop, &target, &conn_events, c);
		if (err < 0) {
			fail(r, "connect", err_text(err));
			return;
		}
		r->started++;
		r->joining++;
	}
}

static void on_limit(struct due *due)
{
	fail(container_of(due, struct run, limit), "phase", "took too long");
}

/* One phase: `begin`, then the loop until a callback has seen its end. */
static void measure(
	struct run *r, void (*begin)(struct run *r), struct upload_phase *ret, pid_t server)
{
	if (r->result->wrong > 0)
		return;
	upload_phase_begin(ret, server);
	loop_refresh(r->loop);
	int err = loop_due_set(r->loop, &r->limit, loop_now_ms(r->loop) + PHASE_LIMIT_MS);
	begin(r);
	if (err == 0)
		err = loop_run(r->loop);
	loop_due_clear(r->loop, &r->limit);
	if (err < 0)
		fail(r, "loop", err_text(err));
	upload_phase_end(ret, server);
}

static void begin_opening(struct run *r)
{
	r->is_opening = true;
	r->started = 0;
	r->resumed = 0;
	open_more(r);
}

static void begin_posting(struct run *r)
{
	r->busy = r->plan->connections;
	for (size_t i = 0; i < r->plan->connections; i++) {
		r->clients[i].posts_left = r->plan->posts;
		post(&r->clients[i]);
	}
}

static void begin_closing(struct run *r)
{
	r->is_opening = false;
	for (size_t i = 0; i < r->plan->connections; i++) {
		if (r->clients[i].conn != NULL)
			conn_close(r->clients[i].conn);
	}
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

static void run_phases(struct run *r, pid_t server)
{
	struct upload_result *result = r->result;
	struct upload_phase unused;
	result->server_start_kib = bench_rss_kib(server);
	r->is_fresh = true;
	measure(r, begin_opening, &result->full, server);
	r->is_fresh = false;
	expect_resumed(r, 0);
	measure(r, begin_posting, &result->posts, server);
	measure(r, begin_closing, &unused, server);
	for (size_t i = 0; i < r->plan->connections; i++)
		http1_open(&r->clients[i].http, HTTP1_RESPONSES, 64, &http_events, &r->clients[i]);
	measure(r, begin_opening, &result->resumed, server);
	expect_resumed(r, r->plan->connections);
	result->server_peak_kib = bench_peak_rss_kib(server);
}

/* Whatever happened, nothing stays open. */
static int clean_up(struct run *r)
{
	r->is_opening = false;
	for (size_t i = 0; i < r->plan->connections; i++) {
		if (r->clients[i].conn != NULL)
			conn_abort(r->clients[i].conn);
	}
	int err = r->open + r->joining > 0 ? loop_run(r->loop) : 0;
	while (err == 0 && (err = loop_close(r->loop)) == -EBUSY)
		err = loop_run(r->loop);
	tls_close(r->tls);
	free(r->clients);
	return err;
}

int upload_run(
	const struct upload_plan *plan, uint16_t port, pid_t server, struct upload_result *ret)
{
	struct run r = {.plan = plan, .result = ret, .port = port};
	char ca[512];
	char why[LIMIT_WHY];
	(void)snprintf(ca, sizeof ca, "%s/ca.pem", plan->certs);
	struct tls_client_options o = {.ca_file = ca, .sessions_max = plan->connections};
	uint8_t *pattern = upload_pattern(plan->body_bytes);
	r.clients = calloc(plan->connections, sizeof *r.clients);
	ret->post_s = calloc(plan->connections * plan->posts, sizeof *ret->post_s);
	if (pattern == NULL || r.clients == NULL || ret->post_s == NULL)
		return -ENOMEM;
	r.pattern = pattern;
	for (size_t i = 0; i < UPLOAD_WINDOWS; i++)
		r.crcs[i] = crc32c(0, pattern + i, plan->body_bytes);
	for (size_t i = 0; i < plan->connections; i++) {
		r.clients[i].run = &r;
		r.clients[i].index = i;
		http1_open(&r.clients[i].http, HTTP1_RESPONSES, 64, &http_events, &r.clients[i]);
	}
	due_init(&r.limit, on_limit);
	int err = tls_client_open(&r.tls, &o, why, sizeof why);
	if (err < 0)
		return err;
	if ((err = loop_open(&r.loop, plan->connections + 16)) < 0)
		return err;
	run_phases(&r, server);
	err = clean_up(&r);
	free(pattern);
	return err;
}
