/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/sip.h"

static uint64_t rotated(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static void rounds(uint64_t v[4], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		v[0] += v[1];
		v[1] = rotated(v[1], 13) ^ v[0];
		v[0] = rotated(v[0], 32);
		v[2] += v[3];
		v[3] = rotated(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotated(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotated(v[1], 17) ^ v[2];
		v[2] = rotated(v[2], 32);
	}
}

static void begin(uint64_t v[4], const struct sip_key *key)
{
	v[0] = key->k[0] ^ UINT64_C(0x736f6d6570736575);
	v[1] = key->k[1] ^ UINT64_C(0x646f72616e646f6d);
	v[2] = key->k[0] ^ UINT64_C(0x6c7967656e657261);
	v[3] = key->k[1] ^ UINT64_C(0x7465646279746573);
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

static uint64_t end(uint64_t v[4])
{
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct sip_key sip_key_of(const uint8_t bytes[16])
{
	return (struct sip_key){{little(bytes, 8), little(bytes + 8, 8)}};
}

uint64_t sip_hash(const struct sip_key *key, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t v[4];
	size_t at = 0;
	begin(v, key);
	for (; at + 8 <= len; at += 8)
		take(v, little(p + at, 8));
	uint64_t last = (uint64_t)(len & 0xff) << 56;
	take(v, len > at ? last | little(p + at, len - at) : last);
	return end(v);
}

uint64_t sip_hash2(const struct sip_key *key, uint64_t a, uint64_t b)
{
	uint64_t v[4];
	begin(v, key);
	take(v, a);
	take(v, b);
	take(v, UINT64_C(16) << 56);
	return end(v);
}
