/* SPDX-License-Identifier: Apache-2.0
 * Device protection in virtual time: a request crashes a printer once, a replaced printer gets a
 * new profile, a table without an end is cut, and profiles survive a restart. */
#include "tests/replay/scene.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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
		assert_true(scene_device(s, i)->profile.limits.is_safe_mode);
		/* It is read in full all the same. */
		assert_int_equal(scene_device(s, i)->outcome, OUTCOME_COMPLETE);
		assert_true(p->meter_records > 0);
	}
	assert_int_equal(s->world.printers[CRASH_PRONE].crashes, 0);
	assert_false(scene_device(s, CRASH_PRONE)->profile.limits.is_safe_mode);
}

static void crashes_once(enum crash_fault crash_fault)
{
	struct scene *s = scene_begin(CRASH_PRONE + 1, HOUR_MS);
	make_crash_prone(s, crash_fault);
	scene_start(s);
	scene_run(s, 6 * HOUR_MS);
	assert_safe_mode(s, 1);
	assert_int_equal(fleet_counters(s->fleet)->stopped_responding, CRASH_PRONE);
	assert_int_equal(s->store.events, CRASH_PRONE);
	assert_int_equal(s->store.last.kind, DEVICE_EVENT_STOPPED_RESPONDING);
	/* The profile survives a restart, and a hundred polls. */
	scene_stop(s);
	scene_start(s);
	scene_run(s, 5 * DAY_MS);
	assert_safe_mode(s, 1);
	scene_finish(s);
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
	struct scene *s = scene_begin(CRASH_PRONE + 1, HOUR_MS);
	s->has_store = false;
	make_crash_prone(s, CRASH_ON_MANY);
	scene_start(s);
	scene_run(s, 6 * HOUR_MS);
	assert_safe_mode(s, 1);
	scene_stop(s);
	scene_start(s);
	scene_run(s, 6 * HOUR_MS);
	assert_int_equal(s->world.printers[0].crashes, 2);
	scene_finish(s);
}

/* A cable was pulled in the middle of a poll: the printer's sysUpTime ran on, so it did not crash.
 */
static void test_uptime_that_ran_on_ends_safe_mode(void **state)
{
	(void)state;
	struct scene *s = scene_begin(1, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->up_since_ms = 0 - HOUR_MS; /* up before the first poll */
	scene_start(s);
	p->silent_from_ms = s->world.loop.now_ms + 2 * p->latency_ms + 1;
	p->silent_until_ms = p->silent_from_ms + HOUR_MS / 2;
	scene_run(s, 4 * HOUR_MS);
	assert_true(scene_device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(scene_device(s, 0)->outcome, OUTCOME_COMPLETE);
	scene_run(s, DAY_MS + HOUR_MS);
	assert_false(scene_device(s, 0)->profile.limits.is_safe_mode);
	scene_finish(s);
}

/* The printer ignores GETBULK and responds to everything else: no safe mode. */
static void test_ignored_getbulk_is_no_crash(void **state)
{
	(void)state;
	struct scene *s = scene_begin(1, HOUR_MS);
	s->world.printers[0].has_no_bulk = true;
	scene_start(s);
	scene_run(s, 3 * HOUR_MS);
	assert_true(scene_device(s, 0)->profile.limits.has_no_bulk);
	assert_false(scene_device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(scene_device(s, 0)->profile.protection.quarantined_count, 0);
	assert_int_equal(scene_device(s, 0)->outcome, OUTCOME_COMPLETE);
	scene_finish(s);
}

/* ---- another printer, another time ---------------------------------------------------------- */

static struct scene *printer_crashed_by_getbulk(void)
{
	struct scene *s = scene_begin(1, HOUR_MS);
	s->world.printers[0].crash_fault = CRASH_ON_BULK;
	s->world.printers[0].down_for_ms = 10 * 60000;
	scene_start(s);
	scene_run(s, 4 * HOUR_MS);
	assert_int_equal(s->world.printers[0].crashes, 1);
	assert_true(scene_device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(scene_device(s, 0)->profile.protection.quarantined_count, 1);
	return s;
}

/* Limits and quarantine of the printer before do not apply to its replacement. */
static void test_replaced_printer_gets_a_new_profile(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	struct device *dev = scene_device(s, 0);
	dev->profile.ipp.failures = LIMIT_IPP_MISSED;
	dev->profile.ipp.not_before_ms = s->world.loop.now_ms + DAY_MS;
	s->world.printers[0].crash_fault = CRASH_ON_NONE;
	s->world.printers[0].serial_add = 500;
	scene_run(s, HOUR_MS);
	assert_false(dev->profile.limits.is_safe_mode);
	assert_int_equal(dev->profile.protection.quarantined_count, 0);
	assert_int_equal(dev->profile.ipp.failures + dev->profile.ipp.not_before_ms, 0);
	scene_run(s, HOUR_MS);
	assert_true(dev->profile.limits.has_proven_bulk && dev->profile.limits.was_polled);
	scene_stop(s);
	scene_start(s);
	assert_false(scene_device(s, 0)->profile.limits.is_safe_mode);
	scene_run(s, 3 * HOUR_MS);
	assert_int_equal(scene_device(s, 0)->outcome, OUTCOME_COMPLETE);
	scene_finish(s);
}

/* The replacement crashes in its first poll: that entry stays when the old profile is dropped. */
static void test_replaced_printer_crashes_once_too(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	s->world.printers[0].serial_add = 500;
	scene_run(s, DAY_MS);
	assert_false(scene_device(s, 0)->profile.limits.is_safe_mode &&
		     s->world.printers[0].crashes == 1);
	assert_in_range(s->world.printers[0].crashes, 1, 2);
	scene_run(s, 3 * DAY_MS);
	assert_in_range(s->world.printers[0].crashes, 1, 2);
	assert_int_equal(scene_device(s, 0)->outcome, OUTCOME_COMPLETE);
	scene_finish(s);
}

static void test_missing_serial_keeps_the_profile(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	struct printer *p = &s->world.printers[0];
	p->nameless_from_ms = s->world.loop.now_ms;
	p->nameless_until_ms = p->nameless_from_ms + 5 * HOUR_MS;
	scene_run(s, DAY_MS);
	scene_stop(s);
	p->nameless_from_ms = s->world.loop.now_ms;
	p->nameless_until_ms = p->nameless_from_ms + 5 * HOUR_MS;
	scene_start(s); /* it has only its hardware address now */
	s->world.wrong = 0;
	scene_run(s, 3 * HOUR_MS);
	assert_true(scene_device(s, 0)->profile.limits.is_safe_mode);
	scene_run(s, DAY_MS);
	assert_true(scene_device(s, 0)->profile.limits.is_safe_mode);
	assert_int_equal(p->crashes, 1);
	s->world.wrong = 0; /* records under the mac: key are expected here */
	scene_finish(s);
}

/* Setting the wall clock neither ends a quarantine nor prolongs it for years. */
static void test_set_wall_clock_keeps_the_quarantine(void **state)
{
	(void)state;
	struct scene *s = printer_crashed_by_getbulk();
	struct device *dev = scene_device(s, 0);
	s->world.loop.wall_off_ms = (int64_t)(400 * DAY_MS);
	uint64_t until = dev->profile.protection.quarantined[0].until_ms;
	assert_in_range(until - s->world.loop.now_ms, 19 * HOUR_MS, 24 * HOUR_MS);
	scene_run(s, 2 * HOUR_MS); /* its row is written anew once an hour */
	scene_stop(s);
	scene_start(s);
	dev = scene_device(s, 0);
	assert_int_equal(dev->profile.protection.quarantined[0].until_ms, until);
	scene_stop(s);
	s->world.loop.wall_off_ms = -(int64_t)(400 * DAY_MS);
	scene_start(s);
	dev = scene_device(s, 0);
	assert_int_equal(dev->profile.protection.quarantined[0].until_ms,
		s->world.loop.now_ms + LIMIT_QUARANTINE_MS);
	scene_run(s, 2 * DAY_MS);
	assert_int_equal(s->world.printers[0].crashes, 1);
	assert_int_equal(dev->outcome, OUTCOME_COMPLETE);
	scene_finish(s);
}

/* ---- tables without an end ----------------------------------------------------------------- */

/* Requests of the printer's poll in this hour. */
static uint64_t requests_of_poll(struct scene *s, struct printer *p)
{
	uint64_t before = p->asked;
	scene_run(s, HOUR_MS);
	return p->asked - before;
}

static void test_endless_table_is_cut_at_the_second_poll(void **state)
{
	(void)state;
	struct scene *s = scene_begin(2, HOUR_MS);
	struct printer *endless = &s->world.printers[0], *healthy = &s->world.printers[1];
	endless->is_endless = true;
	scene_start(s);
	uint64_t first = requests_of_poll(s, endless), second = requests_of_poll(s, endless);
	uint64_t before = healthy->asked;
	uint64_t third = requests_of_poll(s, endless), usual = healthy->asked - before;
	assert_true(first > 5 * second); /* 49 and 9; 6 of a table that ends */
	assert_true(second <= 2 * usual);
	assert_true(third <= 2 * usual);
	assert_int_equal(scene_device(s, 0)->outcome, OUTCOME_PARTIAL);
	/* Also after a restart: it is in the profile. */
	scene_stop(s);
	scene_start(s);
	assert_true(scene_device(s, 0)->profile.limits.endless_walks != 0);
	assert_true(requests_of_poll(s, endless) * 2 <= first); /* a full poll */
	assert_true(requests_of_poll(s, endless) <= 2 * usual);
	scene_finish(s);
}

/* The table ends again: the next full poll finds that out. */
static void test_table_that_ends_again_is_read_in_full(void **state)
{
	(void)state;
	struct scene *s = scene_begin(1, HOUR_MS);
	s->world.printers[0].is_endless = true;
	scene_start(s);
	scene_run(s, 3 * HOUR_MS);
	s->world.printers[0].is_endless = false;
	scene_run(s, LIMIT_FULL_POLL_MS + 2 * HOUR_MS);
	assert_int_equal(scene_device(s, 0)->profile.limits.endless_walks, 0);
	assert_int_equal(scene_device(s, 0)->outcome, OUTCOME_COMPLETE);
	scene_finish(s);
}

/* ---- a restart ---------------------------------------------------------------------------- */

static void test_profile_survives_restart(void **state)
{
	(void)state;
	struct scene *s = scene_begin(2, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->has_no_bulk = true;
	scene_start(s);
	scene_run(s, HOUR_MS / 2);
	uint64_t first = p->asked;
	scene_run(s, 2 * HOUR_MS);
	struct device before = *scene_device(s, 0);
	scene_stop(s);
	p->asked = 0;
	scene_start(s);
	const struct device *after = scene_device(s, 0);
	assert_int_equal(after->profile.limits.max_varbinds, before.profile.limits.max_varbinds);
	assert_int_equal(after->profile.limits.request_bytes, before.profile.limits.request_bytes);
	assert_true(after->profile.limits.has_no_bulk && after->profile.limits.was_polled);
	scene_run(s, HOUR_MS / 2);
	/* No request was lost to GETBULK or to its size. */
	assert_true(p->asked < first);
	assert_int_equal(fleet_counters(s->fleet)->silent, 0);
	scene_finish(s);
}

static void test_open_circuit_survives_restart(void **state)
{
	(void)state;
	struct scene *s = scene_begin(1, HOUR_MS);
	struct printer *p = &s->world.printers[0];
	p->silent_until_ms = 30 * DAY_MS;
	scene_start(s);
	scene_run(s, 5 * HOUR_MS);
	assert_int_equal(device_breaker(scene_device(s, 0)), BREAKER_OPEN);
	uint64_t opens_at = scene_device(s, 0)->profile.protection.open_until_ms;
	assert_true(opens_at > s->world.loop.now_ms + 2 * 60000);
	scene_stop(s);
	scene_start(s);
	p->asked = 0;
	assert_int_equal(device_breaker(scene_device(s, 0)), BREAKER_OPEN);
	assert_in_range(
		scene_device(s, 0)->profile.protection.open_until_ms, opens_at - 1, opens_at + 1);
	world_run_until(&s->world, opens_at - 1000);
	assert_int_equal(p->asked, 0);
	scene_run(s, 2000);
	assert_int_equal(p->asked, 1);
	scene_finish(s);
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
