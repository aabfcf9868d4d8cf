/* SPDX-License-Identifier: Apache-2.0
 * What real printers do wrong, one by one: each fault is a number of a printer, 0 when it has not
 * got it. Told by option for a list or a share of the printers, and by command. docs/sim.md says
 * what each does. */
#ifndef PLATEN_SIM_FAULTS_H
#define PLATEN_SIM_FAULTS_H

#include "proto/base/limits.h"
#include "tools/sim/fleet.h"

enum fault {
	FAULT_ONLY_V3,
	FAULT_ONLY_V1,
	FAULT_NO_V3,
	FAULT_NO_V2C,
	FAULT_NO_V1,
	/* Answers. */
	FAULT_MAX_VARBINDS,
	FAULT_MAX_BYTES,
	FAULT_NO_BULK,
	FAULT_SLOW,
	FAULT_LATE,
	FAULT_TRICKLE,
	FAULT_WRONG_SOURCE,
	FAULT_WRONG_PORT,
	FAULT_ID16,
	FAULT_ENDLESS,
	FAULT_DOWN,
	FAULT_PAIR,
	FAULT_SAME,
	FAULT_HUGE,
	FAULT_COPIES,
	FAULT_GARBAGE,
	/* What it dies of; fragile.c. */
	FAULT_DIES_VARBINDS,
	FAULT_DIES_MISSING,
	FAULT_DIES_RATE,
	FAULT_DIES_BULK,
	FAULT_DIES_BYTES,
	FAULT_DIES_SET,
	/* Forged answers before the true one; forge.c. */
	FAULT_FORGE_COMMUNITY,
	FAULT_FORGE_VERSION,
	FAULT_FORGE_ID,
	FAULT_FORGE_REPORT,
	FAULT_FORGE_GET,
	FAULT_FORGE_SET,
	FAULT_FORGE_TRAP,
	FAULT_FORGE_OID,
	FAULT_FORGE_SOURCE,
	FAULT_FORGE_PORT,
	FAULT_FORGE_REPLAY,
	FAULT_FORGE_LEVEL,
	FAULT_FORGE_ENGINE,
	FAULT_FORGE_DIGEST,
	FAULT_FORGE_MSGID,
	FAULTS,
	FAULT_FIRST_DEATH = FAULT_DIES_VARBINDS,
	FAULT_FIRST_FORGED = FAULT_FORGE_COMMUNITY
};
extern const char *const fault_names[FAULTS];

enum { NO_BULK_SILENT = 1, NO_BULK_ERROR = 2 }; /* FAULT_NO_BULK */

/* Of one printer. */
struct faults {
	uint32_t value[FAULTS];
	uint32_t asked;              /* questions, for those that answer some only */
	uint32_t garbage_case;       /* the next one */
	bool is_fragile, is_forging; /* one of these faults is there */
	size_t old_len;
	uint8_t *old; /* the answer before, for replays; owned */
};

static inline uint32_t fault(const struct printer *p, enum fault t)
{
	return p->faults == NULL ? 0 : p->faults->value[t];
}

/* NULL is harmless. */
void faults_free(struct faults *t);

/* The fault of that name, or FAULTS. */
enum fault fault_find(const char *name, size_t len);

/* 0 takes it away. 0, or -ENOMEM. */
int fault_set(struct printer *p, enum fault t, uint32_t value) MUST_USE;

/* "3,5,7-9", "20%" (the seed chooses, `salt` tells apart), or "all": sets a byte of chosen[count]
 * for each printer meant. 0 or ERR_USAGE. */
int faults_pick(const struct fleet *f, const char *text, uint64_t salt, uint8_t *chosen) MUST_USE;

/* "NAME[=VALUE]@LIST"; the value is 1 if none is told. 0 or an error with `why`. */
int faults_give(struct fleet *f, const char *text, char why[LIMIT_WHY]) MUST_USE;

/* Printers of the list get the engineID of its first. */
int faults_share_engine(struct fleet *f, const char *list, char why[LIMIT_WHY]) MUST_USE;

#endif
