/* SPDX-License-Identifier: Apache-2.0
 * Opening: the directory, its lock, the file, the settings, the schema. Until the version is known
 * nothing is written, not even by SQLite's checkpoint at close: a newer program's store stays
 * byte for byte what it was. */
#include "engine/store/db_internal.h"

#include "engine/loop/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- why ------------------------------------------------------------------------------------- */

static int explain(char *why, size_t cap, int err, const char *what, const char *path)
{
	(void)snprintf(why, cap, "%s %s: %s", what, path, err_text(err));
	return err;
}

static int explain_db(const struct db *db, char *why, size_t cap, int err)
{
	(void)snprintf(why, cap, "%s: %s (%s)", db->path, err_text(err), db->why);
	return err;
}

/* ---- the directory and its lock -------------------------------------------------------------- */

static int make_directory(const char *dir, char *why, size_t cap)
{
	if (mkdir(dir, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return explain(why, cap, -errno, "cannot make", dir);
	struct stat st;
	if (stat(dir, &st) < 0)
		return explain(why, cap, -errno, "cannot look at", dir);
	if ((st.st_mode & S_IWOTH) == 0)
		return 0;
	(void)snprintf(why, cap,
		"others can write into %s and could put another store there: chmod 0700 it", dir);
	return -EPERM;
}

/* The files that programs keep in a state directory; keys are checked where they are read. */
static const char *const own_files[] = {"store.lock", "store.db", "store.db-wal", "store.db-shm",
	"store.new", "discovery.db", "discovery.db-wal", "discovery.db-shm", "agent.id",
	"status.json"};

/* A file that another user owns or may change could hold another user's records. */
static int check_files(const char *dir, char *why, size_t cap)
{
	int err = 0;
	for (size_t i = 0; err == 0 && i < sizeof own_files / sizeof own_files[0]; i++) {
		char path[PATH_MAX];
		int n = snprintf(path, sizeof path, "%s/%s", dir, own_files[i]);
		if (n < 0 || (size_t)n >= sizeof path)
			return explain(why, cap, -ENAMETOOLONG, "cannot look into", dir);
		int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 && errno != ENOENT)
			return explain(why, cap, -errno, "cannot look at", path);
		if (fd < 0)
			continue;
		err = file_check_private(fd, path, why, cap);
		(void)close(fd);
	}
	return err == ERR_KEY ? -EPERM : err;
}

/* The pid that the holder wrote, or 0. */
static long holder_of(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

static int write_pid(int fd)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0)
		return -errno;
	ssize_t written = pwrite(fd, text, (size_t)n, 0);
	if (written < 0)
		return -errno;
	return written == n ? 0 : -EIO;
}

/* The exclusive lock, at once or never; but `platen status` holds a shared one for a moment. */
static int lock_now(int fd)
{
	const struct timespec moment = {.tv_nsec = LIMIT_LOCK_TRY_MS * 1000000L};
	for (unsigned tries = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK)
			return -errno;
		/* A shared lock is refused exactly while another daemon holds the exclusive one. */
		if (tries == LIMIT_LOCK_TRIES || flock(fd, LOCK_SH | LOCK_NB) < 0)
			return ERR_STORE_LOCKED;
		if (flock(fd, LOCK_UN) < 0)
			return -errno;
		(void)nanosleep(&moment, NULL); /* shorter if a signal comes */
	}
	return 0;
}

int db_lock_take(struct db_lock *lock, const char *dir, char *why, size_t why_cap)
{
	lock->fd = -1;
	int err = make_directory(dir, why, why_cap);
	if (err < 0 || (err = check_files(dir, why, why_cap)) < 0)
		return err;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/store.lock", dir);
	if (n < 0 || (size_t)n >= sizeof path)
		return explain(why, why_cap, -ENAMETOOLONG, "cannot lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return explain(why, why_cap, -errno, "cannot open", path);
	err = lock_now(fd);
	if (err == ERR_STORE_LOCKED)
		(void)snprintf(why, why_cap, "%s is in use by process %ld", dir, holder_of(fd));
	else if (err < 0)
		(void)explain(why, why_cap, err, "cannot lock", path);
	else if ((err = write_pid(fd)) < 0)
		(void)explain(why, why_cap, err, "cannot write", path);
	if (err < 0) {
		(void)close(fd);
		return err;
	}
	lock->fd = fd;
	return 0;
}

void db_lock_drop(struct db_lock *lock)
{
	if (lock->fd < 0)
		return;
	(void)close(lock->fd); /* the lock goes with the file description */
	lock->fd = -1;
}

/* ---- the connection ---- */

static int set_option(struct db *db, int option, int value)
{
	int is_now = 0;
	int rc = sqlite3_db_config(db->raw, option, value, &is_now);
	if (rc != SQLITE_OK)
		return db_error(db, rc);
	return is_now == value ? 0 : ERR_STORE;
}

static int set_options(struct db *db)
{
	int err;
	/* Readers delay only a checkpoint, and the lock refuses a second owner: a wait of
	 * LIMIT_STORE_BUSY_MS is a fault. */
	if ((err = db_error(db, sqlite3_extended_result_codes(db->raw, 1))) < 0 ||
		(err = db_error(db, sqlite3_busy_timeout(db->raw, LIMIT_STORE_BUSY_MS))) < 0 ||
		(err = set_option(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)) < 0 ||
		(err = set_option(db, SQLITE_DBCONFIG_DEFENSIVE, 1)) < 0)
		return err;
	return set_option(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
}

/* The application_id in the file: the schema's own id, plus the version. */
static int64_t application_id(const struct db_schema *schema, unsigned version)
{
	return (int32_t)(schema->application_id + version);
}

/* Another store of ours, whole by both numbers. */
static bool is_of_another(const struct db_schema *schema, int64_t application, int64_t version)
{
	static const uint32_t ids[] = {DB_ARCHIVE, DB_DEVICES, DB_SPOOL};
	bool is_ours = false;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		is_ours = is_ours || (ids[i] != schema->application_id &&
					     application == (int64_t)ids[i] + version);
	return is_ours && version > 0;
}

/* 0: a database of ours with a version that we can use. 1: a new, empty file. */
static int look_at_version(struct db *db, int64_t *version)
{
	int64_t application = 0, objects = 0;
	int err;
	if ((err = db_number(db, "PRAGMA user_version", version)) < 0 ||
		(err = db_number(db, "PRAGMA application_id", &application)) < 0 ||
		(err = db_number(db, "SELECT count(*) FROM sqlite_schema", &objects)) < 0)
		return err;
	if (*version == 0 && application == 0 && objects == 0)
		return 1;
	/* It is not damaged: nothing is to be rebuilt or moved aside. */
	if (is_of_another(db->schema, application, *version)) {
		(void)str_copy(db->why, sizeof db->why,
			"the store of another platen program: choose another state_dir");
		return ERR_STORE_VERSION;
	}
	/* The version is in both numbers, so that a damaged header is not taken for a newer one. */
	if (*version < 0 || application != application_id(db->schema, (unsigned)*version)) {
		(void)str_copy(db->why, sizeof db->why, "another program's database, or damaged");
		return ERR_STORE_CORRUPT;
	}
	if (*version > (int64_t)db->schema->version) {
		(void)snprintf(db->why, sizeof db->why, "version %lld, this program knows up to %u",
			(long long)*version, db->schema->version);
		return ERR_STORE_VERSION;
	}
	return 0;
}

static int set_pragmas(struct db *db, bool is_new)
{
	int err = is_new ? db_exec(db, "PRAGMA page_size=4096") : 0;
	if (err < 0)
		return err;
	struct db_stmt st;
	if ((err = db_prepare(db, &st, "PRAGMA journal_mode=WAL")) < 0)
		return err;
	err = db_step(&st);
	/* The result is the mode in force. */
	if (err == 1)
		err = text_is(db_col_text(&st, 0), "wal") ? 0 : ERR_STORE;
	db_finalize(&st);
	if (err < 0)
		return err;
	char sql[256];
	(void)snprintf(sql, sizeof sql,
		"PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
		"PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA cache_size=-%u;"
		"PRAGMA wal_autocheckpoint=%d; PRAGMA journal_size_limit=%d",
		db->cache_kib, LIMIT_STORE_WAL_PAGES, LIMIT_STORE_WAL_PAGES * 4096);
	return db_exec(db, sql);
}

static int upgrade(struct db *db, unsigned version)
{
	char sql[128];
	(void)snprintf(sql, sizeof sql, "PRAGMA user_version=%u; PRAGMA application_id=%d",
		version + 1, (int)application_id(db->schema, version + 1));
	int err;
	if ((err = db_begin(db)) == 0 &&
		(err = db_exec(db, (const char *)db->schema->steps[version].sql)) == 0 &&
		(err = db_exec(db, sql)) == 0)
		return db_commit(db);
	db_rollback(db);
	return err;
}

static int start_owner(struct db *db)
{
	int64_t version = 0;
	int is_new = look_at_version(db, &version);
	if (is_new < 0)
		return is_new;
	int err = set_pragmas(db, is_new == 1);
	for (unsigned i = (unsigned)version; err == 0 && i < db->schema->version; i++)
		err = upgrade(db, i);
	if (err < 0)
		return err;
	return set_option(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0);
}

static int start_reader(struct db *db)
{
	int64_t version = 0;
	int is_new = look_at_version(db, &version);
	if (is_new < 0)
		return is_new;
	if (is_new == 1 || version != (int64_t)db->schema->version) {
		(void)snprintf(db->why, sizeof db->why, "version %lld, this program reads %u",
			(long long)version, db->schema->version);
		return ERR_STORE_VERSION;
	}
	char sql[128];
	(void)snprintf(sql, sizeof sql,
		"PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
		"PRAGMA cache_size=-%u",
		db->cache_kib);
	return db_exec(db, sql);
}

/* `as_is`: what is in the WAL stays there. */
static void disconnect(struct db *db, bool as_is)
{
	if (db->raw == NULL)
		return; /* not even the handle could be allocated */
	if (as_is)
		(void)set_option(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
	for (struct list *n = db->stmts.next; n != &db->stmts; n = n->next) {
		struct db_stmt *st = container_of(n, struct db_stmt, node);
		(void)sqlite3_finalize(st->raw); /* repeats the error of the last step */
		st->raw = NULL;
		st->err = 0;
	}
	db_rollback(db);
	if (sqlite3_close(db->raw) != SQLITE_OK)
		abort(); /* only with statements that are not in our list: a bug */
	db->raw = NULL;
}

/* Opening a pipe would wait for ever. Not by a descriptor: closing it would end the locks that this
 * process has on the file. */
static int check_regular(const char *path, char *why, size_t cap)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return explain(why, cap, -errno, "cannot look at", path);
	if (S_ISREG(st.st_mode))
		return 0;
	(void)snprintf(why, cap, "%s is not a regular file", path);
	return -EPERM;
}

static int connect(struct db *db)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	flags |= db->is_reader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int err;
	if ((err = db_error(db, sqlite3_open_v2(db->path, &db->raw, flags, NULL))) < 0 ||
		(err = set_options(db)) < 0 ||
		(err = db->is_reader ? start_reader(db) : start_owner(db)) < 0)
		disconnect(db, true);
	return err;
}

/* SQLite would make the file with the umask's mode; the WAL then takes the file's. */
static int make_file(const char *path, const char *dir)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	(void)close(fd);
	return file_sync_dir(dir);
}

/* SQLite's count of its memory, which nothing here reads, takes a lock at each allocation. Only the
 * first call of a process has an effect, at its start; SQLite refuses the others. */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static struct db *make(const struct db_options *o, bool is_reader)
{
	char dir[PATH_MAX];
	struct db *db = calloc(1, sizeof *db);
	if (db == NULL)
		return NULL;
	configure();
	/* SQLITE_OPEN_NOFOLLOW refuses a link anywhere in the path: those above the file are fine.
	 */
	if (realpath(o->dir, dir) == NULL || asprintf(&db->path, "%s/%s", dir, o->file) < 0) {
		free(db);
		return NULL;
	}
	list_init(&db->stmts);
	db->schema = o->schema;
	db->cache_kib = o->cache_kib == 0 ? 1024 : o->cache_kib;
	db->is_reader = is_reader;
	db->lock.fd = -1;
	return db;
}

static void unmake(struct db *db)
{
	db_lock_drop(&db->lock);
	free(db->path);
	free(db);
}

int db_open(struct db **ret, const struct db_options *o, char *why, size_t why_cap)
{
	int err = make_directory(o->dir, why, why_cap);
	if (err < 0)
		return err;
	struct db *db = make(o, false);
	if (db == NULL)
		return explain(why, why_cap, -errno, "cannot open", o->dir);
	if (!o->has_lock && (err = db_lock_take(&db->lock, o->dir, why, why_cap)) < 0)
		goto failed;
	if ((err = make_file(db->path, o->dir)) < 0) {
		(void)explain(why, why_cap, err, "cannot open", db->path);
		goto failed;
	}
	if ((err = connect(db)) < 0) {
		(void)explain_db(db, why, why_cap, err);
		goto failed;
	}
	*ret = db;
	return 0;
failed:
	unmake(db);
	return err;
}

int db_open_read(struct db **ret, const struct db_options *o, char *why, size_t why_cap)
{
	struct db *db = make(o, true);
	if (db == NULL)
		return explain(why, why_cap, -errno, "cannot open", o->dir);
	int err = check_regular(db->path, why, why_cap);
	if (err == 0 && (err = connect(db)) < 0)
		(void)explain_db(db, why, why_cap, err);
	if (err < 0) {
		unmake(db);
		return err;
	}
	*ret = db;
	return 0;
}

int db_reopen(struct db *db)
{
	disconnect(db, false);
	return connect(db);
}

static void close_how(struct db *db, bool as_is)
{
	if (db == NULL)
		return;
	while (!list_is_empty(&db->stmts))
		db_finalize(container_of(db->stmts.next, struct db_stmt, node));
	disconnect(db, as_is);
	unmake(db);
}

void db_close(struct db *db)
{
	close_how(db, false);
}

void db_close_as_is(struct db *db)
{
	close_how(db, true);
}
