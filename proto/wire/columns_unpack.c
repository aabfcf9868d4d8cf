/* SPDX-License-Identifier: Apache-2.0
 * Columns back to a body. The input is a peer's: every count is compared with the bytes that are
 * there, each value writes a byte of the body at least, and the body has an end. */
#include "proto/wire/columns_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct shape {
	const uint8_t *keys;
	uint32_t count;
	uint32_t below; /* in `below`, of its first key */
};

struct column {
	uint16_t parent, key;
	const uint8_t *tags;
	size_t tag_count, tags_done;
	uint32_t first_shape, shapes;
	const uint8_t *planes; /* of numbers */
	size_t numbers, numbers_done;
	unsigned plane_count, mode;
	uint64_t before;
	uint64_t recent[COLUMN_RECENT];
	const uint8_t *id_planes;
	size_t ids, ids_done;
	unsigned id_plane_count;
	uint32_t first_text, texts; /* in `text` */
	uint32_t texts_done;
};

struct unpacker {
	const uint8_t *p, *end; /* input */
	uint8_t *out, *out_end;
	unsigned columns, opened;
	struct column column[LIMIT_COLUMNS];
	uint32_t shapes;
	struct shape shape[LIMIT_COLUMN_SHAPES];
	uint32_t keys;
	uint16_t below[LIMIT_COLUMN_SHAPE_KEYS]; /* column of each key of each shape; 0: not yet */
	uint32_t texts;
	struct buf text; /* struct text */
};

/* ---- input ---- */
static int get_bytes(struct unpacker *u, size_t n, const uint8_t **ret)
{
	if (n > (size_t)(u->end - u->p))
		return ERR_FORMAT;
	*ret = u->p;
	u->p += n;
	return 0;
}

/* At most `max`. */
static int get_varint(struct unpacker *u, size_t max, size_t *ret)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		if (u->p == u->end)
			return ERR_FORMAT;
		uint8_t byte = *u->p++;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) != 0)
			continue;
		*ret = (size_t)v;
		return v <= max ? 0 : ERR_FORMAT;
	}
	return ERR_FORMAT;
}

/* `count` values in planes: their start and number. */
static int get_planes(struct unpacker *u, size_t count, const uint8_t **ret, unsigned *planes)
{
	const uint8_t *n;
	int err = get_bytes(u, 1, &n);
	if (err < 0)
		return err;
	if (*n > 8)
		return ERR_FORMAT;
	*planes = *n;
	return get_bytes(u, count * *n, ret);
}

static int get_shapes(struct unpacker *u, struct column *c)
{
	size_t count = 0;
	int err = get_varint(u, COLUMN_SHAPES, &count);
	c->first_shape = u->shapes;
	c->shapes = (uint32_t)count;
	for (size_t i = 0; i < count && err == 0; i++) {
		struct shape *s = &u->shape[u->shapes];
		const uint8_t *n;
		if (u->shapes == LIMIT_COLUMN_SHAPES)
			return ERR_LIMIT;
		err = get_bytes(u, 1, &n);
		if (err < 0)
			return err;
		*s = (struct shape){.count = *n, .below = u->keys};
		if (*n > LIMIT_COLUMN_KEYS || u->keys + *n > LIMIT_COLUMN_SHAPE_KEYS)
			return ERR_LIMIT;
		err = get_bytes(u, *n, &s->keys);
		u->keys += *n;
		u->shapes++;
	}
	return err;
}

/* The lengths come first, then all bytes. */
static int get_texts(struct unpacker *u, struct column *c)
{
	size_t count = 0;
	int err = get_planes(u, c->ids, &c->id_planes, &c->id_plane_count);
	if (err == 0)
		err = get_varint(u, c->ids, &count);
	if (err < 0)
		return err;
	c->first_text = u->texts;
	c->texts = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		struct text t = {NULL, 0};
		if ((err = get_varint(u, LIMIT_RECORD, &t.len)) < 0 ||
			(err = buf_put(&u->text, &t, sizeof t)) < 0)
			return err;
	}
	struct text *text = (struct text *)(void *)u->text.data;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *bytes;
		struct text *t = &text[u->texts++];
		if ((err = get_bytes(u, t->len, &bytes)) < 0)
			return err;
		t->p = (const char *)bytes;
	}
	return 0;
}

static int get_column(struct unpacker *u, struct column *c)
{
	int err = get_varint(u, LIMIT_BATCH_RAW, &c->tag_count);
	if (err == 0)
		err = get_bytes(u, c->tag_count, &c->tags);
	if (err == 0)
		err = get_shapes(u, c);
	if (err < 0)
		return err;
	for (size_t i = 0; i < c->tag_count; i++) {
		uint8_t tag = c->tags[i];
		c->numbers += tag == TAG_UINT || tag == TAG_NEGATIVE || tag == TAG_ARRAY;
		c->ids += tag == TAG_STR || tag == TAG_BIN;
		if (tag >= TAG_MAP && tag - (unsigned)TAG_MAP >= c->shapes)
			return ERR_FORMAT;
	}
	if (c->numbers > 0) {
		const uint8_t *mode;
		if ((err = get_bytes(u, 1, &mode)) < 0)
			return err;
		c->mode = *mode;
		if (c->mode > COLUMN_DELTA)
			return ERR_FORMAT;
		if ((err = get_planes(u, c->numbers, &c->planes, &c->plane_count)) < 0)
			return err;
	}
	return c->ids > 0 ? get_texts(u, c) : 0;
}

static int get_columns(struct unpacker *u)
{
	size_t count = 0;
	int err = get_varint(u, LIMIT_COLUMNS, &count);
	if (err == 0 && count == 0)
		err = ERR_FORMAT;
	u->columns = (unsigned)count;
	for (size_t i = 0; i < count && err == 0; i++)
		err = get_column(u, &u->column[i]);
	return err == 0 && u->p != u->end ? ERR_FORMAT : err;
}

/* ---- output, msgpack in its shortest form ---- */
static int put(struct unpacker *u, const void *bytes, size_t n)
{
	if (n > (size_t)(u->out_end - u->out))
		return ERR_FORMAT;
	if (n > 0)
		memcpy(u->out, bytes, n);
	u->out += n;
	return 0;
}

/* A first byte, then the lowest `n` bytes of v, the highest first. */
static int put_head(struct unpacker *u, unsigned first, uint64_t v, unsigned n)
{
	uint8_t bytes[9] = {(uint8_t)first};
	for (unsigned i = 0; i < n; i++)
		bytes[1 + i] = (uint8_t)(v >> 8 * (n - 1 - i));
	return put(u, bytes, 1 + n);
}

static int put_uint(struct unpacker *u, uint64_t v)
{
	if (v < 0x80)
		return put_head(u, (unsigned)v, 0, 0);
	if (v <= UINT8_MAX)
		return put_head(u, 0xcc, v, 1);
	if (v <= UINT16_MAX)
		return put_head(u, 0xcd, v, 2);
	return v <= UINT32_MAX ? put_head(u, 0xce, v, 4) : put_head(u, 0xcf, v, 8);
}

/* -1 - v */
static int put_negative(struct unpacker *u, uint64_t v)
{
	if (v > INT64_MAX)
		return ERR_FORMAT;
	if (v < 32)
		return put_head(u, 0xff - (unsigned)v, 0, 0);
	if (v <= INT8_MAX)
		return put_head(u, 0xd0, ~v, 1);
	if (v <= INT16_MAX)
		return put_head(u, 0xd1, ~v, 2);
	return v <= INT32_MAX ? put_head(u, 0xd2, ~v, 4) : put_head(u, 0xd3, ~v, 8);
}

static int put_text(struct unpacker *u, unsigned tag, struct text t)
{
	int err;
	if (tag == TAG_STR && t.len < 32)
		err = put_head(u, 0xa0 | (unsigned)t.len, 0, 0);
	else if (t.len <= UINT8_MAX)
		err = put_head(u, tag == TAG_STR ? 0xd9 : 0xc4, t.len, 1);
	else if (t.len <= UINT16_MAX)
		err = put_head(u, tag == TAG_STR ? 0xda : 0xc5, t.len, 2);
	else
		err = put_head(u, tag == TAG_STR ? 0xdb : 0xc6, t.len, 4);
	return err < 0 ? err : put(u, t.p, t.len);
}

static int put_count(struct unpacker *u, unsigned fix, unsigned first16, uint64_t count)
{
	if (count < 16)
		return put_head(u, fix | (unsigned)count, 0, 0);
	return count <= UINT16_MAX ? put_head(u, first16, count, 2) : ERR_FORMAT;
}

/* ---- iteration ---- */
static uint64_t at_planes(const uint8_t *planes, unsigned n, size_t count, size_t at)
{
	uint64_t v = 0;
	for (unsigned plane = 0; plane < n; plane++)
		v |= (uint64_t)planes[plane * count + at] << 8 * plane;
	return v;
}

static uint64_t next_number(struct column *c)
{
	uint64_t v = at_planes(c->planes, c->plane_count, c->numbers, c->numbers_done++);
	if (c->mode == COLUMN_DELTA)
		v = c->before = c->before + column_unfold(v);
	return v;
}

static int next_text(struct unpacker *u, struct column *c, struct text *ret)
{
	uint64_t id = at_planes(c->id_planes, c->id_plane_count, c->ids, c->ids_done++);
	if (id == 0)
		id = ++c->texts_done;
	if (id > c->texts_done || id > c->texts)
		return ERR_FORMAT;
	*ret = ((const struct text *)(const void *)u->text.data)[c->first_text + id - 1];
	return 0;
}

/* The column below another one, made at its first use, as the packer did. */
static int column_below(struct unpacker *u, unsigned parent, unsigned key)
{
	for (unsigned i = parent + 1; i < u->opened; i++) {
		if (u->column[i].parent == parent && u->column[i].key == key)
			return (int)i;
	}
	if (u->opened == u->columns)
		return ERR_FORMAT;
	u->column[u->opened].parent = (uint16_t)parent;
	u->column[u->opened].key = (uint16_t)key;
	return (int)u->opened++;
}

struct level {
	unsigned column;
	const struct shape *shape; /* NULL: an array */
	uint64_t count, done;
	int items; /* the column of an array's items; 0: not yet */
};

/* The next value of this container: its column, after its key. */
static int next_below(struct unpacker *u, struct level *at)
{
	uint64_t i = at->done++;
	if (at->shape == NULL) {
		if (at->items == 0)
			at->items = column_below(u, at->column, COLUMN_ITEMS);
		return at->items;
	}
	uint16_t *below = &u->below[at->shape->below + i];
	int err = put_uint(u, at->shape->keys[i]);
	if (err < 0 || *below != 0)
		return err < 0 ? err : *below;
	int column = column_below(u, at->column, at->shape->keys[i]);
	if (column > 0)
		*below = (uint16_t)column;
	return column;
}

/* 1: a container, in *ret; 0: a value that has been written. */
static int next_value(struct unpacker *u, unsigned column, struct level *ret)
{
	struct column *c = &u->column[column];
	struct text text;
	uint8_t byte;
	int err;
	if (c->tags_done == c->tag_count)
		return ERR_FORMAT;
	unsigned tag = c->tags[c->tags_done++];
	switch (tag) {
	case TAG_FALSE:
	case TAG_TRUE:
		byte = tag == TAG_TRUE ? 0xc3 : 0xc2;
		return put(u, &byte, 1);
	case TAG_UINT:
		column_note(c->recent, next_number(c));
		return put_uint(u, c->recent[0]);
	case TAG_NEGATIVE:
		return put_negative(u, next_number(c));
	case TAG_STR:
	case TAG_BIN:
		err = next_text(u, c, &text);
		return err < 0 ? err : put_text(u, tag, text);
	case TAG_ARRAY:
		*ret = (struct level){.column = column, .count = next_number(c)};
		err = put_count(u, 0x90, 0xdc, ret->count);
		return err < 0 ? err : 1;
	default:
		if (tag < TAG_MAP) {
			column_note(c->recent, column_recall(c->recent, tag));
			return put_uint(u, c->recent[0]);
		}
		*ret = (struct level){
			.column = column, .shape = &u->shape[c->first_shape + tag - TAG_MAP]};
		ret->count = ret->shape->count;
		err = put_count(u, 0x80, 0xde, ret->count);
		return err < 0 ? err : 1;
	}
}

static int put_together(struct unpacker *u)
{
	struct level levels[LIMIT_MP_DEPTH];
	unsigned depth = 0;
	u->opened = 1;
	while (depth > 0 || u->out < u->out_end) {
		int column = 0;
		if (depth > 0 && levels[depth - 1].done == levels[depth - 1].count) {
			depth--;
			continue;
		}
		if (depth > 0)
			column = next_below(u, &levels[depth - 1]);
		if (column < 0)
			return column;
		struct level level;
		int n = next_value(u, (unsigned)column, &level);
		if (n < 0)
			return n;
		if (n == 1 && depth == LIMIT_MP_DEPTH)
			return ERR_LIMIT;
		if (n == 1)
			levels[depth++] = level;
	}
	return 0;
}

/* Nothing may be left: two packings of one body would be two messages. */
static int check_used(const struct unpacker *u)
{
	for (unsigned i = 0; i < u->columns; i++) {
		const struct column *c = &u->column[i];
		if (c->tags_done != c->tag_count || c->texts_done != c->texts)
			return ERR_FORMAT;
	}
	return u->opened == u->columns ? 0 : ERR_FORMAT;
}

int columns_unpack(uint8_t *body, size_t raw_len, const uint8_t *bytes, size_t len)
{
	struct unpacker *u = calloc(1, sizeof *u);
	if (u == NULL)
		return -ENOMEM;
	u->p = bytes;
	u->end = bytes + len;
	u->out = body;
	u->out_end = body + raw_len;
	buf_open(&u->text, (len + 1) * sizeof(struct text));
	int err = get_columns(u);
	if (err == 0)
		err = put_together(u);
	if (err == 0)
		err = check_used(u);
	buf_close(&u->text);
	free(u);
	return err;
}
