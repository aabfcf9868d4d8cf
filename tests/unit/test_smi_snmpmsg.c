/* SPDX-License-Identifier: Apache-2.0
 * SNMP messages: what we encode is what a reader of BER finds, the size that a question is
 * promised is never exceeded, and an answer is believed only when every length in it is right. */
#include "proto/smi/snmpmsg.h"

#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct oid_ber ber(const char *bytes, size_t len)
{
	return (struct oid_ber){(const uint8_t *)bytes, len};
}

/* sysDescr.0, sysObjectID.0 */
#define SYS_DESCR ber("\x2b\x06\x01\x02\x01\x01\x01\x00", 8)
#define SYS_OBJECT_ID ber("\x2b\x06\x01\x02\x01\x01\x02\x00", 8)
#define NOTHING ber("", 0)

static void a_get_on_the_wire(void **state)
{
	(void)state;
	/* By hand from RFC 1157 and X.690. */
	static const uint8_t want[] = {0x30, 0x26, 0x02, 0x01, 0x01, 0x04, 0x06, 'p', 'u', 'b', 'l',
		'i', 'c', 0xa0, 0x19, 0x02, 0x01, 0x2a, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30,
		0x0e, 0x30, 0x0c, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x01, 0x00, 0x05,
		0x00};
	struct snmp_request q;
	uint8_t out[256];
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, SYS_DESCR, NOTHING, 484), 0);
	int n = snmp_msg_encode(out, sizeof out, SNMP_V2C, "public", 6, 42, &q);
	assert_int_equal(n, sizeof want);
	assert_memory_equal(out, want, sizeof want);
	for (size_t cap = 0; cap < sizeof want; cap++)
		assert_int_equal(
			snmp_msg_encode(out, cap, SNMP_V2C, "public", 6, 42, &q), ERR_FULL);
}

static void what_is_asked_comes_back(void **state)
{
	(void)state;
	static const uint16_t repetitions[] = {0, 1, 127, 128, 255, 256, 32767, 32768, 65535};
	for (size_t i = 0; i < sizeof repetitions / sizeof repetitions[0]; i++) {
		struct snmp_request q;
		struct snmp_msg m;
		struct varbind vb[4];
		uint8_t out[LIMIT_REQUEST_BYTES];
		snmp_request_begin(&q, SNMP_GETBULK);
		q.non_repeaters = (uint8_t)(i * 31);
		q.max_repetitions = repetitions[i];
		assert_int_equal(
			snmp_request_add(&q, ber("\x2b\x06", 2), ber("\x01\x81\x00", 3), 484), 0);
		assert_int_equal(snmp_request_add(&q, NOTHING, SYS_OBJECT_ID, 484), 0);
		int n = snmp_msg_encode(out, sizeof out, SNMP_V1, "", 0, 0x80000001u, &q);
		assert_true(n > 0);
		assert_int_equal(snmp_msg_parse(&m, vb, 4, out, (size_t)n), 0);
		assert_int_equal(m.version, SNMP_V1);
		assert_int_equal(m.community_len, 0);
		assert_int_equal(m.pdu, SNMP_GETBULK);
		assert_true(m.request_id == INT32_MIN + 1);
		assert_int_equal(m.error_status, i * 31);
		assert_int_equal(m.error_index, repetitions[i]);
		assert_int_equal(m.varbinds, 2);
		assert_int_equal(vb[0].type, BER_NULL);
		assert_true(oid_ber_is_equal(vb[0].name, ber("\x2b\x06\x01\x81\x00", 5)));
		assert_true(oid_ber_is_equal(vb[1].name, SYS_OBJECT_ID));
		uint32_t id = 0;
		assert_int_equal(snmp_msg_peek_id(out, (size_t)n, &id), 0);
		assert_true(id == 0x80000001u);
	}
}

static void a_question_knows_its_oids(void **state)
{
	(void)state;
	struct snmp_request q;
	size_t at = 0;
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, SYS_DESCR, NOTHING, 484), 0);
	assert_int_equal(snmp_request_add(&q, ber("\x2b\x06", 2), ber("\x05", 1), 484), 0);
	assert_true(oid_ber_is_equal(snmp_request_oid(&q, 0, &at), SYS_DESCR));
	assert_true(oid_ber_is_equal(snmp_request_oid(&q, 1, &at), ber("\x2b\x06\x05", 3)));
	assert_int_equal(snmp_request_add(&q, NOTHING, NOTHING, 484), ERR_LIMIT);
	uint8_t long_oid[LIMIT_OID_BER + 1] = {0x2b};
	memset(long_oid + 1, 1, LIMIT_OID_BER);
	assert_int_equal(snmp_request_add(&q, (struct oid_ber){long_oid, 100},
				 (struct oid_ber){long_oid, 29}, 1400),
		ERR_LIMIT);
	assert_int_equal(q.oids, 2);
	snmp_request_begin(&q, SNMP_GET);
	for (int i = 0; i < LIMIT_ASK_OIDS; i++)
		assert_int_equal(snmp_request_add(&q, ber("\x2b\x06", 2), NOTHING, 1400), 0);
	assert_int_equal(snmp_request_add(&q, ber("\x2b\x06", 2), NOTHING, 1400), ERR_FULL);
}

/* Whatever the OIDs, the limit and the request-id: the encoded message without its community stays
 * within what was promised, with a community of any allowed length within one frame. */
static void the_promised_size_holds(void **state)
{
	(void)state;
	unsigned seed = 5;
	char community[LIMIT_COMMUNITY];
	memset(community, 'c', sizeof community);
	for (int round = 0; round < 2000; round++) {
		struct snmp_request q;
		uint8_t out[LIMIT_REQUEST_BYTES + 200];
		size_t max = (size_t)(60 + rand_r(&seed) % 1600);
		snmp_request_begin(&q, rand_r(&seed) % 2 == 0 ? SNMP_GET : SNMP_GETBULK);
		q.non_repeaters = (uint8_t)rand_r(&seed);
		q.max_repetitions = (uint16_t)rand_r(&seed);
		int shortest = 1 + rand_r(&seed) % LIMIT_OID_BER;
		for (int added = 0, refused = 0; refused < 3 && added < 100; added++) {
			uint8_t o[LIMIT_OID_BER];
			size_t len =
				(size_t)(shortest + rand_r(&seed) % (LIMIT_OID_BER + 1 - shortest));
			size_t cut = (size_t)rand_r(&seed) % (len + 1);
			memset(o, 1, sizeof o);
			if (len > 1)
				o[0] = 0x88; /* 128 bytes are then 128 sub-identifiers */
			if (snmp_request_add(&q, (struct oid_ber){o, cut},
				    (struct oid_ber){o + cut, len - cut}, max) < 0)
				refused++;
		}
		size_t community_len = (size_t)rand_r(&seed) % (LIMIT_COMMUNITY + 1);
		int n = snmp_msg_encode(out, sizeof out, SNMP_V2C, community, community_len,
			(uint32_t)rand_r(&seed) * 2u, &q);
		assert_true(n > 0);
		assert_true((size_t)n <= max + community_len || q.oids == 0);
		assert_true(n <= LIMIT_REQUEST_BYTES);
		struct snmp_msg m;
		struct varbind vb[LIMIT_ASK_OIDS];
		assert_int_equal(snmp_msg_parse(&m, vb, LIMIT_ASK_OIDS, out, (size_t)n), 0);
		assert_int_equal(m.varbinds, q.oids);
	}
}

/* A response with an INTEGER, a string over 127 bytes, and noSuchInstance. */
static size_t make_response(uint8_t *out)
{
	static const uint8_t head[] = {0x30, 0x81, 0xde, 0x02, 0x01, 0x01, 0x04, 0x03, 'a', 'b',
		'c', 0xa2, 0x81, 0xd3, 0x02, 0x01, 0x07, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30,
		0x81, 0xc7, 0x30, 0x0d, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x01, 0x00,
		0x02, 0x01, 0xfd, 0x30, 0x81, 0xa8, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x02, 0x01, 0x01,
		0x02, 0x00, 0x04, 0x81, 0x9b};
	static const uint8_t tail[] = {
		0x30, 0x0b, 0x06, 0x07, 0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x03, 0x81, 0x00};
	memcpy(out, head, sizeof head);
	memset(out + sizeof head, 'T', 0x9b);
	memcpy(out + sizeof head + 0x9b, tail, sizeof tail);
	size_t n = sizeof head + 0x9b + sizeof tail;
	out[2] = (uint8_t)(n - 3);
	return n;
}

static void a_response_is_read(void **state)
{
	(void)state;
	uint8_t bytes[300];
	size_t n = make_response(bytes);
	struct snmp_msg m;
	struct varbind vb[8];
	assert_int_equal(snmp_msg_parse(&m, vb, 8, bytes, n), 0);
	assert_int_equal(m.pdu, SNMP_RESPONSE);
	assert_int_equal(m.request_id, 7);
	assert_memory_equal(m.community, "abc", 3);
	assert_int_equal(m.varbinds, 3);
	assert_int_equal(m.dropped, 0);
	int64_t v;
	assert_int_equal(varbind_integer(&vb[0], &v), 0);
	assert_int_equal(v, -3);
	assert_int_equal(vb[1].type, BER_OCTETS);
	assert_int_equal(vb[1].len, 0x9b);
	assert_int_equal(vb[2].type, BER_NO_SUCH_INSTANCE);
	assert_int_equal(snmp_msg_parse(&m, vb, 1, bytes, n), 0);
	assert_int_equal(m.varbinds, 1);
	assert_int_equal(m.dropped, 2);
	assert_int_equal(snmp_msg_parse(&m, NULL, 0, bytes, n), 0);
	assert_int_equal(m.dropped, 3);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	uint8_t bytes[300];
	size_t n = make_response(bytes);
	for (size_t len = 0; len < n; len++) {
		/* In memory of exactly that size, so that ASan sees a byte read too many. */
		uint8_t *cut = malloc(len > 0 ? len : 1);
		struct snmp_msg m;
		struct varbind vb[8];
		assert_non_null(cut);
		memcpy(cut, bytes, len);
		assert_true(snmp_msg_parse(&m, vb, 8, cut, len) < 0);
		uint32_t id;
		assert_true(snmp_msg_peek_id(cut, len, &id) < 0);
		/* The same with the outer length made to fit: an inner one is then wrong. */
		if (len > 3) {
			cut[2] = (uint8_t)(len - 3);
			assert_true(snmp_msg_parse(&m, vb, 8, cut, len) < 0);
		}
		free(cut);
	}
	bytes[n] = 0;
	struct snmp_msg m;
	struct varbind vb[8];
	assert_int_equal(snmp_msg_parse(&m, vb, 8, bytes, n + 1), ERR_FORMAT);
}

static void malformed_messages_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		int err;
	} rows[] = {
		{"", 0, ERR_SHORT},
		{"\x30", 1, ERR_SHORT},
		{"\x30\x00", 2, ERR_SHORT},
		{"\x31\x00", 2, ERR_FORMAT},                             /* not a SEQUENCE */
		{"\x30\x80\x02\x01\x01\x00\x00", 7, ERR_FORMAT},         /* indefinite */
		{"\x30\x85\x00\x00\x00\x00\x01\x00", 8, ERR_LIMIT},      /* length of length 5 */
		{"\x30\x84\xff\xff\xff\xff\x02", 7, ERR_SHORT},          /* 4 GiB declared */
		{"\x30\x82\x10", 3, ERR_SHORT},                          /* cut in the length */
		{"\x3f\x81\x00", 3, ERR_FORMAT},                         /* high tag number */
		{"\x30\x03\x02\x01\x03", 5, ERR_VERSION},                /* SNMPv3 */
		{"\x30\x03\x02\x01\x02", 5, ERR_VERSION},                /* SNMPv2p */
		{"\x30\x02\x02\x00", 4, ERR_RANGE},                      /* empty version */
		{"\x30\x05\x02\x01\x01\x05\x00", 7, ERR_FORMAT},         /* community NULL */
		{"\x30\x07\x02\x01\x01\x04\x00\x30\x00", 9, ERR_FORMAT}, /* PDU of a wrong class */
		{"\x30\x07\x02\x01\x01\x04\x00\xa2\x00", 9, ERR_SHORT},  /* empty PDU */
		/* SNMPv1 trap: an OID stands where the request-id would. */
		{"\x30\x0b\x02\x01\x00\x04\x00\xa4\x04\x06\x02\x2b\x06", 13, ERR_FORMAT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct snmp_msg m;
		struct varbind vb[2];
		const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
		uint32_t id;
		assert_int_equal(snmp_msg_parse(&m, vb, 2, bytes, rows[i].len), rows[i].err);
		assert_int_equal(snmp_msg_peek_id(bytes, rows[i].len, &id), rows[i].err);
	}
}

/* Inside a message with right lengths: what stands in place of the varbind list. */
static int parse_with_list(const char *list, size_t len)
{
	uint8_t bytes[200] = {0x30, 0, 0x02, 0x01, 0x01, 0x04, 0x00, 0xa2, 0, 0x02, 0x01, 0x07,
		0x02, 0x01, 0x00, 0x02, 0x01, 0x00};
	struct snmp_msg m;
	struct varbind vb[4];
	memcpy(bytes + 18, list, len);
	bytes[1] = (uint8_t)(16 + len);
	bytes[8] = (uint8_t)(9 + len);
	return snmp_msg_parse(&m, vb, 4, bytes, 18 + len);
}

/* An error-status of 2^32 is no 0. */
static void wide_error_numbers_are_refused(void **state)
{
	(void)state;
	struct snmp_msg m;
	struct varbind vb[1];
	uint8_t bytes[] = {0x30, 0x1f, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l', 'i', 'c', 0xa2, 0x12, 2,
		4, 0, 0, 0, 7, 2, 5, 1, 0, 0, 0, 0, 2, 1, 0, 0x30, 0};
	assert_int_equal(snmp_msg_parse(&m, vb, 1, bytes, sizeof bytes), ERR_RANGE);
	bytes[23] = 0; /* of value 0 after all */
	assert_int_equal(snmp_msg_parse(&m, vb, 1, bytes, sizeof bytes), 0);
	bytes[23] = 0xff;
	assert_int_equal(snmp_msg_parse(&m, vb, 1, bytes, sizeof bytes), ERR_RANGE);
}

static void malformed_lists_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		int err;
	} rows[] = {
		{"\x30\x00", 2, 0}, {"\x30\x07\x30\x05\x06\x01\x2b\x05\x00", 9, 0},
		{"\x30\x81\x07\x30\x05\x06\x01\x2b\x05\x00", 10,
			0}, /* long form where short fits */
		{"\x30\x84\x00\x00\x00\x07\x30\x05\x06\x01\x2b\x05\x00", 13, 0}, {"", 0, ERR_SHORT},
		{"\x31\x00", 2, ERR_FORMAT},
		{"\x30\x00\x05\x00", 4, ERR_FORMAT},                 /* something after the list */
		{"\x30\x02\x05\x00", 4, ERR_FORMAT},                 /* varbind is no SEQUENCE */
		{"\x30\x04\x30\x02\x05\x00", 6, ERR_FORMAT},         /* name is no OID */
		{"\x30\x06\x30\x04\x06\x00\x05\x00", 8, ERR_FORMAT}, /* empty name */
		{"\x30\x07\x30\x05\x06\x01\x86\x05\x00", 9, ERR_FORMAT},          /* name cut */
		{"\x30\x05\x30\x03\x06\x01\x2b", 7, ERR_SHORT},                   /* no value */
		{"\x30\x09\x30\x07\x06\x01\x2b\x05\x00\x05\x00", 11, ERR_FORMAT}, /* two values */
		{"\x30\x08\x30\x06\x06\x01\x2b\x04\x05\x41", 10, ERR_SHORT}, /* value runs over */
		{"\x30\x07\x30\x05\x06\x01\x2b\x24\x80", 9, ERR_FORMAT},     /* indefinite value */
		{"\x30\x07\x30\x05\x06\x09\x2b\x05\x00", 9, ERR_SHORT},      /* name runs over */
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(parse_with_list(rows[i].bytes, rows[i].len), rows[i].err);
}

static void request_ids_of_other_widths(void **state)
{
	(void)state;
	static const uint8_t wide[] = {0x30, 0x0e, 0x02, 0x01, 0x01, 0x04, 0x00, 0xa2, 0x07, 0x02,
		0x05, 0x01, 0x00, 0x00, 0x00, 0x00};
	static const uint8_t narrow[] = {
		0x30, 0x0a, 0x02, 0x01, 0x01, 0x04, 0x00, 0xa2, 0x03, 0x02, 0x01, 0xff};
	uint32_t id = 0;
	assert_int_equal(snmp_msg_peek_id(wide, sizeof wide, &id), ERR_RANGE);
	assert_int_equal(snmp_msg_peek_id(narrow, sizeof narrow, &id), 0);
	assert_true(id == 0xffffffffu);
}

/* Damaged messages: no answer outside its bytes, whatever is flipped. ASan watches. */
static void damage_never_leads_outside(void **state)
{
	(void)state;
	unsigned seed = 9;
	unsigned long rounds = test_count("MESSAGE_MUTATIONS"), parsed = 0;
	uint8_t good[300];
	size_t n = make_response(good);
	for (unsigned long round = 0; round < rounds; round++) {
		size_t len = rand_r(&seed) % 4 == 0 ? (size_t)rand_r(&seed) % n : n;
		uint8_t *bytes = malloc(len > 0 ? len : 1);
		assert_non_null(bytes);
		memcpy(bytes, good, len);
		for (int flips = 1 + rand_r(&seed) % 4; flips > 0 && len > 0; flips--)
			bytes[(size_t)rand_r(&seed) % (rand_r(&seed) % 2 == 0 ? len
							      : len < 60      ? len
									      : 60)] =
				(uint8_t)rand_r(&seed);
		struct snmp_msg m;
		struct varbind vb[4];
		if (snmp_msg_parse(&m, vb, 4, bytes, len) == 0) {
			parsed++;
			for (size_t i = 0; i < m.varbinds; i++) {
				assert_true(vb[i].value >= bytes &&
					    vb[i].value + vb[i].len <= bytes + len);
				assert_true(vb[i].name.p >= bytes &&
					    vb[i].name.p + vb[i].name.len <= bytes + len);
			}
		}
		free(bytes);
	}
	assert_true(parsed > 0 && parsed < rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_on_the_wire),
		cmocka_unit_test(what_is_asked_comes_back),
		cmocka_unit_test(a_question_knows_its_oids),
		cmocka_unit_test(the_promised_size_holds),
		cmocka_unit_test(a_response_is_read),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(malformed_messages_are_refused),
		cmocka_unit_test(wide_error_numbers_are_refused),
		cmocka_unit_test(malformed_lists_are_refused),
		cmocka_unit_test(request_ids_of_other_widths),
		cmocka_unit_test(damage_never_leads_outside),
	};
	return cmocka_run_group_tests_name("proto/smi/snmpmsg", tests, NULL, NULL);
}
