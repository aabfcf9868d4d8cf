/* SPDX-License-Identifier: Apache-2.0
 * Printers that die of a question, as real ones did: they fall silent until somebody starts them
 * again. The ledger keeps what killed them. */
#ifndef PLATEN_SIM_FRAGILE_H
#define PLATEN_SIM_FRAGILE_H

#include "tools/sim/body.h"

/* Whether the printer is dead, or dies of this question. */
bool fragile_dies(struct talk *t, const struct ask *q, const struct plan *k) MUST_USE;

#endif
