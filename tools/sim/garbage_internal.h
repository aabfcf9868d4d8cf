/* SPDX-License-Identifier: Apache-2.0
 * Between garbage.c (parsing and building of messages) and garbage_classes.c (replacements). A case
 * is made in two steps: garbage_put... writes a new value, then garbage_replace puts it in the
 * place of an old one, or garbage_replace_all of the whole message. */
#ifndef PLATEN_SIM_GARBAGE_INTERNAL_H
#define PLATEN_SIM_GARBAGE_INTERNAL_H

#include "tools/sim/garbage.h"

/* Appends to the new value, truncated to GARBAGE_PIECE. */
void garbage_put(struct garbage *g, const void *bytes, size_t n);
void garbage_put_byte(struct garbage *g, unsigned byte);
void garbage_put_head(struct garbage *g, unsigned tag, size_t len);
void garbage_put_contents(struct garbage *g, const struct garbage_node *n);

/* `is_fitted`: corrects the lengths around the new value; else they stay. */
void garbage_replace(struct garbage *g, size_t node, bool is_fitted);
void garbage_replace_all(struct garbage *g);

/* `number` is below the class's cases. */
void garbage_class_make(struct garbage *g, enum garbage_class c, size_t number);

#endif
