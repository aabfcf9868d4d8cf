/* SPDX-License-Identifier: Apache-2.0
 * The head and the form of the next batch, for `platen preview`: from the running daemon, whose
 * counts stand in the head, or else from the state directory alone. All calls block. */
#ifndef PLATEN_AGENT_NEXT_BATCH_H
#define PLATEN_AGENT_NEXT_BATCH_H

#include "engine/conf/conf.h"
#include "engine/loop/crypto.h"
#include "engine/uplink/site.h"
#include "engine/uplink/uplink.h"
#include "engine/uplink/upload.h"

struct next_batch {
	const struct agent_conf *conf;
	struct uplink_next next;
	bool is_of_daemon;
	bool has_last_run;
	struct uplink_last_run last_run;
	struct site_facts site;
	struct buf head, message; /* packed */
	uint8_t head_bytes[LIMIT_HEAD];
	uint8_t public_key[CRYPTO_PUBLIC_MAX];
};

/* Values that neither of them has are absent. */
void next_batch_open(struct next_batch *n, const struct agent_conf *conf);
void next_batch_close(struct next_batch *n);

/* The most records that the batch holds. */
size_t next_batch_max(const struct next_batch *n);

/* The records, packed and filtered, of the numbers in the head; `head` with agent_id, epoch, first,
 * last and count set gets the other fields. Returns the length of the request's body (Content-
 * Length), or an error. An ECDSA signature may be a byte or two longer or shorter. */
int next_batch_fill(struct next_batch *n, const struct policy *policy, struct batch_head *head,
	struct upload *up, struct envelope *e) MUST_USE;
/* This one is filled: goes to the one behind it, as if a receipt had come. */
void next_batch_step(struct next_batch *n, const struct batch_head *head);

#endif
