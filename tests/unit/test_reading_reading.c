/* SPDX-License-Identifier: Apache-2.0
 * Readings: limits of the lists, kinds of levels, and the names of the MIBs. */
#include "proto/reading/reading.h"
#include "tests/unit/blocks.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_lists_keep_order_and_limits(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	for (uint32_t i = 0; i < LIMIT_ALERTS; i++) {
		struct alert *a = reading_add_alert(&r);
		assert_non_null(a);
		assert_int_equal(a->code, 0);
		a->index = i;
	}
	assert_null(reading_add_alert(&r));
	uint32_t i = 0;
	for (const struct alert *a = r.alerts; a != NULL; a = a->next)
		assert_int_equal(a->index, i++);
	assert_int_equal(i, LIMIT_ALERTS);
	for (i = 0; i < LIMIT_FIRMWARE; i++)
		assert_non_null(reading_add_firmware(&r));
	assert_null(reading_add_firmware(&r));
	assert_int_equal(r.identity.firmware_count, LIMIT_FIRMWARE);
	reading_close(&r);
	assert_int_equal(blocks.used, 0);
	/* A closed reading is empty and usable again. */
	assert_null(r.alerts);
	assert_non_null(reading_add_alert(&r));
	assert_int_equal(r.alert_count, 1);
	reading_close(&r);
	reading_close(&r);
}

static void test_rgb_names_colorant(void **state)
{
	static const char *const rows[][2] = {{"#00FFFF", "cyan"}, {"#ff00ff", "magenta"},
		{"#FFFF00", "yellow"}, {"#000000", "black"}, {"#FFFFFF", "white"},
		{"#FF0000", "red"}, {"#00FF00", "green"}, {"#0000FF", "blue"}, {"#0FF", "cyan"},
		{"0x00ffff", "cyan"}, {" #00FFFF ", "cyan"}, {"#000000#000000", "black"},
		/* inks as they look on paper */
		{"#00AEEF", "cyan"}, {"#009FE3", "cyan"}, {"#EC008C", "magenta"},
		{"#E6007E", "magenta"}, {"#FFF200", "yellow"}, {"#FFED00", "yellow"},
		{"#231F20", "black"}, {"#1A1A1A", "black"}, {"#FFA500", "orange"},
		{"#77FFFF", "light_cyan"}, {"#E0FFFF", "light_cyan"}, {"#FF77FF", "light_magenta"},
		{"#808080", "gray"}, {"#D3D3D3", "light_gray"}, {"#8000FF", "violet"},
		/* several, and what is not wholly a colour */
		{"#00FFFF#FF00FF#FFFF00", ""}, {"#00FFFF,#000000", ""}, {"#00FFFFx", NULL},
		{"#00FF", NULL}, {"cyan", NULL}, {"00FFFF", NULL}, {"#", NULL}, {"", NULL}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text name = TEXT("before");
		assert_int_equal(colorant_of_rgb(text_of(rows[i][0]), &name), rows[i][1] != NULL);
		assert_true(text_is(name, rows[i][1] != NULL ? rows[i][1] : "before"));
	}
}

static struct supply receptacle(unsigned supply_class, unsigned type, const char *description)
{
	struct supply s = {.device = 1,
		.index = 5,
		.has_level = true,
		.level = 20,
		.has_max = true,
		.max = 100,
		.supply_class = (uint8_t)supply_class,
		.type = (uint8_t)type,
		.description = text_of(description)};
	supply_set_level_kind(&s);
	return s;
}

static void test_receptacle_has_no_percentage(void **state)
{
	static const struct {
		unsigned supply_class, type;
		const char *description;
	} rows[] = {{4, 4, ""}, {4, 1, "Box"}, {3, 4, ""}, {0, 8, ""},
		{4, 9, "Drum that counts up"}, {1, 1, "Waste Toner Container"},
		{0, 0, "Maintenance Box"}, {3, 3, "Resttonerbeh\xc3\xa4lter"},
		{1, 1,
			"Bac de r\xc3\xa9"
			"cup\xc3\xa9ration"},
		{0, 0, "Ink Capture Box"}, {4, 18, "Belt cleaner"}, {0, 0, "Cleaner waste"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct supply s =
			receptacle(rows[i].supply_class, rows[i].type, rows[i].description);
		assert_true(supply_is_receptacle(&s));
		assert_int_equal(s.level_kind, LEVEL_DIRECTION_UNKNOWN);
		assert_true(supply_percent(&s) < 0);
		s.direction = DIRECTION_SPACE_LEFT;
		supply_set_level_kind(&s);
		assert_true(supply_percent(&s) == 20);
		s.direction = DIRECTION_FILL_LEVEL;
		assert_true(supply_percent(&s) == 80);
		s.level = -3;
		s.direction = DIRECTION_UNKNOWN;
		supply_set_level_kind(&s);
		assert_int_equal(s.level_kind, LEVEL_SOME);
	}
	struct supply drum = receptacle(3, 9, "Drum"), toner = receptacle(3, 3, "Black toner");
	assert_false(supply_is_receptacle(&drum) || supply_is_receptacle(&toner));
	assert_true(supply_percent(&drum) == 20);
	assert_true(supply_counts_down(&toner) && !supply_counts_down(&drum));
}

static void test_alert_says_that_receptacle_is_full(void **state)
{
	static const struct {
		int group, group_index, code;
		const char *description;
		enum level_kind kind;
	} rows[] = {{11, 5, 1107, "", LEVEL_ALMOST_FULL}, {11, 5, 1109, "", LEVEL_FULL},
		{11, -1, 1109, "", LEVEL_FULL}, {11, -1, 1110, "", LEVEL_UNKNOWN},
		{11, 6, 1109, "", LEVEL_UNKNOWN}, {11, 5, 14, "", LEVEL_ALMOST_FULL},
		{11, 5, 15, "", LEVEL_FULL}, {9, 5, 15, "", LEVEL_UNKNOWN},
		{5, -1, 2, "Waste toner box is near full", LEVEL_ALMOST_FULL},
		{5, -1, 2, "Replace waste toner box", LEVEL_FULL},
		{5, -1, 2, "Output bin is full", LEVEL_UNKNOWN}, {11, 5, 1101, "", LEVEL_UNKNOWN}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct supply s = receptacle(4, 4, "Waste Toner Box");
		struct alert a = {.group = rows[i].group,
			.group_index = rows[i].group_index,
			.code = rows[i].code,
			.description = text_of(rows[i].description)};
		assert_int_equal(alert_of_receptacle(&a, &s), rows[i].kind);
	}
}

static void test_full_arena_returns_null(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	r.arena.max_blocks = 0;
	assert_null(reading_add_meter(&r));
	assert_null(reading_add_supply(&r));
	assert_null(reading_add_alert(&r));
	assert_null(reading_add_firmware(&r));
	assert_null(reading_text(&r, (const uint8_t *)"x", 1, 9).p);
	assert_int_equal(r.meter_count + r.supply_count + r.alert_count, 0);
	reading_close(&r);
}

static void test_text_is_scrubbed_and_cut(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	struct text t = reading_text(&r, (const uint8_t *)"  a\tb\xff ", 7, 64);
	assert_string_equal(t.p, "a b\xef\xbf\xbd");
	t = reading_text(&r, (const uint8_t *)"\xc3\xa9\xc3\xa9", 4, 3);
	assert_string_equal(t.p, "\xc3\xa9");
	uint8_t longest[LIMIT_TEXT_LONG + 50];
	memset(longest, 'x', sizeof longest);
	t = reading_text(&r, longest, sizeof longest, SIZE_MAX);
	assert_int_equal(t.len, LIMIT_TEXT_LONG);
	reading_close(&r);
}

struct level_case {
	bool has_level;
	int32_t level;
	bool has_max;
	int32_t max;
	uint8_t unit;
	enum level_kind kind;
	double percent;
};

static void test_level_kinds(void **state)
{
	(void)state;
	static const struct level_case cases[] = {
		{true, 18720, true, 26000, 7, LEVEL_PERCENT, 72},
		{true, 0, true, 26000, 7, LEVEL_PERCENT, 0},
		{true, 26000, true, 26000, 7, LEVEL_PERCENT, 100},
		/* above its own maximum: a number, not a percentage */
		{true, 26001, true, 26000, 7, LEVEL_UNITS, -1},
		{true, 500, true, -2, 7, LEVEL_UNITS, -1},
		{true, 500, false, 0, 7, LEVEL_UNITS, -1},
		{true, 500, true, 0, 7, LEVEL_UNITS, -1},
		/* percent needs no maximum */
		{true, 64, true, -2, 19, LEVEL_PERCENT, 64},
		{true, 64, false, 0, 19, LEVEL_PERCENT, 64},
		{true, 101, false, 0, 19, LEVEL_UNITS, -1},
		{true, -3, true, 100, 19, LEVEL_SOME, -1},
		{true, -2, true, 100, 19, LEVEL_UNKNOWN, -1},
		{true, -1, true, 100, 19, LEVEL_UNLIMITED, -1},
		{true, -77, true, 100, 19, LEVEL_UNKNOWN, -1},
		{false, 0, true, 100, 19, LEVEL_UNKNOWN, -1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct level_case *c = &cases[i];
		struct supply s = {.has_level = c->has_level,
			.level = c->level,
			.has_max = c->has_max,
			.max = c->max,
			.unit = c->unit};
		supply_set_level_kind(&s);
		assert_int_equal(s.level_kind, c->kind);
		double percent = supply_percent(&s);
		assert_true(percent > c->percent - 0.001 && percent < c->percent + 0.001);
	}
	/* More than 100 percent: a count without unit and maximum. */
	struct supply count = {
		.has_level = true, .level = 143065, .has_max = true, .max = 100, .unit = 19};
	supply_set_level_kind(&count);
	assert_int_equal(count.level_kind, LEVEL_UNITS);
	assert_int_equal(count.unit, 0);
	assert_false(count.has_max);
	assert_int_equal(count.level, 143065);
	/* A record that claims a percentage without its numbers. */
	struct supply lie = {.level_kind = LEVEL_PERCENT, .has_level = true, .level = 7};
	assert_true(supply_percent(&lie) < 0);
}

static void test_mib_names(void **state)
{
	(void)state;
	char dst[ALERT_CODE_NAME];
	assert_string_equal(group_name(GROUP_STATE), "state");
	assert_string_equal(group_name(GROUP_COUNT), "unknown");
	assert_string_equal(group_status_name(GROUP_PARTIAL), "partial");
	assert_string_equal(meter_unit_name(7), "impressions");
	assert_string_equal(meter_unit_name(8), "sheets");
	assert_string_equal(meter_unit_name(10), "unknown");
	assert_string_equal(supply_type_name(3), "toner");
	assert_string_equal(supply_type_name(9), "opc");
	assert_string_equal(supply_type_name(21), "toner_cartridge");
	assert_string_equal(supply_type_name(32), "staples");
	assert_string_equal(supply_type_name(36), "matte_ink");
	assert_string_equal(supply_type_name(37), "unknown");
	assert_string_equal(supply_class_name(3), "consumed");
	assert_string_equal(supply_class_name(4), "receptacle");
	assert_string_equal(supply_unit_name(13), "tenths_of_grams");
	assert_string_equal(supply_unit_name(19), "percent");
	assert_string_equal(level_kind_name(LEVEL_SOME), "some");
	assert_string_equal(quality_name(QUALITY_SUSPECT), "suspect");
	assert_string_equal(alert_severity_name(3), "critical");
	assert_string_equal(alert_severity_name(-1), "unknown");
	assert_string_equal(alert_training_name(5), "field_service");
	assert_string_equal(alert_group_name(11), "marker_supplies");
	assert_string_equal(alert_group_name(30), "fin_device");
	assert_string_equal(printer_status_name(3), "idle");
	assert_string_equal(printer_status_name(5), "warmup");
	assert_string_equal(device_status_name(2), "running");
	assert_string_equal(device_status_name(5), "down");
	assert_string_equal(error_bit_name(0), "low_paper");
	assert_string_equal(error_bit_name(14), "overdue_prevent_maint");
	assert_null(error_bit_name(15));
	assert_string_equal(alert_code_name(8, dst), "jam");
	assert_string_equal(alert_code_name(12, dst), "subunit_almost_empty");
	assert_string_equal(alert_code_name(38, dst), "subunit_thermistor_failure");
	assert_string_equal(alert_code_name(39, dst), "unknown");
	assert_string_equal(alert_code_name(1104, dst), "marker_toner_almost_empty");
	assert_string_equal(alert_code_name(30203, dst), "stapler_cover_open");
	assert_string_equal(alert_code_name(31838, dst), "inserter_thermistor_failure");
	assert_string_equal(
		alert_code_name(31132, dst), "separation_cutter_unrecoverable_storage_error");
	assert_string_equal(alert_code_name(31903, dst), "unknown");
	assert_string_equal(alert_code_name(-5, dst), "unknown");
	assert_string_equal(alert_code_name(INT_MIN, dst), "unknown");
	assert_string_equal(alert_code_name(INT_MAX, dst), "unknown");
}

static void test_parts_of_a_sum_are_objects(void **state)
{
	(void)state;
	static const char *const want[] = {
		"1.3.6.1.4.1.9.1.112", "1.3.6.1.4.1.9.1.113", "1.3.6.1.4.1.9.2.1", "1.3.6.1.4.1.8"};
	struct text parts = TEXT("1.3.6.1.4.1.9.1.112 .113 .2.1 1.3.6.1.4.1.8");
	char part[READING_SOURCE] = "";
	size_t at = 0;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		assert_true(reading_next_part(parts, &at, part));
		assert_string_equal(part, want[i]);
	}
	assert_false(reading_next_part(parts, &at, part));
	/* A text from the network may be anything. */
	static char dots[LIMIT_TEXT_LONG];
	memset(dots, '.', sizeof dots);
	at = 0;
	assert_false(reading_next_part((struct text){dots, sizeof dots}, &at, part));
	at = 0;
	assert_true(reading_next_part(TEXT(".5 .....6"), &at, part));
	assert_string_equal(part, ".5");
	assert_true(reading_next_part(TEXT(".5 .....6"), &at, part));
	assert_string_equal(part, ".....6");
}

static void test_meter_names_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < METER_NAME_COUNT; i++) {
		const char *name = meter_name_text((enum meter_name)i);
		assert_string_not_equal(name, "unknown");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, meter_name_text((enum meter_name)k));
	}
}

static void test_alert_kinds(void **state)
{
	(void)state;
	struct alert a = {.severity = 3, .code = 8};
	assert_string_equal(alert_kind_name(&a), "fault");
	a = (struct alert){.severity = 4, .code = 1104};
	assert_string_equal(alert_kind_name(&a), "warning");
	a = (struct alert){.severity = 4, .code = 23};
	assert_string_equal(alert_kind_name(&a), "state");
	a = (struct alert){.severity = 4, .code = 1, .training = 7};
	assert_string_equal(alert_kind_name(&a), "state");
	/* Kyocera: the fuser of a sleeping device. */
	a = (struct alert){.severity = 5, .training = 3, .group = 10, .code = 1001};
	assert_string_equal(alert_kind_name(&a), "state");
	a.severity = 3;
	assert_string_equal(alert_kind_name(&a), "fault");
	/* Information: of no severity that asks for anything, without a code. */
	a = (struct alert){
		.severity = 1, .training = 3, .code = 1, .description = TEXT("Tray 2: A4")};
	assert_string_equal(alert_kind_name(&a), "state");
	a.code = 808;
	assert_string_equal(alert_kind_name(&a), "warning");
}

/* Without a code of the standard the location or the text decides, at any severity. */
static void test_alert_without_code_is_a_state_by_its_text(void **state)
{
	(void)state;
	static const char *const states[] = {"Sleep", "Sleep mode on", "SLEEPING...", "Ready",
		"Deep Sleep Mode", "Warming Up", "Power Saver.   Printer will wake up", "Idle",
		"01-551-00 The machine is in Sleep Mode; administration is possible", "Printing",
		"Energiesparmodus", "Prêt", "スリープ", "Energy Saver Mode"};
	static const char *const others[] = {"Paper jam", "Printing error", "Ready to be serviced",
		"feed roller needed soon", "Scanning unit failure", "Cleaning unit is full", ""};
	for (int severity = 0; severity <= 5; severity++) {
		for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
			struct alert a = {.severity = severity,
				.code = severity % 3,
				.description = text_of(states[i])};
			assert_int_equal(alert_kind(&a), ALERT_STATE);
			a.code = 8;
			assert_int_not_equal(alert_kind(&a), ALERT_STATE);
		}
		for (size_t i = 0; i < sizeof others / sizeof others[0] && severity != 1; i++) {
			struct alert a = {.severity = severity, .description = text_of(others[i])};
			assert_int_equal(
				alert_kind(&a), severity == 3 ? ALERT_FAULT : ALERT_WARNING);
		}
	}
	/* Brother: the only columns are the description and the location. */
	struct alert brother = {.location = 40000, .description = TEXT("Ruhemodus")};
	assert_int_equal(alert_kind(&brother), ALERT_STATE);
	struct alert located = {.severity = 3, .code = 8, .location = 40000};
	assert_int_equal(alert_kind(&located), ALERT_FAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_keep_order_and_limits),
		cmocka_unit_test(test_rgb_names_colorant),
		cmocka_unit_test(test_receptacle_has_no_percentage),
		cmocka_unit_test(test_alert_says_that_receptacle_is_full),
		cmocka_unit_test(test_full_arena_returns_null),
		cmocka_unit_test(test_text_is_scrubbed_and_cut),
		cmocka_unit_test(test_level_kinds),
		cmocka_unit_test(test_mib_names),
		cmocka_unit_test(test_parts_of_a_sum_are_objects),
		cmocka_unit_test(test_meter_names_round_trip),
		cmocka_unit_test(test_alert_kinds),
		cmocka_unit_test(test_alert_without_code_is_a_state_by_its_text),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
