/* SPDX-License-Identifier: Apache-2.0
 * The state of evaluation as msgpack: what the hub keeps beside a device. Read back as if it were
 * foreign: a damaged one is an empty one. */
#include "proto/history/history.h"
#include "proto/msgpack/mpmap.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { FLAG_SHARE = 1, FLAG_LOW = 2, FLAG_EMPTY = 4, FLAG_SOME = 8 };

/* ---- out -------------------------------------------------------------------------------- */

static void put_flags(struct mpwrite *w, const void *supply)
{
	const struct history_supply *s = supply;
	mpwrite_uint(w, (s->has_share ? FLAG_SHARE : 0u) | (s->is_low ? FLAG_LOW : 0u) |
				(s->is_empty ? FLAG_EMPTY : 0u) | (s->is_some ? FLAG_SOME : 0u));
}

/* 0 stands for an unknown level; those behind the last known one are left out. */
static void put_closing(struct mpwrite *w, const void *supply)
{
	const struct history_supply *s = supply;
	unsigned days = LIMIT_HISTORY_DAYS;
	while (days > 0 && s->closing_x100[days - 1] == HISTORY_NO_LEVEL)
		days--;
	mpwrite_array(w, days);
	for (unsigned i = 0; i < days; i++)
		mpwrite_uint(w, s->closing_x100[i] == HISTORY_NO_LEVEL
					? 0
					: (uint64_t)s->closing_x100[i] + 1);
}

static void put_witness(struct mpwrite *w, const void *state)
{
	const struct history_witness *one = &((const struct history_state *)state)->witness;
	mpwrite_array(w, 1 + COUNT(one->rows));
	mpwrite_uint(w, one->errors);
	for (unsigned i = 0; i < COUNT(one->rows); i++)
		mpwrite_uint(w, one->rows[i]);
}

static void put_errors(struct mpwrite *w, const void *state)
{
	const struct history_state *s = state;
	mpwrite_array(w, 2);
	mpwrite_uint(w, s->open_errors);
	mpwrite_uint(w, s->has_alert_rows);
}

/* ---- in --------------------------------------------------------------------------------- */

static int read_closing(struct mpread *in, void *supply)
{
	struct history_supply *s = supply;
	uint32_t items, level;
	int err = mpread_array(in, LIMIT_HISTORY_DAYS, &items);
	for (uint32_t i = 0; err == 0 && i < items; i++) {
		err = mpread_u32(in, &level);
		s->closing_x100[i] = level == 0 ? HISTORY_NO_LEVEL : level - 1;
	}
	return err;
}

static int read_witness(struct mpread *in, void *state)
{
	struct history_witness *one = &((struct history_state *)state)->witness;
	uint32_t items;
	uint64_t errors = 0;
	int err = mpread_array(in, 1 + COUNT(one->rows), &items);
	if (err == 0 && items != 1 + COUNT(one->rows))
		return ERR_FORMAT;
	if (err == 0)
		err = mpread_uint(in, UINT16_MAX, &errors);
	one->errors = (uint16_t)errors;
	for (unsigned i = 0; err == 0 && i < COUNT(one->rows); i++)
		err = mpread_uint(in, UINT64_MAX, &one->rows[i]);
	return err;
}

static int read_errors(struct mpread *in, void *state)
{
	struct history_state *s = state;
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

static int read_flags(struct mpread *in, void *supply)
{
	struct history_supply *s = supply;
	uint8_t flags = 0;
	int err = mpread_u8(in, &flags);
	s->has_share = (flags & FLAG_SHARE) != 0;
	s->is_low = (flags & FLAG_LOW) != 0;
	s->is_empty = (flags & FLAG_EMPTY) != 0;
	s->is_some = (flags & FLAG_SOME) != 0;
	return err;
}

/* ---- tables ----------------------------------------------------------------------------- */

#define AT(type, name) offsetof(struct type, name)
#define WIDTH(type) (sizeof(struct type) / sizeof(uint64_t)) /* all its members are numbers */

static const struct mp_member supply_members[] = {
	{1, MP_U32, .at = AT(history_supply, device)},
	{2, MP_U32, .at = AT(history_supply, index)},
	{3, MP_U32, .at = AT(history_supply, cycle)},
	{4, MP_U32, .at = AT(history_supply, lowest_x100)},
	{5, MP_U32, .at = AT(history_supply, serial_crc)},
	{6, MP_U64, .at = AT(history_supply, seen_at_ms)},
	{7, MP_OWN, .put = put_flags, .read = read_flags},
	/* 8 held samples of version 0.1 */
	{9, MP_U32, .at = AT(history_supply, last_x100)},
	{10, MP_U32, .at = AT(history_supply, used_x100)},
	{11, MP_U32, .at = AT(history_supply, part_crc)},
	{12, MP_U64, .at = AT(history_supply, zero_at_ms)},
	{13, MP_OWN, .put = put_closing, .read = read_closing},
};
static const struct mp_table supply_table = {supply_members, COUNT(supply_members)};

static void put_supplies(struct mpwrite *w, const void *state)
{
	const struct history_state *s = state;
	mpwrite_array(w, s->supplies);
	for (unsigned i = 0; i < s->supplies; i++)
		mpmap_write(w, &supply_table, &s->supply[i]);
}

/* The fields that version 0.1 did not write. */
static void open_supply(struct history_supply *s)
{
	*s = (struct history_supply){.used_x100 = HISTORY_USED_START};
	for (unsigned i = 0; i < LIMIT_HISTORY_DAYS; i++)
		s->closing_x100[i] = HISTORY_NO_LEVEL;
}

static int read_supplies(struct mpread *in, void *state)
{
	struct history_state *s = state;
	uint32_t items;
	int err = mpread_array(in, LIMIT_SUPPLIES, &items);
	for (uint32_t i = 0; err == 0 && i < items; i++) {
		open_supply(&s->supply[i]);
		err = mpmap_read(in, &supply_table, &s->supply[i]);
		s->supplies = i + 1;
	}
	return err;
}

static const struct mp_member state_members[] = {
	{1, MP_ROWS, .at = AT(history_state, suspect), .count_at = AT(history_state, suspects),
		.max = HISTORY_SUSPECTS, .width = WIDTH(history_suspect)},
	{2, MP_OWN, .put = put_supplies, .read = read_supplies},
	{3, MP_ROWS, .at = AT(history_state, good), .count_at = AT(history_state, goods),
		.max = LIMIT_METERS, .width = WIDTH(history_good)},
	{4, MP_ROWS, .at = AT(history_state, day), .count_at = AT(history_state, days),
		.max = LIMIT_HISTORY_DAYS, .width = WIDTH(history_day)},
	{5, MP_OWN, .put = put_witness, .read = read_witness},
	{6, MP_OWN, .put = put_errors, .read = read_errors},
	{7, MP_U64, .at = AT(history_state, pages_last)},
	{8, MP_U64, .at = AT(history_state, pages_made)},
};
static const struct mp_table state_table = {state_members, COUNT(state_members)};

int history_state_pack(struct buf *dst, const struct history_state *s)
{
	struct mpwrite w;
	mpwrite_open(&w, dst);
	mpmap_write(&w, &state_table, s);
	return mpwrite_close(&w, HISTORY_STATE_BYTES);
}

int history_state_unpack(struct history_state *s, const uint8_t *bytes, size_t len)
{
	struct mpread in;
	memset(s, 0, sizeof *s);
	if (len == 0)
		return 0;
	mpread_open(&in, bytes, len);
	int err = mpmap_read(&in, &state_table, s);
	if (err == 0 && !mpread_is_end(&in))
		err = ERR_FORMAT;
	for (unsigned i = 1; err == 0 && i < s->days; i++) {
		if (s->day[i].day <= s->day[i - 1].day)
			err = ERR_FORMAT;
	}
	if (err < 0)
		memset(s, 0, sizeof *s);
	return err;
}
