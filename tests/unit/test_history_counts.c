/* SPDX-License-Identifier: Apache-2.0
 * Which changes of a group count: each kind of event does, and nothing else. */
#include "tests/unit/history_life.h"

static struct reading old, now;

static int open_both(void **unused)
{
	(void)unused;
	reading_open(&old, &life_blocks);
	reading_open(&now, &life_blocks);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		old.group[g].status = now.group[g].status = GROUP_COMPLETE;
	return 0;
}

static int close_both(void **unused)
{
	(void)unused;
	reading_close(&old);
	reading_close(&now);
	return 0;
}

static unsigned counts(enum reading_group g)
{
	return history_counts(g, &old, START, &now, START + HOUR);
}

/* A meter before and an hour later. */
static unsigned meter_counts(enum meter_name name, uint64_t before, uint64_t after)
{
	(void)close_both(NULL);
	(void)open_both(NULL);
	add_meter(&old, name, before);
	add_meter(&now, name, after);
	return counts(GROUP_METERS);
}

static void test_meters_count_when_lower_from_zero_or_too_fast(void **unused)
{
	(void)unused;
	const unsigned both = HISTORY_COUNTS | HISTORY_AWAITS;
	assert_int_equal(meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 5000), 0);
	assert_int_equal(meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 5000 + 60000), 0);
	assert_int_equal(meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 5001 + 60000), both);
	assert_int_equal(meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 4999), both);
	assert_int_equal(meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 0), both);
	assert_int_equal(meter_counts(METER_IMPRESSIONS_TOTAL, 0, 1), both);
	assert_int_equal(meter_counts(METER_POWER_ON_IMPRESSIONS, 5000, 3), 0);
	/* At the rated speed of 20 pages a minute, and half more. */
	(void)meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 5000 + 1800);
	now.pages_per_minute = 20;
	assert_int_equal(counts(GROUP_METERS), 0);
	now.meters->value++;
	assert_int_equal(counts(GROUP_METERS), both);
	/* Another row. */
	(void)meter_counts(METER_IMPRESSIONS_TOTAL, 5000, 5000);
	add_meter(&now, METER_IMPRESSIONS_COLOR, 1);
	assert_int_equal(counts(GROUP_METERS), both);
	add_meter(&old, METER_IMPRESSIONS_MONO, 1);
	assert_int_equal(counts(GROUP_METERS), both);
}

/* Rises that do not count never add up to one that the hub would doubt. */
static void test_steady_rises_add_up_to_a_plausible_one(void **unused)
{
	(void)unused;
	uint64_t seed = 7, at_ms = START, value = 1000, first_ms = START;
	struct history_state s = {0};
	static struct history_events events;
	for (unsigned i = 0; i < 2000; i++) {
		uint64_t step_ms = below(&seed, 3 * HOUR), before_ms = at_ms;
		(void)meter_counts(
			METER_IMPRESSIONS_TOTAL, value, value + below(&seed, step_ms / 50 + 200));
		at_ms += step_ms;
		if (history_counts(GROUP_METERS, &old, before_ms, &now, at_ms) != 0)
			now.meters->value = value;
		value = now.meters->value;
	}
	(void)close_both(NULL);
	(void)open_both(NULL);
	add_meter(&old, METER_IMPRESSIONS_TOTAL, 1000);
	add_meter(&now, METER_IMPRESSIONS_TOTAL, value);
	assert_true(value > 1000000);
	history_meters(&s, &old, first_ms, &now, at_ms, &events);
	assert_int_equal(s.suspects, 0);
}

static unsigned level_counts(int before, int after)
{
	(void)close_both(NULL);
	(void)open_both(NULL);
	(void)add_level(&old, 1, before, 100, "A");
	(void)add_level(&now, 1, after, 100, "A");
	return counts(GROUP_SUPPLIES);
}

static void test_supplies_count_when_they_rise_or_cross_a_threshold(void **unused)
{
	(void)unused;
	assert_int_equal(level_counts(50, 50), 0);
	assert_int_equal(level_counts(50, 11), 0);
	assert_int_equal(level_counts(11, 10), HISTORY_COUNTS);
	assert_int_equal(level_counts(10, 1), 0);
	assert_int_equal(level_counts(10, 0), HISTORY_COUNTS | HISTORY_AWAITS);
	assert_int_equal(level_counts(0, 0), 0);
	assert_int_equal(level_counts(50, 51), HISTORY_COUNTS);
	(void)level_counts(50, 49);
	now.supplies->serial = TEXT("B");
	assert_int_equal(counts(GROUP_SUPPLIES), HISTORY_COUNTS);
	(void)level_counts(50, 49);
	now.supplies->max = 200;
	assert_true(counts(GROUP_SUPPLIES) != 0);
	/* Words. */
	(void)level_counts(-3, -3);
	assert_int_equal(counts(GROUP_SUPPLIES), 0);
	now.supplies->level_kind = LEVEL_LOW;
	assert_int_equal(counts(GROUP_SUPPLIES), HISTORY_COUNTS);
	old.supplies->level_kind = LEVEL_LOW;
	now.supplies->level_kind = LEVEL_SOME;
	assert_int_equal(counts(GROUP_SUPPLIES), HISTORY_COUNTS | HISTORY_AWAITS);
	/* The first ones that are known. */
	(void)level_counts(50, 11);
	assert_int_equal(history_counts(GROUP_SUPPLIES, NULL, 0, &now, START), 0);
	(void)level_counts(50, 10);
	assert_true(history_counts(GROUP_SUPPLIES, NULL, 0, &now, START) != 0);
}

static void test_alerts_count_when_an_event_begins_or_ends(void **unused)
{
	(void)unused;
	assert_int_equal(counts(GROUP_ALERTS), 0);
	assert_int_equal(history_counts(GROUP_ALERTS, NULL, 0, &now, START), 0);
	(void)add_alert(&now, 1, 8, 801);
	assert_int_equal(counts(GROUP_ALERTS), HISTORY_COUNTS);
	assert_int_equal(history_counts(GROUP_ALERTS, NULL, 0, &now, START), HISTORY_COUNTS);
	(void)add_alert(&old, 7, 8, 801); /* the same one in another row */
	assert_int_equal(counts(GROUP_ALERTS), 0);
	(void)add_alert(&old, 8, 8, 801); /* twice */
	assert_int_equal(counts(GROUP_ALERTS), HISTORY_COUNTS);
}

static void test_errors_count_when_their_bit_is_an_event(void **unused)
{
	(void)unused;
	old.state.has_errors = now.state.has_errors = true;
	now.state.console = TEXT("Printing");
	now.state.errors = 0x8000; /* lowPaper(0) */
	assert_int_equal(counts(GROUP_STATE), 0);
	now.state.errors |= 0x8000 >> 5; /* jammed(5) */
	assert_int_equal(counts(GROUP_STATE), HISTORY_COUNTS);
	old.state.errors = now.state.errors;
	assert_int_equal(counts(GROUP_STATE), 0);
	now.state.has_errors = false;
	assert_int_equal(counts(GROUP_STATE), HISTORY_COUNTS);
}

static void test_identity_counts_but_for_its_uptime(void **unused)
{
	(void)unused;
	now.identity.uptime_cs = 5;
	assert_int_equal(counts(GROUP_IDENTITY), 0);
	assert_int_equal(history_counts(GROUP_IDENTITY, NULL, 0, &now, START), HISTORY_COUNTS);
	reading_add_firmware(&now)->version = TEXT("2");
	assert_int_equal(counts(GROUP_IDENTITY), HISTORY_COUNTS);
	reading_add_firmware(&old)->version = TEXT("2");
	assert_int_equal(counts(GROUP_IDENTITY), 0);
	now.identity.serial = TEXT("S");
	assert_int_equal(counts(GROUP_IDENTITY), HISTORY_COUNTS);
}

static void test_a_status_counts_and_slow_groups_do_not(void **unused)
{
	(void)unused;
	now.group[GROUP_ALERTS].status = GROUP_PARTIAL;
	assert_true(counts(GROUP_ALERTS) != 0);
	now.pages_per_minute = 20;
	reading_add_option(&now)->value = TEXT("on");
	reading_add_maintenance(&now)->used = 7;
	assert_int_equal(
		counts(GROUP_OPTIONS) + counts(GROUP_MEDIA) + counts(GROUP_MAINTENANCE), 0);
}

#define COUNTS_TEST(name) cmocka_unit_test_setup_teardown(name, open_both, close_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTS_TEST(test_meters_count_when_lower_from_zero_or_too_fast),
		COUNTS_TEST(test_steady_rises_add_up_to_a_plausible_one),
		COUNTS_TEST(test_supplies_count_when_they_rise_or_cross_a_threshold),
		COUNTS_TEST(test_alerts_count_when_an_event_begins_or_ends),
		COUNTS_TEST(test_errors_count_when_their_bit_is_an_event),
		COUNTS_TEST(test_identity_counts_but_for_its_uptime),
		COUNTS_TEST(test_a_status_counts_and_slow_groups_do_not),
	};
	return cmocka_run_group_tests_name("history/counts", tests, life_open, life_close);
}
