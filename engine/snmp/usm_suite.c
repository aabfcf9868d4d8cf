/* SPDX-License-Identifier: Apache-2.0
 * The algorithms of the security model, as OpenSSL names them. Single DES is in OpenSSL's legacy
 * provider only; triple DES with three equal keys is the same function and is in the default one.
 */
#include "engine/snmp/usm_internal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	uint8_t bytes;
} digests[USM_AUTH_COUNT] = {{NULL, 0}, {"MD5", 16}, {"SHA1", 20}, {"SHA224", 28}, {"SHA256", 32},
	{"SHA384", 48}, {"SHA512", 64}};

static const struct {
	const char *name;
	uint8_t key_bytes; /* that the model derives; DES: 8 of key, 8 of pre-IV */
} ciphers[USM_PRIV_COUNT] = {{NULL, 0}, {"DES-EDE3-CBC", 16}, {"AES-128-CFB", 16},
	{"AES-192-CFB", 24}, {"AES-256-CFB", 32}, {"AES-192-CFB", 24}, {"AES-256-CFB", 32}};

/* One context of each for all printers: what a printer has of its own are 150 bytes of keys, so a
 * message costs the same whether there are a hundred engines or a hundred thousand. (Contexts kept
 * per printer were tried: a key schedule less, and 1.7 kB more that no cache holds.) */
static struct {
	EVP_MD *digest[USM_AUTH_COUNT];
	EVP_CIPHER *cipher[USM_PRIV_COUNT];
	EVP_MD_CTX *digest_ctx[USM_AUTH_COUNT];
	EVP_CIPHER_CTX *cipher_ctx[USM_PRIV_COUNT];
	EVP_MAC_CTX *hmac_ctx; /* FIPS */
	bool is_fips;
} suite;

const EVP_MD *usm_suite_digest(enum usm_auth auth)
{
	if (suite.digest[auth] == NULL && digests[auth].name != NULL)
		suite.digest[auth] = EVP_MD_fetch(NULL, digests[auth].name, NULL);
	return suite.digest[auth];
}

const EVP_CIPHER *usm_suite_cipher(enum usm_priv priv)
{
	if (suite.cipher[priv] == NULL && ciphers[priv].name != NULL)
		suite.cipher[priv] = EVP_CIPHER_fetch(NULL, ciphers[priv].name, NULL);
	return suite.cipher[priv];
}

void usm_suite_use_fips(void)
{
	suite.is_fips = true;
}

/* ---- HMAC (RFC 2104) -------------------------------------------------------------------- */

static const uint8_t zeroes[SNMP3_AUTH_MAX];

/* A validated module computes it as a whole or not at all: by its MAC, keyed for each message. */
static bool hmac_of_provider(uint8_t *dst, enum usm_auth auth, const uint8_t *key,
	const uint8_t *bytes, size_t len, size_t hole_at, size_t hole_len)
{
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
				       (char *)(uintptr_t)digests[auth].name, 0),
		OSSL_PARAM_construct_end()};
	size_t n = 0, behind = hole_at + hole_len;
	if (suite.hmac_ctx == NULL) {
		EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
		suite.hmac_ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
		EVP_MAC_free(mac); /* the context holds it */
	}
	EVP_MAC_CTX *ctx = suite.hmac_ctx;
	return ctx != NULL && EVP_MAC_init(ctx, key, digests[auth].bytes, params) == 1 &&
	       EVP_MAC_update(ctx, bytes, hole_at) == 1 &&
	       EVP_MAC_update(ctx, zeroes, hole_len) == 1 &&
	       EVP_MAC_update(ctx, bytes + behind, len - behind) == 1 &&
	       EVP_MAC_final(ctx, dst, &n, USM_KEY_MAX) == 1;
}

/* Set up once: later it is only begun again. */
static EVP_MD_CTX *digest_ctx(enum usm_auth auth)
{
	EVP_MD_CTX *ctx = suite.digest_ctx[auth];
	if (ctx != NULL || (ctx = EVP_MD_CTX_new()) == NULL)
		return ctx;
	if (EVP_DigestInit_ex2(ctx, suite.digest[auth], NULL) != 1) {
		EVP_MD_CTX_free(ctx);
		return NULL;
	}
	return suite.digest_ctx[auth] = ctx;
}

static EVP_CIPHER_CTX *cipher_ctx(enum usm_priv priv)
{
	EVP_CIPHER_CTX *ctx = suite.cipher_ctx[priv];
	if (ctx != NULL || (ctx = EVP_CIPHER_CTX_new()) == NULL)
		return ctx;
	if (EVP_CipherInit_ex2(ctx, suite.cipher[priv], NULL, NULL, 1, NULL) != 1 ||
		EVP_CIPHER_CTX_set_padding(ctx, 0) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		return NULL;
	}
	return suite.cipher_ctx[priv] = ctx;
}

/* Keys are never longer than a block. */
static bool hmac_of_digest(uint8_t *dst, enum usm_auth auth, const uint8_t *key,
	const uint8_t *bytes, size_t len, size_t hole_at, size_t hole_len)
{
	enum { BLOCK_MAX = 128, INNER = 0x36, OUTER = 0x5c };
	uint8_t pad[BLOCK_MAX], inner[USM_KEY_MAX];
	EVP_MD_CTX *ctx = digest_ctx(auth);
	size_t block = auth >= USM_AUTH_SHA384 ? 128 : 64, behind = hole_at + hole_len;
	unsigned n = digests[auth].bytes;
	memset(pad, INNER, block);
	for (size_t i = 0; i < n; i++)
		pad[i] ^= key[i];
	bool ok = ctx != NULL && EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 &&
		  EVP_DigestUpdate(ctx, pad, block) == 1 &&
		  EVP_DigestUpdate(ctx, bytes, hole_at) == 1 &&
		  EVP_DigestUpdate(ctx, zeroes, hole_len) == 1 &&
		  EVP_DigestUpdate(ctx, bytes + behind, len - behind) == 1 &&
		  EVP_DigestFinal_ex(ctx, inner, NULL) == 1;
	for (size_t i = 0; i < block; i++)
		pad[i] ^= INNER ^ OUTER;
	ok = ok && EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 &&
	     EVP_DigestUpdate(ctx, pad, block) == 1 && EVP_DigestUpdate(ctx, inner, n) == 1 &&
	     EVP_DigestFinal_ex(ctx, dst, NULL) == 1;
	OPENSSL_cleanse(pad, sizeof pad);
	return ok;
}

int usm_hmac(uint8_t dst[USM_KEY_MAX], enum usm_auth auth, const uint8_t *key, const uint8_t *bytes,
	size_t len, size_t hole_at, size_t hole_len)
{
	bool ok = suite.is_fips ? hmac_of_provider(dst, auth, key, bytes, len, hole_at, hole_len)
				: hmac_of_digest(dst, auth, key, bytes, len, hole_at, hole_len);
	if (!ok)
		ERR_clear_error();
	return ok ? 0 : ERR_CRYPTO;
}

int usm_cipher(enum usm_priv priv, bool is_encrypting, const uint8_t *key, const uint8_t *iv,
	uint8_t *dst, const uint8_t *src, size_t len)
{
	int n = 0;
	EVP_CIPHER_CTX *ctx = cipher_ctx(priv);
	bool ok = ctx != NULL && EVP_CipherInit_ex2(ctx, NULL, key, iv, is_encrypting, NULL) == 1 &&
		  EVP_CipherUpdate(ctx, dst, &n, src, (int)len) == 1 && (size_t)n == len;
	if (!ok)
		ERR_clear_error();
	return ok ? 0 : ERR_CRYPTO;
}

/* ---- keys ------------------------------------------------------------------------------- */

size_t usm_digest_bytes(enum usm_auth auth)
{
	return digests[auth].bytes;
}

size_t usm_cipher_key_bytes(enum usm_priv priv)
{
	return ciphers[priv].key_bytes;
}

int usm_password_to_key(uint8_t *dst, const EVP_MD *md, const uint8_t *password, size_t len)
{
	enum { EXPANDED = 1 << 20, PIECE = 4096 };
	uint8_t piece[PIECE];
	size_t at = 0; /* in the passphrase */
	unsigned n = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return -ENOMEM;
	bool ok = len > 0 && EVP_DigestInit_ex2(ctx, md, NULL) == 1;
	for (size_t done = 0; ok && done < EXPANDED; done += PIECE) {
		for (size_t i = 0; i < PIECE; i++) {
			piece[i] = password[at];
			at = at + 1 == len ? 0 : at + 1;
		}
		ok = EVP_DigestUpdate(ctx, piece, PIECE) == 1;
	}
	ok = ok && EVP_DigestFinal_ex(ctx, dst, &n) == 1;
	EVP_MD_CTX_free(ctx);
	OPENSSL_cleanse(piece, sizeof piece);
	return ok ? 0 : ERR_CRYPTO;
}

int usm_localize(uint8_t *dst, const EVP_MD *md, const uint8_t *ku, size_t ku_len,
	const uint8_t *engine_id, size_t engine_id_len)
{
	uint8_t all[2 * USM_KEY_MAX + SNMP3_ENGINE_ID];
	unsigned n = 0;
	memcpy(all, ku, ku_len);
	memcpy(all + ku_len, engine_id, engine_id_len);
	memcpy(all + ku_len + engine_id_len, ku, ku_len);
	int ok = EVP_Digest(all, 2 * ku_len + engine_id_len, dst, &n, md, NULL);
	OPENSSL_cleanse(all, sizeof all);
	return ok == 1 ? 0 : ERR_CRYPTO;
}
