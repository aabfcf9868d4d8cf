/* SPDX-License-Identifier: Apache-2.0
 * The bound on lines that remote peers can cause. */
#include "proto/base/limits.h"
#include "proto/base/log.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_lines_per_second_are_limited(void **state)
{
	(void)state;
	struct log_rate_limit g = {0};
	unsigned missed = 99;
	for (unsigned i = 0; i < LIMIT_LOG_RATE; i++) {
		assert_true(log_rate_limit_pass(&g, 5000 + i, &missed));
		assert_int_equal(missed, 0);
	}
	for (unsigned i = 0; i < 7; i++)
		assert_false(log_rate_limit_pass(&g, 5999, &missed));
	assert_true(log_rate_limit_pass(&g, 6000, &missed));
	assert_int_equal(missed, 7);
	assert_true(log_rate_limit_pass(&g, 6000, &missed));
	assert_int_equal(missed, 0);
}

static void test_slow_lines_are_never_suppressed(void **state)
{
	(void)state;
	struct log_rate_limit g = {0};
	unsigned missed;
	for (uint64_t ms = 0; ms < 100000; ms += 100)
		assert_true(log_rate_limit_pass(&g, ms, &missed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_per_second_are_limited),
		cmocka_unit_test(test_slow_lines_are_never_suppressed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
