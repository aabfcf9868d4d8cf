/* SPDX-License-Identifier: Apache-2.0
 * Warnings before a certificate expires: each threshold once, a new certificate anew. */
#include "engine/loop/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint64_t day = 86400000, end = 1900000000000;

static void test_each_threshold_warns_once(void **state)
{
	(void)state;
	struct expiry e = {.at_ms = 0};
	unsigned warnings = 0;
	int days, at[8];
	for (uint64_t now = end - 40 * day; now < end + 3 * day; now += day / 24) {
		if (expiry_note(&e, end, now, &days))
			at[warnings++] = days;
		assert_in_range(warnings, 0, 4);
	}
	assert_int_equal(warnings, 4);
	assert_int_equal(at[0], 30);
	assert_int_equal(at[1], 7);
	assert_int_equal(at[2], 1);
	assert_true(at[3] <= 0);
}

/* Looked at rarely, or after a clock that was set: one warning, of what holds now. */
static void test_passed_thresholds_are_left_out(void **state)
{
	(void)state;
	struct expiry e = {.at_ms = 0};
	int days;
	assert_true(expiry_note(&e, end, end - 2 * day, &days));
	assert_int_equal(days, 2);
	assert_false(expiry_note(&e, end, end - 20 * day, &days));
	assert_false(expiry_note(&e, end, end - 2 * day, &days));
	assert_true(expiry_note(&e, end, end + 5 * day, &days));
	assert_int_equal(days, -5);
	assert_false(expiry_note(&e, end, end + 6 * day, &days));
}

static void test_new_certificate_begins_anew(void **state)
{
	(void)state;
	struct expiry e = {.at_ms = 0};
	int days;
	assert_true(expiry_note(&e, end, end - day / 2, &days));
	assert_false(expiry_note(&e, end + 90 * day, end, &days));
	assert_true(expiry_note(&e, end + 90 * day, end + 85 * day, &days));
	assert_false(expiry_note(&e, 0, end, &days)); /* there is none */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_threshold_warns_once),
		cmocka_unit_test(test_passed_thresholds_are_left_out),
		cmocka_unit_test(test_new_certificate_begins_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
