/* SPDX-License-Identifier: Apache-2.0
 * Shared by the conns of one loop: the read buffer, the buffers for encrypted bytes, and the list
 * of conns that have something to do which must not happen inside the call that caused it. Made
 * by the first user (conn, listener, lookup) and freed by the last, so that an agent between two
 * uploads holds none of it. */
#include "engine/loop/conn_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static void park(struct net *net)
{
	/* Has its place already, or had it until a moment ago: cannot fail. */
	if (loop_due_set(net->loop, &net->ready_due, UINT64_MAX) < 0)
		abort();
}

static void on_ready(struct due *due)
{
	struct net *net = container_of(due, struct net, ready_due);
	struct list batch;
	park(net);
	list_init(&batch);
	list_move_all(&batch, &net->ready);
	for (;;) {
		struct list *node = list_pop(&batch);
		if (node == NULL)
			return;
		conn_serve(container_of(node, struct conn, ready));
	}
}

/* A peer that has gone is an error of the write, not the end of the process: libuv's writes raise
 * SIGPIPE. A program that handles the signal itself is left alone. */
static int ignore_sigpipe(void)
{
	struct sigaction now;
	if (sigaction(SIGPIPE, NULL, &now) < 0)
		return -errno;
	if (now.sa_handler != SIG_DFL)
		return 0;
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	return sigaction(SIGPIPE, &ignore, NULL) < 0 ? -errno : 0;
}

int net_enter(struct net **ret, struct loop *l)
{
	struct net **slot = loop_net(l);
	if (*slot != NULL) {
		(*slot)->users++;
		*ret = *slot;
		return 0;
	}
	int err = ignore_sigpipe();
	if (err < 0)
		return err;
	struct net *net = malloc(sizeof *net);
	if (net == NULL)
		return -ENOMEM;
	net->loop = l;
	net->users = 1;
	net->stashed_bytes = 0;
	net->lookups_running = 0;
	list_init(&net->ready);
	list_init(&net->starved);
	list_init(&net->lookups);
	due_init(&net->ready_due, on_ready);
	if ((err = slab_open(&net->wire, WIRE_BUFFER_BYTES, LIMIT_WIRE_BUFFERS)) < 0 ||
		(err = loop_due_set(l, &net->ready_due, UINT64_MAX)) < 0) {
		slab_close(&net->wire);
		free(net);
		return err;
	}
	*slot = net;
	*ret = net;
	return 0;
}

void net_leave(struct net *net)
{
	if (--net->users > 0)
		return;
	*loop_net(net->loop) = NULL;
	loop_due_clear(net->loop, &net->ready_due);
	slab_close(&net->wire);
	free(net);
}

void net_give_wire(struct net *net, uint8_t *buffer)
{
	slab_give(&net->wire, buffer);
	net_feed_starved(net);
}

/* Called again when the one that was woken is done: it may not have needed the buffer. */
void net_feed_starved(struct net *net)
{
	if (slab_left(&net->wire) == 0)
		return;
	struct list *node = list_pop(&net->starved);
	if (node != NULL)
		conn_wake(container_of(node, struct conn, starved), TODO_WRITE);
}

void conn_wake(struct conn *c, unsigned todo)
{
	c->todo |= todo;
	if (!list_is_empty(&c->ready))
		return;
	list_push(&c->net->ready, &c->ready);
	if (loop_due_set(c->net->loop, &c->net->ready_due, loop_now_ms(c->net->loop)) < 0)
		abort(); /* it has its place */
}
