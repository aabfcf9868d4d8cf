/* SPDX-License-Identifier: Apache-2.0
 * BER of an SNMP agent (X.690, RFC 3417 section 8): small writers into buffers sized by the caller,
 * and a decoder that checks each length. Independent of the product's codec, so that an error on
 * one side shows on the other. */
#ifndef PLATEN_SIM_BER_H
#define PLATEN_SIM_BER_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes that a definite length takes. */
static inline size_t ber_len_size(size_t len)
{
	return len < 0x80 ? 1 : len < 0x100 ? 2 : 3;
}

/* Writes a length below 65,536; returns the bytes written (1..3). */
static inline size_t ber_put_len(uint8_t *dst, size_t len)
{
	if (len < 0x80) {
		dst[0] = (uint8_t)len;
		return 1;
	}
	if (len < 0x100) {
		dst[0] = 0x81;
		dst[1] = (uint8_t)len;
		return 2;
	}
	dst[0] = 0x82;
	dst[1] = (uint8_t)(len >> 8);
	dst[2] = (uint8_t)len;
	return 3;
}

/* Contents of an unsigned 32-bit value in the fewest bytes; returns 1..5. */
static inline size_t ber_put_u32(uint8_t *dst, uint32_t v)
{
	size_t n = v < 0x80 ? 1 : v < 0x8000 ? 2 : v < 0x800000 ? 3 : v < 0x80000000u ? 4 : 5;
	uint64_t wide = v;
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)(wide >> (8 * (n - 1 - i)));
	return n;
}

/* Contents of a signed or an unsigned 64-bit value in the fewest bytes; 1..8 and 1..9. */
size_t ber_put_i64(uint8_t *dst, int64_t v);
size_t ber_put_u64(uint8_t *dst, uint64_t v);

struct ber_in {
	const uint8_t *p;
	const uint8_t *end;
};

/* The next value with this tag: its contents become *ret and `in` moves behind it. */
int ber_take(struct ber_in *in, uint8_t tag, struct ber_in *ret) MUST_USE;

/* The next value with any tag below 0xff. */
int ber_take_any(struct ber_in *in, uint8_t *tag, struct ber_in *ret) MUST_USE;

/* An INTEGER of at most 4 significant bytes. */
int ber_take_i32(struct ber_in *in, int32_t *ret) MUST_USE;

#endif
