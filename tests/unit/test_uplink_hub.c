/* SPDX-License-Identifier: Apache-2.0
 * The hub's settings while the uplink lives: another hub in each state, sessions that are resumed,
 * certificates that expire, an issuer that is another one. */
#include "tests/kit/uplink_hub.h"

#include <time.h>

static struct stage s;

static void all_are_stored(void)
{
	assert_int_equal(s.summary.err, 0);
	for (unsigned seq = 1; seq <= s.records; seq++)
		assert_true(s.stored[seq] > 0);
	assert_int_equal(s.left, 0);
}

/* ---- another hub ---- */

static struct uplink_hub good_hub(void)
{
	return (struct uplink_hub){.host = "localhost",
		.port = listener_port(s.w.listener),
		.path = "/base/",
		.user = "agent-7",
		.password = s.password != NULL ? s.password : "s3cret"};
}

static void on_time(struct due *due)
{
	struct stage *stage = container_of(due, struct stage, enough);
	if (stage->uplink->state != UPLINK_BACKED_OFF) {
		assert_int_equal(
			loop_due_set(stage->w.loop, due, loop_now_ms(stage->w.loop) + 5), 0);
		return;
	}
	struct uplink_hub hub = good_hub();
	uplink_set_hub(stage->uplink, &hub, NULL);
}

/* The rest would be a minute long. */
static void test_new_hub_ends_a_back_off(void **state)
{
	(void)state;
	int fd;
	stage_open_valid(&s);
	s.options.hub.host = "127.0.0.1";
	s.options.hub.port = refusing_port(&fd);
	s.options.backoff_base_ms = s.options.backoff_cap_ms = 3600000;
	due_init(&s.enough, on_time);
	assert_int_equal(loop_due_set(s.w.loop, &s.enough, loop_now_ms(s.w.loop) + 5), 0);
	stage_play(&s);
	all_are_stored();
	assert_int_equal(s.requests, 1);
	assert_int_equal(close(fd), 0);
	stage_close(&s);
}

static void set_during_request(struct stage *stage)
{
	if (stage->requests != 1)
		return;
	stage->password = "n3w";
	struct uplink_hub hub = good_hub();
	uplink_set_hub(stage->uplink, &hub, NULL);
}

/* The first batch ends with the old password on its connection, the second one has a new one. */
static void test_request_under_way_ends_with_the_old_settings(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 4;
	s.options.max_records = 2;
	s.on_request = set_during_request;
	stage_play(&s);
	all_are_stored();
	assert_int_equal(s.requests, 2);
	assert_int_equal(s.w.accepted, 2);
	stage_close(&s);
}

static void test_settings_of_an_idle_uplink_change_at_once(void **state)
{
	(void)state;
	int fd;
	stage_open_valid(&s);
	s.options.hub.port = refusing_port(&fd);
	stage_open_uplink(&s);
	struct uplink_hub hub = good_hub();
	hub.password = "s3cret";
	uplink_set_hub(s.uplink, &hub, NULL);
	stage_put_all(&s);
	world_run(&s.w);
	all_are_stored();
	assert_int_equal(s.summary.retries, 0);
	assert_int_equal(close(fd), 0);
	stage_close(&s);
}

/* ---- sessions ---- */

/* Each sync has a connection of its own. */
static void test_one_full_handshake_serves_many_syncs(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 10;
	s.options.max_records = 1;
	s.plan[0] = A_RECEIPT_AND_CLOSE;
	stage_play(&s);
	all_are_stored();
	assert_int_equal(s.w.accepted, 10);
	unsigned full = 0;
	for (unsigned i = 0; i < s.w.accepted; i++)
		full += !s.w.server[i].is_resumed;
	assert_int_equal(full, 1);
	stage_close(&s);
}

/* ---- certificates ---- */

static void test_certificates_are_in_the_status(void **state)
{
	(void)state;
	const uint64_t day = 86400000, now = (uint64_t)time(NULL) * 1000;
	struct uplink_status status;
	stage_open_valid(&s);
	stage_play(&s);
	all_are_stored();
	stage_read_status(&s, &status);
	assert_in_range(status.hub_certificate.at_ms, now + 820 * day, now + 826 * day);
	assert_int_equal(status.hub_certificate.warned_ms, 0);
	assert_int_equal(status.own_certificate.at_ms, 0);
	assert_non_null(strstr(status.hub_issuer, "platen test intermediate"));
	stage_close(&s);
}

static void test_other_issuer_is_named(void **state)
{
	(void)state;
	struct uplink_status status = {.hub_issuer = "CN=The hub's own authority"};
	stage_open(&s, "bad-other-ca.pem", "bad-other-ca.key");
	stage_write_status(&s, &status);
	stage_play(&s);
	assert_int_equal(s.summary.err, ERR_TLS_UNTRUSTED);
	assert_non_null(strstr(s.summary.why, "issued by \"CN=another root"));
	assert_non_null(strstr(s.summary.why, "so far by \"CN=The hub's own authority\""));
	stage_read_status(&s, &status); /* what was refused is not what was seen before */
	assert_string_equal(status.hub_issuer, "CN=The hub's own authority");
	stage_close(&s);
	/* The same issuer, or none that is known: no word about it. */
	for (int i = 0; i < 2; i++) {
		stage_open(&s, "bad-other-ca.pem", "bad-other-ca.key");
		status = (struct uplink_status){.hub_issuer = ""};
		if (i == 1)
			(void)str_copy(status.hub_issuer, sizeof status.hub_issuer,
				"CN=another root,O=platen test");
		stage_write_status(&s, &status);
		stage_play(&s);
		assert_int_equal(s.summary.err, ERR_TLS_UNTRUSTED);
		assert_null(strstr(s.summary.why, "so far"));
		stage_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_hub_ends_a_back_off),
		cmocka_unit_test(test_request_under_way_ends_with_the_old_settings),
		cmocka_unit_test(test_settings_of_an_idle_uplink_change_at_once),
		cmocka_unit_test(test_one_full_handshake_serves_many_syncs),
		cmocka_unit_test(test_certificates_are_in_the_status),
		cmocka_unit_test(test_other_issuer_is_named),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
