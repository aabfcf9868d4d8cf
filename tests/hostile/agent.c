/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hostile/agent.h"

#include "proto/smi/varbind.h"
#include "proto/mib/recording_agent.h"
#include "tools/sim/ber.h"
#include "tools/sim/garbage.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys --------------------------------------------------------------------------------- */

static void must(bool is_right)
{
	if (!is_right)
		abort();
}

/* RFC 3414 A.2 with SHA-256: a megabyte of the passphrase, then localized to the engine. */
static void make_key(uint8_t key[AGENT_KEY], const char *password, const uint8_t id[AGENT_ENGINE])
{
	enum { MEGABYTE = 1048576 };
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t block[64];
	size_t n = strlen(password), at = 0;
	must(c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
	for (size_t done = 0; done < MEGABYTE; done += sizeof block) {
		for (size_t i = 0; i < sizeof block; i++)
			block[i] = (uint8_t)password[at++ % n];
		must(EVP_DigestUpdate(c, block, sizeof block) == 1);
	}
	must(EVP_DigestFinal_ex(c, key, NULL) == 1);
	must(EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
		EVP_DigestUpdate(c, key, AGENT_KEY) == 1 &&
		EVP_DigestUpdate(c, id, AGENT_ENGINE) == 1 &&
		EVP_DigestUpdate(c, key, AGENT_KEY) == 1 && EVP_DigestFinal_ex(c, key, NULL) == 1);
	EVP_MD_CTX_free(c);
}

void agent_engine_init(struct agent_engine *e, const char *user, const char *auth_password,
	const char *priv_password)
{
	e->user = user;
	make_key(e->auth_key, auth_password, e->id);
	make_key(e->priv_key, priv_password, e->id);
}

static void put_be(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

/* AES-128-CFB in place. The contexts are made once: looking algorithms up is most of their time. */
static void cipher(const struct agent_engine *e, bool is_encrypting, uint32_t boots, uint32_t time,
	const uint8_t salt[8], uint8_t *bytes, size_t len)
{
	static EVP_CIPHER_CTX *c;
	uint8_t iv[16];
	int n = 0;
	put_be(iv, boots, 4);
	put_be(iv + 4, time, 4);
	memcpy(iv + 8, salt, 8);
	if (c == NULL) {
		c = EVP_CIPHER_CTX_new();
		must(c != NULL && EVP_CipherInit_ex(c, EVP_aes_128_cfb128(), NULL, NULL, NULL,
					  is_encrypting) == 1);
	}
	must(EVP_CipherInit_ex(c, NULL, NULL, e->priv_key, iv, is_encrypting) == 1);
	must(EVP_CipherUpdate(c, bytes, &n, bytes, (int)len) == 1);
}

static void digest(
	const struct agent_engine *e, const uint8_t *bytes, size_t len, uint8_t ret[AGENT_DIGEST])
{
	static EVP_MAC_CTX *c;
	static char name[] = "SHA256";
	const OSSL_PARAM sha256[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end()};
	uint8_t whole[EVP_MAX_MD_SIZE];
	size_t n;
	if (c == NULL) {
		EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
		c = EVP_MAC_CTX_new(hmac);
		EVP_MAC_free(hmac);
		must(c != NULL && EVP_MAC_init(c, e->auth_key, AGENT_KEY, sha256) == 1);
	}
	must(EVP_MAC_init(c, e->auth_key, AGENT_KEY, NULL) == 1);
	must(EVP_MAC_update(c, bytes, len) == 1 && EVP_MAC_final(c, whole, &n, sizeof whole) == 1);
	memcpy(ret, whole, AGENT_DIGEST);
}

/* ---- reading ------------------------------------------------------------------------------ */

static bool take_bytes(struct ber_in *in, uint8_t *dst, size_t cap, uint8_t *ret_len)
{
	struct ber_in v;
	if (ber_take(in, BER_OCTETS, &v) < 0 || (size_t)(v.end - v.p) > cap)
		return false;
	*ret_len = (uint8_t)(v.end - v.p);
	if (v.p != v.end)
		memcpy(dst, v.p, *ret_len);
	return true;
}

static bool read_pdu(struct agent_request *r, struct ber_in *in)
{
	struct ber_in pdu, list, row, name;
	int32_t id, a, b;
	uint8_t tag;
	if (ber_take_any(in, &tag, &pdu) < 0 || ber_take_i32(&pdu, &id) < 0 ||
		ber_take_i32(&pdu, &a) < 0 || ber_take_i32(&pdu, &b) < 0 ||
		ber_take(&pdu, BER_SEQUENCE, &list) < 0)
		return false;
	r->id = (uint32_t)id;
	snmp_request_begin(&r->snmp, tag);
	r->snmp.non_repeaters = (uint8_t)a;
	r->snmp.max_repetitions = (uint16_t)b;
	while (list.p != list.end) {
		if (ber_take(&list, BER_SEQUENCE, &row) < 0 || ber_take(&row, BER_OID, &name) < 0)
			return false;
		struct oid_ber oid = {name.p, (size_t)(name.end - name.p)}, none = {NULL, 0};
		if (snmp_request_add(&r->snmp, oid, none, LIMIT_REQUEST_BYTES) < 0)
			return false;
	}
	return true;
}

/* The rest of an SNMPv3 message, which `in` is a copy of. */
static bool read_v3(struct agent_request *r, const struct agent_engine *e, uint8_t *bytes,
	size_t len, struct ber_in message)
{
	struct ber_in head, wrap, usm, data;
	int32_t id, size, model, boots, time;
	uint8_t flags_len, auth[64], auth_len, salt[8], salt_len, given[AGENT_DIGEST];
	if (ber_take(&message, BER_SEQUENCE, &head) < 0 || ber_take_i32(&head, &id) < 0 ||
		ber_take_i32(&head, &size) < 0 || !take_bytes(&head, &r->flags, 1, &flags_len) ||
		ber_take_i32(&head, &model) < 0 || ber_take(&message, BER_OCTETS, &wrap) < 0 ||
		ber_take(&wrap, BER_SEQUENCE, &usm) < 0)
		return false;
	if (!take_bytes(&usm, r->engine, sizeof r->engine, &r->engine_len) ||
		ber_take_i32(&usm, &boots) < 0 || ber_take_i32(&usm, &time) < 0 ||
		!take_bytes(&usm, r->user, sizeof r->user, &r->user_len) ||
		!take_bytes(&usm, auth, sizeof auth, &auth_len) ||
		!take_bytes(&usm, salt, sizeof salt, &salt_len))
		return false;
	r->msg_id = (uint32_t)id;
	if ((r->flags & AGENT_FLAG_AUTH) != 0) {
		struct garbage_usm at;
		if (auth_len != AGENT_DIGEST || !garbage_usm(bytes, len, &at))
			return false;
		memset(bytes + at.auth_at, 0, AGENT_DIGEST);
		digest(e, bytes, len, given);
		if (memcmp(given, auth, AGENT_DIGEST) != 0)
			return false;
	}
	if ((r->flags & AGENT_FLAG_PRIV) != 0) {
		if (salt_len != 8 || ber_take(&message, BER_OCTETS, &data) < 0)
			return false;
		cipher(e, false, (uint32_t)boots, (uint32_t)time, salt, bytes + (data.p - bytes),
			(size_t)(data.end - data.p));
		message = data;
	}
	uint8_t context_engine[64], context_engine_len;
	struct ber_in scoped;
	return ber_take(&message, BER_SEQUENCE, &scoped) == 0 &&
	       take_bytes(&scoped, context_engine, sizeof context_engine, &context_engine_len) &&
	       take_bytes(&scoped, r->context, sizeof r->context, &r->context_len) &&
	       read_pdu(r, &scoped);
}

bool agent_read(
	struct agent_request *ret, const struct agent_engine *e, const uint8_t *bytes, size_t len)
{
	uint8_t copy[AGENT_BYTES];
	struct ber_in all = {copy, copy + len}, message;
	int32_t version;
	memset(ret, 0, sizeof *ret);
	if (len > sizeof copy)
		return false;
	memcpy(copy, bytes, len);
	if (ber_take(&all, BER_SEQUENCE, &message) < 0 || ber_take_i32(&message, &version) < 0)
		return false;
	ret->version = (uint8_t)version;
	if (version == SNMP_V3)
		return e != NULL && read_v3(ret, e, copy, len, message);
	return take_bytes(&message, ret->community, sizeof ret->community, &ret->community_len) &&
	       read_pdu(ret, &message);
}

/* ---- writing: from the end to the beginning ----------------------------------------------- */

struct back {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
};

static void put(struct back *b, const void *bytes, size_t n)
{
	must((size_t)(b->at - b->start) >= n);
	b->at -= n;
	if (n > 0)
		memcpy(b->at, bytes, n);
}

/* A header over what lies between here and `end`. */
static void put_head(struct back *b, uint8_t tag, const uint8_t *end)
{
	uint8_t head[4] = {tag};
	put(b, head, 1 + ber_put_len(head + 1, (size_t)(end - b->at)));
}

static void put_octets(struct back *b, const void *bytes, size_t n)
{
	const uint8_t *end = b->at;
	put(b, bytes, n);
	put_head(b, BER_OCTETS, end);
}

static void put_int(struct back *b, int64_t v)
{
	uint8_t value[8];
	const uint8_t *end = b->at;
	put(b, value, ber_put_i64(value, v));
	put_head(b, BER_INTEGER, end);
}

static void put_row(struct back *b, const struct varbind *vb)
{
	const uint8_t *end = b->at, *name_end;
	put(b, vb->value, vb->len);
	put_head(b, vb->type, end);
	name_end = b->at;
	put(b, vb->name.p, vb->name.len);
	put_head(b, BER_OID, name_end);
	put_head(b, BER_SEQUENCE, end);
}

static void put_usm(struct back *b, const struct agent_request *r, const struct agent_engine *e)
{
	static const uint8_t zero[AGENT_DIGEST];
	const uint8_t *end = b->at;
	bool is_auth = (r->flags & AGENT_FLAG_AUTH) != 0,
	     is_priv = (r->flags & AGENT_FLAG_PRIV) != 0;
	uint8_t salt[8];
	put_be(salt, e->salt + r->id, 8);
	put_octets(b, salt, is_priv ? 8 : 0);
	put_octets(b, zero, is_auth ? AGENT_DIGEST : 0);
	put_octets(b, r->user, r->user_len);
	put_int(b, e->time);
	put_int(b, e->boots);
	put_octets(b, e->id, AGENT_ENGINE);
	put_head(b, BER_SEQUENCE, end);
	put_head(b, BER_OCTETS, end);
}

static void put_v3(struct back *b, const struct agent_request *r, const struct agent_engine *e,
	const uint8_t *end)
{
	uint8_t flags = r->flags & (uint8_t)~AGENT_FLAG_REPORTABLE;
	put_octets(b, r->context, r->context_len);
	put_octets(b, e->id, AGENT_ENGINE);
	put_head(b, BER_SEQUENCE, end);
	if ((flags & AGENT_FLAG_PRIV) != 0)
		put_head(b, BER_OCTETS, end);
	put_usm(b, r, e);
	const uint8_t *head_end = b->at;
	put_int(b, 3); /* the User-based Security Model */
	put_octets(b, &flags, 1);
	put_int(b, 65507);
	put_int(b, r->msg_id);
	put_head(b, BER_SEQUENCE, head_end);
}

size_t agent_message(uint8_t dst[AGENT_BYTES], const struct agent_request *r,
	const struct agent_engine *e, uint8_t pdu, const uint8_t *list, size_t list_len)
{
	struct back b = {dst, dst + AGENT_BYTES, dst + AGENT_BYTES};
	put(&b, list, list_len);
	put_head(&b, BER_SEQUENCE, b.end);
	put_int(&b, 0);
	put_int(&b, 0);
	put_int(&b, (int32_t)r->id);
	put_head(&b, pdu, b.end);
	if (r->version == SNMP_V3)
		put_v3(&b, r, e, b.end);
	else
		put_octets(&b, r->community, r->community_len);
	put_int(&b, r->version);
	put_head(&b, BER_SEQUENCE, b.end);
	size_t len = (size_t)(b.end - b.at);
	memmove(dst, b.at, len);
	return len;
}

size_t agent_list(
	uint8_t dst[AGENT_BYTES], const struct snmp_request *q, const struct recording *recording)
{
	enum { LIST = 1200 }; /* the most bytes of a printer's list */
	struct varbind vb[LIMIT_VARBINDS];
	size_t n = recording_respond(recording, q, vb, LIMIT_VARBINDS), fits = 0, room = LIST;
	while (fits < n && vb[fits].name.len + vb[fits].len + 12 <= room) {
		room -= vb[fits].name.len + vb[fits].len + 12;
		fits++;
	}
	struct back b = {dst, dst + AGENT_BYTES, dst + AGENT_BYTES};
	while (fits-- > 0)
		put_row(&b, &vb[fits]);
	size_t len = (size_t)(b.end - b.at);
	memmove(dst, b.at, len);
	return len;
}

size_t agent_respond(uint8_t dst[AGENT_BYTES], const struct agent_request *r,
	const struct agent_engine *e, const struct recording *recording)
{
	uint8_t list[AGENT_BYTES];
	size_t n = agent_list(list, &r->snmp, recording);
	return agent_message(dst, r, e, SNMP_RESPONSE, list, n);
}

size_t agent_report(uint8_t dst[AGENT_BYTES], const struct agent_request *r,
	const struct agent_engine *e, unsigned number)
{
	enum { REPORT = 0xa8 };
	uint8_t row[] = {
		0x30, 15, 0x06, 10, 0x2b, 6, 1, 6, 3, 15, 1, 1, (uint8_t)number, 0, 0x41, 1, 1};
	return agent_message(dst, r, e, REPORT, row, sizeof row);
}

/* ---- signing ------------------------------------------------------------------------------ */

/* The salt lies behind the digest, as an OCTET STRING of eight. */
bool agent_sign(const struct agent_engine *e, uint8_t flags, uint8_t *bytes, size_t len)
{
	struct garbage_usm at;
	if (!garbage_usm(bytes, len, &at))
		return false;
	size_t salt_at = at.auth_at + at.auth_len + 2;
	if ((flags & AGENT_FLAG_PRIV) != 0 && at.data_len > 0 && salt_at + 8 <= at.data_at)
		cipher(e, true, e->boots, e->time, bytes + salt_at, bytes + at.data_at,
			at.data_len);
	if ((flags & AGENT_FLAG_AUTH) != 0) {
		uint8_t made[AGENT_DIGEST];
		size_t n = at.auth_len < AGENT_DIGEST ? at.auth_len : AGENT_DIGEST;
		memset(bytes + at.auth_at, 0, at.auth_len);
		digest(e, bytes, len, made);
		memcpy(bytes + at.auth_at, made, n);
	}
	return true;
}
