/* SPDX-License-Identifier: Apache-2.0
 * The uplink against a small hub over real TLS: the good way, every kind of refusal, lines that
 * break, receipts that lie. After each: what the hub holds, what the spool still holds. */
#include "tests/kit/uplink_hub.h"

#include "tests/kit/spool_value.h"
#include "tests/kit/log_capture.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

static struct stage s;

static int quiet(void **state)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_capture(fd);
	return certs_make(state);
}

static void open_stage(void)
{
	stage_open(&s, "server.pem", "server.key");
}

static void all_are_stored_once(void)
{
	for (unsigned seq = 1; seq <= s.records; seq++)
		assert_int_equal(s.stored[seq], 1);
	assert_int_equal(s.left, 0);
}

static void nothing_is_deleted(int err)
{
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.summary.err, err);
	assert_true(s.summary.why[0] != '\0');
	assert_int_equal(s.left, s.records);
	assert_int_equal(s.summary.records, 0);
}

static void kept_status(struct uplink_status *status)
{
	uint8_t bytes[4096];
	size_t n = spool_value_read(s.dir, UPLINK_STATUS_VALUE, bytes, sizeof bytes);
	assert_true(n > 0);
	assert_int_equal(uplink_status_unpack(status, bytes, n), 0);
}

static size_t kept_value(const char *name)
{
	uint8_t bytes[4096];
	return spool_value_read(s.dir, name, bytes, sizeof bytes);
}

static void test_batches_share_one_connection(void **state)
{
	(void)state;
	open_stage();
	s.records = 25;
	s.options.max_records = 10;
	stage_open_uplink(&s);
	uplink_set_polls(s.uplink, 100, 70, 5, 30);
	stage_put_all(&s);
	world_run(&s.w);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	assert_int_equal(s.batches, 3);
	assert_int_equal(s.w.accepted, 1);
	assert_int_equal(s.summary.batches, 3);
	assert_int_equal(s.summary.records, 25);
	assert_int_equal(s.summary.retries, 0);
	assert_int_equal(s.wanted, 3);
	assert_true(s.summary.sent_bytes < s.summary.raw_bytes / 2);
	/* The third batch has nothing new to say about polls. */
	assert_int_equal(s.head.polls_made, 0);
	assert_int_equal(s.head.devices, 30);
	struct uplink_status status;
	kept_status(&status);
	assert_int_equal(status.last_err, 0);
	assert_int_equal(status.records, 25);
	assert_true(status.last_success_ms >= s.summary.started_at_ms);
	assert_true(kept_value("hub_key") > 40);
	assert_true(kept_value("hub_key.copy") > 40);
	assert_true(kept_value("last_receipt") > 100);
	stage_close(&s);
}

static void test_hub_closes_after_each_response(void **state)
{
	(void)state;
	open_stage();
	s.records = 6;
	s.options.max_records = 2;
	s.plan[0] = A_RECEIPT_AND_CLOSE;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	assert_int_equal(s.w.accepted, 3);
	stage_close(&s);
}

static void test_empty_spool_opens_no_connection(void **state)
{
	(void)state;
	open_stage();
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

static void refused(const char *cert, const char *key, int err)
{
	stage_open(&s, cert, key);
	stage_play(&s);
	nothing_is_deleted(err);
	assert_int_equal(s.summary.retries, 0);
	assert_int_equal(s.requests, 0);
	struct uplink_status status;
	kept_status(&status);
	assert_int_equal(status.last_err, err);
	assert_string_equal(status.last_error, s.summary.why);
	assert_int_equal(status.last_contact_ms, 0);
	/* Not one byte of a request has left. */
	for (unsigned i = 0; i < s.w.accepted; i++)
		assert_int_equal(s.w.server[i].in.len, 0);
	stage_close(&s);
}

static void test_bad_certificate_sends_nothing(void **state)
{
	(void)state;
	refused("bad-other-ca.pem", "bad-other-ca.key", ERR_TLS_UNTRUSTED);
	refused("bad-name.pem", "bad-name.key", ERR_TLS_NAME);
	refused("bad-expired.pem", "bad-expired.key", ERR_TLS_EXPIRED);
}

static void test_wrong_password_ends_the_run(void **state)
{
	(void)state;
	static const int statuses[] = {401, 403};
	static const int errs[] = {ERR_AUTH, ERR_FORBIDDEN};
	for (int i = 0; i < 2; i++) {
		open_stage();
		s.plan[0] = A_STATUS + statuses[i];
		stage_play(&s);
		nothing_is_deleted(errs[i]);
		assert_int_equal(s.requests, 1);
		struct uplink_status status;
		kept_status(&status);
		assert_int_equal(status.last_err, errs[i]);
		assert_true(status.last_contact_ms > 0);
		assert_int_equal(status.last_success_ms, 0);
		stage_close(&s);
	}
}

static void test_temporary_failures_are_retried(void **state)
{
	(void)state;
	static const int plan[] = {A_STATUS + 503, A_STATUS + 429, A_STATUS + 500, A_STATUS + 408,
		A_GARBAGE, A_RECEIPT};
	open_stage();
	memcpy(s.plan, plan, sizeof plan);
	s.plan_len = 6;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.retries, 5);
	assert_int_equal(s.requests, 6);
	all_are_stored_once();
	/* The same bytes each time. */
	for (unsigned i = 1; i < 6; i++)
		assert_memory_equal(s.envelope_digest[0], s.envelope_digest[i], 32);
	stage_close(&s);
}

static void test_retry_after_is_obeyed(void **state)
{
	(void)state;
	open_stage();
	s.plan[0] = A_STATUS + 503;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	s.retry_after_s = 1;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_true(s.summary.ended_at_ms - s.summary.started_at_ms >= 1000);
	all_are_stored_once();
	stage_close(&s);
}

static void test_unreachable_hub_ends_the_run(void **state)
{
	(void)state;
	open_stage();
	s.options.tries = 3;
	s.plan[0] = A_STATUS + 503;
	stage_play(&s);
	nothing_is_deleted(ERR_UNAVAILABLE);
	assert_int_equal(s.requests, 3);
	stage_close(&s);
	/* There is no listener. */
	open_stage();
	s.options.tries = 2;
	struct sockaddr_in unused = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof unused;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&unused, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&unused, &len), 0);
	s.options.hub.port = ntohs(unused.sin_port);
	s.options.hub.host = "127.0.0.1";
	world_no_more(&s.w); /* during the rest nothing but the deadline keeps the loop going */
	stage_play(&s);
	assert_int_equal(close(fd), 0);
	nothing_is_deleted(-ECONNREFUSED);
	assert_int_equal(s.summary.retries, 1);
	stage_close(&s);
}

static void test_connection_lost_after_the_hub_stored(void **state)
{
	(void)state;
	open_stage();
	s.plan[0] = A_DROP;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.requests, 2);
	assert_memory_equal(s.envelope_digest[0], s.envelope_digest[1], 32);
	assert_int_equal(s.stored[1], 2); /* the hub finds out by the number */
	assert_int_equal(s.left, 0);
	stage_close(&s);
}

static void test_hub_sends_no_response(void **state)
{
	(void)state;
	open_stage();
	s.options.tries = 2;
	s.options.receipt_ms = 30;
	s.plan[0] = A_SILENCE;
	stage_play(&s);
	nothing_is_deleted(ERR_TIMEOUT);
	assert_string_equal(
		s.summary.why, "the hub received the batch and sent no response in time");
	assert_int_equal(s.summary.retries, 1);
	assert_int_equal(s.requests, 2);
	assert_memory_equal(s.envelope_digest[0], s.envelope_digest[1], 32);
	stage_close(&s);
}

static void test_hub_stops_reading(void **state)
{
	(void)state;
	open_stage();
	s.records = 350;
	s.known_encodings = BODY_ZSTD;
	s.options.tries = 2;
	s.options.send_ms = 50;
	s.deaf = 2;
	stage_play(&s);
	nothing_is_deleted(ERR_TIMEOUT);
	assert_string_equal(s.summary.why, "the batch could not be sent in time");
	assert_int_equal(s.summary.retries, 1);
	assert_int_equal(s.requests, 0);
	stage_close(&s);
	/* It was only slow: then smaller batches pass. */
	open_stage();
	s.records = 350;
	s.known_encodings = BODY_ZSTD;
	s.options.send_ms = 50;
	s.deaf = 1;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.retries, 1);
	all_are_stored_once();
	assert_int_equal(s.batches, 2);
	assert_int_equal(s.last[0], 175);
	stage_close(&s);
}

static void test_response_before_the_batch_was_read(void **state)
{
	(void)state;
	open_stage();
	s.records = 300;
	s.is_early = true;
	stage_play(&s);
	nothing_is_deleted(ERR_AUTH);
	assert_int_equal(s.summary.retries, 0);
	stage_close(&s);
}

static void test_response_framing_that_ends_the_connection(void **state)
{
	(void)state;
	open_stage();
	s.records = 6;
	s.options.max_records = 2;
	s.plan[0] = A_CLOSE;
	s.plan[1] = A_UNTIL_CLOSE;
	s.plan[2] = A_TWO_RESPONSES;
	s.plan[3] = A_RECEIPT;
	s.plan_len = 4;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.retries, 1);
	all_are_stored_once();
	/* None of the three leaves a connection that can be used again. */
	assert_int_equal(s.w.accepted, 4);
	stage_close(&s);
}

static void test_forged_receipt_deletes_nothing(void **state)
{
	(void)state;
	static const int lies[] = {A_TAMPERED, A_OTHER_BATCH, A_NO_RECEIPT};
	static const int errs[] = {ERR_SIGNATURE, ERR_SIGNATURE, ERR_FORMAT};
	for (int i = 0; i < 3; i++) {
		open_stage();
		s.plan[0] = lies[i];
		stage_play(&s);
		if (lies[i] == A_TAMPERED)
			assert_true(s.summary.err == ERR_SIGNATURE || s.summary.err == ERR_KEY ||
				    s.summary.err == ERR_FORMAT);
		nothing_is_deleted(lies[i] == A_TAMPERED ? s.summary.err : errs[i]);
		assert_int_equal(s.requests, 1);
		assert_int_equal(kept_value("hub_key"), 0);
		stage_close(&s);
	}
}

static void test_rejected_record_is_quarantined(void **state)
{
	(void)state;
	open_stage();
	s.plan[0] = A_REJECT_FIRST;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.rejected, 1);
	assert_int_equal(s.left, 0);
	assert_true(kept_value("rejected.1") > 100);
	assert_int_equal(kept_value("rejected.2"), 0);
	stage_close(&s);
}

/* 422 for whatever holds record 3: the batch is cut in halves until it is alone. */
static void test_bisection_finds_the_refused_record(void **state)
{
	(void)state;
	open_stage();
	s.records = 8;
	/* 1-8 no, 1-4 no, 1-2 yes, then again up to four: 3-6 no, 3-4 no, 3 no, 4... */
	static const int plan[] = {A_STATUS + 422, A_STATUS + 413, A_RECEIPT, A_STATUS + 422,
		A_STATUS + 422, A_STATUS + 422, A_RECEIPT};
	memcpy(s.plan, plan, sizeof plan);
	s.plan_len = 7;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.rejected, 1);
	assert_int_equal(s.stored[3], 0);
	for (unsigned seq = 1; seq <= 8; seq++)
		assert_int_equal(s.stored[seq], seq == 3 ? 0 : 1);
	assert_int_equal(s.left, 0);
	assert_true(kept_value("rejected.3") > 100);
	stage_close(&s);
}

static void test_hub_that_refuses_everything_keeps_the_spool(void **state)
{
	(void)state;
	open_stage();
	s.plan[0] = A_STATUS + 422;
	stage_play(&s);
	assert_int_equal(s.summary.err, ERR_HTTP_STATUS);
	assert_int_equal(s.left, s.records - 2);
	assert_true(kept_value("rejected.1") > 100);
	assert_true(kept_value("rejected.2") > 100);
	stage_close(&s);
}

/* The first batch, of a few records, as every hub reads it; the others as its receipt allows. */
static void test_columns_are_sent_to_a_hub_that_reads_them(void **state)
{
	(void)state;
	open_stage();
	s.records = LIMIT_BATCH_FIRST + 40;
	s.encodings = BODY_COLUMNS;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	assert_int_equal(s.batches, 2);
	assert_int_equal(s.last[0], LIMIT_BATCH_FIRST);
	assert_int_equal(s.head.body_encoding, BODY_COLUMNS);
	assert_int_equal(kept_value(UPLINK_ENCODINGS_VALUE), 1);
	stage_close(&s);
}

/* Columns may be longer than few records. */
static void test_few_records_reach_a_hub_that_reads_columns(void **state)
{
	static const unsigned records[] = {1, 2, 4, 8, 40};
	(void)state;
	for (unsigned i = 0; i < sizeof records / sizeof records[0]; i++) {
		open_stage();
		s.records = records[i];
		s.encodings = s.known_encodings = BODY_COLUMNS;
		stage_play(&s);
		assert_int_equal(s.summary.err, 0);
		all_are_stored_once();
		stage_close(&s);
	}
}

static void check_coverage(unsigned status)
{
	open_stage();
	s.coverage_status = status;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	assert_int_equal(s.coverages, 1);
	stage_close(&s);
}

static void test_coverage_follows_the_last_batch(void **state)
{
	(void)state;
	check_coverage(200);
}

static void test_refused_coverage_is_no_failure(void **state)
{
	(void)state;
	check_coverage(404);
	check_coverage(422);
	check_coverage(503);
}

static void test_columns_are_not_sent_to_an_older_hub(void **state)
{
	(void)state;
	open_stage();
	s.records = LIMIT_BATCH_FIRST + 40;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	assert_int_equal(s.head.body_encoding, BODY_ZSTD);
	stage_close(&s);
}

/* The hub was replaced by an older one: nothing is split or given up for that. */
static void check_refused_columns(int status)
{
	open_stage();
	s.records = LIMIT_BATCH_FIRST + 40;
	s.encodings = BODY_COLUMNS;
	s.plan[0] = A_RECEIPT;
	s.plan[1] = A_STATUS + status;
	s.plan[2] = A_RECEIPT;
	s.plan_len = 3;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	assert_int_equal(s.summary.rejected, 0);
	assert_int_equal(s.batches, 3);
	assert_int_equal(s.first[2], LIMIT_BATCH_FIRST + 1);
	assert_int_equal(s.head.body_encoding, BODY_ZSTD);
	stage_close(&s);
}

static void test_refused_columns_are_sent_as_records(void **state)
{
	(void)state;
	check_refused_columns(422);
	check_refused_columns(415);
}

static void test_restored_store_gets_a_new_epoch(void **state)
{
	(void)state;
	open_stage();
	s.plan[0] = A_STATUS + 409;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_true(s.epoch[0] != s.epoch[1]);
	all_are_stored_once();
	stage_close(&s);
	/* A second conflict is no copy. */
	open_stage();
	s.plan[0] = A_STATUS + 409;
	stage_play(&s);
	nothing_is_deleted(ERR_CONFLICT);
	assert_int_equal(s.requests, 2);
	stage_close(&s);
}

static void test_close_during_a_run(void **state)
{
	(void)state;
	open_stage();
	s.stop_after_requests = 1;
	stage_play(&s);
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.summary.err, ERR_STOPPED);
	assert_int_equal(s.left, s.records);
	stage_close(&s);
	/* And in every other state: at once after the run began. */
	open_stage();
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
	open_stage();
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
	open_stage();
	s.options.interval_ms = 30;
	s.runs = 3;
	stage_play(&s);
	assert_int_equal(s.ends, 3);
	assert_int_equal(s.summary.err, 0);
	for (unsigned seq = 1; seq <= s.records; seq++)
		assert_int_equal(s.stored[seq], 1);
	assert_int_equal(s.left, 0);
	stage_close(&s);
}

static void test_failed_run_is_followed_by_another(void **state)
{
	(void)state;
	open_stage();
	s.runs = 2;
	s.plan[0] = A_STATUS + 401;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.ends, 2);
	assert_int_equal(s.summary.err, 0);
	all_are_stored_once();
	struct uplink_status status;
	kept_status(&status);
	assert_int_equal(status.last_err, 0);
	/* The failure before it stays, with its own time. */
	assert_non_null(strstr(status.last_error, "(401)"));
	assert_in_range(status.last_error_at_ms, 1, status.last_success_ms);
	stage_close(&s);
}

static void test_options_without_tls_are_refused(void **state)
{
	(void)state;
	open_stage();
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
	uint8_t bytes[UPLINK_STATUS_BYTES];
	open_stage();
	s.records = 0;
	int n = uplink_status_pack(&status, bytes);
	assert_int_equal(spool_set_value(s.spool, UPLINK_STATUS_VALUE, bytes, (size_t)n), 0);
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
	kept_status(&status);
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
		cmocka_unit_test(test_batches_share_one_connection),
		cmocka_unit_test(test_hub_closes_after_each_response),
		cmocka_unit_test(test_empty_spool_opens_no_connection),
		cmocka_unit_test(test_bad_certificate_sends_nothing),
		cmocka_unit_test(test_wrong_password_ends_the_run),
		cmocka_unit_test(test_temporary_failures_are_retried),
		cmocka_unit_test(test_retry_after_is_obeyed),
		cmocka_unit_test(test_unreachable_hub_ends_the_run),
		cmocka_unit_test(test_connection_lost_after_the_hub_stored),
		cmocka_unit_test(test_hub_sends_no_response),
		cmocka_unit_test(test_hub_stops_reading),
		cmocka_unit_test(test_response_before_the_batch_was_read),
		cmocka_unit_test(test_response_framing_that_ends_the_connection),
		cmocka_unit_test(test_forged_receipt_deletes_nothing),
		cmocka_unit_test(test_rejected_record_is_quarantined),
		cmocka_unit_test(test_bisection_finds_the_refused_record),
		cmocka_unit_test(test_hub_that_refuses_everything_keeps_the_spool),
		cmocka_unit_test(test_columns_are_sent_to_a_hub_that_reads_them),
		cmocka_unit_test(test_few_records_reach_a_hub_that_reads_columns),
		cmocka_unit_test(test_coverage_follows_the_last_batch),
		cmocka_unit_test(test_refused_coverage_is_no_failure),
		cmocka_unit_test(test_columns_are_not_sent_to_an_older_hub),
		cmocka_unit_test(test_refused_columns_are_sent_as_records),
		cmocka_unit_test(test_restored_store_gets_a_new_epoch),
		cmocka_unit_test(test_close_during_a_run),
		cmocka_unit_test(test_run_starts_every_interval),
		cmocka_unit_test(test_failed_run_is_followed_by_another),
		cmocka_unit_test(test_options_without_tls_are_refused),
		cmocka_unit_test(test_missed_syncs_are_counted_once),
	};
	return cmocka_run_group_tests(tests, quiet, certs_remove);
}
