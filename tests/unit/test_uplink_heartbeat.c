/* SPDX-License-Identifier: Apache-2.0
 * A heartbeat after a sync: what the hub's responses mean, and what happens to it meanwhile. */
#include "tests/kit/uplink_hub.h"

static struct stage s;

static void play(int beat)
{
	stage_open_valid(&s);
	s.beat = beat;
	stage_play(&s);
	/* Whatever comes of it, the sync before and the spool are as they were. */
	stage_check_stored_once(&s);
	assert_int_equal(s.heartbeats, 1);
}

static void test_heartbeat_arrives(void **state)
{
	struct uplink_status kept;
	(void)state;
	play(A_GOOD);
	assert_int_equal(s.ends, 1);
	assert_int_equal(s.beat_ends, 1);
	assert_int_equal(s.beat_err, 0);
	assert_true(s.status.last_heartbeat_ms > 0 && s.status.has_skew);
	assert_int_equal(s.status.skew_ms, 1500);
	assert_true(s.heartbeat.number == s.status.heartbeat_number);
	assert_int_equal(s.heartbeat.receipted, s.records);
	assert_int_equal(s.heartbeat.pending, 0);
	assert_true(s.heartbeat.last_sync_ms == s.status.last_success_ms);
	/* The number goes on after a restart. */
	stage_read_status(&s, &kept);
	assert_true(kept.heartbeat_number == s.heartbeat.number);
	assert_true(kept.last_heartbeat_ms == s.status.last_heartbeat_ms);
	stage_close(&s);
}

/* The wall clock was set back since. */
static void test_number_is_higher_than_the_last_one(void **state)
{
	struct uplink_status past = {.heartbeat_number = INT64_MAX - 7};
	(void)state;
	stage_open_valid(&s);
	s.beat = A_GOOD;
	stage_write_status(&s, &past);
	stage_play(&s);
	assert_int_equal(s.beat_err, 0);
	assert_true(s.heartbeat.number == INT64_MAX - 6);
	assert_true(s.heartbeat.sent_at_ms < INT64_MAX - 7);
	stage_close(&s);
}

static void test_policy_holds_for_heartbeats(void **state)
{
	struct policy p;
	(void)state;
	policy_open(&p);
	assert_int_equal(policy_leave_out(&p, text_of("heartbeat.last_sync")), 0);
	policy_close(&p);
	stage_open_valid(&s);
	s.beat = A_GOOD;
	s.options.policy = &p;
	stage_play(&s);
	assert_int_equal(s.beat_err, 0);
	assert_int_equal(s.heartbeat.last_sync_ms, 0);
	assert_true(s.status.last_success_ms > 0);
	stage_close(&s);
}

static void test_forged_responses_are_not_accepted(void **state)
{
	static const struct {
		int beat, err;
	} cases[] = {{A_OTHER_KEY, ERR_KEY}, {A_TAMPERED, ERR_SIGNATURE},
		{A_OTHER_BATCH, ERR_SIGNATURE}, {A_NO_RECEIPT, ERR_FORMAT}};
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		stage_open_valid(&s);
		s.beat = cases[i].beat;
		s.work = HEARTBEAT_HAS_LOST;
		stage_play(&s);
		stage_check_stored_once(&s);
		assert_int_equal(s.beat_err, cases[i].err);
		assert_int_equal(s.beat_work, 0);
		assert_int_equal(s.status.last_heartbeat_ms, 0);
		assert_int_equal(s.status.last_err, 0);
		stage_close(&s);
	}
}

static void test_older_hub_gets_no_more(void **state)
{
	static const int statuses[] = {404, 405, 415};
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		play(A_STATUS + statuses[i]);
		assert_int_equal(s.beat_err, 0);
		assert_true(s.has_no_heartbeat);
		assert_int_equal(s.status.last_heartbeat_ms, 0);
		stage_close(&s);
	}
}

static void test_refused_login_counts_as_that_of_a_sync(void **state)
{
	(void)state;
	play(A_STATUS + 401);
	assert_int_equal(s.status.last_err, ERR_AUTH);
	stage_close(&s);
	play(A_STATUS + 403);
	assert_int_equal(s.status.last_err, ERR_FORBIDDEN);
	stage_close(&s);
}

static void test_other_failures_are_no_failures_of_a_sync(void **state)
{
	static const struct {
		int status, err;
	} cases[] = {{503, ERR_UNAVAILABLE}, {429, ERR_UNAVAILABLE}, {409, ERR_HTTP_STATUS},
		{302, ERR_REDIRECT}, {422, ERR_HTTP_STATUS}};
	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		play(A_STATUS + cases[i].status);
		assert_int_equal(s.beat_ends, 1);
		assert_int_equal(s.beat_err, cases[i].err);
		assert_int_equal(s.status.last_err, 0);
		assert_false(s.has_no_heartbeat);
		stage_close(&s);
	}
}

static void test_work_is_reported(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.beat = A_GOOD;
	s.work = 0xf0u | HEARTBEAT_WANTS_FULL; /* of a later hub */
	stage_play(&s);
	assert_int_equal(s.beat_work, HEARTBEAT_WANTS_FULL);
	/* Nothing is pending: no sync follows. */
	assert_int_equal(s.ends, 1);
	stage_close(&s);
}

static void ask_for_sync(struct stage *stage)
{
	assert_int_equal(uplink_sync_now(stage->uplink), 0);
	assert_int_equal(uplink_sync_now(stage->uplink), 0);
}

static void test_sync_follows_that_was_asked_for_meanwhile(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.beat = A_GOOD;
	s.expects_sync = true;
	s.on_heartbeat = ask_for_sync;
	stage_play(&s);
	assert_int_equal(s.ends, 2);
	assert_int_equal(s.summary.err, 0);
	assert_int_equal(s.beat_ends, 1);
	stage_close(&s);
}

static void stop(struct stage *stage)
{
	ask_for_sync(stage);
	stage_close_uplink(stage);
}

/* The sync that was asked for ends too. */
static void test_stop_during_a_heartbeat(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.beat = A_GOOD;
	s.on_heartbeat = stop;
	stage_play(&s);
	assert_int_equal(s.beat_ends, 0);
	assert_int_equal(s.ends, 2);
	assert_int_equal(s.summary.err, ERR_STOPPED);
	stage_close(&s);
}

static void switch_off(struct stage *stage)
{
	uplink_switch(stage->uplink, false);
}

static void test_send_off_ends_a_heartbeat(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.beat = A_GOOD;
	s.on_heartbeat = switch_off;
	stage_play(&s);
	assert_int_equal(s.beat_err, ERR_STOPPED);
	assert_int_equal(s.status.last_heartbeat_ms, 0);
	stage_close(&s);
}

/* Of 2,000 agents a minute of the hour has 33 on average. */
static void test_agents_are_spread_over_the_hour(void **state)
{
	unsigned count[60] = {0};
	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		uint8_t id[AGENT_ID_BYTES], digest[CRYPTO_SHA256];
		assert_int_equal(crypto_sha256(&i, sizeof i, digest), 0);
		memcpy(id, digest, sizeof id);
		count[schedule_offset_ms(id, sizeof id, 3600000) / 60000]++;
	}
	for (unsigned i = 0; i < 60; i++)
		assert_in_range(count[i], 10, 66);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heartbeat_arrives),
		cmocka_unit_test(test_number_is_higher_than_the_last_one),
		cmocka_unit_test(test_policy_holds_for_heartbeats),
		cmocka_unit_test(test_forged_responses_are_not_accepted),
		cmocka_unit_test(test_older_hub_gets_no_more),
		cmocka_unit_test(test_refused_login_counts_as_that_of_a_sync),
		cmocka_unit_test(test_other_failures_are_no_failures_of_a_sync),
		cmocka_unit_test(test_work_is_reported),
		cmocka_unit_test(test_sync_follows_that_was_asked_for_meanwhile),
		cmocka_unit_test(test_stop_during_a_heartbeat),
		cmocka_unit_test(test_send_off_ends_a_heartbeat),
		cmocka_unit_test(test_agents_are_spread_over_the_hour),
	};
	return cmocka_run_group_tests_name("uplink_heartbeat", tests, stage_setup, certs_remove);
}
