/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/core/crc.h"

#include <stdbool.h>
#include <string.h>

static uint32_t by_table(uint32_t crc, const uint8_t *p, size_t n)
{
	static uint32_t table[256];
	static bool is_ready;
	if (!is_ready) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;
			for (int k = 0; k < 8; k++)
				c = (c & 1) != 0 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
			table[i] = c;
		}
		is_ready = true;
	}
	while (n-- > 0)
		crc = (crc >> 8) ^ table[(crc ^ *p++) & 0xff];
	return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t by_instruction(
	uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t c = crc;
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t word;
		memcpy(&word, p, sizeof word);
		c = _mm_crc32_u64(c, word);
	}
	crc = (uint32_t)c;
	while (n-- > 0)
		crc = _mm_crc32_u8(crc, *p++);
	return crc;
}
#endif

uint32_t crc32c(uint32_t before, const void *bytes, size_t n)
{
	uint32_t crc = ~before;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return ~by_instruction(crc, bytes, n);
#endif
	return ~by_table(crc, bytes, n);
}
