/* SPDX-License-Identifier: Apache-2.0
 * The memory of libuv, which ends the process with abort() where its table of descriptors cannot
 * grow. A reserve that is large enough for that table is given back first. */
#include "proto/base/limits.h"
#include "engine/loop/loop_internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

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

int loop_memory_open(void)
{
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
