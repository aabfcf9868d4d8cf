/* SPDX-License-Identifier: Apache-2.0
 * Heartbeats on the wire: the test vectors, the bound of their size, the policy, damaged bytes. */
#include "proto/wire/heartbeat.h"
#include "tests/kit/wire_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct heartbeat usual = {
	.agent_id = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	.epoch = UINT64_C(0xfedcba9876543210),
	.number = UINT64_C(1795356400123),
	.sent_at_ms = UINT64_C(1795356400123),
	.minor = 3,
	.software = TEXT("platen/0.1.0"),
	.interval_s = 3600,
	.receipted = 40,
	.pending = 12,
	.pending_bytes = 34567,
	.dropped = 2,
	.quarantined = 1,
	.last_sync_ms = UINT64_C(1795300000000),
	.next_sync_ms = UINT64_C(1795386400000),
	.known = 2000,
	.complete = 1990,
	.failed = 10};

static const struct heartbeat longest = {.agent_id = {0xff},
	.epoch = UINT64_MAX,
	.number = INT64_MAX,
	.sent_at_ms = INT64_MAX,
	.minor = UINT32_MAX,
	.software = {"0123456789012345678901234567890123456789", LIMIT_HEARTBEAT_SOFTWARE},
	.interval_s = UINT32_MAX,
	.receipted = INT64_MAX,
	.pending = INT64_MAX,
	.pending_bytes = INT64_MAX,
	.dropped = INT64_MAX,
	.quarantined = INT64_MAX,
	.last_sync_ms = INT64_MAX,
	.next_sync_ms = INT64_MAX,
	.known = UINT32_MAX,
	.complete = UINT32_MAX,
	.failed = UINT32_MAX};

static void pack(struct buf *b, const struct heartbeat *h)
{
	buf_open(b, LIMIT_HEAD);
	assert_int_equal(heartbeat_pack(b, h), 0);
}

static void test_bytes_are_those_of_the_vectors(void **state)
{
	struct heartbeat_response r = {.digest = {0x48, 0x65, 0x61, 0x72, 0x74},
		.received_at_ms = UINT64_C(1795356401323),
		.work = HEARTBEAT_WANTS_FULL | HEARTBEAT_HAS_LOST};
	struct buf b;
	(void)state;
	pack(&b, &usual);
	vector_compare("heartbeat", &b);
	buf_clear(&b);
	assert_int_equal(heartbeat_response_pack(&b, &r), 0);
	vector_compare("heartbeat_response", &b);
	buf_close(&b);
}

/* The longest signature is that of ECDSA P-256, in DER (RFC 3279): two integers of 33 bytes. */
static void test_longest_envelope_has_300_bytes_at_most(void **state)
{
	static const uint8_t signature[72];
	struct buf b, out;
	(void)state;
	pack(&b, &longest);
	struct envelope e = {.alg = 2,
		.head = b.data,
		.head_len = b.len,
		.body = (const uint8_t *)"",
		.signature = signature,
		.signature_len = sizeof signature};
	buf_open(&out, 4096);
	assert_int_equal(batch_pack(&out, &e), 0);
	assert_in_range(out.len, 200, LIMIT_HEARTBEAT);
	struct envelope again;
	assert_int_equal(batch_unpack(&again, out.data, out.len), 0);
	assert_int_equal(again.body_len, 0);
	buf_close(&out);
	buf_close(&b);
}

/* Every field is in the packed form, or is zero. */
static void check_same(const struct heartbeat *a, const struct heartbeat *b)
{
	struct buf x, y;
	pack(&x, a);
	pack(&y, b);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
	buf_close(&x);
	buf_close(&y);
}

static void check_comes_back(const struct heartbeat *h)
{
	struct heartbeat out;
	struct buf b;
	pack(&b, h);
	assert_int_equal(heartbeat_unpack(&out, b.data, b.len), 0);
	check_same(&out, h);
	for (size_t n = 0; n < b.len; n++)
		assert_true(heartbeat_unpack(&out, b.data, n) < 0);
	assert_int_equal(buf_put(&b, "\xc0", 1), 0);
	assert_int_equal(heartbeat_unpack(&out, b.data, b.len), ERR_FORMAT);
	buf_close(&b);
}

static void test_heartbeats_come_back(void **state)
{
	(void)state;
	check_comes_back(&usual);
	check_comes_back(&longest);
}

/* A later agent may send more. */
static void test_field_of_a_later_minor_is_skipped(void **state)
{
	struct heartbeat out;
	struct buf b;
	(void)state;
	pack(&b, &usual);
	b.data[2]++; /* the low byte of the map's count: 0xde, high, low */
	assert_int_equal(b.data[0], 0xde);
	assert_int_equal(buf_put(&b, "\x63\x2a", 2), 0); /* 99: 42 */
	assert_int_equal(heartbeat_unpack(&out, b.data, b.len), 0);
	check_same(&out, &usual);
	buf_close(&b);
}

static void test_wrong_heartbeats_are_refused(void **state)
{
	struct heartbeat out, h = usual;
	struct buf b;
	(void)state;
	assert_int_equal(heartbeat_unpack(&out, (const uint8_t *)"\x80", 1), ERR_FORMAT);
	assert_true(heartbeat_unpack(&out, (const uint8_t *)"\x90", 1) < 0);
	h.software.p = "0123456789012345678901234567890123456789";
	h.software.len = LIMIT_HEARTBEAT_SOFTWARE + 1;
	buf_open(&b, LIMIT_HEAD);
	assert_int_equal(heartbeat_pack(&b, &h), ERR_LIMIT);
	buf_close(&b);
}

static void test_policy_leaves_fields_out(void **state)
{
	struct policy p;
	struct heartbeat h = usual;
	(void)state;
	policy_open(&p);
	assert_int_equal(policy_leave_out(&p, text_of("heartbeat.known")), 0);
	assert_int_equal(policy_leave_out(&p, text_of("heartbeat.next_sync")), 0);
	assert_int_equal(policy_leave_out(&p, text_of("heartbeat.number")), ERR_FORBIDDEN);
	policy_close(&p);
	policy_apply_heartbeat(&p, &h);
	assert_int_equal(h.known, 0);
	assert_int_equal(h.next_sync_ms, 0);
	h.known = usual.known;
	h.next_sync_ms = usual.next_sync_ms;
	check_same(&h, &usual);
	/* The whole part: all that the protocol does not need. */
	policy_open(&p);
	assert_int_equal(policy_leave_out(&p, text_of("heartbeat")), 0);
	policy_close(&p);
	policy_apply_heartbeat(&p, &h);
	assert_int_equal(h.pending + h.pending_bytes + h.dropped + h.quarantined + h.last_sync_ms +
				 h.complete + h.failed,
		0);
	assert_true(h.number == usual.number && h.sent_at_ms == usual.sent_at_ms);
}

static void test_skew_is_signed(void **state)
{
	(void)state;
	assert_int_equal(heartbeat_skew_ms(5000, 4000), 1000);
	assert_int_equal(heartbeat_skew_ms(4000, 5000), -1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_are_those_of_the_vectors),
		cmocka_unit_test(test_longest_envelope_has_300_bytes_at_most),
		cmocka_unit_test(test_heartbeats_come_back),
		cmocka_unit_test(test_field_of_a_later_minor_is_skipped),
		cmocka_unit_test(test_wrong_heartbeats_are_refused),
		cmocka_unit_test(test_policy_leaves_fields_out),
		cmocka_unit_test(test_skew_is_signed),
	};
	return cmocka_run_group_tests_name("wire_heartbeat", tests, NULL, NULL);
}
