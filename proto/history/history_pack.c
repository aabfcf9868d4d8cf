/* SPDX-License-Identifier: Apache-2.0
 * The state of evaluation as msgpack: what the hub keeps beside a device. Read back as if it were
 * foreign: a damaged one is an empty one. */
#include "proto/history/history.h"
#include "proto/msgpack/mpread.h"
#include "proto/msgpack/mpwrite.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	STATE_SUSPECTS = 1,
	STATE_SUPPLIES = 2,
	STATE_GOODS = 3,
	STATE_DAYS = 4,
	STATE_WITNESS = 5,
	STATE_ERRORS = 6,
	STATE_PAGES_LAST = 7,
	STATE_PAGES_MADE = 8
};

enum {
	SUPPLY_DEVICE = 1,
	SUPPLY_INDEX = 2,
	SUPPLY_CYCLE = 3,
	SUPPLY_LOWEST = 4,
	SUPPLY_SERIAL = 5,
	SUPPLY_SEEN = 6,
	SUPPLY_FLAGS = 7,
	/* 8 held samples of version 0.1 */
	SUPPLY_LAST = 9,
	SUPPLY_USED = 10,
	SUPPLY_PART = 11,
	SUPPLY_ZERO = 12,
	SUPPLY_CLOSING = 13
};

enum { FLAG_SHARE = 1, FLAG_LOW = 2, FLAG_EMPTY = 4, FLAG_SOME = 8 };

/* ---- out -------------------------------------------------------------------------------- */

static void put(struct mpwrite *w, uint8_t key, uint64_t v)
{
	mpwrite_uint(w, key);
	mpwrite_uint(w, v);
}

/* 0 stands for an unknown level. */
static void put_closing(struct mpwrite *w, const struct history_supply *s, unsigned days)
{
	mpwrite_uint(w, SUPPLY_CLOSING);
	mpwrite_array(w, days);
	for (unsigned i = 0; i < days; i++)
		mpwrite_uint(w, s->closing_x100[i] == HISTORY_NO_LEVEL
					? 0
					: (uint64_t)s->closing_x100[i] + 1);
}

static void put_supply(struct mpwrite *w, const struct history_supply *s, unsigned days)
{
	mpwrite_map(w, 12);
	put(w, SUPPLY_DEVICE, s->device);
	put(w, SUPPLY_INDEX, s->index);
	put(w, SUPPLY_CYCLE, s->cycle);
	put(w, SUPPLY_LOWEST, s->lowest_x100);
	put(w, SUPPLY_SERIAL, s->serial_crc);
	put(w, SUPPLY_SEEN, s->seen_at_ms);
	put(w, SUPPLY_FLAGS,
		(s->has_share ? FLAG_SHARE : 0u) | (s->is_low ? FLAG_LOW : 0u) |
			(s->is_empty ? FLAG_EMPTY : 0u) | (s->is_some ? FLAG_SOME : 0u));
	put(w, SUPPLY_LAST, s->last_x100);
	put(w, SUPPLY_USED, s->used_x100);
	put(w, SUPPLY_PART, s->part_crc);
	put(w, SUPPLY_ZERO, s->zero_at_ms);
	put_closing(w, s, days);
}

static void put_days(struct mpwrite *w, const struct history_state *s)
{
	mpwrite_uint(w, STATE_DAYS);
	mpwrite_array(w, (size_t)2 * s->days);
	for (unsigned i = 0; i < s->days; i++) {
		mpwrite_uint(w, s->day[i].day);
		mpwrite_uint(w, s->day[i].pages);
	}
	mpwrite_uint(w, STATE_WITNESS);
	mpwrite_array(w, 1 + COUNT(s->witness.rows));
	mpwrite_uint(w, s->witness.errors);
	for (unsigned i = 0; i < COUNT(s->witness.rows); i++)
		mpwrite_uint(w, s->witness.rows[i]);
	mpwrite_uint(w, STATE_ERRORS);
	mpwrite_array(w, 2);
	mpwrite_uint(w, s->open_errors);
	mpwrite_uint(w, s->has_alert_rows);
	put(w, STATE_PAGES_LAST, s->pages_last);
	put(w, STATE_PAGES_MADE, s->pages_made);
}

int history_state_pack(struct buf *dst, const struct history_state *s)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpwrite_map(&w, 8);
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
		put_supply(&w, &s->supply[i], s->days);
	mpwrite_uint(&w, STATE_GOODS);
	mpwrite_array(&w, (size_t)3 * s->goods);
	for (unsigned i = 0; i < s->goods; i++) {
		mpwrite_uint(&w, s->good[i].key);
		mpwrite_uint(&w, s->good[i].value);
		mpwrite_uint(&w, s->good[i].at_ms);
	}
	put_days(&w, s);
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

static int read_closing(struct mpread *in, struct history_supply *s)
{
	uint32_t items, level;
	int err = mpread_array(in, LIMIT_HISTORY_DAYS, &items);
	for (uint32_t i = 0; err == 0 && i < items; i++) {
		err = mpread_u32(in, &level);
		s->closing_x100[i] = level == 0 ? HISTORY_NO_LEVEL : level - 1;
	}
	return err;
}

static int read_days(struct mpread *in, struct history_state *s)
{
	uint32_t rows;
	int err = open_rows(in, LIMIT_HISTORY_DAYS, 2, &rows);
	for (uint32_t i = 0; err == 0 && i < rows; i++) {
		if ((err = mpread_uint(in, UINT64_MAX, &s->day[i].day)) == 0)
			err = mpread_uint(in, UINT64_MAX, &s->day[i].pages);
		if (err == 0 && i > 0 && s->day[i].day <= s->day[i - 1].day)
			err = ERR_FORMAT;
		s->days = i + 1;
	}
	return err;
}

static int read_witness(struct mpread *in, struct history_witness *w)
{
	uint32_t items;
	uint64_t errors = 0;
	int err = mpread_array(in, 1 + COUNT(w->rows), &items);
	if (err == 0 && items != 1 + COUNT(w->rows))
		return ERR_FORMAT;
	if (err == 0)
		err = mpread_uint(in, UINT16_MAX, &errors);
	w->errors = (uint16_t)errors;
	for (unsigned i = 0; err == 0 && i < COUNT(w->rows); i++)
		err = mpread_uint(in, UINT64_MAX, &w->rows[i]);
	return err;
}

static int read_errors(struct mpread *in, struct history_state *s)
{
	uint32_t items;
	uint64_t errors = 0, has_rows = 0;
	int err = mpread_array(in, 2, &items);
	if (err == 0 && items != 2)
		return ERR_FORMAT;
	if (err == 0)
		err = mpread_uint(in, UINT16_MAX, &errors);
	if (err == 0)
		err = mpread_uint(in, 1, &has_rows);
	s->open_errors = (uint16_t)errors;
	s->has_alert_rows = has_rows != 0;
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
	case SUPPLY_LAST:
		return mpread_u32(in, &s->last_x100);
	case SUPPLY_USED:
		return mpread_u32(in, &s->used_x100);
	case SUPPLY_PART:
		return mpread_u32(in, &s->part_crc);
	case SUPPLY_ZERO:
		return mpread_uint(in, UINT64_MAX, &s->zero_at_ms);
	case SUPPLY_CLOSING:
		return read_closing(in, s);
	default:
		return mpread_skip(in);
	}
}

/* The fields that version 0.1 did not write. */
static void open_supply(struct history_supply *s)
{
	*s = (struct history_supply){.used_x100 = HISTORY_USED_START};
	for (unsigned i = 0; i < LIMIT_HISTORY_DAYS; i++)
		s->closing_x100[i] = HISTORY_NO_LEVEL;
}

static int read_supplies(struct mpread *in, struct history_state *s)
{
	uint32_t items;
	int err = mpread_array(in, LIMIT_SUPPLIES, &items);
	for (uint32_t i = 0; err == 0 && i < items; i++) {
		struct mpread_fields fields;
		uint64_t key;
		err = mpread_fields_open(in, &fields);
		open_supply(&s->supply[i]);
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
		err = key == STATE_SUSPECTS     ? read_suspects(&in, s)
		      : key == STATE_SUPPLIES   ? read_supplies(&in, s)
		      : key == STATE_GOODS      ? read_goods(&in, s)
		      : key == STATE_DAYS       ? read_days(&in, s)
		      : key == STATE_WITNESS    ? read_witness(&in, &s->witness)
		      : key == STATE_ERRORS     ? read_errors(&in, s)
		      : key == STATE_PAGES_LAST ? mpread_uint(&in, UINT64_MAX, &s->pages_last)
		      : key == STATE_PAGES_MADE ? mpread_uint(&in, UINT64_MAX, &s->pages_made)
						: mpread_skip(&in);
	if (err == 0 && !mpread_is_end(&in))
		err = ERR_FORMAT;
	if (err < 0)
		memset(s, 0, sizeof *s);
	return err;
}
