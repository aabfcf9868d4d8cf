/* SPDX-License-Identifier: Apache-2.0
 * Coverage on the wire: its test vector, every limit, damaged bytes. */
#include "proto/wire/coverage.h"
#include "tests/kit/wire_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t device[COVERAGE_DEVICE_BYTES] = {1, 2, 3, 4, 5};

static const struct coverage_row rows[] = {
	{.device = device, .device_len = sizeof device, .complete_s = 1742},
	{.device = device,
		.device_len = sizeof device,
		.complete_s = 90000,
		.attempt_s = 60,
		.reason = COVERAGE_NOT_RESPONDING},
	{.attempt_s = 61, .reason = COVERAGE_REFUSED, .address = TEXT("192.0.2.17:161")},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void put_rows(struct buf *b)
{
	buf_open(b, 4096);
	for (unsigned i = 0; i < ROWS; i++)
		assert_int_equal(coverage_row_pack(b, &rows[i]), 0);
}

static void test_row_is_that_of_the_vector(void **state)
{
	struct buf b;
	(void)state;
	buf_open(&b, 4096);
	assert_int_equal(coverage_row_pack(&b, &rows[1]), 0);
	vector_compare("coverage_row", &b);
	buf_close(&b);
}

static void test_rows_come_back(void **state)
{
	struct buf b;
	size_t at = 0;
	(void)state;
	put_rows(&b);
	for (unsigned i = 0; i < ROWS; i++) {
		struct coverage_row row;
		int n = coverage_row_unpack(&row, b.data + at, b.len - at);
		assert_true(n > 0);
		at += (size_t)n;
		assert_int_equal(row.device_len, rows[i].device_len);
		assert_int_equal(row.complete_s, rows[i].complete_s);
		assert_int_equal(row.attempt_s, rows[i].attempt_s);
		assert_int_equal(row.reason, rows[i].reason);
		assert_true(text_is_equal(row.address, rows[i].address));
	}
	assert_int_equal(at, b.len);
	buf_close(&b);
}

/* A device that was read at the last poll, which is the usual case. */
static void test_a_usual_row_is_short(void **state)
{
	struct buf b;
	(void)state;
	buf_open(&b, 4096);
	assert_int_equal(coverage_row_pack(&b, &rows[0]), 0);
	assert_true(b.len <= 14);
	buf_close(&b);
}

static void check_row(const char *bytes, size_t len, int expected)
{
	struct coverage_row row;
	assert_int_equal(coverage_row_unpack(&row, (const uint8_t *)bytes, len), expected);
}

static void test_damaged_rows_are_refused(void **state)
{
	struct coverage_row row;
	(void)state;
	check_row("\x81\x01\xc4\x04"
		  "12345",
		9, ERR_FORMAT); /* a name of 5 bytes */
	check_row("\x81\x01\xc4\x06"
		  "1234567",
		11, ERR_LIMIT);
	check_row("\x82\x02\x01\x02\x01", 5, ERR_FORMAT); /* a field twice */
	check_row("\x81\x02", 2, ERR_SHORT);
	check_row("\x90", 1, ERR_TYPE);
	assert_int_equal(coverage_row_unpack(&row, (const uint8_t *)"\x82\x04\x63\x3f\x01", 5), 5);
	assert_int_equal(row.reason, COVERAGE_FAILED); /* of a newer agent */
}

static void test_head_comes_back(void **state)
{
	static const uint8_t key[44] = {7};
	struct coverage_head out, head = {.agent_id = {9},
					  .epoch = UINT64_MAX,
					  .sent_at_ms = UINT64_C(1795352800123),
					  .body_encoding = BODY_COLUMNS,
					  .body_raw_len = 5000,
					  .public_key = key,
					  .public_key_len = sizeof key,
					  .known = 2000,
					  .unread = 3,
					  .minor = ENVELOPE_MINOR};
	struct buf b;
	(void)state;
	buf_open(&b, LIMIT_HEAD);
	assert_int_equal(coverage_head_pack(&b, &head), 0);
	assert_int_equal(coverage_head_unpack(&out, b.data, b.len), 0);
	assert_memory_equal(out.agent_id, head.agent_id, AGENT_ID_BYTES);
	assert_true(out.epoch == head.epoch && out.sent_at_ms == head.sent_at_ms);
	assert_int_equal(out.known, 2000);
	assert_int_equal(out.unread, 3);
	for (size_t n = 0; n < b.len; n++)
		assert_true(coverage_head_unpack(&out, b.data, n) < 0);
	head.body_raw_len = LIMIT_BATCH_RAW + 1;
	buf_clear(&b);
	assert_int_equal(coverage_head_pack(&b, &head), 0);
	assert_int_equal(coverage_head_unpack(&out, b.data, b.len), ERR_LIMIT);
	head.body_raw_len = 1;
	head.body_encoding = BODY_ENCODING_COUNT;
	buf_clear(&b);
	assert_int_equal(coverage_head_pack(&b, &head), 0);
	assert_int_equal(coverage_head_unpack(&out, b.data, b.len), ERR_VERSION);
	buf_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row_is_that_of_the_vector),
		cmocka_unit_test(test_rows_come_back),
		cmocka_unit_test(test_a_usual_row_is_short),
		cmocka_unit_test(test_damaged_rows_are_refused),
		cmocka_unit_test(test_head_comes_back),
	};
	return cmocka_run_group_tests_name("wire_coverage", tests, NULL, NULL);
}
