/* SPDX-License-Identifier: Apache-2.0
 * A wrong file gives exactly the messages of its mistakes, each with its line and column. */
#include "engine/conf/conf.h"
#include "engine/conf/table.h"
#include "tests/kit/conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct bad {
	const char *yaml;
	const char *message;
};

#define HUB "hub:\n  url: https://hub/\n  user: a\n  password_file: password\n"

static const struct bad bad[] = {
	/* keys */
	{"intervall: 3\n",
		"platen.yaml:1:1: unknown key \"intervall\"; did you mean \"devices.interval\"?"},
	{"devices:\n  intervall: 1h\n", "platen.yaml:2:3: unknown key \"intervall\" in "
					"\"devices\"; did you mean \"interval\"?"},
	{"device:\n  interval: 1h\n",
		"platen.yaml:1:1: unknown key \"device\"; did you mean \"devices\"?"},
	{"interval: 1h\n",
		"platen.yaml:1:1: unknown key \"interval\"; did you mean \"devices.interval\"?"},
	{"devices.interval: 1h\n", "platen.yaml:1:1: unknown key \"devices.interval\"; write "
				   "\"interval\" on a line of its "
				   "own under \"devices:\""},
	{"zzzzzzzzzz: {a: [1, {b: 2}]}\nsite: x\n", "platen.yaml:1:1: unknown key \"zzzzzzzzzz\""},
	{"\"a\\nb\": 1\n", "platen.yaml:1:1: unknown key \"a\\nb\""},
	{"? [a]\n: 1\n", "platen.yaml:1:3: a key is a single word, not a list"},
	{"site: a\nlog:\n  level: warn\nsite: b\n",
		"platen.yaml:4:1: \"site\" is given twice, first on line 1"},
	{"devices:\n  max: 5\n  max: 6\n",
		"platen.yaml:3:3: \"devices.max\" is given twice, first on line 2"},
	{"devices:\n  max: 5\nlog: {}\ndevices:\n  max: 6\n",
		"platen.yaml:4:1: \"devices\" is given twice, first on line 1"},
	{"devices:\n  targets:\n  - range: 10.0.0.1\n    range: 10.0.0.2\n",
		"platen.yaml:4:5: \"range\" is given twice, first on line 3"},
	{"devices:\n  targets:\n    - rnage: 10.0.0.1\n",
		"platen.yaml:3:7: unknown key \"rnage\" in an entry of \"devices.targets\"; did "
		"you mean "
		"\"range\"?"},
	/* kinds */
	{"devices: 5\n", "platen.yaml:1:10: \"devices\" takes a map of keys, not a single value"},
	{"devices: [5]\n", "platen.yaml:1:10: \"devices\" takes a map of keys, not a list"},
	{"devices:\n  max: [5]\n",
		"platen.yaml:2:8: \"devices.max\" takes a single value, not a list"},
	{"devices:\n  max: {a: 5}\n",
		"platen.yaml:2:8: \"devices.max\" takes a single value, not a map"},
	{"devices:\n  max: many\n",
		"platen.yaml:2:8: \"devices.max\" takes a whole number, not \"many\""},
	{"devices:\n  max: -1\n",
		"platen.yaml:2:8: \"devices.max\" takes a whole number, not \"-1\""},
	{"devices:\n  max: 1e3\n",
		"platen.yaml:2:8: \"devices.max\" takes a whole number, not \"1e3\""},
	{"devices:\n  max: \"5\"\n",
		"platen.yaml:2:8: \"devices.max\" takes a whole number, not a text in quotes"},
	{"devices:\n  max:\n", "platen.yaml:2:7: \"devices.max\" has no value"},
	{"site: ~\n", "platen.yaml:1:7: \"site\" has no value"},
	{"site: \"\"\n", "platen.yaml:1:7: \"site\" is empty"},
	{"site: \"a\\u0007b\"\n", "platen.yaml:1:7: \"site\" holds a control character"},
	{"site: \"a\\0b\"\n", "platen.yaml:1:7: \"site\" holds a control character"},
	{"devices:\n  targets: 10.0.0.1\n",
		"platen.yaml:2:12: \"devices.targets\" takes a list, not a single value"},
	{"devices:\n  targets: {range: 10.0.0.1}\n",
		"platen.yaml:2:12: \"devices.targets\" takes a list, not a map"},
	{"devices:\n  targets:\n    - 10.0.0.1\n",
		"platen.yaml:3:7: each entry of \"devices.targets\" is a map, not a single value"},
	{"- a\n", "platen.yaml:1:1: a configuration is a map of keys, not a list"},
	{"hello\n", "platen.yaml:1:1: a configuration is a map of keys, not a single value"},
	/* ranges and units */
	{"devices:\n  max: 0\n", "platen.yaml:2:8: \"devices.max\" takes 1 to 100000, not \"0\""},
	{"devices:\n  max: 100001\n",
		"platen.yaml:2:8: \"devices.max\" takes 1 to 100000, not \"100001\""},
	{"devices:\n  max: 99999999999999999999\n",
		"platen.yaml:2:8: \"devices.max\" takes 1 to 100000, not \"99999999999999999999\""},
	{"devices: {interval: 15}\n", "platen.yaml:1:21: \"devices.interval\" takes a duration "
				      "such as 250ms, 15s, 10m, 6h or "
				      "7d, not \"15\""},
	{"devices: {interval: 2 hours}\n", "platen.yaml:1:21: \"devices.interval\" takes a "
					   "duration such as 250ms, 15s, 10m, 6h or "
					   "7d, not \"2 hours\""},
	{"devices: {interval: 8d}\n",
		"platen.yaml:1:21: \"devices.interval\" takes 1s to 7d, not \"8d\""},
	{"devices: {interval: 0}\n",
		"platen.yaml:1:21: \"devices.interval\" takes 1s to 7d, not \"0\""},
	{"snmp: {tries: 9}\n", "platen.yaml:1:15: \"snmp.tries\" takes 1 to 8, not \"9\""},
	{"snmp:\n  timeout: 50ms\n",
		"platen.yaml:2:12: \"snmp.timeout\" takes 100ms to 2m, not \"50ms\""},
	{"spool:\n  max_bytes: 64MB\n", "platen.yaml:2:14: \"spool.max_bytes\" takes a size such "
					"as 4096B, 512KiB, 64MiB or "
					"1GiB, not \"64MB\""},
	{"spool:\n  max_bytes: 64KiB\n",
		"platen.yaml:2:14: \"spool.max_bytes\" takes 1MiB to 1024GiB, not \"64KiB\""},
	{"log:\n  level: loud\n",
		"platen.yaml:2:10: \"log.level\" takes one of error warn info debug, not \"loud\""},
	{"devices: {targets: [{range: 10.0.0.1, version: 3}]}\n",
		"platen.yaml:1:21: \"version: 3\" needs \"credential\", the name of an entry of "
		"\"snmp.credentials\""},
	{"devices: {targets: [{range: 10.0.0.1, version: 4}]}\n",
		"platen.yaml:1:48: \"version\" takes one of 1 2c 3, not \"4\""},
	{"log: {level: infos}\n", "platen.yaml:1:14: \"log.level\" takes one of error warn info "
				  "debug, not \"infos\"; did you mean \"info\"?"},
	{"devices: {targets: [{range: 10.0.0.1, port: 0}]}\n",
		"platen.yaml:1:45: \"port\" takes 1 to 65535, not \"0\""},
	{"devices: {targets: [{range: 10.1.4.x}]}\n",
		"platen.yaml:1:29: \"range\": \"10.1.4.x\" is not an address"},
	{"devices: {targets: [{range: 10.0.0.7/24}]}\n",
		"platen.yaml:1:29: \"range\": \"10.0.0.7/24\" is an address in the network "
		"10.0.0.0/24, "
		"not a network itself"},
	/* a secret is not repeated */
	{"devices: {targets: [{range: 10.0.0.1, community: "
	 "0123456789012345678901234567890123456789012345678901234567890123456789}]}\n",
		"platen.yaml:1:50: \"community\" takes 1 to 64 bytes of text, not 70"},
	/* form */
	{"a: &x 1\n", "platen.yaml:1:1: unknown key \"a\"\nplaten.yaml:1:4: anchors and aliases (& "
		      "and *) are "
		      "not allowed; quote a text that begins so"},
	{"site: *x\n",
		"platen.yaml:1:7: anchors and aliases (& and *) are not allowed; quote a text "
		"that begins "
		"so"},
	{"devices: &d {max: 5}\n",
		"platen.yaml:1:10: anchors and aliases (& and *) are not allowed; "
		"quote a text that begins "
		"so"},
	{"site: !!str x\n",
		"platen.yaml:1:7: tags (!) are not allowed; quote a text that begins so"},
	{"devices:\n\tmax: 5\n", "platen.yaml:2:1: a tab; YAML is indented with blanks only"},
	{"devices:\n  max: 5\n  \tinterval: 1h\n",
		"platen.yaml:3:3: a tab; YAML is indented with blanks only"},
	{"site: a\n---\nsite: b\n",
		"platen.yaml:2:1: a second document begins here; one file is one configuration"},
	{"site: [a\n", "platen.yaml:1:7: \"site\" takes a single value, not a list\n"
		       "platen.yaml:2:1: is not YAML: did not find expected ',' or ']', while "
		       "parsing a flow "
		       "sequence that began on line 1"},
	{"site: \"a\n", "platen.yaml:2:1: is not YAML: found unexpected end of stream, while "
			"scanning a quoted "
			"scalar that began on line 1"},
	{"x: [[[[[[[[1]]]]]]]]\n", "platen.yaml:1:1: unknown key \"x\"\n"
				   "platen.yaml:1:9: nested deeper than 6 levels"},
	{"site: a\xff\n", "platen.yaml:1:8: is not plain UTF-8 text: invalid leading UTF-8 octet"},
	{"# x\nsite: a\x01\n",
		"platen.yaml:2:8: is not plain UTF-8 text: control characters are not "
		"allowed"},
	/* several at once */
	{"site: ''\nlog: {level: x}\nnone: 1\n",
		"platen.yaml:1:7: \"site\" is empty\n"
		"platen.yaml:2:14: \"log.level\" takes one of error warn info debug, not \"x\"\n"
		"platen.yaml:3:1: unknown key \"none\""},
	/* across keys */
	{"hub:\n  url: http://hub/\n",
		"platen.yaml:2:8: \"hub.url\": \"http://hub/\" does not begin with https://"},
	{"hub:\n  url: https://hub/\n", "platen.yaml:2:8: \"hub.url\" needs \"hub.user\"\n"
					"platen.yaml:2:8: \"hub.url\" needs \"hub.password_file\""},
	{"hub:\n  user: me\n", "platen.yaml:2:9: \"hub.user\" is of no use without \"hub.url\""},
	{"hub:\n  url: https://hub/\n  user: a:b\n  password_file: password\n",
		"platen.yaml:3:9: \"hub.user\" must not hold a colon"},
	{"hub:\n  proxy: http://proxy:3128\n",
		"platen.yaml:2:10: \"hub.proxy\" is of no use without \"hub.url\""},
	{HUB "  proxy: https://proxy:3128\n",
		"platen.yaml:5:10: \"hub.proxy\": \"https://proxy:3128\" does not begin with "
		"http://, the only way to a proxy that is supported"},
	{HUB "  proxy: http://proxy\n",
		"platen.yaml:5:10: \"hub.proxy\": \"http://proxy\" names no port"},
	{HUB "  proxy: http://me:word@proxy:3128\n",
		"platen.yaml:5:10: \"hub.proxy\": \"http://me:word@proxy:3128\" holds a user: use "
		"hub.proxy_user and hub.proxy_password_file instead"},
	{HUB "  proxy: http://proxy:3128/x\n", "platen.yaml:5:10: \"hub.proxy\": "
					       "\"http://proxy:3128/x\" has a path, which a proxy "
					       "has not"},
	{HUB "  proxy: http://proxy:3128\n  proxy_user: a:b\n  proxy_password_file: password\n",
		"platen.yaml:6:15: \"hub.proxy_user\" must not hold a colon"},
	{HUB "  proxy: http://proxy:3128\n  proxy_user: a\n",
		"platen.yaml:5:10: \"hub.proxy_user\" and \"hub.proxy_password_file\" need each "
		"other"},
	{HUB "  no_proxy: localhost\n",
		"platen.yaml:5:13: \"hub.proxy_user\" and \"hub.no_proxy\" are of no use without "
		"\"hub.proxy\""},
	{HUB "  spki_pin: sha256/AAAA\n",
		"platen.yaml:5:13: \"hub.spki_pin\" takes sha256/ and the Base64 of 32 bytes, the "
		"digest of a public key, not \"sha256/AAAA\""},
	{HUB "  key_file: password\n",
		"platen.yaml:2:8: \"hub.cert_file\" and \"hub.key_file\" need each other"},
	{"hub:\n  ca_file: /dev/null\n",
		"platen.yaml:2:12: \"hub.ca_file\": \"/dev/null\" is not a regular file"},
	{"hub:\n  ca_file: nowhere.pem\n", "platen.yaml:2:12: \"hub.ca_file\": \"nowhere.pem\" "
					   "cannot be read: No such file or "
					   "directory"},
	{"devices:\n  targets:\n    - port: 161\n",
		"platen.yaml:3:7: an entry needs \"range\" or \"csv\""},
	{"devices:\n  targets:\n    - {range: 10.0.0.1, csv: ca.pem}\n",
		"platen.yaml:3:7: an entry has either \"range\" or \"csv\", not both"},
	{"devices:\n  targets:\n    - {range: 10.0.0.1, community: a, community_file: community}\n",
		"platen.yaml:3:7: an entry has either \"community\" or \"community_file\", not "
		"both"},
};

static void test_bad_file_names_line_and_column(void **state)
{
	(void)state;
	unsigned wrong = 0;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		wrong += conf_fixture_is_message(bad[i].yaml, bad[i].message) ? 0 : 1;
	assert_int_equal(wrong, 0);
}

static void test_password_file_readable_by_others_is_refused(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	assert_int_equal(
		conf_fixture_load(
			&c, "hub:\n  url: https://hub/\n  user: me\n  password_file: open\n", &err),
		ERR_CONF);
	char want[256];
	(void)snprintf(want, sizeof want,
		"%s/platen.yaml:4:18: \"hub.password_file\": %s/open has mode 0644, so that others "
		"can read or change it: chmod 0600 it",
		conf_fixture_dir, conf_fixture_dir);
	assert_string_equal(err.text, want);
}

/* no_proxy: names, what is below them, networks, all. */
static void test_no_proxy_leaves_the_proxy_out(void **state)
{
	(void)state;
	static const struct {
		const char *url, *no_proxy;
		bool is_used;
	} cases[] = {{"https://hub.example.com/", "other.example.com", true},
		{"https://hub.example.com/", "a, HUB.example.com", false},
		{"https://hub.example.com/", ".example.com", false},
		{"https://hub.example.com/", "example.com", false},
		{"https://hub.example.com/", "ple.com", true},
		{"https://hub.example.com/", "10.0.0.0/8", true},
		{"https://10.1.2.3:8443/", "192.168.0.0/16, 10.0.0.0/8", false},
		{"https://10.1.2.3:8443/", "10.1.2.4", true},
		{"https://[2001:db8::1]/", "2001:db8::/32", false},
		{"https://[2001:db8::1]/", "*", false}, {"https://hub/", ",", true}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct agent_conf c;
		struct conf_error err;
		char yaml[512];
		(void)snprintf(yaml, sizeof yaml,
			"hub:\n  url: %s\n  user: a\n  password_file: password\n"
			"  proxy: http://proxy:3128\n  no_proxy: '%s'\n",
			cases[i].url, cases[i].no_proxy);
		assert_int_equal(conf_fixture_load(&c, yaml, &err), 0);
		assert_int_equal(c.proxy_host != NULL, cases[i].is_used);
		if (cases[i].is_used)
			assert_int_equal(c.proxy_port, 3128);
		agent_conf_free(&c);
	}
}

static void test_rule_without_a_key_is_refused(void **state)
{
	(void)state;
	assert_true(conf_fixture_is_message("discovery: {include: [{}]}\n",
		"platen.yaml:1:23: an entry of \"discovery.include\" needs \"addresses\", "
		"\"vendor\", "
		"\"model\" or \"serial\""));
	assert_true(conf_fixture_is_message("discovery: {exclude: [{vendor: HP}, {}]}\n",
		"platen.yaml:1:37: an entry of \"discovery.exclude\" needs \"addresses\", "
		"\"vendor\", "
		"\"model\" or \"serial\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_file_names_line_and_column),
		cmocka_unit_test(test_password_file_readable_by_others_is_refused),
		cmocka_unit_test(test_no_proxy_leaves_the_proxy_out),
		cmocka_unit_test(test_rule_without_a_key_is_refused),
	};
	return cmocka_run_group_tests(tests, conf_fixture_setup, conf_fixture_teardown);
}
