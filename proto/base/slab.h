/* SPDX-License-Identifier: Apache-2.0
 * Objects of one size, at most `max` of them. The address space is reserved at open and a page
 * is only touched when an object in it is first taken, so the resident size follows the peak use
 * and has a known ceiling: slab_ceiling(). Objects come back zeroed only the first time. */
#ifndef PLATEN_BASE_SLAB_H
#define PLATEN_BASE_SLAB_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct slab {
	uint8_t *base;
	void *free_list;  /* last given back, first taken again: the warm ones */
	size_t size;      /* of one object, rounded up to 16 */
	size_t max;       /* objects */
	size_t fresh;     /* objects taken at least once */
	size_t used;      /* objects out now */
	size_t peak;      /* most objects ever out */
	size_t map_bytes; /* reserved */
};

/* 0 or -ENOMEM. */
int slab_open(struct slab *s, size_t object_bytes, size_t max) MUST_USE;
void slab_close(struct slab *s);

/* An object, or NULL when `max` are out. Its content is what it was when given back. */
void *slab_take(struct slab *s) MUST_USE;
void slab_give(struct slab *s, void *object);

static inline size_t slab_left(const struct slab *s)
{
	return s->max - s->used;
}

/* The most bytes that this slab can ever make resident. */
static inline size_t slab_ceiling(const struct slab *s)
{
	return s->map_bytes;
}

#endif
