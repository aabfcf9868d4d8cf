/* SPDX-License-Identifier: Apache-2.0
 * The state of evaluation as msgpack: what the hub keeps beside a device. Read back as if it were
 * foreign: a damaged one is an empty one. */
#include "proto/history/history.h"
#include "proto/msgpack/mpread.h"
#include "proto/msgpack/mpwrite.h"

#include <string.h>

enum { STATE_SUSPECTS = 1, STATE_SUPPLIES = 2, STATE_GOODS = 3 };

enum {
	SUPPLY_DEVICE = 1,
	SUPPLY_INDEX = 2,
	SUPPLY_CYCLE = 3,
	SUPPLY_LOWEST = 4,
	SUPPLY_SERIAL = 5,
	SUPPLY_SEEN = 6,
	SUPPLY_FLAGS = 7,
	SUPPLY_SAMPLES = 8
};

enum { FLAG_SHARE = 1, FLAG_LOW = 2, FLAG_EMPTY = 4, FLAG_SOME = 8 };

/* ---- out -------------------------------------------------------------------------------- */

static void put(struct mpwrite *w, uint8_t key, uint64_t v)
{
	mpwrite_uint(w, key);
	mpwrite_uint(w, v);
}

static void put_supply(struct mpwrite *w, const struct history_supply *s)
{
	mpwrite_map(w, 8);
	put(w, SUPPLY_DEVICE, s->device);
	put(w, SUPPLY_INDEX, s->index);
	put(w, SUPPLY_CYCLE, s->cycle);
	put(w, SUPPLY_LOWEST, s->lowest_x100);
	put(w, SUPPLY_SERIAL, s->serial_crc);
	put(w, SUPPLY_SEEN, s->seen_at_ms);
	put(w, SUPPLY_FLAGS,
		(s->has_share ? FLAG_SHARE : 0u) | (s->is_low ? FLAG_LOW : 0u) |
			(s->is_empty ? FLAG_EMPTY : 0u) | (s->is_some ? FLAG_SOME : 0u));
	mpwrite_uint(w, SUPPLY_SAMPLES);
	mpwrite_array(w, (size_t)3 * s->samples);
	for (unsigned i = 0; i < s->samples; i++) {
		mpwrite_uint(w, s->sample[i].at_ms);
		mpwrite_uint(w, s->sample[i].percent_x100);
		mpwrite_uint(w, s->sample[i].pages);
	}
}

int history_state_pack(struct buf *dst, const struct history_state *s)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpwrite_map(&w, 3);
	mpwrite_uint(&w, STATE_SUSPECTS);
	mpwrite_array(&w, (size_t)5 * s->suspects);
	for (unsigned i = 0; i < s->suspects; i++) {
		mpwrite_uint(&w, s->suspect[i].key);
		mpwrite_uint(&w, s->suspect[i].good);
		mpwrite_uint(&w, s->suspect[i].good_at_ms);
		mpwrite_uint(&w, s->suspect[i].seen);
		mpwrite_uint(&w, s->suspect[i].seen_at_ms);
	}
	mpwrite_uint(&w, STATE_SUPPLIES);
	mpwrite_array(&w, s->supplies);
	for (unsigned i = 0; i < s->supplies; i++)
		put_supply(&w, &s->supply[i]);
	mpwrite_uint(&w, STATE_GOODS);
	mpwrite_array(&w, (size_t)3 * s->goods);
	for (unsigned i = 0; i < s->goods; i++) {
		mpwrite_uint(&w, s->good[i].key);
		mpwrite_uint(&w, s->good[i].value);
		mpwrite_uint(&w, s->good[i].at_ms);
	}
	return mpwrite_close(&w, HISTORY_STATE_BYTES);
}

/* ---- in --------------------------------------------------------------------------------- */

/* An array of at most `max` rows of `width` numbers each. */
static int open_rows(struct mpread *in, size_t max, unsigned width, uint32_t *rows)
{
	uint32_t items = 0;
	int err = mpread_array(in, width * max, &items);
	*rows = items / width;
	return err == 0 && items % width != 0 ? ERR_FORMAT : err;
}

static int read_numbers(struct mpread *in, uint64_t *const *to, unsigned width)
{
	int err = 0;
	for (unsigned i = 0; i < width && err == 0; i++)
		err = mpread_uint(in, UINT64_MAX, to[i]);
	return err;
}

static int read_suspects(struct mpread *in, struct history_state *s)
{
	uint32_t rows;
	int err = open_rows(in, HISTORY_SUSPECTS, 5, &rows);
	for (uint32_t i = 0; err == 0 && i < rows; i++) {
		struct history_suspect *one = &s->suspect[i];
		uint64_t *const to[] = {
			&one->key, &one->good, &one->good_at_ms, &one->seen, &one->seen_at_ms};
		err = read_numbers(in, to, 5);
		s->suspects = i + 1;
	}
	return err;
}

static int read_goods(struct mpread *in, struct history_state *s)
{
	uint32_t rows;
	int err = open_rows(in, LIMIT_METERS, 3, &rows);
	for (uint32_t i = 0; err == 0 && i < rows; i++) {
		struct history_good *one = &s->good[i];
		uint64_t *const to[] = {&one->key, &one->value, &one->at_ms};
		err = read_numbers(in, to, 3);
		s->goods = i + 1;
	}
	return err;
}

static int read_samples(struct mpread *in, struct history_supply *s)
{
	uint32_t rows;
	int err = open_rows(in, HISTORY_SAMPLES, 3, &rows);
	for (uint32_t i = 0; err == 0 && i < rows; i++) {
		if ((err = mpread_uint(in, UINT64_MAX, &s->sample[i].at_ms)) == 0 &&
			(err = mpread_u32(in, &s->sample[i].percent_x100)) == 0)
			err = mpread_uint(in, UINT64_MAX, &s->sample[i].pages);
		s->samples = (uint8_t)(i + 1);
	}
	return err;
}

static int read_field(struct mpread *in, struct history_supply *s, uint64_t key)
{
	uint8_t flags = 0;
	int err = 0;
	switch (key) {
	case SUPPLY_DEVICE:
		return mpread_u32(in, &s->device);
	case SUPPLY_INDEX:
		return mpread_u32(in, &s->index);
	case SUPPLY_CYCLE:
		return mpread_u32(in, &s->cycle);
	case SUPPLY_LOWEST:
		return mpread_u32(in, &s->lowest_x100);
	case SUPPLY_SERIAL:
		return mpread_u32(in, &s->serial_crc);
	case SUPPLY_SEEN:
		return mpread_uint(in, UINT64_MAX, &s->seen_at_ms);
	case SUPPLY_FLAGS:
		err = mpread_u8(in, &flags);
		s->has_share = (flags & FLAG_SHARE) != 0;
		s->is_low = (flags & FLAG_LOW) != 0;
		s->is_empty = (flags & FLAG_EMPTY) != 0;
		s->is_some = (flags & FLAG_SOME) != 0;
		return err;
	case SUPPLY_SAMPLES:
		return read_samples(in, s);
	default:
		return mpread_skip(in);
	}
}

static int read_supplies(struct mpread *in, struct history_state *s)
{
	uint32_t items;
	int err = mpread_array(in, LIMIT_SUPPLIES, &items);
	for (uint32_t i = 0; err == 0 && i < items; i++) {
		struct mpread_fields fields;
		uint64_t key;
		err = mpread_fields_open(in, &fields);
		while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
			err = read_field(in, &s->supply[i], key);
		s->supplies = i + 1;
	}
	return err;
}

int history_state_unpack(struct history_state *s, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	memset(s, 0, sizeof *s);
	if (len == 0)
		return 0;
	mpread_open(&in, bytes, len);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0)
		err = key == STATE_SUSPECTS   ? read_suspects(&in, s)
		      : key == STATE_SUPPLIES ? read_supplies(&in, s)
		      : key == STATE_GOODS    ? read_goods(&in, s)
					      : mpread_skip(&in);
	if (err == 0 && !mpread_is_end(&in))
		err = ERR_FORMAT;
	if (err < 0)
		memset(s, 0, sizeof *s);
	return err;
}
