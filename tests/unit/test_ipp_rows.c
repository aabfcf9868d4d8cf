/* SPDX-License-Identifier: Apache-2.0
 * Supplies and alerts of an IPP response: rows of printer-supply, marker-* and printer-alert, valid
 * and invalid, more than fit, and every keyword with its number. */
#include "tests/unit/ipp_fixture.h"

/* ---- supplies --------------------------------------------------------------------------- */

static void test_printer_supply_as_mib_row(void **state)
{
	(void)state;
	message_text(&m, IPP_OCTETS, "printer-supply",
		"index=4;type=tonerCartridge;class=supplyThatIsConsumed;unit=tenthsOfGrams;"
		"maxcapacity=200;level=50;colorantindex=2;colorantname=Cyan;colorantrole=process;");
	message_text(
		&m, IPP_OCTETS, "", "type=wasteToner;maxcapacity=-2;level=-3;index=9;unit=percent");
	message_text(
		&m, IPP_OCTETS, "", " type = opc ; maxcapacity = -1 ; level = -1 ; index = 11 ;;");
	message_text(
		&m, IPP_OCTETS, "", "index=12;staples;level=-2;class=other;colorantname=none;");
	message_english(&m, IPP_TEXT_WITH_LANGUAGE, "printer-supply-description",
		"Cyan Toner, PN 006R01509 SN:CAK24;");
	message_english(&m, IPP_TEXT_WITH_LANGUAGE, "", "Waste P/N: unknown");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.supply_count, 4);
	const struct supply *s = supply_at(0);
	assert_int_equal(s->device, 0);
	assert_int_equal(s->index, 4);
	assert_string_equal(supply_type_name(s->type), "toner_cartridge");
	assert_string_equal(supply_class_name(s->supply_class), "consumed");
	assert_string_equal(supply_unit_name(s->unit), "tenths_of_grams");
	assert_int_equal(s->colorant_index, 2);
	assert_text(s->colorant, "cyan");
	assert_text(s->description, "Cyan Toner, PN 006R01509 SN:CAK24;");
	assert_text(s->part, "006R01509");
	assert_text(s->serial, "CAK24");
	assert_int_equal(s->level_kind, LEVEL_PERCENT);
	assert_true(supply_percent(s) == 25.0);
	s = supply_at(1);
	assert_string_equal(supply_type_name(s->type), "waste_toner");
	assert_string_equal(supply_class_name(s->supply_class), "receptacle");
	assert_int_equal(s->level_kind, LEVEL_SOME);
	assert_int_equal(s->part.len, 0);
	s = supply_at(2);
	assert_string_equal(supply_type_name(s->type), "opc");
	assert_int_equal(s->level_kind, LEVEL_UNLIMITED);
	assert_int_equal(s->index, 11);
	s = supply_at(3);
	assert_string_equal(supply_type_name(s->type), "staples");
	assert_string_equal(supply_class_name(s->supply_class), "other");
	assert_int_equal(s->level_kind, LEVEL_UNKNOWN);
	assert_int_equal(s->colorant.len, 0);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_COMPLETE);
}

static void test_bad_supplies_are_partial(void **state)
{
	static const char *const wrong[] = {"type=toner;level=many",
		"type=toner;level=", "type=toner;level=99999999999", "type=toner;maxcapacity=1x",
		"type=flux;level=5", "type=toner;class=9999", "type=toner;unit=stones",
		"type=toner;index=a", "type=toner;colorantindex=b"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		again();
		message_text(&m, IPP_OCTETS, "printer-supply", wrong[i]);
		assert_int_equal(decode_message(), 0);
		assert_int_equal(r.supply_count, 1);
		assert_int_equal(r.supplies->index, 1);
		assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_PARTIAL);
	}
	again(); /* not text at all, empty, and a vendor's number */
	message_int(&m, IPP_INTEGER, "printer-supply", 5);
	message_text(&m, IPP_OCTETS, "", " ; ");
	message_text(&m, IPP_OCTETS, "", "type=200;level=7");
	assert_int_equal(decode_message(), 1);
	assert_int_equal(r.supply_count, 1);
	assert_int_equal(r.supplies->type, 200);
	assert_int_equal(r.supplies->supply_class, 0);
	assert_int_equal(r.supplies->level_kind, LEVEL_UNITS);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_PARTIAL);
}

static void test_duplicate_indexes_become_positions(void **state)
{
	(void)state;
	message_text(&m, IPP_OCTETS, "printer-supply", "type=ink;index=3");
	message_text(&m, IPP_OCTETS, "", "type=ink;index=3");
	message_text(&m, IPP_OCTETS, "printer-alert", "code=coverOpen;index=7");
	message_text(&m, IPP_OCTETS, "", "code=jam");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(supply_at(0)->index, 1);
	assert_int_equal(supply_at(1)->index, 2);
	assert_int_equal(alert_at(0)->index, 1);
	assert_int_equal(alert_at(1)->index, 2);
}

static void test_markers_without_printer_supply(void **state)
{
	(void)state;
	message_text(&m, IPP_NAME, "marker-names", "Black PN CB540A");
	message_text(&m, IPP_NAME, "", "Tri-colour");
	message_text(&m, IPP_NAME, "", "Waste");
	message_text(&m, IPP_NAME, "", "Cyan");
	message_text(&m, IPP_NAME, "marker-colors", "#000000");
	message_text(&m, IPP_NAME, "", "#00FFFF#FF00FF#FFFF00");
	message_text(&m, IPP_NAME, "", "none");
	message_text(&m, IPP_NAME, "", "#00ffff");
	message_text(&m, IPP_KEYWORD, "marker-types", "toner-cartridge");
	message_text(&m, IPP_KEYWORD, "", "inkCartridge");
	message_text(&m, IPP_KEYWORD, "", "waste-toner");
	message_text(&m, IPP_KEYWORD, "", "vendor-thing");
	message_int(&m, IPP_INTEGER, "marker-levels", 67);
	message_int(&m, IPP_INTEGER, "", -1);
	message_int(&m, IPP_INTEGER, "", 40);
	message_int(&m, IPP_INTEGER, "", -3);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.supply_count, 4);
	const struct supply *s = supply_at(0);
	assert_text(s->colorant, "black");
	assert_text(s->part, "CB540A");
	assert_string_equal(supply_type_name(s->type), "toner_cartridge");
	assert_true(supply_percent(s) == 67.0);
	s = supply_at(1);
	assert_int_equal(s->colorant.len, 0);
	assert_string_equal(supply_type_name(s->type), "ink_cartridge");
	assert_false(s->has_level);
	assert_int_equal(s->level_kind, LEVEL_UNKNOWN);
	s = supply_at(2);
	assert_string_equal(supply_class_name(s->supply_class), "receptacle");
	assert_int_equal(s->level_kind, LEVEL_DIRECTION_UNKNOWN);
	assert_int_equal(s->level, 40);
	assert_true(supply_percent(s) < 0);
	s = supply_at(3);
	assert_text(s->colorant, "cyan");
	assert_int_equal(s->type, 0);
	assert_int_equal(s->level_kind, LEVEL_SOME);
	assert_int_equal(s->index, 4);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_COMPLETE);

	again(); /* arrays of different length */
	message_int(&m, IPP_INTEGER, "marker-levels", 5);
	message_int(&m, IPP_INTEGER, "", 6);
	message_text(&m, IPP_NAME, "marker-names", "Only one");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.supply_count, 2);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_PARTIAL);
}

static void test_supply_limit(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= LIMIT_SUPPLIES; i++)
		message_text(&m, IPP_OCTETS, i == 0 ? "printer-supply" : "", "type=ink;level=1");
	for (unsigned i = 0; i <= LIMIT_ALERTS; i++)
		message_text(&m, IPP_OCTETS, i == 0 ? "printer-alert" : "", "code=jam");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.supply_count, LIMIT_SUPPLIES);
	assert_int_equal(r.alert_count, LIMIT_ALERTS);
	assert_statuses(GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED, GROUP_PARTIAL, GROUP_PARTIAL,
		GROUP_NOT_REQUESTED);
}

static void test_full_arena_is_partial(void **state)
{
	static struct slab one;
	(void)state;
	assert_int_equal(slab_open(&one, LIMIT_ARENA_BLOCK, 1), 0);
	reading_close(&r);
	reading_open(&r, &one);
	for (unsigned i = 0; i < 60; i++)
		message_text(&m, IPP_OCTETS, i == 0 ? "printer-supply" : "", "type=ink;level=1");
	for (unsigned i = 0; i < 30; i++)
		message_text(&m, IPP_OCTETS, i == 0 ? "printer-alert" : "", "code=jam");
	assert_int_equal(decode_message(), 0);
	assert_true(r.supply_count > 0 && r.supply_count < 60);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_PARTIAL);
	assert_int_equal(r.group[GROUP_ALERTS].status, GROUP_PARTIAL);
	reading_close(&r);
	again();
	for (unsigned i = 0; i < 60; i++)
		message_text(&m, IPP_NAME, i == 0 ? "marker-names" : "", "A name");
	reading_open(&r, &one);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_PARTIAL);
	reading_close(&r);
	slab_close(&one);
	reading_open(&r, &blocks);
}

static void test_value_limit(void **state)
{
	static const char *const names[] = {"printer-make-and-model", "printer-device-id",
		"printer-serial-number", "printer-uuid", "printer-firmware-name",
		"printer-firmware-version", "marker-names", "marker-types", "marker-colors",
		"printer-supply", "printer-alert"};
	(void)state;
	for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
		for (unsigned i = 0; i < LIMIT_IPP_SET; i++)
			message_text(&m, IPP_TEXT, i == 0 ? names[k] : "", "x");
	}
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.group[GROUP_ALERTS].status, GROUP_PARTIAL);
	assert_int_equal(r.alert_count, 0);
}

/* ---- alerts ----------------------------------------------------------------------------- */

static void test_printer_alert_as_mib_row(void **state)
{
	(void)state;
	message_text(&m, IPP_OCTETS, "printer-alert",
		"code=markerTonerAlmostEmpty;index=46;severity=warning;training=untrained;"
		"group=markerSupplies;groupindex=2;location=-1;time=123456;");
	message_text(&m, IPP_OCTETS, "",
		"code=staplerCoverOpen;index=47;severity=critical;training=fieldService;"
		"group=finAttributeTable;vendor=x");
	message_text(&m, IPP_OCTETS, "", "code=fluxCapacitorLow;index=48;severity=4;group=11");
	message_text(&m, IPP_OCTETS, "", "other;index=49");
	message_text(&m, IPP_OCTETS, "", "code=1104;index=50");
	message_english(&m, IPP_TEXT_WITH_LANGUAGE, "printer-alert-description", "Toner is low");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.alert_count, 5);
	const struct alert *a = alert_at(0);
	assert_int_equal(a->code, 1104);
	assert_int_equal(a->index, 46);
	assert_int_equal(a->severity, 4);
	assert_int_equal(a->training, 3);
	assert_int_equal(a->group, 11);
	assert_int_equal(a->group_index, 2);
	assert_int_equal(a->location, -1);
	assert_int_equal(a->time_cs, 123456);
	assert_text(a->description, "Toner is low");
	a = alert_at(1);
	assert_int_equal(a->code, 30203);
	assert_int_equal(a->severity, 3);
	assert_int_equal(a->training, 5);
	assert_int_equal(a->group, 33);
	assert_int_equal(a->description.len, 0);
	a = alert_at(2);
	assert_int_equal(a->code, 2);
	assert_text(a->description, "fluxCapacitorLow");
	assert_int_equal(a->severity, 4);
	assert_int_equal(a->group, 11);
	assert_int_equal(alert_at(3)->code, 1);
	assert_int_equal(alert_at(4)->code, 1104);
	assert_int_equal(r.group[GROUP_ALERTS].status, GROUP_COMPLETE);
}

static void test_bad_alerts_are_partial(void **state)
{
	static const char *const wrong[] = {"code=jam;index=x", "code=jam;severity=awful",
		"code=jam;training=none", "code=jam;group=band",
		"code=jam;groupindex=", "code=jam;location=here", "code=jam;time=noon"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		again();
		message_text(&m, IPP_OCTETS, "printer-alert", wrong[i]);
		assert_int_equal(decode_message(), 0);
		assert_int_equal(r.alert_count, 1);
		assert_int_equal(r.alerts->code, 8);
		assert_int_equal(r.group[GROUP_ALERTS].status, GROUP_PARTIAL);
	}
	again();
	message_int(&m, IPP_INTEGER, "printer-alert", 5);
	message_text(&m, IPP_OCTETS, "", "");
	assert_int_equal(decode_message(), 1);
	assert_int_equal(r.alert_count, 0);
	assert_int_equal(r.group[GROUP_ALERTS].status, GROUP_PARTIAL);
}

/* Every number with a name of its own is found by it. */
static void test_keywords_and_numbers_agree(void **state)
{
	char name[ALERT_CODE_NAME];
	unsigned codes = 0;
	(void)state;
	for (int n = 1; n < 32000; n++) {
		const char *word = alert_code_name(n, name);
		if (strcmp(word, "unknown") == 0 && n != 2)
			continue;
		codes++;
		assert_int_equal(ipp_alert_code(text_of(word)), n);
	}
	assert_int_equal(codes, 36 + 2 + 7 + 13 + 4 + 5 + 15 + 4 + 8 + 1 + 17 * 36);
	for (int n = 3; n <= 36; n++)
		assert_int_equal(ipp_supply_type(text_of(supply_type_name((unsigned)n))), n);
	for (int n = 30; n <= 33; n++)
		assert_int_equal(ipp_alert_group(text_of(alert_group_name(n))), n);
	assert_int_equal(ipp_alert_group(TEXT("hostResourcesMIBStorageTable")), 3);
	assert_int_equal(ipp_alert_severity(TEXT("warningBinaryChangeEvent")), 5);
	assert_int_equal(ipp_alert_severity(TEXT("unknown")), 2);
	assert_int_equal(ipp_supply_class(TEXT("receptacleThatIsFilled")), 4);
	assert_int_equal(ipp_supply_unit(TEXT("hundredthsOfFluidOunces")), 14);
	assert_true(ipp_supply_type(TEXT("")) < 0);
	assert_true(ipp_alert_code(TEXT("")) < 0);
}

static void test_light_inks_have_colorants_of_their_own(void **state)
{
	static const char *const rows[][3] = {{"Light Cyan Ink", "#00FFFF", "light_cyan"},
		{"Cyan Ink", "#00FFFF", "cyan"}, {"Photo Black Ink", "#000000", "photo_black"},
		{"Matte Black Ink", "none", "matte_black"},
		{"Vivid Light Magenta", "none", "light_magenta"}, {"Gray Ink", "none", "gray"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		message_text(&m, IPP_NAME, i == 0 ? "marker-names" : "", rows[i][0]);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		message_text(&m, IPP_NAME, i == 0 ? "marker-colors" : "", rows[i][1]);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		message_int(&m, IPP_INTEGER, i == 0 ? "marker-levels" : "", i == 5 ? 101 : 50);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.supply_count, sizeof rows / sizeof rows[0]);
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_text(supply_at(i)->colorant, rows[i][2]);
	/* More than 100 percent is a count without unit and maximum. */
	assert_int_equal(supply_at(5)->level_kind, LEVEL_UNITS);
	assert_false(supply_at(5)->has_max);

	static const char row[] = "type=ink;colorantname=Light Magenta;level=1;maxcapacity=2;";
	again();
	message_raw(&m, IPP_OCTETS, "printer-supply", row, sizeof row - 1);
	assert_int_equal(decode_message(), 0);
	assert_text(supply_at(0)->colorant, "light_magenta");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_READING(test_printer_supply_as_mib_row),
		WITH_READING(test_bad_supplies_are_partial),
		WITH_READING(test_duplicate_indexes_become_positions),
		WITH_READING(test_markers_without_printer_supply),
		WITH_READING(test_light_inks_have_colorants_of_their_own),
		WITH_READING(test_supply_limit),
		WITH_READING(test_full_arena_is_partial),
		WITH_READING(test_value_limit),
		WITH_READING(test_printer_alert_as_mib_row),
		WITH_READING(test_bad_alerts_are_partial),
		WITH_READING(test_keywords_and_numbers_agree),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
