/* SPDX-License-Identifier: Apache-2.0
 * A TCP line between a client and a server of one loop that is cut at a byte: for tests of the
 * uplink, whose connections go through it. */
#ifndef PLATEN_TESTS_KIT_BAD_LINE_H
#define PLATEN_TESTS_KIT_BAD_LINE_H

#include "tests/kit/loop_peers.h"

enum { LINE_WAYS = 16 };

struct line_way;

/* One direction of a connection. */
struct line_end {
	struct line_way *way;
	struct line_end *other;
	struct conn *c; /* NULL: gone */
	struct buf out; /* being written to `c` */
	bool is_open;
};

struct line_way {
	struct line *line;
	struct line_end near, far; /* the client's, the server's */
	uint64_t up, down;         /* bytes that have passed */
	bool is_cut;
};

struct line {
	struct loop *loop;
	struct listener *listener;
	uint16_t target;
	/* Of the first connection: cut before this byte, 0: never. */
	uint64_t cut_up, cut_down;
	struct line_way ways[LINE_WAYS];
	unsigned count;
};

void line_open(struct line *line, struct loop *loop, uint16_t target);
/* No further connections. */
void line_no_more(struct line *line);
void line_close(struct line *line);

#endif
