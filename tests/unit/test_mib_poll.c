/* SPDX-License-Identifier: Apache-2.0
 * Polls of a printer that is a table in memory, without a socket: the OIDs match their names, every
 * value reaches its field, and polls of a printer without GETBULK, with tooBig, with a loop or with
 * timeouts end with the right status after a bounded number of requests. */
#include "tests/kit/mib_printer.h"

static const char *const colors[] = {"black", "Cyan", "magenta", "yellow"};

static void add_supplies(struct printer *p, unsigned rows)
{
	for (unsigned c = 3; c <= 9; c++) {
		for (unsigned i = 1; i <= rows; i++) {
			char row[16], text[64];
			(void)snprintf(row, sizeof row, "1.%u", i);
			(void)snprintf(text, sizeof text, "Toner %u, PN 006R0%u;SN48%u", i,
				1500 + i, 1000 + i);
			int64_t v = c == 3   ? (i - 1) % 4 + 1
				    : c == 4 ? 3
				    : c == 5 ? 3
				    : c == 7 ? 7
				    : c == 8 ? 26000
					     : (int64_t)i * 1000;
			printer_add_row(
				p, SUPPLIES, c, row, c == 6 ? BER_OCTETS : BER_INTEGER, text, v);
		}
	}
}

static void make_xerox(struct printer *p, unsigned supplies, unsigned counters)
{
	memset(p, 0, sizeof *p);
	printer_add(
		p, "1.3.6.1.2.1.1.1.0", BER_OCTETS, "Xerox AltaLink C8135; SS 103.1.2, NC 9.8", 0);
	printer_add(p, "1.3.6.1.2.1.1.2.0", BER_OID, "1.3.6.1.4.1.253.8.62.1.39.1", 0);
	printer_add(p, "1.3.6.1.2.1.1.3.0", BER_TIMETICKS, NULL, 4711);
	printer_add(p, "1.3.6.1.2.1.2.2.1.6.1", BER_OCTETS, "", 0);
	printer_add(p, "1.3.6.1.2.1.2.2.1.6.2", BER_OCTETS, "\x1a\x2b\x3c\x4d\x5e\x6f", 0);
	static const char *const types[] = {"1.3.6.1.2.1.25.3.1.5", "1.3.6.1.4.1.253.8.52.2.101",
		"1.3.6.1.4.1.253.8.52.2.103", "1.3.6.1.4.1.253.8.52.2.102"};
	static const char *const rows[] = {"1", "2", "11", "12"};
	for (int i = 0; i < 4; i++)
		printer_add_row(p, HR_DEVICE, 2, rows[i], BER_OID, types[i], 0);
	for (int i = 0; i < 4; i++)
		printer_add_row(p, HR_DEVICE, 3, rows[i], BER_OCTETS,
			i == 0 ? "Xerox AltaLink C8135" : "part", 0);
	for (int i = 0; i < 4; i++)
		printer_add_row(p, HR_DEVICE, 5, rows[i], BER_INTEGER, NULL, i == 0 ? 3 : 2);
	printer_add(p, "1.3.6.1.2.1.25.3.5.1.1.1", BER_INTEGER, NULL, 4);
	printer_add(p, "1.3.6.1.2.1.25.3.5.1.2.1", BER_OCTETS, " ", 0);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, " 3WX100001 ", 0);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.18.1", BER_COUNTER32, NULL, 12);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.19.1", BER_COUNTER32, NULL, 34);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.3.1.1", BER_INTEGER, NULL, 7);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, NULL, 178481);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.5.1.1", BER_COUNTER32, NULL, 81);
	add_supplies(p, supplies);
	for (int i = 0; i < 4; i++) {
		char row[16];
		(void)snprintf(row, sizeof row, "1.%d", i + 1);
		printer_add_row(p, "1.3.6.1.2.1.43.12.1.1", 4, row, BER_OCTETS, colors[i], 0);
	}
	static const int64_t alert[] = {5, 4, 11, 1, 956800, 1104};
	for (unsigned c = 2; c <= 9; c++) {
		if (c < 8)
			printer_add_row(p, ALERT, c, "1.46", BER_INTEGER, NULL, alert[c - 2]);
		else if (c == 8)
			printer_add_row(
				p, ALERT, c, "1.46", BER_OCTETS, "The black toner is low", 0);
		else
			printer_add_row(p, ALERT, c, "1.46", BER_TIMETICKS, NULL, 4000);
	}
	for (unsigned c = 6; c <= 8; c += 2) {
		for (unsigned i = 1; i <= counters; i++) {
			char row[24], text[32];
			(void)snprintf(row, sizeof row, "1.20.%u", i);
			(void)snprintf(text, sizeof text, "Counter %u", i);
			printer_add_row(
				p, XEROX, c, row, c == 8 ? BER_OCTETS : BER_INTEGER, text, 100 + i);
		}
		printer_add_row(p, XEROX, c, "11.20.3", c == 8 ? BER_OCTETS : BER_INTEGER,
			"Black Copied", 77);
	}
	printer_add(p, "1.3.6.1.4.1.253.8.59.1.1", BER_OCTETS, "job of user@example.org", 0);
}

/* ---- tests ------------------------------------------------------------------------------ */

#define PRT "1.3.6.1.2.1.43"

static void test_oid_tables_match_dotted_form(void **state)
{
	(void)state;
	static const char *const dotted[COLUMN_COUNT] = {
		[COLUMN_DEVICE_TYPE] = HR_DEVICE ".2",
		[COLUMN_DEVICE_DESCR] = HR_DEVICE ".3",
		[COLUMN_DEVICE_STATUS] = HR_DEVICE ".5",
		[COLUMN_PRINTER_STATUS] = "1.3.6.1.2.1.25.3.5.1.1",
		[COLUMN_PRINTER_ERRORS] = "1.3.6.1.2.1.25.3.5.1.2",
		[COLUMN_PHYS_ADDRESS] = "1.3.6.1.2.1.2.2.1.6",
		[COLUMN_GENERAL_SERIAL] = "1.3.6.1.2.1.43.5.1.1.17",
		[COLUMN_GENERAL_CRITICAL] = "1.3.6.1.2.1.43.5.1.1.18",
		[COLUMN_GENERAL_ALL] = "1.3.6.1.2.1.43.5.1.1.19",
		[COLUMN_MARKER_UNIT] = "1.3.6.1.2.1.43.10.2.1.3",
		[COLUMN_MARKER_LIFE] = "1.3.6.1.2.1.43.10.2.1.4",
		[COLUMN_MARKER_POWER_ON] = "1.3.6.1.2.1.43.10.2.1.5",
		[COLUMN_COLORANT_VALUE] = "1.3.6.1.2.1.43.12.1.1.4",
		[COLUMN_SUPPLY_COLORANT] = SUPPLIES ".3",
		[COLUMN_SUPPLY_CLASS] = SUPPLIES ".4",
		[COLUMN_SUPPLY_TYPE] = SUPPLIES ".5",
		[COLUMN_SUPPLY_DESCR] = SUPPLIES ".6",
		[COLUMN_SUPPLY_UNIT] = SUPPLIES ".7",
		[COLUMN_SUPPLY_MAX] = SUPPLIES ".8",
		[COLUMN_SUPPLY_LEVEL] = SUPPLIES ".9",
		[COLUMN_ALERT_SEVERITY] = ALERT ".2",
		[COLUMN_ALERT_TRAINING] = ALERT ".3",
		[COLUMN_ALERT_GROUP] = ALERT ".4",
		[COLUMN_ALERT_GROUP_INDEX] = ALERT ".5",
		[COLUMN_ALERT_LOCATION] = ALERT ".6",
		[COLUMN_ALERT_CODE] = ALERT ".7",
		[COLUMN_ALERT_DESCR] = ALERT ".8",
		[COLUMN_ALERT_TIME] = ALERT ".9",
		[COLUMN_CHARSET] = PRT ".7.1.1.4",
		[COLUMN_PORT_DEVICE_ID] = "1.3.6.1.4.1.2699.1.2.1.2.1.1.3",
		[COLUMN_SOFTWARE_NAME] = "1.3.6.1.2.1.25.6.3.1.2",
		[COLUMN_STORAGE_TYPE] = "1.3.6.1.2.1.25.2.3.1.2",
		[COLUMN_STORAGE_DESCR] = "1.3.6.1.2.1.25.2.3.1.3",
		[COLUMN_STORAGE_UNIT] = "1.3.6.1.2.1.25.2.3.1.4",
		[COLUMN_STORAGE_SIZE] = "1.3.6.1.2.1.25.2.3.1.5",
		[COLUMN_CHANNEL_TYPE] = PRT ".14.1.1.2",
		[COLUMN_CHANNEL_VERSION] = PRT ".14.1.1.3",
		[COLUMN_INTERPRETER_DESCR] = PRT ".15.1.1.5",
		[COLUMN_INTERPRETER_VERSION] = PRT ".15.1.1.6",
		[COLUMN_FINISHER_TYPE] = PRT ".30.1.1.2",
		[COLUMN_FINISHER_DESCR] = PRT ".30.1.1.10",
		[COLUMN_INPUT_TYPE] = PRT ".8.2.1.2",
		[COLUMN_INPUT_UNIT] = PRT ".8.2.1.8",
		[COLUMN_INPUT_MAX] = PRT ".8.2.1.9",
		[COLUMN_INPUT_LEVEL] = PRT ".8.2.1.10",
		[COLUMN_INPUT_STATUS] = PRT ".8.2.1.11",
		[COLUMN_INPUT_MEDIA] = PRT ".8.2.1.12",
		[COLUMN_INPUT_NAME] = PRT ".8.2.1.13",
		[COLUMN_INPUT_DESCR] = PRT ".8.2.1.18",
		[COLUMN_INPUT_VENDOR] = PRT ".8.2.1.14",
		[COLUMN_OUTPUT_TYPE] = PRT ".9.2.1.2",
		[COLUMN_OUTPUT_UNIT] = PRT ".9.2.1.3",
		[COLUMN_OUTPUT_MAX] = PRT ".9.2.1.4",
		[COLUMN_OUTPUT_LEFT] = PRT ".9.2.1.5",
		[COLUMN_OUTPUT_STATUS] = PRT ".9.2.1.6",
		[COLUMN_OUTPUT_NAME] = PRT ".9.2.1.7",
		[COLUMN_OUTPUT_DESCR] = PRT ".9.2.1.12",
		[COLUMN_COVER_DESCR] = PRT ".6.1.1.2",
		[COLUMN_COVER_STATUS] = PRT ".6.1.1.3",
		[COLUMN_PATH_UNIT] = PRT ".13.4.1.2",
		[COLUMN_PATH_SPEED] = PRT ".13.4.1.4",
		[COLUMN_PATH_TYPE] = PRT ".13.4.1.9",
		[COLUMN_PATH_DESCR] = PRT ".13.4.1.10",
		[COLUMN_PATH_STATUS] = PRT ".13.4.1.11",
	};
	for (int c = 0; c < COLUMN_COUNT; c++) {
		struct oid o;
		uint8_t ber[OID_ROOM];
		assert_non_null(dotted[c]);
		assert_int_equal(oid_from_text(&o, dotted[c]), 0);
		int n = oid_encode(ber, sizeof ber, &o);
		assert_int_equal(n, mib_columns[c].ber_len);
		assert_memory_equal(ber, mib_columns[c].ber, mib_columns[c].ber_len);
	}
	static const char *const scalars[SCALAR_COUNT] = {"1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0",
		"1.3.6.1.2.1.1.3.0", HR_DEVICE ".3.1", "1.3.6.1.2.1.43.5.1.1.17.1",
		"1.3.6.1.2.1.43.5.1.1.18.1", "1.3.6.1.2.1.43.5.1.1.19.1",
		"1.3.6.1.2.1.43.5.1.1.2.1", "1.3.6.1.4.1.11.2.3.9.1.1.7.0", "1.3.6.1.2.1.25.2.2.0",
		"1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0"};
	for (int s = 0; s < SCALAR_COUNT; s++) {
		struct oid o;
		uint8_t ber[OID_ROOM];
		assert_int_equal(oid_from_text(&o, scalars[s]), 0);
		int n = oid_encode(ber, sizeof ber, &o);
		assert_int_equal(n, mib_scalars[s].ber_len);
		assert_memory_equal(ber, mib_scalars[s].ber, mib_scalars[s].ber_len);
	}
}

static const struct meter *find_meter(const struct reading *r, enum meter_name name)
{
	const struct meter *m = r->meters;
	while (m != NULL && m->name != name)
		m = m->next;
	return m;
}

static void check_xerox(const struct reading *r, unsigned supplies, unsigned counters)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		assert_int_equal(r->group[g].status, GROUP_COMPLETE);
	assert_string_equal(r->identity.vendor.p, "Xerox");
	assert_string_equal(r->identity.model.p, "AltaLink C8135");
	assert_string_equal(r->identity.serial.p, "3WX100001");
	assert_string_equal(r->identity.mac.p, "1a:2b:3c:4d:5e:6f");
	assert_true(r->identity.is_printer);
	assert_int_equal(r->identity.uptime_cs, 4711);
	assert_int_equal(r->identity.firmware_count, 2);
	assert_string_equal(r->identity.firmware->name.p, "SS");
	assert_string_equal(r->identity.firmware->version.p, "103.1.2");
	assert_int_equal(r->state.device_status, 3);
	assert_int_equal(r->state.printer_status, 4);
	assert_int_equal(r->state.errors, 0x2000);
	assert_int_equal(r->state.critical_events, 12);
	assert_int_equal(r->state.all_events, 34);
	assert_int_equal(r->meter_count, 2 + counters + 1);
	const struct meter *total = find_meter(r, METER_IMPRESSIONS_TOTAL);
	assert_non_null(total);
	assert_int_equal(total->value, 101);
	char room[READING_SOURCE];
	assert_true(text_is(reading_source(total->object, total->source, room), XEROX ".6.1.20.1"));
	assert_int_equal(find_meter(r, METER_MARKER_LIFE)->value, 178481);
	assert_int_equal(find_meter(r, METER_POWER_ON_IMPRESSIONS)->value, 81);
	assert_int_equal(find_meter(r, METER_COPY_IMPRESSIONS_MONO)->value, 77);
	const struct meter *vendor = find_meter(r, METER_VENDOR);
	assert_non_null(vendor);
	assert_string_equal(vendor->label.p, "Counter 2");
	assert_int_equal(r->supply_count, supplies);
	/* In the order of their OIDs, however the answers were cut. */
	for (const struct meter *m = r->meters; m != NULL && m->next != NULL; m = m->next) {
		assert_true(m->object.len > 0 && m->source.len == 0);
		assert_true(oid_ber_compare(m->object, m->next->object) < 0);
	}
	unsigned i = 1;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next, i++) {
		assert_int_equal(s->index, i);
		assert_int_equal(s->level, i * 1000);
		assert_int_equal(s->max, 26000);
		assert_int_equal(s->level_kind, LEVEL_PERCENT);
		assert_true(s->part.len == 9 && s->serial.len == 6);
		static const char *const low[] = {"black", "cyan", "magenta", "yellow"};
		assert_string_equal(s->colorant.p, low[(i - 1) % 4]);
	}
	assert_int_equal(r->alert_count, 1);
	assert_int_equal(r->alerts->severity, 5);
	assert_int_equal(r->alerts->code, 1104);
	assert_int_equal(r->alerts->location, 956800);
	assert_int_equal(r->alerts->time_cs, 4000);
	assert_string_equal(r->alerts->description.p, "The black toner is low");
}

static void test_poll_fills_every_field(void **state)
{
	struct fixture *f = *state;
	make_xerox(&f->p, 12, 60);
	int first = printer_poll(&f->p, &f->m, &f->r);
	check_xerox(&f->r, 12, 60);
	reading_close(&f->r);
	int second = printer_poll(&f->p, &f->m, &f->r);
	check_xerox(&f->r, 12, 60);
	/* 40 varbinds at the first poll, 25 once the limits are learned. */
	assert_true(first <= 40);
	assert_true(second <= 25);
}

static void test_poll_without_getbulk(void **state)
{
	struct fixture *f = *state;
	make_xerox(&f->p, 3, 4);
	f->p.has_no_bulk = true;
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_true(f->m.has_no_bulk);
	check_xerox(&f->r, 3, 4);
}

static void test_too_big_halves_request(void **state)
{
	struct fixture *f = *state;
	make_xerox(&f->p, 8, 9);
	f->p.too_big = 7;
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_true(f->m.max_varbinds <= 7);
	check_xerox(&f->r, 8, 9);
}

static void test_looping_walk_ends(void **state)
{
	struct fixture *f = *state;
	make_xerox(&f->p, 8, 9);
	f->p.is_looping = true;
	assert_true(printer_poll(&f->p, &f->m, &f->r) < 40);
	assert_int_equal(f->r.supply_count, 0);
	/* The supplies were not read, so they must not count as absent. */
	assert_int_equal(f->r.group[GROUP_SUPPLIES].status, GROUP_PARTIAL);
}

static void test_timeout_keeps_earlier_groups(void **state)
{
	struct fixture *f = *state;
	make_xerox(&f->p, 12, 60);
	f->p.timeout_from = 4;
	(void)printer_poll(&f->p, &f->m, &f->r);
	/* The software modules were not requested any more. */
	assert_int_equal(f->r.group[GROUP_IDENTITY].status, GROUP_PARTIAL);
	assert_true(f->r.group[GROUP_ALERTS].status == GROUP_PARTIAL ||
		    f->r.group[GROUP_ALERTS].status == GROUP_FAILED);
	assert_string_equal(f->r.identity.serial.p, "3WX100001");
	assert_false(f->m.was_polled);
}

/* Polls with these opt-ins and returns those whose objects were requested. */
static unsigned requested_optional(struct fixture *f, unsigned optional)
{
	static const struct {
		const char *oid;
		unsigned bit;
	} rows[] = {{"1.3.6.1.2.1.1.4.0", OPTIONAL_CONTACT}, {"1.3.6.1.2.1.1.5.0", OPTIONAL_NAME},
		{"1.3.6.1.2.1.1.6.0", OPTIONAL_LOCATION},
		{"1.3.6.1.4.1.253.8.53.3.2.1.15.1", OPTIONAL_ASSET}};
	static struct mib_plan w;
	static struct snmp_request q;
	struct varbind vb[LIMIT_VARBINDS];
	unsigned requested = 0;
	mib_begin(&w, &f->m, SNMP_V2C, models_builtin(), false);
	mib_add_optional(&w, optional);
	while (mib_next_request(&w, &q, 484) == 1) {
		size_t at = 0;
		for (size_t i = 0; i < q.oids; i++) {
			struct oid_ber oid = snmp_request_oid(&q, i, &at);
			for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
				struct oid o;
				uint8_t ber[OID_ROOM];
				assert_int_equal(oid_from_text(&o, rows[k].oid), 0);
				int n = oid_encode(ber, sizeof ber, &o);
				if (oid_ber_is_equal(oid, (struct oid_ber){ber, (size_t)n}))
					requested |= rows[k].bit;
			}
		}
		size_t n = q.pdu == SNMP_GET ? printer_respond_get(&f->p, &q, vb)
					     : printer_respond_next(&f->p, &q, vb, LIMIT_VARBINDS);
		mib_add_response(&w, &f->r, vb, n);
	}
	mib_end(&w, &f->r);
	return requested;
}

static void test_optional_fields_are_requested_by_opt_in_only(void **state)
{
	struct fixture *f = *state;
	make_xerox(&f->p, 12, 60);
	printer_add(&f->p, "1.3.6.1.2.1.1.4.0", BER_OCTETS, "Bob", 0);
	printer_add(&f->p, "1.3.6.1.2.1.1.5.0", BER_OCTETS, "prn-17", 0);
	printer_add(&f->p, "1.3.6.1.2.1.1.6.0", BER_OCTETS, "Room 5", 0);
	printer_add(&f->p, "1.3.6.1.4.1.253.8.53.3.2.1.15.1", BER_OCTETS, "A-17", 0);
	printer_sort(&f->p);
	assert_int_equal(requested_optional(f, 0), 0);
	const struct identity *id = &f->r.identity;
	assert_int_equal(id->name.len + id->location.len + id->contact.len + id->asset.len, 0);
	for (unsigned bit = OPTIONAL_NAME; bit <= OPTIONAL_ASSET; bit <<= 1)
		assert_int_equal(requested_optional(f, bit), bit);
	assert_string_equal(id->contact.p, "Bob");
	assert_string_equal(id->name.p, "prn-17");
	assert_string_equal(id->location.p, "Room 5");
	assert_string_equal(id->asset.p, "A-17");
	assert_int_equal(f->r.group[GROUP_IDENTITY].status, GROUP_COMPLETE);
}

static void test_unrequested_varbinds_are_skipped(void **state)
{
	struct fixture *f = *state;
	static struct mib_plan w;
	static struct snmp_request q;
	mib_begin(&w, &f->m, SNMP_V2C, models_builtin(), false);
	assert_int_equal(mib_next_request(&w, &q, 484), 1);
	/* A response with other objects than requested. */
	static const uint8_t other[] = {0x2b, 6, 1, 2, 1, 1, 5, 0};
	struct varbind vb[2] = {{{other, sizeof other}, BER_OCTETS, (const uint8_t *)"evil", 4},
		{{other, sizeof other}, BER_OCTETS, (const uint8_t *)"evil", 4}};
	mib_add_response(&w, &f->r, vb, 2);
	assert_int_equal(f->r.identity.sys_descr.len, 0);
	assert_int_equal(f->r.identity.serial.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oid_tables_match_dotted_form),
		cmocka_unit_test_setup_teardown(
			test_poll_fills_every_field, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_poll_without_getbulk, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_too_big_halves_request, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_looping_walk_ends, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_timeout_keeps_earlier_groups, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(test_optional_fields_are_requested_by_opt_in_only,
			printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_unrequested_varbinds_are_skipped, printer_setup, printer_teardown),
	};
	return cmocka_run_group_tests_name("proto/mib/mib", tests, NULL, NULL);
}
