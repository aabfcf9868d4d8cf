/* SPDX-License-Identifier: Apache-2.0
 * The response to a request for one profile in one state, as bytes to copy with live rows in
 * between. Built by plan_build, run once per printer. */
#ifndef PLATEN_SIM_PLAN_H
#define PLATEN_SIM_PLAN_H

#include "tools/sim/ber.h"
#include "tools/sim/fleet.h"

enum { PLAN_OPS = 2048, PLAN_BLOB = 66000 };

/* Copy `len` bytes of the blob; then, if there is a row, its value. */
struct plan_op {
	uint32_t len;
	const struct row *row;
};

struct plan {
	uint64_t hash;
	struct plan *next; /* in the same slot of the cache */
	const struct row_table *rows;
	uint64_t cond_mask; /* conditions that the plan depends on */
	uint64_t conds;     /* their values */
	uint8_t version, pdu;
	uint8_t error_status;
	uint16_t error_index;
	uint16_t varbinds;
	uint16_t names;           /* in the request */
	uint16_t missing;         /* names of a GET without a row */
	uint16_t never_requested; /* requested names in `never` sub-trees */
	uint16_t never_overrun;   /* rows of these in a response to other names */
	uint16_t key_len;
	uint16_t ops;
	uint32_t blob_len;
	struct plan_op *op;
	uint8_t *blob;
	uint8_t *key; /* bytes of the request behind its request-id */
};

/* A decoded request. */
struct request {
	uint8_t version; /* enum snmp_version */
	uint8_t pdu;     /* tag */
	int32_t first,
		second;    /* error-status and -index; GETBULK: non-repeaters, max-repetitions */
	const uint8_t *id; /* the request-id with tag and length */
	size_t id_len;
	struct ber_in list; /* contents of the varbind list */
	const uint8_t *key; /* the PDU's bytes behind the request-id */
	size_t key_len;
	size_t room;          /* max bytes of the response's varbinds */
	bool is_size_limited; /* `room` is smaller than usual: its plan is not cached */
};

/* The successor of a row in GETNEXT and GETBULK. */
enum walk_way {
	WALK_RIGHT,
	WALK_SAME,   /* the requested row, if it exists */
	WALK_PAIR,   /* of every second row: the one before */
	WALK_DOWN,   /* of every fourth row: three rows before */
	WALK_ENDLESS /* behind a column's last row further invented ones, without an end */
};

/* The rows of a printer as one request sees them. */
struct view {
	const struct profile *profile;
	const struct row_table *rows;  /* of the requested context */
	const struct history *history; /* NULL: no overrides */
	uint64_t conds;
	uint64_t *cond_mask; /* conditions that the result depends on are added here */
	bool is_v1;
	enum walk_way way;
};

/* An empty plan of the largest size, or NULL. */
struct plan *plan_new(void) MUST_USE;
/* A copy of the size that it needs, or NULL. */
struct plan *plan_keep(const struct plan *p) MUST_USE;
void plan_free(struct plan *p);

/* 0, or ERR_FORMAT when the request's varbinds are malformed. */
int plan_build(struct plan *p, const struct view *v, const struct request *q) MUST_USE;

#endif
