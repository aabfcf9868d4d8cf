/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/arena.h"

#include <string.h>

struct arena_block {
	struct arena_block *older;
	uint64_t bytes[];
};

void arena_open(struct arena *a, struct slab *slab, unsigned max_blocks)
{
	*a = (struct arena){.slab = slab, .max_blocks = max_blocks};
}

void arena_close(struct arena *a)
{
	while (a->block != NULL) {
		struct arena_block *older = a->block->older;
		slab_give(a->slab, a->block);
		a->block = older;
	}
	a->used = 0;
	a->blocks = 0;
	a->is_full = false;
}

static char *take_bytes(struct arena *a, size_t n)
{
	size_t capacity = a->slab->size - sizeof(struct arena_block);
	bool fits = n <= capacity;
	n = (n + 7) & ~(size_t)7;
	if (!fits || a->block == NULL || n > capacity - a->used) {
		struct arena_block *block =
			fits && a->blocks < a->max_blocks ? slab_take(a->slab) : NULL;
		if (block == NULL) {
			a->is_full = true;
			return NULL;
		}
		block->older = a->block;
		a->block = block;
		a->used = 0;
		a->blocks++;
	}
	char *at = (char *)a->block->bytes + a->used;
	a->used += n;
	return at;
}

void *arena_take(struct arena *a, size_t n)
{
	char *at = take_bytes(a, n);
	if (at != NULL)
		memset(at, 0, n);
	return at;
}

char *arena_copy(struct arena *a, const void *bytes, size_t n)
{
	if (n == SIZE_MAX)
		return NULL;
	char *at = take_bytes(a, n + 1);
	if (at == NULL)
		return NULL;
	if (n > 0)
		memcpy(at, bytes, n);
	at[n] = '\0';
	return at;
}
