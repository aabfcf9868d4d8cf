/* SPDX-License-Identifier: Apache-2.0
 * Statements, transactions, and SQLite's result codes as errors of ours. */
#include "engine/store/db_internal.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* The errno behind SQLITE_IOERR and SQLITE_CANTOPEN, if SQLite kept one. */
static int system_error(const struct db *db)
{
	int number = db->raw == NULL ? 0 : sqlite3_system_errno(db->raw);
	return number > 0 ? -number : -EIO;
}

static int error_of(const struct db *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_STORE_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_NOMEM)
			return -ENOMEM;
		return system_error(db);
	case SQLITE_CANTOPEN:
		return system_error(db);
	default:
		return ERR_STORE;
	}
}

int db_error(struct db *db, int rc)
{
	int err = error_of(db, rc);
	if (err < 0) {
		const char *text = db->raw != NULL ? sqlite3_errmsg(db->raw) : sqlite3_errstr(rc);
		(void)str_copy(db->why, sizeof db->why, text);
	}
	return err;
}

const char *db_why(const struct db *db)
{
	return db->why;
}

static int compile(struct db_stmt *st)
{
	struct db *db = st->db;
	if (db->raw == NULL)
		return -EBADF;
	int rc =
		sqlite3_prepare_v3(db->raw, st->sql, -1, SQLITE_PREPARE_PERSISTENT, &st->raw, NULL);
	return db_error(db, rc);
}

/* Not inlined: with a statement on the caller's stack gcc takes the list's link to it for a
 * dangling pointer, although db_finalize takes it out again. */
__attribute__((noinline)) int db_prepare(struct db *db, struct db_stmt *st, const char *sql)
{
	st->db = db;
	st->sql = sql;
	st->raw = NULL;
	st->err = 0;
	list_init(&st->node);
	int err = compile(st);
	if (err < 0)
		return err;
	list_push(&db->stmts, &st->node);
	return 0;
}

void db_finalize(struct db_stmt *st)
{
	/* Repeats the error of the last step, which was read there. */
	(void)sqlite3_finalize(st->raw);
	st->raw = NULL;
	list_remove(&st->node);
}

/* Whether a parameter can be bound now; after db_reopen the statement is compiled again. */
static bool can_bind(struct db_stmt *st)
{
	if (st->err == 0 && st->raw == NULL)
		st->err = compile(st);
	return st->err == 0;
}

static int bind_one(struct db_stmt *st, int at, const struct db_value *value)
{
	/* A NULL pointer would bind NULL; no bytes are an empty value. */
	const void *p = value->len == 0 ? "" : value->v.p;
	switch (value->kind) {
	case DB_U64:
		if (value->v.u > INT64_MAX)
			return ERR_RANGE;
		return db_error(st->db, sqlite3_bind_int64(st->raw, at, (int64_t)value->v.u));
	case DB_I64:
		return db_error(st->db, sqlite3_bind_int64(st->raw, at, value->v.i));
	case DB_BLOB:
		return db_error(
			st->db, sqlite3_bind_blob64(st->raw, at, p, value->len, SQLITE_STATIC));
	case DB_TEXT:
		return db_error(st->db, sqlite3_bind_text64(st->raw, at, p, value->len,
						SQLITE_STATIC, SQLITE_UTF8));
	case DB_NULL:
		break;
	}
	return db_error(st->db, sqlite3_bind_null(st->raw, at));
}

void db_bind_all(struct db_stmt *st, const struct db_value *value, size_t count)
{
	for (size_t i = 0; i < count && can_bind(st); i++)
		st->err = bind_one(st, (int)i + 1, &value[i]);
}

int db_prepare_list(struct db *db, struct db_stmt *st, const char *const *sql, size_t count)
{
	int err = 0;
	for (size_t i = 0; i < count && err == 0; i++)
		err = db_prepare(db, &st[i], sql[i]);
	return err;
}

int db_prepare_all(struct db *db, const struct db_source *all, size_t count)
{
	int err = 0;
	for (size_t i = 0; i < count && err == 0; i++)
		err = db_prepare(db, all[i].stmt, all[i].sql);
	return err;
}

void db_reset(struct db_stmt *st)
{
	st->err = 0;
	if (st->raw == NULL)
		return;
	(void)sqlite3_reset(st->raw); /* repeats the error of the last step, which was read there */
	(void)sqlite3_clear_bindings(st->raw); /* always SQLITE_OK */
}

int db_step(struct db_stmt *st)
{
	int err = 0;
	if (can_bind(st)) {
		int rc = sqlite3_step(st->raw);
		if (rc == SQLITE_ROW)
			return 1;
		err = db_error(st->db, rc);
	} else {
		err = st->err;
	}
	db_reset(st);
	return err;
}

int db_run(struct db_stmt *st)
{
	int err;
	while ((err = db_step(st)) > 0)
		continue;
	return err;
}

uint64_t db_col_u64(struct db_stmt *st, int at)
{
	int64_t value = sqlite3_column_int64(st->raw, at);
	return value < 0 ? 0 : (uint64_t)value;
}

int64_t db_col_i64(struct db_stmt *st, int at)
{
	return sqlite3_column_int64(st->raw, at);
}

struct text db_col_text(struct db_stmt *st, int at)
{
	struct text text = {(const char *)sqlite3_column_text(st->raw, at), 0};
	if (text.p != NULL)
		text.len = (size_t)sqlite3_column_bytes(st->raw, at);
	return text;
}

const uint8_t *db_col_blob(struct db_stmt *st, int at, size_t *len)
{
	const uint8_t *bytes = sqlite3_column_blob(st->raw, at);
	*len = bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(st->raw, at);
	return bytes;
}

bool db_col_is_null(struct db_stmt *st, int at)
{
	return sqlite3_column_type(st->raw, at) == SQLITE_NULL;
}

int db_exec(struct db *db, const char *sql)
{
	if (db->raw == NULL)
		return -EBADF;
	return db_error(db, sqlite3_exec(db->raw, sql, NULL, NULL, NULL));
}

int db_begin(struct db *db)
{
	return db_exec(db, "BEGIN IMMEDIATE");
}

int db_commit(struct db *db)
{
	int err = db_exec(db, "COMMIT");
	if (err < 0)
		db_rollback(db);
	return err;
}

void db_rollback(struct db *db)
{
	if (db->raw == NULL || sqlite3_get_autocommit(db->raw) != 0)
		return;
	/* A failure here means that SQLite has rolled back already. Its words must not
	 * hide those of the error that led here, so this does not pass db_error. */
	(void)sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
}

uint64_t db_changes(const struct db *db)
{
	return db->raw == NULL ? 0 : (uint64_t)sqlite3_changes64(db->raw);
}

int64_t db_last_id(const struct db *db)
{
	return db->raw == NULL ? 0 : sqlite3_last_insert_rowid(db->raw);
}

int db_number(struct db *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *raw = NULL;
	int rc = sqlite3_prepare_v2(db->raw, sql, -1, &raw, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(raw);
	int err = db_error(db, rc);
	if (err == 0 && rc != SQLITE_ROW)
		err = ERR_STORE;
	if (err == 0)
		*ret = sqlite3_column_int64(raw, 0);
	(void)sqlite3_finalize(raw); /* repeats the error of the step */
	return err;
}

int db_check(struct db *db)
{
	struct db_stmt st;
	int err = db_prepare(db, &st, "PRAGMA quick_check(1)");
	if (err < 0)
		return err;
	err = db_step(&st);
	if (err == 1) {
		struct text finding = db_col_text(&st, 0);
		err = text_is(finding, "ok") ? 0 : ERR_STORE_CORRUPT;
		if (err < 0)
			(void)str_copy(db->why, sizeof db->why, finding.p == NULL ? "" : finding.p);
	}
	db_finalize(&st);
	return err;
}

int db_checkpoint(struct db *db)
{
	if (db->raw == NULL)
		return -EBADF;
	int rc = sqlite3_wal_checkpoint_v2(db->raw, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return db_error(db, rc);
}
