/* SPDX-License-Identifier: Apache-2.0
 * Whether a response is the hub's receipt for this very batch. Every check that fails means:
 * nothing is deleted. */
#include "engine/uplink/uplink_internal.h"

#include <string.h>

/* The key must be the pinned one; the first key over verified TLS is the one to pin. */
static int check_replaced(const struct uplink *u, const struct envelope *e, const struct receipt *r)
{
	uint8_t id[CRYPTO_KEY_ID];
	if (r->public_key_len == 0 || r->public_key_len > LIMIT_PUBLIC_KEY)
		return ERR_KEY;
	if (u->hub_key_len > 0 && (u->hub_key_len != r->public_key_len ||
					  memcmp(u->hub_key, r->public_key, u->hub_key_len) != 0))
		return ERR_KEY;
	int err = crypto_key_id(r->public_key, r->public_key_len, id);
	if (err < 0)
		return err;
	return memcmp(id, e->key_id, sizeof id) == 0 ? 0 : ERR_KEY;
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

static bool is_for_this_batch(const struct uplink_sync *sync, const struct receipt *r)
{
	const struct batch_head *h = &sync->head;
	return memcmp(r->agent_id, h->agent_id, AGENT_ID_BYTES) == 0 && r->epoch == h->epoch &&
	       r->last >= h->first && r->last <= h->last &&
	       crypto_is_equal(r->batch_digest, sync->upload.digest, DIGEST_BYTES);
}

int receipt_verify(struct uplink *u, const char **why)
{
	struct uplink_sync *sync = u->sync;
	*why = "the response is not a receipt: is this address a platen-hub?";
	if (!sync->is_receipt)
		return ERR_FORMAT;
	int err = receipt_envelope_unpack(
		&sync->receipt_envelope, sync->response.data, sync->response.len);
	if (err == 0)
		err = receipt_unpack(&sync->receipt, sync->receipt_envelope.head,
			sync->receipt_envelope.head_len);
	if (err == ERR_VERSION)
		*why = "the receipt has another version than " ENVELOPE_ACCEPTS
		       ", which this agent reads: update the agent";
	if (err < 0)
		return err;
	*why = u->hub_key_len > 0
		       ? "the receipt is by another key than this hub's, which is pinned: if the "
			 "hub was made anew on purpose, forget the old key"
		       : "the receipt's key does not fit its name";
	err = check_replaced(u, &sync->receipt_envelope, &sync->receipt);
	if (err < 0)
		return err;
	*why = "the receipt's signature is wrong: it was changed on the way";
	err = verify_signature(&sync->receipt_envelope, &sync->receipt);
	if (err < 0)
		return err;
	*why = "the receipt is for another batch";
	return is_for_this_batch(sync, &sync->receipt) ? 0 : ERR_SIGNATURE;
}
