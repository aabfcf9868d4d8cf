/* SPDX-License-Identifier: Apache-2.0
 * The groups of a reading as msgpack maps (proto/wire/SCHEMA.md). */
#include "proto/smi/oid.h"
#include "proto/wire/pack_internal.h"

#include <string.h>

/* The decimal number at *p, which moves behind it. Leading zeros and numbers over 2^32 - 1 fail. */
static bool read_sub(const char **p, const char *end, uint32_t *sub)
{
	const char *at = *p;
	uint64_t v = 0;
	while (at < end && *at >= '0' && *at <= '9' && v <= UINT32_MAX)
		v = v * 10 + (uint64_t)(*at++ - '0');
	if (at == *p || v > UINT32_MAX || (**p == '0' && at - *p > 1))
		return false;
	*p = at;
	*sub = (uint32_t)v;
	return true;
}

/* To the last byte: what was read as BER must not become text when it is packed again. */
static bool add_sub(uint8_t dst[LIMIT_OID_BER], size_t *len, uint32_t sub)
{
	uint8_t bytes[5];
	size_t n = oid_put_sub(bytes, sub);
	if (*len + n > LIMIT_OID_BER)
		return false;
	memcpy(dst + *len, bytes, n);
	*len += n;
	return true;
}

size_t pack_oid(uint8_t dst[LIMIT_OID_BER], struct text dotted)
{
	const char *p = dotted.p;
	const char *end = p + dotted.len;
	size_t out = 0;
	uint32_t top = 0;
	for (unsigned i = 0;; i++) {
		uint32_t sub;
		if (!read_sub(&p, end, &sub) || i == LIMIT_OID_SUBIDS)
			return 0;
		if (i == 0 && sub > 2)
			return 0;
		if (i == 0)
			top = sub;
		else if (i == 1 && ((top < 2 && sub > 39) || sub > UINT32_MAX - 80))
			return 0;
		else if (!add_sub(dst, &out, i == 1 ? top * 40 + sub : sub))
			return 0;
		if (p == end)
			return out;
		if (*p++ != '.')
			return 0;
	}
}

/* An OID in a third of the bytes, or as text if it is not one. */
static void row_oid(struct row *row, uint8_t key, struct text dotted, uint8_t ber[LIMIT_OID_BER])
{
	if (dotted.len == 0)
		return;
	size_t n = pack_oid(ber, dotted);
	if (n > 0)
		row_bytes(row, key, ber, n);
	else
		row_text(row, key, dotted, LIMIT_TEXT);
}

static void row_source(struct row *row, uint8_t key, struct oid_ber object, struct text source,
	uint8_t ber[LIMIT_OID_BER])
{
	if (object.len > 0)
		row_bytes(row, key, object.p, object.len);
	else
		row_oid(row, key, source, ber);
}

/* aa:bb:cc:dd:ee:ff as six bytes, or as text if it is written in another way. */
static void row_mac(struct row *row, uint8_t key, struct text mac, uint8_t bytes[6])
{
	char again[18];
	if (mac.len == 17) {
		for (int i = 0; i < 6; i++) {
			if (str_unhex(bytes + i, 1, mac.p + 3 * i, 2) != 1)
				break;
			str_hex(again + 3 * i, bytes + i, 1);
			again[3 * i + 2] = ':';
			if (i == 5 && memcmp(again, mac.p, 17) == 0) {
				row_bytes(row, key, bytes, 6);
				return;
			}
		}
	}
	row_text(row, key, mac, LIMIT_TEXT);
}

static void group_times(struct row *row, const struct group_info *info, uint64_t read_at_ms)
{
	if (info->asked_at_ms == 0)
		return;
	row_int(row, GROUP_ASKED, (int64_t)(read_at_ms - info->asked_at_ms));
	if (info->answered_at_ms != 0)
		row_int(row, GROUP_TOOK, (int64_t)(info->answered_at_ms - info->asked_at_ms));
}

static void pack_identity(
	msgpack_packer *pk, struct row *row, const struct identity *id, bool for_digest)
{
	uint8_t ber[LIMIT_OID_BER];
	uint8_t mac[6];
	row_true(row, IDENTITY_IS_PRINTER, id->is_printer);
	row_text(row, IDENTITY_VENDOR, id->vendor, LIMIT_TEXT);
	row_text(row, IDENTITY_MODEL, id->model, LIMIT_TEXT);
	row_text(row, IDENTITY_SERIAL, id->serial, LIMIT_TEXT);
	row_text(row, IDENTITY_SYS_DESCR, id->sys_descr, LIMIT_TEXT);
	row_oid(row, IDENTITY_SYS_OBJECT_ID, id->sys_object_id, ber);
	row_mac(row, IDENTITY_MAC, id->mac, mac);
	row_text(row, IDENTITY_NAME, id->name, LIMIT_TEXT);
	if (!for_digest)
		row_uint(row, IDENTITY_UPTIME, id->uptime_cs);
	row_uint(row, IDENTITY_WHY, id->why);
	row_uint(row, IDENTITY_CONFIDENCE, id->confidence);
	row_text(row, IDENTITY_DEVICE_ID, id->device_id, LIMIT_TEXT);
	if (id->firmware_count > 0)
		row_more(row, IDENTITY_FIRMWARE);
	row_write(pk, row);
	if (id->firmware_count == 0)
		return;
	(void)msgpack_pack_array(pk, id->firmware_count);
	for (const struct firmware *f = id->firmware; f != NULL; f = f->next) {
		row_open(row);
		row_text(row, FIRMWARE_NAME, f->name, LIMIT_TEXT);
		row_text(row, FIRMWARE_VERSION, f->version, LIMIT_TEXT);
		row_write(pk, row);
	}
}

/* The group's map with its rows announced as the last field, and the rows' array opened. */
static void open_rows(msgpack_packer *pk, struct row *row, size_t count)
{
	if (count > 0)
		row_more(row, GROUP_ROWS);
	row_write(pk, row);
	if (count > 0)
		(void)msgpack_pack_array(pk, count);
}

static void pack_meters(msgpack_packer *pk, struct row *row, const struct reading *r)
{
	uint8_t ber[LIMIT_OID_BER];
	open_rows(pk, row, r->meter_count);
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		row_open(row);
		row_uint(row, METER_F_NAME, m->name);
		row_uint(row, METER_F_VALUE, m->value);
		row_uint(row, METER_F_UNIT, m->unit);
		row_uint(row, METER_F_QUALITY, m->quality);
		row_text(row, METER_F_LABEL, m->label, LIMIT_TEXT);
		row_source(row, METER_F_SOURCE, m->object, m->source, ber);
		row_write(pk, row);
	}
}

static void pack_supplies(msgpack_packer *pk, struct row *row, const struct reading *r)
{
	open_rows(pk, row, r->supply_count);
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		row_open(row);
		row_uint(row, SUPPLY_DEVICE, s->device);
		row_uint(row, SUPPLY_INDEX, s->index);
		row_uint(row, SUPPLY_TYPE, s->type);
		row_uint(row, SUPPLY_CLASS, s->supply_class);
		row_uint(row, SUPPLY_UNIT, s->unit);
		row_uint(row, SUPPLY_LEVEL_KIND, s->level_kind);
		if (s->has_level)
			row_int(row, SUPPLY_LEVEL, s->level);
		if (s->has_max)
			row_int(row, SUPPLY_MAX, s->max);
		row_uint(row, SUPPLY_COLORANT_INDEX, s->colorant_index);
		row_text(row, SUPPLY_COLORANT, s->colorant, LIMIT_TEXT);
		row_text(row, SUPPLY_DESCRIPTION, s->description, LIMIT_TEXT);
		row_text(row, SUPPLY_PART, s->part, LIMIT_TEXT);
		row_text(row, SUPPLY_SERIAL, s->serial, LIMIT_TEXT);
		if (s->source != SOURCE_SNMP)
			row_uint(row, SUPPLY_SOURCE, s->source);
		row_write(pk, row);
	}
}

static void row_signed(struct row *row, uint8_t key, int64_t v)
{
	if (v != 0)
		row_int(row, key, v);
}

static void pack_alerts(msgpack_packer *pk, struct row *row, const struct reading *r)
{
	open_rows(pk, row, r->alert_count);
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		row_open(row);
		row_uint(row, ALERT_DEVICE, a->device);
		row_uint(row, ALERT_INDEX, a->index);
		row_signed(row, ALERT_SEVERITY, a->severity);
		row_signed(row, ALERT_TRAINING, a->training);
		row_signed(row, ALERT_GROUP, a->group);
		row_signed(row, ALERT_GROUP_INDEX, a->group_index);
		row_signed(row, ALERT_LOCATION, a->location);
		row_signed(row, ALERT_CODE, a->code);
		row_uint(row, ALERT_TIME, a->time_cs);
		row_text(row, ALERT_DESCRIPTION, a->description, LIMIT_TEXT);
		row_write(pk, row);
	}
}

static void pack_state(msgpack_packer *pk, struct row *row, const struct printer_state *s)
{
	row_uint(row, STATE_DEVICE_STATUS, s->device_status);
	row_uint(row, STATE_PRINTER_STATUS, s->printer_status);
	if (s->has_errors)
		row_int(row, STATE_ERRORS, s->errors);
	row_uint(row, STATE_CRITICAL_EVENTS, s->critical_events);
	row_uint(row, STATE_ALL_EVENTS, s->all_events);
	row_text(row, STATE_CONSOLE, s->console, LIMIT_TEXT_LONG);
	row_uint(row, STATE_SERVICE_MODE, s->service_mode);
	row_write(pk, row);
}

static void pack_options(msgpack_packer *pk, struct row *row, const struct reading *r)
{
	open_rows(pk, row, r->option_count);
	for (const struct option *o = r->options; o != NULL; o = o->next) {
		row_open(row);
		row_uint(row, OPTION_KIND, o->kind);
		row_uint(row, OPTION_DEVICE, o->device);
		row_uint(row, OPTION_INDEX, o->index);
		row_text(row, OPTION_NAME, o->name, LIMIT_TEXT);
		row_text(row, OPTION_VALUE, o->value, LIMIT_TEXT);
		row_write(pk, row);
	}
}

static void pack_media(msgpack_packer *pk, struct row *row, const struct reading *r)
{
	row_uint(row, MEDIA_PPM, r->pages_per_minute);
	row_uint(row, MEDIA_PPM_COLOR, r->pages_per_minute_color);
	open_rows(pk, row, r->subunit_count);
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		row_open(row);
		row_uint(row, SUBUNIT_KIND, s->kind);
		row_uint(row, SUBUNIT_TYPE, s->type);
		row_uint(row, SUBUNIT_DEVICE, s->device);
		row_uint(row, SUBUNIT_INDEX, s->index);
		if (s->has_status)
			row_int(row, SUBUNIT_STATUS, s->status);
		if (s->has_level)
			row_int(row, SUBUNIT_LEVEL, s->level);
		if (s->has_max)
			row_int(row, SUBUNIT_MAX, s->max);
		row_uint(row, SUBUNIT_UNIT, s->unit);
		row_text(row, SUBUNIT_NAME, s->name, LIMIT_TEXT);
		row_text(row, SUBUNIT_DESCRIPTION, s->description, LIMIT_TEXT);
		row_text(row, SUBUNIT_MEDIA, s->media, LIMIT_TEXT);
		row_write(pk, row);
	}
}

static void pack_maintenance(msgpack_packer *pk, struct row *row, const struct reading *r)
{
	uint8_t ber[LIMIT_OID_BER];
	open_rows(pk, row, r->maintenance_count);
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		row_open(row);
		row_uint(row, MAINTENANCE_DEVICE, m->device);
		row_uint(row, MAINTENANCE_INDEX, m->index);
		row_uint(row, MAINTENANCE_TYPE, m->type);
		row_uint(row, MAINTENANCE_UNIT, m->unit);
		stored_row(row, MAINTENANCE_LIFE, m->life);
		stored_row(row, MAINTENANCE_USED, m->used);
		stored_row(row, MAINTENANCE_LEFT, m->left);
		stored_row(row, MAINTENANCE_PERCENT, m->percent_x100);
		row_text(row, MAINTENANCE_NAME, m->name, LIMIT_TEXT);
		row_text(row, MAINTENANCE_COLORANT, m->colorant, LIMIT_TEXT);
		row_text(row, MAINTENANCE_INSTALLED, m->installed, LIMIT_TEXT);
		row_source(row, MAINTENANCE_SOURCE, m->object, m->source, ber);
		row_write(pk, row);
	}
}

/* SNMP alone goes without saying: so it was before the field was there, and so it mostly is. */
static void group_sources(struct row *row, const struct reading *r, const struct group_info *info)
{
	unsigned sources = reading_group_sources(r, info);
	if (sources != SOURCE_SNMP)
		row_uint(row, GROUP_SOURCES, sources);
}

void pack_group(msgpack_packer *pk, const struct reading *r, enum reading_group g,
	uint64_t read_at_ms, bool for_digest)
{
	const struct group_info *info = &r->group[g];
	struct row row;
	row_open(&row);
	row_uint(&row, GROUP_STATUS, info->status);
	if (!for_digest)
		group_times(&row, info, read_at_ms);
	group_sources(&row, r, info);
	switch (g) {
	case GROUP_IDENTITY:
		pack_identity(pk, &row, &r->identity, for_digest);
		break;
	case GROUP_METERS:
		pack_meters(pk, &row, r);
		break;
	case GROUP_SUPPLIES:
		pack_supplies(pk, &row, r);
		break;
	case GROUP_ALERTS:
		pack_alerts(pk, &row, r);
		break;
	case GROUP_STATE:
		pack_state(pk, &row, &r->state);
		break;
	case GROUP_OPTIONS:
		pack_options(pk, &row, r);
		break;
	case GROUP_MEDIA:
		pack_media(pk, &row, r);
		break;
	case GROUP_MAINTENANCE:
		pack_maintenance(pk, &row, r);
		break;
	case GROUP_COUNT:
		break;
	}
}
