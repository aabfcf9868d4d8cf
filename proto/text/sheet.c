/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/text/sheet.h"

#include <stdio.h>
#include <string.h>

enum { NOT_A_CHARACTER = 0x110000 };

/* Takes one character from t; NOT_A_CHARACTER for a byte that begins none (RFC 3629). */
static uint32_t take(struct text *t)
{
	const uint8_t *p = (const uint8_t *)t->p;
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t c = p[0];
	if (n > t->len || !str_is_utf8(p, n)) {
		n = 1;
		c = NOT_A_CHARACTER;
	} else if (n > 1) {
		c = p[0] & (0xffu >> (n + 1));
		for (size_t i = 1; i < n; i++)
			c = c << 6 | (p[i] & 0x3fu);
	}
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

/* What does not show, or makes other text show elsewhere: Unicode's Cf, the separators of lines
 * and paragraphs, fillers, private use and noncharacters. */
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

typedef int put_char(struct buf *dst, const char *bytes, size_t n);

/* Walks over t and hands out what shall be seen: characters as they are, or their spelling. */
static int put_each(struct buf *dst, struct text t, put_char *put)
{
	static const char replacement[] = "\xef\xbf\xbd";
	while (t.len > 0) {
		const char *from = t.p;
		uint32_t c = take(&t);
		char spelled[16];
		int err;
		if (c == NOT_A_CHARACTER) {
			err = put(dst, replacement, 3);
		} else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			int n = snprintf(spelled, sizeof spelled, "\\x%02x", (unsigned)c);
			err = buf_put(dst, spelled, (size_t)n);
		} else if (is_hidden(c)) {
			int n = snprintf(spelled, sizeof spelled,
				c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
			err = buf_put(dst, spelled, (size_t)n);
		} else {
			err = put(dst, from, (size_t)(t.p - from));
		}
		if (err < 0)
			return err;
	}
	return 0;
}

/* Half a text is worse than none: what was put since `before` goes again. */
static int whole(struct buf *dst, size_t before, int err)
{
	if (err < 0)
		dst->len = before;
	return err;
}

static int put_plain(struct buf *dst, const char *bytes, size_t n)
{
	return buf_put(dst, bytes, n);
}

int sheet_put_shown(struct buf *dst, struct text t)
{
	size_t before = dst->len;
	return whole(dst, before, put_each(dst, t, put_plain));
}

static int put_entity(struct buf *dst, const char *bytes, size_t n)
{
	switch (*bytes) {
	case '&':
		return buf_put_text(dst, "&amp;");
	case '<':
		return buf_put_text(dst, "&lt;");
	case '>':
		return buf_put_text(dst, "&gt;");
	case '"':
		return buf_put_text(dst, "&quot;");
	case '\'':
		return buf_put_text(dst, "&#39;");
	default:
		return buf_put(dst, bytes, n);
	}
}

int sheet_put_html(struct buf *dst, struct text t)
{
	size_t before = dst->len;
	return whole(dst, before, put_each(dst, t, put_entity));
}

static int put_quoted(struct buf *dst, const char *bytes, size_t n)
{
	return *bytes == '"' ? buf_put_text(dst, "\"\"") : buf_put(dst, bytes, n);
}

/* Whether a spreadsheet may take the cell for a formula, or drop what is in front of one: OWASP's
 * list (= + - @, tab, CR, LF), the full-width forms, and blanks of any kind before them. Controls
 * are spelled out with a backslash, so that they cannot begin the cell any more. */
static bool is_formula(struct text t)
{
	static const struct range blank[] = {{0x20, 0x20}, {0xa0, 0xa0}, {0x1680, 0x1680},
		{0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
	while (t.len > 0) {
		uint32_t c = take(&t);
		if (IS_IN(c, blank))
			continue;
		return c == '=' || c == '+' || c == '-' || c == '@' || c == 0xff1d || c == 0xff0b ||
		       c == 0xff0d || c == 0xff20 || c == 0x2212 || c == 0xfe62 || c == 0xfe63 ||
		       c == 0xfe66 || c == 0xfe6b;
	}
	return false;
}

int sheet_put_csv(struct buf *dst, struct text t)
{
	size_t before = dst->len;
	int err = buf_put_text(dst, is_formula(t) ? "\"'" : "\"");
	if (err == 0)
		err = put_each(dst, t, put_quoted);
	if (err == 0)
		err = buf_put_text(dst, "\"");
	return whole(dst, before, err);
}

size_t sheet_width(struct text t)
{
	static const struct range wide[] = {{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2e80, 0x303e},
		{0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf},
		{0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60},
		{0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
	static const struct range none[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd},
		{0x610, 0x61a}, {0x64b, 0x65f}, {0xe31, 0xe31}, {0xe34, 0xe3a}, {0xe47, 0xe4e},
		{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f}};
	size_t width = 0;
	while (t.len > 0) {
		uint32_t c = take(&t);
		if (!IS_IN(c, none))
			width += IS_IN(c, wide) ? 2 : 1;
	}
	return width;
}

/* ---- tables ---- */

static const char style[] =
	"body{font:14px/1.4 system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}"
	"h1{font-size:1.4em;margin:0 0 .2em}p{margin:0 0 1em;color:#555}"
	"table{border-collapse:collapse}caption{text-align:left;color:#555;padding:.3em 0}"
	"th,td{border:1px solid #ccc;padding:.25em .6em;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}th{background:#f0f0f0}td.n{text-align:right;"
	"font-variant-numeric:tabular-nums;white-space:nowrap}";

static int begin_html(struct sheet *s, const struct sheet_head *head)
{
	struct buf *dst = s->dst;
	int err = buf_put_text(dst,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n<title>");
	if (err == 0)
		err = sheet_put_html(dst, text_of(head->title));
	if (err == 0)
		err = buf_printf(dst, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
	if (err == 0)
		err = sheet_put_html(dst, text_of(head->title));
	if (err == 0)
		err = buf_put_text(dst, "</h1>\n<p>");
	if (err == 0)
		err = sheet_put_html(dst, text_of(head->note));
	if (err == 0)
		err = buf_put_text(dst, "</p>\n<table>\n<thead>\n<tr>");
	for (size_t i = 0; i < head->columns && err == 0; i++) {
		err = buf_put_text(dst, "<th scope=\"col\">");
		if (err == 0)
			err = sheet_put_html(dst, text_of(head->names[i]));
		if (err == 0)
			err = buf_put_text(dst, "</th>");
	}
	return err < 0 ? err : buf_put_text(dst, "</tr>\n</thead>\n<tbody>\n");
}

int sheet_begin(
	struct sheet *s, struct buf *dst, enum sheet_format format, const struct sheet_head *head)
{
	*s = (struct sheet){.dst = dst, .format = format, .columns = head->columns};
	if (format == SHEET_HTML)
		return begin_html(s, head);
	for (size_t i = 0; i < head->columns; i++) {
		int err = sheet_text(s, text_of(head->names[i]));
		if (err < 0)
			return err;
	}
	s->column = 0;
	return buf_put_text(dst, "\r\n");
}

/* What stands between the cells. ERR_LIMIT: more cells than columns. */
static int begin_cell(struct sheet *s, const char *html)
{
	if (s->column == s->columns)
		return ERR_LIMIT;
	size_t place = s->column++;
	if (s->format == SHEET_CSV)
		return place > 0 ? buf_put_text(s->dst, ",") : 0;
	int err = place == 0 ? buf_put_text(s->dst, "<tr>") : 0;
	return err < 0 ? err : buf_put_text(s->dst, html);
}

static int end_cell(struct sheet *s)
{
	return s->format == SHEET_HTML ? buf_put_text(s->dst, "</td>") : 0;
}

int sheet_text(struct sheet *s, struct text t)
{
	int err = begin_cell(s, "<td>");
	if (err == 0)
		err = s->format == SHEET_CSV ? sheet_put_csv(s->dst, t) : sheet_put_html(s->dst, t);
	return err < 0 ? err : end_cell(s);
}

int sheet_number(struct sheet *s, uint64_t v)
{
	int err = begin_cell(s, "<td class=\"n\">");
	if (err == 0)
		err = buf_printf(s->dst, "%llu", (unsigned long long)v);
	return err < 0 ? err : end_cell(s);
}

int sheet_empty(struct sheet *s)
{
	int err = begin_cell(s, "<td>");
	return err < 0 ? err : end_cell(s);
}

int sheet_end_row(struct sheet *s)
{
	while (s->column < s->columns) {
		int err = sheet_empty(s);
		if (err < 0)
			return err;
	}
	s->column = 0;
	s->rows++;
	return buf_put_text(s->dst, s->format == SHEET_CSV ? "\r\n" : "</tr>\n");
}

int sheet_end(struct sheet *s)
{
	return s->format == SHEET_CSV
		       ? 0
		       : buf_put_text(s->dst, "</tbody>\n</table>\n</body>\n</html>\n");
}
