/* SPDX-License-Identifier: Apache-2.0
 * When to go to the hub: places in the day, first times, rests. */
#include "engine/uplink/schedule.h"

#include "engine/uplink/uplink.h"
#include "tests/kit/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW UINT64_C(1795352800123)

static const struct schedule daily = {.interval_ms = DAY}, minutely = {.interval_ms = MINUTE},
			     secondly = {.interval_ms = 1000};

static uint64_t first(const struct schedule *s, uint64_t success_ms, uint64_t random)
{
	const struct schedule_past past = {.success_ms = success_ms};
	return schedule_first_ms(s, NOW, &past, random);
}

static void test_offset_is_spread_over_the_agents(void **state)
{
	(void)state;
	enum { AGENTS = 1440 };
	unsigned per_hour[24] = {0};
	for (unsigned i = 0; i < AGENTS; i++) {
		uint8_t id[16] = {(uint8_t)i, (uint8_t)(i >> 8), 0x5a};
		uint64_t offset = schedule_offset_ms(id, sizeof id, DAY);
		assert_int_equal(offset % MINUTE, 0);
		assert_true(offset < DAY);
		assert_int_equal(offset, schedule_offset_ms(id, sizeof id, DAY));
		per_hour[offset / HOUR]++;
	}
	for (int h = 0; h < 24; h++)
		assert_in_range(per_hour[h], 30, 90);
	uint8_t id[16] = {1};
	assert_true(schedule_offset_ms(id, sizeof id, 5000) < 5000);
	assert_int_equal(schedule_offset_ms(id, sizeof id, 0), 0);
}

static bool is_due(uint64_t served_ms, uint64_t success_ms, bool is_failed)
{
	const struct schedule s = {.interval_ms = DAY, .offset_ms = HOUR};
	const struct schedule_past past = {
		.served_ms = served_ms, .success_ms = success_ms, .is_failed = is_failed};
	return schedule_is_due(&s, NOW, &past);
}

static void test_run_from_cron_is_due_once_a_time_of_the_schedule(void **state)
{
	(void)state;
	const uint64_t slot = NOW - NOW % DAY + HOUR - (NOW % DAY < HOUR ? DAY : 0);
	const struct schedule none = {.interval_ms = 0};
	assert_true(is_due(0, 0, false));
	assert_true(is_due(slot - 1, slot - 1, false));
	assert_true(is_due(slot - 9 * DAY, slot - 9 * DAY, false));
	assert_false(is_due(slot, slot - DAY, false));     /* served, nothing was to be sent */
	assert_false(is_due(slot - DAY, slot + 1, false)); /* by hand, since */
	assert_true(is_due(slot, slot - DAY, true));
	assert_false(is_due(NOW + MINUTE, NOW - DAY, false)); /* the clock was set back */
	assert_true(is_due(NOW + 400 * DAY, NOW, false));     /* it was wrong */
	assert_false(schedule_is_due(&none, NOW, &(struct schedule_past){0}));
}

static void test_next_run_is_after_now_at_the_offset(void **state)
{
	(void)state;
	for (uint64_t offset = 0; offset < DAY; offset += 7 * MINUTE) {
		struct schedule s = {.interval_ms = DAY, .offset_ms = offset};
		uint64_t next = schedule_next_ms(&s, NOW, 0);
		assert_true(next > NOW);
		assert_true(next <= NOW + DAY);
		assert_int_equal(next % DAY, offset);
		/* At its own time the next one is a whole interval later. */
		assert_true(schedule_next_ms(&s, next, 0) == next + DAY);
		assert_true(schedule_next_ms(&s, next - 1, 0) == next);
	}
	struct schedule never = {0};
	assert_true(schedule_is_empty(&never));
	assert_true(schedule_next_ms(&never, NOW, 0) == 0);
}

static void test_first_run_after_a_start(void **state)
{
	(void)state;
	uint64_t next = schedule_next_ms(&daily, NOW, 0);
	for (uint64_t dice = 0; dice < 20 * MINUTE; dice += 7919) {
		/* never; a day and more ago; in the future, so some clock was wrong */
		assert_in_range(first(&daily, 0, dice), NOW + MINUTE, NOW + 5 * MINUTE);
		assert_in_range(first(&daily, NOW - DAY, dice), NOW + MINUTE, NOW + 5 * MINUTE);
		assert_in_range(first(&daily, NOW + HOUR, dice), NOW + MINUTE, NOW + 5 * MINUTE);
		assert_true(first(&daily, NOW - HOUR, dice) == next);
		assert_in_range(first(&secondly, 0, dice), NOW, NOW + 100);
	}
}

static void test_failed_run_is_retried_within_the_hour(void **state)
{
	(void)state;
	for (uint64_t dice = 0; dice < 3 * HOUR; dice += 104729) {
		assert_in_range(
			schedule_again_ms(&daily, NOW, 0, dice), NOW + 15 * MINUTE, NOW + HOUR);
		/* A short interval is not made longer. */
		assert_in_range(schedule_again_ms(&minutely, NOW, 0, dice), NOW, NOW + MINUTE);
	}
	/* Such a repetition is none of the schedule. */
	uint64_t next = schedule_next_ms(&daily, NOW, 0);
	assert_true(schedule_has_passed(&daily, 0, NOW));
	assert_true(schedule_has_passed(&daily, NOW, next));
	assert_false(schedule_has_passed(&daily, NOW, next - 1));
	assert_false(schedule_has_passed(&daily, next, next + HOUR));
	assert_true(schedule_has_passed(&daily, next, next + 24 * HOUR));
}

static void test_agents_that_failed_together_return_apart(void **state)
{
	(void)state;
	enum { AGENTS = 10000 };
	unsigned per_minute[60] = {0};
	uint64_t random = 1;
	for (unsigned i = 0; i < AGENTS; i++) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		uint64_t at = schedule_again_ms(&daily, NOW, 0, random >> 16);
		per_minute[(at - NOW) / MINUTE % 60]++;
	}
	for (unsigned m = 0; m < 60; m++) {
		if (m < 15)
			assert_int_equal(per_minute[m], 0);
		else
			assert_in_range(per_minute[m], AGENTS / 90, AGENTS / 30);
	}
}

static void test_backoff_grows_with_full_jitter(void **state)
{
	(void)state;
	uint64_t most = 0;
	for (unsigned failures = 1; failures < 80; failures++) {
		uint64_t bound = failures > 6 ? 60000 : 1000ull << (failures - 1);
		if (bound > 60000)
			bound = 60000;
		most = 0;
		for (uint64_t dice = 0; dice < 70000; dice += 13) {
			uint64_t rest = schedule_backoff_ms(failures, 1000, 60000, dice);
			assert_true(rest <= bound);
			most = rest > most ? rest : most;
		}
		assert_true(most > bound * 9 / 10);
		assert_int_equal(schedule_backoff_ms(failures, 1000, 60000, 0), 0);
	}
	assert_true(schedule_backoff_ms(3, UINT64_MAX, UINT64_MAX, 77) == 77);
	assert_true(schedule_backoff_ms(1, 5000, 1000, UINT64_MAX) <= 1000);
}

/* ---- by calendar, with a clock that is set and a host that sleeps ---- */
#define START UINT64_C(1767225600000) /* 2026-01-01 */
#define LOOK (10 * MINUTE)

static struct zone zone;

static void open_daily(struct schedule *s, unsigned minute, const char *zone_name)
{
	static const uint8_t id[16] = {1, 2, 3};
	kit_zone_load(&zone, zone_name);
	struct calendar c = {.count = 1,
		.times = {{(uint16_t)minute, (uint16_t)(minute + 1)}},
		.weekdays = CALENDAR_EVERY_DAY,
		.zone = &zone};
	schedule_open(s, 0, &c, id, sizeof id);
}

struct run {
	struct schedule s;
	struct schedule_state state;
	unsigned syncs, missed, doubled, skipped;
	int64_t day; /* local, of the last sync */
};

/* Looks at the clock as the uplink does, from now to `until`. */
static void run_until(struct run *r, uint64_t now, uint64_t until)
{
	while (now < until) {
		switch (schedule_look(&r->s, &r->state, now)) {
		case SCHEDULE_SYNC: {
			int64_t local = (int64_t)(now / 1000);
			local = (local + zone_offset_s(&zone, local)) / 86400;
			r->doubled += local == r->day;
			r->skipped += r->day != 0 && local > r->day + 1;
			r->day = local;
			r->syncs++;
			r->state.next_ms = schedule_next_ms(&r->s, now, r->state.served_ms);
			break;
		}
		case SCHEDULE_MISSED:
			r->missed++;
			break;
		case SCHEDULE_WAIT:
			break;
		}
		uint64_t wait = r->state.next_ms > now ? r->state.next_ms - now : 0;
		now += wait < LOOK ? wait : LOOK;
	}
}

static void begin(struct run *r, unsigned minute, const char *zone_name)
{
	*r = (struct run){0};
	open_daily(&r->s, minute, zone_name);
	r->state.next_ms = schedule_next_ms(&r->s, START, 0);
}

static void test_ten_years_have_one_sync_a_day_in_each_zone(void **state)
{
	(void)state;
	struct run r;
	for (size_t i = 0; i < KIT_ZONES; i++) {
		begin(&r, 150, kit_zones[i]);
		run_until(&r, START, START + 3652 * DAY);
		assert_in_range(r.syncs, 3651, 3653);
		assert_int_equal(r.doubled + r.skipped + r.missed, 0);
	}
}

static void test_thirty_days_have_thirty_syncs(void **state)
{
	(void)state;
	struct run r;
	begin(&r, 810, "Paris");
	run_until(&r, START, START + 30 * DAY);
	assert_int_equal(r.syncs, 30);
}

static void test_suspend_over_the_time_waits_for_the_next_one(void **state)
{
	(void)state;
	struct run r;
	begin(&r, 750, "Paris"); /* 11:30 UTC */
	run_until(&r, START, START + 10 * HOUR);
	run_until(&r, START + 20 * HOUR, START + DAY + 11 * HOUR);
	assert_int_equal(r.syncs, 0);
	assert_int_equal(r.missed, 1);
	assert_int_equal(r.state.next_ms, START + DAY + 11 * HOUR + 30 * MINUTE);
	/* For a week: one is left out at the time, and no burst follows. */
	run_until(&r, START + 8 * DAY, START + 10 * DAY);
	assert_int_equal(r.missed, 2);
	assert_int_equal(r.syncs, 2);
	/* Half an hour late is not missed. */
	run_until(&r, START + 10 * DAY + 12 * HOUR, START + 11 * DAY);
	assert_int_equal(r.syncs, 3);
	assert_int_equal(r.missed, 2);
}

static void test_clock_that_is_set_doubles_no_day(void **state)
{
	(void)state;
	/* an hour, a day, ten years; and to 1970 */
	static const uint64_t back[] = {HOUR, DAY, 3652 * DAY, START + 5 * DAY};
	for (size_t i = 0; i < sizeof back / sizeof back[0]; i++) {
		struct run r;
		uint64_t now = START + 5 * DAY + 12 * HOUR; /* half an hour after the sync */
		begin(&r, 750, "Paris");
		run_until(&r, START, now);
		assert_int_equal(r.syncs, 6);
		/* set back, and right again after three days */
		run_until(&r, now - back[i], now - back[i] + 3 * DAY);
		assert_int_equal(r.doubled, 0);
		assert_int_equal(r.syncs, i < 2 ? 8 : 9);
		unsigned before = r.syncs;
		run_until(&r, now + 3 * DAY, now + 6 * DAY);
		assert_int_equal(r.doubled, 0);
		/* An hour or a day: that of half an hour ago is not late yet. */
		assert_int_equal(r.syncs, before + (i < 2 ? 4 : 3));
	}
}

static void test_clock_that_jumps_ahead_makes_no_burst(void **state)
{
	(void)state;
	static const uint64_t ahead[] = {DAY, 30 * DAY, 3652 * DAY};
	for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
		struct run r;
		uint64_t now = START + 5 * DAY;
		begin(&r, 750, "Paris");
		run_until(&r, START, now);
		run_until(&r, now + ahead[i], now + ahead[i] + 2 * DAY);
		assert_in_range(r.syncs, 5 + 2, 5 + 2);
		/* right again: the far time is not waited for */
		run_until(&r, now + 2 * DAY, now + 4 * DAY);
		assert_in_range(r.syncs, 5 + 3, 5 + 4);
		assert_int_equal(r.doubled, 0);
	}
}

/* A wrong clock that is ahead over the time, and right again before it: the day keeps its sync. */
static void test_clock_that_was_ahead_for_an_hour_skips_no_day(void **state)
{
	(void)state;
	struct run r;
	uint64_t day = START + 5 * DAY;
	begin(&r, 750, "Paris"); /* 11:30 UTC */
	run_until(&r, START, day + 10 * HOUR);
	run_until(&r, day + 20 * HOUR, day + 21 * HOUR);
	assert_int_equal(r.missed, 1);
	assert_int_equal(r.syncs, 5);
	run_until(&r, day + 11 * HOUR, day + 2 * DAY);
	assert_int_equal(r.syncs, 7);
	assert_int_equal(r.doubled + r.skipped, 0);
}

static void test_start_after_a_missed_time_waits_for_the_next_one(void **state)
{
	(void)state;
	struct schedule s;
	open_daily(&s, 750, "Paris");
	uint64_t slot = START + 11 * HOUR + 30 * MINUTE, last;
	struct schedule_past past = {.served_ms = slot, .success_ms = slot + 1};
	for (uint64_t dice = 0; dice < HOUR; dice += 104729) {
		/* stopped over five times */
		assert_int_equal(schedule_first_ms(&s, slot + 5 * DAY + MINUTE, &past, dice),
			slot + 6 * DAY);
		/* A failure is repeated, as if the agent had not been stopped. */
		past.is_failed = true;
		assert_in_range(schedule_first_ms(&s, slot + HOUR, &past, dice),
			slot + HOUR + 15 * MINUTE, slot + 2 * HOUR);
		past.is_failed = false;
		/* New: soon. */
		assert_in_range(
			schedule_first_ms(&s, slot + HOUR, &(struct schedule_past){0}, dice),
			slot + HOUR + MINUTE, slot + HOUR + 5 * MINUTE);
	}
	assert_int_equal(schedule_missed(&s, slot, slot + 5 * DAY + MINUTE, &last), 5);
	assert_int_equal(last, slot + 5 * DAY);
	assert_int_equal(schedule_missed(&s, slot, slot + DAY - 1, &last), 0);
	assert_int_equal(schedule_missed(&s, slot, slot - DAY, &last), 0);
	assert_int_equal(schedule_missed(&s, 0, slot, &last), 0);
	assert_int_equal(schedule_missed(&s, 1, slot, &last), LIMIT_SYNC_MISSED);
	assert_int_equal(schedule_missed(&daily, slot, slot + 5 * DAY, &last), 0);
}

static void test_agents_are_spread_over_the_day(void **state)
{
	(void)state;
	enum { AGENTS = 10000 };
	static unsigned per_minute[CALENDAR_DAY_MINUTES];
	struct calendar c = {
		.count = 1, .times = {{0, CALENDAR_DAY_MINUTES}}, .weekdays = CALENDAR_EVERY_DAY};
	struct schedule s;
	for (unsigned i = 0; i < AGENTS; i++) {
		uint8_t id[16] = {(uint8_t)i, (uint8_t)(i >> 8), 0x5a};
		schedule_open(&s, 0, &c, id, sizeof id);
		uint64_t at = schedule_next_ms(&s, START, 0);
		assert_int_equal(schedule_next_ms(&s, at, 0), at + DAY);
		per_minute[at / MINUTE % CALENDAR_DAY_MINUTES]++;
	}
	for (int m = 0; m < CALENDAR_DAY_MINUTES; m++)
		assert_in_range(per_minute[m], 0, 24);
}

static void test_status_survives_a_restart(void **state)
{
	(void)state;
	struct uplink_status in = {.last_contact_ms = NOW,
		.last_success_ms = NOW - DAY,
		.next_ms = NOW + DAY,
		.last_err = ERR_TLS_UNTRUSTED,
		.last_error_at_ms = NOW - 1,
		.last_error = "the certificate has another issuer",
		.batches = 7,
		.records = 12345,
		.sent_bytes = UINT64_MAX,
		.served_ms = NOW - HOUR,
		.missed = 3,
		.last_missed_ms = NOW - 2 * HOUR};
	struct uplink_status out;
	uint8_t bytes[UPLINK_STATUS_BYTES];
	int n = uplink_status_pack(&in, bytes);
	assert_in_range(n, 60, UPLINK_STATUS_BYTES);
	assert_int_equal(uplink_status_unpack(&out, bytes, (size_t)n), 0);
	assert_memory_equal(&in, &out, sizeof in);
	for (int cut = 0; cut < n; cut++)
		assert_int_equal(uplink_status_unpack(&out, bytes, (size_t)cut), ERR_SHORT);
	/* The longest sentence, and unknown values. */
	memset(in.last_error, 'x', sizeof in.last_error - 1);
	n = uplink_status_pack(&in, bytes);
	assert_int_equal(uplink_status_unpack(&out, bytes, (size_t)n), 0);
	assert_memory_equal(&in, &out, sizeof in);
	assert_int_equal(uplink_status_unpack(&out, (const uint8_t *)"\x82\x32\xc0\x07\x09", 5), 0);
	assert_int_equal(out.batches, 9);
	assert_string_equal(uplink_state_name(UPLINK_IDLE), "idle");
	assert_string_equal(uplink_state_name(UPLINK_ENDING), "ending");
	assert_string_equal(uplink_state_name((enum uplink_state)99), "unknown");
	for (int s = UPLINK_IDLE; s <= UPLINK_ENDING; s++)
		assert_string_not_equal(uplink_state_name((enum uplink_state)s), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offset_is_spread_over_the_agents),
		cmocka_unit_test(test_run_from_cron_is_due_once_a_time_of_the_schedule),
		cmocka_unit_test(test_next_run_is_after_now_at_the_offset),
		cmocka_unit_test(test_first_run_after_a_start),
		cmocka_unit_test(test_failed_run_is_retried_within_the_hour),
		cmocka_unit_test(test_agents_that_failed_together_return_apart),
		cmocka_unit_test(test_backoff_grows_with_full_jitter),
		cmocka_unit_test(test_ten_years_have_one_sync_a_day_in_each_zone),
		cmocka_unit_test(test_thirty_days_have_thirty_syncs),
		cmocka_unit_test(test_suspend_over_the_time_waits_for_the_next_one),
		cmocka_unit_test(test_clock_that_is_set_doubles_no_day),
		cmocka_unit_test(test_clock_that_jumps_ahead_makes_no_burst),
		cmocka_unit_test(test_clock_that_was_ahead_for_an_hour_skips_no_day),
		cmocka_unit_test(test_start_after_a_missed_time_waits_for_the_next_one),
		cmocka_unit_test(test_agents_are_spread_over_the_day),
		cmocka_unit_test(test_status_survives_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
