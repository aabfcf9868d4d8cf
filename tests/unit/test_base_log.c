/* SPDX-License-Identifier: Apache-2.0
 * Log lines are logfmt whatever the values hold; a second, independent parser reads them back. */
#include "proto/base/log.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "tests/kit/log_capture.h"

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

/* The length of the output of one call of log_line. */
static size_t logged(enum log_level level, const char *text)
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	log_capture(fds[1]);
	errno = 77;
	log_line(level, "test", "text=%s", text);
	assert_int_equal(errno, 77);
	log_restore();
	ssize_t n = read(fds[0], out, sizeof out - 1);
	out[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(fds[1]);
	return n > 0 ? (size_t)n : 0;
}

static void test_line_has_time_level_and_module(void **state)
{
	(void)state;
	size_t n = logged(LOG_WARN, "hello");
	assert_int_equal(out[n - 1], '\n');
	assert_int_equal(out[4], '-');
	assert_int_equal(out[23], 'Z');
	assert_string_equal(out + 24, " level=warn mod=test text=hello\n");
}

static void test_levels_below_the_lowest_write_nothing(void **state)
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

/* A logfmt parser: the value of the n-th pair behind the time, unescaped; false if the line is not
 * valid up to there. */
static bool pair_at(const char *line, unsigned n, char *key, char *value)
{
	const char *p = line + 24; /* the time */
	for (unsigned i = 0;; i++) {
		if (*p++ != ' ')
			return false;
		size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
		if (len == 0 || p[len] != '=')
			return false;
		(void)snprintf(key, 64, "%.*s", (int)len, p);
		p += len + 1;
		char *to = value;
		bool is_quoted = *p == '"';
		p += is_quoted ? 1 : 0;
		for (; *p != '\0' && *p != (is_quoted ? '"' : ' ') && *p != '\n'; p++) {
			if ((unsigned char)*p < 0x20 || (!is_quoted && strchr("\"=\\", *p) != NULL))
				return false;
			if (*p == '\\' && *++p == 'x') {
				unsigned code;
				if (sscanf(p, "x%2x", &code) != 1)
					return false;
				p += 2;
				*to++ = (char)code;
			} else {
				*to++ = p[-1] != '\\' || !is_quoted ? *p
					: *p == 'n'                 ? '\n'
					: *p == 't'                 ? '\t'
					: *p == 'r'                 ? '\r'
								    : *p;
			}
		}
		*to = '\0';
		if (is_quoted && *p++ != '"')
			return false;
		if (i == n)
			return true;
	}
}

static void test_values_read_back(void **state)
{
	(void)state;
	static const char *const values[] = {"plain", "", "two words", "a=b", "say \"hi\"",
		"back\\slash", "a\nlevel=error\rb\x1b[2J", "tab\there", "\" err=forged x=\"",
		"B\xc3\xbcro", "bad \xff utf", "C1 \xc2\x9b", "\\\"", "\\", "\""};
	char key[64], value[3 * LIMIT_LOG_LINE];
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		(void)logged(LOG_INFO, values[i]);
		assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
		assert_true(pair_at(out, 0, key, value));
		assert_string_equal(key, "level");
		assert_true(pair_at(out, 2, key, value));
		assert_string_equal(key, "text");
		assert_string_equal(value, values[i]);
	}
}

/* Every pair of bytes, as a value and behind a word. */
static void test_all_byte_pairs_are_one_valid_line(void **state)
{
	(void)state;
	char key[64], value[3 * LIMIT_LOG_LINE];
	for (unsigned a = 1; a < 256; a++) {
		for (unsigned b = 1; b < 256; b += 3) {
			char text[] = {(char)a, (char)b, '\0'};
			(void)logged(LOG_INFO, text);
			assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
			assert_true(pair_at(out, 2, key, value));
			assert_string_equal(value, text);
		}
	}
}

static size_t read_line(int fd)
{
	ssize_t n = read(fd, out, sizeof out - 1);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void test_conversions_and_quotes_of_the_format(void **state)
{
	(void)state;
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	log_capture(fds[1]);
	log_line(LOG_INFO, "t",
		"a=%d b=%u c=%zu d=%llu e=%lu f=%.1f g=%.*s h=%02x i=%016llx j=%c k=%5d l=%lld "
		"m=%s n=%ju o=%jd",
		-1, 2u, (size_t)3, 4ull, 5ul, 6.25, 2, "xyz", 7u, 8ull, 'q', 9, -10ll, "",
		(uintmax_t)UINT64_MAX, (intmax_t)-12);
	(void)read_line(fds[0]);
	assert_string_equal(out + 24, " level=info mod=t a=-1 b=2 c=3 d=4 e=5 f=6.2 g=xy h=07 "
				      "i=0000000000000008 j=q k=\"    9\" l=-10 m=\"\" "
				      "n=18446744073709551615 o=-12\n");
	log_line(LOG_INFO, "t", "what=\"the file %s: %d %%\" hub=%s:%u next=\"now\"", "a \"b\"", 5,
		"h", 1u);
	(void)read_line(fds[0]);
	assert_string_equal(out + 24,
		" level=info mod=t what=\"the file a \\\"b\\\": 5 %\" hub=h:1 "
		"next=now\n");
	log_line(LOG_INFO, "t", "text without a key: %s", "x y=1");
	(void)read_line(fds[0]);
	assert_string_equal(out + 24, " level=info mod=t msg=\"text without a key: x y=1\"\n");
	log_restore();
	close(fds[0]);
	close(fds[1]);
}

static void test_long_line_is_cut_between_characters(void **state)
{
	(void)state;
	static char text[2 * LIMIT_LOG_LINE];
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof text; i += 4)
			memcpy(text + i, "\xf0\x9f\x96\xa8", 5);
		size_t n = logged(LOG_INFO, text);
		assert_true(n <= LIMIT_LOG_LINE && n > LIMIT_LOG_LINE - 12);
		assert_int_equal(out[n - 1], '\n');
		assert_true(str_is_utf8((const uint8_t *)out, n));
	}
	memset(text, 'y', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	size_t n = logged(LOG_INFO, text);
	assert_true(n <= LIMIT_LOG_LINE && n >= LIMIT_LOG_LINE - 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_has_time_level_and_module),
		cmocka_unit_test(test_levels_below_the_lowest_write_nothing),
		cmocka_unit_test(test_values_read_back),
		cmocka_unit_test(test_all_byte_pairs_are_one_valid_line),
		cmocka_unit_test(test_conversions_and_quotes_of_the_format),
		cmocka_unit_test(test_long_line_is_cut_between_characters),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
