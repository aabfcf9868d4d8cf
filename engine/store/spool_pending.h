/* SPDX-License-Identifier: Apache-2.0
 * The records of a spool that wait for the next sync, for `platen preview`: read-only, blocking,
 * without a lock, beside a running daemon. Sees what was committed when it began. */
#ifndef PLATEN_STORE_SPOOL_PENDING_H
#define PLATEN_STORE_SPOOL_PENDING_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct spool_identity {
	uint8_t agent_id[16];
	uint64_t epoch;
};

/* A record, oldest first; good during the call. A negative return ends the iteration and is handed
 * back. */
typedef int spool_on_pending(void *owner, const uint8_t *record, size_t len);

/* Calls `each` for every intact record. How many, or an error with its reason in `why` (-ENOENT:
 * there is no store). */
int spool_each_pending(const char *dir, struct spool_identity *identity, spool_on_pending *each,
	void *owner, char *why, size_t why_cap) MUST_USE;

#endif
