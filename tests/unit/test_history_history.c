/* SPDX-License-Identifier: Apache-2.0
 * The rules of proto/history/history, one by one. */
#include "tests/unit/history_life.h"

/* One meter's next value. */
static struct history_state state;
static uint64_t last_value;
static uint64_t last_ms;

static void begin(uint64_t value)
{
	memset(&state, 0, sizeof state);
	last_value = value;
	last_ms = START;
	forget_events();
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
	/* What was really set to 0 counts again from the second value above it. */
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
	/* What was too much for one hour is not for two. */
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

/* ---- supplies --------------------------------------------------------------------------- */

static void read_level(uint64_t at_ms, int level, const char *serial)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	(void)add_level(&now, 1, level, 100, serial);
	add_supplies(&state, &now, at_ms, 0);
	unsigned count = life_events.count;
	add_supplies(&state, &now, at_ms, 0);
	assert_int_equal(life_events.count, count);
	reading_close(&now);
}

static void test_supply_low_is_reported_once_per_cartridge(void **unused)
{
	(void)unused;
	static const int levels[] = {40, 21, 9, 11, 9, 10, 12, 8, 11, 3};
	begin(0);
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
	begin(0);
	read_level(START, 50, "A1000");
	read_level(START + HOUR, 49, "B1000");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	read_level(START + 2 * HOUR, 48, "");
	read_level(START + 3 * HOUR, 48, "B1000");
	assert_int_equal(life_events.count, 1);
}

static void read_word(uint64_t at_ms, uint8_t kind)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	add_level(&now, 1, -2, -2, "")->level_kind = kind;
	add_supplies(&state, &now, at_ms, 0);
	reading_close(&now);
}

static void test_levels_in_words_give_events(void **unused)
{
	(void)unused;
	static const uint8_t kinds[] = {LEVEL_OK, LEVEL_LOW, LEVEL_LOW, LEVEL_EMPTY, LEVEL_UNKNOWN,
		LEVEL_SOME, LEVEL_OK, LEVEL_OK};
	begin(0);
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

/* Some printers know only 0 and "some": one "some" between two of empty is none. */
static void test_some_twice_after_empty_is_a_replacement(void **unused)
{
	(void)unused;
	static const uint8_t kinds[] = {LEVEL_SOME, LEVEL_EMPTY, LEVEL_SOME, LEVEL_EMPTY,
		LEVEL_SOME, LEVEL_UNKNOWN, LEVEL_SOME, LEVEL_SOME, LEVEL_EMPTY};
	static const unsigned replaced[] = {0, 0, 0, 0, 0, 0, 1, 1, 1};
	begin(0);
	for (unsigned i = 0; i < sizeof kinds; i++) {
		read_word(START + i * HOUR, kinds[i]);
		assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), replaced[i]);
	}
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 2);
	/* The same where empty comes as 0 of 100, and for so many without a maximum. */
	begin(0);
	for (unsigned i = 0; i < 2; i++)
		read_level(START + i * HOUR, 0, "");
	read_word(START + 2 * HOUR, LEVEL_SOME);
	read_word(START + 3 * HOUR, LEVEL_SOME);
	for (unsigned i = 4; i < 6; i++)
		read_level(START + i * HOUR, 0, "");
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), 1);
	assert_int_equal(events_of(HISTORY_SUPPLY_EMPTY), 2);
	begin(0);
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
	begin(0);
	read_level(START, 40, "");
	for (unsigned i = 1; i < 5; i++)
		read_word(START + i * HOUR, LEVEL_SOME);
	assert_int_equal(life_events.count, 0);
}

static void test_level_in_words_followed_by_numbers(void **unused)
{
	(void)unused;
	begin(0);
	read_word(START, LEVEL_LOW);
	read_level(START + HOUR, 12, ""); /* the same cartridge, at last with a number */
	assert_int_equal(life_events.count, 1);
	begin(0);
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
	begin(0);
	for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
		read_level(START + i * HOUR, levels[i], "");
	assert_int_equal(life_events.count, 1);
	assert_int_equal(life_events.event[0].kind, HISTORY_SUPPLY_LOW);
	assert_int_equal(life_events.event[0].new_number, 500);
	assert_int_equal(state.supply[0].used_x100, HISTORY_USED_START + 5900);
	/* Also as the first reading ever, of a total without a maximum, and before a word. */
	begin(0);
	read_level(START, 0, "");
	read_level(START + HOUR, 90, "");
	read_level(START + 2 * HOUR, 0, "");
	read_word(START + 3 * HOUR, LEVEL_OK);
	assert_int_equal(life_events.count, 0);
}

static void test_second_zero_is_empty_since_the_first(void **unused)
{
	(void)unused;
	begin(0);
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

/* One reading with a level of 0 beside what else it says. */
static unsigned events_of_zero(int errors, int group, int group_index, int code)
{
	struct reading now;
	begin(0);
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
	begin(0);
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
		begin(0);
		reading_open(&now, &life_blocks);
		(void)add_level(&now, 1, rows[i].level, 100, "");
		struct history_context c = {.thresholds = &t, .site = text_of(rows[i].site)};
		history_supplies(&state, &now, START, &c, &life_events);
		assert_int_equal(events_of(HISTORY_SUPPLY_LOW), rows[i].lows);
		reading_close(&now);
	}
}

/* ---- how long it lasts ------------------------------------------------------------------ */

static struct history_estimate estimate;

static void estimate_first(void)
{
	history_estimate(&estimate, &state, state.supplies > 0 ? &state.supply[0] : NULL);
}

static void read_part(uint64_t at_ms, int level, const char *part, uint64_t pages)
{
	struct reading now;
	reading_open(&now, &life_blocks);
	add_level(&now, 1, level, 100, "")->part = text_of(part);
	add_supplies(&state, &now, at_ms, pages);
	reading_close(&now);
}

static void assert_days(double days, double tolerance)
{
	estimate_first();
	assert_true(estimate.is_known);
	if (estimate.days < days - tolerance || estimate.days > days + tolerance)
		fail_msg("%.2f days, not %.2f", estimate.days, days);
	assert_true(estimate.days_min <= estimate.days && estimate.days <= estimate.days_max);
}

static void test_days_and_pages_left_follow_the_decline(void **unused)
{
	(void)unused;
	begin(0);
	for (unsigned day = 0; day <= 10; day++) {
		read_part(START + day * DAY, 80 - 4 * (int)day, "A",
			day == 4 ? 0 : 100000 + UINT64_C(200) * day);
		estimate_first();
		assert_int_equal(estimate.is_known, day >= HISTORY_MIN_DAYS);
	}
	/* 40 % left; 4 % and 200 pages a day. */
	assert_days(10, 0.5);
	assert_true(estimate.has_pages);
	assert_true(estimate.pages > 1950 && estimate.pages < 2050);
	assert_int_equal(estimate.basis_days, 10);
	assert_int_equal(estimate.points, 10);
	/* The next cartridge of the same part has the same pace, one of another part none yet. */
	read_part(START + 11 * DAY, 100, "A", 100000 + 200 * 11);
	assert_days(25, 1);
	read_part(START + 12 * DAY, 80, "B", 100000 + 200 * 12);
	estimate_first();
	assert_false(estimate.is_known);
}

static void test_days_left_is_unknown_before_enough_use(void **unused)
{
	(void)unused;
	begin(0);
	estimate_first();
	assert_false(estimate.is_known);
	/* 2 % in 20 days; then 3 %. */
	for (unsigned day = 0; day <= 20; day++)
		read_part(START + day * DAY, 90 - (int)day / 10, "A", 0);
	estimate_first();
	assert_false(estimate.is_known);
	read_part(START + 21 * DAY, 87, "A", 0);
	estimate_first();
	assert_true(estimate.is_known);
	/* Words say no days. */
	read_word(START + 22 * DAY, LEVEL_OK);
	begin(0);
	read_word(START, LEVEL_OK);
	read_word(START + 10 * DAY, LEVEL_LOW);
	estimate_first();
	assert_false(estimate.is_known);
}

/* START is a Monday's morning: the fifth and sixth day from it are the weekend. */
static bool is_weekend(unsigned day)
{
	return day % 7 >= 5;
}

/* 3 % and 300 pages of each working day, with or without a total; hourly readings. */
static void live_weeks(unsigned days, bool has_pages, uint64_t seed, int jitter)
{
	double level = 100;
	uint64_t pages = 500000;
	begin(0);
	for (unsigned hour = 0; hour < 24 * days; hour++) {
		bool is_work = !is_weekend(hour / 24) && hour % 24 < 10;
		level -= is_work ? 0.3 : 0;
		pages += is_work ? 30 : 0;
		if (level <= 3)
			level = 100;
		int shown = (int)level + (int)below(&seed, 2 * (uint64_t)jitter + 1) - jitter;
		shown = shown < 1 ? 1 : shown > 100 ? 100 : shown;
		read_part(START + hour * HOUR, shown, "A", has_pages ? pages : 0);
	}
}

/* Working days until `level` is used at 3 % a day, from the end of `day` days on, as calendar days.
 */
static double days_by_the_calendar(double level, unsigned day)
{
	double days = 0;
	for (; level > 0; day++) {
		double made = is_weekend(day) ? 0 : 3;
		double share = made > level ? level / made : 1;
		level -= made * share;
		days += share;
	}
	return days;
}

static void test_days_left_knows_weekends_and_jitter(void **unused)
{
	(void)unused;
	for (unsigned days = 10; days <= 44; days++) {
		for (int jitter = 0; jitter <= 2; jitter++) {
			live_weeks(days, true, 0x9e3779b97f4a7c15u + days, jitter);
			double left = state.supply[0].last_x100 / 100.0;
			double truth = days_by_the_calendar(left, days);
			assert_days(truth, 0.2 * truth + 1 + jitter / 3.0);
			live_weeks(days, false, 0x9e3779b97f4a7c15u + days, jitter);
			left = state.supply[0].last_x100 / 100.0;
			truth = days_by_the_calendar(left, days);
			assert_days(truth, 0.25 * truth + 2 + jitter / 3.0);
		}
	}
}

/* A quarter of the days shows nonsense. */
static void test_days_left_withstands_wrong_levels(void **unused)
{
	(void)unused;
	uint64_t seed = 42;
	begin(0);
	for (unsigned day = 0; day < 30; day++) {
		int level = 95 - 2 * (int)day;
		if (day % 4 == 1)
			level += (int)below(&seed, 15);
		read_part(START + day * DAY, level, "A", 0);
	}
	read_part(START + 30 * DAY, 35, "A", 0);
	assert_days(17.5, 3);
}

static void test_history_of_a_supply_is_bounded(void **unused)
{
	(void)unused;
	begin(0);
	for (unsigned day = 0; day < 400; day++) {
		read_part(START + day * DAY, 100 - (int)(day % 90), "A", 1000 + day * 100);
		assert_true(state.days <= LIMIT_HISTORY_DAYS);
	}
	assert_int_equal(state.days, LIMIT_HISTORY_DAYS);
	estimate_first();
	assert_true(estimate.is_known && estimate.basis_days <= HISTORY_WINDOW_DAYS);
	assert_days(100 - 399 % 90, 1);
	/* An older reading changes nothing, a jump far ahead forgets the window. */
	read_part(START, 3, "A", 5);
	assert_days(100 - 399 % 90, 1);
	read_part(START + 4000 * DAY, 3, "A", 900000);
	estimate_first();
	assert_false(estimate.is_known);
}

/* A total that begins anew has nothing to do with the pages before. */
static void test_pages_left_survives_a_meter_reset(void **unused)
{
	(void)unused;
	begin(0);
	for (unsigned day = 0; day < 20; day++)
		read_part(START + day * DAY, 90 - 2 * (int)day, "A",
			day < 8 ? 700000 + 100 * day : 100 * (day - 7));
	assert_days(26, 2);
	assert_true(estimate.pages > 2400 && estimate.pages < 2800);
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
	estimate_first();
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
			(struct history_day){UINT32_MAX - LIMIT_HISTORY_DAYS + i, UINT64_MAX};
	memset(&state.witness, 0xff, sizeof state.witness);
	state.goods = LIMIT_METERS;
	for (unsigned i = 0; i < LIMIT_METERS; i++)
		state.good[i] = (struct history_good){UINT64_MAX, UINT64_MAX, UINT64_MAX};
	buf_clear(&b);
	assert_int_equal(history_state_pack(&b, &state), 0);
	assert_int_equal(history_state_unpack(&again, b.data, b.len), 0);
	assert_int_equal(again.goods, LIMIT_METERS);
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
		cmocka_unit_test(test_supply_low_is_reported_once_per_cartridge),
		cmocka_unit_test(test_new_serial_is_a_replaced_supply),
		cmocka_unit_test(test_levels_in_words_give_events),
		cmocka_unit_test(test_some_twice_after_empty_is_a_replacement),
		cmocka_unit_test(test_level_in_words_followed_by_numbers),
		cmocka_unit_test(test_single_zero_raises_nothing),
		cmocka_unit_test(test_second_zero_is_empty_since_the_first),
		cmocka_unit_test(test_zero_counts_at_once_beside_a_witness),
		cmocka_unit_test(test_events_name_their_supply),
		cmocka_unit_test(test_threshold_follows_type_and_site),
		cmocka_unit_test(test_days_and_pages_left_follow_the_decline),
		cmocka_unit_test(test_days_left_is_unknown_before_enough_use),
		cmocka_unit_test(test_days_left_knows_weekends_and_jitter),
		cmocka_unit_test(test_days_left_withstands_wrong_levels),
		cmocka_unit_test(test_history_of_a_supply_is_bounded),
		cmocka_unit_test(test_pages_left_survives_a_meter_reset),
		cmocka_unit_test(test_alerts_are_raised_and_cleared),
		cmocka_unit_test(test_states_are_no_events),
		cmocka_unit_test(test_firmware_change_names_its_module),
		cmocka_unit_test(test_serial_numbers_are_compared_without_prefix),
		cmocka_unit_test(test_state_survives_packing)};
	return cmocka_run_group_tests_name("proto/history/history", tests, life_open, life_close);
}
