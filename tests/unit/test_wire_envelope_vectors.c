/* SPDX-License-Identifier: Apache-2.0
 * The test vectors of a batch and its receipt: our packer makes exactly those bytes. */
#include "proto/wire/envelope.h"
#include "tests/kit/wire_vectors.h"
#include "tests/unit/blocks.h"

#include <string.h>

/* RFC 8032, section 7.1, test 1, as SubjectPublicKeyInfo (RFC 8410). Its private key is public. */
static const uint8_t public_key[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03,
	0x21, 0x00, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9,
	0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
	0xf7, 0x07, 0x51, 0x1a};
static const uint8_t agent_id[AGENT_ID_BYTES] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
/* check_vectors.py --sign prints these. */
static const char key_id_hex[] = "06e3fd8fda29bb60";
static const char batch_signature_hex[] =
	"c834299498e16084a5cdcacff20a983da4d69c8d83dc587dcfd89d0098d59c8f"
	"2a8c625182af14794b6950bfce7096ca511cd80f49cd08cf1bb56c5cffc0450f";
static const char batch_digest_hex[] =
	"08fb4431abc44552f9b88f430508c7be58c769f560bbf0f0f03de29c0343da9a";
static const char receipt_signature_hex[] =
	"666b09a9257fe23013e75c0f8eb0425f93c12af9a4a65964f738b71b272a9a5a"
	"ecc23ab12d6255768f26cea5f5ce6632fdb557be38dc977aa629b3b471153709";

/* Of the sender, as its newest digest. */
static const uint8_t ledger[DIGEST_BYTES] = {0x4c, 0x65, 0x64, 0x67, 0x65, 0x72};

static void unhex(uint8_t *dst, size_t n, const char *hex)
{
	assert_int_equal(str_unhex(dst, n, hex, strlen(hex)), n);
}

static void put_head(struct buf *b)
{
	struct batch_head head = {.epoch = UINT64_C(0xfedcba9876543210),
		.first = 41,
		.last = 42,
		.count = 2,
		.sent_at_ms = VECTOR_READ_AT + 3601000,
		.body_encoding = BODY_RAW,
		.software = TEXT("platen/0.1.0"),
		.polls_made = 2000,
		.polls_unchanged = 1990,
		.polls_failed = 3,
		.public_key = public_key,
		.public_key_len = sizeof public_key,
		.site = TEXT("Gen\xc3\xa8ve 3"),
		.devices = 2000,
		.minor = ENVELOPE_MINOR,
		.dropped = {30, 0, 2},
		.receipted = 40,
		.ledger = ledger,
		.ledger_len = sizeof ledger,
		.info = {.store_kib = 4096,
			.address = TEXT("192.0.2.9"),
			.os = TEXT("Debian GNU/Linux 12 (bookworm)"),
			.cpu = TEXT("AMD EPYC 7543"),
			.discovery_kib = 512,
			.disk_mib = 100000,
			.disk_free_mib = 60000,
			.os_bits = 64,
			.time_zone = TEXT("Europe/Zurich"),
			.utc_offset = TEXT("+01:00"),
			.discovered = 2010,
			.memory_mib = 4096,
			.memory_free_mib = 2048,
			.name = TEXT("Gen\xc3\xa8ve 3"),
			.included = 2000,
			.excluded = 10,
			.rules = TEXT("0.1.0"),
			.host_id = {0xab, 0xcd}}};
	uint8_t body[4096];
	struct buf bb;
	buf_over(&bb, body, sizeof body);
	vector_put_full(&bb, &blocks);
	vector_put_delta(&bb, &blocks);
	head.body_raw_len = (uint32_t)bb.len;
	memcpy(head.agent_id, agent_id, sizeof agent_id);
	assert_int_equal(batch_head_pack(b, &head), 0);
}

static void test_batch_vector(void **state)
{
	(void)state;
	uint8_t head_mem[LIMIT_HEAD], body_mem[4096], mem[4096], signature[LIMIT_SIGNATURE];
	struct buf head, body, b;
	buf_over(&head, head_mem, sizeof head_mem);
	buf_over(&body, body_mem, sizeof body_mem);
	buf_over(&b, mem, sizeof mem);
	put_head(&head);
	vector_compare("batch_head", &head);
	vector_put_full(&body, &blocks);
	vector_put_delta(&body, &blocks);
	struct envelope e = {.alg = 1,
		.head = head.data,
		.head_len = head.len,
		.body = body.data,
		.body_len = body.len,
		.signature = signature,
		.signature_len = strlen(batch_signature_hex) / 2};
	unhex(e.key_id, KEY_ID_BYTES, key_id_hex);
	unhex(signature, e.signature_len, batch_signature_hex);
	assert_int_equal(batch_pack(&b, &e), 0);
	vector_compare("batch", &b);
	struct batch_head h;
	assert_int_equal(batch_unpack(&e, b.data, b.len), 0);
	assert_int_equal(batch_head_unpack(&h, e.head, e.head_len), 0);
	assert_int_equal(h.body_raw_len, e.body_len);
	assert_true(text_is(h.info.time_zone, "Europe/Zurich"));
	assert_int_equal(h.info.excluded, 10);
}

static void test_receipt_vector(void **state)
{
	(void)state;
	static const struct receipt_rejected rejected = {42, {"malformed", 9}};
	static const struct text want = {"serial:xerox/3TX123456", 22};
	struct receipt r = {.epoch = UINT64_C(0xfedcba9876543210),
		.last = 42,
		.stored = 1,
		.received_at_ms = VECTOR_READ_AT + 3601200,
		.software = TEXT("platen-hub/0.1.0"),
		.public_key = public_key,
		.public_key_len = sizeof public_key,
		.rejected = &rejected,
		.rejected_count = 1,
		.want_full = &want,
		.want_full_count = 1,
		.ledger = ledger,
		.ledger_len = sizeof ledger,
		.encodings = 7};
	uint8_t inner_mem[1024], mem[4096], signature[LIMIT_SIGNATURE];
	struct buf inner, b;
	buf_over(&inner, inner_mem, sizeof inner_mem);
	buf_over(&b, mem, sizeof mem);
	memcpy(r.agent_id, agent_id, sizeof agent_id);
	unhex(r.batch_digest, DIGEST_BYTES, batch_digest_hex);
	assert_int_equal(receipt_pack(&inner, &r), 0);
	struct envelope e = {.alg = 1,
		.head = inner.data,
		.head_len = inner.len,
		.signature = signature,
		.signature_len = strlen(receipt_signature_hex) / 2};
	unhex(e.key_id, KEY_ID_BYTES, key_id_hex);
	unhex(signature, e.signature_len, receipt_signature_hex);
	assert_int_equal(receipt_envelope_pack(&b, &e), 0);
	vector_compare("receipt", &b);
	struct receipt out;
	assert_int_equal(receipt_envelope_unpack(&e, b.data, b.len), 0);
	assert_int_equal(receipt_unpack(&out, e.head, e.head_len), 0);
	assert_int_equal(out.rejected_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch_vector),
		cmocka_unit_test(test_receipt_vector),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
