/* SPDX-License-Identifier: Apache-2.0
 * The values that a file of the configuration gives, their defaults, and the limits of a file. */
#include "engine/conf/conf.h"
#include "engine/conf/load.h"
#include "engine/conf/table.h"
#include "proto/model/kind.h"
#include "tests/kit/conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_empty_file_yields_the_defaults(void **state)
{
	(void)state;
	static const char *const files[] = {
		"", "# only words\n", "devices:\nlog:\n", "{}\n", "---\n"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct agent_conf c;
		struct conf_error err;
		assert_int_equal(conf_fixture_load(&c, files[i], &err), 0);
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
	int result = conf_fixture_load(&c,
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
	(void)snprintf(want, sizeof want, "%s/state", conf_fixture_dir);
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
	conf_fixture_write("big.yaml", bytes, len, 0644);
	conf_fixture_path(path, sizeof path, "big.yaml");
	assert_int_equal(agent_conf_load(&c, path, &err), ERR_CONF);
	(void)snprintf(want, sizeof want, "%s: is larger than 1048576 bytes", path);
	assert_string_equal(err.text, want);
	conf_fixture_write("big.yaml", bytes, len - 1, 0644);
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
	assert_int_equal(agent_conf_load(&c, conf_fixture_dir, &err), ERR_CONF);
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
	assert_int_equal(conf_fixture_load(&c, yaml, &err), ERR_CONF);
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
	assert_int_equal(conf_fixture_load(&c, (char *)yaml.data, &err), ERR_CONF);
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
	assert_int_equal(conf_fixture_load(&c, yaml, &err), 0);
	assert_true(is_denied(&c, 1, 0, 1));
	assert_true(is_denied(
		&c, 2, (LIMIT_CONF_NETS_LIST - 1) / 250, (LIMIT_CONF_NETS_LIST - 1) % 250 + 1));
	assert_false(is_denied(&c, 1, 0, 251));
	agent_conf_free(&c);
	(void)snprintf(yaml + len, sizeof yaml - len, "    - 10.3.1.1\n");
	assert_true(conf_fixture_is_message(
		yaml, "platen.yaml:4099:7: \"access.deny\" has more than 4096 entries"));
	/* As many in one text as the largest arena block holds. */
	len = (size_t)snprintf(yaml, sizeof yaml, "access: {deny: \"1.1.1.1");
	for (unsigned i = 1; i < LIMIT_CONF_NETS; i++)
		len += (size_t)snprintf(yaml + len, sizeof yaml - len, ",1.1.1.1");
	(void)snprintf(yaml + len, sizeof yaml - len, "\"}\n");
	assert_int_equal(conf_fixture_load(&c, yaml, &err), 0);
	agent_conf_free(&c);
	(void)snprintf(yaml + len, sizeof yaml - len, ",1.1.1.1\"}\n");
	assert_true(conf_fixture_is_message(yaml,
		"platen.yaml:1:16: \"access.deny\": holds more than 112 networks: write "
		"them as a list, one a line"));
	assert_int_equal(conf_fixture_load(&c,
				 "snmp: {credentials: [{name: a, community: x, subnets: "
				 "[10.0.0.0/8, 2001:db8::1]}]}\n",
				 &err),
		0);
	assert_int_equal(c.credentials->subnets->more->count, 1);
	agent_conf_free(&c);
	assert_true(conf_fixture_is_message("access: {allow: []}\n",
		"platen.yaml:1:17: \"access.allow\" is empty: leave "
		"the key out, or name a network"));
	assert_true(conf_fixture_is_message("access: {allow: [10.0.0.0/8, {}]}\n",
		"platen.yaml:1:30: each entry of \"access.allow\" is a network, not a map"));
	assert_true(conf_fixture_is_message("access:\n  allow:\n    -\n",
		"platen.yaml:3:6: each entry of \"access.allow\" is a network, not nothing"));
	assert_true(conf_fixture_is_message("access: {allow: [10.0.0.1/8]}\n",
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
	assert_int_equal(
		conf_fixture_load(&c, "devices: {accept: \"print-queues, 10.1.4.7\"}\n", &err), 0);
	assert_true(is_accepted(&c, 7, KIND_NETWORK));
	assert_true(is_accepted(&c, 8, KIND_QUEUES));
	assert_false(is_accepted(&c, 8, KIND_OTHER));
	agent_conf_free(&c);
	assert_int_equal(
		conf_fixture_load(
			&c, "devices: {accept: [other, power, 10.1.4.8/29, 2001:db8::7]}\n", &err),
		0);
	assert_true(is_accepted(&c, 1, KIND_OTHER));
	assert_true(is_accepted(&c, 1, KIND_POWER));
	assert_true(is_accepted(&c, 9, KIND_PHONE));
	assert_false(is_accepted(&c, 1, KIND_PHONE));
	agent_conf_free(&c);
	assert_int_equal(conf_fixture_load(&c, "devices: {}\n", &err), 0);
	assert_false(is_accepted(&c, 1, KIND_OTHER));
	agent_conf_free(&c);
	assert_true(conf_fixture_is_message("devices: {accept: [phones]}\n",
		"platen.yaml:1:20: \"devices.accept\" takes one of print-queues computer network "
		"storage power phone camera other, not \"phones\"; did you mean \"phone\"?"));
	assert_true(conf_fixture_is_message("devices: {accept: [10.1.4.9/29]}\n",
		"platen.yaml:1:20: \"devices.accept\": \"10.1.4.9/29\" is an address in the "
		"network 10.1.4.8/29, not a network itself"));
	assert_true(conf_fixture_is_message("devices: {accept: []}\n",
		"platen.yaml:1:19: \"devices.accept\" is empty: leave the key out, or name a "
		"network"));
}

static void test_pipe_without_writer_is_refused_at_once(void **state)
{
	(void)state;
	char path[128];
	struct agent_conf c;
	struct conf_error err;
	conf_fixture_path(path, sizeof path, "big.yaml");
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(agent_conf_load(&c, path, &err), ERR_CONF);
	assert_non_null(strstr(err.text, "cannot be read: No data available"));
	assert_int_equal(agent_conf_peek(&c, path, &err), ERR_CONF);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_file_yields_the_defaults),
		cmocka_unit_test(test_every_key_is_stored),
		cmocka_unit_test(test_file_size_is_limited),
		cmocka_unit_test(test_missing_file_is_named),
		cmocka_unit_test(test_number_of_messages_is_limited),
		cmocka_unit_test(test_number_of_targets_is_limited),
		cmocka_unit_test(test_url_parts),
		cmocka_unit_test(test_networks_as_text_or_list),
		cmocka_unit_test(test_accept_takes_kinds_addresses_and_networks),
		cmocka_unit_test(test_pipe_without_writer_is_refused_at_once),
	};
	return cmocka_run_group_tests(tests, conf_fixture_setup, conf_fixture_teardown);
}
