/* SPDX-License-Identifier: Apache-2.0
 * Digests, signatures, random numbers and password hashes, by OpenSSL. Everything here is
 * synchronous; seal_scrypt is slow on purpose and belongs on LANE_HASH.
 * Signature algorithms (proto/wire/SCHEMA.md): 1 Ed25519 (RFC 8032), 2 ECDSA P-256 with SHA-256. */
#ifndef PLATEN_LOOP_SEAL_H
#define PLATEN_LOOP_SEAL_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define SEAL_SHA256 32
#define SEAL_SIGNATURE_MAX 80
#define SEAL_PUBLIC_MAX 100 /* DER SubjectPublicKeyInfo */
#define SEAL_KEY_ID 8       /* the first bytes of SHA-256 over the public key's DER */

/* SEAL_ANY: for seal_key_open, whatever is there; a new key is Ed25519. */
enum seal_alg { SEAL_ANY = 0, SEAL_ED25519 = 1, SEAL_P256 = 2 };

struct seal_key; /* private, signs */

/* Loads PEM from `path`, or makes a new key there (mode 0600, written, fsynced and renamed) if
 * there is no file. ERR_KEY with a sentence in why if it is readable by others or damaged. */
int seal_key_open(struct seal_key **ret, const char *path, enum seal_alg alg, char *why,
	size_t why_cap) MUST_USE;
void seal_key_close(struct seal_key *k); /* wipes */

enum seal_alg seal_key_alg(const struct seal_key *k);
/* DER SubjectPublicKeyInfo; returns its length. */
int seal_key_public(const struct seal_key *k, uint8_t dst[SEAL_PUBLIC_MAX]) MUST_USE;
int seal_key_id(const uint8_t *public_der, size_t len, uint8_t dst[SEAL_KEY_ID]) MUST_USE;

/* Length of the signature, or ERR_CRYPTO. */
int seal_sign(const struct seal_key *k, const uint8_t *bytes, size_t len,
	uint8_t dst[SEAL_SIGNATURE_MAX]) MUST_USE;

/* 0, ERR_SIGNATURE, or ERR_KEY. */
int seal_verify(enum seal_alg alg, const uint8_t *public_der, size_t public_len,
	const uint8_t *bytes, size_t len, const uint8_t *sig, size_t sig_len) MUST_USE;

int seal_sha256(const void *bytes, size_t len, uint8_t dst[SEAL_SHA256]) MUST_USE;
int seal_random(void *dst, size_t n) MUST_USE;
bool seal_is_equal(const void *a, const void *b, size_t n); /* constant time */
void seal_wipe(void *p, size_t n);

/* scrypt (RFC 7914), N = 2^15, r = 8, p = 1: about 32 MiB for a moment. */
int seal_scrypt(const char *password, size_t len, const uint8_t *salt, size_t salt_len,
	uint8_t dst[SEAL_SHA256]) MUST_USE;

#endif
