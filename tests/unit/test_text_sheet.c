/* SPDX-License-Identifier: Apache-2.0
 * Text from printers stays text: hostile names in CSV and HTML, and CSV read back by a second
 * reader of our own. */
#include "proto/text/sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef int put(struct buf *dst, struct text t);

static void expect(put *f, struct text in, const char *want)
{
	char mem[1024];
	struct buf b;
	buf_over(&b, mem, sizeof mem - 1);
	assert_int_equal(f(&b, in), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, want);
}

static void what_does_not_show_is_spelled_out(void **state)
{
	(void)state;
	static const struct {
		struct text in;
		const char *shown;
	} cases[] = {
		{{NULL, 0}, ""},
		{TEXT("Phaser 7800"), "Phaser 7800"},
		{TEXT("Gen\xc3\xa8ve \xe5\x8d\xb0\xe5\x88\xb7 \xf0\x9f\x96\xa8"),
			"Gen\xc3\xa8ve \xe5\x8d\xb0\xe5\x88\xb7 \xf0\x9f\x96\xa8"},
		{TEXT("\x1b[2J\x1b]0;x\x07"), "\\x1b[2J\\x1b]0;x\\x07"},
		{TEXT("a\0b\nc\td\x7f"), "a\\x00b\\x0ac\\x09d\\x7f"},
		{TEXT("\xc2\x9b"
		      "31m"),
			"\\x9b31m"},
		{TEXT("\xe2\x80\xae"
		      "exe\xe2\x80\xac"),
			"\\u202eexe\\u202c"},
		{TEXT("\xe2\x81\xa6x\xe2\x81\xa9"), "\\u2066x\\u2069"},
		{TEXT("a\xe2\x80\x8b"
		      "b\xef\xbb\xbf\xc2\xad"),
			"a\\u200bb\\ufeff\\u00ad"},
		{TEXT("\xe2\x80\xa8\xe2\x80\xa9"), "\\u2028\\u2029"},
		{TEXT("\xf3\xa0\x81\x81"), "\\U000e0041"},
		{TEXT("\xee\x80\x80"), "\\ue000"},
		{TEXT("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd"},
		{TEXT("\xc0\xaf\xed\xa0\x80"),
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{TEXT("\xf0\x9f\x96"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(sheet_put_shown, cases[i].in, cases[i].shown);
}

static void html_has_no_markup_of_others(void **state)
{
	(void)state;
	expect(sheet_put_html, TEXT("<script>alert('1')</script>"),
		"&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
	expect(sheet_put_html, TEXT("\"><img src=x onerror=y>"),
		"&quot;&gt;&lt;img src=x onerror=y&gt;");
	expect(sheet_put_html, TEXT("a&amp;b &#60;"), "a&amp;amp;b &amp;#60;");
	expect(sheet_put_html, TEXT("<\0b>"), "&lt;\\x00b&gt;");
	expect(sheet_put_html, TEXT("\xef\xbc\x9cscript\xef\xbc\x9e"),
		"\xef\xbc\x9cscript\xef\xbc\x9e");
}

static void csv_cells_are_never_formulas(void **state)
{
	(void)state;
	static const char *const formulas[] = {"=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)",
		" =1", "\xc2\xa0=1", "\xe3\x80\x80=1",
		"\xef\xbc\x9d"
		"1",
		"\xef\xbc\x8b"
		"1",
		"\xef\xbc\x8d"
		"1",
		"\xef\xbc\xa0"
		"1",
		"\xe2\x88\x92"
		"1"};
	for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++) {
		char want[128];
		(void)snprintf(want, sizeof want, "\"'%s\"", formulas[i]);
		expect(sheet_put_csv, text_of(formulas[i]), want);
	}
	expect(sheet_put_csv, TEXT("\t=1"), "\"\\x09=1\"");
	expect(sheet_put_csv, TEXT("\r\n=1"), "\"\\x0d\\x0a=1\"");
	expect(sheet_put_csv, TEXT("\0=1"), "\"\\x00=1\"");
	expect(sheet_put_csv, TEXT("\xe2\x80\x8b=1"), "\"\\u200b=1\"");
	expect(sheet_put_csv, TEXT("a=1"), "\"a=1\"");
	expect(sheet_put_csv, TEXT("a\",\"=1"), "\"a\"\",\"\"=1\"");
	expect(sheet_put_csv, TEXT("x;=1"), "\"x;=1\"");
	expect(sheet_put_csv, TEXT("   "), "\"   \"");
	expect(sheet_put_csv, TEXT(""), "\"\"");
}

static const char *const names[] = {"name", "count", "-note"};
static const struct sheet_head head = {
	.title = "A <fleet>", .note = "made \"today\"", .names = names, .columns = 3};

static void fill(struct sheet *s, struct buf *b, enum sheet_format format)
{
	assert_int_equal(sheet_begin(s, b, format, &head), 0);
	assert_int_equal(sheet_text(s, TEXT("<b>\"x\"")), 0);
	assert_int_equal(sheet_number(s, UINT64_MAX), 0);
	assert_int_equal(sheet_text(s, TEXT("=1")), 0);
	assert_int_equal(sheet_text(s, TEXT("too many")), ERR_LIMIT);
	assert_int_equal(sheet_end_row(s), 0);
	assert_int_equal(sheet_text(s, TEXT("")), 0);
	assert_int_equal(sheet_end_row(s), 0);
	assert_int_equal(sheet_end(s), 0);
	assert_int_equal(s->rows, 2);
}

static void a_csv_table_is_rfc_4180(void **state)
{
	(void)state;
	struct sheet s;
	struct buf b;
	buf_open(&b, 4096);
	fill(&s, &b, SHEET_CSV);
	assert_int_equal(buf_put(&b, "", 1), 0);
	assert_string_equal((char *)b.data, "\"name\",\"count\",\"'-note\"\r\n"
					    "\"<b>\"\"x\"\"\",18446744073709551615,\"'=1\"\r\n"
					    "\"\",,\r\n");
	buf_close(&b);
}

static void an_html_table_is_a_whole_page(void **state)
{
	(void)state;
	struct sheet s;
	struct buf b;
	buf_open(&b, 8192);
	fill(&s, &b, SHEET_HTML);
	assert_int_equal(buf_put(&b, "", 1), 0);
	const char *page = (char *)b.data;
	assert_int_equal(strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
	assert_non_null(strstr(page, "default-src 'none'"));
	assert_non_null(strstr(page, "<title>A &lt;fleet&gt;</title>"));
	assert_non_null(strstr(page, "<h1>A &lt;fleet&gt;</h1>\n<p>made &quot;today&quot;</p>"));
	assert_non_null(strstr(page, "<tr><th scope=\"col\">name</th><th scope=\"col\">count</th>"
				     "<th scope=\"col\">-note</th></tr>"));
	assert_non_null(strstr(page, "<tr><td>&lt;b&gt;&quot;x&quot;</td>"
				     "<td class=\"n\">18446744073709551615</td><td>=1</td></tr>\n"
				     "<tr><td></td><td></td><td></td></tr>\n</tbody>"));
	assert_null(strstr(page, "<script"));
	assert_non_null(strstr(page, "</body>\n</html>\n"));
	buf_close(&b);
}

/* Cuts CSV as RFC 4180's grammar says. Returns the number of cells, and of rows in *ret_rows. */
static size_t cut(const uint8_t *p, size_t len, size_t *ret_rows)
{
	size_t cells = 0;
	*ret_rows = 0;
	for (size_t i = 0; i < len;) {
		cells++;
		if (p[i] == '"') {
			i++;
			while (i < len && (p[i] != '"' || (i + 1 < len && p[i + 1] == '"')))
				i += p[i] == '"' ? 2 : 1;
			assert_true(i < len);
			i++;
		} else {
			while (i < len && p[i] != ',' && p[i] != '\r') {
				assert_true(p[i] != '"' && p[i] != '\n');
				i++;
			}
		}
		assert_true(i < len);
		if (p[i] == ',') {
			i++;
			continue;
		}
		assert_true(i + 1 < len && p[i] == '\r' && p[i + 1] == '\n');
		(*ret_rows)++;
		i += 2;
	}
	return cells;
}

static void any_bytes_keep_the_shape(void **state)
{
	(void)state;
	static const char pieces[] = "\",\r\n=+-@'<>&;\t a1\xff\xc3\xa9\xe2\x80\xae\0";
	unsigned seed = 1;
	for (int round = 0; round < 3000; round++) {
		struct sheet csv, html;
		struct buf a, b;
		uint8_t bytes[40];
		buf_open(&a, 1u << 16);
		buf_open(&b, 1u << 16);
		assert_int_equal(sheet_begin(&csv, &a, SHEET_CSV, &head), 0);
		assert_int_equal(sheet_begin(&html, &b, SHEET_HTML, &head), 0);
		size_t before = b.len;
		for (int cell = 0; cell < 6; cell++) {
			size_t n = (size_t)(seed >> 8) % sizeof bytes;
			for (size_t i = 0; i < n; i++) {
				seed = seed * 1103515245u + 12345u;
				bytes[i] = (uint8_t)pieces[(seed >> 16) % (sizeof pieces - 1)];
			}
			struct text t = {(const char *)bytes, n};
			assert_int_equal(sheet_text(&csv, t), 0);
			assert_int_equal(sheet_text(&html, t), 0);
			if (cell % 3 == 2) {
				assert_int_equal(sheet_end_row(&csv), 0);
				assert_int_equal(sheet_end_row(&html), 0);
			}
		}
		size_t rows;
		assert_int_equal(cut(a.data, a.len, &rows), 9);
		assert_int_equal(rows, 3);
		assert_true(str_is_utf8(a.data, a.len));
		assert_true(str_is_utf8(b.data, b.len));
		/* 2 x <tr></tr>, 6 x <td></td>: no other markup. */
		size_t tags = 0;
		for (size_t i = before; i < b.len; i++)
			tags += b.data[i] == '<';
		assert_int_equal(tags, 2 * 2 + 6 * 2);
		buf_close(&a);
		buf_close(&b);
	}
}

static void a_full_buffer_is_said_and_nothing_is_half(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 600; cap++) {
		uint8_t mem[600];
		struct buf b;
		struct sheet s;
		buf_over(&b, mem, cap);
		assert_true(sheet_put_csv(&b, TEXT("=a\"b\x01\xff")) == ERR_FULL || cap >= 15);
		assert_true(b.len == 0 || b.len == 15);
		buf_clear(&b);
		assert_true(sheet_put_html(&b, TEXT("<&>")) == ERR_FULL || cap >= 13);
		assert_true(b.len == 0 || b.len == 13);
		buf_clear(&b);
		int err = sheet_begin(&s, &b, SHEET_HTML, &head);
		assert_true(err == 0 || err == ERR_FULL);
		buf_clear(&b);
		err = sheet_begin(&s, &b, SHEET_CSV, &head);
		if (err == 0)
			err = sheet_end_row(&s);
		if (err == 0)
			err = sheet_end(&s);
		assert_true(err == 0 || err == ERR_FULL);
		assert_true(err == 0 || cap < 40);
	}
}

static void widths_are_those_of_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(sheet_width(TEXT("")), 0);
	assert_int_equal(sheet_width(TEXT("abc")), 3);
	assert_int_equal(sheet_width(TEXT("Gen\xc3\xa8ve")), 6);
	assert_int_equal(sheet_width(TEXT("e\xcc\x81")), 1);
	assert_int_equal(sheet_width(TEXT("\xe5\x8d\xb0\xe5\x88\xb7")), 4);
	assert_int_equal(sheet_width(TEXT("\xf0\x9f\x98\x80")), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_show_is_spelled_out),
		cmocka_unit_test(html_has_no_markup_of_others),
		cmocka_unit_test(csv_cells_are_never_formulas),
		cmocka_unit_test(a_csv_table_is_rfc_4180),
		cmocka_unit_test(an_html_table_is_a_whole_page),
		cmocka_unit_test(any_bytes_keep_the_shape),
		cmocka_unit_test(a_full_buffer_is_said_and_nothing_is_half),
		cmocka_unit_test(widths_are_those_of_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
