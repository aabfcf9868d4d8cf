/* SPDX-License-Identifier: Apache-2.0
 * For the tests of conns: a server and clients on one real loop over loopback. A side collects
 * the bytes that it receives; its function pointers are the script. A test ends when the loop has
 * no open handle, and then loop_close must return 0. */
#ifndef PLATEN_TESTS_KIT_LOOP_PEERS_H
#define PLATEN_TESTS_KIT_LOOP_PEERS_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/conn.h"
#include "engine/loop/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIDES = 64 };

struct side {
	struct conn *c;
	struct world *w;
	bool is_server;
	int opens;
	int ends;
	int err;
	char why[LIMIT_WHY];
	bool is_resumed;
	size_t writables;
	struct buf in;
	/* The script; each may be NULL. */
	void (*on_open)(struct side *s);
	void (*on_bytes)(struct side *s, const uint8_t *bytes, size_t len);
	void (*on_writable)(struct side *s);
	void (*on_end)(struct side *s);
	void *more; /* the test's */
	struct due due;
};

struct world {
	struct loop *loop;
	struct tls *server_tls;
	struct tls *client_tls;
	struct listener *listener;
	struct side server[SIDES]; /* by order of acceptance */
	unsigned accepted;
	struct side script; /* copied into each accepted side */
	void (*on_accept)(struct side *s);
	size_t max_conns;
	const struct conn_proxy *proxy; /* of world_dial */
};

void world_open(struct world *w);

void world_on_accept(void *owner, struct conn *c);

void world_listen(struct world *w, const char *address);

/* A client side; `host` is where to. */
int world_dial(
	struct world *w, struct side *s, const char *host, uint16_t port, uint64_t connect_ms);

void world_no_more(struct world *w);

/* For on_end of the last client. */
void side_ends_all(struct side *s);

void world_run(struct world *w);

void world_close(struct world *w);

void side_close(struct side *s);

/* ---- certificates, made once for a test program ---- */

extern char certs_dir[64];

const char *cert_path(const char *name);

int certs_make(void **state);

int certs_remove(void **state);

void world_server_tls(struct world *w, const char *cert, const char *key);

void world_client_tls(struct world *w, const char *ca, const char *crl);

/* A port of 127.0.0.1 that refuses connections until the caller closes *fd. */
uint16_t refusing_port(int *fd);

#endif
