/* SPDX-License-Identifier: Apache-2.0
 * Arena blocks for the readings of a test program; its teardown fails if a reading was left open.
 */
#ifndef PLATEN_TESTS_BLOCKS_H
#define PLATEN_TESTS_BLOCKS_H

#include "proto/reading/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct slab blocks;

static int open_blocks(void **state)
{
	(void)state;
	return slab_open(&blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE);
}

static int close_blocks(void **state)
{
	(void)state;
	assert_int_equal(blocks.used, 0);
	slab_close(&blocks);
	return 0;
}

#endif
