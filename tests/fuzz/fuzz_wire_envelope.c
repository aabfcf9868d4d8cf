/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as what travels: batch, head, receipt, and as JSON of all that is well formed. A value
 * that was read packs again, to bytes that read the same. */
#include "proto/wire/envelope.h"
#include "proto/document/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slab blocks;
static uint8_t again[2u << 20];

static void check(bool is_so)
{
	if (!is_so)
		abort();
}

static void to_json(const struct envelope *e, const struct batch_head *h)
{
	struct buf out;
	buf_open(&out, 16u << 20);
	struct writer w;
	writer_open(&w, &out);
	check(json_batch(&w, e, h, e->body, e->body_len, &blocks) <= 0);
	check(writer_close(&w) == 0);
	buf_close(&out);
}

static void as_batch(const uint8_t *data, size_t size)
{
	struct envelope e, e2;
	struct batch_head h, h2;
	struct buf b;
	if (batch_unpack(&e, data, size) < 0)
		return;
	buf_over(&b, again, sizeof again);
	check(batch_pack(&b, &e) == 0);
	check(batch_unpack(&e2, b.data, b.len) == 0);
	check(e.head_len == e2.head_len && e.body_len == e2.body_len);
	if (batch_head_unpack(&h, e.head, e.head_len) < 0)
		return;
	to_json(&e, &h);
	buf_clear(&b);
	if (batch_head_pack(&b, &h) < 0)
		return; /* at the limit of a head, in longer writing */
	check(batch_head_unpack(&h2, b.data, b.len) == 0);
	check(h.first == h2.first && h.last == h2.last && h.count == h2.count);
}

static void as_receipt(const uint8_t *data, size_t size, const uint8_t *inner, size_t len)
{
	struct envelope e = {0};
	struct receipt r;
	struct receipt_rejected rejected;
	struct text key;
	if (inner == NULL) {
		if (receipt_envelope_unpack(&e, data, size) < 0)
			return;
		inner = e.head;
		len = e.head_len;
	}
	if (receipt_unpack(&r, inner, len) < 0)
		return;
	struct receipt_list list = r.rejected_list;
	size_t n = 0;
	while (receipt_next_rejected(&list, &rejected) > 0)
		n++;
	check(n == r.rejected_count);
	list = r.want_full_list;
	n = 0;
	while (receipt_next_want_full(&list, &key) > 0)
		n++;
	check(n == r.want_full_count);
	struct buf out;
	buf_open(&out, 16u << 20);
	struct writer w;
	writer_open(&w, &out);
	json_receipt(&w, &e, &r);
	check(writer_close(&w) == 0);
	buf_close(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (blocks.base == NULL &&
		slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) < 0)
		abort();
	struct batch_head h;
	int kind = json_kind(data, size);
	as_batch(data, size);
	as_receipt(data, size, NULL, 0);
	as_receipt(data, size, data, size);
	(void)batch_head_unpack(&h, data, size);
	if (kind == JSON_KIND_RECORDS) {
		struct buf out;
		buf_open(&out, 16u << 20);
		struct writer w;
		writer_open(&w, &out);
		check(json_records(&w, data, size, &blocks) <= 0);
		check(writer_close(&w) == 0);
		buf_close(&out);
	}
	check(blocks.used == 0);
	return 0;
}
