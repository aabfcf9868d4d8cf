/* SPDX-License-Identifier: Apache-2.0
 * For the tests of conns: the ways to reach a peer, and bytes to send there. */
#ifndef PLATEN_TESTS_LOOP_WAYS_H
#define PLATEN_TESTS_LOOP_WAYS_H

#include "tests/unit/loop_peers.h"

enum { MIB = 1 << 20 };

static uint8_t pattern[8 * MIB];

/* For main: bytes that repeat nowhere near. */
static inline void pattern_fill(void)
{
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(i * 2654435761u >> 13);
}

/* Each test runs over plain TCP, over a Unix socket and over TLS. */
enum way { PLAIN, UNIX, TLS, WAYS };

static char unix_path[96];

static inline void open_way(struct world *w, enum way way)
{
	world_open(w);
	if (way == TLS) {
		world_server_tls(w, "server.pem", "server.key");
		world_client_tls(w, "ca.pem", NULL);
	}
	(void)snprintf(unix_path, sizeof unix_path, "unix:%s/sock", certs_dir);
}

static inline void listen_way(struct world *w, enum way way)
{
	world_listen(w, way == UNIX ? unix_path : "127.0.0.1");
}

static inline void dial_way(struct world *w, struct side *s, enum way way)
{
	assert_int_equal(world_dial(w, s, way == UNIX ? unix_path : "127.0.0.1",
				 listener_port(w->listener), 5000),
		0);
	assert_int_equal(s->opens, 0);
}

/* ---- what a side may do ---- */

static inline void close_side(struct side *s)
{
	conn_close(s->c);
}

static inline void pause_side(struct side *s)
{
	conn_pause(s->c);
}

#endif
