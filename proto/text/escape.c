/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/escape.h"

#include "proto/base/unicode.h"

typedef void put_char(struct writer *w, const char *bytes, size_t n);

/* Writes t: visible characters by `put`, the others as escapes. */
static void put_each(struct writer *w, struct text t, put_char *put)
{
	static const char replacement[] = "\xef\xbf\xbd";
	while (t.len > 0) {
		const char *from = t.p;
		uint32_t c = text_next_char(&t);
		if (c == CHAR_NONE)
			writer_bytes(w, replacement, 3);
		else if (char_is_control(c))
			writer_printf(w, "\\x%02x", (unsigned)c);
		else if (char_is_hidden(c))
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
	static const struct char_range blank[] = {{0x20, 0x20}, {0xa0, 0xa0}, {0x1680, 0x1680},
		{0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
	while (t.len > 0) {
		uint32_t c = text_next_char(&t);
		if (CHAR_IS_IN(c, blank))
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
	static const struct char_range wide[] = {{0x1100, 0x115f}, {0x231a, 0x231b},
		{0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff},
		{0xa000, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
		{0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff},
		{0x20000, 0x3fffd}};
	static const struct char_range none[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd},
		{0x610, 0x61a}, {0x64b, 0x65f}, {0xe31, 0xe31}, {0xe34, 0xe3a}, {0xe47, 0xe4e},
		{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};
	return CHAR_IS_IN(c, none) ? 0 : CHAR_IS_IN(c, wide) ? 2 : 1;
}

size_t text_columns(struct text t)
{
	size_t width = 0;
	while (t.len > 0)
		width += columns_of(text_next_char(&t));
	return width;
}

struct text text_cut(struct text t, size_t columns)
{
	struct text rest = t;
	size_t len = 0;
	while (rest.len > 0) {
		size_t width = columns_of(text_next_char(&rest));
		if (width > columns)
			break;
		columns -= width;
		len = t.len - rest.len;
	}
	return (struct text){t.p, len};
}
