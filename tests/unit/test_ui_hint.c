/* SPDX-License-Identifier: Apache-2.0
 * Each error of SNMP has a sentence of its own; silence has one for each version. */
#include "engine/ui/hint.h"

#include "proto/base/err.h"
#include "proto/smi/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_each_error_has_its_own_remedy(void **state)
{
	(void)state;
	static const int errors[] = {ERR_SNMP_TIMEOUT, ERR_SNMP_STATUS, ERR_SNMP_SEND,
		ERR_SNMP_USER, ERR_SNMP_DIGEST, ERR_SNMP_CIPHER, ERR_SNMP_WINDOW, ERR_SNMP_ENGINE,
		ERR_SNMP_LEVEL, ERR_SNMP_CONTEXT, ERR_SNMP_BAD};
	enum { COUNT = sizeof errors / sizeof errors[0] };
	for (size_t i = 0; i < COUNT; i++) {
		const char *one = hint_snmp(errors[i], SNMP_V3);
		assert_true(strlen(one) > 20);
		assert_true(one[0] >= 'a' && one[0] <= 'z');
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(one, hint_snmp(errors[j], SNMP_V3));
	}
	assert_non_null(strstr(hint_snmp(ERR_SNMP_TIMEOUT, SNMP_V2C), "community"));
	assert_null(strstr(hint_snmp(ERR_SNMP_TIMEOUT, SNMP_V3), "community"));
	assert_non_null(strstr(hint_snmp(ERR_SNMP_CIPHER, SNMP_V3), "priv_password_file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_error_has_its_own_remedy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
