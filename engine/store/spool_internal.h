/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of the spool. Two halves: struct spool_disk belongs to the job that runs on
 * WORKER_DISK (to the main thread at start), struct spool to the loop. No job of the worker runs
 * while the on_done of one does, so an on_done may look at the disk's half before it submits. */
#ifndef PLATEN_STORE_SPOOL_INTERNAL_H
#define PLATEN_STORE_SPOOL_INTERNAL_H

#include "engine/store/db.h"
#include "engine/store/spool.h"
#include "engine/store/spool_frame.h"
#include "proto/base/slab.h"
#include "proto/wire/pack.h"

#include <limits.h>

/* ---- the half of the disk worker ---- */

/* The store's data about itself; written with every commit, twice (tables meta_a and meta_b,
 * so on two pages). */
struct spool_meta {
	uint64_t generation; /* of the store: one more with every commit */
	uint64_t epoch;
	uint64_t next_seq;
	uint64_t done_upto; /* the highest number that was ever receipted */
	uint64_t rows;      /* of the table record: a lost one is missed */
	uint64_t bytes;     /* of their records */
	uint64_t inode;     /* of the file: a copy has another */
	uint64_t birth_ns;
	uint64_t receipted_upto; /* the highest number that a receipt of this epoch has named */
	uint64_t sent_upto;      /* no record up to this number changes: the hub may have it */
	struct spool_balance balance;
	uint8_t agent_id[16];
};

struct spool_disk {
	char dir[PATH_MAX];
	struct db_lock lock;
	struct db *db;
	struct db_stmt records;
	struct db_stmt put_record;
	struct db_stmt put_latest;
	struct db_stmt put_value;
	struct db_stmt get_value;
	struct db_stmt put_meta_a;
	struct db_stmt put_meta_b;
	struct db_stmt sum_records;
	struct db_stmt drop_records;
	struct db_stmt get_record;
	struct db_stmt change_record;
	struct db_stmt get_latest;
	struct db_stmt put_unsent;
	struct db_stmt change_unsent;
	struct db_stmt freeze_unsent;
	struct db_stmt list_unsent;
	struct db_stmt sum_unsent;
	struct db_stmt drop_unsent;
	struct db_stmt list_class;
	struct db_stmt list_passed;
	struct db_stmt put_aside;
	struct db_stmt sample_latest;
	struct db_stmt drop_latest;
	struct spool_meta meta; /* as committed */
	struct spool_meta next; /* of the transaction under way */
	uint64_t frozen_upto;   /* by this program; 0: none yet */
	uint64_t failed_first;  /* numbers of failed commits, which must not reappear; 0: none */
	uint64_t failed_last;
	bool is_failed_repeated; /* they will be put again under their numbers */
	uint64_t quarantined;
	uint64_t quarantined_next;
	uint64_t unsent_bytes; /* of the records in the table unsent */
	uint64_t unsent_bytes_next;
	uint64_t devices; /* in the table latest */
	uint64_t devices_next;
	uint64_t salvages;
	struct spool_rebuild rebuild; /* the last salvage */
	bool is_stale; /* after an I/O error the contents of the disk are unknown: reopen and read
			*/
	bool is_salvaging;
	struct slab blocks; /* of two readings */
	uint8_t *scratch;   /* SPOOL_SCRATCH bytes: one frame */
};

/* The largest frame. */
enum { SPOOL_SCRATCH = FRAME_HEAD + FRAME_KEY_MAX + LIMIT_RECORD };

extern const struct db_schema spool_schema;

/* Locks, checks, salvages if needed, opens. */
int disk_open(struct spool_disk *d, const char *dir, char *why, size_t why_cap) MUST_USE;
void disk_close(struct spool_disk *d);

/* Reads d->db's data about itself into d->meta. 1: loaded. 0: a new store. ERR_STORE_CORRUPT:
 * neither copy is whole. */
int disk_load_meta(struct spool_disk *d) MUST_USE;

/* A disk_body; `arg` is the struct spool_done. */
int disk_drop_done(struct spool_disk *d, void *arg) MUST_USE;

/* Runs `body` in a transaction and commits it with the new meta. Salvages damaged pages and tries
 * again, makes room in a full disk and tries again, opens anew after other I/O errors and does not
 * try again. `body` works on d->next and leaves d->meta alone; it may be called twice. */
typedef int disk_body(struct spool_disk *d, void *arg);
int disk_transact(struct spool_disk *d, disk_body *body, void *arg) MUST_USE;

/* The connection is open and knows what the disk has; or an error. Before reading outside of
 * disk_transact. */
int disk_ready(struct spool_disk *d) MUST_USE;

/* Rebuilds the database in its raw bytes' image, without SQLite's help (spool_salvage.c), and
 * opens it. */
int disk_salvage(struct spool_disk *d) MUST_USE;

/* True if rebuilding the file can repair the error. */
bool disk_is_damage(int err);

/* In a body of disk_transact. Removes the records with numbers first..last. */
int disk_drop(struct spool_disk *d, uint64_t first, uint64_t last) MUST_USE;

/* In a body of disk_transact. Nothing up to `last` changes any more. */
int disk_settle_sent(struct spool_disk *d, uint64_t last) MUST_USE;

/* A disk_body: a new random epoch. */
int disk_draw_epoch(struct spool_disk *d, void *arg) MUST_USE;

int random_epoch(uint64_t *epoch) MUST_USE;

/* DIR/agent.id, the copy of the agent's identity beside the store. 1: read; 0: there is none, or it
 * is damaged, or others could have changed it. */
int agent_id_load(const char *dir, uint8_t id[16]);
/* Writes it if it is not there, or another one. */
int agent_id_save(const char *dir, const uint8_t id[16]) MUST_USE;

/* Which file this is, into m's inode and birth_ns: a copied or restored one differs. */
int file_identity(const char *dir, const char *name, struct spool_meta *m) MUST_USE;

/* A FRAME_ASIDE of what was found in a damaged row, cut to what a frame holds; dst has room for
 * SPOOL_SCRATCH bytes. */
size_t aside_write(uint8_t *dst, uint64_t number, const uint8_t *bytes, size_t len);

/* ---- spool_supersede.c ---- */

/* In a body of disk_transact, before the record is put: cuts what it supersedes out of older ones.
 * `always` is a mask of groups that count in every record. *is_known: the device has a last state.
 * Returns the groups whose next state counts, or an error. */
int supersede(struct spool_disk *d, const struct record_head *head,
	const struct record_span groups[GROUP_COUNT], size_t len, unsigned always,
	bool *is_known) MUST_USE;

/* In a body of disk_transact: while the records take more than max_bytes, the oldest that no hub
 * can have go, by class. */
int make_room(struct spool_disk *d, uint64_t max_bytes) MUST_USE;

/* ---- spool_latest.c ---- */

/* In a body of disk_transact: the groups of a record are the last state of its device. `awaited`
 * and `is_known` are supersede's. */
int latest_put(struct spool_disk *d, const struct record_head *head,
	const struct record_span groups[GROUP_COUNT], unsigned awaited, bool is_known) MUST_USE;

/* In a body of disk_transact: while there are more than max_devices, old ones without a pending
 * record go. */
int latest_make_room(struct spool_disk *d, uint64_t max_devices) MUST_USE;

/* ---- spool_salvage.c ---- */

/* Completes a salvage that a crash has interrupted: 1, and what is known of it, or 0 if there is
 * none. */
int salvage_finish(const char *dir, struct spool_rebuild *ret) MUST_USE;

/* Whether the WAL in `dir` has frames that SQLite would skip. 1, 0 or an error. */
int salvage_wal_is_damaged(const char *dir) MUST_USE;

/* Makes a new database of every intact row in the old one's files and puts it in their place; they
 * are kept as store.damaged-TIME (UTC). `known`: what is certain about the store, or NULL when it
 * was not open yet. */
int salvage_store(
	const char *dir, const struct spool_meta *known, struct spool_rebuild *ret) MUST_USE;

/* Meta as a frame in dst (FRAME_HEAD + META_BODY bytes), and back. That of version 1 has no
 * balance: it begins with what is there, and all records may have been sent. */
enum { META_BODY_1 = 4 + 8 * 8 + 16, META_BODY = META_BODY_1 + 8 + 8 * SPOOL_BALANCE_FIELDS };
size_t meta_write(uint8_t *dst, const struct spool_meta *m);
int meta_read(struct spool_meta *m, const struct frame *f) MUST_USE;

/* ---- the loop's half ---- */

/* Records that share a commit. */
struct spool_group {
	struct spool *spool;
	struct worker_job job;
	struct list puts; /* struct spool_put, in the order of their numbers */
	uint8_t *frames;  /* one after the other */
	size_t len;
	size_t body_bytes;
	size_t count;
	uint64_t first;
	uint64_t last;
	uint64_t since_ms; /* when the first came */
	unsigned always;   /* groups that count in every record */
	uint64_t max_bytes;
};

struct spool {
	struct loop *loop;
	struct workers *workers;
	struct spool_disk disk;
	struct spool_group groups[2];
	struct spool_group *filling;
	struct spool_group *committing; /* or NULL */
	struct due linger;
	struct due retry; /* the repetition of the commit under way, which failed */
	uint64_t retry_ms;
	void (*on_disk)(void *owner, int err);
	void *disk_owner;
	uint64_t linger_ms;
	uint64_t max_bytes;
	uint64_t max_devices;
	unsigned always;
	uint64_t next_seq;
	uint64_t epoch;
	struct spool_counts counts;
	struct spool_rebuild rebuild;
	bool keeps_all; /* not one record is dropped for the quota */
	bool is_flushing;
	bool is_closing;
	struct worker_job close_job;
	void (*on_closed)(void *owner);
	void *owner;
};

/* Takes over what a job has changed; in its on_done, before anything is submitted. */
void spool_look(struct spool *s);

/* Submits the close job when nothing waits any more (spool_commit.c calls it). */
void spool_close_if_idle(struct spool *s);

void spool_linger_over(struct due *due);
void spool_retry_over(struct due *due);

#endif
