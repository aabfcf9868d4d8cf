/* SPDX-License-Identifier: Apache-2.0
 * Texts that stand for a missing value, and texts that look like them. */
#include "proto/base/placeholder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_placeholders_are_recognised(void **state)
{
	(void)state;
	static const char *const none[] = {"", " ", "\t", "0", "000000", "0000000000", "0.00",
		"00:00:00:00:00:00", "-", "----", "???", "XX", "XXXX", "xxxxxxxxxx", "FFFFFFFF",
		"************", "NULL", "null", "(null)", "<null>", "N/A", "n/a", "N.A.", "NA",
		"None", "[none]", "Unknown", "UNKNOWN ", "Not Available", "not-set",
		"Not specified", "undefined", "Default string", "To be filled by O.E.M.",
		"No serial number", "0123456789", "1234567890",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "0000000000000000000000000000000000000000"};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		if (!text_is_placeholder(text_of(none[i])))
			fail_msg("\"%s\" is a placeholder", none[i]);
		assert_int_equal(text_known(text_of(none[i])).len, 0);
	}
}

static void test_each_listed_word_is_a_placeholder(void **state)
{
	(void)state;
	static const char *const words[] = {"default", "dummy", "invalid", "nil", "no data",
		"no serial", "not applicable", "not available", "not defined", "not initialized",
		"not present", "not programmed", "not readable", "not supported", "no value",
		"placeholder", "TBD", "unassigned", "unavailable", "uninitialized", "unknown model",
		"unknown printer", "unknown serial", "unspecified", "12345678", "123456789"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!text_is_placeholder(text_of(words[i])))
			fail_msg("\"%s\" is a placeholder", words[i]);
	}
}

static void test_values_are_kept(void **state)
{
	(void)state;
	static const char *const values[] = {"1", "A", "11", "000123", "0.1", "1.1.1.1", "X4X",
		"XX1", "XC4240", "NULL-100", "None of them", "Unknown Artist 5", "F100", "D", "NO",
		"10.2.1", "013.4", "00A1", "Nashuatec", "NA100", "12345679",
		"\xe3\x83\x88\xe3\x83\x8a\xe3\x83\xbc", "A text of more than twenty-four bytes"};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (text_is_placeholder(text_of(values[i])))
			fail_msg("\"%s\" is a value", values[i]);
		assert_true(text_is(text_known(text_of(values[i])), values[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_placeholders_are_recognised),
		cmocka_unit_test(test_each_listed_word_is_a_placeholder),
		cmocka_unit_test(test_values_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
