/* SPDX-License-Identifier: Apache-2.0
 * A printer's text becomes UTF-8: every set of the list by words of its own, declarations that are
 * wrong, text that was encoded twice, and any bytes at any room. */
#include "proto/text/charset.c" /* its list of sets, and without its tables */

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* For the bytes of a sample and their number. */
#define SAMPLE(literal) literal, sizeof(literal) - 1

struct sample {
	int mib_enum;
	const char *bytes;
	size_t len;
	const char *utf8;
};

static const struct sample samples[] = {
	{4,
		SAMPLE("T\xfcr ge\xf6"
		       "ffnet, r\xe9"
		       "duit"),
		"Tür geöffnet, réduit"},
	{5,
		SAMPLE("Gy\xfbjt\xf5tart\xe1ly: za\xbe"
		       "ehlova\xe8"),
		"Gyűjtőtartály: zažehlovač"},
	{6,
		SAMPLE("\xa1ob\xbf"
		       "a \xf5"
		       "dida"),
		"Ħobża ġdida"},
	{7, SAMPLE("Kase\xb9u v\xe0ks, \xf3\xefla"), "Kasešu vāks, ķīla"},
	{8, SAMPLE("\xb7\xd0\xdc\xd5\xdd\xd8\xe2\xd5 \xe2\xde\xdd\xd5\xe0"), "Замените тонер"},
	{9, SAMPLE("\xcf\xd1\xcc \xc7\xe4\xe8\xd1\xe2"), "درج الورق"},
	{10, SAMPLE("\xd4\xfd\xec\xf0\xe1\xed\xef"), "Τύμπανο"},
	{11, SAMPLE("\xee\xe2\xf9 \xf0\xe9\xe9\xf8"), "מגש נייר"},
	{12, SAMPLE("Ka\xf0\xfdt s\xfdk\xfd\xfet\xfd"), "Kağıt sıkıştı"},
	{13, SAMPLE("\xdeurrka\xf0, \xb1\xbcuolas"), "Þurrkað, ąžuolas"},
	{109, SAMPLE("B\xfbgnas, \xe0\xfeuolas"), "Būgnas, ąžuolas"},
	{110, SAMPLE("T\xfe, \xf0yneb"), "Tŷ, ŵyneb"},
	{111, SAMPLE("\xbcuvre \xe0 5 \xa4"), "Œuvre à 5 €"},
	{112, SAMPLE("H\xe2rtie \xeen tav\xe3"), "Hârtie în tavă"},
	{2001, SAMPLE("T\xfcr \x96 \x84offen\x93"), "Tür – „offen“"},
	{2004,
		SAMPLE("R\xc5"
		       "ceptacle \xc8 vider, Gr\xce\xde"
		       "e"),
		"Réceptacle à vider, Größe"},
	{2009,
		SAMPLE("T\x81r ge\x94"
		       "ffnet"),
		"Tür geöffnet"},
	{2010,
		SAMPLE("B\xa9"
		       "ben \x98wiat\x88oczu\x88y"),
		"Bęben światłoczuły"},
	{2011,
		SAMPLE("Gr\x94\xe1"
		       "e ge\x84ndert"),
		"Größe geändert"},
	{2013, SAMPLE("\x8e\x82\x99"), "מגש"},
	{2046, SAMPLE("\xd1\xd6\xe5\xd6\xc6 \xd8\xe7\xe3\xe5"), "Лоток пуст"},
	{2047, SAMPLE("Ka\xa7\x8dt s\x8dk\x8d\x9ft\x8d"), "Kağıt sıkıştı"},
	{2084, SAMPLE("\xfa\xc1\xcd\xd1\xd4\xc9\xc5 \xc2\xd5\xcd\xc1\xc7\xc9"), "Замятие бумаги"},
	{2086, SAMPLE("\x8b\xae\xe2\xae\xaa \xaf\xe3\xe1\xe2"), "Лоток пуст"},
	{2088, SAMPLE("\xb7\xa7 \xd4\xcf\xce\xc5\xd2"), "Її тонер"},
	{2089, SAMPLE("5 \xd5 f\x81r Toner"), "5 € für Toner"},
	{2109, SAMPLE("\xa1\xc3\xd0\xb4\xd2\xc9\xb5\xd4\xb4"), "กระดาษติด"},
	{2250,
		SAMPLE("Zamie\xf1 wk\xb3"
		       "ad: \xbf\xf3\xb3ty"),
		"Zamień wkład: żółty"},
	{2251, SAMPLE("\xc1\xe0\xf0\xe0\xe1\xe0\xed \xe8\xe7\xed\xee\xf8\xe5\xed"),
		"Барабан изношен"},
	{2252,
		SAMPLE("R\xe9"
		       "ceptacle \x96 plein"),
		"Réceptacle – plein"},
	{2253, SAMPLE("\xa2\xe4\xe5\xe9\xef\xf2 \xe4\xdf\xf3\xea\xef\xf2"), "Άδειος δίσκος"},
	{2254, SAMPLE("Tepsi bo\xfe, \xfd\xfe\xfdk"), "Tepsi boş, ışık"},
	{2255, SAMPLE("\xee\xe2\xf9 \xf0\xe9\xe9\xf8"), "מגש נייר"},
	{2256, SAMPLE("\xcf\xd1\xcc \xc7\xe1\xe6\xd1\xde"), "درج الورق"},
	{2257, SAMPLE("B\xfbgnas \xf0vie\xe8ia"), "Būgnas šviečia"},
	{2258,
		SAMPLE("\xd0o\xf2"
		       "c gi\xe2\xecy"),
		"Đọc giấy"},
	{2259, SAMPLE("\xb5\xc5\xd1\xba\xcb\xc1\xd6\xa1"), "ตลับหมึก"},
	{17, SAMPLE("\x97p\x8e\x86\x90\xd8\x82\xea\x87@"), "用紙切れ①"},
	{2024, SAMPLE("\x83g\x83i\x81[\x8c\xf0\x8a\xb7"), "トナー交換"},
	{18, SAMPLE("\xb5\xeb\xbb\xe6\xa5\xc8\xa5\xec\xa5\xa4"), "給紙トレイ"},
	{36, SAMPLE("\xbf\xeb\xc1\xf6 \xb0\xc9\xb8\xb2"), "용지 걸림"},
	{38, SAMPLE("\xc5\xe4\xb3\xca \xba\xce\xc1\xb7"), "토너 부족"},
	{113, SAMPLE("\xcc\xbc\xb7\xdb\xb2\xbb\xd7\xe3"), "碳粉不足"},
	{114,
		SAMPLE("\xd6\xbd\xba\xd0\xce\xaa\xbf\xd5 \x81"
		       "5\xf8"
		       "1"),
		"纸盒为空 ṡ"},
	{2025, SAMPLE("\xb8\xfc\xbb\xbb\xce\xf8\xb9\xc4"), "更换硒鼓"},
	{2026, SAMPLE("\xaf\xc8\xa7X\xb5L\xaf\xc8"), "紙匣無紙"},
	{2101, SAMPLE("\xba\xd2\xaf\xbb\xa4\xa3\xa8\xac"), "碳粉不足"},
	{1000, SAMPLE("\x00T\x00\xfc\x00r\x00 }\x19"), "Tür 紙"},
	{1013,
		SAMPLE("\x04\x1b\x04>\x04"
		       "B\x04>\x04:"),
		"Лоток"},
	{1014,
		SAMPLE("\x19}#S \x00l\x00"
		       "e\x00"
		       "e\x00r\x00"),
		"紙匣 leer"},
	{1015,
		SAMPLE("\x00T\x00\xfc\x00r\x00 \x00o\x00"
		       "f\x00"
		       "f\x00"
		       "e\x00n"),
		"Tür offen"},
	{3, SAMPLE("Toner low"), "Toner low"},
	{106, SAMPLE("T\xc3\xbcr"), "Tür"},
};

enum { SAMPLES = sizeof samples / sizeof samples[0] };

static int open_all(void **state)
{
	(void)state;
	/* The tests need all tables; a container without them runs other tests. */
	return charset_open() == 0 ? 0 : -1;
}
static bool is_known(int mib_enum)
{
	return row_of(mib_enum) >= 0;
}

static void close_tables(void)
{
	for (unsigned i = 0; i < ROWS; i++) {
		if (has_table[i])
			(void)iconv_close(table[i]);
		has_table[i] = false;
	}
	is_open = false;
}

static int close_all(void **state)
{
	(void)state;
	close_tables();
	return 0;
}

static void assert_becomes(int mib_enum, const char *bytes, size_t len, const char *want)
{
	char dst[LIMIT_TEXT + 1];
	size_t n = charset_to_utf8(dst, sizeof dst, mib_enum, (const uint8_t *)bytes, len);
	assert_string_equal(dst, want);
	assert_int_equal(n, strlen(want));
}

static void test_sample_of_every_charset(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++)
		assert_becomes(
			samples[i].mib_enum, samples[i].bytes, samples[i].len, samples[i].utf8);
}

static void test_every_charset_has_a_sample(void **state)
{
	(void)state;
	unsigned sets = 0;
	for (; sets < ROWS; sets++) {
		int mib = rows[sets].mib_enum;
		size_t i = 0;
		assert_true(is_known(mib));
		while (i < SAMPLES && samples[i].mib_enum != mib)
			i++;
		assert_true(i < SAMPLES);
	}
	assert_int_equal(sets, SAMPLES);
	assert_false(is_known(0));
	assert_false(is_known(2));
}

static void test_ascii_is_unchanged_in_every_charset(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++)
		assert_becomes(samples[i].mib_enum, SAMPLE(" A\\b ~5% \t|x "), "A\\b ~5%  |x");
}

/* Printers say Latin-1 and send UTF-8. */
static void test_utf8_overrides_the_declared_charset(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		int mib = samples[i].mib_enum;
		assert_becomes(mib, SAMPLE("T\xc3\xbcr offen"), "Tür offen");
		assert_becomes(mib, SAMPLE("\xe7\xb4\x99"), "紙");
		/* Cut by the printer behind its first character. */
		assert_becomes(mib, SAMPLE("Gr\xc3\xb6\xc3"), "Grö");
		assert_becomes(mib, SAMPLE("\xe7\xb4\x99\xe7\xb4"), "紙");
	}
	assert_becomes(4, SAMPLE("\xef\xbb\xbfT\xc3\xbcr"), "Tür");
}

/* Two Chinese letters of GB 2312 are valid UTF-8 and mean nothing there. */
static void test_double_byte_text_is_not_utf8(void **state)
{
	(void)state;
	assert_becomes(2025, SAMPLE("\xc4\xab"), "墨");
	assert_becomes(2025, SAMPLE("\xc4\xab 2"), "墨 2");
	assert_becomes(4, SAMPLE("\xc4\xab"), "ī");
	assert_becomes(2025,
		SAMPLE("Pap\xc4\xab"
		       "ri"),
		"Papīri");
}

static void test_unknown_charset_is_latin_1(void **state)
{
	(void)state;
	static const int unknown[] = {0, 1, 2, 4, 3, -1, 99999};
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
		assert_becomes(unknown[i],
			SAMPLE("Gr\xf6\xdf"
			       "e \x96 5"),
			"Größe \xef\xbf\xbd 5");
		assert_becomes(unknown[i], SAMPLE("\xa9\xff"), "©ÿ");
	}
}

static void test_invalid_bytes_become_replacement_characters(void **state)
{
	(void)state;
	/* Declared UTF-8, and one byte is none. */
	assert_becomes(106, SAMPLE("T\xfcr zu"), "T\xef\xbf\xbdr zu");
	/* 0x81 is empty in Windows-1253; 0xff is never the first of two in Shift_JIS. */
	assert_becomes(2253,
		SAMPLE("a\x81"
		       "b"),
		"a\xef\xbf\xbd"
		"b");
	assert_becomes(2024, SAMPLE("\xff\x83g"), "\xef\xbf\xbdト");
	/* The second byte is missing. */
	assert_becomes(2026, SAMPLE("\xaf\xc8\xa7"), "紙\xef\xbf\xbd");
	assert_becomes(2024, SAMPLE("\x83"), "\xef\xbf\xbd");
}

static void test_utf_16_by_byte_order_mark_or_zeros(void **state)
{
	(void)state;
	assert_becomes(1015, SAMPLE("\xff\xfeT\0\xfc\0r\0"), "Tür");
	assert_becomes(1015, SAMPLE("\xfe\xff\0T\0\xfc\0r"), "Tür");
	assert_becomes(1013, SAMPLE("\0T\0o\0n\0e\0r"), "Toner");
	assert_becomes(1013, SAMPLE("Toner1"), "Toner1");
	assert_becomes(1014, SAMPLE("\x3d\xd8\x00\xdc\x01\0"), "\xf0\x9f\x90\x80");
	assert_becomes(1014, SAMPLE("a\0\x3d\xd8"), "a\xef\xbf\xbd");
}

static void test_text_ends_at_nul(void **state)
{
	(void)state;
	assert_becomes(5, SAMPLE("ab\0\xff\xff"), "ab");
	assert_becomes(5, SAMPLE("\xe9\0\xc3\xa9"), "é");
	assert_becomes(2024, SAMPLE("\x83g\0\x83"), "ト");
	assert_becomes(2024, "", 0, "");
	assert_becomes(2024, NULL, 0, "");
}

/* ---- encoded twice ---------------------------------------------------------------------- */

static void test_double_encoded_utf8_is_decoded(void **state)
{
	(void)state;
	/* Over Latin-1, over Windows-1252, over Latin-2. */
	assert_becomes(106, SAMPLE("T\xc3\x83\xc2\xa1lca \xc3\x85\xc2\xb1r"), "Tálca űr");
	assert_becomes(106, SAMPLE("gy\xc3\x85\xc2\x91z"), "győz");
	assert_becomes(106, SAMPLE("gy\xc3\x85\xe2\x80\x98z"), "győz");
	assert_becomes(5, SAMPLE("gy\xc4\xb9\xc2\x91z\xc3\x83\xc2\xb6"), "gy\xc4\xb9 zÃ¶");
	assert_becomes(5, SAMPLE("gy\xc4\xb9\xc2\x91z"), "győz");
	/* A line break stays one; the last character was cut between the two encodings. */
	assert_becomes(106, SAMPLE("a\xc3\x83\xc2\xa9\nb"), "aé b");
	assert_becomes(106, SAMPLE("\xc3\x83\xc2\xa9\xc3\x83"), "é");
	/* Three bytes each. */
	assert_becomes(106, SAMPLE("\xc3\xa7\xc2\xb4\xc2\x99"), "紙");
}

static void test_double_encoding_is_decoded_once(void **state)
{
	(void)state;
	/* "é" encoded three times is left encoded twice. */
	assert_becomes(106, SAMPLE("\xc3\x83\xc2\x83\xc3\x82\xc2\xa9"), "Ã©");
}

static void test_valid_words_are_not_decoded_again(void **state)
{
	(void)state;
	static const char *const words[] = {"PÓŁKA", "CZĘŚĆ", "MANUTENÇÃO", "SKRIV PÅ…", "CĂŞTI",
		"Ä", "Größe", "“Ã”", "à côté", "Ý", "ÄÖÜ", "10 °C ± 1", "ÃO É", "№ 5", "日本語",
		"ÀÂÄ"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		assert_becomes(106, words[i], strlen(words[i]), words[i]);
}

/* Every letter of Latin-1 and Latin Extended-A between two others, encoded twice over Latin-1, is
 * itself again; encoded once it stays. */
static void test_every_double_encoded_letter_is_decoded(void **state)
{
	(void)state;
	for (unsigned c = 0xa1; c < 0x180; c++) {
		char once[8] = {'a', (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)), 'b', '\0'};
		char twice[8] = {'a', '\xc3', (char)(0x80 | ((0xc0 | c >> 6) & 0x3f)), '\xc2',
			(char)(0x80 | (c & 0x3f)), 'b', '\0'};
		assert_becomes(106, once, 4, once);
		assert_becomes(106, twice, 6, once);
	}
}

/* ---- PML -------------------------------------------------------------------------------- */

static void test_symbol_sets_of_pml(void **state)
{
	(void)state;
	assert_int_equal(charset_of_pml((const uint8_t *)"\x01\x15R\xe9", 4), 2004);
	assert_int_equal(charset_of_pml((const uint8_t *)"\x00\x0e", 2), 4);
	assert_int_equal(charset_of_pml((const uint8_t *)"\x02\x6b", 2), 2024);
	assert_int_equal(charset_of_pml((const uint8_t *)"\x01", 1), 0);
	assert_int_equal(charset_of_pml(NULL, 0), 0);
	assert_int_equal(charset_of_pml((const uint8_t *)"HP", 2), 0);
}

/* Whatever set is named, it is one of the list: 65,536 numbers. */
static void test_every_symbol_set_is_in_the_list(void **state)
{
	(void)state;
	unsigned sets = 0;
	for (unsigned s = 0; s < 0x10000; s++) {
		uint8_t two[2] = {(uint8_t)(s >> 8), (uint8_t)s};
		int mib = charset_of_pml(two, 2);
		sets += mib != 0;
		assert_true(mib == 0 || is_known(mib));
	}
	assert_int_equal(sets, 18);
}

/* ---- any bytes, any room ---------------------------------------------------------------- */

static uint64_t seed = 1;

static unsigned some(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

static void assert_is_text(const char *dst, size_t n, size_t cap)
{
	assert_true(n < cap && strlen(dst) == n);
	assert_true(str_is_utf8((const uint8_t *)dst, n));
	assert_true(n == 0 || (dst[0] != ' ' && dst[n - 1] != ' '));
	for (size_t i = 0; i < n; i++) {
		assert_true((uint8_t)dst[i] >= 0x20 && dst[i] != 0x7f);
		assert_false((uint8_t)dst[i] == 0xc2 && (uint8_t)dst[i + 1] < 0xa0);
	}
}

/* Bytes by chance, samples, and samples with a byte changed. */
static size_t some_bytes(uint8_t *p, size_t most)
{
	if (some(3) == 0) {
		size_t n = some((unsigned)most + 1);
		for (size_t i = 0; i < n; i++)
			p[i] = (uint8_t)(some(2) ? some(256) : 0x80 + some(0x80));
		return n;
	}
	const struct sample *s = &samples[some(SAMPLES)];
	memcpy(p, s->bytes, s->len);
	if (some(2))
		p[some((unsigned)s->len)] = (uint8_t)some(256);
	return s->len;
}

/* For any bytes, set and room: UTF-8 under the rules of a text, never over its room, nothing
 * written behind it, no character split: what fits in less room is a beginning of what fits in
 * more. */
static void test_random_bytes_in_buffers_of_any_size(void **state)
{
	(void)state;
	unsigned long runs = test_count("CHARSET_TEXTS");
	for (unsigned long i = 0; i < runs; i++) {
		uint8_t bytes[64];
		char whole[4 * 64 + 1], less[4 * 64 + 2];
		size_t len = some_bytes(bytes, sizeof bytes);
		int mib = some(8) == 0 ? (int)some(3000) : samples[some(SAMPLES)].mib_enum;
		size_t n = charset_to_utf8(whole, sizeof whole, mib, bytes, len);
		assert_is_text(whole, n, sizeof whole);
		size_t cap = some((unsigned)n + 2);
		less[cap] = '#';
		size_t m = charset_to_utf8(less, cap, mib, bytes, len);
		assert_int_equal(less[cap], '#');
		if (cap == 0)
			assert_int_equal(m, 0);
		else
			assert_is_text(less, m, cap);
		assert_memory_equal(less, whole, m);
	}
}

/* A text is read the same whatever was read before: no state is left in a table. */
static void test_result_is_independent_of_earlier_texts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint8_t bytes[64];
		char dst[256];
		size_t len = some_bytes(bytes, sizeof bytes);
		const struct sample *s = &samples[some(SAMPLES)];
		(void)charset_to_utf8(dst, 1 + some(30), s->mib_enum, bytes, len);
		assert_becomes(s->mib_enum, s->bytes, s->len, s->utf8);
	}
}

static void test_longest_text_is_cut_at_its_limit(void **state)
{
	(void)state;
	uint8_t bytes[2 * LIMIT_TEXT_LONG];
	char dst[2 * LIMIT_TEXT_LONG];
	memset(bytes, 0xe4, sizeof bytes);
	size_t n = charset_to_utf8(dst, sizeof dst, 2004, bytes, sizeof bytes);
	assert_is_text(dst, n, LIMIT_TEXT_LONG + 1);
	assert_int_equal(n, LIMIT_TEXT_LONG);
	n = charset_to_utf8(dst, sizeof dst, 0, bytes, sizeof bytes);
	assert_int_equal(n, LIMIT_TEXT_LONG);
}

/* Without tables (a container without gconv modules) the text is a guess, and said to be one. */
static void test_missing_tables_fall_back_to_latin_1(void **state)
{
	(void)state;
	close_tables();
	assert_false(is_known(2004));
	assert_true(is_known(4));
	assert_becomes(2004,
		SAMPLE("R\xc9"
		       "c"),
		"RÉc");
	assert_becomes(2004,
		SAMPLE("R\xc3\xa9"
		       "c"),
		"Réc");
	assert_becomes(1013, SAMPLE("\0T"), "");
	assert_int_equal(charset_open(), 0);
	assert_int_equal(charset_open(), 0);
	assert_true(is_known(2004));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample_of_every_charset),
		cmocka_unit_test(test_every_charset_has_a_sample),
		cmocka_unit_test(test_ascii_is_unchanged_in_every_charset),
		cmocka_unit_test(test_utf8_overrides_the_declared_charset),
		cmocka_unit_test(test_double_byte_text_is_not_utf8),
		cmocka_unit_test(test_unknown_charset_is_latin_1),
		cmocka_unit_test(test_invalid_bytes_become_replacement_characters),
		cmocka_unit_test(test_utf_16_by_byte_order_mark_or_zeros),
		cmocka_unit_test(test_text_ends_at_nul),
		cmocka_unit_test(test_double_encoded_utf8_is_decoded),
		cmocka_unit_test(test_double_encoding_is_decoded_once),
		cmocka_unit_test(test_valid_words_are_not_decoded_again),
		cmocka_unit_test(test_every_double_encoded_letter_is_decoded),
		cmocka_unit_test(test_symbol_sets_of_pml),
		cmocka_unit_test(test_every_symbol_set_is_in_the_list),
		cmocka_unit_test(test_random_bytes_in_buffers_of_any_size),
		cmocka_unit_test(test_result_is_independent_of_earlier_texts),
		cmocka_unit_test(test_longest_text_is_cut_at_its_limit),
		cmocka_unit_test(test_missing_tables_fall_back_to_latin_1),
	};
	return cmocka_run_group_tests(tests, open_all, close_all);
}
