/* SPDX-License-Identifier: Apache-2.0
 * Records of a scan: found by their address, and joined when they are one device. */
#include "engine/fleet/scan_table.h"
#include "proto/smi/engine_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 5000 };

static const struct sip_key some_key = {{3, 4}};

static struct scan_found *add(struct scan_table *t, uint32_t number, const char *serial)
{
	struct scan_found *f = scan_table_add(t, number);
	assert_non_null(f);
	(void)snprintf(f->vendor, sizeof f->vendor, "Xerox");
	(void)snprintf(f->serial, sizeof f->serial, "%s", serial);
	return f;
}

static void set_mac(struct scan_found *f, uint8_t last)
{
	const uint8_t mac[6] = {0x9c, 0x93, 0x4e, 0, 0, last};
	memcpy(f->mac, mac, sizeof mac);
	f->has_mac = true;
}

static void set_engine(struct scan_found *f, uint8_t last, uint32_t boots, uint64_t began_ms)
{
	const uint8_t engine[9] = {0x80, 0, 0, 253, 4, 1, 2, 3, last};
	memcpy(f->engine, engine, sizeof engine);
	f->engine_len = sizeof engine;
	f->engine_boots = boots;
	f->engine_began_ms = began_ms;
}

static void test_many_are_found_again(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, MANY, some_key), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		char serial[16];
		(void)snprintf(serial, sizeof serial, "3WX%05u", (unsigned)i);
		struct scan_found *f = add(&t, i * 7, serial);
		set_engine(f, (uint8_t)i, i, i);
		assert_false(scan_table_join(&t, f));
	}
	assert_null(scan_table_add(&t, 3)); /* full */
	for (uint32_t i = 0; i < MANY; i++) {
		struct scan_found *f = scan_table_find(&t, i * 7);
		assert_non_null(f);
		assert_int_equal(f->number, i * 7);
		assert_ptr_equal(scan_table_add(&t, i * 7), f);
	}
	assert_null(scan_table_find(&t, 3));
	/* Three entries a record, at most half full, doubled: 4 B each. */
	assert_true(scan_table_memory(&t) <= MANY * (sizeof(struct scan_found) + 16 + 3 * 16));
	scan_table_close(&t);
}

static void test_one_device_under_two_addresses(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	struct scan_found *a = add(&t, 1, "3WX100001"), *b = add(&t, 2, "3wx100001");
	struct scan_found *c = add(&t, 3, "3WX100001"), *other = add(&t, 4, "3WX100001");
	(void)snprintf(other->vendor, sizeof other->vendor, "Ricoh");
	assert_false(scan_table_join(&t, a));
	assert_true(scan_table_join(&t, b));
	assert_true(scan_table_join(&t, c));
	assert_int_equal(b->same_as, 1 + scan_table_number_of(&t, a));
	assert_int_equal(c->same_as, 1 + scan_table_number_of(&t, a));
	assert_false(scan_table_join(&t, other)); /* numbers are a vendor's own */
	scan_table_close(&t);
}

/* Some sources put zeros in front of it: for the roster and the hub it is the same number. */
static void test_a_serial_is_what_the_roster_takes_it_for(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	assert_false(scan_table_join(&t, add(&t, 1, "003WX100001")));
	assert_true(scan_table_join(&t, add(&t, 2, "3wx 100001")));
	scan_table_close(&t);
}

/* Whichever of its addresses was heard first: one that can be read, then the lowest. */
static void test_the_best_address_stands_for_it(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	static const struct {
		uint32_t number;
		uint8_t class, credential;
	} made[] = {{9, SCAN_LOCKED, 0}, {7, SCAN_PRINTER, 1}, {5, SCAN_PRINTER, 1},
		{1, SCAN_PRINTER, 0}};
	struct scan_found *f[4], *other = add(&t, 3, "3WX100002");
	other->class = SCAN_PRINTER;
	for (size_t i = 0; i < 4; i++) {
		f[i] = add(&t, made[i].number, "3WX100001");
		f[i]->class = made[i].class;
		f[i]->credential = made[i].credential;
		assert_int_equal(scan_table_join(&t, f[i]), i > 0);
	}
	assert_false(scan_table_join(&t, other));
	for (unsigned times = 0; times < 2; times++) {
		scan_table_choose(&t);
		assert_int_equal(f[2]->same_as, 0);
		assert_int_equal(other->same_as, 0);
		for (size_t i = 0; i < 4; i++)
			assert_true(i == 2 || f[i]->same_as == 1 + scan_table_number_of(&t, f[2]));
	}
	scan_table_close(&t);
}

static void test_serials_decide(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	struct scan_found *a = add(&t, 1, "3WX100001"), *b = add(&t, 2, "3WX100002");
	set_mac(a, 1);
	set_mac(b, 1); /* a cloned image */
	set_engine(a, 1, 5, 1000);
	set_engine(b, 1, 5, 1000);
	assert_false(scan_table_join(&t, a));
	assert_false(scan_table_join(&t, b));
	scan_table_close(&t);
}

static void test_placeholders_are_no_serials(void **state)
{
	(void)state;
	static const char *const none[] = {
		"", "0", "000000", "-", "XXXX", "ab1", "N/A", "none", "Unknown", "0123456789"};
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 32, some_key), 0);
	for (uint32_t i = 0; i < 2 * sizeof none / sizeof none[0]; i++)
		assert_false(scan_table_join(&t, add(&t, i, none[i / 2])));
	scan_table_close(&t);
}

static void test_hardware_address_joins_what_has_no_serial(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	struct scan_found *a = add(&t, 1, "3WX100001"), *b = add(&t, 2, ""), *c = add(&t, 3, "");
	set_mac(a, 1);
	set_mac(b, 1);
	set_mac(c, 2);
	assert_false(scan_table_join(&t, a));
	assert_true(scan_table_join(&t, b));
	assert_false(scan_table_join(&t, c));
	scan_table_close(&t);
}

/* At lower addresses: a device without a serial number, and one of another model. */
static void test_forged_hardware_address_hides_no_printer(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	struct scan_found *forged = add(&t, 1, ""), *printer = add(&t, 9, "3WX100001");
	struct scan_found *label = add(&t, 8, ""), *other = add(&t, 2, "");
	struct scan_found *const all[] = {forged, printer, label, other};
	set_mac(forged, 1);
	set_mac(printer, 1);
	set_mac(label, 2);
	set_mac(other, 2);
	(void)snprintf(label->model, sizeof label->model, "ZT410");
	(void)snprintf(other->model, sizeof other->model, "RouterBOARD");
	for (size_t i = 0; i < 4; i++) {
		all[i]->class = SCAN_PRINTER;
		all[i]->credential = 1;
		(void)scan_table_join(&t, all[i]);
	}
	scan_table_choose(&t);
	assert_int_equal(printer->same_as, 0);
	assert_int_equal(forged->same_as, 1 + scan_table_number_of(&t, printer));
	assert_int_equal(label->same_as, 0);
	assert_int_equal(other->same_as, 0);
	scan_table_close(&t);
}

static void test_engines_join_by_their_clocks(void **state)
{
	(void)state;
	struct scan_table t;
	assert_int_equal(scan_table_open(&t, 16, some_key), 0);
	struct scan_found *f[5];
	for (uint32_t i = 0; i < 5; i++)
		f[i] = add(&t, i, "");
	set_engine(f[0], 1, 5, 100000);
	set_engine(f[1], 1, 5, 101000); /* the same, a second's rounding apart */
	set_engine(f[2], 1, 5, 900000); /* a clone that was switched on later */
	set_engine(f[3], 1, 6, 100000); /* a clone with more boots */
	set_engine(f[4], 1, 5, 100000);
	set_mac(f[0], 1);
	set_mac(f[4], 2); /* and one whose hardware says otherwise */
	assert_false(scan_table_join(&t, f[0]));
	assert_true(scan_table_join(&t, f[1]));
	assert_false(scan_table_join(&t, f[2]));
	assert_false(scan_table_join(&t, f[3]));
	assert_false(scan_table_join(&t, f[4]));
	scan_table_close(&t);
}

static void test_what_an_engine_id_says(void **state)
{
	(void)state;
	const uint8_t xerox[] = {0x80, 0, 0, 253, 3, 0x9c, 0x93, 0x4e, 1, 2, 3};
	const uint8_t text[] = {0x80, 0, 0x1f, 0x88, 4, 'a', 'b', 'c', 'd', 'e', 'f'};
	const uint8_t old[] = {0, 0, 0, 11, 3, 1, 2, 3, 4, 5, 6, 7};
	uint8_t mac[6];
	const char *name;
	assert_int_equal(engine_id_enterprise(xerox, sizeof xerox), 253);
	assert_int_equal(engine_id_enterprise(text, sizeof text), 8072);
	assert_int_equal(engine_id_enterprise(old, sizeof old), 11);
	assert_int_equal(engine_id_enterprise(xerox, 4), 0);
	assert_true(engine_id_mac(xerox, sizeof xerox, mac));
	assert_memory_equal(mac, xerox + 5, 6);
	assert_false(engine_id_mac(xerox, sizeof xerox - 1, mac));
	assert_false(engine_id_mac(text, sizeof text, mac));
	assert_false(engine_id_mac(old, sizeof old, mac));
	const uint8_t unset[] = {0x80, 0, 0, 253, 3, 0, 0, 0, 0, 0, 0};
	const uint8_t ones[] = {0x80, 0, 0, 253, 3, 255, 255, 255, 255, 255, 255};
	assert_false(engine_id_mac(unset, sizeof unset, mac));
	assert_false(engine_id_mac(ones, sizeof ones, mac));
	assert_int_equal(enterprise_vendor(253, &name), VENDOR_PRINTERS);
	assert_string_equal(name, "Xerox");
	assert_int_equal(enterprise_vendor(11, &name), VENDOR_MIXED);
	assert_int_equal(enterprise_vendor(8072, &name), VENDOR_SOFTWARE);
	assert_int_equal(enterprise_vendor(43564, &name), VENDOR_PRINTERS);
	assert_string_equal(name, "TSC");
	/* Garden City Hospital's, and TrustKo's. */
	assert_int_equal(enterprise_vendor(40814, &name), VENDOR_UNKNOWN);
	assert_int_equal(enterprise_vendor(47323, &name), VENDOR_UNKNOWN);
	assert_int_equal(enterprise_vendor(4242424, &name), VENDOR_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_are_found_again),
		cmocka_unit_test(test_one_device_under_two_addresses),
		cmocka_unit_test(test_a_serial_is_what_the_roster_takes_it_for),
		cmocka_unit_test(test_the_best_address_stands_for_it),
		cmocka_unit_test(test_serials_decide),
		cmocka_unit_test(test_placeholders_are_no_serials),
		cmocka_unit_test(test_hardware_address_joins_what_has_no_serial),
		cmocka_unit_test(test_forged_hardware_address_hides_no_printer),
		cmocka_unit_test(test_engines_join_by_their_clocks),
		cmocka_unit_test(test_what_an_engine_id_says)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
