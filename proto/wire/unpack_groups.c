/* SPDX-License-Identifier: Apache-2.0
 * One group of a record. */
#include "proto/wire/unpack_internal.h"

/* One group being read; what is kept only when all of it could be read. */
struct group_in {
	struct reading *r;
	enum reading_group group;
	struct group_info info;
	bool has_asked, has_took;
	int64_t asked; /* as packed, relative to read_at */
	int64_t took;
	uint64_t before;
	uint16_t pages_per_minute;
	uint16_t pages_per_minute_color;
	struct printer_state state;
};

static int group_own_field(struct mpread *in, struct group_in *g, uint64_t key)
{
	const struct group_table *t = &group_tables[g->group];
	if (g->group == GROUP_IDENTITY && key == IDENTITY_FIRMWARE)
		return read_rows(in, g->r, NULL, LIMIT_FIRMWARE, ROW_FIRMWARE);
	if (g->group == GROUP_IDENTITY)
		return read_field(in, g->r, ROW_IDENTITY, key, &g->r->identity);
	if (g->group == GROUP_STATE)
		return read_field(in, g->r, ROW_STATE, key, &g->state);
	if (key == GROUP_ROWS && t->max > 0)
		return read_rows(in, g->r, &g->info, t->max, (enum row_kind)t->row);
	if (g->group == GROUP_MEDIA && key == MEDIA_PPM)
		return mpread_u16(in, &g->pages_per_minute);
	if (g->group == GROUP_MEDIA && key == MEDIA_PPM_COLOR)
		return mpread_u16(in, &g->pages_per_minute_color);
	return mpread_skip(in);
}

static int group_field(struct mpread *in, struct group_in *g, uint64_t key)
{
	switch (key) {
	case GROUP_STATUS:
		return mpread_u8(in, &g->info.status);
	case GROUP_ASKED:
		g->has_asked = true;
		return mpread_i64(in, &g->asked);
	case GROUP_TOOK:
		g->has_took = true;
		return mpread_i64(in, &g->took);
	case GROUP_BEFORE:
		return mpread_uint(in, NUMBER_MAX, &g->before);
	case GROUP_SOURCES:
		return mpread_u8(in, &g->info.sources);
	default:
		return group_own_field(in, g, key);
	}
}

/* Foreign differences: computed modulo 2^64, so that none can overflow. */
static void set_times(struct group_in *g, uint64_t read_at_ms)
{
	if (g->before > 0 && g->before < read_at_ms)
		g->info.before_at_ms = read_at_ms - g->before;
	if (!g->has_asked)
		return;
	g->info.requested_at_ms = read_at_ms - (uint64_t)g->asked;
	if (g->has_took)
		g->info.responded_at_ms = g->info.requested_at_ms + (uint64_t)g->took;
}

/* Bounds values of a newer agent that this version cannot name. */
static void set_bounds(struct group_in *g)
{
	enum { CONFIDENCE_MAX = 100, SERVICE_MODE_MAX = 2 };
	struct identity *id = &g->r->identity;
	if (id->confidence > CONFIDENCE_MAX)
		id->confidence = CONFIDENCE_MAX;
	if (g->state.service_mode > SERVICE_MODE_MAX)
		g->state.service_mode = 0;
	g->info.sources &= SOURCE_SNMP | SOURCE_IPP;
	if (g->info.sources == 0)
		g->info.sources = SOURCE_SNMP;
}

static void keep_group(const struct group_in *g)
{
	struct reading *r = g->r;
	r->group[g->group] = g->info;
	r->sources |= g->info.sources;
	if (g->group == GROUP_STATE)
		r->state = g->state;
	if (g->group == GROUP_MEDIA) {
		r->pages_per_minute = g->pages_per_minute;
		r->pages_per_minute_color = g->pages_per_minute_color;
	}
}

int read_group(struct mpread *in, struct reading *r, enum reading_group group, uint64_t read_at_ms)
{
	struct group_in g = {.r = r, .group = group};
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = group_field(in, &g, key);
	if (err < 0)
		return err;
	if (g.info.status >= GROUP_STATUS_COUNT)
		return ERR_RANGE;
	set_times(&g, read_at_ms);
	set_bounds(&g);
	keep_group(&g);
	return 0;
}
