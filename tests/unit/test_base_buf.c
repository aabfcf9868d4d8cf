/* SPDX-License-Identifier: Apache-2.0
 * A buffer never exceeds its maximum, and a refused write leaves it as it was. */
#include "proto/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_borrowed_memory_is_never_exceeded(void **state)
{
	(void)state;
	uint8_t mem[8];
	memset(mem, 0xee, sizeof mem);
	struct buf b;
	buf_over(&b, mem, 6);
	assert_int_equal(buf_put(&b, "abcd", 4), 0);
	assert_int_equal(buf_put(&b, "xyz", 3), ERR_FULL);
	assert_int_equal(b.len, 4);
	assert_int_equal(buf_put(&b, "ef", 2), 0);
	assert_int_equal(buf_put(&b, "", 0), 0);
	assert_int_equal(buf_put(&b, "g", 1), ERR_FULL);
	assert_memory_equal(mem, "abcdef\xee\xee", 8);
	buf_close(&b);
	buf_close(&b);
	assert_int_equal(buf_put(&b, "g", 1), ERR_FULL);
}

static void test_owned_buffer_grows_to_its_maximum(void **state)
{
	(void)state;
	struct buf b;
	buf_open(&b, 1000);
	assert_null(b.data);
	for (int i = 0; i < 1000; i++) {
		uint8_t c = (uint8_t)i;
		assert_int_equal(buf_put(&b, &c, 1), 0);
		assert_true(b.cap <= 1000);
	}
	assert_int_equal(buf_put(&b, "x", 1), ERR_FULL);
	assert_int_equal(b.len, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.data[i], (uint8_t)i);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), ERR_FULL);
	buf_close(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_put(&b, "again", 5), 0);
	assert_memory_equal(b.data, "again", 5);
	buf_close(&b);
}

static void test_print_is_complete_or_absent(void **state)
{
	(void)state;
	char mem[16];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(buf_printf(&b, "%d-%s", 42, "ok"), 0);
	assert_int_equal(b.len, 5);
	assert_int_equal(buf_printf(&b, "%s", "twelve bytes"), ERR_FULL);
	assert_int_equal(b.len, 5);
	assert_memory_equal(mem, "42-ok", 5);

	/* Longer than the text that is made on the stack. */
	char word[2001];
	memset(word, 'w', 2000);
	word[2000] = '\0';
	struct buf big;
	buf_open(&big, 4096);
	assert_int_equal(buf_printf(&big, "<%s>", word), 0);
	assert_int_equal(big.len, 2002);
	assert_int_equal(big.data[0], '<');
	assert_int_equal(big.data[2000], 'w');
	assert_int_equal(big.data[2001], '>');
	buf_close(&big);
}

static void test_drop_moves_the_rest_down(void **state)
{
	(void)state;
	char mem[8];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(buf_put_text(&b, "abcdef"), 0);
	buf_drop(&b, 2);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "cdef", 4);
	buf_drop(&b, 99);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_put_text(&b, "12345678"), 0);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_borrowed_memory_is_never_exceeded),
		cmocka_unit_test(test_owned_buffer_grows_to_its_maximum),
		cmocka_unit_test(test_print_is_complete_or_absent),
		cmocka_unit_test(test_drop_moves_the_rest_down),
	};
	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
