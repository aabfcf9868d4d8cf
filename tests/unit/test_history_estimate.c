/* SPDX-License-Identifier: Apache-2.0
 * How long a supply lasts: proto/history/history_estimate. */
#include "tests/unit/history_life.h"

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
	begin_life();
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
	begin_life();
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
	begin_life();
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
	begin_life();
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
	begin_life();
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
	begin_life();
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
	begin_life();
	for (unsigned day = 0; day < 20; day++)
		read_part(START + day * DAY, 90 - 2 * (int)day, "A",
			day < 8 ? 700000 + 100 * day : 100 * (day - 7));
	assert_days(26, 2);
	assert_true(estimate.pages > 2400 && estimate.pages < 2800);
}

/* Whatever a damaged store holds: an estimate is unknown, or finite and in order. */
static void test_estimate_of_any_state_is_finite(void **unused)
{
	(void)unused;
	enum { STATES = 3000 };
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	unsigned known = 0;
	for (unsigned n = 0; n < STATES; n++) {
		begin_life();
		struct history_supply *s = &state.supply[0];
		state.supplies = 1;
		state.days = 1 + (unsigned)below(&seed, LIMIT_HISTORY_DAYS);
		*s = (struct history_supply){.has_share = true,
			.last_x100 = (uint32_t)chance(&seed) >> below(&seed, 32),
			.used_x100 = (uint32_t)chance(&seed) >> below(&seed, 32),
			.seen_at_ms = chance(&seed) >> below(&seed, 64)};
		uint64_t day = chance(&seed) >> (1 + below(&seed, 62));
		for (unsigned i = 0; i < state.days; i++) {
			state.day[i].day = day += 1 + below(&seed, n % 2 == 0 ? 2 : 1 << 20);
			state.day[i].pages = chance(&seed) >> below(&seed, 64);
			s->closing_x100[i] = (uint32_t)chance(&seed) >> below(&seed, 32);
		}
		estimate_first();
		known += estimate.is_known;
		if (!estimate.is_known)
			continue;
		assert_true(estimate.days >= 0 && estimate.days <= HISTORY_MAX_DAYS);
		assert_true(estimate.days_min >= 0 && estimate.days_min <= estimate.days);
		assert_true(estimate.days_max >= estimate.days);
		assert_true(estimate.days_max <= HISTORY_MAX_DAYS);
		assert_true(!estimate.has_pages || (estimate.pages >= 0 && estimate.pages < 1e30));
	}
	assert_true(known > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days_and_pages_left_follow_the_decline),
		cmocka_unit_test(test_days_left_is_unknown_before_enough_use),
		cmocka_unit_test(test_days_left_knows_weekends_and_jitter),
		cmocka_unit_test(test_days_left_withstands_wrong_levels),
		cmocka_unit_test(test_history_of_a_supply_is_bounded),
		cmocka_unit_test(test_pages_left_survives_a_meter_reset),
		cmocka_unit_test(test_estimate_of_any_state_is_finite),
	};
	return cmocka_run_group_tests_name(
		"proto/history/history_estimate", tests, life_open, life_close);
}
