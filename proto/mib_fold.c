/* SPDX-License-Identifier: Apache-2.0
 * Where each value belongs in the reading. Rows are found by their index, never by position: the
 * last touched row is tried first, as answers come row by row. */
#include "proto/mib.h"

#include <string.h>

/* ---- rows ------------------------------------------------------------------------------- */

static struct meter *new_meter(
	struct mib_walk *w, struct reading *r, uint32_t device, uint32_t index)
{
	struct meter *m = reading_add_meter(r);
	if (m == NULL)
		return NULL;
	m->device = device;
	m->index = index;
	m->name = METER_NAME_COUNT; /* not named yet */
	w->last_meter = m;
	return m;
}

static bool is_meter_row(const struct meter *m, uint32_t device, uint32_t index)
{
	return m != NULL && m->device == device && m->index == index;
}

static struct meter *meter_row(
	struct mib_walk *w, struct reading *r, uint32_t device, uint32_t index)
{
	struct meter *m = w->last_meter;
	if (m != NULL && !is_meter_row(m, device, index))
		m = m->next;
	if (!is_meter_row(m, device, index)) {
		m = r->meters;
		while (m != NULL && !is_meter_row(m, device, index))
			m = m->next;
	}
	if (m == NULL)
		return new_meter(w, r, device, index);
	w->last_meter = m;
	return m;
}

static struct supply *supply_row(
	struct mib_walk *w, struct reading *r, uint32_t device, uint32_t index)
{
	struct supply *s = w->last_supply;
	if (s == NULL || s->device != device || s->index != index) {
		for (s = r->supplies; s != NULL; s = s->next) {
			if (s->device == device && s->index == index)
				break;
		}
	}
	if (s == NULL) {
		s = reading_add_supply(r);
		if (s == NULL)
			return NULL;
		s->device = device;
		s->index = index;
	}
	w->last_supply = s;
	return s;
}

static struct alert *alert_row(
	struct mib_walk *w, struct reading *r, uint32_t device, uint32_t index)
{
	struct alert *a = w->last_alert;
	if (a == NULL || a->device != device || a->index != index) {
		for (a = r->alerts; a != NULL; a = a->next) {
			if (a->device == device && a->index == index)
				break;
		}
	}
	if (a == NULL) {
		a = reading_add_alert(r);
		if (a == NULL)
			return NULL;
		a->device = device;
		a->index = index;
	}
	w->last_alert = a;
	return a;
}

/* ---- values ----------------------------------------------------------------------------- */

/* An Integer32; Gauge32 and Counter32 are taken too, as some agents mix them up. False: neither, or
 * wider than it may be, and then there is no value. */
static bool int32_of(const struct varbind *vb, int32_t *ret)
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
	return int32_of(vb, &v) ? v : 0;
}

uint8_t mib_small_enum(const struct varbind *vb)
{
	int32_t v;
	return int32_of(vb, &v) && v > 0 && v <= UINT8_MAX ? (uint8_t)v : 0;
}

struct text mib_octets(struct reading *r, const struct varbind *vb, size_t max)
{
	if (vb->type != BER_OCTETS)
		return (struct text){NULL, 0};
	return reading_text(r, vb->value, vb->len, max);
}

/* "1.3.6.1.4.1.253..." of what was read, which every meter keeps. */
static struct text dotted(struct reading *r, struct oid_ber ber)
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

/* Markers have two meters each; their rows are told apart by an index of our own. */
static bool store_marker(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t index, const struct varbind *vb)
{
	uint32_t life = index << 1, power_on = life | 1;
	uint64_t value;
	if (column == COLUMN_MARKER_UNIT) {
		struct meter *m = meter_row(w, r, device, life);
		struct meter *p = meter_row(w, r, device, power_on);
		if (m == NULL || p == NULL)
			return false;
		m->unit = p->unit = mib_small_enum(vb);
		return true;
	}
	struct meter *m = meter_row(w, r, device, column == COLUMN_MARKER_LIFE ? life : power_on);
	if (m == NULL)
		return false;
	if (varbind_unsigned(vb, &value) < 0)
		return true; /* not a count: the row stays without a name and goes at the end */
	m->value = value;
	m->name = column == COLUMN_MARKER_LIFE ? METER_MARKER_LIFE : METER_POWER_ON_IMPRESSIONS;
	m->source = dotted(r, vb->name);
	return m->source.len > 0;
}

struct xerox_meter {
	uint8_t role;
	uint16_t detail; /* n of xcmHrDevDetail...device.20.n */
	uint8_t name;
	uint8_t unit; /* 7 impressions, 8 sheets, 0 as labelled */
};

/* The usage counters that have a standard name; all others keep the printer's label. */
static const struct xerox_meter xerox_meters[] = {
	{ROLE_PRINTER, 1, METER_IMPRESSIONS_TOTAL, 7},
	{ROLE_PRINTER, 33, METER_IMPRESSIONS_COLOR, 7},
	{ROLE_PRINTER, 34, METER_IMPRESSIONS_MONO, 7},
	{ROLE_PRINTER, 38, METER_SHEETS_TOTAL, 8},
	{ROLE_PRINTER, 39, METER_SHEETS_DUPLEX, 8},
	{ROLE_PRINTER, 7, METER_PRINT_IMPRESSIONS_MONO, 7},
	{ROLE_PRINTER, 29, METER_PRINT_IMPRESSIONS_COLOR, 7},
	{ROLE_PRINTER, 43, METER_LARGE_IMPRESSIONS_COLOR, 7},
	{ROLE_PRINTER, 44, METER_LARGE_IMPRESSIONS_MONO, 7},
	{ROLE_PRINTER, 47, METER_LARGE_IMPRESSIONS_TOTAL, 7},
	{ROLE_PRINTER, 80, METER_COLOR_LEVEL_1, 7},
	{ROLE_PRINTER, 81, METER_COLOR_LEVEL_2, 7},
	{ROLE_PRINTER, 82, METER_COLOR_LEVEL_3, 7},
	{ROLE_COPIER, 3, METER_COPY_IMPRESSIONS_MONO, 7},
	{ROLE_COPIER, 25, METER_COPY_IMPRESSIONS_COLOR, 7},
	{ROLE_SCANNER, 11, METER_SCAN_IMAGES_NETWORK, 0},
	{ROLE_SCANNER, 12, METER_SCAN_IMAGES_EMAIL, 0},
	{ROLE_FAX, 14, METER_FAX_IMPRESSIONS_TOTAL, 7},
};

static const struct xerox_meter *xerox_meter_of(
	const struct mib_walk *w, uint32_t device, uint32_t detail)
{
	for (unsigned d = 0; d < w->device_count; d++) {
		if (w->device[d].index != device)
			continue;
		for (size_t i = 0; i < sizeof xerox_meters / sizeof xerox_meters[0]; i++) {
			if (xerox_meters[i].role == w->device[d].role &&
				xerox_meters[i].detail == detail)
				return &xerox_meters[i];
		}
	}
	return NULL;
}

/* Row: device, 20, n. Its index here lies above those of the markers. */
static bool store_xerox(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t detail, const struct varbind *vb)
{
	uint64_t value = 0;
	const struct xerox_meter *known = xerox_meter_of(w, device, detail);
	if (column == COLUMN_XEROX_LABEL && known != NULL)
		return true; /* it has a standard name: the label is not needed */
	if (column == COLUMN_XEROX_VALUE && varbind_unsigned(vb, &value) < 0)
		return true;
	uint32_t index = 0x80000000u | detail;
	/* A column never gives a row twice, so a value's row is new unless a label came before it.
	 */
	bool is_new = column == COLUMN_XEROX_VALUE && !w->has_labels_first;
	struct meter *m = is_new ? new_meter(w, r, device, index) : meter_row(w, r, device, index);
	if (m == NULL)
		return false;
	if (column == COLUMN_XEROX_LABEL) {
		w->has_labels_first = w->has_labels_first || m->name == METER_NAME_COUNT;
		m->label = mib_octets(r, vb, LIMIT_TEXT_SHORT);
		return true;
	}
	m->value = value;
	m->name = known != NULL ? known->name : METER_VENDOR;
	m->unit = known != NULL ? known->unit : 0;
	m->source = dotted(r, vb->name);
	return m->source.len > 0;
}

static bool store_supply(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t index, const struct varbind *vb)
{
	struct supply *s = supply_row(w, r, device, index);
	int32_t v;
	if (s == NULL)
		return false;
	if (column == COLUMN_SUPPLY_COLORANT)
		s->colorant_index = int32_of(vb, &v) && v > 0 && v <= UINT16_MAX ? (uint32_t)v : 0;
	else if (column == COLUMN_SUPPLY_CLASS)
		s->supply_class = mib_small_enum(vb);
	else if (column == COLUMN_SUPPLY_TYPE)
		s->type = mib_small_enum(vb);
	else if (column == COLUMN_SUPPLY_DESCR)
		s->description = mib_octets(r, vb, LIMIT_TEXT);
	else if (column == COLUMN_SUPPLY_UNIT)
		s->unit = mib_small_enum(vb);
	else if (column == COLUMN_SUPPLY_MAX)
		s->has_max = int32_of(vb, &s->max);
	else if (column == COLUMN_SUPPLY_LEVEL)
		s->has_level = int32_of(vb, &s->level);
	return true;
}

static bool store_alert(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	uint32_t device, uint32_t index, const struct varbind *vb)
{
	struct alert *a = alert_row(w, r, device, index);
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
		a->description = mib_octets(r, vb, LIMIT_TEXT_LONG);
	else if (column == COLUMN_ALERT_TIME && varbind_unsigned(vb, &ticks) == 0 &&
		 ticks <= UINT32_MAX)
		a->time_cs = (uint32_t)ticks;
	return true;
}

static bool store_colorant(struct mib_walk *w, struct reading *r, uint32_t device, uint32_t index,
	const struct varbind *vb)
{
	if (index > UINT16_MAX || device > UINT16_MAX)
		return true;
	if (w->colorant_count == MIB_COLORANTS)
		return false;
	struct mib_colorant *c = &w->colorant[w->colorant_count++];
	c->device = (uint16_t)device;
	c->index = (uint16_t)index;
	c->name = mib_octets(r, vb, LIMIT_TEXT_SHORT);
	return true;
}

bool mib_store(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	uint32_t first = n > 0 ? sub[0] : 0;
	uint32_t second = n > 1 ? sub[1] : 0;
	switch ((enum mib_table)mib_columns[column].table) {
	case TABLE_DEVICE:
	case TABLE_PRINTER:
	case TABLE_IF:
	case TABLE_GENERAL:
		mib_store_device(w, r, column, first, vb);
		return true;
	case TABLE_MARKER:
		return n == 2 && second < 0x40000000 &&
		       store_marker(w, r, column, first, second, vb);
	case TABLE_COLORANT:
		return n == 2 && store_colorant(w, r, first, second, vb);
	case TABLE_SUPPLIES:
		/* Pantum's rows have a one-number index. */
		return n == 1 ? store_supply(w, r, column, 0, first, vb)
			      : n == 2 && store_supply(w, r, column, first, second, vb);
	case TABLE_ALERT:
		return n == 2 && store_alert(w, r, column, first, second, vb);
	case TABLE_XEROX:
		return n == 3 && sub[2] < 0x40000000 &&
		       store_xerox(w, r, column, first, sub[2], vb);
	case TABLE_COUNT:
		break;
	}
	return false;
}

/* n of 1.3.6.1.4.1.n..., 0 if it is not one of these. */
static uint32_t enterprise_of(struct oid_ber oid)
{
	struct oid o;
	static const uint32_t enterprises[] = {1, 3, 6, 1, 4, 1};
	enum { DEPTH = sizeof enterprises / sizeof enterprises[0] };
	if (oid_decode(&o, oid) < 0 || o.len <= DEPTH ||
		memcmp(o.sub, enterprises, sizeof enterprises) != 0)
		return 0;
	return o.sub[DEPTH];
}

void mib_store_scalar(
	struct mib_walk *w, struct reading *r, enum mib_scalar s, const struct varbind *vb)
{
	uint64_t v = 0;
	struct oid_ber oid;
	switch (s) {
	case SCALAR_SYS_DESCR:
		r->identity.sys_descr = mib_octets(r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SYS_OBJECT_ID:
		if (varbind_oid(vb, &oid) == 0) {
			r->identity.sys_object_id = dotted(r, oid);
			w->enterprise = enterprise_of(oid);
		}
		break;
	case SCALAR_SYS_UPTIME:
		if (varbind_unsigned(vb, &v) == 0)
			r->identity.uptime_cs = (uint32_t)v;
		break;
	case SCALAR_DEVICE_DESCR:
		r->identity.model = mib_octets(r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SERIAL:
		r->identity.serial = mib_octets(r, vb, LIMIT_TEXT_SHORT);
		if (r->identity.serial.len == 0)
			w->scalars_failed |= 1u << SCALAR_SERIAL; /* empty is none */
		break;
	case SCALAR_CRITICAL_EVENTS:
	case SCALAR_ALL_EVENTS:
		if (varbind_unsigned(vb, &v) < 0)
			break;
		if (s == SCALAR_CRITICAL_EVENTS)
			r->state.critical_events = (uint32_t)v;
		else
			r->state.all_events = (uint32_t)v;
		break;
	case SCALAR_COUNT:
		break;
	}
}
