/* SPDX-License-Identifier: Apache-2.0
 * Faults of real printers: each is a number per printer, 0 without the fault. Set by --fault for a
 * list or a share of the printers, and by the command "fault". docs/sim.md describes each. */
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
	/* Faulty responses. */
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
	/* Requests that crash it; crash.c. */
	FAULT_CRASH_ON_VARBINDS,
	FAULT_CRASH_ON_MISSING,
	FAULT_CRASH_ON_RATE,
	FAULT_CRASH_ON_BULK,
	FAULT_CRASH_ON_BYTES,
	FAULT_CRASH_ON_SET,
	/* Forged responses before the true one; forge.c. */
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
	FAULT_FIRST_CRASH = FAULT_CRASH_ON_VARBINDS,
	FAULT_FIRST_FORGED = FAULT_FORGE_COMMUNITY
};
extern const char *const fault_names[FAULTS];

enum { NO_BULK_SILENT = 1, NO_BULK_ERROR = 2 }; /* FAULT_NO_BULK */

/* Of one printer. */
struct faults {
	uint32_t value[FAULTS];
	uint32_t requests;               /* counted by FAULT_TRICKLE and FAULT_LATE */
	uint32_t garbage_case;           /* number of the next one */
	bool is_crash_prone, is_forging; /* it has at least one fault of that group */
	size_t old_len;
	uint8_t *old; /* the previous response, for FAULT_FORGE_REPLAY; owned */
};

static inline uint32_t fault(const struct printer *p, enum fault t)
{
	return p->faults == NULL ? 0 : p->faults->value[t];
}

/* NULL is allowed. */
void faults_free(struct faults *t);

/* The fault of that name, or FAULTS. */
enum fault fault_find(const char *name, size_t len);

/* The value 0 removes the fault. Returns 0, or -ENOMEM. */
int fault_set(struct printer *p, enum fault t, uint32_t value) MUST_USE;

/* Sets chosen[i] to 1 for each printer of the list: "3,5,7-9", "20%" (chosen by the seed and
 * `salt`), or "all". 0 or ERR_USAGE. */
int faults_pick(const struct fleet *f, const char *text, uint64_t salt, uint8_t *chosen) MUST_USE;

/* Sets "NAME[=VALUE]@LIST"; the value is 1 by default. 0 or an error with `why`. */
int faults_give(struct fleet *f, const char *text, char why[LIMIT_WHY]) MUST_USE;

/* Gives all printers of the list the engineID of its first one. */
int faults_share_engine(struct fleet *f, const char *list, char why[LIMIT_WHY]) MUST_USE;

#endif
