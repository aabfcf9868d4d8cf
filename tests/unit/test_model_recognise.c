/* SPDX-License-Identifier: Apache-2.0
 * Recognition: the points of docs/models.md, whole words, object ids, and IEEE 1284 device ids as
 * vendors write them. */
#include "tests/kit/model_set.h"

static struct models set;

static int open_vendors(void **state)
{
	(void)state;
	open_set(&set);
	must_add(&set, "a.yaml",
		"family: acme\nroot: 1.3.6.1.4.1.11111\nvendors:\n"
		"  - {vendor: Acme, words: [acme], device_id: [acme, acme inc], objects: [.1],\n"
		"     printer_words: [acme jet], printer_objects: [.1.7]}\n"
		"  - {vendor: Acme Prime, words: [prime], objects: [.1.2]}\n");
	must_add(&set, "b.yaml",
		"family: bolt\nroot: 1.3.6.1.4.1.22222\nvendors:\n"
		"  - {vendor: Bolt, words: [bolt, dual-bolt works, b+], device_id: [bolt]}\n"
		"  - {vendor: Tenant, words: [tenant], needs_object: true, objects: [.5, "
		"1.3.6.1.4.1.11111.1]}\n");
	must_add(&set, "c.yaml",
		"family: crown\nvendors:\n"
		"  - {vendor: Crown, words: [crown], objects: [1.3.6.1.4.1.33333]}\n"
		"  - {vendor: Same, words: [twin]}\n");
	must_add(&set, "d.yaml", "family: dune\nvendors:\n  - {vendor: Other, words: [twin]}\n");
	must_finish(&set);
	return 0;
}

static int close_vendors(void **state)
{
	(void)state;
	models_close(&set);
	return 0;
}

struct said {
	const char *id;
	const char *descr;
	const char *system;
	const char *object;
	const char *vendor; /* NULL: none */
	unsigned points;
};

static void check(const struct said *s, size_t count)
{
	for (size_t i = 0; i < count; i++, s++) {
		uint8_t room[LIMIT_OID_BER];
		struct model_match m = {0};
		struct oid_ber object = {NULL, 0};
		if (s->object != NULL)
			object = ber_of(room, s->object);
		int err = models_recognise(&set, text_of(s->id != NULL ? s->id : ""),
			text_of(s->descr != NULL ? s->descr : ""),
			text_of(s->system != NULL ? s->system : ""),
			s->object != NULL ? &object : NULL, &m);
		if (s->vendor == NULL) {
			assert_int_equal(err, ERR_NAME);
			continue;
		}
		assert_int_equal(err, 0);
		assert_text(set.vendor[m.vendor].vendor, s->vendor);
		assert_int_equal(m.points, s->points);
		const struct model *f = &set.model[m.model];
		assert_true(m.vendor >= f->first_vendor);
		assert_true(m.vendor < f->first_vendor + f->vendor_count);
	}
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void test_points_of_each_match(void **state)
{
	(void)state;
	static const struct said cases[] = {
		{"MFG:Acme;MDL:X;", NULL, NULL, NULL, "Acme", 8},
		{NULL, "Acme Jet 5", NULL, NULL, "Acme", 4},
		{NULL, "Colour printer by Acme", NULL, NULL, "Acme", 3},
		/* Of two names in one text the first counts, whatever the order of the files. */
		{NULL, NULL, "Acme 5; speaks Crown", NULL, "Acme", 2},
		{NULL, NULL, "Crown 5; speaks Acme", NULL, "Crown", 2},
		{NULL, NULL, "Acme Jet 5; OS 1", NULL, "Acme", 2},
		{NULL, NULL, "Linux made by acme", NULL, "Acme", 2},
		{NULL, NULL, NULL, "1.3.6.1.4.1.11111.1.9", "Acme", 1},
		{NULL, NULL, NULL, "1.3.6.1.4.1.11111.2", NULL, 0},
		{"MFG:Acme;", "Acme Jet", "Acme", "1.3.6.1.4.1.11111.1", "Acme", 13},
		{NULL, NULL, NULL, NULL, NULL, 0},
	};
	CHECK(cases);
}

/* The best match of a row counts; matches of one row do not add up. */
static void test_text_outweighs_object_id(void **state)
{
	(void)state;
	static const struct said cases[] = {
		{NULL, "Crown C1", NULL, "1.3.6.1.4.1.11111.1", "Crown", 4},
		{NULL, NULL, "Crown C1", "1.3.6.1.4.1.11111.1", "Crown", 2},
		{"MFG:Bolt;", "Crown C1", "Crown", "1.3.6.1.4.1.33333", "Bolt", 8},
		{NULL, "Acme with a bolt", NULL, NULL, "Acme", 4},
		{NULL, "Bolt dual-bolt works b+", NULL, NULL, "Bolt", 4},
	};
	CHECK(cases);
}

static void test_ties_by_object_length_then_file_order(void **state)
{
	(void)state;
	static const struct said cases[] = {
		{NULL, NULL, NULL, "1.3.6.1.4.1.11111.1.2.3", "Acme Prime", 1},
		{NULL, NULL, NULL, "1.3.6.1.4.1.11111.1.20", "Acme", 1},
		{NULL, "twin", NULL, NULL, "Same", 4},
	};
	CHECK(cases);
}

static void test_needs_object_requires_object_id(void **state)
{
	(void)state;
	static const struct said cases[] = {
		{NULL, "Tenant 5", NULL, NULL, NULL, 0},
		{NULL, "Tenant 5", NULL, "1.3.6.1.4.1.33333", "Crown", 1},
		{NULL, "Tenant 5", NULL, "1.3.6.1.4.1.22222.5.1", "Tenant", 5},
		{NULL, "Tenant 5", NULL, "1.3.6.1.4.1.11111.1", "Tenant", 5},
		{NULL, NULL, NULL, "1.3.6.1.4.1.22222.5", "Tenant", 1},
	};
	CHECK(cases);
}

static void test_words_match_whole_ignoring_case(void **state)
{
	(void)state;
	static const struct said cases[] = {
		{NULL, "ACME", NULL, NULL, "Acme", 4},
		{NULL, "  aCmE-jet", NULL, NULL, "Acme", 4},
		{NULL, "(acme)", NULL, NULL, "Acme", 3},
		{NULL, "acmeopolis", NULL, NULL, NULL, 0},
		{NULL, "pacme", NULL, NULL, NULL, 0},
		{NULL, "acme1", NULL, NULL, NULL, 0},
		{NULL,
			"acm\xc3\xa9 \xc3\xa9"
			"acme acme\xc3\xa9",
			NULL, NULL, NULL, 0},
		{NULL, "pacme acme", NULL, NULL, "Acme", 3},
		{NULL, "acm", NULL, NULL, NULL, 0},
		{NULL, "Dual-Bolt Works 1", NULL, NULL, "Bolt", 4},
		{NULL, "Dual-Bolt  Works 1", NULL, NULL, "Bolt", 3},
		{NULL, "B+5", NULL, NULL, "Bolt", 4},
		{NULL, "Bb+", NULL, NULL, NULL, 0},
		{"MFG:ACME INC.;", NULL, NULL, NULL, "Acme", 8},
		{"MFG:Acmetron;", NULL, NULL, NULL, NULL, 0},
	};
	CHECK(cases);
}

static void test_long_text_is_searched_to_end(void **state)
{
	(void)state;
	char text[LIMIT_TEXT_LONG];
	struct model_match m;
	struct text none = {NULL, 0};
	memset(text, 'a', sizeof text);
	memcpy(text + sizeof text - 5, " acme", 5);
	struct text t = {text, sizeof text};
	assert_int_equal(models_recognise(&set, none, t, none, NULL, &m), 0);
	t.len--;
	assert_int_equal(models_recognise(&set, none, t, none, NULL, &m), ERR_NAME);
}

static void test_vendor_printer_without_printer_mib(void **state)
{
	(void)state;
	uint8_t room[LIMIT_OID_BER];
	struct text none = {NULL, 0};
	struct oid_ber no_object = {NULL, 0};
	const struct model_vendor *acme = &set.vendor[family(&set, "acme")->first_vendor];
	assert_true(models_is_printer(&set, acme, text_of("ACME Jet 5"), none, no_object));
	assert_true(models_is_printer(&set, acme, none, text_of("an Acme Jet 5"), no_object));
	assert_false(models_is_printer(&set, acme, text_of("Acme Jetty"), none, no_object));
	assert_true(models_is_printer(&set, acme, text_of("Acme Jet5000"), none, no_object));
	assert_false(models_is_printer(&set, acme, text_of("Acme switch"), none, no_object));
	assert_true(
		models_is_printer(&set, acme, none, none, ber_of(room, "1.3.6.1.4.1.11111.1.7.3")));
	assert_false(
		models_is_printer(&set, acme, none, none, ber_of(room, "1.3.6.1.4.1.11111.1")));
	assert_false(models_is_printer(&set, acme + 1, text_of("Acme Jet"), none, no_object));
}

/* ---- IEEE 1284 -------------------------------------------------------------------------- */

struct device_id {
	const char *id;
	const char *vendor;
	const char *model;
	const char *serial;
};

static void test_device_id_fields(void **state)
{
	(void)state;
	static const struct device_id cases[] = {
		{"MFG:Acme;CMD:PCL,PS;MDL:Jet 5;CLS:PRINTER;SN:A1;", "Acme", "Jet 5", "A1"},
		{"MANUFACTURER:Acme;COMMAND SET:X;MODEL:Jet 5;SERIALNUMBER:A2;", "Acme", "Jet 5",
			"A2"},
		{" mfg : Acme Inc ;\r\nMdl:\tJet 5 ; sern:A3", "Acme Inc", "Jet 5", "A3"},
		{"DES:Acme Jet 5;MFG:Acme;", "Acme", "Acme Jet 5", ""},
		{"DESCRIPTION:Long words;MDL:Jet 5;", "", "Jet 5", ""},
		{"MFG:Acme;MANUFACTURER:;MDL:Jet;MODEL:Other;", "Acme", "Jet", ""},
		{"MFG:;MANUFACTURER:Acme;", "Acme", "", ""},
		{"MDL:a:b;", "", "a:b", ""},
		{"MFG;MDL;SN;", "", "", ""},
		{";;:;MFG:Acme", "Acme", "", ""},
		{"XMFG:Acme;MFGX:Acme;", "", "", ""},
		{"", "", "", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text vendor, model, serial;
		models_parse_device_id(text_of(cases[i].id), &vendor, &model, &serial);
		assert_text(vendor, cases[i].vendor);
		assert_text(model, cases[i].model);
		assert_text(serial, cases[i].serial);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points_of_each_match),
		cmocka_unit_test(test_text_outweighs_object_id),
		cmocka_unit_test(test_ties_by_object_length_then_file_order),
		cmocka_unit_test(test_needs_object_requires_object_id),
		cmocka_unit_test(test_words_match_whole_ignoring_case),
		cmocka_unit_test(test_long_text_is_searched_to_end),
		cmocka_unit_test(test_vendor_printer_without_printer_mib),
		cmocka_unit_test(test_device_id_fields),
	};
	return cmocka_run_group_tests(tests, open_vendors, close_vendors);
}
