/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of the security model: users and passphrases (usm_user.c), algorithms by
 * OpenSSL (usm_suite.c), one engine's keys and its messages (usm_keys.c), its clock (usm_clock.c).
 * The client uses the last two. */
#ifndef PLATEN_SNMP_USM_INTERNAL_H
#define PLATEN_SNMP_USM_INTERNAL_H

#include "engine/snmp/usm.h"
#include "engine/snmp/message.h"

#include <openssl/types.h>

/* ---- usm_suite.c ------------------------------------------------------------------------ */

/* Fetched once for the process, on the loop's thread, before any key is made of them. NULL: OpenSSL
 * does not give it (MD5 and DES under FIPS: they are not requested). */
const EVP_MD *usm_suite_digest(enum usm_auth auth);
const EVP_CIPHER *usm_suite_cipher(enum usm_priv priv);

/* From now on HMAC is the FIPS provider's, as a whole. */
void usm_suite_use_fips(void);

/* HMAC with a key of usm_digest_bytes, over a message in whose middle `hole_len` bytes count as
 * zero. On the loop's thread. */
int usm_hmac(uint8_t dst[USM_KEY_MAX], enum usm_auth auth, const uint8_t *key, const uint8_t *bytes,
	size_t len, size_t hole_at, size_t hole_len) MUST_USE;

/* In place or not; `key` as EVP wants it, iv of the cipher's block. On the loop's thread. */
int usm_cipher(enum usm_priv priv, bool is_encrypting, const uint8_t *key, const uint8_t *iv,
	uint8_t *dst, const uint8_t *src, size_t len) MUST_USE;

size_t usm_digest_bytes(
	enum usm_auth auth); /* of the untruncated digest, which is a key's length */
size_t usm_cipher_key_bytes(enum usm_priv priv);

/* RFC 3414 A.2: the passphrase, repeated to 1 MiB, digested. Any thread. */
int usm_password_to_key(
	uint8_t *dst, const EVP_MD *md, const uint8_t *password, size_t len) MUST_USE;
/* RFC 3414 2.6: H(Ku engineID Ku). */
int usm_localize(uint8_t *dst, const EVP_MD *md, const uint8_t *ku, size_t ku_len,
	const uint8_t *engine_id, size_t engine_id_len) MUST_USE;

/* ---- usm_keys.c ------------------------------------------------------------------------- */

/* Whether the user's keys for an engine take as long as a passphrase does (Cisco's AES-192 and
 * AES-256 behind a short digest): then they are made on WORKER_HASH. */
bool usm_keys_are_slow(const struct usm_user *u);

/* Keys for one engine, made anywhere: nothing but this is touched. */
struct usm_derived {
	const EVP_MD *md;
	uint8_t auth, priv;
	uint8_t engine_id_len;
	uint8_t engine_id[SNMP3_ENGINE_ID];
	uint8_t auth_key[USM_KEY_MAX], priv_key[2 * USM_KEY_MAX]; /* Ku in, localized keys out */
	uint32_t generation;
};
void usm_derive_begin(struct usm_derived *d, const struct usm_peer *p);
int usm_derive(struct usm_derived *d) MUST_USE;
/* Into the peer. ERR_STOPPED if its engine or its user's keys have changed meanwhile. Wipes. */
int usm_derive_end(struct usm_peer *p, struct usm_derived *d) MUST_USE;

/* Keys of the peer's present engine and its user's present passphrases are there afterwards.
 * ERR_BUSY while the user is not ready. */
int usm_keys_make(struct usm_peer *p) MUST_USE;
bool usm_keys_are_good(const struct usm_peer *p);
void usm_keys_free(struct usm_peer *p); /* wipes */

/* The parameters of a message. */
struct usm_about {
	uint32_t msg_id, request_id;
	bool has_no_context; /* the default one, whatever the peer's is */
	bool is_plain;       /* without privacy, though the user has it */
	uint64_t now_ms;
};

/* A whole message, encrypted and signed as the keys are; those must be good. Length, or an error.
 */
int usm_write(struct usm_peer *p, uint8_t *dst, size_t cap, const struct usm_about *about,
	const struct snmp_request *q) MUST_USE;

/* ERR_SNMP_DIGEST unless the digest is that of the message. */
int usm_verify(
	struct usm_peer *p, const struct usm_message *m, const uint8_t *bytes, size_t len) MUST_USE;
/* Into dst, which has room for m->data_len. The length, or ERR_SNMP_CIPHER. */
int usm_decrypt(struct usm_peer *p, const struct usm_message *m, uint8_t *dst) MUST_USE;

/* SNMP3_FLAG_AUTH and _PRIV as the user has them: the level of every message both ways. */
uint8_t usm_level(const struct usm_user *u);

/* The response to a probe names an engine; nothing of it is authentic. The first engine is pinned
 * at once. Another engine is provisional: usm_engine_confirm pins it after an authentic response
 * (returns true if it has changed), usm_engine_restore returns to the pinned one. */
void usm_engine_probed(struct usm_peer *p, const struct usm_message *head, uint64_t now_ms);
bool usm_engine_confirm(struct usm_peer *p);
void usm_engine_restore(struct usm_peer *p);

/* ---- usm_clock.c ------------------------------------------------------------------------ */

/* The estimate of the engine's clock at now_ms. */
void usm_clock_now(const struct usm_engine *e, uint64_t now_ms, uint32_t *boots, uint32_t *time);

/* RFC 3414 3.2.7 b: is an authentic message with these within our window? */
bool usm_clock_is_within(
	const struct usm_engine *e, uint32_t boots, uint32_t time, uint64_t now_ms);

/* An authentic message had these: forward only. */
void usm_clock_follow(struct usm_peer *p, uint32_t boots, uint32_t time, uint64_t now_ms);

/* Sets them, also backwards: from the authentic response to an open request, or from the response
 * to a probe (not authentic). */
void usm_clock_set(
	struct usm_peer *p, uint32_t boots, uint32_t time, bool is_authentic, uint64_t now_ms);

#endif
