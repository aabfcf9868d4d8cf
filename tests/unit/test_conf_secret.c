/* SPDX-License-Identifier: Apache-2.0
 * A secret is taken from a file that only its owner can touch, and nothing of it stays. */
#include "engine/conf/secret.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/platen-test-XXXXXX");
	(void)snprintf(path, sizeof path, "/tmp/none");
	if (mkdtemp(folder) == NULL)
		return 1;
	(void)snprintf(path, sizeof path, "%s/secret", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void put(const void *bytes, size_t len, mode_t mode)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void test_secret_file_mode_decides(void **state)
{
	(void)state;
	static const mode_t good[] = {0600, 0400, 0640, 0440, 0700};
	static const mode_t bad[] = {0644, 0604, 0602, 0601, 0660, 0620, 0666, 0610};
	struct secret s = {.len = 0};
	char why[LIMIT_WHY];
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		put("x\n", 2, good[i]);
		assert_int_equal(secret_read(&s, path, why, sizeof why), 0);
		assert_string_equal(s.bytes, "x");
		assert_int_equal(unlink(path), 0);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		put("x\n", 2, bad[i]);
		assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
		assert_int_equal(s.len, 0);
		assert_non_null(strstr(why, "others can read or change it: chmod 0600 it"));
		assert_int_equal(unlink(path), 0);
	}
}

static void test_credentials_directory_accepts_any_mode(void **state)
{
	(void)state;
	struct secret s;
	char why[LIMIT_WHY];
	put("x", 1, 0644);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	assert_int_equal(secret_read(&s, path, why, sizeof why), 0);
	/* A folder whose name only begins with that of the allowed one is outside. */
	char alike[80];
	(void)snprintf(alike, sizeof alike, "%.*s", (int)strlen(folder) - 1, folder);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", alike, 1), 0);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/", 1), 0);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "", 1), 0);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	secret_wipe(&s);
}

static void test_secret_is_the_only_line(void **state)
{
	(void)state;
	struct secret s;
	char why[LIMIT_WHY];
	char longest[LIMIT_PASSWORD + 4];
	memset(longest, 'p', sizeof longest);
	put("pass word\r\n", 11, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), 0);
	assert_string_equal(s.bytes, "pass word");
	put("pass", 4, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), 0);
	assert_int_equal(s.len, 4);
	memcpy(longest + LIMIT_PASSWORD, "\r\n", 2);
	put(longest, LIMIT_PASSWORD + 2, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), 0);
	assert_int_equal(s.len, LIMIT_PASSWORD);
	assert_int_equal(strlen(s.bytes), LIMIT_PASSWORD);
	memset(longest, 'p', sizeof longest);
	put(longest, LIMIT_PASSWORD + 1, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_non_null(strstr(why, "holds more bytes than a secret may have"));
	put(longest, sizeof longest, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	put("", 0, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_non_null(strstr(why, "is empty"));
	put("\n", 1, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	put("a\nb\n", 4, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_non_null(strstr(why, "holds more than one line"));
	put("a\0b", 3, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_non_null(strstr(why, "holds a NUL byte"));
	assert_int_equal(s.len, 0);
}

static void test_secret_must_be_a_regular_file(void **state)
{
	(void)state;
	struct secret s;
	char why[LIMIT_WHY];
	assert_int_equal(secret_read(&s, folder, why, sizeof why), ERR_CONF);
	assert_non_null(strstr(why, "is not a regular file"));
	(void)unlink(path);
	assert_int_equal(secret_read(&s, path, why, sizeof why), -ENOENT);
	assert_non_null(strstr(why, "cannot be read: No such file or directory"));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secret_read(&s, path, why, sizeof why), ERR_CONF);
	assert_int_equal(unlink(path), 0);
}

static void test_file_named_like_a_variable_is_a_file(void **state)
{
	(void)state;
	struct secret s;
	char why[LIMIT_WHY];
	assert_int_equal(setenv("PLATEN_TEST_SECRET", "of the environment", 1), 0);
	assert_int_equal(secret_read(&s, "env:PLATEN_TEST_SECRET", why, sizeof why), -ENOENT);
	assert_int_equal(secret_read_env(&s, "PLATEN_TEST_SECRET", why, sizeof why), 0);
	assert_string_equal(s.bytes, "of the environment");
	assert_int_equal(unsetenv("PLATEN_TEST_SECRET"), 0);
	assert_int_equal(secret_read_env(&s, "PLATEN_TEST_SECRET", why, sizeof why), ERR_CONF);
}

static void test_wipe_clears_the_secret(void **state)
{
	(void)state;
	struct secret s, zero;
	char why[LIMIT_WHY];
	memset(&zero, 0, sizeof zero);
	put("topsecret\n", 10, 0600);
	assert_int_equal(secret_read(&s, path, why, sizeof why), 0);
	assert_memory_not_equal(&s, &zero, sizeof s);
	secret_wipe(&s);
	assert_memory_equal(&s, &zero, sizeof s);
	secret_wipe(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret_file_mode_decides),
		cmocka_unit_test(test_credentials_directory_accepts_any_mode),
		cmocka_unit_test(test_secret_is_the_only_line),
		cmocka_unit_test(test_secret_must_be_a_regular_file),
		cmocka_unit_test(test_file_named_like_a_variable_is_a_file),
		cmocka_unit_test(test_wipe_clears_the_secret),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
