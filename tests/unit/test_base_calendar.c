/* SPDX-License-Identifier: Apache-2.0
 * Times of the local day: once on each day, in twelve zones over ten years. */
#include "proto/base/calendar.h"
#include "tests/kit/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR UINT64_C(31556952000)
#define START UINT64_C(1767225600000) /* 2026-01-01 */

/* The local day by libc, and the minute of it. */
static int64_t libc_day(uint64_t at_ms, int *minute)
{
	time_t t = (time_t)(at_ms / 1000);
	struct tm tm;
	assert_non_null(localtime_r(&t, &tm));
	*minute = tm.tm_hour * 60 + tm.tm_min;
	return zone_days(tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday);
}

static struct calendar at_minute(const struct zone *z, unsigned minute)
{
	return (struct calendar){.count = 1,
		.times = {{(uint16_t)minute, (uint16_t)(minute + 1)}},
		.weekdays = CALENDAR_EVERY_DAY,
		.zone = z};
}

struct tally {
	unsigned days, skipped, doubled, elsewhere;
};

/* Times of a schedule over ten years: local days without a time and with two, and times at another
 * minute of the day than the wanted one. */
static void tally(struct tally *t, uint64_t (*next)(const void *, uint64_t), const void *schedule,
	unsigned wanted)
{
	int minute;
	uint64_t now = next(schedule, START);
	int64_t day = libc_day(now, &minute);
	for (;;) {
		now = next(schedule, now);
		int64_t after = libc_day(now, &minute);
		if (now >= START + 10 * YEAR)
			return;
		t->days++;
		t->elsewhere += (unsigned)minute != wanted;
		t->doubled += after == day;
		t->skipped += after > day + 1 ? (unsigned)(after - day - 1) : 0;
		day = after;
	}
}

static uint64_t by_calendar(const void *c, uint64_t now)
{
	return calendar_next_ms(c, now);
}

/* The control: each 24 hours. */
static uint64_t by_interval(const void *first_ms, uint64_t now)
{
	uint64_t at = *(const uint64_t *)first_ms;
	return at + (now + DAY - at) / DAY * DAY;
}

static void test_each_local_day_has_its_time_once(void **state)
{
	(void)state;
	static struct zone z;
	struct tally all = {0};
	for (size_t i = 0; i < KIT_ZONES; i++) {
		kit_zone_load(&z, kit_zones[i]);
		kit_zone_use_libc(kit_zones[i]);
		for (unsigned minute = 0; minute < CALENDAR_DAY_MINUTES; minute += 30) {
			struct calendar c = at_minute(&z, minute);
			struct tally t = {0};
			tally(&t, by_calendar, &c, minute);
			if (t.skipped + t.doubled > 0 || t.elsewhere > 20 || t.days < 3651)
				fail_msg("%s %02u:%02u: %u days, %u skipped, %u doubled, %u "
					 "elsewhere",
					kit_zones[i], minute / 60, minute % 60, t.days, t.skipped,
					t.doubled, t.elsewhere);
			all.days += t.days;
			all.elsewhere += t.elsewhere;
		}
	}
	print_message("%u local days, %u in a gap\n", all.days, all.elsewhere);
	assert_true(all.elsewhere > 0);
}

static void test_control_finds_the_faults_of_a_fixed_interval(void **state)
{
	(void)state;
	struct tally t = {0};
	kit_zone_use_libc("Paris");
	uint64_t first = START + 23 * HOUR + 15 * MINUTE - HOUR; /* 23:15 in winter */
	tally(&t, by_interval, &first, 23 * 60 + 15);
	assert_int_equal(t.skipped, 10);
	assert_int_equal(t.doubled, 10);
	assert_true(t.elsewhere > 2000);
}

/* 2026-03-29 and 2026-10-25, Europe/Paris. */
static void test_gap_and_fold_happen_once(void **state)
{
	(void)state;
	static struct zone z;
	kit_zone_load(&z, "Paris");
	struct calendar c = at_minute(&z, 150);
	uint64_t gap = UINT64_C(1774746000000), fold = UINT64_C(1792890000000);
	/* 02:30 does not exist: 03:30 CEST, 01:30 UTC */
	assert_int_equal(calendar_next_ms(&c, gap - HOUR), gap + 30 * MINUTE);
	assert_int_equal(calendar_next_ms(&c, gap + 30 * MINUTE), gap + DAY - 30 * MINUTE);
	/* 02:30 comes twice: CEST, 00:30 UTC */
	assert_int_equal(calendar_next_ms(&c, fold - 2 * HOUR), fold - 30 * MINUTE);
	assert_int_equal(calendar_next_ms(&c, fold - 30 * MINUTE), fold + DAY + 30 * MINUTE);
	/* Two times that fall together are one. */
	c.count = 2;
	c.times[1] = (struct calendar_time){210, 211};
	assert_int_equal(calendar_next_ms(&c, gap - HOUR), gap + 30 * MINUTE);
	assert_int_equal(calendar_next_ms(&c, gap + 30 * MINUTE), gap + DAY - 30 * MINUTE);
}

/* Samoa had no 30 December 2011. */
static void test_a_day_that_was_left_out(void **state)
{
	(void)state;
	static struct zone z;
	int minute;
	kit_zone_load(&z, "Apia");
	kit_zone_use_libc("Apia");
	struct calendar c = at_minute(&z, 810);
	uint64_t at = UINT64_C(1325030400000); /* 2011-12-28, 0 h UTC */
	int64_t days[4];
	for (int i = 0; i < 4; i++) {
		at = calendar_next_ms(&c, at);
		days[i] = libc_day(at, &minute);
		assert_int_equal(minute, 810);
	}
	assert_int_equal(days[1], days[0] + 1);
	assert_int_equal(days[1], zone_days(2011, 12, 29));
	assert_int_equal(days[2], zone_days(2011, 12, 31));
	assert_int_equal(days[3], days[2] + 1);
}

static void test_days_of_the_week(void **state)
{
	(void)state;
	struct calendar c = at_minute(NULL, 0);
	uint64_t at = START; /* a Thursday */
	c.weekdays = 1 << 1 | 1 << 5;
	for (int i = 0; i < 100; i++) {
		uint64_t friday = START + DAY + (uint64_t)i * 7 * DAY;
		at = calendar_next_ms(&c, at);
		assert_int_equal(at, friday);
		at = calendar_next_ms(&c, at);
		assert_int_equal(at, friday + 3 * DAY);
	}
	c.weekdays = 1 << 4;
	assert_int_equal(calendar_next_ms(&c, START), START + 7 * DAY);
	c.weekdays = 0;
	assert_int_equal(calendar_next_ms(&c, START), 0);
	c = (struct calendar){.weekdays = CALENDAR_EVERY_DAY};
	assert_int_equal(calendar_next_ms(&c, START), 0);
}

static void test_seed_chooses_the_minute_of_a_span(void **state)
{
	(void)state;
	struct calendar c = at_minute(NULL, 22 * 60);
	unsigned per_hour[24] = {0};
	c.times[0].to = 29 * 60; /* 22:00 to 05:00 */
	for (uint64_t seed = 0; seed < 4200; seed++) {
		c.seed = seed * 7919;
		uint64_t at = calendar_next_ms(&c, START);
		assert_int_equal(calendar_next_ms(&c, at), at + DAY);
		per_hour[at % DAY / HOUR]++;
	}
	for (int h = 0; h < 24; h++)
		assert_in_range(
			per_hour[h], h < 5 || h >= 22 ? 500 : 0, h < 5 || h >= 22 ? 700 : 0);
}

static void test_times_as_text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned from, to;
	} good[] = {{"13:30", 810, 811}, {"0:05", 5, 6}, {"00:00-24:00", 0, 1440},
		{"22:00-05:00", 1320, 1740}, {"23:59", 1439, 1440}, {"09:15-09:16", 555, 556}};
	static const char *const bad[] = {"", "1", "13", "13:3", "13:60", "24:00", "25:00",
		"13:30:00", "13:30-", "-13:30", "13:30-13:30", "13.30", " 13:30", "13:30 ",
		"130:30", "1:30-24:01", "13:30-14:00-15:00", ":30", "noon", "99:99"};
	struct calendar_time t;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(calendar_time_parse(&t, good[i].text, strlen(good[i].text)), 0);
		assert_int_equal(t.from, good[i].from);
		assert_int_equal(t.to, good[i].to);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (calendar_time_parse(&t, bad[i], strlen(bad[i])) != ERR_FORMAT)
			fail_msg("accepted: \"%s\"", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_local_day_has_its_time_once),
		cmocka_unit_test(test_control_finds_the_faults_of_a_fixed_interval),
		cmocka_unit_test(test_gap_and_fold_happen_once),
		cmocka_unit_test(test_a_day_that_was_left_out),
		cmocka_unit_test(test_days_of_the_week),
		cmocka_unit_test(test_seed_chooses_the_minute_of_a_span),
		cmocka_unit_test(test_times_as_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
