/* SPDX-License-Identifier: Apache-2.0
 * The spool: every record that a hub has not receipted yet, safe on disk (store.db in the state
 * directory; SQLite, WAL, synchronous=FULL, one owner connection on WORKER_DISK). A record carries
 * its sequence number and a CRC-32C of number and bytes, as SQLite pages have no checksum: one
 * flipped byte costs that record, which is moved to the quarantine and counted, and no other.
 *
 * Records wait in memory for the next group commit; on_kept comes only after the fsync of their
 * commit. A kept record survives a kill -9 and, if the disk honours fsync, a power cut.
 *
 * The epoch is drawn at random when the store is made, and anew when the store turns out to be a
 * copy (its file is not the one that it was made as) or when the hub says so (spool_renew):
 * (agent, epoch, seq) names a record for ever.
 *
 * The agent's identity also is in agent.id: a store whose pages do not give it any more, or that is
 * missing, does not make another agent of this one.
 *
 * A newer record supersedes older ones that were not handed out yet: what it carries too is cut out
 * of them, unless the change between counts
 * (docs/decisions/0023-newer-records-supersede-older-ones).
 *
 * Numbers increase and are never used twice, but gaps are legal: the records of a failed commit
 * leave one, and a store that had to be salvaged from damaged pages goes on far above the highest
 * number it found. */
#ifndef PLATEN_STORE_SPOOL_H
#define PLATEN_STORE_SPOOL_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool;

struct spool_options {
	const char *dir; /* the state directory: made with mode 0700 if it is missing */
	/* Of records on disk. Beyond that the oldest ones that no hub can have are dropped; where
	 * only others are left, spool_put says ERR_FULL. */
	uint64_t max_bytes;
	/* Whose last state is kept; older ones without a pending record go. 0: LIMIT_SPOOL_DEVICES.
	 */
	uint64_t max_devices;
	uint64_t linger_ms; /* a commit waits at most so long for company */
	unsigned always;    /* a mask of groups that are never superseded */
	/* A commit that the disk refuses is repeated after so long, until it succeeds or
	 * spool_give_up; its records stay in memory with their numbers. 0: not repeated. */
	uint64_t retry_ms;
	/* err < 0: a commit has failed and the one before had not; 0: one has succeeded again. From
	 * the loop. May be NULL. */
	void (*on_disk)(void *owner, int err);
	void *owner;
};

/* Opens or makes the store, checks it, and takes its lock (store.lock). Blocks: call it before
 * the loop runs. ERR_STORE_LOCKED names the pid in `why`; ERR_STORE_VERSION a newer format. */
int spool_open(struct spool **ret, struct loop *l, struct workers *workers,
	const struct spool_options *o, char *why, size_t why_cap) MUST_USE;

uint64_t spool_epoch(const struct spool *s);

/* 16 random bytes that name this agent for ever (S65). */
const uint8_t *spool_agent_id(const struct spool *s);

/* The number that the next record must carry: one more after each spool_put that returned 0. */
uint64_t spool_next_seq(const struct spool *s);

/* One record on its way to the disk; embedded in its owner until on_kept. */
struct spool_put {
	struct list node; /* spool: waiting for a commit */
	uint64_t seq;     /* out */
	/* err 0: it is on disk. Else it was not kept, and its number stays a gap. */
	void (*on_kept)(struct spool_put *put, int err);
};

/* Copies `len` bytes (1 to LIMIT_RECORD, else ERR_LIMIT), which must carry seq spool_next_seq.
 * ERR_FULL when too many wait or records that may not be dropped use up the quota, ERR_STOPPED
 * after spool_close (then nothing is taken and on_kept never comes). */
int spool_put(struct spool *s, struct spool_put *put, const uint8_t *record, size_t len) MUST_USE;

/* Another mask of groups that are never superseded, from the next commit on. */
void spool_set_always(struct spool *s, unsigned always);

/* Whether the quota may cost records, as it may after spool_open. Where not, spool_put says
 * ERR_FULL when records use it up. */
void spool_set_dropping(struct spool *s, bool is_dropping);

/* Starts the commit of what waits, without lingering. */
void spool_flush(struct spool *s);

/* The oldest records, whole, in order, concatenated. */
struct spool_batch {
	struct buf body;      /* caller's; at most its maximum */
	uint64_t first, last; /* sequence numbers; count 0: nothing to send */
	size_t count;
	size_t max_records; /* spool */
	void *owner;
	void (*on_peeked)(struct spool_batch *batch, int err);
	struct worker_job job; /* spool */
	struct spool *spool;   /* spool */
	size_t quarantined;    /* out: damaged records that were moved aside on the way */
};

/* Reads records kept so far, oldest first, at most max_records and as many bytes as body.max
 * allows (ERR_FULL if not even the first fits). The numbers of a batch need not be consecutive.
 * One at a time. */
void spool_peek(struct spool *s, struct spool_batch *batch, size_t max_records);

/* Records over the store's life: kept = receipted + pending + superseded + quarantined + dropped.
 */
enum spool_class {
	SPOOL_DIAGNOSTICS, /* records with neither meters nor supplies */
	SPOOL_SUPPLIES,    /* supplies, no meters */
	SPOOL_METERS,
	SPOOL_CLASSES
};
struct spool_balance {
	uint64_t kept;
	uint64_t receipted;
	uint64_t superseded; /* all that they say stands in newer records */
	uint64_t quarantined;
	uint64_t dropped[SPOOL_CLASSES];      /* for the quota */
	uint64_t dropped_told[SPOOL_CLASSES]; /* of these, in a receipted batch's head */
};
enum { SPOOL_BALANCE_FIELDS = sizeof(struct spool_balance) / sizeof(uint64_t) };

/* Removes all records up to and including `last`; on_done when that is on disk. After an error it
 * is open whether they are gone; asking again does no harm. One at a time. */
struct spool_done {
	uint64_t last;
	/* Of those that the quota has cost: so many stood in the head of the receipted batch. */
	uint64_t dropped_told[SPOOL_CLASSES];
	size_t rejected;   /* of them, that the hub refused for good */
	bool is_receipted; /* a receipt says so */
	void *owner;
	void (*on_done)(struct spool_done *done, int err);
	struct worker_job job; /* spool */
	struct spool *spool;   /* spool */
};
void spool_done(struct spool *s, struct spool_done *done);

/* Draws a new epoch: for when the hub knows a number of ours with other content (409), so this
 * store must be an older copy. `last` is not used. spool_epoch gives it from on_done on. */
void spool_renew(struct spool *s, struct spool_done *done);

/* The records on disk are superseded no more: they are what a scheduled sync would have brought to
 * a hub that was away. The quota may cost them. `last` is not used. */
void spool_freeze(struct spool *s, struct spool_done *done);

/* Small named values that must survive: "last_receipt", "hub_key" ... At most 4 KiB each. The
 * getter returns the length, 0 if absent, ERR_STORE_CORRUPT if damaged, ERR_FULL if it does not
 * fit. Both block and use the owner connection: at start and stop, or in a job of WORKER_DISK. */
int spool_get_value(struct spool *s, const char *name, uint8_t *dst, size_t cap) MUST_USE;
int spool_set_value(struct spool *s, const char *name, const void *bytes, size_t len) MUST_USE;
/* All of them in one commit, or none. */
struct spool_value {
	const char *name;
	const void *bytes;
	size_t len;
};
int spool_set_values(struct spool *s, const struct spool_value *list, size_t count) MUST_USE;

struct spool_counts {
	uint64_t pending; /* on disk, not receipted */
	uint64_t pending_bytes;
	uint64_t unsent_bytes; /* of them, of records that no hub can have: the quota may cost them
				*/
	struct spool_balance balance;
	uint64_t receipted_upto; /* the highest number that a receipt of this epoch has named */
	uint64_t kept;           /* since start */
	uint64_t quarantined;    /* in the quarantine now */
	uint64_t waiting;        /* in memory, not committed */
	uint64_t commits;
	uint64_t failures;         /* commits that failed, since start */
	uint64_t failing_since_ms; /* Unix; 0: the last commit succeeded */
	int disk_err;              /* of the last commit; 0: it succeeded */
	uint64_t salvages; /* since start, or at it: the database was rebuilt from its raw pages */
};
void spool_counts(const struct spool *s, struct spool_counts *ret);

/* The last of the salvages. */
struct spool_rebuild {
	uint64_t at_ms;     /* Unix; 0: none since start */
	uint64_t records;   /* pending ones that were intact */
	uint64_t lost;      /* pending ones that were not found */
	bool is_lost_known; /* else the damaged store did not say how many it had */
	bool is_id_kept;    /* else the agent has a new identity */
	char kept_as[64];   /* the damaged file's name in the state directory */
	int removed;        /* older damaged files, beyond LIMIT_DAMAGED_FILES; or an error */
};
void spool_last_rebuild(const struct spool *s, struct spool_rebuild *ret);

/* From now on a failed commit is not repeated. A commit that waits for its repetition is tried a
 * last time. */
void spool_give_up(struct spool *s);

/* Commits what waits, then closes; on_closed is the last call. The loop must run for it. */
void spool_close(struct spool *s, void (*on_closed)(void *owner), void *owner);

#endif
