/* SPDX-License-Identifier: Apache-2.0
 * kill -9 of two processes that append to one ledger, at random moments. Each reports an entry
 * through a pipe after audit_append has returned: every reported entry must be in the ledger, once,
 * and the ledger must have no fault.
 *
 * Positive control: a writer that reports before it appends must lose entries. */
#include "engine/store/audit.h"

#include "tests/counts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WRITERS = 2, PER_LIFE = 100000, LIVES_MAX = 4000, SMALL_SEGMENT = 3000 };

/* An entry's own number: of its writer's life, and in it. */
struct report {
	uint32_t life, index;
};

static char dir[32];

/* ---- the writer ---- */

static void append_for_ever(uint32_t life, int pipe, bool is_early)
{
	const struct audit_options o = {
		.dir = dir, .segment_bytes = SMALL_SEGMENT, .segments = UINT32_MAX};
	struct audit_entry e;
	struct audit *a;
	if (audit_open(&a, &o) < 0)
		_exit(3);
	for (uint32_t i = 0; i < PER_LIFE; i++) {
		const struct report r = {life, i};
		if (is_early && write(pipe, &r, sizeof r) != (ssize_t)sizeof r)
			_exit(4);
		audit_entry_set(&e, 1000, AUDIT_ACTION, "writer", 0, "%u %u", life, i);
		if (audit_append(a, &e, 1) < 0)
			_exit(5);
		if (!is_early && write(pipe, &r, sizeof r) != (ssize_t)sizeof r)
			_exit(6);
	}
	_exit(7);
}

static pid_t start(uint32_t life, int pipe, bool is_early)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		append_for_ever(life, pipe, is_early);
	return pid;
}

/* ---- the reports against the ledger ---- */

static uint32_t reported[LIVES_MAX]; /* entries of each life: 0 to this - 1 */
static uint32_t found[LIVES_MAX];
static uint64_t wrong, faults;

static int find_entry(void *owner, const struct audit_entry *e)
{
	uint32_t life, index;
	(void)owner;
	if (e->kind != AUDIT_ACTION)
		return 0;
	if (sscanf(e->what, "%u %u", &life, &index) != 2 || life >= LIVES_MAX ||
		index != found[life])
		wrong++;
	else
		found[life]++;
	return 0;
}

static void print_fault(void *owner, const struct audit_fault *f)
{
	(void)owner;
	faults++;
	print_message("segment %u entry %ju: %s\n", f->segment, (uintmax_t)f->number, f->cause);
}

static uint64_t count_lost(uint32_t lives)
{
	const struct audit_reader r = {.on_entry = find_entry, .on_fault = print_fault};
	struct audit_totals t;
	uint64_t lost = 0;
	memset(found, 0, sizeof found);
	wrong = faults = 0;
	/* Another process removes the incomplete line. */
	assert_int_equal(audit_note(dir, AUDIT_PURGE, 0, "after the kill"), 0);
	assert_int_equal(audit_read(dir, &r, &t), 0);
	for (uint32_t i = 0; i < lives; i++)
		lost += found[i] < reported[i] ? reported[i] - found[i] : 0;
	return lost;
}

static void drain(int fd)
{
	struct report r[64];
	ssize_t n;
	while ((n = read(fd, r, sizeof r)) > 0) {
		for (ssize_t i = 0; i < n / (ssize_t)sizeof r[0]; i++) {
			assert_in_range(r[i].life, 0, LIVES_MAX - 1);
			reported[r[i].life] = r[i].index + 1;
		}
	}
}

static void live_and_kill(uint32_t first_life, unsigned life_us, bool is_early)
{
	pid_t pids[WRITERS];
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) > 0, 1);
	for (unsigned i = 0; i < WRITERS; i++)
		pids[i] = start(first_life + i, fds[1], is_early);
	assert_int_equal(close(fds[1]), 0);
	struct pollfd p = {.fd = fds[0], .events = POLLIN};
	assert_int_equal(poll(&p, 1, -1), 1);
	const struct timespec life = {.tv_nsec = (long)life_us * 1000};
	(void)nanosleep(&life, NULL);
	for (unsigned i = 0; i < WRITERS; i++) {
		int status = 0;
		assert_int_equal(kill(pids[i], SIGKILL), 0);
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		if (!WIFSIGNALED(status))
			fail_msg("a writer ended by itself: status %#x", (unsigned)status);
	}
	drain(fds[0]);
	assert_int_equal(close(fds[0]), 0);
}

static int setup(void **state)
{
	(void)state;
	memset(reported, 0, sizeof reported);
	(void)snprintf(dir, sizeof dir, "audit_kill_XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	char command[64];
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

static void test_random_kills_lose_no_reported_entry(void **state)
{
	(void)state;
	uint32_t rounds = (uint32_t)test_count("AUDIT_KILLS"), life = 0;
	unsigned seed = 4;
	for (uint32_t i = 0; i < rounds && life + WRITERS <= LIVES_MAX; i++, life += WRITERS) {
		live_and_kill(life, (unsigned)rand_r(&seed) % 20000, false);
		if (i % 10 == 9 || i + 1 == rounds) {
			assert_int_equal(count_lost(life + WRITERS), 0);
			assert_int_equal(wrong, 0);
			assert_int_equal(faults, 0);
		}
	}
}

static void test_early_report_is_detected(void **state)
{
	(void)state;
	uint64_t lost = 0;
	unsigned seed = 5;
	for (uint32_t i = 0, life = 0; i < 20 && lost == 0; i++, life += WRITERS) {
		live_and_kill(life, (unsigned)rand_r(&seed) % 20000, true);
		lost = count_lost(life + WRITERS);
	}
	assert_true(lost > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_random_kills_lose_no_reported_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_early_report_is_detected, setup, teardown),
	};
	return cmocka_run_group_tests_name("fault/audit, killed", tests, NULL, NULL);
}
