/* SPDX-License-Identifier: Apache-2.0
 * The spool on a real directory and a real loop: what was kept comes back whole, in order, once,
 * with its number, over restarts; what was not kept never says so; what is full says so. */
#include "engine/store/spool.h"
#include "engine/store/spool_view.h"

#include "tests/kit/spool_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- put, peek, done ----------------------------------------------------------------------------
 */

static void test_records_are_read_in_order_and_removed(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_true(spool_epoch(f->spool) != 0);
	assert_int_equal(spool_next_seq(f->spool), 1);
	assert_int_equal(fixture_put(f, 100), 100);
	fixture_settle(f);
	assert_int_equal(f->kept, 100);
	assert_int_equal(f->failed, 0);
	assert_int_equal(fixture_peek(f, 40), 0);
	assert_int_equal(f->batch.count, 40);
	assert_int_equal(f->batch.first, 1);
	assert_int_equal(f->batch.last, 40);
	fixture_check_body(f);
	assert_int_equal(fixture_done(f, 40), 0);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.pending, 60);
	assert_int_equal(c.kept, 100);
	assert_int_equal(c.waiting, 0);
	assert_int_equal(fixture_peek(f, 1000), 0);
	assert_int_equal(f->batch.first, 41);
	assert_int_equal(f->batch.count, 60);
	fixture_check_body(f);
	assert_int_equal(fixture_done(f, 100), 0);
	assert_int_equal(fixture_peek(f, 1000), 0);
	assert_int_equal(f->batch.count, 0);
	assert_int_equal(f->batch.body.len, 0);
	spool_counts(f->spool, &c);
	assert_int_equal(c.pending, 0);
	assert_int_equal(c.pending_bytes, 0);
	fixture_close(f);
}

static void test_on_kept_follows_the_return_of_put(void **state)
{
	struct fixture *f = *state;
	f->linger_ms = 0;
	fixture_open(f);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(fixture_put(f, 1), 1);
		assert_int_equal(f->kept, i);
		fixture_settle(f);
		assert_int_equal(f->kept, i + 1);
	}
	fixture_close(f);
}

static void test_records_share_one_commit(void **state)
{
	struct fixture *f = *state;
	f->linger_ms = 20;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 50), 50);
	fixture_settle(f);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.commits, 1);
	assert_int_equal(c.kept, 50);
	fixture_close(f);
}

static void test_flush_commits_at_once(void **state)
{
	struct fixture *f = *state;
	f->linger_ms = 3600000;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 3), 3);
	spool_flush(f->spool);
	assert_int_equal(fixture_put(f, 2), 2); /* the next group: waits for its own flush */
	spool_flush(f->spool);
	fixture_settle(f);
	assert_int_equal(f->kept, 5);
	fixture_close(f);
}

static void test_half_full_group_is_committed_at_once(void **state)
{
	struct fixture *f = *state;
	f->linger_ms = 3600000;
	f->record_len = 60000;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 5), 5); /* a quarter of LIMIT_SPOOL_PENDING, half a group */
	fixture_settle(f);
	assert_int_equal(f->kept, 5);
	fixture_close(f);
}

static void test_batches_end_at_their_byte_limit(void **state)
{
	struct fixture *f = *state;
	f->record_len = 1000;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 10), 10);
	fixture_settle(f);
	buf_close(&f->batch.body);
	buf_open(&f->batch.body, 3500);
	assert_int_equal(fixture_peek(f, 1000), 0);
	assert_int_equal(f->batch.count, 3);
	assert_int_equal(f->batch.last, 3);
	fixture_check_body(f);
	buf_close(&f->batch.body);
	buf_open(&f->batch.body, 10);
	assert_int_equal(fixture_peek(f, 1000), ERR_FULL);
	assert_int_equal(f->batch.count, 0);
	fixture_close(f);
}

static void test_close_commits_pending_records(void **state)
{
	struct fixture *f = *state;
	f->linger_ms = 3600000;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 7), 7);
	fixture_close(f);
	assert_int_equal(f->kept, 7);
	fixture_open(f);
	assert_int_equal(fixture_peek(f, 1000), 0);
	assert_int_equal(f->batch.count, 7);
	fixture_check_body(f);
	fixture_close(f);
}

static void test_largest_record_fits(void **state)
{
	struct fixture *f = *state;
	f->record_len = LIMIT_RECORD;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 1), 1);
	struct spool_put put = {.on_kept = NULL};
	uint8_t *big = calloc(1, LIMIT_RECORD + 1);
	assert_non_null(big);
	assert_int_equal(spool_put(f->spool, &put, big, LIMIT_RECORD + 1), ERR_LIMIT);
	assert_int_equal(spool_put(f->spool, &put, big, 0), ERR_LIMIT);
	free(big);
	fixture_settle(f);
	assert_int_equal(fixture_peek(f, 1), 0);
	assert_int_equal(f->batch.body.len, LIMIT_RECORD);
	fixture_check_body(f);
	fixture_close(f);
}

/* ---- full ---------------------------------------------------------------------------------------
 */

static void test_full_queue_refuses_until_committed(void **state)
{
	struct fixture *f = *state;
	f->linger_ms = 3600000;
	f->record_len = 50000;
	fixture_open(f);
	int taken = fixture_put(f, 100);
	/* Two groups of half of LIMIT_SPOOL_PENDING each. */
	assert_in_range(taken, 15, LIMIT_SPOOL_PENDING / 50000);
	assert_int_equal(f->last_err, ERR_FULL);
	uint64_t next = spool_next_seq(f->spool);
	assert_int_equal(next, (uint64_t)taken + 1);
	fixture_settle(f);
	assert_int_equal(f->kept, taken);
	assert_int_equal(fixture_put(f, 1), 1);
	spool_flush(f->spool);
	fixture_settle(f);
	fixture_close(f);
}

static void test_quota_survives_restarts_until_records_are_removed(void **state)
{
	struct fixture *f = *state;
	f->max_bytes = 10000;
	f->record_len = 1000;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 20), 10);
	assert_int_equal(f->last_err, ERR_FULL);
	fixture_settle(f);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(fixture_put(f, 1), 0);
	assert_int_equal(fixture_done(f, 4), 0);
	assert_int_equal(fixture_put(f, 20), 4);
	fixture_settle(f);
	assert_int_equal(f->kept, 14);
	fixture_close(f);
}

/* ---- restart ------------------------------------------------------------------------------------
 */

static void test_numbers_are_never_reused(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	uint64_t epoch = spool_epoch(f->spool);
	uint8_t id[16];
	memcpy(id, spool_agent_id(f->spool), 16);
	assert_int_equal(fixture_put(f, 30), 30);
	fixture_settle(f);
	assert_int_equal(fixture_done(f, 30), 0);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(spool_next_seq(f->spool), 31);
	assert_int_equal(spool_epoch(f->spool), epoch);
	assert_memory_equal(spool_agent_id(f->spool), id, 16);
	fixture_close(f);
}

static void test_values_survive_a_restart(void **state)
{
	struct fixture *f = *state;
	uint8_t got[LIMIT_SPOOL_VALUE], big[LIMIT_SPOOL_VALUE + 1] = {1, 2, 3};
	char long_name[LIMIT_SPOOL_NAME + 2];
	memset(long_name, 'n', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	fixture_open(f);
	assert_int_equal(spool_get_value(f->spool, "hub_key", got, sizeof got), 0);
	assert_int_equal(spool_set_value(f->spool, "hub_key", "first", 5), 0);
	assert_int_equal(spool_set_value(f->spool, "hub_key", "second!", 7), 0);
	assert_int_equal(spool_set_value(f->spool, "empty", NULL, 0), 0);
	assert_int_equal(spool_set_value(f->spool, "most", big, LIMIT_SPOOL_VALUE), 0);
	assert_int_equal(spool_set_value(f->spool, "more", big, sizeof big), ERR_LIMIT);
	assert_int_equal(spool_set_value(f->spool, long_name, big, 1), ERR_LIMIT);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(spool_get_value(f->spool, "hub_key", got, sizeof got), 7);
	assert_memory_equal(got, "second!", 7);
	assert_int_equal(spool_get_value(f->spool, "hub_key", got, 6), ERR_FULL);
	assert_int_equal(spool_get_value(f->spool, "empty", got, sizeof got), 0);
	assert_int_equal(spool_get_value(f->spool, "most", got, sizeof got), LIMIT_SPOOL_VALUE);
	assert_memory_equal(got, big, LIMIT_SPOOL_VALUE);
	fixture_close(f);
}

static void test_renew_changes_the_epoch_only(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	uint64_t epoch = spool_epoch(f->spool);
	struct spool_counts c;
	assert_int_equal(fixture_put(f, 4), 4);
	fixture_settle(f);
	assert_int_equal(fixture_done_receipted(f, 1), 0);
	spool_counts(f->spool, &c);
	assert_int_equal(c.receipted_upto, 1);
	assert_int_equal(fixture_renew(f), 0);
	spool_counts(f->spool, &c);
	assert_int_equal(c.receipted_upto, 0); /* by receipts of the new epoch */
	uint64_t renewed = spool_epoch(f->spool);
	assert_int_not_equal(renewed, epoch);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(spool_epoch(f->spool), renewed);
	assert_int_equal(spool_next_seq(f->spool), 5);
	assert_int_equal(fixture_peek(f, 10), 0);
	assert_int_equal(f->batch.count, 3);
	fixture_close(f);
}

static void test_copied_store_gets_a_new_epoch(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	uint64_t epoch = spool_epoch(f->spool);
	uint8_t id[16];
	memcpy(id, spool_agent_id(f->spool), 16);
	assert_int_equal(fixture_put(f, 3), 3);
	fixture_settle(f);
	fixture_close(f);
	fixture_copy_file(f, "store.db", "store.copy");
	fixture_rename(f, "store.copy", "store.db");
	fixture_open(f);
	assert_int_not_equal(spool_epoch(f->spool), epoch);
	assert_memory_equal(spool_agent_id(f->spool), id, 16);
	assert_int_equal(spool_next_seq(f->spool), 4);
	assert_int_equal(fixture_peek(f, 10), 0);
	assert_int_equal(f->batch.count, 3);
	fixture_close(f);
}

/* ---- lock, version, modes -----------------------------------------------------------------------
 */

static void test_lock_names_its_holder(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	struct spool *second = NULL;
	char why[LIMIT_WHY] = "";
	struct spool_options o = {.dir = f->dir, .max_bytes = 1 << 20};
	assert_int_equal(
		spool_open(&second, f->loop, f->workers, &o, why, sizeof why), ERR_STORE_LOCKED);
	char pid[32];
	(void)snprintf(pid, sizeof pid, "process %ld", (long)getpid());
	assert_non_null(strstr(why, pid));
	assert_null(second);
	fixture_close(f);
	fixture_open(f); /* free again */
	fixture_close(f);
}

static void test_files_are_for_the_owner_only(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	struct stat st;
	char path[512];
	assert_int_equal(stat(f->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	const char *const names[] = {"store.db", "store.db-wal", "store.db-shm", "store.lock"};
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	fixture_close(f);
}

static int count_latest(void *owner, const struct spool_latest *latest)
{
	(void)latest;
	return ++*(int *)owner == 1000 ? ERR_STOPPED : 0;
}

static void test_newer_store_is_refused_unchanged(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 5), 5);
	fixture_settle(f);
	fixture_close(f);
	fixture_exec(f, "PRAGMA user_version=3; PRAGMA application_id=0x70537003");
	size_t len_before, len_after;
	uint8_t *before = fixture_read_file(f, "store.db", &len_before);
	char why[LIMIT_WHY] = "";
	assert_int_equal(fixture_try_open(f, why), ERR_STORE_VERSION);
	assert_non_null(strstr(why, "version 3"));
	uint8_t *after = fixture_read_file(f, "store.db", &len_after);
	assert_int_equal(len_before, len_after);
	assert_memory_equal(before, after, len_before);
	free(before);
	free(after);
	int seen = 0;
	assert_int_equal(
		spool_each_latest(f->dir, count_latest, &seen, why, sizeof why), ERR_STORE_VERSION);
}

static void test_directory_error_gives_the_reason(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_WHY] = "";
	struct spool *s = NULL;
	struct spool_options o = {.dir = "/proc/nowhere/state", .max_bytes = 1 << 20};
	assert_int_equal(spool_open(&s, f->loop, f->workers, &o, why, sizeof why), -ENOENT);
	assert_non_null(strstr(why, "/proc/nowhere/state"));
	char long_dir[5000];
	memset(long_dir, 'd', sizeof long_dir);
	long_dir[0] = '/';
	long_dir[sizeof long_dir - 1] = '\0';
	o.dir = long_dir;
	assert_int_equal(spool_open(&s, f->loop, f->workers, &o, why, sizeof why), -ENAMETOOLONG);
}

/* ---- looking in from outside
 * --------------------------------------------------------------------- */

static void test_readers_look_into_a_running_daemons_store(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_WHY] = "";
	int seen = 0;
	assert_int_equal(spool_each_latest(f->dir, count_latest, &seen, why, sizeof why), -ENOENT);
	fixture_open(f);
	assert_int_equal(fixture_put(f, 12), 12);
	fixture_settle(f);
	struct spool_counts counts;
	spool_counts(f->spool, &counts);
	assert_int_equal(counts.pending, 12);
	assert_int_equal(spool_next_seq(f->spool), 13);
	assert_int_equal(counts.quarantined, 0);
	assert_int_equal(spool_each_latest(f->dir, count_latest, &seen, why, sizeof why), 0);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_records_are_read_in_order_and_removed),
		fixture_test(test_on_kept_follows_the_return_of_put),
		fixture_test(test_records_share_one_commit),
		fixture_test(test_flush_commits_at_once),
		fixture_test(test_half_full_group_is_committed_at_once),
		fixture_test(test_batches_end_at_their_byte_limit),
		fixture_test(test_close_commits_pending_records),
		fixture_test(test_largest_record_fits),
		fixture_test(test_full_queue_refuses_until_committed),
		fixture_test(test_quota_survives_restarts_until_records_are_removed),
		fixture_test(test_numbers_are_never_reused),
		fixture_test(test_values_survive_a_restart),
		fixture_test(test_renew_changes_the_epoch_only),
		fixture_test(test_copied_store_gets_a_new_epoch),
		fixture_test(test_lock_names_its_holder),
		fixture_test(test_files_are_for_the_owner_only),
		fixture_test(test_newer_store_is_refused_unchanged),
		fixture_test(test_directory_error_gives_the_reason),
		fixture_test(test_readers_look_into_a_running_daemons_store),
	};
	return cmocka_run_group_tests_name("store/spool", tests, NULL, NULL);
}
