/* SPDX-License-Identifier: Apache-2.0
 * A listening TCP or Unix socket. Each accepted connection is handed over before its TLS handshake,
 * which has LIMIT_CONNECT_MS; beyond `max_conns` the socket rests and the kernel's queue holds the
 * rest. */
#ifndef PLATEN_LOOP_LISTEN_H
#define PLATEN_LOOP_LISTEN_H

#include "engine/loop/conn.h"

struct listener;

/* The owner calls conn_set_owner in here, or conn_abort to refuse. */
typedef void listen_on_accept(void *owner, struct conn *c);

struct listen_options {
	/* "127.0.0.1", "::1", "0.0.0.0", or "unix:/path": a socket file with mode 0660, plain,
	 * which replaces one without a listener and is removed at the end. */
	const char *address;
	uint16_t port; /* 0: the kernel chooses */
	int fd;        /* > 2: an already listening TCP socket instead (LISTEN_FDS); lower: none */
	const struct tls *tls; /* NULL: plain */
	size_t max_conns;
};

/* -EADDRINUSE when there is a listener already; -EEXIST when the path is no socket. */
int listener_open(struct listener **ret, struct loop *l, const struct listen_options *o,
	listen_on_accept *on_accept, void *owner) MUST_USE;
uint16_t listener_port(const struct listener *li);

/* No further connections; those that are open stay. Frees when the handle has closed. */
void listener_close(struct listener *li);

#endif
