/* SPDX-License-Identifier: Apache-2.0
 * SNMPv3 users, the printers that have them, and their localized keys. The keys are cached in a
 * table of fixed size; a missing key is computed again, which costs two digests. */
#ifndef PLATEN_SIM_USERS_H
#define PLATEN_SIM_USERS_H

#include "proto/base/limits.h"
#include "tools/sim/fleet.h"
#include "tools/sim/crypto.h"

enum {
	USERS_MAX = 1024,
	USERS_NAME = 32,
	USERS_KEYS = 1 << 17, /* slots of localized keys; a power of two */
	USERS_LINE = 512      /* bytes of a line of --v3-users */
};

enum { LEVEL_NONE, LEVEL_AUTH, LEVEL_PRIV };
extern const char *const level_names[3]; /* noauth, auth, priv */

struct user {
	char name[USERS_NAME + 1];
	uint8_t name_len;
	uint8_t auth, priv;   /* enum crypto_auth, crypto_priv */
	uint8_t min_level;    /* a request below this level is not authorized */
	uint32_t first, last; /* printers that have it */
	uint8_t auth_key[CRYPTO_KEY], priv_key[CRYPTO_KEY]; /* Ku */
};

struct user_keys {
	uint32_t printer, user;
	uint32_t generation; /* 0: empty */
	uint8_t auth[CRYPTO_KEY], priv[CRYPTO_KEY];
};

struct users {
	struct crypto crypto;
	struct user list[USERS_MAX]; /* of two with one name the later one wins */
	size_t count;
	uint32_t generation; /* of keys and engineIDs */
	struct user_keys *keys;
};

/* 0, -ENOMEM or -ENOTSUP. */
int users_open(struct users *u) MUST_USE;
void users_close(struct users *u);

/* A user's parameters as texts. `min_level` may be empty: the highest level of the user. */
struct user_text {
	const char *name, *auth, *auth_pass, *priv, *priv_pass, *min_level;
};

/* Adds a user of the printers [first, last], or replaces the one with the same name and printers.
 * 0, or an error with `why`. */
int users_add(struct users *u, const struct user_text *t, uint32_t first, uint32_t last,
	char why[LIMIT_WHY]) MUST_USE;

/* "USER:auth:authpass:priv:privpass[:level]" */
int users_add_line(struct users *u, const char *line, uint32_t first, uint32_t last,
	char why[LIMIT_WHY]) MUST_USE;

/* Reads a file of such lines, optionally prefixed with "FIRST-LAST " (printers), and "# ..."
 * comments. */
int users_read(struct users *u, const char *path, uint32_t last, char why[LIMIT_WHY]) MUST_USE;

/* The user of that name at that printer, or NULL. */
const struct user *users_find(
	const struct users *u, uint32_t printer, const uint8_t *name, size_t len);

/* The user's localized keys at a printer. NULL if OpenSSL fails. */
const struct user_keys *users_keys(
	struct users *u, const struct user *who, uint32_t printer, const struct engine *e);

/* Invalidates the cached keys after a change of an engineID or a passphrase. */
void users_forget(struct users *u);

#endif
