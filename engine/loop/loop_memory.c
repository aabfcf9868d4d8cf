/* SPDX-License-Identifier: Apache-2.0
 * The memory of libuv, which ends the process with abort() where its table of descriptors cannot
 * grow, or where a thread of its pool cannot be made. A reserve that is large enough for that table
 * is given back first. As many threads as the pool has are made and ended at the start, where an
 * error can be returned; glibc keeps their stacks, up to 40 MiB of them, for the next ones. */
#include "proto/base/limits.h"
#include "engine/loop/loop_internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Of the process, as libuv's allocator is; never freed but for its purpose. */
static _Atomic(void *) reserve;

void *loop_realloc(void *old, size_t len)
{
	void *bytes = realloc(old, len);
	if (bytes != NULL || len == 0)
		return bytes;
	void *given = atomic_exchange(&reserve, NULL);
	if (given == NULL)
		return NULL;
	free(given);
	return realloc(old, len);
}

enum { POOL = 4 }; /* threads of libuv's pool, unless its environment says fewer */

static atomic_bool has_threads;

static void wait_for_the_others(void *arg)
{
	uv_sem_wait(arg);
}

/* The stacks of the pool fit into those that glibc keeps: libuv takes the size of each from the
 * limit of the process, and the number of threads from its environment. */
static int bound_stacks(void)
{
	struct rlimit stack;
	const char *size = getenv("UV_THREADPOOL_SIZE");
	if (size != NULL && strtol(size, NULL, 10) > POOL && unsetenv("UV_THREADPOOL_SIZE") < 0)
		return -errno;
	if (getrlimit(RLIMIT_STACK, &stack) < 0)
		return -errno;
	if (stack.rlim_cur == RLIM_INFINITY || stack.rlim_cur <= LIMIT_THREAD_STACK)
		return 0;
	stack.rlim_cur = LIMIT_THREAD_STACK;
	return setrlimit(RLIMIT_STACK, &stack) < 0 ? -errno : 0;
}

static int try_threads(void)
{
	uv_thread_t thread[POOL];
	uv_sem_t go;
	int count = 0, err = uv_sem_init(&go, 0);
	if (err < 0)
		return loop_uv_err(err);
	while (count < POOL && err == 0) {
		err = uv_thread_create(&thread[count], wait_for_the_others, &go);
		count += err == 0;
	}
	for (int i = 0; i < count; i++)
		uv_sem_post(&go);
	for (int i = 0; i < count; i++)
		(void)uv_thread_join(&thread[i]);
	uv_sem_destroy(&go);
	return err < 0 ? loop_uv_err(err) : 0;
}

int loop_memory_open(void)
{
	if (!atomic_load(&has_threads)) {
		int err = bound_stacks();
		if (err < 0 || (err = try_threads()) < 0)
			return err;
		atomic_store(&has_threads, true);
	}
	if (atomic_load(&reserve) != NULL)
		return 0;
	void *bytes = malloc(LIMIT_LOOP_RESERVE);
	if (bytes == NULL)
		return -ENOMEM;
	void *none = NULL;
	if (!atomic_compare_exchange_strong(&reserve, &none, bytes))
		free(bytes);
	return uv_replace_allocator(malloc, loop_realloc, calloc, free);
}
