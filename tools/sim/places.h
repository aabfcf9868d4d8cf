/* SPDX-License-Identifier: Apache-2.0
 * Which device has which address: consecutive ones from a base, shuffled among these, or spread
 * over a network; some have a second one. What the seed decides is the same each time. */
#ifndef PLATEN_SIM_PLACES_H
#define PLATEN_SIM_PLACES_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct places_options {
	uint32_t base; /* host order */
	size_t count;
	size_t second; /* the first so many devices have a second address */
	uint64_t seed;
	uint32_t network;     /* of spread_size addresses, the first of which is this */
	uint32_t spread_size; /* 0: consecutive addresses */
	bool is_mixed;
};

struct places {
	uint32_t base;
	size_t count;
	size_t second_count;
	uint32_t *of;     /* address by number; NULL: base + number */
	uint32_t *second; /* of the first second_count */
	struct place_slot {
		uint32_t address; /* 0: empty */
		uint32_t number;
	} * slot; /* by hash of the address */
	size_t mask;
};

/* 0, -ENOMEM, or ERR_FULL when the network is too small for them. */
int places_open(struct places *p, const struct places_options *o) MUST_USE;
void places_close(struct places *p);

static inline uint32_t places_address(const struct places *p, size_t number)
{
	return p->of == NULL ? p->base + (uint32_t)number : p->of[number];
}

/* Whose address it is, or -1. */
long places_find_slow(const struct places *p, uint32_t address);
static inline long places_find(const struct places *p, uint32_t address)
{
	if (p->slot != NULL)
		return places_find_slow(p, address);
	return address - p->base < p->count ? (long)(address - p->base) : -1;
}

#endif
