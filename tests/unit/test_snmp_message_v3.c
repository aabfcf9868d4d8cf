/* SPDX-License-Identifier: Apache-2.0
 * SNMPv3 messages by libnetsnmp: the probe and the envelope are the bytes that RFC 3412 and RFC
 * 3414 draw, their overhead is within what was promised, and malformed envelopes are refused. */
#include "engine/snmp/library.h"

#include "tests/counts.h"
#include "tests/kit/snmp_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t engine[] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'r', 'i', 'n', 't', 'e', 'r'};
static const uint8_t salt[SNMP3_SALT] = {1, 2, 3, 4, 5, 6, 7, 8};

static void test_probe_is_encoded_as_rfc_3414_has_it(void **state)
{
	(void)state;
	/* As scanners send it; by hand from RFC 3412 section 6 and RFC 3414 sections 2.4 and 4. */
	static const uint8_t want[] = {0x30, 0x39, 0x02, 0x01, 0x03, 0x30, 0x0e, 0x02, 0x02, 0x4a,
		0x69, 0x02, 0x02, 0x20, 0x00, 0x04, 0x01, 0x04, 0x02, 0x01, 0x03, 0x04, 0x10, 0x30,
		0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00, 0x04,
		0x00, 0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c, 0x02, 0x02, 0x37, 0xf0, 0x02,
		0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};
	uint8_t out[128];
	int n = snmp_probe_encode(out, sizeof out, 0x4a69, 0x37f0);
	assert_int_equal(n, sizeof want);
	assert_memory_equal(out, want, sizeof want);
	for (size_t cap = 0; cap < sizeof want; cap++)
		assert_int_equal(snmp_probe_encode(out, cap, 0x4a69, 0x37f0), ERR_LIMIT);
}

/* A REPORT usmStatsUnknownEngineIDs.0 = 5, as net-snmp sends it. */
static size_t make_report(uint8_t *dst, uint8_t n, uint8_t pdu)
{
	static const uint8_t bytes[] = {0x30, 0x60, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02, 0x02, 0x4a,
		0x69, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03, 0x04, 0x1d,
		0x30, 0x1b, 0x04, 0x0c, 0x80, 0, 0x1f, 0x88, 4, 'p', 'r', 'i', 'n', 't', 'e', 'r',
		0x02, 0x01, 0x07, 0x02, 0x02, 0x10, 0x00, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30,
		0x2b, 0x04, 0x0c, 0x80, 0, 0x1f, 0x88, 4, 'p', 'r', 'i', 'n', 't', 'e', 'r', 0x04,
		0x00, 0xa8, 0x19, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0e,
		0x30, 0x0c, 0x06, 0x08 /* cut: the name follows */};
	static const uint8_t name[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, 4, 0, 0x41, 0x01, 0x05};
	size_t len = sizeof bytes + sizeof name;
	memcpy(dst, bytes, sizeof bytes);
	memcpy(dst + sizeof bytes, name, sizeof name);
	dst[sizeof bytes + 8] = n;
	/* Lengths, from the inside out: a name of ten bytes. */
	dst[sizeof bytes - 1] = 10;
	dst[sizeof bytes - 3] = 15;
	dst[sizeof bytes - 5] = 17;
	dst[sizeof bytes - 16] = 28;
	dst[sizeof bytes - 17] = pdu;
	dst[54] = (uint8_t)(len - 55);
	dst[1] = (uint8_t)(len - 2);
	return len;
}

static void test_probed_engine_is_decoded(void **state)
{
	(void)state;
	uint8_t bytes[160];
	struct usm_message head;
	size_t len = make_report(bytes, 4, SNMP_REPORT);
	assert_int_equal(usm_probed_parse(&head, bytes, len), 0);
	assert_int_equal(head.msg_id, 0x4a69);
	assert_int_equal(head.engine_id_len, sizeof engine);
	assert_memory_equal(head.engine_id, engine, sizeof engine);
	assert_int_equal(head.boots, 7);
	assert_int_equal(head.time, 4096);
	len = make_report(bytes, 4, SNMP_RESPONSE);
	assert_int_equal(usm_probed_parse(&head, bytes, len), ERR_TYPE);
	len = make_report(bytes, 4, SNMP_REPORT);
	for (size_t cut = 0; cut < len; cut++)
		assert_true(usm_probed_parse(&head, bytes, cut) < 0);
	bytes[len] = 0;
	assert_int_equal(usm_probed_parse(&head, bytes, len + 1), ERR_FORMAT);
}

static void test_report_names_its_error(void **state)
{
	(void)state;
	static const enum usm_trouble want[] = {USM_TROUBLE_OTHER, USM_TROUBLE_LEVEL,
		USM_TROUBLE_WINDOW, USM_TROUBLE_USER, USM_TROUBLE_ENGINE, USM_TROUBLE_DIGEST,
		USM_TROUBLE_CIPHER, USM_TROUBLE_OTHER};
	for (uint8_t n = 0; n < 8; n++) {
		uint8_t bytes[160];
		struct usm_message head;
		struct snmp_incoming in;
		size_t len = make_report(bytes, n, SNMP_REPORT);
		assert_int_equal(usm_message_parse(&head, bytes, len), 0);
		assert_int_equal(decode_scoped(&in, head.data, head.data_len, 0), 0);
		assert_int_equal(in.pdu, SNMP_REPORT);
		assert_int_equal(usm_report_trouble(in.varbinds, in.count), want[n]);
	}
	static const uint8_t contexts[] = {0x2b, 6, 1, 6, 3, 12, 1, 5, 0};
	struct varbind vb = {.name = {contexts, sizeof contexts}};
	assert_int_equal(usm_report_trouble(&vb, 1), USM_TROUBLE_CONTEXT);
	vb.name.len--;
	assert_int_equal(usm_report_trouble(&vb, 1), USM_TROUBLE_OTHER);
	assert_int_equal(usm_report_trouble(&vb, 0), USM_TROUBLE_OTHER);
}

static struct usm_envelope auth_priv(void)
{
	return (struct usm_envelope){.msg_id = 0x12345678,
		.flags = SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV | SNMP3_FLAG_REPORTABLE,
		.auth_len = 24,
		.engine_id = engine,
		.engine_id_len = sizeof engine,
		.user = "platen",
		.user_len = 6,
		.boots = 7,
		.time = 100000,
		.salt = salt};
}

static void test_envelope_is_parsed_as_it_was_encoded(void **state)
{
	(void)state;
	struct usm_envelope e = auth_priv();
	struct usm_message m;
	uint8_t data[600], out[LIMIT_REQUEST_BYTES];
	memset(data, 0x5a, sizeof data);
	for (size_t len = 8; len <= sizeof data; len += 37) {
		size_t auth_at;
		int n = snmp_envelope_encode(out, sizeof out, &e, data, len, &auth_at);
		assert_true(n > 0);
		for (unsigned i = 0; i < e.auth_len; i++)
			assert_int_equal(out[auth_at + i], 0);
		assert_int_equal(usm_message_parse(&m, out, (size_t)n), 0);
		assert_int_equal(m.msg_id, e.msg_id);
		assert_int_equal(m.flags, e.flags);
		assert_int_equal(m.boots, 7);
		assert_int_equal(m.time, 100000);
		assert_int_equal(m.user_len, 6);
		assert_memory_equal(m.user, "platen", 6);
		assert_ptr_equal(m.auth, out + auth_at);
		assert_int_equal(m.auth_len, 24);
		assert_memory_equal(m.salt, salt, sizeof salt);
		assert_int_equal(m.data_len, len);
		assert_memory_equal(m.data, data, len);
		uint32_t id = 0;
		uint8_t version;
		assert_int_equal(snmp_message_peek(out, (size_t)n, &version, &id), 0);
		assert_int_equal(id, e.msg_id);
		for (int cap = 0; cap < n; cap++)
			assert_int_equal(
				snmp_envelope_encode(out, (size_t)cap, &e, data, len, &auth_at),
				ERR_LIMIT);
	}
	size_t auth_at;
	e.user_len = SNMP3_USER + 1;
	assert_int_equal(snmp_envelope_encode(out, sizeof out, &e, data, 8, &auth_at), ERR_LIMIT);
}

/* The overhead allowed for a request is that of its message, whatever is around it. */
static void test_overhead_is_never_exceeded(void **state)
{
	(void)state;
	unsigned seed = 3;
	static const uint8_t id[SNMP3_ENGINE_ID], sys[] = {0x2b, 6, 1, 2, 1, 1};
	static const char text[33] = "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";
	for (int round = 0; round < 3000; round++) {
		struct snmp_request q;
		snmp_request_begin(&q, SNMP_GET);
		for (int i = rand_r(&seed) % 60; i > 0; i--) {
			uint8_t tail[] = {(uint8_t)i, 0};
			assert_int_equal(snmp_request_add(&q, (struct oid_ber){sys, sizeof sys},
						 (struct oid_ber){tail, sizeof tail}, 1400),
				0);
		}
		struct usm_envelope e = {.msg_id = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.flags = (uint8_t)(rand_r(&seed) % 2 == 0 ? 7 : 4),
			.auth_len = (uint8_t)(rand_r(&seed) % 49),
			.engine_id = id,
			.engine_id_len = (uint8_t)(rand_r(&seed) % 33),
			.user = text,
			.user_len = (uint8_t)(rand_r(&seed) % 33),
			.boots = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.time = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.salt = salt};
		uint32_t request_id = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31;
		size_t context_len = (size_t)rand_r(&seed) % 33, auth_at;
		bool is_padded = rand_r(&seed) % 2 == 0;
		uint8_t scoped[2048], out[2048], plain[2048];
		int len = snmp_scoped_encode(
			scoped, sizeof scoped, &e, text, context_len, request_id, &q);
		assert_true(len > 0);
		while (is_padded && (e.flags & SNMP3_FLAG_PRIV) != 0 && len % SNMP3_PADDING != 0)
			scoped[len++] = 0;
		int n = snmp_envelope_encode(out, sizeof out, &e, scoped, (size_t)len, &auth_at);
		int v2c = snmp_message_encode(
			plain, sizeof plain, SNMP_V2C, "", 0, request_id, &q, NULL);
		assert_true(n > 0 && v2c > 0);
		assert_true((size_t)n <=
			    (size_t)v2c + snmp_envelope_overhead(&e, context_len, is_padded));
	}
}

static void test_malformed_envelopes_are_refused(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint8_t byte;
		int err;
	} rows[] = {
		{0, 0x31, ERR_FORMAT},  /* no SEQUENCE */
		{4, 2, ERR_VERSION},    /* version 2 */
		{4, 1, ERR_VERSION},    /* v2c */
		{9, 0xca, ERR_FORMAT},  /* msgID below zero */
		{13, 0x80, ERR_FORMAT}, /* msgMaxSize below zero */
		{18, 2, ERR_FORMAT},    /* privacy without authentication */
		{21, 1, ERR_TYPE},      /* another security model */
		{23, 0x1c, ERR_FORMAT}, /* parameters shorter than their SEQUENCE */
		{25, 0x1a, ERR_FORMAT}, /* and the SEQUENCE shorter than its contents */
		{42, 0x87, ERR_FORMAT}, /* boots below zero */
		{53, 0x04, ERR_FORMAT}, /* no scopedPDU */
	};
	uint8_t good[160], bytes[160];
	struct usm_message head;
	size_t len = make_report(good, 4, SNMP_REPORT);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memcpy(bytes, good, len);
		bytes[rows[i].at] = rows[i].byte;
		assert_int_equal(usm_message_parse(&head, bytes, len), rows[i].err);
	}
}

/* Damaged messages: nothing is read outside of the bytes, whatever is flipped. ASan watches. */
static void test_damaged_envelopes_stay_inside(void **state)
{
	(void)state;
	unsigned seed = 11;
	unsigned long rounds = test_count("MESSAGE_MUTATIONS"), decoded = 0;
	uint8_t good[160];
	size_t n = make_report(good, 4, SNMP_REPORT);
	for (unsigned long round = 0; round < rounds; round++) {
		size_t len = rand_r(&seed) % 4 == 0 ? (size_t)rand_r(&seed) % n : n;
		uint8_t *bytes = malloc(len > 0 ? len : 1);
		assert_non_null(bytes);
		memcpy(bytes, good, len);
		for (int flips = rand_r(&seed) % 4; flips > 0 && len > 0; flips--)
			bytes[(size_t)rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
		struct usm_message m;
		struct snmp_incoming in;
		if (usm_message_parse(&m, bytes, len) == 0) {
			assert_true(m.data >= bytes && m.data + m.data_len == bytes + len);
			decoded += decode_scoped(&in, m.data, m.data_len, 8) == 0;
		}
		free(bytes);
	}
	assert_true(decoded > rounds / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe_is_encoded_as_rfc_3414_has_it),
		cmocka_unit_test(test_probed_engine_is_decoded),
		cmocka_unit_test(test_report_names_its_error),
		cmocka_unit_test(test_envelope_is_parsed_as_it_was_encoded),
		cmocka_unit_test(test_overhead_is_never_exceeded),
		cmocka_unit_test(test_malformed_envelopes_are_refused),
		cmocka_unit_test(test_damaged_envelopes_stay_inside),
	};
	int failed = cmocka_run_group_tests_name("snmp/message_v3", tests, NULL, NULL);
	decode_free();
	return failed;
}
