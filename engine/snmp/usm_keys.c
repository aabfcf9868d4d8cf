/* SPDX-License-Identifier: Apache-2.0
 * One engine's keys, and what is done with them to a message. RFC 3414 (digests, DES), RFC 3826
 * (AES), RFC 7860 (SHA-2). */
#include "engine/snmp/usm_internal.h"

#include "engine/loop/crypto.h"

#include <openssl/evp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IV_MAX = 16, DES_KEY = 8, CIPHER_KEY_MAX = 32 };

struct usm_keys {
	uint32_t generation; /* of the user's keys */
	uint8_t auth, priv;  /* they may differ from the user's by now */
	uint8_t engine_id_len;
	uint8_t engine_id[SNMP3_ENGINE_ID];
	uint8_t pre_iv[DES_KEY];
	uint8_t priv_key[CIPHER_KEY_MAX]; /* as EVP wants it: DES three times */
	uint8_t auth_key[USM_KEY_MAX];
};

enum { MALLOC_BYTES = 16 };

size_t usm_peer_memory(void)
{
	return sizeof(struct usm_peer) + sizeof(struct usm_keys) + MALLOC_BYTES;
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
 * follows it. Reeder, as Cisco applied it: the localized key
 * of this key as a passphrase follows it. One step is enough for every pair of protocols. */
static int extend(struct usm_derived *d, size_t have)
{
	uint8_t *more = d->priv_key + have, ku[USM_KEY_MAX];
	unsigned n = 0;
	if (!is_cisco(d->priv))
		return EVP_Digest(d->priv_key, have, more, &n, d->md, NULL) == 1 ? 0 : ERR_CRYPTO;
	int err = usm_password_to_key(ku, d->md, d->priv_key, have);
	if (err == 0)
		err = usm_localize(more, d->md, ku, have, d->engine_id, d->engine_id_len);
	crypto_wipe(ku, sizeof ku);
	return err;
}

int usm_derive(struct usm_derived *d)
{
	size_t n = usm_digest_bytes(d->auth);
	if (d->auth == USM_AUTH_NONE)
		return 0; /* and no privacy */
	int err = usm_localize(d->auth_key, d->md, d->auth_key, n, d->engine_id, d->engine_id_len);
	if (err < 0 || d->priv == USM_PRIV_NONE)
		return err;
	err = usm_localize(d->priv_key, d->md, d->priv_key, n, d->engine_id, d->engine_id_len);
	return err == 0 && n < usm_cipher_key_bytes(d->priv) ? extend(d, n) : err;
}

void usm_keys_free(struct usm_peer *p)
{
	if (p->keys == NULL)
		return;
	crypto_wipe(p->keys, sizeof *p->keys);
	free(p->keys);
	p->keys = NULL;
}

static int install(struct usm_peer *p, const struct usm_derived *d)
{
	if (p->keys == NULL)
		p->keys = calloc(1, sizeof *p->keys);
	struct usm_keys *k = p->keys;
	if (k == NULL)
		return -ENOMEM;
	p->has_worked = false;
	k->generation = d->generation;
	k->auth = d->auth;
	k->priv = d->priv;
	k->engine_id_len = d->engine_id_len;
	memcpy(k->engine_id, d->engine_id, d->engine_id_len);
	memcpy(k->auth_key, d->auth_key, sizeof k->auth_key);
	memcpy(k->priv_key, d->priv_key, sizeof k->priv_key);
	if (d->priv == USM_PRIV_DES) {
		memcpy(k->pre_iv, d->priv_key + DES_KEY, DES_KEY);
		memcpy(k->priv_key + DES_KEY, d->priv_key, DES_KEY);
		memcpy(k->priv_key + 2 * DES_KEY, d->priv_key, DES_KEY);
	}
	return 0;
}

int usm_derive_end(struct usm_peer *p, struct usm_derived *d)
{
	bool is_it = d->generation == p->user->generation &&
		     usm_engine_is(&p->engine, d->engine_id, d->engine_id_len);
	int err = is_it ? install(p, d) : ERR_STOPPED;
	crypto_wipe(d, sizeof *d);
	return err;
}

bool usm_keys_are_good(const struct usm_peer *p)
{
	const struct usm_keys *k = p->keys;
	return k != NULL && k->generation == p->user->generation &&
	       usm_engine_is(&p->engine, k->engine_id, k->engine_id_len);
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
	crypto_wipe(&d, sizeof d);
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

static int apply_cipher(const struct usm_peer *p, bool is_encrypting, uint8_t *dst,
	const uint8_t *src, size_t len, const struct usm_message *m)
{
	struct usm_keys *k = p->keys;
	uint8_t iv[IV_MAX];
	if (k->priv == USM_PRIV_DES) {
		for (size_t i = 0; i < SNMP3_SALT; i++)
			iv[i] = k->pre_iv[i] ^ m->salt[i];
	} else {
		put_u32(iv, m->boots);
		put_u32(iv + 4, m->time);
		memcpy(iv + 8, m->salt, SNMP3_SALT);
	}
	return usm_cipher((enum usm_priv)k->priv, is_encrypting, k->priv_key, iv, dst, src, len);
}

/* DES: RFC 3414 8.1.1.1, boots and a counter; AES: RFC 3826 3.1.2.1, a counter. */
static void make_salt(struct usm_user *u, uint32_t boots, uint8_t dst[SNMP3_SALT])
{
	u->salt++;
	put_u32(dst, u->priv == USM_PRIV_DES ? boots : (uint32_t)(u->salt >> 32));
	put_u32(dst + 4, (uint32_t)u->salt);
}

/* Pads and encrypts the scopedPDU in place; its length. */
static int encrypt(const struct usm_peer *p, const struct usm_envelope *e, uint8_t *scoped,
	size_t len, size_t cap)
{
	struct usm_message m = {.boots = e->boots, .time = e->time, .salt = e->salt};
	for (; p->keys->priv == USM_PRIV_DES && len % SNMP3_PADDING != 0; len++) {
		if (len == cap)
			return ERR_LIMIT;
		scoped[len] = 0;
	}
	int err = apply_cipher(p, true, scoped, scoped, len, &m);
	return err < 0 ? err : (int)len;
}

int usm_write(struct usm_peer *p, uint8_t *dst, size_t cap, const struct usm_about *about,
	const struct snmp_request *q)
{
	struct usm_user *u = p->user;
	bool has_auth = u->auth != USM_AUTH_NONE;
	bool has_priv = u->priv != USM_PRIV_NONE && !about->is_plain;
	uint8_t salt[SNMP3_SALT], mac[USM_KEY_MAX], scoped[LIMIT_REQUEST_BYTES];
	struct usm_envelope e = {.msg_id = about->msg_id,
		.flags = (uint8_t)(SNMP3_FLAG_REPORTABLE | (has_auth ? SNMP3_FLAG_AUTH : 0) |
				   (has_priv ? SNMP3_FLAG_PRIV : 0)),
		.auth_len = (uint8_t)usm_auth_bytes(u->auth),
		.engine_id_len = p->engine.id_len,
		.user_len = u->name_len,
		.engine_id = p->engine.id,
		.user = u->name,
		.salt = salt};
	size_t auth_at;
	if (has_auth)
		usm_clock_now(&p->engine, about->now_ms, &e.boots, &e.time);
	int len = snmp_scoped_encode(scoped, sizeof scoped, &e, p->context,
		about->has_no_context ? 0 : p->context_len, about->request_id, q);
	if (len > 0 && has_priv) {
		make_salt(u, e.boots, salt);
		len = encrypt(p, &e, scoped, (size_t)len, sizeof scoped);
	}
	if (len > 0)
		len = snmp_envelope_encode(dst, cap, &e, scoped, (size_t)len, &auth_at);
	if (len < 0 || !has_auth)
		return len;
	int err = usm_hmac(mac, (enum usm_auth)u->auth, p->keys->auth_key, dst, (size_t)len,
		auth_at, e.auth_len);
	if (err < 0)
		return err;
	memcpy(dst + auth_at, mac, e.auth_len);
	return len;
}

int usm_verify(struct usm_peer *p, const struct usm_message *m, const uint8_t *bytes, size_t len)
{
	uint8_t mac[USM_KEY_MAX];
	size_t n = p->keys == NULL ? 0 : usm_auth_bytes(p->keys->auth);
	if (m->auth_len != n || n == 0)
		return ERR_SNMP_DIGEST;
	int err = usm_hmac(mac, (enum usm_auth)p->keys->auth, p->keys->auth_key, bytes, len,
		(size_t)(m->auth - bytes), n);
	if (err < 0)
		return err;
	return crypto_is_equal(mac, m->auth, n) ? 0 : ERR_SNMP_DIGEST;
}

int usm_decrypt(struct usm_peer *p, const struct usm_message *m, uint8_t *dst)
{
	bool is_des = p->keys != NULL && p->keys->priv == USM_PRIV_DES;
	if (p->keys == NULL || p->keys->priv == USM_PRIV_NONE || m->salt_len != SNMP3_SALT ||
		m->data_len == 0 || (is_des && m->data_len % SNMP3_PADDING != 0))
		return ERR_SNMP_CIPHER;
	int err = apply_cipher(p, false, dst, m->data, m->data_len, m);
	return err < 0 ? err : (int)m->data_len;
}
