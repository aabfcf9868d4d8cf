/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/credential.h"

#include "engine/loop/crypto.h"

#include <stdio.h>
#include <string.h>

enum { SECRET_BYTES = 20, PREFIX_LEN = sizeof CREDENTIAL_PREFIX - 1 };

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";

int credential_make(char dst[CREDENTIAL_SECRET])
{
	uint8_t random[SECRET_BYTES];
	int err = crypto_random(random, sizeof random);
	if (err < 0)
		return err;
	memcpy(dst, CREDENTIAL_PREFIX, PREFIX_LEN);
	size_t at = PREFIX_LEN;
	uint32_t bits = 0;
	unsigned held = 0;
	for (size_t i = 0; i < sizeof random; i++) {
		bits = bits << 8 | random[i];
		for (held += 8; held >= 5; held -= 5)
			dst[at++] = base32[bits >> (held - 5) & 31];
	}
	dst[at] = '\0';
	crypto_wipe(random, sizeof random);
	crypto_wipe(&bits, sizeof bits);
	return 0;
}

bool credential_is_machine(const char *text)
{
	if (strlen(text) != CREDENTIAL_SECRET - 1 ||
		memcmp(text, CREDENTIAL_PREFIX, PREFIX_LEN) != 0)
		return false;
	return strspn(text + PREFIX_LEN, base32) == CREDENTIAL_SECRET - 1 - PREFIX_LEN;
}

int credential_check_name(const char *name, char *why, size_t why_cap)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._@-";
	size_t len = strlen(name);
	if (len >= 1 && len <= LIMIT_USER && strspn(name, allowed) == len)
		return 0;
	(void)snprintf(why, why_cap,
		"a user's name has 1 to %d characters out of letters, digits and ._@-", LIMIT_USER);
	return ERR_FORMAT;
}

/* SHA-256(salt | secret). */
static int digest_secret(
	const uint8_t salt[ARCHIVE_SALT], const char *secret, uint8_t dst[CRYPTO_SHA256])
{
	uint8_t both[ARCHIVE_SALT + CREDENTIAL_SECRET];
	size_t len = strlen(secret);
	memcpy(both, salt, ARCHIVE_SALT);
	memcpy(both + ARCHIVE_SALT, secret, len);
	int err = crypto_sha256(both, ARCHIVE_SALT + len, dst);
	crypto_wipe(both, sizeof both);
	return err;
}

static int hash(enum archive_scheme scheme, const uint8_t salt[ARCHIVE_SALT], const char *secret,
	uint8_t dst[CRYPTO_SHA256])
{
	if (scheme == SCHEME_SHA256)
		return digest_secret(salt, secret, dst);
	return crypto_scrypt(secret, strlen(secret), salt, ARCHIVE_SALT, dst);
}

static enum archive_scheme scheme_for(const char *secret)
{
	return credential_is_machine(secret) ? SCHEME_SHA256 : SCHEME_SCRYPT;
}

int credential_set(struct archive_account *account, const char *name, enum archive_role role,
	const char *secret, uint64_t now_wall_ms, char *why, size_t why_cap)
{
	memset(account, 0, sizeof *account);
	int err = credential_check_name(name, why, why_cap);
	if (err < 0)
		return err;
	enum archive_scheme scheme = scheme_for(secret);
	size_t len = strlen(secret);
	if (role == ROLE_AGENT && scheme != SCHEME_SHA256)
		(void)snprintf(why, why_cap, "an agent's secret is one that platen-hub generated");
	else if (role != ROLE_AGENT && scheme == SCHEME_SHA256)
		(void)snprintf(why, why_cap, "a generated secret is for agents, not for people");
	else if (len < CREDENTIAL_PASSWORD_MIN || len > LIMIT_PASSWORD)
		(void)snprintf(why, why_cap, "a password has %d to %d characters",
			CREDENTIAL_PASSWORD_MIN, LIMIT_PASSWORD);
	else
		goto fits;
	return ERR_FORMAT;
fits:
	(void)str_copy(account->name, sizeof account->name, name);
	account->role = (uint8_t)role;
	account->scheme = (uint8_t)scheme;
	account->created_at_ms = now_wall_ms;
	err = crypto_random(account->salt, sizeof account->salt);
	if (err == 0)
		err = hash(scheme, account->salt, secret, account->hash);
	if (err < 0)
		(void)snprintf(why, why_cap, "the secret could not be hashed: %s", err_text(err));
	return err;
}

int credential_matches(const struct archive_account *account, const char *secret)
{
	enum archive_scheme scheme = scheme_for(secret);
	/* A user that is not there, or proves itself in the other way, costs the same and fails. */
	static const struct archive_account none;
	bool is_one = account != NULL && account->scheme == scheme;
	const struct archive_account *used = is_one ? account : &none;
	uint8_t got[CRYPTO_SHA256];
	int err = hash(scheme, used->salt, secret, got);
	if (err < 0)
		return ERR_CRYPTO;
	bool is_equal = crypto_is_equal(got, used->hash, sizeof got);
	crypto_wipe(got, sizeof got);
	return is_equal && is_one ? 1 : 0;
}

static const char *const roles[] = {
	[ROLE_AGENT] = "agent", [ROLE_OPERATOR] = "operator", [ROLE_VIEWER] = "viewer"};

const char *credential_role_name(enum archive_role role)
{
	return role >= ROLE_AGENT && role <= ROLE_VIEWER ? roles[role] : "unknown";
}

int credential_role_from(const char *name)
{
	for (int i = ROLE_AGENT; i <= ROLE_VIEWER; i++) {
		if (strcmp(roles[i], name) == 0)
			return i;
	}
	return ERR_FORMAT;
}
