/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/request.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct oid_ber ber(const char *bytes, size_t len)
{
	return (struct oid_ber){(const uint8_t *)bytes, len};
}

/* sysDescr.0 */
#define SYS_DESCR ber("\x2b\x06\x01\x02\x01\x01\x01\x00", 8)
#define NOTHING ber("", 0)

static void test_request_keeps_its_oids(void **state)
{
	(void)state;
	struct snmp_request q;
	size_t at = 0;
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, SYS_DESCR, NOTHING, 484), 0);
	assert_int_equal(snmp_request_add(&q, ber("\x2b\x06", 2), ber("\x05", 1), 484), 0);
	assert_true(oid_ber_is_equal(snmp_request_oid(&q, 0, &at), SYS_DESCR));
	assert_true(oid_ber_is_equal(snmp_request_oid(&q, 1, &at), ber("\x2b\x06\x05", 3)));
	assert_int_equal(snmp_request_add(&q, NOTHING, NOTHING, 484), ERR_LIMIT);
	uint8_t long_oid[LIMIT_OID_BER + 1] = {0x2b};
	memset(long_oid + 1, 1, LIMIT_OID_BER);
	assert_int_equal(snmp_request_add(&q, (struct oid_ber){long_oid, 100},
				 (struct oid_ber){long_oid, 29}, 1400),
		ERR_LIMIT);
	assert_int_equal(q.oids, 2);
	snmp_request_begin(&q, SNMP_GET);
	for (int i = 0; i < LIMIT_REQUEST_OIDS; i++)
		assert_int_equal(snmp_request_add(&q, ber("\x2b\x06", 2), NOTHING, 1400), 0);
	assert_int_equal(snmp_request_add(&q, ber("\x2b\x06", 2), NOTHING, 1400), ERR_FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_request_keeps_its_oids)};
	return cmocka_run_group_tests_name("proto/smi/request", tests, NULL, NULL);
}
