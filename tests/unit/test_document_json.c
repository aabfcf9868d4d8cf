/* SPDX-License-Identifier: Apache-2.0
 * JSON of devices, records, batches and receipts: read back by jansson and compared value by
 * value. */
#include "proto/document/json.h"
#include "tests/unit/blocks.h"
#include "tests/vectors/readings.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct buf out;
static json_t *root;

static int set_up(void **state)
{
	(void)state;
	buf_open(&out, 4u << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(root);
	root = NULL;
	buf_close(&out);
	return 0;
}

static int put_json(
	struct buf *dst, const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct writer w;
	writer_open(&w, dst);
	json_device(&w, NULL, head, r, mask);
	return writer_close(&w);
}

/* The result of the records; the writer's own must be good. */
static int put_records(const uint8_t *body, size_t len)
{
	struct writer w;
	writer_open(&w, &out);
	int err = json_records(&w, body, len, &blocks);
	assert_int_equal(writer_close(&w), 0);
	return err;
}

static json_t *parsed(void)
{
	json_error_t error;
	json_decref(root);
	root = json_loadb((const char *)out.data, out.len, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(root);
	return root;
}

static const char *word(json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s == NULL ? "(none)" : s;
}

static json_int_t number(json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static void test_document_has_its_documented_shape(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	reading_make_printer(&r, 4, 1, 1795352800123);
	struct meter *m = reading_add_meter(&r);
	m->name = METER_VENDOR;
	m->label = TEXT("Color \"A3\"");
	m->value = UINT64_MAX;
	m->quality = QUALITY_SUSPECT;
	struct alert *a = reading_add_alert(&r);
	a->device = 1;
	a->index = 46;
	a->severity = 3;
	a->group = 11;
	a->code = 1104;
	a->location = 956800;
	r.state.errors = 1u << 15 | 1u << 8;
	r.state.console = TEXT("Ready\xff");
	r.identity.name = TEXT("prn-4");
	assert_int_equal(put_json(&out, NULL, &r, ALL_GROUPS), 0);
	json_t *o = parsed();
	json_t *id = json_object_get(o, "identity");
	assert_true(json_is_true(json_object_get(id, "is_printer")));
	assert_string_equal(word(id, "vendor"), "Xerox");
	assert_string_equal(word(id, "name"), "prn-4");
	assert_string_equal(word(id, "sys_object_id"), "1.3.6.1.4.1.253.8.62.1.38.12.1.4.1.1");
	assert_int_equal(json_array_size(json_object_get(id, "firmware")), 5);
	json_t *meters = json_object_get(o, "meters");
	assert_int_equal(json_array_size(meters), 21);
	json_t *first = json_array_get(meters, 0);
	assert_string_equal(word(first, "name"), "impressions_total");
	assert_string_equal(word(first, "unit"), "impressions");
	assert_string_equal(word(first, "oid"), "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1");
	assert_string_equal(word(first, "quality"), "ok");
	assert_true(number(first, "value") == (json_int_t)r.meters->value);
	json_t *labelled = json_array_get(meters, 20);
	assert_string_equal(word(labelled, "name"), "vendor:Color \"A3\"");
	assert_string_equal(word(labelled, "quality"), "suspect");
	assert_true(number(labelled, "value") == INT64_MAX);
	json_t *supply = json_array_get(json_object_get(o, "supplies"), 0);
	assert_string_equal(word(supply, "index"), "1.1");
	assert_string_equal(word(supply, "type"), "toner");
	assert_string_equal(word(supply, "colorant"), "black");
	assert_string_equal(word(supply, "part"), "006R01746");
	json_t *level = json_object_get(supply, "level");
	assert_string_equal(word(level, "kind"), "percent");
	assert_int_equal(number(level, "max"), 26000);
	double percent = json_number_value(json_object_get(level, "percent"));
	assert_true(percent > 100.0 * (double)number(level, "value") / 26000 - 0.006);
	assert_true(percent < 100.0 * (double)number(level, "value") / 26000 + 0.006);
	json_t *waste = json_array_get(json_object_get(o, "supplies"), 8);
	assert_string_equal(word(waste, "class"), "receptacle");
	assert_string_equal(word(json_object_get(waste, "level"), "meaning"), "space_left");
	json_t *alerts = json_object_get(o, "alerts");
	json_t *alert = json_array_get(alerts, json_array_size(alerts) - 1);
	assert_string_equal(word(alert, "index"), "1.46");
	assert_string_equal(word(alert, "kind"), "fault");
	assert_string_equal(word(alert, "code"), "marker_toner_almost_empty");
	assert_int_equal(number(alert, "code_number"), 1104);
	assert_string_equal(word(alert, "location"), "956800");
	json_t *s = json_object_get(o, "state");
	assert_string_equal(word(s, "printer"), "idle");
	assert_string_equal(word(s, "device"), "running");
	assert_string_equal(word(s, "console"), "Ready\xef\xbf\xbd");
	json_t *errors = json_object_get(s, "errors");
	assert_int_equal(json_array_size(errors), 2);
	assert_string_equal(json_string_value(json_array_get(errors, 0)), "low_paper");
	assert_string_equal(json_string_value(json_array_get(errors, 1)), "service_requested");
	json_t *groups = json_object_get(o, "groups");
	assert_int_equal(json_array_size(groups), GROUP_COUNT);
	assert_string_equal(word(json_array_get(groups, 2), "name"), "supplies");
	assert_string_equal(word(json_array_get(groups, 2), "status"), "complete");
	assert_true(number(json_array_get(groups, 2), "requested_at_ms") ==
		    (json_int_t)r.group[GROUP_SUPPLIES].requested_at_ms);
	assert_true(json_is_array(json_object_get(o, "trays")));
	reading_close(&r);
}

static void test_parts_of_a_device(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	reading_make_printer(&r, 4, 1, 1795352800123);
	r.subunits->status = 4 + 8 + 32;
	r.subunits->level = -3;
	r.maintenance->next->life = r.maintenance->next->used = r.maintenance->next->left = -1;
	r.maintenance->next->percent_x100 = 4257;
	r.maintenance->next->unit = r.maintenance->next->type = 0;
	r.maintenance->next->source = TEXT("1.3.6.1.4.1.641.6.4.4.1.1.20.1");
	r.pages_per_minute_color = 0;
	assert_int_equal(put_json(&out, NULL, &r, ALL_GROUPS), 0);
	json_t *o = parsed();
	assert_int_equal(json_array_size(json_object_get(o, "options")), 6);
	json_t *option = json_array_get(json_object_get(o, "options"), 1);
	assert_string_equal(word(option, "kind"), "interpreter");
	assert_string_equal(word(option, "name"), "PostScript");
	assert_string_equal(word(option, "value"), "3018.101");
	assert_int_equal(json_array_size(json_object_get(o, "settings")), 1);
	json_t *setting = json_array_get(json_object_get(o, "settings"), 0);
	assert_string_equal(word(setting, "name"), "Power saver");
	assert_null(json_object_get(setting, "kind"));
	assert_int_equal(json_array_size(json_object_get(o, "trays")), 3);
	json_t *tray = json_array_get(json_object_get(o, "trays"), 0);
	assert_string_equal(word(tray, "index"), "1.1");
	assert_string_equal(word(tray, "type"), "sheet_feed_auto_removable");
	assert_string_equal(word(tray, "media"), "iso_a4_white");
	assert_string_equal(word(tray, "unit"), "sheets");
	assert_int_equal(number(tray, "level"), -3);
	assert_int_equal(number(tray, "max"), 520);
	json_t *status = json_object_get(tray, "status");
	assert_int_equal(json_array_size(status), 3);
	assert_string_equal(json_string_value(json_array_get(status, 0)), "active");
	assert_string_equal(json_string_value(json_array_get(status, 1)), "non_critical_alerts");
	assert_string_equal(json_string_value(json_array_get(status, 2)), "offline");
	json_t *bin = json_array_get(json_object_get(o, "bins"), 0);
	assert_string_equal(word(bin, "meaning"), "space_left");
	assert_string_equal(word(bin, "type"), "unremovable_bin");
	json_t *cover = json_array_get(json_object_get(o, "covers"), 0);
	status = json_object_get(cover, "status");
	assert_int_equal(json_array_size(status), 1);
	assert_string_equal(json_string_value(json_array_get(status, 0)), "closed");
	assert_null(json_object_get(cover, "level"));
	assert_null(json_object_get(cover, "type"));
	assert_true(json_is_array(json_object_get(o, "media_paths")));
	json_t *speed = json_object_get(o, "rated_speed");
	assert_int_equal(number(speed, "mono"), 35);
	assert_null(json_object_get(speed, "color"));
	json_t *fuser = json_array_get(json_object_get(o, "maintenance"), 0);
	assert_string_equal(word(fuser, "name"), "Fuser");
	assert_string_equal(word(fuser, "type"), "fuser");
	assert_string_equal(word(fuser, "unit"), "impressions");
	assert_int_equal(number(fuser, "life"), 160000);
	assert_int_equal(number(fuser, "life"), number(fuser, "used") + number(fuser, "left"));
	assert_null(json_object_get(fuser, "oid"));
	json_t *belt = json_array_get(json_object_get(o, "maintenance"), 1);
	assert_true(json_real_value(json_object_get(belt, "percent")) == 42.57);
	assert_string_equal(word(belt, "oid"), "1.3.6.1.4.1.641.6.4.4.1.1.20.1");
	static const char *const absent[] = {"life", "used", "left", "unit", "type", "colorant"};
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		assert_null(json_object_get(belt, absent[i]));
	reading_close(&r);
}

static void test_media_path_has_a_speed(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	struct subunit *s = reading_add_subunit(&r);
	assert_non_null(s);
	s->kind = SUBUNIT_PATH;
	s->type = 5;
	s->unit = 8;
	s->has_max = true;
	s->max = 2100;
	assert_int_equal(put_json(&out, NULL, &r, 1u << GROUP_MEDIA), 0);
	json_t *o = parsed();
	json_t *path = json_array_get(json_object_get(o, "media_paths"), 0);
	assert_string_equal(word(path, "type"), "simplex");
	assert_string_equal(word(path, "unit"), "sheets_per_hour");
	assert_int_equal(number(path, "max"), 2100);
	assert_null(json_object_get(path, "status"));
	assert_int_equal(json_object_size(json_object_get(o, "rated_speed")), 0);
	assert_null(json_object_get(o, "options"));
	assert_null(json_object_get(o, "maintenance"));
	reading_close(&r);
}

static json_t *identity_of(const struct reading *r)
{
	buf_clear(&out);
	assert_int_equal(put_json(&out, NULL, r, ALL_GROUPS), 0);
	return json_object_get(parsed(), "identity");
}

static void test_identity_and_confidence(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	/* Nothing is known. */
	json_t *id = identity_of(&r);
	assert_string_equal(word(id, "why"), "no_response");
	assert_true(json_real_value(json_object_get(id, "confidence")) == 0.0);
	assert_string_equal(word(id, "vendor"), "");
	assert_string_equal(word(id, "serial"), "");
	/* An identity of before it said why. */
	r.identity.is_printer = true;
	id = identity_of(&r);
	assert_null(json_object_get(id, "why"));
	assert_null(json_object_get(id, "confidence"));
	r.identity.why = WHY_VENDOR;
	r.identity.confidence = 95;
	r.identity.device_id = TEXT("MFG:Zebra;");
	id = identity_of(&r);
	assert_string_equal(word(id, "why"), "known_vendor");
	assert_true(json_real_value(json_object_get(id, "confidence")) == 0.95);
	assert_string_equal(word(id, "device_id"), "MFG:Zebra;");
	static const char *const modes[] = {"null", "false", "true"};
	for (uint8_t mode = 0; mode < 3; mode++) {
		char wanted[32];
		(void)snprintf(wanted, sizeof wanted, "\"service_mode\":%s,", modes[mode]);
		r.state.service_mode = mode;
		r.state.all_events = 1;
		(void)identity_of(&r);
		assert_int_equal(buf_put(&out, "", 1), 0);
		assert_non_null(strstr((char *)out.data, wanted));
	}
	reading_close(&r);
}

static void test_percent_requires_a_known_maximum(void **state)
{
	(void)state;
	static const int32_t levels[] = {-3, -2, -1, 50, 50, 120};
	static const int32_t maxima[] = {100, 100, 100, -2, 100, 100};
	static const char *const kinds[] = {
		"some", "unknown", "unlimited", "units", "percent", "units"};
	struct reading r;
	reading_open(&r, &blocks);
	for (int i = 0; i < 6; i++) {
		struct supply *s = reading_add_supply(&r);
		assert_non_null(s);
		s->has_level = s->has_max = true;
		s->level = levels[i];
		s->max = maxima[i];
		s->unit = 7;
		supply_set_level_kind(s);
	}
	assert_int_equal(put_json(&out, NULL, &r, 1u << GROUP_SUPPLIES), 0);
	json_t *o = parsed();
	assert_null(json_object_get(o, "identity"));
	assert_null(json_object_get(o, "trays"));
	for (size_t i = 0; i < 6; i++) {
		json_t *s = json_array_get(json_object_get(o, "supplies"), i);
		json_t *level = json_object_get(s, "level");
		assert_string_equal(word(level, "kind"), kinds[i]);
		assert_int_equal(number(level, "value"), levels[i]);
		assert_int_equal(number(level, "max"), maxima[i]);
		assert_int_equal(json_object_get(level, "percent") != NULL, i == 4);
	}
	reading_close(&r);
}

static const struct record_head a_record = {.seq = 8,
	.read_at_ms = 1795352800123,
	.policy_id = 2,
	.age_ms = 17,
	.is_full = true,
	.address = {"192.0.2.9", 9},
	.device_key = {"serial:xerox/X1", 15}};

/* Three records, one after the other. */
static void make_body(struct buf *body)
{
	buf_open(body, LIMIT_BATCH_RAW);
	for (uint64_t i = 0; i < 3; i++) {
		struct reading r;
		struct record_head head = a_record;
		head.seq += i;
		reading_open(&r, &blocks);
		reading_make_printer(&r, i, 1, head.read_at_ms);
		assert_int_equal(record_pack(body, &head, &r, ALL_GROUPS), 0);
		reading_close(&r);
	}
}

static void test_records_of_a_batch_body(void **state)
{
	(void)state;
	struct buf body;
	make_body(&body);
	assert_int_equal(json_kind(body.data, body.len), JSON_KIND_RECORDS);
	assert_int_equal(put_records(body.data, body.len), 0);
	json_t *records = json_object_get(parsed(), "records");
	assert_int_equal(json_array_size(records), 3);
	json_t *third = json_array_get(records, 2);
	assert_int_equal(number(third, "seq"), 10);
	assert_int_equal(number(third, "policy"), 2);
	assert_int_equal(number(third, "age_ms"), 17);
	assert_string_equal(word(third, "address"), "192.0.2.9");
	assert_string_equal(word(third, "device_key"), "serial:xerox/X1");
	assert_string_equal(word(third, "read_at"), "2026-11-22T13:06:40.123Z");
	/* A cut body gives what came before the damage, and says where it is. */
	buf_clear(&out);
	assert_int_equal(put_records(body.data, body.len - 1), ERR_SHORT);
	json_t *o = parsed();
	assert_int_equal(json_array_size(json_object_get(o, "records")), 2);
	assert_string_equal(word(json_object_get(o, "error"), "reason"), "truncated");
	assert_in_range(number(json_object_get(o, "error"), "offset"), 1, body.len);
	buf_close(&body);
}

static void test_batch_and_receipt(void **state)
{
	(void)state;
	struct buf body;
	make_body(&body);
	static const uint8_t key[44] = {0x30, 0x2a};
	struct envelope e = {.alg = 1, .key_id = {0xab}, .signature = key, .signature_len = 44};
	struct batch_head h = {.epoch = 15,
		.first = 8,
		.last = 10,
		.count = 3,
		.software = TEXT("platen/0.1.0"),
		.polls_failed = 6,
		.public_key = key,
		.public_key_len = 44};
	struct writer w;
	writer_open(&w, &out);
	assert_int_equal(json_batch(&w, &e, &h, body.data, body.len, &blocks), 0);
	assert_int_equal(writer_close(&w), 0);
	json_t *o = parsed();
	assert_string_equal(word(json_object_get(o, "batch"), "alg"), "ed25519");
	assert_string_equal(word(json_object_get(o, "batch"), "key_id"), "ab00000000000000");
	assert_string_equal(word(json_object_get(o, "head"), "epoch"), "000000000000000f");
	assert_string_equal(word(json_object_get(o, "head"), "body_encoding"), "raw");
	assert_int_equal(number(json_object_get(json_object_get(o, "head"), "polls"), "failed"), 6);
	assert_int_equal(json_array_size(json_object_get(o, "records")), 3);
	buf_close(&body);

	static const struct receipt_rejected rejected = {9, {"malformed", 9}};
	static const struct text want = {"mac:1", 5};
	struct receipt r = {.epoch = 15,
		.last = 10,
		.stored = 2,
		.duplicates = 1,
		.public_key = key,
		.public_key_len = 44,
		.rejected = &rejected,
		.rejected_count = 1,
		.want_full = &want,
		.want_full_count = 1};
	uint8_t mem[512];
	struct buf packed;
	buf_over(&packed, mem, sizeof mem);
	assert_int_equal(receipt_pack(&packed, &r), 0);
	assert_int_equal(receipt_unpack(&r, packed.data, packed.len), 0);
	buf_clear(&out);
	e.alg = 2;
	writer_open(&w, &out);
	json_receipt(&w, &e, &r);
	assert_int_equal(writer_close(&w), 0);
	o = json_object_get(parsed(), "receipt");
	assert_string_equal(word(o, "alg"), "ecdsa-p256");
	assert_int_equal(number(o, "last"), 10);
	json_t *item = json_array_get(json_object_get(o, "rejected"), 0);
	assert_int_equal(number(item, "seq"), 9);
	assert_string_equal(word(item, "reason"), "malformed");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(o, "want_full"), 0)), "mac:1");
}

static void test_kinds_and_full_buffer(void **state)
{
	(void)state;
	assert_int_equal(
		json_kind((const uint8_t *)"\x96\x01\x01\x01\x01\x01\x01", 7), JSON_KIND_BATCH);
	assert_int_equal(
		json_kind((const uint8_t *)"\x95\x01\x01\x01\x01\x01", 6), JSON_KIND_RECEIPT);
	assert_int_equal(json_kind((const uint8_t *)"\x94\x01\x01\x01\x01", 5), ERR_FORMAT);
	assert_int_equal(json_kind((const uint8_t *)"{", 1), ERR_FORMAT);
	assert_int_equal(json_kind(NULL, 0), ERR_FORMAT);
	struct reading r;
	reading_open(&r, &blocks);
	reading_make_printer(&r, 1, 1, 1795352800123);
	uint8_t mem[100] = "x";
	struct buf small;
	buf_over(&small, mem, sizeof mem);
	small.len = 1;
	assert_int_equal(put_json(&small, NULL, &r, ALL_GROUPS), ERR_FULL);
	assert_int_equal(small.len, 1);
	reading_close(&r);
}

static void test_every_smaller_buffer_is_full(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	reading_make_printer(&r, 1, 1, 1795352800123);
	assert_int_equal(put_json(&out, &a_record, &r, ALL_GROUPS), 0);
	size_t whole = out.len;
	assert_true(whole > 1000);
	struct buf small;
	for (size_t n = 0; n < whole; n++) {
		buf_over(&small, out.data, n);
		assert_int_equal(put_json(&small, &a_record, &r, ALL_GROUPS), ERR_FULL);
		assert_int_equal(small.len, 0);
	}
	buf_over(&small, out.data, whole);
	assert_int_equal(put_json(&small, &a_record, &r, ALL_GROUPS), 0);
	reading_close(&r);
}

static void test_ipp_reading_names_its_source(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	r.sources = SOURCE_IPP;
	struct meter *m = reading_add_meter(&r);
	m->source = TEXT("ipp:printer-impressions-completed");
	assert_int_equal(put_json(&out, NULL, &r, ALL_GROUPS), 0);
	json_t *o = parsed();
	json_t *first = json_array_get(json_object_get(o, "meters"), 0);
	assert_string_equal(word(first, "attribute"), "ipp:printer-impressions-completed");
	assert_null(json_object_get(first, "oid"));
	json_t *sources = json_object_get(o, "sources");
	assert_int_equal(json_array_size(sources), 1);
	assert_string_equal(json_string_value(json_array_get(sources, 0)), "ipp");
	/* By both: a group that only one gave says so, and so does a supply. */
	r.sources |= SOURCE_SNMP;
	r.group[GROUP_ALERTS].sources = SOURCE_SNMP;
	struct supply *s = reading_add_supply(&r);
	assert_non_null(s);
	s->source = SOURCE_IPP;
	buf_clear(&out);
	assert_int_equal(put_json(&out, NULL, &r, ALL_GROUPS), 0);
	o = parsed();
	assert_int_equal(json_array_size(json_object_get(o, "sources")), 2);
	json_t *groups = json_object_get(o, "groups");
	assert_null(json_object_get(json_array_get(groups, GROUP_METERS), "sources"));
	sources = json_object_get(json_array_get(groups, GROUP_ALERTS), "sources");
	assert_int_equal(json_array_size(sources), 1);
	assert_string_equal(json_string_value(json_array_get(sources, 0)), "snmp");
	assert_string_equal(
		word(json_array_get(json_object_get(o, "supplies"), 0), "source"), "ipp");
	reading_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_document_has_its_documented_shape, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parts_of_a_device, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_media_path_has_a_speed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_identity_and_confidence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_percent_requires_a_known_maximum, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_ipp_reading_names_its_source, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_records_of_a_batch_body, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_batch_and_receipt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kinds_and_full_buffer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_every_smaller_buffer_is_full, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
