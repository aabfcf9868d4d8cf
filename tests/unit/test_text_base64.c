/* SPDX-License-Identifier: Apache-2.0
 * The vectors of RFC 4648 section 10, both ways, and what is not canonical. */
#include "proto/text/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_vectors_of_rfc_4648(void **state)
{
	(void)state;
	static const char *const all[][2] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
		{"\xff\xef\xbe", "/+++"}};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		const uint8_t *bytes = (const uint8_t *)all[i][0];
		size_t len = strlen(all[i][0]);
		char text[BASE64_CHARS(6) + 1];
		uint8_t back[6];
		base64_encode(text, bytes, len);
		assert_string_equal(text, all[i][1]);
		assert_int_equal(strlen(text), BASE64_CHARS(len));
		assert_int_equal(base64_decode(back, sizeof back, text), len);
		assert_memory_equal(back, bytes, len);
		assert_int_equal(base64_decode(back, len - 1, text), ERR_LIMIT);
	}
	char none[1] = {'x'};
	base64_encode(none, NULL, 0);
	assert_string_equal(none, "");
}

static void test_non_canonical_text_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "Z", "Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "=g==", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9",
		"Zm-_", "Zm9v====", "Z=8="};
	uint8_t back[16];
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(base64_decode(back, sizeof back, bad[i]), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_rfc_4648),
		cmocka_unit_test(test_non_canonical_text_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
