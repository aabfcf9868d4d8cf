/* SPDX-License-Identifier: Apache-2.0
 * The test vectors of records: our packer makes exactly those bytes, and our reader finds in them
 * what was put in. */
#include "tests/kit/wire_vectors.h"
#include "tests/unit/blocks.h"

static void check_sums(const struct reading *r)
{
	char part[READING_SOURCE] = "";
	size_t at = 0;
	const struct meter *m = r->meters;
	while (m->next != NULL)
		m = m->next;
	assert_int_equal(m->source.len, 0);
	assert_true(reading_next_part(m->parts, &at, part));
	assert_string_equal(part, "1.3.6.1.4.1.1602.1.11.1.3.1.4.112");
	assert_true(reading_next_part(m->parts, &at, part));
	assert_string_equal(part, "1.3.6.1.4.1.1602.1.11.1.3.1.4.122");
	assert_false(reading_next_part(m->parts, &at, part));
	assert_true(text_is(r->supplies->level_source, "1.3.6.1.4.1.367.3.2.1.2.24.1.1.5.1"));
}

static void test_record_vectors(void **state)
{
	(void)state;
	uint8_t mem[4096];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	vector_put_full(&b, &blocks);
	vector_compare("record_full", &b);
	struct record_head head;
	struct reading r;
	unsigned mask;
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	assert_int_equal(mask, ALL_GROUPS);
	assert_int_equal(r.meters->value, 178481);
	assert_true(r.meters->next->value == UINT64_MAX);
	assert_true(text_is(r.meters->next->source, "not.an.oid"));
	assert_int_equal(r.supplies->next->level_kind, LEVEL_SOME);
	assert_int_equal(r.alerts->code, 1104);
	vector_check_parts(&r);
	check_sums(&r);
	reading_close(&r);
	buf_clear(&b);
	vector_put_delta(&b, &blocks);
	vector_compare("record_delta", &b);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	assert_int_equal(mask, 1u << GROUP_METERS | 1u << GROUP_ALERTS);
	assert_false(head.is_full);
	/* The clock was set back between asking and the end of the poll. */
	assert_true(r.group[GROUP_ALERTS].requested_at_ms == VECTOR_READ_AT + 3600002);
	assert_true(r.group[GROUP_ALERTS].responded_at_ms == VECTOR_READ_AT + 3600001);
	assert_int_equal(r.group[GROUP_METERS].responded_at_ms, 0);
	reading_close(&r);
}

/* The field of minor 3: since when the content is another one. */
static void put_event(struct buf *b)
{
	struct reading r;
	struct record_head head = {.seq = 43,
		.read_at_ms = VECTOR_READ_AT + 7200000,
		.address = TEXT("192.0.2.17"),
		.device_key = TEXT("serial:xerox/3TX123456")};
	reading_open(&r, &blocks);
	for (unsigned g = GROUP_ALERTS; g <= GROUP_STATE; g++)
		r.group[g] = (struct group_info){.status = GROUP_COMPLETE,
			.requested_at_ms = VECTOR_READ_AT + 7199700,
			.responded_at_ms = VECTOR_READ_AT + 7199750};
	r.group[GROUP_ALERTS].before_at_ms = VECTOR_READ_AT + 3600000;
	r.state.has_errors = true;
	struct alert *a = reading_add_alert(&r);
	*a = (struct alert){.device = 1,
		.index = 47,
		.severity = 3,
		.training = 4,
		.group = 8,
		.group_index = 2,
		.location = -2,
		.code = 8,
		.description = TEXT("Paper jam in tray 2")};
	assert_int_equal(record_pack(b, &head, &r, 1u << GROUP_ALERTS | 1u << GROUP_STATE), 0);
	reading_close(&r);
}

/* Of the groups, one says when its old content was last seen; it is no part of the digest. */
static void test_record_vector_of_an_event(void **state)
{
	(void)state;
	uint8_t mem[4096];
	struct buf b;
	struct record_head head;
	struct reading r;
	unsigned mask;
	buf_over(&b, mem, sizeof mem);
	put_event(&b);
	vector_compare("record_event", &b);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	assert_true(r.group[GROUP_ALERTS].before_at_ms == VECTOR_READ_AT + 3600000);
	assert_true(r.group[GROUP_STATE].before_at_ms == 0);
	uint64_t digest = record_group_digest(&r, GROUP_ALERTS);
	vector_check_packed_again(&head, &r, mask, b.data, b.len);
	r.group[GROUP_ALERTS].before_at_ms = 0;
	assert_true(record_group_digest(&r, GROUP_ALERTS) == digest);
	reading_close(&r);
}

/* Each group alone, and all together: what is left reads as if the others had never been packed. */
static void test_groups_are_cut_out_of_a_record(void **state)
{
	(void)state;
	uint8_t mem[4096], cut[4096], want[4096];
	struct buf b, w;
	struct record_head head;
	struct reading r;
	unsigned mask;
	buf_over(&b, mem, sizeof mem);
	vector_put_full(&b, &blocks);
	reading_open(&r, &blocks);
	assert_int_equal(record_unpack(&head, &r, &mask, b.data, b.len), b.len);
	for (unsigned out = 0; out <= ALL_GROUPS; out++) {
		buf_over(&w, want, sizeof want);
		assert_int_equal(record_pack(&w, &head, &r, ALL_GROUPS & ~out), 0);
		assert_int_equal(record_cut(cut, b.data, b.len, out), w.len);
		assert_memory_equal(cut, want, w.len);
	}
	assert_int_equal(record_cut(cut, b.data, b.len - 1, 1), ERR_FORMAT);
	reading_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_vectors),
		cmocka_unit_test(test_record_vector_of_an_event),
		cmocka_unit_test(test_groups_are_cut_out_of_a_record),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
