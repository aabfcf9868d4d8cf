/* SPDX-License-Identifier: Apache-2.0
 * A sync against a small hub over real TLS: batches, refusals, lost connections, forged receipts.
 * After each: the records that the hub holds, and those that the spool still holds. */
#include "tests/kit/uplink_hub.h"

#include <errno.h>

static struct stage s;

static void test_batches_share_one_connection(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 25;
	s.options.max_records = 10;
	stage_open_uplink(&s);
	uplink_set_polls(s.uplink, 100, 70, 5, 30);
	stage_put_all(&s);
	world_run(&s.w);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
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
	stage_read_status(&s, &status);
	assert_int_equal(status.last_err, 0);
	assert_int_equal(status.records, 25);
	assert_true(status.last_success_ms >= s.summary.started_at_ms);
	assert_true(stage_read_value(&s, "hub_key") > 40);
	assert_true(stage_read_value(&s, "hub_key.copy") > 40);
	assert_true(stage_read_value(&s, "last_receipt") > 100);
	stage_close(&s);
}

static void test_hub_closes_after_each_response(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 6;
	s.options.max_records = 2;
	s.plan[0] = A_RECEIPT_AND_CLOSE;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	assert_int_equal(s.w.accepted, 3);
	stage_close(&s);
}

static void refused(const char *cert, const char *key, int err)
{
	stage_open(&s, cert, key);
	stage_play(&s);
	stage_check_nothing_deleted(&s, err);
	assert_int_equal(s.summary.retries, 0);
	assert_int_equal(s.requests, 0);
	struct uplink_status status;
	stage_read_status(&s, &status);
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
		stage_open_valid(&s);
		s.plan[0] = A_STATUS + statuses[i];
		stage_play(&s);
		stage_check_nothing_deleted(&s, errs[i]);
		assert_int_equal(s.requests, 1);
		struct uplink_status status;
		stage_read_status(&s, &status);
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
	stage_open_valid(&s);
	memcpy(s.plan, plan, sizeof plan);
	s.plan_len = 6;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.retries, 5);
	assert_int_equal(s.requests, 6);
	stage_check_stored_once(&s);
	/* The same bytes each time. */
	for (unsigned i = 1; i < 6; i++)
		assert_memory_equal(s.envelope_digest[0], s.envelope_digest[i], 32);
	stage_close(&s);
}

static void test_retry_after_is_obeyed(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 503;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	s.retry_after_s = 1;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_true(s.summary.ended_at_ms - s.summary.started_at_ms >= 1000);
	stage_check_stored_once(&s);
	stage_close(&s);
}

static void test_unreachable_hub_ends_the_run(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.options.tries = 3;
	s.plan[0] = A_STATUS + 503;
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_UNAVAILABLE);
	assert_int_equal(s.requests, 3);
	stage_close(&s);
	/* There is no listener. */
	stage_open_valid(&s);
	s.options.tries = 2;
	int fd;
	s.options.hub.port = refusing_port(&fd);
	s.options.hub.host = "127.0.0.1";
	world_no_more(&s.w); /* during the rest nothing but the deadline keeps the loop going */
	stage_play(&s);
	assert_int_equal(close(fd), 0);
	stage_check_nothing_deleted(&s, -ECONNREFUSED);
	assert_int_equal(s.summary.retries, 1);
	stage_close(&s);
	/* Its name does not resolve. */
	stage_open_valid(&s);
	s.options.tries = 2;
	s.options.hub.host = "hub.invalid";
	s.options.hub.port = 443;
	world_no_more(&s.w);
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_NAME);
	assert_int_equal(s.summary.retries, 1);
	stage_close(&s);
}

static void test_connection_lost_after_the_hub_stored(void **state)
{
	(void)state;
	stage_open_valid(&s);
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
	stage_open_valid(&s);
	s.options.tries = 2;
	s.options.receipt_ms = 30;
	s.plan[0] = A_SILENCE;
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_TIMEOUT);
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
	stage_open_valid(&s);
	s.records = 350;
	s.known_encodings = BODY_ZSTD;
	s.options.tries = 2;
	s.options.send_ms = 50;
	s.deaf = 2;
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_TIMEOUT);
	assert_string_equal(s.summary.why, "the batch could not be sent in time");
	assert_int_equal(s.summary.retries, 1);
	assert_int_equal(s.requests, 0);
	stage_close(&s);
	/* It was only slow: then smaller batches pass. */
	stage_open_valid(&s);
	s.records = 350;
	s.known_encodings = BODY_ZSTD;
	s.options.send_ms = 50;
	s.deaf = 1;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.retries, 1);
	stage_check_stored_once(&s);
	assert_int_equal(s.batches, 2);
	assert_int_equal(s.last[0], 175);
	stage_close(&s);
}

static void test_response_before_the_batch_was_read(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 300;
	s.is_early = true;
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_AUTH);
	assert_int_equal(s.summary.retries, 0);
	stage_close(&s);
}

static void test_response_framing_that_ends_the_connection(void **state)
{
	(void)state;
	stage_open_valid(&s);
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
	stage_check_stored_once(&s);
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
		stage_open_valid(&s);
		s.plan[0] = lies[i];
		stage_play(&s);
		if (lies[i] == A_TAMPERED)
			assert_true(s.summary.err == ERR_SIGNATURE || s.summary.err == ERR_KEY ||
				    s.summary.err == ERR_FORMAT);
		stage_check_nothing_deleted(&s, lies[i] == A_TAMPERED ? s.summary.err : errs[i]);
		assert_int_equal(s.requests, 1);
		assert_int_equal(stage_read_value(&s, "hub_key"), 0);
		stage_close(&s);
	}
}

static void test_rejected_record_is_quarantined(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.plan[0] = A_REJECT_FIRST;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.summary.rejected, 1);
	assert_int_equal(s.left, 0);
	assert_true(stage_read_value(&s, "rejected.1") > 100);
	assert_int_equal(stage_read_value(&s, "rejected.2"), 0);
	stage_close(&s);
}

/* 422 for whatever holds record 3: the batch is cut in halves until it is alone. */
static void test_bisection_finds_the_refused_record(void **state)
{
	(void)state;
	stage_open_valid(&s);
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
	assert_true(stage_read_value(&s, "rejected.3") > 100);
	stage_close(&s);
}

static void test_hub_that_refuses_everything_keeps_the_spool(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 422;
	stage_play(&s);
	assert_int_equal(s.summary.err, ERR_HTTP_STATUS);
	assert_int_equal(s.left, s.records - 2);
	assert_true(stage_read_value(&s, "rejected.1") > 100);
	assert_true(stage_read_value(&s, "rejected.2") > 100);
	stage_close(&s);
}

static void test_restored_store_gets_a_new_epoch(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 409;
	s.plan[1] = A_RECEIPT;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	assert_true(s.epoch[0] != s.epoch[1]);
	stage_check_stored_once(&s);
	stage_close(&s);
	/* A second conflict is no copy. */
	stage_open_valid(&s);
	s.plan[0] = A_STATUS + 409;
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_CONFLICT);
	assert_int_equal(s.requests, 2);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches_share_one_connection),
		cmocka_unit_test(test_hub_closes_after_each_response),
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
		cmocka_unit_test(test_restored_store_gets_a_new_epoch),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
