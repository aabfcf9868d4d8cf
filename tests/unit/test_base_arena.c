/* SPDX-License-Identifier: Apache-2.0
 * An arena stays within its blocks, hands out zeroed aligned memory that does not move, and gives
 * every block back. */
#include "proto/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 128 };

static void test_allocations_are_disjoint_zeroed_and_aligned(void **state)
{
	(void)state;
	struct slab s;
	struct arena a;
	unsigned char *got[64];
	size_t sizes[64];
	int n = 0;
	assert_int_equal(slab_open(&s, BLOCK, 8), 0);
	/* The second round runs over blocks that carry the first one's bytes. */
	for (int round = 0; round < 2; round++) {
		arena_open(&a, &s, 4);
		for (n = 0; n < 64; n++) {
			sizes[n] = (size_t)(1 + (n * 7) % 40);
			got[n] = arena_take(&a, sizes[n]);
			if (got[n] == NULL)
				break;
			assert_int_equal((uintptr_t)got[n] % 8, 0);
			for (size_t k = 0; k < sizes[n]; k++)
				assert_int_equal(got[n][k], 0);
			memset(got[n], n + 1, sizes[n]);
		}
		assert_true(n > 10 && n < 64);
		assert_int_equal(s.used, 4);
		for (int i = 0; i < n; i++) {
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(got[i][k], i + 1);
		}
		arena_close(&a);
		arena_close(&a);
		assert_int_equal(s.used, 0);
	}
	slab_close(&s);
}

static void test_full_arena_returns_null(void **state)
{
	(void)state;
	struct slab s;
	struct arena a, b;
	assert_int_equal(slab_open(&s, BLOCK, 2), 0);
	arena_open(&a, &s, 4);
	arena_open(&b, &s, 1);
	assert_null(arena_take(&a, BLOCK));
	assert_null(arena_take(&a, SIZE_MAX));
	assert_null(arena_copy(&a, "x", SIZE_MAX));
	assert_int_equal(s.used, 0);
	size_t room = BLOCK - sizeof(void *);
	assert_non_null(arena_take(&b, room));
	assert_null(arena_take(&b, 1)); /* its own maximum */
	assert_non_null(arena_take(&a, room));
	assert_null(arena_take(&a, 1)); /* the slab's */
	arena_close(&b);
	assert_non_null(arena_take(&a, 1));
	arena_close(&a);
	slab_close(&s);
}

static void test_copy_ends_in_nul(void **state)
{
	(void)state;
	struct slab s;
	struct arena a;
	assert_int_equal(slab_open(&s, BLOCK, 1), 0);
	arena_open(&a, &s, 1);
	memset(arena_take(&a, 64), 0xff, 64);
	arena_close(&a);
	char *text = arena_copy(&a, "toner", 5);
	char *empty = arena_copy(&a, NULL, 0);
	assert_string_equal(text, "toner");
	assert_string_equal(empty, "");
	arena_close(&a);
	slab_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocations_are_disjoint_zeroed_and_aligned),
		cmocka_unit_test(test_full_arena_returns_null),
		cmocka_unit_test(test_copy_ends_in_nul),
	};
	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
