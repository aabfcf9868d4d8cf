/* SPDX-License-Identifier: Apache-2.0
 * Names to addresses by the system's resolver, on libuv's pool. At most LIMIT_LOOKUPS run at once,
 * so that a dead name server cannot occupy the threads that the disk needs; the rest wait their
 * turn. A lookup frees itself: after on_found, or when it comes back to an owner that has gone. */
#include "engine/loop/conn_internal.h"
#include "proto/base/str.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lookup {
	uv_getaddrinfo_t req;
	struct list node; /* net.lookups, while it waits */
	struct net *net;
	resolve_on_found *on_found; /* NULL: dropped */
	void *owner;
	bool is_running;
	char host[LIMIT_HOST + 1];
	char port[8];
};

static void start_some(struct net *net);

static void on_answer(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
	struct lookup *lookup = req->data;
	struct net *net = lookup->net;
	union address found[LIMIT_ADDRESSES];
	unsigned count = 0;
	loop_refresh(net->loop);
	net->lookups_running--;
	for (const struct addrinfo *a = list; a != NULL && count < LIMIT_ADDRESSES;
		a = a->ai_next) {
		if (a->ai_addrlen <= sizeof found[0] &&
			(a->ai_family == AF_INET || a->ai_family == AF_INET6))
			memcpy(&found[count++], a->ai_addr, a->ai_addrlen);
	}
	uv_freeaddrinfo(list);
	int err = status < 0 ? loop_uv_err(status) : count == 0 ? ERR_NAME : 0;
	if (lookup->on_found != NULL)
		lookup->on_found(lookup->owner, err, found, count);
	free(lookup);
	start_some(net);
	net_leave(net);
}

/* Returns an error only if libuv refused the request. */
static int start(struct lookup *lookup)
{
	static const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = AI_NUMERICSERV,
	};
	lookup->req.data = lookup;
	int err = uv_getaddrinfo(loop_uv(lookup->net->loop), &lookup->req, on_answer, lookup->host,
		lookup->port, &hints);
	if (err < 0)
		return loop_uv_err(err);
	lookup->is_running = true;
	lookup->net->lookups_running++;
	return 0;
}

static void start_some(struct net *net)
{
	while (net->lookups_running < LIMIT_LOOKUPS) {
		struct list *node = list_pop(&net->lookups);
		if (node == NULL)
			return;
		struct lookup *lookup = container_of(node, struct lookup, node);
		int err = start(lookup);
		if (err == 0)
			continue;
		lookup->on_found(lookup->owner, err, NULL, 0);
		free(lookup);
		net_leave(net);
	}
}

int resolve_start(struct lookup **ret, struct net *net, const char *host, uint16_t port,
	resolve_on_found *on_found, void *owner)
{
	struct lookup *lookup = calloc(1, sizeof *lookup);
	if (lookup == NULL)
		return -ENOMEM;
	list_init(&lookup->node);
	lookup->net = net;
	lookup->on_found = on_found;
	lookup->owner = owner;
	(void)str_copy(lookup->host, sizeof lookup->host, host);
	(void)snprintf(lookup->port, sizeof lookup->port, "%u", port);
	if (net->lookups_running < LIMIT_LOOKUPS) {
		int err = start(lookup);
		if (err < 0) {
			free(lookup);
			return err;
		}
	} else {
		list_push(&net->lookups, &lookup->node);
	}
	net->users++;
	*ret = lookup;
	return 0;
}

void resolve_cancel(struct lookup *lookup)
{
	lookup->on_found = NULL;
	if (lookup->is_running) {
		/* -EBUSY means that it is on a thread already: then it comes back when it likes. */
		(void)uv_cancel((uv_req_t *)&lookup->req);
		return;
	}
	list_remove(&lookup->node);
	struct net *net = lookup->net;
	free(lookup);
	net_leave(net);
}
