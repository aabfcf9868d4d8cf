/* SPDX-License-Identifier: Apache-2.0
 * What people see on a terminal: aligned tables and one reading in full. Text from outside passes
 * sheet_put_shown, so that no printer can send an escape sequence to a terminal. */
#ifndef PLATEN_UI_VIEW_H
#define PLATEN_UI_VIEW_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/str.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A table whose columns are as wide as their widest cell; rows are held until view_table_end.
 * Errors are remembered and come back from view_table_end: 0, or -ENOMEM, ERR_FULL (more than
 * LIMIT_VIEW_BYTES; what was held is printed) or -EIO. */
struct view_table {
	FILE *out;
	size_t columns;
	size_t column;
	size_t width[16];
	bool is_number[16]; /* aligned to the right */
	struct buf cells;   /* text, NUL, text, NUL ... */
	int err;
};

/* At most 16 columns; the names become the first row. A name that begins with '>' is aligned to
 * the right (the '>' is not shown). */
void view_table_begin(struct view_table *t, FILE *out, const char *const *names, size_t columns);
void view_table_text(struct view_table *t, struct text cell);
void view_table_number(struct view_table *t, uint64_t v);
/* Fills up the row with empty cells. */
void view_table_end_row(struct view_table *t);
int view_table_end(struct view_table *t) MUST_USE;

/* One reading in full, for people: identity, state, how complete each group is, and a table of each
 * kind of rows that there are. 0, -EIO, or -ENOMEM. */
int view_reading_text(FILE *out, const struct reading *r) MUST_USE;

/* The same, or one JSON object on one line (docs/json.md), on stdout: what `platen poll` and
 * `platen read` print. 0, -EIO, -ENOMEM or ERR_FULL. */
int view_reading(const struct reading *r, bool is_json) MUST_USE;

/* Short words for one line of a table: "72 %", "some", "12000 impressions". */
size_t view_level(char *dst, size_t cap, const struct supply *s);
/* "black 72 %; cyan low", cut with "and 3 more". */
int view_supplies(struct buf *dst, const struct reading *r) MUST_USE;
/* "warning: Toner low; ...", the most severe first. */
int view_alerts(struct buf *dst, const struct reading *r) MUST_USE;
/* "complete", or what is missing: "partial: supplies". */
int view_completeness(struct buf *dst, const struct reading *r) MUST_USE;

/* "3 min ago", "in 2 h", "now", "never" (at_ms 0). */
void view_age(char dst[32], uint64_t at_ms, uint64_t now_ms);

/* Whether colours are welcome on this stream: a terminal, and NO_COLOR is unset or empty
 * (no-color.org). */
bool view_is_color(FILE *out);

#endif
