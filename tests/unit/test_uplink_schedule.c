/* SPDX-License-Identifier: Apache-2.0
 * When to go to the hub: places in the day, first times, rests. */
#include "engine/uplink/schedule.h"

#include "engine/uplink/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW UINT64_C(1795352800123)

static void test_offset_is_spread_over_the_agents(void **state)
{
	(void)state;
	enum { AGENTS = 1440 };
	unsigned per_hour[24] = {0};
	for (unsigned i = 0; i < AGENTS; i++) {
		uint8_t id[16] = {(uint8_t)i, (uint8_t)(i >> 8), 0x5a};
		uint64_t offset = schedule_offset_ms(id, sizeof id, DAY);
		assert_int_equal(offset % MINUTE, 0);
		assert_true(offset < DAY);
		assert_int_equal(offset, schedule_offset_ms(id, sizeof id, DAY));
		per_hour[offset / HOUR]++;
	}
	for (int h = 0; h < 24; h++)
		assert_in_range(per_hour[h], 30, 90);
	uint8_t id[16] = {1};
	assert_true(schedule_offset_ms(id, sizeof id, 5000) < 5000);
	assert_int_equal(schedule_offset_ms(id, sizeof id, 0), 0);
}

static void test_next_run_is_after_now_at_the_offset(void **state)
{
	(void)state;
	for (uint64_t offset = 0; offset < DAY; offset += 7 * MINUTE) {
		uint64_t next = schedule_next_ms(NOW, DAY, offset);
		assert_true(next > NOW);
		assert_true(next <= NOW + DAY);
		assert_int_equal(next % DAY, offset);
		/* At its own time the next one is a whole interval later. */
		assert_true(schedule_next_ms(next, DAY, offset) == next + DAY);
		assert_true(schedule_next_ms(next - 1, DAY, offset) == next);
	}
	assert_true(schedule_next_ms(NOW, 0, 0) == NOW);
}

static void test_first_run_after_a_start(void **state)
{
	(void)state;
	uint64_t next = schedule_next_ms(NOW, DAY, 0);
	for (uint64_t dice = 0; dice < 20 * MINUTE; dice += 7919) {
		/* never; a day and more ago; in the future, so some clock was wrong */
		assert_in_range(schedule_first_ms(NOW, DAY, 0, 0, dice), NOW, NOW + 5 * MINUTE);
		assert_in_range(
			schedule_first_ms(NOW, DAY, 0, NOW - DAY, dice), NOW, NOW + 5 * MINUTE);
		assert_in_range(
			schedule_first_ms(NOW, DAY, 0, NOW + HOUR, dice), NOW, NOW + 5 * MINUTE);
		assert_true(schedule_first_ms(NOW, DAY, 0, NOW - HOUR, dice) == next);
		assert_in_range(schedule_first_ms(NOW, 1000, 0, 0, dice), NOW, NOW + 100);
	}
}

static void test_failed_run_is_retried_within_the_hour(void **state)
{
	(void)state;
	for (uint64_t dice = 0; dice < 3 * HOUR; dice += 104729) {
		assert_in_range(
			schedule_again_ms(NOW, DAY, 0, dice), NOW + 15 * MINUTE, NOW + HOUR);
		/* A short interval is not made longer. */
		assert_in_range(schedule_again_ms(NOW, MINUTE, 0, dice), NOW, NOW + MINUTE);
	}
}

static void test_backoff_grows_with_full_jitter(void **state)
{
	(void)state;
	uint64_t most = 0;
	for (unsigned failures = 1; failures < 80; failures++) {
		uint64_t bound = failures > 6 ? 60000 : 1000ull << (failures - 1);
		if (bound > 60000)
			bound = 60000;
		most = 0;
		for (uint64_t dice = 0; dice < 70000; dice += 13) {
			uint64_t rest = schedule_backoff_ms(failures, 1000, 60000, dice);
			assert_true(rest <= bound);
			most = rest > most ? rest : most;
		}
		assert_true(most > bound * 9 / 10);
		assert_int_equal(schedule_backoff_ms(failures, 1000, 60000, 0), 0);
	}
	assert_true(schedule_backoff_ms(3, UINT64_MAX, UINT64_MAX, 77) == 77);
	assert_true(schedule_backoff_ms(1, 5000, 1000, UINT64_MAX) <= 1000);
}

static void test_status_survives_a_restart(void **state)
{
	(void)state;
	struct uplink_status in = {.last_contact_ms = NOW,
		.last_success_ms = NOW - DAY,
		.next_ms = NOW + DAY,
		.last_err = ERR_TLS_UNTRUSTED,
		.last_error_at_ms = NOW - 1,
		.last_error = "the certificate has another issuer",
		.batches = 7,
		.records = 12345,
		.sent_bytes = UINT64_MAX};
	struct uplink_status out;
	uint8_t bytes[UPLINK_STATUS_BYTES];
	int n = uplink_status_pack(&in, bytes);
	assert_in_range(n, 60, UPLINK_STATUS_BYTES);
	assert_int_equal(uplink_status_unpack(&out, bytes, (size_t)n), 0);
	assert_memory_equal(&in, &out, sizeof in);
	for (int cut = 0; cut < n; cut++)
		assert_int_equal(uplink_status_unpack(&out, bytes, (size_t)cut), ERR_SHORT);
	/* The longest sentence, and unknown values. */
	memset(in.last_error, 'x', sizeof in.last_error - 1);
	n = uplink_status_pack(&in, bytes);
	assert_int_equal(uplink_status_unpack(&out, bytes, (size_t)n), 0);
	assert_memory_equal(&in, &out, sizeof in);
	assert_int_equal(uplink_status_unpack(&out, (const uint8_t *)"\x82\x32\xc0\x07\x09", 5), 0);
	assert_int_equal(out.batches, 9);
	assert_string_equal(uplink_state_name(UPLINK_IDLE), "idle");
	assert_string_equal(uplink_state_name(UPLINK_ENDING), "ending");
	assert_string_equal(uplink_state_name((enum uplink_state)99), "unknown");
	for (int s = UPLINK_IDLE; s <= UPLINK_ENDING; s++)
		assert_string_not_equal(uplink_state_name((enum uplink_state)s), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offset_is_spread_over_the_agents),
		cmocka_unit_test(test_next_run_is_after_now_at_the_offset),
		cmocka_unit_test(test_first_run_after_a_start),
		cmocka_unit_test(test_failed_run_is_retried_within_the_hour),
		cmocka_unit_test(test_backoff_grows_with_full_jitter),
		cmocka_unit_test(test_status_survives_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
