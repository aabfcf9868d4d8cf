/* SPDX-License-Identifier: Apache-2.0
 * What real printers do wrong, one by one: each tooth is a number of a printer, 0 when it has not
 * got it. Told by option for a list or a share of the printers, and by command. docs/sim.md says
 * what each does. */
#ifndef PLATEN_SIM_TEETH_H
#define PLATEN_SIM_TEETH_H

#include "engine/core/limits.h"
#include "tools/sim/fleet.h"

enum tooth { TOOTH_ONLY_V3, TOOTH_ONLY_V1, TOOTH_NO_V3, TOOTH_NO_V2C, TOOTH_NO_V1, TEETH };
extern const char *const tooth_names[TEETH];

/* Of one printer. */
struct teeth {
	uint32_t value[TEETH];
};

static inline uint32_t tooth(const struct printer *p, enum tooth t)
{
	return p->teeth == NULL ? 0 : p->teeth->value[t];
}

/* The tooth of that name, or TEETH. */
enum tooth tooth_find(const char *name, size_t len);

/* 0 takes it away. 0, or -ENOMEM. */
int tooth_set(struct printer *p, enum tooth t, uint32_t value) MUST_USE;

/* "3,5,7-9", "20%" (the seed chooses, `salt` tells apart), or "all": sets a byte of chosen[count]
 * for each printer meant. 0 or ERR_USAGE. */
int teeth_pick(const struct fleet *f, const char *text, uint64_t salt, uint8_t *chosen) MUST_USE;

/* "NAME[=VALUE]@LIST"; the value is 1 if none is told. 0 or an error with `why`. */
int teeth_give(struct fleet *f, const char *text, char why[LIMIT_WHY]) MUST_USE;

/* Printers of the list get the engineID of its first. */
int teeth_share_engine(struct fleet *f, const char *list, char why[LIMIT_WHY]) MUST_USE;

#endif
