/* SPDX-License-Identifier: Apache-2.0
 * SNMPv1 and SNMPv2c messages by libnetsnmp: requests are the bytes that the RFCs draw, their size
 * is within what was promised, and a response is decoded only if every length in it is right. */
#include "engine/snmp/library.h"

#include "tests/counts.h"
#include "tests/kit/snmp_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct oid_ber ber(const char *bytes, size_t len)
{
	return (struct oid_ber){(const uint8_t *)bytes, len};
}

/* sysDescr.0, sysObjectID.0 */
#define SYS_DESCR ber("\x2b\x06\x01\x02\x01\x01\x01\x00", 8)
#define SYS_OBJECT_ID ber("\x2b\x06\x01\x02\x01\x01\x02\x00", 8)
#define NOTHING ber("", 0)

/* As an agent does it. */
static netsnmp_pdu *decode_request(uint8_t *bytes, size_t len)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
	u_char community[COMMUNITY_MAX_LEN];
	size_t community_len = sizeof community, left = len;
	u_char *p = snmp_comstr_parse(bytes, &left, community, &community_len, &pdu->version);
	assert_non_null(p);
	assert_int_equal(snmp_pdu_parse(pdu, p, &left), 0);
	return pdu;
}

static size_t count_variables(const netsnmp_pdu *pdu)
{
	size_t n = 0;
	for (const netsnmp_variable_list *v = pdu->variables; v != NULL; v = v->next_variable)
		n++;
	return n;
}

static void test_get_is_encoded_as_rfc_1157_has_it(void **state)
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
	int n = snmp_message_encode(out, sizeof out, SNMP_V2C, "public", 6, 42, &q, NULL);
	assert_int_equal(n, sizeof want);
	assert_memory_equal(out, want, sizeof want);
	for (size_t cap = 0; cap < sizeof want; cap++)
		assert_int_equal(snmp_message_encode(out, cap, SNMP_V2C, "public", 6, 42, &q, NULL),
			ERR_LIMIT);
}

static void test_request_is_decoded_as_it_was_encoded(void **state)
{
	(void)state;
	static const uint16_t repetitions[] = {0, 1, 127, 128, 255, 256, 32767, 32768, 65535};
	for (size_t i = 0; i < sizeof repetitions / sizeof repetitions[0]; i++) {
		struct snmp_request q;
		uint16_t at[2];
		uint8_t out[LIMIT_REQUEST_BYTES];
		snmp_request_begin(&q, SNMP_GETBULK);
		q.non_repeaters = (uint8_t)(i * 31);
		q.max_repetitions = repetitions[i];
		assert_int_equal(
			snmp_request_add(&q, ber("\x2b\x06", 2), ber("\x01\x81\x00", 3), 484), 0);
		assert_int_equal(snmp_request_add(&q, NOTHING, SYS_OBJECT_ID, 484), 0);
		int n = snmp_message_encode(out, sizeof out, SNMP_V1, "", 0, 0x7ffffff1u, &q, at);
		assert_true(n > 0);
		netsnmp_pdu *pdu = decode_request(out, (size_t)n);
		assert_int_equal(pdu->version, SNMP_VERSION_1);
		assert_int_equal(pdu->command, SNMP_MSG_GETBULK);
		assert_true(pdu->reqid == 0x7ffffff1);
		assert_int_equal(pdu->errstat, i * 31);
		assert_int_equal(pdu->errindex, repetitions[i]);
		assert_int_equal(count_variables(pdu), 2);
		assert_int_equal(pdu->variables->type, ASN_NULL);
		snmp_free_pdu(pdu);
		assert_memory_equal(out + at[0], "\x2b\x06\x01\x81\x00", 5);
		assert_memory_equal(out + at[1], SYS_OBJECT_ID.p, 8);
		uint32_t id = 0;
		uint8_t version = 9;
		assert_int_equal(snmp_message_peek(out, (size_t)n, &version, &id), 0);
		assert_true(id == 0x7ffffff1u && version == SNMP_V1);
	}
}

/* Whatever the OIDs, the limit and the request-id: the encoded message without its community stays
 * within what was promised, with a community of any allowed length within one frame. */
static void test_message_stays_within_its_limit(void **state)
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
		int n = snmp_message_encode(out, sizeof out, SNMP_V2C, community, community_len,
			(uint32_t)rand_r(&seed) & INT32_MAX, &q, NULL);
		assert_true(n > 0);
		assert_true((size_t)n <= max + community_len || q.oids == 0);
		assert_true(n <= LIMIT_REQUEST_BYTES);
		netsnmp_pdu *pdu = decode_request(out, (size_t)n);
		assert_int_equal(count_variables(pdu), q.oids);
		snmp_free_pdu(pdu);
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

static void test_response_is_decoded(void **state)
{
	(void)state;
	uint8_t bytes[300];
	size_t n = make_response(bytes);
	struct snmp_incoming in;
	assert_int_equal(decode_community(&in, bytes, n), 0);
	assert_int_equal(in.pdu, SNMP_RESPONSE);
	assert_int_equal(in.request_id, 7);
	assert_int_equal(in.community_len, 3);
	assert_memory_equal(in.community, "abc", 3);
	assert_int_equal(in.count, 3);
	int64_t v;
	assert_int_equal(varbind_integer(&in.varbinds[0], &v), 0);
	assert_int_equal(v, -3);
	assert_int_equal(in.varbinds[1].type, BER_OCTETS);
	assert_int_equal(in.varbinds[1].len, 0x9b);
	assert_int_equal(in.varbinds[1].value[0x9a], 'T');
	assert_int_equal(in.varbinds[2].type, BER_NO_SUCH_INSTANCE);
	assert_true(oid_ber_is_equal(in.varbinds[0].name, SYS_DESCR));
}

static void test_truncated_messages_are_refused(void **state)
{
	(void)state;
	uint8_t bytes[300];
	size_t n = make_response(bytes);
	struct snmp_incoming in;
	for (size_t len = 0; len < n; len++) {
		/* In memory of exactly that size, so that ASan sees a byte read too many. */
		uint8_t *cut = malloc(len > 0 ? len : 1);
		uint32_t id;
		uint8_t version;
		assert_non_null(cut);
		memcpy(cut, bytes, len);
		assert_true(decode_community(&in, cut, len) < 0);
		assert_true(snmp_message_peek(cut, len, &version, &id) < 0);
		/* The same with the outer length made to fit: an inner one is then wrong. */
		if (len > 3) {
			cut[2] = (uint8_t)(len - 3);
			assert_true(decode_community(&in, cut, len) < 0);
		}
		free(cut);
	}
	bytes[n] = 0;
	assert_int_equal(decode_community(&in, bytes, n + 1), ERR_FORMAT);
}

static void test_malformed_messages_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		int err;
	} rows[] = {
		{"", 0, ERR_FORMAT},
		{"\x30", 1, ERR_FORMAT},
		{"\x30\x00", 2, ERR_FORMAT},
		{"\x31\x00", 2, ERR_FORMAT},                             /* not a SEQUENCE */
		{"\x30\x80\x02\x01\x01\x00\x00", 7, ERR_FORMAT},         /* indefinite */
		{"\x30\x85\x00\x00\x00\x00\x01\x00", 8, ERR_FORMAT},     /* length of length 5 */
		{"\x30\x84\xff\xff\xff\xff\x02", 7, ERR_FORMAT},         /* 4 GiB declared */
		{"\x30\x82\x10", 3, ERR_FORMAT},                         /* cut in the length */
		{"\x3f\x81\x00", 3, ERR_FORMAT},                         /* high tag number */
		{"\x30\x03\x02\x01\x03", 5, ERR_VERSION},                /* SNMPv3 */
		{"\x30\x03\x02\x01\x02", 5, ERR_VERSION},                /* SNMPv2p */
		{"\x30\x02\x02\x00", 4, ERR_FORMAT},                     /* empty version */
		{"\x30\x05\x02\x01\x01\x05\x00", 7, ERR_FORMAT},         /* community NULL */
		{"\x30\x07\x02\x01\x01\x04\x00\x30\x00", 9, ERR_FORMAT}, /* PDU of a wrong class */
		{"\x30\x07\x02\x01\x01\x04\x00\xa2\x00", 9, ERR_FORMAT}, /* empty PDU */
		/* SNMPv1 trap: an OID stands where the request-id would. */
		{"\x30\x0b\x02\x01\x00\x04\x00\xa4\x04\x06\x02\x2b\x06", 13, ERR_TYPE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct snmp_incoming in;
		const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
		assert_int_equal(decode_community(&in, bytes, rows[i].len), rows[i].err);
	}
}

/* Inside a message with right lengths: what stands in place of the varbind list. */
static int decode_list(struct snmp_incoming *in, const char *list, size_t len)
{
	static uint8_t bytes[200];
	static const uint8_t head[] = {0x30, 0, 0x02, 0x01, 0x01, 0x04, 0x00, 0xa2, 0, 0x02, 0x01,
		0x07, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00};
	memcpy(bytes, head, sizeof head);
	memcpy(bytes + 18, list, len);
	bytes[1] = (uint8_t)(16 + len);
	bytes[8] = (uint8_t)(9 + len);
	return decode_community(in, bytes, 18 + len);
}

static void test_malformed_lists_are_refused(void **state)
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
		{"\x30\x84\x00\x00\x00\x07\x30\x05\x06\x01\x2b\x05\x00", 13, 0},
		{"", 0, ERR_FORMAT}, {"\x31\x00", 2, ERR_FORMAT},
		{"\x30\x00\x05\x00", 4, ERR_FORMAT},                 /* something after the list */
		{"\x30\x02\x05\x00", 4, ERR_FORMAT},                 /* varbind is no SEQUENCE */
		{"\x30\x04\x30\x02\x05\x00", 6, ERR_FORMAT},         /* name is no OID */
		{"\x30\x06\x30\x04\x06\x00\x05\x00", 8, ERR_FORMAT}, /* empty name */
		{"\x30\x07\x30\x05\x06\x01\x86\x05\x00", 9, ERR_FORMAT},          /* name cut */
		{"\x30\x05\x30\x03\x06\x01\x2b", 7, ERR_FORMAT},                  /* no value */
		{"\x30\x09\x30\x07\x06\x01\x2b\x05\x00\x05\x00", 11, ERR_FORMAT}, /* two values */
		{"\x30\x08\x30\x06\x06\x01\x2b\x04\x05\x41", 10, ERR_FORMAT}, /* value runs over */
		{"\x30\x07\x30\x05\x06\x01\x2b\x24\x80", 9, ERR_FORMAT},      /* indefinite value */
		{"\x30\x07\x30\x05\x06\x09\x2b\x05\x00", 9, ERR_FORMAT},      /* name runs over */
	};
	struct snmp_incoming in;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(decode_list(&in, rows[i].bytes, rows[i].len), rows[i].err);
}

/* A number that libnetsnmp would change has no value. */
static void test_numbers_are_exact_or_missing(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		size_t len;
		int64_t want;
		bool is_refused;
	} rows[] = {
		{"\x41\x01\x7f", 3, 127, false},
		{"\x41\x01\x85", 3, 0, true},                       /* short, with the sign's bit */
		{"\x41\x04\xff\xff\xff\x85", 6, 0xffffff85, false}, /* no leading zero */
		{"\x41\x05\x00\xff\xff\xff\x85", 7, 0xffffff85, false},
		{"\x42\x02\x80\x01", 4, 0, true},
		{"\x02\x01\xff", 3, -1, false},
		{"\x02\x04\x80\x00\x00\x00", 6, INT32_MIN, false},
		{"\x02\x05\x00\xff\xff\xff\xff", 7, 0xffffffff, false},
		{"\x02\x06\x01\x00\x00\x00\x00\x07", 8, 0, true}, /* cut to 7 */
		{"\x46\x08\xff\x00\x00\x00\x00\x00\x00\x01", 10, (int64_t)0xff00000000000001,
			false},
		{"\x46\x01\x80", 3, 0, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct snmp_incoming in;
		char list[40] = {0x30, (char)(rows[i].len + 5), 0x30, (char)(rows[i].len + 3), 0x06,
			0x01, 0x2b};
		memcpy(list + 7, rows[i].value, rows[i].len);
		assert_int_equal(decode_list(&in, list, rows[i].len + 7), 0);
		assert_int_equal(in.count, 1);
		int64_t v = 0;
		uint64_t u = 0;
		bool is_signed = in.varbinds[0].type == BER_INTEGER;
		int err = is_signed ? varbind_integer(&in.varbinds[0], &v)
				    : varbind_unsigned(&in.varbinds[0], &u);
		assert_int_equal(err, rows[i].is_refused ? ERR_RANGE : 0);
		if (err == 0)
			assert_true((is_signed ? v : (int64_t)u) == rows[i].want);
	}
}

/* sysDescr.0 "ok" behind each of them stays. */
static void test_value_that_cannot_be_decoded_costs_itself_alone(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		uint8_t len;
	} rows[] = {
		{"\x49\x01\x07", 3},                 /* a type that no RFC defines */
		{"\x9f\x78\x04\x01\x02\x03\x04", 7}, /* a type number of two bytes */
		{"\x40\x05\x7f\x00\x00\x01\x01", 7}, /* an IpAddress of five bytes */
		{"\x40\x00", 2},
		{"\x06\x03\x2b\x80\x01", 5}, /* a padded sub-identifier */
		{"\x06\x02\x2b\x86", 4},     /* a cut one */
		{"\x02\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09", 11},
		{"\x46\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a", 12},
	};
	static const char good[] = "\x30\x09\x06\x03\x2b\x06\x01\x04\x02ok";
	enum { GOOD = sizeof good - 1 };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct snmp_incoming in;
		char text[8], list[40] = {0x30, (char)(rows[i].len + 5 + GOOD), 0x30,
				      (char)(rows[i].len + 3), 0x06, 0x01, 0x2b};
		memcpy(list + 7, rows[i].value, rows[i].len);
		memcpy(list + 7 + rows[i].len, good, GOOD);
		int err = decode_list(&in, list, rows[i].len + 7 + GOOD);
		if (rows[i].value[0] == '\x9f') { /* BER of the message itself is broken */
			assert_int_equal(err, ERR_FORMAT);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(in.count, 2);
		assert_int_equal(in.varbinds[0].len, 0);
		assert_int_equal(varbind_text(&in.varbinds[1], text, sizeof text), 2);
		assert_memory_equal(text, "ok", 2);
	}
}

/* An error-status of 2^32 is no 0. */
static void test_wide_error_numbers_are_refused(void **state)
{
	(void)state;
	struct snmp_incoming in;
	uint8_t bytes[] = {0x30, 0x1f, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l', 'i', 'c', 0xa2, 0x12, 2,
		4, 0, 0, 0, 7, 2, 5, 0, 0, 0, 0, 0, 2, 1, 0, 0x30, 0};
	assert_int_equal(decode_community(&in, bytes, sizeof bytes), 0);
	bytes[23] = 0xff;
	assert_true(decode_community(&in, bytes, sizeof bytes) < 0);
}

static void test_request_ids_of_other_widths(void **state)
{
	(void)state;
	static const uint8_t narrow[] = {
		0x30, 0x0a, 0x02, 0x01, 0x01, 0x04, 0x00, 0xa2, 0x03, 0x02, 0x01, 0xff};
	uint32_t id = 0;
	uint8_t version;
	assert_int_equal(snmp_message_peek(narrow, sizeof narrow, &version, &id), 0);
	assert_true(id == 0xffffffffu);
}

/* Damaged messages: nothing is read outside of the bytes, whatever is flipped. ASan watches. */
static void test_damaged_messages_stay_inside(void **state)
{
	(void)state;
	unsigned seed = 9;
	unsigned long rounds = test_count("MESSAGE_MUTATIONS"), decoded = 0;
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
		struct snmp_incoming in;
		if (decode_community(&in, bytes, len) == 0) {
			decoded++;
			for (size_t i = 0; i < in.count; i++)
				assert_true(in.varbinds[i].name.p >= bytes &&
					    in.varbinds[i].name.p + in.varbinds[i].name.len <=
						    bytes + len);
		}
		free(bytes);
	}
	assert_true(decoded > 0 && decoded < rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_is_encoded_as_rfc_1157_has_it),
		cmocka_unit_test(test_request_is_decoded_as_it_was_encoded),
		cmocka_unit_test(test_message_stays_within_its_limit),
		cmocka_unit_test(test_response_is_decoded),
		cmocka_unit_test(test_truncated_messages_are_refused),
		cmocka_unit_test(test_malformed_messages_are_refused),
		cmocka_unit_test(test_malformed_lists_are_refused),
		cmocka_unit_test(test_numbers_are_exact_or_missing),
		cmocka_unit_test(test_value_that_cannot_be_decoded_costs_itself_alone),
		cmocka_unit_test(test_wide_error_numbers_are_refused),
		cmocka_unit_test(test_request_ids_of_other_widths),
		cmocka_unit_test(test_damaged_messages_stay_inside),
	};
	int failed = cmocka_run_group_tests_name("snmp/message", tests, NULL, NULL);
	decode_free();
	return failed;
}
