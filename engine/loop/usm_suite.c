/* SPDX-License-Identifier: Apache-2.0
 * The algorithms of the security model, as OpenSSL names them. Single DES is in OpenSSL's legacy
 * provider only; triple DES with three equal keys is the same function and is in the default one.
 */
#include "engine/loop/usm_internal.h"

#include <openssl/evp.h>

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

static struct {
	EVP_MAC *hmac;
	EVP_MD *digest[USM_AUTH_COUNT];
	EVP_CIPHER *cipher[USM_PRIV_COUNT];
} suite;

const EVP_MD *usm_suite_digest(enum usm_auth auth)
{
	if (suite.digest[auth] == NULL && digests[auth].name != NULL)
		suite.digest[auth] = EVP_MD_fetch(NULL, digests[auth].name, NULL);
	return suite.digest[auth];
}

EVP_MAC *usm_suite_hmac(void)
{
	if (suite.hmac == NULL)
		suite.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	return suite.hmac;
}

const EVP_CIPHER *usm_suite_cipher(enum usm_priv priv)
{
	if (suite.cipher[priv] == NULL && ciphers[priv].name != NULL)
		suite.cipher[priv] = EVP_CIPHER_fetch(NULL, ciphers[priv].name, NULL);
	return suite.cipher[priv];
}

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
	uint8_t all[2 * USM_KEY_MOST + SNMP3_ENGINE_ID];
	unsigned n = 0;
	memcpy(all, ku, ku_len);
	memcpy(all + ku_len, engine_id, engine_id_len);
	memcpy(all + ku_len + engine_id_len, ku, ku_len);
	int ok = EVP_Digest(all, 2 * ku_len + engine_id_len, dst, &n, md, NULL);
	OPENSSL_cleanse(all, sizeof all);
	return ok == 1 ? 0 : ERR_CRYPTO;
}
