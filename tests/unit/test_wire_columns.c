/* SPDX-License-Identifier: Apache-2.0
 * Bodies in columns: every body comes back byte for byte; what cannot be said is refused by the
 * packer, and damaged columns by the unpacker. */
#include "proto/wire/columns.h"

#include "proto/wire/inflate.h"
#include "proto/wire/envelope.h"
#include "proto/wire/pack.h"
#include "tests/vectors/readings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

enum { PRINTERS = 60 };

#define READ_AT UINT64_C(1795352800123)

static uint8_t again[LIMIT_BATCH_RAW];

/* A body of so many printers, as an agent packs it. */
static void make_body(struct buf *body, unsigned printers)
{
	struct slab blocks;
	buf_open(body, LIMIT_BATCH_RAW);
	assert_int_equal(slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	for (unsigned i = 0; i < printers; i++) {
		struct reading r;
		char key[64];
		(void)snprintf(key, sizeof key, "serial:xerox/3TX%06u", i);
		struct record_head head = {.seq = i + 1,
			.read_at_ms = READ_AT + i * 37,
			.policy_id = 1,
			.is_full = i % 3 == 0,
			.address = TEXT("192.0.2.17"),
			.device_key = text_of(key)};
		reading_open(&r, &blocks);
		reading_make_printer(&r, i, 0, READ_AT + i * 37);
		assert_int_equal(record_pack(body, &head, &r, i % 3 == 0 ? ALL_GROUPS : 6), 0);
		reading_close(&r);
	}
	slab_close(&blocks);
}

static void pack(struct buf *columns, const struct buf *body)
{
	buf_open(columns, LIMIT_BATCH_RAW);
	assert_int_equal(columns_pack(columns, body->data, body->len), 0);
}

static void test_a_body_comes_back_byte_for_byte(void **state)
{
	struct buf body, columns;
	(void)state;
	make_body(&body, PRINTERS);
	pack(&columns, &body);
	assert_int_equal(columns_unpack(again, body.len, columns.data, columns.len), 0);
	assert_memory_equal(again, body.data, body.len);
	buf_close(&columns);
	buf_close(&body);
}

static void test_columns_compress_to_less_than_records(void **state)
{
	static uint8_t out[LIMIT_BATCH_RAW];
	struct buf body, columns;
	(void)state;
	make_body(&body, PRINTERS);
	pack(&columns, &body);
	size_t records = ZSTD_compress(out, sizeof out, body.data, body.len, 12);
	size_t sorted = ZSTD_compress(out, sizeof out, columns.data, columns.len, 12);
	assert_true(sorted * 10 < records * 8);
	buf_close(&columns);
	buf_close(&body);
}

static void check_refused(const char *bytes, size_t len, int expected)
{
	struct buf columns;
	buf_open(&columns, LIMIT_BATCH_RAW);
	assert_int_equal(columns_pack(&columns, (const uint8_t *)bytes, len), expected);
	assert_int_equal(columns.len, 0);
	buf_close(&columns);
}

static void check_same(const char *bytes, size_t len)
{
	struct buf columns;
	buf_open(&columns, LIMIT_BATCH_RAW);
	assert_int_equal(columns_pack(&columns, (const uint8_t *)bytes, len), 0);
	assert_int_equal(columns_unpack(again, len, columns.data, columns.len), 0);
	assert_memory_equal(again, bytes, len);
	buf_close(&columns);
}

#define BYTES(text) text, sizeof(text) - 1

static void test_each_kind_of_value_comes_back(void **state)
{
	(void)state;
	check_same(BYTES("\x81\x01\xc2"));
	check_same(BYTES("\x82\x01\xc3\x02\x7f"));
	check_same(BYTES("\x81\x01\xcc\x80\x81\x01\xcd\x01\x00\x81\x01\xce\x00\x01\x00\x00"));
	check_same(BYTES("\x81\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff"));
	check_same(BYTES("\x81\x01\xff\x81\x01\xe0\x81\x01\xd0\xdf\x81\x01\xd1\xff\x7f"));
	check_same(BYTES("\x81\x01\xd2\xff\xff\x7f\xff"));
	check_same(BYTES("\x81\x01\xd3\x80\x00\x00\x00\x00\x00\x00\x00"));
	check_same(BYTES("\x81\x01\xa0\x81\x01\xa1x\x81\x01\xc4\x00\x81\x01\xc4\x01x"));
	check_same(BYTES("\x81\xcc\x80\x93\x80\x90\x81\x01\x91\x02"));
}

static void test_what_cannot_be_said_is_refused(void **state)
{
	(void)state;
	check_refused(BYTES("\xc0"), ERR_TYPE);                         /* nil */
	check_refused(BYTES("\x81\x01\xca\x00\x00\x00\x00"), ERR_TYPE); /* float */
	check_refused(BYTES("\x81\x01\xcc\x01"), ERR_TYPE);             /* a longer form */
	check_refused(BYTES("\x81\x01\xd9\x01x"), ERR_TYPE);            /* likewise */
	check_refused(BYTES("\x81\xcd\x01\x00\x01"), ERR_LIMIT);        /* key 256 */
	check_refused(BYTES("\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01"), ERR_LIMIT); /* depth 9 */
	check_refused(BYTES("\x82\x01\x01"), ERR_SHORT);
	check_refused(BYTES(""), ERR_LIMIT);
}

/* Each cut and each changed byte is refused, or gives a body of exactly that length. */
static void test_damaged_columns_are_bounded(void **state)
{
	struct buf body, columns;
	(void)state;
	make_body(&body, 3);
	pack(&columns, &body);
	for (size_t n = 0; n < columns.len; n++)
		assert_true(columns_unpack(again, body.len, columns.data, n) < 0);
	for (size_t i = 0; i < columns.len; i++) {
		columns.data[i] ^= 0xff;
		int err = columns_unpack(again, body.len, columns.data, columns.len);
		assert_true(err <= 0);
		columns.data[i] ^= 0xff;
	}
	assert_true(columns_unpack(again, body.len - 1, columns.data, columns.len) < 0);
	assert_true(columns_unpack(again, body.len + 1, columns.data, columns.len) < 0);
	buf_close(&columns);
	buf_close(&body);
}

static void test_columns_that_are_not_used_are_refused(void **state)
{
	/* Two columns, of which the body needs one. */
	static const uint8_t unused[] = {2, 1, 1, 0, 1, 1, 0};
	static const uint8_t good[] = {1, 1, 1, 0};
	(void)state;
	assert_int_equal(columns_unpack(again, 1, good, sizeof good), 0);
	assert_int_equal(again[0], 0xc3);
	assert_int_equal(columns_unpack(again, 1, unused, sizeof unused), ERR_FORMAT);
}

/* A frame that announces more than a body may have is not unpacked. */
static void test_a_bomb_is_refused(void **state)
{
	struct inflate *inflate;
	size_t len = LIMIT_BATCH_RAW + 1;
	uint8_t *zeros = calloc(1, len), small[1024];
	(void)state;
	assert_non_null(zeros);
	size_t n = ZSTD_compress(small, sizeof small, zeros, len, 3);
	assert_false(ZSTD_isError(n));
	assert_int_equal(inflate_open(&inflate), 0);
	assert_int_equal(inflate_body(inflate, BODY_COLUMNS, again, 100, small, n), ERR_LIMIT);
	assert_int_equal(inflate_body(inflate, BODY_COLUMNS, again, 100, small, n / 2), ERR_LIMIT);
	assert_int_equal(inflate_body(inflate, BODY_COLUMNS, again, 100, zeros, 9), ERR_FORMAT);
	assert_int_equal(
		inflate_body(inflate, BODY_ENCODING_COUNT, again, 100, small, n), ERR_VERSION);
	inflate_close(inflate);
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_body_comes_back_byte_for_byte),
		cmocka_unit_test(test_columns_compress_to_less_than_records),
		cmocka_unit_test(test_each_kind_of_value_comes_back),
		cmocka_unit_test(test_what_cannot_be_said_is_refused),
		cmocka_unit_test(test_damaged_columns_are_bounded),
		cmocka_unit_test(test_columns_that_are_not_used_are_refused),
		cmocka_unit_test(test_a_bomb_is_refused),
	};
	return cmocka_run_group_tests_name("wire_columns", tests, NULL, NULL);
}
