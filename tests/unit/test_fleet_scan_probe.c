/* SPDX-License-Identifier: Apache-2.0
 * The probes of a scan and what is taken for an answer to one. */
#include "engine/fleet/scan_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct sip_key some_key = {{5, 6}};
static const struct scan_pass v2c = {SNMP_V2C, 0}, v2c_second = {SNMP_V2C, 1}, v1 = {SNMP_V1, 0},
			      v3 = {SNMP_V3, 0};

static void test_cookies_differ(void **state)
{
	(void)state;
	uint32_t a = scan_cookie(&some_key, 7, v2c);
	const struct sip_key other = {{5, 7}};
	assert_in_range(a, 1, INT32_MAX);
	assert_int_equal(a, scan_cookie(&some_key, 7, v2c));
	assert_int_not_equal(a, scan_cookie(&some_key, 8, v2c));
	assert_int_not_equal(a, scan_cookie(&some_key, 7, v2c_second));
	assert_int_not_equal(a, scan_cookie(&some_key, 7, v1));
	assert_int_not_equal(a, scan_cookie(&some_key, 7, v3));
	assert_int_not_equal(a, scan_cookie(&other, 7, v2c));
}

/* The probe, turned into the answer of a device that has none of it. */
static void test_an_answer_is_read(void **state)
{
	(void)state;
	static const struct scan_pass passes[] = {{SNMP_V2C, 0}, {SNMP_V1, 0}};
	for (size_t i = 0; i < 2; i++) {
		uint8_t bytes[SCAN_PROBE_BYTES];
		struct scan_answer a;
		int len = scan_probe_encode(bytes, passes[i], "secret", 6, 0x12345678);
		assert_in_range(len, 40, LIMIT_REQUEST_FIRST);
		/* A request is no response, not even our own that comes back. */
		assert_true(scan_answer_parse(&a, bytes, (size_t)len) < 0);
		uint8_t *pdu = memchr(bytes, SNMP_GET, (size_t)len);
		assert_non_null(pdu);
		*pdu = SNMP_RESPONSE;
		assert_int_equal(scan_answer_parse(&a, bytes, (size_t)len), 0);
		assert_int_equal(a.version, passes[i].version);
		assert_int_equal(a.id, 0x12345678);
		assert_int_equal(a.community_len, 6);
		assert_memory_equal(a.community, "secret", 6);
		for (int cut = 0; cut < len; cut++)
			assert_true(scan_answer_parse(&a, bytes, (size_t)cut) < 0);
	}
}

static void test_longest_community_fits(void **state)
{
	(void)state;
	uint8_t bytes[SCAN_PROBE_BYTES];
	char word[LIMIT_COMMUNITY];
	memset(word, 'x', sizeof word);
	assert_true(scan_probe_encode(bytes, v2c, word, sizeof word, INT32_MAX) > 0);
}

static void test_engine_probe_needs_no_community(void **state)
{
	(void)state;
	uint8_t bytes[SCAN_PROBE_BYTES];
	struct scan_answer a;
	struct usm_message head;
	int len = scan_probe_encode(bytes, v3, NULL, 0, 0x12345678);
	assert_true(len > 0);
	assert_int_equal(usm_message_parse(&head, bytes, (size_t)len), 0);
	assert_int_equal(head.msg_id, 0x12345678);
	assert_int_equal(head.user_len, 0);
	assert_int_equal(head.flags, SNMP3_FLAG_REPORTABLE);
	assert_true(scan_answer_parse(&a, bytes, (size_t)len) < 0); /* it names no engine */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cookies_differ),
		cmocka_unit_test(test_an_answer_is_read),
		cmocka_unit_test(test_longest_community_fits),
		cmocka_unit_test(test_engine_probe_needs_no_community)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
