/* SPDX-License-Identifier: Apache-2.0
 * The hub's public key as the agent trusts it: the first one over verified TLS is pinned; another
 * one is taken in its place only if the pinned one signs it (platen-hub key rotate) or if its
 * fingerprint was confirmed on this machine (platen trust-hub). Kept in the spool's values. */
#ifndef PLATEN_UPLINK_HUB_KEY_H
#define PLATEN_UPLINK_HUB_KEY_H

#include "engine/loop/crypto.h"
#include "engine/store/spool.h"
#include "proto/wire/envelope.h"

struct hub_key {
	uint8_t der[LIMIT_PUBLIC_KEY];
	size_t len;      /* 0: none is pinned */
	bool is_twice;   /* both copies are whole */
	bool is_damaged; /* one was pinned, and cannot be read any more */
	bool has_confirmed;
	uint8_t confirmed[CRYPTO_SHA256]; /* fingerprint */
};

/* Kept twice, so that one damaged byte does not cost the trust in it. */
extern const char *const hub_key_names[2];

/* Both block and use the owner's connection, as spool_get_value. */
int hub_key_load(struct hub_key *k, struct spool *s) MUST_USE;
/* Pins the key, and forgets the confirmed fingerprint if it is this key's. */
int hub_key_pin(struct hub_key *k, struct spool *s, const uint8_t *der, size_t len) MUST_USE;
int hub_key_confirm(struct spool *s, const uint8_t fingerprint[CRYPTO_SHA256]) MUST_USE;

/* SHA-256 of the DER SubjectPublicKeyInfo, in hexadecimal digits; "none" without a key. */
#define HUB_KEY_TEXT (2 * CRYPTO_SHA256 + 1)
const char *hub_key_text(char dst[HUB_KEY_TEXT], const uint8_t *der, size_t len);

/* Why the key of a receipt may be trusted. */
enum hub_key_trust {
	HUB_KEY_PINNED,    /* it is the pinned one */
	HUB_KEY_FIRST,     /* none is pinned yet */
	HUB_KEY_ROTATED,   /* the pinned one signs it */
	HUB_KEY_CONFIRMED, /* by platen trust-hub */
};
const char *hub_key_trust_name(enum hub_key_trust trust);

/* The trust in the receipt's key and its signature, or an error with a sentence in `why`: ERR_KEY,
 * ERR_SIGNATURE ... `may_pin`: the first key may be pinned, as it came over verified TLS. */
int hub_key_check(const struct hub_key *k, const struct envelope *e, const struct receipt *r,
	bool may_pin, char *why, size_t why_cap) MUST_USE;

#endif
