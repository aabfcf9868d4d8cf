/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/escape.h"

#include <string.h>

enum { NOT_A_CHARACTER = 0x110000 };

/* Removes one character from the front of t; NOT_A_CHARACTER for a byte that begins none. */
static uint32_t next_char(struct text *t)
{
	const uint8_t *p = (const uint8_t *)t->p;
	size_t n = str_char_bytes(p, t->len);
	uint32_t c = n == 0 ? NOT_A_CHARACTER : n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	n = n == 0 ? 1 : n;
	t->p += n;
	t->len -= n;
	return c;
}

/* Inclusive ranges of characters, in order. */
struct range {
	uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count && ranges[i].first <= c; i++) {
		if (c <= ranges[i].last)
			return true;
	}
	return false;
}

#define IS_IN(c, ranges) is_in(c, ranges, sizeof(ranges) / sizeof((ranges)[0]))

/* Invisible or reordering characters: Unicode's category Cf, line and paragraph separators,
 * fillers, private use and noncharacters. */
static bool is_hidden(uint32_t c)
{
	static const struct range hidden[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x600, 0x605},
		{0x61c, 0x61c}, {0x6dd, 0x6dd}, {0x70f, 0x70f}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
		{0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
		{0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
		{0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff},
		{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff}};
	return IS_IN(c, hidden);
}

typedef void put_char(struct writer *w, const char *bytes, size_t n);

/* Writes t: visible characters by `put`, the others as escapes. */
static void put_each(struct writer *w, struct text t, put_char *put)
{
	static const char replacement[] = "\xef\xbf\xbd";
	while (t.len > 0) {
		const char *from = t.p;
		uint32_t c = next_char(&t);
		if (c == NOT_A_CHARACTER)
			writer_bytes(w, replacement, 3);
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			writer_printf(w, "\\x%02x", (unsigned)c);
		else if (is_hidden(c))
			writer_printf(w, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
		else
			put(w, from, (size_t)(t.p - from));
	}
}

static void put_plain(struct writer *w, const char *bytes, size_t n)
{
	writer_bytes(w, bytes, n);
}

void writer_shown(struct writer *w, struct text t)
{
	put_each(w, t, put_plain);
}

static void put_entity(struct writer *w, const char *bytes, size_t n)
{
	switch (*bytes) {
	case '&':
		writer_str(w, "&amp;");
		break;
	case '<':
		writer_str(w, "&lt;");
		break;
	case '>':
		writer_str(w, "&gt;");
		break;
	case '"':
		writer_str(w, "&quot;");
		break;
	case '\'':
		writer_str(w, "&#39;");
		break;
	default:
		writer_bytes(w, bytes, n);
	}
}

void writer_html(struct writer *w, struct text t)
{
	put_each(w, t, put_entity);
}

static void put_quoted(struct writer *w, const char *bytes, size_t n)
{
	if (*bytes == '"')
		writer_char(w, '"');
	writer_bytes(w, bytes, n);
}

/* Whether a spreadsheet may evaluate the cell as a formula: OWASP's list (= + - @), their
 * full-width forms, with any kind of blanks before them. OWASP's control characters (tab, CR, LF)
 * are written as escapes, which begin with a backslash. */
static bool is_formula(struct text t)
{
	static const struct range blank[] = {{0x20, 0x20}, {0xa0, 0xa0}, {0x1680, 0x1680},
		{0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
	while (t.len > 0) {
		uint32_t c = next_char(&t);
		if (IS_IN(c, blank))
			continue;
		return c == '=' || c == '+' || c == '-' || c == '@' || c == 0xff1d || c == 0xff0b ||
		       c == 0xff0d || c == 0xff20 || c == 0x2212 || c == 0xfe62 || c == 0xfe63 ||
		       c == 0xfe66 || c == 0xfe6b;
	}
	return false;
}

void writer_csv(struct writer *w, struct text t)
{
	writer_str(w, is_formula(t) ? "\"'" : "\"");
	put_each(w, t, put_quoted);
	writer_char(w, '"');
}

/* Terminal columns of one character. */
static size_t columns_of(uint32_t c)
{
	static const struct range wide[] = {{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2e80, 0x303e},
		{0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf},
		{0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60},
		{0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
	static const struct range none[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd},
		{0x610, 0x61a}, {0x64b, 0x65f}, {0xe31, 0xe31}, {0xe34, 0xe3a}, {0xe47, 0xe4e},
		{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};
	return IS_IN(c, none) ? 0 : IS_IN(c, wide) ? 2 : 1;
}

size_t text_columns(struct text t)
{
	size_t width = 0;
	while (t.len > 0)
		width += columns_of(next_char(&t));
	return width;
}

struct text text_cut(struct text t, size_t columns)
{
	struct text rest = t;
	size_t len = 0;
	while (rest.len > 0) {
		size_t width = columns_of(next_char(&rest));
		if (width > columns)
			break;
		columns -= width;
		len = t.len - rest.len;
	}
	return (struct text){t.p, len};
}
