/* SPDX-License-Identifier: Apache-2.0
 * Shared by the parser of profiles: its state, memory owned by the profile, and the names that rows
 * refer to. */
#ifndef PLATEN_SIM_PROFILE_LOAD_H
#define PLATEN_SIM_PROFILE_LOAD_H

#include "proto/base/str.h"
#include "tools/sim/profile.h"

enum { LOAD_ROOTS = 16, LOAD_COLUMNS = PROFILE_COLUMNS, LOAD_NAME = PROFILE_NAME };

struct load_root {
	char name[LOAD_NAME];
	struct oid oid;
};

struct load {
	struct profile *p;
	struct row_table
		*into; /* destination of rows: the profile's table, its context's, its facts */
	char var_name[PROFILE_VARS][LOAD_NAME];
	char cond_name[PROFILE_CONDS][LOAD_NAME];
	size_t cond_count;
	struct load_root root[LOAD_ROOTS];
	size_t root_count;
	struct oid table; /* of the open `table` block; len 0: none open */
	char column_type[LOAD_COLUMNS][LOAD_NAME];
	uint32_t column[LOAD_COLUMNS];
	size_t column_count;
	struct fact_section *section; /* of the open `truth` block; NULL: none open */
	size_t line;
	char *why;
};

/* Sets `why` to "line N: ..." and returns ERR_FORMAT. */
int load_fail(struct load *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Zeroed memory that lives as long as the profile, or NULL. */
void *profile_take(struct profile *p, size_t n) MUST_USE;

/* Removes the first blank-separated word from *rest and returns it. Empty at the end. */
struct text load_word(struct text *rest);
/* Removes the text before `sep` outside of quotes, and `sep`; returns it with blanks trimmed. */
struct text load_cell(struct text *rest, char sep);
/* A whole decimal number. */
int load_number(struct text t, int64_t min, int64_t max, int64_t *ret) MUST_USE;
/* "quoted" with \" \\ \n \xHH into dst; the length, or an error. */
int load_quoted(struct load *l, struct text t, uint8_t *dst, size_t cap) MUST_USE;

/* Numbers of things by name; negative with `why` set if there is no such name. */
int load_var(struct load *l, struct text name) MUST_USE;
int load_cond(struct load *l, struct text name) MUST_USE;
/* New names. */
int load_new_var(struct load *l, struct text name, const char *suffix) MUST_USE;
int load_new_cond(struct load *l, struct text name, const char *suffix) MUST_USE;
/* "black.low cyan.low": the bits of all of them. */
int load_conds(struct load *l, struct text names, uint64_t *ret) MUST_USE;
/* Dotted, or $NAME.rest. */
int load_oid(struct load *l, struct text t, struct oid *ret) MUST_USE;

/* The index of a line in a block, with its condition or -1: what stands before the first bar. */
int load_line_cond(struct load *l, struct text head, int *cond) MUST_USE;

/* "truth SECTION column, column ..." and the lines up to "end". profile_fact.c */
int load_truth(struct load *l, struct text rest) MUST_USE;
int load_fact(struct load *l, struct text line) MUST_USE;

/* Adds a row: `type` is integer, counter, string ...; `value` what stands behind it.
 * profile_row.c */
int load_row(struct load *l, const struct oid *oid, int cond, struct text type,
	struct text value) MUST_USE;

/* Adds a row with a fixed value. */
int profile_add_static(struct profile *p, struct row_table *into, struct oid_ber oid, int cond,
	uint8_t type, const uint8_t *value, size_t len) MUST_USE;

#endif
