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
	/* An integer from 0 out of the last different ones of its column, r[0] the newest. */
	TAG_SAME,                /* r[0] .. r[7] */
	TAG_SUM = TAG_SAME + 8,  /* r[i] + r[j], i < j: TAG_SUM + j * (j - 1) / 2 + i */
	TAG_LESS = TAG_SUM + 28, /* r[i] - r[j], i != j: TAG_LESS + 7 * i + j, less 1 if j > i */
	TAG_MAP = TAG_LESS + 56  /* this and higher: a map of shape tag - TAG_MAP; each key has a
				  * column */
};
enum {
	COLUMN_RECENT = TAG_SUM - TAG_SAME,
	COLUMN_SHAPES = 256 - TAG_MAP,
	COLUMN_ITEMS = 256, /* the key of the column of an array's items */
	COLUMN_DELTA = 1    /* mode: each number as the difference to the one before */
};

/* `v` becomes r[0]. */
static inline void column_note(uint64_t r[COLUMN_RECENT], uint64_t v)
{
	unsigned at = 0;
	while (at < COLUMN_RECENT - 1 && r[at] != v)
		at++;
	for (; at > 0; at--)
		r[at] = r[at - 1];
	r[0] = v;
}

/* Of a tag from TAG_SAME below TAG_MAP. */
static inline uint64_t column_recall(const uint64_t r[COLUMN_RECENT], unsigned tag)
{
	if (tag < TAG_SUM)
		return r[tag - TAG_SAME];
	unsigned k = tag - TAG_SUM, j = 1;
	if (tag < TAG_LESS) {
		while (k >= j)
			k -= j++;
		return r[k] + r[j];
	}
	k = tag - TAG_LESS;
	unsigned i = k / (COLUMN_RECENT - 1);
	j = k % (COLUMN_RECENT - 1);
	return r[i] - r[j + (j >= i)];
}

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
