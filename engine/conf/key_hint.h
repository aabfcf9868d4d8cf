/* SPDX-License-Identifier: Apache-2.0
 * "Did you mean": which key of a table a misspelled one is closest to. Pure. */
#ifndef PLATEN_CONF_KEY_HINT_H
#define PLATEN_CONF_KEY_HINT_H

#include "engine/conf/table.h"
#include "proto/base/str.h"

#include <stddef.h>

/* Writes "; did you mean "x"?" or another hint about `name`, met in `section` (length 0: at the
 * top) of the table; or nothing. */
void conf_closest_hint(char *dst, size_t cap, const struct conf_table *t, const char *section,
	size_t section_len, const char *name);

#endif
