/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/damage.h"

#include "tools/sim/garbage.h"
#include "tools/sim/faults.h"

void damage_broken(struct responder *a, const struct printer *p, struct response *ret)
{
	if (p->broken == BROKEN_CUT)
		ret->len /= 2;
	if (p->broken == BROKEN_TWICE)
		ret->copies = 1;
	if (p->broken != BROKEN_GARBAGE)
		return;
	uint8_t *at = (uint8_t *)(uintptr_t)ret->start;
	for (size_t i = 0; i < ret->len; i++) {
		a->random = fleet_hash(a->random, i);
		at[i] = (uint8_t)a->random;
	}
}

uint8_t *damage_garbage(struct transaction *t, const uint8_t *response, size_t len, size_t *ret_len)
{
	static struct garbage g;
	struct faults *faults = t->p->faults;
	/* 1: all classes; from 2: one class. */
	uint32_t class = faults->value[FAULT_GARBAGE] - 2;
	/* Each printer starts at another case, so that few requests to many printers cover many. */
	if (faults->garbage_case == 0)
		faults->garbage_case = (uint32_t)fleet_hash(t->p->id, 0x6a2b) >> 8;
	uint32_t number = faults->garbage_case++;
	const uint8_t *made = response;
	*ret_len = len;
	if (garbage_open(&g, response, len, t->bytes, t->len) == 0)
		*ret_len = class < GARBAGE_CLASSES
				   ? garbage_make(&g, (enum garbage_class) class, number, &made)
				   : garbage_any(&g, number, &made, NULL);
	return (uint8_t *)(uintptr_t)made;
}
