/* SPDX-License-Identifier: Apache-2.0
 * kill -9 of a process that writes to the spool, at random moments and at every write of the disk.
 * The writer tells each on_kept through a pipe; the ledger of what it told must be in the store
 * afterwards: nothing lost, nothing doubled, no number given twice. Receipts are announced before
 * (from then on a record may be gone) and after (from then on it must be gone).
 *
 * Positive control: a writer that tells at the put instead of at on_kept must lose. */
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/store/spool.h"

#include "tests/counts.h"
#include "tests/kit/spool_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

/* ---- what both sides know
 * -------------------------------------------------------------------------- */

enum told { TOLD_KEPT = 1, TOLD_RECEIPT, TOLD_DONE };

struct report {
	uint64_t what; /* enum told */
	uint64_t seq;
};

enum { RECORD_MAX = 6000, IN_FLIGHT = 40, RECEIPT_EVERY = 150 };

static size_t make_record(uint8_t *dst, uint64_t seq)
{
	size_t len = 16 + (size_t)(seq * 7919 % 400) + (seq % 13 == 0 ? 5000 : 0);
	uint64_t x = seq * 0x9e3779b97f4a7c15u + 1;
	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		dst[i] = (uint8_t)x;
	}
	memcpy(dst, &seq, sizeof seq);
	return len;
}

/* ---- the writer
 * ------------------------------------------------------------------------------------- */

struct writer {
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct spool_put puts[IN_FLIGHT];
	struct spool_batch batch;
	struct spool_done done;
	int pipe;
	bool is_early; /* the control: tells before it is true */
	uint64_t left; /* records to put; UINT64_MAX: without end */
	uint64_t since_receipt;
	bool is_receipting;
	unsigned in_flight;
};

static struct writer writer;

static void tell(enum told what, uint64_t seq)
{
	struct report r = {what, seq};
	if (write(writer.pipe, &r, sizeof r) != (ssize_t)sizeof r)
		_exit(3);
}

static void end_if_over(void)
{
	if (writer.left == 0 && writer.in_flight == 0 && !writer.is_receipting)
		loop_stop(writer.loop);
}

static void on_done(struct spool_done *done, int err)
{
	if (err < 0)
		_exit(4);
	tell(TOLD_DONE, done->last);
	writer.is_receipting = false;
	end_if_over();
}

static void on_peeked(struct spool_batch *batch, int err)
{
	if (err < 0 || batch->quarantined > 0)
		_exit(5);
	tell(TOLD_RECEIPT, batch->last);
	writer.done.last = batch->last;
	writer.done.on_done = on_done;
	spool_done(writer.spool, &writer.done);
}

static void put_one(struct spool_put *put);

static void on_kept(struct spool_put *put, int err)
{
	if (err < 0)
		_exit(6);
	writer.in_flight--;
	if (!writer.is_early)
		tell(TOLD_KEPT, put->seq);
	if (++writer.since_receipt >= RECEIPT_EVERY && !writer.is_receipting && !writer.is_early) {
		writer.since_receipt = 0;
		writer.is_receipting = true;
		spool_peek(writer.spool, &writer.batch, RECEIPT_EVERY - 20);
	}
	put_one(put);
	end_if_over();
}

static void put_one(struct spool_put *put)
{
	uint8_t record[RECORD_MAX];
	if (writer.left == 0)
		return;
	writer.left--;
	size_t len = make_record(record, spool_next_seq(writer.spool));
	put->on_kept = on_kept;
	if (spool_put(writer.spool, put, record, len) < 0)
		_exit(7);
	writer.in_flight++;
	if (writer.is_early)
		tell(TOLD_KEPT, put->seq);
}

static void nothing(void *owner)
{
	(void)owner;
}

static void on_writer_closed(void *owner)
{
	(void)owner;
	loop_stop(writer.loop);
}

/* Keeps the loop running between two commits: until the pipe's reader is gone, or a signal. */
static int wait_for_ever(struct worker_job *job)
{
	(void)job;
	struct pollfd p = {.fd = writer.pipe, .events = 0};
	return poll(&p, 1, -1);
}

static int write_records(const char *dir, int pipe, const char *how)
{
	static struct worker_job awake = {.work = wait_for_ever};
	struct spool_options o = {.dir = dir, .max_bytes = LIMIT_SPOOL_BYTES, .linger_ms = 1};
	char why[LIMIT_WHY] = "";
	writer.pipe = pipe;
	writer.is_early = strcmp(how, "early") == 0;
	writer.left = strcmp(how, "once") == 0 ? 400 : UINT64_MAX;
	buf_open(&writer.batch.body, LIMIT_BATCH_RAW);
	writer.batch.on_peeked = on_peeked;
	if (loop_open(&writer.loop, 4) < 0 || workers_open(&writer.workers, writer.loop) < 0)
		return 8;
	if (spool_open(&writer.spool, writer.loop, writer.workers, &o, why, sizeof why) < 0) {
		(void)fprintf(stderr, "writer: %s\n", why);
		return 9;
	}
	worker_submit(writer.workers, WORKER_HASH, &awake);
	for (int i = 0; i < IN_FLIGHT; i++)
		put_one(&writer.puts[i]);
	if (loop_run(writer.loop) < 0)
		return 10;
	spool_close(writer.spool, on_writer_closed, NULL);
	if (loop_run(writer.loop) < 0)
		return 11;
	_exit(0); /* exit() would wait for the job that keeps the loop running */
}

/* ---- the ledger
 * ------------------------------------------------------------------------------------- */

enum { SEQ_MAX = 4000000 };

static uint8_t *is_kept;   /* by number: told so, ever */
static uint64_t receipted; /* may be gone up to here */
static uint64_t gone;      /* must be gone up to here */
static uint64_t highest;   /* number ever told */
static uint64_t lost, doubled, wrong, reused;
static char dir[64];

static void take_report(const struct report *r)
{
	assert_in_range(r->seq, 1, SEQ_MAX - 1);
	switch ((enum told)r->what) {
	case TOLD_KEPT:
		reused += is_kept[r->seq];
		is_kept[r->seq] = 1;
		highest = r->seq > highest ? r->seq : highest;
		break;
	case TOLD_RECEIPT:
		receipted = r->seq;
		break;
	case TOLD_DONE:
		gone = r->seq;
		break;
	}
}

static int drain(int fd)
{
	struct report r[64];
	ssize_t n = read(fd, r, sizeof r);
	for (ssize_t i = 0; i < n / (ssize_t)sizeof r[0]; i++)
		take_report(&r[i]);
	return n > 0;
}

/* ---- looking into the store after the kill
 * --------------------------------------------------------- */

struct look {
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct spool_batch batch;
	struct spool_done done;
	int err;
};

static void on_look_done(struct spool_done *done, int err)
{
	((struct look *)done->owner)->err = err;
}

static void on_look_peeked(struct spool_batch *batch, int err)
{
	((struct look *)batch->owner)->err = err;
}

static void check_batch(const struct spool_batch *b, uint64_t *before, uint8_t *is_found)
{
	uint8_t want[RECORD_MAX];
	for (size_t at = 0; at < b->body.len;) {
		uint64_t seq;
		memcpy(&seq, b->body.data + at, sizeof seq);
		size_t len = make_record(want, seq);
		if (len > b->body.len - at || memcmp(want, b->body.data + at, len) != 0) {
			wrong++;
			return;
		}
		doubled += seq <= *before || seq <= gone;
		assert_in_range(seq, 1, SEQ_MAX - 1);
		is_found[seq] = 1;
		*before = seq;
		at += len;
	}
}

/* `is_draining`: removes what it has seen, so that the next round begins with little. */
static void look_into_store(bool is_draining)
{
	struct look k = {.err = 0};
	struct spool_options o = {.dir = dir, .max_bytes = LIMIT_SPOOL_BYTES, .linger_ms = 1};
	char why[LIMIT_WHY] = "";
	uint8_t *is_found = calloc(SEQ_MAX, 1);
	uint64_t before = 0;
	assert_non_null(is_found);
	assert_int_equal(loop_open(&k.loop, 4), 0);
	assert_int_equal(workers_open(&k.workers, k.loop), 0);
	int err = spool_open(&k.spool, k.loop, k.workers, &o, why, sizeof why);
	if (err < 0)
		fail_msg("after a kill: %s", why);
	/* Reading and not removing would give the same first records again: remove as we go. */
	buf_open(&k.batch.body, 64u << 20);
	k.batch.owner = &k;
	k.batch.on_peeked = on_look_peeked;
	spool_peek(k.spool, &k.batch, SIZE_MAX);
	assert_int_equal(loop_run(k.loop), 0);
	assert_int_equal(k.err, 0);
	assert_int_equal(k.batch.quarantined, 0);
	check_batch(&k.batch, &before, is_found);
	for (uint64_t seq = receipted + 1; seq <= highest; seq++)
		lost += is_kept[seq] && !is_found[seq];
	if (spool_next_seq(k.spool) <= highest)
		reused++;
	if (is_draining && k.batch.count > 0) {
		k.done = (struct spool_done){
			.last = k.batch.last, .owner = &k, .on_done = on_look_done};
		spool_done(k.spool, &k.done);
		assert_int_equal(loop_run(k.loop), 0);
		assert_int_equal(k.err, 0);
		receipted = gone = k.batch.last;
	}
	spool_close(k.spool, nothing, NULL);
	workers_close(k.workers);
	assert_int_equal(loop_run(k.loop), 0);
	assert_int_equal(loop_close(k.loop), 0);
	buf_close(&k.batch.body);
	free(is_found);
}

/* ---- rounds
 * ----------------------------------------------------------------------------------------- */

static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm", "store.lock",
	"agent.id", "agent.id.new", "store.new", "store.making", "store.making-wal"};

static void forget_store(void)
{
	char path[128];
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	fixture_forget_damaged(dir);
	memset(is_kept, 0, SEQ_MAX);
	receipted = gone = highest = lost = doubled = wrong = reused = 0;
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "kill_test_XXXXXX");
	is_kept = calloc(SEQ_MAX, 1);
	if (is_kept == NULL || mkdtemp(dir) == NULL)
		return -1;
	forget_store();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	forget_store();
	free(is_kept);
	return rmdir(dir);
}

/* posix_spawn's argv is not const, but it changes nothing. */
static char *const *as_argv(const char *const *argv)
{
	union {
		const char *const *in;
		char *const *out;
	} u = {argv};
	return u.out;
}

/* With report_fd as the program's fd 9. */
static pid_t start(const char *const argv[], const char *program, int report_fd)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, report_fd, 9), 0);
	assert_int_equal(posix_spawnp(&pid, program, &actions, NULL, as_argv(argv), environ), 0);
	assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
	return pid;
}

static int64_t now_ms(void)
{
	struct timespec ts;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One life of a writer: killed `life_ms` after its first report. */
static void live_and_die(const char *how, int life_ms)
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	const char *argv[] = {"spool_kill", "writer", dir, how, NULL};
	pid_t pid = start(argv, "/proc/self/exe", fds[1]);
	assert_int_equal(close(fds[1]), 0);
	assert_true(drain(fds[0]));
	int64_t until = now_ms() + life_ms, left;
	while ((left = until - now_ms()) > 0) {
		struct pollfd p = {.fd = fds[0], .events = POLLIN};
		if (poll(&p, 1, (int)left) > 0 && !drain(fds[0]))
			break;
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("the writer ended by itself: status %#x", (unsigned)status);
	while (drain(fds[0]))
		continue;
	assert_int_equal(close(fds[0]), 0);
}

static void test_random_kills_lose_nothing(void **state)
{
	(void)state;
	unsigned long rounds = test_count("SPOOL_KILLS");
	unsigned seed = 1;
	for (unsigned long i = 0; i < rounds; i++) {
		live_and_die("on", 1 + rand_r(&seed) % 60);
		look_into_store(i % 3 == 2);
		assert_int_equal(lost, 0);
		assert_int_equal(doubled, 0);
		assert_int_equal(wrong, 0);
		assert_int_equal(reused, 0);
	}
	print_message("%lu kills, highest number %llu\n", rounds, (unsigned long long)highest);
	assert_true(highest > rounds);
}

static void test_early_confirmation_is_detected(void **state)
{
	(void)state;
	unsigned seed = 2;
	for (int i = 0; i < 20 && lost == 0; i++) {
		live_and_die("early", 1 + rand_r(&seed) % 30);
		look_into_store(false);
	}
	assert_true(lost > 0);
}

static bool strace_works(void)
{
	const char *argv[] = {"strace", "-f", "-o", "/dev/null", "-e", "trace=none", "true", NULL};
	pid_t pid = -1;
	int status = -1;
	return posix_spawnp(&pid, "strace", NULL, NULL, as_argv(argv), environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

/* The n-th of the calls that change the disk kills; beyond the last one the writer ends well. */
static bool die_at(const char *calls, unsigned long n)
{
	char inject[128], self[512];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	assert_true(len > 0);
	self[len] = '\0';
	(void)snprintf(inject, sizeof inject, "inject=%s:signal=KILL:when=%lu", calls, n);
	char trace[128];
	(void)snprintf(trace, sizeof trace, "trace=%s", calls);
	const char *argv[] = {"strace", "-f", "-o", "/dev/null", "-e", trace, "-e", inject, self,
		"writer", dir, "once", NULL};
	int fds[2], status = 0;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid_t pid = start(argv, "strace", fds[1]);
	assert_int_equal(close(fds[1]), 0);
	while (drain(fds[0]))
		continue;
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	bool is_killed = (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
			 (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL);
	if (!is_killed)
		fail_msg("%s %lu: status %#x", calls, n, (unsigned)status);
	return true;
}

static void test_kill_at_every_write_loses_nothing(void **state)
{
	(void)state;
	if (!strace_works()) {
		print_message("SKIPPED: strace is not there or may not trace\n");
		skip();
	}
	/* strace counts for each thread: one waits for ever, so the other does all of the disk's
	 * work, but for what the main thread does at start. */
	assert_int_equal(setenv("UV_THREADPOOL_SIZE", "2", 1), 0);
	/* LeakSanitizer cannot run under a tracer. */
	assert_int_equal(setenv("ASAN_OPTIONS", "detect_leaks=0", 1), 0);
	const char *const calls[] = {
		"pwrite64", "fdatasync,fsync", "ftruncate,unlink,openat", "pwrite64,fdatasync"};
	unsigned long most = test_count("KILL_POINTS"), kills = 0;
	for (int i = 0; i < 4; i++) {
		/* Spread over all of them when there may be only a few. */
		unsigned long step = most >= 10000 ? 1 : 17;
		for (unsigned long n = 1, made = 0; made < (most + 3) / 4; n += step, made++) {
			forget_store();
			if (!die_at(calls[i], n))
				break;
			kills++;
			look_into_store(false);
			if (lost + doubled + wrong + reused > 0)
				fail_msg("kill at %s %lu: %llu lost, %llu doubled, %llu wrong",
					calls[i], n, (unsigned long long)lost,
					(unsigned long long)doubled, (unsigned long long)wrong);
		}
	}
	assert_int_equal(unsetenv("ASAN_OPTIONS"), 0);
	print_message("%lu kills at writes\n", kills);
	assert_true(kills >= 8);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "writer") == 0)
		return write_records(argv[2], 9, argv[3]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_kills_lose_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_early_confirmation_is_detected, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_kill_at_every_write_loses_nothing, setup, teardown),
	};
	return cmocka_run_group_tests_name("fault/spool, killed", tests, NULL, NULL);
}
