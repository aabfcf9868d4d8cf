/* SPDX-License-Identifier: Apache-2.0
 * A digest of bytes for tables and for comparing states, where no attacker who could gain
 * by it chooses the bytes (else: proto/base/sip.h). FNV-1a, whose last bytes hardly move the middle
 * bits, and a finaliser (that of MurmurHash3), so that any bits of the result may be an index. */
#ifndef PLATEN_BASE_HASH_H
#define PLATEN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a itself, in digests that are stored. */
#define FNV1A_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv1a(uint64_t before, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < n; i++)
		before = (before ^ p[i]) * UINT64_C(0x100000001b3);
	return before;
}

/* `seed`: 0, or what was made of the bytes before. */
static inline uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t n)
{
	uint64_t h = fnv1a(seed ^ FNV1A_START, bytes, n);
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}

#endif
