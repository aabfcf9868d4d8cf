/* SPDX-License-Identifier: Apache-2.0
 * Object identifiers in two shapes: as numbers (struct oid) for tables and people, and as the BER
 * bytes of the wire (struct oid_ber), which compare and match without being decoded.
 * RFC 2578 (at most 128 sub-identifiers below 2^32), X.690 8.19 (encoding). */
#ifndef PLATEN_SMI_OID_H
#define PLATEN_SMI_OID_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct oid {
	uint16_t len; /* sub-identifiers in use */
	uint32_t sub[LIMIT_OID_SUBIDS];
};

/* The contents bytes of an OID in BER; not owned. */
struct oid_ber {
	const uint8_t *p;
	size_t len;
};

/* "1.3.6.1.2.1" or ".1.3.6.1.2.1". 0, ERR_FORMAT, ERR_RANGE or ERR_LIMIT. */
int oid_from(struct oid *o, struct text text) MUST_USE;
int oid_from_text(struct oid *o, const char *text) MUST_USE;

/* Dotted, without a leading dot, cut to cap. Returns the length that was written. */
size_t oid_to_text(char *dst, size_t cap, const struct oid *o);

bool oid_has_prefix(const struct oid *o, const struct oid *prefix);

/* Bytes written (contents only, no tag and length), or ERR_FULL, or ERR_RANGE (first two
 * sub-identifiers cannot be encoded, or fewer than two). */
int oid_encode(uint8_t *dst, size_t cap, const struct oid *o) MUST_USE;

/* 0, or ERR_FORMAT (cut in the middle of a sub-identifier, or padded), ERR_RANGE (over 2^32 - 1),
 * ERR_LIMIT (over 128 sub-identifiers). */
int oid_decode(struct oid *o, struct oid_ber ber) MUST_USE;

/* Order of two encoded OIDs by sub-identifier, without decoding. Both must be well formed (a view
 * that varbind or oid_encode made). */
int oid_ber_compare(struct oid_ber a, struct oid_ber b);
static inline bool oid_ber_has_prefix(struct oid_ber o, struct oid_ber prefix)
{
	return o.len >= prefix.len && (prefix.len == 0 || memcmp(o.p, prefix.p, prefix.len) == 0);
}

static inline bool oid_ber_is_equal(struct oid_ber a, struct oid_ber b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Whether the bytes are a well-formed OID: what oid_decode would accept. */
int oid_ber_check(struct oid_ber ber) MUST_USE;

/* Up to `max` sub-identifiers of an encoded tail (the index part behind a prefix). Returns how
 * many there were, or ERR_FORMAT / ERR_RANGE / ERR_LIMIT when there are more than `max`. */
int oid_ber_tail(uint32_t *sub, size_t max, const uint8_t *p, size_t len) MUST_USE;

/* Appends one sub-identifier in base 128; returns bytes written (1..5). dst has room for 5. */
size_t oid_put_sub(uint8_t *dst, uint32_t sub);

#endif
