/* SPDX-License-Identifier: Apache-2.0
 * Tables for people as CSV (RFC 4180) and HTML, made in such a way that text from a printer stays
 * text: never a formula of a spreadsheet, never markup, never an invisible or reordering
 * character. Pure: bytes go into a buf of the caller, who may empty it between any two calls.
 * Order of calls: sheet_begin; for each row the cells in order, sheet_end_row; sheet_end. */
#ifndef PLATEN_TEXT_SHEET_H
#define PLATEN_TEXT_SHEET_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>

enum sheet_format { SHEET_CSV, SHEET_HTML };

struct sheet_head {
	const char *title;        /* HTML: heading and title */
	const char *note;         /* HTML: a line below the heading; may be "" */
	const char *const *names; /* of the columns */
	size_t columns;
};

struct sheet {
	struct buf *dst;
	enum sheet_format format;
	size_t columns;
	size_t column; /* of the next cell */
	size_t rows;
};

/* All of these: 0, ERR_FULL (dst has no room), or -ENOMEM. */
int sheet_begin(struct sheet *s, struct buf *dst, enum sheet_format format,
	const struct sheet_head *head) MUST_USE;
int sheet_text(struct sheet *s, struct text t) MUST_USE;
int sheet_number(struct sheet *s, uint64_t v) MUST_USE;
int sheet_empty(struct sheet *s) MUST_USE;
/* Fills up with empty cells. */
int sheet_end_row(struct sheet *s) MUST_USE;
int sheet_end(struct sheet *s) MUST_USE;

/* ---- the same care for other media ---- */

/* Appends `t` for a screen, a file or a page: valid UTF-8 only (other bytes become U+FFFD), and
 * what does not show or would move other text is spelled out: control characters as \x1b,
 * bidirectional, zero-width and other format characters as \u202e. */
int sheet_put_shown(struct buf *dst, struct text t) MUST_USE;

/* Appends `t` as sheet_put_shown does, with & < > " ' as entities: for element content and quoted
 * attributes. */
int sheet_put_html(struct buf *dst, struct text t) MUST_USE;

/* Appends one CSV cell, always quoted. A cell that a spreadsheet could take for a formula gets an
 * apostrophe in front. */
int sheet_put_csv(struct buf *dst, struct text t) MUST_USE;

/* Columns that `t` takes on a terminal, as sheet_put_shown wrote it: combining marks 0, East Asian
 * wide characters and emoji 2. */
size_t sheet_width(struct text t);

#endif
