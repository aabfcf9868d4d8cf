/* SPDX-License-Identifier: Apache-2.0
 * The PDU of a response, independent of the message version: finds the plan of a request and runs
 * it. responder.c adds the SNMPv1 and v2c message around it, v3.c the SNMPv3 message. */
#ifndef PLATEN_SIM_PDU_H
#define PLATEN_SIM_PDU_H

#include "tools/sim/responder.h"
#include "tools/sim/plan.h"

/* One request and the state of its printer. */
struct transaction {
	struct responder *a;
	struct printer *p;
	uint64_t now_ms;
	const uint32_t *vars;
	const uint8_t *bytes; /* the received datagram */
	size_t len;
	struct traffic *traffic;
	uint8_t *room; /* RESPONSE_HEAD bytes, then the varbinds */
};

/* An encoded PDU in a transaction's room. */
struct pdu_bytes {
	uint8_t *start, *stop;
};

/* Decodes the PDU at the front of `in` and moves `in` behind it. 0 or ERR_FORMAT. */
int pdu_read(struct ber_in *in, uint8_t version, struct request *q) MUST_USE;

/* Counts the request by type and version. */
void pdu_count(struct transaction *t, const struct request *q);

/* Makes the response's PDU and counts it. 1, 0 for no response, or ERR_FORMAT if the request is
 * malformed. */
int pdu_respond(struct transaction *t, const struct row_table *rows, struct request *q,
	struct pdu_bytes *ret) MUST_USE;

/* Writes tag and length of the contents [end, stop) before `end`; returns where they begin. */
uint8_t *pdu_header(uint8_t *end, const uint8_t *stop, uint8_t tag);

#endif
