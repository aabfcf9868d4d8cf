/* SPDX-License-Identifier: Apache-2.0
 * The reading of an IPP response: identity, meters, state, and the status of the groups. Responses
 * are built here; recorded ones are read from ../shared/printers/recordings if that folder exists.
 */
#include "tests/unit/ipp_fixture.h"

/* ---- what is asked ---------------------------------------------------------------------- */

static void test_requested_attributes_without_personal_names(void **state)
{
	static const char *const never[] = {"printer-name", "printer-info", "printer-location",
		"printer-contact-col", "job", "user", "printer-organization"};
	size_t n;
	const char *const *names = ipp_attribute_names(&n);
	(void)state;
	assert_int_equal(n, ATTRIBUTE_COUNT);
	for (int w = 0; w < ATTRIBUTE_FOLDED; w++)
		assert_string_equal(names[w], ipp_attribute_name((enum ipp_attribute)w));
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < sizeof never / sizeof never[0]; k++)
			assert_null(strstr(names[i], never[k]));
	}
}

static void test_personal_names_are_not_kept(void **state)
{
	static const char *const named[] = {"printer-name", "printer-info", "printer-location",
		"printer-contact-col", "requesting-user-name", "job-name", "printer-state-message"};
	(void)state;
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		message_text(&m, IPP_NAME, named[i], "Planted Person");
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Xerox(R) C70");
	assert_int_equal(decode_message(), 0);
	/* The whole reading: the model is there, the planted personal name is not. */
	const char *p = (const char *)blocks.base;
	bool has_model = false;
	assert_int_equal(blocks.used, 1);
	for (size_t i = 0; i + 7 <= blocks.size; i++) {
		assert_true(memcmp(p + i, "Planted", 7) != 0);
		has_model = has_model || memcmp(p + i, "C70", 4) == 0;
	}
	assert_true(has_model);
}

/* ---- identity --------------------------------------------------------------------------- */

static void test_vendor_and_model_are_split(void **state)
{
	static const struct {
		const char *said, *id, *vendor, *model, *serial;
	} rows[] = {
		{"Brother MFC-J5320DW", NULL, "Brother", "MFC-J5320DW", ""},
		{"Xerox(R) B235 MFP", "MANUFACTURER:Xerox;MODEL:B235 MFP;", "Xerox", "B235 MFP",
			""},
		{"EPSON XP-6000 Series", "MFG:EPSON;SN:583434593035343031;", "Epson",
			"XP-6000 Series", "X44Y05401"},
		{"EPSON XP-6000 Series", "MFG:EPSON;SN:583434593035343012;", "Epson",
			"XP-6000 Series", "583434593035343012"},
		{"EPSON X", "MFG:EPSON;SN:5834345930353430zz;", "Epson", "X", "5834345930353430zz"},
		{"HP LaserJet M402n", "MFG:Hewlett-Packard;MDL:HP LaserJet M402n;SN:PHB1;", "HP",
			"LaserJet M402n", "PHB1"},
		{"LaserJet M402n", "MFG:Hewlett-Packard;MDL:HP LaserJet;SERN:A;", "HP",
			"LaserJet M402n", "A"},
		{NULL, "MFG:Hewlett-Packard;MDL:HP LaserJet M402n;", "HP", "LaserJet M402n", ""},
		{NULL, "MDL:Solo;MFG:Acme Press", "Acme Press", "Solo", ""},
		{"acme M1", "MFG:Acme;MDL:M1;SN:unknown;", "Acme", "M1", ""},
		{"Acmeter M1", "MFG:Acme;MDL:M1;", "Acme", "Acmeter M1", ""},
		{"Sharpener 3", NULL, "", "Sharpener 3", ""},
		{"KONICA MINOLTA bizhub C258", NULL, "Konica Minolta", "bizhub C258", ""},
		{"Canon", "MFG:Canon;MDL:LBP7200;", "Canon", "LBP7200", ""},
		{"Canon", "MFG:Canon;MDL:Canon;", "Canon", "Canon", ""},
		{"  ", "nothing;;of: use", "", "", ""},
		/* Words that a print queue adds, and a version beside the model. */
		{"Lexmark CX510de - IPP Everywhere", NULL, "Lexmark", "CX510de", ""},
		{"HP LaserJet 400, driverless, cups-filters 1.28.7", NULL, "HP", "LaserJet 400",
			""},
		{"Kyocera ECOSYS M5526cdw Ver. 2.01", NULL, "Kyocera", "ECOSYS M5526cdw", ""},
		/* Placeholders: the device id is the next source. */
		{"Unknown", "MFG:EPSON;MDL:ET-2700 Series;SN:N/A;", "Epson", "ET-2700 Series", ""},
		{"N/A", "MFG:NULL;MDL:XXXX;SN:0000000000;", "", "", ""},
		/* No vendor but in a brand. */
		{"LaserJet M402n", NULL, "HP", "LaserJet M402n", ""},
		{"ECOSYS P2040dn", NULL, "Kyocera", "ECOSYS P2040dn", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		again();
		if (rows[i].said != NULL)
			message_text(&m, IPP_TEXT, "printer-make-and-model", rows[i].said);
		if (rows[i].id != NULL)
			message_english(
				&m, IPP_TEXT_WITH_LANGUAGE, "printer-device-id", rows[i].id);
		assert_int_equal(decode_message(), 0);
		assert_text(r.identity.vendor, rows[i].vendor);
		assert_text(r.identity.model, rows[i].model);
		assert_text(r.identity.serial, rows[i].serial);
		assert_true(r.identity.is_printer);
		assert_statuses(GROUP_COMPLETE, GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED,
			GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED);
	}
}

static void test_supply_names_the_vendor(void **state)
{
	(void)state;
	message_text(&m, IPP_TEXT, "printer-make-and-model", "CX510de - IPP Everywhere");
	message_text(&m, IPP_NAME, "marker-names", "Cyan Cartridge");
	message_text(&m, IPP_NAME, "", "Lexmark Black Cartridge");
	assert_int_equal(decode_message(), 0);
	assert_text(r.identity.vendor, "Lexmark");
	assert_text(r.identity.model, "CX510de");
	assert_int_equal(r.identity.confidence, 40);
}

static void test_serial_firmware_and_mac(void **state)
{
	(void)state;
	message_text(&m, IPP_TEXT, "printer-serial-number", " 3WX1 ");
	message_text(&m, IPP_TEXT, "printer-device-id", "MFG:Xerox;SN:OTHER;");
	message_text(&m, IPP_URI, "printer-uuid", "urn:uuid:e3248000-80ce-11db-8000-30055CE13BE2");
	message_text(&m, IPP_NAME, "printer-firmware-name", "Engine");
	message_text(&m, IPP_NAME, "", "Panel");
	message_text(&m, IPP_NAME, "", "Empty");
	message_text(&m, IPP_TEXT, "printer-firmware-string-version", "1.2");
	message_text(&m, IPP_TEXT, "", "3.4");
	message_text(&m, IPP_TEXT, "", "");
	message_raw(&m, IPP_OCTETS, "printer-firmware-version", "\1\2", 2);
	message_int(&m, IPP_INTEGER, "printer-up-time", 1326249);
	assert_int_equal(decode_message(), 0);
	assert_text(r.identity.serial, "3WX1");
	assert_text(r.identity.mac, "30:05:5c:e1:3b:e2");
	assert_int_equal(r.identity.firmware_count, 2);
	assert_text(r.identity.firmware->name, "Engine");
	assert_text(r.identity.firmware->version, "1.2");
	assert_text(r.identity.firmware->next->name, "Panel");
	assert_text(r.identity.firmware->next->version, "3.4");
	assert_int_equal(r.identity.uptime_cs, 132624900);

	again();
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Canon LBP712Cx R1.28/PH");
	message_text(&m, IPP_TEXT, "printer-firmware-string-version", "N/A");
	assert_int_equal(decode_message(), 0);
	assert_text(r.identity.model, "LBP712Cx");
	assert_int_equal(r.identity.firmware_count, 1);
	assert_text(r.identity.firmware->version, "R1.28");

	again();
	message_raw(&m, IPP_OCTETS, "printer-firmware-version", "V9", 2);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.identity.firmware_count, 1);
	assert_text(r.identity.firmware->version, "V9");
}

static void test_mac_only_from_version_1_uuid(void **state)
{
	static const char *const without[] = {"urn:uuid:67bbb526-3a17-474f-a567-2ca5f6156613",
		"urn:uuid:e3248000-80ce-11db-8000-31055ce13be2",
		"urn:uuid:e3248000-80ce-11db-8000-000000000000",
		"urn:uuid:e3248000-80ce-11db-8000-30055ce13bex", "urn:uuid:e3248000-80ce-11db-8000",
		""};
	(void)state;
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
		again();
		message_text(&m, IPP_URI, "printer-uuid", without[i]);
		assert_int_equal(decode_message(), 0);
		assert_int_equal(r.identity.mac.len, 0);
	}
}

static void test_firmware_limit(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= LIMIT_FIRMWARE; i++)
		message_text(&m, IPP_TEXT, i == 0 ? "printer-firmware-string-version" : "", "1");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.identity.firmware_count, LIMIT_FIRMWARE);
	assert_int_equal(r.group[GROUP_IDENTITY].status, GROUP_PARTIAL);
}

/* ---- meters ----------------------------------------------------------------------------- */

static void expect_meter(
	enum meter_name name, uint64_t value, unsigned unit, unsigned quality, const char *source)
{
	for (const struct meter *x = r.meters; x != NULL; x = x->next) {
		char is[LIMIT_TEXT + 1];
		(void)snprintf(is, sizeof is, "%.*s", TEXT_ARG(x->source));
		if (x->name != name || strcmp(is, source) != 0)
			continue;
		assert_int_equal(x->value, value);
		assert_int_equal(x->unit, unit);
		assert_int_equal(x->quality, quality);
		if (name == METER_VENDOR)
			assert_text(x->label, source + 4);
		return;
	}
	fail_msg("no meter %s", source);
}

static void put_col(const char *name, const char *const *members, const int32_t *values, size_t n)
{
	message_raw(&m, IPP_BEGIN_COLLECTION, name, "", 0);
	for (size_t i = 0; i < n; i++) {
		message_text(&m, IPP_MEMBER_NAME, "", members[i]);
		message_int(&m, IPP_INTEGER, "", values[i]);
	}
	message_raw(&m, IPP_END_COLLECTION, "", "", 0);
}

static const char *const four[] = {
	"full-color", "full-color-two-sided", "monochrome", "monochrome-two-sided"};

static void test_completed_counts_are_meters(void **state)
{
	static const int32_t counts[] = {10, 20, 30, 40}, sheets[] = {15, 35};
	static const char *const two[] = {"full-color", "monochrome"};
	(void)state;
	message_int(&m, IPP_INTEGER, "printer-impressions-completed", 104);
	put_col("printer-impressions-completed-col", four, counts, 4);
	message_int(&m, IPP_INTEGER, "printer-media-sheets-completed", 70);
	put_col("printer-media-sheets-completed-col", two, sheets, 2);
	message_int(&m, IPP_INTEGER, "printer-pages-completed", 90);
	put_col("printer-pages-completed-col", two, sheets, 1);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.meter_count, 8);
	expect_meter(
		METER_IMPRESSIONS_TOTAL, 104, 7, QUALITY_OK, "ipp:printer-impressions-completed");
	expect_meter(METER_IMPRESSIONS_COLOR, 30, 7, QUALITY_OK,
		"ipp:printer-impressions-completed-col.full-color+full-color-two-sided");
	expect_meter(METER_IMPRESSIONS_MONO, 70, 7, QUALITY_OK,
		"ipp:printer-impressions-completed-col.monochrome+monochrome-two-sided");
	expect_meter(METER_SHEETS_TOTAL, 70, 8, QUALITY_OK, "ipp:printer-media-sheets-completed");
	expect_meter(METER_VENDOR, 90, 0, QUALITY_OK, "ipp:printer-pages-completed");
	expect_meter(METER_VENDOR, 15, 8, QUALITY_OK,
		"ipp:printer-media-sheets-completed-col.full-color");
	expect_meter(METER_VENDOR, 35, 8, QUALITY_OK,
		"ipp:printer-media-sheets-completed-col.monochrome");
	expect_meter(METER_VENDOR, 15, 0, QUALITY_OK, "ipp:printer-pages-completed-col.full-color");
	assert_statuses(GROUP_NOT_REQUESTED, GROUP_COMPLETE, GROUP_NOT_REQUESTED,
		GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED);
}

static void test_two_sided_counts_within_total(void **state)
{
	static const int32_t within[] = {30, 20, 70, 40}, wrong[] = {90, 20, 70, 40};
	(void)state;
	message_int(&m, IPP_INTEGER, "printer-impressions-completed", 100);
	put_col("printer-impressions-completed-col", four, within, 4);
	assert_int_equal(decode_message(), 0);
	expect_meter(METER_IMPRESSIONS_COLOR, 30, 7, QUALITY_OK,
		"ipp:printer-impressions-completed-col.full-color");
	expect_meter(METER_IMPRESSIONS_MONO, 70, 7, QUALITY_OK,
		"ipp:printer-impressions-completed-col.monochrome");
	again();
	message_int(&m, IPP_INTEGER, "printer-impressions-completed", 100);
	put_col("printer-impressions-completed-col", four, wrong, 4);
	assert_int_equal(decode_message(), 0);
	expect_meter(METER_IMPRESSIONS_COLOR, 90, 7, QUALITY_SUSPECT,
		"ipp:printer-impressions-completed-col.full-color");
	again();
	put_col("printer-impressions-completed-col", four, wrong, 2); /* and no total */
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.meter_count, 1);
	expect_meter(METER_IMPRESSIONS_COLOR, 110, 7, QUALITY_OK,
		"ipp:printer-impressions-completed-col.full-color+full-color-two-sided");
}

static void test_meter_limit_is_partial(void **state)
{
	static struct slab none;
	(void)state;
	assert_int_equal(slab_open(&none, LIMIT_ARENA_BLOCK, 1), 0);
	void *taken = slab_take(&none);
	assert_non_null(taken);
	reading_close(&r);
	reading_open(&r, &none);
	message_int(&m, IPP_INTEGER, "printer-impressions-completed", 4);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.meter_count, 0);
	assert_int_equal(r.group[GROUP_METERS].status, GROUP_PARTIAL);
	reading_close(&r);
	slab_give(&none, taken);
	slab_close(&none);
	reading_open(&r, &blocks);
}

static void test_bad_counts_are_partial(void **state)
{
	static const int32_t negative[] = {-1};
	(void)state;
	message_int(&m, IPP_INTEGER, "printer-impressions-completed", -1);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.meter_count, 0);
	assert_int_equal(r.group[GROUP_METERS].status, GROUP_PARTIAL);
	again();
	message_text(&m, IPP_TEXT, "printer-media-sheets-completed", "12");
	put_col("printer-impressions-completed-col", four, negative, 1);
	assert_int_equal(decode_message(), 1); /* text in place of a number */
	assert_int_equal(r.meter_count, 0);
	assert_int_equal(r.group[GROUP_METERS].status, GROUP_PARTIAL);
}

/* ---- state ------------------------------------------------------------------------------ */

static void test_state_as_hr_printer_status(void **state)
{
	static const struct {
		int32_t said;
		uint8_t status;
	} rows[] = {{3, 3}, {4, 4}, {5, 1}};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		again();
		message_int(&m, IPP_ENUM, "printer-state", rows[i].said);
		message_text(&m, IPP_KEYWORD, "printer-state-reasons", "none");
		assert_int_equal(decode_message(), 0);
		assert_int_equal(r.state.printer_status, rows[i].status);
		assert_int_equal(r.state.device_status, 0);
		assert_true(r.state.has_errors);
		assert_int_equal(r.state.errors, 0);
		assert_int_equal(r.group[GROUP_STATE].status, GROUP_COMPLETE);
	}
	again();
	message_int(&m, IPP_ENUM, "printer-state", 9);
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.state.printer_status, 0);
	assert_false(r.state.has_errors);
	assert_int_equal(r.group[GROUP_STATE].status, GROUP_PARTIAL);
	again();
	message_int(&m, IPP_INTEGER, "printer-state-reasons", 9);
	assert_int_equal(decode_message(), 1);
	assert_false(r.state.has_errors);
	assert_int_equal(r.group[GROUP_STATE].status, GROUP_PARTIAL);
}

static void test_state_reasons_are_error_bits(void **state)
{
	static const struct {
		const char *reason, *bit;
	} rows[] = {{"media-low-report", "low_paper"}, {"media-empty-error", "no_paper"},
		{"media-needed", "no_paper"}, {"media-empty-warning", "input_tray_empty"},
		{"toner-low", "low_toner"}, {"marker-supply-low-warning", "low_toner"},
		{"marker-supply-empty-error", "no_toner"}, {"door-open", "door_open"},
		{"media-jam-error", "jammed"}, {"shutdown", "offline"},
		{"motor-failure", "service_requested"}, {"opc-life-over", "service_requested"},
		{"input-tray-missing", "input_tray_missing"},
		{"output-tray-missing", "output_tray_missing"},
		{"marker-supply-missing", "marker_supply_missing"},
		{"output-area-almost-full-warning", "output_near_full"},
		{"output-area-full", "output_full"}, {"none", NULL}, {"paused", NULL},
		{"motor-failure-warning", NULL}, {"", NULL}, {"-error", NULL},
		{"toner-low-report", "low_toner"}, {"media-empty-report", "input_tray_empty"},
		{"media-jam-report", NULL}, {"cover-open-report", NULL},
		{"cover-open-warning", "door_open"}, {"paused-report", NULL}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint16_t bits = ipp_reason_errors(text_of(rows[i].reason));
		uint16_t wanted = 0;
		for (unsigned b = 0; rows[i].bit != NULL && b < 15; b++) {
			if (strcmp(error_bit_name(b), rows[i].bit) == 0)
				wanted = (uint16_t)(0x8000u >> b);
		}
		assert_true(rows[i].bit == NULL || wanted != 0);
		assert_int_equal(bits, wanted);
	}
	message_text(&m, IPP_KEYWORD, "printer-state-reasons", "door-open");
	message_text(&m, IPP_KEYWORD, "", "toner-low-warning");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.state.errors, 0x2800);
}

/* ---- the whole answer ------------------------------------------------------------------- */

static void test_out_of_band_values(void **state)
{
	(void)state;
	message_raw(&m, IPP_NO_VALUE, "printer-alert", "", 0); /* requested; the printer has none */
	message_raw(&m, IPP_UNKNOWN, "printer-state", "", 0);  /* requested; it does not know */
	message_raw(&m, IPP_UNSUPPORTED, "printer-supply", "",
		0); /* it does not support the attribute */
	message_raw(&m, IPP_UNKNOWN, "printer-make-and-model", "", 0);
	message_text(&m, IPP_TEXT, "printer-device-id", "MFG:Oki;");
	assert_int_equal(decode_message(), 0);
	assert_statuses(GROUP_PARTIAL, GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED, GROUP_COMPLETE,
		GROUP_FAILED);
}

static void test_first_of_repeated_attributes_counts(void **state)
{
	(void)state;
	message_text(&m, IPP_KEYWORD, "printer-state-reasons", "door-open");
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Ricoh One");
	message_text(&m, IPP_KEYWORD, "printer-state-reasons", "media-jam");
	message_text(&m, IPP_KEYWORD, "", "toner-low");
	message_int(&m, IPP_INTEGER, "printer-up-time", 7);
	message_int(&m, IPP_INTEGER, "printer-up-time", 8);
	message_text(&m, IPP_TEXT, "printer-firmware-string-version", "1");
	message_text(&m, IPP_TEXT, "printer-firmware-string-version", "2");
	message_text(&m, IPP_TEXT, "", "3");
	message_u8(&m, IPP_GROUP_OPERATION); /* not of the printer */
	message_text(&m, IPP_TEXT, "printer-serial-number", "123");
	assert_int_equal(decode_message(), 0);
	assert_int_equal(r.state.errors, 0x0800);
	assert_text(r.identity.model, "One");
	assert_int_equal(r.identity.serial.len, 0);
	assert_int_equal(r.identity.uptime_cs, 700);
	assert_int_equal(r.identity.firmware_count, 1);
	assert_text(r.identity.firmware->version, "1");
}

static void test_errors_name_offset(void **state)
{
	char small[8];
	(void)state;
	message_response(&m, 0x0405);
	assert_int_equal(decode_message(), ERR_HTTP_STATUS);
	assert_string_equal(why, "offset 2: the printer answered with IPP status 0x0405");
	assert_statuses(GROUP_FAILED, GROUP_FAILED, GROUP_FAILED, GROUP_FAILED, GROUP_FAILED);
	again();
	m.n--;
	assert_int_equal(decode_message(), ERR_FORMAT);
	assert_non_null(strstr(why, "no printer attributes"));
	again();
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Ricoh One");
	size_t at = m.n;
	message_text(&m, IPP_TEXT, "printer-serial-number", "123");
	m.bytes[at + 1] = 0xff;
	char wanted[128];
	(void)snprintf(wanted, sizeof wanted,
		"offset %zu: a length that reaches over the end (printer-serial-number)", at + 1);
	assert_int_equal(decode_message(), 1);
	assert_string_equal(why, wanted);
	assert_text(r.identity.model, "One");
	assert_statuses(GROUP_PARTIAL, GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED,
		GROUP_NOT_REQUESTED, GROUP_NOT_REQUESTED);
	again(); /* cut off: other attributes may have followed */
	message_text(&m, IPP_TEXT, "printer-make-and-model", "Ricoh One");
	message_text(&m, IPP_TEXT, "printer-serial-number", "1234567");
	m.n -= 3;
	(void)snprintf(wanted, sizeof wanted, "offset %zu: a length that reaches over the end",
		m.n - 4 - 2);
	assert_int_equal(
		ipp_decode(&r, models_builtin(), m.bytes, m.n, why, sizeof why), ERR_SHORT);
	assert_string_equal(why, wanted);
	assert_text(r.identity.model, "One");
	assert_statuses(GROUP_PARTIAL, GROUP_FAILED, GROUP_FAILED, GROUP_FAILED, GROUP_FAILED);
	assert_true(ipp_decode(&r, models_builtin(), m.bytes, 3, small, sizeof small) == ERR_SHORT);
	assert_string_equal(small, "offset ");
	assert_true(ipp_decode(&r, models_builtin(), m.bytes, 3, small, 0) == ERR_SHORT);
}

/* ---- recordings ------------------------------------------------------------------------- */

static int read_recording(const char *name)
{
	char path[512];
	static uint8_t bytes[1 << 18];
	(void)snprintf(
		path, sizeof path, "%s/../shared/printers/recordings/%s", PLATEN_SOURCE_DIR, name);
	FILE *f = fopen(path, "rbe");
	if (f == NULL)
		return -1;
	size_t n = fread(bytes, 1, sizeof bytes, f);
	assert_true(n > 0 && n < sizeof bytes);
	assert_int_equal(fclose(f), 0);
	reading_close(&r);
	reading_open(&r, &blocks);
	assert_int_equal(ipp_decode(&r, models_builtin(), bytes, n, why, sizeof why), 0);
	for (size_t cut = 0; cut < n; cut += cut < 4096 ? 1 : 97) {
		struct reading part;
		reading_open(&part, &blocks);
		reading_close(&r);
		reading_open(&r, &blocks);
		assert_int_equal(ipp_decode(&part, models_builtin(), bytes, cut, why, sizeof why),
			ERR_SHORT);
		reading_close(&part);
	}
	assert_int_equal(ipp_decode(&r, models_builtin(), bytes, n, why, sizeof why), 0);
	return 0;
}

static void expect_marker(unsigned n, const char *colorant, const char *description, double percent)
{
	const struct supply *s = supply_at(n);
	assert_text(s->colorant, colorant);
	assert_text(s->description, description);
	assert_string_equal(supply_type_name(s->type), "ink_cartridge");
	assert_string_equal(supply_class_name(s->supply_class), "consumed");
	assert_true(supply_percent(s) == percent);
}

static void test_recorded_responses(void **state)
{
	(void)state;
	if (read_recording("ipp_brother-mfcj5320dw.ipp") < 0) {
		print_message("no ../shared/printers/recordings: skipped\n");
		skip();
	}
	assert_text(r.identity.vendor, "Brother");
	assert_text(r.identity.model, "MFC-J5320DW");
	assert_int_equal(r.identity.serial.len, 0);
	assert_text(r.identity.mac, "30:05:5c:e1:3b:e2");
	assert_int_equal(r.identity.firmware_count, 0);
	assert_int_equal(r.supply_count, 4);
	expect_marker(0, "magenta", "M", 11);
	expect_marker(1, "cyan", "C", 9);
	expect_marker(2, "yellow", "Y", 45);
	expect_marker(3, "black", "BK", 11);
	assert_int_equal(r.state.printer_status, 3);
	assert_int_equal(r.state.errors, 0x2000);
	assert_statuses(GROUP_COMPLETE, GROUP_NOT_REQUESTED, GROUP_COMPLETE, GROUP_NOT_REQUESTED,
		GROUP_COMPLETE);

	assert_int_equal(read_recording("ipp_epsonxp6000.ipp"), 0);
	assert_text(r.identity.vendor, "Epson");
	assert_text(r.identity.model, "XP-6000 Series");
	assert_text(r.identity.serial, "583434593035343012");
	assert_text(r.identity.firmware->name, "Firmware");
	assert_text(r.identity.firmware->version, "20.44.NU25M7");
	assert_int_equal(r.supply_count, 5);
	expect_marker(0, "photo_black", "Photo Black ink", 27);
	expect_marker(1, "cyan", "Cyan ink", 99);
	expect_marker(2, "magenta", "Magenta ink", 83);
	expect_marker(3, "yellow", "Yellow ink", 6);
	expect_marker(4, "black", "Black ink", 64);
	assert_int_equal(r.alert_count, 1);
	assert_int_equal(r.alerts->code, 1);
	assert_text(r.alerts->description, "feed roller needed soon");
	assert_statuses(GROUP_COMPLETE, GROUP_NOT_REQUESTED, GROUP_COMPLETE, GROUP_COMPLETE,
		GROUP_COMPLETE);

	assert_int_equal(read_recording("ipp_xerox-b235.ipp"), 0);
	assert_text(r.identity.vendor, "Xerox");
	assert_text(r.identity.model, "B235 MFP");
	assert_int_equal(r.identity.serial.len, 0);
	assert_int_equal(r.identity.mac.len, 0);
	assert_int_equal(r.identity.firmware_count, 5);
	assert_int_equal(r.identity.uptime_cs, 53548400);
	assert_int_equal(r.supply_count, 1);
	assert_string_equal(supply_type_name(r.supplies->type), "toner");
	assert_text(r.supplies->colorant, "black");
	assert_text(r.supplies->serial, "CAK2424861A0");
	assert_true(supply_percent(r.supplies) == 100.0);
	assert_int_equal(r.state.printer_status, 3);
	assert_int_equal(r.state.errors, 0);
	assert_statuses(GROUP_COMPLETE, GROUP_NOT_REQUESTED, GROUP_COMPLETE, GROUP_NOT_REQUESTED,
		GROUP_COMPLETE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_READING(test_requested_attributes_without_personal_names),
		WITH_READING(test_personal_names_are_not_kept),
		WITH_READING(test_vendor_and_model_are_split),
		WITH_READING(test_supply_names_the_vendor),
		WITH_READING(test_serial_firmware_and_mac),
		WITH_READING(test_mac_only_from_version_1_uuid),
		WITH_READING(test_firmware_limit),
		WITH_READING(test_completed_counts_are_meters),
		WITH_READING(test_two_sided_counts_within_total),
		WITH_READING(test_meter_limit_is_partial),
		WITH_READING(test_bad_counts_are_partial),
		WITH_READING(test_state_as_hr_printer_status),
		WITH_READING(test_state_reasons_are_error_bits),
		WITH_READING(test_out_of_band_values),
		WITH_READING(test_first_of_repeated_attributes_counts),
		WITH_READING(test_errors_name_offset),
		WITH_READING(test_recorded_responses),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
