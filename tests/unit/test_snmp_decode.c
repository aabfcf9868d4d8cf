/* SPDX-License-Identifier: Apache-2.0
 * Every accepted response is decoded by libnetsnmp: one asn_parse_objid for the variable of each,
 * for v1, v2c and v3. The control: with an altered result of that function no response is accepted.
 */
#include "tests/hostile/forger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

enum { REQUESTS = 20 };

static size_t decodes;
static bool is_broken;

/* In the place of the library's (--wrap). */
u_char *__real_asn_parse_objid(
	u_char *data, size_t *left, u_char *type, oid *name, size_t *name_len);
u_char *__wrap_asn_parse_objid(
	u_char *data, size_t *left, u_char *type, oid *name, size_t *name_len);

u_char *__wrap_asn_parse_objid(
	u_char *data, size_t *left, u_char *type, oid *name, size_t *name_len)
{
	decodes++;
	return is_broken ? NULL : __real_asn_parse_objid(data, left, type, name, name_len);
}

static void read_truth(enum snmp_version version)
{
	struct forger *h = malloc(sizeof *h);
	assert_non_null(h);
	forger_open(h, version);
	if (is_broken) {
		const struct snmp_client_options o = {.window = 2, .deadline_ms = 200, .tries = 1};
		snmp_client_close(h->client);
		assert_int_equal(snmp_client_open(&h->client, h->loop, &o), 0);
	}
	decodes = 0;
	for (size_t i = 0; i < REQUESTS; i++) {
		forger_run(h, NULL, 0);
		assert_int_equal(h->truths, is_broken ? 0 : 1);
		assert_int_equal(h->failures, is_broken ? 1 : 0);
		assert_int_equal(h->lies, 0);
		if (is_broken)
			break; /* each takes its deadline */
	}
	const struct snmp_client_counters *c = snmp_client_counters(h->client);
	if (is_broken)
		assert_int_equal(c->responses, 0);
	else
		assert_int_equal(decodes, c->responses);
	assert_true(decodes > 0);
	forger_close(h);
	free(h);
}

static void read_all(bool broken)
{
	static const enum snmp_version versions[] = {SNMP_V1, SNMP_V2C, SNMP_V3};
	is_broken = broken;
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
		read_truth(versions[i]);
}

static void test_library_decodes_each_response_once(void **state)
{
	(void)state;
	read_all(false);
}

static void test_nothing_is_read_without_the_library(void **state)
{
	(void)state;
	read_all(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_library_decodes_each_response_once),
		cmocka_unit_test(test_nothing_is_read_without_the_library),
	};
	return cmocka_run_group_tests_name("snmp and libnetsnmp", tests, NULL, NULL);
}
