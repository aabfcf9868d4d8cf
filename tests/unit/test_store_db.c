/* SPDX-License-Identifier: Apache-2.0
 * The database connection: what it refuses and how it says so. A VFS of our own stands between
 * SQLite and the files and fails on command: full disks, failed writes, failed fsyncs. */
#include "engine/store/archive_schema.h"
#include "engine/store/db.h"
#include "engine/store/device_store_internal.h"

#include "tests/kit/store_fault.h"
#include "tests/kit/spool_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP(text)                                                                                 \
	{                                                                                          \
		"", (const unsigned char *)(text), sizeof(text) - 1                                \
	}

static const struct db_step steps[] = {
	STEP("CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT UNIQUE, b BLOB)"),
	STEP("CREATE TABLE c(id INTEGER PRIMARY KEY, of INTEGER REFERENCES a(id))"),
};
static const struct db_schema first = {0x11110000, steps, 1};
static const struct db_schema second = {0x11110000, steps, 2};
static const struct db_schema other = {0x22220000, steps, 1};

static struct db *open_with(const struct fixture *f, const struct db_schema *schema)
{
	struct db_options o = {.dir = f->dir, .file = "store.db", .schema = schema};
	char why[LIMIT_WHY] = "";
	struct db *db = NULL;
	int err = db_open(&db, &o, why, sizeof why);
	if (err < 0)
		fail_msg("db_open: %s", why);
	return db;
}

static int refusal(const struct fixture *f, const struct db_schema *schema, bool is_reader)
{
	struct db_options o = {.dir = f->dir, .file = "store.db", .schema = schema};
	char why[LIMIT_WHY] = "";
	struct db *db = NULL;
	int err = is_reader ? db_open_read(&db, &o, why, sizeof why)
			    : db_open(&db, &o, why, sizeof why);
	assert_true(err < 0);
	assert_null(db);
	assert_non_null(strstr(why, f->dir));
	return err;
}

static void test_values_round_trip(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with(f, &first);
	struct db_stmt put, get;
	assert_int_equal(db_prepare(db, &put, "INSERT INTO a(id, t, b) VALUES(?1, ?2, ?3)"), 0);
	assert_int_equal(db_prepare(db, &get, "SELECT id, t, b FROM a ORDER BY id"), 0);
	db_bind(&put, db_i64(-5), db_text(TEXT("minus")), db_blob("\0\1\2", 3));
	assert_int_equal(db_run(&put), 0);
	assert_int_equal(db_last_id(db), -5);
	assert_int_equal(db_changes(db), 1);
	db_bind(&put, db_u64(INT64_MAX), db_text((struct text){NULL, 0}), db_null());
	assert_int_equal(db_run(&put), 0);
	db_bind(&put, db_u64((uint64_t)INT64_MAX + 1));
	assert_int_equal(db_run(&put), ERR_RANGE);
	db_bind(&put, db_u64(1), db_null(), db_null(), db_u64(1)); /* there is no fourth */
	assert_int_equal(db_run(&put), ERR_STORE);
	db_bind(&put, db_u64(1), db_text(TEXT("minus")));
	assert_int_equal(db_run(&put), ERR_CONFLICT);
	assert_non_null(strstr(db_why(db), "UNIQUE"));

	size_t len;
	assert_int_equal(db_step(&get), 1);
	assert_int_equal(db_col_i64(&get, 0), -5);
	assert_int_equal(db_col_u64(&get, 0), 0); /* negative numbers are none of ours */
	assert_true(text_is(db_col_text(&get, 1), "minus"));
	assert_memory_equal(db_col_blob(&get, 2, &len), "\0\1\2", 3);
	assert_int_equal(len, 3);
	assert_false(db_col_is_null(&get, 2));
	assert_int_equal(db_step(&get), 1);
	assert_int_equal(db_col_u64(&get, 0), INT64_MAX);
	assert_int_equal(db_col_text(&get, 1).len, 0);
	assert_false(db_col_is_null(&get, 1));
	assert_true(db_col_is_null(&get, 2));
	assert_null(db_col_blob(&get, 2, &len));
	assert_int_equal(len, 0);
	assert_int_equal(db_step(&get), 0);
	db_finalize(&put);
	db_close(db); /* finalizes the other */
}

static void test_transactions_are_atomic(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with(f, &second);
	struct db_stmt count;
	assert_int_equal(db_prepare(db, &count, "SELECT count(*) FROM a"), 0);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(db_exec(db, "INSERT INTO a(id) VALUES(1)"), 0);
	assert_int_equal(db_begin(db), ERR_STORE); /* one at a time */
	db_rollback(db);
	db_rollback(db);
	assert_int_equal(db_exec(db, "INSERT INTO c(id, of) VALUES(1, 77)"), ERR_CONFLICT);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(
		db_exec(db, "INSERT INTO a(id) VALUES(2); INSERT INTO a(id) VALUES(3)"), 0);
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(db_step(&count), 1);
	assert_int_equal(db_col_u64(&count, 0), 2);
	db_reset(&count);
	assert_int_equal(db_commit(db), ERR_STORE); /* nothing is open */
	assert_int_equal(db_check(db), 0);
	assert_int_equal(db_checkpoint(db), 0);
	db_close(db);
	db_close(NULL);
}

static void test_statements_survive_reopening(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with(f, &first);
	struct db_stmt put, bad;
	assert_int_equal(db_prepare(db, &put, "INSERT INTO a(id) VALUES(?1)"), 0);
	assert_int_equal(db_prepare(db, &bad, "SELECT nothing FROM nowhere"), ERR_STORE);
	assert_int_equal(db_begin(db), 0);
	db_bind(&put, db_u64(1));
	assert_int_equal(db_run(&put), 0);
	assert_int_equal(db_reopen(db), 0); /* rolls back */
	for (uint64_t i = 1; i <= 3; i++) {
		db_bind(&put, db_u64(i));
		assert_int_equal(db_run(&put), 0);
	}
	/* Its directory is gone for a while. */
	char away[300];
	(void)snprintf(away, sizeof away, "%s.away", f->dir);
	assert_int_equal(rename(f->dir, away), 0);
	assert_true(db_reopen(db) < 0);
	db_bind(&put, db_u64(4));
	assert_int_equal(db_run(&put), -EBADF);
	assert_int_equal(db_exec(db, "SELECT 1"), -EBADF);
	assert_int_equal(db_begin(db), -EBADF);
	assert_int_equal(db_prepare(db, &bad, "SELECT 1"), -EBADF);
	assert_int_equal(db_checkpoint(db), -EBADF);
	assert_int_equal(db_changes(db), 0);
	assert_int_equal(db_last_id(db), 0);
	assert_int_equal(rename(away, f->dir), 0);
	assert_int_equal(db_reopen(db), 0);
	db_bind(&put, db_u64(4));
	assert_int_equal(db_run(&put), 0);
	db_close(db);
}

static void test_schema_is_migrated_and_newer_refused(void **state)
{
	struct fixture *f = *state;
	db_close(open_with(f, &first));
	assert_int_equal(refusal(f, &second, true), ERR_STORE_VERSION); /* readers do not migrate */
	db_close(open_with(f, &second));
	size_t before_len, after_len;
	uint8_t *before = fixture_read_file(f, "store.db", &before_len);
	assert_int_equal(refusal(f, &first, false), ERR_STORE_VERSION);
	assert_int_equal(refusal(f, &first, true), ERR_STORE_VERSION);
	assert_int_equal(refusal(f, &other, false), ERR_STORE_CORRUPT);
	uint8_t *after = fixture_read_file(f, "store.db", &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, after_len);
	free(before);
	free(after);
	fixture_write_file(
		f, "store.db", (const uint8_t *)"this is not a database, not at all", 30);
	assert_int_equal(refusal(f, &second, false), ERR_STORE_CORRUPT);
	assert_int_equal(refusal(f, &second, true), ERR_STORE_CORRUPT);
	fixture_write_file(f, "store.db", NULL, 0);
	assert_int_equal(refusal(f, &second, true), ERR_STORE_VERSION);
}

static void test_readers_never_write(void **state)
{
	struct fixture *f = *state;
	struct db *owner = open_with(f, &first), *reader = NULL;
	struct db_options o = {
		.dir = f->dir, .file = "store.db", .schema = &first, .cache_kib = 64};
	char why[LIMIT_WHY];
	assert_int_equal(db_exec(owner, "INSERT INTO a(id) VALUES(1)"), 0);
	assert_int_equal(db_open_read(&reader, &o, why, sizeof why), 0);
	assert_int_equal(db_exec(reader, "INSERT INTO a(id) VALUES(2)"), -EROFS);
	struct stat before, after;
	char path[512];
	fixture_path(f, path, "store.db-wal");
	assert_int_equal(stat(path, &before), 0);
	db_close(reader);
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_size > 0 && before.st_size == after.st_size);
	db_close(owner);
	o.dir = "no/such/directory";
	assert_int_equal(db_open_read(&reader, &o, why, sizeof why), -ENOENT);
	o.dir = f->dir;
	o.file = "other.db";
	assert_int_equal(db_open_read(&reader, &o, why, sizeof why), -ENOENT);
}

static void test_links_and_foreign_files_are_refused(void **state)
{
	struct fixture *f = *state;
	char path[512];
	fixture_write_file(f, "store.copy", NULL, 0);
	fixture_path(f, path, "store.db");
	assert_int_equal(symlink("store.copy", path), 0);
	assert_int_equal(refusal(f, &first, false), -EPERM);
	assert_int_equal(unlink(path), 0);
	fixture_path(f, path, "store.copy");
	assert_int_equal(unlink(path), 0);
	fixture_path(f, path, "store.lock");
	(void)unlink(path);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(refusal(f, &first, false), -EPERM);
	assert_int_equal(unlink(path), 0);
	fixture_write_file(f, "discovery.db", NULL, 0);
	fixture_path(f, path, "discovery.db");
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(refusal(f, &first, false), -EPERM);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(unlink(path), 0);
}

static void test_lock_is_exclusive(void **state)
{
	struct fixture *f = *state;
	struct db_lock lock, again;
	char why[LIMIT_WHY];
	assert_int_equal(db_lock_take(&lock, f->dir, why, sizeof why), 0);
	assert_int_equal(db_lock_take(&again, f->dir, why, sizeof why), ERR_STORE_LOCKED);
	assert_int_equal(again.fd, -1);
	assert_int_equal(refusal(f, &first, false), ERR_STORE_LOCKED);
	struct db_options o = {
		.dir = f->dir, .file = "store.db", .schema = &first, .has_lock = true};
	struct db *db;
	assert_int_equal(db_open(&db, &o, why, sizeof why), 0);
	db_close_as_is(db);
	db_lock_drop(&lock);
	db_lock_drop(&lock);
	db_close(open_with(f, &first));
}

/* `platen status` looks for a daemon by a shared lock: a start at that moment must succeed. */
static void test_reader_of_the_lock_delays_no_start(void **state)
{
	struct fixture *f = *state;
	struct db_lock lock;
	char why[LIMIT_WHY], path[PATH_MAX];
	assert_int_equal(db_lock_take(&lock, f->dir, why, sizeof why), 0);
	db_lock_drop(&lock);
	(void)snprintf(path, sizeof path, "%s/store.lock", f->dir);
	pid_t reader = fork();
	if (reader == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* also if the test fails */
		for (;;) {
			int fd = open(path, O_RDONLY);
			(void)flock(fd, LOCK_SH | LOCK_NB);
			(void)close(fd);
		}
	}
	assert_true(reader > 0);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(db_lock_take(&lock, f->dir, why, sizeof why), 0);
		db_lock_drop(&lock);
	}
	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(waitpid(reader, NULL, 0), reader);
}

static void test_damage_has_its_own_error(void **state)
{
	struct fixture *f = *state;
	struct db *db = open_with(f, &first);
	for (int i = 0; i < 200; i++)
		assert_int_equal(db_exec(db, "INSERT INTO a(b) VALUES(zeroblob(1000))"), 0);
	db_close(db);
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	memset(bytes + 4096, 0xa5, 3 * 4096);
	fixture_write_file(f, "store.db", bytes, len);
	free(bytes);
	db = open_with(f, &first);
	assert_int_equal(db_check(db), ERR_STORE_CORRUPT);
	assert_true(strlen(db_why(db)) > 0);
	assert_int_equal(db_exec(db, "SELECT sum(length(b)) FROM a"), ERR_STORE_CORRUPT);
	db_close(db);
}

/* ---- a disk that says no
 * --------------------------------------------------------------------------- */

static void test_disk_errors_reach_the_caller(void **state)
{
	struct fixture *f = *state;
	fault_install();
	struct db *db = open_with(f, &first);
	fault_arm(FAULT_WRITE, SQLITE_FULL, 1);
	assert_int_equal(db_exec(db, "INSERT INTO a(id) VALUES(1)"), -ENOSPC);
	fault_arm(FAULT_WRITE, SQLITE_IOERR_WRITE, 1);
	assert_true(db_exec(db, "INSERT INTO a(id) VALUES(1)") < 0);
	fault_arm(FAULT_SYNC, SQLITE_IOERR_FSYNC, 1);
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(db_exec(db, "INSERT INTO a(id) VALUES(1)"), 0);
	assert_int_equal(db_commit(db), -EIO);
	fault_arm_forever(FAULT_READ, SQLITE_IOERR_READ);
	assert_int_equal(db_reopen(db), -EIO);
	fault_arm_forever(FAULT_READ, SQLITE_IOERR_NOMEM);
	assert_int_equal(db_reopen(db), -ENOMEM);
	fault_disarm();
	assert_int_equal(db_reopen(db), 0);
	assert_int_equal(db_exec(db, "INSERT INTO a(id) VALUES(9)"), 0);
	db_close(db);
	fault_remove();
}

/* Whatever call of the opening fails: an error with a reason, no leak, and the next one works. */
static void test_open_survives_every_failing_call(void **state)
{
	struct fixture *f = *state;
	fault_install();
	const enum fault_call calls[] = {FAULT_WRITE, FAULT_SYNC, FAULT_READ, FAULT_OPEN};
	const int codes[] = {SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_CANTOPEN};
	for (int i = 0; i < 4; i++) {
		unsigned failed = 0;
		for (unsigned n = 1; n < 200; n++) {
			fixture_forget_files(f);
			struct db_options o = {
				.dir = f->dir, .file = "store.db", .schema = &second};
			char why[LIMIT_WHY] = "";
			struct db *db = NULL;
			fault_arm(calls[i], codes[i], n);
			int err = db_open(&db, &o, why, sizeof why);
			bool has_fired = fault_disarm();
			if (err < 0) {
				failed++;
				assert_true(strlen(why) > 0);
				assert_int_equal(db_open(&db, &o, why, sizeof why), 0);
			}
			db_close(db);
			if (!has_fired)
				break;
		}
		assert_true(failed > 0);
	}
	fault_remove();
}

static void test_each_version_has_its_file(void **state)
{
	(void)state;
	assert_non_null(archive_steps[archive_schema.version - 1].name);
	assert_null(archive_steps[archive_schema.version].name);
	assert_non_null(device_store_steps[device_store_schema.version - 1].name);
	assert_null(device_store_steps[device_store_schema.version].name);
}

static void test_archive_of_version_3_keeps_its_rows(void **state)
{
	struct fixture *f = *state;
	struct db_schema older = archive_schema;
	older.version = 3;
	struct db *db = open_with(f, &older);
	assert_int_equal(
		db_exec(db, "INSERT INTO agents VALUES(1, x'01', x'02', '', '', '', 1, 1);"
			    "INSERT INTO devices VALUES(1, 'k', '', '', '', '', 1, 1, 1, 1, 1, 1);"
			    "INSERT INTO judgements VALUES(1, x'03');"
			    "INSERT INTO whole_groups VALUES(16, 1, 1, x'04')"),
		0);
	db_close(db);
	db = open_with(f, &archive_schema);
	int64_t rows = 0;
	assert_int_equal(db_number(db,
				 "SELECT (SELECT count(*) FROM evaluations WHERE bytes = x'03') +"
				 " (SELECT count(*) FROM complete_groups WHERE bytes = x'04')",
				 &rows),
		0);
	assert_int_equal(rows, 2);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_each_version_has_its_file),
		fixture_test(test_archive_of_version_3_keeps_its_rows),
		fixture_test_fast(test_values_round_trip),
		fixture_test_fast(test_transactions_are_atomic),
		fixture_test_fast(test_statements_survive_reopening),
		fixture_test_fast(test_schema_is_migrated_and_newer_refused),
		fixture_test_fast(test_readers_never_write),
		fixture_test_fast(test_links_and_foreign_files_are_refused),
		fixture_test_fast(test_lock_is_exclusive),
		fixture_test_fast(test_reader_of_the_lock_delays_no_start),
		fixture_test_fast(test_damage_has_its_own_error),
		fixture_test_fast(test_disk_errors_reach_the_caller),
		fixture_test_fast(test_open_survives_every_failing_call),
	};
	return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
