/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/record_check.h"

#include "proto/wire/pack.h"

#include <stdlib.h>

int record_check(const uint8_t *bytes, size_t len)
{
	struct record_head head;
	struct reading r;
	struct slab blocks;
	unsigned mask;
	if (slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) < 0)
		abort();
	reading_open(&r, &blocks);
	int taken = record_unpack(&head, &r, &mask, bytes, len);
	reading_close(&r);
	slab_close(&blocks);
	return taken;
}
