/* SPDX-License-Identifier: Apache-2.0
 * A report has the same rows in each format, escaped as the format demands; supplies show the days
 * that are left. */
#include "engine/ui/event.h"
#include "engine/ui/report.h"
#include "proto/text/json_writer.h"
#include "proto/wire/pack.h"
#include "tests/kit/ui_fixture.h"
#include "tests/unit/blocks.h"

#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const payloads[] = {"=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", "<script>",
	"\"><img src=x>", "a,b\"c", "\xef\xbc\x9dx1", "plain"};

enum { PAYLOADS = sizeof payloads / sizeof payloads[0] };

static int print_report(FILE *out, const void *arg)
{
	struct report rep;
	struct report_options o = {.format = *(const enum report_format *)arg,
		.title = "Printers of <Lyon>",
		.software = "platen test",
		.now_ms = 1000};
	report_begin(&rep, out, &o);
	for (size_t i = 0; i < PAYLOADS; i++) {
		struct reading r;
		ui_fixture_fill(&r, &blocks, payloads[i]);
		struct report_device d = {.device_key = text_of(payloads[i]),
			.address = TEXT("127.0.0.1"),
			.read_at_ms = 1766000000000,
			.reading = &r,
			.mask = ALL_GROUPS};
		assert_int_equal(report_device(&rep, &d), 0);
		reading_close(&r);
	}
	return report_end(&rep);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
		n++;
	return n;
}

static void test_csv_report_is_escaped(void **state)
{
	(void)state;
	enum report_format f = REPORT_CSV;
	char *text = ui_fixture_print(print_report, &f, 0);
	assert_int_equal(count(text, "\r\n"), PAYLOADS + 1);
	assert_int_equal(
		strncmp(text,
			"\"device\",\"vendor\",\"model\",\"serial\",\"address\",\"last read\","
			"\"status\",\"total\",\"colour\",\"mono\",\"supplies\",\"alerts\","
			"\"sums\"\r\n",
			117),
		0);
	assert_int_equal(count(text, ",178481,1000,1700,"), PAYLOADS);
	assert_non_null(strstr(text,
		"\"plain\",\"Xerox\",\"plain\",\"plain\",\"127.0.0.1\",\"2025-12-"
		"17T19:33:20.000Z\","
		"\"idle, low_toner, jammed\",178481,1000,1700,\"black 72 %; cyan some\","
		"\"fault: Paper jam; warning: plain\",\"mono\"\r\n"));
	assert_non_null(strstr(text, "\r\n\"'=cmd|' /C calc'!A0\",\"Xerox\",\"'=cmd|"));
	assert_int_equal(count(text, "\"="), 0);
	assert_int_equal(count(text, "\"+"), 0);
	assert_int_equal(count(text, "\"-"), 0);
	assert_int_equal(count(text, "\"@"), 0);
	assert_int_equal(count(text, "\"\xef\xbc\x9d"), 0);
	free(text);
}

static void test_html_report_is_escaped(void **state)
{
	(void)state;
	enum report_format f = REPORT_HTML;
	char *text = ui_fixture_print(print_report, &f, 0);
	assert_int_equal(count(text, "<tr>"), PAYLOADS + 1);
	assert_int_equal(count(text, "<script"), 0);
	assert_int_equal(count(text, "<img"), 0);
	assert_int_equal(count(text, "&lt;script&gt;"), 4);
	assert_non_null(strstr(text, "<title>Printers of &lt;Lyon&gt;</title>"));
	assert_non_null(strstr(text, "<p>Made 1970-01-01T00:00:01.000Z by platen test.</p>"));
	assert_int_equal(count(text, "<td class=\"n\">178481</td>"), PAYLOADS);
	assert_non_null(strstr(text, "</html>\n"));
	free(text);
}

static void test_json_report_is_valid(void **state)
{
	(void)state;
	enum report_format f = REPORT_JSON;
	char *text = ui_fixture_print(print_report, &f, 0);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_t *devices = json_object_get(root, "devices");
	assert_int_equal(json_array_size(devices), PAYLOADS);
	for (size_t i = 0; i < PAYLOADS; i++) {
		json_t *identity = json_object_get(json_array_get(devices, i), "identity");
		assert_string_equal(
			json_string_value(json_object_get(identity, "serial")), payloads[i]);
		assert_string_equal(json_string_value(json_object_get(
					    json_array_get(devices, i), "device_key")),
			payloads[i]);
	}
	json_decref(root);
	free(text);
}

static int print_markers(FILE *out, const void *arg)
{
	struct report rep;
	struct report_options o = {.format = REPORT_CSV, .title = "t", .software = "s"};
	unsigned markers = *(const unsigned *)arg;
	struct reading r;
	reading_open(&r, &blocks);
	for (unsigned i = 0; i < markers; i++) {
		struct meter *m = reading_add_meter(&r);
		assert_non_null(m);
		m->name = METER_MARKER_LIFE;
		m->unit = 7; /* impressions */
		m->value = 4711 + i;
	}
	struct report_device d = {.device_key = TEXT("k"), .reading = &r, .mask = ALL_GROUPS};
	report_begin(&rep, out, &o);
	assert_int_equal(report_device(&rep, &d), 0);
	reading_close(&r);
	return report_end(&rep);
}

static void test_only_marker_stands_for_a_missing_total(void **state)
{
	(void)state;
	unsigned markers = 1;
	char *text = ui_fixture_print(print_markers, &markers, 0);
	assert_non_null(strstr(text, ",4711,,,"));
	assert_non_null(strstr(text, "\"total: marker_life\""));
	free(text);
	markers = 4; /* none of them is the total */
	text = ui_fixture_print(print_markers, &markers, 0);
	assert_null(strstr(text, "4711"));
	assert_null(strstr(text, "marker_life"));
	free(text);
}

/* Twelve days of a supply at 5 % and 100 pages a day, and one that nothing is known of. */
static void make_history(struct history_state *h, struct reading *r)
{
	enum { DAYS = 12 };
	static struct history_events events;
	memset(h, 0, sizeof *h);
	ui_fixture_add_supply(r, 1, "cyan", 26000);
	ui_fixture_add_supply(r, 2, "black", 26000);
	for (unsigned day = 0; day < DAYS; day++) {
		const struct history_context c = {.pages = 1000 + 100 * day};
		r->supplies->level = 26000 - 1300 * (int)day;
		history_supplies(
			h, r, UINT64_C(1790000000000) + day * UINT64_C(86400000), &c, &events);
	}
}

static void test_days_left_are_shown_with_range_and_basis(void **state)
{
	(void)state;
	static struct history_state h;
	struct reading r;
	char *text = NULL;
	size_t len = 0;
	reading_open(&r, &blocks);
	make_history(&h, &r);
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(event_print_evaluation(out, &h, &r), 0);
	(void)fclose(out);
	assert_non_null(strstr(text, "RANGE"));
	assert_non_null(strstr(text, "cyan"));
	assert_non_null(strstr(text, "11 days, 11 points"));
	assert_null(strstr(text, "black"));
	free(text);
	struct report report;
	struct report_options o = {.format = REPORT_CSV,
		.title = "Devices",
		.software = "test",
		.has_evaluation = true};
	struct report_device d = {
		.device_key = TEXT("serial:x/1"), .reading = &r, .evaluation = &h};
	out = open_memstream(&text, &len);
	assert_non_null(out);
	report_begin(&report, out, &o);
	assert_int_equal(report_device(&report, &d), 0);
	assert_int_equal(report_end(&report), 0);
	(void)fclose(out);
	assert_non_null(strstr(text, "days left"));
	assert_non_null(strstr(text, "cyan 9 ("));
	free(text);
	struct buf b;
	struct writer w;
	buf_open(&b, 4096);
	writer_open(&w, &b);
	jw_object(&w, NULL);
	event_evaluation_json(&w, &h, &r);
	jw_end(&w);
	assert_int_equal(writer_close(&w), 0);
	json_t *json = json_loadb((const char *)b.data, b.len, 0, NULL);
	assert_non_null(json);
	json_t *supplies = json_object_get(json_object_get(json, "evaluation"), "supplies");
	json_t *cyan = json_array_get(supplies, 0), *black = json_array_get(supplies, 1);
	double days = json_number_value(json_object_get(cyan, "days_left"));
	assert_true(days > 8 && days < 10);
	assert_true(json_number_value(json_object_get(cyan, "days_left_min")) <= days);
	assert_true(json_number_value(json_object_get(cyan, "days_left_max")) >= days);
	json_t *basis = json_object_get(cyan, "basis");
	assert_int_equal(json_integer_value(json_object_get(basis, "days")), 11);
	assert_int_equal(json_integer_value(json_object_get(basis, "points")), 11);
	assert_null(json_object_get(black, "days_left"));
	json_decref(json);
	buf_close(&b);
	reading_close(&r);
}

static void test_text_report_is_aligned(void **state)
{
	(void)state;
	enum report_format f = REPORT_TEXT;
	char *text = ui_fixture_print(print_report, &f, 0);
	assert_int_equal(count(text, "\n"), PAYLOADS + 1);
	const char *head = strstr(text, "VENDOR");
	const char *cell = strstr(text, "Xerox");
	assert_int_equal(head - text, cell - strchr(text, '\n') - 1);
	free(text);
}

static void test_full_disk_is_an_error(void **state)
{
	(void)state;
	for (int f = 0; f < REPORT_FORMAT_COUNT; f++) {
		FILE *out = fopen("/dev/full", "w");
		assert_non_null(out);
		assert_int_equal(setvbuf(out, NULL, _IOFBF, 64), 0);
		struct report rep;
		struct report_options o = {.format = (enum report_format)f,
			.title =
				"a title that is longer than the buffer, so that it is written out",
			.software = "platen test"};
		report_begin(&rep, out, &o);
		assert_int_equal(report_end(&rep), -ENOSPC);
		(void)fclose(out);
	}
}

static void test_format_names(void **state)
{
	(void)state;
	assert_int_equal(report_format_from_text("text"), REPORT_TEXT);
	assert_int_equal(report_format_from_text("csv"), REPORT_CSV);
	assert_int_equal(report_format_from_text("html"), REPORT_HTML);
	assert_int_equal(report_format_from_text("json"), REPORT_JSON);
	assert_int_equal(report_format_from_text("pdf"), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_report_is_escaped),
		cmocka_unit_test(test_html_report_is_escaped),
		cmocka_unit_test(test_json_report_is_valid),
		cmocka_unit_test(test_only_marker_stands_for_a_missing_total),
		cmocka_unit_test(test_days_left_are_shown_with_range_and_basis),
		cmocka_unit_test(test_text_report_is_aligned),
		cmocka_unit_test(test_full_disk_is_an_error),
		cmocka_unit_test(test_format_names),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
