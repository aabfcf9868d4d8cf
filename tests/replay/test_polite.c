/* SPDX-License-Identifier: Apache-2.0
 * Device protection in virtual time: a request crashes a printer once, profiles survive a restart,
 * rates and windows are kept, and bad printers delay no healthy one. Over 600 lines, as all cases
 * share the fleet at the top. */
#include "tests/replay/world.h"

#include "engine/fleet/fleet.h"
#include "engine/fleet/profile.h"
#include "tests/kit/roster_nth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct scene {
	struct world world;
	struct fleet *fleet;
	struct roster *roster;
	struct agent_conf conf;
	struct rate_limit_options rate_limit;
	uint64_t interval_ms;
	size_t window;
	bool has_store;
	bool is_idle;
};

static struct scene scene;
static struct device_store store;

static void on_idle(void *owner)
{
	((struct scene *)owner)->is_idle = true;
}

static void on_due(void *owner, struct device *dev)
{
	fleet_on_due(((struct scene *)owner)->fleet, dev);
}

static void start(struct scene *s)
{
	static const struct fleet_events events = {.on_idle = on_idle};
	struct fleet_options options = {
		.interval_ms = s->interval_ms, .window = s->window, .rate_limit = s->rate_limit};
	struct conf_error err;
	s->is_idle = false;
	s->conf.devices_max = s->world.count;
	assert_int_equal(
		roster_open(&s->roster, &s->world.loop, &s->conf, NULL, on_due, s, &err), 0);
	world_device_store_open(&store, &s->world.loop);
	if (s->has_store) {
		options.device_store = &store;
		assert_int_equal(profile_load(s->roster, &store), store.count);
	}
	assert_int_equal(fleet_open(&s->fleet, &s->world.loop, &s->world.client, &s->world.spool,
				 s->roster, &options, &events, s),
		0);
	assert_int_equal(roster_start(s->roster, s->interval_ms / 10), 0);
}

static struct scene *begin(size_t printers, uint64_t interval_ms)
{
	struct scene *s = &scene;
	memset(s, 0, sizeof *s);
	memset(&store, 0, sizeof store);
	world_open(&s->world, printers);
	s->interval_ms = interval_ms;
	s->window = 64;
	s->has_store = true;
	return s;
}

static void stop(struct scene *s)
{
	fleet_stop(s->fleet);
	world_run_until(&s->world, s->world.loop.now_ms + 60000);
	assert_true(s->is_idle);
	world_device_store_flush(&store);
	fleet_close(s->fleet);
	roster_close(s->roster);
	s->fleet = NULL;
}

static void finish(struct scene *s)
{
	stop(s);
	for (size_t i = 0; i < s->world.count; i++)
		assert_int_equal(s->world.printers[i].max_in_flight, 1);
	assert_int_equal(s->world.wrong, 0);
	world_close(&s->world);
}

static void run_for(struct scene *s, uint64_t ms)
{
	world_run_until(&s->world, s->world.loop.now_ms + ms);
}

static struct device *device(const struct scene *s, size_t i)
{
	return roster_nth(s->roster, i);
}

/* ---- crash-prone printers -------------------------------------------------------------------- */

enum { CRASH_PRONE = 8 };

static void make_crash_prone(struct scene *s, enum crash_fault crash_fault)
{
	for (size_t i = 0; i < CRASH_PRONE; i++) {
		s->world.printers[i].crash_fault = (uint8_t)crash_fault;
		s->world.printers[i].down_for_ms = 10 * 60000;
	}
}

static void assert_safe_mode(const struct scene *s, uint64_t crashes)
{
	for (size_t i = 0; i < CRASH_PRONE; i++) {
		const struct printer *p = &s->world.printers[i];
		assert_int_equal(p->crashes, crashes);
		assert_int_equal(p->repeats, 0);
		assert_true(device(s, i)->profile.limits.is_safe_mode);
		/* It is read in full all the same. */
		assert_int_equal(device(s, i)->outcome, OUTCOME_COMPLETE);
		assert_true(p->meter_records > 0);
	}
	assert_int_equal(s->world.printers[CRASH_PRONE].crashes, 0);
	assert_false(device(s, CRASH_PRONE)->profile.limits.is_safe_mode);
}

static void crashes_once(enum crash_fault crash_fault)
{
	struct scene *s = begin(CRASH_PRONE + 1, HOUR_MS);
	make_crash_prone(s, crash_fault);
	start(s);
	run_for(s, 6 * HOUR_MS);
	assert_safe_mode(s, 1);
	assert_int_equal(fleet_counters(s->fleet)->stopped_responding, CRASH_PRONE);
	assert_int_equal(store.events, CRASH_PRONE);
	assert_int_equal(store.last.kind, DEVICE_EVENT_STOPPED_RESPONDING);
	/* The profile survives a restart, and a hundred polls. */
	stop(s);
	start(s);
	run_for(s, 5 * DAY_MS);
	assert_safe_mode(s, 1);
	finish(s);
}

static void test_request_of_many_objects_crashes_printer_once(void **state)
{
	(void)state;
	crashes_once(CRASH_ON_MANY);
}

static void test_getbulk_crashes_printer_once(void **state)
{
	(void)state;
	crashes_once(CRASH_ON_BULK);
}

static void test_get_of_missing_row_crashes_printer_once(void **state)
{
	(void)state;
	crashes_once(CRASH_ON_MISSING);
}

static void test_fast_requests_crash_printer_once(void **state)
{
	(void)state;
	crashes_once(CRASH_ON_HURRY);
}

/* The control: without a device store the agent sends the fatal request again. */
static void test_control_without_profile_printers_crash_again(void **state)
{
	(void)state;
	struct scene *s = begin(CRASH_PRONE + 1, HOUR_MS);
	s->has_store = false;
	make_crash_prone(s, CRASH_ON_MANY);
	start(s);
	run_for(s, 6 * HOUR_MS);
	assert_safe_mode(s, 1);
	stop(s);
	start(s);
	run_for(s, 6 * HOUR_MS);
	assert_int_equal(s->world.printers[0].crashes, 2);
	finish(s);
}

/* A cable was pulled in the middle of a poll: the printer's sysUpTime ran on, so it did not crash.
 */
static void test_uptime_that_ran_on_ends_safe_mode(void **state)
{
	(void)state;
	struct scene *s = begin(1, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->up_since_ms = 0 - HOUR_MS; /* up before the first poll */
	start(s);
	p->silent_from_ms = s->world.loop.now_ms + 2 * p->latency_ms + 1;
	p->silent_until_ms = p->silent_from_ms + HOUR_MS / 2;
	run_for(s, 4 * HOUR_MS);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_COMPLETE);
	run_for(s, DAY_MS + HOUR_MS);
	assert_false(device(s, 0)->profile.limits.is_safe_mode);
	finish(s);
}

/* The printer ignores GETBULK and responds to everything else: no safe mode. */
static void test_ignored_getbulk_is_no_crash(void **state)
{
	(void)state;
	struct scene *s = begin(1, HOUR_MS);
	s->world.printers[0].has_no_bulk = true;
	start(s);
	run_for(s, 3 * HOUR_MS);
	assert_true(device(s, 0)->profile.limits.has_no_bulk);
	assert_false(device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(device(s, 0)->profile.protection.quarantined_count, 0);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_COMPLETE);
	finish(s);
}

/* ---- another printer, another time ---------------------------------------------------------- */

static struct scene *printer_crashed_by_getbulk(void)
{
	struct scene *s = begin(1, HOUR_MS);
	s->world.printers[0].crash_fault = CRASH_ON_BULK;
	s->world.printers[0].down_for_ms = 10 * 60000;
	start(s);
	run_for(s, 4 * HOUR_MS);
	assert_int_equal(s->world.printers[0].crashes, 1);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(device(s, 0)->profile.protection.quarantined_count, 1);
	return s;
}

/* Limits and quarantine of the printer before do not apply to its replacement. */
static void test_replaced_printer_gets_a_new_profile(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	struct device *dev = device(s, 0);
	dev->profile.ipp.failures = LIMIT_IPP_MISSED;
	dev->profile.ipp.not_before_ms = s->world.loop.now_ms + DAY_MS;
	s->world.printers[0].crash_fault = CRASH_ON_NONE;
	s->world.printers[0].serial_add = 500;
	run_for(s, HOUR_MS);
	assert_false(dev->profile.limits.is_safe_mode);
	assert_int_equal(dev->profile.protection.quarantined_count, 0);
	assert_int_equal(dev->profile.ipp.failures + dev->profile.ipp.not_before_ms, 0);
	run_for(s, HOUR_MS);
	assert_true(dev->profile.limits.has_proven_bulk && dev->profile.limits.was_polled);
	stop(s);
	start(s);
	assert_false(device(s, 0)->profile.limits.is_safe_mode);
	run_for(s, 3 * HOUR_MS);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_COMPLETE);
	finish(s);
}

/* The replacement crashes in its first poll: that entry stays when the old profile is dropped. */
static void test_replaced_printer_crashes_once_too(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	s->world.printers[0].serial_add = 500;
	run_for(s, DAY_MS);
	assert_false(
		device(s, 0)->profile.limits.is_safe_mode && s->world.printers[0].crashes == 1);
	assert_in_range(s->world.printers[0].crashes, 1, 2);
	run_for(s, 3 * DAY_MS);
	assert_in_range(s->world.printers[0].crashes, 1, 2);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_COMPLETE);
	finish(s);
}

static void test_missing_serial_keeps_the_profile(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	struct printer *p = &s->world.printers[0];
	p->nameless_from_ms = s->world.loop.now_ms;
	p->nameless_until_ms = p->nameless_from_ms + 5 * HOUR_MS;
	run_for(s, DAY_MS);
	stop(s);
	p->nameless_from_ms = s->world.loop.now_ms;
	p->nameless_until_ms = p->nameless_from_ms + 5 * HOUR_MS;
	start(s); /* it has only its hardware address now */
	s->world.wrong = 0;
	run_for(s, 3 * HOUR_MS);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	run_for(s, DAY_MS);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(p->crashes, 1);
	s->world.wrong = 0; /* records under the mac: key are expected here */
	finish(s);
}

/* Setting the wall clock neither ends a quarantine nor prolongs it for years. */
static void test_set_wall_clock_keeps_the_quarantine(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	struct device *dev = device(s, 0);
	s->world.loop.wall_off_ms = (int64_t)(400 * DAY_MS);
	uint64_t until = dev->profile.protection.quarantined[0].until_ms;
	assert_in_range(until - s->world.loop.now_ms, 19 * HOUR_MS, 24 * HOUR_MS);
	run_for(s, 2 * HOUR_MS); /* its row is written anew once an hour */
	stop(s);
	start(s);
	dev = device(s, 0);
	assert_int_equal(dev->profile.protection.quarantined[0].until_ms, until);
	stop(s);
	s->world.loop.wall_off_ms = -(int64_t)(400 * DAY_MS);
	start(s);
	dev = device(s, 0);
	assert_int_equal(dev->profile.protection.quarantined[0].until_ms,
		s->world.loop.now_ms + LIMIT_QUARANTINE_MS);
	run_for(s, 2 * DAY_MS);
	assert_int_equal(s->world.printers[0].crashes, 1);
	assert_int_equal(dev->outcome, OUTCOME_COMPLETE);
	finish(s);
}

/* ---- tables without an end ----------------------------------------------------------------- */

/* Requests of the printer's poll in this hour. */
static uint64_t requests_of_poll(struct scene *s, struct printer *p)
{
	uint64_t before = p->asked;
	run_for(s, HOUR_MS);
	return p->asked - before;
}

static void test_endless_table_is_cut_at_the_second_poll(void **state)
{
	(void)state;
	struct scene *s = begin(2, HOUR_MS);
	struct printer *endless = &s->world.printers[0], *healthy = &s->world.printers[1];
	endless->is_endless = true;
	start(s);
	uint64_t first = requests_of_poll(s, endless), second = requests_of_poll(s, endless);
	uint64_t before = healthy->asked;
	uint64_t third = requests_of_poll(s, endless), usual = healthy->asked - before;
	assert_true(first > 5 * second); /* 49 and 9; 6 of a table that ends */
	assert_true(second <= 2 * usual);
	assert_true(third <= 2 * usual);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_PARTIAL);
	/* Also after a restart: it is in the profile. */
	stop(s);
	start(s);
	assert_true(device(s, 0)->profile.limits.endless_walks != 0);
	assert_true(requests_of_poll(s, endless) * 2 <= first); /* a full poll */
	assert_true(requests_of_poll(s, endless) <= 2 * usual);
	finish(s);
}

/* The table ends again: the next full poll finds that out. */
static void test_table_that_ends_again_is_read_in_full(void **state)
{
	(void)state;
	struct scene *s = begin(1, HOUR_MS);
	s->world.printers[0].is_endless = true;
	start(s);
	run_for(s, 3 * HOUR_MS);
	s->world.printers[0].is_endless = false;
	run_for(s, LIMIT_FULL_POLL_MS + 2 * HOUR_MS);
	assert_int_equal(device(s, 0)->profile.limits.endless_walks, 0);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_COMPLETE);
	finish(s);
}

/* ---- a restart ---------------------------------------------------------------------------- */

static void test_profile_survives_restart(void **state)
{
	(void)state;
	struct scene *s = begin(2, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->has_no_bulk = true;
	start(s);
	run_for(s, HOUR_MS / 2);
	uint64_t first = p->asked;
	run_for(s, 2 * HOUR_MS);
	struct device before = *device(s, 0);
	stop(s);
	p->asked = 0;
	start(s);
	const struct device *after = device(s, 0);
	assert_int_equal(after->profile.limits.max_varbinds, before.profile.limits.max_varbinds);
	assert_int_equal(after->profile.limits.request_bytes, before.profile.limits.request_bytes);
	assert_true(after->profile.limits.has_no_bulk && after->profile.limits.was_polled);
	run_for(s, HOUR_MS / 2);
	/* No request was lost to GETBULK or to its size. */
	assert_true(p->asked < first);
	assert_int_equal(fleet_counters(s->fleet)->silent, 0);
	finish(s);
}

static void test_open_circuit_survives_restart(void **state)
{
	(void)state;
	struct scene *s = begin(1, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->silent_until_ms = 30 * DAY_MS;
	start(s);
	run_for(s, 5 * HOUR_MS);
	assert_int_equal(device_breaker(device(s, 0)), BREAKER_OPEN);
	uint64_t opens_at = device(s, 0)->profile.protection.open_until_ms;
	assert_true(opens_at > s->world.loop.now_ms + 2 * 60000);
	stop(s);
	start(s);
	p->asked = 0;
	assert_int_equal(device_breaker(device(s, 0)), BREAKER_OPEN);
	assert_in_range(device(s, 0)->profile.protection.open_until_ms, opens_at - 1, opens_at + 1);
	world_run_until(&s->world, opens_at - 1000);
	assert_int_equal(p->asked, 0);
	run_for(s, 2000);
	assert_int_equal(p->asked, 1);
	finish(s);
}

/* ---- not too soon ------------------------------------------------------------------------- */

static void test_min_interval_between_requests(void **state)
{
	(void)state;
	struct scene *s = begin(4, HOUR_MS);
	s->rate_limit.min_interval_ms = 2000;
	start(s);
	for (uint64_t minute = 0; minute < 10; minute++) {
		for (size_t i = 0; i < 4; i++)
			s->world.printers[i].asked = 0;
		run_for(s, 20000);
		for (size_t i = 0; i < 4; i++)
			assert_true(s->world.printers[i].asked <= 10);
	}
	run_for(s, HOUR_MS);
	assert_in_range(fleet_counters(s->fleet)->complete, 4, 8);
	assert_true(fleet_rate_limit_counters(s->fleet)->waited_interval > 0);
	finish(s);
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
	struct scene *s = begin(30, 0);
	s->has_store = false;
	s->rate_limit.min_interval_ms = 2000;
	start(s);
	run_for(s, 1000); /* one response each */
	assert_int_equal(fleet_polls(s->fleet), 30);
	assert_int_equal(s->world.client.in_flight, 0);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->waited_interval, 30);
	assert_int_equal(all_asked(s), 30);
	finish(s);
}

/* The most packets of any second while so many printers are polled at once, 255 in one /24. */
static uint64_t busiest_second(size_t printers, unsigned rate)
{
	struct scene *s = begin(printers, 0);
	uint64_t busiest = 0;
	s->rate_limit.subnet_rate = rate;
	start(s);
	while (!s->is_idle) {
		uint64_t before = all_asked(s);
		run_for(s, 1000);
		uint64_t now = all_asked(s) - before;
		busiest = now > busiest ? now : busiest;
	}
	assert_int_equal(fleet_counters(s->fleet)->complete, printers);
	s->is_idle = false;
	finish(s);
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
	struct scene *s = begin(600, HOUR_MS);
	s->has_store = false;
	s->world.client.window = 256;
	s->window = 256;
	start(s);
	run_for(s, 2 * HOUR_MS);
	assert_int_equal(fleet_window(s->fleet), 256);
	s->world.client.drops = 7;
	run_for(s, HOUR_MS);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 1);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->drops, 7);
	/* To half of what was in flight, and since then one step of growth for each round. */
	assert_in_range(fleet_window(s->fleet), LIMIT_WINDOW_MIN + 8, 256);
	uint64_t complete = fleet_counters(s->fleet)->complete;
	run_for(s, 12 * HOUR_MS);
	assert_int_equal(fleet_window(s->fleet), 256);
	assert_true(fleet_counters(s->fleet)->complete >= complete + 11 * 600);
	finish(s);
}

static void test_drops_halve_what_is_in_flight(void **state)
{
	(void)state;
	struct scene *s = begin(300, 0);
	s->has_store = false;
	s->window = 300;
	start(s);
	s->world.client.drops = 7;
	run_for(s, 1000);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 1);
	assert_in_range(fleet_window(s->fleet), LIMIT_WINDOW_MIN, 300);
	run_for(s, HOUR_MS);
	assert_int_equal(fleet_counters(s->fleet)->complete, 300);
	finish(s);
}

/* Requests beyond the window wait, and all are sent. */
static void test_in_flight_stays_within_a_small_window(void **state)
{
	(void)state;
	struct scene *s = begin(200, 0);
	s->has_store = false;
	s->world.client.window = 40;
	s->window = 200;
	start(s);
	run_for(s, HOUR_MS);
	assert_true(s->is_idle);
	assert_true(s->world.client.max_in_flight <= 40);
	assert_int_equal(fleet_counters(s->fleet)->complete, 200);
	finish(s);
}

/* ---- one bad printer ------------------------------------------------------------------------ */

enum { HEALTHY = 300 };

/* How long the last of 300 healthy printers waits when all are due at once, beside so many bad
 * ones: a third each is silent, has a table without an end, and takes 4 s for each response.
 * Without `is_learned` it is the first contact. */
static uint64_t last_healthy_ms(size_t bad, bool is_learned)
{
	struct scene *s = begin(HEALTHY + bad, HOUR_MS);
	uint64_t last = 0;
	s->window = 32;
	for (size_t i = 0; i < bad; i++) {
		struct printer *p = &s->world.printers[i];
		p->silent_until_ms = i % 3 == 0 ? 100 * DAY_MS : 0;
		p->is_endless = i % 3 == 1;
		p->latency_ms = i % 3 == 2 ? 4000 : p->latency_ms;
	}
	if (is_learned) {
		start(s);
		run_for(s, 3 * HOUR_MS);
		/* Silence is no loss. */
		assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 0);
		stop(s);
	}
	uint64_t from = s->world.loop.now_ms;
	s->interval_ms = 0;
	start(s);
	run_for(s, HOUR_MS);
	assert_int_equal(fleet_counters(s->fleet)->silent, (bad + 2) / 3);
	for (size_t i = bad; i < s->world.count; i++) {
		assert_int_equal(device(s, i)->outcome, OUTCOME_COMPLETE);
		if (s->world.printers[i].last_record_ms > last)
			last = s->world.printers[i].last_record_ms;
	}
	finish(s);
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
		cmocka_unit_test(test_request_of_many_objects_crashes_printer_once),
		cmocka_unit_test(test_getbulk_crashes_printer_once),
		cmocka_unit_test(test_get_of_missing_row_crashes_printer_once),
		cmocka_unit_test(test_fast_requests_crash_printer_once),
		cmocka_unit_test(test_control_without_profile_printers_crash_again),
		cmocka_unit_test(test_uptime_that_ran_on_ends_safe_mode),
		cmocka_unit_test(test_ignored_getbulk_is_no_crash),
		cmocka_unit_test(test_replaced_printer_gets_a_new_profile),
		cmocka_unit_test(test_replaced_printer_crashes_once_too),
		cmocka_unit_test(test_missing_serial_keeps_the_profile),
		cmocka_unit_test(test_set_wall_clock_keeps_the_quarantine),
		cmocka_unit_test(test_endless_table_is_cut_at_the_second_poll),
		cmocka_unit_test(test_table_that_ends_again_is_read_in_full),
		cmocka_unit_test(test_profile_survives_restart),
		cmocka_unit_test(test_open_circuit_survives_restart),
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
