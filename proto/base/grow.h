/* SPDX-License-Identifier: Apache-2.0
 * Lists that grow while a configuration or a command line is read: not on the path of a reading,
 * and with a maximum that their owner checks. */
#ifndef PLATEN_BASE_GROW_H
#define PLATEN_BASE_GROW_H

#include "proto/base/err.h"

#include <stddef.h>

/* Room for one more item behind `count` items of `size` bytes: `items`, or where they were moved
 * to. NULL: no memory; then nothing has changed. *cap is the room, in items. */
void *grow_by_one(void *items, size_t count, size_t *cap, size_t size) MUST_USE;

#endif
