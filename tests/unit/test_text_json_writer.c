/* SPDX-License-Identifier: Apache-2.0
 * The output of the JSON writer is read by jansson. */
#include "proto/text/json_writer.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static char mem[4096];
static struct buf b;
static struct writer w;

static void open_writer(void)
{
	memset(mem, 0, sizeof mem);
	buf_over(&b, mem, sizeof mem - 1);
	writer_open(&w, &b);
}

static void expect(const char *json)
{
	assert_int_equal(writer_close(&w), 0);
	assert_string_equal(mem, json);
	json_t *read = json_loads(mem, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(read);
	json_decref(read);
}

static void test_nesting_and_commas(void **state)
{
	(void)state;
	open_writer();
	jw_object(&w, NULL);
	jw_array(&w, "empty");
	jw_end(&w);
	jw_array(&w, "rows");
	jw_object(&w, NULL);
	jw_uint(&w, "a", 1);
	jw_int(&w, "b", -2);
	jw_end(&w);
	jw_object(&w, NULL);
	jw_end(&w);
	jw_str(&w, NULL, "x");
	jw_end(&w);
	jw_bool(&w, "yes", true);
	jw_null(&w, "none");
	jw_str(&w, "absent", NULL);
	jw_text_if(&w, "skipped", (struct text){NULL, 0});
	jw_hex(&w, "id", (const uint8_t *)"\x00\xff", 2);
	jw_utc(&w, "at", 1);
	jw_time(&w, "never", 0);
	jw_end(&w);
	jw_end(&w); /* one too many */
	expect("{\"empty\":[],\"rows\":[{\"a\":1,\"b\":-2},{},\"x\"],\"yes\":true,\"none\":null,"
	       "\"absent\":null,\"id\":\"00ff\",\"at\":\"1970-01-01T00:00:00.001Z\","
	       "\"never_ms\":0,\"never\":null}");
}

static void test_decimals_are_what_was_meant(void **state)
{
	(void)state;
	static const struct {
		double v;
		int places;
		const char *out;
	} cases[] = {{0.096, 3, "0.096"}, {12.5, 2, "12.5"}, {3, 2, "3"}, {100, 0, "100"},
		{0.1 + 0.2, 6, "0.3"}, {-0.0001, 2, "0"}, {-1.25, 2, "-1.25"}, {NAN, 2, "null"},
		{INFINITY, 2, "null"}, {0.95, 2, "0.95"}, {1e15, 9, "1000000000000000"},
		{-1e15, 0, "-1000000000000000"}, {1.01e15, 0, "null"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		open_writer();
		jw_decimal(&w, NULL, cases[i].v, cases[i].places);
		expect(cases[i].out);
	}
	open_writer();
	jw_decimal(&w, NULL, DBL_MAX, 9);
	expect("null");
}

static void test_integers_end_where_signed_readers_do(void **state)
{
	(void)state;
	open_writer();
	jw_uint(&w, NULL, UINT64_MAX);
	expect("9223372036854775807");
	open_writer();
	jw_int(&w, NULL, INT64_MIN);
	expect("-9223372036854775808");
}

static void test_every_byte_pair_reads_back(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned c = 0; c < 256; c++) {
			char in[2] = {(char)a, (char)c};
			open_writer();
			jw_text(&w, NULL, (struct text){in, 2});
			assert_int_equal(writer_close(&w), 0);
			json_t *read = json_loads(mem, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
			assert_non_null(read);
			if (str_is_utf8((const uint8_t *)in, 2)) {
				assert_int_equal(json_string_length(read), 2);
				assert_memory_equal(json_string_value(read), in, 2);
			}
			json_decref(read);
		}
	}
}

static void test_hidden_characters_are_escaped_and_read_back(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"a\xe2\x80\xae"
		 "b",
			"\"a\\u202eb\""},
		{"\xe2\x80\x8b\xef\xbb\xbf", "\"\\u200b\\ufeff\""},
		{"\xf3\xa0\x80\x81", "\"\\udb40\\udc01\""}, /* U+E0001 */
		{"\xf4\x8f\xbf\xbf", "\"\\udbff\\udfff\""}, /* U+10FFFF */
		{"\x7f\xc2\x9b", "\"\\u007f\\u009b\""},
		{"\xd7\x90 \xf0\x9f\x96\xa8", "\"\xd7\x90 \xf0\x9f\x96\xa8\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		open_writer();
		jw_str(&w, NULL, cases[i].in);
		assert_int_equal(writer_close(&w), 0);
		assert_string_equal(mem, cases[i].out);
		json_t *read = json_loads(mem, JSON_DECODE_ANY, NULL);
		assert_string_equal(json_string_value(read), cases[i].in);
		json_decref(read);
	}
}

static void test_depth_is_limited(void **state)
{
	(void)state;
	open_writer();
	for (int i = 0; i < 63; i++)
		jw_array(&w, NULL);
	for (int i = 0; i < 63; i++)
		jw_end(&w);
	assert_int_equal(writer_close(&w), 0);
	assert_int_equal(b.len, 126);
	for (int i = 0; i < 64; i++)
		jw_array(&w, NULL);
	assert_int_equal(writer_close(&w), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nesting_and_commas),
		cmocka_unit_test(test_decimals_are_what_was_meant),
		cmocka_unit_test(test_integers_end_where_signed_readers_do),
		cmocka_unit_test(test_every_byte_pair_reads_back),
		cmocka_unit_test(test_hidden_characters_are_escaped_and_read_back),
		cmocka_unit_test(test_depth_is_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
