/* SPDX-License-Identifier: Apache-2.0
 * A tunnel through an HTTP proxy (RFC 9110 section 9.3.6), between TCP and TLS. The head of the
 * proxy's response is collected, bounded, and read strictly; the bytes behind it are the target's.
 */
#include "engine/loop/conn_internal.h"

#include "engine/loop/crypto.h"
#include "proto/base/buf.h"
#include "proto/base/str.h"
#include "proto/http/http1.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct tunnel {
	struct buf request; /* holds the proxy's password: wiped */
	struct buf head;
	struct http1 http;
	int status; /* 0: none yet */
	uint16_t port;
	char host[LIMIT_HOST + 1];
};

void tunnel_free(struct tunnel *t)
{
	if (t == NULL)
		return;
	if (t->request.data != NULL)
		crypto_wipe(t->request.data, t->request.cap);
	buf_close(&t->request);
	buf_close(&t->head);
	free(t);
}

static int on_head(void *owner, const struct http1_head *head)
{
	struct tunnel *t = owner;
	t->status = head->status;
	return 0;
}

static const struct http1_events events = {.on_head = on_head};

int tunnel_new(struct tunnel **ret, const struct conn_target *target)
{
	const struct conn_proxy *p = target->proxy;
	size_t len = strlen(p->host);
	if (len == 0 || len > LIMIT_HOST)
		return ERR_NAME;
	struct tunnel *t = calloc(1, sizeof *t);
	if (t == NULL)
		return -ENOMEM;
	(void)str_copy(t->host, sizeof t->host, p->host);
	t->port = p->port;
	buf_open(&t->request, LIMIT_HTTP_HEAD);
	buf_open(&t->head, LIMIT_HTTP_HEAD);
	http1_open(&t->http, HTTP1_RESPONSES, UINT64_MAX, &events, t);
	/* Once, so that growing leaves no copy of the password behind. */
	int err = buf_reserve(&t->request, LIMIT_HTTP_HEAD);
	if (err == 0)
		err = http1_put_connect(
			&t->request, target->host, target->port, p->user, p->password);
	if (err < 0) {
		tunnel_free(t);
		return err;
	}
	*ret = t;
	return 0;
}

const char *tunnel_host(const struct tunnel *t)
{
	return t->host;
}

uint16_t tunnel_port(const struct tunnel *t)
{
	return t->port;
}

void tunnel_name_in(const struct tunnel *t, char *why, size_t cap, const char *sentence)
{
	(void)snprintf(why, cap, "the proxy %.80s:%u: %s", t->host, t->port, sentence);
}

void tunnel_start(struct conn *c)
{
	c->state = CONN_TUNNEL;
	int err = conn_send(c, c->tunnel->request.data, c->tunnel->request.len);
	if (err < 0)
		conn_end(c, err, NULL);
	else
		conn_read_on(c);
}

static void refused(struct conn *c)
{
	char why[LIMIT_WHY];
	int status = c->tunnel->status;
	if (status == 407) {
		conn_end(c, ERR_PROXY_LOGIN,
			"it refused user or password (407): check hub.proxy_user and "
			"hub.proxy_password_file");
		return;
	}
	(void)snprintf(why, sizeof why, "it makes no connection to %.80s:%u (%d %s)", c->host,
		c->port, status, http1_reason(status));
	conn_end(c, ERR_PROXY, why);
}

/* Up to the end of a head: how many bytes were used; the head is whole if it ends with the empty
 * line. */
static int collect(struct tunnel *t, const uint8_t *bytes, size_t len, bool *is_whole)
{
	*is_whole = false;
	for (size_t i = 0; i < len; i++) {
		int err = buf_put(&t->head, bytes + i, 1);
		if (err < 0)
			return err;
		size_t n = t->head.len;
		if (n >= 4 && memcmp(t->head.data + n - 4, "\r\n\r\n", 4) == 0) {
			*is_whole = true;
			return (int)(i + 1);
		}
	}
	return (int)len;
}

void tunnel_feed(struct conn *c, const uint8_t *bytes, size_t len)
{
	struct tunnel *t = c->tunnel;
	while (len > 0 && t->status == 0) {
		bool is_whole;
		int n = collect(t, bytes, len, &is_whole);
		if (n >= 0 && is_whole && http1_feed(&t->http, t->head.data, t->head.len) < 0)
			n = ERR_PROXY;
		if (n < 0) {
			conn_end(c, ERR_PROXY, "its response to CONNECT is not HTTP");
			return;
		}
		if (is_whole)
			buf_clear(&t->head); /* an interim one is followed by another */
		bytes += n;
		len -= (size_t)n;
	}
	if (t->status == 0)
		return;
	if (t->status < 200 || t->status > 299) {
		refused(c);
		return;
	}
	if (c->is_writing) { /* a response to half a request */
		conn_end(c, ERR_PROXY, "it responded before it had read the request");
		return;
	}
	tunnel_free(t);
	c->tunnel = NULL;
	conn_secure(c, bytes, len);
}
