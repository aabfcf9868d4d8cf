/* SPDX-License-Identifier: Apache-2.0
 * Sums of meters and levels in the vendor's objects, as model files declare them. */
#include "tests/kit/mib_printer.h"
#include "tests/kit/model_set.h"

#define ACME "1.3.6.1.4.1.99999"
#define HEAD "family: acme\nroot: " ACME "\nvendors: [{vendor: Acme, words: [acme]}]\n"
#define COLORANTS "1.3.6.1.2.1.43.12.1.1.4.1"

static void add_printer(struct printer *p)
{
	printer_add(p, "1.3.6.1.2.1.1.1.0", BER_OCTETS, "Acme", 0);
	printer_add(p, "1.3.6.1.2.1.25.3.2.1.2.1", BER_OID, "1.3.6.1.2.1.25.3.1.5", 0);
	printer_add(p, "1.3.6.1.2.1.25.3.2.1.3.1", BER_OCTETS, "Acme", 0);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "TST000001", 0);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, NULL, 4711);
}

static struct oid_ber name_of(const struct printer *p, size_t i)
{
	return (struct oid_ber){p->oid[i], p->oid_len[i]};
}

static void swap(void *a, void *b, size_t n)
{
	uint8_t room[80];
	assert_true(n <= sizeof room);
	memcpy(room, a, n);
	memcpy(a, b, n);
	memcpy(b, room, n);
}

#define SWAP(array, i) swap(&(array)[i], &(array)[(i) + 1], sizeof(array)[0])

/* An agent walks its objects in order; the tests add them by row. */
static void sort_objects(struct printer *p)
{
	for (size_t end = p->count; end > 1; end--) {
		for (size_t i = 0; i + 1 < end; i++) {
			if (oid_ber_compare(name_of(p, i), name_of(p, i + 1)) <= 0)
				continue;
			SWAP(p->oid, i);
			SWAP(p->oid_len, i);
			SWAP(p->type, i);
			SWAP(p->value, i);
			SWAP(p->value_len, i);
		}
	}
}

static void poll_with(struct fixture *f, struct models *set, const char *yaml)
{
	sort_objects(&f->p);
	set_of(set, yaml);
	f->p.models = set;
	(void)printer_poll(&f->p, &f->m, &f->r);
}

static const struct meter *meter_of(const struct reading *r, enum meter_name name)
{
	const struct meter *m = r->meters;
	while (m != NULL && m->name != name)
		m = m->next;
	return m;
}

static void assert_sum(
	const struct reading *r, enum meter_name name, uint64_t value, const char *parts)
{
	const struct meter *m = meter_of(r, name);
	assert_non_null(m);
	assert_int_equal(m->value, value);
	assert_text(m->parts, parts);
	assert_int_equal(m->object.len, 0);
}

static const char scalars[] =
	HEAD "get:\n"
	     "  - {oid: .1.0, sum: [impressions_mono, impressions_total], needs: 2}\n"
	     "  - {oid: .2.0, to: meter, meter: vendor, label: Small, sum: [impressions_mono, "
	     "impressions_total], needs: 2}\n"
	     "  - {oid: .3.0, sum: [impressions_color], divisor: 10}\n"
	     "  - {oid: .4.0, to: meter, meter: impressions_total, unit: impressions}\n";

static void test_sum_has_value_and_parts(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	printer_add(&f->p, ACME ".1.0", BER_COUNTER32, NULL, 1200);
	printer_add(&f->p, ACME ".2.0", BER_COUNTER32, NULL, 88000);
	printer_add(&f->p, ACME ".3.0", BER_COUNTER32, NULL, 70);
	poll_with(f, &set, scalars);
	assert_sum(&f->r, METER_IMPRESSIONS_MONO, 89200, ACME ".1.0 .2.0");
	assert_sum(&f->r, METER_IMPRESSIONS_TOTAL, 89200, ACME ".1.0 .2.0");
	assert_int_equal(meter_of(&f->r, METER_IMPRESSIONS_MONO)->unit, 7);
	/* The part has its own meter too. */
	assert_int_equal(meter_of(&f->r, METER_VENDOR)->value, 88000);
	/* One part is no sum: it is read from its object. */
	const struct meter *color = meter_of(&f->r, METER_IMPRESSIONS_COLOR);
	assert_int_equal(color->value, 7);
	assert_int_equal(color->parts.len, 0);
	assert_true(color->object.len > 0);
	models_close(&set);
}

static void test_meter_of_the_device_replaces_the_sum(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	printer_add(&f->p, ACME ".1.0", BER_COUNTER32, NULL, 1200);
	printer_add(&f->p, ACME ".2.0", BER_COUNTER32, NULL, 88000);
	printer_add(&f->p, ACME ".4.0", BER_COUNTER32, NULL, 89999);
	poll_with(f, &set, scalars);
	assert_int_equal(meter_of(&f->r, METER_IMPRESSIONS_TOTAL)->value, 89999);
	assert_int_equal(meter_of(&f->r, METER_IMPRESSIONS_TOTAL)->parts.len, 0);
	models_close(&set);
}

/* A lower sum would be a counter that went back. */
static void test_sum_with_a_missing_part_is_none(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	printer_add(&f->p, ACME ".1.0", BER_COUNTER32, NULL, 1200);
	poll_with(f, &set, scalars);
	assert_null(meter_of(&f->r, METER_IMPRESSIONS_MONO)); /* it needs two */
	models_close(&set);

	reading_close(&f->r);
	reading_open(&f->r, &f->blocks);
	printer_add(&f->p, ACME ".2.0", BER_COUNTER32, NULL, 88000);
	printer_add(&f->p, ACME ".3.0", BER_COUNTER32, NULL, 70);
	f->p.gen_err = ACME ".3.0";
	poll_with(f, &set, scalars);
	assert_int_equal(f->r.group[GROUP_METERS].status, GROUP_PARTIAL);
	assert_null(meter_of(&f->r, METER_IMPRESSIONS_MONO)); /* the group has an error */
	models_close(&set);
}

static void test_rows_of_two_places_are_not_added(void **state)
{
	static const char yaml[] = HEAD
		"tables:\n"
		"  - {rows: meters, entry: .5, columns: {label: 1, value: 2}, targets: [\n"
		"      {match: \"A3*\", sum: [large_impressions_total]},\n"
		"      {match: \"B4*\", sum: [large_impressions_total]}]}\n"
		"  - {rows: meters, entry: .5, columns: {label: 1, value: 3}, targets: [\n"
		"      {match: \"A3*\", sum: [large_impressions_mono]}]}\n"
		"  - {rows: meters, entry: .6, columns: {label: 1, value: 2}, unknown: keep, "
		"targets: [\n"
		"      {match: \"*\", sum: [large_impressions_total, large_impressions_mono]}]}\n";
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	for (int entry = 5; entry <= 6; entry++) {
		char oid[64];
		static const char *const sizes[] = {"A3", "A4", "B4 (JIS)"};
		for (int i = 0; i < 3; i++) {
			(void)snprintf(oid, sizeof oid, ACME ".%d.1.1.%d", entry, i + 1);
			printer_add(&f->p, oid, BER_OCTETS, sizes[i], 0);
			(void)snprintf(oid, sizeof oid, ACME ".%d.2.1.%d", entry, i + 1);
			printer_add(&f->p, oid, BER_COUNTER32, NULL, 100 * (i + 1));
			(void)snprintf(oid, sizeof oid, ACME ".%d.3.1.%d", entry, i + 1);
			printer_add(&f->p, oid, BER_COUNTER32, NULL, i + 1);
		}
	}
	poll_with(f, &set, yaml);
	/* Of the first place; its columns are one table. */
	assert_sum(&f->r, METER_LARGE_IMPRESSIONS_TOTAL, 400, ACME ".5.2.1.1 .3");
	assert_int_equal(meter_of(&f->r, METER_LARGE_IMPRESSIONS_MONO)->value, 1);
	/* Rows that are only parts are no meters; unknown rows are kept. */
	unsigned vendor = 0;
	for (const struct meter *m = f->r.meters; m != NULL; m = m->next)
		vendor += m->name == METER_VENDOR;
	assert_int_equal(vendor, 3);
	models_close(&set);
}

/* ---- levels ----------------------------------------------------------------------------- */

static void add_supply(struct printer *p, int n, int colorant, const char *name, int level)
{
	const struct {
		int column, value;
	} cells[] = {{3, colorant}, {4, 3}, {5, 3}, {7, 19}, {8, -2}, {9, level}};
	char oid[64];
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		(void)snprintf(oid, sizeof oid, SUPPLIES ".%d.1.%d", cells[i].column, n);
		printer_add(p, oid, BER_INTEGER, NULL, cells[i].value);
	}
	(void)snprintf(oid, sizeof oid, SUPPLIES ".6.1.%d", n);
	printer_add(p, oid, BER_OCTETS, name, 0);
}

static void add_level(struct printer *p, int n, const char *name, int level)
{
	char oid[64];
	(void)snprintf(oid, sizeof oid, ACME ".7.3.%d", n);
	printer_add(p, oid, BER_OCTETS, name, 0);
	(void)snprintf(oid, sizeof oid, ACME ".7.5.%d", n);
	printer_add(p, oid, BER_INTEGER, NULL, level);
}

static const char levels[] =
	HEAD "tables: [{rows: supplies, entry: .7, columns: {label: 3, value: 5}}]\n";

static const struct supply *nth_supply(const struct reading *r, unsigned n)
{
	const struct supply *s = r->supplies;
	while (s != NULL && n-- > 0)
		s = s->next;
	return s;
}

static void assert_level(
	const struct reading *r, unsigned n, enum level_kind kind, int percent, const char *object)
{
	const struct supply *s = nth_supply(r, n);
	char room[READING_SOURCE];
	assert_non_null(s);
	assert_int_equal(s->level_kind, kind);
	assert_int_equal((int)supply_percent(s), percent);
	assert_text(reading_source(s->object, (struct text){NULL, 0}, room), object);
}

static void test_levels_fill_rows_by_colorant(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	printer_add(&f->p, COLORANTS ".1", BER_OCTETS, "cyan", 0);
	printer_add(&f->p, COLORANTS ".2", BER_OCTETS, "black", 0);
	add_supply(&f->p, 1, 1, "Cartouche 1", -3);
	add_supply(&f->p, 2, 2, "Cartouche 2", -2);
	add_level(&f->p, 1, "Black Toner", -100);
	add_level(&f->p, 2, "Cyan Toner", 20);
	poll_with(f, &set, levels);
	assert_int_equal(f->r.supply_count, 2);
	assert_level(&f->r, 0, LEVEL_PERCENT, 20, ACME ".7.5.2");
	assert_level(&f->r, 1, LEVEL_EMPTY, -1, ACME ".7.5.1");
	models_close(&set);
}

static void test_level_of_the_standard_stays(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	add_supply(&f->p, 1, 0, "Black Toner", 0);
	add_supply(&f->p, 2, 0, "Cyan Toner", -3);
	add_level(&f->p, 1, "Black Toner", 55);
	add_level(&f->p, 2, "Cyan Toner", -3);
	poll_with(f, &set, levels);
	assert_level(&f->r, 0, LEVEL_PERCENT, 0, "");
	assert_level(&f->r, 1, LEVEL_SOME, -1, "");
	models_close(&set);
}

static void test_levels_fill_rows_by_name_and_place(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	add_supply(&f->p, 1, 0, "T-1", -2);
	add_supply(&f->p, 2, 0, "T-2", -2);
	add_supply(&f->p, 3, 0, "T-3", -2);
	add_level(&f->p, 1, "Yellow toner", 11);
	add_level(&f->p, 2, "T-1", 22);
	add_level(&f->p, 3, "Black toner", 33);
	poll_with(f, &set, levels);
	assert_level(&f->r, 0, LEVEL_PERCENT, 22, ACME ".7.5.2");
	/* The rest by place, except where that is taken. */
	assert_level(&f->r, 2, LEVEL_PERCENT, 33, ACME ".7.5.3");
	models_close(&set);

	/* Another number of rows: no place is sure. */
	reading_close(&f->r);
	reading_open(&f->r, &f->blocks);
	add_level(&f->p, 4, "Magenta toner", 44);
	poll_with(f, &set, levels);
	assert_level(&f->r, 0, LEVEL_PERCENT, 22, ACME ".7.5.2");
	assert_level(&f->r, 2, LEVEL_UNKNOWN, -1, "");
	assert_int_equal(f->r.supply_count, 3);
	models_close(&set);
}

static void test_levels_without_standard_rows_are_the_supplies(void **state)
{
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p);
	add_level(&f->p, 1, "Black ink", 40);
	add_level(&f->p, 2, "Maintenance box", 75);
	add_level(&f->p, 3, "Cyan ink", -3);
	poll_with(f, &set, levels);
	assert_int_equal(f->r.supply_count, 3);
	assert_level(&f->r, 0, LEVEL_PERCENT, 40, ACME ".7.5.1");
	assert_level(&f->r, 2, LEVEL_SOME, -1, ACME ".7.5.3");
	assert_int_equal(f->r.maintenance_count, 1);
	assert_int_equal(f->r.maintenance->percent_x100, 7500);
	models_close(&set);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, printer_setup, printer_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sum_has_value_and_parts),
		TEST(test_meter_of_the_device_replaces_the_sum),
		TEST(test_sum_with_a_missing_part_is_none),
		TEST(test_rows_of_two_places_are_not_added),
		TEST(test_levels_fill_rows_by_colorant),
		TEST(test_level_of_the_standard_stays),
		TEST(test_levels_fill_rows_by_name_and_place),
		TEST(test_levels_without_standard_rows_are_the_supplies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
