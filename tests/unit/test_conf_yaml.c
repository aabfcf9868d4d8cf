/* SPDX-License-Identifier: Apache-2.0
 * Good files give the values they say, bad files exactly one message at exactly the right place. */
#include "engine/conf/conf.h"
#include "engine/conf/load.h"
#include "engine/conf/table.h"
#include "proto/model/kind.h"

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

static void path_of(char *dst, size_t cap, const char *name)
{
	(void)snprintf(dst, cap, "%s/%s", folder, name);
}

static void write_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
	char path[128];
	path_of(path, sizeof path, name);
	(void)unlink(path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/platen-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	write_file("password", "s3cret\n", 7, 0600);
	write_file("open", "s3cret\n", 7, 0644);
	write_file("community", "inside\n", 7, 0600);
	write_file("ca.pem", "x\n", 2, 0644);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = {
		"password", "open", "community", "ca.pem", "platen.yaml", "big.yaml"};
	char path[128];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		path_of(path, sizeof path, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

static int load(struct agent_conf *c, const char *yaml, struct conf_error *err)
{
	char path[128];
	write_file("platen.yaml", yaml, strlen(yaml), 0644);
	path_of(path, sizeof path, "platen.yaml");
	return agent_conf_load(c, path, err);
}

/* Compares the message behind the name of the folder. */
static bool is_message(const char *yaml, const char *want)
{
	struct agent_conf c;
	struct conf_error err;
	int result = load(&c, yaml, &err);
	char got[LIMIT_CONF_ERROR] = "";
	size_t n = 0;
	/* Folder names are made anew each time: they go. */
	for (const char *p = err.text; *p != '\0' && n + 1 < sizeof got;) {
		size_t len = strlen(folder);
		if (strncmp(p, folder, len) == 0)
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

struct bad {
	const char *yaml;
	const char *message;
};

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
		wrong += is_message(bad[i].yaml, bad[i].message) ? 0 : 1;
	assert_int_equal(wrong, 0);
}

static void test_password_file_readable_by_others_is_refused(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	assert_int_equal(
		load(&c, "hub:\n  url: https://hub/\n  user: me\n  password_file: open\n", &err),
		ERR_CONF);
	char want[256];
	(void)snprintf(want, sizeof want,
		"%s/platen.yaml:4:18: \"hub.password_file\": %s/open has mode 0644, so that others "
		"can read or change it: chmod 0600 it",
		folder, folder);
	assert_string_equal(err.text, want);
}

static void test_empty_file_yields_the_defaults(void **state)
{
	(void)state;
	static const char *const files[] = {
		"", "# only words\n", "devices:\nlog:\n", "{}\n", "---\n"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct agent_conf c;
		struct conf_error err;
		assert_int_equal(load(&c, files[i], &err), 0);
		assert_string_equal(c.state_dir, "/var/lib/platen");
		assert_string_equal(c.site, "");
		assert_int_equal(c.log_level, LOG_INFO);
		assert_int_equal(c.devices_max, LIMIT_DEVICES);
		assert_int_equal(c.poll_interval_ms, 3600000);
		assert_int_equal(c.snmp_window, 2048);
		assert_int_equal(c.snmp_timeout_ms, 5000);
		assert_int_equal(c.snmp_tries, 5);
		assert_false(c.has_hub);
		assert_null(c.ca_file);
		assert_int_equal(c.sync_interval_ms, 86400000);
		assert_int_equal(c.spool_max_bytes, LIMIT_SPOOL_BYTES);
		assert_int_equal(c.spool_linger_ms, 50);
		assert_null(c.targets);
		agent_conf_free(&c);
		agent_conf_free(&c);
	}
}

static void test_every_key_is_stored(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	char want[128];
	int result = load(&c,
		"\xef\xbb\xbfstate_dir: state\n"
		"site: 'Gen\xc3\xa8ve, \"A\"'\n"
		"log: {level: debug}\n"
		"devices:\n"
		"  max: 20000\n"
		"  interval: 90s\n"
		"  targets:\n"
		"    - range: 127.1.0.1-127.1.0.9\n"
		"      port: 1161\n"
		"      version: 1\n"
		"      community_file: community\n"
		"    - range: '::1'\n"
		"snmp: {window: 4096, timeout: 7s, tries: 3}\n"
		"hub:\n"
		"  url: https://Hub.Example:8443/platen\n"
		"  user: agent-1\n"
		"  password_file: password\n"
		"  ca_file: ca.pem\n"
		"sync: {interval: 6h}\n"
		"spool: {max_bytes: 1GiB, linger: 0}\n",
		&err);
	assert_string_equal(err.text, "");
	assert_int_equal(result, 0);
	(void)snprintf(want, sizeof want, "%s/state", folder);
	assert_string_equal(c.state_dir, want);
	assert_string_equal(c.site, "Gen\xc3\xa8ve, \"A\"");
	assert_int_equal(c.log_level, LOG_DEBUG);
	assert_int_equal(c.devices_max, 20000);
	assert_int_equal(c.poll_interval_ms, 90000);
	assert_non_null(c.targets->item.next);
	assert_null(c.targets->item.next->next);
	const struct conf_target *t = c.targets;
	assert_string_equal(t->range, "127.1.0.1-127.1.0.9");
	assert_int_equal(t->port, 1161);
	assert_int_equal(t->version, 0);
	assert_string_equal(t->community, "inside");
	assert_int_equal(t->community_len, 6);
	t = (const struct conf_target *)t->item.next;
	assert_string_equal(t->range, "::1");
	assert_int_equal(t->port, 161);
	assert_int_equal(t->version, 1);
	assert_string_equal(t->community, "public");
	assert_null(t->item.next);
	assert_int_equal(c.snmp_window, 4096);
	assert_int_equal(c.snmp_timeout_ms, 7000);
	assert_int_equal(c.snmp_tries, 3);
	assert_true(c.has_hub);
	assert_string_equal(c.hub_host, "hub.example");
	assert_int_equal(c.hub_port, 8443);
	assert_string_equal(c.hub_path, "/platen/");
	assert_string_equal(c.hub_user, "agent-1");
	assert_string_equal(c.hub_password.bytes, "s3cret");
	assert_int_equal(c.hub_password.len, 6);
	assert_non_null(strstr(c.ca_file, "/ca.pem"));
	assert_int_equal(c.sync_interval_ms, 6 * 3600000);
	assert_int_equal(c.spool_max_bytes, 1u << 30);
	assert_int_equal(c.spool_linger_ms, 0);
	agent_conf_free(&c);
	assert_int_equal(c.hub_password.len, 0);
}

static void test_file_size_is_limited(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	char path[128], want[256];
	size_t len = LIMIT_CONF_BYTES + 1;
	char *bytes = malloc(len);
	assert_non_null(bytes);
	memset(bytes, ' ', len);
	memcpy(bytes, "site: a #", 9);
	write_file("big.yaml", bytes, len, 0644);
	path_of(path, sizeof path, "big.yaml");
	assert_int_equal(agent_conf_load(&c, path, &err), ERR_CONF);
	(void)snprintf(want, sizeof want, "%s: is larger than 1048576 bytes", path);
	assert_string_equal(err.text, want);
	write_file("big.yaml", bytes, len - 1, 0644);
	assert_int_equal(agent_conf_load(&c, path, &err), 0);
	assert_string_equal(c.site, "a");
	agent_conf_free(&c);
	free(bytes);
}

static void test_missing_file_is_named(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	assert_int_equal(agent_conf_load(&c, "/nowhere/platen.yaml", &err), ERR_CONF);
	assert_string_equal(
		err.text, "/nowhere/platen.yaml: cannot be read: No such file or directory");
	assert_int_equal(agent_conf_load(&c, folder, &err), ERR_CONF);
	assert_non_null(strstr(err.text, "Is a directory"));
}

static void test_number_of_messages_is_limited(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	char yaml[4096] = "";
	for (unsigned i = 0; i < 100; i++)
		(void)snprintf(
			yaml + strlen(yaml), sizeof yaml - strlen(yaml), "zzzzzzz%u: 1\n", i);
	assert_int_equal(load(&c, yaml, &err), ERR_CONF);
	assert_int_equal(err.count, LIMIT_CONF_MESSAGES);
	unsigned lines = 1;
	for (const char *p = err.text; *p != '\0'; p++)
		lines += *p == '\n';
	assert_int_equal(lines, LIMIT_CONF_MESSAGES);
}

static void test_number_of_targets_is_limited(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	struct buf yaml;
	buf_open(&yaml, LIMIT_CONF_BYTES);
	assert_int_equal(buf_put_text(&yaml, "devices:\n  targets:\n"), 0);
	for (unsigned i = 0; i < LIMIT_CONF_TARGETS + 3; i++)
		assert_int_equal(buf_put_text(&yaml, "  - range: 10.0.0.1\n"), 0);
	assert_int_equal(buf_put(&yaml, "", 1), 0);
	assert_int_equal(load(&c, (char *)yaml.data, &err), ERR_CONF);
	assert_non_null(
		strstr(err.text, "platen.yaml:4099:5: \"devices.targets\" has more than 4096 "
				 "entries"));
	assert_int_equal(err.count, 1);
	buf_close(&yaml);
}

static void test_url_parts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *host;
		unsigned port;
		const char *path;
	} good[] = {{"https://hub", "hub", 443, "/"}, {"https://hub/", "hub", 443, "/"},
		{"https://HUB.example.COM:8443", "hub.example.com", 8443, "/"},
		{"https://127.0.0.1:1/a/b", "127.0.0.1", 1, "/a/b/"},
		{"https://[::1]:65535/a/", "::1", 65535, "/a/"}};
	static const char *const wrong[] = {"https://", "https:///x", "http://hub", "hub", "HTTPS",
		"https://user@hub/", "https://u:p@hub/", "https://hub:0/", "https://hub:65536/",
		"https://hub:/", "https://hub:1x/", "https://[::1", "https://[]:1/",
		"https://[zz]/", "https://[::1]x/", "https://hub/?q", "https://hub/#f",
		"https://hub/ x", "https://hub/a%20b", "https://hub//x", "https://hub/../x",
		"https://hub/a/../x", "https://-x/", "https://a b/", "https://hub?x",
		"https://hub:8443:1/"};
	struct conf_url url;
	char why[LIMIT_WHY];
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(conf_url_parse(&url, good[i].text, why, sizeof why), 0);
		assert_string_equal(url.host, good[i].host);
		assert_int_equal(url.port, good[i].port);
		assert_string_equal(url.path, good[i].path);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(conf_url_parse(&url, wrong[i], why, sizeof why), ERR_CONF);
}

static bool is_denied(const struct agent_conf *c, unsigned a, unsigned b, unsigned d)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr = {htonl(10u << 24 | a << 16 | b << 8 | d)}};
	return !agent_conf_is_allowed(c, (struct sockaddr *)&in);
}

/* As many networks as an operator may need to deny. */
static void test_networks_as_text_or_list(void **state)
{
	(void)state;
	static char yaml[256 * 1024];
	struct agent_conf c;
	struct conf_error err;
	size_t len = (size_t)snprintf(yaml, sizeof yaml, "access:\n  deny:\n");
	for (unsigned i = 0; i < LIMIT_CONF_NETS_LIST; i++)
		len += (size_t)snprintf(yaml + len, sizeof yaml - len,
			"    - 10.1.%u.%u, 10.2.%u.%u\n", i / 250, i % 250 + 1, i / 250,
			i % 250 + 1);
	assert_int_equal(load(&c, yaml, &err), 0);
	assert_true(is_denied(&c, 1, 0, 1));
	assert_true(is_denied(
		&c, 2, (LIMIT_CONF_NETS_LIST - 1) / 250, (LIMIT_CONF_NETS_LIST - 1) % 250 + 1));
	assert_false(is_denied(&c, 1, 0, 251));
	agent_conf_free(&c);
	(void)snprintf(yaml + len, sizeof yaml - len, "    - 10.3.1.1\n");
	assert_true(
		is_message(yaml, "platen.yaml:4099:7: \"access.deny\" has more than 4096 entries"));
	/* As many in one text as the largest arena block holds. */
	len = (size_t)snprintf(yaml, sizeof yaml, "access: {deny: \"1.1.1.1");
	for (unsigned i = 1; i < LIMIT_CONF_NETS; i++)
		len += (size_t)snprintf(yaml + len, sizeof yaml - len, ",1.1.1.1");
	(void)snprintf(yaml + len, sizeof yaml - len, "\"}\n");
	assert_int_equal(load(&c, yaml, &err), 0);
	agent_conf_free(&c);
	(void)snprintf(yaml + len, sizeof yaml - len, ",1.1.1.1\"}\n");
	assert_true(is_message(yaml,
		"platen.yaml:1:16: \"access.deny\": holds more than 112 networks: write "
		"them as a list, one a line"));
	assert_int_equal(load(&c,
				 "snmp: {credentials: [{name: a, community: x, subnets: "
				 "[10.0.0.0/8, 2001:db8::1]}]}\n",
				 &err),
		0);
	assert_int_equal(c.credentials->subnets->more->count, 1);
	agent_conf_free(&c);
	assert_true(is_message("access: {allow: []}\n",
		"platen.yaml:1:17: \"access.allow\" is empty: leave "
		"the key out, or name a network"));
	assert_true(is_message("access: {allow: [10.0.0.0/8, {}]}\n",
		"platen.yaml:1:30: each entry of \"access.allow\" is a network, not a map"));
	assert_true(is_message("access:\n  allow:\n    -\n",
		"platen.yaml:3:6: each entry of \"access.allow\" is a network, not nothing"));
	assert_true(is_message("access: {allow: [10.0.0.1/8]}\n",
		"platen.yaml:1:18: \"access.allow\": \"10.0.0.1/8\" is an address in the network "
		"10.0.0.0/8, "
		"not a network itself"));
}

static bool is_accepted(const struct agent_conf *c, unsigned last, unsigned kind)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr = {htonl(10u << 24 | 1u << 16 | 4u << 8 | last)}};
	return conf_accepts(&c->accept, (struct sockaddr *)&in, kind);
}

static void test_accept_takes_kinds_addresses_and_networks(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	assert_int_equal(load(&c, "devices: {accept: \"print-queues, 10.1.4.7\"}\n", &err), 0);
	assert_true(is_accepted(&c, 7, KIND_NETWORK));
	assert_true(is_accepted(&c, 8, KIND_QUEUES));
	assert_false(is_accepted(&c, 8, KIND_OTHER));
	agent_conf_free(&c);
	assert_int_equal(
		load(&c, "devices: {accept: [other, power, 10.1.4.8/29, 2001:db8::7]}\n", &err), 0);
	assert_true(is_accepted(&c, 1, KIND_OTHER));
	assert_true(is_accepted(&c, 1, KIND_POWER));
	assert_true(is_accepted(&c, 9, KIND_PHONE));
	assert_false(is_accepted(&c, 1, KIND_PHONE));
	agent_conf_free(&c);
	assert_int_equal(load(&c, "devices: {}\n", &err), 0);
	assert_false(is_accepted(&c, 1, KIND_OTHER));
	agent_conf_free(&c);
	assert_true(is_message("devices: {accept: [phones]}\n",
		"platen.yaml:1:20: \"devices.accept\" takes one of print-queues computer network "
		"storage power phone camera other, not \"phones\"; did you mean \"phone\"?"));
	assert_true(is_message("devices: {accept: [10.1.4.9/29]}\n",
		"platen.yaml:1:20: \"devices.accept\": \"10.1.4.9/29\" is an address in the "
		"network 10.1.4.8/29, not a network itself"));
	assert_true(is_message("devices: {accept: []}\n",
		"platen.yaml:1:19: \"devices.accept\" is empty: leave the key out, or name a "
		"network"));
}

static void test_rule_without_a_key_is_refused(void **state)
{
	(void)state;
	assert_true(is_message("discovery: {include: [{}]}\n",
		"platen.yaml:1:23: an entry of \"discovery.include\" needs \"addresses\", "
		"\"vendor\", "
		"\"model\" or \"serial\""));
	assert_true(is_message("discovery: {exclude: [{vendor: HP}, {}]}\n",
		"platen.yaml:1:37: an entry of \"discovery.exclude\" needs \"addresses\", "
		"\"vendor\", "
		"\"model\" or \"serial\""));
}

static void test_pipe_without_writer_does_not_block(void **state)
{
	(void)state;
	char path[128];
	struct agent_conf c;
	struct conf_error err;
	path_of(path, sizeof path, "big.yaml");
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(agent_conf_load(&c, path, &err), 0);
	assert_null(c.targets);
	agent_conf_free(&c);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_file_names_line_and_column),
		cmocka_unit_test(test_password_file_readable_by_others_is_refused),
		cmocka_unit_test(test_empty_file_yields_the_defaults),
		cmocka_unit_test(test_every_key_is_stored),
		cmocka_unit_test(test_file_size_is_limited),
		cmocka_unit_test(test_missing_file_is_named),
		cmocka_unit_test(test_number_of_messages_is_limited),
		cmocka_unit_test(test_number_of_targets_is_limited),
		cmocka_unit_test(test_url_parts),
		cmocka_unit_test(test_networks_as_text_or_list),
		cmocka_unit_test(test_accept_takes_kinds_addresses_and_networks),
		cmocka_unit_test(test_rule_without_a_key_is_refused),
		cmocka_unit_test(test_pipe_without_writer_does_not_block),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
