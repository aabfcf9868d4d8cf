/* SPDX-License-Identifier: Apache-2.0
 * A realloc of libuv that fails is repeated with the reserve, once. A start without a thread of the
 * pool returns an error. */
#include "proto/base/limits.h"
#include "engine/loop/loop_internal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

void *__real_realloc(void *old, size_t len);
void *__wrap_realloc(void *old, size_t len);

static unsigned failures; /* of the calls that follow */

void *__wrap_realloc(void *old, size_t len)
{
	if (failures == 0)
		return __real_realloc(old, len);
	failures--;
	return NULL;
}

int __real_uv_thread_create(uv_thread_t *thread, uv_thread_cb entry, void *arg);
int __wrap_uv_thread_create(uv_thread_t *thread, uv_thread_cb entry, void *arg);

static unsigned threads, threads_max = 2;

int __wrap_uv_thread_create(uv_thread_t *thread, uv_thread_cb entry, void *arg)
{
	return threads++ < threads_max ? __real_uv_thread_create(thread, entry, arg) : UV_EAGAIN;
}

/* First of all: the threads are tried once a process. */
static void test_missing_thread_is_an_error_of_the_start(void **state)
{
	(void)state;
	struct rlimit stack;
	assert_int_equal(getrlimit(RLIMIT_STACK, &stack), 0);
	bool can_grow = stack.rlim_max >= 2 * (rlim_t)LIMIT_THREAD_STACK;
	stack.rlim_cur = can_grow ? 2 * (rlim_t)LIMIT_THREAD_STACK : stack.rlim_cur;
	assert_int_equal(setrlimit(RLIMIT_STACK, &stack), 0);
	assert_int_equal(setenv("UV_THREADPOOL_SIZE", "16", 1), 0);
	assert_int_equal(loop_memory_open(), -EAGAIN);
	assert_int_equal(threads, 3);
	threads_max = 100;
	assert_int_equal(loop_memory_open(), 0);
	assert_int_equal(threads, 7);
	assert_null(getenv("UV_THREADPOOL_SIZE"));
	assert_int_equal(getrlimit(RLIMIT_STACK, &stack), 0);
	assert_true(!can_grow || stack.rlim_cur == LIMIT_THREAD_STACK);
	assert_int_equal(loop_memory_open(), 0);
	assert_int_equal(threads, 7);
}

static void test_reserve_serves_a_failed_realloc(void **state)
{
	(void)state;
	char *bytes = malloc(1);
	assert_non_null(bytes);
	*bytes = 'x';
	assert_int_equal(loop_memory_open(), 0);
	failures = 1;
	bytes = loop_realloc(bytes, 100);
	assert_non_null(bytes);
	assert_int_equal(*bytes, 'x');
	failures = 1; /* the reserve is gone */
	assert_null(loop_realloc(bytes, 200));
	assert_int_equal(failures, 0);
	assert_int_equal(loop_memory_open(), 0); /* the next loop has one again */
	failures = 1;
	bytes = loop_realloc(bytes, 200);
	assert_non_null(bytes);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_thread_is_an_error_of_the_start),
		cmocka_unit_test(test_reserve_serves_a_failed_realloc),
	};
	return cmocka_run_group_tests_name("loop/memory", tests, NULL, NULL);
}
