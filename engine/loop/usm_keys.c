/* SPDX-License-Identifier: Apache-2.0
 * One engine's keys, and what is done with them to a message. The contexts of OpenSSL are kept with
 * their keys set: a message costs a re-initialisation, not a key schedule. Localized keys are not
 * kept besides. RFC 3414 (digests, DES), RFC 3826 (AES), RFC 7860 (SHA-2). */
#include "engine/loop/usm_internal.h"

#include "engine/loop/seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IV_MOST = 16, DES_KEY = 8 };

struct usm_keys {
	EVP_MAC_CTX *mac;       /* NULL without authentication */
	EVP_CIPHER_CTX *cipher; /* NULL without privacy; both directions */
	uint32_t generation;    /* of the user's keys */
	uint8_t auth, priv;     /* they may differ from the user's by now */
	uint8_t engine_id_len;
	uint8_t engine_id[SNMP3_ENGINE_ID];
	uint8_t pre_iv[DES_KEY];
};

/* Measured with SHA-512 and AES-256, the largest; OpenSSL 3.0, rounded up. */
enum { OPENSSL_BYTES_PER_PEER = 2700 };

size_t usm_peer_memory(void)
{
	return sizeof(struct usm_peer) + sizeof(struct usm_keys) + OPENSSL_BYTES_PER_PEER;
}

uint8_t usm_level(const struct usm_user *u)
{
	return u->priv != USM_PRIV_NONE   ? SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV
	       : u->auth != USM_AUTH_NONE ? SNMP3_FLAG_AUTH
					  : 0;
}

/* ---- derivation ------------------------------------------------------------------------- */

static bool is_cisco(uint8_t priv)
{
	return priv == USM_PRIV_AES192_CISCO || priv == USM_PRIV_AES256_CISCO;
}

bool usm_keys_are_slow(const struct usm_user *u)
{
	return is_cisco(u->priv) && usm_digest_bytes(u->auth) < usm_cipher_key_bytes(u->priv);
}

void usm_derive_begin(struct usm_derived *d, const struct usm_peer *p)
{
	const struct usm_user *u = p->user;
	memset(d, 0, sizeof *d);
	d->auth = u->auth;
	d->priv = u->priv;
	d->md = usm_suite_digest(u->auth);
	d->engine_id_len = p->engine.id_len;
	memcpy(d->engine_id, p->engine.id, p->engine.id_len);
	memcpy(d->auth_key, u->auth_key, sizeof d->auth_key);
	memcpy(d->priv_key, u->priv_key, sizeof u->priv_key);
	d->generation = u->generation;
}

/* A localized key that is shorter than the cipher's becomes longer. Blumenthal: its own digest
 * follows it. Reeder, as Cisco applied it: it is taken for a passphrase, whose localized key
 * follows it. One step is enough for every pair there is. */
static int extend(struct usm_derived *d, size_t have)
{
	uint8_t *more = d->priv_key + have, ku[USM_KEY_MOST];
	unsigned n = 0;
	if (!is_cisco(d->priv))
		return EVP_Digest(d->priv_key, have, more, &n, d->md, NULL) == 1 ? 0 : ERR_CRYPTO;
	int err = usm_password_to_key(ku, d->md, d->priv_key, have);
	if (err == 0)
		err = usm_localize(more, d->md, ku, have, d->engine_id, d->engine_id_len);
	seal_wipe(ku, sizeof ku);
	return err;
}

int usm_derive(struct usm_derived *d)
{
	size_t n = usm_digest_bytes(d->auth);
	int err = 0;
	if (d->auth != USM_AUTH_NONE)
		err = usm_localize(
			d->auth_key, d->md, d->auth_key, n, d->engine_id, d->engine_id_len);
	if (err == 0 && d->priv != USM_PRIV_NONE)
		err = usm_localize(
			d->priv_key, d->md, d->priv_key, n, d->engine_id, d->engine_id_len);
	if (err == 0 && n < usm_cipher_key_bytes(d->priv))
		err = extend(d, n);
	return err;
}

static int set_mac(struct usm_keys *k, const struct usm_derived *d)
{
	char *name = (char *)(uintptr_t)EVP_MD_get0_name(d->md);
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end()};
	if (k->mac == NULL)
		k->mac = EVP_MAC_CTX_new(usm_suite_hmac());
	if (k->mac == NULL)
		return ERR_CRYPTO;
	return EVP_MAC_init(k->mac, d->auth_key, usm_digest_bytes(d->auth), params) == 1
		       ? 0
		       : ERR_CRYPTO;
}

static int set_cipher(struct usm_keys *k, const struct usm_derived *d)
{
	static const uint8_t no_iv[IV_MOST];
	uint8_t key[32];
	if (k->cipher == NULL)
		k->cipher = EVP_CIPHER_CTX_new();
	if (k->cipher == NULL)
		return -ENOMEM;
	memcpy(key, d->priv_key, sizeof key);
	if (d->priv == USM_PRIV_DES) {
		memcpy(k->pre_iv, d->priv_key + DES_KEY, DES_KEY);
		memcpy(key + DES_KEY, d->priv_key, DES_KEY);
		memcpy(key + 2 * DES_KEY, d->priv_key, DES_KEY);
	}
	bool ok = EVP_CipherInit_ex2(k->cipher, usm_suite_cipher(d->priv), key, no_iv, 1, NULL) ==
			  1 &&
		  EVP_CIPHER_CTX_set_padding(k->cipher, 0) == 1;
	seal_wipe(key, sizeof key);
	return ok ? 0 : ERR_CRYPTO;
}

void usm_keys_free(struct usm_peer *p)
{
	struct usm_keys *k = p->keys;
	if (k == NULL)
		return;
	EVP_MAC_CTX_free(k->mac);
	EVP_CIPHER_CTX_free(k->cipher);
	seal_wipe(k, sizeof *k);
	free(k);
	p->keys = NULL;
}

static int install(struct usm_peer *p, const struct usm_derived *d)
{
	usm_keys_free(p);
	struct usm_keys *k = p->keys = calloc(1, sizeof *k);
	if (k == NULL)
		return -ENOMEM;
	k->generation = d->generation;
	k->auth = d->auth;
	k->priv = d->priv;
	k->engine_id_len = d->engine_id_len;
	memcpy(k->engine_id, d->engine_id, d->engine_id_len);
	int err = d->auth != USM_AUTH_NONE ? set_mac(k, d) : 0;
	if (err == 0 && d->priv != USM_PRIV_NONE)
		err = set_cipher(k, d);
	if (err < 0) {
		usm_keys_free(p);
		ERR_clear_error();
	}
	return err;
}

int usm_derive_end(struct usm_peer *p, struct usm_derived *d)
{
	bool is_it = d->generation == p->user->generation && d->engine_id_len == p->engine.id_len &&
		     memcmp(d->engine_id, p->engine.id, d->engine_id_len) == 0;
	int err = is_it ? install(p, d) : ERR_STOPPED;
	seal_wipe(d, sizeof *d);
	return err;
}

bool usm_keys_are_good(const struct usm_peer *p)
{
	const struct usm_keys *k = p->keys;
	return k != NULL && k->generation == p->user->generation &&
	       k->engine_id_len == p->engine.id_len &&
	       memcmp(k->engine_id, p->engine.id, k->engine_id_len) == 0;
}

int usm_keys_make(struct usm_peer *p)
{
	struct usm_derived d;
	if (!p->user->is_ready)
		return ERR_BUSY;
	if (usm_keys_are_good(p))
		return 0;
	usm_derive_begin(&d, p);
	int err = usm_derive(&d);
	if (err == 0)
		return usm_derive_end(p, &d);
	seal_wipe(&d, sizeof d);
	return err;
}

/* ---- messages --------------------------------------------------------------------------- */

static void put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static int apply_cipher(struct usm_peer *p, int is_encrypting, uint8_t *dst, const uint8_t *src,
	size_t len, const struct snmp3_msg *m)
{
	struct usm_keys *k = p->keys;
	uint8_t iv[IV_MOST];
	int n = 0;
	if (k->priv == USM_PRIV_DES) {
		for (size_t i = 0; i < SNMP3_SALT; i++)
			iv[i] = k->pre_iv[i] ^ m->salt[i];
	} else {
		put_u32(iv, m->boots);
		put_u32(iv + 4, m->time);
		memcpy(iv + 8, m->salt, SNMP3_SALT);
	}
	if (EVP_CipherInit_ex2(k->cipher, NULL, NULL, iv, is_encrypting, NULL) != 1 ||
		EVP_CipherUpdate(k->cipher, dst, &n, src, (int)len) != 1 || (size_t)n != len) {
		ERR_clear_error();
		return ERR_CRYPTO;
	}
	return 0;
}

/* The digest over a message in whose middle `hole_len` bytes count as zero. */
static int digest(struct usm_peer *p, uint8_t dst[USM_KEY_MOST], const uint8_t *bytes, size_t len,
	size_t hole_at, size_t hole_len)
{
	static const uint8_t zeroes[SNMP3_AUTH_MOST];
	EVP_MAC_CTX *mac = p->keys->mac;
	size_t n = 0, behind = hole_at + hole_len;
	bool ok = EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
		  EVP_MAC_update(mac, bytes, hole_at) == 1 &&
		  EVP_MAC_update(mac, zeroes, hole_len) == 1 &&
		  EVP_MAC_update(mac, bytes + behind, len - behind) == 1 &&
		  EVP_MAC_final(mac, dst, &n, USM_KEY_MOST) == 1;
	return ok ? 0 : ERR_CRYPTO;
}

/* DES: RFC 3414 8.1.1.1, boots and a counter; AES: RFC 3826 3.1.2.1, a counter. */
static void make_salt(struct usm_user *u, uint32_t boots, uint8_t dst[SNMP3_SALT])
{
	u->salt++;
	put_u32(dst, u->priv == USM_PRIV_DES ? boots : (uint32_t)(u->salt >> 32));
	put_u32(dst + 4, (uint32_t)u->salt);
}

int usm_write(struct usm_peer *p, uint8_t *dst, size_t cap, const struct usm_about *about,
	const struct snmp_pdu_out *pdu)
{
	struct usm_user *u = p->user;
	bool has_auth = u->auth != USM_AUTH_NONE;
	bool has_priv = u->priv != USM_PRIV_NONE && !about->is_plain;
	uint8_t salt[SNMP3_SALT], mac[USM_KEY_MOST];
	struct snmp3_out o = {.msg_id = about->msg_id,
		.request_id = about->request_id,
		.flags = (uint8_t)(SNMP3_FLAG_REPORTABLE | (has_auth ? SNMP3_FLAG_AUTH : 0) |
				   (has_priv ? SNMP3_FLAG_PRIV : 0)),
		.auth_len = (uint8_t)usm_auth_bytes(u->auth),
		.engine_id_len = p->engine.id_len,
		.user_len = u->name_len,
		.context_len = p->context_len,
		.is_padded = u->priv == USM_PRIV_DES,
		.engine_id = p->engine.id,
		.user = u->name,
		.context = p->context,
		.salt = salt};
	struct snmp3_at at;
	if (has_auth)
		usm_clock_now(&p->engine, about->now_ms, &o.boots, &o.time);
	if (has_priv)
		make_salt(u, o.boots, salt);
	int len = snmp3_encode(dst, cap, &o, pdu, &at), err = 0;
	if (len < 0)
		return len;
	if (has_priv) {
		struct snmp3_msg m = {.boots = o.boots, .time = o.time, .salt = salt};
		err = apply_cipher(p, 1, dst + at.scoped_at, dst + at.scoped_at, at.scoped_len, &m);
	}
	if (err == 0 && has_auth)
		err = digest(p, mac, dst, (size_t)len, at.auth_at, o.auth_len);
	if (err == 0)
		memcpy(dst + at.auth_at, mac, o.auth_len);
	return err < 0 ? err : len;
}

int usm_verify(struct usm_peer *p, const struct snmp3_msg *m, const uint8_t *bytes, size_t len)
{
	uint8_t mac[USM_KEY_MOST];
	size_t n = p->keys == NULL ? 0 : usm_auth_bytes(p->keys->auth);
	if (m->auth_len != n || n == 0)
		return ERR_SNMP_DIGEST;
	int err = digest(p, mac, bytes, len, (size_t)(m->auth - bytes), n);
	if (err < 0)
		return err;
	return seal_is_equal(mac, m->auth, n) ? 0 : ERR_SNMP_DIGEST;
}

int usm_decrypt(struct usm_peer *p, const struct snmp3_msg *m, uint8_t *dst)
{
	bool is_des = p->keys != NULL && p->keys->priv == USM_PRIV_DES;
	if (p->keys == NULL || p->keys->priv == USM_PRIV_NONE || m->salt_len != SNMP3_SALT ||
		m->data_len == 0 || (is_des && m->data_len % SNMP3_PADDING != 0))
		return ERR_SNMP_CIPHER;
	int err = apply_cipher(p, 0, dst, m->data, m->data_len, m);
	return err < 0 ? err : (int)m->data_len;
}
