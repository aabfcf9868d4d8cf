/* SPDX-License-Identifier: Apache-2.0
 * Keys, digests and ciphers of SNMPv3's User-based Security Model: RFC 3414 (MD5, SHA-1, DES),
 * RFC 7860 (SHA-2), RFC 3826 (AES-128), and AES-192 and -256 in their two ways. The simulator's
 * own, HMAC included: only digests and block ciphers come from OpenSSL. One set of contexts
 * serves all printers; a key is bytes. */
#ifndef PLATEN_SIM_SEAL_H
#define PLATEN_SIM_SEAL_H

#include "proto/base/err.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum seal_auth {
	SEAL_NO_AUTH,
	SEAL_MD5,
	SEAL_SHA1,
	SEAL_SHA224,
	SEAL_SHA256,
	SEAL_SHA384,
	SEAL_SHA512,
	SEAL_AUTHS
};
enum seal_priv {
	SEAL_NO_PRIV,
	SEAL_DES,
	SEAL_AES128,
	SEAL_AES192,
	SEAL_AES256,
	SEAL_AES192_CISCO,
	SEAL_AES256_CISCO,
	SEAL_PRIVS
};
extern const char *const seal_auth_names[SEAL_AUTHS];
extern const char *const seal_priv_names[SEAL_PRIVS];

enum { SEAL_KEY = 64, SEAL_SALT = 8, SEAL_DES_BLOCK = 8, SEAL_MAC_MOST = 48 };

struct seal {
	EVP_MD_CTX *digest_context;
	EVP_CIPHER_CTX *cipher_context;
	EVP_MD *digest[SEAL_AUTHS];
	EVP_CIPHER *cipher[SEAL_PRIVS];
};

/* 0, or -ENOTSUP when OpenSSL lacks one of them. */
int seal_open(struct seal *s) MUST_USE;
void seal_close(struct seal *s);

/* Bytes of msgAuthenticationParameters. */
size_t seal_mac_size(enum seal_auth auth);

/* RFC 3414 A.2: a passphrase to Ku. 0 or -EIO. */
int seal_key_of(struct seal *s, enum seal_auth auth, const uint8_t *pass, size_t len,
	uint8_t ret[SEAL_KEY]) MUST_USE;

/* Ku to Kul. */
int seal_localize(struct seal *s, enum seal_auth auth, const uint8_t *ku, const uint8_t *engine,
	size_t engine_len, uint8_t ret[SEAL_KEY]) MUST_USE;

/* The same for privacy: made long enough for the cipher. */
int seal_localize_priv(struct seal *s, enum seal_auth auth, enum seal_priv priv, const uint8_t *ku,
	const uint8_t *engine, size_t engine_len, uint8_t ret[SEAL_KEY]) MUST_USE;

/* HMAC (RFC 2104) over the message, cut to seal_mac_size. */
int seal_mac(struct seal *s, enum seal_auth auth, const uint8_t *kul, const uint8_t *message,
	size_t len, uint8_t ret[SEAL_MAC_MOST]) MUST_USE;

/* Enciphers or deciphers in place; DES wants whole blocks. */
int seal_crypt(struct seal *s, enum seal_priv priv, bool is_out, const uint8_t *key, uint32_t boots,
	uint32_t time, const uint8_t salt[SEAL_SALT], uint8_t *bytes, size_t len) MUST_USE;

#endif
