/* SPDX-License-Identifier: Apache-2.0
 * What a request means for a profile in a certain state: bytes to copy, with live rows in between.
 * Made by plan_build, run for each printer that is asked. */
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
	struct plan *next; /* of the same place in the cache */
	const struct row_table *rows;
	uint64_t looked_at; /* conditions that decided about rows which this plan met */
	uint64_t conds;     /* what they were */
	uint8_t version, pdu;
	uint8_t error_status;
	uint16_t error_index;
	uint16_t varbinds;
	uint16_t asked;         /* names of the request */
	uint16_t missing;       /* of a GET, names that are not there */
	uint16_t never_asked;   /* names of the request in sub-trees that must not be asked for */
	uint16_t never_overrun; /* rows of them in an answer to a request that named none */
	uint16_t key_len;
	uint16_t ops;
	uint32_t blob_len;
	struct plan_op *op;
	uint8_t *blob;
	uint8_t *key; /* the request's bytes behind its request-id */
};

/* A request, taken apart as far as a plan needs it. */
struct ask {
	uint8_t version; /* enum snmp_version */
	uint8_t pdu;     /* tag */
	int32_t first,
		second;    /* error-status and -index; GETBULK: non-repeaters, max-repetitions */
	const uint8_t *id; /* the request-id with tag and length */
	size_t id_len;
	struct ber_in list; /* contents of the varbind list */
	const uint8_t *key; /* what stands behind the request-id */
	size_t key_len;
	size_t room;    /* bytes that the varbinds of the answer may have */
	bool is_narrow; /* less than others who ask the same have: its plan is not kept */
};

/* How GETNEXT and GETBULK go from a row to the next one. */
enum walk_way {
	WALK_RIGHT,
	WALK_SAME,   /* the row that was asked, if it is one */
	WALK_PAIR,   /* from every other row back to the one before */
	WALK_DOWN,   /* from every fourth row back by three */
	WALK_ENDLESS /* a column has no end: behind its last row come others that are made up */
};

/* Whose rows are looked at. */
struct view {
	const struct profile *profile;
	const struct row_table *rows;  /* of the context that is asked */
	const struct history *history; /* NULL: no values of its own */
	uint64_t conds;
	uint64_t *looked_at; /* conditions that mattered are added here */
	bool is_v1;
	enum walk_way way;
};

/* Room for the largest plan, or NULL. */
struct plan *plan_new(void) MUST_USE;
/* A copy of just the size that it needs, or NULL. */
struct plan *plan_keep(const struct plan *p) MUST_USE;
void plan_free(struct plan *p);

/* 0, or ERR_FORMAT when the request's varbinds are malformed. */
int plan_build(struct plan *p, const struct view *v, const struct ask *q) MUST_USE;

#endif
