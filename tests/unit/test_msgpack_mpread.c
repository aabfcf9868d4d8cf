/* SPDX-License-Identifier: Apache-2.0
 * The pull reader: every format byte, every width and edge, and hostile lengths, each in memory of
 * exactly its size, so that a byte too far is seen. */
#include "proto/msgpack/mpread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The bytes in a block of their own. */
static uint8_t *exact(struct mpread *r, const void *bytes, size_t n)
{
	uint8_t *copy = malloc(n == 0 ? 1 : n);
	assert_non_null(copy);
	memcpy(copy, bytes, n);
	mpread_open(r, copy, n);
	return copy;
}

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static int type_of(const uint8_t *bytes, size_t n)
{
	struct mpread r;
	uint8_t *copy = exact(&r, bytes, n);
	int type = mpread_type(&r);
	assert_ptr_equal(r.p, copy);
	free(copy);
	return type;
}

static int skip_one(const uint8_t *bytes, size_t n)
{
	struct mpread r;
	uint8_t *copy = exact(&r, bytes, n);
	int err = mpread_skip(&r);
	if (err == 0)
		err = (int)(r.p - copy);
	else
		assert_ptr_equal(r.p, copy);
	free(copy);
	return err;
}

static void test_type_of_the_first_byte(void **state)
{
	(void)state;
	assert_int_equal(type_of(BYTES(0x00)), MP_UINT);
	assert_int_equal(type_of(BYTES(0x7f)), MP_UINT);
	assert_int_equal(type_of(BYTES(0xe0)), MP_NEGATIVE);
	assert_int_equal(type_of(BYTES(0xff)), MP_NEGATIVE);
	assert_int_equal(type_of(BYTES(0x80)), MP_MAP);
	assert_int_equal(type_of(BYTES(0x90)), MP_ARRAY);
	assert_int_equal(type_of(BYTES(0xa0)), MP_STR);
	assert_int_equal(type_of(BYTES(0xc0)), MP_NIL);
	assert_int_equal(type_of(BYTES(0xc1)), ERR_FORMAT);
	assert_int_equal(type_of(BYTES(0xc2)), MP_BOOL);
	assert_int_equal(type_of(BYTES(0xc4, 0)), MP_BIN);
	assert_int_equal(type_of(BYTES(0xc5, 0, 0)), MP_BIN);
	assert_int_equal(type_of(BYTES(0xc6, 0, 0, 0, 0)), MP_BIN);
	assert_int_equal(type_of(BYTES(0xc7, 0, 1)), MP_EXT);
	assert_int_equal(type_of(BYTES(0xca, 0, 0, 0, 0)), MP_FLOAT);
	assert_int_equal(type_of(BYTES(0xcb, 0, 0, 0, 0, 0, 0, 0, 0)), MP_FLOAT);
	assert_int_equal(type_of(BYTES(0xd0, 0x80)), MP_NEGATIVE);
	assert_int_equal(type_of(BYTES(0xd1, 0x00, 0x80)), MP_UINT);
	assert_int_equal(type_of(BYTES(0xd4, 1, 2)), MP_EXT);
	assert_int_equal(type_of(BYTES(0xd9, 0)), MP_STR);
	assert_int_equal(type_of(BYTES(0xdc, 0, 0)), MP_ARRAY);
	assert_int_equal(type_of(BYTES(0xde, 0, 0)), MP_MAP);
	assert_int_equal(type_of(BYTES(0xdf, 0, 0, 0, 0)), MP_MAP);
	struct mpread r;
	mpread_open(&r, NULL, 0);
	assert_int_equal(mpread_type(&r), ERR_SHORT);
	assert_true(mpread_is_end(&r));
}

static int read_uint(const uint8_t *bytes, size_t n, uint64_t max, uint64_t *v)
{
	struct mpread r;
	uint8_t *copy = exact(&r, bytes, n);
	int err = mpread_uint(&r, max, v);
	assert_ptr_equal(r.p, err == 0 ? copy + n : copy);
	free(copy);
	return err;
}

static void test_unsigned_numbers_in_every_width(void **state)
{
	(void)state;
	uint64_t v = 0;
	assert_int_equal(read_uint(BYTES(0x7f), UINT64_MAX, &v), 0);
	assert_int_equal(v, 127);
	assert_int_equal(read_uint(BYTES(0x7f), 126, &v), ERR_RANGE);
	assert_int_equal(read_uint(BYTES(0xcc, 0xff), UINT64_MAX, &v), 0);
	assert_int_equal(v, 255);
	assert_int_equal(read_uint(BYTES(0xcd, 1, 2), UINT64_MAX, &v), 0);
	assert_int_equal(v, 0x102);
	assert_int_equal(read_uint(BYTES(0xce, 1, 2, 3, 4), UINT64_MAX, &v), 0);
	assert_int_equal(v, 0x1020304);
	assert_int_equal(read_uint(BYTES(0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
				 UINT64_MAX, &v),
		0);
	assert_true(v == UINT64_MAX);
	/* A positive number in a signed width is one too. */
	assert_int_equal(read_uint(BYTES(0xd3, 0, 0, 0, 0, 0, 0, 1, 0), UINT64_MAX, &v), 0);
	assert_int_equal(v, 256);
	assert_int_equal(read_uint(BYTES(0xd0, 0xff), UINT64_MAX, &v), ERR_RANGE);
	assert_int_equal(read_uint(BYTES(0xcd, 1, 2), 0x101, &v), ERR_RANGE);
	assert_int_equal(read_uint(BYTES(0xcd, 1), UINT64_MAX, &v), ERR_SHORT);
	assert_int_equal(read_uint(BYTES(0xc0), UINT64_MAX, &v), ERR_TYPE);
}

static void test_narrow_and_signed_numbers(void **state)
{
	(void)state;
	struct mpread r;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	int32_t i32 = 0;
	int64_t i64 = 0;
	static const uint8_t n65536[] = {0xce, 0, 1, 0, 0};
	mpread_open(&r, n65536, sizeof n65536);
	assert_int_equal(mpread_u8(&r, &u8), ERR_RANGE);
	assert_int_equal(mpread_u16(&r, &u16), ERR_RANGE);
	assert_int_equal(mpread_u32(&r, &u32), 0);
	assert_int_equal(u32, 65536);
	static const uint8_t mixed[] = {0xff, 0xd0, 0x80, 0xd1, 0x80, 0, 0xd2, 0x80, 0, 0, 0, 0xd3,
		0x80, 0, 0, 0, 0, 0, 0, 0, 0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0};
	mpread_open(&r, mixed, sizeof mixed);
	static const int64_t expect[] = {-1, -128, -32768, INT32_MIN};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(mpread_i32(&r, &i32), 0);
		assert_int_equal(i32, expect[i]);
	}
	assert_int_equal(mpread_i32(&r, &i32), ERR_RANGE);
	assert_int_equal(mpread_i64(&r, &i64), 0);
	assert_true(i64 == INT64_MIN);
	assert_int_equal(mpread_i64(&r, &i64), ERR_RANGE);
	assert_int_equal(mpread_skip(&r), 0);
	assert_int_equal(mpread_i64(&r, &i64), ERR_SHORT);
	mpread_open(&r, (const uint8_t *)"\xc3", 1);
	assert_int_equal(mpread_i32(&r, &i32), ERR_TYPE);
	static const uint8_t small[] = {5, 0xcd, 2, 1};
	mpread_open(&r, small, sizeof small);
	assert_int_equal(mpread_u8(&r, &u8), 0);
	assert_int_equal(u8, 5);
	assert_int_equal(mpread_u16(&r, &u16), 0);
	assert_int_equal(u16, 0x201);
}

static void test_texts_bytes_and_flags(void **state)
{
	(void)state;
	struct mpread r;
	struct text t;
	const uint8_t *p;
	size_t n;
	bool flag = false;
	static const uint8_t all[] = {0xc3, 0xc2, 0xa2, 0xc3, 0xa9, 0xd9, 1, 'x', 0xda, 0, 1, 'y',
		0xdb, 0, 0, 0, 1, 'z', 0xc4, 2, 1, 2};
	mpread_open(&r, all, sizeof all);
	assert_int_equal(mpread_str(&r, 1, &t), ERR_TYPE);
	assert_int_equal(mpread_bool(&r, &flag), 0);
	assert_true(flag);
	assert_int_equal(mpread_bool(&r, &flag), 0);
	assert_false(flag);
	assert_int_equal(mpread_bool(&r, &flag), ERR_TYPE);
	assert_int_equal(mpread_str(&r, 1, &t), ERR_LIMIT);
	assert_int_equal(mpread_str(&r, 2, &t), 0);
	assert_int_equal(t.len, 2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mpread_str(&r, 9, &t), 0);
		assert_int_equal(t.p[0], 'x' + i);
	}
	assert_int_equal(mpread_str(&r, 9, &t), ERR_TYPE);
	assert_int_equal(mpread_bin(&r, 1, &p, &n), ERR_LIMIT);
	uint8_t fixed[3];
	assert_int_equal(mpread_bin_fixed(&r, fixed, 3), ERR_FORMAT);
	assert_int_equal(mpread_bin_fixed(&r, fixed, 1), ERR_LIMIT);
	assert_int_equal(mpread_bin_fixed(&r, fixed, 2), 0);
	assert_int_equal(fixed[1], 2);
	assert_int_equal(mpread_bin(&r, 1, &p, &n), ERR_SHORT);
	mpread_open(&r, (const uint8_t *)"\xa1\xff", 2);
	assert_int_equal(mpread_str(&r, 9, &t), ERR_FORMAT);
	assert_int_equal(mpread_skip(&r), ERR_FORMAT);
}

static void test_truncated_values_are_short(void **state)
{
	(void)state;
	assert_int_equal(skip_one(BYTES(0xdd, 0xff, 0xff, 0xff, 0xff)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xdf, 0xff, 0xff, 0xff, 0xff, 0)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xc6, 0xff, 0xff, 0xff, 0xff, 0)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xc9, 0xff, 0xff, 0xff, 0xff, 0)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xdb, 0, 0, 0, 2, 'x')), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xcb, 0, 0, 0)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xd8, 0, 0)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0x82, 1, 2, 3)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0x91)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xdc, 1)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0xc7)), ERR_SHORT);
	assert_int_equal(skip_one(BYTES(0x92, 1, 0xc1)), ERR_FORMAT);
}

static void test_skip_passes_one_value(void **state)
{
	(void)state;
	assert_int_equal(skip_one(BYTES(1, 2)), 1);
	assert_int_equal(skip_one(BYTES(0x80, 2)), 1);
	assert_int_equal(skip_one(BYTES(0x82, 1, 0x92, 2, 3, 4, 0xa1, 'x', 9)), 8);
	assert_int_equal(skip_one(BYTES(0xd4, 1, 2, 9)), 3);
	assert_int_equal(skip_one(BYTES(0xc7, 2, 1, 2, 3, 9)), 5);
	assert_int_equal(skip_one(BYTES(0xca, 1, 2, 3, 4, 9)), 5);
	assert_int_equal(skip_one(BYTES(0x91, 0x91, 0x90, 9)), 3);
}

static void test_depth_and_items_are_bounded(void **state)
{
	(void)state;
	uint8_t deep[LIMIT_MP_DEPTH + 2];
	memset(deep, 0x91, sizeof deep);
	deep[LIMIT_MP_DEPTH] = 7;
	assert_int_equal(skip_one(deep, LIMIT_MP_DEPTH + 1), LIMIT_MP_DEPTH + 1);
	deep[LIMIT_MP_DEPTH] = 0x90; /* an empty one inside costs no level */
	assert_int_equal(skip_one(deep, LIMIT_MP_DEPTH + 1), LIMIT_MP_DEPTH + 1);
	deep[LIMIT_MP_DEPTH] = 0x91;
	deep[LIMIT_MP_DEPTH + 1] = 7;
	assert_int_equal(skip_one(deep, LIMIT_MP_DEPTH + 2), ERR_LIMIT);
	size_t n = 3 + LIMIT_MP_ITEMS + 1;
	uint8_t *many = calloc(1, n);
	assert_non_null(many);
	many[0] = 0xdc;
	many[1] = LIMIT_MP_ITEMS >> 8;
	many[2] = LIMIT_MP_ITEMS & 255;
	assert_int_equal(skip_one(many, n), n - 1);
	many[2]++;
	assert_int_equal(skip_one(many, n), ERR_LIMIT);
	struct mpread r;
	uint32_t count;
	mpread_open(&r, many, n);
	assert_int_equal(mpread_array(&r, LIMIT_MP_ITEMS, &count), ERR_LIMIT);
	assert_int_equal(mpread_array(&r, LIMIT_MP_ITEMS + 1, &count), 0);
	assert_int_equal(count, LIMIT_MP_ITEMS + 1);
	free(many);
}

static void test_duplicate_field_is_refused(void **state)
{
	(void)state;
	struct mpread r;
	struct mpread_fields f;
	uint64_t key = 0;
	static const uint8_t twice[] = {0x84, 1, 9, 0xcc, 200, 9, 0xcc, 200, 9, 1, 9};
	mpread_open(&r, twice, sizeof twice);
	assert_int_equal(mpread_fields_open(&r, &f), 0);
	assert_int_equal(mpread_key(&r, &f, &key), 1);
	assert_int_equal(key, 1);
	assert_int_equal(mpread_skip(&r), 0);
	/* Only our own numbers, below 64, are watched. */
	assert_int_equal(mpread_key(&r, &f, &key), 1);
	assert_int_equal(mpread_skip(&r), 0);
	assert_int_equal(mpread_key(&r, &f, &key), 1);
	assert_int_equal(key, 200);
	assert_int_equal(mpread_skip(&r), 0);
	assert_true(mpread_has(&f, 1));
	assert_false(mpread_has(&f, 2));
	assert_false(mpread_has(&f, 200));
	assert_int_equal(mpread_key(&r, &f, &key), ERR_FORMAT);
	mpread_open(&r, (const uint8_t *)"\x81\xa0\x01", 3);
	assert_int_equal(mpread_fields_open(&r, &f), 0);
	assert_int_equal(mpread_key(&r, &f, &key), ERR_TYPE);
	mpread_open(&r, (const uint8_t *)"\x80", 1);
	assert_int_equal(mpread_fields_open(&r, &f), 0);
	assert_int_equal(mpread_key(&r, &f, &key), 0);
	mpread_open(&r, (const uint8_t *)"\x90", 1);
	assert_int_equal(mpread_fields_open(&r, &f), ERR_TYPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_of_the_first_byte),
		cmocka_unit_test(test_unsigned_numbers_in_every_width),
		cmocka_unit_test(test_narrow_and_signed_numbers),
		cmocka_unit_test(test_texts_bytes_and_flags),
		cmocka_unit_test(test_truncated_values_are_short),
		cmocka_unit_test(test_skip_passes_one_value),
		cmocka_unit_test(test_depth_and_items_are_bounded),
		cmocka_unit_test(test_duplicate_field_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
