/* SPDX-License-Identifier: Apache-2.0
 * Printers that deviate from the standards: each is read as far as possible, ends after a bounded
 * number of requests, and no incomplete group counts as complete. */
#include "tests/kit/mib_printer.h"

static const char *const printer_type = "1.3.6.1.2.1.25.3.1.5";
static const char *const network_type = "1.3.6.1.2.1.25.3.1.4";

static void add_system(struct printer *p, const char *descr, const char *object_id)
{
	memset(p, 0, sizeof *p);
	printer_add(p, "1.3.6.1.2.1.1.1.0", BER_OCTETS, descr, 0);
	printer_add(p, "1.3.6.1.2.1.1.2.0", BER_OID, object_id, 0);
	printer_add(p, "1.3.6.1.2.1.1.3.0", BER_TIMETICKS, NULL, 4711);
}

static void add_supply(struct printer *p, const char *row, const char *text)
{
	printer_add_row(p, SUPPLIES, 6, row, BER_OCTETS, text, 0);
	printer_add_row(p, SUPPLIES, 8, row, BER_INTEGER, NULL, 100);
	printer_add_row(p, SUPPLIES, 9, row, BER_INTEGER, NULL, 40);
}

/* One object of each kind, in the order of the OIDs. */
static void make_plain(struct printer *p)
{
	add_system(p, "Server board", "1.3.6.1.4.1.641.2");
	printer_add_row(p, HR_DEVICE, 2, "1", BER_OID, printer_type, 0);
	printer_add_row(p, HR_DEVICE, 3, "1", BER_OCTETS, "Lexmark T640 7890ABCDE LS.1", 0);
	printer_add_row(p, HR_DEVICE, 5, "1", BER_INTEGER, NULL, 3);
	printer_add(p, "1.3.6.1.2.1.25.3.5.1.1.1", BER_INTEGER, NULL, 4);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "7890ABCDE", 0);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, NULL, 1234);
	printer_add_row(p, SUPPLIES, 6, "1.1", BER_OCTETS, "Black", 0);
	printer_add_row(p, SUPPLIES, 6, "1.2", BER_OCTETS, "Cyan", 0);
	printer_add_row(p, SUPPLIES, 6, "1.3", BER_OCTETS, "Snap-in Waste, PN unknown", 0);
	for (unsigned c = 8; c <= 9; c++) {
		printer_add_row(p, SUPPLIES, c, "1.1", BER_INTEGER, NULL, 100);
		printer_add_row(p, SUPPLIES, c, "1.2", BER_INTEGER, NULL, 100);
		printer_add_row(p, SUPPLIES, c, "1.3", BER_INTEGER, NULL, 100);
	}
}

static const struct supply *nth_supply(const struct reading *r, unsigned n)
{
	const struct supply *s = r->supplies;
	while (s != NULL && n-- > 0)
		s = s->next;
	assert_non_null(s);
	return s;
}

static size_t find(const struct printer *p, const char *oid)
{
	struct oid o;
	uint8_t ber[OID_ROOM];
	assert_int_equal(oid_from_text(&o, oid), 0);
	int n = oid_encode(ber, sizeof ber, &o);
	assert_true(n > 0);
	for (size_t i = 0; i < p->count; i++) {
		if (oid_ber_is_equal(printer_name(p, i), (struct oid_ber){ber, (size_t)n}))
			return i;
	}
	fail_msg("no object %s", oid);
	return 0;
}

static void check_groups(const struct reading *r, unsigned partial)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		assert_int_equal(r->group[g].status,
			(partial & 1u << g) != 0 ? GROUP_PARTIAL : GROUP_COMPLETE);
}

static void check_plain(const struct reading *r)
{
	assert_string_equal(r->identity.vendor.p, "Lexmark");
	assert_string_equal(r->identity.model.p, "T640");
	assert_string_equal(r->identity.serial.p, "7890ABCDE");
	assert_int_equal(r->state.device_status, 3);
	assert_int_equal(r->state.printer_status, 4);
	assert_int_equal(r->meter_count, 1);
	assert_int_equal(r->meters->value, 1234);
	assert_int_equal(r->supply_count, 3);
	assert_int_equal(nth_supply(r, 1)->level_kind, LEVEL_PERCENT);
	/* Its description, which may be missing, says that it is filled. */
	const struct supply *waste = nth_supply(r, 2);
	assert_int_equal(waste->level_kind,
		supply_is_receptacle(waste) ? LEVEL_DIRECTION_UNKNOWN : LEVEL_PERCENT);
}

/* Only hrDeviceDescr has the vendor's name, with serial number and firmware. */
static void test_model_from_vendor_object(void **state)
{
	struct fixture *f = *state;
	make_plain(&f->p);
	f->p.value_len[find(&f->p, "1.3.6.1.2.1.1.1.0")] = 0;
	add_system(&f->p, "", "1.3.6.1.4.1.99999.1");
	printer_add_row(&f->p, HR_DEVICE, 3, "1", BER_OCTETS, "Samsung CLX-3170 Series", 0);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_string_equal(f->r.identity.vendor.p, "Samsung");
	assert_string_equal(f->r.identity.model.p, "CLX-3170 Series");
	reading_close(&f->r);
	make_plain(&f->p);
	(void)printer_poll(&f->p, &f->m, &f->r);
	check_plain(&f->r);
	check_groups(&f->r, 0);
}

static void test_text_is_no_counter(void **state)
{
	struct fixture *f = *state;
	make_plain(&f->p);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_int_equal(nth_supply(&f->r, 2)->serial.len, 0);
	assert_int_equal(nth_supply(&f->r, 2)->part.len, 0);
}

/* The text of row 1 has the same length as that of the printer's own row. */
static void test_vendor_from_printer_device_row(void **state)
{
	struct fixture *f = *state;
	add_system(&f->p, "board", "1.3.6.1.4.1.99999.1");
	printer_add_row(&f->p, HR_DEVICE, 2, "1", BER_OID, network_type, 0);
	printer_add_row(&f->p, HR_DEVICE, 2, "7", BER_OID, printer_type, 0);
	printer_add_row(&f->p, HR_DEVICE, 3, "1", BER_OCTETS, "Network port", 0);
	printer_add_row(&f->p, HR_DEVICE, 3, "7", BER_OCTETS, "Lexmark T640", 0);
	printer_add(&f->p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "7890ABCDE", 0);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_string_equal(f->r.identity.vendor.p, "Lexmark");
	assert_string_equal(f->r.identity.model.p, "T640");
}

/* On Windows and net-snmp the device rows have the names of print queues; the same texts from a
 * printer's own agent make a printer. */
static void test_print_queues_of_host_are_no_printer(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *descr, *object;
		enum identity_why why;
	} said[] = {{"Hardware: Intel64 - Software: Windows Version 6.3",
			    "1.3.6.1.4.1.311.1.1.3.1.2", WHY_ONLY_HOST_ROWS},
		{"Linux cups 5.10 x86_64", "1.3.6.1.4.1.8072.3.2.10", WHY_ONLY_HOST_ROWS},
		{"board", "1.3.6.1.4.1.11.2.3.9.4", WHY_VENDOR}};
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		f->p.count = 0;
		memset(&f->m, 0, sizeof f->m);
		add_system(&f->p, said[i].descr, said[i].object);
		printer_add_row(&f->p, HR_DEVICE, 2, "1", BER_OID, printer_type, 0);
		printer_add_row(&f->p, HR_DEVICE, 3, "1", BER_OCTETS, "HP_LaserJet_M402", 0);
		(void)printer_poll(&f->p, &f->m, &f->r);
		assert_int_equal(f->r.identity.why, said[i].why);
		reading_close(&f->r);
	}
}

static void test_software_is_cut_from_model(void **state)
{
	struct fixture *f = *state;
	add_system(
		&f->p, "RICOH MP 3053 1.09 / RICOH Network Printer C model", "1.3.6.1.4.1.367.1.1");
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_string_equal(f->r.identity.vendor.p, "Ricoh");
	assert_string_equal(f->r.identity.model.p, "MP 3053");
	/* No Printer-MIB, but only printers have this object id. */
	assert_int_equal(f->r.identity.why, WHY_VENDOR);
	assert_true(f->r.identity.is_printer);
	assert_string_equal(f->r.identity.firmware->version.p, "1.09");
}

/* The parts of sysDescr about network card and system are no model; the version is firmware. */
static void test_network_card_is_no_model(void **state)
{
	static const struct {
		const char *descr, *object, *model, *name, *version;
	} said[] = {
		{"HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI25000001,CIDATE "
		 "01/02/2015",
			"1.3.6.1.4.1.11.2.3.9.1", "", "firmware", "JSI25000001"},
		{"HP ETHERNET MULTI-ENVIRONMENT,ROM A.01.02,JETDIRECT EX,JD30 EEPROM 6.12",
			"1.3.6.1.4.1.11.2.3.9.1", "", "firmware", "6.12"},
		{"HP ETHERNET MULTI-ENVIRONMENT,SN:ABC1D00001,FN:1,PID:HP LaserJet 400",
			"1.3.6.1.4.1.11.2.3.9.1", "LaserJet 400", NULL, NULL},
		{"NRG SP C999DN v1.14a / NRG Network Printer C model", "1.3.6.1.4.1.367.1.1",
			"SP C999DN", "firmware", "v1.14a"},
		{"RICOH IPSiO GX e9999 Ver 1.02 / RICOH Network Printer C model",
			"1.3.6.1.4.1.367.1.1", "IPSiO GX e9999", "firmware", "1.02"},
		{"Brother NC-999h, Firmware Ver.1.11 (06.12.20),MID 84UZ92",
			"1.3.6.1.4.1.2435.2.3.9.1", "NC-999h", "firmware", "1.11"},
		{"Oce, TDS999 R1.1, Controller R2.3", "1.3.6.1.4.1.99999.1", "TDS999", "firmware",
			"R1.1"},
		{"Canon Inc., LBP-9999 Printer /P", "1.3.6.1.4.1.1602.4.7", "LBP-9999 Printer",
			NULL, NULL},
		{"Samsung ML-1234 Series OS 1.02.03.04 01-02-2010;Engine 1.05.06",
			"1.3.6.1.4.1.236.11.5.1", "ML-1234 Series", "OS", "1.02.03.04"}};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		f->p.count = 0;
		memset(&f->m, 0, sizeof f->m);
		add_system(&f->p, said[i].descr, said[i].object);
		(void)printer_poll(&f->p, &f->m, &f->r);
		assert_string_equal(
			f->r.identity.model.len > 0 ? f->r.identity.model.p : "", said[i].model);
		const struct firmware *found = f->r.identity.firmware;
		assert_int_equal(found != NULL, said[i].name != NULL);
		if (found != NULL) {
			assert_string_equal(found->name.p, said[i].name);
			assert_string_equal(found->version.p, said[i].version);
		}
		reading_close(&f->r);
	}
}

/* Only the descriptions of the supplies name the model. */
static void test_model_from_supply_descriptions(void **state)
{
	struct fixture *f = *state;
	printer_add_row(&f->p, SUPPLIES, 6, "1.1", BER_OCTETS, "Black Toner, PN 1", 0);
	printer_add_row(&f->p, SUPPLIES, 6, "1.2", BER_OCTETS, "Cyan Toner, Phaser, PN#2", 0);
	printer_add_row(
		&f->p, SUPPLIES, 6, "1.3", BER_OCTETS, "Fuser, Phaser 9999DN, PN#106R00001", 0);
	printer_add(&f->p, "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1", BER_COUNTER32, NULL, 77);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_string_equal(f->r.identity.vendor.p, "Xerox");
	assert_string_equal(f->r.identity.model.p, "Phaser 9999DN");
}

/* Every response is cut after a few varbinds, also to GET. */
static void test_truncated_responses_are_completed(void **state)
{
	struct fixture *f = *state;
	for (size_t most = 1; most <= 5; most += 2) {
		memset(&f->m, 0, sizeof f->m);
		make_plain(&f->p);
		f->p.most = most;
		(void)printer_poll(&f->p, &f->m, &f->r);
		check_plain(&f->r);
		check_groups(&f->r, 0);
		reading_close(&f->r);
	}
}

static void test_empty_response_ends_request(void **state)
{
	struct fixture *f = *state;
	struct snmp_request q;
	struct mib_plan w;
	int requests = 0;
	mib_begin(&w, &f->m, SNMP_V2C, models_builtin(), false);
	while (mib_next_request(&w, &q, 484) == 1) {
		assert_true(++requests < 40);
		mib_add_response(&w, &f->r, NULL, 0);
	}
	mib_end(&w, &f->r);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		assert_int_equal(f->r.group[g].status, GROUP_FAILED);
}

/* A NULL value and a noSuchInstance: later rows exist. */
static void test_missing_instance_does_not_end_column(void **state)
{
	struct fixture *f = *state;
	static const uint8_t holes[] = {BER_NULL, BER_NO_SUCH_INSTANCE};
	for (size_t i = 0; i < sizeof holes; i++) {
		make_plain(&f->p);
		f->p.type[find(&f->p, SUPPLIES ".9.1.1")] = holes[i];
		f->p.value_len[find(&f->p, SUPPLIES ".9.1.1")] = 0;
		(void)printer_poll(&f->p, &f->m, &f->r);
		check_plain(&f->r);
		assert_false(nth_supply(&f->r, 0)->has_level);
		assert_int_equal(nth_supply(&f->r, 0)->level_kind, LEVEL_UNKNOWN);
		check_groups(&f->r, 0);
		reading_close(&f->r);
	}
}

static void test_numbers_of_other_types_are_accepted(void **state)
{
	struct fixture *f = *state;
	make_plain(&f->p);
	printer_put_number(&f->p, find(&f->p, SUPPLIES ".9.1.1"), 5000000000);
	f->p.type[find(&f->p, SUPPLIES ".9.1.2")] = BER_GAUGE32;
	printer_put_number(&f->p, find(&f->p, SUPPLIES ".9.1.2"), 55);
	f->p.type[find(&f->p, "1.3.6.1.2.1.43.10.2.1.4.1.1")] = BER_INTEGER;
	(void)printer_poll(&f->p, &f->m, &f->r);
	/* A value that is no level must not be shown as empty. */
	assert_false(nth_supply(&f->r, 0)->has_level);
	assert_int_equal(nth_supply(&f->r, 1)->level, 55);
	assert_int_equal(f->r.meters->value, 1234);
}

/* The printer is row 3 without hrDeviceStatus; the other rows have it. */
static void make_third(struct printer *p, bool has_status)
{
	add_system(p, "Xerox Phaser 9", "1.3.6.1.4.1.253.8.62.1");
	printer_add_row(p, HR_DEVICE, 2, "1", BER_OID, network_type, 0);
	printer_add_row(p, HR_DEVICE, 2, "3", BER_OID, printer_type, 0);
	printer_add_row(p, HR_DEVICE, 2, "4", BER_OID, network_type, 0);
	printer_add_row(p, HR_DEVICE, 3, "1", BER_OCTETS, "Network board", 0);
	printer_add_row(p, HR_DEVICE, 3, "3", BER_OCTETS, "Xerox Phaser 9300", 0);
	printer_add_row(p, HR_DEVICE, 5, "1", BER_INTEGER, NULL, 5);
	if (has_status)
		printer_add_row(p, HR_DEVICE, 5, "3", BER_INTEGER, NULL, 2);
	printer_add_row(p, HR_DEVICE, 5, "4", BER_INTEGER, NULL, 3);
	printer_add(p, "1.3.6.1.2.1.25.3.5.1.1.3", BER_INTEGER, NULL, 3);
	printer_add(p, "1.3.6.1.2.1.25.3.5.1.2.3", BER_OCTETS, "\x20", 0);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.17.3", BER_OCTETS, "3WX100003", 0);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.19.3", BER_COUNTER32, NULL, 34);
}

static void test_state_from_printer_device_row(void **state)
{
	struct fixture *f = *state;
	for (int has_status = 0; has_status < 2; has_status++) {
		make_third(&f->p, has_status == 1);
		(void)printer_poll(&f->p, &f->m, &f->r);
		assert_int_equal(f->r.state.device_status, has_status == 1 ? 2 : 0);
		assert_int_equal(f->r.state.printer_status, 3);
		assert_int_equal(f->r.state.errors, 0x2000);
		assert_int_equal(f->r.state.all_events, 34);
		assert_string_equal(f->r.identity.model.p, "Phaser 9300");
		assert_string_equal(f->r.identity.serial.p, "3WX100003");
		check_groups(&f->r, 0);
		reading_close(&f->r);
	}
}

/* Columns arrive in any order: here the types come last. */
static void test_device_rows_wait_for_type(void **state)
{
	struct fixture *f = *state;
	static struct mib_plan w;
	mib_begin(&w, &f->m, SNMP_V2C, models_builtin(), false);
	make_third(&f->p, true);
	static const char *const order[] = {HR_DEVICE ".3.1", HR_DEVICE ".3.3", HR_DEVICE ".5.1",
		HR_DEVICE ".5.3", HR_DEVICE ".5.4", HR_DEVICE ".2.1", HR_DEVICE ".2.3"};
	static const enum mib_column_name column[] = {COLUMN_DEVICE_DESCR, COLUMN_DEVICE_DESCR,
		COLUMN_DEVICE_STATUS, COLUMN_DEVICE_STATUS, COLUMN_DEVICE_STATUS,
		COLUMN_DEVICE_TYPE, COLUMN_DEVICE_TYPE};
	static const uint32_t row[] = {1, 3, 1, 3, 4, 1, 3};
	for (size_t i = 0; i < 7; i++) {
		struct varbind vb = printer_varbind(&f->p, find(&f->p, order[i]));
		assert_true(mib_store(&w, &f->r, column[i], &row[i], 1, &vb));
	}
	mib_end(&w, &f->r);
	assert_int_equal(f->r.state.device_status, 2);
	assert_string_equal(f->r.identity.model.p, "Phaser 9300");
}

/* Row 1 has an empty serial number. */
static void test_empty_serial_falls_back_to_general_table(void **state)
{
	struct fixture *f = *state;
	add_system(&f->p, "Epson", "1.3.6.1.4.1.1248.1");
	printer_add(&f->p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "  ", 0);
	printer_add(&f->p, "1.3.6.1.2.1.43.5.1.1.17.2", BER_OCTETS, "X8G9000415", 0);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_string_equal(f->r.identity.serial.p, "X8G9000415");
	reading_close(&f->r);
	/* A timeout before that: the identity is incomplete, or the device would get another key.
	 */
	f->p.timeout_from = 2;
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_int_equal(f->r.identity.serial.len, 0);
	assert_int_equal(f->r.group[GROUP_IDENTITY].status, GROUP_PARTIAL);
}

/* A timeout at the first poll does not disable GETBULK. */
static void test_timeout_keeps_getbulk(void **state)
{
	struct fixture *f = *state;
	make_plain(&f->p);
	f->p.timeout_from = 2;
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_false(f->m.has_no_bulk);
	reading_close(&f->r);
	/* Errors do, until it is tried again. */
	f->p.timeout_from = 0;
	f->p.has_no_bulk = true;
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_true(f->m.has_no_bulk);
	f->p.has_no_bulk = false;
	for (int i = 0; i < 64; i++) {
		reading_close(&f->r);
		(void)printer_poll(&f->p, &f->m, &f->r);
		check_plain(&f->r);
	}
	assert_false(f->m.has_no_bulk);
}

/* genErr for one object of many, with and without error-index. */
static void test_one_failing_object_fails_alone(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 4; i++) {
		memset(&f->m, 0, sizeof f->m);
		make_plain(&f->p);
		f->p.gen_err = SUPPLIES ".6";
		f->p.names_no_object = (i & 1) != 0;
		f->p.is_v1 = (i & 2) != 0;
		assert_true(printer_poll(&f->p, &f->m, &f->r) < 150);
		check_plain(&f->r);
		assert_int_equal(nth_supply(&f->r, 0)->description.len, 0);
		/* Maintenance parts derive from the supplies. */
		check_groups(&f->r, 1u << GROUP_SUPPLIES | 1u << GROUP_MAINTENANCE);
		reading_close(&f->r);
	}
	make_plain(&f->p);
	f->p.gen_err = "1.3.6.1.2.1.1.3";
	f->p.names_no_object = true;
	(void)printer_poll(&f->p, &f->m, &f->r);
	check_plain(&f->r);
	check_groups(&f->r, 1u << GROUP_IDENTITY);
}

static void test_v1_agent(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 2; i++) {
		memset(&f->m, 0, sizeof f->m);
		make_plain(&f->p);
		f->p.is_v1 = true;
		f->p.names_no_object = i == 1;
		assert_true(printer_poll(&f->p, &f->m, &f->r) < 200);
		check_plain(&f->r);
		check_groups(&f->r, 0);
		reading_close(&f->r);
	}
}

/* Each kind of error for ever. */
static void test_refusing_agent_ends_poll(void **state)
{
	struct fixture *f = *state;
	static const int errors[][2] = {{SNMP_TOO_BIG, 0}, {SNMP_GEN_ERR, 0}, {SNMP_GEN_ERR, 1},
		{SNMP_GEN_ERR, 9999}, {SNMP_NO_SUCH_NAME, 0}, {SNMP_NO_SUCH_NAME, 1},
		{SNMP_NO_SUCH_NAME, 77}, {16, 0}, {2147483647, 2147483647}};
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct snmp_request q;
		struct mib_plan w;
		int requests = 0;
		memset(&f->m, 0, sizeof f->m);
		mib_begin(&w, &f->m, SNMP_V2C, models_builtin(), false);
		while (mib_next_request(&w, &q, 484) == 1) {
			assert_true(++requests < 150);
			mib_add_error(&w, errors[i][0], errors[i][1]);
		}
		mib_end(&w, &f->r);
		for (unsigned g = 0; g < GROUP_COUNT && errors[i][0] != SNMP_NO_SUCH_NAME; g++)
			assert_int_equal(f->r.group[g].status, GROUP_FAILED);
		assert_false(f->m.has_no_bulk);
		reading_close(&f->r);
	}
}

/* A table that never ends leaves requests for the others. */
static void test_endless_table_fails_alone(void **state)
{
	struct fixture *f = *state;
	static struct mib_plan w;
	static struct snmp_request q;
	static uint8_t name[LIMIT_VARBINDS][OID_ROOM];
	struct varbind vb[LIMIT_VARBINDS];
	uint32_t rows = 0;
	make_plain(&f->p);
	mib_begin(&w, &f->m, SNMP_V2C, models_builtin(), false);
	int requests = 0;
	while (mib_next_request(&w, &q, 484) == 1) {
		assert_true(++requests < LIMIT_POLL_REQUESTS);
		size_t n = q.pdu == SNMP_GET ? printer_respond_get(&f->p, &q, vb)
					     : printer_respond_next(&f->p, &q, vb, LIMIT_VARBINDS);
		for (size_t k = 0; k < n && q.pdu != SNMP_GET; k++) {
			const struct mib_cursor *c = &w.cursor[w.requested[k % w.requested_count]];
			if (c->column >= COLUMN_COUNT ||
				mib_columns[c->column].table != TABLE_ALERT)
				continue;
			struct oid_ber column = mib_column_oid(&w, c);
			memcpy(name[k], column.p, column.len);
			name[k][column.len] = 1;
			size_t len = column.len + 1;
			len += oid_put_sub(name[k] + len, ++rows);
			vb[k] = (struct varbind){
				{name[k], len}, BER_INTEGER, (const uint8_t *)"\x05", 1};
		}
		mib_add_response(&w, &f->r, vb, n);
	}
	mib_end(&w, &f->r);
	check_plain(&f->r);
	check_groups(&f->r, 1u << GROUP_ALERTS);
	assert_int_equal(f->r.alert_count, LIMIT_ALERTS);
}

/* Values that do not fit the arena make their groups incomplete. */
static void test_full_arena_is_never_complete(void **state)
{
	struct fixture *f = *state;
	make_plain(&f->p);
	f->r.arena.max_blocks = 1;
	static char filler[1900];
	assert_non_null(arena_copy(&f->r.arena, filler, sizeof filler));
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_int_not_equal(f->r.group[GROUP_SUPPLIES].status, GROUP_COMPLETE);
	assert_false(f->m.was_polled);
}

/* HP Officejet 8100: supplies with hrDeviceIndex 0, colorants with 1. */
static void test_supplies_with_device_index_zero(void **state)
{
	struct fixture *f = *state;
	add_system(&f->p, "HP Officejet", "1.3.6.1.4.1.11.2.3.9.1");
	printer_add_row(&f->p, SUPPLIES, 3, "0.1", BER_INTEGER, NULL, 2);
	add_supply(&f->p, "0.1", "ink");
	printer_add(&f->p, "1.3.6.1.2.1.43.12.1.1.4.1.1", BER_OCTETS, "black", 0);
	printer_add(&f->p, "1.3.6.1.2.1.43.12.1.1.4.1.2", BER_OCTETS, "Cyan", 0);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_int_equal(f->r.supply_count, 1);
	assert_string_equal(f->r.supplies->colorant.p, "cyan");
	assert_int_equal(f->r.supplies->level, 40);
	check_groups(&f->r, 0);
}

/* An alert that disappears while its columns are requested is complete, or absent. */
static void test_alert_rows_are_never_mixed(void **state)
{
	struct fixture *f = *state;
	unsigned seen = 0, gone = 0;
	int most = 1;
	for (int calm = 1; calm <= most; calm++) {
		reading_close(&f->r);
		reading_open(&f->r, &f->blocks);
		f->m = (struct mib_limits){.max_varbinds = 12};
		memset(&f->p, 0, sizeof f->p);
		make_plain(&f->p);
		for (unsigned c = 2; c <= 7; c++)
			printer_add_row(&f->p, ALERT, c, "1.5", BER_INTEGER, NULL, 3);
		printer_add_row(&f->p, ALERT, 8, "1.5", BER_OCTETS, "Close the door", 0);
		for (unsigned i = 4; i < 16; i++) {
			char row[8];
			(void)snprintf(row, sizeof row, "1.%u", i);
			add_supply(&f->p, row, "Roll");
		}
		printer_sort(&f->p);
		f->p.no_alerts_from = calm;
		int requests = printer_poll(&f->p, &f->m, &f->r);
		most = requests + 1;
		gone += f->r.alert_count == 0;
		const struct alert *a = f->r.alerts;
		if (a == NULL)
			continue;
		seen++;
		assert_int_equal(f->r.alert_count, 1);
		assert_true(a->severity == 3 && a->training == 3 && a->group == 3);
		assert_true(a->group_index == 3 && a->location == 3 && a->code == 3);
		assert_string_equal(a->description.p, "Close the door");
	}
	assert_true(seen > 0 && gone > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, printer_setup, printer_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_model_from_vendor_object),
		TEST(test_text_is_no_counter),
		TEST(test_vendor_from_printer_device_row),
		TEST(test_print_queues_of_host_are_no_printer),
		TEST(test_software_is_cut_from_model),
		TEST(test_network_card_is_no_model),
		TEST(test_model_from_supply_descriptions),
		TEST(test_truncated_responses_are_completed),
		TEST(test_empty_response_ends_request),
		TEST(test_missing_instance_does_not_end_column),
		TEST(test_numbers_of_other_types_are_accepted),
		TEST(test_state_from_printer_device_row),
		TEST(test_device_rows_wait_for_type),
		TEST(test_empty_serial_falls_back_to_general_table),
		TEST(test_timeout_keeps_getbulk),
		TEST(test_one_failing_object_fails_alone),
		TEST(test_v1_agent),
		TEST(test_refusing_agent_ends_poll),
		TEST(test_endless_table_fails_alone),
		TEST(test_full_arena_is_never_complete),
		TEST(test_supplies_with_device_index_zero),
		TEST(test_alert_rows_are_never_mixed),
	};
	return cmocka_run_group_tests_name("proto/mib/mib quirks", tests, NULL, NULL);
}
