/* SPDX-License-Identifier: Apache-2.0
 * A realloc of libuv that fails is repeated with the reserve, once. */
#include "engine/loop/loop_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

void *__real_realloc(void *old, size_t len);
void *__wrap_realloc(void *old, size_t len);

static unsigned failures; /* of the calls that follow */

void *__wrap_realloc(void *old, size_t len)
{
	if (failures == 0)
		return __real_realloc(old, len);
	failures--;
	return NULL;
}

static void test_reserve_serves_a_failed_realloc(void **state)
{
	(void)state;
	char *bytes = malloc(1);
	assert_non_null(bytes);
	*bytes = 'x';
	assert_int_equal(loop_memory_open(), 0);
	failures = 1;
	bytes = loop_realloc(bytes, 100);
	assert_non_null(bytes);
	assert_int_equal(*bytes, 'x');
	failures = 1; /* the reserve is gone */
	assert_null(loop_realloc(bytes, 200));
	assert_int_equal(failures, 0);
	assert_int_equal(loop_memory_open(), 0); /* the next loop has one again */
	failures = 1;
	bytes = loop_realloc(bytes, 200);
	assert_non_null(bytes);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserve_serves_a_failed_realloc),
	};
	return cmocka_run_group_tests_name("loop/memory", tests, NULL, NULL);
}
