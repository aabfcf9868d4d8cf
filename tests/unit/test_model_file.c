/* SPDX-License-Identifier: Apache-2.0
 * Valid model files: every key and its result, a vendor with a root of its own, files that replace
 * others, and the built-in families. */
#include "tests/kit/model_set.h"

#include <stdlib.h>

static const char whole[] =
	"# every key of the format\n"
	"family: acme\n"
	"root: 1.3.6.1.4.1.99999\n"
	"vendors:\n"
	"  - vendor: Acme\n"
	"    words: [acme, acme office]\n"
	"    device_id: [acme, acme inc]\n"
	"    objects: [1.3.6.1.4.1.99999, .1.5]\n"
	"    needs_object: true\n"
	"    printer_words: [acme jet]\n"
	"    printer_objects: [.1]\n"
	"  - {vendor: Second}\n"
	"quirks: {max_varbinds: 16, bulk: false, context: Jetdirect}\n"
	"firmware_mark: \";\"\n"
	"receptacles: fill_level\n"
	"never: [.9.1, .9.2]\n"
	"device_types:\n"
	"  - {type: .8.52.2.103, role: copier}\n"
	"  - {type: .8.52.2.104, role: scanner}\n"
	"  - {type: .8.52.2.105, role: fax}\n"
	"  - {type: .8.52.2.106, role: other_fax}\n"
	"  - {type: 1.3.6.1.2.1.25.3.1.5, role: printer}\n"
	"get:\n"
	"  - {oid: .1.0, to: model}\n"
	"  - {oid: .2.0, to: serial, pml: true}\n"
	"  - {oid: .3.0, to: firmware, label: main}\n"
	"  - {oid: .4.0, to: meter, meter: impressions_total, unit: impressions, divisor: 10}\n"
	"  - {oid: .5.0, to: codes, size: 7, value_bytes: 4, targets: [\n"
	"      {code: 0x00, to: meter, meter: sheets_total, unit: sheets},\n"
	"      {code: 0x41, to: life_percent, label: Drum, type: opc, divisor: 100},\n"
	"      {code: 254, to: supply_percent, type: toner, colorant: black}]}\n"
	"  - {oid: .6.0, to: device_id}\n"
	"  - {oid: .7.0, to: option, label: Stapler}\n"
	"  - {oid: .8.0, to: setting, label: Sleep}\n"
	"  - {oid: .10.0, to: ppm}\n"
	"  - {oid: .11.0, to: ppm_color}\n"
	"  - {oid: .12.0, to: life_left, type: fuser, unit: impressions}\n"
	"  - {oid: .13.0, to: life_used}\n"
	"  - {oid: .14.0, to: life_total}\n"
	"  - {oid: 1.3.6.1.4.1.88888.15.0, to: installed}\n"
	"  - {oid: .16.0, to: meter, meter: vendor, label: Large, unit: centimeters, sum: "
	"[large_impressions_total]}\n"
	"  - {oid: .17.0, sum: [sheets_total]}\n"
	"tables:\n"
	"  - rows: meters\n"
	"    entry: .20.1\n"
	"    columns: {key: [2, 3], value: 4, label: 5}\n"
	"    unknown: keep\n"
	"    first_rows: 12\n"
	"    targets:\n"
	"      - {key: [1, ~], to: meter, meter: impressions_total, unit: impressions}\n"
	"      - {match: \"Total*\", index: \"1.*.33\", to: meter, meter: vendor, label: Sum}\n"
	"      - {index: \"99\", skip: true}\n"
	"      - {match: \"Total*\", sum: [impressions_mono, impressions_color], needs: 2}\n"
	"  - {rows: firmware, entry: .21.1, columns: {label: 1, value: 2}}\n"
	"  - {rows: options, entry: .22.1, columns: {label: 1}, unknown: drop}\n"
	"  - {rows: settings, entry: .23.1, columns: {label: 1, value: 2}}\n"
	"  - {rows: supply_details, entry: .24.1, columns: {label: 1, part: 2, serial: 3}}\n"
	"  - {rows: supplies, entry: .25.1, columns: {label: 1, left: 2, life: 3}}\n"
	"  - {rows: maintenance, entry: .26.1, columns: {life: 1, used: 2, left: 3, installed: "
	"4}}\n"
	"  - rows: meters\n"
	"    entry: .27.1\n"
	"    each_device: true\n"
	"    under: \"20.200\"\n"
	"    columns: {value: 6}\n"
	"    targets:\n"
	"      - {role: copier, to: meter, meter: copy_impressions_total}\n"
	"evidence: {recordings: 3, cases: 2, documents: [ACME-MIB]}\n"
	"lines:\n"
	"  - {name: A 1000, evidence: recording, note: as on its page}\n"
	"  - {name: A 2000, evidence: mib}\n"
	"  - {name: A 3000}\n";

static struct models set;

static int open_whole(void **state)
{
	(void)state;
	set_of(&set, whole);
	return 0;
}

static int close_whole(void **state)
{
	(void)state;
	models_close(&set);
	return 0;
}

static void test_vendors_as_in_file(void **state)
{
	(void)state;
	const struct model *m = family(&set, "acme");
	assert_int_equal(set.count, 1);
	assert_text(m->file, "file.yaml");
	assert_int_equal(m->vendor_count, 2);
	const struct model_vendor *vendor = &set.vendor[m->first_vendor];
	assert_text(vendor[0].vendor, "Acme");
	assert_text(vendor[1].vendor, "Second");
	assert_int_equal(vendor[0].word_count, 2);
	assert_text(set.word[vendor[0].first_word + 1], "acme office");
	assert_int_equal(vendor[0].vendor_count, 2);
	assert_text(set.word[vendor[0].first_vendor + 1], "acme inc");
	assert_int_equal(vendor[0].object_count, 2);
	assert_oid(set.oid[vendor[0].first_object], "1.3.6.1.4.1.99999");
	assert_oid(set.oid[vendor[0].first_object + 1], "1.3.6.1.4.1.99999.1.5");
	assert_true(vendor[0].needs_object);
	assert_false(vendor[1].needs_object);
	assert_int_equal(vendor[0].printer_word_count, 1);
	assert_text(set.word[vendor[0].first_printer_word], "acme jet");
	assert_int_equal(vendor[0].printer_object_count, 1);
	assert_oid(set.oid[vendor[0].first_printer_object], "1.3.6.1.4.1.99999.1");
	assert_int_equal(vendor[1].word_count + vendor[1].object_count, 0);
}

static void test_quirks_and_roles_as_in_file(void **state)
{
	(void)state;
	static const uint8_t roles[] = {
		ROLE_COPIER, ROLE_SCANNER, ROLE_FAX, ROLE_OTHER_FAX, ROLE_PRINTER};
	const struct model *m = family(&set, "acme");
	assert_int_equal(m->quirks.max_varbinds, 16);
	assert_true(m->quirks.has_no_bulk);
	assert_text(m->quirks.context, "Jetdirect");
	assert_int_equal(m->firmware_mark, ';');
	assert_int_equal(m->receptacles, DIRECTION_FILL_LEVEL);
	assert_int_equal(m->device_type_count, sizeof roles);
	for (unsigned i = 0; i < sizeof roles; i++)
		assert_int_equal(set.device_type[m->first_device_type + i].role, roles[i]);
	assert_oid(set.device_type[m->first_device_type].type, "1.3.6.1.4.1.99999.8.52.2.103");
	assert_oid(set.device_type[m->first_device_type + 4].type, "1.3.6.1.2.1.25.3.1.5");
	assert_int_equal(set.excluded_count, 2);
	assert_oid(set.excluded[1], "1.3.6.1.4.1.99999.9.2");
}

static void test_lines_as_in_file(void **state)
{
	(void)state;
	static const uint8_t evidence[] = {EVIDENCE_RECORDING, EVIDENCE_MIB, EVIDENCE_NONE};
	const struct model *m = family(&set, "acme");
	assert_int_equal(m->line_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(set.line[m->first_line + i].evidence, evidence[i]);
	assert_text(set.line[m->first_line].name, "A 1000");
	assert_text(set.line[m->first_line].note, "as on its page");
	assert_text(set.line[m->first_line + 1].note, "");
	assert_string_equal(model_evidence_name(EVIDENCE_RECORDING), "recording");
	assert_string_equal(model_evidence_name(EVIDENCE_MIB), "mib");
	assert_string_equal(model_evidence_name(EVIDENCE_CASE), "case");
	assert_string_equal(model_evidence_name(EVIDENCE_NONE), "none");
	assert_int_equal(m->recordings, 3);
	assert_int_equal(m->cases, 2);
	assert_int_equal(m->documents, 1);
}

struct want_get {
	const char *oid;
	uint8_t field;
};

static void test_scalars_as_in_file(void **state)
{
	(void)state;
	static const struct want_get want[] = {{"1.3.6.1.4.1.99999.1.0", FIELD_MODEL},
		{"1.3.6.1.4.1.99999.2.0", FIELD_SERIAL}, {"1.3.6.1.4.1.99999.3.0", FIELD_FIRMWARE},
		{"1.3.6.1.4.1.99999.4.0", FIELD_METER}, {"1.3.6.1.4.1.99999.5.0", FIELD_CODES},
		{"1.3.6.1.4.1.99999.6.0", FIELD_DEVICE_ID}, {"1.3.6.1.4.1.99999.7.0", FIELD_OPTION},
		{"1.3.6.1.4.1.99999.8.0", FIELD_SETTING}, {"1.3.6.1.4.1.99999.10.0", FIELD_PPM},
		{"1.3.6.1.4.1.99999.11.0", FIELD_PPM_COLOR},
		{"1.3.6.1.4.1.99999.12.0", FIELD_LIFE_LEFT},
		{"1.3.6.1.4.1.99999.13.0", FIELD_LIFE_USED},
		{"1.3.6.1.4.1.99999.14.0", FIELD_LIFE_TOTAL},
		{"1.3.6.1.4.1.88888.15.0", FIELD_INSTALLED},
		{"1.3.6.1.4.1.99999.16.0", FIELD_METER}, {"1.3.6.1.4.1.99999.17.0", FIELD_METER}};
	const struct model *m = family(&set, "acme");
	const struct model_get *get = &set.get[m->first_get];
	assert_int_equal(m->get_count, sizeof want / sizeof want[0]);
	for (unsigned i = 0; i < m->get_count; i++) {
		assert_oid(get[i].oid, want[i].oid);
		assert_int_equal(get[i].target.field, want[i].field);
		assert_int_equal(get[i].is_pml, i == 1);
	}
	assert_text(get[2].target.label, "main");
	assert_int_equal(get[3].target.meter, METER_IMPRESSIONS_TOTAL);
	assert_int_equal(get[3].target.unit, 7); /* impressions(7) */
	assert_int_equal(get[3].target.divisor, 10);
	assert_text(get[7].target.label, "Sleep");
	assert_int_equal(get[10].target.type, 15); /* fuser(15) */
	assert_int_equal(get[10].target.unit, 7);
}

static void test_sums_as_in_file(void **state)
{
	(void)state;
	const struct model *m = family(&set, "acme");
	const struct model_target *large = &set.get[m->first_get + 14].target;
	const struct model_target *sheets = &set.get[m->first_get + 15].target;
	const struct model_targets *list = &set.table[m->first_table].targets;
	const struct model_target *row = &set.target[list->first + 3];
	assert_int_equal(large->unit, METER_UNIT_CENTIMETERS);
	assert_int_equal(large->sum_count, 1);
	assert_int_equal(large->sum[0], METER_LARGE_IMPRESSIONS_TOTAL);
	assert_false(large->is_sum_only);
	assert_true(sheets->is_sum_only);
	assert_int_equal(sheets->sum[0], METER_SHEETS_TOTAL);
	assert_true(list->has_sums && list->has_label_sums && row->is_sum_only);
	assert_int_equal(row->sum_count, 2);
	assert_int_equal(row->sum[1], METER_IMPRESSIONS_COLOR);
	assert_int_equal(row->sum_needs, 2);
	assert_false(set.table[m->first_table + 1].targets.has_sums);
}

static void test_coded_records_as_in_file(void **state)
{
	(void)state;
	const struct model *m = family(&set, "acme");
	const struct model_codes *codes = &set.get[m->first_get + 4].codes;
	const struct model_target *t = &set.target[codes->targets.first];
	assert_int_equal(codes->size, 7);
	assert_int_equal(codes->value_bytes, 4);
	assert_int_equal(codes->targets.count, 3);
	assert_int_equal(t[0].key[0], 0);
	assert_int_equal(t[1].key[0], 0x41);
	assert_int_equal(t[2].key[0], 254);
	assert_int_equal(t[0].field, FIELD_METER);
	assert_int_equal(t[0].meter, METER_SHEETS_TOTAL);
	assert_int_equal(t[0].unit, 8); /* sheets(8) */
	assert_int_equal(t[1].field, FIELD_LIFE_PERCENT);
	assert_int_equal(t[1].type, 9); /* opc(9) */
	assert_int_equal(t[1].divisor, 100);
	assert_text(t[1].label, "Drum");
	assert_int_equal(t[2].field, FIELD_SUPPLY_PERCENT);
	assert_text(t[2].colorant, "black");
	/* A record requires nothing of a table's rows. */
	assert_int_equal(t[0].key[1], MODEL_ANY);
	assert_int_equal(t[0].index_count, 0);
	assert_int_equal(t[0].role, ROLE_ANY);
}

static void assert_column(unsigned at, const char *oid, enum model_column_role role, unsigned key)
{
	assert_oid(set.column[at].oid, oid);
	assert_int_equal(set.column[at].role, role);
	assert_int_equal(set.column[at].key, key);
}

static void test_tables_as_in_file(void **state)
{
	(void)state;
	static const uint8_t rows[] = {ROWS_METERS, ROWS_FIRMWARE, ROWS_OPTIONS, ROWS_SETTINGS,
		ROWS_SUPPLY_DETAILS, ROWS_SUPPLIES, ROWS_MAINTENANCE, ROWS_METERS};
	static const uint8_t columns[] = {4, 2, 1, 2, 3, 3, 4, 1};
	const struct model *m = family(&set, "acme");
	const struct model_table *t = &set.table[m->first_table];
	assert_int_equal(m->table_count, sizeof rows);
	for (unsigned i = 0; i < m->table_count; i++) {
		assert_int_equal(t[i].rows, rows[i]);
		assert_int_equal(t[i].column_count, columns[i]);
		assert_int_equal(t[i].keeps_unknown, i == 0);
		assert_int_equal(t[i].is_each_device, i == 7);
		assert_int_equal(t[i].first_rows, i == 0 ? 12 : 4);
		assert_int_equal(t[i].under_len, i == 7 ? 3 : 0);
	}
	assert_column(t[0].first_column, "1.3.6.1.4.1.99999.20.1.2", COLUMN_IS_KEY, 0);
	assert_column(t[0].first_column + 1u, "1.3.6.1.4.1.99999.20.1.3", COLUMN_IS_KEY, 1);
	assert_column(t[0].first_column + 2u, "1.3.6.1.4.1.99999.20.1.4", COLUMN_IS_VALUE, 0);
	assert_column(t[0].first_column + 3u, "1.3.6.1.4.1.99999.20.1.5", COLUMN_IS_LABEL, 0);
	assert_column(t[4].first_column + 1u, "1.3.6.1.4.1.99999.24.1.2", COLUMN_IS_PART, 0);
	assert_column(t[4].first_column + 2u, "1.3.6.1.4.1.99999.24.1.3", COLUMN_IS_SERIAL, 0);
	assert_column(t[6].first_column, "1.3.6.1.4.1.99999.26.1.1", COLUMN_IS_LIFE, 0);
	assert_column(t[6].first_column + 1u, "1.3.6.1.4.1.99999.26.1.2", COLUMN_IS_USED, 0);
	assert_column(t[6].first_column + 2u, "1.3.6.1.4.1.99999.26.1.3", COLUMN_IS_LEFT, 0);
	assert_column(t[6].first_column + 3u, "1.3.6.1.4.1.99999.26.1.4", COLUMN_IS_INSTALLED, 0);
	/* 20 and 200 in base 128. */
	const uint8_t under[] = {0x14, 0x81, 0x48};
	assert_memory_equal(t[7].under, under, sizeof under);
}

static void test_targets_as_in_file(void **state)
{
	(void)state;
	const struct model *m = family(&set, "acme");
	const struct model_table *table = &set.table[m->first_table];
	const struct model_target *t = &set.target[table[0].targets.first];
	assert_int_equal(table[0].targets.count, 4);
	assert_int_equal(t[0].key[0], 1);
	assert_int_equal(t[0].key[1], MODEL_ANY);
	assert_int_equal(t[0].index_count, 0);
	assert_text(t[1].match, "Total*");
	assert_int_equal(t[1].index_count, 3);
	assert_int_equal(t[1].index[0], 1);
	assert_int_equal(t[1].index[1], MODEL_ANY);
	assert_int_equal(t[1].index[2], 33);
	assert_int_equal(t[1].meter, METER_VENDOR);
	assert_text(t[1].label, "Sum");
	assert_false(t[1].is_skipped);
	assert_true(t[2].is_skipped);
	assert_int_equal(table[1].targets.count, 0);
	assert_int_equal(table[7].targets.count, 1);
	assert_int_equal(set.target[table[7].targets.first].role, ROLE_COPIER);
}

/* ---- roots, replacing ------------------------------------------------------------------- */

static void test_vendor_root_makes_family(void **state)
{
	(void)state;
	struct models s;
	set_of(&s, "family: acme\n"
		   "vendors:\n"
		   "  - {vendor: Acme}\n"
		   "  - vendor: Other Brand\n"
		   "    root: 1.3.6.1.4.1.88888.7\n"
		   "    objects: [.1, 1.3.6.1.4.1.77777]\n"
		   "    lines: [{name: O 1, evidence: mib}]\n"
		   "root: 1.3.6.1.4.1.99999\n"
		   "never: [.9]\n"
		   "get: [{oid: .1.0, to: model}, {oid: 1.3.6.1.2.1.1.5.0, to: serial}]\n"
		   "tables: [{rows: options, entry: .2.1, columns: {label: 3}}]\n"
		   "device_types: [{type: .5, role: fax}]\n"
		   "lines: [{name: A 1, evidence: recording}]\n");
	assert_int_equal(s.count, 2);
	const struct model *own = family(&s, "acme"), *other = family(&s, "acme@other brand");
	assert_int_equal(own->vendor_count, 1);
	assert_text(s.vendor[own->first_vendor].vendor, "Acme");
	assert_int_equal(other->vendor_count, 1);
	assert_text(s.vendor[other->first_vendor].vendor, "Other Brand");
	assert_oid(s.oid[s.vendor[other->first_vendor].first_object], "1.3.6.1.4.1.88888.7.1");
	assert_oid(s.oid[s.vendor[other->first_vendor].first_object + 1], "1.3.6.1.4.1.77777");
	assert_oid(s.get[own->first_get].oid, "1.3.6.1.4.1.99999.1.0");
	assert_oid(s.get[other->first_get].oid, "1.3.6.1.4.1.88888.7.1.0");
	assert_oid(s.get[other->first_get + 1].oid, "1.3.6.1.2.1.1.5.0");
	assert_oid(s.column[s.table[other->first_table].first_column].oid,
		"1.3.6.1.4.1.88888.7.2.1.3");
	assert_oid(s.device_type[other->first_device_type].type, "1.3.6.1.4.1.88888.7.5");
	/* A sub-tree excluded under one root is excluded under the other. */
	assert_int_equal(s.excluded_count, 2);
	assert_oid(s.excluded[0], "1.3.6.1.4.1.99999.9");
	assert_oid(s.excluded[1], "1.3.6.1.4.1.88888.7.9");
	/* Evidence for one root is none for the other. */
	assert_int_equal(own->line_count, 1);
	assert_text(s.line[own->first_line].name, "A 1");
	assert_int_equal(other->line_count, 1);
	assert_text(s.line[other->first_line].name, "O 1");
	models_close(&s);
}

static void test_later_file_replaces_family(void **state)
{
	(void)state;
	struct models s;
	open_set(&s);
	must_add(&s, "a.yaml",
		"family: acme\nvendors:\n"
		"  - {vendor: Acme, words: [acme]}\n"
		"  - {vendor: Brand, root: 1.3.6.1.4.1.88888}\n"
		"  - {vendor: Brand, root: 1.3.6.1.4.1.77777}\n");
	must_add(&s, "b.yaml", "family: acme-two\n");
	must_add(&s, "a.yaml",
		"family: acme\nvendors:\n"
		"  - {vendor: New Acme}\n"
		"  - {vendor: Brand, root: 1.3.6.1.4.1.66666}\n"
		"  - {vendor: Brand, root: 1.3.6.1.4.1.55555}\n");
	must_finish(&s);
	/* Two roots of one brand in one file do not replace each other. */
	assert_int_equal(s.count, 4);
	assert_text(s.model[0].name, "acme-two");
	assert_text(s.model[1].name, "acme");
	assert_text(s.vendor[s.model[1].first_vendor].vendor, "New Acme");
	assert_text(s.model[2].name, "acme@brand");
	assert_text(s.model[3].name, "acme@brand");
	models_close(&s);
}

static bool is_excluded(const struct models *models, struct oid_ber oid)
{
	unsigned i = 0;
	while (i < models->excluded_count && !oid_ber_has_prefix(oid, models->excluded[i]))
		i++;
	return i < models->excluded_count;
}

static void test_replaced_file_keeps_exclusions(void **state)
{
	(void)state;
	struct models s;
	uint8_t room[LIMIT_OID_BER];
	open_set(&s);
	must_add(&s, "a.yaml", "family: acme\nnever: [1.3.6.1.4.1.99999.9]\n");
	must_add(&s, "b.yaml", "family: acme\n");
	must_finish(&s);
	assert_int_equal(s.count, 1);
	assert_true(is_excluded(&s, ber_of(room, "1.3.6.1.4.1.99999.9")));
	assert_true(is_excluded(&s, ber_of(room, "1.3.6.1.4.1.99999.9.1.1")));
	assert_false(is_excluded(&s, ber_of(room, "1.3.6.1.4.1.99999.90")));
	assert_false(is_excluded(&s, ber_of(room, "1.3.6.1.4.1.99999")));
	models_close(&s);
}

static void test_empty_set_matches_nothing(void **state)
{
	(void)state;
	struct models s;
	struct model_match match;
	struct text none = {NULL, 0};
	open_set(&s);
	must_finish(&s);
	assert_int_equal(s.count, 0);
	assert_int_equal(
		models_recognise(&s, none, text_of("Acme 1"), none, NULL, &match), ERR_NAME);
	models_close(&s);
	models_close(&s); /* harmless */
}

/* ---- the reference ---------------------------------------------------------------------- */

/* The example of docs/models.md, between its fences. */
static void test_documentation_example_parses(void **state)
{
	(void)state;
	static char page[32768];
	struct models s;
	FILE *f = fopen(PLATEN_SOURCE_DIR "/docs/models.md", "r");
	assert_non_null(f);
	size_t n = fread(page, 1, sizeof page - 1, f);
	assert_int_equal(fclose(f), 0);
	page[n] = '\0';
	char *begin = strstr(page, "```yaml\n");
	assert_non_null(begin);
	char *end = strstr(begin + 8, "\n```\n");
	assert_non_null(end);
	end[1] = '\0';
	set_of(&s, begin + 8);
	assert_int_equal(s.count, 2);
	assert_text(s.model[0].name, "lexmark");
	assert_text(s.model[1].name, "lexmark@dell");
	assert_int_equal(s.model[0].get_count, 5);
	assert_int_equal(s.model[0].table_count, 2);
	models_close(&s);
}

/* ---- built in --------------------------------------------------------------------------- */

static void test_builtin_families_are_well_formed(void **state)
{
	(void)state;
	char why[LIMIT_WHY] = "";
	struct models s;
	open_set(&s);
	int err = models_add_builtin(&s, why);
	assert_string_equal(why, "");
	assert_int_equal(err, 0);
	must_finish(&s);
	assert_true(s.count >= 18);
	/* The limits leave space for as much again from a directory. */
	assert_true(s.count <= LIMIT_MODELS / 2);
	assert_true(models_memory(&s) <= LIMIT_MODELS_MEMORY / 2);
	for (unsigned i = 0; i < s.count; i++) {
		const struct model *m = &s.model[i];
		assert_true(m->vendor_count > 0);
		if (m->line_count == 0)
			fail_msg("%.*s says nothing of its models", TEXT_ARG(m->name));
	}
	print_message("%u families, %zu bytes\n", s.count, models_memory(&s));
	models_close(&s);
}

static void test_builtin_set_is_made_once(void **state)
{
	(void)state;
	const struct models *a = models_builtin();
	assert_non_null(a);
	assert_ptr_equal(models_builtin(), a);
	/* By file name. */
	assert_text(a->model[0].file, "brother.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vendors_as_in_file),
		cmocka_unit_test(test_quirks_and_roles_as_in_file),
		cmocka_unit_test(test_lines_as_in_file),
		cmocka_unit_test(test_scalars_as_in_file),
		cmocka_unit_test(test_sums_as_in_file),
		cmocka_unit_test(test_coded_records_as_in_file),
		cmocka_unit_test(test_tables_as_in_file),
		cmocka_unit_test(test_targets_as_in_file),
		cmocka_unit_test(test_vendor_root_makes_family),
		cmocka_unit_test(test_later_file_replaces_family),
		cmocka_unit_test(test_replaced_file_keeps_exclusions),
		cmocka_unit_test(test_empty_set_matches_nothing),
		cmocka_unit_test(test_documentation_example_parses),
		cmocka_unit_test(test_builtin_families_are_well_formed),
		cmocka_unit_test(test_builtin_set_is_made_once),
	};
	return cmocka_run_group_tests(tests, open_whole, close_whole);
}
