/* SPDX-License-Identifier: Apache-2.0
 * Batches and receipts as files (platen export, platen import-receipts): the same signed bytes that
 * travel by HTTPS, for an SFTP client or a medium. A batch is AGENT-EPOCH-FIRST-LAST.batch, its
 * receipt has the same name with .receipt behind. Records stay pending until a receipt is here,
 * whichever way it comes; the hub takes each record once.
 *
 * Exported batches are listed in DIR/exports (digest, epoch, first, last), the newest
 * LIMIT_EXPORTS: a receipt says up to which number the hub has a batch, not from which, so records
 * are removed only if the oldest pending one is in the batch that the receipt is for. All calls
 * block. */
#ifndef PLATEN_UPLINK_BATCH_FILE_H
#define PLATEN_UPLINK_BATCH_FILE_H

#include "engine/loop/crypto.h"
#include "engine/store/audit.h"
#include "engine/store/spool.h"
#include "proto/wire/policy.h"

struct batch_export {
	const char *state_dir;
	const char *dir; /* where the files go */
	const char *site, *software;
	const struct crypto_key *key;
	const struct policy *policy;
	uint64_t now_ms;
	/* out */
	size_t batches, records, bytes;
	size_t damaged; /* records that cannot be read */
	uint64_t first, last;
	uint8_t newest[CRYPTO_SHA256]; /* digest of the last batch */
	char why[LIMIT_WHY];
};

/* Writes every pending record; beside a daemon or without one. 0, also if nothing is pending, or an
 * error with its reason in e->why; files that are whole stay. */
int batch_export(struct batch_export *e) MUST_USE;

/* The effect of a receipt. */
enum receipt_outcome {
	RECEIPT_SETTLED,    /* its records were removed */
	RECEIPT_BEFORE,     /* they were removed before */
	RECEIPT_EARLY,      /* older records are pending: their receipt comes first */
	RECEIPT_OTHER_AGENT /* of another agent, epoch or export */
};

struct receipt_import {
	struct spool *spool; /* the caller is its owner */
	const char *state_dir;
	uint64_t now_ms;
	/* out */
	uint64_t first, last; /* of the batch */
	uint8_t batch_digest[CRYPTO_SHA256];
	size_t rejected;
	char why[LIMIT_WHY];
};

/* One receipt's bytes: enum receipt_outcome, or an error with a sentence in i->why. */
int receipt_import(struct receipt_import *i, const uint8_t *bytes, size_t len) MUST_USE;

#endif
