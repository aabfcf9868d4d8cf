/* SPDX-License-Identifier: Apache-2.0
 * Output for people on a terminal: tables and one reading in full. Text from outside passes
 * writer_shown, so a printer cannot send an escape sequence to the terminal. */
#ifndef PLATEN_UI_VIEW_H
#define PLATEN_UI_VIEW_H

#include "proto/base/err.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"
#include "proto/text/table.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Begins a table of a terminal or a text file: bold names and the terminal's width (COLUMNS, or the
 * size of the terminal) where there is one. Its rows and its end are those of proto/text/table.h.
 */
void view_table(struct table *t, FILE *out, const char *const *names, size_t columns);

/* One reading in full: identity, state, the completeness of each group, and a table of each kind of
 * rows that it has. 0, -ENOMEM, or -errno of the stream. */
int view_reading_text(FILE *out, const struct reading *r) MUST_USE;

/* The same, or one JSON object on one line (docs/json.md), on stdout: the output of `platen poll`
 * and `platen read`. */
int view_reading(const struct reading *r, bool is_json) MUST_USE;

/* A short text for one cell of a table: "72 %", "some", "12000 impressions". */
size_t view_level(char *dst, size_t cap, const struct supply *s);
/* The colorant of toner, ink, wax or ribbon. Of other supplies the description, or the type, behind
 * the colorant if it does not name one: a drum unit is never taken for a toner. Composed in dst. */
#define VIEW_SUPPLY_NAME 160
struct text view_supply_name(const struct supply *s, char dst[VIEW_SUPPLY_NAME]);
/* "black 72 %; cyan low", cut with "and 3 more". */
void view_supplies(struct writer *w, const struct reading *r);
/* Its description, or the name of its code, or of its group. Composed in dst. */
struct text view_alert_words(const struct alert *a, char dst[ALERT_CODE_NAME]);
/* "fault: Paper jam; warning: Toner low", faults first; without what is only a state (alert_kind).
 */
void view_alerts(struct writer *w, const struct reading *r);

/* "3 min ago", "in 2 h", "now", "never" (at_ms 0). */
void view_age(char dst[32], uint64_t at_ms, uint64_t now_ms);

#endif
