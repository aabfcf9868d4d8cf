/* SPDX-License-Identifier: Apache-2.0
 * One table in three formats: aligned text, CSV (RFC 4180) and HTML (a whole page). Cells pass
 * proto/text/escape.h, so text of a printer is never a terminal sequence, a formula or markup.
 * Order of calls: table_begin; for each row its cells and table_end_row; table_end. The first error
 * is kept and comes from table_end. */
#ifndef PLATEN_TEXT_TABLE_H
#define PLATEN_TEXT_TABLE_H

#include "proto/base/writer.h"

#include <stddef.h>
#include <stdint.h>

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_HTML };

enum { TABLE_COLUMNS_MAX = 16 };

struct table_head {
	enum table_format format;
	const char *title; /* HTML: heading and title */
	const char *note;  /* HTML: a line below the heading; may be "" */
	const char *const
		*names;   /* columns; text shows them in capitals, '>' aligns to the right */
	size_t columns;   /* at most TABLE_COLUMNS_MAX; further ones are left out */
	size_t max_width; /* text: columns of the terminal; longer cells are cut. 0: no limit */
	bool is_bold;     /* text: the names, by a terminal's escape sequence */
};

struct table {
	struct writer w;
	struct table_head head;
	size_t column; /* of the next cell */
	size_t rows;
	/* Text: rows are held until table_end, at most LIMIT_VIEW_BYTES. */
	struct buf cells; /* text, NUL, text, NUL ... */
	struct writer cells_w;
	size_t width[TABLE_COLUMNS_MAX];
};

void table_begin(struct table *t, FILE *out, const struct table_head *head);
void table_text(struct table *t, struct text cell);
void table_str(struct table *t, const char *cell);
void table_number(struct table *t, uint64_t v);
void table_empty(struct table *t);
/* Fills up with empty cells. */
void table_end_row(struct table *t);
/* A row of texts. */
void table_row(struct table *t, const char *const *cells, size_t n);
/* The first error: ERR_LIMIT for more cells than columns, ERR_FULL for a text table over its limit
 * (the rows before it are printed), or an error of the writer. Must be called once. */
int table_end(struct table *t) MUST_USE;

#endif
