/* SPDX-License-Identifier: Apache-2.0
 * Whom the agent trusts: the key of the hub that it met first over verified TLS, across restarts,
 * and what a damaged store leaves of that. */
#include "tests/kit/uplink_hub.h"

#include "engine/store/spool_view.h"

static struct stage s;

static void test_first_hub_key_is_pinned(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = 4;
	s.options.max_records = 2;
	s.plan[0] = A_RECEIPT;
	s.plan[1] = A_OTHER_KEY;
	s.plan_len = 2;
	stage_play(&s);
	assert_int_equal(s.summary.err, ERR_KEY);
	assert_int_equal(s.summary.records, 2);
	assert_int_equal(s.left, 2);
	stage_close(&s);
}

static void test_pinned_key_survives_a_restart(void **state)
{
	(void)state;
	stage_open_valid(&s);
	uint8_t der[CRYPTO_PUBLIC_MAX];
	int n = crypto_key_public(s.other_key, der);
	assert_true(n > 0);
	assert_int_equal(spool_set_value(s.spool, "hub_key", der, (size_t)n), 0);
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_KEY);
	stage_close(&s);
}

static void on_spool_closed_early(void *owner)
{
	struct stage *stage = owner;
	stage->spool = NULL;
	workers_close(stage->workers);
	loop_stop(stage->w.loop);
}

/* Flips a bit of the key in `copies` values of the closed store. */
static void damage_key(const uint8_t *der, size_t len, unsigned copies)
{
	static uint8_t file[1 << 20];
	char path[128];
	(void)snprintf(path, sizeof path, "%s/store.db", s.dir);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	ssize_t n = read(fd, file, sizeof file);
	assert_true(n > 0 && (size_t)n < sizeof file);
	const uint8_t *at = file;
	for (; copies > 0; copies--) {
		const uint8_t *end = file + n;
		at = memmem(at, (size_t)(end - at), der, len);
		assert_non_null(at);
		uint8_t wrong = (uint8_t)(*at ^ 4);
		assert_int_equal(pwrite(fd, &wrong, 1, at - file), 1);
		at++;
	}
	assert_int_equal(close(fd), 0);
}

static void open_with_damaged_key(unsigned copies)
{
	uint8_t der[CRYPTO_PUBLIC_MAX];
	stage_open_valid(&s);
	int n = crypto_key_public(s.other_key, der);
	for (int i = 0; i < 2; i++)
		assert_int_equal(spool_set_value(s.spool, hub_key_names[i], der, (size_t)n), 0);
	spool_close(s.spool, on_spool_closed_early, &s);
	assert_int_equal(loop_run(s.w.loop), 0);
	damage_key(der, (size_t)n, copies);
	stage_open_spool(&s);
}

/* Neither copy alone, nor both, make the hub's key forgotten; and the agent starts all the same. */
static void test_damaged_pin_is_refused(void **state)
{
	(void)state;
	open_with_damaged_key(1);
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_KEY);
	assert_int_equal(s.requests, 1);
	stage_close(&s);
	open_with_damaged_key(2);
	stage_play(&s);
	stage_check_nothing_deleted(&s, ERR_KEY);
	assert_int_equal(s.requests, 0);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_hub_key_is_pinned),
		cmocka_unit_test(test_pinned_key_survives_a_restart),
		cmocka_unit_test(test_damaged_pin_is_refused),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
