/* SPDX-License-Identifier: Apache-2.0
 * One event is one line whatever a printer says, quoting never cuts inside a character or an escape
 * and never writes past its room. */
#include "proto/base/log.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char out[3 * LIMIT_LOG_LINE];

/* What one call of log_line writes. */
static size_t logged(enum log_level level, const char *text)
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	log_set_fd(fds[1]);
	errno = 77;
	log_line(level, "test", "text=%s", text);
	assert_int_equal(errno, 77);
	log_set_fd(STDERR_FILENO);
	ssize_t n = read(fds[0], out, sizeof out - 1);
	out[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(fds[1]);
	return n > 0 ? (size_t)n : 0;
}

static void a_line_has_time_level_and_module(void **state)
{
	(void)state;
	size_t n = logged(LOG_WARN, "hello");
	assert_int_equal(out[n - 1], '\n');
	assert_int_equal(out[4], '-');
	assert_int_equal(out[23], 'Z');
	assert_string_equal(out + 24, " level=warn mod=test text=hello\n");
}

static void levels_below_the_lowest_are_silent(void **state)
{
	(void)state;
	assert_true(log_is_on(LOG_INFO));
	assert_false(log_is_on(LOG_DEBUG));
	assert_int_equal(logged(LOG_DEBUG, "x"), 0);
	log_set_level(LOG_ERROR);
	assert_int_equal(logged(LOG_WARN, "x"), 0);
	assert_true(logged(LOG_ERROR, "x") > 0);
	log_set_level(LOG_DEBUG);
	assert_true(logged(LOG_DEBUG, "x") > 0);
	log_set_level(LOG_INFO);
}

static void nobody_forges_a_line(void **state)
{
	(void)state;
	(void)logged(LOG_INFO, "a\nlevel=error\rb\x1b[2J");
	assert_non_null(strstr(out, "text=a level=error b [2J\n"));
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
}

static void a_long_line_is_cut_between_characters(void **state)
{
	(void)state;
	static char text[2 * LIMIT_LOG_LINE];
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof text; i += 4)
			memcpy(text + i, "\xf0\x9f\x96\xa8", 5);
		size_t n = logged(LOG_INFO, text);
		assert_true(n <= LIMIT_LOG_LINE && n > LIMIT_LOG_LINE - 8);
		assert_int_equal(out[n - 1], '\n');
		assert_true(str_is_utf8((const uint8_t *)out, n));
	}
	memset(text, 'y', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	size_t n = logged(LOG_INFO, text);
	assert_true(n <= LIMIT_LOG_LINE && n >= LIMIT_LOG_LINE - 2);
}

static void quoting_escapes_what_could_do_harm(void **state)
{
	(void)state;
	char dst[128];
	static const struct {
		const char *src;
		size_t len;
		const char *want;
	} rows[] = {{"plain", 5, "\"plain\""}, {"", 0, "\"\""}, {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
		{"x\ny\0z", 5, "\"x\\x0ay\\x00z\""}, {"\x7f\x1b[2J", 5, "\"\\x7f\\x1b[2J\""},
		{"Büro", 5, "\"Büro\""},
		{"\xff"
		 "b",
			2, "\"\\xffb\""},
		{"ü\xff", 3, "\"\\xc3\\xbc\\xff\""},
		/* C1 control CSI in UTF-8: a terminal would obey it. */
		{"\xc2\x9b"
		 "2J",
			4, "\"\\xc2\\x9b2J\""},
		{"\xc2\xa0", 2, "\"\xc2\xa0\""}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(
			log_quote(dst, sizeof dst, rows[i].src, rows[i].len), rows[i].want);
}

static void quoting_cuts_to_fit(void **state)
{
	(void)state;
	static const char src[] = "a\"\n\xc3\xbc\xe2\x82\xac\xf0\x9f\x96\xa8 \x01 end of a text";
	size_t len = sizeof src - 1;
	for (size_t cap = 0; cap < 64; cap++) {
		char *dst = malloc(cap + 1); /* ASan sees a byte too many */
		assert_non_null(dst);
		assert_ptr_equal(log_quote(dst, cap, src, len), dst);
		if (cap >= 8) {
			size_t n = strlen(dst);
			assert_true(n < cap && n >= 2);
			assert_int_equal(dst[0], '"');
			assert_int_equal(dst[n - 1], '"');
			assert_true(str_is_utf8((const uint8_t *)dst, n));
			/* No cut escape: what is left is a prefix of the whole. */
			char whole[128];
			(void)log_quote(whole, sizeof whole, src, len);
			assert_memory_equal(dst, whole, n - 1);
			assert_true(dst[n - 2] != '\\' || (n > 3 && dst[n - 3] == '\\'));
		} else if (cap > 0) {
			assert_string_equal(dst, "");
		}
		free(dst);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_level_and_module),
		cmocka_unit_test(levels_below_the_lowest_are_silent),
		cmocka_unit_test(nobody_forges_a_line),
		cmocka_unit_test(a_long_line_is_cut_between_characters),
		cmocka_unit_test(quoting_escapes_what_could_do_harm),
		cmocka_unit_test(quoting_cuts_to_fit),
	};
	return cmocka_run_group_tests_name("core/log", tests, NULL, NULL);
}
