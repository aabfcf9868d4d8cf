/* SPDX-License-Identifier: Apache-2.0
 * One SQLite connection and the rules that every database of ours keeps: WAL, synchronous=FULL,
 * foreign keys, no mmap, a small page cache, a bounded WAL, a file of mode 0600 in a directory of
 * mode 0700, one owner at a time (store.lock), a schema with a version. Only engine/store includes
 * sqlite3.h; the spool and the archive work through this.
 *
 * The connection is used by one thread at a time: at start and stop by the main thread, in between
 * by the jobs of one worker. Everything here blocks. Errors: -ENOSPC for a full disk,
 * ERR_STORE_CORRUPT for damaged pages, -EBUSY, -ENOMEM, -EROFS, ERR_CONFLICT for a violated
 * constraint, -errno of a failed system call where SQLite tells it, else ERR_STORE. db_why() has
 * SQLite's words for the last one.
 *
 * Order of calls: db_open or db_open_read; db_prepare each statement once; then as often as needed
 * db_bind, db_step (and db_reset, if not stepped to its end) or db_run; db_close, which also
 * finalizes the statements. After a commit that failed for an I/O reason it is unknown what the
 * disk has: db_reopen, and look. */
#ifndef PLATEN_STORE_DB_H
#define PLATEN_STORE_DB_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "proto/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct sqlite3_stmt;

/* SQL: any number of statements, with a NUL behind. */
struct db_step {
	const char *name;
	const unsigned char *sql;
	size_t len;
};

/* Our stores; an id's last byte has room for the versions. */
enum {
	DB_ARCHIVE = 0x504c4831, /* "PLH1" */
	DB_DEVICES = 0x504c4b00, /* "PLK" */
	DB_SPOOL = 0x70537000    /* "pSp" */
};

/* The tables. steps[i] leads from version i to i + 1; each is one transaction. A file of a higher
 * version is refused untouched. */
struct db_schema {
	uint32_t application_id; /* tells our files from others; the file has it plus the version */
	const struct db_step *steps;
	unsigned version; /* how many steps: what this program writes */
};

struct db_options {
	const char *dir;  /* the state directory: made with mode 0700 if it is missing */
	const char *file; /* "store.db", "archive.db" */
	const struct db_schema *schema;
	unsigned cache_kib; /* page cache; 0: 1 MiB */
	bool has_lock;      /* the caller holds the directory's lock already (db_lock_take) */
};

/* Opens or makes the database as its one owner. -EPERM: everybody can write into the directory.
 * ERR_STORE_LOCKED: `why` names the pid.
 * ERR_STORE_VERSION: made by a newer program. ERR_STORE_CORRUPT: not a database any more, or not
 * one with this schema's application id. */
int db_open(struct db **ret, const struct db_options *o, char *why, size_t why_cap) MUST_USE;

/* A second, reading connection: never writes, never checkpoints, needs no lock and works while
 * the owner runs. The schema must have exactly our version (else ERR_STORE_VERSION). */
int db_open_read(struct db **ret, const struct db_options *o, char *why, size_t why_cap) MUST_USE;

/* Closes and opens the connection again; prepared statements stay usable. On an error the
 * connection is closed, every call fails with -EBADF, and db_reopen may be tried again. */
int db_reopen(struct db *db) MUST_USE;

/* Rolls back what is open, finalizes, closes, drops the lock. NULL is harmless. */
void db_close(struct db *db);

/* The same without moving the WAL into the database: for a store that is damaged. */
void db_close_as_is(struct db *db);

/* SQLite's words for the last error, or "". Valid until the next call. */
const char *db_why(const struct db *db);

/* ---- the lock of a state directory --------------------------------------------------------- */
/* flock on DIR/store.lock, which holds the owner's pid; makes the directory too. For verbs that
 * must not run beside the daemon, and for who opens several databases of one directory. */
struct db_lock {
	int fd; /* -1: not held */
};
int db_lock_take(struct db_lock *lock, const char *dir, char *why, size_t why_cap) MUST_USE;
void db_lock_drop(struct db_lock *lock);

/* ---- statements ------------------------------------------------------------------------------ */
/* Embedded in its owner; must not move. */
struct db_stmt {
	struct list node; /* db: all statements of the connection */
	struct db *db;
	struct sqlite3_stmt *raw; /* NULL after db_reopen, until it is used again */
	const char *sql;          /* caller's, must outlive the statement */
	int err;                  /* the first binding that failed; db_step returns it */
};

/* `sql` is one statement. */
int db_prepare(struct db *db, struct db_stmt *st, const char *sql) MUST_USE;

/* Prepares several: 0 or the first error. db_prepare_list: st[i] from sql[i]. */
int db_prepare_list(
	struct db *db, struct db_stmt *st, const char *const *sql, size_t count) MUST_USE;
struct db_source {
	struct db_stmt *stmt;
	const char *sql;
};
int db_prepare_all(struct db *db, const struct db_source *all, size_t count) MUST_USE;

/* Gives the statement back before the connection is closed. Idempotent after db_prepare. */
void db_finalize(struct db_stmt *st);

/* db_bind(st, db_i64(id), db_text(name)) binds ?1 and ?2. Bytes and texts are not copied: they must
 * stay until the statement is at its end or reset. A NULL text is bound as an empty one. An error
 * is returned by the next db_step; a db_u64 of 2^63 or more is ERR_RANGE. */
struct db_value {
	enum { DB_I64, DB_U64, DB_BLOB, DB_TEXT, DB_NULL } kind;
	size_t len;
	union {
		int64_t i;
		uint64_t u;
		const void *p;
	} v;
};
#define db_bind(st, ...)                                                                           \
	db_bind_all((st), (const struct db_value[]){__VA_ARGS__},                                  \
		sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value))
void db_bind_all(struct db_stmt *st, const struct db_value *value, size_t count);

static inline struct db_value db_i64(int64_t i)
{
	return (struct db_value){.kind = DB_I64, .v.i = i};
}

static inline struct db_value db_u64(uint64_t u)
{
	return (struct db_value){.kind = DB_U64, .v.u = u};
}

static inline struct db_value db_blob(const void *bytes, size_t len)
{
	return (struct db_value){.kind = DB_BLOB, .len = len, .v.p = bytes};
}

static inline struct db_value db_text(struct text text)
{
	return (struct db_value){.kind = DB_TEXT, .len = text.len, .v.p = text.p};
}

static inline struct db_value db_null(void)
{
	return (struct db_value){.kind = DB_NULL};
}

/* 1: a row is there. 0: the end. Negative: an error. At the end and after an error the statement
 * is reset and its parameters are cleared: it can be bound anew. */
int db_step(struct db_stmt *st) MUST_USE;

/* Ends a statement that still has rows. */
void db_reset(struct db_stmt *st);

/* Steps to the end, rows are dropped: 0 or an error. */
int db_run(struct db_stmt *st) MUST_USE;

/* Columns of the current row, counted from 0; valid until the next step or reset. */
uint64_t db_col_u64(struct db_stmt *st, int at);
int64_t db_col_i64(struct db_stmt *st, int at);
struct text db_col_text(struct db_stmt *st, int at);
/* NULL and 0 for an empty one. */
const uint8_t *db_col_blob(struct db_stmt *st, int at, size_t *len);
bool db_col_is_null(struct db_stmt *st, int at);

/* ---- the connection -------------------------------------------------------------------------- */
/* Any number of statements without parameters, rows dropped. */
int db_exec(struct db *db, const char *sql) MUST_USE;

/* The number that `sql`, a PRAGMA or a SELECT of one row, returns. */
int db_number(struct db *db, const char *sql, int64_t *ret) MUST_USE;

/* BEGIN IMMEDIATE; only db_commit's 0 means that the disk has it (fsync returned). When it fails
 * the transaction is rolled back. db_rollback is harmless without a transaction. */
int db_begin(struct db *db) MUST_USE;
int db_commit(struct db *db) MUST_USE;
void db_rollback(struct db *db);

/* Rows changed by the last INSERT, UPDATE or DELETE; rowid of the last INSERT. */
uint64_t db_changes(const struct db *db);
int64_t db_last_id(const struct db *db);

/* Reads every page (PRAGMA quick_check): 0 or ERR_STORE_CORRUPT, the first finding in db_why. */
int db_check(struct db *db) MUST_USE;

/* Moves the whole WAL into the database file and empties it. Owner only. */
int db_checkpoint(struct db *db) MUST_USE;

#endif
