/* SPDX-License-Identifier: Apache-2.0
 * R4(a): forged answers of each class, sent just before the true one (tests/hostile/forger.h). None
 * is believed, the true answer is taken every time, and the counter of exactly that cause rises.
 * test_snmp_forged_control.c is the same with the checks off. */
#include "tests/hostile/forger.h"

#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_nothing_else_was_counted(const struct snmp_client_counters *before,
	const struct snmp_client_counters *now, const struct forgery *forgery, size_t sent)
{
	static const size_t causes[] = {offsetof(struct snmp_client_counters, stray_id),
		offsetof(struct snmp_client_counters, stray_source),
		offsetof(struct snmp_client_counters, stray_version),
		offsetof(struct snmp_client_counters, stray_community),
		offsetof(struct snmp_client_counters, stray_type),
		offsetof(struct snmp_client_counters, malformed),
		offsetof(struct snmp_client_counters, stray_oid),
		offsetof(struct snmp_client_counters, stray_level),
		offsetof(struct snmp_client_counters, stray_user),
		offsetof(struct snmp_client_counters, stray_engine),
		offsetof(struct snmp_client_counters, stray_context),
		offsetof(struct snmp_client_counters, stray_digest),
		offsetof(struct snmp_client_counters, stray_window),
		offsetof(struct snmp_client_counters, stray_cipher),
		offsetof(struct snmp_client_counters, reports)};
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
		uint64_t was, is;
		memcpy(&was, (const char *)before + causes[i], sizeof was);
		memcpy(&is, (const char *)now + causes[i], sizeof is);
		if (is - was != (causes[i] == forgery->counter ? sent : 0))
			fail_msg("%s: cause %zu counted %llu times", forgery->name, i,
				(unsigned long long)(is - was));
	}
}

static void believe_none(enum snmp_version version)
{
	struct forger *h = malloc(sizeof *h);
	size_t count = test_count("FORGED"), classes = 0;
	assert_non_null(h);
	forger_open(h, version);
	for (size_t i = 0; i < forgery_count; i++) {
		const struct forgery *forgery = &forgeries[i];
		if ((forgery->versions & 1u << version) == 0)
			continue;
		struct snmp_client_counters before = *snmp_client_counters(h->client);
		forger_run(h, forgery, count);
		const struct snmp_client_counters *now = snmp_client_counters(h->client);
		assert_int_equal(h->lies, 0);
		assert_int_equal(h->failures, 0);
		assert_int_equal(h->truths, now->asked - before.asked);
		assert_true(h->truths >= count / FORGER_BURST);
		assert_int_equal(now->answered - before.answered, h->truths);
		assert_nothing_else_was_counted(&before, now, forgery, count);
		classes++;
	}
	print_message(
		"             %zu forgeries of each of %zu classes: 0 believed\n", count, classes);
	forger_close(h);
	free(h);
}

static void version_1(void **state)
{
	(void)state;
	believe_none(SNMP_V1);
}

static void version_2c(void **state)
{
	(void)state;
	believe_none(SNMP_V2C);
}

static void version_3(void **state)
{
	(void)state;
	believe_none(SNMP_V3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1),
		cmocka_unit_test(version_2c),
		cmocka_unit_test(version_3),
	};
	return cmocka_run_group_tests_name("loop/snmp_client against forgeries", tests, NULL, NULL);
}
