/* SPDX-License-Identifier: Apache-2.0
 * The entries of a receipted batch in the audit, on WORKER_DISK. */
#include "engine/uplink/uplink_internal.h"

#include <stdio.h>

void uplink_account(const struct uplink *u, char dst[LIMIT_AUDIT_WHO])
{
	(void)snprintf(
		dst, LIMIT_AUDIT_WHO, "%s@%s:%u", u->place.user, u->o.hub.host, u->o.hub.port);
}

static int audit_batch(
	const struct uplink_sync *sync, struct audit_entry *e, const char *who, uint64_t now_ms)
{
	const struct receipt *r = &sync->receipt;
	uint8_t digest[DIGEST_BYTES];
	char batch[2 * DIGEST_BYTES + 1], receipt[2 * DIGEST_BYTES + 1];
	char ledger[2 * DIGEST_BYTES + 1] = "-";
	int err = crypto_sha256(sync->response.data, sync->response.len, digest);
	if (err < 0)
		return err;
	str_hex(batch, sync->upload.digest, DIGEST_BYTES);
	str_hex(receipt, digest, DIGEST_BYTES);
	if (r->ledger_len == DIGEST_BYTES)
		str_hex(ledger, r->ledger, DIGEST_BYTES);
	audit_entry_set(e, now_ms, AUDIT_BATCH, who, 0,
		"epoch=%ju first=%ju last=%ju records=%zu bytes=%zu duplicates=%u rejected=%zu "
		"batch=%s receipt=%s ledger=%s",
		(uintmax_t)r->epoch, (uintmax_t)sync->head.first, (uintmax_t)r->last,
		sync->batch.count, sync->envelope.len, r->duplicates, r->rejected_count, batch,
		receipt, ledger);
	return 0;
}

static void audit_pin(
	const struct uplink_sync *sync, struct audit_entry *e, const char *who, uint64_t now_ms)
{
	const struct receipt *r = &sync->receipt;
	char now[HUB_KEY_TEXT];
	audit_entry_set(e, now_ms, AUDIT_KEY, who, 0, "what=%s fingerprint=%s before=%s",
		hub_key_trust_name(sync->trust),
		hub_key_text(now, r->public_key, r->public_key_len), sync->old_key);
}

/* Before the spool forgets the records: after a kill the sync is repeated, and the entry is not
 * missed. A disk that refuses it does not keep the records, which would fill it even more: the
 * entry then waits in the queue. */
int audit_receipt(struct uplink_sync *sync)
{
	struct uplink *u = sync->uplink;
	char who[LIMIT_AUDIT_WHO];
	size_t count = 0;
	if (u->o.audit == NULL)
		return 0;
	uplink_account(u, who);
	int err = audit_batch(sync, &sync->entries[count++], who, sync->receipted_at_ms);
	if (err < 0)
		return err;
	if (sync->trust != HUB_KEY_PINNED)
		audit_pin(sync, &sync->entries[count++], who, sync->receipted_at_ms);
	sync->entry_count = audit_queue_write(u->o.audit, sync->entries, count) < 0 ? count : 0;
	return 0;
}
