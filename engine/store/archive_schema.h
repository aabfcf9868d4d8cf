/* SPDX-License-Identifier: Apache-2.0
 * What the archive's own files share: its tables, its statements, its object. Not for others. */
#ifndef PLATEN_STORE_ARCHIVE_SCHEMA_H
#define PLATEN_STORE_ARCHIVE_SCHEMA_H

#include "proto/base/slab.h"
#include "engine/store/archive.h"
#include "engine/store/db.h"
#include "proto/history/history.h"
#include "proto/reading/reading.h"

#define ARCHIVE_FILE "store.db"

extern const struct db_schema archive_schema;

enum archive_sql {
	SQL_SAVEPOINT,
	SQL_SAVEPOINT_KEEP,
	SQL_SAVEPOINT_BACK,
	SQL_ACCOUNT_PUT,
	SQL_AGENT_GET,
	SQL_AGENT_ADD,
	SQL_AGENT_SEEN,
	SQL_EPOCH_GET,
	SQL_EPOCH_PUT,
	SQL_RECORD_ADD,
	SQL_RECORD_DIGEST,
	SQL_DEVICE_GET,
	SQL_DEVICE_ADD,
	SQL_DEVICE_SEEN,
	SQL_DEVICE_IDENTITY,
	SQL_GROUP_GET,
	SQL_GROUP_PUT,
	SQL_SIGHTING_PUT,
	SQL_SIGHTING_WANT_ALL,
	SQL_SIGHTING_WANT,
	SQL_SIGHTING_WANTED,
	SQL_AUDIT_ADD,
	SQL_AUDIT_TRIM,
	SQL_EVALUATION_GET,
	SQL_EVALUATION_PUT,
	SQL_EVENT_ADD,
	SQL_EVENT_END,
	SQL_EVENT_END_ID,
	SQL_EVENT_OPEN,
	SQL_EVENT_TRIM,
	SQL_COMPLETE_GET,
	SQL_COMPLETE_PUT,
	SQL_COMPLETE_DROP,
	SQL_DEVICE_AT,
	SQL_COUNT
};

struct archive {
	struct db *db;
	struct archive_rule rule;
	struct db_stmt st[SQL_COUNT];
	struct slab blocks; /* of two readings: a record's, and what was known before it */
	struct history_thresholds thresholds;
	struct history_state evaluation; /* of the device whose record is looked at */
	struct history_events events;
};

/* archive_history.c: what the groups of a record mean beside what was known; called for each group
 * that wins, with the bytes that it replaces (len 0: none), before they are replaced. `now` is the
 * record's reading. 0 or a store's error. */
struct archive_evaluation {
	struct archive *archive;
	int64_t device, agent; /* row ids */
	struct text site;      /* of the agent */
	const struct reading *now;
	uint64_t now_ms;
	bool is_loaded, is_changed;
};
struct archive_before {
	const uint8_t *bytes;
	size_t len;
	uint64_t read_at_ms;
	uint32_t crc;
	uint8_t status; /* enum group_status */
};
int archive_history_group(struct archive_evaluation *ev, unsigned group,
	const struct archive_before *before) MUST_USE;
/* The device answers from another address than before. */
int archive_history_moved(
	struct archive_evaluation *ev, struct text from, uint64_t from_ms, struct text to) MUST_USE;
/* A device that is new to us answers where another one did. */
int archive_history_replaced(struct archive_evaluation *ev, struct text address) MUST_USE;
/* After the last group of a record. */
int archive_history_end(struct archive_evaluation *ev) MUST_USE;

/* archive_merge.c: the first record of `bytes`, inside a batch's savepoint. `agent` is the row id.
 * 1 stored, 0 a duplicate, ERR_CONFLICT, a store's error; other errors say why this record is of no
 * use: it keeps its number and has no effect. *len is 0 if there is no whole record. */
int archive_put_record(struct archive *a, const struct archive_batch *batch, int64_t agent,
	const uint8_t *bytes, size_t left, uint64_t *seq, size_t *len) MUST_USE;

/* Runs a statement that changes something. */
int archive_run(struct db_stmt *st) MUST_USE;

/* The checksum that guards a stored record or group. */
uint32_t archive_crc(uint64_t a, uint64_t b, const void *bytes, size_t len);

/* device_groups.id: the groups of a device lie together. */
_Static_assert(GROUP_COUNT <= 16, "each device has 16 numbers");
static inline int64_t archive_group_id(int64_t device, unsigned group)
{
	return device * 16 + (int64_t)group;
}

#endif
