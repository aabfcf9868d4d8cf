/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/charset.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/text/charset_internal.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum charset_kind {
	KIND_BUILTIN, /* US-ASCII, UTF-8, Latin-1: no table needed */
	KIND_BYTE,    /* one byte a character */
	KIND_DOUBLE,  /* ASCII, and two bytes or more for the rest */
	KIND_WIDE     /* UTF-16: bytes of zero belong to it */
};

struct charset_row {
	uint16_t mib_enum;
	uint8_t kind;
	const char *name; /* of iconv */
};

/* Where vendors use more than the set they name, the larger set of the same family stands: Windows'
 * forms of Shift_JIS, KS C 5601, EUC-JP, and GB 18030 for both older GB sets. */
static const struct charset_row rows[] = {
	{3, KIND_BUILTIN, "US-ASCII"}, {4, KIND_BUILTIN, "ISO-8859-1"},
	{106, KIND_BUILTIN, "UTF-8"}, {5, KIND_BYTE, "ISO-8859-2"}, {6, KIND_BYTE, "ISO-8859-3"},
	{7, KIND_BYTE, "ISO-8859-4"}, {8, KIND_BYTE, "ISO-8859-5"}, {9, KIND_BYTE, "ISO-8859-6"},
	{10, KIND_BYTE, "ISO-8859-7"}, {11, KIND_BYTE, "ISO-8859-8"}, {12, KIND_BYTE, "ISO-8859-9"},
	{13, KIND_BYTE, "ISO-8859-10"}, {109, KIND_BYTE, "ISO-8859-13"},
	{110, KIND_BYTE, "ISO-8859-14"}, {111, KIND_BYTE, "ISO-8859-15"},
	{112, KIND_BYTE, "ISO-8859-16"},
	{2001, KIND_BYTE, "CP1252"}, /* ISO-8859-1-Windows-3.1-Latin-1 */
	{2004, KIND_BYTE, "HP-ROMAN8"}, {2009, KIND_BYTE, "IBM850"}, {2010, KIND_BYTE, "IBM852"},
	{2011, KIND_BYTE, "IBM437"}, {2013, KIND_BYTE, "IBM862"}, {2046, KIND_BYTE, "IBM855"},
	{2047, KIND_BYTE, "IBM857"}, {2084, KIND_BYTE, "KOI8-R"}, {2086, KIND_BYTE, "IBM866"},
	{2088, KIND_BYTE, "KOI8-U"}, {2089, KIND_BYTE, "IBM858"}, {2109, KIND_BYTE, "CP874"},
	{2250, KIND_BYTE, "CP1250"}, {2251, KIND_BYTE, "CP1251"}, {2252, KIND_BYTE, "CP1252"},
	{2253, KIND_BYTE, "CP1253"}, {2254, KIND_BYTE, "CP1254"}, {2255, KIND_BYTE, "CP1255"},
	{2256, KIND_BYTE, "CP1256"}, {2257, KIND_BYTE, "CP1257"}, {2258, KIND_BYTE, "CP1258"},
	{2259, KIND_BYTE, "TIS-620"}, {17, KIND_DOUBLE, "CP932"}, {2024, KIND_DOUBLE, "CP932"},
	{18, KIND_DOUBLE, "EUC-JP-MS"}, {36, KIND_DOUBLE, "CP949"}, {38, KIND_DOUBLE, "CP949"},
	{113, KIND_DOUBLE, "GBK"}, {114, KIND_DOUBLE, "GB18030"}, {2025, KIND_DOUBLE, "GB18030"},
	{2026, KIND_DOUBLE, "BIG5"}, {2101, KIND_DOUBLE, "BIG5-HKSCS"},
	{1000, KIND_WIDE, "UTF-16BE"}, /* ISO-10646-UCS-2 */
	{1013, KIND_WIDE, "UTF-16BE"}, {1014, KIND_WIDE, "UTF-16LE"},
	{1015, KIND_WIDE, "UTF-16BE"}, /* UTF-16 without a byte order mark (RFC 2781) */
};

enum {
	ROWS = sizeof rows / sizeof rows[0],
	MIB_UTF8 = 106,
	MIB_UTF16LE = 1014,
	/* Room for a converted text before it is scrubbed and cut: up to three bytes become of one.
	 */
	TEXT_ROOM = 3 * LIMIT_TEXT_LONG
};

static bool is_open;
static iconv_t table[ROWS];
static bool has_table[ROWS];

/* ---- the list --------------------------------------------------------------------------- */

int charset_open(void)
{
	int missing = 0;
	for (unsigned i = 0; i < ROWS; i++) {
		if (!is_open && rows[i].kind != KIND_BUILTIN) {
			table[i] = iconv_open("UTF-8", rows[i].name);
			has_table[i] = (intptr_t)table[i] != -1;
		}
		missing += rows[i].kind != KIND_BUILTIN && !has_table[i];
	}
	is_open = true;
	return missing;
}

/* The row of this set, or -1 if there is none that can be used. */
static int row_of(int mib_enum)
{
	for (int i = 0; i < ROWS; i++) {
		if (rows[i].mib_enum == mib_enum)
			return rows[i].kind == KIND_BUILTIN || has_table[i] ? i : -1;
	}
	return -1;
}

/* PCL's names in the order of their numbers. */
int charset_of_pml(const uint8_t *p, size_t len)
{
	static const struct {
		uint16_t symbol_set;
		uint16_t mib_enum;
	} sets[] = {
		{14, 4},     /* 0N */
		{21, 3},     /* 0U */
		{78, 5},     /* 2N */
		{174, 12},   /* 5N */
		{180, 2254}, /* 5T */
		{277, 2004}, /* 8U, Roman-8 */
		{293, 2250}, /* 9E */
		{295, 2253}, /* 9G */
		{302, 111},  /* 9N */
		{306, 2251}, /* 9R */
		{334, 8},    /* 10N */
		{341, 2011}, /* 10U, PC-8 */
		{398, 10},   /* 12N */
		{405, 2009}, /* 12U */
		{565, 2010}, /* 17U */
		{619, 2024}, /* 19K */
		{620, 2257}, /* 19L */
		{629, 2252}, /* 19U */
	};
	if (len < 2)
		return 0;
	unsigned said = (unsigned)p[0] << 8 | p[1];
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		if (sets[i].symbol_set == said)
			return sets[i].mib_enum;
	}
	return 0;
}

/* ---- into UTF-8 ------------------------------------------------------------------------- */

static size_t put_replacement(char *out, size_t cap)
{
	if (cap < 3)
		return 0;
	memcpy(out, "\xef\xbf\xbd", 3);
	return 3;
}

/* Latin-1; its controls have no meaning in a text. */
static size_t from_latin1(char *out, size_t cap, const uint8_t *src, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len && n + 3 <= cap; i++) {
		if (src[i] < 0x80) {
			out[n++] = (char)src[i];
		} else if (src[i] < 0xa0) {
			n += put_replacement(out + n, cap - n);
		} else {
			out[n++] = (char)(0xc0 | src[i] >> 6);
			out[n++] = (char)(0x80 | (src[i] & 0x3f));
		}
	}
	return n;
}

/* By a table of iconv. A byte that has no meaning there becomes U+FFFD and the next one is tried;
 * characters that do not end before the text does become one U+FFFD. */
static size_t from_table(iconv_t cd, char *out, size_t cap, const uint8_t *src, size_t len)
{
	char *in = (char *)(uintptr_t)src; /* iconv reads it only, and says so nowhere */
	char *at = out;
	size_t left = cap;
	(void)iconv(cd, NULL, NULL, NULL, NULL); /* to its first state, which cannot fail */
	while (len > 0) {
		if (iconv(cd, &in, &len, &at, &left) != (size_t)-1)
			break;
		if (errno == E2BIG)
			return cap - left;
		size_t n = put_replacement(at, left);
		if (n == 0 || errno != EILSEQ)
			return cap - left + n;
		at += n;
		left -= n;
		in++;
		len--;
	}
	/* A letter that was held back for an accent to come. If it does not fit, it is cut. */
	(void)iconv(cd, NULL, NULL, &at, &left);
	return cap - left;
}

static size_t from_wide(int row, char *out, size_t cap, const uint8_t *src, size_t len)
{
	if (len >= 2 && src[0] == 0xff && src[1] == 0xfe && row_of(MIB_UTF16LE) >= 0)
		row = row_of(MIB_UTF16LE);
	bool has_mark = len >= 2 &&
			((src[0] == 0xff && src[1] == 0xfe) || (src[0] == 0xfe && src[1] == 0xff));
	size_t skip = has_mark ? 2 : 0;
	return from_table(table[row], out, cap, src + skip, len - skip);
}

/* ---- what it is ------------------------------------------------------------------------- */

struct look {
	bool is_ascii;
	bool is_utf8;   /* and not ASCII; whole but for its last character */
	bool is_narrow; /* of its characters beyond ASCII, all have two bytes */
	bool has_letter;
	bool has_control; /* zero among them; not those of tabs and lines */
	size_t len;       /* without a character that was cut */
};

static struct look look_at(const uint8_t *p, size_t len)
{
	struct look l = {.is_narrow = true};
	size_t i = 0, high = 0;
	while (i < len) {
		size_t n = charset_utf8_len(p[i]);
		if (n == 0 || i + n > len || !str_is_utf8(p + i, n))
			break;
		high += n > 1;
		l.is_narrow = l.is_narrow && n <= 2;
		l.has_control |= p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' && p[i] != '\r';
		l.has_letter |= (p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z';
		i += n;
	}
	l.len = i;
	l.is_ascii = i == len && high == 0;
	/* The rest has to be the beginning of one character. */
	l.is_utf8 = high > 0 && (i == len || charset_is_cut(p + i, len - i));
	return l;
}

/* Two bytes that are a character in a double-byte set may also be one in UTF-8. East Asian text in
 * UTF-8 has three bytes for each, and Western text has ASCII letters in it: what has neither is
 * what was declared. */
static bool is_taken_as_utf8(const struct look *l, int row)
{
	if (!l->is_utf8)
		return false;
	return row < 0 || rows[row].kind != KIND_DOUBLE || !l->is_narrow || l->has_letter;
}

static size_t copy(char *out, size_t cap, const uint8_t *src, size_t len)
{
	size_t n = len < cap ? len : cap;
	memcpy(out, src, n);
	return n;
}

static size_t from_utf8(char *out, size_t cap, const uint8_t *src, size_t len)
{
	bool has_mark = len >= 3 && memcmp(src, "\xef\xbb\xbf", 3) == 0;
	size_t skip = has_mark ? 3 : 0;
	size_t n = charset_undo_twice(out, cap, src + skip, len - skip);
	return n > 0 ? n : copy(out, cap, src + skip, len - skip);
}

static size_t convert(char *out, size_t cap, int mib_enum, const uint8_t *src, size_t len)
{
	int row = row_of(mib_enum);
	struct look l = look_at(src, len);
	if (row >= 0 && rows[row].kind == KIND_WIDE && len % 2 == 0 &&
		(!(l.is_ascii || l.is_utf8) || l.has_control))
		return from_wide(row, out, cap, src, len);
	/* Whatever stands behind a NUL is not text, and says nothing about the text. */
	len = strnlen((const char *)src, len);
	l = look_at(src, len);
	if (l.is_ascii)
		return copy(out, cap, src, len);
	if (is_taken_as_utf8(&l, row))
		return from_utf8(out, cap, src, l.len);
	if (mib_enum == MIB_UTF8)
		return copy(out, cap, src, len); /* scrubbing marks what is wrong */
	if (row < 0 || rows[row].kind == KIND_BUILTIN || rows[row].kind == KIND_WIDE)
		return from_latin1(out, cap, src, len);
	return from_table(table[row], out, cap, src, len);
}

size_t charset_to_utf8(char *dst, size_t cap, int mib_enum, const uint8_t *src, size_t len)
{
	char utf8[TEXT_ROOM];
	if (cap > LIMIT_TEXT_LONG + 1)
		cap = LIMIT_TEXT_LONG + 1;
	size_t n = len == 0 ? 0 : convert(utf8, sizeof utf8, mib_enum, src, len);
	return str_scrub(dst, cap, (const uint8_t *)utf8, n);
}
