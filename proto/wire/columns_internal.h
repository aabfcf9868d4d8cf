/* SPDX-License-Identifier: Apache-2.0
 * Shared by columns_pack.c and columns_unpack.c. */
#ifndef PLATEN_WIRE_COLUMNS_INTERNAL_H
#define PLATEN_WIRE_COLUMNS_INTERNAL_H

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/wire/columns.h"

/* One for each value of a column, in order. */
enum column_tag {
	TAG_FALSE,
	TAG_TRUE,
	TAG_UINT,     /* an integer from 0: its value is among the numbers */
	TAG_NEGATIVE, /* -1 - value */
	TAG_STR,      /* among the texts */
	TAG_BIN,      /* likewise */
	TAG_ARRAY,    /* its count is among the numbers; the items are in the column below */
	TAG_MAP       /* this and higher: a map of shape tag - TAG_MAP; each key has a column */
};
enum {
	COLUMN_SHAPES = 256 - TAG_MAP,
	COLUMN_ITEMS = 256, /* the key of the column of an array's items */
	COLUMN_DELTA = 1    /* mode: each number as the difference to the one before */
};

/* Numbers are modulo 2^64: small differences either way become small numbers. */
static inline uint64_t column_fold(uint64_t difference)
{
	return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t column_unfold(uint64_t folded)
{
	return folded >> 1 ^ (0 - (folded & 1));
}

#endif
