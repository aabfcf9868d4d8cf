/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"
#include "proto/mpread.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* jansson takes references with json_object_set_new and friends, also when they fail, and NULL in
 * place of a value is a failure. So values are made in place and one flag gathers the results. */
struct maker {
	bool is_broken; /* memory ran out */
};

static json_t *object(struct maker *m)
{
	json_t *o = json_object();
	m->is_broken |= o == NULL;
	return o;
}

static json_t *array(struct maker *m)
{
	json_t *a = json_array();
	m->is_broken |= a == NULL;
	return a;
}

static void set(struct maker *m, json_t *o, const char *key, json_t *value)
{
	m->is_broken |= json_object_set_new(o, key, value) != 0;
}

static void append(struct maker *m, json_t *a, json_t *value)
{
	m->is_broken |= json_array_append_new(a, value) != 0;
}

/* Scrubbed on the way, as jansson refuses what is not UTF-8. */
static json_t *text(struct text t)
{
	char clean[LIMIT_TEXT_LONG + 1];
	if (t.len == 0)
		return json_stringn("", 0);
	if (str_is_utf8((const uint8_t *)t.p, t.len))
		return json_stringn(t.p, t.len);
	size_t n = str_scrub(clean, sizeof clean, (const uint8_t *)t.p, t.len);
	return json_stringn(clean, n);
}

static void set_text(struct maker *m, json_t *o, const char *key, struct text t)
{
	if (t.len > 0)
		set(m, o, key, text(t));
}

static void set_word(struct maker *m, json_t *o, const char *key, const char *word)
{
	set(m, o, key, json_string(word));
}

/* Counters of 64 bits and SQLite both end at 2^63 - 1; JSON readers often at 2^53. */
static json_t *number(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

static void set_number(struct maker *m, json_t *o, const char *key, uint64_t v)
{
	set(m, o, key, number(v));
}

static void set_int(struct maker *m, json_t *o, const char *key, int64_t v)
{
	set(m, o, key, json_integer(v));
}

static void set_utc(struct maker *m, json_t *o, const char *key, uint64_t unix_ms)
{
	char utc[25];
	str_utc(utc, unix_ms);
	set_word(m, o, key, utc);
}

static void set_hex(struct maker *m, json_t *o, const char *key, const uint8_t *bytes, size_t n)
{
	char hex[2 * LIMIT_PUBLIC_KEY + 1];
	if (n > LIMIT_PUBLIC_KEY)
		n = LIMIT_PUBLIC_KEY;
	str_hex(hex, bytes, n);
	set_word(m, o, key, hex);
}

/* Writes the finished value behind dst and drops it. */
static int finish(struct maker *m, json_t *value, struct buf *dst)
{
	int err = -ENOMEM;
	if (!m->is_broken && value != NULL) {
		size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6);
		size_t n = json_dumpb(value, NULL, 0, flags);
		err = n == 0 ? -ENOMEM : buf_reserve(dst, n);
		if (err == 0 && json_dumpb(value, (char *)dst->data + dst->len, n, flags) != n)
			err = -ENOMEM;
		if (err == 0)
			dst->len += n;
	}
	json_decref(value);
	return err;
}

/* ---- one device ---- */
static json_t *identity(struct maker *m, const struct identity *id)
{
	json_t *o = object(m);
	set(m, o, "is_printer", json_boolean(id->is_printer));
	set(m, o, "vendor", text(id->vendor));
	set(m, o, "model", text(id->model));
	set(m, o, "serial", text(id->serial));
	set_text(m, o, "sys_descr", id->sys_descr);
	set_text(m, o, "sys_object_id", id->sys_object_id);
	set_text(m, o, "mac", id->mac);
	set_text(m, o, "name", id->name);
	if (id->uptime_cs > 0)
		set_number(m, o, "uptime_cs", id->uptime_cs);
	json_t *list = array(m);
	for (const struct firmware *f = id->firmware; f != NULL; f = f->next) {
		json_t *one = object(m);
		set(m, one, "name", text(f->name));
		set(m, one, "version", text(f->version));
		append(m, list, one);
	}
	set(m, o, "firmware", list);
	return o;
}

/* What was read by IPP names its attribute, "ipp:printer-impressions-completed". */
static bool is_attribute(struct text source)
{
	return source.len > 4 && memcmp(source.p, "ipp:", 4) == 0;
}

static json_t *meters(struct maker *m, const struct reading *r)
{
	json_t *list = array(m);
	for (const struct meter *x = r->meters; x != NULL; x = x->next) {
		char name[LIMIT_TEXT + 16];
		json_t *o = object(m);
		struct text label = x->label;
		(void)snprintf(name, sizeof name, "vendor:%.*s", TEXT_ARG(label));
		if (x->name == METER_VENDOR && label.len <= LIMIT_TEXT)
			set_word(m, o, "name", name);
		else
			set_word(m, o, "name", meter_name_text((enum meter_name)x->name));
		set_number(m, o, "value", x->value);
		set_word(m, o, "unit", meter_unit_name(x->unit));
		set_text(m, o, is_attribute(x->source) ? "attribute" : "oid", x->source);
		set_word(m, o, "quality", quality_name((enum meter_quality)x->quality));
		append(m, list, o);
	}
	return list;
}

static json_t *level(struct maker *m, const struct supply *s)
{
	enum { CLASS_RECEPTACLE = 4 };
	json_t *o = object(m);
	set_word(m, o, "kind", level_kind_name((enum level_kind)s->level_kind));
	double percent = supply_percent(s);
	if (percent >= 0) /* to a hundredth */
		set(m, o, "percent", json_real((double)(long)(percent * 100 + 0.5) / 100));
	if (s->has_level)
		set_int(m, o, "value", s->level);
	if (s->has_max)
		set_int(m, o, "max", s->max);
	set_word(m, o, "unit", supply_unit_name(s->unit));
	if (s->supply_class == CLASS_RECEPTACLE)
		set_word(m, o, "meaning", "space_left");
	return o;
}

static void set_index(struct maker *m, json_t *o, uint32_t device, uint32_t index)
{
	char both[24];
	(void)snprintf(both, sizeof both, "%u.%u", device, index);
	set_word(m, o, "index", both);
}

static json_t *supplies(struct maker *m, const struct reading *r)
{
	json_t *list = array(m);
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		json_t *o = object(m);
		set_index(m, o, s->device, s->index);
		set_word(m, o, "type", supply_type_name(s->type));
		set_word(m, o, "class", supply_class_name(s->supply_class));
		set_text(m, o, "colorant", s->colorant);
		set(m, o, "description", text(s->description));
		set_text(m, o, "part", s->part);
		set_text(m, o, "serial", s->serial);
		set(m, o, "level", level(m, s));
		append(m, list, o);
	}
	return list;
}

static json_t *alerts(struct maker *m, const struct reading *r)
{
	json_t *list = array(m);
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		char word[ALERT_CODE_NAME];
		json_t *o = object(m);
		set_index(m, o, a->device, a->index);
		set_word(m, o, "kind", alert_kind_name(a));
		set_word(m, o, "severity", alert_severity_name(a->severity));
		set_word(m, o, "training", alert_training_name(a->training));
		set_word(m, o, "group", alert_group_name(a->group));
		set_int(m, o, "group_index", a->group_index);
		set_word(m, o, "code", alert_code_name(a->code, word));
		set_int(m, o, "code_number", a->code);
		/* RFC 3805: -2 unknown; a number whose meaning is the maker's own. */
		if (a->location > 0) {
			(void)snprintf(word, sizeof word, "%d", a->location);
			set_word(m, o, "location", word);
		}
		set(m, o, "description", text(a->description));
		if (a->time_cs > 0)
			set_number(m, o, "time_cs", a->time_cs);
		append(m, list, o);
	}
	return list;
}

static json_t *state(struct maker *m, const struct printer_state *s)
{
	enum { DEVICE_DOWN = 5, BIT_SERVICE_REQUESTED = 7 };
	json_t *o = object(m);
	set_word(m, o, "printer", printer_status_name(s->printer_status));
	set_word(m, o, "device", device_status_name(s->device_status));
	json_t *errors = array(m);
	for (unsigned bit = 0; s->has_errors && error_bit_name(bit) != NULL; bit++) {
		if ((s->errors >> (15 - bit) & 1) != 0)
			append(m, errors, json_string(error_bit_name(bit)));
	}
	set(m, o, "errors", errors);
	/* Not known: the standard MIBs have no such flag. */
	set(m, o, "service_mode", json_null());
	if (s->critical_events > 0)
		set_number(m, o, "critical_events", s->critical_events);
	if (s->all_events > 0)
		set_number(m, o, "all_events", s->all_events);
	set_text(m, o, "console", s->console);
	return o;
}

static json_t *groups(struct maker *m, const struct reading *r, unsigned mask)
{
	json_t *list = array(m);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const struct group_info *info = &r->group[g];
		if ((mask >> g & 1) == 0)
			continue;
		json_t *o = object(m);
		set_word(m, o, "name", group_name((enum reading_group)g));
		set_word(m, o, "status", group_status_name((enum group_status)info->status));
		if (info->asked_at_ms > 0)
			set_number(m, o, "asked_at_ms", info->asked_at_ms);
		if (info->answered_at_ms > 0)
			set_number(m, o, "answered_at_ms", info->answered_at_ms);
		append(m, list, o);
	}
	return list;
}

static json_t *device(
	struct maker *m, const struct record_head *head, const struct reading *r, unsigned mask)
{
	json_t *o = object(m);
	if (head != NULL) {
		set(m, o, "device_key", text(head->device_key));
		set_text(m, o, "address", head->address);
		set_number(m, o, "seq", head->seq);
		set_number(m, o, "read_at_ms", head->read_at_ms);
		set_utc(m, o, "read_at", head->read_at_ms);
		set_number(m, o, "policy", head->policy_id);
		set(m, o, "is_full", json_boolean(head->is_full));
		if (head->age_ms > 0)
			set_number(m, o, "age_ms", head->age_ms);
	}
	if (mask & 1u << GROUP_IDENTITY)
		set(m, o, "identity", identity(m, &r->identity));
	if (mask & 1u << GROUP_METERS)
		set(m, o, "meters", meters(m, r));
	if (mask & 1u << GROUP_SUPPLIES)
		set(m, o, "supplies", supplies(m, r));
	if (mask & 1u << GROUP_ALERTS)
		set(m, o, "alerts", alerts(m, r));
	if (mask & 1u << GROUP_STATE)
		set(m, o, "state", state(m, &r->state));
	if (mask == ALL_GROUPS) {
		/* Nothing of these is read yet; the shape is there, so that readers need not ask.
		 */
		set(m, o, "options", array(m));
		set(m, o, "settings", array(m));
		set(m, o, "trays", array(m));
		set(m, o, "maintenance", array(m));
	}
	json_t *sources = array(m);
	/* A record does not say it: what is not IPP is SNMP. */
	if ((r->sources & SOURCE_SNMP) != 0 || r->sources == 0)
		append(m, sources, json_string("snmp"));
	if ((r->sources & SOURCE_IPP) != 0)
		append(m, sources, json_string("ipp"));
	set(m, o, "sources", sources);
	set(m, o, "groups", groups(m, r, mask));
	return o;
}

int json_put_reading(
	struct buf *dst, const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct maker m = {0};
	return finish(&m, device(&m, head, r, mask), dst);
}

int json_put_text(struct buf *dst, struct text t)
{
	struct maker m = {0};
	return finish(&m, text(t), dst);
}

/* ---- batches, receipts, records ---- */
int json_kind(const uint8_t *bytes, size_t len)
{
	struct mpread in;
	uint32_t items;
	mpread_open(&in, bytes, len);
	int type = mpread_type(&in);
	if (type == MP_MAP)
		return JSON_KIND_RECORDS;
	if (type != MP_ARRAY || mpread_array(&in, 16, &items) < 0)
		return ERR_FORMAT;
	if (items == 6)
		return JSON_KIND_BATCH;
	return items == 5 ? JSON_KIND_RECEIPT : ERR_FORMAT;
}

/* Adds "records", and "error" if one of them is damaged, whose error is returned. */
static int add_records(
	struct maker *m, json_t *o, const uint8_t *body, size_t len, struct slab *blocks)
{
	json_t *list = array(m);
	int err = 0;
	size_t at = 0;
	while (at < len && !m->is_broken) {
		struct record_head head;
		struct reading r;
		unsigned mask;
		reading_open(&r, blocks);
		err = record_unpack(&head, &r, &mask, body + at, len - at);
		if (err > 0)
			append(m, list, device(m, &head, &r, mask));
		reading_close(&r);
		if (err < 0)
			break;
		at += (size_t)err;
		err = 0;
	}
	set(m, o, "records", list);
	if (err < 0) {
		json_t *error = object(m);
		set_number(m, error, "offset", at);
		set_word(m, error, "reason", err_text(err));
		set(m, o, "error", error);
	}
	return err;
}

int json_put_records(struct buf *dst, const uint8_t *body, size_t len, struct slab *blocks)
{
	struct maker m = {0};
	json_t *o = object(&m);
	int damage = add_records(&m, o, body, len, blocks);
	int err = finish(&m, o, dst);
	return err < 0 ? err : damage;
}

static json_t *seal(struct maker *m, const struct envelope *e)
{
	json_t *o = object(m);
	set_number(m, o, "version", ENVELOPE_VERSION);
	set_word(m, o, "alg", e->alg == 1 ? "ed25519" : e->alg == 2 ? "ecdsa-p256" : "unknown");
	set_hex(m, o, "key_id", e->key_id, KEY_ID_BYTES);
	set_hex(m, o, "signature", e->signature, e->signature_len);
	return o;
}

static json_t *head_of(struct maker *m, const struct batch_head *h)
{
	json_t *o = object(m);
	set_hex(m, o, "agent_id", h->agent_id, AGENT_ID_BYTES);
	char epoch[17];
	/* 64 random bits: as text, because JSON numbers would be rounded. */
	(void)snprintf(epoch, sizeof epoch, "%016llx", (unsigned long long)h->epoch);
	set_word(m, o, "epoch", epoch);
	set_number(m, o, "first", h->first);
	set_number(m, o, "last", h->last);
	set_number(m, o, "count", h->count);
	set_number(m, o, "sent_at_ms", h->sent_at_ms);
	set_word(m, o, "body_encoding", h->body_encoding == BODY_ZSTD ? "zstd" : "raw");
	set_number(m, o, "body_raw_len", h->body_raw_len);
	set(m, o, "software", text(h->software));
	json_t *visits = object(m);
	set_number(m, visits, "made", h->visits_made);
	set_number(m, visits, "unchanged", h->visits_unchanged);
	set_number(m, visits, "failed", h->visits_failed);
	set(m, o, "visits", visits);
	set_hex(m, o, "public_key", h->public_key, h->public_key_len);
	set(m, o, "site", text(h->site));
	set_number(m, o, "devices", h->devices);
	set_number(m, o, "minor", h->minor);
	return o;
}

int json_put_batch(struct buf *dst, const struct envelope *e, const struct batch_head *h,
	const uint8_t *body, size_t len, struct slab *blocks)
{
	struct maker m = {0};
	json_t *o = object(&m);
	json_t *batch = seal(&m, e);
	set_number(&m, batch, "body_len", e->body_len);
	set(&m, o, "batch", batch);
	set(&m, o, "head", head_of(&m, h));
	int damage = add_records(&m, o, body, len, blocks);
	int err = finish(&m, o, dst);
	return err < 0 ? err : damage;
}

int json_put_receipt(struct buf *dst, const struct envelope *e, const struct receipt *r)
{
	struct maker m = {0};
	json_t *o = seal(&m, e);
	set_hex(&m, o, "agent_id", r->agent_id, AGENT_ID_BYTES);
	char epoch[17];
	(void)snprintf(epoch, sizeof epoch, "%016llx", (unsigned long long)r->epoch);
	set_word(&m, o, "epoch", epoch);
	set_number(&m, o, "last", r->last);
	set_number(&m, o, "stored", r->stored);
	set_number(&m, o, "duplicates", r->duplicates);
	json_t *rejected = array(&m);
	struct receipt_list list = r->rejected_list;
	struct receipt_rejected one;
	while (receipt_next_rejected(&list, &one) > 0) {
		json_t *item = object(&m);
		set_number(&m, item, "seq", one.seq);
		set(&m, item, "reason", text(one.reason));
		append(&m, rejected, item);
	}
	set(&m, o, "rejected", rejected);
	set_number(&m, o, "received_at_ms", r->received_at_ms);
	set_hex(&m, o, "batch_digest", r->batch_digest, DIGEST_BYTES);
	json_t *want = array(&m);
	struct text key;
	list = r->want_full_list;
	while (receipt_next_want_full(&list, &key) > 0)
		append(&m, want, text(key));
	set(&m, o, "want_full", want);
	set(&m, o, "software", text(r->software));
	set_hex(&m, o, "public_key", r->public_key, r->public_key_len);
	json_t *outer = object(&m);
	set(&m, outer, "receipt", o);
	return finish(&m, outer, dst);
}
