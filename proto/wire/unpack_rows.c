/* SPDX-License-Identifier: Apache-2.0
 * The rows of a record's groups. */
#include "proto/wire/unpack_internal.h"

/* A row of a kind that we do not know is left out, and the group says so. */
static void left_out(struct group_info *info)
{
	if (info->status == GROUP_COMPLETE)
		info->status = GROUP_PARTIAL;
}

static int firmware_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct firmware *f = dst;
	switch (key) {
	case FIRMWARE_NAME:
		return take_text(in, r, LIMIT_TEXT, &f->name);
	case FIRMWARE_VERSION:
		return take_text(in, r, LIMIT_TEXT, &f->version);
	default:
		return mpread_skip(in);
	}
}

int firmware_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct firmware none;
	struct firmware *f = r == NULL ? &none : reading_add_firmware(r);
	return f == NULL ? ERR_FULL : take_map(in, r, firmware_field, f);
}

static int meter_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct meter *m = dst;
	switch (key) {
	case METER_F_NAME:
		return mpread_u8(in, &m->name);
	case METER_F_VALUE:
		return mpread_uint(in, UINT64_MAX, &m->value);
	case METER_F_UNIT:
		return mpread_u8(in, &m->unit);
	case METER_F_QUALITY:
		return mpread_u8(in, &m->quality);
	case METER_F_LABEL:
		return take_text(in, r, LIMIT_TEXT, &m->label);
	case METER_F_SOURCE:
		return take_oid(in, r, &m->source);
	default:
		return mpread_skip(in);
	}
}

int meter_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	struct meter m = {0};
	int err = take_map(in, r, meter_field, &m);
	if (err < 0)
		return err;
	if (m.name >= METER_NAME_COUNT) {
		left_out(info);
		return 0;
	}
	if (m.quality >= QUALITY_COUNT)
		m.quality = QUALITY_SUSPECT;
	if (r == NULL)
		return 0;
	struct meter *kept = reading_add_meter(r);
	if (kept == NULL)
		return ERR_FULL;
	*kept = m;
	return 0;
}

static int supply_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct supply *s = dst;
	switch (key) {
	case SUPPLY_DEVICE:
		return mpread_u32(in, &s->device);
	case SUPPLY_INDEX:
		return mpread_u32(in, &s->index);
	case SUPPLY_TYPE:
		return mpread_u8(in, &s->type);
	case SUPPLY_CLASS:
		return mpread_u8(in, &s->supply_class);
	case SUPPLY_UNIT:
		return mpread_u8(in, &s->unit);
	case SUPPLY_LEVEL_KIND:
		return mpread_u8(in, &s->level_kind);
	case SUPPLY_LEVEL:
		s->has_level = true;
		return mpread_i32(in, &s->level);
	case SUPPLY_MAX:
		s->has_max = true;
		return mpread_i32(in, &s->max);
	case SUPPLY_COLORANT_INDEX:
		return mpread_u32(in, &s->colorant_index);
	case SUPPLY_COLORANT:
		return take_text(in, r, LIMIT_TEXT, &s->colorant);
	case SUPPLY_DESCRIPTION:
		return take_text(in, r, LIMIT_TEXT, &s->description);
	case SUPPLY_PART:
		return take_text(in, r, LIMIT_TEXT, &s->part);
	case SUPPLY_SERIAL:
		return take_text(in, r, LIMIT_TEXT, &s->serial);
	case SUPPLY_SOURCE:
		return mpread_u8(in, &s->source);
	default:
		return mpread_skip(in);
	}
}

int supply_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct supply none = {0};
	struct supply *s = r == NULL ? &none : reading_add_supply(r);
	if (s == NULL)
		return ERR_FULL;
	int err = take_map(in, r, supply_field, s);
	if (s->level_kind >= LEVEL_KIND_COUNT)
		s->level_kind = LEVEL_UNKNOWN;
	if (s->source != SOURCE_IPP)
		s->source = 0;
	return err;
}

static int alert_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct alert *a = dst;
	switch (key) {
	case ALERT_DEVICE:
		return mpread_u32(in, &a->device);
	case ALERT_INDEX:
		return mpread_u32(in, &a->index);
	case ALERT_SEVERITY:
		return mpread_i32(in, &a->severity);
	case ALERT_TRAINING:
		return mpread_i32(in, &a->training);
	case ALERT_GROUP:
		return mpread_i32(in, &a->group);
	case ALERT_GROUP_INDEX:
		return mpread_i32(in, &a->group_index);
	case ALERT_LOCATION:
		return mpread_i32(in, &a->location);
	case ALERT_CODE:
		return mpread_i32(in, &a->code);
	case ALERT_TIME:
		return mpread_u32(in, &a->time_cs);
	case ALERT_DESCRIPTION:
		return take_text(in, r, LIMIT_TEXT, &a->description);
	default:
		return mpread_skip(in);
	}
}

int alert_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct alert none = {0};
	struct alert *a = r == NULL ? &none : reading_add_alert(r);
	return a == NULL ? ERR_FULL : take_map(in, r, alert_field, a);
}

static int option_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct option *o = dst;
	switch (key) {
	case OPTION_KIND:
		return mpread_u8(in, &o->kind);
	case OPTION_DEVICE:
		return mpread_u32(in, &o->device);
	case OPTION_INDEX:
		return mpread_u32(in, &o->index);
	case OPTION_NAME:
		return take_text(in, r, LIMIT_TEXT, &o->name);
	case OPTION_VALUE:
		return take_text(in, r, LIMIT_TEXT, &o->value);
	default:
		return mpread_skip(in);
	}
}

int option_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	struct option o = {0};
	int err = take_map(in, r, option_field, &o);
	if (err < 0)
		return err;
	if (o.kind >= OPTION_KIND_COUNT) {
		left_out(info);
		return 0;
	}
	if (r == NULL)
		return 0;
	struct option *kept = reading_add_option(r);
	if (kept == NULL)
		return ERR_FULL;
	*kept = o;
	return 0;
}

static int subunit_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct subunit *s = dst;
	switch (key) {
	case SUBUNIT_KIND:
		return mpread_u8(in, &s->kind);
	case SUBUNIT_TYPE:
		return mpread_u8(in, &s->type);
	case SUBUNIT_DEVICE:
		return mpread_u32(in, &s->device);
	case SUBUNIT_INDEX:
		return mpread_u32(in, &s->index);
	case SUBUNIT_STATUS:
		s->has_status = true;
		return mpread_i32(in, &s->status);
	case SUBUNIT_LEVEL:
		s->has_level = true;
		return mpread_i32(in, &s->level);
	case SUBUNIT_MAX:
		s->has_max = true;
		return mpread_i32(in, &s->max);
	case SUBUNIT_UNIT:
		return mpread_u8(in, &s->unit);
	case SUBUNIT_NAME:
		return take_text(in, r, LIMIT_TEXT, &s->name);
	case SUBUNIT_DESCRIPTION:
		return take_text(in, r, LIMIT_TEXT, &s->description);
	case SUBUNIT_MEDIA:
		return take_text(in, r, LIMIT_TEXT, &s->media);
	default:
		return mpread_skip(in);
	}
}

int subunit_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	struct subunit s = {0};
	int err = take_map(in, r, subunit_field, &s);
	if (err < 0)
		return err;
	if (s.kind >= SUBUNIT_KIND_COUNT) {
		left_out(info);
		return 0;
	}
	if (r == NULL)
		return 0;
	struct subunit *kept = reading_add_subunit(r);
	if (kept == NULL)
		return ERR_FULL;
	*kept = s;
	return 0;
}

static int take_amount(struct mpread *in, int64_t *ret)
{
	uint64_t v;
	int err = mpread_uint(in, NUMBER_MAX, &v);
	if (err == 0)
		*ret = (int64_t)v;
	return err;
}

static int take_percent(struct mpread *in, int32_t *ret)
{
	uint64_t v;
	int err = mpread_uint(in, INT32_MAX, &v);
	if (err == 0)
		*ret = (int32_t)v;
	return err;
}

static int maintenance_field(struct mpread *in, struct reading *r, uint64_t key, void *dst)
{
	struct maintenance *m = dst;
	switch (key) {
	case MAINTENANCE_DEVICE:
		return mpread_u32(in, &m->device);
	case MAINTENANCE_INDEX:
		return mpread_u32(in, &m->index);
	case MAINTENANCE_TYPE:
		return mpread_u8(in, &m->type);
	case MAINTENANCE_UNIT:
		return mpread_u8(in, &m->unit);
	case MAINTENANCE_LIFE:
		return take_amount(in, &m->life);
	case MAINTENANCE_USED:
		return take_amount(in, &m->used);
	case MAINTENANCE_LEFT:
		return take_amount(in, &m->left);
	case MAINTENANCE_PERCENT:
		return take_percent(in, &m->percent_x100);
	case MAINTENANCE_NAME:
		return take_text(in, r, LIMIT_TEXT, &m->name);
	case MAINTENANCE_COLORANT:
		return take_text(in, r, LIMIT_TEXT, &m->colorant);
	case MAINTENANCE_INSTALLED:
		return take_text(in, r, LIMIT_TEXT, &m->installed);
	case MAINTENANCE_SOURCE:
		return take_oid(in, r, &m->source);
	default:
		return mpread_skip(in);
	}
}

int maintenance_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct maintenance none;
	struct maintenance *m = r == NULL ? &none : reading_add_maintenance(r);
	if (m == NULL)
		return ERR_FULL;
	m->life = m->used = m->left = m->percent_x100 = -1;
	return take_map(in, r, maintenance_field, m);
}
