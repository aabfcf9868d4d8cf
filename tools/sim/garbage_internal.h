/* SPDX-License-Identifier: Apache-2.0
 * Between garbage.c, which takes a message apart and together, and garbage_classes.c, which knows
 * what hurts. A case is made in two steps: a new value is written with garbage_put..., then
 * garbage_replace puts it in the place of an old one (or garbage_replace_all makes it the message).
 */
#ifndef PLATEN_SIM_GARBAGE_INTERNAL_H
#define PLATEN_SIM_GARBAGE_INTERNAL_H

#include "tools/sim/garbage.h"

/* Appends to the new value; what does not fit is left out. */
void garbage_put(struct garbage *g, const void *bytes, size_t n);
void garbage_put_byte(struct garbage *g, unsigned byte);
void garbage_put_head(struct garbage *g, unsigned tag, size_t len);
void garbage_put_contents(struct garbage *g, const struct garbage_node *n);

/* `is_fitted`: the lengths around the new value follow; else they stay as they were. */
void garbage_replace(struct garbage *g, size_t node, bool is_fitted);
void garbage_replace_all(struct garbage *g);

/* `number` is below the class's cases. */
void garbage_class_make(struct garbage *g, enum garbage_class c, size_t number);

#endif
