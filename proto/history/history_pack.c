/* SPDX-License-Identifier: Apache-2.0
 * The state of evaluation as msgpack: what the hub keeps beside a device. Read back as if it were
 * foreign: a damaged one is an empty one. */
#include "proto/history/history.h"
#include "proto/msgpack/mpmap.h"

#include <string.h>

enum { FLAG_SHARE = 1, FLAG_LOW = 2, FLAG_EMPTY = 4, FLAG_SOME = 8 };

/* ---- out -------------------------------------------------------------------------------- */

static void put_flags(struct mpwrite *w, const void *supply)
{
	const struct history_supply *s = supply;
	mpwrite_uint(w, (s->has_share ? FLAG_SHARE : 0u) | (s->is_low ? FLAG_LOW : 0u) |
				(s->is_empty ? FLAG_EMPTY : 0u) | (s->is_some ? FLAG_SOME : 0u));
}

static void put_samples(struct mpwrite *w, const void *supply)
{
	const struct history_supply *s = supply;
	mpwrite_array(w, (size_t)3 * s->samples);
	for (unsigned i = 0; i < s->samples; i++) {
		mpwrite_uint(w, s->sample[i].at_ms);
		mpwrite_uint(w, s->sample[i].percent_x100);
		mpwrite_uint(w, s->sample[i].pages);
	}
}

/* ---- in --------------------------------------------------------------------------------- */

static int read_samples(struct mpread *in, void *supply)
{
	struct history_supply *s = supply;
	uint32_t items = 0;
	int err = mpread_array(in, 3 * HISTORY_SAMPLES, &items);
	if (err == 0 && items % 3 != 0)
		err = ERR_FORMAT;
	for (uint32_t i = 0; err == 0 && i < items / 3; i++) {
		if ((err = mpread_uint(in, UINT64_MAX, &s->sample[i].at_ms)) == 0 &&
			(err = mpread_u32(in, &s->sample[i].percent_x100)) == 0)
			err = mpread_uint(in, UINT64_MAX, &s->sample[i].pages);
		s->samples = (uint8_t)(i + 1);
	}
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
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct mp_member supply_members[] = {
	{1, MP_U32, .at = AT(history_supply, device)},
	{2, MP_U32, .at = AT(history_supply, index)},
	{3, MP_U32, .at = AT(history_supply, cycle)},
	{4, MP_U32, .at = AT(history_supply, lowest_x100)},
	{5, MP_U32, .at = AT(history_supply, serial_crc)},
	{6, MP_U64, .at = AT(history_supply, seen_at_ms)},
	{7, MP_OWN, .put = put_flags, .read = read_flags},
	{8, MP_OWN, .put = put_samples, .read = read_samples},
};
static const struct mp_table supply_table = {supply_members, COUNT(supply_members)};

static void put_supplies(struct mpwrite *w, const void *state)
{
	const struct history_state *s = state;
	mpwrite_array(w, s->supplies);
	for (unsigned i = 0; i < s->supplies; i++)
		mpmap_write(w, &supply_table, &s->supply[i]);
}

static int read_supplies(struct mpread *in, void *state)
{
	struct history_state *s = state;
	uint32_t items;
	int err = mpread_array(in, LIMIT_SUPPLIES, &items);
	for (uint32_t i = 0; err == 0 && i < items; i++) {
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
	if (err < 0)
		memset(s, 0, sizeof *s);
	return err;
}
