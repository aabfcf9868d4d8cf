/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/addresses.h"

#include "tools/sim/fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FOR_SPREAD = 0x59fead, FOR_MIX = 0x313 };

static size_t first_slot(const struct addresses *p, uint32_t address)
{
	return (size_t)(fleet_hash(address, 0)) & p->mask;
}

long addresses_find_slow(const struct addresses *p, uint32_t address)
{
	for (size_t i = first_slot(p, address); p->slot[i].address != 0; i = (i + 1) & p->mask)
		if (p->slot[i].address == address)
			return (long)p->slot[i].number;
	return -1;
}

static void put(struct addresses *p, uint32_t address, size_t number)
{
	size_t i = first_slot(p, address);
	while (p->slot[i].address != 0)
		i = (i + 1) & p->mask;
	p->slot[i].address = address;
	p->slot[i].number = (uint32_t)number;
}

/* A free address of the network, neither its first nor its last one. */
static uint32_t free_address(
	const struct addresses *p, const struct addresses_options *o, size_t number)
{
	for (uint64_t k = 0;; k++) {
		uint64_t h = fleet_hash(o->seed ^ FOR_SPREAD, number + (k << 32));
		uint32_t address = o->network + 1 + (uint32_t)(h % (o->spread_size - 2));
		if (addresses_find_slow(p, address) < 0)
			return address;
	}
}

/* Fisher-Yates shuffle. */
static void mix(struct addresses *p, uint64_t seed)
{
	for (size_t i = p->count; i > 1; i--) {
		size_t k = (size_t)(fleet_hash(seed ^ FOR_MIX, i) % i);
		uint32_t keep = p->of[i - 1];
		p->of[i - 1] = p->of[k];
		p->of[k] = keep;
	}
}

static int allocate(struct addresses *p)
{
	size_t all = p->count + p->second_count, size = 64;
	while (size < 2 * all)
		size *= 2;
	p->mask = size - 1;
	p->of = calloc(p->count, sizeof *p->of);
	p->second = calloc(p->second_count + 1, sizeof *p->second);
	p->slot = calloc(size, sizeof *p->slot);
	return p->of == NULL || p->second == NULL || p->slot == NULL ? -ENOMEM : 0;
}

int addresses_open(struct addresses *p, const struct addresses_options *o)
{
	*p = (struct addresses){.base = o->base, .count = o->count};
	p->second_count = o->second < o->count ? o->second : o->count;
	if (o->spread_size == 0 && !o->is_mixed && p->second_count == 0)
		return 0;
	/* The network is at most half full, so that few attempts find a free address. */
	if (o->spread_size != 0 && (p->count + p->second_count) * 2 > o->spread_size)
		return ERR_FULL;
	if (allocate(p) < 0) {
		addresses_close(p);
		return -ENOMEM;
	}
	for (size_t i = 0; i < p->count && o->spread_size == 0; i++)
		p->of[i] = o->base + (uint32_t)i;
	if (o->is_mixed && o->spread_size == 0)
		mix(p, o->seed);
	for (size_t i = 0; i < p->count; i++) {
		if (o->spread_size != 0)
			p->of[i] = free_address(p, o, i);
		put(p, p->of[i], i);
	}
	for (size_t i = 0; i < p->second_count; i++) {
		p->second[i] = o->spread_size != 0 ? free_address(p, o, p->count + i)
						   : o->base + (uint32_t)(p->count + i);
		put(p, p->second[i], i);
	}
	return 0;
}

void addresses_close(struct addresses *p)
{
	free(p->of);
	free(p->second);
	free(p->slot);
	*p = (struct addresses){0};
}
