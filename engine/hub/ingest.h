/* SPDX-License-Identifier: Apache-2.0
 * The hub's HTTP server: agents bring batches (POST /v1/batches) and get signed receipts; GET
 * /livez responds while the loop runs. Each phase of a connection has a deadline, and everything is
 * counted: an idle connection holds a few hundred bytes, a body counts against the sum of
 * LIMIT_HUB_BODIES, and a request without room waits unread. User and password are checked before a
 * body is read.
 *
 * Batches that wait for the disk worker share one transaction and one fsync. A response of 200
 * leaves only after that commit.
 *
 * Order of calls: ingest_open; ingest_accept for every accepted connection (listen_on_accept);
 * ingest_close when no more will come; on_closed is its last word, then it is gone. */
#ifndef PLATEN_HUB_INGEST_H
#define PLATEN_HUB_INGEST_H

#include "engine/hub/account.h"
#include "engine/loop/conn.h"
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/loop/crypto.h"
#include "engine/store/archive.h"
#include "engine/store/audit_queue.h"

struct ingest;

/* All pointers must outlive it. */
struct ingest_options {
	struct loop *loop;
	struct workers *workers;
	struct archive *archive; /* used on WORKER_DISK only */
	struct accounts *accounts;
	const struct crypto_key *key;
	const struct crypto_key *old_key; /* NULL: it was never rotated */
	const char *software;
	struct audit_queue *audit; /* NULL: no audit */
	size_t max_conns;
	/* For tests, which do not wait for LIMIT_HEAD_MS and LIMIT_IDLE_MS; 0: the limits. */
	uint64_t head_ms;
	uint64_t idle_ms;
};

int ingest_open(struct ingest **ret, const struct ingest_options *o) MUST_USE;

/* A connection before its handshake; it is ours from here. */
void ingest_accept(struct ingest *in, struct conn *c);

/* Batches on their way to the disk are finished and get their receipts; all else ends at once. */
void ingest_close(struct ingest *in, void (*on_closed)(void *owner), void *owner);

/* Deadlines of the loop that `max_conns` connections need. */
size_t ingest_dues(size_t max_conns);

struct ingest_counts {
	uint64_t conns;    /* now */
	uint64_t accepted; /* since start, as the rest */
	uint64_t batches;  /* accepted */
	/* Records of these batches: received = stored + duplicates + rejected. */
	uint64_t received, stored, duplicates, rejected;
	uint64_t refused;     /* responses of 4xx */
	uint64_t unavailable; /* responses of 503 and 429 */
	uint64_t commits;
	uint64_t held_bytes; /* bodies in memory now */
	uint64_t held_bytes_peak;
};
void ingest_counts(const struct ingest *in, struct ingest_counts *ret);

#endif
