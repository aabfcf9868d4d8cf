/* SPDX-License-Identifier: Apache-2.0
 * SNMPv3 messages as bytes: what we encode is what RFC 3412 and 3414 draw, the places told for
 * digest and cipher are right, and nothing in a message is used before its length was checked. */
#include "proto/smi/snmp3.h"

#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t engine[] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'r', 'i', 'n', 't', 'e', 'r'};
static const uint8_t salt[SNMP3_SALT] = {1, 2, 3, 4, 5, 6, 7, 8};

static struct snmp_request ask(uint8_t pdu, unsigned oids)
{
	static const uint8_t sys[] = {0x2b, 6, 1, 2, 1, 1};
	struct snmp_request q;
	snmp_request_begin(&q, pdu);
	for (unsigned i = 0; i < oids; i++) {
		uint8_t tail[] = {(uint8_t)(i + 1), 0};
		assert_int_equal(snmp_request_add(&q, (struct oid_ber){sys, sizeof sys},
					 (struct oid_ber){tail, sizeof tail}, 1400),
			0);
	}
	return q;
}

static struct snmp3_out auth_priv(void)
{
	return (struct snmp3_out){.msg_id = 0x12345678,
		.request_id = 0x23456789,
		.flags = SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV | SNMP3_FLAG_REPORTABLE,
		.auth_len = 24,
		.engine_id = engine,
		.engine_id_len = sizeof engine,
		.user = "platen",
		.user_len = 6,
		.context = "tray",
		.context_len = 4,
		.boots = 7,
		.time = 100000,
		.salt = salt,
		.is_padded = true};
}

static void the_probe_on_the_wire(void **state)
{
	(void)state;
	/* As scanners send it; by hand from RFC 3412 section 6 and RFC 3414 sections 2.4 and 4. */
	static const uint8_t want[] = {0x30, 0x39, 0x02, 0x01, 0x03, 0x30, 0x0e, 0x02, 0x02, 0x4a,
		0x69, 0x02, 0x02, 0x20, 0x00, 0x04, 0x01, 0x04, 0x02, 0x01, 0x03, 0x04, 0x10, 0x30,
		0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00, 0x04,
		0x00, 0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c, 0x02, 0x02, 0x37, 0xf0, 0x02,
		0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};
	uint8_t out[128];
	int n = snmp3_encode_probe(out, sizeof out, 0x4a69, 0x37f0);
	assert_int_equal(n, sizeof want);
	assert_memory_equal(out, want, sizeof want);
	for (size_t cap = 0; cap < sizeof want; cap++)
		assert_int_equal(snmp3_encode_probe(out, cap, 0x4a69, 0x37f0), ERR_FULL);
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

static void a_probed_engine_is_told(void **state)
{
	(void)state;
	uint8_t bytes[160];
	struct snmp3_msg head;
	size_t len = make_report(bytes, 4, SNMP_REPORT);
	assert_int_equal(snmp3_parse_probed(&head, bytes, len), 0);
	assert_int_equal(head.msg_id, 0x4a69);
	assert_int_equal(head.max_size, 65507);
	assert_int_equal(head.engine_id_len, sizeof engine);
	assert_memory_equal(head.engine_id, engine, sizeof engine);
	assert_int_equal(head.boots, 7);
	assert_int_equal(head.time, 4096);
	len = make_report(bytes, 4, SNMP_RESPONSE);
	assert_int_equal(snmp3_parse_probed(&head, bytes, len), ERR_TYPE);
	len = make_report(bytes, 4, SNMP_REPORT);
	for (size_t cut = 0; cut < len; cut++)
		assert_true(snmp3_parse_probed(&head, bytes, cut) < 0);
	bytes[len] = 0;
	assert_int_equal(snmp3_parse_probed(&head, bytes, len + 1), ERR_FORMAT);
}

static void each_report_has_its_name(void **state)
{
	(void)state;
	static const enum usm_trouble want[] = {USM_TROUBLE_OTHER, USM_TROUBLE_LEVEL,
		USM_TROUBLE_WINDOW, USM_TROUBLE_USER, USM_TROUBLE_ENGINE, USM_TROUBLE_DIGEST,
		USM_TROUBLE_CIPHER, USM_TROUBLE_OTHER};
	for (uint8_t n = 0; n < 8; n++) {
		uint8_t bytes[160];
		struct snmp3_msg head;
		struct snmp3_scope scope;
		struct snmp_msg m;
		struct varbind vb[2];
		size_t len = make_report(bytes, n, SNMP_REPORT);
		assert_int_equal(snmp3_parse_head(&head, bytes, len), 0);
		assert_int_equal(
			snmp3_parse_scoped(&scope, &m, vb, 2, head.data, head.data_len, 0), 0);
		assert_int_equal(m.pdu, SNMP_REPORT);
		assert_int_equal(snmp3_report(vb, m.varbinds), want[n]);
	}
	static const uint8_t contexts[] = {0x2b, 6, 1, 6, 3, 12, 1, 5, 0};
	struct varbind vb = {.name = {contexts, sizeof contexts}};
	assert_int_equal(snmp3_report(&vb, 1), USM_TROUBLE_CONTEXT);
	vb.name.len--;
	assert_int_equal(snmp3_report(&vb, 1), USM_TROUBLE_OTHER);
	assert_int_equal(snmp3_report(&vb, 0), USM_TROUBLE_OTHER);
}

static void what_is_encoded_is_read_back(void **state)
{
	(void)state;
	for (unsigned oids = 0; oids <= 20; oids++) {
		struct snmp_request q = ask(SNMP_GETBULK, oids);
		q.non_repeaters = 1;
		q.max_repetitions = 300;
		struct snmp3_out o = auth_priv();
		struct snmp_pdu_out pdu;
		struct snmp3_at at;
		struct snmp3_msg head;
		struct snmp3_scope scope;
		struct snmp_msg m;
		struct varbind vb[32];
		uint8_t list[1400], out[LIMIT_REQUEST_BYTES];
		assert_int_equal(snmp_question_list(list, sizeof list, &q, &pdu), q.list_len);
		int n = snmp3_encode(out, sizeof out, &o, &pdu, &at);
		assert_true(n > 0);
		assert_int_equal(at.scoped_at + at.scoped_len, n);
		assert_int_equal(at.scoped_len % SNMP3_PADDING, 0);
		for (unsigned i = 0; i < o.auth_len; i++)
			assert_int_equal(out[at.auth_at + i], 0);
		assert_int_equal(snmp3_parse_head(&head, out, (size_t)n), 0);
		assert_int_equal(head.msg_id, o.msg_id);
		assert_int_equal(head.flags, o.flags);
		assert_int_equal(head.boots, 7);
		assert_int_equal(head.time, 100000);
		assert_int_equal(head.user_len, 6);
		assert_memory_equal(head.user, "platen", 6);
		assert_ptr_equal(head.auth, out + at.auth_at);
		assert_int_equal(head.auth_len, 24);
		assert_memory_equal(head.salt, salt, sizeof salt);
		assert_ptr_equal(head.data, out + at.scoped_at);
		assert_int_equal(head.data_len, at.scoped_len);
		assert_int_equal(snmp3_parse_scoped(&scope, &m, vb, 32, head.data, head.data_len,
					 SNMP3_PADDING),
			0);
		assert_int_equal(scope.engine_id_len, sizeof engine);
		assert_memory_equal(scope.engine_id, engine, sizeof engine);
		assert_int_equal(scope.context_len, 4);
		assert_memory_equal(scope.context, "tray", 4);
		assert_int_equal(m.pdu, SNMP_GETBULK);
		assert_int_equal(m.request_id, o.request_id);
		assert_int_equal(m.error_status, 1);
		assert_int_equal(m.error_index, 300);
		assert_int_equal(m.varbinds, oids);
		const uint8_t *p = pdu.list;
		struct oid_ber name;
		for (unsigned i = 0; i < oids; i++) {
			assert_true(snmp_list_next(&p, pdu.list + pdu.list_len, &name));
			assert_true(oid_ber_is_equal(name, vb[i].name));
		}
		assert_false(snmp_list_next(&p, pdu.list + pdu.list_len, &name));
		uint32_t id = 0;
		assert_int_equal(snmp3_peek_id(out, (size_t)n, &id), 0);
		assert_int_equal(id, o.msg_id);
		assert_int_equal(snmp_msg_peek_id(out, (size_t)n, &id), ERR_VERSION);
		for (int cap = 0; cap < n; cap++)
			assert_int_equal(snmp3_encode(out, (size_t)cap, &o, &pdu, &at), ERR_FULL);
	}
}

/* What a question is allowed for is what its message takes, whatever is around it. */
static void the_overhead_is_never_more_than_told(void **state)
{
	(void)state;
	unsigned seed = 3;
	static const uint8_t id[SNMP3_ENGINE_ID];
	static const char text[33] = "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";
	for (int round = 0; round < 3000; round++) {
		struct snmp_request q = ask(SNMP_GET, (unsigned)rand_r(&seed) % 60);
		struct snmp3_out o = {.msg_id = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.request_id = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.flags = (uint8_t)(rand_r(&seed) % 2 == 0 ? 7 : 4),
			.auth_len = (uint8_t)(rand_r(&seed) % 49),
			.engine_id = id,
			.engine_id_len = (uint8_t)(rand_r(&seed) % 33),
			.user = text,
			.user_len = (uint8_t)(rand_r(&seed) % 33),
			.context = text,
			.context_len = (uint8_t)(rand_r(&seed) % 33),
			.boots = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.time = (uint32_t)rand_r(&seed) >> rand_r(&seed) % 31,
			.salt = salt,
			.is_padded = rand_r(&seed) % 2 == 0};
		struct snmp_pdu_out pdu;
		struct snmp3_at at;
		uint8_t list[1400], out[2048], plain[2048];
		assert_true(snmp_question_list(list, sizeof list, &q, &pdu) >= 0);
		int n = snmp3_encode(out, sizeof out, &o, &pdu, &at);
		int v2c = snmp_msg_encode(plain, sizeof plain, SNMP_V2C, "", 0, o.request_id, &q);
		assert_true(n > 0 && v2c > 0);
		assert_true((size_t)n <= (size_t)v2c + snmp3_overhead(&o));
	}
	struct snmp3_out o = auth_priv();
	struct snmp_pdu_out none = {.pdu = SNMP_GET};
	struct snmp3_at at;
	uint8_t out[256];
	o.user_len = SNMP3_USER + 1;
	assert_int_equal(snmp3_encode(out, sizeof out, &o, &none, &at), ERR_LIMIT);
}

static void what_is_no_message_is_refused(void **state)
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
		{9, 0xca, ERR_RANGE},   /* msgID below zero */
		{13, 0x80, ERR_RANGE},  /* msgMaxSize below zero */
		{18, 2, ERR_FORMAT},    /* privacy without authentication */
		{21, 1, ERR_TYPE},      /* another security model */
		{23, 0x1c, ERR_SHORT},  /* parameters shorter than their SEQUENCE */
		{25, 0x1a, ERR_FORMAT}, /* and the SEQUENCE shorter than its contents */
		{42, 0x87, ERR_RANGE},  /* boots below zero */
		{53, 0x04, ERR_FORMAT}, /* no scopedPDU */
	};
	uint8_t good[160], bytes[160];
	struct snmp3_msg head;
	size_t len = make_report(good, 4, SNMP_REPORT);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memcpy(bytes, good, len);
		bytes[rows[i].at] = rows[i].byte;
		assert_int_equal(snmp3_parse_head(&head, bytes, len), rows[i].err);
	}
}

/* Damaged messages: no answer outside its bytes, whatever is flipped. ASan watches. */
static void damage_never_leads_outside(void **state)
{
	(void)state;
	unsigned seed = 11;
	unsigned long rounds = test_count("MESSAGE_MUTATIONS"), parsed = 0;
	uint8_t good[160];
	size_t n = make_report(good, 4, SNMP_REPORT);
	for (unsigned long round = 0; round < rounds; round++) {
		size_t len = rand_r(&seed) % 4 == 0 ? (size_t)rand_r(&seed) % n : n;
		uint8_t *bytes = malloc(len > 0 ? len : 1);
		assert_non_null(bytes);
		memcpy(bytes, good, len);
		for (int flips = rand_r(&seed) % 4; flips > 0 && len > 0; flips--)
			bytes[(size_t)rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
		struct snmp3_msg head;
		struct snmp3_scope scope;
		struct snmp_msg m;
		struct varbind vb[2];
		if (snmp3_parse_head(&head, bytes, len) == 0) {
			assert_true(head.data >= bytes && head.data + head.data_len == bytes + len);
			if (snmp3_parse_scoped(&scope, &m, vb, 2, head.data, head.data_len, 8) ==
				0) {
				parsed++;
				for (size_t i = 0; i < m.varbinds; i++)
					assert_true(vb[i].value + vb[i].len <= bytes + len);
			}
		}
		free(bytes);
	}
	assert_true(parsed > rounds / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_probe_on_the_wire),
		cmocka_unit_test(a_probed_engine_is_told),
		cmocka_unit_test(each_report_has_its_name),
		cmocka_unit_test(what_is_encoded_is_read_back),
		cmocka_unit_test(the_overhead_is_never_more_than_told),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(damage_never_leads_outside),
	};
	return cmocka_run_group_tests_name("proto/smi/snmp3", tests, NULL, NULL);
}
