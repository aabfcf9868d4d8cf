/* SPDX-License-Identifier: Apache-2.0
 * Lists of networks: what is in them, what is refused and why; and rules with patterns. */
#include "engine/conf/conf.h"
#include "engine/conf/nets.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

union address {
	struct sockaddr sa;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

static union address address_of(const char *text)
{
	union address a = {.in4 = {.sin_family = AF_INET}};
	if (strchr(text, ':') == NULL) {
		assert_int_equal(inet_pton(AF_INET, text, &a.in4.sin_addr), 1);
		return a;
	}
	a.in6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
	assert_int_equal(inet_pton(AF_INET6, text, &a.in6.sin6_addr), 1);
	return a;
}

static bool has(const char *list, const char *text)
{
	struct conf_net room[8];
	struct conf_nets nets;
	char why[LIMIT_WHY] = "";
	union address a = address_of(text);
	int err = conf_nets_parse(&nets, room, 8, list, why, sizeof why);
	assert_string_equal(why, "");
	assert_int_equal(err, 0);
	assert_int_equal(nets.count, conf_nets_max(list));
	return conf_nets_has(&nets, &a.sa);
}

static bool is_in_span(const char *span, const char *text)
{
	struct conf_net room[LIMIT_CONF_NETS];
	struct conf_nets nets;
	char why[LIMIT_WHY] = "";
	union address a = address_of(text);
	assert_true(conf_nets_max(span) <= LIMIT_CONF_NETS);
	assert_int_equal(
		conf_nets_parse(&nets, room, conf_nets_max(span), span, why, sizeof why), 0);
	return conf_nets_has(&nets, &a.sa);
}

static void test_first_and_last_address_bound_a_span(void **state)
{
	(void)state;
	static const char *const spans[] = {
		"10.1.4.10-10.1.4.99", "10.1.4.10 , 10.1.4.11-10.1.4.99"};
	for (size_t i = 0; i < 2; i++) {
		assert_false(is_in_span(spans[i], "10.1.4.9"));
		assert_true(is_in_span(spans[i], "10.1.4.10"));
		assert_true(is_in_span(spans[i], "10.1.4.64"));
		assert_true(is_in_span(spans[i], "10.1.4.99"));
		assert_false(is_in_span(spans[i], "10.1.4.100"));
	}
	/* As many networks as a span can be. */
	assert_true(is_in_span("0.0.0.1-255.255.255.254", "255.255.255.254"));
	assert_false(is_in_span("0.0.0.1-255.255.255.254", "255.255.255.255"));
	assert_true(is_in_span("0.0.0.0-255.255.255.255", "255.255.255.255"));
	assert_true(is_in_span("10.0.0.7-10.0.0.7", "10.0.0.7"));
}

static void test_nets_contain_their_addresses(void **state)
{
	(void)state;
	assert_true(has("10.0.0.0/8", "10.255.255.255"));
	assert_true(has("10.0.0.0/8", "10.0.0.0"));
	assert_false(has("10.0.0.0/8", "11.0.0.0"));
	assert_false(has("10.0.0.0/8", "9.255.255.255"));
	assert_true(has("192.168.1.0/24,\t10.1.1.7 , 2001:db8::/33", "10.1.1.7"));
	assert_false(has("192.168.1.0/24, 10.1.1.7, 2001:db8::/33", "10.1.1.8"));
	assert_true(has("192.168.1.0/24, 10.1.1.7, 2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(has("192.168.1.0/24, 10.1.1.7, 2001:db8::/33", "2001:db8:8000::1"));
	assert_true(has("10.1.1.4/30", "10.1.1.7"));
	assert_false(has("10.1.1.4/30", "10.1.1.8"));
	assert_true(has("0.0.0.0/0", "203.0.113.9"));
	assert_true(has("::/0", "2001:db8::9"));
	assert_true(has("2001:db8::1", "2001:db8::1"));
	assert_false(has("2001:db8::1", "2001:db8::2"));
}

static void test_ipv4_mapped_address_matches_ipv4_network(void **state)
{
	(void)state;
	assert_true(has("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_true(has("::ffff:10.0.0.0/104", "10.1.2.3"));
	assert_false(has("::ffff:10.0.0.0/104", "11.1.2.3"));
	assert_true(has("::ffff:10.0.0.0/104", "::ffff:10.1.2.3"));
	assert_true(has("::ffff:0:0/96", "198.51.100.1"));
	assert_false(has("::/0", "10.1.2.3"));
	assert_false(has("0.0.0.0/0", "2001:db8::1"));
}

static void test_no_address_matches_an_empty_list(void **state)
{
	(void)state;
	union address a = address_of("10.0.0.1");
	struct conf_nets none = {.net = NULL};
	assert_false(conf_nets_has(NULL, &a.sa));
	assert_false(conf_nets_has(&none, &a.sa));
	assert_false(has("0.0.0.0/0", "::1"));
	a.sa.sa_family = AF_UNIX;
	struct conf_net every[] = {{.prefix = 0}, {.prefix = 0, .is_v6 = true}};
	struct conf_nets all = {.net = every, .count = 2};
	assert_false(conf_nets_has(&all, &a.sa));
}

/* Longer than any network is written. */
#define LONG_WORD "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void test_bad_network_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *list, *why;
	} wrong[] = {
		{"", "\"\" is not an address or a network"},
		{"10.0.0.0/8,", "\"\" is not an address or a network"},
		{"10.0.0.0/8 11.0.0.0/8", "\"10.0.0.0/8 11.0.0.0/8\" has a prefix length that is "
					  "not 0 to 32"},
		{"printer", "\"printer\" is not an address or a network"},
		{"10.0.0.0/33", "\"10.0.0.0/33\" has a prefix length that is not 0 to 32"},
		{"10.0.0.0/", "\"10.0.0.0/\" has a prefix length that is not 0 to 32"},
		{"::/129", "\"::/129\" has a prefix length that is not 0 to 128"},
		{"10.1.2.3/8", "\"10.1.2.3/8\" is an address in the network 10.0.0.0/8, not a "
			       "network itself"},
		{"2001:db8::1/32", "\"2001:db8::1/32\" is an address in the network "
				   "2001:db8::/32, not a network itself"},
		{"10.0.0.9-10.0.0.1", "\"10.0.0.9-10.0.0.1\" ends before it begins"},
		{"10.0.0.1-printer", "\"10.0.0.1-printer\" is not FIRST-LAST of IPv4 addresses"},
		{LONG_WORD "-", "\"" LONG_WORD "-\" is not FIRST-LAST of IPv4 addresses"},
		{"10.0.0.1-10.0.0.9", "\"10.0.0.1-10.0.0.9\" is too many networks for one text"},
		{"1.1.1.1,1.1.1.2,1.1.1.3",
			"holds more than 2 networks: write them as a list, one a line"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct conf_net room[2];
		struct conf_nets nets = {.net = NULL};
		char why[LIMIT_WHY] = "";
		assert_int_equal(
			conf_nets_parse(&nets, room, 2, wrong[i].list, why, sizeof why), ERR_CONF);
		assert_string_equal(why, wrong[i].why);
		assert_int_equal(nets.count, 0);
	}
}

static void test_deny_wins_over_allow(void **state)
{
	(void)state;
	struct conf_net ten = {.bytes = {10}, .prefix = 8};
	struct conf_net one = {.bytes = {10, 1, 1, 7}, .prefix = 32};
	struct conf_nets allow = {.net = &ten, .count = 1}, deny = {.net = &one, .count = 1};
	union address in = address_of("10.1.1.6"), out = address_of("10.1.1.7"),
		      far = address_of("192.0.2.1"), dressed = address_of("::ffff:10.1.1.7");
	struct agent_conf c = {.access_allow = NULL};
	assert_true(agent_conf_is_allowed(&c, &out.sa));
	c.access_deny = &deny;
	assert_false(agent_conf_is_allowed(&c, &out.sa));
	assert_false(agent_conf_is_allowed(&c, &dressed.sa));
	assert_true(agent_conf_is_allowed(&c, &far.sa));
	c.access_allow = &allow;
	assert_true(agent_conf_is_allowed(&c, &in.sa));
	assert_false(agent_conf_is_allowed(&c, &out.sa));
	assert_false(agent_conf_is_allowed(&c, &far.sa));
}

static void test_rule_matches_by_all_its_keys(void **state)
{
	(void)state;
	struct conf_net ten = {.bytes = {10}, .prefix = 8};
	struct conf_nets nets = {.net = &ten, .count = 1};
	union address in = address_of("10.1.1.6"), out = address_of("192.0.2.1");
	struct conf_rule second = {.serial = "??X*1"};
	struct conf_rule r = {.item = {.next = &second.item},
		.addresses = &nets,
		.vendor = "h*p*",
		.model = "*laserjet*"};
	assert_false(conf_rules_fit(NULL, &in.sa, "HP", "LaserJet 4", "1"));
	assert_true(conf_rules_fit(&r, &in.sa, "HP", "HP Color LaserJet 4", NULL));
	assert_true(conf_rules_fit(&r, &in.sa, "Hewlett-Packard", "LASERJET", NULL));
	assert_false(conf_rules_fit(&r, &out.sa, "HP", "HP Color LaserJet 4", NULL));
	assert_false(conf_rules_fit(&r, &in.sa, "HP", "OfficeJet", NULL));
	assert_false(conf_rules_fit(&r, &in.sa, NULL, "LaserJet", NULL));
	assert_true(conf_rules_fit(&r, &out.sa, NULL, NULL, "3WX10001"));
	assert_false(conf_rules_fit(&r, &out.sa, NULL, NULL, "3WX10002"));
	assert_false(conf_rules_fit(&r, &out.sa, NULL, NULL, "WX1"));
	assert_true(conf_rules_fit(&r, &out.sa, NULL, NULL, "3wx1"));
	second.serial = "*";
	assert_true(conf_rules_fit(&r, &out.sa, NULL, NULL, NULL));
	assert_true(conf_rules_fit(&r, &out.sa, NULL, NULL, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_and_last_address_bound_a_span),
		cmocka_unit_test(test_nets_contain_their_addresses),
		cmocka_unit_test(test_ipv4_mapped_address_matches_ipv4_network),
		cmocka_unit_test(test_no_address_matches_an_empty_list),
		cmocka_unit_test(test_bad_network_is_refused),
		cmocka_unit_test(test_deny_wins_over_allow),
		cmocka_unit_test(test_rule_matches_by_all_its_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
