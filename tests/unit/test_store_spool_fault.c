/* SPDX-License-Identifier: Apache-2.0
 * The spool on a disk that fails: nothing is called kept that is not, what was kept stays, numbers
 * are not used again, and it works again when the disk does. The positive control at the end shows
 * that the check would see a store that acknowledges too early. */
#include "engine/store/spool.h"
#include "engine/store/spool_view.h"

#include "tests/kit/store_fault.h"
#include "tests/kit/spool_fixture.h"

#include <errno.h>

static uint64_t pending(const struct fixture *f)
{
	struct spool_counts c;
	spool_counts(f->spool, &c);
	return c.pending;
}

/* 10 kept, 5 that fail by `call`, 5 more kept: 15 come back, with a gap. */
static void failing_commit_leaves_a_gap(
	struct fixture *f, enum fault_call call, int code, int err, bool is_forever)
{
	fault_install();
	fixture_open(f);
	assert_int_equal(fixture_put(f, 10), 10);
	fixture_settle(f);
	assert_int_equal(f->kept, 10);
	if (is_forever)
		fault_arm_forever(call, code);
	else
		fault_arm(call, code, 1);
	assert_int_equal(fixture_put(f, 5), 5);
	fixture_settle(f);
	assert_true(fault_disarm());
	assert_int_equal(f->failed, 5);
	assert_int_equal(f->kept, 10);
	assert_int_equal(f->last_err, err);
	assert_int_equal(fixture_put(f, 5), 5);
	fixture_settle(f);
	assert_int_equal(f->kept, 15);
	assert_int_equal(pending(f), 15);
	assert_int_equal(fixture_peek(f, 100), 0);
	fixture_check_body(f);
	assert_int_equal(f->batch.count, 15);
	assert_int_equal(f->batch.last, 20);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(spool_next_seq(f->spool), 21);
	assert_int_equal(fixture_peek(f, 100), 0);
	assert_int_equal(f->batch.count, 15);
	fixture_check_body(f);
	fixture_close(f);
	fault_remove();
}

static void test_failed_fsync_stores_nothing(void **state)
{
	failing_commit_leaves_a_gap(*state, FAULT_SYNC, SQLITE_IOERR_FSYNC, -EIO, false);
}

static void test_permanent_sync_failure_stores_nothing(void **state)
{
	failing_commit_leaves_a_gap(*state, FAULT_SYNC, SQLITE_IOERR_FSYNC, -EIO, true);
}

static void test_failed_write_stores_nothing(void **state)
{
	failing_commit_leaves_a_gap(*state, FAULT_WRITE, SQLITE_IOERR_WRITE, -EIO, true);
}

static void test_full_disk_recovers(void **state)
{
	failing_commit_leaves_a_gap(*state, FAULT_WRITE, SQLITE_FULL, -ENOSPC, true);
}

/* One full write only: the WAL is emptied into the database and the commit succeeds. */
static void test_full_disk_reclaims_the_wal(void **state)
{
	struct fixture *f = *state;
	fault_install();
	fixture_open(f);
	assert_int_equal(fixture_put(f, 10), 10);
	fixture_settle(f);
	fault_arm(FAULT_WRITE, SQLITE_FULL, 1);
	assert_int_equal(fixture_done(f, 10), 0);
	assert_true(fault_disarm());
	assert_int_equal(pending(f), 0);
	fixture_close(f);
	fault_remove();
}

/* The fsync fails, but the frames are in the WAL, and a kill follows: SQLite finds a commit that
 * was not reported. It may come back; its numbers may not be used again. */
static void test_kill_after_a_failed_fsync_duplicates_nothing(void **state)
{
	struct fixture *f = *state;
	fault_install();
	fixture_open(f);
	assert_int_equal(fixture_put(f, 3), 3);
	fixture_settle(f);
	fault_arm_forever(FAULT_SYNC, SQLITE_IOERR_FSYNC);
	assert_int_equal(fixture_put(f, 2), 2);
	fixture_settle(f);
	assert_int_equal(f->failed, 2);
	fixture_copy_file(f, "store.db", "killed.db");
	fixture_copy_file(f, "store.db-wal", "killed.db-wal");
	(void)fault_disarm();
	fixture_close(f);
	fault_remove();
	fixture_forget_files(f);
	fixture_rename(f, "killed.db", "store.db");
	fixture_rename(f, "killed.db-wal", "store.db-wal");
	fixture_open(f);
	assert_int_equal(fixture_peek(f, 100), 0);
	fixture_check_body(f);
	assert_true(f->batch.count >= 3);
	assert_true(spool_next_seq(f->spool) > f->batch.last);
	fixture_close(f);
}

static void test_read_and_remove_recover_from_errors(void **state)
{
	struct fixture *f = *state;
	uint8_t value[16];
	fault_install();
	fixture_open(f);
	assert_int_equal(fixture_put(f, 40), 40);
	fixture_settle(f);
	fault_arm_forever(FAULT_SYNC, SQLITE_IOERR_FSYNC);
	assert_int_equal(fixture_done(f, 20), -EIO);
	assert_int_equal(fixture_renew(f), -EIO);
	assert_int_equal(spool_set_value(f->spool, "name", "value", 5), -EIO);
	/* A failed fsync leaves open what the disk has: all of it or what is not receipted. */
	assert_true(pending(f) == 40 || pending(f) == 20);
	(void)fault_disarm();
	fault_arm_forever(FAULT_READ, SQLITE_IOERR_READ);
	/* The connection is opened anew after an I/O error, and cannot be. */
	assert_true(fixture_peek(f, 100) < 0);
	assert_int_equal(f->batch.count, 0);
	assert_true(spool_get_value(f->spool, "name", value, sizeof value) < 0);
	assert_true(fixture_done(f, 20) < 0);
	(void)fault_disarm();
	assert_int_equal(fixture_peek(f, 100), 0);
	assert_int_equal(f->batch.last, 40);
	fixture_check_body(f);
	assert_int_equal(fixture_done(f, 20), 0);
	assert_int_equal(fixture_peek(f, 100), 0);
	assert_int_equal(f->batch.first, 21);
	fixture_check_body(f);
	assert_int_equal(f->batch.count, 20);
	fixture_close(f);
	fault_remove();
}

/* Pages go bad while the store is open: it is rebuilt on the way and nothing intact is lost. */
static void test_damage_at_run_time_is_salvaged(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	/* More than SQLite's cache holds, so that it meets the damage. */
	for (int i = 0; i < 20; i++) {
		assert_int_equal(fixture_put(f, 100), 100);
		fixture_settle(f);
	}
	fixture_close(f);
	fixture_open(f);
	uint64_t epoch = spool_epoch(f->spool);
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	/* Every b-tree page's own bookkeeping goes, the records' bytes stay. */
	for (size_t at = 4096; at < len; at += 4096)
		memset(bytes + at, 0xee, 8);
	fixture_write_file(f, "store.db", bytes, len);
	free(bytes);
	f->kept = 0;
	assert_int_equal(fixture_put(f, 5), 5);
	fixture_settle(f);
	assert_int_equal(f->kept, 5);
	size_t whole = 0;
	uint64_t before = 0;
	do {
		assert_int_equal(fixture_peek(f, 100), 0);
		fixture_check_body(f);
		if (f->batch.count > 0) {
			assert_true(f->batch.first > before);
			before = f->batch.last;
			assert_int_equal(fixture_done(f, f->batch.last), 0);
		}
		whole += f->batch.count;
	} while (f->batch.count > 0);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_true(c.salvages >= 1);
	/* Long records' overflow pages have lost their first bytes, those in one page not. */
	assert_true(whole >= 2005 - 2000 / 11 - 1 && whole + c.quarantined <= 2005);
	assert_int_equal(spool_epoch(f->spool), epoch);
	assert_int_equal(spool_next_seq(f->spool), 2006);
	fixture_close(f);
}

/* Whatever call fails, at start or at work: nothing kept is lost, and the next start works. */
static void test_every_failing_call_is_survived(void **state)
{
	struct fixture *f = *state;
	const enum fault_call calls[] = {FAULT_WRITE, FAULT_SYNC, FAULT_READ, FAULT_OPEN};
	const int codes[] = {SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_CANTOPEN};
	fault_install();
	for (int i = 0; i < 4; i++) {
		bool has_fired = true;
		for (unsigned n = 1; has_fired && n < 300; n++) {
			char why[LIMIT_WHY] = "";
			int kept_before = 0;
			fixture_forget_files(f);
			f->kept = f->failed = 0;
			fault_arm(calls[i], codes[i], n);
			if (fixture_try_open(f, why) == 0) {
				assert_int_equal(fixture_put(f, 8), 8);
				fixture_settle(f);
				kept_before = f->kept;
				(void)fixture_peek(f, 3);
				fixture_close(f);
			} else {
				assert_true(strlen(why) > 0);
			}
			has_fired = fault_disarm();
			fixture_open(f);
			assert_int_equal(fixture_peek(f, 100), 0);
			fixture_check_body(f);
			assert_true((int)f->batch.count >= kept_before);
			fixture_close(f);
		}
		assert_false(has_fired);
	}
	fault_remove();
}

/* A salvage that is interrupted by any failing call leaves the old store or the new one. */
static void test_salvage_survives_every_failing_call(void **state)
{
	struct fixture *f = *state;
	const enum fault_call calls[] = {FAULT_WRITE, FAULT_SYNC, FAULT_READ, FAULT_OPEN};
	const int codes[] = {SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_CANTOPEN};
	size_t len;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 60), 60);
	fixture_settle(f);
	fixture_close(f);
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	bytes[30] ^= 0xff; /* the size of the database in pages, and the free list */
	memset(bytes + 40, 0xff, 8);
	unsigned failed = 0;
	for (int i = 0; i < 4; i++) {
		bool has_fired = true;
		for (unsigned n = 1; has_fired && n < 300; n++) {
			char why[LIMIT_WHY] = "";
			fixture_forget_files(f);
			fixture_write_file(f, "store.db", bytes, len);
			fault_install();
			fault_arm(calls[i], codes[i], n);
			if (fixture_try_open(f, why) == 0) {
				fixture_close(f);
			} else {
				assert_true(strlen(why) > 0);
				failed++;
			}
			has_fired = fault_disarm();
			fault_remove();
			fixture_open(f);
			assert_int_equal(fixture_peek(f, 100), 0);
			fixture_check_body(f);
			assert_int_equal(f->batch.count, 60);
			fixture_close(f);
		}
		assert_false(has_fired);
	}
	assert_true(failed > 20);
	free(bytes);
}

/* From some call on the disk answers nonsense for good: a rebuilt store is damaged too. It ends,
 * with an error, and what was kept before is there when the disk is well again. */
static void test_repeated_damage_is_an_error(void **state)
{
	struct fixture *f = *state;
	const enum fault_call calls[] = {FAULT_WRITE, FAULT_SYNC, FAULT_READ};
	fixture_open(f);
	assert_int_equal(fixture_put(f, 60), 60);
	fixture_settle(f);
	fixture_close(f);
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	unsigned refused = 0;
	for (int i = 0; i < 3; i++) {
		bool has_fired = true;
		for (unsigned n = 1; has_fired && n < 300; n++) {
			char why[LIMIT_WHY] = "";
			fixture_forget_files(f);
			fixture_write_file(f, "store.db", bytes, len);
			f->kept = f->failed = 0;
			fault_install();
			fault_arm_from(calls[i], SQLITE_CORRUPT, n);
			if (fixture_try_open(f, why) == 0) {
				assert_int_equal(fixture_put(f, 8), 8);
				fixture_settle(f);
				assert_int_equal(f->kept + f->failed, 8);
				refused += f->kept == 0;
				fixture_close(f);
			} else {
				assert_true(strlen(why) > 0);
				refused++;
			}
			has_fired = fault_disarm();
			fault_remove();
			fixture_open(f);
			assert_int_equal(fixture_peek(f, 100), 0);
			fixture_check_body(f);
			assert_in_range(f->batch.count, 60, 68);
			fixture_close(f);
		}
		assert_false(has_fired);
	}
	assert_true(refused > 20);
	free(bytes);
}

/* ---- positive control
 * ---------------------------------------------------------------------------- */

static int control_told;

static void on_kept_too_early(struct spool_put *put, int err)
{
	(void)put;
	(void)err;
}

/* A store that says "kept" when it has only taken: the failed write makes the count wrong, so the
 * tests above can fail. */
static void test_early_confirmation_is_detected(void **state)
{
	struct fixture *f = *state;
	struct spool_put puts[5];
	uint8_t bytes[64];
	fault_install();
	fixture_open(f);
	fault_arm_forever(FAULT_WRITE, SQLITE_IOERR_WRITE);
	for (int i = 0; i < 5; i++) {
		uint64_t seq = spool_next_seq(f->spool);
		record_make(bytes, seq, sizeof bytes);
		puts[i].on_kept = on_kept_too_early;
		assert_int_equal(spool_put(f->spool, &puts[i], bytes, sizeof bytes), 0);
		control_told++; /* the wrong moment */
	}
	fixture_close(f);
	(void)fault_disarm();
	fault_remove();
	fixture_open(f);
	assert_true(pending(f) < (uint64_t)control_told);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_failed_fsync_stores_nothing),
		fixture_test_fast(test_permanent_sync_failure_stores_nothing),
		fixture_test_fast(test_failed_write_stores_nothing),
		fixture_test_fast(test_full_disk_recovers),
		fixture_test_fast(test_full_disk_reclaims_the_wal),
		fixture_test_fast(test_kill_after_a_failed_fsync_duplicates_nothing),
		fixture_test_fast(test_read_and_remove_recover_from_errors),
		fixture_test_fast(test_damage_at_run_time_is_salvaged),
		fixture_test_fast(test_every_failing_call_is_survived),
		fixture_test_fast(test_salvage_survives_every_failing_call),
		fixture_test_fast(test_repeated_damage_is_an_error),
		fixture_test_fast(test_early_confirmation_is_detected),
	};
	return cmocka_run_group_tests_name("store/spool, failing disk", tests, NULL, NULL);
}
