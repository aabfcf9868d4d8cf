/* SPDX-License-Identifier: Apache-2.0
 * fips: on. The validated module is the operator's: if OpenSSL's FIPS provider is installed, every
 * algorithm of this process comes from it or there is none; if it is not, the policy (which
 * algorithms the configuration may name) still holds, and the log says which of the two it is. */
#include "engine/snmp/usm_internal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* RFC 4231 case 2: HMAC-SHA-256, key "Jefe". */
static bool is_hmac_right(void)
{
	static const uint8_t want[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04,
		0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	static const char text[] = "what do ya want for nothing?";
	uint8_t mac[64];
	size_t n = 0;
	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "Jefe", 4, (const uint8_t *)text,
		       sizeof text - 1, mac, sizeof mac, &n) != NULL &&
	       n == sizeof want && memcmp(mac, want, n) == 0;
}

/* NIST SP 800-38A F.3.13: CFB128 with AES-128, first block. */
static bool is_aes_right(void)
{
	static const uint8_t key[] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
		0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
	static const uint8_t iv[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	static const uint8_t plain[] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d,
		0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a};
	static const uint8_t want[] = {0x3b, 0x3f, 0xd9, 0x2e, 0xb7, 0x2d, 0xad, 0x20, 0x33, 0x34,
		0x49, 0xf8, 0xe8, 0x3c, 0xfb, 0x4a};
	const EVP_CIPHER *cipher = usm_suite_cipher(USM_PRIV_AES128);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t out[32];
	int n = 0;
	bool ok = ctx != NULL && cipher != NULL &&
		  EVP_CipherInit_ex2(ctx, cipher, key, iv, 1, NULL) == 1 &&
		  EVP_CipherUpdate(ctx, out, &n, plain, sizeof plain) == 1 && n == sizeof want &&
		  memcmp(out, want, sizeof want) == 0;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* Where OpenSSL would look for it. */
static bool is_installed(char *path, size_t cap)
{
	const char *dir = getenv("OPENSSL_MODULES");
	const char *text = OpenSSL_version(OPENSSL_MODULES_DIR); /* MODULESDIR: "/usr/lib/..." */
	const char *begin = text == NULL ? NULL : strchr(text, '"');
	const char *end = begin == NULL ? NULL : strrchr(begin + 1, '"');
	if (dir != NULL && dir[0] != '\0')
		(void)snprintf(path, cap, "%s/fips.so", dir);
	else if (end != NULL)
		(void)snprintf(path, cap, "%.*s/fips.so", (int)(end - begin - 1), begin + 1);
	else
		return false;
	return access(path, F_OK) == 0;
}

static int refuse(char *why, size_t why_cap, const char *what, const char *path)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	(void)snprintf(why, why_cap, "fips: the provider %.120s %s (%s)", path, what,
		reason != NULL ? reason : "no reason given");
	ERR_clear_error();
	return ERR_CRYPTO;
}

int usm_fips_open(bool *ret_is_loaded, char *why, size_t why_cap)
{
	char path[512] = "";
	*ret_is_loaded = false;
	if (!is_installed(path, sizeof path)) {
		bool ok = is_hmac_right() && is_aes_right();
		(void)snprintf(why, why_cap, "%s",
			ok ? "fips: no FIPS provider is installed; the policy holds, the "
			     "algorithms are OpenSSL's own, not a validated module"
			   : "fips: OpenSSL's own HMAC or AES failed its known-answer test");
		return ok ? 0 : ERR_CRYPTO;
	}
	/* "base" reads and writes keys; it has no cryptography. */
	if (OSSL_PROVIDER_load(NULL, "fips") == NULL || OSSL_PROVIDER_load(NULL, "base") == NULL)
		return refuse(why, why_cap, "does not load", path);
	if (OSSL_PROVIDER_available(NULL, "fips") != 1 ||
		EVP_set_default_properties(NULL, "fips=yes") != 1)
		return refuse(why, why_cap, "is not available", path);
	if (!is_hmac_right() || !is_aes_right())
		return refuse(why, why_cap, "failed its known-answer test", path);
	usm_suite_use_fips();
	*ret_is_loaded = true;
	(void)snprintf(why, why_cap, "fips: every algorithm comes from the provider %.120s", path);
	return 0;
}
