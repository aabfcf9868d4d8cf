/* SPDX-License-Identifier: Apache-2.0
 * Which addresses a scan asks, and in which order. The ranges are laid end to end and numbered; the
 * order is a keyed permutation of the numbers (a Feistel network that walks until it is back in
 * range), so that no subnet is asked in a row and no list of addresses is held. Pure. */
#ifndef PLATEN_FLEET_SCAN_ORDER_H
#define PLATEN_FLEET_SCAN_ORDER_H

#include "engine/conf/range.h"
#include "proto/base/err.h"
#include "proto/base/sip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan_range {
	struct conf_range addresses;
	uint16_t port;
	bool allows_v1;   /* SNMPv1 where nothing else answered */
	uint32_t begins;  /* scan_order: the number of its first address */
	uint32_t skipped; /* scan_order: at its front, as an earlier range has them */
};

struct scan_order {
	struct scan_range *ranges; /* sorted; nothing is in two of them */
	size_t range_count;
	uint32_t count; /* addresses in all */
	unsigned half_bits;
	struct sip_key key;
};

/* Takes the ranges (the caller's array is not needed afterwards). The same address and port in two
 * of them is asked once. ERR_LIMIT: more than LIMIT_SCAN_ADDRESSES. */
int scan_order_open(struct scan_order *o, const struct scan_range *ranges, size_t count,
	struct sip_key key) MUST_USE;
void scan_order_close(struct scan_order *o);

/* The number of the address that is asked as the i-th, i < count. */
uint32_t scan_order_nth(const struct scan_order *o, uint32_t i);

/* The address with this number; `dst` has room for a sockaddr_in6. Returns its range. */
const struct scan_range *scan_order_at(const struct scan_order *o, uint32_t number, void *dst);

/* False: not one of ours. */
bool scan_order_find(const struct scan_order *o, const struct sockaddr *sa, uint32_t *ret_number);

/* ---- how fast ---- */

/* A token bucket. */
struct scan_rate {
	uint32_t per_s;
	uint64_t at_ms;
	uint64_t thousandths; /* of a token */
};

void scan_rate_begin(struct scan_rate *r, uint32_t per_s, uint64_t now_ms);

/* How many may leave now. A pause saves up no more than LIMIT_SCAN_BURST_MS is worth, and one
 * more. */
uint32_t scan_rate_allows(struct scan_rate *r, uint64_t now_ms);
void scan_rate_took(struct scan_rate *r, uint32_t count);

#endif
