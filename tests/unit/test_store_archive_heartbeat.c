/* SPDX-License-Identifier: Apache-2.0
 * Heartbeats in the hub's store: of an agent the newest one counts, at a bounded rate, and the work
 * that waits is told. */
#include "tests/kit/archive_fixture.h"
#include "proto/wire/heartbeat.h"

static unsigned work;

static int beat_of(struct fixture *f, uint64_t number, uint64_t epoch, uint64_t receipted)
{
	struct archive_heartbeat h = {.agent_id = f->agent,
		.public_key = f->key,
		.public_key_len = sizeof f->key,
		.number = number,
		.sent_at_ms = number,
		.received_at_ms = RECEIVED_MS + f->later_ms,
		.epoch = epoch,
		.receipted = receipted,
		.bytes = (const uint8_t *)&number,
		.len = sizeof number};
	assert_int_equal(archive_begin(f->archive), 0);
	int err = archive_put_heartbeat(f->archive, &h, &work);
	assert_int_equal(archive_commit(f->archive), 0);
	return err;
}

static int beat(struct fixture *f, uint64_t number)
{
	return beat_of(f, number, f->epoch, 0);
}

static int on_agent(void *owner, const struct archive_agent *a)
{
	uint64_t *shown = owner;
	shown[0] = a->heartbeat_at_ms;
	assert_int_equal(a->heartbeat_len, a->heartbeat_at_ms == 0 ? 0 : sizeof shown[1]);
	if (a->heartbeat_len > 0)
		memcpy(&shown[1], a->heartbeat, a->heartbeat_len);
	return 0;
}

static void check_shown(const struct fixture *f, uint64_t at_ms, uint64_t number)
{
	uint64_t shown[2] = {0, 0};
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	assert_int_equal(archive_view_agents(v, on_agent, shown), 1);
	archive_view_close(v);
	assert_true(shown[0] == at_ms && shown[1] == number);
}

static void test_older_heartbeat_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	check_shown(f, 0, 0);
	assert_int_equal(beat(f, 1000), 0);
	check_shown(f, RECEIVED_MS, 1000);
	f->later_ms = 3600000;
	assert_int_equal(beat(f, 1000), 0); /* its response was lost */
	assert_int_equal(beat(f, 999), ERR_CONFLICT);
	check_shown(f, RECEIVED_MS, 1000);
	assert_int_equal(beat(f, 1001), 0);
	check_shown(f, RECEIVED_MS + 3600000, 1001);
}

static void test_number_far_ahead_holds_none_up(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(beat(f, RECEIVED_MS + 3600000), 0);
	assert_int_equal(beat(f, RECEIVED_MS), ERR_CONFLICT); /* a clock that is an hour ahead */
	assert_int_equal(beat(f, INT64_MAX), 0);
	assert_int_equal(beat(f, RECEIVED_MS), 0);
	assert_int_equal(beat(f, RECEIVED_MS - 1), ERR_CONFLICT);
}

static void test_unknown_agent_and_other_key_are_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t key[LIMIT_PUBLIC_KEY];
	size_t len;
	assert_int_equal(beat(f, 1), ERR_NAME);
	assert_int_equal(archive_agent_key(f->archive, f->agent, key, &len), ERR_NAME);
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(archive_agent_key(f->archive, f->agent, key, &len), 0);
	assert_int_equal(len, sizeof f->key);
	assert_memory_equal(key, f->key, len);
	f->key[3] ^= 1;
	assert_int_equal(beat(f, 1), ERR_FORBIDDEN);
	f->key[3] ^= 1;
	check_shown(f, 0, 0);
}

static void test_rate_is_bounded(void **state)
{
	struct fixture *f = *state;
	uint64_t n = 1;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	for (; n <= LIMIT_HEARTBEAT_BURST; n++)
		assert_int_equal(beat(f, n), 0);
	assert_int_equal(beat(f, n), ERR_BUSY);
	check_shown(f, RECEIVED_MS, n - 1);
	f->later_ms = LIMIT_HEARTBEAT_EVERY_MS;
	assert_int_equal(beat(f, n), 0);
	assert_int_equal(beat(f, n + 1), ERR_BUSY);
	f->later_ms = 1 + LIMIT_HEARTBEAT_BURST * LIMIT_HEARTBEAT_EVERY_MS;
	assert_int_equal(beat(f, n + 1), 0);
}

/* Our own clock was set back: the rate does not count from a time of the future. */
static void test_rate_survives_a_clock_that_is_set_back(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	f->later_ms = 86400000;
	assert_int_equal(beat(f, 1), 0);
	f->later_ms = 0;
	assert_int_equal(beat(f, 2), 0);
}

static void test_work_is_told(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(beat_of(f, 1, f->epoch, 1), 0);
	assert_false(work & HEARTBEAT_HAS_LOST);
	assert_int_equal(beat_of(f, 2, f->epoch, 2), 0);
	assert_true(work & HEARTBEAT_HAS_LOST);
	assert_int_equal(beat_of(f, 3, f->epoch + 1, 0), 0);
	assert_false(work & HEARTBEAT_HAS_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_older_heartbeat_is_refused),
		TEST(test_number_far_ahead_holds_none_up),
		TEST(test_unknown_agent_and_other_key_are_refused),
		TEST(test_rate_is_bounded),
		TEST(test_rate_survives_a_clock_that_is_set_back),
		TEST(test_work_is_told),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
