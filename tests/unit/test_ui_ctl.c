/* SPDX-License-Identifier: Apache-2.0
 * The control socket: its lines, parsed and written; requests of another process with immediate and
 * late responses; invalid and oversized input, and an end with an open request. */
#include "proto/base/list.h"
#include "engine/ui/ctl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- lines ---- */

static int read_line(struct ctl_line *line, const char *text)
{
	return ctl_line_read(line, text, strlen(text));
}

static void test_lines_are_parsed(void **state)
{
	(void)state;
	struct ctl_line l;
	assert_int_equal(read_line(&l, "{}"), 0);
	assert_int_equal(l.count, 0);
	assert_int_equal(read_line(&l, " { \"do\" : \"x\" , \"b\":\"\" } "), 0);
	assert_int_equal(l.count, 2);
	assert_string_equal(ctl_line_get(&l, "do"), "x");
	assert_string_equal(ctl_line_get(&l, "b"), "");
	assert_string_equal(ctl_line_get(&l, "none"), "");
	assert_int_equal(
		read_line(&l, "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\"}"), 0);
	assert_string_equal(ctl_line_get(&l, "a"), "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac");
}

static void test_invalid_lines_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "x", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1}",
		"{\"a\":\"b\"", "{\"a\":\"b", "{\"a\":\"b\",}", "{\"a\":\"b\"}x", "{\"a\":{}}",
		"{\"a\":\"b\",\"a\":\"c\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\",
		"{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\x01\"}",
		"{\"a\":\"\xff\"}", "{,}", "[\"a\"]", "{\"a\":\"\\uzzzz\"}"};
	struct ctl_line l;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int err = read_line(&l, wrong[i]);
		if (err != ERR_FORMAT)
			fail_msg("%s: %d", wrong[i], err);
	}
	assert_int_equal(ctl_line_read(&l, "{\"a\":\"b\0\"}", 10), ERR_FORMAT);
	/* Too many, and too long. */
	struct buf b;
	buf_open(&b, 64 * LIMIT_CTL_LINE);
	struct ctl_field many[CTL_FIELDS + 1];
	char names[CTL_FIELDS + 1][16];
	for (int i = 0; i <= CTL_FIELDS; i++) {
		(void)snprintf(names[i], sizeof names[i], "n%d", i);
		many[i] = (struct ctl_field){names[i], "v"};
	}
	assert_int_equal(ctl_line_write(&b, many, CTL_FIELDS + 1), 0);
	assert_int_equal(ctl_line_read(&l, (char *)b.data, b.len - 1), ERR_LIMIT);
	buf_clear(&b);
	char longer[LIMIT_CTL_LINE + 8];
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(ctl_line_write(&b, &(struct ctl_field){"n", longer}, 1), 0);
	assert_int_equal(ctl_line_read(&l, (char *)b.data, b.len - 1), ERR_LIMIT);
	buf_close(&b);
}

static void test_written_line_is_read_back(void **state)
{
	(void)state;
	static const char nasty[] = "a\"b\\c\n\t\x01{}:,\xc3\xa9";
	uint8_t bytes[256];
	struct buf b;
	struct ctl_line l;
	buf_over(&b, bytes, sizeof bytes);
	const struct ctl_field fields[] = {{nasty, "1"}, {"x", nasty}};
	assert_int_equal(ctl_line_write(&b, fields, 2), 0);
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_null(memchr(b.data, '\n', b.len - 1));
	assert_int_equal(ctl_line_read(&l, (char *)b.data, b.len - 1), 0);
	assert_string_equal(ctl_line_get(&l, "x"), nasty);
	assert_string_equal(ctl_line_get(&l, nasty), "1");
	buf_over(&b, bytes, 4);
	assert_int_equal(ctl_line_write(&b, &(struct ctl_field){"long", "value"}, 1), ERR_FULL);
	assert_int_equal(b.len, 0);
}

/* ---- the socket ---- */

struct fixture {
	char dir[64];
	struct loop *loop;
	struct workers *workers;
	struct ctl *ctl;
	struct ctl_session *held;
	struct worker_job job;
	pid_t child;
	int expected; /* lines; then the server closes */
	bool is_closed;
};

static void on_closed(void *owner)
{
	struct fixture *f = owner;
	f->is_closed = true;
}

static int work(struct worker_job *job)
{
	(void)job;
	return 0;
}

static void on_worked(struct worker_job *job, int result)
{
	struct fixture *f = container_of(job, struct fixture, job);
	(void)result;
	ctl_respond(f->held, true, "later");
}

static void on_line(void *owner, struct ctl_session *s, const struct ctl_line *line)
{
	struct fixture *f = owner;
	if (strcmp(ctl_line_get(line, "do"), "later") == 0) {
		f->held = s;
		f->job.work = work;
		f->job.on_done = on_worked;
		worker_submit(f->workers, WORKER_DISK, &f->job);
	} else {
		ctl_respond(s, strcmp(ctl_line_get(line, "do"), "good") == 0,
			ctl_line_get(line, "text"));
	}
	if (--f->expected == 0)
		ctl_close(f->ctl, on_closed, f);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "ctl_test_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", f->dir, CTL_FILE);
	assert_int_equal(access(path, F_OK), -1); /* the listener took it away */
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static void serve(struct fixture *f)
{
	assert_int_equal(loop_open(&f->loop, CTL_DUES), 0);
	assert_int_equal(workers_open(&f->workers, f->loop), 0);
	assert_int_equal(ctl_open(&f->ctl, f->loop, f->workers, f->dir, on_line, f), 0);
}

static void finish(struct fixture *f)
{
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(f->is_closed);
	workers_close(f->workers);
	assert_int_equal(loop_close(f->loop), 0);
}

/* In the child: what ctl_request says. */
static int ask(const struct fixture *f, const char *what, const char *text, char why[LIMIT_WHY])
{
	uint8_t bytes[LIMIT_CTL_LINE];
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	const struct ctl_field fields[] = {{"do", what}, {"text", text}};
	if (ctl_line_write(&b, fields, 2) < 0)
		return ERR_FULL;
	return ctl_request(f->dir, &b, why, LIMIT_WHY);
}

static int raw(const struct fixture *f, const char *bytes, size_t len, char *answer, size_t cap)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s/%s", f->dir, CTL_FILE);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0)
		return -1;
	(void)!send(fd, bytes, len, MSG_NOSIGNAL);
	size_t n = 0;
	ssize_t got;
	while (n < cap - 1 && (got = recv(fd, answer + n, cap - 1 - n, 0)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	return close(fd);
}

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x))                                                                          \
			_exit(__LINE__ % 250 + 1);                                                 \
	} while (0)

static void child(const struct fixture *f)
{
	char why[LIMIT_WHY];
	char answer[256];
	static char flood[3 * LIMIT_CTL_LINE];
	CHECK(ask(f, "good", "as it is", why) == 0);
	CHECK(strcmp(why, "as it is") == 0);
	CHECK(ask(f, "bad", "because", why) == ERR_FORBIDDEN);
	CHECK(strcmp(why, "because") == 0);
	CHECK(raw(f, "nonsense\n", 9, answer, sizeof answer) == 0);
	CHECK(strstr(answer, "{\"error\":\"a line must") == answer);
	memset(flood, 'x', sizeof flood);
	CHECK(raw(f, flood, sizeof flood, answer, sizeof answer) == 0);
	CHECK(strstr(answer, "too long") != NULL);
	/* Cut in two, and something sent ahead. */
	CHECK(raw(f, "{\"do\":\"good\"}\n{\"do\":\"good\"}\n", 28, answer, sizeof answer) == 0);
	CHECK(strcmp(answer, "{\"ok\":\"\"}\n") == 0);
	CHECK(ask(f, "later", "", why) == 0);
	CHECK(strcmp(why, "later") == 0);
	_exit(0);
}

static void test_requests_get_responses(void **state)
{
	struct fixture *f = *state;
	f->expected = 4;
	serve(f);
	struct stat st;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", f->dir, CTL_FILE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(f);
	finish(f);
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_connect_without_a_server(void **state)
{
	const struct fixture *f = *state;
	char why[LIMIT_WHY] = "";
	assert_int_equal(ask(f, "x", "", why), -ENOENT);
	assert_non_null(strstr(why, CTL_FILE));
	struct fixture far = {.dir = "a"};
	memset(far.dir, 'a', sizeof far.dir - 1);
	assert_int_equal(ask(&far, "x", "", why), -ENOENT);
	char dir[200];
	memset(dir, 'a', sizeof dir - 1);
	dir[sizeof dir - 1] = '\0';
	uint8_t bytes[8];
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	assert_int_equal(ctl_request(dir, &b, why, sizeof why), -ENAMETOOLONG);
}

static void test_close_without_a_request(void **state)
{
	struct fixture *f = *state;
	serve(f);
	ctl_close(f->ctl, on_closed, f);
	assert_false(f->is_closed);
	finish(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_parsed),
		cmocka_unit_test(test_invalid_lines_are_refused),
		cmocka_unit_test(test_written_line_is_read_back),
		cmocka_unit_test_setup_teardown(test_requests_get_responses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_connect_without_a_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_without_a_request, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
