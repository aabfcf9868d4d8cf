/* SPDX-License-Identifier: Apache-2.0
 * Building a new database from the frames that spool_scan.c finds, and putting it in the damaged
 * one's place. The new one is made as store.making; when it is whole and on disk it is renamed to
 * store.new, and from then on every start completes the exchange (salvage_finish), so a crash at
 * any point leaves either the damaged store or the new one. */
#include "engine/store/spool_salvage.h"

#include "engine/loop/crypto.h"
#include "engine/loop/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The gap in the numbers after a salvage: receipted records above the highest number found may
 * have left no frame. */
#define SALVAGE_LEAP (1ull << 32)

#define DAMAGED_PREFIX "store.damaged-"

/* Damaged frames that one salvage keeps; a zeroed disk has no end of them. */
enum { DAMAGED_MAX = 1000 };

struct salvage {
	struct db *db; /* the new one */
	struct db_stmt put_record;
	struct db_stmt put_aside;
	struct db_stmt get_latest;
	struct db_stmt put_latest;
	struct db_stmt get_value;
	struct db_stmt put_value;
	struct spool_meta meta; /* the newest found */
	bool has_meta;
	bool has_id;
	size_t damaged;
	uint64_t expected; /* records, by the newest meta */
};

/* ---- files ---- */

static const char *path_of(char dst[PATH_MAX + 32], const char *dir, const char *name)
{
	(void)snprintf(dst, PATH_MAX + 32, "%s/%s", dir, name);
	return dst;
}

static int move(const char *dir, const char *from, const char *to)
{
	char a[PATH_MAX + 32], b[PATH_MAX + 32];
	if (rename(path_of(a, dir, from), path_of(b, dir, to)) == 0)
		return 0;
	return errno == ENOENT ? 0 : -errno;
}

static int remove_file(const char *dir, const char *name)
{
	char path[PATH_MAX + 32];
	if (unlink(path_of(path, dir, name)) == 0)
		return 0;
	return errno == ENOENT ? 0 : -errno;
}

static int remove_unfinished(const char *dir)
{
	static const char *const names[] = {"store.making", "store.making-wal", "store.making-shm"};
	int err = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0] && err == 0; i++)
		err = remove_file(dir, names[i]);
	return err;
}

/* With milliseconds: one does not replace another. */
static void name_damaged(char *dst, size_t cap, uint64_t *ret_at_ms)
{
	struct timespec now = {0};
	struct tm utc = {0};
	char text[32] = "";
	(void)clock_gettime(CLOCK_REALTIME, &now); /* exists on every Linux */
	if (gmtime_r(&now.tv_sec, &utc) != NULL)
		(void)strftime(text, sizeof text, "%Y%m%dT%H%M%S", &utc);
	(void)snprintf(dst, cap, DAMAGED_PREFIX "%s.%03ldZ", text, now.tv_nsec / 1000000);
	*ret_at_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The number of damaged files in the directory, those of this rebuild included, and the oldest
 * other one: a name begins with its time. */
static int find_damaged(const char *dir, const char *kept_as, char oldest[NAME_MAX + 1])
{
	int count = 0;
	const struct dirent *entry;
	DIR *d = opendir(dir);
	if (d == NULL)
		return -errno;
	oldest[0] = '\0';
	errno = 0;
	while ((entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (strncmp(name, DAMAGED_PREFIX, strlen(DAMAGED_PREFIX)) != 0)
			continue;
		count++;
		bool is_ours = strncmp(name, kept_as, strlen(kept_as)) == 0;
		if (!is_ours && (oldest[0] == '\0' || strcmp(name, oldest) < 0))
			(void)str_copy(oldest, NAME_MAX + 1, name);
	}
	int err = -errno; /* of readdir; closedir has none of its own here */
	(void)closedir(d);
	return err < 0 ? err : count;
}

/* Each damaged file may be as large as the store: without a maximum a bad disk fills up with them.
 * Returns the number of files removed, or an error, which costs the rebuilt store nothing. */
static int remove_oldest_damaged(const char *dir, const char *kept_as)
{
	char oldest[NAME_MAX + 1];
	int removed = 0, count, err;
	while ((count = find_damaged(dir, kept_as, oldest)) > LIMIT_DAMAGED_FILES) {
		if ((err = remove_file(dir, oldest)) < 0)
			return err;
		removed++;
	}
	return count < 0 ? count : removed;
}

/* The new one is whole and on disk. */
static int exchange(const char *dir, struct spool_rebuild *ret)
{
	char wal[sizeof ret->kept_as + 4];
	name_damaged(ret->kept_as, sizeof ret->kept_as, &ret->at_ms);
	(void)snprintf(wal, sizeof wal, "%s-wal", ret->kept_as);
	/* The old WAL first: SQLite must never find it beside the new database. */
	int err;
	if ((err = move(dir, "store.db-wal", wal)) < 0 ||
		(err = remove_file(dir, "store.db-shm")) < 0 ||
		(err = move(dir, "store.db", ret->kept_as)) < 0 || (err = file_sync_dir(dir)) < 0 ||
		(err = move(dir, "store.new", "store.db")) < 0 || (err = file_sync_dir(dir)) < 0)
		return err;
	ret->removed = remove_oldest_damaged(dir, ret->kept_as);
	return 0;
}

int salvage_finish(const char *dir, struct spool_rebuild *ret)
{
	char path[PATH_MAX + 32];
	if (access(path_of(path, dir, "store.new"), F_OK) < 0)
		return errno == ENOENT ? remove_unfinished(dir) : -errno;
	/* The results of the interrupted salvage are lost, but not the files that it made. */
	*ret = (struct spool_rebuild){.is_id_kept = true};
	int err = exchange(dir, ret);
	return err < 0 ? err : 1;
}

/* ---- frames ---- */

static int put(struct db_stmt *st, int64_t row, const struct frame *f)
{
	uint8_t bytes[SPOOL_SCRATCH];
	frame_write(bytes, f);
	db_bind(st, db_i64(row), db_blob(bytes, frame_len(f)));
	return db_run(st);
}

/* Of several versions of a row the newest stays. */
static int put_newest(
	struct db_stmt *get, struct db_stmt *put_it, int64_t row, const struct frame *f)
{
	db_bind(get, db_i64(row));
	int err = db_step(get);
	if (err < 0)
		return err;
	if (err == 1) {
		struct frame have;
		size_t len;
		const uint8_t *bytes = db_col_blob(get, 0, &len);
		bool is_newer = frame_read(&have, bytes, len) < 0 || have.number <= f->number;
		db_reset(get);
		if (!is_newer)
			return 0;
	}
	return put(put_it, row, f);
}

static int put_meta(struct salvage *v, const struct frame *f)
{
	struct spool_meta found;
	if (meta_read(&found, f) < 0)
		return 0;
	if (!v->has_meta || found.generation > v->meta.generation)
		v->meta = found;
	v->has_meta = true;
	return 0;
}

static int put_aside(struct salvage *v, const struct frame *f, size_t len,
	const uint8_t bytes[SPOOL_SCRATCH], uint64_t number)
{
	db_bind(&v->put_aside, db_i64(frame_row_of_bytes(f->body, f->body_len)),
		db_blob(bytes, len), db_u64(number));
	return db_run(&v->put_aside);
}

static int put_damaged(struct salvage *v, const struct frame *f)
{
	uint8_t bytes[SPOOL_SCRATCH];
	if (f->kind != FRAME_RECORD || v->damaged == DAMAGED_MAX)
		return 0;
	v->damaged++;
	size_t len = aside_write(bytes, f->number, f->body, f->body_len);
	return put_aside(v, f, len, bytes, f->number & INT64_MAX);
}

static int put_aside_again(struct salvage *v, const struct frame *f)
{
	uint8_t bytes[SPOOL_SCRATCH];
	frame_write(bytes, f);
	/* The highest number: a record that was set aside is never a deleted row. */
	return put_aside(v, f, frame_len(f), bytes, INT64_MAX);
}

static int on_frame(void *owner, const struct frame *f, int damage)
{
	struct salvage *v = owner;
	if (damage < 0)
		return put_damaged(v, f);
	switch ((enum frame_kind)f->kind) {
	case FRAME_RECORD:
		if (f->number == 0 || f->number > INT64_MAX)
			return 0;
		return put(&v->put_record, (int64_t)f->number, f);
	case FRAME_LATEST:
		if (f->key_len < 1)
			return 0;
		return put_newest(&v->get_latest, &v->put_latest,
			frame_row_of_device(f->key + 1, f->key_len - 1, f->key[0]), f);
	case FRAME_VALUE:
		return put_newest(&v->get_value, &v->put_value,
			frame_row_of_name((const char *)f->key, f->key_len), f);
	case FRAME_META:
		return put_meta(v, f);
	case FRAME_ASIDE:
		return put_aside_again(v, f);
	}
	return 0;
}

/* ---- the new database ---- */

static int prepare_all(struct salvage *v)
{
	const struct db_source all[] = {
		{&v->put_record, "INSERT OR IGNORE INTO record(id, frame) VALUES(?1, ?2)"},
		{&v->put_aside,
			"INSERT OR IGNORE INTO aside(id, frame, number) VALUES(?1, ?2, ?3)"},
		{&v->get_latest, "SELECT frame FROM latest WHERE id=?1"},
		{&v->put_latest, "INSERT OR REPLACE INTO latest(id, frame) VALUES(?1, ?2)"},
		{&v->get_value, "SELECT frame FROM value WHERE id=?1"},
		{&v->put_value, "INSERT OR REPLACE INTO value(id, frame) VALUES(?1, ?2)"},
	};
	int err = db_exec(v->db,
		"CREATE TEMP TABLE aside(id INTEGER PRIMARY KEY, frame BLOB, number INTEGER)");
	return err < 0 ? err : db_prepare_all(v->db, all, sizeof all / sizeof all[0]);
}

static int run_with(struct db *db, const char *sql, struct db_value parameter)
{
	struct db_stmt st;
	int err = db_prepare(db, &st, sql);
	if (err < 0)
		return err;
	db_bind(&st, parameter);
	err = db_run(&st);
	db_finalize(&st);
	return err;
}

/* Drops receipted records, and damaged copies of records that were found intact. */
static int drop_receipted(struct salvage *v)
{
	int err = run_with(v->db, "DELETE FROM record WHERE id <= ?1", db_u64(v->meta.done_upto));
	if (err < 0)
		return err;
	return run_with(v->db,
		"INSERT INTO quarantine(id, frame) SELECT id, frame FROM aside"
		" WHERE number > ?1 AND number NOT IN (SELECT id FROM record)",
		db_u64(v->meta.done_upto));
}

static int count(struct salvage *v, struct spool_meta *m)
{
	struct db_stmt st;
	int err = db_prepare(v->db, &st,
		"SELECT count(*), coalesce(sum(length(frame)), 0), coalesce(max(id), 0) FROM "
		"record");
	if (err < 0)
		return err;
	err = db_step(&st);
	if (err == 1) {
		m->rows = db_col_u64(&st, 0);
		m->bytes = db_col_u64(&st, 1) - m->rows * FRAME_HEAD;
		if (m->next_seq <= db_col_u64(&st, 2))
			m->next_seq = db_col_u64(&st, 2) + 1;
	}
	db_finalize(&st);
	return err < 0 ? err : 0;
}

/* `kept` is what is pending, and becomes the sum. */
static void settle_balance(struct spool_balance *b)
{
	b->kept += b->receipted + b->superseded + b->quarantined;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		b->kept += b->dropped[i];
}

/* Sets the meta of the new store. `is_certain`: the caller had the meta of the damaged one. */
static int settle_meta(struct salvage *v, const char *dir, bool is_certain)
{
	struct spool_meta *m = &v->meta;
	struct spool_meta file;
	int err = file_identity(dir, "store.db", &file);
	bool is_copy = err == -ENOENT || file.inode != m->inode || file.birth_ns != m->birth_ns;
	if (err < 0 && err != -ENOENT)
		return err;
	v->has_id = v->has_meta || agent_id_load(dir, m->agent_id) == 1;
	if (!v->has_id && (err = crypto_random(m->agent_id, sizeof m->agent_id)) < 0)
		return err;
	if (!v->has_meta || is_copy) {
		m->receipted_upto = 0;
		if ((err = random_epoch(&m->epoch)) < 0)
			return err;
	}
	if (m->next_seq <= m->done_upto)
		m->next_seq = m->done_upto + 1;
	m->generation++;
	v->expected = m->rows;
	if ((err = count(v, m)) < 0)
		return err;
	if (!is_certain)
		m->next_seq += SALVAGE_LEAP;
	/* Nothing says which of the records were handed out, and superseded ones may be back. */
	m->sent_upto = m->next_seq - 1;
	m->balance.quarantined += v->damaged;
	m->balance.kept = m->rows;
	settle_balance(&m->balance);
	if ((err = file_identity(dir, "store.making", &file)) < 0)
		return err;
	m->inode = file.inode;
	m->birth_ns = file.birth_ns;
	return 0;
}

static int put_all_meta(struct salvage *v)
{
	uint8_t bytes[FRAME_HEAD + META_BODY];
	size_t len = meta_write(bytes, &v->meta);
	struct db_value frame = db_blob(bytes, len);
	int err = run_with(v->db, "INSERT INTO meta_a(id, frame) VALUES(1, ?1)", frame);
	if (err < 0)
		return err;
	return run_with(v->db, "INSERT INTO meta_b(id, frame) VALUES(1, ?1)", frame);
}

static int fill(struct salvage *v, const char *dir, bool is_certain)
{
	int err;
	if ((err = prepare_all(v)) < 0 || (err = db_begin(v->db)) < 0 ||
		(err = scan_store(dir, on_frame, v)) < 0 || (err = drop_receipted(v)) < 0 ||
		(err = settle_meta(v, dir, is_certain)) < 0 || (err = put_all_meta(v)) < 0 ||
		(err = db_commit(v->db)) < 0)
		return err;
	/* The WAL goes into the file that is renamed. */
	return db_checkpoint(v->db);
}

int salvage_store(const char *dir, const struct spool_meta *known, struct spool_rebuild *ret)
{
	char why[LIMIT_WHY];
	struct salvage v = {.has_meta = known != NULL};
	if (known != NULL)
		v.meta = *known;
	struct db_options o = {
		.dir = dir, .file = "store.making", .schema = &spool_schema, .has_lock = true};
	int err = remove_unfinished(dir);
	if (err < 0)
		return err;
	if ((err = db_open(&v.db, &o, why, sizeof why)) < 0)
		return err;
	err = fill(&v, dir, known != NULL);
	db_close(v.db);
	if (err < 0 || (err = move(dir, "store.making", "store.new")) < 0 ||
		(err = file_sync_dir(dir)) < 0)
		return err;
	*ret = (struct spool_rebuild){.records = v.meta.rows,
		.lost = v.expected > v.meta.rows ? v.expected - v.meta.rows : 0,
		.is_lost_known = v.has_meta,
		.is_id_kept = v.has_id};
	return exchange(dir, ret);
}
