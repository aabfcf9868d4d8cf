/* SPDX-License-Identifier: Apache-2.0
 * The section privacy: the policy that it makes, and the file with the names of fields. */
#include "tests/kit/conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void put_policy(const char *yaml)
{
	conf_fixture_write("policy.yaml", yaml, strlen(yaml), 0644);
}

static void remove_policy(void)
{
	char path[128];
	conf_fixture_path(path, sizeof path, "policy.yaml");
	assert_int_equal(unlink(path), 0);
}

static struct policy load(const char *yaml)
{
	struct agent_conf c;
	struct conf_error err;
	int result = conf_fixture_load(&c, yaml, &err);
	if (result < 0)
		print_message("%s\n", err.text);
	assert_int_equal(result, 0);
	struct policy p = c.policy;
	agent_conf_free(&c);
	return p;
}

static void test_switches_leave_out_their_classes(void **state)
{
	(void)state;
	struct policy p = load("site: x\n");
	assert_true(policy_admits(&p, "meters", "value") && policy_admits(&p, "alerts", "code"));
	assert_false(policy_admits(&p, "identity", "name"));
	assert_false(p.is_corporate);
	p = load("privacy: {meters: off, diagnostics: off, corporate: on}\n");
	assert_false(policy_admits(&p, "meters", "value") || policy_admits(&p, "alerts", "code"));
	assert_true(policy_admits(&p, "supplies", "level"));
	assert_true(p.is_corporate);
}

static void test_policy_file_leaves_out_by_name(void **state)
{
	(void)state;
	put_policy(
		"# ours\nleave_out:\n  - identity.serial\n  - alerts\n  - meters.label, state\n");
	struct policy p = load("privacy: {policy_file: policy.yaml}\n");
	assert_false(policy_admits(&p, "identity", "serial") ||
		     policy_admits(&p, "alerts", "code") || policy_admits(&p, "meters", "label") ||
		     policy_admits(&p, "state", "console"));
	assert_true(policy_admits(&p, "identity", "model") && policy_admits(&p, "meters", "value"));
	remove_policy();
}

static void test_wrong_policy_file_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *message;
	} bad[] = {
		{"leave_out:\n  - identity.serail\n", "policy.yaml:2:5: \"leave_out\": there is no "
						      "field \"identity.serail\"; did "
						      "you mean \"identity.serial\"?"},
		{"leave_out: [batch.epoch]\n",
			"policy.yaml:1:13: \"leave_out\": the protocol needs \"batch.epoch\""},
		{"leave_out: []\n",
			"policy.yaml:1:12: \"leave_out\" is empty: leave the key out, or "
			"name a field"},
		{"veto: [alerts]\n", "policy.yaml:1:1: unknown key \"veto\""},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		put_policy(bad[i].yaml);
		assert_true(conf_fixture_is_message(
			"privacy: {policy_file: policy.yaml}\n", bad[i].message));
	}
	remove_policy();
	assert_true(conf_fixture_is_message("privacy: {policy_file: policy.yaml}\n",
		"platen.yaml:1:24: \"privacy.policy_file\": \"policy.yaml\" cannot be read: "
		"No such file or directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switches_leave_out_their_classes),
		cmocka_unit_test(test_policy_file_leaves_out_by_name),
		cmocka_unit_test(test_wrong_policy_file_is_refused_with_its_line),
	};
	return cmocka_run_group_tests(tests, conf_fixture_setup, conf_fixture_teardown);
}
