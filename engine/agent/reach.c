/* SPDX-License-Identifier: Apache-2.0
 * reach_tcp and reach_hub. */
#include "engine/agent/reach.h"

#include "engine/agent/hub_options.h"
#include "proto/base/buf.h"
#include "proto/base/str.h"
#include "proto/http/http1.h"
#include "proto/wire/envelope.h"

#include <stdio.h>
#include <string.h>

struct dialled {
	struct reach_tcp *ret;
	struct loop *loop;
	struct conn *conn;
	const struct buf *request; /* NULL: connect and close */
	bool has_response;
	struct http1 http;
};

static int on_head(void *owner, const struct http1_head *head)
{
	struct dialled *d = owner;
	d->ret->http_status = head->status;
	if (http1_read_date(head->date, &d->ret->date_ms) < 0)
		d->ret->date_ms = 0;
	return 0;
}

static int on_message_end(void *owner)
{
	struct dialled *d = owner;
	d->has_response = true;
	return 0;
}

static const struct http1_events http_events = {on_head, NULL, on_message_end};

static void on_open(void *owner)
{
	struct dialled *d = owner;
	struct reach_tcp *ret = d->ret;
	ret->is_open = true;
	(void)str_copy(ret->peer, sizeof ret->peer, conn_peer(d->conn));
	if (d->request == NULL || conn_write(d->conn, d->request->data, d->request->len) < 0)
		conn_close(d->conn);
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct dialled *d = owner;
	if (d->request == NULL || d->has_response)
		return;
	int n = http1_feed(&d->http, bytes, len);
	if (n < 0)
		(void)snprintf(d->ret->why, sizeof d->ret->why, "the response is no HTTP");
	if (n < 0 || d->has_response)
		conn_close(d->conn);
}

static void on_writable(void *owner)
{
	(void)owner;
}

static void on_end(void *owner, int err, const char *why)
{
	struct dialled *d = owner;
	struct reach_tcp *ret = d->ret;
	bool is_done = d->request != NULL ? d->has_response : ret->is_open;
	ret->err = is_done ? 0 : err == 0 || err == ERR_STOPPED ? ERR_HTTP : err;
	if (is_done)
		ret->why[0] = '\0';
	else if (ret->why[0] == '\0')
		(void)str_copy(ret->why, sizeof ret->why,
			why != NULL && why[0] != '\0' ? why : err_text(ret->err));
	d->conn = NULL;
	loop_stop(d->loop);
}

static void dial(struct dialled *d, const struct conn_target *target)
{
	static const struct conn_events events = {on_open, on_bytes, on_writable, on_end};
	struct reach_tcp *ret = d->ret;
	*ret = (struct reach_tcp){.err = 0};
	http1_open(&d->http, HTTP1_RESPONSES, LIMIT_RECEIPT, &http_events, d);
	loop_refresh(d->loop);
	uint64_t began_ms = loop_now_ms(d->loop);
	int err = conn_connect(&d->conn, d->loop, target, &events, d);
	if (err == 0) {
		/* Of the response; the connection has connect_ms. */
		conn_set_deadline(d->conn, began_ms + 2 * target->connect_ms);
		err = loop_run(d->loop);
	}
	if (err < 0) {
		ret->err = err;
		(void)str_copy(ret->why, sizeof ret->why, err_text(err));
	}
	loop_refresh(d->loop);
	ret->took_ms = (uint32_t)(loop_now_ms(d->loop) - began_ms);
}

void reach_tcp(struct reach_tcp *ret, struct loop *l, const char *host, uint16_t port,
	const struct tls *tls, uint64_t wait_ms)
{
	static struct dialled d;
	const struct conn_target target = {
		.host = host, .port = port, .tls = tls, .connect_ms = wait_ms};
	d = (struct dialled){.ret = ret, .loop = l};
	dial(&d, &target);
}

void reach_hub(struct reach_tcp *ret, struct loop *l, const struct agent_conf *conf,
	const struct tls *tls, uint64_t wait_ms)
{
	static struct dialled d;
	static uint8_t bytes[LIMIT_HTTP_HEAD];
	char path[LIMIT_HTTP_TARGET];
	struct buf request;
	const struct uplink_hub hub = agent_hub_options(conf);
	const struct conn_target target = {.host = hub.host,
		.port = hub.port,
		.tls = tls,
		.proxy = hub.proxy.host != NULL ? &hub.proxy : NULL,
		.connect_ms = wait_ms};
	int n = snprintf(path, sizeof path, "%s%s", hub.path, &BATCH_PATH[1]);
	const struct http1_request r = {.method = HTTP1_POST,
		.target = path,
		.host = hub.host,
		.port = hub.port,
		.user = hub.user,
		.password = hub.password,
		.content_type = BATCH_MEDIA_TYPE,
		.is_last = true};
	buf_over(&request, bytes, sizeof bytes);
	int err = n < 0 || (size_t)n >= sizeof path ? ERR_FULL : http1_put_request(&request, &r);
	d = (struct dialled){.ret = ret, .loop = l, .request = &request};
	if (err == 0) {
		dial(&d, &target);
	} else {
		*ret = (struct reach_tcp){.err = err};
		(void)str_copy(ret->why, sizeof ret->why, err_text(err));
	}
	explicit_bzero(bytes, sizeof bytes);
}
