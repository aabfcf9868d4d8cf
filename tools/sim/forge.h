/* SPDX-License-Identifier: Apache-2.0
 * Forged responses sent before the true one. The printer makes them, because it knows the request:
 * each differs from the true one in one respect and carries other values, so that a collector that
 * accepts one is found out by its readings. */
#ifndef PLATEN_SIM_FORGE_H
#define PLATEN_SIM_FORGE_H

#include "tools/sim/pdu.h"
#include "tools/sim/faults.h"

/* Encodes the message around a forged PDU and applies `what` where it concerns the message. 1, or 0
 * if this SNMP version has no such field. */
typedef int forge_encode(struct transaction *t, void *owner, enum fault what, unsigned number,
	const struct pdu_bytes *b, struct response *ret);

/* Sends the forged responses of the printer's faults. */
void forge_before(
	struct transaction *t, const struct pdu_bytes *b, forge_encode *encode, void *owner);

/* Stores a copy of the true response as the replay of the next request. */
void forge_keep(struct printer *p, const struct response *true_one);

#endif
