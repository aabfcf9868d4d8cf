/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/hub_key.h"

#include <stdio.h>
#include <string.h>

const char *const hub_key_names[2] = {"hub_key", "hub_key.copy"};
static const char confirmed_name[] = "hub_key.confirmed";

static int load_confirmed(struct hub_key *k, struct spool *s)
{
	int n = spool_get_value(s, confirmed_name, k->confirmed, sizeof k->confirmed);
	k->has_confirmed = n == (int)sizeof k->confirmed;
	/* A damaged one confirms nothing. */
	return n < 0 && n != ERR_STORE_CORRUPT && n != ERR_FULL ? n : 0;
}

/* The pinned key, from whichever of its two copies is whole. If neither is, printers are read and
 * readings kept all the same, but nothing is sent: forgetting the key would let anybody be the hub.
 */
int hub_key_load(struct hub_key *k, struct spool *s)
{
	int n[2];
	*k = (struct hub_key){.len = 0};
	for (int i = 1; i >= 0; i--) {
		uint8_t key[LIMIT_PUBLIC_KEY];
		n[i] = spool_get_value(s, hub_key_names[i], key, sizeof key);
		if (n[i] < 0 && n[i] != ERR_STORE_CORRUPT && n[i] != ERR_FULL)
			return n[i];
		if (n[i] <= 0)
			continue;
		memcpy(k->der, key, (size_t)n[i]);
		k->len = (size_t)n[i];
	}
	k->is_twice = n[0] > 0 && n[1] > 0;
	k->is_damaged = k->len == 0 && (n[0] < 0 || n[1] < 0);
	return load_confirmed(k, s);
}

static bool is_confirmed(const struct hub_key *k, const uint8_t *der, size_t len)
{
	uint8_t digest[CRYPTO_SHA256];
	return k->has_confirmed && crypto_sha256(der, len, digest) == 0 &&
	       memcmp(digest, k->confirmed, sizeof digest) == 0;
}

int hub_key_pin(struct hub_key *k, struct spool *s, const uint8_t *der, size_t len)
{
	int err = 0;
	for (int i = 0; i < 2 && err == 0; i++)
		err = spool_set_value(s, hub_key_names[i], der, len);
	if (err == 0 && is_confirmed(k, der, len)) {
		err = spool_set_value(s, confirmed_name, "", 0);
		k->has_confirmed = false;
	}
	if (err < 0)
		return err;
	memcpy(k->der, der, len);
	k->len = len;
	k->is_twice = true;
	k->is_damaged = false;
	return 0;
}

int hub_key_confirm(struct spool *s, const uint8_t fingerprint[CRYPTO_SHA256])
{
	return spool_set_value(s, confirmed_name, fingerprint, CRYPTO_SHA256);
}

const char *hub_key_text(char dst[HUB_KEY_TEXT], const uint8_t *der, size_t len)
{
	uint8_t digest[CRYPTO_SHA256];
	if (len == 0 || crypto_sha256(der, len, digest) < 0)
		(void)str_copy(dst, HUB_KEY_TEXT, "none");
	else
		str_hex(dst, digest, sizeof digest);
	return dst;
}

const char *hub_key_trust_name(enum hub_key_trust trust)
{
	switch (trust) {
	case HUB_KEY_PINNED:
		return "hub-key-kept";
	case HUB_KEY_FIRST:
		return "hub-key-pinned";
	case HUB_KEY_ROTATED:
		return "hub-key-rotated";
	case HUB_KEY_CONFIRMED:
		return "hub-key-confirmed";
	}
	return "";
}

/* ---- checks ---- */

static bool is_key_named(const struct envelope *e, const struct receipt *r)
{
	uint8_t id[CRYPTO_KEY_ID];
	return r->public_key_len > 0 && r->public_key_len <= LIMIT_PUBLIC_KEY &&
	       crypto_key_id(r->public_key, r->public_key_len, id) == 0 &&
	       memcmp(id, e->key_id, sizeof id) == 0;
}

static bool is_pinned(const struct hub_key *k, const uint8_t *der, size_t len)
{
	return k->len > 0 && k->len == len && memcmp(k->der, der, len) == 0;
}

/* The pinned key has signed the new one. */
static bool is_rotated(const struct hub_key *k, const struct receipt *r)
{
	uint8_t digest[DIGEST_BYTES], bytes[HUB_KEY_SIGNED_BYTES];
	if (!is_pinned(k, r->old_key, r->old_key_len) ||
		(r->old_alg != CRYPTO_ED25519 && r->old_alg != CRYPTO_P256) ||
		crypto_sha256(r->public_key, r->public_key_len, digest) < 0)
		return false;
	hub_key_signed(bytes, digest);
	return crypto_verify((enum crypto_alg)r->old_alg, r->old_key, r->old_key_len, bytes,
		       sizeof bytes, r->old_signature, r->old_signature_len) == 0;
}

static int trust_of(const struct hub_key *k, const struct receipt *r, bool may_pin)
{
	if (is_pinned(k, r->public_key, r->public_key_len))
		return HUB_KEY_PINNED;
	if (is_confirmed(k, r->public_key, r->public_key_len))
		return HUB_KEY_CONFIRMED;
	if (is_rotated(k, r))
		return HUB_KEY_ROTATED;
	return k->len == 0 && !k->is_damaged && may_pin ? HUB_KEY_FIRST : ERR_KEY;
}

static int verify_signature(const struct envelope *e, const struct receipt *r)
{
	uint8_t digest[DIGEST_BYTES];
	uint8_t bytes[RECEIPT_SIGNED_BYTES];
	if (e->alg != CRYPTO_ED25519 && e->alg != CRYPTO_P256)
		return ERR_VERSION;
	int err = crypto_sha256(e->head, e->head_len, digest);
	if (err < 0)
		return err;
	receipt_signed(bytes, digest);
	return crypto_verify((enum crypto_alg)e->alg, r->public_key, r->public_key_len, bytes,
		sizeof bytes, e->signature, e->signature_len);
}

int hub_key_check(const struct hub_key *k, const struct envelope *e, const struct receipt *r,
	bool may_pin, char *why, size_t why_cap)
{
	char pinned[HUB_KEY_TEXT], got[HUB_KEY_TEXT];
	if (!is_key_named(e, r)) {
		(void)str_copy(why, why_cap, "the receipt's key does not fit its name");
		return ERR_KEY;
	}
	int err = verify_signature(e, r);
	if (err < 0) {
		(void)str_copy(why, why_cap,
			"the receipt's signature is wrong: it was changed on the way");
		return err;
	}
	int trust = trust_of(k, r, may_pin);
	if (trust < 0)
		(void)snprintf(why, why_cap,
			"the hub's key is %s, pinned is %s: if the hub was made anew, stop the "
			"agent and run platen trust-hub --new-key",
			hub_key_text(got, r->public_key, r->public_key_len),
			hub_key_text(pinned, k->der, k->len));
	return trust;
}
