/* SPDX-License-Identifier: Apache-2.0
 * The server: one loop; a session holds an http1 reader only while a message is under way, as the
 * hub does. */
#include "bench/uploads.h"
#include "bench/common.h"

#include "proto/base/crc.h"
#include "proto/base/limits.h"
#include "proto/base/slab.h"
#include "engine/loop/listen.h"
#include "proto/http/http1.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct server {
	struct loop *loop;
	const struct upload_plan *plan;
	struct slab readers;
};

struct session {
	struct server *server;
	struct conn *conn;
	struct http1 *http; /* between messages: NULL */
	uint32_t crc;
	size_t bytes;
	bool is_over; /* the message has been read whole */
	char answer[192];
};

static int on_head(void *owner, const struct http1_head *head)
{
	struct session *s = owner;
	s->crc = 0;
	s->bytes = 0;
	s->is_over = false;
	return head->method == HTTP1_POST && strcmp(head->target, "/v1/batches") == 0
		       ? 0
		       : ERR_FORBIDDEN;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct session *s = owner;
	s->crc = crc32c(s->crc, bytes, len);
	s->bytes += len;
	return 0;
}

static int on_end_of_message(void *owner)
{
	struct session *s = owner;
	s->is_over = true;
	return 0;
}

static const struct http1_events http_events = {on_head, on_body, on_end_of_message};

static void answer(struct session *s)
{
	char body[64];
	struct buf b;
	int len = snprintf(body, sizeof body, "%08x %zu\n", s->crc, s->bytes);
	struct http1_response r = {
		.status = 200, .content_type = "text/plain", .content_length = (uint64_t)len};
	buf_over(&b, s->answer, sizeof s->answer);
	if (http1_put_response(&b, &r) < 0 || buf_put(&b, body, (size_t)len) < 0 ||
		conn_write(s->conn, b.data, b.len) < 0)
		conn_abort(s->conn);
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct session *s = owner;
	if (s->http == NULL) {
		s->http = slab_take(&s->server->readers);
		if (s->http == NULL) {
			conn_abort(s->conn);
			return;
		}
		http1_open(s->http, HTTP1_REQUESTS, s->server->plan->body_bytes, &http_events, s);
	}
	int taken = http1_feed(s->http, bytes, len);
	if (taken < 0 || (size_t)taken < len) { /* our client does not pipeline */
		conn_abort(s->conn);
		return;
	}
	if (!s->is_over)
		return;
	s->is_over = false;
	slab_give(&s->server->readers, s->http);
	s->http = NULL;
	answer(s);
}

static void on_end(void *owner, int err, const char *why)
{
	struct session *s = owner;
	(void)err;
	(void)why;
	if (s->http != NULL)
		slab_give(&s->server->readers, s->http);
	free(s);
}

static const struct conn_events conn_events = {NULL, on_bytes, NULL, on_end};

static void on_accept(void *owner, struct conn *c)
{
	struct session *s = calloc(1, sizeof *s);
	if (s == NULL) {
		conn_abort(c);
		return;
	}
	s->server = owner;
	s->conn = c;
	conn_set_owner(c, &conn_events, s);
}

static _Noreturn void die(const char *what, int err, const char *why)
{
	(void)fprintf(stderr, "uploads: server: %s: %s %s\n", what, err_text(err), why);
	_exit(1);
}

_Noreturn void upload_serve(const struct upload_plan *plan, int ready_fd)
{
	struct server server = {.plan = plan};
	struct tls *tls = NULL;
	struct listener *listener = NULL;
	char cert[512];
	char key[512];
	char why[LIMIT_WHY] = "";
	(void)snprintf(cert, sizeof cert, "%s/server.pem", plan->certs);
	(void)snprintf(key, sizeof key, "%s/server.key", plan->certs);
	int err = loop_open(&server.loop, plan->connections + 16);
	if (err == 0)
		err = slab_open(&server.readers, sizeof(struct http1), plan->connections);
	if (err == 0)
		err = tls_server_open(&tls,
			&(struct tls_server_options){.cert_file = cert, .key_file = key}, why,
			sizeof why);
	if (err < 0)
		die("cannot start", err, why);
	struct listen_options o = {
		.address = "127.0.0.1", .fd = -1, .tls = tls, .max_conns = plan->connections};
	err = listener_open(&listener, server.loop, &o, on_accept, &server);
	if (err < 0)
		die("cannot listen", err, "");
	uint16_t port = listener_port(listener);
	if (write(ready_fd, &port, sizeof port) != sizeof port)
		die("cannot say its port", -EIO, "");
	(void)close(ready_fd);
	err = loop_run(server.loop);
	die("stopped", err, "");
}
