/* SPDX-License-Identifier: Apache-2.0
 * SNMPv3 (RFC 3412) with the User-based Security Model (RFC 3414): a message is checked in the
 * order of RFC 3414 section 3.2, and what does not pass is responded to by the Report that it
 * names. */
#ifndef PLATEN_SIM_V3_H
#define PLATEN_SIM_V3_H

#include "tools/sim/pdu.h"

/* Responses the message `bytes`, of which parts are overwritten. 1: *ret is to be sent; 0: silence,
 * counted. */
int v3_respond(struct transaction *t, uint8_t *bytes, struct response *ret) MUST_USE;

#endif
