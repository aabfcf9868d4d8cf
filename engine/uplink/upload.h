/* SPDX-License-Identifier: Apache-2.0
 * A message of the agent in its signed envelope (proto/wire/SCHEMA.md): compress the body, let the
 * caller pack the head that says how, then sign both. Blocks for some milliseconds: on a worker. */
#ifndef PLATEN_UPLINK_UPLOAD_H
#define PLATEN_UPLINK_UPLOAD_H

#include "engine/loop/crypto.h"
#include "proto/base/buf.h"
#include "proto/wire/envelope.h"

struct upload {
	const struct crypto_key *key;
	const uint8_t *key_id; /* KEY_ID_BYTES */
	const uint8_t *raw;    /* the body; the caller's until upload_sign has returned */
	size_t raw_len;
	unsigned encodings; /* the highest enum body_encoding that the hub reads */
	/* upload_compress; the body as it travels: raw, or in `compressed`, which the caller closes
	 */
	struct buf compressed;
	const uint8_t *body;
	size_t body_len;
	uint8_t body_encoding; /* enum body_encoding: for the head */
	/* upload_sign */
	uint8_t digest[DIGEST_BYTES]; /* of what was signed */
};

/* `compressed` was opened by the caller. 0 or -ENOMEM. */
int upload_compress(struct upload *u) MUST_USE;

enum upload_kind { UPLOAD_BATCH, UPLOAD_COVERAGE, UPLOAD_HEARTBEAT };

/* Appends the envelope. */
int upload_sign(struct upload *u, enum upload_kind kind, const struct buf *head,
	struct buf *envelope) MUST_USE;

#endif
