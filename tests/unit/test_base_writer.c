/* SPDX-License-Identifier: Apache-2.0
 * The writer keeps its first error, restores its buffer, and escapes logfmt values. */
#include "proto/base/writer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_appends_to_buffer(void **state)
{
	(void)state;
	struct buf b;
	struct writer w;
	char mem[64];
	buf_over(&b, mem, sizeof mem);
	writer_open(&w, &b);
	writer_str(&w, "a");
	writer_printf(&w, "%d%s", 12, "x");
	writer_text(&w, TEXT("yz"));
	writer_char(&w, '.');
	writer_str(&w, "  ");
	writer_uint(&w, UINT64_MAX);
	writer_utc(&w, 0);
	assert_int_equal(writer_close(&w), 0);
	writer_char(&w, '\0');
	assert_string_equal(mem, "a12xyz.  18446744073709551615");
}

static void test_long_printf(void **state)
{
	(void)state;
	struct buf b;
	struct writer w;
	buf_open(&b, 4096);
	writer_open(&w, &b);
	writer_printf(&w, "%01000d", 7);
	writer_printf(&w, "%100s", "");
	assert_int_equal(writer_close(&w), 0);
	assert_int_equal(b.len, 1100);
	assert_memory_equal(b.data + 999, "7 ", 2);
	assert_int_equal(b.data[1099], ' ');
	buf_close(&b);
}

static void test_first_error_is_kept_and_buffer_restored(void **state)
{
	(void)state;
	struct buf b;
	struct writer w;
	char mem[8] = "keep";
	buf_over(&b, mem, sizeof mem);
	b.len = 4;
	writer_open(&w, &b);
	writer_str(&w, "ab");
	writer_str(&w, "too long");
	writer_fail(&w, ERR_LIMIT);
	writer_str(&w, "c");
	writer_printf(&w, "%s", "d");
	assert_int_equal(b.len, 6);
	assert_int_equal(writer_close(&w), ERR_FULL);
	assert_int_equal(writer_close(&w), ERR_FULL);
	assert_int_equal(b.len, 4);
	writer_open(&w, &b);
	writer_fail(&w, 0);
	writer_fail(&w, ERR_LIMIT);
	writer_fail(&w, ERR_FULL);
	assert_int_equal(writer_close(&w), ERR_LIMIT);
}

static void test_stream_that_is_full_returns_enospc(void **state)
{
	(void)state;
	struct writer w;
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	writer_open_file(&w, full);
	writer_str(&w, "x");
	assert_int_equal(writer_close(&w), -ENOSPC);
	(void)fclose(full);
	FILE *good = fopen("/dev/null", "w");
	assert_non_null(good);
	writer_open_file(&w, good);
	writer_printf(&w, "%d", 1);
	assert_int_equal(writer_close(&w), 0);
	(void)fclose(good);
}

static void test_logfmt_values(void **state)
{
	(void)state;
	static const struct {
		struct text in;
		const char *out;
	} cases[] = {
		{TEXT("timeout"), "timeout"},
		{TEXT("10.1.4.22:161"), "10.1.4.22:161"},
		{TEXT("Gen\xc3\xa8ve"), "Gen\xc3\xa8ve"},
		{TEXT(""), "\"\""},
		{{NULL, 0}, "\"\""},
		{TEXT("two words"), "\"two words\""},
		{TEXT("a=b"), "\"a=b\""},
		{TEXT("say \"x\" \\"), "\"say \\\"x\\\" \\\\\""},
		{TEXT("a\nb\tc\rd"), "\"a\\nb\\tc\\rd\""},
		{TEXT("a\0b\x1b\x7f"), "\"a\\x00b\\x1b\\x7f\""},
		{TEXT("\xc2\x9b"
		      "31m"),
			"\"\\xc2\\x9b31m\""},
		{TEXT("x\xe2\x80\xa8y"), "\"x\\xe2\\x80\\xa8y\""},
		{TEXT("x\xe2\x80\xaey"), "\"x\\xe2\\x80\\xaey\""},
		{TEXT("\xf3\xa0\x80\x81"), "\"\\xf3\\xa0\\x80\\x81\""},
		{TEXT("\xff"
		      "a\xc3"),
			"\"\\xffa\\xc3\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char mem[128] = "";
		struct buf b;
		struct writer w;
		buf_over(&b, mem, sizeof mem - 1);
		writer_open(&w, &b);
		writer_logfmt(&w, cases[i].in);
		assert_int_equal(writer_close(&w), 0);
		assert_string_equal(mem, cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appends_to_buffer),
		cmocka_unit_test(test_long_printf),
		cmocka_unit_test(test_first_error_is_kept_and_buffer_restored),
		cmocka_unit_test(test_stream_that_is_full_returns_enospc),
		cmocka_unit_test(test_logfmt_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
