/* SPDX-License-Identifier: Apache-2.0
 * When syncs start and end: at once, by interval, after a failure, after missed times, and by
 * close. */
#include "tests/kit/uplink_hub.h"

#include <sqlite3.h>
#include <time.h>

static struct stage s;

static void test_empty_spool_opens_no_connection(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 0;
	stage_open_uplink(&s);
	assert_int_equal(uplink_sync_now(s.uplink), 0);
	assert_int_equal(s.ends, 0);
	world_run(&s.w);
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.batches, 0);
	assert_int_equal(s.w.accepted, 0);
	stage_close(&s);
}

static void test_close_during_a_run(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.stop_after_requests = 1;
	stage_play(&s);
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.summary.err, ERR_STOPPED);
	assert_int_equal(s.left, s.records);
	stage_close(&s);
	/* And in every other state: at once after the run began. */
	stage_open_valid(&s);
	s.records = 0;
	stage_open_uplink(&s);
	assert_int_equal(uplink_sync_now(s.uplink), 0);
	stage_close_uplink(&s);
	assert_int_equal(s.ends, 0);
	world_run(&s.w);
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.summary.err, ERR_STOPPED);
	stage_close(&s);
	/* Idle. */
	stage_open_valid(&s);
	stage_open_uplink(&s);
	stage_close_uplink(&s);
	world_run(&s.w);
	assert_int_equal(s.ends, 0);
	assert_null(s.uplink);
	stage_close(&s);
}

static void test_run_starts_every_interval(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.options.interval_ms = 30;
	s.runs = 3;
	stage_play(&s);
	assert_int_equal(s.ends, 3);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	stage_close(&s);
}

static void test_failed_run_is_followed_by_another(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.runs = 2;
	s.plan[0] = A_STATUS + 401;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.ends, 2);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	struct uplink_status status;
	stage_read_status(&s, &status);
	assert_int_equal(status.last_err, 0);
	/* The failure before it stays, with its own time. */
	assert_non_null(strstr(status.last_error, "(401)"));
	assert_in_range(status.last_error_at_ms, 1, status.last_success_ms);
	stage_close(&s);
}

/* Groups of records beyond the first batch that later ones may still supersede. */
static int open_groups(const char *dir)
{
	char path[128];
	sqlite3 *db;
	sqlite3_stmt *rows;
	(void)snprintf(path, sizeof path, "%s/store.db", dir);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT count(*) FROM unsent WHERE counts & groups <> groups", -1,
				 &rows, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
	int count = sqlite3_column_int(rows, 0);
	(void)sqlite3_finalize(rows);
	(void)sqlite3_close(db);
	return count;
}

/* The records of a sync of the schedule stay for the next one; a request that fails
 * closes nothing. */
static void test_failed_sync_of_the_schedule_freezes_its_records(void **state)
{
	(void)state;
	const struct calendar midnight = {
		.count = 1, .times = {{0, 1}}, .weekdays = CALENDAR_EVERY_DAY};
	for (int is_due = 0; is_due < 2; is_due++) {
		stage_open_valid(&s);
		s.records = LIMIT_BATCH_FIRST + 10;
		s.groups = 1u << GROUP_OPTIONS;
		s.plan[0] = A_STATUS + 401;
		s.options.calendar = &midnight;
		s.is_due = is_due != 0;
		stage_play(&s);
		assert_int_equal(s.summary.err, ERR_AUTH);
		assert_int_equal(open_groups(s.dir), is_due ? 0 : 10);
		stage_close(&s);
	}
}

static void test_options_without_tls_are_refused(void **state)
{
	(void)state;
	stage_open_valid(&s);
	struct uplink *u = NULL;
	assert_int_equal(
		uplink_open(&u, s.w.loop, s.workers, s.spool, &s.options, &stage_events, &s),
		ERR_USAGE);
	assert_null(u);
	stage_open_uplink(&s);
	stage_close_uplink(&s);
	world_run(&s.w);
	stage_close(&s);
}

/* Midnight, UTC; the agent was off for some days. */
static void test_missed_syncs_are_counted_once(void **state)
{
	(void)state;
	const uint64_t day = 86400000, now = (uint64_t)time(NULL) * 1000;
	struct calendar midnight = {.count = 1, .times = {{0, 1}}, .weekdays = CALENDAR_EVERY_DAY};
	struct calendar noon = {.count = 1, .times = {{720, 721}}, .weekdays = CALENDAR_EVERY_DAY};
	struct uplink_status status = {
		.served_ms = now - 5 * day / 2, .last_success_ms = now - day};
	stage_open_valid(&s);
	s.records = 0;
	stage_write_status(&s, &status);
	s.options.interval_ms = 0;
	s.options.calendar = &midnight;
	stage_open_uplink(&s);
	uplink_get_status(s.uplink, &status);
	assert_in_range(status.missed, 2, 3);
	assert_int_equal(status.last_missed_ms % day, 0);
	assert_in_range(now - status.last_missed_ms, 0, day);
	assert_in_range(status.next_ms, now + 1, now + day + 60000);
	assert_int_equal(status.next_ms % day, 0);
	/* A further start finds that they are counted. */
	stage_read_status(&s, &status);
	assert_in_range(status.missed, 2, 3);
	assert_in_range(now - status.last_missed_ms, 0, day);
	/* Another schedule counts from now on. */
	uplink_set_schedule(s.uplink, 0, &noon);
	uplink_get_status(s.uplink, &status);
	assert_int_equal(status.next_ms % day, day / 2);
	assert_in_range(status.missed, 2, 3);
	uplink_set_schedule(s.uplink, 60000, NULL);
	uplink_get_status(s.uplink, &status);
	assert_in_range(status.next_ms, now, now + 180000);
	assert_int_equal(uplink_sync_now(s.uplink), 0);
	world_run(&s.w);
	assert_int_equal(s.ends, 1);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_spool_opens_no_connection),
		cmocka_unit_test(test_close_during_a_run),
		cmocka_unit_test(test_run_starts_every_interval),
		cmocka_unit_test(test_failed_run_is_followed_by_another),
		cmocka_unit_test(test_failed_sync_of_the_schedule_freezes_its_records),
		cmocka_unit_test(test_options_without_tls_are_refused),
		cmocka_unit_test(test_missed_syncs_are_counted_once),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
