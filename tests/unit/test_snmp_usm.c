/* SPDX-License-Identifier: Apache-2.0
 * The security model's keys, digests and ciphers, against the vectors of RFC 3414 and against
 * libnetsnmp, for every pair of protocols; users whose passphrases change; the engine's clock. */
#include "engine/snmp/usm_internal.h"

#include "engine/loop/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <cmocka.h>

static const uint8_t engine_id[] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'r', 'i', 'n', 't', 'e', 'r'};

static struct usm_secret secret_of(uint8_t auth, uint8_t priv)
{
	return (struct usm_secret){.name = "platen",
		.name_len = 6,
		.auth = auth,
		.priv = priv,
		.auth_password = "maplesyrup",
		.auth_password_len = 10,
		.priv_password = "correct horse",
		.priv_password_len = 13};
}

static void make_user(struct usm_user *u, uint8_t auth, uint8_t priv)
{
	struct usm_secret s = secret_of(auth, priv);
	assert_int_equal(usm_user_init(u, &s), 0);
	assert_int_equal(usm_user_prepare_now(u, &s), 0);
	assert_true(u->is_ready);
}

static void make_peer(struct usm_peer *p, struct usm_user *u)
{
	usm_peer_init(p, u, "tray", 4);
	memcpy(p->engine.id, engine_id, sizeof engine_id);
	p->engine.id_len = sizeof engine_id;
	p->engine.boots = 3;
	p->engine.time = 5000;
	p->engine.is_time_trusted = true;
}

/* ---- libnetsnmp's side ------------------------------------------------------------------ */

static const struct {
	int type;
	size_t digest;
} their_auth[USM_AUTH_COUNT] = {{0, 0}, {NETSNMP_USMAUTH_HMACMD5, 16},
	{NETSNMP_USMAUTH_HMACSHA1, 20}, {NETSNMP_USMAUTH_HMAC128SHA224, 28},
	{NETSNMP_USMAUTH_HMAC192SHA256, 32}, {NETSNMP_USMAUTH_HMAC256SHA384, 48},
	{NETSNMP_USMAUTH_HMAC384SHA512, 64}};

static const int their_priv[USM_PRIV_COUNT] = {0, USM_CREATE_USER_PRIV_DES,
	USM_CREATE_USER_PRIV_AES, USM_CREATE_USER_PRIV_AES192, USM_CREATE_USER_PRIV_AES256,
	USM_CREATE_USER_PRIV_AES192_CISCO, USM_CREATE_USER_PRIV_AES256_CISCO};

struct theirs {
	oid *auth, *priv;
	size_t auth_len, priv_len;
	u_char auth_key[64], priv_key[128];
	size_t auth_key_len, priv_key_len;
};

static void localize(const struct theirs *t, const char *password, u_char *key, size_t *len)
{
	u_char ku[64], id[sizeof engine_id];
	size_t ku_len = sizeof ku;
	memcpy(id, engine_id, sizeof id);
	assert_int_equal(generate_Ku(t->auth, (u_int)t->auth_len, (const u_char *)password,
				 strlen(password), ku, &ku_len),
		SNMPERR_SUCCESS);
	*len = 64;
	assert_int_equal(
		generate_kul(t->auth, (u_int)t->auth_len, id, sizeof id, ku, ku_len, key, len),
		SNMPERR_SUCCESS);
}

static void make_theirs(struct theirs *t, unsigned auth, unsigned priv)
{
	t->auth = sc_get_auth_oid(their_auth[auth].type, &t->auth_len);
	assert_non_null(t->auth);
	localize(t, "maplesyrup", t->auth_key, &t->auth_key_len);
	if (priv == USM_PRIV_NONE)
		return;
	u_char *extended = calloc(1, 64), id[sizeof engine_id];
	assert_non_null(extended);
	memcpy(id, engine_id, sizeof id);
	t->priv = sc_get_priv_oid(their_priv[priv], &t->priv_len);
	assert_non_null(t->priv);
	localize(t, "correct horse", extended, &t->priv_key_len);
	u_int needed = (u_int)sc_get_proper_priv_length_bytype(their_priv[priv]);
	assert_int_equal(netsnmp_extend_kul(needed, t->auth, (u_int)t->auth_len, their_priv[priv],
				 id, sizeof id, &extended, &t->priv_key_len, 64),
		SNMPERR_SUCCESS);
	/* Of DES it counts the key only; the pre-IV is the eight bytes behind it. */
	t->priv_key_len = priv == USM_PRIV_DES ? 16 : needed;
	memcpy(t->priv_key, extended, t->priv_key_len);
	free(extended);
}

/* As usm.c of libnetsnmp makes it. */
static size_t their_iv(
	const struct theirs *t, unsigned priv, const struct usm_message *m, u_char *iv)
{
	if (priv == USM_PRIV_DES) {
		for (int i = 0; i < 8; i++)
			iv[i] = t->priv_key[8 + i] ^ m->salt[i];
		return 8;
	}
	for (int i = 0; i < 4; i++) {
		iv[i] = (u_char)(m->boots >> (24 - 8 * i));
		iv[4 + i] = (u_char)(m->time >> (24 - 8 * i));
	}
	memcpy(iv + 8, m->salt, 8);
	return 16;
}

static void check_digest(
	const struct theirs *t, const struct usm_message *m, const uint8_t *bytes, size_t len)
{
	u_char copy[LIMIT_REQUEST_BYTES], given[64];
	memcpy(copy, bytes, len);
	memcpy(given, m->auth, m->auth_len);
	memset(copy + (m->auth - bytes), 0, m->auth_len);
	assert_int_equal(sc_check_keyed_hash(t->auth, t->auth_len, t->auth_key,
				 (u_int)t->auth_key_len, copy, (u_int)len, given, m->auth_len),
		SNMPERR_SUCCESS);
}

static void check_cipher(
	const struct theirs *t, unsigned priv, const struct usm_message *m, struct usm_peer *p)
{
	u_char iv[16], cipher[LIMIT_REQUEST_BYTES], plain[LIMIT_REQUEST_BYTES], key[64];
	uint8_t ours[LIMIT_REQUEST_BYTES];
	size_t plain_len = sizeof plain, iv_len = their_iv(t, priv, m, iv);
	memcpy(cipher, m->data, m->data_len);
	memcpy(key, t->priv_key, t->priv_key_len);
	assert_int_equal(sc_decrypt(t->priv, t->priv_len, key, (u_int)t->priv_key_len, iv,
				 (u_int)iv_len, cipher, (u_int)m->data_len, plain, &plain_len),
		SNMPERR_SUCCESS);
	assert_int_equal(usm_decrypt(p, m, ours), m->data_len);
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
	size_t left = plain_len;
	pdu->contextEngineID = malloc(SNMP_MAX_ENG_SIZE);
	pdu->contextEngineIDLen = SNMP_MAX_ENG_SIZE;
	u_char *scoped = snmpv3_scopedPDU_parse(pdu, plain, &left);
	assert_non_null(scoped);
	assert_int_equal(snmp_pdu_parse(pdu, scoped, &left), 0);
	assert_int_equal(pdu->reqid, 99);
	assert_non_null(pdu->variables);
	assert_null(pdu->variables->next_variable);
	snmp_free_pdu(pdu);
	assert_memory_equal(plain, ours, m->data_len);
}

/* ---- tests ------------------------------------------------------------------------------ */

static void test_keys_match_the_vectors_of_rfc_3414(void **state)
{
	(void)state;
	static const uint8_t id[12] = {[11] = 2};
	static const struct {
		uint8_t auth;
		uint8_t ku[20], kul[20];
	} rows[] = {
		{USM_AUTH_MD5,
			{0x9f, 0xaf, 0x32, 0x83, 0x88, 0x4e, 0x92, 0x83, 0x4e, 0xbc, 0x98, 0x47,
				0xd8, 0xed, 0xd9, 0x63},
			{0x52, 0x6f, 0x5e, 0xed, 0x9f, 0xcc, 0xe2, 0x6f, 0x89, 0x64, 0xc2, 0x93,
				0x07, 0x87, 0xd8, 0x2b}},
		{USM_AUTH_SHA1,
			{0x9f, 0xb5, 0xcc, 0x03, 0x81, 0x49, 0x7b, 0x37, 0x93, 0x52, 0x89, 0x39,
				0xff, 0x78, 0x8d, 0x5d, 0x79, 0x14, 0x52, 0x11},
			{0x66, 0x95, 0xfe, 0xbc, 0x92, 0x88, 0xe3, 0x62, 0x82, 0x23, 0x5f, 0xc7,
				0x15, 0x1f, 0x12, 0x84, 0x97, 0xb3, 0x8f, 0x3f}},
	};
	for (size_t i = 0; i < 2; i++) {
		struct usm_user u;
		uint8_t kul[USM_KEY_MAX];
		size_t n = usm_digest_bytes(rows[i].auth);
		make_user(&u, rows[i].auth, USM_PRIV_NONE);
		assert_memory_equal(u.auth_key, rows[i].ku, n);
		assert_int_equal(usm_localize(kul, usm_suite_digest(rows[i].auth), u.auth_key, n,
					 id, sizeof id),
			0);
		assert_memory_equal(kul, rows[i].kul, n);
		usm_user_close(&u);
	}
}

static void test_every_suite_agrees_with_libnetsnmp(void **state)
{
	(void)state;
	static const uint8_t sys_uptime[] = {0x2b, 6, 1, 2, 1, 1, 3, 0};
	struct snmp_request q;
	struct usm_about about = {.msg_id = 42, .request_id = 99, .now_ms = 7000};
	uint8_t bytes[LIMIT_REQUEST_BYTES];
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, (struct oid_ber){sys_uptime, sizeof sys_uptime},
				 (struct oid_ber){NULL, 0}, 484),
		0);
	for (unsigned auth = USM_AUTH_MD5; auth < USM_AUTH_COUNT; auth++) {
		for (unsigned priv = 0; priv < USM_PRIV_COUNT; priv++) {
			struct usm_user u;
			struct usm_peer p;
			struct usm_derived d;
			struct theirs t = {0};
			struct usm_message m;
			make_user(&u, (uint8_t)auth, (uint8_t)priv);
			make_peer(&p, &u);
			make_theirs(&t, auth, priv);
			usm_derive_begin(&d, &p);
			assert_int_equal(usm_derive(&d), 0);
			assert_int_equal(t.auth_key_len, usm_digest_bytes((enum usm_auth)auth));
			assert_memory_equal(d.auth_key, t.auth_key, t.auth_key_len);
			assert_memory_equal(d.priv_key, t.priv_key, t.priv_key_len);
			assert_int_equal(usm_derive_end(&p, &d), 0);
			assert_true(usm_keys_are_good(&p));
			for (int round = 0; round < 3; round++) {
				int n = usm_write(&p, bytes, sizeof bytes, &about, &q);
				assert_true(n > 0);
				assert_int_equal(usm_message_parse(&m, bytes, (size_t)n), 0);
				assert_int_equal(m.time, 5007);
				check_digest(&t, &m, bytes, (size_t)n);
				assert_int_equal(usm_verify(&p, &m, bytes, (size_t)n), 0);
				if (priv != USM_PRIV_NONE)
					check_cipher(&t, priv, &m, &p);
				bytes[n - 1] ^= 1;
				assert_int_equal(
					usm_verify(&p, &m, bytes, (size_t)n), ERR_SNMP_DIGEST);
			}
			usm_peer_close(&p);
			usm_user_close(&u);
		}
	}
}

/* Last of all, as it stays so: HMAC as a validated module would do it is the same. */
static void test_hmac_of_the_fips_path_is_the_same(void **state)
{
	(void)state;
	uint8_t key[USM_KEY_MAX], bytes[300], before[USM_AUTH_COUNT][USM_KEY_MAX];
	uint8_t after[USM_KEY_MAX];
	memset(key, 7, sizeof key);
	memset(bytes, 9, sizeof bytes);
	for (unsigned a = USM_AUTH_MD5; a < USM_AUTH_COUNT; a++) {
		assert_non_null(usm_suite_digest((enum usm_auth)a));
		assert_int_equal(usm_hmac(before[a], (enum usm_auth)a, key, bytes, sizeof bytes,
					 100, usm_auth_bytes((enum usm_auth)a)),
			0);
	}
	usm_suite_use_fips();
	for (unsigned a = USM_AUTH_MD5; a < USM_AUTH_COUNT; a++) {
		assert_int_equal(usm_hmac(after, (enum usm_auth)a, key, bytes, sizeof bytes, 100,
					 usm_auth_bytes((enum usm_auth)a)),
			0);
		assert_memory_equal(before[a], after, usm_digest_bytes((enum usm_auth)a));
	}
}

static void test_salts_are_unique(void **state)
{
	(void)state;
	static const struct snmp_request none = {.pdu = SNMP_GET};
	struct usm_about about = {.msg_id = 1, .request_id = 1};
	for (unsigned priv = USM_PRIV_DES; priv < USM_PRIV_COUNT; priv++) {
		struct usm_user u;
		struct usm_peer p[2];
		uint8_t bytes[LIMIT_REQUEST_BYTES], seen[64][SNMP3_SALT];
		make_user(&u, USM_AUTH_SHA256, (uint8_t)priv);
		for (int i = 0; i < 64; i++) {
			struct usm_peer *one = &p[i % 2]; /* clones: one engineID, one key */
			struct usm_message m;
			if (i < 2)
				make_peer(one, &u);
			assert_int_equal(usm_keys_make(one), 0);
			int n = usm_write(one, bytes, sizeof bytes, &about, &none);
			assert_true(n > 0);
			assert_int_equal(usm_message_parse(&m, bytes, (size_t)n), 0);
			memcpy(seen[i], m.salt, SNMP3_SALT);
			for (int j = 0; j < i; j++)
				assert_memory_not_equal(seen[i], seen[j], SNMP3_SALT);
			if (priv == USM_PRIV_DES)
				assert_memory_equal(m.salt, "\0\0\0\3", 4);
		}
		usm_peer_close(&p[0]);
		usm_peer_close(&p[1]);
		usm_user_close(&u);
	}
}

static void test_invalid_credentials_are_refused(void **state)
{
	(void)state;
	struct usm_user u;
	struct usm_secret s = secret_of(USM_AUTH_NONE, USM_PRIV_DES);
	assert_int_equal(usm_user_init(&u, &s), ERR_LIMIT); /* privacy needs authentication */
	s = secret_of(USM_AUTH_MD5, USM_PRIV_NONE);
	s.auth_password_len = 7;
	assert_int_equal(usm_user_init(&u, &s), ERR_LIMIT);
	s.auth_password = NULL;
	assert_int_equal(usm_user_init(&u, &s), ERR_LIMIT);
	s = secret_of(USM_AUTH_COUNT, USM_PRIV_NONE);
	assert_int_equal(usm_user_init(&u, &s), ERR_LIMIT);
	s = secret_of(USM_AUTH_SHA1, USM_PRIV_NONE);
	s.name_len = SNMP3_USER + 1;
	assert_int_equal(usm_user_init(&u, &s), ERR_LIMIT);
	struct usm_peer p;
	s.name_len = 6;
	assert_int_equal(usm_user_init(&u, &s), 0);
	make_peer(&p, &u);
	assert_int_equal(usm_keys_make(&p), ERR_BUSY);
	usm_peer_close(&p);
	usm_user_close(&u);
}

/* ---- passphrases that change ------------------------------------------------------------ */

struct changing {
	struct loop *loop;
	struct workers *workers;
	struct usm_user user;
	int readies;
};

static void on_ready(void *owner, struct usm_user *user, int err)
{
	struct changing *c = owner;
	assert_ptr_equal(user, &c->user);
	assert_int_equal(err, 0);
	c->readies++;
}

static void test_passphrase_can_change_at_run_time(void **state)
{
	(void)state;
	struct changing c = {0};
	struct usm_secret s = secret_of(USM_AUTH_SHA256, USM_PRIV_AES128);
	char text[] = "the first one";
	assert_int_equal(loop_open(&c.loop, 8), 0);
	assert_int_equal(workers_open(&c.workers, c.loop), 0);
	s.auth_password = text;
	s.auth_password_len = sizeof text - 1;
	assert_int_equal(usm_user_init(&c.user, &s), 0);
	assert_int_equal(usm_user_prepare(&c.user, c.workers, &s, on_ready, &c), 0);
	assert_false(c.user.is_ready);
	/* Twice more before the first is done; the texts are ours again at once. */
	memcpy(text, "the other one", sizeof text);
	assert_int_equal(usm_user_prepare(&c.user, c.workers, &s, on_ready, &c), 0);
	memcpy(text, "maplesyrup", 10);
	s.auth_password_len = 10;
	assert_int_equal(usm_user_prepare(&c.user, c.workers, &s, on_ready, &c), 0);
	memset(text, 'x', sizeof text - 1);
	workers_close(c.workers);
	assert_int_equal(loop_run(c.loop), 0);
	assert_int_equal(loop_close(c.loop), 0);
	assert_int_equal(c.readies, 1);
	assert_int_equal(c.user.generation, 1);
	struct usm_user direct;
	make_user(&direct, USM_AUTH_SHA256, USM_PRIV_AES128);
	assert_memory_equal(c.user.auth_key, direct.auth_key, sizeof direct.auth_key);
	assert_memory_equal(c.user.priv_key, direct.priv_key, sizeof direct.priv_key);
	/* A peer's keys are of one generation. */
	struct usm_peer p;
	make_peer(&p, &c.user);
	assert_int_equal(usm_keys_make(&p), 0);
	s = secret_of(USM_AUTH_SHA256, USM_PRIV_AES128);
	s.auth_password = "another";
	s.auth_password_len = 7;
	assert_int_equal(usm_user_prepare_now(&c.user, &s), ERR_LIMIT);
	assert_true(usm_keys_are_good(&p));
	s.auth_password = "another one";
	s.auth_password_len = 11;
	assert_int_equal(usm_user_prepare_now(&c.user, &s), 0);
	assert_false(usm_keys_are_good(&p));
	assert_int_equal(usm_keys_make(&p), 0);
	assert_true(usm_keys_are_good(&p));
	usm_peer_close(&p);
	usm_user_close(&c.user);
	usm_user_close(&direct);
}

/* ---- clocks ----------------------------------------------------------------------------- */

static void test_time_window_is_150_seconds(void **state)
{
	(void)state;
	struct usm_engine e = {.boots = 5, .time = 1000, .at_ms = 10000, .is_time_trusted = true};
	assert_true(usm_clock_is_within(&e, 5, 1000, 10000));
	assert_true(usm_clock_is_within(&e, 5, 850, 10000));
	assert_false(usm_clock_is_within(&e, 5, 849, 10000));
	assert_true(usm_clock_is_within(&e, 5, 910, 70000));
	assert_false(usm_clock_is_within(&e, 5, 909, 70000));
	assert_true(usm_clock_is_within(&e, 5, 99999, 10000));
	assert_true(usm_clock_is_within(&e, 6, 0, 10000));
	assert_false(usm_clock_is_within(&e, 4, 99999, 10000));
	e.boots = INT32_MAX;
	assert_false(usm_clock_is_within(&e, INT32_MAX, 1000, 10000));
	e.is_time_trusted = false;
	assert_true(usm_clock_is_within(&e, 0, 0, 10000));
}

/* RFC 3414 2.2.2: an engine that has no boots left is never in the window; and no clock goes on
 * behind its last second. */
static void test_clock_stops_at_its_maximum(void **state)
{
	(void)state;
	uint32_t boots, time;
	struct usm_engine e = {
		.boots = 7, .time = INT32_MAX - 10, .at_ms = 1000, .is_time_trusted = true};
	usm_clock_now(&e, 6000, &boots, &time);
	assert_int_equal(time, INT32_MAX - 5);
	usm_clock_now(&e, UINT64_MAX / 2, &boots, &time);
	assert_int_equal(boots, 7);
	assert_int_equal(time, INT32_MAX);
	/* It begins anew with one boot more. */
	assert_true(usm_clock_is_within(&e, 8, 0, 60000));
	assert_false(usm_clock_is_within(&e, 7, 0, 60000));
	assert_true(usm_clock_is_within(&e, 7, INT32_MAX, UINT64_MAX / 2));
	e.boots = INT32_MAX;
	assert_false(usm_clock_is_within(&e, INT32_MAX, INT32_MAX, 60000));
}

/* A stored clock may be behind the printer's, or ahead, and our own clock may have gone back. */
static void test_stored_clock_is_verified_again(void **state)
{
	(void)state;
	struct usm_user u;
	struct usm_peer p;
	uint32_t boots, time;
	make_user(&u, USM_AUTH_SHA1, USM_PRIV_NONE);
	make_peer(&p, &u);
	usm_clock_set(&p, 3, 4000, true, 500000);
	usm_clock_now(&p.engine, 1000, &boots, &time);
	assert_int_equal(time, 4000);
	assert_true(usm_clock_is_within(&p.engine, 3, 4000 - 150, 1000));
	assert_false(usm_clock_is_within(&p.engine, 3, 4000 - 151, 1000));
	/* The printer has started twice since: an authentic message sets the clock at once. */
	assert_true(usm_clock_is_within(&p.engine, 5, 10, 1000));
	usm_clock_follow(&p, 5, 10, 1000);
	usm_clock_now(&p.engine, 3000, &boots, &time);
	assert_int_equal(boots, 5);
	assert_int_equal(time, 12);
	/* Its boots start again: only the response to an open request may set them. */
	assert_false(usm_clock_is_within(&p.engine, 0, 20, 4000));
	usm_clock_follow(&p, 0, 20, 4000);
	assert_int_equal(p.engine.boots, 5);
	usm_clock_set(&p, 0, 20, true, 4000);
	assert_true(usm_clock_is_within(&p.engine, 0, 20, 4000));
	usm_peer_close(&p);
	usm_user_close(&u);
}

static void test_clock_moves_forward_only(void **state)
{
	(void)state;
	struct usm_user u;
	struct usm_peer p;
	uint32_t boots, time;
	make_user(&u, USM_AUTH_SHA1, USM_PRIV_NONE);
	make_peer(&p, &u);
	usm_clock_follow(&p, 3, 4000, 1000);
	usm_clock_follow(&p, 2, 9000, 1000);
	assert_false(p.is_dirty);
	usm_clock_now(&p.engine, 60000, &boots, &time);
	assert_int_equal(boots, 3);
	assert_int_equal(time, 5060);
	usm_clock_follow(&p, 3, 5061, 60000);
	assert_false(p.is_dirty); /* a second is not worth a write */
	usm_clock_follow(&p, 4, 1, 61000);
	assert_true(p.is_dirty);
	p.is_dirty = false;
	usm_clock_set(&p, 1, 7, true, 62000);
	assert_true(p.is_dirty);
	usm_clock_now(&p.engine, 63000, &boots, &time);
	assert_int_equal(boots, 1);
	assert_int_equal(time, 8);
	usm_peer_close(&p);
	usm_user_close(&u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_match_the_vectors_of_rfc_3414),
		cmocka_unit_test(test_every_suite_agrees_with_libnetsnmp),
		cmocka_unit_test(test_salts_are_unique),
		cmocka_unit_test(test_invalid_credentials_are_refused),
		cmocka_unit_test(test_passphrase_can_change_at_run_time),
		cmocka_unit_test(test_time_window_is_150_seconds),
		cmocka_unit_test(test_clock_stops_at_its_maximum),
		cmocka_unit_test(test_stored_clock_is_verified_again),
		cmocka_unit_test(test_clock_moves_forward_only),
		cmocka_unit_test(test_hmac_of_the_fips_path_is_the_same),
	};
	(void)sc_init();
	return cmocka_run_group_tests_name("snmp/usm", tests, NULL, NULL);
}
