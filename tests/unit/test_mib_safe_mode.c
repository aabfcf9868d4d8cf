/* SPDX-License-Identifier: Apache-2.0
 * Safe mode: few objects per request, and no more requests than the same reading needs. */
#include "tests/kit/mib_printer.h"

enum { SHOWN = 3 };

static void make_small(struct printer *p)
{
	memset(p, 0, sizeof *p);
	printer_add(p, "1.3.6.1.2.1.1.1.0", BER_OCTETS, "Server board", 0);
	printer_add(p, "1.3.6.1.2.1.1.2.0", BER_OID, "1.3.6.1.4.1.641.2", 0);
	printer_add(p, "1.3.6.1.2.1.1.3.0", BER_TIMETICKS, NULL, 4711);
	printer_add_row(p, HR_DEVICE, 2, "1", BER_OID, "1.3.6.1.2.1.25.3.1.5", 0);
	printer_add_row(p, HR_DEVICE, 3, "1", BER_OCTETS, "Lexmark T640 7890ABCDE LS.1", 0);
	printer_add(p, "1.3.6.1.2.1.25.3.5.1.1.1", BER_INTEGER, NULL, 4);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "7890ABCDE", 0);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, NULL, 1234);
	printer_add_row(p, SUPPLIES, 6, "1.1", BER_OCTETS, "Black", 0);
	printer_add_row(p, SUPPLIES, 8, "1.1", BER_INTEGER, NULL, 100);
	printer_add_row(p, SUPPLIES, 9, "1.1", BER_INTEGER, NULL, 40);
}

/* Two alerts with all columns. */
static void add_alerts(struct printer *p)
{
	for (unsigned column = 2; column <= 9; column++) {
		for (unsigned i = 1; i <= 2; i++) {
			char row[16];
			bool is_text = column == 8;
			(void)snprintf(row, sizeof row, "1.%u", i);
			printer_add_row(p, ALERT, column, row,
				is_text       ? BER_OCTETS
				: column == 9 ? BER_TIMETICKS
					      : BER_INTEGER,
				i == 1 ? "Tray empty" : "Toner low", 3);
		}
	}
}

static void begin_again(struct fixture *f)
{
	reading_close(&f->r);
	reading_open(&f->r, &f->blocks);
}

static void assert_whole(const struct fixture *f)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		assert_int_equal(f->r.group[g].status, GROUP_COMPLETE);
	assert_non_null(f->r.supplies);
	assert_int_equal(f->r.meter_count, 1);
}

/* An empty table costs one column, until it has rows. */
static void test_safe_mode_requests_one_column_of_empty_table(void **state)
{
	struct fixture *f = *state;
	make_small(&f->p);
	f->m = (struct mib_limits){.is_safe_mode = true, .proven_oids = SHOWN};
	int first = printer_poll(&f->p, &f->m, &f->r);
	assert_whole(f);
	begin_again(f);
	int again = printer_poll(&f->p, &f->m, &f->r);
	assert_whole(f);
	assert_int_equal(f->r.alert_count, 0);
	assert_true(again * 4 <= first * 3);

	add_alerts(&f->p);
	begin_again(f);
	int with_alerts = printer_poll(&f->p, &f->m, &f->r);
	assert_whole(f);
	assert_true(with_alerts > again);
	assert_int_equal(f->r.alert_count, 2);
	for (const struct alert *a = f->r.alerts; a != NULL; a = a->next) {
		assert_int_equal(a->severity, 3);
		assert_int_equal(a->code, 3);
		assert_true(a->description.len > 0);
	}
	begin_again(f);
	assert_true(printer_poll(&f->p, &f->m, &f->r) <= with_alerts);
	assert_int_equal(f->r.alert_count, 2);
}

/* Without safe mode all columns are requested at once, as one more request is a round trip. */
static void test_no_safe_mode_requests_all_columns(void **state)
{
	struct fixture *f = *state;
	make_small(&f->p);
	(void)printer_poll(&f->p, &f->m, &f->r);
	begin_again(f);
	int again = printer_poll(&f->p, &f->m, &f->r);
	add_alerts(&f->p);
	begin_again(f);
	assert_true(printer_poll(&f->p, &f->m, &f->r) <= again + 1);
	assert_int_equal(f->r.alert_count, 2);
	assert_whole(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, printer_setup, printer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_safe_mode_requests_one_column_of_empty_table),
		TEST(test_no_safe_mode_requests_all_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
