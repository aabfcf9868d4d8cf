/* SPDX-License-Identifier: Apache-2.0
 * Forged answers that leave before the true one, made by the printer itself because it alone has
 * seen the question: each has one thing wrong, and values that are not the printer's, so that a
 * reader who believes one shows it. */
#ifndef PLATEN_SIM_FORGE_H
#define PLATEN_SIM_FORGE_H

#include "tools/sim/body.h"
#include "tools/sim/faults.h"

/* Puts the message around a forged PDU, wrong as `what` says where that is not a thing of the PDU.
 * 1, or 0 if this version has no such thing. */
typedef int forge_seal(struct talk *t, void *owner, enum fault what, unsigned number,
	const struct body *b, struct answer *ret);

/* Sends what the printer's faults ask for. */
void forge_before(struct talk *t, const struct body *b, forge_seal *seal, void *owner);

/* Keeps the true answer for the next question's replays. */
void forge_keep(struct printer *p, const struct answer *true_one);

#endif
