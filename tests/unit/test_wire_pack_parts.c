/* SPDX-License-Identifier: Apache-2.0
 * The groups that a record did not always have: options, media, maintenance, and the fields that
 * came with them. An absent field stays absent, zero stays a value, values from outside are
 * bounded, and the largest printer that there can be fits one record. */
#include "proto/wire/pack.h"
#include "tests/kit/record_check.h"
#include "tests/unit/blocks.h"
#include "tests/kit/same_reading.h"

#include <stdio.h>
#include <string.h>

static uint8_t room[LIMIT_RECORD + 16];

static const struct record_head a_head = {.seq = 41,
	.read_at_ms = 1795352800123,
	.is_full = true,
	.device_key = {"serial:xerox/1", 14}};

/* Packs and reads back; the bytes that it took. */
static size_t there_and_back(const struct reading *in, struct reading *out, unsigned mask)
{
	struct buf b;
	struct record_head head;
	unsigned mask_out;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &a_head, in, mask), 0);
	assert_int_equal(record_check(b.data, b.len), b.len);
	assert_int_equal(record_unpack(&head, out, &mask_out, b.data, b.len), b.len);
	assert_int_equal(mask_out, mask);
	return b.len;
}

static void test_absent_differs_from_zero(void **state)
{
	(void)state;
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_open(&out, &blocks);
	for (int i = 0; i < 2; i++) {
		struct subunit *s = reading_add_subunit(&in);
		struct maintenance *m = reading_add_maintenance(&in);
		s->has_status = s->has_level = s->has_max = i == 1;
		m->life = m->used = m->left = m->percent_x100 = i == 1 ? 0 : -1;
	}
	(void)there_and_back(&in, &out, ALL_GROUPS);
	same_reading(&in, &out, ALL_GROUPS);
	assert_false(out.subunits->has_level);
	assert_true(out.subunits->next->has_level);
	assert_int_equal(out.maintenance->used, -1);
	assert_int_equal(out.maintenance->next->used, 0);
	/* Any negative number says the same. */
	in.maintenance->life = INT64_MIN;
	in.maintenance->percent_x100 = -77;
	reading_close(&out);
	(void)there_and_back(&in, &out, ALL_GROUPS);
	assert_true(out.maintenance->life == -1);
	assert_int_equal(out.maintenance->percent_x100, -1);
	reading_close(&in);
	reading_close(&out);
}

static void test_empty_group_is_small(void **state)
{
	(void)state;
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_open(&out, &blocks);
	size_t none = there_and_back(&in, &out, 0);
	for (unsigned g = GROUP_OPTIONS; g < GROUP_COUNT; g++) {
		in.group[g].status = GROUP_COMPLETE;
		reading_close(&out);
		/* Its number, an empty map, status and its number. */
		assert_int_equal(there_and_back(&in, &out, 1u << g), none + 4);
	}
	reading_close(&in);
	reading_close(&out);
}

static void test_each_group_has_its_sources(void **state)
{
	(void)state;
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_open(&out, &blocks);
	assert_int_equal(reading_group_sources(&in, &in.group[0]), SOURCE_SNMP);
	size_t snmp = there_and_back(&in, &out, 1u << GROUP_STATE);
	assert_int_equal(out.sources, SOURCE_SNMP);
	uint64_t digest = record_group_digest(&in, GROUP_STATE);
	in.sources = SOURCE_SNMP;
	assert_true(record_group_digest(&in, GROUP_STATE) == digest);
	/* A reading by IPP alone: each of its groups is. */
	in.sources = SOURCE_IPP;
	reading_close(&out);
	assert_int_equal(there_and_back(&in, &out, 1u << GROUP_STATE), snmp + 2);
	assert_int_equal(out.sources, SOURCE_IPP);
	assert_true(record_group_digest(&in, GROUP_STATE) != digest);
	/* Both: a group that only one answered says so, and its digest does not follow the other.
	 */
	in.sources = SOURCE_SNMP | SOURCE_IPP;
	in.group[GROUP_STATE].sources = SOURCE_SNMP;
	assert_true(record_group_digest(&in, GROUP_STATE) == digest);
	reading_close(&out);
	(void)there_and_back(&in, &out, ALL_GROUPS);
	assert_int_equal(out.sources, SOURCE_SNMP | SOURCE_IPP);
	assert_int_equal(out.group[GROUP_STATE].sources, SOURCE_SNMP);
	assert_int_equal(out.group[GROUP_METERS].sources, SOURCE_SNMP | SOURCE_IPP);
	reading_close(&in);
	reading_close(&out);
}

/* {1:1, 2:2, 6:"k", GROUP:{...}}. */
static int take(struct reading *r, unsigned group, const uint8_t *map, size_t n)
{
	uint8_t bytes[256] = {0x84, 1, 1, 2, 2, 6, 0xa1, 'k', (uint8_t)(10 + group)};
	struct record_head head;
	unsigned mask;
	memcpy(bytes + 9, map, n);
	int checked = record_check(bytes, 9 + n);
	int taken = record_unpack(&head, r, &mask, bytes, 9 + n);
	assert_int_equal(checked, taken);
	return taken == (int)(9 + n) ? 0 : taken;
}
#define TAKE(r, group, ...)                                                                        \
	take(r, group, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void test_foreign_values_are_bounded(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	/* An option and a subunit of a kind that we do not know are left out, the rest is there. */
	assert_int_equal(TAKE(&r, GROUP_OPTIONS, 0x82, 1, 1, 10, 0x92, 0x82, 1, 7, 4, 0xa1, 'x',
				 0x83, 1, 6, 4, 0xa1, 'y', 60, 0xc0),
		0);
	assert_int_equal(r.option_count, 1);
	assert_int_equal(r.options->kind, OPTION_SETTING);
	assert_int_equal(r.group[GROUP_OPTIONS].status, GROUP_PARTIAL);
	assert_int_equal(TAKE(&r, GROUP_MEDIA, 0x83, 1, 1, 12, 30, 10, 0x92, 0x81, 1, 4, 0x80), 0);
	assert_int_equal(r.subunit_count, 1);
	assert_int_equal(r.pages_per_minute, 0);
	assert_int_equal(r.pages_per_minute_color, 30);
	assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_PARTIAL);
	assert_int_equal(TAKE(&r, GROUP_MAINTENANCE, 0x82, 1, 1, 10, 0x91, 0x80), 0);
	assert_int_equal(r.maintenance->left, -1);
	assert_int_equal(r.group[GROUP_MAINTENANCE].status, GROUP_COMPLETE);
	/* More confident than certain; a mode of service and a source of tomorrow. */
	assert_int_equal(TAKE(&r, GROUP_IDENTITY, 0x82, 20, 99, 21, 0xcc, 200), 0);
	assert_int_equal(r.identity.confidence, 100);
	assert_string_equal(identity_why_name((enum identity_why)r.identity.why), "unknown");
	assert_int_equal(TAKE(&r, GROUP_STATE, 0x82, 4, 8, 16, 3), 0);
	assert_int_equal(r.state.service_mode, 0);
	assert_int_equal(r.group[GROUP_STATE].sources, SOURCE_SNMP);
	assert_int_equal(TAKE(&r, GROUP_SUPPLIES, 0x81, 10, 0x91, 0x81, 14, 9), 0);
	assert_int_equal(r.supplies->source, 0);
	reading_close(&r);
}

static void test_invalid_groups_are_refused(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	/* rows that are no array, a row that is no map, a field twice */
	assert_int_equal(TAKE(&r, GROUP_OPTIONS, 0x81, 10, 0x80), ERR_TYPE);
	assert_int_equal(TAKE(&r, GROUP_MEDIA, 0x81, 10, 0x91, 1), ERR_TYPE);
	assert_int_equal(TAKE(&r, GROUP_MEDIA, 0x81, 10, 0x91, 0x82, 1, 0, 1, 0), ERR_FORMAT);
	/* an amount below zero and one beyond 2^63, a speed beyond 16 bits */
	assert_int_equal(TAKE(&r, GROUP_MAINTENANCE, 0x81, 10, 0x91, 0x81, 5, 0xff), ERR_RANGE);
	assert_int_equal(TAKE(&r, GROUP_MAINTENANCE, 0x81, 10, 0x91, 0x81, 6, 0xcf, 0x80, 0, 0, 0,
				 0, 0, 0, 0),
		ERR_RANGE);
	assert_int_equal(TAKE(&r, GROUP_MAINTENANCE, 0x81, 10, 0x91, 0x81, 8, 0xce, 0x80, 0, 0, 0),
		ERR_RANGE);
	assert_int_equal(TAKE(&r, GROUP_MEDIA, 0x81, 11, 0xce, 0, 1, 0, 0), ERR_RANGE);
	/* more rows than a table has */
	uint8_t many[8 + LIMIT_OPTIONS + 1] = {0x81, 10, 0xdc, 0, LIMIT_OPTIONS + 1};
	memset(many + 5, 0x80, LIMIT_OPTIONS + 1);
	assert_int_equal(take(&r, GROUP_OPTIONS, many, 5 + LIMIT_OPTIONS + 1), ERR_LIMIT);
	reading_close(&r);
}

/* ---- how large a record gets ---- */

static struct text of_length(struct reading *r, size_t n)
{
	static const char letters[] = "Description of a part in the words of its printer, as long "
				      "as they ever are";
	assert_true(n < sizeof letters);
	struct text t = reading_text(r, (const uint8_t *)letters, n, LIMIT_TEXT);
	assert_non_null(t.p);
	return t;
}

static void fill_device_tables(struct reading *r)
{
	struct meter *m;
	struct supply *s;
	struct alert *a;
	while ((m = reading_add_meter(r)) != NULL) {
		*m = (struct meter){.name = METER_VENDOR, .unit = 7, .value = 1u << 30};
		m->label = of_length(r, 18);
		m->source = TEXT("1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1");
	}
	while ((s = reading_add_supply(r)) != NULL) {
		s->device = s->index = 200;
		s->type = s->supply_class = s->unit = 3;
		s->has_level = s->has_max = true;
		s->level = s->max = 1 << 20;
		s->colorant = TEXT("magenta");
		s->description = of_length(r, 32);
		s->part = of_length(r, 9);
	}
	while ((a = reading_add_alert(r)) != NULL) {
		a->device = a->index = 2000;
		a->severity = a->training = a->group = a->group_index = 4;
		a->location = a->code = 1 << 20;
		a->description = of_length(r, 50);
	}
}

static void fill_part_tables(struct reading *r)
{
	struct option *o;
	struct subunit *u;
	struct maintenance *p;
	while ((o = reading_add_option(r)) != NULL) {
		o->kind = OPTION_SETTING;
		o->device = o->index = 2000;
		o->name = of_length(r, 16);
		o->value = of_length(r, 10);
	}
	while ((u = reading_add_subunit(r)) != NULL) {
		u->has_status = u->has_level = u->has_max = true;
		u->status = u->level = u->max = u->unit = 100;
		u->device = u->index = 200;
		u->name = of_length(r, 12);
		u->description = of_length(r, 20);
		u->media = of_length(r, 12);
	}
	while ((p = reading_add_maintenance(r)) != NULL) {
		p->type = p->unit = 7;
		p->life = p->used = p->left = 1 << 30;
		p->name = of_length(r, 24);
		p->installed = of_length(r, 10);
		p->source = TEXT("1.3.6.1.4.1.641.6.4.4.1.1.20.1");
	}
}

/* Every row of every table, and texts as printers have them: it fits the arena and one record. */
static void test_largest_printer_fits_a_record(void **state)
{
	(void)state;
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_open(&out, &blocks);
	in.identity.sys_descr = in.identity.device_id = of_length(&in, 70);
	fill_device_tables(&in);
	fill_part_tables(&in);
	assert_false(in.arena.is_full);
	assert_int_equal(in.meter_count, LIMIT_METERS);
	assert_int_equal(in.maintenance_count, LIMIT_MAINTENANCE);
	size_t n = there_and_back(&in, &out, ALL_GROUPS);
	print_message("[   BYTES  ] %zu of %u\n", n, LIMIT_RECORD);
	assert_in_range(n, LIMIT_RECORD / 3, LIMIT_RECORD * 3 / 4);
	same_reading(&in, &out, ALL_GROUPS);
	reading_close(&in);
	reading_close(&out);
}

static void test_names_of_a_subunit_status(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *words;
	} cases[] = {{0, "idle"}, {1, "unavailable_on_request"}, {2, "standby"},
		{3, "unavailable_broken"}, {4, "active"}, {5, "unknown"}, {6, "busy"},
		{7, "unknown"}, {8, "idle,non_critical_alerts"},
		{16 + 32, "idle,critical_alerts,offline"},
		{6 + 8 + 16 + 32 + 64,
			"busy,non_critical_alerts,critical_alerts,offline,transitioning"},
		{127, "unknown"}, {128, "unknown"}, {-1, "unknown"}, {INT32_MAX, "unknown"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *words[SUBUNIT_STATUS_WORDS];
		char all[128] = "";
		size_t n = subunit_status_words(cases[i].status, words);
		assert_in_range(n, 1, SUBUNIT_STATUS_WORDS);
		for (size_t k = 0; k < n; k++) {
			size_t len = strlen(all);
			(void)snprintf(
				all + len, sizeof all - len, "%s%s", k > 0 ? "," : "", words[k]);
		}
		assert_string_equal(all, cases[i].words);
	}
}

/* Where a value was read is the same bytes whether it is kept as it came or as text, and text again
 * when it is read back; what is told by attribute stays text. */
static void test_source_is_an_oid_or_text(void **state)
{
	static const uint8_t total[] = {0x2b, 6, 1, 4, 1, 0x81, 0x7d, 8, 0x35, 0x0d, 2, 1, 6, 1, 20,
		0x8f, 0xff, 0xff, 0xff, 0x7f};
	static const char dotted[] = "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.4294967295";
	(void)state;
	struct reading in, out;
	struct buf b;
	char text[READING_SOURCE];
	uint8_t first[512];
	size_t len[2];
	for (int is_text = 0; is_text < 2; is_text++) {
		reading_open(&in, &blocks);
		struct meter *m = reading_add_meter(&in), *other = reading_add_meter(&in);
		struct maintenance *p = reading_add_maintenance(&in);
		p->life = p->used = p->left = p->percent_x100 = -1;
		other->source = TEXT("ipp:printer-impressions-completed");
		if (is_text) {
			m->source = p->source = TEXT(dotted);
		} else {
			m->object = p->object = (struct oid_ber){total, sizeof total};
		}
		assert_true(text_is(reading_source(m->object, m->source, text), dotted));
		assert_true(text_is(reading_source(other->object, other->source, text),
			"ipp:printer-impressions-completed"));
		buf_over(&b, room, sizeof room);
		assert_int_equal(record_pack(&b, &a_head, &in, ALL_GROUPS), 0);
		len[is_text] = b.len;
		if (!is_text)
			memcpy(first, b.data, b.len < sizeof first ? b.len : sizeof first);
		reading_close(&in);
	}
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(first, b.data, len[0]);
	struct record_head head;
	unsigned mask;
	reading_open(&out, &blocks);
	assert_int_equal(record_unpack(&head, &out, &mask, b.data, b.len), b.len);
	assert_true(text_is(out.meters->source, dotted));
	assert_true(text_is(out.maintenance->source, dotted));
	assert_true(text_is(out.meters->next->source, "ipp:printer-impressions-completed"));
	reading_close(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent_differs_from_zero),
		cmocka_unit_test(test_empty_group_is_small),
		cmocka_unit_test(test_each_group_has_its_sources),
		cmocka_unit_test(test_foreign_values_are_bounded),
		cmocka_unit_test(test_invalid_groups_are_refused),
		cmocka_unit_test(test_largest_printer_fits_a_record),
		cmocka_unit_test(test_names_of_a_subunit_status),
		cmocka_unit_test(test_source_is_an_oid_or_text),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
