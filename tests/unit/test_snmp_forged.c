/* SPDX-License-Identifier: Apache-2.0
 * R4(a): forged responses of each class, sent just before the correct one (tests/hostile/forger.h)
 * over ten polls and a restart, from the printer's address, from another one and from another port.
 * None is accepted or changes any state, the correct response is accepted every time, and the
 * counter of exactly that cause rises. test_snmp_forged_control.c is the same with the checks off.
 */
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

enum { POLLS = 10, RESTART_AFTER = 5 };

/* The fields of a printer that a poll keeps beside its round-trip times. */
static void assert_nothing_was_learned(const struct forger *h, const struct usm_engine *engine)
{
	assert_false(h->peer.has_short_ids);
	assert_null(h->peer.answers_from);
	if (h->peer.usm == NULL)
		return;
	assert_int_equal(h->usm.engine.id_len, engine->id_len);
	assert_memory_equal(h->usm.engine.id, engine->id, engine->id_len);
	assert_int_equal(h->usm.engine.boots, engine->boots);
	assert_int_equal(h->usm.former.id_len, 0);
	assert_false(h->usm.is_engine_changed || h->usm.must_probe);
}

/* Ten polls with a restart between the fifth and the sixth. */
static void accept_none_of(struct forger *h, const struct forgery *forgery, size_t count)
{
	struct usm_engine engine = h->usm.engine;
	for (size_t poll = 0; poll < POLLS; poll++) {
		if (poll == RESTART_AFTER)
			forger_restart(h);
		struct snmp_client_counters before = *snmp_client_counters(h->client);
		forger_run(h, forgery, count / POLLS);
		const struct snmp_client_counters *now = snmp_client_counters(h->client);
		if (h->lies != 0 || h->failures != 0)
			fail_msg("%s: %zu accepted, %zu correct responses lost", forgery->name,
				h->lies, h->failures);
		assert_int_equal(h->truths, now->requests - before.requests);
		assert_true(h->truths >= count / POLLS / FORGER_BURST);
		assert_int_equal(now->responses - before.responses, h->truths);
		if (h->sender_fd < 0)
			assert_nothing_else_was_counted(&before, now, forgery, count / POLLS);
		assert_nothing_was_learned(h, &engine);
	}
}

static void accept_none(enum snmp_version version)
{
	struct forger *h = malloc(sizeof *h);
	size_t count = test_count("FORGED"), classes = 0;
	assert_non_null(h);
	forger_open(h, version);
	for (size_t i = 0; i < forgery_count; i++) {
		const struct forgery *forgery = &forgeries[i];
		if ((forgery->versions & 1u << version) == 0)
			continue;
		int senders[] = {-1, h->other_host_fd, h->other_port_fd};
		for (size_t j = 0; j < sizeof senders / sizeof senders[0]; j++) {
			h->sender_fd = senders[j];
			accept_none_of(h, forgery, count);
		}
		classes++;
	}
	print_message("             3 x %zu forgeries of each of %zu classes: 0 accepted\n", count,
		classes);
	forger_close(h);
	free(h);
}

static void test_no_forgery_is_accepted_v1(void **state)
{
	(void)state;
	accept_none(SNMP_V1);
}

static void test_no_forgery_is_accepted_v2c(void **state)
{
	(void)state;
	accept_none(SNMP_V2C);
}

static void test_no_forgery_is_accepted_v3(void **state)
{
	(void)state;
	accept_none(SNMP_V3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_forgery_is_accepted_v1),
		cmocka_unit_test(test_no_forgery_is_accepted_v2c),
		cmocka_unit_test(test_no_forgery_is_accepted_v3),
	};
	return cmocka_run_group_tests_name("snmp/client against forgeries", tests, NULL, NULL);
}
