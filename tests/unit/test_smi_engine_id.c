/* SPDX-License-Identifier: Apache-2.0
 * engineIDs in words: each format of RFC 3411, and what is none. */
#include "proto/smi/engine_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_every_format_is_recognized(void **state)
{
	(void)state;
	static const struct {
		size_t len;
		const char *id, *words;
	} rows[] = {
		{11, "\x80\0\0\x0b\x03\x12\x34\x56\x78\x90\xab",
			"8000000b031234567890ab: HP (enterprise 11), by its MAC address "
			"12:34:56:78:90:ab"},
		{9, "\x80\0\0\xfd\x01\x0a\x01\x04\x16",
			"800000fd010a010416: Xerox (enterprise 253), by its IPv4 address "
			"10.1.4.22"},
		{8,
			"\x80\0\x1f\x88\x05"
			"abc",
			"80001f8805616263: Net-SNMP (enterprise 8072), by octets of its own"},
		{17, "\x80\0\x1f\x88\x80\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c",
			"80001f88800102030405060708090a0b0c: Net-SNMP (enterprise 8072), in the "
			"vendor's own format 128"},
		{12, "\0\0\x01\x6f\0\0\0\0\0\0\0\1",
			"0000016f0000000000000001: Ricoh (enterprise 367), in the old format"},
		{5, "\0\x01\0\0\0",
			"0001000000: another vendor (enterprise 65536), in the old format, which "
			"has 12 bytes"},
		{6, "\x80\0\0\x0b\x07\0",
			"8000000b0700: HP (enterprise 11), in a format that RFC 3411 does not have "
			"(7)"},
		{4, "\x80\0\0\x0b", "8000000b: 4 bytes, which RFC 3411 does not allow"},
	};
	char text[256];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_string_equal(engine_id_describe(text, sizeof text,
					    (const uint8_t *)rows[i].id, rows[i].len),
			rows[i].words);
	}
}

static void test_foreign_text_is_scrubbed(void **state)
{
	(void)state;
	char text[256];
	const uint8_t id[] = {0x80, 0, 0x1f, 0x88, 4, 'a', 0x1b, 'b', 0xff};
	assert_non_null(strstr(engine_id_describe(text, sizeof text, id, sizeof id),
		"by the text \"a b\xef\xbf\xbd\""));
	uint8_t longest[33] = {0x80};
	assert_non_null(strstr(
		engine_id_describe(text, sizeof text, longest, sizeof longest), "...: 33 bytes"));
	char little[8];
	assert_int_equal(strlen(engine_id_describe(little, sizeof little, longest, 12)), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format_is_recognized),
		cmocka_unit_test(test_foreign_text_is_scrubbed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
