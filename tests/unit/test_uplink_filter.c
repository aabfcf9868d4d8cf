/* SPDX-License-Identifier: Apache-2.0
 * A body of records that were packed under several policies leaves under one. */
#include "engine/uplink/filter.h"
#include "proto/wire/pack.h"
#include "tests/unit/blocks.h"

#include <string.h>

static void put_record(struct buf *body, uint64_t seq, uint32_t policy_id)
{
	struct reading r;
	const struct record_head head = {.seq = seq,
		.read_at_ms = 5000 + seq,
		.policy_id = policy_id,
		.device_key = {"serial:acme/1", 13}};
	reading_open(&r, &blocks);
	r.group[GROUP_ALERTS].status = GROUP_COMPLETE;
	struct alert *a = reading_add_alert(&r);
	a->description = TEXT("Mail to bob@example.com failed");
	assert_int_equal(record_pack(body, &head, &r, 1u << GROUP_ALERTS), 0);
	reading_close(&r);
}

static bool holds(const struct buf *b, const char *text)
{
	return memmem(b->data, b->len, text, strlen(text)) != NULL;
}

static void open_policy(struct policy *p, struct buf *body)
{
	policy_open(p);
	policy_close(p);
	buf_open(body, 1u << 16);
}

static void test_records_of_the_policy_stay_as_they_are(void **state)
{
	(void)state;
	struct policy p;
	struct buf body;
	open_policy(&p, &body);
	put_record(&body, 1, p.id);
	put_record(&body, 2, p.id);
	const uint8_t *before = body.data;
	assert_int_equal(batch_filter(&p, &body), 0);
	assert_ptr_equal(body.data, before);
	assert_true(holds(&body, "bob@example.com")); /* the gate has seen it before */
	buf_close(&body);
}

static void test_records_of_other_policies_are_filtered(void **state)
{
	(void)state;
	struct policy p;
	struct buf body;
	struct record_head head;
	struct record_span groups[GROUP_COUNT];
	open_policy(&p, &body);
	put_record(&body, 1, 1);
	put_record(&body, 2, p.id + 1);
	assert_int_equal(batch_filter(&p, &body), 0);
	assert_false(holds(&body, "bob@example.com"));
	assert_true(holds(&body, "Mail to [email] failed"));
	size_t at = 0;
	for (uint64_t seq = 1; seq <= 2; seq++) {
		int n = record_spans(&head, groups, body.data + at, body.len - at);
		assert_true(n > 0 && head.seq == seq && head.policy_id == p.id);
		assert_true(head.read_at_ms == 5000 + seq && groups[GROUP_ALERTS].len > 0);
		at += (size_t)n;
	}
	assert_int_equal(at, body.len);
	buf_close(&body);
}

/* {1: 9, 2: 1, 3: 1, 6: "a:b", 11: {1: "x"}}: whole, and its group is malformed. */
static void test_record_that_cannot_be_read_leaves_its_number_only(void **state)
{
	(void)state;
	static const uint8_t bytes[] = {
		0x85, 1, 9, 2, 1, 3, 1, 6, 0xa3, 'a', ':', 'b', 11, 0x81, 1, 0xa1, 'x'};
	struct policy p;
	struct buf body;
	open_policy(&p, &body);
	assert_int_equal(buf_put(&body, bytes, sizeof bytes), 0);
	put_record(&body, 10, 1);
	assert_int_equal(batch_filter(&p, &body), 0);
	static const uint8_t number[] = {0x82, 1, 9, 2, 0};
	assert_memory_equal(body.data, number, sizeof number);
	assert_true(holds(&body, "Mail to [email] failed"));
	body.data[0] = 0xc1;
	assert_true(batch_filter(&p, &body) < 0);
	buf_close(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_of_the_policy_stay_as_they_are),
		cmocka_unit_test(test_records_of_other_policies_are_filtered),
		cmocka_unit_test(test_record_that_cannot_be_read_leaves_its_number_only),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
