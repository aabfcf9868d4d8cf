/* SPDX-License-Identifier: Apache-2.0
 * The tables of view_parts.c, for view_text.c: one each, with its names also when it is empty. 0,
 * -EIO, -ENOMEM or ERR_FULL. */
#ifndef PLATEN_UI_VIEW_INTERNAL_H
#define PLATEN_UI_VIEW_INTERNAL_H

#include "engine/ui/view.h"

/* A cell "DEVICE.INDEX". */
void view_index(struct table *t, uint32_t device, uint32_t index);

int view_options(FILE *out, const struct reading *r) MUST_USE;
int view_settings(FILE *out, const struct reading *r) MUST_USE;
int view_subunits(FILE *out, const struct reading *r) MUST_USE;
int view_maintenance(FILE *out, const struct reading *r) MUST_USE;

#endif
