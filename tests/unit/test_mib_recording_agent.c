/* SPDX-License-Identifier: Apache-2.0
 * A recording responds as an agent does, and a full poll of it gives the right reading. */
#include "proto/mib/recording_agent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char recording[] = "1.3.6.1.2.1.1.1.0|4|Acme Laser 9\n"
				"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.641.2\n"
				"1.3.6.1.2.1.43.5.1.1.17.1|4|AC123456\n"
				"1.3.6.1.2.1.43.10.2.1.3.1.1|2|7\n"
				"1.3.6.1.2.1.43.10.2.1.4.1.1|65|4711\n"
				"1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Toner\n"
				"1.3.6.1.2.1.43.11.1.1.6.1.2|4|Cyan Toner\n"
				"1.3.6.1.2.1.43.11.1.1.8.1.1|2|200\n"
				"1.3.6.1.2.1.43.11.1.1.8.1.2|2|200\n"
				"1.3.6.1.2.1.43.11.1.1.9.1.1|2|50\n"
				"1.3.6.1.2.1.43.11.1.1.9.1.2|2|-3\n";

static void parse(struct recording *w)
{
	char why[LIMIT_WHY] = "";
	if (recording_parse(w, RECORDING_SNMPREC, RECORDING_KEEP_FIRST, recording,
		    sizeof recording - 1, why) < 0)
		fail_msg("%s", why);
}

static void ask(struct snmp_request *q, const char *dotted)
{
	struct oid oid;
	uint8_t ber[LIMIT_OID_BER];
	assert_int_equal(oid_from_text(&oid, dotted), 0);
	int n = oid_encode(ber, sizeof ber, &oid);
	assert_true(n > 0);
	struct oid_ber name = {ber, (size_t)n}, none = {NULL, 0};
	assert_int_equal(snmp_request_add(q, name, none, LIMIT_REQUEST_BYTES), 0);
}

static void assert_name(struct varbind vb, const char *dotted)
{
	struct oid oid;
	char text[256];
	assert_int_equal(oid_decode(&oid, vb.name), 0);
	(void)oid_to_text(text, sizeof text, &oid);
	assert_string_equal(text, dotted);
}

static void test_get_returns_existing_instances(void **state)
{
	(void)state;
	struct recording w = {0};
	struct snmp_request q;
	struct varbind vb[4];
	uint64_t pages;
	parse(&w);
	snmp_request_begin(&q, SNMP_GET);
	ask(&q, "1.3.6.1.2.1.43.10.2.1.4.1.1");
	ask(&q, "1.3.6.1.2.1.43.10.2.1.4.1.2");
	assert_int_equal(recording_respond(&w, &q, vb, 4), 2);
	assert_int_equal(varbind_unsigned(&vb[0], &pages), 0);
	assert_int_equal(pages, 4711);
	assert_int_equal(vb[1].type, BER_NO_SUCH_INSTANCE);
	recording_close(&w);
}

static void test_getbulk_returns_rounds_to_end_of_mib(void **state)
{
	(void)state;
	struct recording w = {0};
	struct snmp_request q;
	struct varbind vb[8];
	parse(&w);
	snmp_request_begin(&q, SNMP_GETBULK);
	q.max_repetitions = 3;
	ask(&q, "1.3.6.1.2.1.43.11.1.1.6");
	ask(&q, "1.3.6.1.2.1.43.11.1.1.9");
	assert_int_equal(recording_respond(&w, &q, vb, 8), 6);
	assert_name(vb[0], "1.3.6.1.2.1.43.11.1.1.6.1.1");
	assert_name(vb[1], "1.3.6.1.2.1.43.11.1.1.9.1.1");
	assert_name(vb[2], "1.3.6.1.2.1.43.11.1.1.6.1.2");
	assert_name(vb[3], "1.3.6.1.2.1.43.11.1.1.9.1.2");
	assert_name(vb[4], "1.3.6.1.2.1.43.11.1.1.8.1.1");
	assert_int_equal(vb[5].type, BER_END_OF_MIB_VIEW);
	assert_int_equal(recording_respond(&w, &q, vb, 3), 3);
	snmp_request_begin(&q, SNMP_GETNEXT);
	ask(&q, "1.3.6.1.2.1.1.1");
	assert_int_equal(recording_respond(&w, &q, vb, 8), 1);
	assert_name(vb[0], "1.3.6.1.2.1.1.1.0");
	recording_close(&w);
}

static void test_poll_of_recording_fills_reading(void **state)
{
	(void)state;
	struct recording w = {0};
	struct slab blocks;
	struct reading r;
	parse(&w);
	assert_int_equal(slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	reading_open(&r, &blocks);
	recording_poll(&r, &w, NULL, models_builtin(), 1700000000000);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		assert_int_equal(r.group[g].status, GROUP_COMPLETE);
		assert_int_equal(r.group[g].responded_at_ms, 1700000000000);
	}
	assert_string_equal(r.identity.serial.p, "AC123456");
	assert_int_equal(r.meter_count, 1);
	assert_int_equal(r.meters->value, 4711);
	assert_int_equal(r.supply_count, 2);
	assert_true(supply_percent(r.supplies) > 24.9 && supply_percent(r.supplies) < 25.1);
	assert_int_equal(r.supplies->next->level_kind, LEVEL_SOME);
	reading_close(&r);
	slab_close(&blocks);
	recording_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_returns_existing_instances),
		cmocka_unit_test(test_getbulk_returns_rounds_to_end_of_mib),
		cmocka_unit_test(test_poll_of_recording_fills_reading),
	};
	return cmocka_run_group_tests_name("proto/mib/recording_agent", tests, NULL, NULL);
}
