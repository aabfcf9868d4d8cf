/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/unicode.h"

uint32_t text_next_char(struct text *t)
{
	const uint8_t *p = (const uint8_t *)t->p;
	size_t n = str_char_bytes(p, t->len);
	uint32_t c = n == 0 ? CHAR_NONE : n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	n = n == 0 ? 1 : n;
	t->p += n;
	t->len -= n;
	return c;
}

bool char_is_in(uint32_t c, const struct char_range *ranges, size_t count)
{
	for (size_t i = 0; i < count && ranges[i].first <= c; i++) {
		if (c <= ranges[i].last)
			return true;
	}
	return false;
}

bool char_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool char_is_hidden(uint32_t c)
{
	static const struct char_range hidden[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x600, 0x605},
		{0x61c, 0x61c}, {0x6dd, 0x6dd}, {0x70f, 0x70f}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
		{0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
		{0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
		{0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff},
		{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};
	return CHAR_IS_IN(c, hidden);
}
