/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/scan_order.h"

#include "proto/base/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 4, WIDTH_V4 = 4, WIDTH_V6 = 16 };

static size_t width_of(const struct conf_range *r)
{
	return r->is_v6 ? WIDTH_V6 : WIDTH_V4;
}

/* How far `address` lies behind `first`; SIZE_MAX: before it, or further than any range reaches. */
static size_t distance(const uint8_t *first, const uint8_t *address, size_t width)
{
	uint64_t low[2] = {0, 0};
	if (memcmp(address, first, width) < 0 ||
		(width == WIDTH_V6 && memcmp(address, first, 8) != 0))
		return SIZE_MAX;
	for (size_t i = width == WIDTH_V6 ? 8 : 0; i < width; i++) {
		low[0] = low[0] << 8 | first[i];
		low[1] = low[1] << 8 | address[i];
	}
	return low[1] - low[0] > UINT32_MAX ? SIZE_MAX : (size_t)(low[1] - low[0]);
}

/* ---- the ranges ------------------------------------------------------------------------- */

static int by_place(const void *left, const void *right)
{
	const struct scan_range *a = left, *b = right;
	if (a->addresses.is_v6 != b->addresses.is_v6)
		return a->addresses.is_v6 ? 1 : -1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->addresses.scope != b->addresses.scope)
		return a->addresses.scope < b->addresses.scope ? -1 : 1;
	int order = memcmp(a->addresses.first, b->addresses.first, width_of(&a->addresses));
	if (order != 0)
		return order;
	return a->addresses.count > b->addresses.count ? -1 : 1;
}

static uint32_t asked_in(const struct scan_range *r)
{
	return r->addresses.count - r->skipped;
}

/* Addresses of the range before are left out of this one. */
static void skip_common(struct scan_range *r, const struct scan_range *before)
{
	if (before->addresses.is_v6 != r->addresses.is_v6 || before->port != r->port ||
		before->addresses.scope != r->addresses.scope)
		return;
	size_t at = distance(before->addresses.first, r->addresses.first, width_of(&r->addresses));
	if (at >= before->addresses.count)
		return;
	size_t common = before->addresses.count - at;
	r->skipped = common < r->addresses.count ? (uint32_t)common : r->addresses.count;
}

int scan_order_open(
	struct scan_order *o, const struct scan_range *ranges, size_t count, struct sip_key key)
{
	*o = (struct scan_order){.key = key, .half_bits = 1};
	o->ranges = calloc(count > 0 ? count : 1, sizeof o->ranges[0]);
	if (o->ranges == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(o->ranges, ranges, count * sizeof ranges[0]);
	qsort(o->ranges, count, sizeof o->ranges[0], by_place);
	/* The one that reaches furthest so far is the one to compare with. */
	const struct scan_range *furthest = NULL;
	for (size_t i = 0; i < count; i++) {
		struct scan_range *r = &o->ranges[i];
		r->skipped = 0;
		if (furthest != NULL)
			skip_common(r, furthest);
		if (asked_in(r) == 0)
			continue;
		if (asked_in(r) > LIMIT_SCAN_ADDRESSES - o->count) {
			scan_order_close(o);
			return ERR_LIMIT;
		}
		r->begins = o->count;
		o->count += asked_in(r);
		o->ranges[o->range_count] = *r;
		furthest = &o->ranges[o->range_count++];
	}
	while (UINT64_C(1) << 2 * o->half_bits < o->count)
		o->half_bits++;
	return 0;
}

void scan_order_close(struct scan_order *o)
{
	free(o->ranges);
	*o = (struct scan_order){.ranges = NULL};
}

/* ---- the order -------------------------------------------------------------------------- */

static uint32_t shuffled(const struct scan_order *o, uint32_t i)
{
	uint32_t mask = (1u << o->half_bits) - 1;
	uint32_t left = i >> o->half_bits, right = i & mask;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t next = left ^ ((uint32_t)sip_hash2(&o->key, round, right) & mask);
		left = right;
		right = next;
	}
	return left << o->half_bits | right;
}

uint32_t scan_order_nth(const struct scan_order *o, uint32_t i)
{
	/* At most four times as many numbers as addresses: a few steps, and it always ends, as a
	 * permutation comes back to where it began. */
	do
		i = shuffled(o, i);
	while (i >= o->count);
	return i;
}

const struct scan_range *scan_order_at(const struct scan_order *o, uint32_t number, void *dst)
{
	size_t low = 0, high = o->range_count;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (o->ranges[middle].begins <= number)
			low = middle;
		else
			high = middle;
	}
	const struct scan_range *r = &o->ranges[low];
	conf_range_at(&r->addresses, number - r->begins + r->skipped, r->port, dst);
	return r;
}

bool scan_order_find(const struct scan_order *o, const struct sockaddr *sa, uint32_t *ret_number)
{
	bool is_v6 = sa->sa_family == AF_INET6;
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	struct scan_range key = {.port = ntohs(is_v6 ? in6->sin6_port : in4->sin_port),
		.addresses = {.is_v6 = is_v6, .count = 0, .scope = is_v6 ? in6->sin6_scope_id : 0}};
	memcpy(key.addresses.first, is_v6 ? (const void *)&in6->sin6_addr : &in4->sin_addr,
		is_v6 ? WIDTH_V6 : WIDTH_V4);
	/* The last range that does not begin behind it. A range of no addresses sorts behind every
	 * other one that begins there. */
	size_t low = 0, high = o->range_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (by_place(&o->ranges[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* Ranges that reach into each other: the earlier one has it. */
	for (size_t i = low; i > 0; i--) {
		const struct scan_range *r = &o->ranges[i - 1];
		if (r->addresses.is_v6 != is_v6 || r->port != key.port ||
			r->addresses.scope != key.addresses.scope)
			return false;
		size_t at =
			distance(r->addresses.first, key.addresses.first, width_of(&r->addresses));
		if (at >= r->addresses.count)
			return false; /* each range reaches further than those before it */
		if (at >= r->skipped) {
			*ret_number = r->begins + (uint32_t)at - r->skipped;
			return true;
		}
	}
	return false;
}

/* ---- how fast --------------------------------------------------------------------------- */

enum { THOUSAND = 1000 };

void scan_rate_begin(struct scan_rate *r, uint32_t per_s, uint64_t now_ms)
{
	*r = (struct scan_rate){.per_s = per_s, .at_ms = now_ms, .thousandths = THOUSAND};
}

uint32_t scan_rate_allows(struct scan_rate *r, uint64_t now_ms)
{
	uint64_t most = (uint64_t)r->per_s * LIMIT_SCAN_BURST_MS + THOUSAND;
	if (now_ms > r->at_ms) {
		uint64_t passed = now_ms - r->at_ms;
		passed = passed < 1000000 ? passed : 1000000;
		r->thousandths += passed * r->per_s;
		r->at_ms = now_ms;
	}
	r->thousandths = r->thousandths < most ? r->thousandths : most;
	return (uint32_t)(r->thousandths / THOUSAND);
}

void scan_rate_took(struct scan_rate *r, uint32_t count)
{
	uint64_t cost = (uint64_t)count * THOUSAND;
	r->thousandths -= cost < r->thousandths ? cost : r->thousandths;
}
