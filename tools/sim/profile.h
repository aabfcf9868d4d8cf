/* SPDX-License-Identifier: Apache-2.0
 * The common part of printers of one model: a sorted table of rows, and the steps that compute the
 * changing numbers from the jobs. A profile is loaded from a text (docs/sim.md has the format) or
 * from a recording, whose rows are constant. Read-only once loaded; shared by thousands of printers
 * until the process ends. */
#ifndef PLATEN_SIM_PROFILE_H
#define PLATEN_SIM_PROFILE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/oid.h"
#include "proto/recording/recording.h"

#include <stddef.h>
#include <stdint.h>

enum {
	PROFILE_ROWS = 100000, /* of one profile or recording */
	PROFILE_VARS = 192,    /* numbers that change, of one printer */
	PROFILE_CONDS = 64,    /* conditions: one bit each */
	PROFILE_STEPS = 160,
	PROFILE_TERMS = 512,
	PROFILE_TEXT = 1 << 20, /* bytes of a profile's text */
	PROFILE_NAME = 32,
	PROFILE_COLUMNS = 24, /* of a table */
	PROFILE_VALUE = 1024, /* bytes of a live value */
	PROFILE_NEVER = 16,   /* sub-trees that a collector must never request */
	PROFILE_FACTS = 512,
	PROFILE_SECTIONS = 16 /* kinds of facts */
};

/* The counters that jobs advance directly; all others are sums of them. Their numbers are the
 * first variables of every profile. */
enum basis {
	BASIS_PRINT_MONO,
	BASIS_PRINT_COLOR,
	BASIS_COPY_MONO,
	BASIS_COPY_COLOR,
	BASIS_FAX_MONO,
	BASIS_FAX_SENT,
	BASIS_SCAN_EMAIL,
	BASIS_SCAN_NETWORK,
	BASIS_COUNT
};
enum { VAR_SINCE_BOOT = BASIS_COUNT, VAR_BOOTS, VAR_ENGINE_TIME, VAR_FIRST_FREE };

/* Conditions that every profile has. */
enum { COND_PRINTING, COND_SLEEPING, COND_FIRST_FREE };

extern const char *const basis_names[BASIS_COUNT];

/* One part of a sum: +-(percent of a variable, rounded down), or a constant (var < 0). */
struct term {
	int16_t var;
	int8_t sign;
	uint8_t percent;
	uint32_t constant;
};

enum step_kind { STEP_LET, STEP_SUPPLY, STEP_EVENT };

/* Evaluated in order; a step only uses variables of earlier ones. */
struct step {
	enum step_kind kind;
	uint16_t var;               /* LET: result; SUPPLY: remaining; EVENT: number so far */
	uint16_t first_term, terms; /* LET */
	uint16_t uses;              /* SUPPLY: the variable that wears it */
	uint16_t replaced;          /* SUPPLY: variable, times it was replaced */
	uint32_t capacity, yield;   /* SUPPLY: in its own unit, in units of `uses` */
	uint8_t low_percent;
	uint8_t cond;   /* EVENT: active; SUPPLY: low (and cond + 1: empty) */
	uint32_t every; /* EVENT: one job in this number */
};

enum row_kind {
	ROW_STATIC,
	ROW_NUMBER,  /* a variable */
	ROW_UPTIME,  /* TimeTicks since boot */
	ROW_RAISED,  /* sysUpTime when the current part of the job began */
	ROW_TEXT,    /* with placeholders such as {serial} */
	ROW_PICK,    /* by condition */
	ROW_BITS,    /* by condition */
	ROW_RECORDS, /* Brother: 7 bytes per number */
	ROW_CLOCK    /* DateAndTime */
};

/* One alternative of ROW_PICK (its value), one bit of ROW_BITS, one number of ROW_RECORDS. */
struct choice {
	uint64_t conds;       /* any of them; 0: always */
	const uint8_t *value; /* contents bytes */
	uint16_t len;
	uint16_t number; /* bit, or code << 8; */
	uint16_t var;
};

struct row {
	struct oid_ber oid;
	const uint8_t
		*wire; /* STATIC: the whole varbind; else up to and including the value's type */
	uint16_t wire_len;
	uint16_t max_len; /* bytes of the varbind on the wire, at most */
	uint8_t type;     /* enum ber_type */
	uint8_t kind;     /* enum row_kind */
	int8_t cond;      /* present only while this holds; -1: always */
	uint8_t seq_size; /* bytes of the varbind's own length in `wire` (live rows: 1 or 3) */
	uint16_t var;     /* NUMBER */
	uint16_t choices;
	const struct choice *choice;
	const uint8_t *value; /* STATIC: contents within wire; TEXT: the template */
	uint16_t value_len;
};

struct row_table {
	struct row *rows; /* sorted by name, but for facts */
	size_t count, cap;
};

/* A kind of facts ("meters", "supplies" ...) and its columns. */
struct fact_section {
	char name[PROFILE_NAME];
	char column[PROFILE_COLUMNS][PROFILE_NAME];
	size_t columns;
};

/* An item that a collector must find at this printer: a meter, a supply, an alert. The profile
 * states it independently of the rows. Its cells are rows of the table `fact_cells`,
 * named 1.3.COLUMN, the column counted from 0. */
struct fact {
	const struct fact_section *section;
	int8_t cond; /* true only while this condition is; -1: always */
	uint32_t first, cells;
};

struct profile {
	char name[64];
	char serial[PROFILE_NAME];  /* pattern: # digit, @ letter */
	char host[PROFILE_NAME];    /* template of the name */
	uint8_t oui[3];             /* first half of the MAC */
	uint32_t rate[BASIS_COUNT]; /* pages a job, times 256 */
	struct row_table table;
	char context[PROFILE_NAME];     /* name of the SNMP context that has rows of its own */
	struct row_table context_table; /* rows of that context */
	struct row_table fact_cells;
	struct fact *facts;
	size_t fact_count;
	struct fact_section *sections;
	size_t section_count;
	struct oid_ber never[PROFILE_NEVER]; /* sub-trees that a collector must never request */
	size_t excluded_count;
	struct step steps[PROFILE_STEPS];
	size_t step_count;
	struct term terms[PROFILE_TERMS];
	size_t term_count;
	size_t var_count;
	bool is_recording;
	bool is_v3_only; /* "speaks v3": no response to SNMPv1 and v2c */
};

/* From the text of a profile. NULL on error; `why` then names line and reason. */
struct profile *profile_from_text(const char *text, size_t len, char why[LIMIT_WHY]) MUST_USE;

/* From a recording, which must outlive the profile. */
struct profile *profile_from_recording(
	const char *name, const struct recording *w, char why[LIMIT_WHY]) MUST_USE;

/* NULL is allowed. */
void profile_close(struct profile *p);

/* The first row at or behind `oid`; the table's count if there is none. */
size_t row_find(const struct row_table *t, struct oid_ber oid);

/* True if the name lies in a `never` sub-tree. */
bool profile_is_never(const struct profile *p, struct oid_ber oid);

/* The profiles built into the program; NULL behind the last. */
struct embedded_profile {
	const char *name;
	const unsigned char *text;
	size_t len;
};
extern const struct embedded_profile embedded_profiles[];

#endif
