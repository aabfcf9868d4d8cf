/* SPDX-License-Identifier: Apache-2.0
 * The life of a conn. The function that meets its end calls conn_end, which closes the handle; the
 * handle's close callback is the only place that calls on_end and frees. */
#include "engine/loop/conn_internal.h"
#include "proto/base/str.h"
#include "engine/loop/conn_traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void go_on_writing(struct conn *c);
static void go_on_closing(struct conn *c);

void conn_set_owner(struct conn *c, const struct conn_events *events, void *owner)
{
	c->events = *events;
	c->owner = owner;
}

int conn_peer_uid(const struct conn *c, unsigned *uid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	uv_os_fd_t fd;
	if (!c->is_unix || uv_fileno(&c->handle.any, &fd) < 0)
		return ERR_USAGE;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	*uid = (unsigned)peer.uid;
	return 0;
}

/* ---- deadlines ---- */

void conn_set_phase(struct conn *c, uint64_t at_ms)
{
	if (at_ms == 0)
		loop_due_clear(c->net->loop, &c->due);
	else if (loop_due_set(c->net->loop, &c->due, at_ms) < 0)
		conn_fail_later(c, ERR_FULL, "no place for another deadline");
}

void conn_set_deadline(struct conn *c, uint64_t at_ms)
{
	if (c->state == CONN_OPEN)
		conn_set_phase(c, at_ms);
}

static void on_due(struct due *due)
{
	struct conn *c = container_of(due, struct conn, due);
	/* In CONN_CLOSING conn_end makes it ERR_STOPPED. */
	static const char *const whys[] = {
		[CONN_RESOLVING] = "the name server did not respond in time",
		[CONN_CONNECTING] = "no connection in time",
		[CONN_TUNNEL] = "no response to CONNECT in time",
		[CONN_HANDSHAKE] = "the TLS handshake did not end in time",
		[CONN_OPEN] = "the peer took too long",
		[CONN_CLOSING] = NULL,
		[CONN_ENDING] = NULL};
	if (c->state != CONN_CONNECTING || !dial_next(c))
		conn_end(c, ERR_TIMEOUT, whys[c->state]);
}

/* ---- the end ---- */

static void conn_on_closed(uv_handle_t *handle);

void conn_close_handle(struct conn *c)
{
	uv_os_fd_t fd;
	if (c->is_client && !c->is_unix && uv_fileno(&c->handle.any, &fd) == 0)
		conn_traffic_add(&c->traffic, fd); /* else no socket was made: nothing left */
	uv_close(&c->handle.any, conn_on_closed);
}

static const char *default_why(int err)
{
	if (err == 0)
		return "the peer closed the connection";
	if (err == ERR_STOPPED)
		return "closed by us";
	return err_text(err);
}

static void name_proxy(struct conn *c)
{
	char why[LIMIT_WHY];
	(void)str_copy(why, sizeof why, c->why[0] != '\0' ? c->why : default_why(c->err));
	tunnel_name_in(c->tunnel, c->why, sizeof c->why, why);
}

void conn_end(struct conn *c, int err, const char *why)
{
	if (c->state == CONN_ENDING)
		return;
	bool is_redialing = uv_is_closing(&c->handle.any);
	/* Once we have said that we stop, how the peer reacts does not matter. Otherwise the
	 * first failure is the cause. */
	if (c->state == CONN_CLOSING)
		err = ERR_STOPPED;
	else if (c->todo & TODO_FAIL && err != ERR_STOPPED)
		err = c->err;
	c->err = err;
	if (why != NULL)
		(void)str_copy(c->why, sizeof c->why, why);
	if (c->tunnel != NULL && err != ERR_STOPPED)
		name_proxy(c);
	c->state = CONN_ENDING;
	loop_due_clear(c->net->loop, &c->due);
	list_remove(&c->ready);
	list_remove(&c->starved);
	net_feed_starved(c->net);
	if (c->lookup != NULL)
		resolve_cancel(c->lookup);
	c->lookup = NULL;
	if (!is_redialing)
		conn_close_handle(c);
}

void conn_fail_later(struct conn *c, int err, const char *why)
{
	c->err = err;
	if (why != NULL)
		(void)str_copy(c->why, sizeof c->why, why);
	conn_wake(c, TODO_FAIL);
}

/* The last thing that happens to a conn. */
static void release(struct conn *c)
{
	struct net *net = c->net;
	struct listener *listener = c->listener;
	conn_tls_close(c);
	conn_drop_stash(c);
	free(c->dial);
	tunnel_free(c->tunnel);
	free(c->host);
	free(c);
	if (listener != NULL)
		listener_conn_gone(listener);
	net_leave(net);
}

static void conn_on_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;
	loop_refresh(c->net->loop);
	if (c->state != CONN_ENDING) {
		dial_reopened(c);
		return;
	}
	if (c->events.on_end != NULL) {
		if (c->why[0] == '\0')
			(void)str_copy(c->why, sizeof c->why, default_why(c->err));
		c->events.on_end(c->owner, c->err, c->why);
	}
	release(c);
}

/* ---- the beginning ---- */

int conn_new(struct conn **ret, struct loop *l, const struct conn_target *target, bool is_unix,
	bool is_client)
{
	struct net *net;
	int err = net_enter(&net, l);
	if (err < 0)
		return err;
	struct conn *c = calloc(1, sizeof *c);
	if (c == NULL) {
		net_leave(net);
		return -ENOMEM;
	}
	c->net = net;
	c->is_unix = is_unix;
	c->is_client = is_client;
	c->tls = target->tls;
	c->port = target->port;
	c->is_fresh = target->is_fresh;
	list_init(&c->ready);
	list_init(&c->starved);
	due_init(&c->due, on_due);
	if (is_client && (c->host = strdup(target->host)) == NULL)
		err = -ENOMEM;
	if (err == 0 && c->tls != NULL)
		err = tls_new_ssl(&c->ssl, c->tls, c);
	if (err == 0)
		err = loop_uv_err(stream_open(&c->handle, l, is_unix, c));
	/* The handle is the last: it cannot be undone at once. */
	if (err < 0) {
		release(c);
		return err;
	}
	*ret = c;
	return 0;
}

/* ---- reading ---- */

static void tell_writable(struct conn *c)
{
	c->todo &= ~(unsigned)TODO_WRITABLE;
	if (c->state != CONN_OPEN || !c->is_busy)
		return;
	c->is_busy = false;
	if (c->events.on_writable != NULL)
		c->events.on_writable(c->owner);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct conn *c = handle->data;
	(void)suggested;
	*buf = uv_buf_init((char *)c->net->read, sizeof c->net->read);
}

static void on_eof(struct conn *c)
{
	c->is_eof = true;
	if (c->state == CONN_TUNNEL)
		conn_end(c, ERR_PROXY, "it closed the connection and sent no response to CONNECT");
	else if (c->state == CONN_HANDSHAKE)
		conn_end(c, ERR_CLOSED, "the peer closed the connection during the TLS handshake");
	else if (c->state == CONN_OPEN && c->ssl == NULL)
		conn_end(c, 0, NULL);
	else if (c->state == CONN_OPEN) /* after a close_notify conn_tls_feed has ended it */
		conn_end(c, ERR_CLOSED, "the connection was cut: no goodbye from the peer");
	else if (c->state == CONN_CLOSING)
		go_on_closing(c);
}

static void deliver_plain(struct conn *c, const uint8_t *bytes, size_t len)
{
	if (c->is_paused) { /* just now, in on_writable */
		conn_keep_stash(c, bytes, len);
		conn_read_on(c);
	} else if (c->events.on_bytes != NULL) {
		c->events.on_bytes(c->owner, bytes, len);
	}
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;
	if (n == 0)
		return; /* EAGAIN */
	loop_refresh(c->net->loop);
	/* on_bytes of a response never comes before on_writable of its request. */
	if (c->todo & TODO_WRITABLE)
		tell_writable(c);
	if (n < 0) {
		c->is_reading = false;
		(void)uv_read_stop(stream);
		if (n == UV_EOF)
			on_eof(c);
		else
			conn_end(c, loop_uv_err((int)n), NULL);
		return;
	}
	if (c->state == CONN_TUNNEL) {
		tunnel_feed(c, (const uint8_t *)buf->base, (size_t)n);
		return;
	}
	if (c->state != CONN_OPEN && c->state != CONN_HANDSHAKE)
		return; /* it is not read any more */
	if (c->ssl == NULL) {
		deliver_plain(c, (const uint8_t *)buf->base, (size_t)n);
		return;
	}
	conn_tls_feed(c, (const uint8_t *)buf->base, (size_t)n);
}

void conn_read_on(struct conn *c)
{
	bool want = c->state == CONN_TUNNEL || c->state == CONN_HANDSHAKE ||
		    c->state == CONN_CLOSING || (c->state == CONN_OPEN && !c->is_paused);
	if (c->is_eof || c->stash != NULL)
		want = c->state == CONN_CLOSING && !c->is_eof;
	if (want == c->is_reading)
		return;
	if (!want) {
		(void)uv_read_stop(&c->handle.stream); /* always 0 */
		c->is_reading = false;
		return;
	}
	int err = uv_read_start(&c->handle.stream, on_alloc, on_read);
	if (err < 0)
		conn_fail_later(c, loop_uv_err(err), NULL);
	else
		c->is_reading = true;
}

void conn_pause(struct conn *c)
{
	c->is_paused = true;
	conn_read_on(c);
}

void conn_resume(struct conn *c)
{
	if (!c->is_paused)
		return;
	c->is_paused = false;
	conn_wake(c, TODO_READ);
}

/* ---- opening ---- */

static int address_name(const union address *a, char *dst, size_t cap)
{
	return a->any.sa_family == AF_INET6 ? uv_ip6_name(&a->in6, dst, cap)
					    : uv_ip4_name(&a->in4, dst, cap);
}

void conn_name_peer(struct conn *c)
{
	union address a = {.any = {.sa_family = AF_UNSPEC}};
	int len = sizeof a;
	char text[INET6_ADDRSTRLEN] = "?";
	if (c->is_unix) {
		(void)str_copy(c->peer, sizeof c->peer, "unix");
		return;
	}
	if (uv_tcp_getpeername(&c->handle.tcp, &a.any, &len) == 0) /* else it is gone already */
		(void)address_name(&a, text, sizeof text);
	bool is_v6 = a.any.sa_family == AF_INET6;
	(void)snprintf(c->peer, sizeof c->peer, is_v6 ? "[%s]:%u" : "%s:%u", text,
		ntohs(is_v6 ? a.in6.sin6_port : a.in4.sin_port));
}

void conn_opened(struct conn *c)
{
	c->state = CONN_OPEN;
	conn_set_phase(c, 0);
	if (c->events.on_open != NULL)
		c->events.on_open(c->owner);
	conn_read_on(c);
}

void conn_connected(struct conn *c)
{
	conn_name_peer(c);
	if (!c->is_unix)
		(void)uv_tcp_nodelay(&c->handle.tcp, 1); /* a refusal costs only latency */
	if (c->tunnel != NULL)
		tunnel_start(c);
	else if (c->ssl == NULL)
		conn_opened(c);
	else
		conn_secure(c, NULL, 0);
}

void conn_secure(struct conn *c, const uint8_t *bytes, size_t len)
{
	c->state = CONN_HANDSHAKE;
	conn_tls_feed(c, bytes, len);
}

/* ---- writing ---- */

static void on_written(uv_write_t *req, int status)
{
	struct conn *c = req->data;
	loop_refresh(c->net->loop);
	c->is_writing = false;
	if (c->wire != NULL)
		net_give_wire(c->net, c->wire);
	c->wire = NULL;
	if (status < 0) {
		if (status != UV_ECANCELED)
			conn_end(c, loop_uv_err(status), NULL);
		return;
	}
	if (c->ssl == NULL)
		c->out_len = 0;
	go_on_writing(c);
}

int conn_send(struct conn *c, const uint8_t *bytes, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)len);
	c->write_req.data = c;
	int err = uv_write(&c->write_req, &c->handle.stream, &buf, 1, on_written);
	if (err < 0)
		return loop_uv_err(err);
	c->is_writing = true;
	return 0;
}

static int push_plain(struct conn *c)
{
	uv_buf_t buf = uv_buf_init((char *)c->out, (unsigned)c->out_len);
	int n = uv_try_write(&c->handle.stream, &buf, 1);
	if (n < 0 && n != UV_EAGAIN)
		return loop_uv_err(n);
	if (n > 0) {
		c->out += n;
		c->out_len -= (size_t)n;
	}
	if (c->out_len == 0)
		return 1;
	return conn_send(c, c->out, c->out_len);
}

/* 1: nothing of the owner's bytes is left with us; 0: later, from on_written or conn_serve. */
static int push(struct conn *c)
{
	if (c->is_writing)
		return 0;
	if (c->out_len == 0)
		return 1;
	if (c->ssl == NULL)
		return push_plain(c);
	int done = conn_tls_push(c);
	return done == 1 && c->is_writing ? 0 : done;
}

static void go_on_writing(struct conn *c)
{
	if (c->state == CONN_HANDSHAKE) {
		conn_tls_feed(c, NULL, 0);
		return;
	}
	if (c->state == CONN_CLOSING)
		go_on_closing(c);
	if (c->state != CONN_OPEN)
		return;
	int done = push(c);
	if (done < 0)
		conn_end(c, done, NULL);
	else if (done == 1)
		tell_writable(c);
	if (c->stash != NULL && !c->is_paused)
		conn_wake(c, TODO_READ); /* reading may have waited for the write */
}

int conn_write(struct conn *c, const void *bytes, size_t len)
{
	if (c->state == CONN_CLOSING || c->state == CONN_ENDING)
		return ERR_STOPPED;
	if (c->state != CONN_OPEN)
		return -ENOTCONN;
	if (c->is_busy)
		return ERR_BUSY;
	if (len > INT32_MAX)
		return ERR_LIMIT; /* more than one write may have */
	c->is_busy = true;
	c->out = bytes;
	c->out_len = len;
	int done = push(c);
	if (done < 0)
		conn_fail_later(c, done, NULL);
	else if (done == 1)
		conn_wake(c, TODO_WRITABLE);
	return 0;
}

/* ---- closing ---- */

static void on_shut(uv_shutdown_t *req, int status)
{
	struct conn *c = req->data;
	loop_refresh(c->net->loop);
	c->is_shut = true;
	if (c->state != CONN_CLOSING)
		return;
	if (status < 0 || c->is_eof)
		conn_end(c, ERR_STOPPED, NULL);
	else
		conn_set_phase(c, loop_now_ms(c->net->loop) + LIMIT_LINGER_MS);
}

static void go_on_closing(struct conn *c)
{
	int done = push(c);
	if (done == 1 && c->ssl != NULL && !c->has_sent_close_notify) {
		done = conn_tls_shutdown(c);
		c->has_sent_close_notify = done == 1;
	}
	if (done < 0) {
		conn_end(c, ERR_STOPPED, NULL);
		return;
	}
	if (done == 0 || c->is_writing)
		return;
	if (!c->is_shutting) {
		c->is_shutting = true;
		c->shutdown_req.data = c;
		int err = uv_shutdown(&c->shutdown_req, &c->handle.stream, on_shut);
		if (err < 0)
			conn_end(c, ERR_STOPPED, NULL);
	} else if (c->is_shut && c->is_eof) {
		conn_end(c, ERR_STOPPED, NULL);
	}
}

void conn_close(struct conn *c)
{
	if (c->state < CONN_OPEN)
		conn_abort(c);
	if (c->state != CONN_OPEN)
		return;
	c->state = CONN_CLOSING;
	conn_drop_stash(c);
	conn_set_phase(c, loop_now_ms(c->net->loop) + LIMIT_CONNECT_MS);
	conn_read_on(c);
	conn_wake(c, TODO_WRITE);
}

void conn_abort(struct conn *c)
{
	conn_end(c, ERR_STOPPED, NULL);
}

/* ---- work that must not happen inside the call that caused it ---- */

static void go_on_reading(struct conn *c)
{
	if (c->state != CONN_OPEN || c->is_paused)
		return;
	if (c->ssl != NULL) {
		conn_tls_feed(c, NULL, 0);
		return;
	}
	uint8_t *bytes = conn_pop_stash(c);
	if (bytes != NULL && c->events.on_bytes != NULL)
		c->events.on_bytes(c->owner, bytes, c->stash_len);
	free(bytes);
	conn_read_on(c);
}

void conn_serve(struct conn *c)
{
	unsigned todo = c->todo;
	c->todo = 0;
	if (todo & TODO_FAIL) {
		conn_end(c, c->err, NULL);
		return;
	}
	if (todo & TODO_WRITABLE)
		tell_writable(c);
	if (todo & TODO_WRITE)
		go_on_writing(c);
	if (todo & TODO_READ)
		go_on_reading(c);
	net_feed_starved(c->net);
}

/* ---- what others want to know ---- */

const char *conn_peer(const struct conn *c)
{
	return c->peer;
}

struct conn_traffic conn_traffic(const struct conn *c)
{
	return c->traffic;
}

const struct conn_certificate *conn_certificate(const struct conn *c)
{
	return &c->certificate;
}

bool conn_is_resumed(const struct conn *c)
{
	return c->ssl != NULL && SSL_session_reused(c->ssl) == 1;
}
