/* SPDX-License-Identifier: Apache-2.0
 * Removes what an agent keeps in its state directory, and gives it another identity. Both hold the
 * lock of the directory meanwhile, so that no daemon runs; both block. */
#ifndef PLATEN_STORE_PURGE_H
#define PLATEN_STORE_PURGE_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* One entry of the directory: err 0: it was removed; ERR_FORBIDDEN: no file of the agent, it stays;
 * else why it could not be removed. */
typedef void purge_each(void *owner, const char *name, uint64_t bytes, int err);

/* Removes each file that an agent makes there, the lock file last; other files stay. 0, the first
 * error of a removal, -ENOENT without the directory, or ERR_STORE_LOCKED ...: then nothing was
 * removed and `why` is a sentence. */
int purge_state(const char *dir, purge_each *each, void *owner, char *why, size_t why_cap) MUST_USE;

/* A new random agent id and epoch; agent.key is removed, so that the next start makes another one.
 * Pending records stay and are sent under the new identity; the hub's pinned key and
 * the time of the last sync are forgotten. -ENOENT: no agent has run there. */
int purge_identity(const char *dir, uint8_t ret_id[16], char *why, size_t why_cap) MUST_USE;

#endif
