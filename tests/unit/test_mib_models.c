/* SPDX-License-Identifier: Apache-2.0
 * Polls by unusual model files, and printers that respond to them: values stay apart, every poll
 * ends, and each value records its object. */
#include "tests/kit/mib_printer.h"
#include "tests/kit/model_set.h"

#define ACME "1.3.6.1.4.1.99999"

/* A printer that identifies itself and has one counter. */
static void add_printer(struct printer *p, const char *descr)
{
	printer_add(p, "1.3.6.1.2.1.1.1.0", BER_OCTETS, descr, 0);
	printer_add(p, "1.3.6.1.2.1.25.3.2.1.2.1", BER_OID, "1.3.6.1.2.1.25.3.1.5", 0);
	printer_add(p, "1.3.6.1.2.1.25.3.2.1.3.1", BER_OCTETS, descr, 0);
	printer_add(p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "TST000001", 0);
	printer_add(p, "1.3.6.1.2.1.43.10.2.1.4.1.1", BER_COUNTER32, NULL, 4711);
}

static void poll_with(struct fixture *f, struct models *set, const char *yaml)
{
	set_of(set, yaml);
	f->p.models = set;
	(void)printer_poll(&f->p, &f->m, &f->r);
}

static const struct meter *meter_named(const struct reading *r, const char *label)
{
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		if (text_is(m->label, label))
			return m;
	}
	return NULL;
}

static void assert_source(struct oid_ber object, const char *want)
{
	char room[READING_SOURCE];
	assert_text(reading_source(object, (struct text){NULL, 0}, room), want);
}

static const struct maintenance *part_named(const struct reading *r, const char *name)
{
	for (const struct maintenance *m = r->maintenance; m != NULL; m = m->next) {
		if (text_is(m->name, name))
			return m;
	}
	return NULL;
}

/* A device without matching texts is probed for the objects of all families. A file without vendors
 * never matches, and must not get the vendor of another file. */
static void test_family_without_vendors_never_matches(void **state)
{
	static const char others[] = "family: zeta\nvendors: [{vendor: Zeta, words: [zeta]}]\n";
	static const char no_vendors[] =
		"family: novendors\nroot: " ACME "\n"
		"get: [{oid: .2.0, to: device_id}]\n"
		"tables: [{rows: options, entry: .1, columns: {label: 1}}]\n";
	static const char one_vendor[] =
		"family: onevendor\nroot: " ACME "\nvendors: [{vendor: Acme}]\n"
		"tables: [{rows: options, entry: .1, columns: {label: 1, value: 2}}]\n";
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p, "a printer of this site");
	printer_add(&f->p, ACME ".1.1.1", BER_OCTETS, "Stapler", 0);
	printer_add(&f->p, ACME ".2.0", BER_OCTETS, "MFG:Unlisted;", 0);
	f->p.models = &set;

	open_set(&set);
	must_add(&set, "a.yaml", others);
	must_add(&set, "b.yaml", no_vendors);
	must_finish(&set);
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_text(f->r.identity.vendor, "");
	models_close(&set);

	/* Alone it gives no vendor at all. */
	reading_close(&f->r);
	reading_open(&f->r, &f->blocks);
	poll_with(f, &set, no_vendors);
	assert_text(f->r.identity.vendor, "");
	models_close(&set);

	/* Control: with a vendor the device is recognised by its objects. */
	reading_close(&f->r);
	reading_open(&f->r, &f->blocks);
	poll_with(f, &set, one_vendor);
	assert_text(f->r.identity.vendor, "Acme");
	models_close(&set);
}

/* A printer with one value per response is requested the families that it left out. */
static void test_probe_missing_from_response_is_resent(void **state)
{
	static const char one[] = "family: one\nroot: " ACME ".1\nvendors: [{vendor: One}]\n"
				  "tables: [{rows: options, entry: .1, columns: {label: 1}}]\n";
	static const char two[] = "family: two\nroot: " ACME ".2\nvendors: [{vendor: Two}]\n"
				  "tables: [{rows: options, entry: .1, columns: {label: 1}}]\n";
	struct fixture *f = *state;
	struct models set;
	open_set(&set);
	must_add(&set, "one.yaml", one);
	must_add(&set, "two.yaml", two);
	must_finish(&set);
	add_printer(&f->p, "a printer of this site");
	printer_add(&f->p, ACME ".2.1.1.1", BER_OCTETS, "Stapler", 0);
	f->p.models = &set;
	f->p.most = 1;
	(void)printer_poll(&f->p, &f->m, &f->r);
	assert_text(f->r.identity.vendor, "Two");
	models_close(&set);
}

/* The walks of the first half differ from those of the second by their number, unless a printer has
 * so many device rows that the first half is too small. */
static void test_rows_of_two_tables_stay_apart(void **state)
{
	static const char yaml[] =
		"family: acme\nroot: " ACME "\nvendors: [{vendor: Acme, words: [acme]}]\n"
		"device_types: [{type: .9.1, role: copier}]\n"
		"tables:\n"
		"  - {rows: meters, entry: .1, each_device: true, columns: {value: 1}, targets: [\n"
		"      {role: copier, to: meter, meter: vendor, label: Copies}]}\n"
		"  - {rows: settings, entry: .2, columns: {label: 1, value: 2}}\n";
	enum { DEVICES = 30 };
	struct fixture *f = *state;
	struct models set;
	char row[16];
	printer_add(&f->p, "1.3.6.1.2.1.1.1.0", BER_OCTETS, "Acme", 0);
	for (unsigned i = 1; i <= DEVICES; i++) {
		(void)snprintf(row, sizeof row, "%u", i);
		printer_add_row(&f->p, HR_DEVICE, 2, row, BER_OID,
			i == 1 ? "1.3.6.1.2.1.25.3.1.5" : ACME ".9.1", 0);
	}
	printer_add(&f->p, "1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "TST000001", 0);
	for (unsigned i = 1; i <= DEVICES; i++) {
		(void)snprintf(row, sizeof row, "%u.7", i);
		printer_add_row(&f->p, ACME ".1", 1, row, BER_COUNTER32, NULL, 100 + i);
	}
	printer_add(&f->p, ACME ".2.1.7", BER_OCTETS, "Sleep", 0);
	printer_add(&f->p, ACME ".2.2.7", BER_INTEGER, NULL, 15);
	poll_with(f, &set, yaml);
	unsigned copies = 0;
	for (const struct meter *m = f->r.meters; m != NULL; m = m->next)
		copies += text_is(m->label, "Copies");
	assert_int_equal(copies, DEVICES - 1);
	const struct option *o = f->r.options;
	while (o != NULL && o->kind != OPTION_SETTING)
		o = o->next;
	assert_non_null(o);
	assert_text(o->name, "Sleep");
	assert_text(o->value, "15");
	models_close(&set);

	/* The second half starts without the rows of the first. */
	static struct mib_plan w;
	mib_begin(&w, &f->m, SNMP_V2C, NULL, false);
	w.phase = PHASE_PARTS - 1;
	w.has_printer_mib = true;
	w.last_of_walk[MIB_MODEL_WALKS / 2] = w.furthest_of_walk[MIB_MODEL_WALKS / 2] = &f->r;
	mib_next_phase(&w);
	assert_null(w.last_of_walk[MIB_MODEL_WALKS / 2]);
	assert_null(w.furthest_of_walk[MIB_MODEL_WALKS / 2]);
}

/* An OID may have 128 bytes, and a column must leave space for the index of its rows: a request
 * that does not fit would be repeated for ever. */
static void test_long_column_oid_leaves_space_for_index(void **state)
{
	(void)state;
	struct models set;
	char arc[600] = ACME, why[LIMIT_WHY], yaml[1024];
	/* Nineteen of five bytes each are 103 with ACME's eight. */
	for (unsigned i = 0; i < 19; i++)
		(void)strcat(arc, ".4294967295");
	for (unsigned more = 0; more < 8; more++) {
		(void)snprintf(yaml, sizeof yaml,
			"family: acme\n"
			"tables: [{rows: options, entry: %s, columns: {label: 1}}]\n",
			arc);
		open_set(&set);
		int err = add_text(&set, yaml, why);
		/* Five for the column, sixteen for the row. */
		assert_int_equal(err, 103 + more + 5 + 16 <= LIMIT_OID_BER ? 0 : ERR_CONF);
		if (err < 0)
			assert_non_null(strstr(why, "too long to have columns"));
		models_close(&set);
		(void)strcat(arc, ".7");
	}
}

/* Counters and parts from tables and scalars, each with its own object. */
static void test_values_record_their_object(void **state)
{
	static const char yaml[] =
		"family: acme\nroot: " ACME "\nvendors: [{vendor: Acme, words: [acme]}]\n"
		"get:\n"
		"  - {oid: .1.0, to: life_percent, label: Belt, type: transfer_unit}\n"
		"  - {oid: .2.0, to: life_percent, label: Roller, type: transfer_unit}\n"
		"tables:\n"
		"  - {rows: settings, entry: .3, columns: {label: 1, value: 2}, targets: [\n"
		"      {match: Jams, to: meter, meter: vendor},\n"
		"      {match: Pump, to: life_left, type: fuser}]}\n"
		"  - {rows: settings, entry: .4, columns: {value: 1}, targets: [\n"
		"      {index: \"5\", to: meter, meter: vendor, label: Blanks},\n"
		"      {index: \"6\", to: meter, meter: vendor}]}\n";
	struct fixture *f = *state;
	struct models set;
	add_printer(&f->p, "Acme");
	printer_add(&f->p, ACME ".1.0", BER_INTEGER, NULL, 40);
	printer_add(&f->p, ACME ".2.0", BER_INTEGER, NULL, 60);
	printer_add(&f->p, ACME ".3.1.9", BER_OCTETS, "Jams", 0);
	printer_add(&f->p, ACME ".3.1.300.2", BER_OCTETS, "Pump", 0);
	printer_add(&f->p, ACME ".3.2.9", BER_INTEGER, NULL, 3);
	printer_add(&f->p, ACME ".3.2.300.2", BER_INTEGER, NULL, 900);
	printer_add(&f->p, ACME ".4.1.5", BER_INTEGER, NULL, 8);
	printer_add(&f->p, ACME ".4.1.6", BER_INTEGER, NULL, 9); /* without a unit */
	poll_with(f, &set, yaml);
	const struct maintenance *belt = part_named(&f->r, "Belt");
	const struct maintenance *roller = part_named(&f->r, "Roller");
	const struct maintenance *pump = part_named(&f->r, "Pump");
	assert_non_null(belt);
	assert_non_null(roller); /* another part of the same type stays separate */
	assert_non_null(pump);
	assert_int_equal(belt->percent_x100, 4000);
	assert_int_equal(roller->percent_x100, 6000);
	assert_int_equal(pump->left, 900);
	assert_source(belt->object, ACME ".1.0");
	assert_source(roller->object, ACME ".2.0");
	assert_source(pump->object, ACME ".3.2.300.2");
	const struct meter *jams = meter_named(&f->r, "Jams"),
			   *blanks = meter_named(&f->r, "Blanks");
	assert_non_null(blanks);
	assert_int_equal(blanks->value, 8);
	assert_source(blanks->object, ACME ".4.1.5");
	assert_non_null(jams); /* by the row's own label */
	assert_int_equal(jams->value, 3);
	assert_source(jams->object, ACME ".3.2.9");
	for (const struct meter *m = f->r.meters; m != NULL; m = m->next)
		assert_true(m->object.len > 0 && (m->name != METER_VENDOR || m->label.len > 0));
	models_close(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_family_without_vendors_never_matches, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(test_probe_missing_from_response_is_resent,
			printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_rows_of_two_tables_stay_apart, printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(test_long_column_oid_leaves_space_for_index,
			printer_setup, printer_teardown),
		cmocka_unit_test_setup_teardown(
			test_values_record_their_object, printer_setup, printer_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
