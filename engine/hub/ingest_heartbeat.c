/* SPDX-License-Identifier: Apache-2.0
 * One heartbeat, from its bytes to its unsigned response, on the disk worker. */
#include "engine/hub/ingest_batch.h"

#include "proto/wire/heartbeat.h"

#include <string.h>

/* The agent's pinned key, which the message does not carry, must have signed it. *digest is that of
 * the signed bytes. */
static int check_signature(
	const struct envelope *e, const uint8_t *key, size_t key_len, uint8_t digest[DIGEST_BYTES])
{
	uint8_t key_id[CRYPTO_KEY_ID], bytes[HEARTBEAT_SIGNED_BYTES];
	uint8_t head[CRYPTO_SHA256], body[CRYPTO_SHA256];
	if (e->alg != CRYPTO_ED25519 && e->alg != CRYPTO_P256)
		return ERR_VERSION;
	if (crypto_key_id(key, key_len, key_id) < 0)
		return ERR_CRYPTO;
	if (memcmp(key_id, e->key_id, sizeof key_id) != 0)
		return ERR_FORBIDDEN;
	if (crypto_sha256(e->head, e->head_len, head) < 0 || crypto_sha256("", 0, body) < 0)
		return ERR_CRYPTO;
	heartbeat_signed(bytes, head, body);
	int err = crypto_verify((enum crypto_alg)e->alg, key, key_len, bytes, sizeof bytes,
		e->signature, e->signature_len);
	return err < 0 ? err : crypto_sha256(bytes, sizeof bytes, digest);
}

static int put_into_archive(struct archive *archive, const struct envelope *e,
	const struct heartbeat *h, const uint8_t *key, size_t key_len,
	struct heartbeat_response *response)
{
	const struct archive_heartbeat put = {.agent_id = h->agent_id,
		.public_key = key,
		.public_key_len = key_len,
		.number = h->number,
		.sent_at_ms = h->sent_at_ms,
		.received_at_ms = response->received_at_ms,
		.epoch = h->epoch,
		.receipted = h->receipted,
		.bytes = e->head,
		.len = e->head_len};
	unsigned work;
	int err = archive_put_heartbeat(archive, &put, &work);
	response->work = work;
	return err;
}

int heartbeat_write(struct archive *archive, struct batch_result *result, struct buf *response,
	const uint8_t *bytes, size_t len, uint64_t received_at_ms)
{
	struct envelope e;
	struct heartbeat h;
	struct heartbeat_response r = {.received_at_ms = received_at_ms};
	uint8_t key[LIMIT_PUBLIC_KEY];
	size_t key_len;
	memset(result, 0, sizeof *result);
	int err = batch_unpack(&e, bytes, len);
	if (err == 0 && e.body_len != 0)
		err = ERR_FORMAT;
	if (err < 0)
		return batch_refuse(result, err, "envelope");
	if ((err = heartbeat_unpack(&h, e.head, e.head_len)) < 0)
		return batch_refuse(result, err, "head");
	memcpy(result->agent_id, h.agent_id, sizeof result->agent_id);
	err = archive_agent_key(archive, h.agent_id, key, &key_len);
	if (err == ERR_NAME)
		return batch_refuse(result, err, "no record of this agent has come yet");
	if (err < 0)
		return err;
	err = check_signature(&e, key, key_len, r.digest);
	if (err == ERR_FORBIDDEN)
		return batch_refuse(result, err, "another key is pinned for this agent");
	if (err < 0)
		return batch_refuse(result, err, "signature");
	err = put_into_archive(archive, &e, &h, key, key_len, &r);
	if (err == ERR_CONFLICT)
		return batch_refuse(result, err, "a newer heartbeat of this agent has come");
	if (err == ERR_BUSY)
		return batch_refuse(result, err, "too many heartbeats of this agent");
	if (err < 0)
		return err;
	result->status = 200;
	return heartbeat_response_pack(response, &r);
}
