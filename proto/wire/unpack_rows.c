/* SPDX-License-Identifier: Apache-2.0
 * The rows of a record's groups, by the tables of row_types.c. */
#include "proto/wire/unpack_internal.h"

#include <string.h>

static int uint_field(struct mpread *in, size_t size, void *ret)
{
	switch (size) {
	case 1:
		return mpread_u8(in, ret);
	case 2:
		return mpread_u16(in, ret);
	case 4:
		return mpread_u32(in, ret);
	default:
		return mpread_uint(in, UINT64_MAX, ret);
	}
}

static int amount_field(struct mpread *in, size_t size, void *ret)
{
	uint64_t v;
	int err = mpread_uint(in, size == 4 ? INT32_MAX : NUMBER_MAX, &v);
	if (err < 0)
		return err;
	if (size == 4)
		*(int32_t *)ret = (int32_t)v;
	else
		*(int64_t *)ret = (int64_t)v;
	return 0;
}

int read_field(struct mpread *in, struct reading *r, enum row_kind kind, uint64_t key, void *dst)
{
	const struct row_type *t = &row_types[kind];
	if (key < t->first || key - t->first >= t->count)
		return mpread_skip(in);
	const struct field *f = &t->field[key - t->first];
	void *p = (char *)dst + f->at, *other = (char *)dst + f->other;
	switch ((enum field_kind)f->kind) {
	case FIELD_NONE:
		break;
	case FIELD_BOOL:
		return mpread_bool(in, p);
	case FIELD_GIVEN_UINT:
		*(bool *)other = true;
		return uint_field(in, f->size, p);
	case FIELD_UINT:
	case FIELD_UPTIME:
	case FIELD_PROTOCOL:
		return uint_field(in, f->size, p);
	case FIELD_GIVEN_INT:
		*(bool *)other = true;
		return mpread_i32(in, p);
	case FIELD_INT:
		return mpread_i32(in, p);
	case FIELD_AMOUNT:
		return amount_field(in, f->size, p);
	case FIELD_TEXT:
		return read_text(in, r, LIMIT_TEXT, p);
	case FIELD_TEXT_LONG:
		return read_text(in, r, LIMIT_TEXT_LONG, p);
	case FIELD_OID:
	case FIELD_OBJECT:
		return read_oid(in, r, p);
	case FIELD_MAC:
		return read_mac(in, r, p);
	}
	return mpread_skip(in);
}

union any_row {
	struct firmware firmware;
	struct meter meter;
	struct supply supply;
	struct alert alert;
	struct option option;
	struct subunit subunit;
	struct maintenance maintenance;
};

/* Agents older than the direction give the number of a receptacle as what is left of it. */
static void set_direction(struct supply *s)
{
	bool is_left = s->level_kind == LEVEL_PERCENT || s->level_kind == LEVEL_UNITS ||
		       s->level_kind == LEVEL_EMPTY || s->level_kind == LEVEL_LOW;
	if (s->direction >= DIRECTION_COUNT)
		s->direction = DIRECTION_UNKNOWN;
	if (is_left && s->direction == DIRECTION_UNKNOWN && supply_is_receptacle(s))
		supply_set_level_kind(s);
}

/* Bounds what a newer agent may send. False: a kind of row that this program does not have. */
static bool set_bounds(enum row_kind kind, union any_row *row)
{
	switch (kind) {
	case ROW_METER:
		if (row->meter.quality >= QUALITY_COUNT)
			row->meter.quality = QUALITY_SUSPECT;
		return row->meter.name < METER_NAME_COUNT;
	case ROW_SUPPLY:
		if (row->supply.level_kind >= LEVEL_KIND_COUNT)
			row->supply.level_kind = LEVEL_UNKNOWN;
		if (row->supply.source != SOURCE_IPP)
			row->supply.source = 0;
		set_direction(&row->supply);
		return true;
	case ROW_OPTION:
		return row->option.kind < OPTION_KIND_COUNT;
	case ROW_SUBUNIT:
		return row->subunit.kind < SUBUNIT_KIND_COUNT;
	default:
		return true;
	}
}

static void *add_row(struct reading *r, enum row_kind kind)
{
	switch (kind) {
	case ROW_FIRMWARE:
		return reading_add_firmware(r);
	case ROW_METER:
		return reading_add_meter(r);
	case ROW_SUPPLY:
		return reading_add_supply(r);
	case ROW_ALERT:
		return reading_add_alert(r);
	case ROW_OPTION:
		return reading_add_option(r);
	case ROW_SUBUNIT:
		return reading_add_subunit(r);
	case ROW_MAINTENANCE:
		return reading_add_maintenance(r);
	default:
		return NULL;
	}
}

static int read_row(
	struct mpread *in, struct reading *r, struct group_info *info, enum row_kind kind)
{
	union any_row row;
	struct mpread_fields fields;
	uint64_t key;
	memset(&row, 0, sizeof row);
	if (kind == ROW_MAINTENANCE)
		row.maintenance.life = row.maintenance.used = row.maintenance.left =
			row.maintenance.percent_x100 = -1;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = read_field(in, r, kind, key, &row);
	if (err < 0)
		return err;
	if (!set_bounds(kind, &row)) {
		if (info->status == GROUP_COMPLETE)
			info->status = GROUP_PARTIAL;
		return 0;
	}
	void *kept = add_row(r, kind);
	if (kept == NULL)
		return ERR_FULL;
	memcpy(kept, &row, row_types[kind].size);
	return 0;
}

int read_rows(struct mpread *in, struct reading *r, struct group_info *info, size_t max,
	enum row_kind kind)
{
	uint32_t count;
	int err = mpread_array(in, max, &count);
	for (uint32_t i = 0; i < count && err == 0; i++)
		err = read_row(in, r, info, kind);
	return err;
}
