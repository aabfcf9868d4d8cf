/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/grow.h"

#include <stdlib.h>

enum { FIRST = 64 };

void *grow_by_one(void *items, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap > 0 ? 2 * *cap : FIRST;
	if (count < *cap)
		return items;
	void *grown = reallocarray(items, more, size);
	if (grown != NULL)
		*cap = more;
	return grown;
}
