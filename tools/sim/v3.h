/* SPDX-License-Identifier: Apache-2.0
 * SNMPv3 (RFC 3412) with the User-based Security Model: messages are checked in the order of
 * RFC 3414 section 3.2; the first failed check sends its Report. */
#ifndef PLATEN_SIM_V3_H
#define PLATEN_SIM_V3_H

#include "tools/sim/pdu.h"

/* Makes the response to the message `bytes`, parts of which it overwrites. Returns 1: send *ret;
 * 0: no response, counted. */
int v3_respond(struct transaction *t, uint8_t *bytes, struct response *ret) MUST_USE;

#endif
