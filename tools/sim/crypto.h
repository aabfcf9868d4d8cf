/* SPDX-License-Identifier: Apache-2.0
 * Keys, digests and ciphers of SNMPv3's User-based Security Model: RFC 3414 (MD5, SHA-1, DES),
 * RFC 7860 (SHA-2), RFC 3826 (AES-128), and AES-192 and -256 with both key extensions. Independent
 * of the product, HMAC included: only digests and block ciphers are OpenSSL's. One set of contexts
 * serves all printers. */
#ifndef PLATEN_SIM_CRYPTO_H
#define PLATEN_SIM_CRYPTO_H

#include "proto/base/err.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypto_auth {
	CRYPTO_NO_AUTH,
	CRYPTO_MD5,
	CRYPTO_SHA1,
	CRYPTO_SHA224,
	CRYPTO_SHA256,
	CRYPTO_SHA384,
	CRYPTO_SHA512,
	CRYPTO_AUTHS
};
enum crypto_priv {
	CRYPTO_NO_PRIV,
	CRYPTO_DES,
	CRYPTO_AES128,
	CRYPTO_AES192,
	CRYPTO_AES256,
	CRYPTO_AES192_CISCO,
	CRYPTO_AES256_CISCO,
	CRYPTO_PRIVS
};
extern const char *const crypto_auth_names[CRYPTO_AUTHS];
extern const char *const crypto_priv_names[CRYPTO_PRIVS];

enum { CRYPTO_KEY = 64, CRYPTO_SALT = 8, CRYPTO_DES_BLOCK = 8, CRYPTO_MAC_MAX = 48 };

struct crypto {
	EVP_MD_CTX *digest_context;
	EVP_CIPHER_CTX *cipher_context;
	EVP_MD *digest[CRYPTO_AUTHS];
	EVP_CIPHER *cipher[CRYPTO_PRIVS];
};

/* 0, or -ENOTSUP when OpenSSL lacks one of them. */
int crypto_open(struct crypto *s) MUST_USE;
void crypto_close(struct crypto *s);

/* Bytes of msgAuthenticationParameters. */
size_t crypto_mac_size(enum crypto_auth auth);

/* RFC 3414 A.2: a passphrase to Ku. 0 or -EIO. */
int crypto_key_of(struct crypto *s, enum crypto_auth auth, const uint8_t *pass, size_t len,
	uint8_t ret[CRYPTO_KEY]) MUST_USE;

/* Ku to Kul. */
int crypto_localize(struct crypto *s, enum crypto_auth auth, const uint8_t *ku,
	const uint8_t *engine, size_t engine_len, uint8_t ret[CRYPTO_KEY]) MUST_USE;

/* Localizes a privacy key and extends it to the cipher's length. */
int crypto_localize_priv(struct crypto *s, enum crypto_auth auth, enum crypto_priv priv,
	const uint8_t *ku, const uint8_t *engine, size_t engine_len,
	uint8_t ret[CRYPTO_KEY]) MUST_USE;

/* HMAC (RFC 2104) over the message, cut to crypto_mac_size. */
int crypto_mac(struct crypto *s, enum crypto_auth auth, const uint8_t *kul, const uint8_t *message,
	size_t len, uint8_t ret[CRYPTO_MAC_MAX]) MUST_USE;

/* Encrypts or decrypts in place; `len` must be whole blocks for DES. */
int crypto_crypt(struct crypto *s, enum crypto_priv priv, bool is_out, const uint8_t *key,
	uint32_t boots, uint32_t time, const uint8_t salt[CRYPTO_SALT], uint8_t *bytes,
	size_t len) MUST_USE;

#endif
