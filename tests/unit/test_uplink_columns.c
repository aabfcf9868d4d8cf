/* SPDX-License-Identifier: Apache-2.0
 * The encoding of batches that the hub can read, and the coverage after the last batch. */
#include "tests/kit/uplink_hub.h"

static struct stage s;

/* The first batch, of a few records, as every hub reads it; the others as its receipt allows. */
static void test_columns_are_sent_to_a_hub_that_reads_them(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = LIMIT_BATCH_FIRST + 40;
	s.encodings = BODY_COLUMNS;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	assert_int_equal(s.batches, 2);
	assert_int_equal(s.last[0], LIMIT_BATCH_FIRST);
	assert_int_equal(s.head.body_encoding, BODY_COLUMNS);
	assert_int_equal(stage_read_value(&s, UPLINK_ENCODINGS_VALUE), 1);
	stage_close(&s);
}

/* Columns may be longer than few records. */
static void test_few_records_reach_a_hub_that_reads_columns(void **state)
{
	static const unsigned records[] = {1, 2, 4, 8, 40};
	(void)state;
	for (unsigned i = 0; i < sizeof records / sizeof records[0]; i++) {
		stage_open_valid(&s);
		s.records = records[i];
		s.encodings = s.known_encodings = BODY_COLUMNS;
		stage_play(&s);
		assert_int_equal(s.summary.err, 0);
		stage_check_stored_once(&s);
		stage_close(&s);
	}
}

static void check_coverage(unsigned status)
{
	stage_open_valid(&s);
	s.coverage_status = status;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	assert_int_equal(s.coverages, 1);
	stage_close(&s);
}

static void test_coverage_follows_the_last_batch(void **state)
{
	(void)state;
	check_coverage(200);
}

static void test_refused_coverage_is_no_failure(void **state)
{
	(void)state;
	check_coverage(404);
	check_coverage(422);
	check_coverage(503);
}

static void test_columns_are_not_sent_to_an_older_hub(void **state)
{
	(void)state;
	stage_open_valid(&s);
	s.records = LIMIT_BATCH_FIRST + 40;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	assert_int_equal(s.head.body_encoding, BODY_ZSTD);
	stage_close(&s);
}

/* The hub was replaced by an older one: nothing is split or given up for that. */
static void check_refused_columns(int status)
{
	stage_open_valid(&s);
	s.records = LIMIT_BATCH_FIRST + 40;
	s.encodings = BODY_COLUMNS;
	s.plan[0] = A_RECEIPT;
	s.plan[1] = A_STATUS + status;
	s.plan[2] = A_RECEIPT;
	s.plan_len = 3;
	stage_play(&s);
	assert_int_equal(s.summary.err, 0);
	stage_check_stored_once(&s);
	assert_int_equal(s.summary.rejected, 0);
	assert_int_equal(s.batches, 3);
	assert_int_equal(s.first[2], LIMIT_BATCH_FIRST + 1);
	assert_int_equal(s.head.body_encoding, BODY_ZSTD);
	stage_close(&s);
}

static void test_refused_columns_are_sent_as_records(void **state)
{
	(void)state;
	check_refused_columns(422);
	check_refused_columns(415);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_are_sent_to_a_hub_that_reads_them),
		cmocka_unit_test(test_few_records_reach_a_hub_that_reads_columns),
		cmocka_unit_test(test_coverage_follows_the_last_batch),
		cmocka_unit_test(test_refused_coverage_is_no_failure),
		cmocka_unit_test(test_columns_are_not_sent_to_an_older_hub),
		cmocka_unit_test(test_refused_columns_are_sent_as_records),
	};
	return cmocka_run_group_tests(tests, stage_setup, certs_remove);
}
