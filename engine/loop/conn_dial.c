/* SPDX-License-Identifier: Apache-2.0
 * From a target to a connected socket: the name, then its addresses one after the other. Each
 * attempt gets its share of the time that is left, so that a black hole in front does not eat the
 * chance of the next address. */
#include "engine/loop/conn_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static void on_connected(uv_connect_t *req, int status)
{
	struct conn *c = req->data;
	if (status == UV_ECANCELED)
		return; /* the handle is closing; its callback goes on */
	loop_refresh(c->net->loop);
	if (status < 0) {
		if (!dial_next(c))
			conn_end(c, loop_uv_err(status), NULL);
		return;
	}
	conn_set_phase(c, c->dial->connect_at_ms);
	free(c->dial);
	c->dial = NULL;
	conn_connected(c);
}

static void try_address(struct conn *c)
{
	struct dial *d = c->dial;
	uint64_t now = loop_now_ms(c->net->loop);
	uint64_t left = d->connect_at_ms > now ? d->connect_at_ms - now : 0;
	const union address *a = &d->addresses[d->next++];
	c->state = CONN_CONNECTING;
	conn_set_phase(c, now + left / (d->count - d->next + 1));
	d->req.data = c;
	int err = uv_tcp_connect(&d->req, &c->handle.tcp, &a->any, on_connected);
	if (err < 0 && !dial_next(c))
		conn_fail_later(c, loop_uv_err(err), NULL);
}

bool dial_next(struct conn *c)
{
	if (c->is_unix || c->dial->next == c->dial->count || c->state != CONN_CONNECTING)
		return false;
	loop_due_clear(c->net->loop, &c->due);
	conn_close_handle(c); /* comes back as dial_reopened */
	return true;
}

void dial_reopened(struct conn *c)
{
	int err = stream_open(&c->handle, c->net->loop, false, c);
	if (err < 0)
		abort(); /* uv_tcp_init only fills the handle */
	try_address(c);
}

static void on_found(void *owner, int err, const union address *found, unsigned count)
{
	struct conn *c = owner;
	c->lookup = NULL;
	if (err < 0) {
		char why[LIMIT_WHY];
		(void)snprintf(why, sizeof why, "the name %.180s was not found",
			c->tunnel != NULL ? tunnel_host(c->tunnel) : c->host);
		conn_end(c, err, why);
		return;
	}
	memcpy(c->dial->addresses, found, count * sizeof *found);
	c->dial->count = count;
	try_address(c);
}

static void dial_unix(struct conn *c)
{
	c->state = CONN_CONNECTING;
	c->dial->req.data = c;
	/* Reports every failure, also an immediate one, through its callback. */
	uv_pipe_connect(&c->dial->req, &c->handle.pipe, stream_unix_path(c->host), on_connected);
}

static void dial_name(struct conn *c)
{
	struct dial *d = c->dial;
	union address *a = &d->addresses[0];
	const char *host = c->tunnel != NULL ? tunnel_host(c->tunnel) : c->host;
	uint16_t port = c->tunnel != NULL ? tunnel_port(c->tunnel) : c->port;
	if (uv_ip4_addr(host, port, &a->in4) == 0 || uv_ip6_addr(host, port, &a->in6) == 0) {
		d->count = 1;
		try_address(c);
		return;
	}
	for (const char *p = host; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f) {
			conn_fail_later(c, ERR_NAME,
				"a host name is written in ASCII: use the xn-- form of this one");
			return;
		}
	}
	int err = resolve_start(&c->lookup, c->net, host, port, on_found, c);
	if (err < 0)
		conn_fail_later(c, err, NULL);
}

int conn_connect(struct conn **ret, struct loop *l, const struct conn_target *target,
	const struct conn_events *events, void *owner)
{
	struct conn *c;
	size_t len = strlen(target->host);
	const char *path = stream_unix_path(target->host);
	if (len == 0 || len > LIMIT_HOST)
		return ERR_NAME;
	if (path != NULL && strlen(path) >= sizeof((struct sockaddr_un){0}).sun_path)
		return -ENAMETOOLONG;
	if (target->tls != NULL && (path != NULL || tls_is_server(target->tls)))
		return -EINVAL;
	if (target->proxy != NULL && target->tls == NULL)
		return -EINVAL; /* the proxy would read it */
	struct tunnel *tunnel = NULL;
	struct dial *d = calloc(1, sizeof *d);
	int err = d == NULL ? -ENOMEM : 0;
	if (err == 0 && target->proxy != NULL)
		err = tunnel_new(&tunnel, target);
	if (err == 0)
		err = conn_new(&c, l, target, path != NULL, true);
	if (err < 0) {
		tunnel_free(tunnel);
		free(d);
		return err;
	}
	conn_set_owner(c, events, owner);
	c->dial = d;
	c->tunnel = tunnel;
	d->connect_at_ms = loop_now_ms(l) + target->connect_ms;
	conn_set_phase(c, d->connect_at_ms);
	if (path != NULL)
		dial_unix(c);
	else
		dial_name(c);
	*ret = c;
	return 0;
}
