/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/loop_ways.h"

uint8_t pattern[8 * MIB];

void pattern_fill(void)
{
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(i * 2654435761u >> 13);
}

static char unix_path[96];

void open_way(struct world *w, enum way way)
{
	world_open(w);
	if (way == TLS) {
		world_server_tls(w, "server.pem", "server.key");
		world_client_tls(w, "ca.pem", NULL);
	}
	(void)snprintf(unix_path, sizeof unix_path, "unix:%s/sock", certs_dir);
}

void listen_way(struct world *w, enum way way)
{
	world_listen(w, way == UNIX ? unix_path : "127.0.0.1");
}

void dial_way(struct world *w, struct side *s, enum way way)
{
	assert_int_equal(world_dial(w, s, way == UNIX ? unix_path : "127.0.0.1",
				 listener_port(w->listener), 5000),
		0);
	assert_int_equal(s->opens, 0);
}

/* ---- what a side may do ---- */

void close_side(struct side *s)
{
	conn_close(s->c);
}

void pause_side(struct side *s)
{
	conn_pause(s->c);
}
