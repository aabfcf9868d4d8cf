/* SPDX-License-Identifier: Apache-2.0
 * The list keeps its order through every operation, and a node taken out is in no list. */
#include "proto/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct item {
	int before;
	struct list node;
	int value;
};

static struct item items[6];

static void fill(struct list *head, int from, int to)
{
	list_init(head);
	for (int i = from; i < to; i++) {
		items[i].value = i;
		list_init(&items[i].node);
		list_push(head, &items[i].node);
	}
}

static void assert_order(struct list *head, const int *want, size_t n)
{
	size_t i = 0;
	for (struct list *at = head->next; at != head; at = at->next) {
		assert_true(i < n);
		assert_int_equal(container_of(at, struct item, node)->value, want[i++]);
		assert_ptr_equal(at->prev->next, at);
		assert_ptr_equal(at->next->prev, at);
	}
	assert_int_equal(i, n);
}

static void test_first_in_first_out(void **state)
{
	(void)state;
	struct list head;
	fill(&head, 0, 3);
	for (int i = 0; i < 3; i++) {
		struct list *node = list_pop(&head);
		assert_non_null(node);
		assert_int_equal(container_of(node, struct item, node)->value, i);
		assert_true(list_is_empty(node));
	}
	assert_null(list_pop(&head));
	assert_true(list_is_empty(&head));
}

static void test_remove_unlinks_one_node(void **state)
{
	(void)state;
	struct list head;
	fill(&head, 0, 4);
	list_remove(&items[1].node);
	assert_order(&head, (const int[]){0, 2, 3}, 3);
	list_remove(&items[1].node);
	assert_order(&head, (const int[]){0, 2, 3}, 3);
	list_remove(&items[3].node);
	list_push(&head, &items[1].node);
	assert_order(&head, (const int[]){0, 2, 1}, 3);
}

static void test_move_all_appends_in_order(void **state)
{
	(void)state;
	struct list a, b, empty;
	list_init(&empty);
	fill(&a, 0, 2);
	fill(&b, 2, 5);
	list_move_all(&a, &b);
	assert_order(&a, (const int[]){0, 1, 2, 3, 4}, 5);
	assert_true(list_is_empty(&b));
	list_move_all(&a, &empty);
	assert_order(&a, (const int[]){0, 1, 2, 3, 4}, 5);
	list_move_all(&empty, &a);
	assert_order(&empty, (const int[]){0, 1, 2, 3, 4}, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_in_first_out),
		cmocka_unit_test(test_remove_unlinks_one_node),
		cmocka_unit_test(test_move_all_appends_in_order),
	};
	return cmocka_run_group_tests_name("base/list", tests, NULL, NULL);
}
