/* SPDX-License-Identifier: Apache-2.0
 * One uploaded batch, from its bytes to its receipt, on the disk worker. The checks in
 * order: bounds of the envelope, its head, decompression to exactly what was announced, the
 * signature, every record bounded and numbered, and only then the archive, which also compares the
 * key with the pinned one.
 *
 * Order of calls for each commit: archive_begin, batch_write for each batch, archive_commit, and
 * only after that batch_sign for those that were accepted: no signed receipt exists before its
 * commit. */
#ifndef PLATEN_HUB_INGEST_BATCH_H
#define PLATEN_HUB_INGEST_BATCH_H

#include "proto/base/buf.h"
#include "engine/loop/crypto.h"
#include "engine/store/archive.h"
#include "engine/store/audit_queue.h"
#include "proto/wire/envelope.h"

struct batch_writer;

struct batch_writer_options {
	struct archive *archive;
	const struct crypto_key *key;     /* signs receipts */
	const struct crypto_key *old_key; /* signed them before, and signs `key`; NULL: none */
	const char *software;             /* "platen-hub/0.1.0" */
	const struct audit_queue *audit;  /* its newest digest is in each receipt; NULL: none */
};

/* Holds one uncompressed body, reused. All pointers of the options must outlive it. */
int batch_writer_open(struct batch_writer **ret, const struct batch_writer_options *o) MUST_USE;
void batch_writer_close(struct batch_writer *t);

struct batch_result {
	int status;       /* of the HTTP response; 200: accepted */
	int err;          /* 0, or why not */
	const char *what; /* which step refused: "envelope", "signature" ... */
	uint8_t agent_id[AGENT_ID_BYTES];
	uint64_t epoch, first, last;
	uint32_t raw_bytes;
	uint64_t records;             /* as the head counts them */
	bool is_authentic;            /* the signature fits; then these are valid: */
	uint8_t digest[DIGEST_BYTES]; /* of the batch */
	uint8_t key[DIGEST_BYTES];    /* SHA-256 of the agent's public key */
	uint8_t ledger[DIGEST_BYTES]; /* newest of the agent's ledger; zeroes: none */
	uint32_t stored, duplicates, rejected, wanted;
	uint64_t dropped[3]; /* as in the head */
	bool is_new_agent, is_new_epoch, has_gap;
	uint64_t lost_first, lost_last, lost_from_ms; /* as in struct archive_result */
	uint32_t clock_suspects;                      /* as in struct archive_result */
	char clock_suspect[64];
};

/* `account` is the authenticated user. The inner receipt is appended to `receipt`. Returns 0 when
 * *result holds the response, also a refusal; negative when the store failed: then the whole
 * transaction must be rolled back, and every batch in it refused with 503 or tried again alone. */
int batch_write(struct batch_writer *t, struct batch_result *result, struct buf *receipt,
	const uint8_t *bytes, size_t len, const char *account, uint64_t received_at_ms) MUST_USE;

/* The same for a message of coverage, whose response has no receipt. */
int coverage_write(struct batch_writer *t, struct batch_result *result, const uint8_t *bytes,
	size_t len, uint64_t received_at_ms) MUST_USE;

/* The same for a heartbeat, whose response is appended to `response`. */
int heartbeat_write(struct archive *archive, struct batch_result *result, struct buf *response,
	const uint8_t *bytes, size_t len, uint64_t received_at_ms) MUST_USE;

/* The response to what was refused at the step `what`; 0. */
int batch_refuse(struct batch_result *result, int err, const char *what) MUST_USE;

/* Replaces the inner receipt by the signed one; or that response. */
int batch_sign(struct batch_writer *t, struct buf *receipt) MUST_USE;
int heartbeat_sign(struct batch_writer *t, struct buf *response) MUST_USE;

#endif
