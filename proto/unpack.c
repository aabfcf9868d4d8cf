/* SPDX-License-Identifier: Apache-2.0
 * Records in. Every byte is foreign here: the agent's own spool, a batch at the hub, a file given
 * to `platen decode`. One walk serves checking and reading: with r NULL nothing is kept. */
#include "proto/mpread.h"
#include "proto/oid.h"
#include "proto/pack_internal.h"

#include <string.h>

/* ---- values ---- */
/* SQLite and JSON hold signed numbers: none of ours needs the upper half. */
#define NUMBER_MAX ((uint64_t)INT64_MAX)

static int take_text(struct mpread *in, struct reading *r, size_t max, struct text *ret)
{
	struct text t;
	int err = mpread_str(in, max, &t);
	if (err < 0 || r == NULL || t.len == 0)
		return err;
	*ret = reading_text(r, (const uint8_t *)t.p, t.len, max);
	return ret->p == NULL ? ERR_FULL : 0;
}

static int keep_text(struct reading *r, const char *p, size_t n, struct text *ret)
{
	if (r == NULL)
		return 0;
	*ret = reading_text(r, (const uint8_t *)p, n, LIMIT_TEXT_LONG);
	return ret->p == NULL ? ERR_FULL : 0;
}

/* BER contents or text; dotted text is kept. */
static int take_oid(struct mpread *in, struct reading *r, struct text *ret)
{
	if (mpread_type(in) == MP_STR)
		return take_text(in, r, LIMIT_TEXT, ret);
	struct oid_ber ber;
	struct oid oid;
	int err = mpread_bin(in, LIMIT_OID_BER, &ber.p, &ber.len);
	if (err == 0)
		err = oid_decode(&oid, ber);
	if (err < 0)
		return err;
	/* 127 times "4294967295." and a little */
	char dotted[LIMIT_OID_BER * 11];
	return keep_text(r, dotted, oid_to_text(dotted, sizeof dotted, &oid), ret);
}

static int take_mac(struct mpread *in, struct reading *r, struct text *ret)
{
	if (mpread_type(in) == MP_STR)
		return take_text(in, r, LIMIT_TEXT, ret);
	uint8_t mac[6];
	int err = mpread_bin_fixed(in, mac, sizeof mac);
	if (err < 0)
		return err;
	char text[18];
	for (size_t i = 0; i < sizeof mac; i++) {
		str_hex(text + 3 * i, mac + i, 1);
		text[3 * i + 2] = ':';
	}
	return keep_text(r, text, 17, ret);
}

/* ---- rows ---- */
typedef int row_reader(struct mpread *in, struct reading *r, struct group_info *info);

/* A row of a kind that we do not know is left out, and the group says so. */
static void left_out(struct group_info *info)
{
	if (info->status == GROUP_COMPLETE)
		info->status = GROUP_PARTIAL;
}

static int firmware_field(struct mpread *in, struct reading *r, uint64_t key, struct firmware *f)
{
	switch (key) {
	case FIRMWARE_NAME:
		return take_text(in, r, LIMIT_TEXT, &f->name);
	case FIRMWARE_VERSION:
		return take_text(in, r, LIMIT_TEXT, &f->version);
	default:
		return mpread_skip(in);
	}
}

static int firmware_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct firmware none;
	struct firmware *f = r == NULL ? &none : reading_add_firmware(r);
	if (f == NULL)
		return ERR_FULL;
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = firmware_field(in, r, key, f);
	return err;
}

static int meter_field(struct mpread *in, struct reading *r, uint64_t key, struct meter *m)
{
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

static int meter_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	struct meter m = {0};
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = meter_field(in, r, key, &m);
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

static int supply_field(struct mpread *in, struct reading *r, uint64_t key, struct supply *s)
{
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
	default:
		return mpread_skip(in);
	}
}

static int supply_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct supply none = {0};
	struct supply *s = r == NULL ? &none : reading_add_supply(r);
	if (s == NULL)
		return ERR_FULL;
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = supply_field(in, r, key, s);
	if (s->level_kind >= LEVEL_KIND_COUNT)
		s->level_kind = LEVEL_UNKNOWN;
	return err;
}

static int alert_field(struct mpread *in, struct reading *r, uint64_t key, struct alert *a)
{
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

static int alert_row(struct mpread *in, struct reading *r, struct group_info *info)
{
	(void)info;
	struct alert none = {0};
	struct alert *a = r == NULL ? &none : reading_add_alert(r);
	if (a == NULL)
		return ERR_FULL;
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = alert_field(in, r, key, a);
	return err;
}

static int take_rows(
	struct mpread *in, struct reading *r, struct group_info *info, size_t max, row_reader *row)
{
	uint32_t count;
	int err = mpread_array(in, max, &count);
	for (uint32_t i = 0; i < count && err == 0; i++)
		err = row(in, r, info);
	return err;
}

/* ---- groups ---- */
static int identity_field(struct mpread *in, struct reading *r, uint64_t key, struct identity *id)
{
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
	default:
		return mpread_skip(in);
	}
}

static int state_field(struct mpread *in, struct reading *r, uint64_t key, struct printer_state *s)
{
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
	default:
		return mpread_skip(in);
	}
}

/* One group being read, with room for what is not kept when there is no reading. */
struct group_in {
	struct mpread *in;
	struct reading *r;
	enum reading_group group;
	struct group_info info;
	int64_t asked; /* as packed, relative to read_at */
	int64_t took;
	struct identity identity;
	struct printer_state state;
};

static int group_own_field(struct group_in *g, uint64_t key)
{
	switch (g->group) {
	case GROUP_IDENTITY:
		return identity_field(
			g->in, g->r, key, g->r == NULL ? &g->identity : &g->r->identity);
	case GROUP_METERS:
		if (key == GROUP_ROWS)
			return take_rows(g->in, g->r, &g->info, LIMIT_METERS, meter_row);
		break;
	case GROUP_SUPPLIES:
		if (key == GROUP_ROWS)
			return take_rows(g->in, g->r, &g->info, LIMIT_SUPPLIES, supply_row);
		break;
	case GROUP_ALERTS:
		if (key == GROUP_ROWS)
			return take_rows(g->in, g->r, &g->info, LIMIT_ALERTS, alert_row);
		break;
	case GROUP_STATE:
		return state_field(g->in, g->r, key, g->r == NULL ? &g->state : &g->r->state);
	case GROUP_OPTIONS:
	case GROUP_MEDIA:
	case GROUP_MAINTENANCE:
	case GROUP_COUNT:
		break;
	}
	return mpread_skip(g->in);
}

static int group_field(struct group_in *g, uint64_t key)
{
	switch (key) {
	case GROUP_STATUS:
		return mpread_u8(g->in, &g->info.status);
	case GROUP_ASKED:
		return mpread_i64(g->in, &g->asked);
	case GROUP_TOOK:
		return mpread_i64(g->in, &g->took);
	default:
		return group_own_field(g, key);
	}
}

static int read_group(
	struct mpread *in, struct reading *r, enum reading_group group, uint64_t read_at_ms)
{
	struct group_in g = {.in = in, .r = r, .group = group};
	struct mpread_fields fields;
	uint64_t key;
	int err = mpread_fields_open(in, &fields);
	while (err == 0 && (err = mpread_key(in, &fields, &key)) > 0)
		err = group_field(&g, key);
	if (err < 0)
		return err;
	if (g.info.status >= GROUP_STATUS_COUNT)
		return ERR_RANGE;
	/* Foreign differences: computed modulo 2^64, so that none can overflow. */
	if (mpread_has(&fields, GROUP_ASKED)) {
		g.info.asked_at_ms = read_at_ms - (uint64_t)g.asked;
		if (mpread_has(&fields, GROUP_TOOK))
			g.info.answered_at_ms = g.info.asked_at_ms + (uint64_t)g.took;
	}
	if (r != NULL)
		r->group[group] = g.info;
	return 0;
}

/* ---- records ---- */
/* Names of ours: printable, so that they can be keys, file names and log values. */
static int take_name(struct mpread *in, size_t max, struct text *ret)
{
	int err = mpread_str(in, max, ret);
	for (size_t i = 0; err == 0 && i < ret->len; i++) {
		uint8_t c = (uint8_t)ret->p[i];
		if (c < 0x20 || c == 0x7f)
			return ERR_FORMAT;
	}
	return err;
}

static int head_field(struct mpread *in, uint64_t key, struct record_head *head)
{
	switch (key) {
	case RECORD_SEQ:
		return mpread_uint(in, NUMBER_MAX, &head->seq);
	case RECORD_READ_AT:
		return mpread_uint(in, NUMBER_MAX, &head->read_at_ms);
	case RECORD_POLICY:
		return mpread_u32(in, &head->policy_id);
	case RECORD_IS_FULL:
		return mpread_bool(in, &head->is_full);
	case RECORD_ADDRESS:
		return take_name(in, LIMIT_TEXT_SHORT, &head->address);
	case RECORD_DEVICE_KEY:
		return take_name(in, LIMIT_TEXT, &head->device_key);
	case RECORD_AGE:
		return mpread_u32(in, &head->age_ms);
	default:
		return mpread_skip(in);
	}
}

int record_spans(struct record_head *head, struct record_span groups[GROUP_COUNT],
	const uint8_t *bytes, size_t len)
{
	struct mpread in;
	struct mpread_fields fields;
	uint64_t key;
	/* One byte over the limit is enough to see that it is over. */
	mpread_open(&in, bytes, len > LIMIT_RECORD + 1 ? LIMIT_RECORD + 1 : len);
	*head = (struct record_head){0};
	memset(groups, 0, GROUP_COUNT * sizeof groups[0]);
	int err = mpread_fields_open(&in, &fields);
	while (err == 0 && (err = mpread_key(&in, &fields, &key)) > 0) {
		if (key < RECORD_GROUP || key >= RECORD_GROUP + GROUP_COUNT) {
			err = head_field(&in, key, head);
			continue;
		}
		int type = mpread_type(&in);
		if (type != MP_MAP)
			return type < 0 ? type : ERR_TYPE;
		struct record_span *span = &groups[key - RECORD_GROUP];
		span->p = in.p;
		err = mpread_skip(&in);
		span->len = (size_t)(in.p - span->p);
	}
	if (err == ERR_SHORT && len > LIMIT_RECORD)
		return ERR_LIMIT;
	if (err < 0)
		return err;
	if (!mpread_has(&fields, RECORD_SEQ) || !mpread_has(&fields, RECORD_READ_AT) ||
		head->device_key.len == 0)
		return ERR_FORMAT;
	size_t taken = (size_t)(in.p - bytes);
	return taken > LIMIT_RECORD ? ERR_LIMIT : (int)taken;
}

static int read_record(struct record_head *head, struct reading *r, unsigned *mask,
	const uint8_t *bytes, size_t len)
{
	struct record_span groups[GROUP_COUNT];
	*mask = 0;
	int taken = record_spans(head, groups, bytes, len);
	if (taken < 0)
		return taken;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (groups[g].len == 0)
			continue;
		struct mpread in;
		mpread_open(&in, groups[g].p, groups[g].len);
		int err = read_group(&in, r, (enum reading_group)g, head->read_at_ms);
		if (err < 0)
			return err;
		*mask |= 1u << g;
	}
	return taken;
}

int record_check(const uint8_t *bytes, size_t len)
{
	struct record_head head;
	unsigned mask;
	return read_record(&head, NULL, &mask, bytes, len);
}

int record_unpack(struct record_head *head, struct reading *r, unsigned *mask, const uint8_t *bytes,
	size_t len)
{
	return read_record(head, r, mask, bytes, len);
}

int record_group_unpack(struct reading *r, enum reading_group g, uint64_t read_at_ms,
	const uint8_t *bytes, size_t len)
{
	struct mpread in;
	mpread_open(&in, bytes, len);
	int err = read_group(&in, r, g, read_at_ms);
	if (err < 0)
		return err;
	return mpread_is_end(&in) ? 0 : ERR_FORMAT;
}
