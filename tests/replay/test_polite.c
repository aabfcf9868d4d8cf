/* SPDX-License-Identifier: Apache-2.0
 * Manners, in virtual time: printers that die of a question die once, what was learned outlives a
 * restart, nobody is asked too soon, and those that keep silent or are slow keep nobody waiting. */
#include "tests/replay/world.h"

#include "engine/fleet/fleet.h"
#include "engine/fleet/profile.h"

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
	bool has_memory;
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
	if (s->has_memory) {
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
	s->has_memory = true;
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

/* ---- printers that die -------------------------------------------------------------------- */

enum { FRAIL = 8 };

static void make_crash_prone(struct scene *s, enum crash_fault crash_fault)
{
	for (size_t i = 0; i < FRAIL; i++) {
		s->world.printers[i].crash_fault = (uint8_t)crash_fault;
		s->world.printers[i].dead_for_ms = 10 * 60000;
	}
}

static void assert_learned(const struct scene *s, uint64_t deaths)
{
	for (size_t i = 0; i < FRAIL; i++) {
		const struct printer *p = &s->world.printers[i];
		assert_int_equal(p->deaths, deaths);
		assert_int_equal(p->repeats, 0);
		assert_true(device(s, i)->profile.limits.is_safe_mode);
		/* It is read whole all the same. */
		assert_int_equal(device(s, i)->outcome, OUTCOME_COMPLETE);
		assert_true(p->meter_records > 0);
	}
	assert_int_equal(s->world.printers[FRAIL].deaths, 0);
	assert_false(device(s, FRAIL)->profile.limits.is_safe_mode);
}

static void dies_once(enum crash_fault crash_fault)
{
	struct scene *s = begin(FRAIL + 1, HOUR_MS);
	make_crash_prone(s, crash_fault);
	start(s);
	run_for(s, 6 * HOUR_MS);
	assert_learned(s, 1);
	assert_int_equal(fleet_counters(s->fleet)->fell_silent, FRAIL);
	assert_int_equal(store.events, FRAIL);
	assert_int_equal(store.last.kind, DEVICE_EVENT_STOPPED_RESPONDING);
	/* What was learned outlives a restart, and a hundred rounds. */
	stop(s);
	start(s);
	run_for(s, 5 * DAY_MS);
	assert_learned(s, 1);
	finish(s);
}

static void who_dies_of_many_objects_dies_once(void **state)
{
	(void)state;
	dies_once(CRASH_ON_MANY);
}

static void who_dies_of_getbulk_dies_once(void **state)
{
	(void)state;
	dies_once(CRASH_ON_BULK);
}

static void who_dies_of_a_missing_row_dies_once(void **state)
{
	(void)state;
	dies_once(CRASH_ON_MISSING);
}

static void who_dies_of_haste_dies_once(void **state)
{
	(void)state;
	dies_once(CRASH_ON_HURRY);
}

/* The control: without its memory the agent kills them again. */
static void without_memory_they_die_again(void **state)
{
	(void)state;
	struct scene *s = begin(FRAIL + 1, HOUR_MS);
	s->has_memory = false;
	make_crash_prone(s, CRASH_ON_MANY);
	start(s);
	run_for(s, 6 * HOUR_MS);
	assert_learned(s, 1);
	stop(s);
	start(s);
	run_for(s, 6 * HOUR_MS);
	assert_int_equal(s->world.printers[0].deaths, 2);
	finish(s);
}

/* A cable was pulled in the middle of a poll: the printer's own clock ran on, so it did not die.
 */
static void who_was_only_out_of_reach_is_acquitted(void **state)
{
	(void)state;
	struct scene *s = begin(1, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->up_since_ms = 0 - HOUR_MS; /* it was on before we came */
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

/* A GETBULK that is never answered is no reason for care, as the printer answers all else. */
static void who_only_does_not_answer_one_thing_is_not_dead(void **state)
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

static struct scene *one_who_dies_of_getbulk(void)
{
	struct scene *s = begin(1, HOUR_MS);
	s->world.printers[0].crash_fault = CRASH_ON_BULK;
	s->world.printers[0].dead_for_ms = 10 * 60000;
	start(s);
	run_for(s, 4 * HOUR_MS);
	assert_int_equal(s->world.printers[0].deaths, 1);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(device(s, 0)->profile.protection.quarantined_count, 1);
	return s;
}

/* What the one before could not take is not the new one's. */
static void another_printer_begins_anew(void **state)
{
	(void)state;
	struct scene *s = one_who_dies_of_getbulk();
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

/* It dies too, and in the first poll: that is not forgotten with what was store of the other. */
static void another_printer_that_dies_dies_once(void **state)
{
	(void)state;
	struct scene *s = one_who_dies_of_getbulk();
	s->world.printers[0].serial_add = 500;
	run_for(s, DAY_MS);
	assert_false(device(s, 0)->profile.limits.is_safe_mode && s->world.printers[0].deaths == 1);
	assert_in_range(s->world.printers[0].deaths, 1, 2);
	run_for(s, 3 * DAY_MS);
	assert_in_range(s->world.printers[0].deaths, 1, 2);
	assert_int_equal(device(s, 0)->outcome, OUTCOME_COMPLETE);
	finish(s);
}

static void who_has_lost_its_name_is_not_another(void **state)
{
	(void)state;
	struct scene *s = one_who_dies_of_getbulk();
	struct printer *p = &s->world.printers[0];
	p->nameless_from_ms = s->world.loop.now_ms;
	p->nameless_until_ms = p->nameless_from_ms + 5 * HOUR_MS;
	run_for(s, DAY_MS);
	stop(s);
	p->nameless_from_ms = s->world.loop.now_ms;
	p->nameless_until_ms = p->nameless_from_ms + 5 * HOUR_MS;
	start(s); /* only its hardware address is told now */
	s->world.wrong = 0;
	run_for(s, 3 * HOUR_MS);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	run_for(s, DAY_MS);
	assert_true(device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(p->deaths, 1);
	s->world.wrong = 0; /* records under that address are no news here */
	finish(s);
}

/* A wall clock that was wrong and is set right neither brings the question back nor keeps it away
 * for years. */
static void a_day_is_a_day_whatever_the_clock_says(void **state)
{
	(void)state;
	struct scene *s = one_who_dies_of_getbulk();
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
	assert_int_equal(s->world.printers[0].deaths, 1);
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
	(void)requests_of_poll(s, endless); /* a full record is due */
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

static void nothing_is_learned_twice(void **state)
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
	/* No question was lost to GETBULK or to what is too large. */
	assert_true(p->asked < first);
	assert_int_equal(fleet_counters(s->fleet)->silent, 0);
	finish(s);
}

static void an_open_circuit_stays_open(void **state)
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

static void each_printer_has_its_interval(void **state)
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

/* Those that wait to ask end in order when the fleet does. */
static void who_waits_to_ask_can_be_stopped(void **state)
{
	(void)state;
	struct scene *s = begin(30, 0);
	s->has_memory = false;
	s->rate_limit.min_interval_ms = 2000;
	start(s);
	run_for(s, 1000); /* each has answered once */
	assert_int_equal(fleet_polls(s->fleet), 30);
	assert_int_equal(s->world.client.in_flight, 0);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->waited_interval, 30);
	assert_int_equal(all_asked(s), 30);
	finish(s);
}

/* Most packets of any second, while so many printers are read at once, up to 255 in one /24. */
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

static void a_subnet_has_its_rate(void **state)
{
	(void)state;
	/* A tenth of a second's worth may come at once. */
	assert_in_range(busiest_second(60, 100), 90, 111);
	assert_true(busiest_second(60, 0) > 300);
}

/* Neighbours share nothing but the first half of their addresses. */
static void each_subnet_has_a_rate_of_its_own(void **state)
{
	(void)state;
	assert_in_range(busiest_second(500, 100), 180, 222);
}

/* ---- the window ---------------------------------------------------------------------------- */

static void lost_datagrams_halve_the_window(void **state)
{
	(void)state;
	struct scene *s = begin(600, HOUR_MS);
	s->has_memory = false;
	s->world.client.window = 256;
	s->window = 256;
	start(s);
	run_for(s, 2 * HOUR_MS);
	assert_int_equal(fleet_window(s->fleet), 256);
	s->world.client.drops = 7;
	run_for(s, HOUR_MS);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 1);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->drops, 7);
	/* To half of what was under way, and since then one step of growth for each round. */
	assert_in_range(fleet_window(s->fleet), LIMIT_WINDOW_MIN + 8, 256);
	uint64_t complete = fleet_counters(s->fleet)->complete;
	run_for(s, 12 * HOUR_MS);
	assert_int_equal(fleet_window(s->fleet), 256);
	assert_true(fleet_counters(s->fleet)->complete >= complete + 11 * 600);
	finish(s);
}

/* Loss halves what was under way, however large the window was meant to be. */
static void a_wide_window_comes_down_at_once(void **state)
{
	(void)state;
	struct scene *s = begin(300, 0);
	s->has_memory = false;
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

/* Questions wait in turn when the window is small, and all get through. */
static void a_small_window_is_kept(void **state)
{
	(void)state;
	struct scene *s = begin(200, 0);
	s->has_memory = false;
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

/* How long the last of 300 healthy printers waits when everybody is due at once, among so many
 * others that were silent before. */
static uint64_t last_healthy_ms(size_t silent)
{
	struct scene *s = begin(300 + silent, HOUR_MS);
	uint64_t last = 0;
	s->window = 32;
	for (size_t i = 0; i < s->world.count; i++) {
		if (i < silent)
			s->world.printers[i].silent_until_ms = 100 * DAY_MS;
	}
	start(s);
	run_for(s, 3 * HOUR_MS);
	assert_int_equal(fleet_rate_limit_counters(s->fleet)->halved, 0); /* silence is no loss */
	stop(s);
	uint64_t from = s->world.loop.now_ms;
	s->interval_ms = 0;
	start(s);
	run_for(s, HOUR_MS);
	assert_int_equal(fleet_counters(s->fleet)->complete, 300);
	assert_int_equal(fleet_counters(s->fleet)->silent, silent);
	for (size_t i = silent; i < s->world.count; i++) {
		if (s->world.printers[i].last_record_ms > last)
			last = s->world.printers[i].last_record_ms;
	}
	finish(s);
	return last - from;
}

static void silent_printers_keep_nobody_waiting(void **state)
{
	(void)state;
	uint64_t alone = last_healthy_ms(0), among = last_healthy_ms(75);
	assert_true(among * 10 <= alone * 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_dies_of_many_objects_dies_once),
		cmocka_unit_test(who_dies_of_getbulk_dies_once),
		cmocka_unit_test(who_dies_of_a_missing_row_dies_once),
		cmocka_unit_test(who_dies_of_haste_dies_once),
		cmocka_unit_test(without_memory_they_die_again),
		cmocka_unit_test(who_was_only_out_of_reach_is_acquitted),
		cmocka_unit_test(who_only_does_not_answer_one_thing_is_not_dead),
		cmocka_unit_test(another_printer_begins_anew),
		cmocka_unit_test(another_printer_that_dies_dies_once),
		cmocka_unit_test(who_has_lost_its_name_is_not_another),
		cmocka_unit_test(a_day_is_a_day_whatever_the_clock_says),
		cmocka_unit_test(test_endless_table_is_cut_at_the_second_poll),
		cmocka_unit_test(test_table_that_ends_again_is_read_in_full),
		cmocka_unit_test(nothing_is_learned_twice),
		cmocka_unit_test(an_open_circuit_stays_open),
		cmocka_unit_test(each_printer_has_its_interval),
		cmocka_unit_test(who_waits_to_ask_can_be_stopped),
		cmocka_unit_test(a_subnet_has_its_rate),
		cmocka_unit_test(each_subnet_has_a_rate_of_its_own),
		cmocka_unit_test(lost_datagrams_halve_the_window),
		cmocka_unit_test(a_wide_window_comes_down_at_once),
		cmocka_unit_test(a_small_window_is_kept),
		cmocka_unit_test(silent_printers_keep_nobody_waiting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
