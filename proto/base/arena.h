/* SPDX-License-Identifier: Apache-2.0
 * Small things with one common end: they are cut one after the other from blocks of a slab and
 * all given back at once. Used for what one printer said. The number of blocks is bounded twice:
 * `max_blocks` for one arena, the slab's maximum for all of them. Nothing taken from it moves. */
#ifndef PLATEN_BASE_ARENA_H
#define PLATEN_BASE_ARENA_H

#include "proto/base/slab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
	struct slab *slab; /* of blocks; not owned */
	struct arena_block *block;
	size_t used; /* bytes of the newest block */
	unsigned blocks;
	unsigned max_blocks;
	bool is_full; /* something did not fit since arena_open or arena_close */
};

void arena_open(struct arena *a, struct slab *slab, unsigned max_blocks);

/* Gives every block back; the arena can be used again. Idempotent. */
void arena_close(struct arena *a);

/* Zeroed, aligned to 8. NULL when `n` does not fit a block or a maximum is reached. */
void *arena_take(struct arena *a, size_t n) MUST_USE;

/* A copy of n bytes with a NUL behind it, or NULL. */
char *arena_copy(struct arena *a, const void *bytes, size_t n) MUST_USE;

#endif
