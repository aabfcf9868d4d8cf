/* SPDX-License-Identifier: Apache-2.0
 * A reading to be shown, whose texts the test chooses, and the text that is printed of it. */
#ifndef PLATEN_TESTS_KIT_UI_FIXTURE_H
#define PLATEN_TESTS_KIT_UI_FIXTURE_H

#include "proto/reading/reading.h"

#include <stdint.h>
#include <stdio.h>

/* A text of the reading. */
struct text ui_fixture_text(struct reading *r, const char *text);

/* A toner cartridge with at most 26000 impressions. */
void ui_fixture_add_supply(struct reading *r, uint32_t index, const char *colorant, int32_t level);

/* An alert of the marker supplies: toner almost empty. */
void ui_fixture_add_alert(struct reading *r, uint32_t index, int severity, const char *description);

/* Opens a reading of an idle printer with meters, two supplies and two alerts; `evil` stands in
 * every text that a printer chooses. The caller closes it. */
void ui_fixture_fill(struct reading *r, struct slab *blocks, const char *evil);

/* The printed text with its NUL; the caller frees it. `want` is the result of `print`. */
char *ui_fixture_print(int (*print)(FILE *out, const void *arg), const void *arg, int want);

#endif
