/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/crypto.h"

#include <errno.h>
#include <string.h>

enum { EXPANDED = 1 << 20, BLOCK_MAX = 128, DIGEST_MAX = 64 };

const char *const crypto_auth_names[CRYPTO_AUTHS] = {
	"none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"};
const char *const crypto_priv_names[CRYPTO_PRIVS] = {
	"none", "des", "aes128", "aes192", "aes256", "aes192c", "aes256c"};

static const struct {
	const char *name;
	uint8_t size, block, mac;
} auths[CRYPTO_AUTHS] = {{NULL, 0, 0, 0}, {"MD5", 16, 64, 12}, {"SHA1", 20, 64, 12},
	{"SHA224", 28, 64, 16}, {"SHA256", 32, 64, 24}, {"SHA384", 48, 128, 32},
	{"SHA512", 64, 128, 48}};

/* DES is triple DES with three equal keys, which OpenSSL offers without its legacy provider. */
static const struct {
	const char *name;
	uint8_t key;
} privs[CRYPTO_PRIVS] = {{NULL, 0}, {"DES-EDE3-CBC", 16}, {"AES-128-CFB", 16}, {"AES-192-CFB", 24},
	{"AES-256-CFB", 32}, {"AES-192-CFB", 24}, {"AES-256-CFB", 32}};

int crypto_open(struct crypto *s)
{
	*s = (struct crypto){0};
	s->digest_context = EVP_MD_CTX_new();
	s->cipher_context = EVP_CIPHER_CTX_new();
	bool is_whole = s->digest_context != NULL && s->cipher_context != NULL;
	for (size_t i = 1; is_whole && i < CRYPTO_AUTHS; i++) {
		s->digest[i] = EVP_MD_fetch(NULL, auths[i].name, NULL);
		is_whole = s->digest[i] != NULL;
	}
	for (size_t i = 1; is_whole && i < CRYPTO_PRIVS; i++) {
		s->cipher[i] = EVP_CIPHER_fetch(NULL, privs[i].name, NULL);
		is_whole = s->cipher[i] != NULL;
	}
	if (is_whole)
		return 0;
	crypto_close(s);
	return -ENOTSUP;
}

void crypto_close(struct crypto *s)
{
	for (size_t i = 1; i < CRYPTO_AUTHS; i++)
		EVP_MD_free(s->digest[i]);
	for (size_t i = 1; i < CRYPTO_PRIVS; i++)
		EVP_CIPHER_free(s->cipher[i]);
	EVP_MD_CTX_free(s->digest_context);
	EVP_CIPHER_CTX_free(s->cipher_context);
	*s = (struct crypto){0};
}

size_t crypto_mac_size(enum crypto_auth auth)
{
	return auths[auth].mac;
}

/* The digest of up to three parts. */
static int digest(struct crypto *s, enum crypto_auth auth, const uint8_t *const part[3],
	const size_t len[3], uint8_t ret[DIGEST_MAX])
{
	EVP_MD_CTX *c = s->digest_context;
	bool is_done = EVP_DigestInit_ex(c, s->digest[auth], NULL) == 1;
	for (size_t i = 0; is_done && i < 3; i++)
		is_done = len[i] == 0 || EVP_DigestUpdate(c, part[i], len[i]) == 1;
	return is_done && EVP_DigestFinal_ex(c, ret, NULL) == 1 ? 0 : -EIO;
}

int crypto_key_of(struct crypto *s, enum crypto_auth auth, const uint8_t *pass, size_t len,
	uint8_t ret[CRYPTO_KEY])
{
	EVP_MD_CTX *c = s->digest_context;
	if (len == 0 || EVP_DigestInit_ex(c, s->digest[auth], NULL) != 1)
		return -EIO;
	uint8_t chunk[64];
	size_t at = 0;
	for (size_t done = 0; done < EXPANDED; done += sizeof chunk) {
		for (size_t i = 0; i < sizeof chunk; i++) {
			chunk[i] = pass[at];
			at = at + 1 == len ? 0 : at + 1;
		}
		if (EVP_DigestUpdate(c, chunk, sizeof chunk) != 1)
			return -EIO;
	}
	return EVP_DigestFinal_ex(c, ret, NULL) == 1 ? 0 : -EIO;
}

int crypto_localize(struct crypto *s, enum crypto_auth auth, const uint8_t *ku,
	const uint8_t *engine, size_t engine_len, uint8_t ret[CRYPTO_KEY])
{
	const uint8_t *const part[3] = {ku, engine, ku};
	const size_t len[3] = {auths[auth].size, engine_len, auths[auth].size};
	return digest(s, auth, part, len, ret);
}

int crypto_localize_priv(struct crypto *s, enum crypto_auth auth, enum crypto_priv priv,
	const uint8_t *ku, const uint8_t *engine, size_t engine_len, uint8_t ret[CRYPTO_KEY])
{
	uint8_t kul[CRYPTO_KEY], more[CRYPTO_KEY];
	size_t have = auths[auth].size, want = privs[priv].key;
	int err = crypto_localize(s, auth, ku, engine, engine_len, kul);
	if (err < 0)
		return err;
	memcpy(ret, kul, have);
	if (have >= want)
		return 0;
	if (priv == CRYPTO_AES192_CISCO || priv == CRYPTO_AES256_CISCO) {
		/* draft-reeder-snmpv3-usm-3desede section 2.1: the key is the next passphrase. */
		uint8_t next[CRYPTO_KEY];
		err = crypto_key_of(s, auth, kul, have, next);
		if (err == 0)
			err = crypto_localize(s, auth, next, engine, engine_len, more);
	} else {
		/* draft-blumenthal-aes-usm-04 section 3.1.2.1: its digest follows the key. */
		const uint8_t *const part[3] = {kul, NULL, NULL};
		const size_t len[3] = {have, 0, 0};
		err = digest(s, auth, part, len, more);
	}
	if (err == 0)
		memcpy(ret + have, more, want - have);
	return err;
}

int crypto_mac(struct crypto *s, enum crypto_auth auth, const uint8_t *kul, const uint8_t *message,
	size_t len, uint8_t ret[CRYPTO_MAC_MAX])
{
	uint8_t inner[BLOCK_MAX], outer[BLOCK_MAX], sum[DIGEST_MAX];
	size_t block = auths[auth].block, size = auths[auth].size;
	memset(inner, 0x36, block);
	memset(outer, 0x5c, block);
	for (size_t i = 0; i < size; i++) {
		inner[i] ^= kul[i];
		outer[i] ^= kul[i];
	}
	const uint8_t *const first[3] = {inner, message, NULL}, *const second[3] = {
									outer, sum, NULL};
	const size_t first_len[3] = {block, len, 0}, second_len[3] = {block, size, 0};
	int err = digest(s, auth, first, first_len, sum);
	if (err == 0)
		err = digest(s, auth, second, second_len, sum);
	if (err == 0)
		memcpy(ret, sum, auths[auth].mac);
	return err;
}

int crypto_crypt(struct crypto *s, enum crypto_priv priv, bool is_out, const uint8_t *key,
	uint32_t boots, uint32_t time, const uint8_t salt[CRYPTO_SALT], uint8_t *bytes, size_t len)
{
	EVP_CIPHER_CTX *c = s->cipher_context;
	uint8_t iv[16], thrice[24];
	if (priv == CRYPTO_DES) {
		if (len % CRYPTO_DES_BLOCK != 0)
			return ERR_FORMAT;
		for (size_t i = 0; i < 8; i++)
			iv[i] = key[8 + i] ^ salt[i];
		for (size_t i = 0; i < sizeof thrice; i++)
			thrice[i] = key[i % 8];
		key = thrice;
	} else {
		for (size_t i = 0; i < 4; i++) {
			iv[i] = (uint8_t)(boots >> (24 - 8 * i));
			iv[4 + i] = (uint8_t)(time >> (24 - 8 * i));
		}
		memcpy(iv + 8, salt, CRYPTO_SALT);
	}
	int n = 0;
	if (EVP_CipherInit_ex2(c, s->cipher[priv], key, iv, is_out ? 1 : 0, NULL) != 1 ||
		EVP_CIPHER_CTX_set_padding(c, 0) != 1 ||
		EVP_CipherUpdate(c, bytes, &n, bytes, (int)len) != 1)
		return -EIO;
	return (size_t)n == len ? 0 : -EIO;
}
