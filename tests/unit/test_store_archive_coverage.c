/* SPDX-License-Identifier: Apache-2.0
 * Coverage in the hub's store: of an agent the newest message counts, whatever comes again. */
#include "tests/kit/archive_fixture.h"
#include "proto/wire/coverage.h"

enum { ATTEMPT_S = 60 };

static int tell(
	struct fixture *f, uint64_t made_at_ms, const struct coverage_row *row, size_t count)
{
	struct buf body;
	buf_open(&body, LIMIT_BATCH_RAW);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(coverage_row_pack(&body, row), 0);
	struct archive_coverage c = {.agent_id = f->agent,
		.public_key = f->key,
		.public_key_len = sizeof f->key,
		.made_at_ms = made_at_ms,
		.received_at_ms = RECEIVED_MS + f->later_ms,
		.known = 7,
		.body = body.data,
		.body_len = body.len};
	assert_int_equal(archive_begin(f->archive), 0);
	int err = archive_put_coverage(f->archive, &c);
	assert_int_equal(archive_commit(f->archive), 0);
	buf_close(&body);
	return err;
}

static const struct coverage_row silent = {.attempt_s = ATTEMPT_S,
	.reason = COVERAGE_NOT_RESPONDING,
	.address = TEXT("127.0.0.1:161")};

struct told {
	uint64_t attempt_at_ms, known, unread;
	uint8_t reason;
};

static int on_device(void *owner, const struct archive_device *d)
{
	struct told *t = owner;
	t->attempt_at_ms = d->attempt_at_ms;
	t->reason = d->attempt_reason;
	return 0;
}

static int on_site(void *owner, const struct archive_site *site)
{
	struct told *t = owner;
	t->known = site->known;
	t->unread = site->unread;
	return 0;
}

static struct told told(const char *dir)
{
	struct told t = {0};
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	assert_int_equal(archive_view_open(&v, dir, why, sizeof why), 0);
	assert_int_equal(archive_view_each(v, on_device, &t), 1);
	assert_true(archive_view_sites(v, 0, on_site, &t) >= 0);
	archive_view_close(v);
	return t;
}

static void test_older_coverage_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(tell(f, RECEIVED_MS, &silent, 1), 0);
	assert_int_equal(told(f->dir).attempt_at_ms, RECEIVED_MS - ATTEMPT_S * 1000);
	/* The same once more, its response was lost: its times are not newer for that. */
	f->later_ms = 3600000;
	assert_int_equal(tell(f, RECEIVED_MS, &silent, 1), 0);
	assert_int_equal(told(f->dir).attempt_at_ms, RECEIVED_MS - ATTEMPT_S * 1000);
	assert_int_equal(tell(f, RECEIVED_MS - 1, &silent, 1), ERR_CONFLICT);
	assert_int_equal(told(f->dir).attempt_at_ms, RECEIVED_MS - ATTEMPT_S * 1000);
	assert_int_equal(tell(f, RECEIVED_MS + 1, &silent, 1), 0);
	assert_int_equal(told(f->dir).attempt_at_ms, RECEIVED_MS + 3600000 - ATTEMPT_S * 1000);
}

static void test_coverage_from_the_future_holds_none_up(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(tell(f, INT64_MAX, &silent, 1), 0);
	f->later_ms = 1000;
	assert_int_equal(tell(f, RECEIVED_MS, &silent, 1), 0);
	assert_int_equal(told(f->dir).attempt_at_ms, RECEIVED_MS + 1000 - ATTEMPT_S * 1000);
	assert_int_equal(tell(f, RECEIVED_MS - 1, &silent, 1), ERR_CONFLICT);
}

/* The policy of the agent leaves out addresses: its records have none either. */
static void test_row_without_name_and_address_is_of_no_device(void **state)
{
	struct fixture *f = *state;
	const struct coverage_row row = {.attempt_s = ATTEMPT_S, .reason = COVERAGE_NOT_RESPONDING};
	order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .address = ""});
	assert_int_equal(put(f), 0);
	assert_int_equal(tell(f, RECEIVED_MS, &row, 3), 0);
	struct told t = told(f->dir);
	assert_int_equal(t.attempt_at_ms, 0);
	assert_int_equal(t.reason, 0);
	assert_int_equal(t.known, 7);
	assert_int_equal(t.unread, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_older_coverage_is_refused),
		TEST(test_coverage_from_the_future_holds_none_up),
		TEST(test_row_without_name_and_address_is_of_no_device),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
