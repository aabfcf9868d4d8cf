/* SPDX-License-Identifier: Apache-2.0
 * For the tests of conns: the ways to reach a peer, and bytes to send there. */
#ifndef PLATEN_TESTS_KIT_LOOP_WAYS_H
#define PLATEN_TESTS_KIT_LOOP_WAYS_H

#include "tests/kit/loop_peers.h"

enum { MIB = 1 << 20 };

extern uint8_t pattern[8 * MIB];

/* For main: fills `pattern` with bytes of a long period. */
void pattern_fill(void);

/* Each test runs over plain TCP, over a Unix socket and over TLS. */
enum way { PLAIN, UNIX, TLS, WAYS };

void open_way(struct world *w, enum way way);

void listen_way(struct world *w, enum way way);

void dial_way(struct world *w, struct side *s, enum way way);

/* ---- what a side may do ---- */

void close_side(struct side *s);

void pause_side(struct side *s);

#endif
