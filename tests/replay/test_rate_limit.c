/* SPDX-License-Identifier: Apache-2.0
 * Rates and windows in virtual time: requests keep their interval, subnets their rate, the window
 * is halved at drops, and bad printers delay no healthy one. */
#include "tests/replay/scene.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- not too soon ------------------------------------------------------------------------- */

static void test_min_interval_between_requests(void **state)
{
	(void)state;
	struct scene *s = scene_begin(4, HOUR_MS);
	s->rate_limit.min_interval_ms = 2000;
	scene_start(s);
	for (uint64_t minute = 0; minute < 10; minute++) {
		for (size_t i = 0; i < 4; i++)
			s->world.printers[i].asked = 0;
		scene_run(s, 20000);
		for (size_t i = 0; i < 4; i++)
			assert_true(s->world.printers[i].asked <= 10);
	}
	scene_run(s, HOUR_MS);
	assert_in_range(fleet_counters(s->fleet)->complete, 4, 8);
	assert_true(fleet_rate_limit_counters(s->fleet)->waited_interval > 0);
	scene_finish(s);
}

static uint64_t all_asked(const struct scene *s)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->world.count; i++)
		sum += s->world.printers[i].asked;
	return sum;
}

static void test_stop_ends_polls_that_wait_for_the_rate_limiter(void **state)
{
	(void)state;
	struct scene *s = scene_begin(30, 0);
	s->has_store = false;
	s->rate_limit.min_interval_ms = 2000;
	scene_start(s);
	scene_run(s, 1000); /* one response each */
	assert_int_equal(fleet_polls(s->fleet), 30);
	assert_int_equal(s->world.client.in_flight, 0);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->waited_interval, 30);
	assert_int_equal(all_asked(s), 30);
	scene_finish(s);
}

/* The most packets of any second while so many printers are polled at once, 255 in one /24. */
static uint64_t busiest_second(size_t printers, unsigned rate)
{
	struct scene *s = scene_begin(printers, 0);
	uint64_t busiest = 0;
	s->rate_limit.subnet_rate = rate;
	scene_start(s);
	while (!s->is_idle) {
		uint64_t before = all_asked(s);
		scene_run(s, 1000);
		uint64_t now = all_asked(s) - before;
		busiest = now > busiest ? now : busiest;
	}
	assert_int_equal(fleet_counters(s->fleet)->complete, printers);
	s->is_idle = false;
	scene_finish(s);
	return busiest;
}

static void test_subnet_rate_is_kept(void **state)
{
	(void)state;
	/* A tenth of a second's worth may come at once. */
	assert_in_range(busiest_second(60, 100), 90, 111);
	assert_true(busiest_second(60, 0) > 300);
}

/* 500 printers lie in two /24. */
static void test_each_subnet_has_its_own_rate(void **state)
{
	(void)state;
	assert_in_range(busiest_second(500, 100), 180, 222);
}

/* ---- the window ---------------------------------------------------------------------------- */

static void test_drops_halve_the_window(void **state)
{
	(void)state;
	struct scene *s = scene_begin(600, HOUR_MS);
	s->has_store = false;
	s->world.client.window = 256;
	s->window = 256;
	scene_start(s);
	scene_run(s, 2 * HOUR_MS);
	assert_int_equal(fleet_window(s->fleet), 256);
	s->world.client.drops = 7;
	scene_run(s, HOUR_MS);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 1);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->drops, 7);
	/* To half of what was in flight, and since then one step of growth for each round. */
	assert_in_range(fleet_window(s->fleet), LIMIT_WINDOW_MIN + 8, 256);
	uint64_t complete = fleet_counters(s->fleet)->complete;
	scene_run(s, 12 * HOUR_MS);
	assert_int_equal(fleet_window(s->fleet), 256);
	assert_true(fleet_counters(s->fleet)->complete >= complete + 11 * 600);
	scene_finish(s);
}

static void test_drops_halve_what_is_in_flight(void **state)
{
	(void)state;
	struct scene *s = scene_begin(300, 0);
	s->has_store = false;
	s->window = 300;
	scene_start(s);
	s->world.client.drops = 7;
	scene_run(s, 1000);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 1);
	assert_in_range(fleet_window(s->fleet), LIMIT_WINDOW_MIN, 300);
	scene_run(s, HOUR_MS);
	assert_int_equal(fleet_counters(s->fleet)->complete, 300);
	scene_finish(s);
}

/* Requests beyond the window wait, and all are sent. */
static void test_in_flight_stays_within_a_small_window(void **state)
{
	(void)state;
	struct scene *s = scene_begin(200, 0);
	s->has_store = false;
	s->world.client.window = 40;
	s->window = 200;
	scene_start(s);
	scene_run(s, HOUR_MS);
	assert_true(s->is_idle);
	assert_true(s->world.client.max_in_flight <= 40);
	assert_int_equal(fleet_counters(s->fleet)->complete, 200);
	scene_finish(s);
}

/* ---- one bad printer ------------------------------------------------------------------------ */

enum { HEALTHY = 300 };

/* How long the last of 300 healthy printers waits when all are due at once, beside so many bad
 * ones: a third each is silent, has a table without an end, and takes 4 s for each response.
 * Without `is_learned` it is the first contact. */
static uint64_t last_healthy_ms(size_t bad, bool is_learned)
{
	struct scene *s = scene_begin(HEALTHY + bad, HOUR_MS);
	uint64_t last = 0;
	s->window = 32;
	for (size_t i = 0; i < bad; i++) {
		struct printer *p = &s->world.printers[i];
		p->silent_until_ms = i % 3 == 0 ? 100 * DAY_MS : 0;
		p->is_endless = i % 3 == 1;
		p->latency_ms = i % 3 == 2 ? 4000 : p->latency_ms;
	}
	if (is_learned) {
		scene_start(s);
		scene_run(s, 3 * HOUR_MS);
		/* Silence is no loss. */
		assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 0);
		scene_stop(s);
	}
	uint64_t from = s->world.loop.now_ms;
	s->interval_ms = 0;
	scene_start(s);
	scene_run(s, HOUR_MS);
	assert_int_equal(fleet_counters(s->fleet)->silent, (bad + 2) / 3);
	for (size_t i = bad; i < s->world.count; i++) {
		assert_int_equal(scene_device(s, i)->outcome, OUTCOME_COMPLETE);
		if (s->world.printers[i].last_record_ms > last)
			last = s->world.printers[i].last_record_ms;
	}
	scene_finish(s);
	return last - from;
}

static void test_bad_printers_delay_no_healthy_one(void **state)
{
	(void)state;
	uint64_t alone = last_healthy_ms(0, true), among = last_healthy_ms(75, true);
	assert_true(among * 10 <= alone * 12);
}

/* The control: at first contact nothing is known of them, and they hold the window's 32 slots. */
static void test_control_bad_printers_hold_a_small_window(void **state)
{
	(void)state;
	uint64_t alone = last_healthy_ms(0, false), among = last_healthy_ms(75, false);
	assert_true(among > alone * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_min_interval_between_requests),
		cmocka_unit_test(test_stop_ends_polls_that_wait_for_the_rate_limiter),
		cmocka_unit_test(test_subnet_rate_is_kept),
		cmocka_unit_test(test_each_subnet_has_its_own_rate),
		cmocka_unit_test(test_drops_halve_the_window),
		cmocka_unit_test(test_drops_halve_what_is_in_flight),
		cmocka_unit_test(test_in_flight_stays_within_a_small_window),
		cmocka_unit_test(test_bad_printers_delay_no_healthy_one),
		cmocka_unit_test(test_control_bad_printers_hold_a_small_window),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
