/* SPDX-License-Identifier: Apache-2.0
 * Digests, signatures, random numbers and password hashes, by OpenSSL. Everything here is
 * synchronous; crypto_scrypt is slow on purpose and belongs on WORKER_HASH.
 * Signature algorithms (proto/wire/SCHEMA.md): 1 Ed25519 (RFC 8032), 2 ECDSA P-256 with SHA-256. */
#ifndef PLATEN_LOOP_CRYPTO_H
#define PLATEN_LOOP_CRYPTO_H

#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_SHA256 32
#define CRYPTO_SIGNATURE_MAX 80
#define CRYPTO_PUBLIC_MAX 100 /* DER SubjectPublicKeyInfo */
#define CRYPTO_KEY_ID 8       /* the first bytes of SHA-256 over the public key's DER */

/* CRYPTO_ANY: for crypto_key_open, whatever is there; a new key is Ed25519. */
enum crypto_alg { CRYPTO_ANY = 0, CRYPTO_ED25519 = 1, CRYPTO_P256 = 2 };

/* False: OpenSSL got no memory for its state. It crashes when it is used then. */
bool crypto_is_ready(void);

struct crypto_key; /* private, signs */

/* Loads PEM from `path`, or makes a new key there (mode 0600, written, fsynced and renamed) if
 * there is no file. ERR_KEY with a sentence in why if it is readable by others or damaged. */
int crypto_key_open(struct crypto_key **ret, const char *path, enum crypto_alg alg, char *why,
	size_t why_cap) MUST_USE;
void crypto_key_close(struct crypto_key *k); /* wipes */

enum crypto_alg crypto_key_alg(const struct crypto_key *k);
/* DER SubjectPublicKeyInfo; returns its length. */
int crypto_key_public(const struct crypto_key *k, uint8_t dst[CRYPTO_PUBLIC_MAX]) MUST_USE;
int crypto_key_id(const uint8_t *public_der, size_t len, uint8_t dst[CRYPTO_KEY_ID]) MUST_USE;

/* Length of the signature, or ERR_CRYPTO. */
int crypto_sign(const struct crypto_key *k, const uint8_t *bytes, size_t len,
	uint8_t dst[CRYPTO_SIGNATURE_MAX]) MUST_USE;

/* 0, ERR_SIGNATURE, or ERR_KEY. */
int crypto_verify(enum crypto_alg alg, const uint8_t *public_der, size_t public_len,
	const uint8_t *bytes, size_t len, const uint8_t *sig, size_t sig_len) MUST_USE;

int crypto_sha256(const void *bytes, size_t len, uint8_t dst[CRYPTO_SHA256]) MUST_USE;
int crypto_random(void *dst, size_t n) MUST_USE;
bool crypto_is_equal(const void *a, const void *b, size_t n); /* constant time */
void crypto_wipe(void *p, size_t n);

/* scrypt (RFC 7914), N = 2^15, r = 8, p = 1: about 32 MiB for a moment. */
int crypto_scrypt(const char *password, size_t len, const uint8_t *salt, size_t salt_len,
	uint8_t dst[CRYPTO_SHA256]) MUST_USE;

#endif
