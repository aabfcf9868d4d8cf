/* SPDX-License-Identifier: Apache-2.0
 * Credentials of users. Machines have a generated secret: 160 random bits in a text of one fixed
 * format, stored as SHA-256(salt | secret). People have a password, stored as scrypt. The format of
 * the presented secret, never the user, decides which of the two is computed, so that neither time
 * nor load reveals which users exist or their roles.
 *
 * Nothing here waits; credential_matches takes a tenth of a second for a password: WORKER_HASH. */
#ifndef PLATEN_HUB_CREDENTIAL_H
#define PLATEN_HUB_CREDENTIAL_H

#include "engine/store/archive.h"

#define CREDENTIAL_PREFIX "platen-"
/* The prefix, 32 characters of base32 (RFC 4648, lower case), NUL. */
#define CREDENTIAL_SECRET (sizeof CREDENTIAL_PREFIX + 32)
/* People's passwords: shorter ones are refused when they are set. */
#define CREDENTIAL_PASSWORD_MIN 8

/* A new secret. The caller wipes it. */
int credential_make(char dst[CREDENTIAL_SECRET]) MUST_USE;

/* Whether a text has the format of a generated secret. */
bool credential_is_machine(const char *text);

/* 0, or ERR_FORMAT with the reason in `why`: names are 1..LIMIT_USER characters out of letters,
 * digits and "._@-". */
int credential_check_name(const char *name, char *why, size_t why_cap) MUST_USE;

/* Fills all of `account`. ERR_FORMAT with a sentence in `why` if the role cannot have that
 * secret. Slow for a password. */
int credential_set(struct archive_account *account, const char *name, enum archive_role role,
	const char *secret, uint64_t now_wall_ms, char *why, size_t why_cap) MUST_USE;

/* Whether `secret` is the one of `account` (NULL: there is no such user, which takes as long).
 * 1, 0 or ERR_CRYPTO. */
int credential_matches(const struct archive_account *account, const char *secret) MUST_USE;

const char *credential_role_name(enum archive_role role);
/* enum archive_role or ERR_FORMAT. */
int credential_role_from(const char *name) MUST_USE;

#endif
