/* SPDX-License-Identifier: Apache-2.0
 * Model files with one error: one message with line and column, and an unchanged set. */
#include "tests/kit/model_set.h"

#include <stdlib.h>

struct mistake {
	const char *yaml;
	const char *why;
};

/* A minimal file, followed by the error. */
#define FAMILY "family: acme\nroot: 1.3.6.1.4.1.99999\n"
#define GET(what) FAMILY "get:\n  - {oid: .1.0, " what "}\n"
#define TABLE(what) FAMILY "tables:\n  - rows: meters\n    entry: .2.1\n" what
#define TARGET(columns, what)                                                                      \
	TABLE("    columns: {" columns "}\n    targets:\n      - {" what "}\n")
#define CODES(what) FAMILY "get:\n  - {oid: .1.0, to: codes, " what "}\n"

static const struct mistake mistakes[] = {
	/* structure */
	{"", "file.yaml: is empty"},
	{"# nothing\n", "file.yaml: is empty"},
	{"family: [acme\n", "file.yaml:2:1: did not find expected ',' or ']'"},
	{"family: acme\n\xff\n", "file.yaml:2:1: invalid leading UTF-8 octet"},
	{"family: acme\nvendors:\n\t- vendor: A\n",
		"file.yaml:3:1: found character that cannot start any token"},
	{"family: acme\nlines: &a []\n",
		"file.yaml:2:8: anchors and aliases are not allowed in a model file"},
	{"family: acme\nlines: *a\n",
		"file.yaml:2:8: anchors and aliases are not allowed in a model file"},
	{"family: &name acme\n",
		"file.yaml:1:9: anchors and aliases are not allowed in a model file"},
	{"family: acme\nlines: {&k name: x}\n",
		"file.yaml:2:9: anchors and aliases are not allowed in a model file"},
	{"family: acme\n---\nfamily: other\n",
		"file.yaml:2:1: a model file has one document, with one family"},
	{"family: acme\nget: [[[[[[[[[[[[1]]]]]]]]]]]]\n", "file.yaml:2:17: nested too deep"},
	{FAMILY "evidence: {cases: many}\n",
		"file.yaml:3:19: a number from 0 to 9999 is expected here"},
	{FAMILY "evidence: {documents: [\"\"]}\n", "file.yaml:3:24: a document has a name"},
	{FAMILY "evidence: {case: 1}\n",
		"file.yaml:3:12: unknown key \"case\"; did you mean \"cases\"?"},
	{FAMILY "vendors:\n  - {vendor: Acme, evidence: {cases: 1}}\n",
		"file.yaml:4:30: a vendor has \"evidence\" of its own if it has a \"root\""},
	{"- family: acme\n", "file.yaml:1:1: a map is expected here"},
	{"just a word\n", "file.yaml:1:1: a map is expected here"},
	/* a family */
	{"root: 1.3.6.1.4.1.99999\n", "file.yaml:1:1: a model file needs its \"family\""},
	{"family: acme\nfamily: acme\n", "file.yaml:2:1: duplicate key \"family\""},
	{"family: [acme]\n", "file.yaml:1:9: a single value is expected here"},
	{"family: acme!\n", "file.yaml:1:9: a family is called by letters, digits and \"-\""},
	{"family: abcdefghijabcdefghijabcdefghijabc\n", "file.yaml:1:9: longer than 32 bytes"},
	{"family: \"\"\n", "file.yaml:1:1: a model file needs its \"family\""},
	{"family: acme\nroots: 1.3\n",
		"file.yaml:2:1: unknown key \"roots\"; did you mean \"root\"?"},
	{"family: acme\nnothing-like-it: 1\n",
		"file.yaml:2:1: unknown key \"nothing-like-it\"; known are family, root, vendors, "
		"quirks, firmware_mark, never, device_types, get, tables, evidence, lines, "
		"common_root, receptacles"},
	{"family: acme\n\"get\\e[31m\": 1\n", "file.yaml:2:1: has a control character"},
	{"family: acme\n? [a, b]\n: 1\n", "file.yaml:2:3: a single value is expected here"},
	{"family: acme\nroot: 1.3.x\n", "file.yaml:2:7: \"1.3.x\" is no OID"},
	{"family: acme\nroot: .8.53\n", "file.yaml:2:7: \".8.53\" is no OID"},
	{"family: acme\nroot: [1.3]\n", "file.yaml:2:7: a single value is expected here"},
	{"family: acme\nfirmware_mark: \";;\"\n", "file.yaml:2:16: longer than 1 bytes"},
	/* vendors */
	{FAMILY "vendors: {vendor: Acme}\n",
		"file.yaml:3:10: a list is expected here: [a, b] or lines with \"-\""},
	{FAMILY "vendors: [Acme]\n", "file.yaml:3:11: a map is expected here"},
	{FAMILY "vendors:\n  - {words: [acme]}\n", "file.yaml:4:5: a vendor needs its \"vendor\""},
	{FAMILY "vendors:\n  - {vendor: Acme, word: [acme]}\n",
		"file.yaml:4:20: unknown key \"word\"; did you mean \"words\"?"},
	{FAMILY "vendors:\n  - {vendor: Acme, words: acme}\n",
		"file.yaml:4:27: a list is expected here: [a, b] or lines with \"-\""},
	{FAMILY "vendors:\n  - {vendor: Acme, words: [acme, \"\"]}\n",
		"file.yaml:4:34: an empty word fits everything"},
	{FAMILY "vendors:\n  - {vendor: Acme, words: [[acme]]}\n",
		"file.yaml:4:28: a single value is expected here"},
	{FAMILY "vendors:\n  - {vendor: Acme, objects: [1.3.6.1.4.1.]}\n",
		"file.yaml:4:30: \"1.3.6.1.4.1.\" is no OID"},
	{FAMILY "vendors:\n  - {vendor: Acme, objects: [.]}\n", "file.yaml:4:30: \".\" is no OID"},
	{FAMILY "vendors:\n  - {vendor: Acme, objects: [.1.4294967296]}\n",
		"file.yaml:4:30: \".1.4294967296\" is no OID"},
	{FAMILY "vendors:\n  - {vendor: Acme, needs_object: yes}\n",
		"file.yaml:4:34: unknown word \"yes\"; known are false, true"},
	{FAMILY "vendors:\n  - {vendor: Acme, root: x}\n", "file.yaml:4:26: \"x\" is no OID"},
	{FAMILY "vendors:\n  - {vendor: Acme, lines: [{name: A1}]}\n",
		"file.yaml:4:27: a vendor has \"lines\" of its own if it has a \"root\""},
	{FAMILY "vendors:\n  - {vendor: \"A\\tB\"}\n", "file.yaml:4:14: has a control character"},
	{FAMILY "vendors:\n  - {vendor: \"A\\x9bB\"}\n", "file.yaml:4:14: has a control character"},
	{"family: acme\nvendors:\n  - {vendor: Acme, objects: [.1]}\n",
		"file.yaml:3:30: an OID that hangs on a \"root\", and the file names none"},
	/* quirks, never, device types, lines */
	{FAMILY "quirks: {max_varbinds: 0}\n",
		"file.yaml:3:24: a number from 1 to 48 is expected here"},
	{FAMILY "quirks: {max_varbinds: 49}\n",
		"file.yaml:3:24: a number from 1 to 48 is expected here"},
	{FAMILY "quirks: {max_varbinds: 1x}\n",
		"file.yaml:3:24: a number from 1 to 48 is expected here"},
	{FAMILY "quirks: {max_varbinds: }\n",
		"file.yaml:3:24: a number from 1 to 48 is expected here"},
	{FAMILY "quirks: {max_varbinds: 99999999999999999999}\n",
		"file.yaml:3:24: longer than 15 bytes"},
	{FAMILY "quirks: {bulk: 1}\n", "file.yaml:3:16: unknown word \"1\"; known are false, true"},
	{FAMILY "quirks: {contexts: a}\n",
		"file.yaml:3:10: unknown key \"contexts\"; did you mean \"context\"?"},
	{FAMILY "never: [.9.1, 1.3.6.1.2.1.43]\n",
		"file.yaml:3:15: only sub-trees of vendors (1.3.6.1.4.1.N) can be excluded"},
	{FAMILY "never: [1.3.6.1.4.1]\n",
		"file.yaml:3:9: only sub-trees of vendors (1.3.6.1.4.1.N) can be excluded"},
	{FAMILY "never: [1.3.6.1.4.1.2699.1.2]\n",
		"file.yaml:3:9: only sub-trees of vendors (1.3.6.1.4.1.N) can be excluded"},
	{FAMILY "never: .9\n",
		"file.yaml:3:8: a list is expected here: [a, b] or lines with \"-\""},
	{FAMILY "device_types:\n  - {type: .1}\n",
		"file.yaml:4:5: a device type needs \"type\" and \"role\""},
	{FAMILY "device_types:\n  - {role: fax}\n",
		"file.yaml:4:5: a device type needs \"type\" and \"role\""},
	{FAMILY "device_types:\n  - {type: .1, role: scaner}\n",
		"file.yaml:4:22: unknown word \"scaner\"; did you mean \"scanner\"?"},
	{FAMILY "lines:\n  - {note: x}\n",
		"file.yaml:4:5: a line needs the \"name\" of its models"},
	{FAMILY "lines:\n  - {name: A1, evidence: recorded}\n",
		"file.yaml:4:26: unknown word \"recorded\"; known are none, mib, case, recording"},
	{FAMILY "lines:\n  - {name: A1, evidence: rumours}\n",
		"file.yaml:4:26: unknown word \"rumours\"; known are none, mib, case, recording"},
	/* scalars */
	{FAMILY "get:\n  - {to: model}\n", "file.yaml:4:5: a scalar needs its \"oid\""},
	{FAMILY "get:\n  - {oid: .1.0}\n",
		"file.yaml:4:5: needs \"to\", the destination of its value"},
	{GET("to: modell"), "file.yaml:4:21: unknown word \"modell\"; did you mean \"model\"?"},
	{GET("to: meter"), "file.yaml:4:5: a meter needs its name: \"meter: impressions_total\""},
	{GET("to: meter, meter: impressions"),
		"file.yaml:4:35: \"impressions\" is no meter (docs/json.md lists them)"},
	{GET("to: meter, meter: vendor"),
		"file.yaml:4:5: a scalar has no name of its own: it needs a \"label\""},
	{GET("to: model, meter: impressions_total"),
		"file.yaml:4:5: \"meter\" names what is \"to: meter\""},
	{GET("to: meter, meter: sheets_total, unit: sheet"),
		"file.yaml:4:55: \"sheet\" is no unit; did you mean \"sheets\"?"},
	{GET("to: option"), "file.yaml:4:5: a scalar has no name of its own: it needs a \"label\""},
	{GET("to: setting"),
		"file.yaml:4:5: a scalar has no name of its own: it needs a \"label\""},
	{GET("to: life_left, type: drum"),
		"file.yaml:4:38: \"drum\" is no supply type (docs/json.md lists them)"},
	{GET("to: supply_percent, colorant: black"),
		"file.yaml:4:5: a supply is found by its \"type\" and \"colorant\""},
	{GET("to: life_percent, divisor: 0"),
		"file.yaml:4:44: a number from 1 to 10000 is expected here"},
	{GET("to: life_percent, divisor: 10001"),
		"file.yaml:4:44: a number from 1 to 10000 is expected here"},
	{GET("to: model, pml: maybe"),
		"file.yaml:4:33: unknown word \"maybe\"; known are false, true"},
	{GET("to: model, key: [1]"),
		"file.yaml:4:28: unknown key \"key\"; known are oid, to, meter, unit, type, "
		"divisor, label, colorant, pml, shared, size, value_bytes, targets, "
		"sum, needs"},
	{GET("sum: [vendor]"), "file.yaml:4:23: \"vendor\" is no meter (docs/json.md lists them)"},
	{GET("sum: impressions_total"),
		"file.yaml:4:22: a list is expected here: [a, b] or lines with \"-\""},
	{GET("sum: [sheets_total, impressions_total, impressions_mono, impressions_color]"),
		"file.yaml:4:74: a value is a part of at most 3 sums"},
	{GET("to: model, needs: 2"), "file.yaml:4:5: \"needs\" counts the parts of a \"sum\""},
	{GET("to: meter, meter: vendor, label: A, sum: [sheets_total], needs: 1"),
		"file.yaml:4:81: a number from 2 to 16 is expected here"},
	{GET("to: life_left, unit: labels"), "file.yaml:4:5: this unit is of meters only"},
	{GET("to: codes, size: 7, value_bytes: 4, targets: [{code: 1, sum: [sheets_total]}]"),
		"file.yaml:4:63: \"sum\" is for the rows of tables; a record has its \"code\""},
	{GET("to: model, size: 7"),
		"file.yaml:4:5: \"size\", \"value_bytes\" and \"targets\" are of \"to: codes\""},
	{GET("to: model, targets: [{code: 1, to: model}]"),
		"file.yaml:4:5: \"size\", \"value_bytes\" and \"targets\" are of \"to: codes\""},
	/* coded records */
	{CODES("size: 7, value_bytes: 4"), "file.yaml:4:5: coded records need \"size\", a smaller "
					   "\"value_bytes\" and \"targets\""},
	{CODES("value_bytes: 4, targets: [{code: 1, to: ppm}]"),
		"file.yaml:4:5: coded records need \"size\", a smaller \"value_bytes\" and "
		"\"targets\""},
	{CODES("size: 4, value_bytes: 4, targets: [{code: 1, to: ppm}]"),
		"file.yaml:4:5: coded records need \"size\", a smaller \"value_bytes\" and "
		"\"targets\""},
	{CODES("size: 7, value_bytes: 5, targets: [{code: 1, to: ppm}]"),
		"file.yaml:4:50: a number from 1 to 4 is expected here"},
	{CODES("size: 7, value_bytes: 4, targets: [{to: ppm}]"),
		"file.yaml:4:63: a record is known by its \"code\""},
	{CODES("size: 7, value_bytes: 4, targets: [{code: 255, to: ppm}]"),
		"file.yaml:4:70: a number from 0 to 254 is expected here"},
	{CODES("size: 7, value_bytes: 4, targets: [{code: 0xff, to: ppm}]"),
		"file.yaml:4:70: a number from 0 to 254 is expected here"},
	{CODES("size: 7, value_bytes: 4, targets: [{code: 1, to: ppm, index: \"1\"}]"),
		"file.yaml:4:63: \"index\" is for the rows of tables; a record has its \"code\""},
	{CODES("size: 7, value_bytes: 4, targets: [{code: 1, to: codes}]"),
		"file.yaml:4:63: coded records are a scalar's only"},
	{CODES("size: 7, value_bytes: 4, targets: [{code: 1}]"),
		"file.yaml:4:63: needs \"to\", the destination of its value"},
	/* tables */
	{FAMILY "tables:\n  - {rows: meters, entry: .2.1}\n",
		"file.yaml:4:5: a table needs \"rows\", \"entry\" and \"columns\""},
	{FAMILY "tables:\n  - {entry: .2.1, columns: {value: 1}}\n",
		"file.yaml:4:5: a table needs \"rows\", \"entry\" and \"columns\""},
	{FAMILY "tables:\n  - {rows: meters, columns: {value: 1}}\n",
		"file.yaml:4:5: a table needs \"rows\", \"entry\" and \"columns\""},
	{FAMILY "tables:\n  - {rows: meter, entry: .2.1, columns: {value: 1}}\n",
		"file.yaml:4:12: unknown word \"meter\"; did you mean \"meters\"?"},
	{TABLE("    columns: {}\n"), "file.yaml:6:14: a table needs a column at least"},
	{TABLE("    columns: {label: 2}\n"),
		"file.yaml:6:14: meters need a \"value\" among the columns"},
	{TABLE("    columns: {value: 0}\n"),
		"file.yaml:6:22: a number from 1 to 100000 is expected here"},
	{TABLE("    columns: {value: 1, values: 2}\n"),
		"file.yaml:6:25: unknown key \"values\"; did you mean \"value\"?"},
	{TABLE("    columns: {key: 1, value: 2}\n"),
		"file.yaml:6:20: a list is expected here: [a, b] or lines with \"-\""},
	{TABLE("    columns: {key: [1, 2, 3, 4, 5], value: 6}\n"),
		"file.yaml:6:33: at most 4 key columns"},
	{TABLE("    columns: {key: [1, 2, 3, 4], value: 5, label: 6, part: 7, serial: 8, life: "
	       "9}\n"),
		"file.yaml:6:80: at most 8 columns of one table"},
	{TABLE("    columns: {value: 1}\n    unknown: keeps\n"),
		"file.yaml:7:14: unknown word \"keeps\"; did you mean \"keep\"?"},
	{TABLE("    columns: {value: 1}\n    first_rows: 101\n"),
		"file.yaml:7:17: a number from 1 to 100 is expected here"},
	{TABLE("    columns: {value: 1}\n    each_device: on\n"),
		"file.yaml:7:18: unknown word \"on\"; known are false, true"},
	{TABLE("    columns: {value: 1}\n    under: \"*\"\n"),
		"file.yaml:7:12: \"under\" is a short piece of an index, without \"*\""},
	{TABLE("    columns: {value: 1}\n    under: \"\"\n"),
		"file.yaml:7:12: an index is numbers or \"*\" with dots between them"},
	{TABLE("    columns: {value: 1}\n    under: \"1.\"\n"),
		"file.yaml:7:12: an index is at most 4 numbers or \"*\" with dots between them"},
	/* rows of tables */
	{TARGET("value: 1", "meter: impressions_total"),
		"file.yaml:8:9: needs \"to\", the destination of its value"},
	{TARGET("value: 1", "to: codes"), "file.yaml:8:9: coded records are a scalar's only"},
	{TARGET("value: 1", "code: 1, to: ppm"),
		"file.yaml:8:9: \"code\" is for the records of \"to: codes\""},
	{TARGET("value: 1", "key: [1], to: ppm"),
		"file.yaml:8:9: 1 values in \"key\", and the table has 0 key columns"},
	{TARGET("value: 1, key: [2]", "key: [1, 2], to: ppm"),
		"file.yaml:8:9: 2 values in \"key\", and the table has 1 key columns"},
	{TARGET("value: 1, key: [2]", "key: [-1], to: ppm"),
		"file.yaml:8:16: a number from 0 to 2147483647 is expected here"},
	{TARGET("value: 1, key: [2, 3, 4, 5]", "key: [1, 2, 3, 4, 5], to: ppm"),
		"file.yaml:8:28: at most 4 keys"},
	{TARGET("value: 1", "match: Total, to: ppm"),
		"file.yaml:8:9: \"match\" needs a \"label\" among the columns"},
	{TARGET("value: 1", "role: fax, to: ppm"),
		"file.yaml:8:9: \"role\" needs \"each_device: true\""},
	{TARGET("value: 1", "index: 1..2, to: ppm"),
		"file.yaml:8:17: an index is at most 4 numbers or \"*\" with dots between them"},
	{TARGET("value: 1", "index: 1.x, to: ppm"),
		"file.yaml:8:17: an index is at most 4 numbers or \"*\" with dots between them"},
	{TARGET("value: 1", "index: 1.2.3.4.5, to: ppm"),
		"file.yaml:8:17: an index is at most 4 numbers or \"*\" with dots between them"},
	{TARGET("value: 1", "index: 2147483648, to: ppm"),
		"file.yaml:8:17: an index is at most 4 numbers or \"*\" with dots between them"},
	{TARGET("value: 1", "skip: no"),
		"file.yaml:8:16: unknown word \"no\"; known are false, true"},
	{GET("to: meter, meter: impressions_totl"), "file.yaml:4:35: \"impressions_totl\" is no "
						    "meter; did you mean \"impressions_total\"?"},
	{GET("to: life_left, type: tonner"),
		"file.yaml:4:38: \"tonner\" is no supply type; did you mean \"toner\"?"},
	{TABLE("    columns: {value: 1}\n    under: \"4294967295.4294967295.1\"\n"),
		"file.yaml:7:12: an index is at most 4 numbers or \"*\" with dots between them"},
	{TABLE("    columns: {value: 1}\n    under: \"2147483647.2147483647.1\"\n"),
		"file.yaml:7:12: \"under\" is a short piece of an index, without \"*\""},
};

static void test_errors_name_line_and_column(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct models set;
		char why[LIMIT_WHY] = "";
		open_set(&set);
		int err = add_text(&set, mistakes[i].yaml, why);
		assert_string_equal(why, mistakes[i].why);
		assert_int_equal(err, ERR_CONF);
		models_close(&set);
	}
}

static const char good[] = FAMILY "vendors:\n  - {vendor: Acme, words: [acme], objects: [.1]}\n"
				  "never: [.9]\n"
				  "get:\n  - {oid: .1.0, to: ppm, label: speed}\n";

/* Everything that a file added before its error is removed, texts too. */
static void test_error_leaves_set_unchanged(void **state)
{
	(void)state;
	struct models set, same;
	char why[LIMIT_WHY], late[40000];
	int n = snprintf(late, sizeof late, "%slines:\n", good);
	while ((size_t)n < sizeof late - 400)
		n += snprintf(late + n, sizeof late - (size_t)n,
			"  - {name: \"a model line with a longer name, number %d\"}\n", n);
	(void)snprintf(late + n, sizeof late - (size_t)n, "  - {name: x, evidence: hearsay}\n");
	set_of(&same, good);
	open_set(&set);
	must_add(&set, "file.yaml", good);
	size_t texts = models_memory(&set);
	assert_int_equal(add_text(&set, late, why), ERR_CONF);
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
		assert_int_equal(add_text(&set, mistakes[i].yaml, why), ERR_CONF);
	/* Only the array of lines keeps its larger capacity. */
	assert_true(models_memory(&set) - texts < 1024 * sizeof(struct model_line) + 16384);
	must_finish(&set);
	assert_int_equal(set.count, same.count);
	assert_int_equal(set.excluded_count, same.excluded_count);
	assert_int_equal(set.model[0].line_count, 0);
	assert_text(set.model[0].name, "acme");
	assert_text(set.vendor[set.model[0].first_vendor].vendor, "Acme");
	assert_oid(set.get[set.model[0].first_get].oid, "1.3.6.1.4.1.99999.1.0");
	models_close(&set);
	models_close(&same);
}

static void test_truncated_file_never_crashes(void **state)
{
	(void)state;
	char why[LIMIT_WHY];
	for (size_t len = 0; len < sizeof good; len++) {
		struct models set;
		open_set(&set);
		int err = models_add(&set, "file.yaml", (const uint8_t *)good, len, why);
		assert_int_equal(err < 0, why[0] != '\0');
		models_close(&set);
	}
}

/* ---- limits ----------------------------------------------------------------------------- */

/* `count` lines of `line` after `head`. The caller frees it. */
static char *many(const char *head, const char *line, unsigned count)
{
	size_t cap = strlen(head) + (size_t)count * strlen(line) + 1, n = strlen(head);
	char *text = malloc(cap);
	assert_non_null(text);
	memcpy(text, head, n);
	for (unsigned i = 0; i < count; i++, n += strlen(line))
		memcpy(text + n, line, strlen(line));
	text[n] = '\0';
	return text;
}

static void up_to(const char *head, const char *line, unsigned most, const char *told)
{
	for (unsigned more = 0; more < 2; more++) {
		struct models set;
		char why[LIMIT_WHY] = "";
		char *text = many(head, line, most + more);
		open_set(&set);
		int err = add_text(&set, text, why);
		assert_string_equal(why, more == 0 ? "" : told);
		assert_int_equal(err, more == 0 ? 0 : ERR_CONF);
		models_close(&set);
		free(text);
	}
}

static void test_scalar_and_table_limits(void **state)
{
	(void)state;
	char told[LIMIT_WHY];
	(void)snprintf(told, sizeof told, "file.yaml:%d:5: at most %d scalars of one family",
		3 + LIMIT_MODEL_GETS + 1, LIMIT_MODEL_GETS);
	up_to(FAMILY "get:\n", "  - {oid: .1, to: ppm}\n", LIMIT_MODEL_GETS, told);
	(void)snprintf(told, sizeof told, "file.yaml:%d:5: at most %d tables of one family",
		3 + LIMIT_MODEL_TABLES + 1, LIMIT_MODEL_TABLES);
	up_to(FAMILY "tables:\n", "  - {rows: options, entry: .1, columns: {label: 1}}\n",
		LIMIT_MODEL_TABLES, told);
}

static void test_row_limit(void **state)
{
	(void)state;
	struct models set;
	char why[LIMIT_WHY], told[LIMIT_WHY];
	char *text = many("family: acme\nvendors:\n  - vendor: A\n    words:\n", "    - a\n",
		LIMIT_MODEL_ROWS + 1);
	(void)snprintf(told, sizeof told,
		"file.yaml:%d:7: more than %d of these in all model files",
		4 + LIMIT_MODEL_ROWS + 1, LIMIT_MODEL_ROWS);
	open_set(&set);
	assert_int_equal(add_text(&set, text, why), ERR_LIMIT);
	assert_string_equal(why, told);
	models_close(&set);
	free(text);
}

static void test_file_size_limit(void **state)
{
	(void)state;
	struct models set;
	char why[LIMIT_WHY];
	size_t len = LIMIT_MODEL_BYTES + 1;
	char *text = malloc(len);
	assert_non_null(text);
	memset(text, '\n', len);
	memcpy(text, "family: acme", 12);
	open_set(&set);
	assert_int_equal(models_add(&set, "file.yaml", (uint8_t *)text, len, why), ERR_CONF);
	assert_string_equal(why, "file.yaml: larger than a model file may be (256 KiB)");
	assert_int_equal(models_add(&set, "file.yaml", (uint8_t *)text, len - 1, why), 0);
	models_close(&set);
	free(text);
}

static void test_memory_limit_of_set(void **state)
{
	(void)state;
	struct models set;
	char why[LIMIT_WHY];
	char *text = many("family: acme\nlines:\n",
		"  - {name: \"012345678901234567890123456789012345678901234567890123456789012345678"
		"90123456789012345678901234567890123456789012345678901234567890123456789\"}\n",
		1500);
	int err = 0;
	open_set(&set);
	for (unsigned files = 0; files < 100 && err == 0; files++)
		err = add_text(&set, text, why);
	assert_true(err == ERR_LIMIT);
	assert_true(models_memory(&set) <= LIMIT_MODELS_MEMORY + 4096);
	models_close(&set);
	free(text);
}

static void test_family_limit(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		struct models set;
		char why[LIMIT_WHY], text[64];
		open_set(&set);
		for (unsigned i = 0; i < LIMIT_MODELS + more; i++) {
			(void)snprintf(text, sizeof text, "family: f%u\n", i);
			must_add(&set, "file.yaml", text);
		}
		assert_int_equal(models_finish(&set, why), more == 0 ? 0 : ERR_LIMIT);
		assert_string_equal(why,
			more == 0 ? "" : "file.yaml: more than 64 families in all model files");
		models_close(&set);
	}
}

static void test_finished_set_refuses_files(void **state)
{
	(void)state;
	struct models set;
	char why[LIMIT_WHY], name[300];
	set_of(&set, good);
	assert_int_equal(add_text(&set, good, why), ERR_CONF);
	assert_string_equal(why, "file.yaml: models_finish was called already");
	models_close(&set);
	open_set(&set);
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(
		models_add(&set, name, (const uint8_t *)good, strlen(good), why), ERR_CONF);
	models_close(&set);
}

/* ---- excluded sub-trees ----------------------------------------------------------------- */

struct closed {
	const char *asks;
	const char *oid; /* NULL: not excluded */
};

/* An object in the sub-tree, or a table that contains it; in any file. */
static void test_request_in_excluded_subtree_is_refused(void **state)
{
	(void)state;
	static const struct closed cases[] = {
		{"get:\n  - {oid: .9.1.7.0, to: model}\n", "1.3.6.1.4.1.99999.9.1.7.0"},
		{"get:\n  - {oid: .9.1, to: model}\n", "1.3.6.1.4.1.99999.9.1"},
		{"get:\n  - {oid: .9, to: model}\n", "1.3.6.1.4.1.99999.9"},
		{"get:\n  - {oid: .9.10, to: model}\n", NULL},
		{"tables:\n  - {rows: options, entry: .9, columns: {label: 1}}\n",
			"1.3.6.1.4.1.99999.9.1"},
		{"tables:\n  - {rows: options, entry: .9.1, columns: {label: 4}}\n",
			"1.3.6.1.4.1.99999.9.1.4"},
		{"tables:\n  - {rows: options, entry: .9, columns: {label: 2}}\n", NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct models set;
		char why[LIMIT_WHY], text[256], told[LIMIT_WHY] = "";
		open_set(&set);
		must_add(&set, "closed.yaml", "family: closed\nnever: [1.3.6.1.4.1.99999.9.1]\n");
		(void)snprintf(text, sizeof text, FAMILY "%s", cases[i].asks);
		must_add(&set, "file.yaml", text);
		if (cases[i].oid != NULL)
			(void)snprintf(told, sizeof told,
				"file.yaml: family acme requests %s in an excluded sub-tree",
				cases[i].oid);
		assert_int_equal(models_finish(&set, why), cases[i].oid != NULL ? ERR_CONF : 0);
		assert_string_equal(why, told);
		models_close(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_name_line_and_column),
		cmocka_unit_test(test_error_leaves_set_unchanged),
		cmocka_unit_test(test_truncated_file_never_crashes),
		cmocka_unit_test(test_scalar_and_table_limits),
		cmocka_unit_test(test_row_limit),
		cmocka_unit_test(test_file_size_limit),
		cmocka_unit_test(test_memory_limit_of_set),
		cmocka_unit_test(test_family_limit),
		cmocka_unit_test(test_finished_set_refuses_files),
		cmocka_unit_test(test_request_in_excluded_subtree_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
