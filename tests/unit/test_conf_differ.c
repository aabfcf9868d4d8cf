/* SPDX-License-Identifier: Apache-2.0
 * Which keys differ between two configurations: each kind of value, entries of lists, and no
 * others.
 */
#include "engine/conf/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void load(struct agent_conf *c, const char *yaml)
{
	char path[] = "/tmp/platen-test-XXXXXX";
	struct conf_error err;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	assert_int_equal(close(fd), 0);
	int result = agent_conf_load(c, path, &err);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(err.text, "");
	assert_int_equal(result, 0);
}

static void see(void *owner, const char *path)
{
	char *text = owner;
	(void)snprintf(text + strlen(text), 256 - strlen(text), "%s ", path);
}

static void test_differ_names_each_changed_key(void **state)
{
	(void)state;
	static const char base[] =
		"site: A\nsnmp: {tries: 3, credentials: [{name: a, community: x}]}\n"
		"access: {deny: 10.0.0.0/8}\ndevices: {targets: [{range: 10.0.0.1}]}\n";
	static const struct {
		const char *yaml, *keys;
	} rows[] = {
		{base, ""},
		{"site: B\nsnmp: {tries: 4, credentials: [{name: a, community: x}]}\n"
		 "access: {deny: 10.0.0.0/8}\ndevices: {targets: [{range: 10.0.0.1}]}\n",
			"site snmp.tries "},
		{"site: A\nsnmp: {tries: 3, credentials: [{name: a, community: y}]}\n"
		 "access: {deny: 10.0.0.0/9}\ndevices: {targets: [{range: 10.0.0.1}]}\n",
			"snmp.credentials access.deny "},
		{"site: A\nsnmp: {tries: 3, credentials: [{name: a, community: x}, {name: b, "
		 "community: x}]}\n"
		 "devices: {targets: [{range: 10.0.0.1, port: 162}]}\n",
			"devices.targets snmp.credentials access.deny "},
		/* One network is one network, however it is written. */
		{"site: A\nsnmp: {tries: 3, credentials: [{name: a, community: x}]}\n"
		 "access: {deny: [10.0.0.0/8]}\ndevices: {targets: [{range: 10.0.0.1}]}\n",
			""},
		{"site: A\nsnmp: {tries: 3, credentials: [{name: a, community: x}]}\n"
		 "access: {deny: [10.0.0.0/8, 11.0.0.1]}\ndevices: {targets: [{range: "
		 "10.0.0.1}]}\n",
			"access.deny "},
		{"site: A\nsnmp: {tries: 3, credentials: [{name: a, community: x}]}\n"
		 "access: {deny: 10.0.0.0/8}\nlog: {level: debug}\nfips: off\n"
		 "devices: {interval: 60m, targets: [{range: 10.0.0.1}]}\n",
			"log.level "},
	};
	struct agent_conf a, b;
	load(&a, base);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[256] = "";
		load(&b, rows[i].yaml);
		agent_conf_differ(&a, &b, see, text);
		assert_string_equal(text, rows[i].keys);
		agent_conf_free(&b);
	}
	agent_conf_free(&a);
}

static void test_differ_compares_networks_not_their_texts(void **state)
{
	(void)state;
	static const char *const same[] = {"access: {deny: \"10.0.0.1, 10.0.0.2, 10.0.0.3\"}\n",
		"access: {deny: [10.0.0.1, \"10.0.0.2, 10.0.0.3\"]}\n",
		"access: {deny: [10.0.0.1, 10.0.0.2, 10.0.0.3]}\n"};
	static const char *const others[] = {"access: {deny: [10.0.0.1, 10.0.0.2]}\n",
		"access: {deny: [10.0.0.1, \"10.0.0.2, 10.0.0.4\"]}\n"};
	struct agent_conf a, b;
	for (size_t i = 0; i < 9; i++) {
		char text[256] = "";
		load(&a, same[i / 3]);
		load(&b, same[i % 3]);
		agent_conf_differ(&a, &b, see, text);
		assert_string_equal(text, "");
		agent_conf_free(&b);
		load(&b, others[i % 2]);
		agent_conf_differ(&a, &b, see, text);
		assert_string_equal(text, "access.deny ");
		agent_conf_free(&b);
		agent_conf_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_differ_names_each_changed_key),
		cmocka_unit_test(test_differ_compares_networks_not_their_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
