/* SPDX-License-Identifier: Apache-2.0
 * Where the bytes of a body go. */
#include "bench/payload.h"

#include "proto/msgpack/mpread.h"
#include "proto/wire/pack.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { ZSTD_LEVEL = 9, RECORD_GROUPS = 10, RANGES = 4000000 };

const char *const payload_part_names[PART_COUNT] = {
	"numbers", "device", "times", "objects", "values", "texts", "rest"};

/* The part of each byte, and its group (GROUP_COUNT: the record's head). */
struct map {
	const uint8_t *start;
	uint8_t *part;
	uint8_t *group;
	unsigned g; /* of the current group */
};

static void mark(struct map *m, const uint8_t *from, const uint8_t *to, enum payload_part part)
{
	memset(m->part + (from - m->start), (int)part, (size_t)(to - from));
}

/* Of the value of field `key` at this depth: 0 the record, 1 a group, 2 a row. */
static enum payload_part part_of(unsigned depth, unsigned group, uint64_t key, int type)
{
	if (depth == 0)
		return key == 1 ? PART_NUMBER : key == 2 || key == 7 ? PART_TIMES : PART_DEVICE;
	if (depth == 1 && key >= 2 && key <= 3)
		return PART_TIMES;
	if (depth == 1 && group == GROUP_IDENTITY && (key == 13 || key == 16))
		return PART_DEVICE;
	if (depth == 1 && group == GROUP_IDENTITY && key == 18)
		return PART_TIMES;
	if (type == MP_BIN)
		return PART_OBJECTS;
	if (type == MP_STR)
		return PART_TEXTS;
	if (depth == 2 && group == GROUP_METERS && key == 2)
		return PART_VALUES;
	if (depth == 2 && group == GROUP_SUPPLIES && key == 7)
		return PART_VALUES;
	if (depth == 2 && group == GROUP_MEDIA && key == 6)
		return PART_VALUES;
	if (depth == 2 && group == GROUP_MAINTENANCE && (key == 6 || key == 7))
		return PART_VALUES;
	if (depth == 2 && group == GROUP_ALERTS && key == 9)
		return PART_TIMES;
	return PART_REST;
}

static void walk_map(struct map *m, struct mpread *in, unsigned depth);

static void walk_value(struct map *m, struct mpread *in, unsigned depth, uint64_t key)
{
	const uint8_t *from = in->p;
	int type = mpread_type(in);
	if (type == MP_MAP) {
		walk_map(m, in, depth + 1);
	} else if (type == MP_ARRAY) {
		uint32_t count;
		if (mpread_array(in, LIMIT_MP_ITEMS, &count) < 0)
			payload_fail("a body that cannot be read", ERR_FORMAT);
		mark(m, from, in->p, PART_REST);
		for (uint32_t i = 0; i < count; i++)
			walk_value(m, in, depth, key);
	} else {
		if (mpread_skip(in) < 0)
			payload_fail("a body that cannot be read", ERR_FORMAT);
		mark(m, from, in->p, part_of(depth, m->g, key, type));
	}
}

static void walk_map(struct map *m, struct mpread *in, unsigned depth)
{
	struct mpread_fields fields;
	uint64_t key;
	const uint8_t *from = in->p;
	if (mpread_fields_open(in, &fields) < 0)
		payload_fail("a body that cannot be read", ERR_FORMAT);
	while (mpread_key(in, &fields, &key) > 0) {
		const uint8_t *value = in->p;
		mark(m, from, in->p, PART_REST);
		if (depth == 0)
			m->g = key >= RECORD_GROUPS && key < RECORD_GROUPS + GROUP_COUNT
				       ? (unsigned)key - RECORD_GROUPS
				       : GROUP_COUNT;
		walk_value(m, in, depth, key);
		memset(m->group + (value - m->start), (int)m->g, (size_t)(in->p - value));
		from = in->p;
	}
	mark(m, from, in->p, PART_REST);
}

/* The compressed size of the bytes whose class in `classes` is not `without`. */
static size_t compressed(const struct buf *bodies, const uint8_t *classes, int without)
{
	uint8_t *rest = malloc(bodies->len + 1);
	size_t n = 0, room = ZSTD_compressBound(bodies->len);
	uint8_t *out = malloc(room);
	if (rest == NULL || out == NULL)
		payload_fail("memory", ERR_FULL);
	for (size_t i = 0; i < bodies->len; i++) {
		if (classes[i] != without)
			rest[n++] = bodies->data[i];
	}
	size_t len = ZSTD_compress(out, room, rest, n, ZSTD_LEVEL);
	free(out);
	free(rest);
	return ZSTD_isError(len) ? 0 : len;
}

static void share(
	const struct buf *bodies, const uint8_t *classes, int count, size_t *raw, size_t *zstd)
{
	size_t all = compressed(bodies, classes, -1);
	for (int c = 0; c < count; c++) {
		size_t without = compressed(bodies, classes, c);
		raw[c] = 0;
		for (size_t i = 0; i < bodies->len; i++)
			raw[c] += classes[i] == c;
		zstd[c] = all > without ? all - without : 0;
	}
}

void payload_shares(struct payload_shares *ret, const struct buf *bodies)
{
	struct map m = {.start = bodies->data,
		.part = malloc(bodies->len + 1),
		.group = malloc(bodies->len + 1)};
	struct mpread in;
	if (m.part == NULL || m.group == NULL)
		payload_fail("memory", ERR_FULL);
	memset(m.group, GROUP_COUNT, bodies->len);
	mpread_open(&in, bodies->data, bodies->len);
	while (!mpread_is_end(&in))
		walk_map(&m, &in, 0);
	share(bodies, m.group, GROUP_COUNT, ret->group_raw, ret->group_zstd);
	share(bodies, m.part, PART_COUNT, ret->part_raw, ret->part_zstd);
	free(m.group);
	free(m.part);
}
