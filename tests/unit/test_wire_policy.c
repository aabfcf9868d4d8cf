/* SPDX-License-Identifier: Apache-2.0
 * The list of what leaves, policies by its names, and the gate: nothing that a policy leaves out
 * is in a record, everything else is unchanged, and a record of another policy is filtered. */
#include "proto/wire/pack.h"
#include "proto/wire/policy.h"
#include "tests/kit/record_check.h"
#include "tests/kit/same_reading.h"
#include "tests/unit/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t room[LIMIT_RECORD + 16], room2[LIMIT_RECORD + 16];

static struct text in_arena(struct reading *r, const char *text)
{
	return reading_text(r, (const uint8_t *)text, strlen(text), LIMIT_TEXT);
}

/* Every group has something in it. */
static void fill(struct reading *r)
{
	reading_open(r, &blocks);
	r->sources = SOURCE_SNMP;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r->group[g] = (struct group_info){GROUP_COMPLETE, SOURCE_SNMP, 1000, 2000, 0};
	r->identity.is_printer = true;
	r->identity.vendor = in_arena(r, "Acme");
	r->identity.serial = in_arena(r, "SER123");
	r->identity.name = in_arena(r, "prn-of-bob");
	r->identity.location = in_arena(r, "Room 5 of bob, fax 089 55504711");
	r->identity.contact = in_arena(r, "bob@example.com, +49 89 55504711");
	r->identity.asset = in_arena(r, "A-17 of bob");
	r->identity.mac = in_arena(r, "02:00:00:00:00:07");
	reading_add_firmware(r)->version = in_arena(r, "1.2.3");
	struct meter *m = reading_add_meter(r);
	m->value = 4711;
	m->name = METER_VENDOR;
	m->label = in_arena(r, "Secret counter");
	m->source = in_arena(r, "1.3.6.1.4.1.9999.1");
	struct supply *s = reading_add_supply(r);
	s->has_level = true;
	s->level = 55;
	s->description = in_arena(r, "Black toner");
	reading_add_alert(r)->description = in_arena(r, "Scan to bob@example.com failed");
	r->state.console = in_arena(r, "Printing for user: bob");
	reading_add_option(r)->name = in_arena(r, "Duplex");
	reading_add_subunit(r)->name = in_arena(r, "Tray 1");
	r->pages_per_minute = 40;
	struct maintenance *part = reading_add_maintenance(r);
	part->life = part->left = 7;
	part->used = part->percent_x100 = -1;
	part->name = in_arena(r, "Fuser");
}

static size_t pack(struct buf *b, uint8_t bytes[LIMIT_RECORD + 16], const struct reading *r)
{
	static const struct record_head head = {.seq = 7,
		.read_at_ms = 3000,
		.policy_id = 1,
		.is_full = true,
		.address = {"192.0.2.17", 10},
		.device_key = {"serial:acme/SER123", 18}};
	unsigned mask = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		mask |= r->group[g].status == GROUP_NOT_REQUESTED ? 0 : 1u << g;
	buf_over(b, bytes, LIMIT_RECORD + 16);
	assert_int_equal(record_pack(b, &head, r, mask), 0);
	assert_int_equal(record_check(b->data, b->len), b->len);
	return b->len;
}

static bool holds(const struct buf *b, const char *text)
{
	return memmem(b->data, b->len, text, strlen(text)) != NULL;
}

static void test_default_policy_takes_personal_data_only(void **state)
{
	(void)state;
	struct reading r;
	struct policy p;
	struct buf b;
	policy_open(&p);
	policy_close(&p);
	fill(&r);
	policy_apply(&p, &r);
	(void)pack(&b, room, &r);
	assert_true(holds(&b, "Scan to [email] failed"));
	assert_true(holds(&b, "Printing for user: [user]"));
	assert_true(holds(&b, "Secret counter") && holds(&b, "SER123") && holds(&b, "Fuser"));
	assert_false(holds(&b, "bob"));
	reading_close(&r);
}

/* One opt-in sends one field; a location loses what is personal, a contact is a person. */
static void test_opt_in_sends_its_field_alone(void **state)
{
	(void)state;
	static const struct {
		unsigned optional;
		const char *name, *sent;
	} rows[] = {{OPTIONAL_NAME, "identity.name", "prn-of-bob"},
		{OPTIONAL_LOCATION, "identity.location", "Room 5 of bob, fax [phone]"},
		{OPTIONAL_CONTACT, "identity.contact", "bob@example.com, +49 89 55504711"},
		{OPTIONAL_ASSET, "identity.asset", "A-17 of bob"}};
	enum { ROWS = sizeof rows / sizeof rows[0] };
	for (size_t i = 0; i < ROWS; i++) {
		struct reading r;
		struct policy p;
		struct buf b;
		policy_open(&p);
		policy_opt_in(&p, rows[i].optional);
		policy_close(&p);
		assert_int_equal(policy_optional(&p), rows[i].optional);
		fill(&r);
		policy_apply(&p, &r);
		(void)pack(&b, room, &r);
		for (size_t k = 0; k < ROWS; k++)
			assert_int_equal(holds(&b, rows[k].sent), k == i);
		reading_close(&r);
		/* The policy file and corporate mode leave it out all the same. */
		assert_int_equal(policy_leave_out(&p, text_of(rows[i].name)), 0);
		assert_int_equal(policy_optional(&p), 0);
		policy_opt_in(&p, rows[i].optional);
		policy_set_corporate(&p);
		assert_int_equal(policy_optional(&p), 0);
	}
}

/* Each class that is off is absent, and nothing else. */
static void test_class_that_is_off_is_absent(void **state)
{
	(void)state;
	static const struct {
		enum data_class class;
		unsigned groups;
	} off[] = {{DATA_METERS, 1u << GROUP_METERS},
		{DATA_SUPPLIES, 1u << GROUP_SUPPLIES | 1u << GROUP_MAINTENANCE},
		{DATA_DIAGNOSTICS, 1u << GROUP_ALERTS | 1u << GROUP_STATE | 1u << GROUP_OPTIONS |
					   1u << GROUP_MEDIA}};
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
		struct reading r;
		struct policy p;
		struct buf b;
		struct record_head head;
		struct record_span spans[GROUP_COUNT];
		policy_open(&p);
		policy_leave_out_class(&p, off[i].class);
		policy_close(&p);
		fill(&r);
		policy_apply(&p, &r);
		(void)pack(&b, room, &r);
		assert_int_equal(record_spans(&head, spans, b.data, b.len), b.len);
		for (unsigned g = 0; g < GROUP_COUNT; g++)
			assert_true((spans[g].len == 0) == (off[i].groups >> g & 1));
		reading_close(&r);
	}
}

/* A veto of each field of the list in turn: the record loses bytes if the field was in it, and a
 * second pass of the gate changes nothing. */
static void test_each_field_can_be_left_out(void **state)
{
	(void)state;
	static uint8_t room3[LIMIT_RECORD + 16];
	struct policy_field f;
	struct policy all;
	struct reading full;
	struct buf whole;
	unsigned vetoed = 0, shorter = 0;
	policy_open(&all);
	policy_close(&all);
	fill(&full);
	policy_apply(&all, &full);
	(void)pack(&whole, room3, &full);
	reading_close(&full);
	for (unsigned i = 0; policy_field_at(i, &f); i++) {
		struct policy p;
		struct reading r;
		struct buf b, again;
		char name[64];
		(void)snprintf(name, sizeof name, "%s.%s", f.part, f.name);
		policy_open(&p);
		int err = policy_leave_out(&p, text_of(name));
		assert_int_equal(err, f.leaves == LEAVES_ALWAYS ? ERR_FORBIDDEN : 0);
		if (err < 0)
			continue;
		policy_close(&p);
		assert_false(policy_admits(&p, f.part, f.name));
		fill(&r);
		policy_apply(&p, &r);
		(void)pack(&b, room, &r);
		assert_true(b.len <= whole.len);
		shorter += b.len < whole.len;
		policy_apply(&p, &r);
		(void)pack(&again, room2, &r);
		assert_int_equal(b.len, again.len);
		assert_memory_equal(b.data, again.data, b.len);
		vetoed++;
		reading_close(&r);
	}
	assert_true(vetoed > 80);
	assert_int_equal(shorter, 20); /* fields that fill sets */
}

static void test_left_out_fields_are_not_in_the_record(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text;
	} fields[] = {{"identity.serial", "SER123"}, {"identity.vendor", "Acme"},
		{"identity.firmware", "1.2.3"}, {"meters.label", "Secret counter"},
		{"supplies.description", "Black toner"}, {"alerts", "Scan to"},
		{"state.console", "Printing"}, {"maintenance.name", "Fuser"}};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct policy p;
		struct reading r;
		struct buf b, filtered;
		policy_open(&p);
		assert_int_equal(policy_leave_out(&p, text_of(fields[i].name)), 0);
		policy_close(&p);
		fill(&r);
		(void)pack(&b, room, &r);
		assert_true(holds(&b, fields[i].text) && holds(&b, "prn-of-bob"));
		reading_close(&r);
		buf_over(&filtered, room2, sizeof room2);
		assert_int_equal(policy_repack(&p, &filtered, b.data, b.len, &blocks), b.len);
		assert_int_equal(record_check(filtered.data, filtered.len), filtered.len);
		assert_false(holds(&filtered, fields[i].text));
		assert_false(holds(&filtered, "prn-of-bob"));
	}
}

/* Number, time and groups stay; the id is the new policy's, and a key of a vetoed field a digest.
 */
static void test_repacked_record_keeps_its_number(void **state)
{
	(void)state;
	struct policy p;
	struct reading r;
	struct buf b, filtered;
	struct record_head head;
	struct record_span spans[GROUP_COUNT];
	policy_open(&p);
	assert_int_equal(policy_leave_out(&p, TEXT("identity.serial")), 0);
	assert_int_equal(policy_leave_out(&p, TEXT("record.address")), 0);
	policy_close(&p);
	fill(&r);
	(void)pack(&b, room, &r);
	reading_close(&r);
	buf_over(&filtered, room2, sizeof room2);
	assert_int_equal(policy_repack(&p, &filtered, b.data, b.len, &blocks), b.len);
	assert_int_equal(record_spans(&head, spans, filtered.data, filtered.len), filtered.len);
	assert_true(head.seq == 7 && head.read_at_ms == 3000 && head.is_full);
	assert_int_equal(head.policy_id, p.id);
	assert_int_equal(head.address.len, 0);
	assert_true(text_starts_with(head.device_key, "id:"));
	assert_true(policy_repack(&p, &filtered, b.data, b.len - 1, &blocks) < 0);
}

static void test_corporate_mode_takes_the_host_out_of_texts(void **state)
{
	(void)state;
	struct policy p;
	struct reading r;
	char key[POLICY_KEY];
	policy_open(&p);
	policy_set_corporate(&p);
	policy_add_host(&p, TEXT("Build-Host"));
	policy_add_host(&p, TEXT("10.1.2.3"));
	policy_add_host(&p, TEXT("02:00:00:00:00:07"));
	policy_add_host(&p, TEXT("127.0.0.1"));
	policy_add_host(&p, TEXT("pc"));
	policy_close(&p);
	assert_int_equal(p.host_names, 3);
	fill(&r);
	r.alerts->description = in_arena(&r, "SMTP to build-host (10.1.2.3) failed");
	policy_apply(&p, &r);
	assert_true(text_is(r.alerts->description, "SMTP to [host] ([host]) failed"));
	assert_int_equal(r.identity.mac.len, 0);
	assert_true(text_is(r.identity.serial, "SER123"));
	reading_close(&r);
	assert_int_equal(policy_address(&p, TEXT("10.1.2.3")).len, 0);
	assert_int_equal(policy_address(&p, TEXT("10.1.2.4")).len, 8);
	assert_true(text_starts_with(policy_device_key(&p, TEXT("addr:10.1.2.3:161"), key), "id:"));
	assert_true(text_is(policy_device_key(&p, TEXT("serial:acme/1"), key), "serial:acme/1"));
}

static void test_address_of_an_unread_device_needs_both_fields(void **state)
{
	(void)state;
	static const char *const vetoed[] = {"coverage.address", "record.address"};
	struct policy p;
	policy_open(&p);
	policy_close(&p);
	assert_int_equal(policy_unread_address(&p, TEXT("10.1.2.4")).len, 8);
	for (unsigned i = 0; i < 2; i++) {
		policy_open(&p);
		assert_int_equal(policy_leave_out(&p, text_of(vetoed[i])), 0);
		policy_close(&p);
		assert_int_equal(policy_unread_address(&p, TEXT("10.1.2.4")).len, 0);
	}
}

static void test_id_follows_what_is_left_out(void **state)
{
	(void)state;
	struct policy a, b;
	policy_open(&a);
	policy_close(&a);
	policy_open(&b);
	policy_add_host(&b, TEXT("build-host"));
	policy_close(&b);
	assert_true(a.id == b.id && a.id > 1);
	policy_leave_out_class(&b, DATA_METERS);
	policy_close(&b);
	assert_true(a.id != b.id);
	uint32_t by_class = b.id;
	policy_open(&b);
	assert_int_equal(policy_leave_out(&b, TEXT("meters")), 0);
	policy_close(&b);
	assert_int_equal(b.id, by_class);
}

static void test_unknown_names_get_a_hint(void **state)
{
	(void)state;
	struct policy p;
	char near[64];
	policy_open(&p);
	assert_int_equal(policy_leave_out(&p, TEXT("alerts.descripton")), ERR_NAME);
	assert_string_equal(policy_nearest(TEXT("alerts.descripton"), near), "alerts.description");
	assert_null(policy_nearest(TEXT("zzz"), near));
	assert_int_equal(policy_leave_out(&p, TEXT("record.seq")), ERR_FORBIDDEN);
	assert_int_equal(policy_leave_out(&p, TEXT("record")), 0); /* the address of it */
}

/* The page ends with the list. To write it anew: platen preview --fields. */
static void test_what_leaves_md_is_current(void **state)
{
	(void)state;
	static char page[1u << 16];
	struct buf made;
	struct writer w;
	buf_open(&made, sizeof page);
	writer_open(&w, &made);
	policy_write_manual(&w);
	assert_int_equal(writer_close(&w), 0);
	FILE *in = fopen(PLATEN_SOURCE_DIR "/docs/what-leaves.md", "r");
	assert_non_null(in);
	size_t n = fread(page, 1, sizeof page, in);
	assert_int_equal(fclose(in), 0);
	assert_true(n > made.len);
	assert_memory_equal(page + n - made.len, made.data, made.len);
	buf_close(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_policy_takes_personal_data_only),
		cmocka_unit_test(test_opt_in_sends_its_field_alone),
		cmocka_unit_test(test_class_that_is_off_is_absent),
		cmocka_unit_test(test_each_field_can_be_left_out),
		cmocka_unit_test(test_left_out_fields_are_not_in_the_record),
		cmocka_unit_test(test_repacked_record_keeps_its_number),
		cmocka_unit_test(test_corporate_mode_takes_the_host_out_of_texts),
		cmocka_unit_test(test_address_of_an_unread_device_needs_both_fields),
		cmocka_unit_test(test_id_follows_what_is_left_out),
		cmocka_unit_test(test_unknown_names_get_a_hint),
		cmocka_unit_test(test_what_leaves_md_is_current),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
