/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/spool_fixture.h"

#include <dirent.h>

/* ---- records -----------------------------------------------------------------------------------
 */

size_t record_len_of(uint64_t seq, size_t fixed)
{
	/* From a few bytes to several overflow pages. */
	return fixed != 0 ? fixed
			  : 20 + (size_t)(seq * 2654435761u % 97) * (seq % 11 == 0 ? 150 : 7);
}

uint64_t record_step(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

void record_make(uint8_t *dst, uint64_t seq, size_t len)
{
	uint64_t x = seq * 0x9e3779b97f4a7c15u + 1;
	for (size_t i = 0; i < len; i++) {
		x = record_step(x);
		dst[i] = (uint8_t)x;
	}
	memcpy(dst, &seq, 8);
	uint32_t length = (uint32_t)len;
	memcpy(dst + 8, &length, 4);
}

uint64_t record_verify(const uint8_t *bytes, size_t left, size_t *len)
{
	uint64_t seq;
	uint32_t length;
	if (left < 12)
		return 0;
	memcpy(&seq, bytes, 8);
	memcpy(&length, bytes + 8, 4);
	if (length < 12 || length > left)
		return 0;
	uint8_t *want = malloc(length);
	if (want == NULL)
		abort();
	record_make(want, seq, length);
	bool is_same = memcmp(want, bytes, length) == 0;
	free(want);
	*len = length;
	return is_same ? seq : 0;
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

void fixture_on_kept(struct spool_put *put, int err)
{
	struct fixture_put *p = container_of(put, struct fixture_put, put);
	struct fixture *f = p->f;
	f->out--;
	if (err == 0)
		f->kept++;
	else {
		f->failed++;
		f->last_err = err;
	}
	if (f->out == 0)
		loop_stop(f->loop);
	free(p);
}

int fixture_put(struct fixture *f, int n)
{
	static uint8_t bytes[LIMIT_RECORD];
	for (int i = 0; i < n; i++) {
		uint64_t seq = spool_next_seq(f->spool);
		size_t len = record_len_of(seq, f->record_len);
		record_make(bytes, seq, len);
		struct fixture_put *p = calloc(1, sizeof *p);
		assert_non_null(p);
		p->f = f;
		p->put.on_kept = fixture_on_kept;
		int err = spool_put(f->spool, &p->put, bytes, len);
		if (err < 0) {
			f->last_err = err;
			free(p);
			return i;
		}
		assert_int_equal(p->put.seq, seq);
		f->out++;
	}
	return n;
}

void fixture_settle(struct fixture *f)
{
	while (f->out > 0)
		assert_int_equal(loop_run(f->loop), 0);
}

int fixture_await(struct fixture *f)
{
	while (!f->has_result)
		assert_int_equal(loop_run(f->loop), 0);
	return f->result;
}

void fixture_result(struct fixture *f, int err)
{
	f->result = err;
	f->has_result = true;
	loop_stop(f->loop);
}

static void fixture_on_peeked(struct spool_batch *batch, int err)
{
	fixture_result(batch->owner, err);
}

int fixture_peek(struct fixture *f, size_t max_records)
{
	f->has_result = false;
	f->batch.owner = f;
	f->batch.on_peeked = fixture_on_peeked;
	spool_peek(f->spool, &f->batch, max_records);
	assert_false(f->has_result);
	return fixture_await(f);
}

static void fixture_on_done(struct spool_done *done, int err)
{
	fixture_result(done->owner, err);
}

int fixture_run_done(struct fixture *f, struct spool_done *done)
{
	done->owner = f;
	done->on_done = fixture_on_done;
	f->has_result = false;
	spool_done(f->spool, done);
	assert_false(f->has_result);
	return fixture_await(f);
}

int fixture_done(struct fixture *f, uint64_t last)
{
	struct spool_done done = {.last = last};
	return fixture_run_done(f, &done);
}

int fixture_done_receipted(struct fixture *f, uint64_t last)
{
	struct spool_done done = {.last = last, .is_receipted = true};
	return fixture_run_done(f, &done);
}

int fixture_renew(struct fixture *f)
{
	struct spool_done done = {.owner = f, .on_done = fixture_on_done};
	f->has_result = false;
	spool_renew(f->spool, &done);
	return fixture_await(f);
}

int fixture_freeze(struct fixture *f)
{
	struct spool_done done = {.owner = f, .on_done = fixture_on_done};
	f->has_result = false;
	spool_freeze(f->spool, &done);
	return fixture_await(f);
}

void fixture_check_body(const struct fixture *f)
{
	size_t at = 0, count = 0;
	uint64_t before = 0;
	while (at < f->batch.body.len) {
		size_t len = 0;
		uint64_t seq = record_verify(f->batch.body.data + at, f->batch.body.len - at, &len);
		assert_true(seq > before);
		if (count++ == 0)
			assert_int_equal(seq, f->batch.first);
		before = seq;
		at += len;
	}
	assert_int_equal(count, f->batch.count);
	assert_int_equal(before, f->batch.last);
}

/* ---- opening -----------------------------------------------------------------------------------
 */

int fixture_try_open(struct fixture *f, char why[LIMIT_WHY])
{
	struct spool_options o = {.dir = f->dir,
		.max_bytes = f->max_bytes,
		.max_devices = f->max_devices,
		.linger_ms = f->linger_ms};
	return spool_open(&f->spool, f->loop, f->workers, &o, why, LIMIT_WHY);
}

void fixture_open(struct fixture *f)
{
	char why[LIMIT_WHY] = "";
	int err = fixture_try_open(f, why);
	if (err < 0)
		fail_msg("spool_open: %s: %s", err_text(err), why);
}

void fixture_on_closed(void *owner)
{
	struct fixture *f = owner;
	fixture_result(f, 0);
}

void fixture_close(struct fixture *f)
{
	f->has_result = false;
	spool_close(f->spool, fixture_on_closed, f);
	assert_false(f->has_result);
	(void)fixture_await(f);
	f->spool = NULL;
}

static int fixture_stay_awake(struct worker_job *job)
{
	struct fixture *f = container_of(job, struct fixture, awake);
	char byte;
	return (int)read(f->awake_pipe[0], &byte, 1);
}

static void fixture_asleep(struct worker_job *job, int result)
{
	(void)job;
	(void)result;
}

static int fixture_setup_at(void **state, const char *where)
{
	struct fixture *f = calloc(1, sizeof *f);
	if (f == NULL)
		return -1;
	(void)snprintf(f->dir, sizeof f->dir, "%s/spool_test_XXXXXX", where);
	f->max_bytes = LIMIT_SPOOL_BYTES;
	f->linger_ms = 1;
	buf_open(&f->batch.body, LIMIT_BATCH_RAW);
	*state = f;
	if (mkdtemp(f->dir) == NULL || loop_open(&f->loop, 16) < 0)
		return -1;
	if (workers_open(&f->workers, f->loop) < 0 || pipe2(f->awake_pipe, O_CLOEXEC) < 0)
		return -1;
	f->awake.work = fixture_stay_awake;
	f->awake.on_done = fixture_asleep;
	worker_submit(f->workers, WORKER_HASH, &f->awake);
	return 0;
}

int fixture_setup(void **state)
{
	return fixture_setup_at(state, ".");
}

int fixture_setup_fast(void **state)
{
	return fixture_setup_at(state, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ".");
}

void fixture_path(const struct fixture *f, char path[512], const char *name)
{
	(void)snprintf(path, 512, "%s/%s", f->dir, name);
}

void fixture_forget_damaged(const char *dir)
{
	char path[512];
	struct dirent *entry;
	DIR *d = opendir(dir);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strncmp(entry->d_name, "store.damaged-", 14) != 0)
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
}

void fixture_forget_files(const struct fixture *f)
{
	static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm", "store.new",
		"store.making", "store.making-wal", "store.making-shm", "agent.id", "discovery.db",
		"discovery.db-wal", "discovery.db-shm", "discovery.db.damaged",
		"discovery.db.damaged-wal", "discovery.db.damaged-shm"};
	char path[512];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		fixture_path(f, path, names[i]);
		(void)unlink(path);
	}
	fixture_forget_damaged(f->dir);
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	char path[512];
	buf_close(&f->batch.body);
	(void)close(f->awake_pipe[1]);
	workers_close(f->workers);
	int err = loop_run(f->loop);
	if (err == 0)
		err = loop_close(f->loop);
	(void)close(f->awake_pipe[0]);
	fixture_forget_files(f);
	fixture_path(f, path, "store.lock");
	(void)unlink(path);
	(void)rmdir(f->dir);
	free(f);
	return err;
}

/* ---- files -------------------------------------------------------------------------------------
 */

uint8_t *fixture_read_file(const struct fixture *f, const char *name, size_t *len)
{
	char path[512];
	fixture_path(f, path, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		*len = 0;
		return NULL;
	}
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	*len = (size_t)ftell(file);
	rewind(file);
	uint8_t *bytes = malloc(*len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *len, file), *len);
	(void)fclose(file);
	return bytes;
}

void fixture_write_file(const struct fixture *f, const char *name, const uint8_t *bytes, size_t len)
{
	char path[512];
	fixture_path(f, path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(close(fd), 0);
}

void fixture_copy_file(const struct fixture *f, const char *from, const char *to)
{
	size_t len;
	uint8_t *bytes = fixture_read_file(f, from, &len);
	assert_non_null(bytes);
	fixture_write_file(f, to, bytes, len);
	free(bytes);
}

void fixture_rename(const struct fixture *f, const char *from, const char *to)
{
	char a[512], b[512];
	fixture_path(f, a, from);
	fixture_path(f, b, to);
	assert_int_equal(rename(a, b), 0);
}

void fixture_exec(const struct fixture *f, const char *sql)
{
	char path[512], *why = NULL;
	sqlite3 *db = NULL;
	fixture_path(f, path, "store.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	int rc = sqlite3_exec(db, sql, NULL, NULL, &why);
	if (rc != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
