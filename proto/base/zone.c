/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/zone_internal.h"

#include <string.h>

/* RFC 8536, 3.1. */
enum { HEADER_BYTES = 44, TYPE_BYTES = 6, TYPES_MAX = 256 };

struct counts {
	uint32_t is_ut, is_standard, leaps, times, types, chars;
};

struct input {
	const uint8_t *p;
	size_t left;
};

/* The next n bytes, or NULL. */
static const uint8_t *take(struct input *in, uint64_t n)
{
	const uint8_t *p = in->p;
	if (n > in->left)
		return NULL;
	in->p += n;
	in->left -= (size_t)n;
	return p;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int32_t signed32(uint32_t v)
{
	return v <= INT32_MAX ? (int32_t)v : -(int32_t)(UINT32_MAX - v) - 1;
}

static int64_t signed64(const uint8_t *p)
{
	uint64_t v = (uint64_t)be32(p) << 32 | be32(p + 4);
	return v <= INT64_MAX ? (int64_t)v : -(int64_t)(UINT64_MAX - v) - 1;
}

static int take_header(struct input *in, struct counts *c, uint8_t *version)
{
	const uint8_t *p = take(in, HEADER_BYTES);
	if (p == NULL || memcmp(p, "TZif", 4) != 0)
		return ERR_FORMAT;
	*version = p[4];
	*c = (struct counts){
		be32(p + 20), be32(p + 24), be32(p + 28), be32(p + 32), be32(p + 36), be32(p + 40)};
	if ((c->is_ut != 0 && c->is_ut != c->types) ||
		(c->is_standard != 0 && c->is_standard != c->types))
		return ERR_FORMAT;
	return 0;
}

/* Bytes of a data block whose times have `width` bytes. No sum of six counts overflows here. */
static uint64_t block_bytes(const struct counts *c, unsigned width)
{
	return (uint64_t)c->times * (width + 1) + (uint64_t)c->types * TYPE_BYTES + c->chars +
	       (uint64_t)c->leaps * (width + 4) + c->is_standard + c->is_ut;
}

static int check_types(const struct counts *c, const uint8_t *types)
{
	for (uint32_t i = 0; i < c->types; i++) {
		const uint8_t *type = types + (size_t)i * TYPE_BYTES;
		int32_t offset = signed32(be32(type));
		if (offset < ZONE_OFFSET_MIN_S || offset > ZONE_OFFSET_MAX_S || type[4] > 1 ||
			type[5] >= c->chars)
			return ERR_FORMAT;
	}
	return 0;
}

static int parse_block(struct zone *z, struct input *in, const struct counts *c, unsigned width)
{
	if (c->leaps != 0 || c->types == 0 || c->types > TYPES_MAX || c->chars == 0)
		return ERR_FORMAT;
	if (c->times > LIMIT_ZONE_TRANSITIONS)
		return ERR_LIMIT;
	const uint8_t *times = take(in, block_bytes(c, width));
	if (times == NULL)
		return ERR_FORMAT;
	const uint8_t *indexes = times + (size_t)c->times * width;
	const uint8_t *types = indexes + c->times;
	if (check_types(c, types) < 0)
		return ERR_FORMAT;
	z->first_s = signed32(be32(types));
	for (uint32_t i = 0; i < c->times; i++) {
		const uint8_t *at = times + (size_t)i * width;
		z->at_s[i] = width == 8 ? signed64(at) : signed32(be32(at));
		if (indexes[i] >= c->types || (i > 0 && z->at_s[i] <= z->at_s[i - 1]))
			return ERR_FORMAT;
		z->offset_s[i] = signed32(be32(types + (size_t)indexes[i] * TYPE_BYTES));
	}
	z->count = c->times;
	return 0;
}

static int parse_footer(struct zone *z, struct input *in)
{
	const uint8_t *begin = take(in, 1);
	const uint8_t *end = begin != NULL ? memchr(in->p, '\n', in->left) : NULL;
	if (end == NULL || *begin != '\n')
		return ERR_FORMAT;
	return zone_rule_parse(&z->rule, (const char *)in->p, (size_t)(end - in->p));
}

int zone_parse(struct zone *z, const uint8_t *bytes, size_t len)
{
	struct input in = {bytes, len};
	struct counts c;
	uint8_t version;
	*z = (struct zone){0};
	int err = take_header(&in, &c, &version);
	if (err == 0 && version == 0)
		return parse_block(z, &in, &c, 4);
	if (err == 0 && (version < '2' || take(&in, block_bytes(&c, 4)) == NULL))
		err = ERR_FORMAT;
	if (err == 0)
		err = take_header(&in, &c, &version);
	if (err == 0)
		err = parse_block(z, &in, &c, 8);
	return err < 0 ? err : parse_footer(z, &in);
}

int32_t zone_offset_s(const struct zone *z, int64_t unix_s)
{
	size_t low = 0, high = z == NULL ? 0 : z->count;
	if (z == NULL)
		return 0;
	while (low < high) { /* the first transition after unix_s */
		size_t middle = low + (high - low) / 2;
		if (z->at_s[middle] <= unix_s)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->count && z->rule.is_given)
		return zone_rule_offset_s(&z->rule, unix_s);
	return low == 0 ? z->first_s : z->offset_s[low - 1];
}
