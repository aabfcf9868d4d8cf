/* SPDX-License-Identifier: Apache-2.0
 * Addresses that follow one another, as those of a network do, must not meet in a table. */
#include "proto/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PLACES = 65536, BITS = 16, KEYS = 20000 };

/* How many of KEYS counted keys have a place of their own by these bits of the digest, and how many
 * have the fullest. */
static void assert_spread(unsigned shift, size_t len)
{
	static uint8_t place[PLACES];
	unsigned used = 0, fullest = 0;
	memset(place, 0, sizeof place);
	for (unsigned i = 0; i < KEYS; i++) {
		uint8_t key[16] = {0};
		key[len - 1] = (uint8_t)i;
		key[len - 2] = (uint8_t)(i >> 8);
		key[0] = 127;
		size_t at = (size_t)(hash_bytes(0, key, len) >> shift) % PLACES;
		used += place[at] == 0;
		if (++place[at] > fullest)
			fullest = place[at];
	}
	/* By chance it would be 17,230 and 5 or 6. */
	assert_in_range(used, 16500, 18500);
	assert_true(fullest <= 9);
}

static void test_hash_bits_are_uniform(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift + BITS <= 64; shift += 6) {
		assert_spread(shift, 4);
		assert_spread(shift, 16);
		assert_spread(shift, 3);
	}
}

static void test_hash_of_pieces_depends_on_order(void **state)
{
	(void)state;
	uint64_t ab = hash_bytes(hash_bytes(0, "a", 1), "b", 1);
	assert_true(ab != hash_bytes(hash_bytes(0, "b", 1), "a", 1));
	assert_true(ab != hash_bytes(0, "a", 1) && ab != hash_bytes(0, "", 0));
	assert_int_equal(ab, hash_bytes(hash_bytes(0, "a", 1), "b", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_bits_are_uniform),
		cmocka_unit_test(test_hash_of_pieces_depends_on_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
