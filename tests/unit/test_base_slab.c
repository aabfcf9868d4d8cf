/* SPDX-License-Identifier: Apache-2.0
 * A slab hands out at most its maximum, never the same object twice, and its resident size follows
 * what was taken, below the ceiling that it states. */
#include "proto/base/slab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { OBJECTS = 200 };

static void test_objects_are_bounded_and_distinct(void **state)
{
	(void)state;
	struct slab s;
	void *got[OBJECTS];
	assert_int_equal(slab_open(&s, 33, OBJECTS), 0);
	assert_true(s.size >= 33 && s.size % 16 == 0);
	for (int i = 0; i < OBJECTS; i++) {
		got[i] = slab_take(&s);
		assert_non_null(got[i]);
		assert_int_equal((uintptr_t)got[i] % 16, 0);
		for (size_t k = 0; k < 33; k++)
			assert_int_equal(((unsigned char *)got[i])[k], 0);
		memset(got[i], i, 33);
	}
	assert_null(slab_take(&s));
	assert_int_equal(slab_left(&s), 0);
	for (int i = 0; i < OBJECTS; i++) {
		for (size_t k = 0; k < 33; k++)
			assert_int_equal(((unsigned char *)got[i])[k], i);
	}
	slab_give(&s, got[7]);
	slab_give(&s, got[9]);
	assert_int_equal(slab_left(&s), 2);
	assert_ptr_equal(slab_take(&s), got[9]);
	assert_ptr_equal(slab_take(&s), got[7]);
	assert_null(slab_take(&s));
	assert_int_equal(s.peak, OBJECTS);
	slab_close(&s);
	slab_close(&s);
}

static size_t resident_pages(const struct slab *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = (s->map_bytes + page - 1) / page;
	unsigned char *map = malloc(pages);
	assert_non_null(map);
	assert_int_equal(mincore(s->base, s->map_bytes, map), 0);
	size_t n = 0;
	for (size_t i = 0; i < pages; i++)
		n += map[i] & 1;
	free(map);
	return n;
}

static void test_pages_are_touched_on_first_use(void **state)
{
	(void)state;
	struct slab s;
	assert_int_equal(slab_open(&s, 4096, 1000), 0);
	assert_int_equal(resident_pages(&s), 0);
	assert_int_equal(slab_ceiling(&s), 4096 * 1000);
	for (int round = 0; round < 50; round++) {
		char *a = slab_take(&s);
		char *b = slab_take(&s);
		a[0] = b[0] = 1;
		slab_give(&s, a);
		slab_give(&s, b);
	}
	assert_int_equal(s.fresh, 2);
	assert_true(resident_pages(&s) <= 3);
	slab_close(&s);
}

static void test_overflowing_sizes_are_refused(void **state)
{
	(void)state;
	struct slab s;
	assert_int_equal(slab_open(&s, SIZE_MAX / 4, 100), -ENOMEM);
	assert_int_equal(slab_open(&s, SIZE_MAX - 3, 1), -ENOMEM);
	slab_close(&s);
	assert_int_equal(slab_open(&s, 16, 0), 0);
	assert_null(slab_take(&s));
	slab_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects_are_bounded_and_distinct),
		cmocka_unit_test(test_pages_are_touched_on_first_use),
		cmocka_unit_test(test_overflowing_sizes_are_refused),
	};
	return cmocka_run_group_tests_name("base/slab", tests, NULL, NULL);
}
