/* SPDX-License-Identifier: Apache-2.0
 * Batches and receipts: there and back, every cut, every required field, every limit. */
#include "proto/wire/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t key[44] = {0x30, 0x2a, 0x30, 5};
static const uint8_t signature[64] = {9, 8, 7};

static struct batch_head a_head(void)
{
	return (struct batch_head){.agent_id = {1, 2, 3},
		.epoch = UINT64_C(0xfedcba9876543210),
		.first = 100,
		.last = 149,
		.count = 40,
		.sent_at_ms = 1795352800123,
		.body_encoding = BODY_ZSTD,
		.body_raw_len = 65000,
		.software = TEXT("platen/0.1.0"),
		.polls_made = 2000,
		.polls_unchanged = 1500,
		.polls_failed = 3,
		.public_key = key,
		.public_key_len = sizeof key,
		.site = TEXT("Gen\xc3\xa8ve 3"),
		.devices = 2000,
		.minor = ENVELOPE_MINOR};
}

static void test_head_round_trips(void **state)
{
	(void)state;
	struct batch_head in = a_head();
	struct batch_head out;
	uint8_t mem[LIMIT_HEAD];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(batch_head_pack(&b, &in), 0);
	assert_int_equal(batch_head_unpack(&out, b.data, b.len), 0);
	assert_memory_equal(in.agent_id, out.agent_id, AGENT_ID_BYTES);
	assert_true(in.epoch == out.epoch);
	assert_int_equal(out.first, 100);
	assert_int_equal(out.last, 149);
	assert_int_equal(out.count, 40);
	assert_true(out.sent_at_ms == in.sent_at_ms);
	assert_int_equal(out.body_encoding, BODY_ZSTD);
	assert_int_equal(out.body_raw_len, 65000);
	assert_true(text_is(out.software, "platen/0.1.0"));
	assert_true(text_is(out.site, "Gen\xc3\xa8ve 3"));
	assert_int_equal(out.polls_made, 2000);
	assert_int_equal(out.polls_unchanged, 1500);
	assert_int_equal(out.polls_failed, 3);
	assert_int_equal(out.public_key_len, sizeof key);
	assert_memory_equal(out.public_key, key, sizeof key);
	assert_int_equal(out.devices, 2000);
	for (size_t n = 0; n < b.len; n++) {
		uint8_t *cut = malloc(n == 0 ? 1 : n);
		assert_non_null(cut);
		memcpy(cut, b.data, n);
		assert_int_equal(batch_head_unpack(&out, cut, n), ERR_SHORT);
		free(cut);
	}
	size_t need = b.len;
	assert_int_equal(buf_put(&b, "", 1), 0);
	assert_int_equal(batch_head_unpack(&out, b.data, b.len), ERR_FORMAT);
	for (size_t cap = 0; cap < need; cap += 5) {
		buf_over(&b, mem, cap);
		assert_int_equal(batch_head_pack(&b, &in), ERR_FULL);
		assert_int_equal(b.len, 0);
	}
}

static int pack_with(struct batch_head h)
{
	uint8_t mem[LIMIT_HEAD];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	return batch_head_pack(&b, &h);
}

static void test_invalid_heads_are_refused(void **state)
{
	(void)state;
	struct batch_head h = a_head();
	assert_int_equal(pack_with(h), 0);
	h.count = 51;
	assert_int_equal(pack_with(h), ERR_FORMAT);
	h.count = 0;
	assert_int_equal(pack_with(h), ERR_FORMAT);
	h = a_head();
	h.last = 99;
	assert_int_equal(pack_with(h), ERR_FORMAT);
	h = a_head();
	h.body_raw_len = LIMIT_BATCH_RAW + 1;
	assert_int_equal(pack_with(h), ERR_LIMIT);
	h = a_head();
	h.last = 1000000;
	h.count = LIMIT_BATCH_RECORDS + 1;
	assert_int_equal(pack_with(h), ERR_LIMIT);
	h = a_head();
	h.body_encoding = BODY_ENCODING_COUNT;
	assert_int_equal(pack_with(h), ERR_VERSION);
	h = a_head();
	h.site.len = LIMIT_TEXT + 1;
	assert_int_equal(pack_with(h), ERR_LIMIT);
}

/* A field is removed by giving it an unknown key number. */
static void test_missing_required_field_is_refused(void **state)
{
	(void)state;
	static const uint8_t required[] = {1, 2, 3, 4, 5, 7, 8, 11};
	struct batch_head in = a_head();
	struct batch_head out;
	uint8_t mem[LIMIT_HEAD];
	struct buf b;
	for (size_t i = 0; i < sizeof required; i++) {
		buf_over(&b, mem, sizeof mem);
		assert_int_equal(batch_head_pack(&b, &in), 0);
		/* The first byte with this key value whose change leaves well-formed bytes. */
		bool is_found = false;
		for (size_t at = 1; at < b.len && !is_found; at++) {
			if (mem[at] != required[i])
				continue;
			mem[at] = 60;
			is_found = batch_head_unpack(&out, b.data, b.len) == ERR_FORMAT;
			mem[at] = required[i];
		}
		assert_true(is_found);
	}
	assert_int_equal(batch_head_unpack(&out, (const uint8_t *)"\x80", 1), ERR_FORMAT);
	static uint8_t big[LIMIT_HEAD + 1];
	assert_int_equal(batch_head_unpack(&out, big, sizeof big), ERR_LIMIT);
}

static struct envelope an_envelope(void)
{
	return (struct envelope){.alg = 1,
		.key_id = {1, 2, 3, 4, 5, 6, 7, 8},
		.head = (const uint8_t *)"head",
		.head_len = 4,
		.body = (const uint8_t *)"body!",
		.body_len = 5,
		.signature = signature,
		.signature_len = sizeof signature};
}

static void test_outer_arrays(void **state)
{
	(void)state;
	struct envelope in = an_envelope();
	struct envelope out;
	uint8_t mem[256];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(batch_pack(&b, &in), 0);
	assert_int_equal(batch_unpack(&out, b.data, b.len), 0);
	assert_int_equal(out.alg, 1);
	assert_memory_equal(out.key_id, in.key_id, KEY_ID_BYTES);
	assert_int_equal(out.head_len, 4);
	assert_memory_equal(out.body, "body!", 5);
	assert_memory_equal(out.signature, signature, sizeof signature);
	assert_int_equal(receipt_envelope_unpack(&out, b.data, b.len), ERR_FORMAT);
	for (size_t n = 0; n < b.len; n++) {
		uint8_t *cut = malloc(n == 0 ? 1 : n);
		assert_non_null(cut);
		memcpy(cut, b.data, n);
		assert_int_equal(batch_unpack(&out, cut, n), ERR_SHORT);
		free(cut);
	}
	mem[1] = 2;
	assert_int_equal(batch_unpack(&out, b.data, b.len), ERR_VERSION);
	mem[1] = 1;
	assert_int_equal(buf_put(&b, "", 1), 0);
	assert_int_equal(batch_unpack(&out, b.data, b.len), ERR_FORMAT);
	assert_int_equal(batch_unpack(&out, (const uint8_t *)"\x90", 1), ERR_FORMAT);
	assert_int_equal(batch_unpack(&out, (const uint8_t *)"\x80", 1), ERR_TYPE);

	buf_clear(&b);
	assert_int_equal(receipt_envelope_pack(&b, &in), 0);
	assert_int_equal(receipt_envelope_unpack(&out, b.data, b.len), 0);
	assert_int_equal(out.head_len, 4);
	assert_null(out.body);
	assert_int_equal(batch_unpack(&out, b.data, b.len), ERR_FORMAT);

	in.signature_len = LIMIT_SIGNATURE + 1;
	assert_int_equal(batch_pack(&b, &in), ERR_LIMIT);
	assert_int_equal(receipt_envelope_pack(&b, &in), ERR_LIMIT);
	in = an_envelope();
	buf_over(&b, mem, 20);
	assert_int_equal(batch_pack(&b, &in), ERR_FULL);
	assert_int_equal(b.len, 0);
}

static void test_signed_bytes(void **state)
{
	(void)state;
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES], out[BATCH_SIGNED_BYTES];
	memset(a, 'a', sizeof a);
	memset(b, 'b', sizeof b);
	batch_signed(out, a, b);
	assert_memory_equal(out, "platen-batch-1\0aaaa", 19);
	assert_memory_equal(out + 15 + 30, "aabbbb", 6);
	uint8_t receipt[RECEIPT_SIGNED_BYTES];
	receipt_signed(receipt, b);
	assert_memory_equal(receipt, "platen-receipt-1\0bbbb", 21);
}

static struct receipt a_receipt(void)
{
	static const struct receipt_rejected rejected[] = {
		{120, {"malformed", 9}}, {121, {"over-limit", 10}}};
	static const struct text want[] = {
		{"serial:xerox/3TX1", 17}, {"mac:9c:93:4e:00:00:01", 21}};
	return (struct receipt){.agent_id = {1, 2, 3},
		.epoch = 77,
		.last = 149,
		.stored = 37,
		.duplicates = 1,
		.received_at_ms = 1795352800456,
		.batch_digest = {5, 6, 7},
		.software = TEXT("platen-hub/0.1.0"),
		.public_key = key,
		.public_key_len = sizeof key,
		.rejected = rejected,
		.rejected_count = 2,
		.want_full = want,
		.want_full_count = 2};
}

static void test_receipt_round_trips(void **state)
{
	(void)state;
	struct receipt in = a_receipt();
	struct receipt out;
	uint8_t mem[1024];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(receipt_pack(&b, &in), 0);
	assert_int_equal(receipt_unpack(&out, b.data, b.len), 0);
	assert_memory_equal(out.agent_id, in.agent_id, AGENT_ID_BYTES);
	assert_int_equal(out.epoch, 77);
	assert_int_equal(out.last, 149);
	assert_int_equal(out.stored, 37);
	assert_int_equal(out.duplicates, 1);
	assert_true(out.received_at_ms == in.received_at_ms);
	assert_memory_equal(out.batch_digest, in.batch_digest, DIGEST_BYTES);
	assert_true(text_is(out.software, "platen-hub/0.1.0"));
	assert_memory_equal(out.public_key, key, sizeof key);
	assert_int_equal(out.rejected_count, 2);
	struct receipt_list list = out.rejected_list;
	struct receipt_rejected one;
	assert_int_equal(receipt_next_rejected(&list, &one), 1);
	assert_int_equal(one.seq, 120);
	assert_true(text_is(one.reason, "malformed"));
	assert_int_equal(receipt_next_rejected(&list, &one), 1);
	assert_int_equal(one.seq, 121);
	assert_int_equal(receipt_next_rejected(&list, &one), 0);
	struct text want;
	list = out.want_full_list;
	assert_int_equal(receipt_next_want_full(&list, &want), 1);
	assert_true(text_is(want, "serial:xerox/3TX1"));
	assert_int_equal(receipt_next_want_full(&list, &want), 1);
	assert_int_equal(receipt_next_want_full(&list, &want), 0);
	for (size_t n = 0; n < b.len; n++) {
		uint8_t *cut = malloc(n == 0 ? 1 : n);
		assert_non_null(cut);
		memcpy(cut, b.data, n);
		assert_int_equal(receipt_unpack(&out, cut, n), ERR_SHORT);
		free(cut);
	}
	buf_over(&b, mem, 40);
	assert_int_equal(receipt_pack(&b, &in), ERR_FULL);
	assert_int_equal(b.len, 0);
	in.want_full_count = LIMIT_BATCH_RECORDS + 1;
	assert_int_equal(receipt_pack(&b, &in), ERR_LIMIT);
}

static void test_invalid_receipts_are_refused(void **state)
{
	(void)state;
	struct receipt out;
	static const uint8_t empty_item[] = {0x81, 6, 0x91, 0x90};
	static const uint8_t one_item[] = {0x81, 6, 0x91, 0x91, 5};
	static const uint8_t not_text[] = {0x81, 9, 0x91, 5};
	static const uint8_t longer_item[] = {0x81, 6, 0x91, 0x93, 5, 0xa1, 'x', 0xc0};
	static const uint8_t unknown[] = {0x81, 50, 0xc0};
	assert_int_equal(receipt_unpack(&out, empty_item, sizeof empty_item), ERR_FORMAT);
	assert_int_equal(receipt_unpack(&out, one_item, sizeof one_item), ERR_FORMAT);
	assert_int_equal(receipt_unpack(&out, not_text, sizeof not_text), ERR_TYPE);
	/* Well formed as far as they go, but without the required fields. */
	assert_int_equal(receipt_unpack(&out, longer_item, sizeof longer_item), ERR_FORMAT);
	assert_int_equal(receipt_unpack(&out, unknown, sizeof unknown), ERR_FORMAT);
	assert_int_equal(out.rejected_count, 0);
	static uint8_t big[LIMIT_RECEIPT + 1];
	assert_int_equal(receipt_unpack(&out, big, sizeof big), ERR_LIMIT);
}

static void test_unknown_fields_of_a_head_are_skipped(void **state)
{
	(void)state;
	struct batch_head in = a_head();
	struct batch_head out;
	uint8_t mem[LIMIT_HEAD];
	struct buf b;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(batch_head_pack(&b, &in), 0);
	assert_int_equal(mem[0], 0xde); /* a map of 16 fields or more */
	mem[2]++;                       /* one field more */
	static const uint8_t more[] = {0xcc, 200, 0x92, 1, 0xa1, 'x'};
	assert_int_equal(buf_put(&b, more, sizeof more), 0);
	assert_int_equal(batch_head_unpack(&out, b.data, b.len), 0);
	assert_int_equal(out.count, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head_round_trips),
		cmocka_unit_test(test_invalid_heads_are_refused),
		cmocka_unit_test(test_missing_required_field_is_refused),
		cmocka_unit_test(test_outer_arrays),
		cmocka_unit_test(test_signed_bytes),
		cmocka_unit_test(test_receipt_round_trips),
		cmocka_unit_test(test_invalid_receipts_are_refused),
		cmocka_unit_test(test_unknown_fields_of_a_head_are_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
