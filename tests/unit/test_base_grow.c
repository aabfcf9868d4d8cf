/* SPDX-License-Identifier: Apache-2.0
 * Items of a list that grows stay in their order, and it moves seldom. */
#include "proto/base/grow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ITEMS = 1000 };

static void test_items_stay_in_order(void **state)
{
	unsigned *list = NULL;
	size_t cap = 0, moves = 0;
	(void)state;
	for (unsigned i = 0; i < ITEMS; i++) {
		size_t before = cap;
		unsigned *grown = grow_by_one(list, i, &cap, sizeof grown[0]);
		assert_non_null(grown);
		assert_true(cap > i);
		moves += cap != before;
		list = grown;
		list[i] = i;
	}
	for (unsigned i = 0; i < ITEMS; i++)
		assert_int_equal(list[i], i);
	assert_in_range(moves, 1, 10);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_stay_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
