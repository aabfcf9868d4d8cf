/* SPDX-License-Identifier: Apache-2.0
 * The uplink after each refusal of the hub: log-in, redirect, version, one record among
 * many, a time to come back. */
#include "tests/kit/uplink_hub.h"

#include <time.h>

static struct stage s;

static void nothing_is_deleted(int err)
{
	stage_check_nothing_deleted(&s, err);
	assert_int_equal(s.requests, 1);
	assert_int_equal(s.summary.retries, 0);
}

/* ---- log-in ---- */

/* A schedule that is hours away. */
static const struct calendar *later(void)
{
	static struct calendar c = {.count = 1, .weekdays = CALENDAR_EVERY_DAY};
	unsigned minute = (unsigned)(time(NULL) / 60 + 720) % CALENDAR_DAY_MINUTES;
	c.times[0] = (struct calendar_time){(uint16_t)minute, (uint16_t)(minute + 1)};
	return &c;
}

/* The schedule is far away: only the wake-up that finds another password sends. */
static void test_changed_password_is_tried_at_the_next_look(void **state)
{
	static const int statuses[] = {401, 403};
	(void)state;
	for (int i = 0; i < 2; i++) {
		stage_open_valid(&s);
		s.plan[0] = A_STATUS + statuses[i];
		s.plan[1] = A_RECEIPT;
		s.plan_len = 2;
		s.runs = 2;
		s.is_run_by_itself = true;
		s.found_password = "n3w";
		s.options.calendar = later();
		s.options.look_ms = 20;
		stage_play(&s);
		assert_int_equal(s.ends, 2);
		assert_int_equal(s.summary.err, 0);
		assert_int_equal(s.requests, 2);
		assert_int_equal(s.refused, 1);
		assert_int_equal(s.left, 0);
		stage_close(&s);
	}
}

static void on_looked_enough(struct due *due)
{
	struct stage *stage = container_of(due, struct stage, enough);
	if (stage->refused >= 5)
		stage_close_uplink(stage);
	else
		assert_int_equal(
			loop_due_set(stage->w.loop, due, loop_now_ms(stage->w.loop) + 5), 0);
}

static void play_until_looked(const char *found)
{
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 401;
	s.runs = 2; /* the second one never comes */
	s.is_run_by_itself = true;
	s.found_password = found;
	s.options.calendar = later();
	s.options.look_ms = 5;
	due_init(&s.enough, on_looked_enough);
	assert_int_equal(loop_due_set(s.w.loop, &s.enough, loop_now_ms(s.w.loop) + 5), 0);
	stage_play(&s);
	nothing_is_deleted(ERR_AUTH);
	assert_true(s.refused >= 5);
	stage_close(&s);
}

static void test_same_password_is_not_sent_again(void **state)
{
	(void)state;
	play_until_looked("s3cret");
	play_until_looked(NULL); /* the file cannot be read */
}

/* ---- redirects ---- */

static void redirected(int status, const char *headers, const char *host)
{
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + status;
	s.headers = headers;
	stage_play(&s);
	nothing_is_deleted(ERR_REDIRECT);
	if (strstr(s.summary.why, host) == NULL)
		print_error("%s\n", s.summary.why);
	assert_non_null(strstr(s.summary.why, host));
	assert_non_null(strstr(s.summary.why, "redirects are not followed"));
	assert_null(strstr(s.summary.why, "s3cret"));
	stage_close(&s);
}

static void test_redirect_names_the_host(void **state)
{
	(void)state;
	static const int statuses[] = {300, 301, 302, 303, 304, 305, 307, 308};
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		redirected(statuses[i], "Location: https://portal.example:8443/login?next=1\r\n",
			"to portal.example:8443 (");
	redirected(302, "Location: http://user:s3cret@evil.example\r\n", "to evil.example (");
	redirected(302, "Location: //other.example#x\r\n", "to other.example (");
	redirected(302, "Location: /elsewhere\r\n", "to another path (");
	redirected(302, NULL, "to another path (");
}

/* ---- versions ---- */

static void test_unsupported_version_keeps_the_batch(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 300;
	s.plan[0] = A_STATUS + 415;
	s.note = "Unsupported Media Type: unsupported-version: this hub accepts 7.0 to 7.3\n";
	stage_play(&s);
	nothing_is_deleted(ERR_VERSION);
	assert_non_null(strstr(s.summary.why, "sends version " ENVELOPE_SPOKEN));
	assert_non_null(strstr(s.summary.why, "this hub accepts 7.0 to 7.3"));
	assert_int_equal(stage_read_value(&s, "rejected.1"), 0);
	stage_close(&s);
	/* Another media type is no matter of versions. */
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 415;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.retries, 1);
	stage_close(&s);
}

/* ---- one record among many ---- */

static void one_is_guilty(unsigned guilty, int response, unsigned requests_max)
{
	char name[32];
	stage_open_valid(&s);
	s.records = LIMIT_BATCH_RECORDS;
	s.groups = 1u << GROUP_STATE;
	s.known_encodings = BODY_ZSTD;
	s.guilty = guilty;
	s.guilty_response = response;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.rejected, 1);
	assert_int_equal(s.left, 0);
	for (unsigned seq = 1; seq <= s.records; seq++) {
		if (seq != guilty || response == A_REJECT_GUILTY)
			assert_int_equal(s.stored[seq], 1);
		else
			assert_int_equal(s.stored[seq], 0);
	}
	(void)snprintf(name, sizeof name, "rejected.%u", guilty % REJECTED_KEPT);
	assert_true(stage_read_value(&s, name) > 20);
	if (s.requests > requests_max)
		print_error("guilty %u: %u requests\n", guilty, s.requests);
	assert_in_range(s.requests, 1, requests_max);
	stage_close(&s);
}

static void test_one_guilty_record_of_2048_is_quarantined(void **state)
{
	static const unsigned guilty[] = {1, 2, 777, 1024, 1025, 2047, 2048};
	(void)state;
	for (size_t i = 0; i < sizeof guilty / sizeof guilty[0]; i++) {
		one_is_guilty(guilty[i], A_STATUS + 422, 100);
		one_is_guilty(guilty[i], A_REJECT_GUILTY, 1);
	}
	one_is_guilty(300, A_STATUS + 413, 100);
}

/* ---- Retry-After ---- */

/* A run that would have to wait ends at once, and its reason is the hub's. */
static void wait_is(const char *headers, bool is_waited_for)
{
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 503;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	s.headers = headers;
	s.options.retry_after_max_ms = LIMIT_RETRY_AFTER_MS - 1;
	stage_play(&s);
	if (!is_waited_for) {
		nothing_is_deleted(ERR_UNAVAILABLE);
	} else {
		assert_int_equal(s.summary.err, 0);
		assert_int_equal(s.summary.retries, 1);
	}
	stage_close(&s);
}

static void test_retry_after_is_bounded(void **state)
{
	char headers[128];
	char date[40];
	time_t later = time(NULL) + 90000;
	struct tm tm;
	(void)state;
	assert_non_null(gmtime_r(&later, &tm));
	assert_true(strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0);
	/* Longer than the maximum counts as the maximum. */
	wait_is("Retry-After: 3600\r\n", false);
	wait_is("Retry-After: 99999999999999999999999999\r\n", false);
	(void)snprintf(headers, sizeof headers, "Retry-After: %s\r\n", date);
	wait_is(headers, false);
	/* By the hub's own clock it is no time at all. */
	(void)snprintf(headers, sizeof headers, "Retry-After: %s\r\nDate: %s\r\n", date, date);
	wait_is(headers, true);
	wait_is("Retry-After: 0\r\n", true);
	wait_is("Retry-After: -5\r\n", true);
	wait_is("Retry-After: tomorrow\r\n", true);
	wait_is("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true);
}

static void test_retry_after_by_date_is_obeyed(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 429;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	s.headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		    "Retry-After: Sun Nov  6 08:49:38 1994\r\n";
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_true(s.summary.ended_at_ms - s.summary.started_at_ms >= 1000);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_password_is_tried_at_the_next_look),
		cmocka_unit_test(test_same_password_is_not_sent_again),
		cmocka_unit_test(test_redirect_names_the_host),
		cmocka_unit_test(test_unsupported_version_keeps_the_batch),
		cmocka_unit_test(test_one_guilty_record_of_2048_is_quarantined),
		cmocka_unit_test(test_retry_after_is_bounded),
		cmocka_unit_test(test_retry_after_by_date_is_obeyed),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
