/* SPDX-License-Identifier: Apache-2.0
 * Addresses of the devices: consecutive from a base, shuffled among these, or spread over a
 * network; some devices have a second one. One seed gives the same addresses each time. */
#ifndef PLATEN_SIM_ADDRESSES_H
#define PLATEN_SIM_ADDRESSES_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct addresses_options {
	uint32_t base; /* host order */
	size_t count;
	size_t second; /* number of devices, from the first, with a second address */
	uint64_t seed;
	uint32_t network;     /* first of spread_size addresses */
	uint32_t spread_size; /* 0: consecutive addresses */
	bool is_mixed;
};

struct addresses {
	uint32_t base;
	size_t count;
	size_t second_count;
	uint32_t *of;     /* address by number; NULL: base + number */
	uint32_t *second; /* of the first second_count */
	struct address_slot {
		uint32_t address; /* 0: empty */
		uint32_t number;
	} * slot; /* by hash of the address */
	size_t mask;
};

/* 0, -ENOMEM, or ERR_FULL when the network is too small for them. */
int addresses_open(struct addresses *p, const struct addresses_options *o) MUST_USE;
void addresses_close(struct addresses *p);

static inline uint32_t addresses_get(const struct addresses *p, size_t number)
{
	return p->of == NULL ? p->base + (uint32_t)number : p->of[number];
}

/* Number of the device with this address, or -1. */
long addresses_find_slow(const struct addresses *p, uint32_t address);
static inline long addresses_find(const struct addresses *p, uint32_t address)
{
	if (p->slot != NULL)
		return addresses_find_slow(p, address);
	return address - p->base < p->count ? (long)(address - p->base) : -1;
}

#endif
