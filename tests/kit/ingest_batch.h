/* SPDX-License-Identifier: Apache-2.0
 * Requests of clients to the server of the hub, and the receipts that it returns. */
#ifndef PLATEN_TESTS_KIT_INGEST_BATCH_H
#define PLATEN_TESTS_KIT_INGEST_BATCH_H

#include "proto/wire/envelope.h"
#include "tests/kit/ingest_server.h"

#include <zstd.h>

struct batch {
	uint64_t first;
	unsigned count;
	uint64_t total;
	const struct crypto_key *key; /* NULL: the agent's */
	bool is_raw;
	uint32_t raw_len;  /* 0: the real one */
	const void *bytes; /* instead of records */
	size_t len;
	uint64_t last; /* 0: the real one */
};

/* The envelope of `b`, appended to dst. */
void make_batch(struct fixture *f, struct buf *dst, const struct batch *b);

/* A request: `line` (NULL: POST /v1/batches), credentials, `more` headers, body. */
void make_request(struct buf *dst, const char *line, const char *user, const char *secret,
	const char *more, const struct buf *body);

/* Sends one request, returns the status; the body is in f->body. 0: no response. */
int send_bytes(struct fixture *f, const struct buf *request);

int send_request(struct fixture *f, const char *line, const char *user, const char *secret,
	const char *more, const struct buf *body);

int upload(struct fixture *f, const struct batch *b);

/* The receipt in f->body, its signature verified. */
struct receipt open_receipt(struct fixture *f);

#endif
