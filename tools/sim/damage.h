/* SPDX-License-Identifier: Apache-2.0
 * Damages responses on purpose before they are sent. */
#ifndef PLATEN_SIM_DAMAGE_H
#define PLATEN_SIM_DAMAGE_H

#include "tools/sim/pdu.h"

/* Applies the printer's `broken` to the response, whose bytes must be writable. */
void damage_broken(struct responder *a, const struct printer *p, struct response *ret);

/* Returns the next case of the printer's FAULT_GARBAGE for a well-formed message; valid until the
 * next call. An SNMPv3 message has its scoped PDU in plain text. */
uint8_t *damage_garbage(
	struct transaction *t, const uint8_t *response, size_t len, size_t *ret_len);

#endif
