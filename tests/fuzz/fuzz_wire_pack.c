/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a record: checking and reading agree, a record that was read can be packed, and what
 * is packed then reads back to the same bytes. */
#include "proto/document/json.h"
#include "proto/wire/pack.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slab blocks;
static uint8_t once[LIMIT_RECORD];
static uint8_t twice[LIMIT_RECORD];

static void check(bool is_so)
{
	if (!is_so)
		abort();
}

/* Packs what was read, reads it, packs it again: the second time nothing may change. */
static void there_and_back(const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct buf a, b;
	buf_over(&a, once, sizeof once);
	buf_over(&b, twice, sizeof twice);
	if (record_pack(&a, head, r, mask) < 0)
		return; /* it may be longer in our writing: labels of unknown OIDs, for one */
	struct record_head head2;
	struct reading r2;
	unsigned mask2;
	reading_open(&r2, &blocks);
	int n = record_unpack(&head2, &r2, &mask2, a.data, a.len);
	check(n == (int)a.len && mask2 == mask && head2.seq == head->seq);
	check(record_pack(&b, &head2, &r2, mask2) == 0);
	check(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
	for (int g = 0; g < GROUP_COUNT; g++) {
		if (mask >> g & 1)
			check(record_group_digest(r, (enum reading_group)g) ==
				record_group_digest(&r2, (enum reading_group)g));
	}
	reading_close(&r2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (blocks.base == NULL &&
		slab_open(&blocks, LIMIT_ARENA_BLOCK, (size_t)2 * LIMIT_ARENA_BLOCKS_ONE) < 0)
		abort();
	struct record_head head;
	struct record_span spans[GROUP_COUNT];
	struct reading r;
	unsigned mask;
	reading_open(&r, &blocks);
	int spanned = record_spans(&head, spans, data, size);
	int taken = record_unpack(&head, &r, &mask, data, size);
	/* A record may be well formed and yet hold a damaged group, or be too large for the arena.
	 */
	check(spanned == taken || (spanned > 0 && taken < 0));
	check(taken <= (int)size && taken != 0);
	if (taken > 0)
		there_and_back(&head, &r, mask);
	reading_close(&r);
	check(blocks.used == 0);
	return 0;
}
