/* SPDX-License-Identifier: Apache-2.0
 * The rules of meters, alerts and firmware in proto/history/history, one by one. */
#include "tests/unit/history_life.h"

/* One meter's next value. */
static uint64_t last_value;
static uint64_t last_ms;

static void begin(uint64_t value)
{
	begin_life();
	last_value = value;
	last_ms = START;
}

static void read_meter(uint64_t at_ms, uint64_t value)
{
	struct reading old, now;
	reading_open(&old, &life_blocks);
	reading_open(&now, &life_blocks);
	add_meter(&old, METER_IMPRESSIONS_TOTAL, last_value);
	add_meter(&now, METER_IMPRESSIONS_TOTAL, value);
	history_meters(&state, &old, last_ms, &now, at_ms, &life_events);
	/* The same once more is no news. */
	unsigned count = life_events.count, suspects = state.suspects;
	history_meters(&state, &now, at_ms, &now, at_ms, &life_events);
	assert_int_equal(life_events.count, count);
	assert_int_equal(state.suspects, suspects);
	reading_close(&old);
	reading_close(&now);
	last_value = value;
	last_ms = at_ms;
}

static void test_single_lower_value_is_suspect_only(void **unused)
{
	(void)unused;
	begin(5000);
	read_meter(START + HOUR, 4000);
	assert_int_equal(state.suspects, 1);
	assert_int_equal(state.suspect[0].good, 5000);
	read_meter(START + 2 * HOUR, 5010);
	assert_int_equal(state.suspects, 0);
	assert_int_equal(life_events.count, 0);
}

static void test_two_lower_values_are_a_reset(void **unused)
{
	(void)unused;
	begin(5000);
	read_meter(START + HOUR, 10);
	assert_int_equal(life_events.count, 0);
	read_meter(START + 2 * HOUR, 12);
	assert_int_equal(events_of(HISTORY_METER_RESET), 1);
	const struct history_event *e = &life_events.event[0];
	assert_int_equal(e->old_number, 5000);
	assert_int_equal(e->new_number, 10);
	assert_int_equal(e->from_ms, START);
	assert_int_equal(e->to_ms, START + HOUR);
	assert_int_equal(state.suspects, 0);
	read_meter(START + 3 * HOUR, 20);
	assert_int_equal(life_events.count, 1);
}

static void test_zero_is_never_a_reset(void **unused)
{
	(void)unused;
	begin(5000);
	for (unsigned i = 1; i < 50; i++) {
		read_meter(START + i * HOUR, 0);
		assert_int_equal(state.suspects, 1);
		assert_int_equal(state.suspect[0].good, 5000);
	}
	assert_int_equal(life_events.count, 0);
	read_meter(START + 50 * HOUR, 5001);
	assert_int_equal(state.suspects, 0);
	/* A meter that was really set to 0 counts again from the second value above it. */
	read_meter(START + 51 * HOUR, 0);
	read_meter(START + 52 * HOUR, 3);
	assert_int_equal(life_events.count, 0);
	read_meter(START + 53 * HOUR, 4);
	assert_int_equal(events_of(HISTORY_METER_RESET), 1);
}

static void test_counter_wrap_is_no_reset(void **unused)
{
	(void)unused;
	begin(UINT32_MAX - 5);
	read_meter(START + HOUR, 20);
	assert_int_equal(state.suspects, 0);
	/* Too far for an hour of paper: that is no wrap. */
	begin(UINT32_MAX - 5);
	read_meter(START + HOUR, 1000000);
	assert_int_equal(state.suspects, 1);
}

static void test_jump_is_suspect_until_confirmed(void **unused)
{
	(void)unused;
	begin(5000);
	read_meter(START + HOUR, 5000 + 62 * HISTORY_PAGES_PER_MINUTE + HISTORY_PAGES_SLACK);
	assert_int_equal(state.suspects, 1);
	/* A rise too high for one hour is possible in two. */
	read_meter(START + 2 * HOUR, last_value + 10);
	assert_int_equal(state.suspects + life_events.count, 0);
	read_meter(START + 3 * HOUR, 10000000);
	assert_int_equal(state.suspects, 1);
	read_meter(START + 4 * HOUR, last_value + 10);
	assert_int_equal(events_of(HISTORY_METER_JUMP), 1);
	begin(5000);
	read_meter(START + HOUR, 90000000);
	read_meter(START + 2 * HOUR, 5020);
	assert_int_equal(life_events.count, 0);
	assert_int_equal(state.suspects, 0);
}

static void test_missing_meter_keeps_its_last_value(void **unused)
{
	(void)unused;
	struct reading without, now;
	begin(5000);
	read_meter(START + HOUR, 5010);
	reading_open(&without, &life_blocks);
	history_meters(&state, NULL, 0, &without, START + 2 * HOUR, &life_events);
	for (unsigned i = 3; i < 5; i++) {
		reading_open(&now, &life_blocks);
		add_meter(&now, METER_IMPRESSIONS_TOTAL, 10 + i);
		history_meters(&state, i == 3 ? &without : &now, START + (i - 1) * HOUR, &now,
			START + i * HOUR, &life_events);
		assert_int_equal(state.suspects, i == 3 ? 1 : 0);
		reading_close(&now);
	}
	reading_close(&without);
	assert_int_equal(events_of(HISTORY_METER_RESET), 1);
	assert_int_equal(life_events.event[0].old_number, 5010);
	assert_int_equal(life_events.event[0].new_number, 13);
	assert_int_equal(life_events.event[0].from_ms, START + HOUR);
}

/* Lines and hours are no pages: no speed of paper says how fast they rise. */
static void test_speed_limit_applies_to_pages_only(void **unused)
{
	(void)unused;
	static const uint8_t units[] = {0, 4, 6, 7, 8, 11};
	for (unsigned i = 0; i < sizeof units; i++) {
		struct reading old, now;
		begin(0);
		reading_open(&old, &life_blocks);
		reading_open(&now, &life_blocks);
		add_meter(&old, METER_MARKER_LIFE, 1000);
		add_meter(&now, METER_MARKER_LIFE, 9000000);
		old.meters->unit = now.meters->unit = units[i];
		history_meters(&state, &old, START, &now, START + HOUR, &life_events);
		bool is_pages = units[i] == 0 || units[i] == 7 || units[i] == 8;
		assert_int_equal(state.suspects, is_pages ? 1 : 0);
		/* Back they do not go, whatever they count. */
		state.suspects = state.goods = 0;
		history_meters(&state, &now, START, &old, START + HOUR, &life_events);
		assert_int_equal(state.suspects, 1);
		reading_close(&old);
		reading_close(&now);
	}
}

static void test_full_meter_table_evicts_the_oldest(void **unused)
{
	(void)unused;
	begin(0);
	for (unsigned turn = 0; turn < 3; turn++) {
		struct reading now;
		char labels[LIMIT_METERS][8];
		reading_open(&now, &life_blocks);
		for (unsigned i = 0; i < LIMIT_METERS; i++) {
			(void)snprintf(labels[i], sizeof labels[i], "%u", turn * 100 + i);
			add_meter(&now, METER_VENDOR, 5);
		}
		unsigned i = 0;
		for (struct meter *m = now.meters; m != NULL; m = m->next)
			m->label = text_of(labels[i++]);
		history_meters(&state, NULL, 0, &now, START + turn * HOUR, &life_events);
		assert_int_equal(state.goods, LIMIT_METERS);
		for (i = 0; i < LIMIT_METERS; i++)
			assert_int_equal(state.good[i].at_ms, START + turn * HOUR);
		reading_close(&now);
	}
}

static void test_power_on_counter_restart_is_not_suspect(void **unused)
{
	(void)unused;
	struct reading old, now;
	begin(0);
	reading_open(&old, &life_blocks);
	reading_open(&now, &life_blocks);
	add_meter(&old, METER_POWER_ON_IMPRESSIONS, 500);
	add_meter(&now, METER_POWER_ON_IMPRESSIONS, 1);
	history_meters(&state, &old, START, &now, START + HOUR, &life_events);
	assert_int_equal(state.suspects, 0);
	reading_close(&old);
	reading_close(&now);
}

/* ---- alerts, firmware, identity --------------------------------------------------------- */

static void test_alerts_are_raised_and_cleared(void **unused)
{
	(void)unused;
	struct reading old, now;
	forget_events();
	reading_open(&old, &life_blocks);
	reading_open(&now, &life_blocks);
	(void)add_alert(&old, 1, 8, 808);
	(void)add_alert(&old, 2, 6, 3);
	/* The row of the cover moved; the tray is filled; a jam came. */
	(void)add_alert(&now, 7, 6, 3);
	struct alert *jam = add_alert(&now, 8, 13, 8);
	now.identity.uptime_cs = 900000;
	jam->time_cs = 900000 - 12000; /* two minutes ago */
	history_alerts(&old, START, &now, START + HOUR, &life_events);
	assert_int_equal(life_events.count, 2);
	assert_int_equal(life_events.event[0].kind, HISTORY_ALERT_RAISED);
	assert_int_equal(life_events.event[0].alert->code, 8);
	assert_int_equal(life_events.event[0].from_ms, START + HOUR - 2 * MINUTE);
	assert_int_equal(life_events.event[0].to_ms, START + HOUR - 2 * MINUTE);
	assert_int_equal(life_events.event[1].kind, HISTORY_ALERT_CLEARED);
	assert_int_equal(life_events.event[1].alert->code, 808);
	assert_int_equal(life_events.event[1].from_ms, START);
	assert_int_equal(life_events.event[1].to_ms, START + HOUR);
	reading_close(&old);
	reading_close(&now);
}

/* A printer that sleeps and wakes a hundred times, beside one fault. */
static void test_states_are_no_events(void **unused)
{
	(void)unused;
	struct reading asleep, awake;
	forget_events();
	reading_open(&asleep, &life_blocks);
	reading_open(&awake, &life_blocks);
	struct alert *sleep = add_alert(&asleep, 46, 5, 23);
	sleep->severity = 1;
	sleep->training = 7;
	sleep->description = text_of("Sleep Mode");
	add_alert(&asleep, 47, 5, 1)->description = text_of("Sleep");
	(void)add_alert(&asleep, 8, 13, 8);
	(void)add_alert(&awake, 9, 13, 8);
	history_alerts(NULL, 0, &asleep, START, &life_events);
	assert_int_equal(life_events.count, 1);
	assert_int_equal(life_events.event[0].alert->code, 8);
	for (unsigned i = 0; i < 100; i++) {
		history_alerts(&asleep, START, &awake, START + HOUR, &life_events);
		history_alerts(&awake, START, &asleep, START + HOUR, &life_events);
	}
	assert_int_equal(life_events.count, 1);
	/* The row of a fault whose printer now calls it information ends. */
	struct reading mild;
	reading_open(&mild, &life_blocks);
	struct alert *jam = add_alert(&mild, 8, 13, 8);
	jam->severity = 4;
	jam->training = 7;
	history_alerts(&awake, START, &mild, START + HOUR, &life_events);
	assert_int_equal(events_of(HISTORY_ALERT_CLEARED), 1);
	reading_close(&mild);
	reading_close(&asleep);
	reading_close(&awake);
}

/* One reading of the state: bits of hrPrinterDetectedErrorState, and perhaps an alert row. */
static void read_errors(uint64_t at_ms, uint16_t errors, int code)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	now.group[GROUP_ALERTS].status = now.group[GROUP_STATE].status = GROUP_COMPLETE;
	now.state.has_errors = true;
	now.state.errors = errors;
	if (code != 0)
		(void)add_alert(&now, 1, 13, code);
	(void)history_note_witness(&state, &now);
	history_errors(&state, at_ms - HOUR, &now, at_ms, &life_events);
	reading_close(&now);
}

static void test_errors_without_alert_rows_are_events(void **unused)
{
	(void)unused;
	enum {
		LOW_PAPER = 0x8000,
		LOW_TONER = 0x2000,
		DOOR = 0x0800,
		JAMMED = 0x0400,
		OFFLINE = 0x0200
	};
	begin(0);
	read_errors(START, LOW_PAPER | LOW_TONER | OFFLINE, 0);
	assert_int_equal(life_events.count, 0);
	read_errors(START + HOUR, JAMMED | LOW_PAPER, 0);
	read_errors(START + 2 * HOUR, JAMMED | DOOR, 0);
	read_errors(START + 3 * HOUR, 0, 0);
	read_errors(START + 4 * HOUR, JAMMED, 0);
	assert_int_equal(events_of(HISTORY_ALERT_RAISED), 3);
	assert_int_equal(events_of(HISTORY_ALERT_CLEARED), 2);
	const struct history_event *e = &life_events.event[0];
	assert_true(text_is(e->what, "jammed"));
	assert_int_equal(e->alert->code, 8);
	assert_int_equal(alert_kind(e->alert), ALERT_FAULT);
	assert_int_equal(e->from_ms, START);
	assert_int_equal(e->to_ms, START + HOUR);
	assert_true(history_is_error(e->key));
	/* Rows of its own say it from now on; what is open ends. */
	read_errors(START + 5 * HOUR, JAMMED | DOOR, 8);
	assert_int_equal(life_events.count, 5);
	read_errors(START + 6 * HOUR, 0, 0);
	read_errors(START + 7 * HOUR, DOOR, 0);
	assert_int_equal(events_of(HISTORY_ALERT_RAISED), 3);
	assert_int_equal(events_of(HISTORY_ALERT_CLEARED), 3);
}

static void test_errors_beside_state_rows_are_events(void **unused)
{
	(void)unused;
	enum { JAMMED = 0x0400, POWER_SAVER = 23 };
	begin(0);
	read_errors(START, 0, POWER_SAVER);
	read_errors(START + HOUR, JAMMED, 0);
	assert_int_equal(events_of(HISTORY_ALERT_RAISED), 1);
}

static void add_module(struct reading *r, const char *name, const char *version)
{
	struct firmware *f = reading_add_firmware(r);
	assert_non_null(f);
	f->name = text_of(name);
	f->version = text_of(version);
}

static void test_firmware_change_names_its_module(void **unused)
{
	(void)unused;
	struct reading old, now;
	forget_events();
	reading_open(&old, &life_blocks);
	reading_open(&now, &life_blocks);
	add_module(&old, "System", "1.0");
	add_module(&old, "Network", "2.0");
	add_module(&old, "Fax", "3.0");
	add_module(&now, "Network", "2.1");
	add_module(&now, "System", "1.0");
	add_module(&now, "Scanner", "1.0");
	history_firmware(&old, START, &now, START + HOUR, &life_events);
	assert_int_equal(life_events.count, 1);
	assert_true(text_is(life_events.event[0].what, "Network"));
	assert_true(text_is(life_events.event[0].old_text, "2.0"));
	assert_true(text_is(life_events.event[0].new_text, "2.1"));
	reading_close(&old);
	reading_close(&now);
}

static void test_serial_numbers_are_compared_without_prefix(void **unused)
{
	(void)unused;
	char a[LIMIT_TEXT_SHORT + 1], b[LIMIT_TEXT_SHORT + 1];
	assert_int_equal(history_serial(a, sizeof a, text_of("003wx100001")), 9);
	assert_int_equal(history_serial(b, sizeof b, text_of(" 3WX100001 ")), 9);
	assert_string_equal(a, b);
	assert_int_equal(history_serial(a, sizeof a, text_of("000000000")), 0);
	assert_int_equal(history_serial(a, sizeof a, text_of("XXXXXXX")), 0);
	assert_int_equal(history_serial(a, sizeof a, text_of("123")), 0);
	assert_int_equal(history_serial(a, sizeof a, text_of("N/A")), 0);
	assert_int_equal(history_serial(a, sizeof a, text_of("Unknown")), 0);
	assert_int_equal(history_serial(a, sizeof a, text_of(" Not available ")), 0);
	assert_int_equal(history_serial(a, sizeof a, text_of("0123456789")), 0);
	assert_string_equal(a, "");
	assert_int_equal(history_serial(a, sizeof a, text_of("123456780")), 9);
}

/* ---- state ------------------------------------------------------------------------------ */

static void test_state_survives_packing(void **unused)
{
	(void)unused;
	static struct history_state again;
	struct buf b;
	begin(5000);
	read_meter(START + 30 * MINUTE, 5000);
	read_meter(START + HOUR, 4000);
	for (unsigned i = 0; i < 12; i++)
		read_level(START + i * DAY, 90 - 5 * (int)i, "A1000");
	buf_open(&b, HISTORY_STATE_BYTES);
	assert_int_equal(history_state_pack(&b, &state), 0);
	assert_int_equal(history_state_unpack(&again, b.data, b.len), 0);
	assert_memory_equal(&again.suspect[0], &state.suspect[0], sizeof again.suspect[0]);
	assert_int_equal(again.goods, 1);
	assert_memory_equal(&again.good[0], &state.good[0], sizeof again.good[0]);
	assert_int_equal(again.supplies, 1);
	assert_memory_equal(&again.supply[0], &state.supply[0], sizeof again.supply[0]);
	assert_int_equal(again.days, 12);
	assert_memory_equal(again.day, state.day, 12 * sizeof again.day[0]);
	assert_memory_equal(&again.witness, &state.witness, sizeof again.witness);
	struct history_estimate estimate;
	history_estimate(&estimate, &state, &state.supply[0]);
	double days = estimate.days;
	history_estimate(&estimate, &again, &again.supply[0]);
	assert_true(estimate.is_known && estimate.days == days);
	/* Cut anywhere it is empty, and never half. */
	for (size_t cut = 1; cut < b.len; cut++) {
		assert_true(history_state_unpack(&again, b.data, cut) < 0);
		assert_int_equal(again.suspects + again.supplies + again.goods, 0);
	}
	/* The largest fits. */
	for (unsigned i = 0; i < HISTORY_SUSPECTS; i++)
		state.suspect[i] = (struct history_suspect){
			UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
	state.suspects = HISTORY_SUSPECTS;
	state.supplies = LIMIT_SUPPLIES;
	for (unsigned i = 0; i < LIMIT_SUPPLIES; i++) {
		struct history_supply *one = &state.supply[i];
		*one = (struct history_supply){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX,
			UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX, UINT64_MAX,
			true, true, true, true, {0}};
		for (unsigned k = 0; k < LIMIT_HISTORY_DAYS; k++)
			one->closing_x100[k] = UINT32_MAX - 1;
	}
	state.days = LIMIT_HISTORY_DAYS;
	for (unsigned i = 0; i < LIMIT_HISTORY_DAYS; i++)
		state.day[i] =
			(struct history_day){UINT64_MAX - LIMIT_HISTORY_DAYS + i, UINT64_MAX};
	memset(&state.witness, 0xff, sizeof state.witness);
	state.open_errors = UINT16_MAX;
	state.pages_last = state.pages_made = UINT64_MAX;
	state.has_alert_rows = true;
	state.goods = LIMIT_METERS;
	for (unsigned i = 0; i < LIMIT_METERS; i++)
		state.good[i] = (struct history_good){UINT64_MAX, UINT64_MAX, UINT64_MAX};
	buf_clear(&b);
	assert_int_equal(history_state_pack(&b, &state), 0);
	assert_int_equal(history_state_unpack(&again, b.data, b.len), 0);
	assert_int_equal(again.goods, LIMIT_METERS);
	assert_int_equal(again.open_errors, UINT16_MAX);
	assert_true(again.has_alert_rows);
	assert_true(again.pages_last == UINT64_MAX && again.pages_made == UINT64_MAX);
	buf_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_lower_value_is_suspect_only),
		cmocka_unit_test(test_two_lower_values_are_a_reset),
		cmocka_unit_test(test_zero_is_never_a_reset),
		cmocka_unit_test(test_counter_wrap_is_no_reset),
		cmocka_unit_test(test_jump_is_suspect_until_confirmed),
		cmocka_unit_test(test_missing_meter_keeps_its_last_value),
		cmocka_unit_test(test_speed_limit_applies_to_pages_only),
		cmocka_unit_test(test_full_meter_table_evicts_the_oldest),
		cmocka_unit_test(test_power_on_counter_restart_is_not_suspect),
		cmocka_unit_test(test_alerts_are_raised_and_cleared),
		cmocka_unit_test(test_states_are_no_events),
		cmocka_unit_test(test_errors_without_alert_rows_are_events),
		cmocka_unit_test(test_errors_beside_state_rows_are_events),
		cmocka_unit_test(test_firmware_change_names_its_module),
		cmocka_unit_test(test_serial_numbers_are_compared_without_prefix),
		cmocka_unit_test(test_state_survives_packing)};
	return cmocka_run_group_tests_name("proto/history/history", tests, life_open, life_close);
}
