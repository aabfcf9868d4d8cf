/* SPDX-License-Identifier: Apache-2.0
 * The rules of supplies in proto/history/history_supply, one by one. */
#include "tests/unit/history_life.h"

static void test_supply_low_is_reported_once_per_cartridge(void **unused)
{
	(void)unused;
	static const int levels[] = {40, 21, 9, 11, 9, 10, 12, 8, 11, 3};
	begin_life();
	for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
		read_level(START + i * HOUR, levels[i], "");
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 0);
	assert_int_equal(life_events.event[0].from_ms, START + HOUR);
	assert_int_equal(life_events.event[0].to_ms, START + 2 * HOUR);
	assert_true(life_events.event[0].has_old_number && life_events.event[0].has_new_number);
	assert_int_equal(life_events.event[0].old_number, 2100);
	assert_int_equal(life_events.event[0].new_number, 900);
	read_level(START + 20 * HOUR, 100, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	assert_true(life_events.event[1].has_old_number && life_events.event[1].has_new_number);
	assert_int_equal(life_events.event[1].old_number, 300);
	assert_int_equal(life_events.event[1].new_number, 10000);
	read_level(START + 21 * HOUR, 99, "");
	assert_int_equal(life_events.count, 2);
	read_level(START + 22 * HOUR, 2, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 2);
	assert_int_equal(life_events.event[2].cycle, 1);
}

static void test_new_serial_is_a_replaced_supply(void **unused)
{
	(void)unused;
	begin_life();
	read_level(START, 50, "A1000");
	read_level(START + HOUR, 49, "B1000");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	read_level(START + 2 * HOUR, 48, "");
	read_level(START + 3 * HOUR, 48, "B1000");
	assert_int_equal(life_events.count, 1);
}

static void test_levels_in_words_give_events(void **unused)
{
	(void)unused;
	static const uint8_t kinds[] = {LEVEL_OK, LEVEL_LOW, LEVEL_LOW, LEVEL_EMPTY, LEVEL_UNKNOWN,
		LEVEL_SOME, LEVEL_OK, LEVEL_OK};
	begin_life();
	for (unsigned i = 0; i < sizeof kinds; i++)
		read_word(START + i * HOUR, kinds[i]);
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	static const char *const words[] = {"low", "empty", "ok"};
	for (unsigned i = 0; i < 3; i++) {
		const struct history_event *e = &life_events.event[i];
		assert_false(e->has_old_number || e->has_new_number);
		assert_true(text_is(e->new_text, words[i]));
	}
}

/* One reading of a waste box of which `kind` is known. */
static void read_receptacle(unsigned hour, int level, enum level_kind kind, int alert_code)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	struct supply *s = add_level(&now, 1, level, 100, "");
	s->supply_class = s->type = 4;
	supply_set_level_kind(s);
	assert_int_equal(s->level_kind, LEVEL_DIRECTION_UNKNOWN);
	if (kind != LEVEL_UNKNOWN)
		s->level_kind = (uint8_t)kind;
	now.group[GROUP_ALERTS].status = GROUP_COMPLETE;
	if (alert_code != 0)
		add_alert(&now, 1, 11, alert_code)->group_index = 1;
	(void)history_note_witness(&state, &now);
	add_supplies(&state, &now, START + hour * HOUR, 0);
	reading_close(&now);
}

static void test_receptacle_needs_second_witness(void **unused)
{
	(void)unused;
	static const int levels[] = {0, 0, 0, 100, 100, 0, 5, 95, 0, 0};
	begin_life();
	for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
		read_receptacle(i, levels[i], LEVEL_UNKNOWN, 0);
	assert_int_equal(life_events.count, 0);
	/* A state, then none of it in two readings. */
	read_receptacle(10, 0, LEVEL_ALMOST_FULL, 0);
	read_receptacle(11, 0, LEVEL_FULL, 0);
	read_receptacle(12, 0, LEVEL_FULL, 0);
	read_receptacle(13, 100, LEVEL_UNKNOWN, 0);
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 1);
	assert_int_equal(life_events.count, 2);
	assert_true(text_is(life_events.event[0].new_text, "almost_full"));
	assert_true(text_is(life_events.event[1].new_text, "full"));
	read_receptacle(14, 100, LEVEL_UNKNOWN, 0);
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	/* An alert row of an agent that sends no state. */
	read_receptacle(15, 100, LEVEL_UNKNOWN, 1107);
	read_receptacle(16, 100, LEVEL_UNKNOWN, 1107);
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 2);
	assert_int_equal(life_events.count, 4);
}

/* A drum's count of pages begins with 0. */
static void test_count_of_part_that_wears_is_no_event(void **unused)
{
	(void)unused;
	begin_life();
	for (unsigned i = 0; i < 6; i++) {
		struct reading now;
		reading_open(&now, &life_blocks);
		struct supply *s = add_level(&now, 1, i < 3 ? 0 : (int)i * 100, -2, "");
		s->type = 9;
		supply_set_level_kind(s);
		add_supplies(&state, &now, START + i * HOUR, 0);
		reading_close(&now);
	}
	assert_int_equal(life_events.count, 0);
}

/* Some printers know only 0 and "some": one "some" between two of empty is none. */
static void test_some_twice_after_empty_is_a_replacement(void **unused)
{
	(void)unused;
	static const uint8_t kinds[] = {LEVEL_SOME, LEVEL_EMPTY, LEVEL_SOME, LEVEL_EMPTY,
		LEVEL_SOME, LEVEL_UNKNOWN, LEVEL_SOME, LEVEL_SOME, LEVEL_EMPTY};
	static const unsigned replaced[] = {0, 0, 0, 0, 0, 0, 1, 1, 1};
	begin_life();
	for (unsigned i = 0; i < sizeof kinds; i++) {
		read_word(START + i * HOUR, kinds[i]);
		assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), replaced[i]);
	}
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 2);
	/* The same where empty comes as 0 of 100, and for so many without a maximum. */
	begin_life();
	for (unsigned i = 0; i < 2; i++)
		read_level(START + i * HOUR, 0, "");
	read_word(START + 2 * HOUR, LEVEL_SOME);
	read_word(START + 3 * HOUR, LEVEL_SOME);
	for (unsigned i = 4; i < 6; i++)
		read_level(START + i * HOUR, 0, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 2);
	begin_life();
	for (unsigned i = 0; i < 5; i++) {
		struct reading now;
		reading_open(&now, &life_blocks);
		(void)add_level(&now, 1, i == 1 || i == 2 ? 0 : 40, -2, "");
		add_supplies(&state, &now, START + i * HOUR, 0);
		reading_close(&now);
	}
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	for (unsigned i = 0; i < life_events.count; i++)
		assert_false(text_is(life_events.event[i].new_text, "units"));
	/* One that was never empty is never new by "some". */
	begin_life();
	read_level(START, 40, "");
	for (unsigned i = 1; i < 5; i++)
		read_word(START + i * HOUR, LEVEL_SOME);
	assert_int_equal(life_events.count, 0);
}

static void test_level_in_words_followed_by_numbers(void **unused)
{
	(void)unused;
	begin_life();
	read_word(START, LEVEL_LOW);
	read_level(START + HOUR, 12, ""); /* the same cartridge, at last with a number */
	assert_int_equal(life_events.count, 1);
	begin_life();
	read_word(START, LEVEL_LOW);
	read_level(START + HOUR, 100, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	read_level(START + 2 * HOUR, 5, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 2);
}

/* A printer that reports 0 while it starts: the supply is as before. */
static void test_single_zero_raises_nothing(void **unused)
{
	(void)unused;
	static const int levels[] = {64, 0, 63, 62, 0, 62, 5, 0, 5};
	begin_life();
	for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
		read_level(START + i * HOUR, levels[i], "");
	assert_int_equal(life_events.count, 1);
	assert_int_equal(life_events.event[0].kind, HISTORY_SUPPLY_LOW);
	assert_int_equal(life_events.event[0].new_number, 500);
	assert_int_equal(state.supply[0].used_x100, HISTORY_USED_START + 5900);
	/* Also as the first reading ever, of a total without a maximum, and before a word. */
	begin_life();
	read_level(START, 0, "");
	read_level(START + HOUR, 90, "");
	read_level(START + 2 * HOUR, 0, "");
	read_word(START + 3 * HOUR, LEVEL_OK);
	assert_int_equal(life_events.count, 0);
}

static void test_second_zero_is_empty_since_the_first(void **unused)
{
	(void)unused;
	begin_life();
	read_level(START, 40, "");
	read_level(START + HOUR, 0, "");
	assert_true(history_awaits_second(&state, START + HOUR));
	read_level(START + 2 * HOUR, 0, "");
	assert_false(history_awaits_second(&state, START + 2 * HOUR));
	assert_int_equal(life_events.count, 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct history_event *e = &life_events.event[i];
		assert_int_equal(e->kind, i == 0 ? HISTORY_SUPPLY_LOW : HISTORY_SUPPLY_EMPTY);
		assert_int_equal(e->from_ms, START);
		assert_int_equal(e->to_ms, START + HOUR);
		assert_int_equal(e->old_number, 4000);
		assert_int_equal(e->new_number, 0);
	}
	read_level(START + 3 * HOUR, 0, "");
	assert_int_equal(life_events.count, 2);
}

static void test_empty_at_first_sight_is_not_low_as_well(void **unused)
{
	(void)unused;
	begin_life();
	read_level(START, 0, "");
	read_level(START + HOUR, 0, "");
	read_level(START + 2 * HOUR, 0, "");
	assert_int_equal(life_events.count, 1);
	assert_int_equal(life_events.event[0].kind, HISTORY_SUPPLY_EMPTY);
	read_level(START + 3 * HOUR, 100, "");
	read_level(START + 4 * HOUR, 5, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), 1);
	begin_life();
	read_word(START, LEVEL_EMPTY);
	assert_int_equal(life_events.count, 1);
	assert_int_equal(life_events.event[0].kind, HISTORY_SUPPLY_EMPTY);
}

/* One reading with a level of 0 beside what else it says. */
static unsigned events_of_zero(int errors, int group, int group_index, int code)
{
	struct reading now;
	begin_life();
	read_level(START, 40, "");
	reading_open(&now, &life_blocks);
	(void)add_level(&now, 1, 0, 100, "");
	now.group[GROUP_STATE].status = now.group[GROUP_ALERTS].status = GROUP_COMPLETE;
	now.state.has_errors = true;
	now.state.errors = (uint16_t)errors;
	if (code != 0)
		add_alert(&now, 1, group, code)->group_index = group_index;
	(void)history_note_witness(&state, &now);
	add_supplies(&state, &now, START + HOUR, 0);
	reading_close(&now);
	return events_of(HISTORY_SUPPLY_EMPTY);
}

static void test_zero_counts_at_once_beside_a_witness(void **unused)
{
	(void)unused;
	enum { NO_TONER = 0x1000, LOW_PAPER = 0x8000, SUPPLIES = 11, INPUT = 8 };
	assert_int_equal(events_of_zero(0, 0, 0, 0), 0);
	assert_int_equal(events_of_zero(NO_TONER, 0, 0, 0), 1);
	assert_int_equal(events_of_zero(LOW_PAPER, 0, 0, 0), 0);
	assert_int_equal(events_of_zero(0, SUPPLIES, 1, 1101), 1);
	assert_int_equal(events_of_zero(0, SUPPLIES, 1, 1104), 1);
	assert_int_equal(events_of_zero(0, SUPPLIES, 1, 13), 1);
	assert_int_equal(events_of_zero(0, SUPPLIES, 2, 1101), 0); /* another supply */
	assert_int_equal(events_of_zero(0, SUPPLIES, 1, 1115), 0); /* taken out */
	assert_int_equal(events_of_zero(0, INPUT, 1, 13), 0);
}

static void test_events_name_their_supply(void **unused)
{
	(void)unused;
	struct reading now;
	begin_life();
	reading_open(&now, &life_blocks);
	struct supply *s = add_level(&now, 1, 4, 100, "");
	s->colorant = text_of("cyan");
	s->part = text_of("006R01747");
	add_supplies(&state, &now, START, 0);
	assert_int_equal(life_events.count, 1);
	assert_ptr_equal(life_events.event[0].supply, s);
	reading_close(&now);
}

static void test_threshold_follows_type_and_site(void **unused)
{
	(void)unused;
	enum { TONER = 3, OPC = 9 };
	static struct history_thresholds t = {.preset_x100 = 800,
		.count = 4,
		.entry = {{.type = TONER, .x100 = 1500}, {.site = "Lyon", .x100 = 2000},
			{.site = "Lyon", .type = TONER, .x100 = 2500},
			{.site = "Lyon", .type = TONER, .x100 = 1}}};
	assert_int_equal(history_threshold_of(NULL, TEXT("Lyon"), TONER), HISTORY_LOW_X100);
	assert_int_equal(history_threshold_of(&t, TEXT("Paris"), OPC), 800);
	assert_int_equal(history_threshold_of(&t, TEXT(""), TONER), 1500);
	assert_int_equal(history_threshold_of(&t, TEXT("Lyon"), OPC), 2000);
	assert_int_equal(history_threshold_of(&t, TEXT("Lyon"), TONER), 2500);
	static const struct {
		const char *site;
		int level;
		unsigned lows;
	} rows[] = {{"Lyon", 25, 1}, {"Lyon", 26, 0}, {"Paris", 16, 0}, {"Paris", 15, 1}};
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reading now;
		begin_life();
		reading_open(&now, &life_blocks);
		(void)add_level(&now, 1, rows[i].level, 100, "");
		struct history_context c = {.thresholds = &t, .site = text_of(rows[i].site)};
		history_supplies(&state, &now, START, &c, &life_events);
		assert_int_equal(events_of(HISTORY_SUPPLY_LOW), rows[i].lows);
		reading_close(&now);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_supply_low_is_reported_once_per_cartridge),
		cmocka_unit_test(test_new_serial_is_a_replaced_supply),
		cmocka_unit_test(test_levels_in_words_give_events),
		cmocka_unit_test(test_receptacle_needs_second_witness),
		cmocka_unit_test(test_count_of_part_that_wears_is_no_event),
		cmocka_unit_test(test_some_twice_after_empty_is_a_replacement),
		cmocka_unit_test(test_level_in_words_followed_by_numbers),
		cmocka_unit_test(test_single_zero_raises_nothing),
		cmocka_unit_test(test_second_zero_is_empty_since_the_first),
		cmocka_unit_test(test_empty_at_first_sight_is_not_low_as_well),
		cmocka_unit_test(test_zero_counts_at_once_beside_a_witness),
		cmocka_unit_test(test_events_name_their_supply),
		cmocka_unit_test(test_threshold_follows_type_and_site),
	};
	return cmocka_run_group_tests_name(
		"proto/history/history_supply", tests, life_open, life_close);
}
