/* SPDX-License-Identifier: Apache-2.0
 * Text from printers in terminals, HTML and CSV: hostile strings are escaped. */
#include "proto/text/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef void put(struct writer *w, struct text t);

static void expect(put *f, struct text in, const char *want)
{
	char mem[1024];
	struct buf b;
	buf_over(&b, mem, sizeof mem - 1);
	struct writer w;
	writer_open(&w, &b);
	f(&w, in);
	assert_int_equal(writer_close(&w), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, want);
}

static void test_hidden_characters_are_escaped(void **state)
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
		expect(writer_shown, cases[i].in, cases[i].shown);
}

static void test_html_has_no_markup_of_cells(void **state)
{
	(void)state;
	expect(writer_html, TEXT("<script>alert('1')</script>"),
		"&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
	expect(writer_html, TEXT("\"><img src=x onerror=y>"),
		"&quot;&gt;&lt;img src=x onerror=y&gt;");
	expect(writer_html, TEXT("a&amp;b &#60;"), "a&amp;amp;b &amp;#60;");
	expect(writer_html, TEXT("<\0b>"), "&lt;\\x00b&gt;");
	expect(writer_html, TEXT("\xef\xbc\x9cscript\xef\xbc\x9e"),
		"\xef\xbc\x9cscript\xef\xbc\x9e");
}

static void test_csv_cells_are_never_formulas(void **state)
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
		expect(writer_csv, text_of(formulas[i]), want);
	}
	expect(writer_csv, TEXT("\t=1"), "\"\\x09=1\"");
	expect(writer_csv, TEXT("\r\n=1"), "\"\\x0d\\x0a=1\"");
	expect(writer_csv, TEXT("\0=1"), "\"\\x00=1\"");
	expect(writer_csv, TEXT("\xe2\x80\x8b=1"), "\"\\u200b=1\"");
	expect(writer_csv, TEXT("a=1"), "\"a=1\"");
	expect(writer_csv, TEXT("a\",\"=1"), "\"a\"\",\"\"=1\"");
	expect(writer_csv, TEXT("x;=1"), "\"x;=1\"");
	expect(writer_csv, TEXT("   "), "\"   \"");
	expect(writer_csv, TEXT(""), "\"\"");
}

static void test_terminal_width_of_characters(void **state)
{
	(void)state;
	assert_int_equal(text_columns(TEXT("")), 0);
	assert_int_equal(text_columns(TEXT("abc")), 3);
	assert_int_equal(text_columns(TEXT("Gen\xc3\xa8ve")), 6);
	assert_int_equal(text_columns(TEXT("e\xcc\x81")), 1);
	assert_int_equal(text_columns(TEXT("\xe5\x8d\xb0\xe5\x88\xb7")), 4);
	assert_int_equal(text_columns(TEXT("\xf0\x9f\x98\x80")), 2);
}

static void test_cut_ends_between_characters(void **state)
{
	(void)state;
	struct text wide = TEXT("a\xe5\x8d\xb0"
				"b\xe5\x88\xb7");
	static const size_t lengths[] = {0, 1, 1, 4, 5, 5, 8, 8};
	for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++)
		assert_int_equal(text_cut(wide, n).len, lengths[n]);
	assert_int_equal(text_cut((struct text){NULL, 0}, 3).len, 0);
}

static void test_full_buffer_keeps_nothing(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 20; cap++) {
		uint8_t mem[20];
		struct buf b;
		struct writer w;
		buf_over(&b, mem, cap);
		writer_open(&w, &b);
		writer_csv(&w, TEXT("=a\"b\x01\xff"));
		assert_int_equal(writer_close(&w), cap >= 15 ? 0 : ERR_FULL);
		assert_int_equal(b.len, cap >= 15 ? 15 : 0);
		buf_clear(&b);
		writer_open(&w, &b);
		writer_html(&w, TEXT("<&>"));
		assert_int_equal(writer_close(&w), cap >= 13 ? 0 : ERR_FULL);
		assert_int_equal(b.len, cap >= 13 ? 13 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hidden_characters_are_escaped),
		cmocka_unit_test(test_html_has_no_markup_of_cells),
		cmocka_unit_test(test_csv_cells_are_never_formulas),
		cmocka_unit_test(test_terminal_width_of_characters),
		cmocka_unit_test(test_cut_ends_between_characters),
		cmocka_unit_test(test_full_buffer_keeps_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
