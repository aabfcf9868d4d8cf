/* SPDX-License-Identifier: Apache-2.0
 * Foreign text becomes valid UTF-8 without controls; numbers, durations and sizes are read whole
 * or not at all. */
#include "proto/base/str.h"
#include "proto/base/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_utf8_is_checked_by_rfc_3629(void **state)
{
	(void)state;
	static const char *const good[] = {"", "abc", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ",
		"\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xfe", "\xff", "a\xe2\x82", "\xf0\x9f\x96"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(str_is_utf8((const uint8_t *)good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(str_is_utf8((const uint8_t *)bad[i], strlen(bad[i])));
}

/* Each byte at each place of texts around the width of a word. */
static void test_ascii_and_printable_of_every_byte(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 19; len++) {
		uint8_t *p = malloc(len > 0 ? len : 1);
		assert_non_null(p);
		memset(p, 'a', len);
		assert_true(str_is_ascii(p, len) && str_is_printable(p, len));
		for (size_t at = 0; at < len; at++) {
			for (unsigned c = 0; c <= 0xff; c++) {
				p[at] = (uint8_t)c;
				assert_int_equal(str_is_ascii(p, len), c < 0x80);
				assert_int_equal(str_is_printable(p, len), c >= 0x20 && c < 0x7f);
			}
			p[at] = at % 2 == 0 ? ' ' : '~';
		}
		free(p);
	}
}

static void assert_scrubbed(const char *src, size_t len, size_t cap, const char *want)
{
	char *dst = malloc(cap);
	assert_non_null(dst);
	size_t n = str_scrub(dst, cap, (const uint8_t *)src, len);
	assert_string_equal(dst, want);
	assert_int_equal(n, strlen(want));
	free(dst);
}

static void test_scrub(void **state)
{
	(void)state;
	assert_scrubbed("  Xerox  ", 9, 32, "Xerox");
	assert_scrubbed("\t\r\n Xerox\n7800\t", 15, 32, "Xerox 7800");
	assert_scrubbed("AB\0CD", 5, 32, "AB");
	assert_scrubbed("caf\xe9", 4, 32, "caf\xef\xbf\xbd");
	assert_scrubbed("\xc2\x9bx\x7f", 4, 32, "x");
	assert_scrubbed("", 0, 32, "");
	assert_scrubbed("   ", 3, 32, "");
	/* The cut never splits a character, nor a replacement. */
	assert_scrubbed("ab\xe2\x82\xac", 5, 6, "ab\xe2\x82\xac");
	assert_scrubbed("ab\xe2\x82\xac", 5, 5, "ab");
	assert_scrubbed("ab\xff", 3, 5, "ab");
	assert_scrubbed("abc", 3, 1, "");
	assert_int_equal(str_scrub(NULL, 0, (const uint8_t *)"abc", 3), 0);
	char dst[5] = "old";
	assert_int_equal(text_scrub(dst, sizeof dst, (struct text){NULL, 0}), 0);
	assert_string_equal(dst, "");
	assert_int_equal(text_scrub(dst, sizeof dst, TEXT("ab\xe2\x82\xac")), 2);
	assert_string_equal(dst, "ab");
}

static void test_scrub_of_random_bytes_gives_clean_text(void **state)
{
	(void)state;
	unsigned seed = 3;
	for (int round = 0; round < 20000; round++) {
		uint8_t src[40];
		char dst[48];
		size_t len = (size_t)(rand_r(&seed) % 40);
		for (size_t i = 0; i < len; i++)
			src[i] = (uint8_t)rand_r(&seed);
		size_t cap = (size_t)(1 + rand_r(&seed) % 48);
		size_t n = str_scrub(dst, cap, src, len);
		assert_true(n < cap);
		assert_int_equal(strlen(dst), n);
		assert_true(str_is_utf8((const uint8_t *)dst, n));
		for (size_t i = 0; i < n; i++)
			assert_true((unsigned char)dst[i] >= 0x20 && dst[i] != 0x7f);
		assert_true(n == 0 || (dst[0] != ' ' && dst[n - 1] != ' '));
	}
}

static void test_texts_and_copies(void **state)
{
	(void)state;
	char dst[4];
	assert_int_equal(str_copy(dst, sizeof dst, "toner"), 3);
	assert_string_equal(dst, "ton");
	assert_int_equal(str_copy(dst, 0, "x"), 0);
	assert_string_equal(dst, "ton");
	assert_true(text_is(text_of("abc"), "abc"));
	assert_false(text_is(text_of("abc"), "abd"));
	assert_false(text_is(text_of("abc"), "ab"));
	assert_true(text_is(text_of(NULL), ""));
	assert_true(text_is(TEXT("xyz"), "xyz"));
}

static void test_partial_numbers_are_refused(void **state)
{
	(void)state;
	uint64_t v = 99;
	assert_int_equal(str_to_u64("0", 0, 10, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(str_to_u64("18446744073709551615", 0, UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_to_u64("18446744073709551616", 0, UINT64_MAX, &v), ERR_RANGE);
	assert_int_equal(str_to_u64("11", 0, 10, &v), ERR_RANGE);
	assert_int_equal(str_to_u64("4", 5, 10, &v), ERR_RANGE);
	static const char *const bad[] = {"", " 1", "+1", "-1", "1 ", "1x", "0x10", "x"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(str_to_u64(bad[i], 0, 100, &v), ERR_FORMAT);
	assert_true(v == UINT64_MAX);
}

static void test_durations_and_sizes_have_units(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t want;
	} ms[] = {{"250ms", 250}, {"15s", 15000}, {"10m", 600000}, {"6h", 21600000},
		{"7d", 604800000}, {"0", 0}, {"0s", 0}},
	  bytes[] = {{"4096B", 4096}, {"512KiB", 524288}, {"64MiB", 67108864}, {"1GiB", 1073741824},
		  {"0", 0}};
	uint64_t v;
	for (size_t i = 0; i < sizeof ms / sizeof ms[0]; i++) {
		assert_int_equal(str_to_ms(ms[i].text, &v), 0);
		assert_int_equal(v, ms[i].want);
	}
	for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
		assert_int_equal(str_to_bytes(bytes[i].text, &v), 0);
		assert_int_equal(v, bytes[i].want);
	}
	assert_int_equal(str_to_ms("15", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("15 s", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("30m1h", &v), ERR_FORMAT); /* from the largest unit on */
	assert_int_equal(str_to_ms("1h1h", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("1h30", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("18446744073709551615ms1s", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("s", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("-1s", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("1.5s", &v), ERR_FORMAT);
	assert_int_equal(str_to_ms("18446744073709551615d", &v), ERR_RANGE);
	assert_int_equal(str_to_ms("99999999999999999999s", &v), ERR_RANGE);
	assert_int_equal(str_to_bytes("64MB", &v), ERR_FORMAT);
	assert_int_equal(str_to_bytes("64", &v), ERR_FORMAT);
}

static void test_hex_round_trips(void **state)
{
	(void)state;
	uint8_t bytes[4] = {0x00, 0x9a, 0xff, 0x10};
	uint8_t back[4];
	char text[9];
	str_hex(text, bytes, 4);
	assert_string_equal(text, "009aff10");
	assert_int_equal(str_unhex(back, 4, text, 8), 4);
	assert_memory_equal(back, bytes, 4);
	assert_int_equal(str_unhex(back, 4, "9AfF", 4), 2);
	assert_int_equal(back[1], 0xff);
	assert_int_equal(str_unhex(back, 4, "abc", 3), ERR_FORMAT);
	assert_int_equal(str_unhex(back, 4, "0g", 2), ERR_FORMAT);
	assert_int_equal(str_unhex(back, 1, "0011", 4), ERR_FULL);
	assert_int_equal(str_unhex(back, 0, "", 0), 0);
}

static void test_times_in_utc(void **state)
{
	(void)state;
	static const struct {
		uint64_t ms;
		const char *want;
	} rows[] = {{0, "1970-01-01T00:00:00.000Z"}, {1795352709120, "2026-11-22T13:05:09.120Z"},
		{951782400999, "2000-02-29T00:00:00.999Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
		{253402300800000, "9999-12-31T23:59:59.999Z"},
		{UINT64_MAX, "9999-12-31T23:59:59.999Z"}};
	char dst[25];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		str_utc(dst, rows[i].ms);
		assert_string_equal(dst, rows[i].want);
	}
}

static void test_texts_are_split(void **state)
{
	(void)state;
	assert_true(text_is(text_trimmed(TEXT(" \t a b\r\n")), "a b"));
	assert_int_equal(text_trimmed(TEXT(" \f\v ")).len, 0);
	assert_int_equal(text_trimmed((struct text){NULL, 0}).len, 0);
	assert_true(text_starts_with(TEXT("S/N: 1"), "s/n"));
	assert_true(text_starts_with(TEXT(""), ""));
	assert_false(text_starts_with(TEXT("S/"), "S/N"));

	const char *list = " a b ,,c,";
	static const char *const entries[] = {"a b", "", "c", ""};
	struct text entry;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		assert_true(text_take_entry(&list, &entry));
		assert_true(text_is(entry, entries[i]));
	}
	assert_false(text_take_entry(&list, &entry));
	list = "";
	assert_true(text_take_entry(&list, &entry) && entry.len == 0);
	assert_false(text_take_entry(&list, &entry));

	struct text rest = TEXT(" MFG : Acme ;;MDL:A:B;alone; CLS:"), key, value;
	assert_true(text_take_pair(&rest, ':', &key, &value));
	assert_true(text_is(key, "MFG") && text_is(value, "Acme"));
	assert_true(text_take_pair(&rest, ':', &key, &value));
	assert_true(text_is(key, "MDL") && text_is(value, "A:B"));
	assert_true(text_take_pair(&rest, ':', &key, &value));
	assert_true(text_is(key, "") && text_is(value, "alone"));
	assert_true(text_take_pair(&rest, ':', &key, &value));
	assert_true(text_is(key, "CLS") && text_is(value, ""));
	assert_false(text_take_pair(&rest, ':', &key, &value));
	rest = TEXT(" ; ;");
	assert_false(text_take_pair(&rest, '=', &key, &value));
	assert_int_equal(rest.len, 0);
}

static void test_quote_escapes_controls(void **state)
{
	(void)state;
	char dst[128];
	static const struct {
		const char *src;
		size_t len;
		const char *want;
	} rows[] = {{"plain", 5, "\"plain\""}, {"", 0, "\"\""}, {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
		{"x\ny\0z", 5, "\"x\\ny\\x00z\""}, {"\x7f\x1b[2J", 5, "\"\\x7f\\x1b[2J\""},
		{"Büro", 5, "\"Büro\""},
		{"\xff"
		 "b",
			2, "\"\\xffb\""},
		{"ü\xff", 3, "\"ü\\xff\""},
		/* C1 control CSI in UTF-8: a terminal would obey it. */
		{"\xc2\x9b"
		 "2J",
			4, "\"\\xc2\\x9b2J\""},
		{"\xc2\xa0", 2, "\"\xc2\xa0\""}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(
			str_quote(dst, sizeof dst, rows[i].src, rows[i].len), rows[i].want);
}

static void test_quote_is_cut_between_characters(void **state)
{
	(void)state;
	static const char src[] = "a\"\n\xc3\xbc\xe2\x82\xac\xf0\x9f\x96\xa8 \x01 end of a text";
	size_t len = sizeof src - 1;
	for (size_t cap = 0; cap < 64; cap++) {
		char *dst = malloc(cap + 1); /* ASan sees a byte too many */
		assert_non_null(dst);
		assert_ptr_equal(str_quote(dst, cap, src, len), dst);
		if (cap >= 8) {
			size_t n = strlen(dst);
			assert_true(n < cap && n >= 2);
			assert_int_equal(dst[0], '"');
			assert_int_equal(dst[n - 1], '"');
			assert_true(str_is_utf8((const uint8_t *)dst, n));
			/* No cut escape: what is left is a prefix of the whole. */
			char whole[128];
			(void)str_quote(whole, sizeof whole, src, len);
			assert_memory_equal(dst, whole, n - 1);
			assert_true(dst[n - 2] != '\\' || (n > 3 && dst[n - 3] == '\\'));
		} else if (cap > 0) {
			assert_string_equal(dst, "");
		}
		free(dst);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8_is_checked_by_rfc_3629),
		cmocka_unit_test(test_ascii_and_printable_of_every_byte),
		cmocka_unit_test(test_scrub),
		cmocka_unit_test(test_scrub_of_random_bytes_gives_clean_text),
		cmocka_unit_test(test_texts_and_copies),
		cmocka_unit_test(test_texts_are_split),
		cmocka_unit_test(test_partial_numbers_are_refused),
		cmocka_unit_test(test_durations_and_sizes_have_units),
		cmocka_unit_test(test_hex_round_trips),
		cmocka_unit_test(test_times_in_utc),
		cmocka_unit_test(test_quote_escapes_controls),
		cmocka_unit_test(test_quote_is_cut_between_characters),
	};
	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
