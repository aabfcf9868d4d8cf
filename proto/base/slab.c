/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/slab.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int slab_open(struct slab *s, size_t object_bytes, size_t max)
{
	size_t size = (object_bytes + 15) & ~(size_t)15;
	*s = (struct slab){.size = size, .max = max};
	if (max == 0)
		return 0;
	if (size > SIZE_MAX / 2 / max)
		return -ENOMEM;
	s->map_bytes = size * max;
	void *base = mmap(NULL, s->map_bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return -ENOMEM;
	s->base = base;
	return 0;
}

void slab_close(struct slab *s)
{
	if (s->base != NULL)
		(void)munmap(s->base, s->map_bytes);
	*s = (struct slab){0};
}

void *slab_take(struct slab *s)
{
	void *object;
	if (s->free_list != NULL) {
		object = s->free_list;
		memcpy(&s->free_list, object, sizeof s->free_list);
	} else if (s->fresh < s->max) {
		object = s->base + s->size * s->fresh++;
	} else {
		return NULL;
	}
	if (++s->used > s->peak)
		s->peak = s->used;
	return object;
}

void slab_give(struct slab *s, void *object)
{
	assert((uint8_t *)object >= s->base && (uint8_t *)object < s->base + s->map_bytes);
	assert(s->used > 0);
	memcpy(object, &s->free_list, sizeof s->free_list);
	s->free_list = object;
	s->used--;
}
