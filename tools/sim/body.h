/* SPDX-License-Identifier: Apache-2.0
 * The PDU of an answer, whatever message it travels in: which plan a question has, and the bytes
 * that it makes. answer.c puts SNMPv1 and v2c around it, v3.c SNMPv3. */
#ifndef PLATEN_SIM_BODY_H
#define PLATEN_SIM_BODY_H

#include "tools/sim/answer.h"
#include "tools/sim/plan.h"

/* One question under way. */
struct talk {
	struct answerer *a;
	struct printer *p;
	uint64_t now_ms;
	const uint32_t *vars;
	const uint8_t *bytes; /* the question as it came */
	size_t len;
	struct ledger *ledger;
	uint8_t *room; /* ANSWER_HEAD bytes, then the varbinds */
};

/* Bytes of the PDU in the room. */
struct body {
	uint8_t *start, *stop;
};

/* The PDU at the front of `in`, which moves behind it: type, request-id, the rest. */
int body_read(struct ber_in *in, uint8_t version, struct ask *q) MUST_USE;

/* Counts the question in the printer's ledger. */
void body_note(struct talk *t, const struct ask *q);

/* Works out the answer and counts it. 1, 0 if the printer stays silent, or ERR_FORMAT if the
 * question is malformed. */
int body_make(
	struct talk *t, const struct row_table *rows, struct ask *q, struct body *ret) MUST_USE;

/* Writes a header of tag and length that ends at `end`, over contents up to `stop`. */
uint8_t *body_header(uint8_t *end, const uint8_t *stop, uint8_t tag);

#endif
