/* SPDX-License-Identifier: Apache-2.0
 * Where each value belongs in the reading. Rows are found by their index, never by position: the
 * last touched row is tried first, as answers come row by row. */
#include "proto/mib.h"

#include <stdio.h>
#include <string.h>

/* Contents bytes of 1.3.6.1.2.1.25.3.1.5 (hrDevicePrinter) and 1.3.6.1.4.1.253.8.52.2 (Xerox's
 * device types: 102 scanner, 103 copier, 118-120 faxes). */
static const char hr_device_printer[] = "\x2b\x06\x01\x02\x01\x19\x03\x01\x05";
static const char xerox_device_types[] = "\x2b\x06\x01\x04\x01\x81\x7d\x08\x34\x02";

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

static uint8_t small_enum(const struct varbind *vb)
{
	int64_t v;
	return varbind_integer(vb, &v) == 0 && v > 0 && v <= UINT8_MAX ? (uint8_t)v : 0;
}

static int32_t any_int(const struct varbind *vb)
{
	int64_t v;
	return varbind_integer(vb, &v) == 0 && v >= INT32_MIN && v <= INT32_MAX ? (int32_t)v : 0;
}

static struct text octets(struct reading *r, const struct varbind *vb, size_t max)
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

static void store_device_type(struct mib_walk *w, uint32_t device, const struct varbind *vb)
{
	struct oid_ber type;
	struct oid_ber printer = {(const uint8_t *)hr_device_printer, sizeof hr_device_printer - 1};
	struct oid_ber xerox = {(const uint8_t *)xerox_device_types, sizeof xerox_device_types - 1};
	uint32_t n = 0;
	if (varbind_oid(vb, &type) < 0 || w->device_count == LIMIT_DEVICE_ROWS)
		return;
	enum mib_role role;
	if (oid_ber_is_equal(type, printer)) {
		role = ROLE_PRINTER;
		if (w->printer_device == 0)
			w->printer_device = device;
	} else if (oid_ber_has_prefix(type, xerox) &&
		   oid_ber_tail(&n, 1, type.p + xerox.len, type.len - xerox.len) == 1) {
		switch (n) {
		case 102:
			role = ROLE_SCANNER;
			break;
		case 103:
			role = ROLE_COPIER;
			break;
		case 104:
		case 120:
			role = ROLE_FAX;
			break;
		case 118:
		case 119:
			role = ROLE_OTHER_FAX;
			break;
		default:
			return;
		}
	} else {
		return;
	}
	w->device_index[w->device_count] = device;
	w->device_role[w->device_count++] = (uint8_t)role;
}

/* The Device and Printer tables may list more than the printer: only its own row counts. */
static bool is_printer_row(const struct mib_walk *w, uint32_t device)
{
	return w->printer_device == 0 || w->printer_device == device;
}

static void store_errors(struct reading *r, const struct varbind *vb)
{
	if (vb->type != BER_OCTETS || vb->len > 8)
		return;
	uint16_t first = vb->len > 0 ? vb->value[0] : 0;
	uint16_t second = vb->len > 1 ? vb->value[1] : 0;
	r->state.errors = (uint16_t)(first << 8 | second);
	r->state.has_errors = true;
}

static void store_mac(struct reading *r, const struct varbind *vb)
{
	static const uint8_t none[6];
	if (r->identity.mac.len > 0 || vb->type != BER_OCTETS || vb->len != 6 ||
		memcmp(vb->value, none, 6) == 0)
		return;
	char text[24];
	const uint8_t *p = vb->value;
	int n = snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3],
		p[4], p[5]);
	r->identity.mac = reading_text(r, (const uint8_t *)text, (size_t)n, LIMIT_TEXT_SHORT);
}

static void store_device(struct mib_walk *w, struct reading *r, enum mib_column_name column,
	uint32_t device, const struct varbind *vb)
{
	if (column == COLUMN_DEVICE_TYPE) {
		store_device_type(w, device, vb);
	} else if (column == COLUMN_PHYS_ADDRESS) {
		store_mac(r, vb);
	} else if (is_printer_row(w, device)) {
		if (column == COLUMN_DEVICE_DESCR && w->printer_device == device)
			r->identity.model = octets(r, vb, LIMIT_TEXT);
		else if (column == COLUMN_DEVICE_STATUS)
			r->state.device_status = small_enum(vb);
		else if (column == COLUMN_PRINTER_STATUS)
			r->state.printer_status = small_enum(vb);
		else if (column == COLUMN_PRINTER_ERRORS)
			store_errors(r, vb);
		else if (column == COLUMN_GENERAL_SERIAL && r->identity.serial.len == 0)
			r->identity.serial = octets(r, vb, LIMIT_TEXT_SHORT);
	}
}

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
		m->unit = p->unit = small_enum(vb);
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
		if (w->device_index[d] != device)
			continue;
		for (size_t i = 0; i < sizeof xerox_meters / sizeof xerox_meters[0]; i++) {
			if (xerox_meters[i].role == w->device_role[d] &&
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
	uint64_t value;
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
		m->label = octets(r, vb, LIMIT_TEXT_SHORT);
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
	int64_t v;
	if (s == NULL)
		return false;
	if (column == COLUMN_SUPPLY_COLORANT && varbind_integer(vb, &v) == 0 && v > 0 &&
		v <= UINT16_MAX)
		s->colorant_index = (uint32_t)v;
	else if (column == COLUMN_SUPPLY_CLASS)
		s->supply_class = small_enum(vb);
	else if (column == COLUMN_SUPPLY_TYPE)
		s->type = small_enum(vb);
	else if (column == COLUMN_SUPPLY_DESCR)
		s->description = octets(r, vb, LIMIT_TEXT);
	else if (column == COLUMN_SUPPLY_UNIT)
		s->unit = small_enum(vb);
	else if (column == COLUMN_SUPPLY_MAX && vb->type == BER_INTEGER) {
		s->max = any_int(vb);
		s->has_max = true;
	} else if (column == COLUMN_SUPPLY_LEVEL && vb->type == BER_INTEGER) {
		s->level = any_int(vb);
		s->has_level = true;
	}
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
		a->description = octets(r, vb, LIMIT_TEXT_LONG);
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
	c->name = octets(r, vb, LIMIT_TEXT_SHORT);
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
		store_device(w, r, column, first, vb);
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

void mib_store_scalar(
	struct mib_walk *w, struct reading *r, enum mib_scalar s, const struct varbind *vb)
{
	uint64_t v = 0;
	struct oid_ber oid;
	switch (s) {
	case SCALAR_SYS_DESCR:
		r->identity.sys_descr = octets(r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SYS_OBJECT_ID:
		if (varbind_oid(vb, &oid) == 0) {
			r->identity.sys_object_id = dotted(r, oid);
			w->vendor = (uint8_t)mib_recognise(r, oid);
		}
		break;
	case SCALAR_SYS_UPTIME:
		if (varbind_unsigned(vb, &v) == 0)
			r->identity.uptime_cs = (uint32_t)v;
		break;
	case SCALAR_DEVICE_DESCR:
		r->identity.model = octets(r, vb, LIMIT_TEXT);
		break;
	case SCALAR_SERIAL:
		r->identity.serial = octets(r, vb, LIMIT_TEXT_SHORT);
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
