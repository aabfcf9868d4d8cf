/* SPDX-License-Identifier: Apache-2.0
 * fips: on, with no provider, with one that is no provider, and with one that has none of the
 * algorithms. Each in a process of its own: what OpenSSL has loaded stays loaded. The validated
 * module itself is not in Debian 12. */
#include "engine/snmp/usm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <cmocka.h>

enum { NOT_LOADED, LOADED, REFUSED };

static char dir[] = "/tmp/platen-fips-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	char path[64];
	(void)state;
	(void)snprintf(path, sizeof path, "%s/fips.so", dir);
	(void)unlink(path);
	return rmdir(dir);
}

static int open_in_a_process(const char *modules)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool is_loaded;
		char why[LIMIT_WHY] = "";
		if (modules != NULL)
			(void)setenv("OPENSSL_MODULES", modules, 1);
		else
			(void)unsetenv("OPENSSL_MODULES");
		int err = usm_fips_open(&is_loaded, why, sizeof why);
		(void)fprintf(stderr, "%s\n", why);
		if (strncmp(why, "fips: ", 6) != 0)
			_exit(99);
		_exit(err < 0 ? REFUSED : is_loaded ? LOADED : NOT_LOADED);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void put_file(const char *from)
{
	char path[64], bytes[4096];
	(void)snprintf(path, sizeof path, "%s/fips.so", dir);
	FILE *in = fopen(from, "re"), *out = fopen(path, "we");
	assert_non_null(in);
	assert_non_null(out);
	for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

static void test_missing_fips_provider_fails_the_start(void **state)
{
	(void)state;
	assert_int_equal(open_in_a_process(dir), NOT_LOADED);
}

static void test_file_that_is_no_provider_is_refused(void **state)
{
	(void)state;
	put_file(PLATEN_SOURCE_DIR "/LICENSE");
	assert_int_equal(open_in_a_process(dir), REFUSED);
}

/* The legacy provider under that name: it loads, and has neither HMAC nor AES. */
static void test_provider_without_the_algorithms_is_refused(void **state)
{
	(void)state;
	char path[512];
	const char *told = OpenSSL_version(OPENSSL_MODULES_DIR);
	const char *begin = strchr(told, '"'), *end = strrchr(told, '"');
	assert_true(begin != NULL && end > begin);
	(void)snprintf(path, sizeof path, "%.*s/legacy.so", (int)(end - begin - 1), begin + 1);
	if (access(path, R_OK) != 0) {
		print_message("no %s\n", path);
		skip();
	}
	put_file(path);
	assert_int_equal(open_in_a_process(dir), REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_fips_provider_fails_the_start),
		cmocka_unit_test(test_file_that_is_no_provider_is_refused),
		cmocka_unit_test(test_provider_without_the_algorithms_is_refused),
	};
	return cmocka_run_group_tests_name("snmp/usm_fips", tests, setup, teardown);
}
