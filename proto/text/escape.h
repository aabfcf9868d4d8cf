/* SPDX-License-Identifier: Apache-2.0
 * Text from outside, escaped for its destination: never an escape sequence of a terminal, markup,
 * or a formula of a spreadsheet, and never an invisible or reordering character. Bytes that are not
 * UTF-8 become U+FFFD in all of them. */
#ifndef PLATEN_TEXT_ESCAPE_H
#define PLATEN_TEXT_ESCAPE_H

#include "proto/base/str.h"
#include "proto/base/writer.h"

#include <stddef.h>

/* For a terminal or a text file: control characters become \x1b, bidirectional, zero-width and
 * other format characters \u202e. */
void writer_shown(struct writer *w, struct text t);

/* For element content and quoted attributes: as writer_shown, with & < > " ' as entities. */
void writer_html(struct writer *w, struct text t);

/* One CSV cell (RFC 4180), always in quotes. A cell that a spreadsheet could evaluate as a formula
 * gets an apostrophe in front. */
void writer_csv(struct writer *w, struct text t);

/* Terminal columns of `t`: combining marks 0, East Asian wide characters and emoji 2. */
size_t text_columns(struct text t);
/* The front of `t` that fits into so many columns. */
struct text text_cut(struct text t, size_t columns);

#endif
