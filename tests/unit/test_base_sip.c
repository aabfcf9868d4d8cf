/* SPDX-License-Identifier: Apache-2.0
 * SipHash-2-4 against the vectors of its authors (vectors_sip64: key 00..0f, input 00..n-1). */
#include "proto/base/sip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct sip_key usual_key(void)
{
	uint8_t bytes[16];
	for (uint8_t i = 0; i < 16; i++)
		bytes[i] = i;
	return sip_key_of(bytes);
}

static void test_vectors(void **state)
{
	(void)state;
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {{0, UINT64_C(0x726fdb47dd0e0e31)}, {1, UINT64_C(0x74f839c593dc67fd)},
		{8, UINT64_C(0x93f5f5799a932462)}, {15, UINT64_C(0xa129ca6149be45e5)},
		{63, UINT64_C(0x958a324ceb064572)}};
	struct sip_key key = usual_key();
	uint8_t input[64];
	for (uint8_t i = 0; i < 64; i++)
		input[i] = i;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		assert_int_equal(sip_hash(&key, input, vectors[i].len), vectors[i].hash);
}

static void test_two_numbers_are_their_bytes(void **state)
{
	(void)state;
	struct sip_key key = usual_key();
	const uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 0xff};
	assert_int_equal(
		sip_hash2(&key, UINT64_C(0x0807060504030201), 0xff), sip_hash(&key, bytes, 16));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors), cmocka_unit_test(test_two_numbers_are_their_bytes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
