/* SPDX-License-Identifier: Apache-2.0
 * The archive: what the hub keeps (store.db in its state directory). One owner connection, used
 * only by one worker job at a time (WORKER_DISK) or by a verb that holds the store's lock; any
 * number of read-only views (archive_view.h).
 *
 * A batch is taken whole or not at all. Each record has effect once: (agent, epoch, seq) is unique
 * and remembered with the SHA-256 of the record's bytes; the same number with other bytes is
 * ERR_CONFLICT and changes nothing, unless they are another version of the same poll
 * (proto/wire/SCHEMA.md). Several batches may share one commit: archive_begin, then
 * archive_put_batch for each (a refused one leaves nothing behind and the others stay), then
 * archive_commit; only after that has returned 0 may a receipt be given.
 *
 * All calls block. */
#ifndef PLATEN_STORE_ARCHIVE_H
#define PLATEN_STORE_ARCHIVE_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/history/history.h"

#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_AGENT_ID 16
#define ARCHIVE_DIGEST 32
#define ARCHIVE_SALT 16
/* An account's name under the tables of people and machines, NUL included. */
#define ARCHIVE_NAME (LIMIT_USER + 1)

struct archive;

/* ---- accounts ---- */
enum archive_role {
	ROLE_AGENT = 1, /* uploads, nothing else */
	ROLE_OPERATOR,
	ROLE_VIEWER
};

enum archive_scheme {
	SCHEME_SHA256 = 1, /* of salt and a generated secret: machines */
	SCHEME_SCRYPT      /* people's passwords */
};

struct archive_account {
	char name[ARCHIVE_NAME];
	uint8_t role;   /* enum archive_role */
	uint8_t scheme; /* enum archive_scheme */
	uint8_t salt[ARCHIVE_SALT];
	uint8_t hash[ARCHIVE_DIGEST];
	uint64_t created_at_ms;
};

/* ---- merging: the rule is the hub's (hub/merge.h), the archive only applies it ---- */

/* When and by which record a group of a device was read: enough to order any two of them. */
struct archive_version {
	uint64_t read_at_ms; /* already bounded by archive_rule.read_at */
	uint64_t seq;
	uint64_t tie;   /* the first bytes of the record's digest */
	uint8_t status; /* enum group_status */
};

struct archive_rule {
	/* Whether `newer` replaces what is shown. Must order versions totally, so that the result
	 * does not depend on the order in which records arrive. */
	bool (*wins)(const struct archive_version *newer, const struct archive_version *shown);
	/* The time that orders a record, from the agent's clock and ours; says if the agent's
	 * clock was not accepted. */
	uint64_t (*read_at)(
		uint64_t read_at_ms, uint64_t received_at_ms, uint32_t age_ms, bool *is_suspect);
};

struct archive_options {
	const char *dir; /* made with mode 0700 if it is missing */
	const struct archive_rule *rule;
};

/* 0, or ERR_STORE_LOCKED (another process), ERR_STORE_VERSION, ERR_STORE_CORRUPT, ERR_STORE or
 * -errno with a sentence in `why`. A damaged file is never moved aside: what it holds was receipted
 * and exists nowhere else. */
int archive_open(
	struct archive **ret, const struct archive_options *o, char *why, size_t why_cap) MUST_USE;
void archive_close(struct archive *a);

/* The database's words for the last error, or "". */
const char *archive_why(const struct archive *a);

/* When supplies are low, from the next record on; HISTORY_LOW_X100 until then. Copied. Like every
 * call, on the disk worker while it runs. */
void archive_set_thresholds(struct archive *a, const struct history_thresholds *t);

/* Makes the account or replaces one of the same name. */
int archive_put_account(struct archive *a, const struct archive_account *account) MUST_USE;

/* 1 if there is one of this name, else 0; a negative error. */
int archive_has_account(struct archive *a, const char *name) MUST_USE;

/* ---- batches ---- */
struct archive_batch {
	const uint8_t *agent_id; /* ARCHIVE_AGENT_ID */
	const uint8_t *public_key;
	size_t public_key_len;
	struct text account; /* empty: it came by file, the agent keeps its account */
	struct text site, software;
	uint64_t epoch, first, last; /* as its head says */
	/* Since minor 3: up to which number the agent has receipts. Else each missing number is a
	 * lost record. */
	bool has_receipted;
	uint64_t receipted;
	uint64_t received_at_ms;
	/* Records one after the other; each has passed record_spans and carries a number in
	 * first..last, in rising order. */
	const uint8_t *body;
	size_t body_len;
	bool is_corporate;
	const uint8_t *information; /* the map of the site information; len 0: none came */
	size_t information_len;
};

struct archive_rejected {
	uint64_t seq;
	int err; /* why this one record is of no use; it will never be */
};

struct archive_result {
	uint32_t stored;
	uint32_t duplicates;
	uint32_t rejected_count;
	struct archive_rejected rejected[LIMIT_REJECTED];
	bool is_new_agent; /* its key was pinned by this batch */
	bool is_new_epoch;
	bool has_gap; /* records before this batch are not here */
	/* Numbers of this epoch that we have receipted and do not have: our store is an older copy
	 * of itself. lost_last 0: none. lost_from_ms: when the agent was last here; 0: never. */
	uint64_t lost_first, lost_last, lost_from_ms;
	uint32_t clock_suspects; /* stored records whose time was not accepted */
	char clock_suspect[64];  /* the device of the first one, cut */
	/* Names, by the agent's own device_key, of devices of which only changes are known: each
	 * with a NUL behind. The owner opens and closes it; its maximum bounds how many. */
	struct buf wanted;
	uint32_t wanted_count;
};

/* A message of coverage (proto/wire/coverage.h). */
struct archive_coverage {
	const uint8_t *agent_id; /* ARCHIVE_AGENT_ID */
	const uint8_t *public_key;
	size_t public_key_len;
	uint64_t made_at_ms; /* by the agent's clock */
	uint64_t received_at_ms;
	uint32_t known;
	const uint8_t *body; /* rows */
	size_t body_len;
};

/* Replaces what it said before, inside a transaction; the same message once more changes nothing.
 * 0, ERR_NAME: no record of this agent has come yet; ERR_FORBIDDEN: another key is pinned;
 * ERR_CONFLICT: a newer one came before; an error of a row; then nothing has changed. ERR_STORE or
 * -errno: the whole transaction is lost. */
int archive_put_coverage(struct archive *a, const struct archive_coverage *c) MUST_USE;

/* A heartbeat (proto/wire/heartbeat.h). */
struct archive_heartbeat {
	const uint8_t *agent_id; /* ARCHIVE_AGENT_ID */
	const uint8_t *public_key;
	size_t public_key_len;
	uint64_t number, sent_at_ms; /* the agent's */
	uint64_t received_at_ms;
	uint64_t epoch, receipted;
	const uint8_t *bytes; /* its map */
	size_t len;
};

/* The key that is pinned for an agent, inside a transaction; ERR_NAME: there is no such agent. */
int archive_agent_key(struct archive *a, const uint8_t *agent_id, uint8_t key[LIMIT_PUBLIC_KEY],
	size_t *key_len) MUST_USE;

/* Takes the place of the one before; the same once more changes nothing. *work: HEARTBEAT_... bits
 * of what waits for this agent. Errors as of archive_put_coverage; ERR_CONFLICT: a newer one came
 * before; ERR_BUSY: more than LIMIT_HEARTBEAT_EVERY_MS allows. */
int archive_put_heartbeat(
	struct archive *a, const struct archive_heartbeat *h, unsigned *work) MUST_USE;

int archive_begin(struct archive *a) MUST_USE;

/* 0, or: ERR_FORBIDDEN another key is pinned for this agent; ERR_CONFLICT; ERR_LIMIT more than
 * LIMIT_REJECTED records are of no use; ERR_FORMAT what record_spans should have refused. Then
 * nothing of the batch is left. ERR_STORE or -errno: the whole transaction is lost,
 * archive_rollback it. */
int archive_put_batch(struct archive *a, const struct archive_batch *batch,
	struct archive_result *result) MUST_USE;

/* 0 when it is safe on disk. After an error nothing since archive_begin was kept. */
int archive_commit(struct archive *a) MUST_USE;
void archive_rollback(struct archive *a);

#endif
