/* SPDX-License-Identifier: Apache-2.0
 * Stores the values of the standard tables in the reading. Rows are found by index, never by
 * position; the row used last is tried first, as responses come row by row. */
#include "proto/mib/mib_internal.h"

#include "proto/text/charset.h"

#include <string.h>

/* ---- rows ------------------------------------------------------------------------------- */

static struct meter *new_meter(
	struct mib_plan *plan, struct reading *r, uint32_t device, uint32_t index)
{
	struct meter *m = reading_add_meter(r);
	if (m == NULL)
		return NULL;
	m->device = device;
	m->index = index;
	m->name = METER_NAME_COUNT; /* not named yet */
	plan->last_meter = m;
	return m;
}

static bool is_meter_row(const struct meter *m, uint32_t device, uint32_t index)
{
	return m != NULL && m->origin == ORIGIN_STANDARD && m->device == device &&
	       m->index == index;
}

static struct meter *meter_row(
	struct mib_plan *plan, struct reading *r, uint32_t device, uint32_t index)
{
	struct meter *m = plan->last_meter;
	if (m != NULL && !is_meter_row(m, device, index))
		m = m->next;
	if (!is_meter_row(m, device, index)) {
		m = r->meters;
		while (m != NULL && !is_meter_row(m, device, index))
			m = m->next;
	}
	if (m == NULL)
		return new_meter(plan, r, device, index);
	plan->last_meter = m;
	return m;
}

MIB_DEFINE_ROW(supply, supplies, last_supply)
MIB_DEFINE_ROW(alert, alerts, last_alert)

/* ---- values ----------------------------------------------------------------------------- */

bool mib_int32(const struct varbind *vb, int32_t *ret)
{
	int64_t v;
	uint64_t u;
	if (varbind_integer(vb, &v) == 0 && v >= INT32_MIN && v <= INT32_MAX)
		*ret = (int32_t)v;
	else if (varbind_unsigned(vb, &u) == 0 && u <= INT32_MAX)
		*ret = (int32_t)u;
	else
		return false;
	return true;
}

static int32_t any_int(const struct varbind *vb)
{
	int32_t v;
	return mib_int32(vb, &v) ? v : 0;
}

uint8_t mib_small_enum(const struct varbind *vb)
{
	int32_t v;
	return mib_int32(vb, &v) && v > 0 && v <= UINT8_MAX ? (uint8_t)v : 0;
}

/* UTF-16, UTF-16BE, UTF-16LE: ASCII letters have NULs between them. */
static bool is_wide(const struct mib_plan *plan)
{
	return plan->charset >= 1013 && plan->charset <= 1015;
}

struct text mib_decoded(const struct mib_plan *plan, struct reading *r, struct text raw, size_t max)
{
	char utf8[LIMIT_TEXT_LONG + 1];
	const uint8_t *bytes = (const uint8_t *)raw.p;
	if (str_is_ascii(bytes, raw.len) && !is_wide(plan))
		return reading_text(r, bytes, raw.len, max);
	if (max > LIMIT_TEXT_LONG)
		max = LIMIT_TEXT_LONG;
	size_t n = charset_to_utf8(utf8, max + 1, plan->charset, bytes, raw.len);
	return reading_text(r, (const uint8_t *)utf8, n, max);
}

struct text mib_octets(
	const struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t max)
{
	if (vb->type != BER_OCTETS)
		return (struct text){NULL, 0};
	return mib_decoded(plan, r, (struct text){(const char *)vb->value, vb->len}, max);
}

struct text mib_known_octets(
	const struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t max)
{
	return text_known(mib_octets(plan, r, vb, max));
}

struct text mib_raw_octets(struct reading *r, const struct varbind *vb)
{
	size_t len = vb->len < LIMIT_TEXT ? vb->len : LIMIT_TEXT;
	const char *kept = vb->type == BER_OCTETS ? arena_copy(&r->arena, vb->value, len) : NULL;
	return kept == NULL ? (struct text){NULL, 0} : (struct text){kept, len};
}

struct oid_ber mib_object(struct reading *r, struct oid_ber name)
{
	const char *kept =
		name.len <= LIMIT_OID_BER ? arena_copy(&r->arena, name.p, name.len) : NULL;
	return kept == NULL ? (struct oid_ber){NULL, 0}
			    : (struct oid_ber){(const uint8_t *)kept, name.len};
}

/* "1.3.6.1.4.1.253..." */
static struct text mib_dotted(struct reading *r, struct oid_ber ber)
{
	struct oid oid;
	char text[LIMIT_TEXT];
	if (oid_decode(&oid, ber) < 0)
		return (struct text){NULL, 0};
	size_t n = oid_to_text(text, sizeof text, &oid);
	const char *kept = arena_copy(&r->arena, text, n);
	return kept == NULL ? (struct text){NULL, 0} : (struct text){kept, n};
}

/* ---- tables ----------------------------------------------------------------------------- */

/* A marker has two meters; an index of our own tells their rows apart. */
static bool store_marker(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t index, const struct varbind *vb)
{
	uint32_t life = index << 1, power_on = life | 1;
	uint64_t value;
	if (column == COLUMN_MARKER_UNIT) {
		struct meter *m = meter_row(plan, r, device, life);
		struct meter *p = meter_row(plan, r, device, power_on);
		if (m == NULL || p == NULL)
			return false;
		m->unit = p->unit = mib_small_enum(vb);
		return true;
	}
	struct meter *m =
		meter_row(plan, r, device, column == COLUMN_MARKER_LIFE ? life : power_on);
	if (m == NULL)
		return false;
	if (varbind_unsigned(vb, &value) < 0)
		return true; /* not a count: the row has no name and is dropped at the end */
	m->value = value;
	m->name = column == COLUMN_MARKER_LIFE ? METER_MARKER_LIFE : METER_POWER_ON_IMPRESSIONS;
	m->object = mib_object(r, vb->name);
	return m->object.len > 0;
}

static bool store_supply(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t index, const struct varbind *vb)
{
	struct supply *s = supply_row(plan, r, device, index);
	int32_t v;
	if (s == NULL)
		return false;
	if (column == COLUMN_SUPPLY_COLORANT)
		s->colorant_index = mib_int32(vb, &v) && v > 0 && v <= UINT16_MAX ? (uint32_t)v : 0;
	else if (column == COLUMN_SUPPLY_CLASS)
		s->supply_class = mib_small_enum(vb);
	else if (column == COLUMN_SUPPLY_TYPE)
		s->type = mib_small_enum(vb);
	else if (column == COLUMN_SUPPLY_DESCR)
		s->description = mib_known_octets(plan, r, vb, LIMIT_TEXT);
	else if (column == COLUMN_SUPPLY_UNIT)
		s->unit = mib_small_enum(vb);
	else if (column == COLUMN_SUPPLY_MAX)
		s->has_max = mib_int32(vb, &s->max);
	else if (column == COLUMN_SUPPLY_LEVEL)
		s->has_level = mib_int32(vb, &s->level);
	return true;
}

static bool store_alert(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t index, const struct varbind *vb)
{
	struct alert *a = alert_row(plan, r, device, index);
	uint64_t ticks;
	if (a == NULL)
		return false;
	if (column == COLUMN_ALERT_SEVERITY)
		a->severity = any_int(vb);
	else if (column == COLUMN_ALERT_TRAINING)
		a->training = any_int(vb);
	else if (column == COLUMN_ALERT_GROUP)
		a->group = any_int(vb);
	else if (column == COLUMN_ALERT_GROUP_INDEX)
		a->group_index = any_int(vb);
	else if (column == COLUMN_ALERT_LOCATION)
		a->location = any_int(vb);
	else if (column == COLUMN_ALERT_CODE)
		a->code = any_int(vb);
	else if (column == COLUMN_ALERT_DESCR)
		a->description = mib_known_octets(plan, r, vb, LIMIT_TEXT_LONG);
	else if (column == COLUMN_ALERT_TIME && varbind_unsigned(vb, &ticks) == 0 &&
		 ticks <= UINT32_MAX)
		a->time_cs = (uint32_t)ticks;
	return true;
}

static bool store_colorant(struct mib_plan *plan, struct reading *r, uint32_t device,
	uint32_t index, const struct varbind *vb)
{
	if (index > UINT16_MAX || device > UINT16_MAX)
		return true;
	if (plan->colorant_count == MIB_COLORANTS)
		return false;
	struct mib_colorant *c = &plan->colorant[plan->colorant_count++];
	c->device = (uint16_t)device;
	c->index = (uint16_t)index;
	/* "#000000" is black, and no placeholder. */
	struct text name = mib_octets(plan, r, vb, LIMIT_TEXT_SHORT);
	if (!colorant_of_rgb(name, &c->name))
		c->name = text_known(name);
	return true;
}

bool mib_store(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	uint32_t first = n > 0 ? sub[0] : 0;
	uint32_t second = n > 1 ? sub[1] : 0;
	switch ((enum mib_table)mib_columns[column].table) {
	case TABLE_DEVICE:
	case TABLE_PRINTER:
	case TABLE_IF:
	case TABLE_GENERAL:
	case TABLE_LOCALIZATION:
	case TABLE_PORT:
		mib_store_device(plan, r, column, first, vb);
		return true;
	case TABLE_MARKER:
		return n == 2 && second < 0x40000000 &&
		       store_marker(plan, r, column, first, second, vb);
	case TABLE_COLORANT:
		return n == 2 && store_colorant(plan, r, first, second, vb);
	case TABLE_SUPPLIES:
		/* Pantum's index has one sub-identifier. */
		return n == 1 ? store_supply(plan, r, column, 0, first, vb)
			      : n == 2 && store_supply(plan, r, column, first, second, vb);
	case TABLE_ALERT:
		return n == 2 && store_alert(plan, r, column, first, second, vb);
	case TABLE_SOFTWARE:
	case TABLE_STORAGE:
	case TABLE_CHANNEL:
	case TABLE_INTERPRETER:
	case TABLE_FINISHER:
		return mib_store_option(plan, r, column, sub, n, vb);
	case TABLE_INPUT:
		if (column == COLUMN_INPUT_VENDOR) {
			if (plan->tray_vendor.len == 0)
				plan->tray_vendor = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
			return true;
		}
		return mib_store_media(plan, r, column, sub, n, vb);
	case TABLE_OUTPUT:
	case TABLE_COVER:
	case TABLE_PATH:
		return mib_store_media(plan, r, column, sub, n, vb);
	case TABLE_COUNT:
		break;
	}
	return false;
}

void mib_store_scalar(
	struct mib_plan *plan, struct reading *r, enum mib_scalar s, const struct varbind *vb)
{
	uint64_t v = 0;
	struct oid_ber oid;
	switch (s) {
	case SCALAR_SYS_DESCR:
		r->identity.sys_descr = mib_known_octets(plan, r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SYS_OBJECT_ID:
		if (varbind_oid(vb, &oid) == 0) {
			r->identity.sys_object_id = mib_dotted(r, oid);
			if (oid.len <= sizeof plan->object_ber) {
				memcpy(plan->object_ber, oid.p, oid.len);
				plan->object_len = (uint8_t)oid.len;
			}
		}
		break;
	case SCALAR_SYS_UPTIME:
		if (varbind_unsigned(vb, &v) == 0)
			r->identity.uptime_cs = (uint32_t)v;
		break;
	case SCALAR_DEVICE_DESCR:
		r->identity.model = mib_raw_octets(r, vb);
		break;
	case SCALAR_SERIAL:
		plan->has_printer_mib = true;
		r->identity.serial = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		plan->has_serial = r->identity.serial.len > 0;
		if (!plan->has_serial) /* the general table may have one in another row */
			plan->scalars_failed |= 1u << SCALAR_SERIAL;
		break;
	case SCALAR_CRITICAL_EVENTS:
	case SCALAR_ALL_EVENTS:
		if (varbind_unsigned(vb, &v) < 0)
			break;
		plan->has_printer_mib = true;
		if (s == SCALAR_CRITICAL_EVENTS)
			r->state.critical_events = (uint32_t)v;
		else
			r->state.all_events = (uint32_t)v;
		break;
	case SCALAR_LOCALIZATION:
		if (varbind_unsigned(vb, &v) == 0 && v <= UINT16_MAX)
			plan->localization = (uint32_t)v;
		break;
	case SCALAR_DEVICE_ID:
		r->identity.device_id = mib_known_octets(plan, r, vb, LIMIT_TEXT_LONG);
		break;
	case SCALAR_MEMORY:
		if (varbind_unsigned(vb, &v) == 0 && v <= UINT32_MAX)
			plan->memory_kib = (uint32_t)v;
		break;
	case SCALAR_SYS_CONTACT:
		r->identity.contact = mib_known_octets(plan, r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SYS_NAME:
		r->identity.name = mib_known_octets(plan, r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SYS_LOCATION:
		r->identity.location = mib_known_octets(plan, r, vb, LIMIT_TEXT);
		break;
	case SCALAR_COUNT:
		break;
	}
}
