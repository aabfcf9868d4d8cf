/* SPDX-License-Identifier: Apache-2.0
 * Days of a fleet in virtual time: the real roster, admission, polls and collector against scripted
 * printers and a scripted disk. Every record is held against what its printer held at that time. */
#include "tests/replay/world.h"

#include "proto/base/log.h"
#include "engine/fleet/fleet.h"
#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

struct scene {
	struct world world;
	struct fleet *fleet;
	struct roster *roster;
	struct agent_conf conf;
	uint64_t polls, lost;
	uint64_t full; /* times that the fleet said so */
	bool is_idle;
};

static void on_polled(void *owner, const struct device *dev, enum device_outcome outcome, int err)
{
	struct scene *s = owner;
	(void)dev;
	(void)outcome;
	s->polls++;
	s->lost += err < 0;
}

static void on_idle(void *owner)
{
	struct scene *s = owner;
	s->is_idle = true;
}

static void on_full(void *owner)
{
	struct scene *s = owner;
	s->full++;
}

static void on_due(void *owner, struct device *dev)
{
	struct scene *s = owner;
	fleet_on_due(s->fleet, dev);
}

static void begin(struct scene *s, size_t printers, uint64_t interval_ms, size_t window)
{
	static const struct fleet_events events = {
		.on_polled = on_polled, .on_idle = on_idle, .on_full = on_full};
	struct fleet_options options = {.interval_ms = interval_ms, .window = window};
	struct conf_error err;
	memset(s, 0, sizeof *s);
	world_open(&s->world, printers);
	s->conf.devices_max = printers;
	assert_int_equal(
		roster_open(&s->roster, &s->world.loop, &s->conf, NULL, on_due, s, &err), 0);
	assert_int_equal(fleet_open(&s->fleet, &s->world.loop, &s->world.client, &s->world.spool,
				 s->roster, &options, &events, s),
		0);
	assert_int_equal(roster_start(s->roster, interval_ms), 0);
}

static void finish(struct scene *s)
{
	fleet_stop(s->fleet);
	world_run_until(&s->world, s->world.loop.now_ms + 2 * HOUR_MS);
	assert_true(s->is_idle);
	assert_int_equal(fleet_polls(s->fleet), 0);
	fleet_close(s->fleet);
	roster_close(s->roster);
	assert_int_equal(s->world.wrong, 0);
	world_close(&s->world);
}

static double cpu_s(void)
{
	struct timespec ts;
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The last record of each printer holds its pages as of its last poll. */
static void assert_up_to_date(const struct scene *s, uint64_t interval_ms)
{
	for (size_t i = 0; i < s->world.count; i++) {
		const struct printer *p = &s->world.printers[i];
		uint64_t now = s->world.loop.now_ms;
		assert_true(p->records > 0);
		assert_true(p->last_pages >= world_pages(p, now - interval_ms - 60000));
		assert_true(p->last_pages <= world_pages(p, now));
	}
}

static void test_day_of_a_fleet_keeps_every_change(void **state)
{
	(void)state;
	static struct scene s;
	size_t printers = test_count("REPLAY_PRINTERS");
	double began = cpu_s();
	begin(&s, printers, HOUR_MS, 500);
	world_run_until(&s.world, DAY_MS);
	const struct fleet_counters *c = fleet_counters(s.fleet);
	const struct collect_counters *h = fleet_collect_counters(s.fleet);
	/* Once an hour: 24 polls each, the first one within the first hour. */
	assert_in_range(s.polls, 23 * printers, 24 * printers);
	assert_int_equal(c->complete, s.polls);
	assert_int_equal(c->silent + c->partial + h->lost, 0);
	/* The books balance, and what did not change by night was not kept. */
	assert_int_equal(h->made, h->kept + h->unchanged + h->lost);
	assert_int_equal(h->kept, s.world.spool.kept);
	assert_true(h->unchanged > 10 * printers && h->kept > 5 * printers);
	assert_true(s.world.client.max_in_flight <= 500);
	assert_up_to_date(&s, HOUR_MS);
	print_message("%zu printers, a day: %llu polls, %llu requests, %llu records, %llu bytes, "
		      "%.1f s of CPU\n",
		printers, (unsigned long long)s.polls, (unsigned long long)c->requests,
		(unsigned long long)h->kept, (unsigned long long)h->bytes, cpu_s() - began);
	finish(&s);
}

static void test_silent_printer_is_polled_less_and_found_again(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 40, HOUR_MS, 20);
	struct printer *p = &s.world.printers[7];
	p->silent_from_ms = 6 * HOUR_MS;
	p->silent_until_ms = 16 * HOUR_MS + HOUR_MS / 2;
	world_run_until(&s.world, 8 * HOUR_MS);
	uint64_t asked = p->asked;
	world_run_until(&s.world, 16 * HOUR_MS);
	/* After the first tries it is polled once an interval at most, one request a poll. */
	assert_in_range(p->asked - asked, 6, 16);
	world_run_until(&s.world, 17 * HOUR_MS + HOUR_MS / 2 + 60000);
	assert_true(p->last_record_ms > p->silent_until_ms);
	world_run_until(&s.world, DAY_MS);
	assert_up_to_date(&s, HOUR_MS);
	for (size_t i = 0; i < s.world.count; i++) {
		if (i != 7)
			assert_in_range(s.world.printers[i].meter_records, 9, 24);
	}
	finish(&s);
}

static void test_full_disk_stops_polls_and_loses_no_reading(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 200, HOUR_MS, 20);
	s.world.spool.full_from_ms = 9 * HOUR_MS;
	s.world.spool.full_until_ms = 12 * HOUR_MS;
	world_run_until(&s.world, 9 * HOUR_MS);
	uint64_t kept = s.world.spool.kept, polls = s.polls;
	world_run_until(&s.world, 12 * HOUR_MS - 1);
	assert_int_equal(s.world.spool.kept, kept);
	/* Each slot holds one reading that waits; no other printer is polled. */
	assert_in_range(s.polls - polls, 0, 20);
	assert_int_equal(fleet_polls(s.fleet), 20);
	assert_true(s.world.spool.refused > 0);
	world_run_until(&s.world, 14 * HOUR_MS);
	assert_true(s.world.spool.kept > kept + 200);
	world_run_until(&s.world, DAY_MS);
	assert_int_equal(s.lost, 0);
	assert_int_equal(fleet_collect_counters(s.fleet)->lost, 0);
	assert_up_to_date(&s, HOUR_MS);
	finish(&s);
}

/* Readings that wait for a disk that stays full do not hold up the end. */
static void test_stop_with_a_full_disk_ends(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 200, HOUR_MS, 20);
	s.world.spool.full_from_ms = 9 * HOUR_MS;
	s.world.spool.full_until_ms = 2 * DAY_MS;
	world_run_until(&s.world, 9 * HOUR_MS);
	assert_int_equal(s.full, 0);
	world_run_until(&s.world, 10 * HOUR_MS);
	assert_int_equal(fleet_polls(s.fleet), 20);
	assert_true(s.full > 1000); /* again and again */
	fleet_stop(s.fleet);
	assert_int_equal(s.lost, 0); /* from the loop, not from inside the call */
	world_run_until(&s.world, 10 * HOUR_MS + 1000);
	assert_true(s.is_idle);
	assert_int_equal(s.lost, 20);
	finish(&s);
}

/* Polls that we break off leave no half-read group behind, and no printer is said to be silent. */
static void test_stop_keeps_complete_groups_only(void **state)
{
	(void)state;
	static struct scene s;
	struct roster_counts counts;
	begin(&s, 20, HOUR_MS, 20);
	for (size_t i = 0; i < 20; i++)
		s.world.printers[i].latency_ms = 60000;
	s.world.client.timeout_ms = 120000;
	world_run_until(&s.world, HOUR_MS / 20 + 200000);
	assert_true(fleet_polls(s.fleet) > 0);
	fleet_stop(s.fleet);
	world_run_until(&s.world, 2 * HOUR_MS);
	assert_true(s.is_idle);
	assert_true(s.world.spool.kept > 0);
	assert_int_equal(s.world.half_groups, 0);
	roster_counts(s.roster, &counts);
	assert_int_equal(counts.by_outcome[OUTCOME_SILENT] + counts.by_outcome[OUTCOME_PARTIAL], 0);
	finish(&s);
}

static void test_failed_commit_is_followed_by_a_full_record(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 30, HOUR_MS, 10);
	s.world.spool.fails_from_ms = 10 * HOUR_MS;
	s.world.spool.fails_until_ms = 11 * HOUR_MS;
	world_run_until(&s.world, DAY_MS);
	assert_in_range(s.lost, 20, 40);
	assert_int_equal(s.lost, s.world.spool.failed);
	assert_up_to_date(&s, HOUR_MS);
	for (size_t i = 0; i < 30; i++)
		assert_true(s.world.printers[i].full_records >= 2);
	finish(&s);
}

static void test_endless_table_delays_no_other_printer(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 50, HOUR_MS, 10);
	for (size_t i = 0; i < 5; i++)
		s.world.printers[i * 10].is_endless = true;
	world_run_until(&s.world, 6 * HOUR_MS);
	for (size_t i = 0; i < 50; i++) {
		const struct printer *p = &s.world.printers[i];
		assert_true(p->records > 0);
		if (p->is_endless)
			assert_true(p->asked <= LIMIT_POLL_REQUESTS + 5 * 30);
		else
			assert_true(p->asked < 6 * 30);
	}
	assert_int_equal(fleet_counters(s.fleet)->silent, 0);
	assert_in_range(fleet_counters(s.fleet)->partial, 25, 30);
	finish(&s);
}

static void test_printer_without_getbulk_is_read_in_full(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 10, HOUR_MS, 10);
	for (size_t i = 0; i < 10; i++)
		s.world.printers[i].has_no_bulk = i % 2 == 0;
	world_run_until(&s.world, 12 * HOUR_MS);
	for (size_t i = 0; i < 10; i++)
		assert_true(s.world.printers[i].meter_records >= 3);
	assert_up_to_date(&s, HOUR_MS);
	/* Found out once: later polls ask no GETBULK and wait for no timeout. */
	uint64_t complete = fleet_counters(s.fleet)->complete;
	assert_true(complete >= 12 * 10 - 20);
	finish(&s);
}

static void test_idle_printer_sends_changed_groups_only(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 4, HOUR_MS, 4);
	for (size_t i = 0; i < 4; i++)
		s.world.printers[i].page_every_ms = 0;
	s.world.printers[1].low_from_ms = 30 * HOUR_MS;
	s.world.printers[1].low_until_ms = 50 * HOUR_MS;
	world_run_until(&s.world, 40 * HOUR_MS);
	assert_int_equal(s.world.printers[1].last_alerts, 1);
	world_run_until(&s.world, 8 * DAY_MS);
	/* Everything at first contact and after a week; the alert's begin and end in between. */
	for (size_t i = 0; i < 4; i++) {
		const struct printer *p = &s.world.printers[i];
		assert_int_equal(p->full_records, 2);
		assert_int_equal(p->records, i == 1 ? 4 : 2);
		assert_int_equal(p->alert_records, i == 1 ? 4 : 2);
		assert_int_equal(p->meter_records, 2);
	}
	assert_int_equal(s.world.printers[1].last_alerts, 0);
	finish(&s);
}

static void test_printer_without_its_serial_keeps_its_key(void **state)
{
	(void)state;
	static struct scene s;
	begin(&s, 3, HOUR_MS, 3);
	s.world.printers[1].nameless_from_ms = 9 * HOUR_MS;
	s.world.printers[1].nameless_until_ms = 12 * HOUR_MS;
	world_run_until(&s.world, 20 * HOUR_MS);
	/* It printed meanwhile, and the records of that time carry the name that is known; the
	 * world counts any other as wrong (finish). */
	assert_true(s.world.printers[1].records > 5);
	finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_day_of_a_fleet_keeps_every_change),
		cmocka_unit_test(test_silent_printer_is_polled_less_and_found_again),
		cmocka_unit_test(test_full_disk_stops_polls_and_loses_no_reading),
		cmocka_unit_test(test_stop_with_a_full_disk_ends),
		cmocka_unit_test(test_stop_keeps_complete_groups_only),
		cmocka_unit_test(test_failed_commit_is_followed_by_a_full_record),
		cmocka_unit_test(test_endless_table_delays_no_other_printer),
		cmocka_unit_test(test_printer_without_getbulk_is_read_in_full),
		cmocka_unit_test(test_idle_printer_sends_changed_groups_only),
		cmocka_unit_test(test_printer_without_its_serial_keeps_its_key),
	};
	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests_name("replay/day", tests, NULL, NULL);
}
