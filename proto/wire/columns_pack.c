/* SPDX-License-Identifier: Apache-2.0
 * A body into columns. */
#include "proto/base/hash.h"
#include "proto/msgpack/mpread.h"
#include "proto/wire/columns_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 1 << 15, VARINT = 10 };

struct column {
	uint16_t parent, key; /* of 0, the records: not used */
	uint64_t recent[COLUMN_RECENT];
	uint32_t texts; /* different ones */
	uint32_t shapes;
	struct buf tags;
	struct buf numbers; /* uint64_t */
	struct buf ids;     /* uint32_t: the number of a text that was there before, from 1, or 0 */
	struct buf lengths; /* of new texts, varints */
	struct buf bytes;   /* of new texts */
	struct buf keys;    /* shapes: count and keys */
};

/* A text that was there before. */
struct known {
	const uint8_t *p;
	uint32_t len;
	uint32_t id;
	uint16_t column;
};

struct packer {
	unsigned columns;
	struct column column[LIMIT_COLUMNS];
	unsigned known_count;
	struct known known[2 * TEXTS];
};

/* ---- columns ---- */
static int open_column(struct packer *p, unsigned parent, unsigned key)
{
	if (p->columns == LIMIT_COLUMNS)
		return ERR_LIMIT;
	struct column *c = &p->column[p->columns];
	*c = (struct column){.parent = (uint16_t)parent, .key = (uint16_t)key};
	buf_open(&c->tags, LIMIT_BATCH_RAW);
	buf_open(&c->numbers, 8 * (size_t)LIMIT_BATCH_RAW);
	buf_open(&c->ids, 4 * (size_t)LIMIT_BATCH_RAW);
	buf_open(&c->lengths, LIMIT_BATCH_RAW);
	buf_open(&c->bytes, LIMIT_BATCH_RAW);
	buf_open(&c->keys, LIMIT_BATCH_RAW);
	return (int)p->columns++;
}

/* The column of what is behind this key of a map, or of an array's items. */
static int column_below(struct packer *p, unsigned parent, unsigned key)
{
	for (unsigned i = parent + 1; i < p->columns; i++) {
		if (p->column[i].parent == parent && p->column[i].key == key)
			return (int)i;
	}
	return open_column(p, parent, key);
}

static int put_tag(struct column *c, unsigned tag)
{
	uint8_t byte = (uint8_t)tag;
	return buf_put(&c->tags, &byte, 1);
}

static int put_number(struct column *c, unsigned tag, uint64_t v)
{
	int err = put_tag(c, tag);
	return err < 0 ? err : buf_put(&c->numbers, &v, sizeof v);
}

/* Meters are often equal, or the sum of two others. One byte is no longer than that. */
static int put_uint(struct column *c, uint64_t v)
{
	unsigned tag = v <= UINT8_MAX ? TAG_MAP : TAG_SAME;
	while (tag < TAG_MAP && column_recall(c->recent, tag) != v)
		tag++;
	column_note(c->recent, v);
	return tag < TAG_MAP ? put_tag(c, tag) : put_number(c, TAG_UINT, v);
}

static int put_varint(struct buf *dst, uint64_t v)
{
	uint8_t bytes[VARINT];
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (uint8_t)(v | 0x80);
	bytes[n++] = (uint8_t)v;
	return buf_put(dst, bytes, n);
}

/* ---- texts ---- */
static int put_text(struct packer *p, unsigned column, unsigned tag, const void *bytes, size_t len)
{
	struct column *c = &p->column[column];
	uint32_t id = 0;
	size_t at = hash_bytes(column, bytes, len) % (2 * TEXTS);
	const struct known *k;
	while ((k = &p->known[at])->p != NULL) {
		if (k->column == column && k->len == len && memcmp(k->p, bytes, len) == 0) {
			id = k->id;
			break;
		}
		at = (at + 1) % (2 * TEXTS);
	}
	int err = put_tag(c, tag);
	if (err == 0)
		err = buf_put(&c->ids, &id, sizeof id);
	if (err < 0 || id != 0)
		return err;
	c->texts++;
	if (p->known_count < TEXTS) {
		p->known_count++;
		p->known[at] = (struct known){.p = bytes,
			.len = (uint32_t)len,
			.id = c->texts,
			.column = (uint16_t)column};
	}
	err = put_varint(&c->lengths, len);
	return err < 0 ? err : buf_put(&c->bytes, bytes, len);
}

/* ---- maps ---- */
/* The shape of a map with these keys: its number. */
static int shape_of(struct column *c, const uint8_t *keys, size_t count)
{
	size_t at = 0;
	for (unsigned i = 0; i < c->shapes; i++) {
		size_t n = c->keys.data[at];
		if (n == count && memcmp(c->keys.data + at + 1, keys, n) == 0)
			return (int)i;
		at += 1 + n;
	}
	if (c->shapes == COLUMN_SHAPES)
		return ERR_LIMIT;
	uint8_t n = (uint8_t)count;
	int err = buf_put(&c->keys, &n, 1);
	if (err == 0)
		err = buf_put(&c->keys, keys, count);
	return err < 0 ? err : (int)c->shapes++;
}

/* Reads over the whole map for its keys. */
static int read_keys(struct mpread in, uint8_t keys[LIMIT_COLUMN_KEYS])
{
	struct mpread_fields fields;
	uint64_t key;
	int n = 0;
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0) {
		if (n == LIMIT_COLUMN_KEYS || key > UINT8_MAX)
			return ERR_LIMIT;
		keys[n++] = (uint8_t)key;
		err = mpread_skip(&in);
	}
	return err < 0 ? err : n;
}

/* ---- iteration ---- */
struct level {
	unsigned column;
	bool is_map;
	uint32_t left;
	struct mpread_fields fields;
};

/* Goes into a container. */
static int enter(struct packer *p, unsigned column, struct mpread *in, int type, struct level *ret)
{
	struct column *c = &p->column[column];
	*ret = (struct level){.column = column, .is_map = type == MP_MAP};
	if (!ret->is_map) {
		int err = mpread_array(in, LIMIT_MP_ITEMS, &ret->left);
		return err < 0 ? err : put_number(c, TAG_ARRAY, ret->left);
	}
	uint8_t keys[LIMIT_COLUMN_KEYS];
	int n = read_keys(*in, keys);
	int shape = n < 0 ? n : shape_of(c, keys, (size_t)n);
	if (shape < 0)
		return shape;
	int err = put_tag(c, TAG_MAP + (unsigned)shape);
	if (err == 0)
		err = mpread_fields_open(in, &ret->fields);
	ret->left = ret->fields.left;
	return err;
}

static int put_scalar(struct packer *p, unsigned column, struct mpread *in, int type)
{
	struct column *c = &p->column[column];
	const uint8_t *bytes;
	struct text text;
	size_t len;
	uint64_t u;
	int64_t i;
	bool b;
	int err;
	switch (type) {
	case MP_BOOL:
		err = mpread_bool(in, &b);
		return err < 0 ? err : put_tag(c, b ? TAG_TRUE : TAG_FALSE);
	case MP_UINT:
		err = mpread_uint(in, UINT64_MAX, &u);
		return err < 0 ? err : put_uint(c, u);
	case MP_NEGATIVE:
		err = mpread_i64(in, &i);
		return err < 0 ? err : put_number(c, TAG_NEGATIVE, (uint64_t)(-1 - i));
	case MP_STR:
		err = mpread_str(in, LIMIT_RECORD, &text);
		return err < 0 ? err : put_text(p, column, TAG_STR, text.p, text.len);
	case MP_BIN:
		err = mpread_bin(in, LIMIT_RECORD, &bytes, &len);
		return err < 0 ? err : put_text(p, column, TAG_BIN, bytes, len);
	default:
		return ERR_TYPE; /* nil, floats and extensions: not of ours */
	}
}

static int take_apart(struct packer *p, const uint8_t *body, size_t len)
{
	struct level levels[LIMIT_MP_DEPTH];
	struct mpread in;
	unsigned depth = 0;
	mpread_open(&in, body, len);
	while (depth > 0 || !mpread_is_end(&in)) {
		int column = 0;
		if (depth > 0) {
			struct level *at = &levels[depth - 1];
			uint64_t key = COLUMN_ITEMS;
			if (at->left-- == 0) {
				depth--;
				continue;
			}
			if (at->is_map && mpread_key(&in, &at->fields, &key) <= 0)
				return ERR_FORMAT;
			column = column_below(p, at->column, (unsigned)key);
		}
		if (column < 0)
			return column;
		int type = mpread_type(&in);
		if (type < 0)
			return type;
		bool is_container = type == MP_MAP || type == MP_ARRAY;
		if (is_container && depth == LIMIT_MP_DEPTH)
			return ERR_LIMIT;
		int err = is_container ? enter(p, (unsigned)column, &in, type, &levels[depth])
				       : put_scalar(p, (unsigned)column, &in, type);
		if (err < 0)
			return err;
		depth += is_container;
	}
	return 0;
}

/* ---- writing ---- */
static unsigned bytes_of(uint64_t v)
{
	unsigned n = 0;
	for (; v > 0; v >>= 8)
		n++;
	return n;
}

/* The lowest byte of each, then the next one of each: high bytes are alike. */
static int put_planes(struct buf *dst, const uint64_t *v, size_t count)
{
	uint64_t all = 0;
	for (size_t i = 0; i < count; i++)
		all |= v[i];
	uint8_t planes = (uint8_t)bytes_of(all);
	int err = buf_put(dst, &planes, 1);
	for (unsigned plane = 0; plane < planes && err == 0; plane++) {
		err = buf_reserve(dst, count);
		for (size_t i = 0; i < count && err == 0; i++)
			dst->data[dst->len++] = (uint8_t)(v[i] >> 8 * plane);
	}
	return err;
}

/* As they are, or as differences, if those are shorter. */
static int put_numbers(struct buf *dst, struct column *c)
{
	uint64_t *v = (uint64_t *)(void *)c->numbers.data;
	size_t count = c->numbers.len / sizeof *v, plain = 0, delta = 0;
	uint64_t before = 0;
	for (size_t i = 0; i < count; before = v[i++]) {
		plain += bytes_of(v[i]);
		delta += bytes_of(column_fold(v[i] - before));
	}
	uint8_t mode = delta < plain ? COLUMN_DELTA : 0;
	before = 0;
	for (size_t i = 0; i < count && mode == COLUMN_DELTA; i++) {
		uint64_t now = v[i];
		v[i] = column_fold(now - before);
		before = now;
	}
	int err = buf_put(dst, &mode, 1);
	return err < 0 ? err : put_planes(dst, v, count);
}

static int put_texts(struct buf *dst, struct column *c)
{
	const uint32_t *id = (const uint32_t *)(const void *)c->ids.data;
	size_t count = c->ids.len / sizeof *id;
	c->numbers.len = 0; /* they are written */
	for (size_t i = 0; i < count; i++) {
		uint64_t v = id[i];
		int err = buf_put(&c->numbers, &v, sizeof v);
		if (err < 0)
			return err;
	}
	int err = put_planes(dst, (const uint64_t *)(const void *)c->numbers.data, count);
	if (err == 0)
		err = put_varint(dst, c->texts);
	if (err == 0)
		err = buf_put(dst, c->lengths.data, c->lengths.len);
	return err < 0 ? err : buf_put(dst, c->bytes.data, c->bytes.len);
}

static int put_column(struct buf *dst, struct column *c)
{
	int err = put_varint(dst, c->tags.len);
	if (err == 0)
		err = buf_put(dst, c->tags.data, c->tags.len);
	if (err == 0)
		err = put_varint(dst, c->shapes);
	if (err == 0)
		err = buf_put(dst, c->keys.data, c->keys.len);
	if (err == 0 && c->numbers.len > 0)
		err = put_numbers(dst, c);
	if (err == 0 && c->ids.len > 0)
		err = put_texts(dst, c);
	return err;
}

static int put_columns(struct packer *p, struct buf *dst)
{
	int err = put_varint(dst, p->columns);
	for (unsigned i = 0; i < p->columns && err == 0; i++)
		err = put_column(dst, &p->column[i]);
	return err;
}

static int check(const struct buf *dst, size_t from, const uint8_t *body, size_t len)
{
	uint8_t *again = malloc(len);
	if (again == NULL)
		return -ENOMEM;
	int err = columns_unpack(again, len, dst->data + from, dst->len - from);
	if (err != -ENOMEM && (err < 0 || memcmp(again, body, len) != 0))
		err = ERR_TYPE; /* a value is not in its shortest form */
	free(again);
	return err;
}

static void close_packer(struct packer *p)
{
	for (unsigned i = 0; i < p->columns; i++) {
		struct column *c = &p->column[i];
		buf_close(&c->tags);
		buf_close(&c->numbers);
		buf_close(&c->ids);
		buf_close(&c->lengths);
		buf_close(&c->bytes);
		buf_close(&c->keys);
	}
	free(p);
}

int columns_pack(struct buf *dst, const uint8_t *body, size_t len)
{
	size_t from = dst->len;
	if (len == 0 || len > LIMIT_BATCH_RAW)
		return ERR_LIMIT;
	struct packer *p = calloc(1, sizeof *p);
	if (p == NULL)
		return -ENOMEM;
	int err = open_column(p, 0, 0);
	if (err >= 0)
		err = take_apart(p, body, len);
	if (err == 0)
		err = put_columns(p, dst);
	close_packer(p);
	if (err == 0)
		err = check(dst, from, body, len);
	if (err < 0)
		dst->len = from;
	return err;
}
