/* SPDX-License-Identifier: Apache-2.0
 * Heartbeats (proto/wire/SCHEMA.md): a short signed message of an agent between its syncs, and the
 * hub's signed response. The envelope is that of a batch with an empty body; the agent's public key
 * is not in it, as the hub has pinned it. */
#ifndef PLATEN_WIRE_HEARTBEAT_H
#define PLATEN_WIRE_HEARTBEAT_H

#include "proto/wire/envelope.h"

#define HEARTBEAT_MEDIA_TYPE "application/vnd.platen.heartbeat+msgpack"
#define HEARTBEAT_RESPONSE_MEDIA_TYPE "application/vnd.platen.heartbeat-response+msgpack"
#define HEARTBEAT_PATH "/v1/heartbeat"

struct heartbeat {
	uint8_t agent_id[AGENT_ID_BYTES];
	uint64_t epoch;
	uint64_t number; /* of an agent's heartbeats, each higher than the one before */
	uint64_t sent_at_ms;
	uint32_t minor;
	struct text software;
	uint32_t interval_s; /* between two heartbeats */
	uint64_t receipted;  /* as in a batch's head */
	uint64_t pending;    /* records in the spool */
	uint64_t pending_bytes;
	uint64_t dropped; /* records that the spool's quota has cost, since the store was made */
	uint64_t quarantined;
	uint64_t last_sync_ms; /* the last successful one; 0: none */
	uint64_t next_sync_ms; /* 0: only on request */
	uint32_t known;        /* devices that the agent polls */
	uint32_t complete;     /* of these, read completely by the last poll */
	uint32_t failed;       /* of these, silent or refused at the last poll */
};

/* The gate: clears what the policy leaves out. */
void policy_apply_heartbeat(const struct policy *p, struct heartbeat *h);

int heartbeat_pack(struct buf *dst, const struct heartbeat *h) MUST_USE;
/* Views point into bytes. */
int heartbeat_unpack(struct heartbeat *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* "platen-heartbeat-1\0" | SHA-256(head) | SHA-256(the empty body) */
#define HEARTBEAT_SIGNED_BYTES (19 + 2 * DIGEST_BYTES)
void heartbeat_signed(uint8_t dst[HEARTBEAT_SIGNED_BYTES], const uint8_t head_digest[DIGEST_BYTES],
	const uint8_t body_digest[DIGEST_BYTES]);

/* The work that waits at the hub: bits. */
enum {
	HEARTBEAT_WANTS_FULL = 1, /* full records of devices */
	HEARTBEAT_HAS_LOST = 2,   /* it has fewer records than it has receipted */
	HEARTBEAT_WORK = HEARTBEAT_WANTS_FULL | HEARTBEAT_HAS_LOST
};

struct heartbeat_response {
	uint8_t digest[DIGEST_BYTES]; /* SHA-256 of the heartbeat's signed bytes */
	uint64_t received_at_ms;      /* by the hub's clock */
	uint32_t work;
};

int heartbeat_response_pack(struct buf *dst, const struct heartbeat_response *r) MUST_USE;
int heartbeat_response_unpack(
	struct heartbeat_response *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* "platen-heartbeat-response-1\0" | SHA-256(response); the envelope is that of a receipt. */
#define HEARTBEAT_RESPONSE_SIGNED_BYTES (28 + DIGEST_BYTES)
void heartbeat_response_signed(
	uint8_t dst[HEARTBEAT_RESPONSE_SIGNED_BYTES], const uint8_t digest[DIGEST_BYTES]);

/* How far the agent's clock is ahead of the hub's; negative: behind. */
static inline int64_t heartbeat_skew_ms(uint64_t sent_at_ms, uint64_t received_at_ms)
{
	return (int64_t)(sent_at_ms - received_at_ms);
}

#endif
