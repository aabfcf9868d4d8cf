/* SPDX-License-Identifier: Apache-2.0
 * Everything but files: crypto_key.c loads and makes keys. */
#include "engine/loop/crypto_internal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <limits.h>
#include <string.h>

bool crypto_is_ready(void)
{
	return OSSL_LIB_CTX_get0_global_default() != NULL;
}

/* ---- digests, random numbers ---- */

int crypto_sha256(const void *bytes, size_t len, uint8_t dst[CRYPTO_SHA256])
{
	unsigned n = 0;
	if (EVP_Digest(bytes, len, dst, &n, EVP_sha256(), NULL) != 1 || n != CRYPTO_SHA256)
		return ERR_CRYPTO;
	return 0;
}

int crypto_random(void *dst, size_t n)
{
	if (n > INT_MAX || RAND_bytes(dst, (int)n) != 1)
		return ERR_CRYPTO;
	return 0;
}

bool crypto_is_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void crypto_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

/* ---- keys ---- */

bool crypto_is_alg(const EVP_PKEY *pkey, enum crypto_alg alg)
{
	char group[32] = "";
	switch (alg) {
	case CRYPTO_ANY:
		return crypto_is_alg(pkey, CRYPTO_ED25519) || crypto_is_alg(pkey, CRYPTO_P256);
	case CRYPTO_ED25519:
		return EVP_PKEY_is_a(pkey, "ED25519") == 1;
	case CRYPTO_P256:
		return EVP_PKEY_is_a(pkey, "EC") == 1 &&
		       EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) == 1 &&
		       strcmp(group, "prime256v1") == 0;
	}
	return false;
}

enum crypto_alg crypto_key_alg(const struct crypto_key *k)
{
	return k->alg;
}

int crypto_key_public(const struct crypto_key *k, uint8_t dst[CRYPTO_PUBLIC_MAX])
{
	int len = i2d_PUBKEY(k->pkey, NULL);
	if (len <= 0 || len > CRYPTO_PUBLIC_MAX)
		return ERR_CRYPTO;
	return i2d_PUBKEY(k->pkey, &dst);
}

int crypto_key_id(const uint8_t *public_der, size_t len, uint8_t dst[CRYPTO_KEY_ID])
{
	uint8_t digest[CRYPTO_SHA256];
	int err = crypto_sha256(public_der, len, digest);
	if (err < 0)
		return err;
	memcpy(dst, digest, CRYPTO_KEY_ID);
	return 0;
}

/* ---- signatures ---- */

/* Ed25519 hashes by itself. */
static const EVP_MD *digest_of(enum crypto_alg alg)
{
	return alg == CRYPTO_P256 ? EVP_sha256() : NULL;
}

int crypto_sign(const struct crypto_key *k, const uint8_t *bytes, size_t len,
	uint8_t dst[CRYPTO_SIGNATURE_MAX])
{
	size_t n = CRYPTO_SIGNATURE_MAX;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return ERR_CRYPTO;
	bool ok = EVP_DigestSignInit(ctx, NULL, digest_of(k->alg), NULL, k->pkey) == 1 &&
		  EVP_DigestSign(ctx, dst, &n, bytes, len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? (int)n : ERR_CRYPTO;
}

int crypto_verify(enum crypto_alg alg, const uint8_t *public_der, size_t public_len,
	const uint8_t *bytes, size_t len, const uint8_t *sig, size_t sig_len)
{
	const uint8_t *at = public_der;
	if (public_len > CRYPTO_PUBLIC_MAX)
		return ERR_KEY;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)public_len);
	int err = ERR_KEY;
	EVP_MD_CTX *ctx = NULL;
	if (pkey == NULL || at != public_der + public_len || !crypto_is_alg(pkey, alg))
		goto out;
	err = ERR_CRYPTO;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, digest_of(alg), NULL, pkey) != 1)
		goto out;
	/* Malformed signatures are below zero, others 0. */
	err = EVP_DigestVerify(ctx, sig, sig_len, bytes, len) == 1 ? 0 : ERR_SIGNATURE;
out:
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return err;
}

/* ---- passwords ---- */

int crypto_scrypt(const char *password, size_t len, const uint8_t *salt, size_t salt_len,
	uint8_t dst[CRYPTO_SHA256])
{
	uint64_t n = 1u << 15;
	uint32_t r = 8;
	uint32_t p = 1;
	uint64_t max = 64u << 20;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (char *)password, len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (uint8_t *)salt, salt_len),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &max),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
	bool ok = ctx != NULL && EVP_KDF_derive(ctx, dst, CRYPTO_SHA256, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	if (!ok)
		ERR_clear_error();
	return ok ? 0 : ERR_CRYPTO;
}
