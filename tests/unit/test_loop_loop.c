/* SPDX-License-Identifier: Apache-2.0
 * The loop's promises: deadlines in order and never inside the call that set them, an end when
 * there is nothing left to wait for, signals as callbacks, and a close that refuses while something
 * is open. */
#include "engine/loop/loop.h"

#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/loop_internal.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NODES = 8 };

struct fixture;

struct node {
	struct due due;
	struct fixture *f;
	int number;
};

struct fixture {
	struct loop *loop;
	struct node nodes[NODES];
	char order[64]; /* the numbers of the nodes, as they came */
	bool is_inside;
	unsigned again; /* times that node 0 sets itself to "now" */
	bool is_busy;   /* each node works until the turn is long */
	uint64_t turn[NODES];
	int signo;
};

static void on_due(struct due *due)
{
	struct node *n = container_of(due, struct node, due);
	struct fixture *f = n->f;
	assert_false(f->is_inside);
	size_t len = strlen(f->order);
	assert_true(len + 1 < sizeof f->order);
	f->order[len] = (char)('0' + n->number);
	f->turn[n->number % NODES] = loop_iteration(f->loop);
	while (f->is_busy && !loop_iteration_is_long(f->loop))
		continue;
	if (n->number == 0 && f->again > 0) {
		f->again--;
		assert_int_equal(loop_due_set(f->loop, due, loop_now_ms(f->loop)), 0);
	}
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	assert_int_equal(loop_open(&f->loop, NODES), 0);
	for (int i = 0; i < NODES; i++) {
		f->nodes[i] = (struct node){.f = f, .number = i};
		due_init(&f->nodes[i].due, on_due);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(loop_close(f->loop), 0);
	free(f);
	return 0;
}

static void set(struct fixture *f, int node, uint64_t in_ms)
{
	f->is_inside = true;
	assert_int_equal(
		loop_due_set(f->loop, &f->nodes[node].due, loop_now_ms(f->loop) + in_ms), 0);
	f->is_inside = false;
}

static void test_deadlines_fire_in_order(void **state)
{
	struct fixture *f = *state;
	set(f, 3, 30);
	set(f, 1, 10);
	set(f, 2, 20);
	set(f, 4, 0);
	set(f, 5, 10); /* after 1, which was set first */
	uint64_t began = loop_now_ms(f->loop);
	assert_int_equal(loop_run(f->loop), 0);
	assert_string_equal(f->order, "41523");
	assert_true(loop_now_ms(f->loop) >= began + 30);
	assert_true(loop_idle_ms(f->loop) > 0);
}

static void test_deadline_can_be_moved_and_cleared(void **state)
{
	struct fixture *f = *state;
	set(f, 1, 5);
	set(f, 2, 10);
	set(f, 3, 15);
	set(f, 1, 20);
	loop_due_clear(f->loop, &f->nodes[2].due);
	loop_due_clear(f->loop, &f->nodes[2].due);
	assert_int_equal(loop_run(f->loop), 0);
	assert_string_equal(f->order, "31");
}

static void test_deadline_of_zero_runs_in_the_next_iteration(void **state)
{
	struct fixture *f = *state;
	f->again = 3;
	set(f, 0, 0);
	set(f, 1, 0);
	assert_int_equal(loop_run(f->loop), 0);
	/* 1 is not starved by a 0 that comes back at once. */
	assert_string_equal(f->order, "01000");
}

static void test_iteration_is_bounded(void **state)
{
	struct fixture *f = *state;
	f->is_busy = true;
	for (int i = 0; i < 3; i++)
		set(f, i, 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_string_equal(f->order, "012");
	assert_true(f->turn[0] < f->turn[1] && f->turn[1] < f->turn[2]);
	struct loop_lag lag;
	loop_get_lag(f->loop, &lag);
	assert_true(lag.turns >= 3 && lag.max_ms >= LIMIT_LOOP_ITERATION_MS);
}

static void test_full_heap_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct node extra = {.f = f, .number = 9};
	due_init(&extra.due, on_due);
	for (int i = 0; i < NODES; i++)
		set(f, i, 1);
	assert_int_equal(loop_due_set(f->loop, &extra.due, loop_now_ms(f->loop)), ERR_FULL);
	set(f, 0, 2); /* one that is in can always be moved */
	assert_int_equal(loop_run(f->loop), 0);
	assert_string_equal(f->order, "12345670");
}

static void test_deadline_of_uint64_max_never_fires(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(loop_due_set(f->loop, &f->nodes[1].due, UINT64_MAX), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_string_equal(f->order, "");
	set(f, 2, 1);
	assert_int_equal(loop_run(f->loop), 0);
	assert_string_equal(f->order, "2");
	loop_due_clear(f->loop, &f->nodes[1].due);
}

static void on_signal(void *owner, int signo)
{
	struct fixture *f = owner;
	f->signo = signo;
	loop_stop(f->loop);
}

static void test_signal_calls_back(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(loop_signal_watch(f->loop, SIGUSR1, on_signal, f), 0);
	set(f, 1, 60000); /* something to wait for; the signal ends the waiting */
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->signo, SIGUSR1);
	assert_string_equal(f->order, "");
	loop_due_clear(f->loop, &f->nodes[1].due);
}

static void test_close_with_open_handles_is_refused(void **state)
{
	struct fixture *f = *state;
	static uv_idle_t idle; /* outlives this function: its close ends in the teardown */
	assert_int_equal(uv_idle_init(loop_uv(f->loop), &idle), 0);
	assert_int_equal(loop_close(f->loop), -EBUSY);
	uv_close((uv_handle_t *)&idle, NULL);
}

static void test_libuv_errors_pass_through(void **state)
{
	(void)state;
	assert_int_equal(loop_uv_err(0), 0);
	assert_int_equal(loop_uv_err(UV_ECONNREFUSED), -ECONNREFUSED);
	assert_int_equal(loop_uv_err(UV_EOF), ERR_CLOSED);
	assert_int_equal(loop_uv_err(UV_EAI_NONAME), ERR_NAME);
	assert_int_equal(loop_uv_err(UV_EAI_AGAIN), ERR_NAME);
	assert_int_equal(loop_close(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_deadlines_fire_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_deadline_can_be_moved_and_cleared, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_deadline_of_zero_runs_in_the_next_iteration, setup, teardown),
		cmocka_unit_test_setup_teardown(test_iteration_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_heap_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_deadline_of_uint64_max_never_fires, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signal_calls_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_close_with_open_handles_is_refused, setup, teardown),
		cmocka_unit_test(test_libuv_errors_pass_through),
	};
	return cmocka_run_group_tests_name("loop/loop", tests, NULL, NULL);
}
