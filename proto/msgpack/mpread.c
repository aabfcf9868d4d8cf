/* SPDX-License-Identifier: Apache-2.0
 * msgpack's format bytes, as in its specification of 2013 (str, bin and ext families). */
#include "proto/msgpack/mpread.h"

#include <string.h>

enum {
	POSFIXINT_MAX = 0x7f,
	FIXMAP = 0x80,
	FIXARRAY = 0x90,
	FIXSTR = 0xa0,
	NIL = 0xc0,
	NEVER_USED = 0xc1,
	FALSE_ = 0xc2,
	TRUE_ = 0xc3,
	BIN8 = 0xc4,
	EXT8 = 0xc7,
	EXT32 = 0xc9,
	FLOAT32 = 0xca,
	FLOAT64 = 0xcb,
	UINT8 = 0xcc,
	UINT64 = 0xcf,
	INT8 = 0xd0,
	INT64 = 0xd3,
	FIXEXT1 = 0xd4,
	FIXEXT16 = 0xd8,
	STR8 = 0xd9,
	STR32 = 0xdb,
	ARRAY16 = 0xdc,
	MAP16 = 0xde,
	NEGFIXINT = 0xe0
};

void mpread_open(struct mpread *r, const uint8_t *bytes, size_t len)
{
	r->p = bytes;
	r->end = len == 0 ? bytes : bytes + len;
}

static size_t left(const struct mpread *r)
{
	return (size_t)(r->end - r->p);
}

/* Nearly all texts are ASCII, which is told eight bytes at a time. */
static bool is_text(const uint8_t *p, size_t n)
{
	size_t i = 0;
	for (; n - i >= 8; i += 8) {
		uint64_t eight;
		memcpy(&eight, p + i, 8);
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			return str_is_utf8(p, n);
	}
	for (; i < n; i++) {
		if (p[i] >= 0x80)
			return str_is_utf8(p, n);
	}
	return true;
}

/* Everything there is to know about a value before its contents: `head` bytes of format and
 * length, then `size` bytes of contents (scalars, strings) or `count` items (containers). */
struct value {
	enum mp_type type;
	size_t head;
	uint64_t size;
	uint64_t count;
	uint64_t bits; /* of an integer or a bool; negative ones sign-extended */
};

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* The width of the length or number behind format byte `b` of a family that starts at `first`. */
static size_t width(uint8_t b, uint8_t first)
{
	return (size_t)1 << (b - first);
}

static void look_fixed(struct value *v, uint8_t b)
{
	v->head = 1;
	if (b <= POSFIXINT_MAX) {
		v->type = MP_UINT;
		v->bits = b;
	} else if (b >= NEGFIXINT) {
		v->type = MP_NEGATIVE;
		v->bits = (uint64_t)(int64_t)(int8_t)b;
	} else if (b < FIXARRAY) {
		v->type = MP_MAP;
		v->count = b & 15u;
	} else if (b < FIXSTR) {
		v->type = MP_ARRAY;
		v->count = b & 15u;
	} else {
		v->type = MP_STR;
		v->size = b & 31u;
	}
}

/* Sign-extends the n-byte number in v->bits and tells the two kinds of integers apart. */
static void look_signed(struct value *v, size_t n)
{
	unsigned shift = 64 - 8 * (unsigned)n;
	int64_t number = (int64_t)(v->bits << shift) >> shift;
	v->bits = (uint64_t)number;
	v->type = number < 0 ? MP_NEGATIVE : MP_UINT;
}

/* How many bytes behind the format byte are a length, a count or a number. */
static size_t look_width(uint8_t b)
{
	if (b >= BIN8 && b < EXT8)
		return width(b, BIN8);
	if (b >= EXT8 && b <= EXT32)
		return width(b, EXT8);
	if (b >= UINT8 && b <= UINT64)
		return width(b, UINT8);
	if (b >= INT8 && b <= INT64)
		return width(b, INT8);
	if (b >= STR8 && b <= STR32)
		return width(b, STR8);
	if (b >= ARRAY16 && b < NEGFIXINT)
		return (size_t)2 << (b & 1);
	return 0;
}

static void look_wide(struct value *v, uint8_t b, size_t n)
{
	if (b == NIL) {
		v->type = MP_NIL;
	} else if (b == FALSE_ || b == TRUE_) {
		v->type = MP_BOOL;
		v->bits = b == TRUE_;
	} else if (b < EXT8) {
		v->type = MP_BIN;
		v->size = v->bits;
	} else if (b <= EXT32) {
		v->type = MP_EXT;
		v->size = v->bits + 1; /* and one byte of type */
	} else if (b <= FLOAT64) {
		v->type = MP_FLOAT;
		v->size = b == FLOAT32 ? 4 : 8;
	} else if (b <= UINT64) {
		v->type = MP_UINT;
	} else if (b <= INT64) {
		look_signed(v, n);
	} else if (b <= FIXEXT16) {
		v->type = MP_EXT;
		v->size = ((uint64_t)1 << (b - FIXEXT1)) + 1;
	} else if (b <= STR32) {
		v->type = MP_STR;
		v->size = v->bits;
	} else {
		v->type = b < MAP16 ? MP_ARRAY : MP_MAP;
		v->count = v->bits;
	}
}

static int look(const struct mpread *r, struct value *v)
{
	*v = (struct value){.head = 1};
	if (left(r) == 0)
		return ERR_SHORT;
	uint8_t b = *r->p;
	if (b == NEVER_USED)
		return ERR_FORMAT;
	if (b < NIL || b >= NEGFIXINT) {
		look_fixed(v, b);
	} else {
		size_t n = look_width(b);
		if (left(r) - 1 < n)
			return ERR_SHORT;
		v->head = 1 + n;
		v->bits = big_endian(r->p + 1, n);
		look_wide(v, b, n);
	}
	/* Each item of a container is at least one byte, each item of a map two. */
	uint64_t need = v->type == MP_MAP ? 2 * v->count : v->count;
	if (left(r) - v->head < v->size || left(r) - v->head < need)
		return ERR_SHORT;
	return 0;
}

int mpread_type(const struct mpread *r)
{
	struct value v;
	int err = look(r, &v);
	return err < 0 ? err : (int)v.type;
}

/* The next value, which must be of this type. */
static int look_for(const struct mpread *r, enum mp_type type, struct value *v)
{
	int err = look(r, v);
	if (err < 0)
		return err;
	return v->type == type ? 0 : ERR_TYPE;
}

int mpread_bool(struct mpread *r, bool *ret)
{
	struct value v;
	int err = look_for(r, MP_BOOL, &v);
	if (err < 0)
		return err;
	*ret = v.bits != 0;
	r->p += v.head;
	return 0;
}

int mpread_uint(struct mpread *r, uint64_t max, uint64_t *ret)
{
	struct value v;
	/* Most numbers of ours are below 128. */
	if (r->p != r->end && *r->p <= POSFIXINT_MAX && *r->p <= max) {
		*ret = *r->p++;
		return 0;
	}
	int err = look_for(r, MP_UINT, &v);
	if (err < 0)
		return err == ERR_TYPE && v.type == MP_NEGATIVE ? ERR_RANGE : err;
	if (v.bits > max)
		return ERR_RANGE;
	*ret = v.bits;
	r->p += v.head;
	return 0;
}

#define DEFINE_UINT(bits)                                                                          \
	int mpread_u##bits(struct mpread *r, uint##bits##_t *ret)                                  \
	{                                                                                          \
		uint64_t v;                                                                        \
		int err = mpread_uint(r, UINT##bits##_MAX, &v);                                    \
		if (err == 0)                                                                      \
			*ret = (uint##bits##_t)v;                                                  \
		return err;                                                                        \
	}

DEFINE_UINT(8)
DEFINE_UINT(16)
DEFINE_UINT(32)

int mpread_i64(struct mpread *r, int64_t *ret)
{
	struct value v;
	int err = look(r, &v);
	if (err < 0)
		return err;
	if (v.type != MP_UINT && v.type != MP_NEGATIVE)
		return ERR_TYPE;
	if (v.type == MP_UINT && v.bits > INT64_MAX)
		return ERR_RANGE;
	*ret = (int64_t)v.bits;
	r->p += v.head;
	return 0;
}

int mpread_i32(struct mpread *r, int32_t *ret)
{
	struct mpread before = *r;
	int64_t v;
	int err = mpread_i64(r, &v);
	if (err < 0)
		return err;
	if (v < INT32_MIN || v > INT32_MAX) {
		*r = before;
		return ERR_RANGE;
	}
	*ret = (int32_t)v;
	return 0;
}

int mpread_str(struct mpread *r, size_t max, struct text *ret)
{
	struct value v;
	int err = look_for(r, MP_STR, &v);
	if (err < 0)
		return err;
	if (v.size > max)
		return ERR_LIMIT;
	const uint8_t *p = r->p + v.head;
	if (!is_text(p, (size_t)v.size))
		return ERR_FORMAT;
	*ret = (struct text){(const char *)p, (size_t)v.size};
	r->p = p + v.size;
	return 0;
}

int mpread_bin(struct mpread *r, size_t max, const uint8_t **ret, size_t *len)
{
	struct value v;
	int err = look_for(r, MP_BIN, &v);
	if (err < 0)
		return err;
	if (v.size > max)
		return ERR_LIMIT;
	*ret = r->p + v.head;
	*len = (size_t)v.size;
	r->p += v.head + v.size;
	return 0;
}

int mpread_bin_fixed(struct mpread *r, uint8_t *dst, size_t len)
{
	struct mpread before = *r;
	const uint8_t *p;
	size_t n;
	int err = mpread_bin(r, len, &p, &n);
	if (err < 0)
		return err;
	if (n != len) {
		*r = before;
		return ERR_FORMAT;
	}
	memcpy(dst, p, len);
	return 0;
}

static int container(struct mpread *r, enum mp_type type, size_t max, uint32_t *count)
{
	struct value v;
	int err = look_for(r, type, &v);
	if (err < 0)
		return err;
	if (v.count > max)
		return ERR_LIMIT;
	*count = (uint32_t)v.count;
	r->p += v.head;
	return 0;
}

int mpread_array(struct mpread *r, size_t max, uint32_t *count)
{
	return container(r, MP_ARRAY, max, count);
}

int mpread_skip(struct mpread *r)
{
	struct mpread at = *r;
	uint64_t open[LIMIT_MP_DEPTH]; /* items still to come, outermost first */
	size_t depth = 0;
	for (;;) {
		struct value v = {.count = 0};
		/* Most values are one byte. */
		if (at.p != at.end && *at.p <= POSFIXINT_MAX) {
			at.p++;
		} else {
			int err = look(&at, &v);
			if (err < 0)
				return err;
			at.p += v.head;
			if (v.type == MP_STR && !is_text(at.p, (size_t)v.size))
				return ERR_FORMAT;
			at.p += v.size;
		}
		if (v.count > LIMIT_MP_ITEMS || (v.count > 0 && depth == LIMIT_MP_DEPTH))
			return ERR_LIMIT;
		if (v.count > 0) {
			open[depth++] = v.type == MP_MAP ? 2 * v.count : v.count;
			continue;
		}
		while (depth > 0 && --open[depth - 1] == 0)
			depth--;
		if (depth == 0)
			break;
	}
	*r = at;
	return 0;
}

int mpread_fields_open(struct mpread *r, struct mpread_fields *f)
{
	f->seen = 0;
	f->left = 0;
	return container(r, MP_MAP, LIMIT_MP_ITEMS, &f->left);
}

int mpread_key(struct mpread *r, struct mpread_fields *f, uint64_t *key)
{
	if (f->left == 0)
		return 0;
	int err = mpread_uint(r, UINT64_MAX, key);
	if (err < 0)
		return err;
	f->left--;
	if (*key < 64) {
		uint64_t bit = (uint64_t)1 << *key;
		if ((f->seen & bit) != 0)
			return ERR_FORMAT;
		f->seen |= bit;
	}
	return 1;
}
