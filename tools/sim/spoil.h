/* SPDX-License-Identifier: Apache-2.0
 * Answers that are damaged on purpose before they leave. */
#ifndef PLATEN_SIM_SPOIL_H
#define PLATEN_SIM_SPOIL_H

#include "tools/sim/body.h"

/* Of the printer's `broken`; `start` is writable. */
void spoil_broken(struct answerer *a, const struct printer *p, struct answer *ret);

/* The next case of the printer's FAULT_GARBAGE instead of a well-formed message. The bytes are ours
 * until the next call. SNMPv3: made with its scoped PDU in plain text. */
uint8_t *spoil_garbage(struct talk *t, const uint8_t *answer, size_t len, size_t *ret_len);

#endif
