/* SPDX-License-Identifier: Apache-2.0
 * Whether a response is the hub's receipt for this very batch. Every check that fails means:
 * nothing is deleted. */
#include "engine/uplink/uplink_internal.h"

#include <string.h>

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
	*why = sync->why;
	int trust = hub_key_check(&u->hub_key, &sync->receipt_envelope, &sync->receipt, true,
		sync->why, sizeof sync->why);
	if (trust < 0)
		return trust;
	sync->trust = (enum hub_key_trust)trust;
	*why = "the receipt is for another batch";
	return is_for_this_batch(sync, &sync->receipt) ? 0 : ERR_SIGNATURE;
}
