/* SPDX-License-Identifier: Apache-2.0
 * Records out. msgpack-c's packer writes through a callback straight into a bounded buffer
 * (mpwrite.c) or into a digest, so packing allocates nothing of its own. */
#include "proto/base/hash.h"
#include "proto/msgpack/mpwrite.h"
#include "proto/wire/pack_internal.h"

#include <string.h>

/* ---- rows ---- */
enum { NUMBER_BYTES = 9 };

/* row_key has found the space. */
static inline int row_sink(void *data, const char *bytes, size_t n)
{
	struct row *row = data;
	memcpy(row->bytes + row->len, bytes, n);
	row->len = (uint16_t)(row->len + n);
	return 0;
}

static inline msgpack_packer packer_of(struct row *row)
{
	return (msgpack_packer){.data = row, .callback = row_sink};
}

void row_long_uint(struct row *row, uint8_t key, uint64_t v)
{
	msgpack_packer pk = packer_of(row);
	if (row_key(row, key, NUMBER_BYTES))
		(void)msgpack_pack_uint64(&pk, v);
}

void row_long(struct row *row, uint8_t key, int64_t v)
{
	msgpack_packer pk = packer_of(row);
	if (row_key(row, key, NUMBER_BYTES))
		(void)msgpack_pack_int64(&pk, v);
}

void row_true(struct row *row, uint8_t key, bool v)
{
	msgpack_packer pk = packer_of(row);
	if (v && row_key(row, key, NUMBER_BYTES))
		(void)msgpack_pack_true(&pk);
}

/* How much of `t` fits `max` bytes without splitting a character. */
static size_t cut(struct text t, size_t max)
{
	if (t.len <= max)
		return t.len;
	while (max > 0 && ((uint8_t)t.p[max] & 0xc0) == 0x80)
		max--;
	return max;
}

void row_text(struct row *row, uint8_t key, struct text t, size_t max)
{
	msgpack_packer pk = packer_of(row);
	size_t n = cut(t, max);
	if (t.len == 0 || !row_key(row, key, NUMBER_BYTES + n))
		return;
	(void)msgpack_pack_str(&pk, n);
	(void)msgpack_pack_str_body(&pk, t.p, n);
}

void row_bytes(struct row *row, uint8_t key, const uint8_t *bytes, size_t n)
{
	msgpack_packer pk = packer_of(row);
	if (!row_key(row, key, NUMBER_BYTES + n))
		return;
	(void)msgpack_pack_bin(&pk, n);
	(void)msgpack_pack_bin_body(&pk, bytes, n);
}

void row_write(msgpack_packer *pk, const struct row *row, unsigned more)
{
	(void)msgpack_pack_map(pk, row->n + more);
	(void)pk->callback(pk->data, row->bytes, row->len);
}

/* ---- into a buffer ---- */
int record_pack(
	struct buf *dst, const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct mpwrite out;
	msgpack_packer pk;
	mpwrite_open(&out, dst);
	msgpack_packer_init(&pk, &out, mpwrite_sink);

	struct row row;
	row_open(&row);
	row_int(&row, RECORD_SEQ, (int64_t)head->seq);
	row_int(&row, RECORD_READ_AT, (int64_t)head->read_at_ms);
	row_uint(&row, RECORD_POLICY, head->policy_id);
	row_true(&row, RECORD_IS_FULL, head->is_full);
	row_text(&row, RECORD_ADDRESS, head->address, LIMIT_TEXT_SHORT);
	row_text(&row, RECORD_DEVICE_KEY, head->device_key, LIMIT_TEXT);
	row_uint(&row, RECORD_AGE, head->age_ms);
	unsigned groups = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		groups += mask >> g & 1;
	row_write(&pk, &row, groups);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((mask >> g & 1) == 0)
			continue;
		(void)msgpack_pack_uint8(&pk, (uint8_t)(RECORD_GROUP + g));
		pack_group(&pk, r, (enum reading_group)g, head->read_at_ms, false);
	}
	return mpwrite_close(&out, LIMIT_RECORD);
}

/* ---- into a digest ---- */
static int digest_write(void *data, const char *bytes, size_t n)
{
	uint64_t *h = data;
	*h = fnv1a(*h, bytes, n);
	return 0;
}

uint64_t record_group_digest(const struct reading *r, enum reading_group g)
{
	uint64_t h = FNV1A_START;
	msgpack_packer pk;
	msgpack_packer_init(&pk, &h, digest_write);
	pack_group(&pk, r, g, 0, true);
	return h;
}
