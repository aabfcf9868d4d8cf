/* SPDX-License-Identifier: Apache-2.0
 * The positive control of test_snmp_forged.c: the same forgeries against a client whose check is
 * replaced by one that accepts every message with the identifier of an open request. It must accept
 * them, or the other test proves nothing. Forgeries without the identifier are left out, and one
 * whose decryption gives random bytes. */
#include "engine/snmp/client_internal.h"

#include "engine/conf/nets.h"
#include "engine/snmp/usm_internal.h"
#include "tests/hostile/forger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* In the place of those in the library (--wrap): every digest is right, and what could be decoded
 * is the response. */
int __wrap_usm_verify(
	struct usm_peer *p, const struct usm_message *m, const uint8_t *bytes, size_t len);
enum snmp_reason __wrap_snmp_accept(const struct snmp_expected *e, const struct snmp_incoming *in);
enum snmp_reason __real_snmp_accept(const struct snmp_expected *e, const struct snmp_incoming *in);

int __wrap_usm_verify(
	struct usm_peer *p, const struct usm_message *m, const uint8_t *bytes, size_t len)
{
	(void)p;
	(void)m;
	(void)bytes;
	(void)len;
	return 0;
}

enum snmp_reason __wrap_snmp_accept(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	return in->err == 0 && in->pdu != 0 ? SNMP_ACCEPTED : __real_snmp_accept(e, in);
}

/* Of SNMPv3 the library's own match of request and response refuses some: by security level,
 * engine, context and version, and Reports. */
static bool is_controlled(const struct forgery *forgery, enum snmp_version version)
{
	static const size_t v3[] = {offsetof(struct snmp_client_counters, stray_level),
		offsetof(struct snmp_client_counters, stray_context),
		offsetof(struct snmp_client_counters, stray_engine),
		offsetof(struct snmp_client_counters, stray_version),
		offsetof(struct snmp_client_counters, stray_type),
		offsetof(struct snmp_client_counters, reports)};
	for (size_t i = 0; i < sizeof v3 / sizeof v3[0] && version == SNMP_V3; i++) {
		if (forgery->counter == v3[i])
			return false;
	}
	return forgery->counter != offsetof(struct snmp_client_counters, stray_id) &&
	       forgery->counter != offsetof(struct snmp_client_counters, stray_cipher);
}

static void accept_all(enum snmp_version version)
{
	struct forger *h = malloc(sizeof *h);
	static const struct conf_nets named;
	size_t accepted = 0;
	assert_non_null(h);
	forger_open(h, version);
	h->peer.answers_from = &named;
	for (size_t i = 0; i < forgery_count; i++) {
		if ((forgeries[i].versions & 1u << version) == 0 ||
			!is_controlled(&forgeries[i], version))
			continue;
		forger_run(h, &forgeries[i], FORGER_BURST);
		if (h->lies == 0)
			fail_msg("%s: not accepted even without checks", forgeries[i].name);
		accepted++;
	}
	assert_true(accepted >= 5);
	forger_close(h);
	free(h);
}

static void test_forgeries_reach_an_unchecked_client_v1(void **state)
{
	(void)state;
	accept_all(SNMP_V1);
}

static void test_forgeries_reach_an_unchecked_client_v2c(void **state)
{
	(void)state;
	accept_all(SNMP_V2C);
}

static void test_forgeries_reach_an_unchecked_client_v3(void **state)
{
	(void)state;
	accept_all(SNMP_V3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgeries_reach_an_unchecked_client_v1),
		cmocka_unit_test(test_forgeries_reach_an_unchecked_client_v2c),
		cmocka_unit_test(test_forgeries_reach_an_unchecked_client_v3),
	};
	return cmocka_run_group_tests_name(
		"loop/snmp_client without its checks", tests, NULL, NULL);
}
