/* SPDX-License-Identifier: Apache-2.0
 * One group of a record. */
#include "proto/wire/unpack_internal.h"

static int identity_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct identity *id = dst;
	switch (key) {
	case IDENTITY_IS_PRINTER:
		return mpread_bool(in, &id->is_printer);
	case IDENTITY_VENDOR:
		return take_text(in, r, LIMIT_TEXT, &id->vendor);
	case IDENTITY_MODEL:
		return take_text(in, r, LIMIT_TEXT, &id->model);
	case IDENTITY_SERIAL:
		return take_text(in, r, LIMIT_TEXT, &id->serial);
	case IDENTITY_SYS_DESCR:
		return take_text(in, r, LIMIT_TEXT, &id->sys_descr);
	case IDENTITY_SYS_OBJECT_ID:
		return take_oid(in, r, &id->sys_object_id);
	case IDENTITY_MAC:
		return take_mac(in, r, &id->mac);
	case IDENTITY_NAME:
		return take_text(in, r, LIMIT_TEXT, &id->name);
	case IDENTITY_UPTIME:
		return mpread_u32(in, &id->uptime_cs);
	case IDENTITY_FIRMWARE:
		return take_rows(in, r, NULL, LIMIT_FIRMWARE, firmware_row);
	case IDENTITY_WHY:
		return mpread_u8(in, &id->why);
	case IDENTITY_CONFIDENCE:
		return mpread_u8(in, &id->confidence);
	case IDENTITY_DEVICE_ID:
		return take_text(in, r, LIMIT_TEXT, &id->device_id);
	default:
		return mpread_skip(in);
	}
}

static int state_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct printer_state *s = dst;
	switch (key) {
	case STATE_DEVICE_STATUS:
		return mpread_u8(in, &s->device_status);
	case STATE_PRINTER_STATUS:
		return mpread_u8(in, &s->printer_status);
	case STATE_ERRORS:
		s->has_errors = true;
		return mpread_u16(in, &s->errors);
	case STATE_CRITICAL_EVENTS:
		return mpread_u32(in, &s->critical_events);
	case STATE_ALL_EVENTS:
		return mpread_u32(in, &s->all_events);
	case STATE_CONSOLE:
		return take_text(in, r, LIMIT_TEXT_LONG, &s->console);
	case STATE_SERVICE_MODE:
		return mpread_u8(in, &s->service_mode);
	default:
		return mpread_skip(in);
	}
}

/* One group being read, with room for what is not kept when there is no reading. */
struct group_in {
	struct reading *r;
	enum reading_group group;
	struct group_info info;
	bool has_asked, has_took;
	int64_t asked; /* as packed, relative to read_at */
	int64_t took;
	uint16_t pages_per_minute;
	uint16_t pages_per_minute_color;
	struct identity identity;
	struct printer_state state;
};

/* The rows of the groups that are nothing but a table, or nearly so. */
static int group_rows(struct mpread *in, struct group_in *g)
{
	switch (g->group) {
	case GROUP_METERS:
		return take_rows(in, g->r, &g->info, LIMIT_METERS, meter_row);
	case GROUP_SUPPLIES:
		return take_rows(in, g->r, &g->info, LIMIT_SUPPLIES, supply_row);
	case GROUP_ALERTS:
		return take_rows(in, g->r, &g->info, LIMIT_ALERTS, alert_row);
	case GROUP_OPTIONS:
		return take_rows(in, g->r, &g->info, LIMIT_OPTIONS, option_row);
	case GROUP_MEDIA:
		return take_rows(in, g->r, &g->info, LIMIT_SUBUNITS, subunit_row);
	case GROUP_MAINTENANCE:
		return take_rows(in, g->r, &g->info, LIMIT_MAINTENANCE, maintenance_row);
	case GROUP_IDENTITY:
	case GROUP_STATE:
	case GROUP_COUNT:
		break;
	}
	return mpread_skip(in);
}

static int group_own_field(struct mpread *in, struct group_in *g, uint64_t key)
{
	if (g->group == GROUP_IDENTITY)
		return identity_field(in, g->r, key, g->r == NULL ? &g->identity : &g->r->identity);
	if (g->group == GROUP_STATE)
		return state_field(in, g->r, key, &g->state);
	if (key == GROUP_ROWS)
		return group_rows(in, g);
	if (g->group == GROUP_MEDIA && key == MEDIA_PPM)
		return mpread_u16(in, &g->pages_per_minute);
	if (g->group == GROUP_MEDIA && key == MEDIA_PPM_COLOR)
		return mpread_u16(in, &g->pages_per_minute_color);
	return mpread_skip(in);
}

static int group_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct group_in *g = dst;
	(void)r;
	switch (key) {
	case GROUP_STATUS:
		return mpread_u8(in, &g->info.status);
	case GROUP_ASKED:
		g->has_asked = true;
		return mpread_i64(in, &g->asked);
	case GROUP_TOOK:
		g->has_took = true;
		return mpread_i64(in, &g->took);
	case GROUP_SOURCES:
		return mpread_u8(in, &g->info.sources);
	default:
		return group_own_field(in, g, key);
	}
}

/* Foreign differences: computed modulo 2^64, so that none can overflow. */
static void set_times(struct group_in *g, uint64_t read_at_ms)
{
	if (!g->has_asked)
		return;
	g->info.asked_at_ms = read_at_ms - (uint64_t)g->asked;
	if (g->has_took)
		g->info.answered_at_ms = g->info.asked_at_ms + (uint64_t)g->took;
}

/* What a newer agent may say that we have no word for. */
static void set_bounds(struct group_in *g)
{
	enum { CONFIDENCE_MAX = 100, SERVICE_MODE_MAX = 2 };
	struct identity *id = g->r == NULL ? &g->identity : &g->r->identity;
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

int take_group(struct mpread *in, struct reading *r, enum reading_group group, uint64_t read_at_ms)
{
	struct group_in g = {.r = r, .group = group};
	int err = take_map(in, r, group_field, &g);
	if (err < 0)
		return err;
	if (g.info.status >= GROUP_STATUS_COUNT)
		return ERR_RANGE;
	set_times(&g, read_at_ms);
	set_bounds(&g);
	if (r != NULL)
		keep_group(&g);
	return 0;
}
