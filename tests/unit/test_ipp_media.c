/* SPDX-License-Identifier: Apache-2.0
 * Trays, bins, rated speed, and the confidence of an identity by IPP. */
#include "tests/unit/ipp_fixture.h"

static const struct subunit *subunit_at(unsigned n)
{
	const struct subunit *s = r.subunits;
	while (n-- > 0 && s != NULL)
		s = s->next;
	assert_non_null(s);
	return s;
}

static void test_trays_and_bins_as_mib_rows(void **state)
{
	(void)state;
	message_text(&m, IPP_OCTETS, "printer-input-tray",
		"type=sheetFeedAutoRemovableTray;dimunit=micrometers;mediafeed=297000;"
		"mediaxfeed=210000;unit=sheets;maxcapacity=500;level=-3;status=0;name=Upper;");
	message_text(&m, IPP_OCTETS, "",
		"name=By hand;type=sheetFeedManual;maxcapacity=-2;level=0;status=9;");
	message_text(&m, IPP_OCTETS, "", "");
	message_text(&m, IPP_OCTETS, "", "type=sheetFeedAutoNonRemovableTray;");
	message_text(&m, IPP_OCTETS, "printer-output-tray",
		"type=unRemovableBin;maxcapacity=150;remaining=20;status=0;name=Face down;"
		"stackingorder=firstToLast;pagedelivery=faceDown;");
	message_int(&m, IPP_INTEGER, "pages-per-minute", 38);
	message_int(&m, IPP_INTEGER, "pages-per-minute-color", 0);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_COMPLETE);
	assert_int_equal(r.subunit_count, 4);
	const struct subunit *s = subunit_at(0);
	assert_int_equal(s->kind, SUBUNIT_TRAY);
	assert_string_equal(subunit_type_name(SUBUNIT_TRAY, s->type), "sheet_feed_auto_removable");
	assert_string_equal(capacity_unit_name(s->unit), "sheets");
	assert_true(s->has_level && s->has_max && s->has_status);
	assert_int_equal(s->level, -3);
	assert_int_equal(s->max, 500);
	assert_int_equal(s->status, 0);
	assert_int_equal(s->index, 1);
	assert_text(s->name, "Upper");
	s = subunit_at(1);
	assert_string_equal(subunit_type_name(SUBUNIT_TRAY, s->type), "sheet_feed_manual");
	assert_int_equal(s->index, 2);
	assert_int_equal(s->max, -2);
	assert_int_equal(s->level, 0);
	assert_int_equal(s->status, 9);
	s = subunit_at(2);
	assert_string_equal(
		subunit_type_name(SUBUNIT_TRAY, s->type), "sheet_feed_auto_non_removable");
	assert_false(s->has_level || s->has_max || s->has_status);
	assert_int_equal(s->index, 3);
	s = subunit_at(3);
	assert_int_equal(s->kind, SUBUNIT_BIN);
	assert_string_equal(subunit_type_name(SUBUNIT_BIN, s->type), "unremovable_bin");
	assert_int_equal(s->level, 20);
	assert_int_equal(s->index, 1);
	assert_int_equal(r.pages_per_minute, 38);
	assert_int_equal(r.pages_per_minute_color, 0);
}

static void test_bad_media_is_partial(void **state)
{
	static const char *const wrong[] = {"type=drawer;", "unit=stones;", "maxcapacity=many;",
		"maxcapacity=-4;", "level=;", "status=fine;", "level=99999999999;"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		again();
		message_text(&m, IPP_OCTETS, "printer-input-tray", wrong[i]);
		assert_int_equal(decode_message(), 0);
		assert_int_equal(r.subunit_count, 1);
		assert_false(
			r.subunits->has_level || r.subunits->has_max || r.subunits->has_status);
		assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_PARTIAL);
	}
	again();
	message_int(&m, IPP_INTEGER, "printer-output-tray", 3);
	message_int(&m, IPP_INTEGER, "pages-per-minute", -1);
	message_int(&m, IPP_INTEGER, "pages-per-minute-color", 65536);
	assert_int_equal(decode_message(), 1); /* a number in place of a text */
	assert_int_equal(r.subunit_count, 0);
	assert_int_equal(r.pages_per_minute, 0);
	assert_int_equal(r.pages_per_minute_color, 0);
	assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_PARTIAL);
}

static void test_tray_limit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LIMIT_SUBUNITS; i++)
		message_text(&m, IPP_OCTETS, i == 0 ? "printer-input-tray" : "", "type=other;");
	message_text(&m, IPP_OCTETS, "printer-output-tray", "type=other;");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.subunit_count, LIMIT_SUBUNITS);
	assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_PARTIAL);
}

static void test_identity_reason_and_confidence(void **state)
{
	static const char id[] = "MFG:Xerox;MDL:C70;SN:9WX2;";
	(void)state;
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Xerox C70");
	message_text(&m, IPP_TEXT, "printer-device-id", id);
	assert_int_equal(decode_message(), 0);
	assert_text(r.identity.device_id, id);
	assert_int_equal(r.identity.why, WHY_IPP);
	assert_int_equal(r.identity.confidence, 100);
	again();
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Xerox C70");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.identity.confidence, 60);
	again();
	message_int(&m, IPP_INTEGER, "printer-unheard-of", 1);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.identity.confidence, 0);
	assert_int_equal(r.identity.why, WHY_NOTHING);
	assert_false(r.identity.is_printer);
}

static void test_maintenance_parts_by_supply_type(void **state)
{
	(void)state;
	message_text(&m, IPP_OCTETS, "printer-supply",
		"type=fuser;maxcapacity=100;level=81;class=supplyThatIsConsumed;unit=percent;");
	message_text(&m, IPP_OCTETS, "", "type=transferUnit;maxcapacity=200000;level=-3;");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.supply_count, 2);
	assert_string_equal(supply_type_name(supply_at(0)->type), "fuser");
	assert_true(supply_percent(supply_at(0)) == 81);
	assert_string_equal(supply_type_name(supply_at(1)->type), "transfer_unit");
	assert_int_equal(supply_at(1)->level_kind, LEVEL_SOME);
	assert_int_equal(supply_at(0)->source, SOURCE_IPP);
	assert_int_equal(supply_at(1)->source, SOURCE_IPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_READING(test_trays_and_bins_as_mib_rows),
		WITH_READING(test_bad_media_is_partial),
		WITH_READING(test_tray_limit),
		WITH_READING(test_identity_reason_and_confidence),
		WITH_READING(test_maintenance_parts_by_supply_type),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
