/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/conf_fixture.h"

#include "engine/conf/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char conf_fixture_dir[64];

void conf_fixture_path(char *dst, size_t cap, const char *name)
{
	(void)snprintf(dst, cap, "%s/%s", conf_fixture_dir, name);
}

void conf_fixture_write(const char *name, const void *bytes, size_t len, mode_t mode)
{
	char path[128];
	conf_fixture_path(path, sizeof path, name);
	(void)unlink(path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

int conf_fixture_setup(void **state)
{
	(void)state;
	(void)snprintf(conf_fixture_dir, sizeof conf_fixture_dir, "/tmp/platen-test-XXXXXX");
	assert_non_null(mkdtemp(conf_fixture_dir));
	conf_fixture_write("password", "s3cret\n", 7, 0600);
	conf_fixture_write("open", "s3cret\n", 7, 0644);
	conf_fixture_write("community", "inside\n", 7, 0600);
	conf_fixture_write("ca.pem", "x\n", 2, 0644);
	return 0;
}

int conf_fixture_teardown(void **state)
{
	(void)state;
	static const char *const names[] = {
		"password", "open", "community", "ca.pem", "platen.yaml", "big.yaml"};
	char path[128];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		conf_fixture_path(path, sizeof path, names[i]);
		(void)unlink(path);
	}
	return rmdir(conf_fixture_dir);
}

int conf_fixture_load(struct agent_conf *c, const char *yaml, struct conf_error *err)
{
	char path[128];
	conf_fixture_write("platen.yaml", yaml, strlen(yaml), 0644);
	conf_fixture_path(path, sizeof path, "platen.yaml");
	return agent_conf_load(c, path, err);
}

bool conf_fixture_is_message(const char *yaml, const char *want)
{
	struct agent_conf c;
	struct conf_error err;
	int result = conf_fixture_load(&c, yaml, &err);
	char got[LIMIT_CONF_ERROR] = "";
	size_t n = 0;
	/* The name of the directory differs in each run. */
	for (const char *p = err.text; *p != '\0' && n + 1 < sizeof got;) {
		size_t len = strlen(conf_fixture_dir);
		if (strncmp(p, conf_fixture_dir, len) == 0)
			p += len + 1;
		else
			got[n++] = *p++;
	}
	got[n] = '\0';
	assert_int_equal(result, ERR_CONF);
	assert_null(c.memory);
	agent_conf_free(&c);
	if (strcmp(got, want) == 0)
		return true;
	print_error("%s\n-- gave\n%s\n-- and not\n%s\n", yaml, got, want);
	return false;
}
