/* SPDX-License-Identifier: Apache-2.0
 * The msgpack writer: the shortest form of each value, and all or nothing in a bounded buffer. */
#include "proto/msgpack/mpwrite.h"

#include "proto/msgpack/mpread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_values_have_their_shortest_form(void **state)
{
	static const uint8_t expected[] = {0x82, 0x01, 0x93, 0x7f, 0xcc, 0x80, 0xff, 0x02, 0x93,
		0xa2, 'a', 'b', 0xc4, 0x03, 1, 2, 3, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff};
	uint8_t mem[64];
	struct buf b;
	struct mpwrite w;
	(void)state;
	buf_over(&b, mem, sizeof mem);
	mpwrite_open(&w, &b);
	mpwrite_map(&w, 2);
	mpwrite_uint(&w, 1);
	mpwrite_array(&w, 3);
	mpwrite_uint(&w, 127);
	mpwrite_uint(&w, 128);
	mpwrite_int(&w, -1);
	mpwrite_uint(&w, 2);
	mpwrite_array(&w, 3);
	mpwrite_text(&w, TEXT("ab"));
	mpwrite_bin(&w, (const uint8_t[]){1, 2, 3}, 3);
	mpwrite_uint(&w, UINT64_MAX);
	assert_int_equal(mpwrite_close(&w, sizeof expected), 0);
	assert_int_equal(b.len, sizeof expected);
	assert_memory_equal(b.data, expected, sizeof expected);
}

static void test_written_values_are_read_back(void **state)
{
	static const int64_t numbers[] = {
		0, -1, -32, -33, 127, 128, 255, 256, -129, 65536, INT32_MIN, INT64_MAX};
	enum { COUNT = sizeof numbers / sizeof numbers[0] };
	uint8_t mem[256];
	struct buf b;
	struct mpwrite w;
	struct mpread r;
	uint32_t items;
	(void)state;
	buf_over(&b, mem, sizeof mem);
	mpwrite_open(&w, &b);
	mpwrite_array(&w, COUNT + 2);
	for (size_t i = 0; i < COUNT; i++)
		mpwrite_int(&w, numbers[i]);
	mpwrite_text(&w, (struct text){NULL, 0});
	mpwrite_bin(&w, NULL, 0);
	assert_int_equal(mpwrite_close(&w, SIZE_MAX), 0);
	mpread_open(&r, b.data, b.len);
	assert_int_equal(mpread_array(&r, 100, &items), 0);
	assert_int_equal(items, COUNT + 2);
	for (size_t i = 0; i < COUNT; i++) {
		int32_t small = 1;
		uint64_t large = 1;
		if (numbers[i] < 0) {
			assert_int_equal(mpread_i32(&r, &small), 0);
			assert_int_equal(small, numbers[i]);
		} else {
			assert_int_equal(mpread_uint(&r, UINT64_MAX, &large), 0);
			assert_int_equal(large, numbers[i]);
		}
	}
	struct text empty = TEXT("x");
	const uint8_t *bytes;
	size_t len = 9;
	assert_int_equal(mpread_str(&r, 10, &empty), 0);
	assert_int_equal(empty.len, 0);
	assert_int_equal(mpread_bin(&r, 10, &bytes, &len), 0);
	assert_int_equal(len, 0);
	assert_true(mpread_is_end(&r));
}

/* Too little room at every place, and too much by the caller's own limit: nothing is left. */
static void test_full_buffer_stays_unchanged(void **state)
{
	uint8_t mem[32];
	(void)state;
	for (size_t cap = 4; cap <= 14; cap++) {
		struct buf b;
		struct mpwrite w;
		buf_over(&b, mem, cap);
		assert_int_equal(buf_put_text(&b, "kept"), 0);
		mpwrite_open(&w, &b);
		mpwrite_array(&w, 3);
		mpwrite_uint(&w, 5);
		mpwrite_text(&w, TEXT("text"));
		mpwrite_uint(&w, 300);
		assert_int_equal(mpwrite_close(&w, SIZE_MAX), cap < 14 ? ERR_FULL : 0);
		assert_int_equal(b.len, cap < 14 ? 4 : 14);
		assert_memory_equal(b.data, "kept", 4);
	}
	for (size_t max = 0; max < 4; max++) {
		struct buf b;
		struct mpwrite w;
		buf_over(&b, mem, sizeof mem);
		mpwrite_open(&w, &b);
		mpwrite_uint(&w, 65535);
		assert_int_equal(mpwrite_close(&w, max), max < 3 ? ERR_FULL : 0);
		assert_int_equal(b.len, max < 3 ? 0 : 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_have_their_shortest_form),
		cmocka_unit_test(test_written_values_are_read_back),
		cmocka_unit_test(test_full_buffer_stays_unchanged),
	};
	return cmocka_run_group_tests_name("proto/msgpack/mpwrite", tests, NULL, NULL);
}
