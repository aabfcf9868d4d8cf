/* SPDX-License-Identifier: Apache-2.0
 * Output for people: tables are aligned, and no control character of a printer reaches the
 * terminal. */
#include "engine/ui/view.h"
#include "tests/kit/ui_fixture.h"
#include "tests/unit/blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add_subunit(struct reading *r, enum subunit_kind kind, int32_t status, const char *name)
{
	struct subunit *s = reading_add_subunit(r);
	assert_non_null(s);
	s->kind = (uint8_t)kind;
	s->type = kind == SUBUNIT_COVER ? 0 : 4;
	s->device = s->index = 1;
	s->has_status = true;
	s->status = status;
	s->name = ui_fixture_text(r, name);
	s->description = ui_fixture_text(r, kind == SUBUNIT_TRAY ? name : "y");
	if (kind == SUBUNIT_COVER)
		return;
	s->has_level = s->has_max = true;
	s->level = kind == SUBUNIT_PATH ? 0 : -3;
	s->max = 520;
	s->unit = 8;
	s->media = ui_fixture_text(r, kind == SUBUNIT_TRAY ? name : "");
}

static void add_parts(struct reading *r, const char *evil)
{
	for (uint8_t kind = 0; kind < OPTION_KIND_COUNT; kind += OPTION_SETTING) {
		struct option *o = reading_add_option(r);
		assert_non_null(o);
		o->kind = kind;
		o->name = ui_fixture_text(r, evil);
		o->value = ui_fixture_text(r, evil);
	}
	add_subunit(r, SUBUNIT_TRAY, 4 + 8, evil);
	add_subunit(r, SUBUNIT_COVER, 3, evil);
	add_subunit(r, SUBUNIT_PATH, 0, evil);
	r->pages_per_minute = 35;
	r->pages_per_minute_color = 30;
	struct maintenance *m = reading_add_maintenance(r);
	assert_non_null(m);
	m->type = 15;
	m->unit = 7;
	m->life = 160000;
	m->used = -1;
	m->left = 0;
	m->percent_x100 = 0;
	m->name = ui_fixture_text(r, evil);
	m->colorant = ui_fixture_text(r, "black");
	m->installed = ui_fixture_text(r, evil);
}

static int print_reading(FILE *out, const void *arg)
{
	return view_reading_text(out, arg);
}

static void test_reading_is_shown_in_full(void **state)
{
	(void)state;
	struct reading r;
	ui_fixture_fill(&r, &blocks, "AltaLink C8135");
	r.group[GROUP_SUPPLIES].status = GROUP_PARTIAL;
	r.group[GROUP_ALERTS].status = GROUP_PARTIAL;
	r.group[GROUP_STATE].status = GROUP_FAILED;
	char *text = ui_fixture_print(print_reading, &r, 0);
	assert_string_equal(text,
		"Xerox AltaLink C8135\n"
		"  serial       AltaLink C8135\n"
		"  description  AltaLink C8135\n"
		"  up for       1 d 0 h 0 min\n"
		"  firmware     AltaLink C8135 1.2\n"
		"  printer      idle\n"
		"  device       running\n"
		"  conditions   low_toner, jammed\n"
		"  panel        AltaLink C8135\n"
		"  read         partial: supplies, alerts; failed: state\n"
		"\n"
		"METER               VALUE  UNIT         OID\n"
		"impressions_total  178481  impressions  1.3.6.1.2.1.43.10.2.1.4.1.1\n"
		"impressions_color    1000  impressions  1.3.6.1.2.1.43.10.2.1.4.1.1\n"
		"impressions_mono     1700  impressions  sum of 1.3.6.1.4.1.9.1 .2\n"
		"\n"
		"SUPPLY  TYPE   COLORANT  LEVEL  OF                         DESCRIPTION      PART  "
		"SERIAL\n"
		"1.1     toner  black      72 %  18720 / 26000 impressions  "
		"Toner Cartridge\n"
		"1.2     toner  cyan       some                             "
		"Toner Cartridge\n"
		"\n"
		"ALERT  SEVERITY  GROUP            CODE  DESCRIPTION\n"
		"1.1    warning   marker_supplies  1104  AltaLink C8135\n"
		"1.2    critical  marker_supplies  1104  Paper jam\n");
	free(text);
	reading_close(&r);
}

static void test_parts_are_shown(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	for (int g = 0; g < GROUP_COUNT; g++)
		r.group[g].status = GROUP_COMPLETE;
	r.identity.why = WHY_ONLY_HOST_ROWS;
	r.identity.device_id = ui_fixture_text(&r, "MFG:x;");
	r.state.service_mode = 2;
	r.sources = SOURCE_SNMP | SOURCE_IPP;
	add_parts(&r, "x");
	char *text = ui_fixture_print(print_reading, &r, 0);
	assert_string_equal(text,
		"Unknown vendor (not a printer: print-queues)\n"
		"  because      only_host_resources_rows\n"
		"  device id    MFG:x;\n"
		"  service mode yes\n"
		"  rated speed  35 pages a minute, 30 in colour\n"
		"  read         complete; by SNMP and IPP\n"
		"\n"
		"OPTION  KIND         VALUE\n"
		"x       interpreter  x\n"
		"\n"
		"SETTING  VALUE\n"
		"x        x\n"
		"\n"
		"UNIT        INDEX  NAME  TYPE                           STATUS                    "
		"   LEVEL  MAX  OF               MEDIA  DESCRIPTION\n"
		"tray        1.1    x     sheet_feed_auto_non_removable  active, "
		"non_critical_alerts   some  520  sheets           x\n"
		"cover       1.1    x                                    open                      "
		"                                       y\n"
		"media_path  1.1    x     short_edge_binding_duplex      idle                      "
		"       0  520  sheets_per_hour         y\n"
		"\n"
		"PART  TYPE   COLORANT  LEFT  REMAINS  USED    LIFE  OF           INSTALLED\n"
		"x     fuser  black      0 %        0        160000  impressions  x\n");
	free(text);
	reading_close(&r);
}

static void test_control_characters_of_a_printer_are_scrubbed(void **state)
{
	(void)state;
	/* The reading's own texts are scrubbed; what a view gets may come from elsewhere. */
	static const char evil[] = "\x1b]0;x\x07\x1b[2J\xc2\x9b"
				   "1m\r\xe2\x80\xae";
	struct reading r;
	ui_fixture_fill(&r, &blocks, "x");
	r.identity.model = text_of(evil);
	r.identity.serial = text_of(evil);
	r.identity.firmware->name = text_of(evil);
	r.alerts->description = text_of(evil);
	r.supplies->description = text_of(evil);
	r.supplies->colorant = text_of(evil);
	r.state.console = text_of(evil);
	r.identity.device_id = text_of(evil);
	add_parts(&r, "x");
	r.options->name = r.options->value = text_of(evil);
	r.options->next->name = r.options->next->value = text_of(evil);
	r.subunits->name = r.subunits->description = r.subunits->media = text_of(evil);
	r.maintenance->name = r.maintenance->colorant = text_of(evil);
	r.maintenance->installed = text_of(evil);
	char *text = ui_fixture_print(print_reading, &r, 0);
	for (const unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
		assert_true(*p == '\n' || *p >= 0x20);
		assert_true(*p != 0x7f && *p != 0xc2 && *p != 0xe2);
	}
	assert_non_null(strstr(text, "Xerox \\x1b]0;x\\x07\\x1b[2J\\x9b1m\\x0d\\u202e\n"));
	free(text);
	reading_close(&r);
}

static int print_table(FILE *out, const void *arg)
{
	static const char *const names[] = {"A", ">N", "B"};
	struct table t;
	(void)arg;
	view_table(&t, out, names, 3);
	table_text(&t, TEXT("\xe5\x8d\xb0\xe5\x88\xb7"));
	table_number(&t, 7);
	table_text(&t, TEXT("z\tz"));
	table_end_row(&t);
	table_text(&t, TEXT("Gen\xc3\xa8ve"));
	table_number(&t, 12345);
	table_end_row(&t);
	return table_end(&t);
}

static void test_tables_are_aligned(void **state)
{
	(void)state;
	char *text = ui_fixture_print(print_table, NULL, 0);
	assert_string_equal(text, "A           N  B\n"
				  "\xe5\x8d\xb0\xe5\x88\xb7        7  z\\x09z\n"
				  "Gen\xc3\xa8ve  12345\n");
	free(text);
}

static int print_one(FILE *out, const void *arg)
{
	static const char *const names[] = {"A"};
	struct table t;
	view_table(&t, out, names, 1);
	table_text(&t, *(const struct text *)arg);
	table_end_row(&t);
	return table_end(&t);
}

/* Among these lengths are those at which the held text fills its memory to the last byte. */
static void test_cells_of_any_length_are_held(void **state)
{
	(void)state;
	char cell[1100];
	memset(cell, 'x', sizeof cell);
	for (size_t n = 1; n <= sizeof cell; n++) {
		struct text t = {cell, n};
		char *text = ui_fixture_print(print_one, &t, 0);
		assert_int_equal(strlen(text), 2 + n + 1);
		assert_int_equal(strspn(text + 2, "x"), n);
		free(text);
	}
}

static void test_ages_are_words(void **state)
{
	(void)state;
	static const struct {
		uint64_t at, now;
		const char *words;
	} cases[] = {{0, 5, "never"}, {5000, 5999, "now"}, {5000, 6000, "1 s ago"},
		{5000, 64999, "59 s ago"}, {5000, 65000, "1 min ago"}, {1, 3600001, "1 h ago"},
		{1, 86400001, "24 h ago"}, {1, 172800001, "2 d ago"}, {9000, 5000, "in 4 s"},
		{7205000, 5000, "in 2 h"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char words[32];
		view_age(words, cases[i].at, cases[i].now);
		assert_string_equal(words, cases[i].words);
	}
}

static void test_levels_are_words(void **state)
{
	(void)state;
	static const struct {
		struct supply s;
		const char *words;
	} cases[] = {
		{{.has_level = true, .level = 0, .has_max = true, .max = 100, .supply_class = 3},
			"0 %"},
		{{.has_level = true, .level = -2, .has_max = true, .max = 100}, "unknown"},
		{{.has_level = true, .level = -3, .has_max = true, .max = 100}, "some"},
		{{.has_level = true, .level = -1}, "unlimited"},
		{{.has_level = true, .level = 12, .unit = 7}, "12 impressions"},
		{{.has_level = true, .level = 12}, "12 units"},
		{{.has_level = true, .level = 30, .has_max = true, .max = 100, .supply_class = 4},
			"30 of 100 (direction unknown)"},
		{{.has_level = true, .level = 30, .type = 8}, "30 (direction unknown)"},
		{{.has_level = true,
			 .level = 30,
			 .has_max = true,
			 .max = 100,
			 .supply_class = 4,
			 .direction = DIRECTION_SPACE_LEFT},
			"30 % left"},
		{{.has_level = true,
			 .level = 30,
			 .has_max = true,
			 .max = 100,
			 .supply_class = 4,
			 .direction = DIRECTION_FILL_LEVEL},
			"70 % left"},
		{{.has_level = false}, "unknown"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct supply s = cases[i].s;
		char words[48];
		supply_set_level_kind(&s);
		size_t n = view_level(words, sizeof words, &s);
		assert_string_equal(words, cases[i].words);
		assert_int_equal(n, strlen(words));
	}
}

static void test_only_inks_are_named_by_colorant(void **state)
{
	(void)state;
	static const struct {
		unsigned type;
		const char *colorant, *description, *name;
	} cases[] = {
		{3, "black", "Black Toner Cartridge", "black"},
		{21, "cyan", "", "cyan"},
		{6, "photo_black", "T02Q1", "photo_black"},
		{1, "black", "Black Imaging Unit", "Black Imaging Unit"},
		{9, "cyan", "Drum Cartridge (Cyan)", "Drum Cartridge (Cyan)"},
		{9, "cyan", "Drum Unit", "cyan Drum Unit"},
		{10, "magenta", "", "magenta developer"},
		{15, "", "Fuser", "Fuser"},
		{15, "", "", "fuser"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char name[VIEW_SUPPLY_NAME];
		struct supply s = {.type = (uint8_t)cases[i].type,
			.colorant = text_of(cases[i].colorant),
			.description = text_of(cases[i].description)};
		struct text got = view_supply_name(&s, name);
		assert_true(text_is_equal(got, text_of(cases[i].name)));
	}
}

static void test_alert_without_description_is_named_by_its_code(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *description, *words;
	} cases[] = {
		{1104, "", "marker_toner_almost_empty"},
		{8, "", "jam"},
		{2, "", "marker_supplies"},
		{0, "", "marker_supplies"},
		{1104, "Toner Low", "Toner Low"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char words[ALERT_CODE_NAME];
		struct alert a = {.group = 11,
			.code = cases[i].code,
			.description = text_of(cases[i].description)};
		assert_true(text_is_equal(view_alert_words(&a, words), text_of(cases[i].words)));
	}
}

/* A row that is no second one of a supply with a level stays. */
static void test_toner_with_a_detail_row_is_listed_once(void **state)
{
	(void)state;
	static const char *const of_second[] = {
		"Toner Cartridge detail", "Toner Cartridge", "Detail of a toner"};
	for (size_t i = 0; i < sizeof of_second / sizeof of_second[0]; i++) {
		struct reading r;
		struct buf b;
		struct writer w;
		reading_open(&r, &blocks);
		ui_fixture_add_supply(&r, 1, "cyan", 13000);
		ui_fixture_add_supply(&r, 2, "cyan", -3);
		r.supplies->next->description = text_of(of_second[i]);
		buf_open(&b, 256);
		writer_open(&w, &b);
		view_supplies(&w, &r);
		writer_char(&w, '\0');
		assert_int_equal(writer_close(&w), 0);
		assert_string_equal((char *)b.data, i == 0 ? "cyan 50 %" : "cyan 50 %; cyan some");
		buf_close(&b);
		reading_close(&r);
	}
}

static void test_long_lists_are_cut(void **state)
{
	(void)state;
	struct reading r;
	struct buf b;
	struct writer w;
	ui_fixture_fill(&r, &blocks, "x");
	for (uint32_t i = 3; i <= 12; i++) {
		ui_fixture_add_supply(&r, i, "", 26000);
		ui_fixture_add_alert(&r, i, 4, "");
	}
	ui_fixture_add_alert(&r, 13, 1, "Sleep Mode");
	for (struct alert *a = r.alerts; a != NULL; a = a->next) {
		if (a->index == 13)
			a->code = 23;
	}
	buf_open(&b, 4096);
	writer_open(&w, &b);
	view_supplies(&w, &r);
	writer_char(&w, '\0');
	assert_int_equal(writer_close(&w), 0);
	assert_string_equal((char *)b.data,
		"black 72 %; cyan some; Toner Cartridge 100 %; Toner Cartridge 100 %; "
		"Toner Cartridge 100 %; Toner Cartridge 100 %; Toner Cartridge 100 %; "
		"Toner Cartridge 100 %; and 4 more");
	buf_clear(&b);
	writer_open(&w, &b);
	view_alerts(&w, &r);
	writer_char(&w, '\0');
	assert_int_equal(writer_close(&w), 0);
	assert_int_equal(strncmp((char *)b.data, "fault: Paper jam; warning: x; warning: ", 39), 0);
	assert_non_null(strstr((char *)b.data, "; and 4 more"));
	buf_close(&b);
	reading_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading_is_shown_in_full),
		cmocka_unit_test(test_parts_are_shown),
		cmocka_unit_test(test_control_characters_of_a_printer_are_scrubbed),
		cmocka_unit_test(test_tables_are_aligned),
		cmocka_unit_test(test_cells_of_any_length_are_held),
		cmocka_unit_test(test_ages_are_words),
		cmocka_unit_test(test_levels_are_words),
		cmocka_unit_test(test_toner_with_a_detail_row_is_listed_once),
		cmocka_unit_test(test_long_lists_are_cut),
		cmocka_unit_test(test_only_inks_are_named_by_colorant),
		cmocka_unit_test(test_alert_without_description_is_named_by_its_code),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
