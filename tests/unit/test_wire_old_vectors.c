/* SPDX-License-Identifier: Apache-2.0
 * The test vectors of earlier minors of the schema: agents of these versions send them, and hubs
 * have stored them. */
#include "proto/wire/envelope.h"
#include "tests/kit/record_check.h"
#include "tests/kit/wire_vectors.h"
#include "tests/unit/blocks.h"

/* The batch of an earlier minor, of which two records are read, and its receipt. */
static void check_old_sync(const char *batch, const char *receipt, unsigned minor)
{
	static uint8_t bytes[4096];
	size_t len;
	struct receipt r;
	struct envelope e;
	struct batch_head h;
	vector_read(batch, bytes, sizeof bytes, &len);
	assert_int_equal(batch_unpack(&e, bytes, len), 0);
	assert_int_equal(batch_head_unpack(&h, e.head, e.head_len), 0);
	assert_int_equal(h.minor, minor);
	int first = record_check(e.body, e.body_len);
	assert_true(first > 0);
	assert_int_equal(
		record_check(e.body + first, e.body_len - (size_t)first), (int)e.body_len - first);
	uint64_t last = h.last;
	vector_read(receipt, bytes, sizeof bytes, &len);
	assert_int_equal(receipt_envelope_unpack(&e, bytes, len), 0);
	assert_int_equal(receipt_unpack(&r, e.head, e.head_len), 0);
	assert_true(r.last == last);
}

/* Records that agents of minor 0 sent and hubs have kept are read as before. */
static void test_record_vectors_of_minor_0(void **state)
{
	(void)state;
	static uint8_t bytes[4096];
	size_t len;
	struct record_head head;
	struct reading r;
	unsigned mask;
	vector_read("record_full_v0", bytes, sizeof bytes, &len);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, bytes, len), len);
	assert_int_equal(mask, (1u << GROUP_OPTIONS) - 1);
	assert_true(head.is_full);
	assert_int_equal(r.sources, SOURCE_SNMP);
	assert_int_equal(r.meters->value, 178481);
	assert_int_equal(r.supplies->next->source, 0);
	assert_int_equal(r.state.service_mode, 0);
	assert_int_equal(r.identity.why, WHY_NOTHING);
	assert_int_equal(r.group[GROUP_MEDIA].status, GROUP_NOT_REQUESTED);
	vector_check_packed_again(&head, &r, mask, bytes, len);
	reading_close(&r);
	check_old_sync("batch_v0", "receipt_v0", 0);
}

/* Likewise minor 1, which had no sums and no objects of supplies. */
static void test_record_vectors_of_minor_1(void **state)
{
	(void)state;
	static uint8_t bytes[4096];
	size_t len;
	struct record_head head;
	struct reading r;
	unsigned mask;
	vector_read("record_full_v1", bytes, sizeof bytes, &len);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, bytes, len), len);
	assert_int_equal(mask, ALL_GROUPS);
	vector_check_parts(&r);
	assert_int_equal(r.meters->parts.len, 0);
	assert_int_equal(r.supplies->level_source.len, 0);
	vector_check_packed_again(&head, &r, mask, bytes, len);
	reading_close(&r);
	check_old_sync("batch_v1", "receipt_v1", 1);
}

/* Likewise minor 2, whose groups did not say since when. */
static void test_batch_vector_of_minor_2(void **state)
{
	(void)state;
	check_old_sync("batch_v2", "receipt_v2", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_vectors_of_minor_0),
		cmocka_unit_test(test_record_vectors_of_minor_1),
		cmocka_unit_test(test_batch_vector_of_minor_2),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
