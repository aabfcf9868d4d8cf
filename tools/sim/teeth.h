/* SPDX-License-Identifier: Apache-2.0
 * What real printers do wrong, one by one: each tooth is a number of a printer, 0 when it has not
 * got it. Told by option for a list or a share of the printers, and by command. docs/sim.md says
 * what each does. */
#ifndef PLATEN_SIM_TEETH_H
#define PLATEN_SIM_TEETH_H

#include "proto/base/limits.h"
#include "tools/sim/fleet.h"

enum tooth {
	TOOTH_ONLY_V3,
	TOOTH_ONLY_V1,
	TOOTH_NO_V3,
	TOOTH_NO_V2C,
	TOOTH_NO_V1,
	/* Answers. */
	TOOTH_MAX_VARBINDS,
	TOOTH_MAX_BYTES,
	TOOTH_NO_BULK,
	TOOTH_SLOW,
	TOOTH_LATE,
	TOOTH_TRICKLE,
	TOOTH_WRONG_SOURCE,
	TOOTH_WRONG_PORT,
	TOOTH_ID16,
	TOOTH_ENDLESS,
	TOOTH_DOWN,
	TOOTH_PAIR,
	TOOTH_SAME,
	TOOTH_HUGE,
	TOOTH_COPIES,
	TOOTH_GARBAGE,
	/* What it dies of; fragile.c. */
	TOOTH_DIES_VARBINDS,
	TOOTH_DIES_MISSING,
	TOOTH_DIES_RATE,
	TOOTH_DIES_BULK,
	TOOTH_DIES_BYTES,
	TOOTH_DIES_SET,
	/* Forged answers before the true one; forge.c. */
	TOOTH_FORGE_COMMUNITY,
	TOOTH_FORGE_VERSION,
	TOOTH_FORGE_ID,
	TOOTH_FORGE_REPORT,
	TOOTH_FORGE_GET,
	TOOTH_FORGE_SET,
	TOOTH_FORGE_TRAP,
	TOOTH_FORGE_OID,
	TOOTH_FORGE_SOURCE,
	TOOTH_FORGE_PORT,
	TOOTH_FORGE_REPLAY,
	TOOTH_FORGE_LEVEL,
	TOOTH_FORGE_ENGINE,
	TOOTH_FORGE_DIGEST,
	TOOTH_FORGE_MSGID,
	TEETH,
	TOOTH_FIRST_DEATH = TOOTH_DIES_VARBINDS,
	TOOTH_FIRST_FORGED = TOOTH_FORGE_COMMUNITY
};
extern const char *const tooth_names[TEETH];

enum { NO_BULK_SILENT = 1, NO_BULK_ERROR = 2 }; /* TOOTH_NO_BULK */

/* Of one printer. */
struct teeth {
	uint32_t value[TEETH];
	uint32_t asked;              /* questions, for those that answer some only */
	uint32_t garbage_case;       /* the next one */
	bool is_fragile, is_forging; /* one of these teeth is there */
	size_t old_len;
	uint8_t *old; /* the answer before, for replays; owned */
};

static inline uint32_t tooth(const struct printer *p, enum tooth t)
{
	return p->teeth == NULL ? 0 : p->teeth->value[t];
}

/* NULL is harmless. */
void teeth_free(struct teeth *t);

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
