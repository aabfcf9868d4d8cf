/* SPDX-License-Identifier: Apache-2.0
 * Records out. msgpack-c's packer writes through a callback straight into a bounded buffer
 * (mpwrite.c) or into a digest, so packing allocates nothing of its own. */
#include "proto/base/hash.h"
#include "proto/msgpack/mpwrite.h"
#include "proto/wire/pack_internal.h"

#include <string.h>

/* ---- rows ---- */
enum { KIND_UINT, KIND_INT, KIND_TRUE, KIND_TEXT, KIND_BYTES, KIND_MORE };

static struct row_field *row_add(struct row *row, uint8_t key, uint8_t kind)
{
	struct row_field *f = &row->field[row->n++];
	f->key = key;
	f->kind = kind;
	return f;
}

void row_uint(struct row *row, uint8_t key, uint64_t v)
{
	if (v != 0)
		row_add(row, key, KIND_UINT)->v.u = v;
}

void row_int(struct row *row, uint8_t key, int64_t v)
{
	row_add(row, key, KIND_INT)->v.i = v;
}

void row_true(struct row *row, uint8_t key, bool v)
{
	if (v)
		row_add(row, key, KIND_TRUE)->v.u = 1;
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
	if (t.len == 0)
		return;
	struct row_field *f = row_add(row, key, KIND_TEXT);
	f->v.p = t.p;
	f->len = (uint16_t)cut(t, max);
}

void row_bytes(struct row *row, uint8_t key, const uint8_t *bytes, size_t n)
{
	struct row_field *f = row_add(row, key, KIND_BYTES);
	f->v.p = (const char *)bytes;
	f->len = (uint16_t)n;
}

void row_more(struct row *row, uint8_t key)
{
	row_add(row, key, KIND_MORE)->v.u = 0;
}

/* The buffer of a row's packer, so that the sink behind it is called once a row instead of twice a
 * field. Bytes that do not fit go to the sink as they come. */
struct chunk {
	msgpack_packer *to;
	size_t len;
	char bytes[256];
};

static void chunk_flush(struct chunk *c)
{
	if (c->len > 0)
		(void)c->to->callback(c->to->data, c->bytes, c->len);
	c->len = 0;
}

static inline int chunk_write(void *data, const char *bytes, size_t n)
{
	struct chunk *c = data;
	if (n > sizeof c->bytes - c->len)
		chunk_flush(c);
	if (n > sizeof c->bytes)
		return c->to->callback(c->to->data, bytes, n);
	if (n == 1) /* most calls: a key, a small number */
		c->bytes[c->len] = bytes[0];
	else
		memcpy(c->bytes + c->len, bytes, n);
	c->len += n;
	return 0;
}

/* Below 128 a number is its own msgpack: every key and most values. */
static inline bool is_one_byte(const struct row_field *f)
{
	return (f->kind == KIND_UINT || f->kind == KIND_INT) && f->v.u < 0x80;
}

static void field_write(msgpack_packer *pk, const struct row_field *f)
{
	(void)msgpack_pack_uint8(pk, f->key);
	switch (f->kind) {
	case KIND_UINT:
		(void)msgpack_pack_uint64(pk, f->v.u);
		break;
	case KIND_INT:
		(void)msgpack_pack_int64(pk, f->v.i);
		break;
	case KIND_TRUE:
		(void)msgpack_pack_true(pk);
		break;
	case KIND_TEXT:
		(void)msgpack_pack_str(pk, f->len);
		(void)msgpack_pack_str_body(pk, f->v.p, f->len);
		break;
	case KIND_BYTES:
		(void)msgpack_pack_bin(pk, f->len);
		(void)msgpack_pack_bin_body(pk, f->v.p, f->len);
		break;
	default: /* KIND_MORE: the caller goes on */
		break;
	}
}

void row_write(msgpack_packer *pk, const struct row *row)
{
	struct chunk chunk;
	chunk.to = pk;
	chunk.len = 0;
	msgpack_packer own = {.data = &chunk, .callback = chunk_write};
	(void)msgpack_pack_map(&own, row->n);
	for (unsigned i = 0; i < row->n; i++) {
		const struct row_field *f = &row->field[i];
		if (is_one_byte(f) && f->key < 0x80) {
			const char both[2] = {(char)f->key, (char)f->v.u};
			(void)chunk_write(&chunk, both, sizeof both);
		} else {
			field_write(&own, f);
		}
	}
	chunk_flush(&chunk);
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
	unsigned fields = row.n;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		row.n += mask >> g & 1;
	(void)msgpack_pack_map(&pk, row.n);
	for (unsigned i = 0; i < fields; i++)
		field_write(&pk, &row.field[i]);
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
