/* SPDX-License-Identifier: Apache-2.0
 * CRC-32C by instruction and by table: the test vectors of RFC 3720 B.4, chaining, and agreement of
 * both on every length and alignment. */
#include "proto/base/crc.c" /* by_table, which only processors without the instruction use */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t crc32c_by_table(uint32_t before, const void *bytes, size_t n)
{
	return ~by_table(~before, bytes, n);
}

static void test_vectors_of_rfc_3720(void **state)
{
	(void)state;
	static const uint8_t read_10[48] = {0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0,
		0, 0x02, 0, 0, 0, 0, 0, 0, 0};
	uint8_t zeros[32], ones[32], up[32], down[32];
	memset(zeros, 0, sizeof zeros);
	memset(ones, 0xff, sizeof ones);
	for (int i = 0; i < 32; i++) {
		up[i] = (uint8_t)i;
		down[i] = (uint8_t)(31 - i);
	}
	const struct {
		const void *bytes;
		size_t len;
		uint32_t crc;
	} vectors[] = {{zeros, 32, 0x8a9136aa}, {ones, 32, 0x62a8ab43}, {up, 32, 0x46dd794e},
		{down, 32, 0x113fdb5c}, {read_10, 48, 0xd9963a56}, {"123456789", 9, 0xe3069283},
		{"", 0, 0}};
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		assert_int_equal(crc32c(0, vectors[i].bytes, vectors[i].len), vectors[i].crc);
		assert_int_equal(
			crc32c_by_table(0, vectors[i].bytes, vectors[i].len), vectors[i].crc);
	}
}

static void test_hardware_and_table_agree(void **state)
{
	(void)state;
	uint8_t bytes[100];
	unsigned seed = 11;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)rand_r(&seed);
	for (size_t from = 0; from < 9; from++) {
		for (size_t len = 0; from + len <= sizeof bytes; len++) {
			uint32_t whole = crc32c(0, bytes + from, len);
			assert_int_equal(whole, crc32c_by_table(0, bytes + from, len));
			size_t cut = len / 3;
			uint32_t chained =
				crc32c(crc32c(0, bytes + from, cut), bytes + from + cut, len - cut);
			assert_int_equal(chained, whole);
		}
	}
}

static void test_flipped_bit_changes_the_crc(void **state)
{
	(void)state;
	uint8_t bytes[64] = {1, 2, 3};
	uint32_t before = crc32c(0, bytes, sizeof bytes);
	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(crc32c(0, bytes, sizeof bytes), before);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_rfc_3720),
		cmocka_unit_test(test_hardware_and_table_agree),
		cmocka_unit_test(test_flipped_bit_changes_the_crc),
	};
	return cmocka_run_group_tests_name("base/crc", tests, NULL, NULL);
}
