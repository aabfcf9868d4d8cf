/* SPDX-License-Identifier: Apache-2.0
 * The deadline heap keeps order under any mix of set, move and clear: checked against a plain scan
 * over random operations, and ties come out in the order they were set. */
#include "proto/base/due.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { NODES = 64, ROUNDS = 20000 };

/* The first node, cleared, if its time has come. */
static struct due *pop_due(struct due_heap *h, uint64_t now_ms)
{
	struct due *d = due_first(h);
	if (d == NULL || d->at_ms > now_ms)
		return NULL;
	due_clear(h, d);
	return d;
}

static void nothing(struct due *d)
{
	(void)d;
}

static const struct due *scan_first(const struct due *nodes)
{
	const struct due *best = NULL;
	for (int i = 0; i < NODES; i++) {
		const struct due *d = &nodes[i];
		if (!due_is_set(d))
			continue;
		if (best == NULL || d->at_ms < best->at_ms ||
			(d->at_ms == best->at_ms && d->tie < best->tie))
			best = d;
	}
	return best;
}

static void test_random_operations_keep_order(void **state)
{
	(void)state;
	struct due_heap heap;
	struct due nodes[NODES];
	assert_int_equal(due_heap_open(&heap, NODES), 0);
	for (int i = 0; i < NODES; i++)
		due_init(&nodes[i], nothing);
	unsigned seed = 7;
	for (int round = 0; round < ROUNDS; round++) {
		struct due *d = &nodes[rand_r(&seed) % NODES];
		if (rand_r(&seed) % 3 == 0)
			due_clear(&heap, d);
		else
			assert_int_equal(due_set(&heap, d, (uint64_t)(rand_r(&seed) % 50)), 0);
		assert_ptr_equal(due_first(&heap), scan_first(nodes));
	}
	due_heap_close(&heap);
}

static void test_pop_returns_due_nodes_in_order(void **state)
{
	(void)state;
	struct due_heap heap;
	struct due nodes[3];
	assert_int_equal(due_heap_open(&heap, 2), 0);
	for (int i = 0; i < 3; i++)
		due_init(&nodes[i], nothing);
	assert_int_equal(due_set(&heap, &nodes[1], 10), 0);
	assert_int_equal(due_set(&heap, &nodes[0], 10), 0);
	assert_int_equal(due_set(&heap, &nodes[2], 1), ERR_FULL);
	assert_null(pop_due(&heap, 9));
	assert_ptr_equal(pop_due(&heap, 10), &nodes[1]);
	assert_ptr_equal(pop_due(&heap, 10), &nodes[0]);
	assert_null(pop_due(&heap, 10));
	due_heap_close(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_operations_keep_order),
		cmocka_unit_test(test_pop_returns_due_nodes_in_order),
	};
	return cmocka_run_group_tests_name("base/due", tests, NULL, NULL);
}
