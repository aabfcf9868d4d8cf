/* SPDX-License-Identifier: Apache-2.0
 * The ledger of a daemon: entries from the loop, written in order on WORKER_DISK, those that wait
 * by one fsync. A disk that refuses them is tried again every LIMIT_AUDIT_RETRY_MS; nothing waits
 * for it. Beyond LIMIT_AUDIT_PENDING entries that wait the rest is counted, and the count is an
 * entry (AUDIT_LOST) once there is room. */
#ifndef PLATEN_STORE_AUDIT_QUEUE_H
#define PLATEN_STORE_AUDIT_QUEUE_H

#include "engine/loop/loop.h"
#include "engine/loop/workers.h"
#include "engine/store/audit.h"

struct audit_queue;

/* Takes one deadline of the loop. Touches no file. */
int audit_queue_open(struct audit_queue **ret, struct loop *l, struct workers *workers,
	const char *dir) MUST_USE;

/* Copies the entry. NULL is harmless. */
void audit_queue_add(struct audit_queue *q, const struct audit_entry *e);

/* For a job of WORKER_DISK: writes entries now, by one fsync, in front of those that wait. */
int audit_queue_write(struct audit_queue *q, struct audit_entry *entries, size_t count) MUST_USE;

/* Before the loop runs: an AUDIT_CONFIG entry, unless the newest one has the same digest. */
void audit_queue_add_config(
	struct audit_queue *q, const uint8_t digest[AUDIT_DIGEST], const char *file);

/* After SIGHUP: the digest in force, and the error that refused another one with its reason, of
 * which the first line is kept. */
void audit_queue_add_reload(struct audit_queue *q, const uint8_t digest[AUDIT_DIGEST],
	const char *file, int err, const char *why);

/* The newest digest when the last job ended, for the peer to witness; zeroes: unknown. */
const uint8_t *audit_queue_newest(const struct audit_queue *q);
/* The same in a job of WORKER_DISK. */
const uint8_t *audit_queue_newest_written(const struct audit_queue *q);

struct audit_counts {
	uint64_t written; /* since start */
	uint64_t waiting;
	uint64_t lost;
	int err; /* of the last try; 0: it was written */
};
void audit_queue_counts(const struct audit_queue *q, struct audit_counts *ret);

/* Tries what waits a last time; on_closed is the last call, never before this one has returned. */
void audit_queue_close(struct audit_queue *q, void (*on_closed)(void *owner), void *owner);

#endif
