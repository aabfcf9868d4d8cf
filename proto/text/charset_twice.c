/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/charset_internal.h"

#include "proto/base/str.h"

#include <string.h>

/* Windows-1252 from 0x80 to 0x9f; what it leaves empty stays a control. */
static const uint16_t windows_1252[32] = {0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
	0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018,
	0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153,
	0x009d, 0x017e, 0x0178};

/* ISO 8859-2 from 0xa0. */
static const uint16_t latin2[96] = {0x00a0, 0x0104, 0x02d8, 0x0141, 0x00a4, 0x013d, 0x015a, 0x00a7,
	0x00a8, 0x0160, 0x015e, 0x0164, 0x0179, 0x00ad, 0x017d, 0x017b, 0x00b0, 0x0105, 0x02db,
	0x0142, 0x00b4, 0x013e, 0x015b, 0x02c7, 0x00b8, 0x0161, 0x015f, 0x0165, 0x017a, 0x02dd,
	0x017e, 0x017c, 0x0154, 0x00c1, 0x00c2, 0x0102, 0x00c4, 0x0139, 0x0106, 0x00c7, 0x010c,
	0x00c9, 0x0118, 0x00cb, 0x011a, 0x00cd, 0x00ce, 0x010e, 0x0110, 0x0143, 0x0147, 0x00d3,
	0x00d4, 0x0150, 0x00d6, 0x00d7, 0x0158, 0x016e, 0x00da, 0x0170, 0x00dc, 0x00dd, 0x0162,
	0x00df, 0x0155, 0x00e1, 0x00e2, 0x0103, 0x00e4, 0x013a, 0x0107, 0x00e7, 0x010d, 0x00e9,
	0x0119, 0x00eb, 0x011b, 0x00ed, 0x00ee, 0x010f, 0x0111, 0x0144, 0x0148, 0x00f3, 0x00f4,
	0x0151, 0x00f6, 0x00f7, 0x0159, 0x016f, 0x00fa, 0x0171, 0x00fc, 0x00fd, 0x0163, 0x02d9};

size_t charset_utf8_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

bool charset_is_cut(const uint8_t *p, size_t len)
{
	size_t n = len > 0 ? charset_utf8_len(p[0]) : 0;
	if (n <= len)
		return false;
	/* Filled up it is a character, if what is there is right: 0xa0 fits behind every first
	 * byte but 0xed and 0xf4, 0x80 behind these. */
	uint8_t whole[4] = {0};
	for (size_t i = 0; i < n; i++)
		whole[i] = i < len ? p[i] : i > 1 || p[0] == 0xed || p[0] == 0xf4 ? 0x80 : 0xa0;
	return str_is_utf8(whole, n);
}

/* ---- UTF-8 over UTF-8 ------------------------------------------------------------------- */

/* The character at p, which is valid. */
static uint32_t code_point(const uint8_t *p, size_t n)
{
	static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = p[0] & first_bits[n];
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

static int index_of(const uint16_t *table, int n, uint32_t c)
{
	for (int i = 0; i < n; i++) {
		if (table[i] == c)
			return i;
	}
	return -1;
}

/* The byte that became this character, or -1. */
static int byte_of(uint32_t c, bool is_latin2)
{
	if (c < 0xa0)
		return (int)c;
	if (is_latin2) {
		int i = index_of(latin2, 96, c);
		return i < 0 ? -1 : 0xa0 + i;
	}
	if (c <= 0xff)
		return (int)c;
	int i = index_of(windows_1252, 32, c);
	return i < 0 ? -1 : 0x80 + i;
}

/* The bytes before the second encoding; 0 when a character came from none, or room ends. Counts
 * the controls from 0x80 to 0x9f on the way. */
static size_t bytes_before(char *out, size_t room, const uint8_t *utf8, size_t len, bool is_latin2,
	size_t *ret_controls)
{
	size_t n = 0;
	*ret_controls = 0;
	for (size_t i = 0; i < len;) {
		size_t step = charset_utf8_len(utf8[i]);
		uint32_t c = code_point(utf8 + i, step);
		int byte = byte_of(c, is_latin2);
		if (byte < 0 || n == room)
			return 0;
		*ret_controls += c >= 0x80 && c < 0xa0;
		out[n++] = (char)byte;
		i += step;
	}
	return n;
}

/* The length of what is UTF-8 without controls and with a character beyond ASCII; 0: it is not.
 * The last character may be cut. */
static size_t text_len(const uint8_t *p, size_t len)
{
	size_t i = 0, high = 0;
	while (i < len) {
		size_t n = charset_utf8_len(p[i]);
		if (n == 0)
			return 0;
		if (i + n > len)
			break;
		uint32_t c = str_is_utf8(p + i, n) ? code_point(p + i, n) : 0;
		if (c == 0 || (c >= 0x80 && c < 0xa0))
			return 0;
		high += n > 1;
		i += n;
	}
	if (high == 0 || (i < len && !charset_is_cut(p + i, len - i)))
		return 0;
	return i;
}

size_t charset_undo_twice(char *out, size_t room, const uint8_t *utf8, size_t len)
{
	size_t controls;
	/* An ellipsis at the end, behind a capital, is a word of that language and an ellipsis. */
	if (len >= 3 && memcmp(utf8 + len - 3, "\xe2\x80\xa6", 3) == 0)
		return 0;
	size_t n = bytes_before(out, room, utf8, len, false, &controls);
	n = text_len((const uint8_t *)out, n);
	if (n > 0)
		return n;
	/* Words of Central Europe can look like UTF-8 in Latin-2 ("PÓŁKA"), but none has a control
	 * in it, and most doubled texts do. */
	n = bytes_before(out, room, utf8, len, true, &controls);
	return controls == 0 ? 0 : text_len((const uint8_t *)out, n);
}
