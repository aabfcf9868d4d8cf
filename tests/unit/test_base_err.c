/* SPDX-License-Identifier: Apache-2.0
 * Every error of err.h has a name of its own: the header itself is read, so that a new error
 * without a name fails here. */
#include "proto/base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_error_names_are_unique(void **state)
{
	(void)state;
	FILE *f = fopen(PLATEN_SOURCE_DIR "/proto/base/err.h", "re");
	assert_non_null(f);
	char line[256];
	const char *texts[256];
	int codes[256];
	int n = 0;
	while (fgets(line, sizeof line, f) != NULL) {
		char name[64];
		int code;
		if (sscanf(line, " ERR_%60[A-Z0-9_] = %d", name, &code) != 2)
			continue;
		assert_true(n < 256);
		const char *text = err_text(code);
		assert_string_not_equal(text, "unknown-error");
		assert_string_not_equal(text, "ok");
		assert_null(strpbrk(text, " =\"")); /* a value in a log line without quotes */
		for (int i = 0; i < n; i++) {
			assert_string_not_equal(text, texts[i]);
			assert_int_not_equal(code, codes[i]);
		}
		texts[n] = text;
		codes[n++] = code;
	}
	(void)fclose(f);
	assert_true(n >= 38);
}

static void test_errno_passes_through(void **state)
{
	(void)state;
	assert_string_equal(err_text(0), "ok");
	assert_string_equal(err_text(17), "ok");
	assert_string_equal(err_text(-ECONNREFUSED), "Connection refused");
	assert_string_equal(err_text(-4000), "unknown-error");
	assert_string_equal(err_text(-999999), "unknown-error");
}

static void test_temporary_errors_are_marked(void **state)
{
	(void)state;
	static const int passing[] = {ERR_FULL, ERR_TIMEOUT, ERR_SNMP_TIMEOUT, ERR_CLOSED,
		ERR_UNAVAILABLE, -ECONNREFUSED, -ETIMEDOUT, -ENOSPC};
	static const int lasting[] = {0, ERR_FORMAT, ERR_TLS_UNTRUSTED, ERR_TLS_NAME, ERR_AUTH,
		ERR_CONFLICT, ERR_SIGNATURE, ERR_CONF, -EACCES, -ENOENT};
	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
		assert_true(err_passes(passing[i]));
	for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++)
		assert_false(err_passes(lasting[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_names_are_unique),
		cmocka_unit_test(test_errno_passes_through),
		cmocka_unit_test(test_temporary_errors_are_marked),
	};
	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
