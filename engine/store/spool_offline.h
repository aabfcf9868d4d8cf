/* SPDX-License-Identifier: Apache-2.0
 * The spool in a verb, without a loop: pending records for `platen export`, read beside the daemon
 * or without one; and removal of receipted ones for `platen import-receipts`, which needs the
 * spool's lock. All calls block. */
#ifndef PLATEN_STORE_SPOOL_OFFLINE_H
#define PLATEN_STORE_SPOOL_OFFLINE_H

#include "engine/store/spool.h"

struct spool_identity {
	uint8_t agent_id[16];
	uint64_t epoch;
};

/* Valid during the call. A negative return ends the iteration and is handed back. */
typedef int spool_on_pending(void *owner, uint64_t seq, const uint8_t *record, size_t len);

/* Every pending record, oldest first, as of one moment; damaged ones are left out and counted.
 * Returns how many were given, or an error with its reason in `why` (-ENOENT: there is no store).
 */
int spool_each_pending(const char *dir, struct spool_identity *id, spool_on_pending *each,
	void *owner, size_t *damaged, char *why, size_t why_cap) MUST_USE;

/* As the spool's one owner: ERR_STORE_LOCKED beside a daemon. For spool_get_value,
 * spool_set_value, spool_agent_id, spool_epoch and what follows. */
int spool_open_offline(struct spool **ret, const char *dir, char *why, size_t why_cap) MUST_USE;
/* Beside a daemon, for spool_get_value only. -ENOENT: there is no store. */
int spool_open_beside(struct spool **ret, const char *dir, char *why, size_t why_cap) MUST_USE;
void spool_close_beside(struct spool *s);
/* The number of the oldest pending record; 0: none. */
int spool_oldest(struct spool *s, uint64_t *seq) MUST_USE;
/* As spool_done; its callback is not used. */
int spool_done_offline(struct spool *s, struct spool_done *done) MUST_USE;
void spool_close_offline(struct spool *s);

#endif
