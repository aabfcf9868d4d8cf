/* SPDX-License-Identifier: Apache-2.0
 * The spool's half of the disk worker: opening, the transaction with its meta, and recovery from
 * disk errors. Everything here blocks. */
#include "engine/store/spool_internal.h"

#include "engine/loop/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every row is one frame; the id of a record is its number, the others' is a hash. */
static const unsigned char tables[] =
	"CREATE TABLE record(id INTEGER PRIMARY KEY, frame BLOB NOT NULL);"
	"CREATE TABLE latest(id INTEGER PRIMARY KEY, frame BLOB NOT NULL);"
	"CREATE TABLE value(id INTEGER PRIMARY KEY, frame BLOB NOT NULL);"
	"CREATE TABLE meta_a(id INTEGER PRIMARY KEY, frame BLOB NOT NULL);"
	"CREATE TABLE meta_b(id INTEGER PRIMARY KEY, frame BLOB NOT NULL);"
	"CREATE TABLE quarantine(id INTEGER PRIMARY KEY, frame BLOB NOT NULL);";

/* The records above sent_upto, by device: which groups are in them, and which of these count. An
 * index of its own kind: without a row a record stays as it is. */
static const unsigned char unsent[] =
	"CREATE TABLE unsent(id INTEGER PRIMARY KEY, device INTEGER NOT NULL,"
	" groups INTEGER NOT NULL, counts INTEGER NOT NULL, bytes INTEGER NOT NULL);"
	"CREATE INDEX unsent_device ON unsent(device, id);";

static const struct db_step steps[] = {
	{"tables", tables, sizeof tables - 1}, {"unsent", unsent, sizeof unsent - 1}};

const struct db_schema spool_schema = {
	.application_id = DB_SPOOL,
	.steps = steps,
	.version = sizeof steps / sizeof steps[0],
};

static const struct db_options *options(const struct spool_disk *d, struct db_options *o)
{
	*o = (struct db_options){
		.dir = d->dir, .file = "store.db", .schema = &spool_schema, .has_lock = true};
	return o;
}

/* ---- statements ---- */

_Static_assert((int)FRAME_GROUPS_MAX == 8 && (int)FRAME_HEAD == 24, "as the statements have it");

static int prepare_all(struct spool_disk *d)
{
	const struct db_source all[] = {
		{&d->records, "SELECT id, frame FROM record ORDER BY id"},
		{&d->put_record, "INSERT INTO record(id, frame) VALUES(?1, ?2)"},
		{&d->put_latest, "INSERT OR REPLACE INTO latest(id, frame) VALUES(?1, ?2)"},
		{&d->put_value, "INSERT OR REPLACE INTO value(id, frame) VALUES(?1, ?2)"},
		{&d->get_value, "SELECT frame FROM value WHERE id=?1"},
		{&d->put_meta_a, "INSERT OR REPLACE INTO meta_a(id, frame) VALUES(1, ?1)"},
		{&d->put_meta_b, "INSERT OR REPLACE INTO meta_b(id, frame) VALUES(1, ?1)"},
		{&d->sum_records, "SELECT count(*), coalesce(sum(length(frame)), 0) FROM record"
				  " WHERE id BETWEEN ?1 AND ?2"},
		{&d->drop_records, "DELETE FROM record WHERE id BETWEEN ?1 AND ?2"},
		{&d->get_record, "SELECT frame FROM record WHERE id=?1"},
		{&d->put_aside, "INSERT OR IGNORE INTO quarantine(id, frame) VALUES(?1, ?2)"},
		{&d->change_record, "UPDATE record SET frame=?2 WHERE id=?1"},
		{&d->get_latest, "SELECT frame FROM latest WHERE id BETWEEN ?1 AND ?2"},
		{&d->sample_latest, "SELECT id, substr(frame, 1, 24) FROM latest WHERE id >= ?1"
				    " ORDER BY id LIMIT ?2"},
		{&d->drop_latest, "DELETE FROM latest WHERE id BETWEEN ?1 AND ?2"},
		{&d->put_unsent, "INSERT OR REPLACE INTO unsent VALUES(?1, ?2, ?3, ?4, ?5)"},
		{&d->change_unsent, "UPDATE unsent SET groups=?2, bytes=?3 WHERE id=?1"},
		{&d->freeze_unsent, "UPDATE unsent SET counts=counts | groups"
				    " WHERE id > ?1"},
		{&d->list_unsent, "SELECT id, groups, counts FROM unsent WHERE device=?1"
				  " ORDER BY id DESC LIMIT ?2"},
		{&d->sum_unsent,
			"SELECT coalesce(sum(bytes), 0) FROM unsent WHERE id BETWEEN ?1 AND ?2"},
		{&d->drop_unsent, "DELETE FROM unsent WHERE id BETWEEN ?1 AND ?2"},
		{&d->list_class,
			"SELECT id FROM unsent WHERE (groups & ?1) = ?2 ORDER BY id LIMIT ?3"},
		{&d->list_passed, "SELECT id FROM unsent o WHERE id > ?1 AND (groups & ?2) <> 0"
				  " AND EXISTS(SELECT 1 FROM unsent n WHERE n.device = o.device"
				  " AND n.id > o.id AND (n.groups & ?2) <> 0)"
				  " ORDER BY id LIMIT ?3"},
	};
	return db_prepare_all(d->db, all, sizeof all / sizeof all[0]);
}

/* ---- meta ---- */

/* One of the two copies: 1 when it was there and is whole, 0 when the table is empty. */
static int load_meta_copy(struct spool_disk *d, const char *sql, struct spool_meta *m)
{
	struct db_stmt st;
	int err = db_prepare(d->db, &st, sql);
	if (err < 0)
		return err;
	err = db_step(&st);
	if (err == 1) {
		size_t len;
		const uint8_t *bytes = db_col_blob(&st, 0, &len);
		struct frame f;
		if ((err = frame_read(&f, bytes, len)) == 0 && (err = meta_read(m, &f)) == 0)
			err = 1;
	}
	db_finalize(&st);
	return err;
}

int disk_load_meta(struct spool_disk *d)
{
	struct spool_meta a, b;
	int err_a = load_meta_copy(d, "SELECT frame FROM meta_a", &a);
	int err_b = load_meta_copy(d, "SELECT frame FROM meta_b", &b);
	if (err_a == 0 && err_b == 0)
		return 0;
	if (err_a < 0 && err_a != ERR_STORE_CORRUPT)
		return err_a;
	if (err_b < 0 && err_b != ERR_STORE_CORRUPT)
		return err_b;
	if (err_a == 1 && err_b == 1)
		d->meta = a.generation >= b.generation ? a : b;
	else if (err_a == 1 || err_b == 1)
		d->meta = err_a == 1 ? a : b;
	else
		return ERR_STORE_CORRUPT;
	return 1;
}

/* ---- identity ---- */

int disk_draw_epoch(struct spool_disk *d, void *arg)
{
	(void)arg;
	d->next.receipted_upto = 0; /* of the new one there are no receipts */
	return random_epoch(&d->next.epoch);
}

struct identity_change {
	bool is_new;
	const struct spool_meta *file;
};

static int change_identity(struct spool_disk *d, void *arg)
{
	const struct identity_change *change = arg;
	int err = 0;
	d->next.inode = change->file->inode;
	d->next.birth_ns = change->file->birth_ns;
	if (change->is_new) {
		d->next.next_seq = 1;
		if (agent_id_load(d->dir, d->next.agent_id) == 0)
			err = crypto_random(d->next.agent_id, sizeof d->next.agent_id);
	}
	return err < 0 ? err : disk_draw_epoch(d, NULL);
}

static int write_meta(struct spool_disk *d)
{
	uint8_t frame[FRAME_HEAD + META_BODY];
	size_t len = meta_write(frame, &d->next);
	db_bind(&d->put_meta_a, db_blob(frame, len));
	int err = db_run(&d->put_meta_a);
	if (err < 0)
		return err;
	db_bind(&d->put_meta_b, db_blob(frame, len));
	return db_run(&d->put_meta_b);
}

/* A new store gets its names; a copied one a new epoch. */
static int settle_identity(struct spool_disk *d, bool is_new)
{
	struct spool_meta file = d->meta;
	int err = file_identity(d->dir, "store.db", &file);
	if (err < 0)
		return err;
	bool is_same = file.inode == d->meta.inode && file.birth_ns == d->meta.birth_ns;
	if (!is_new && is_same)
		return 0;
	struct identity_change change = {is_new, &file};
	return disk_transact(d, change_identity, &change);
}

static int disk_sum(
	struct spool_disk *d, uint64_t first, uint64_t last, uint64_t *rows, uint64_t *bytes)
{
	db_bind(&d->sum_records, db_u64(first), db_u64(last));
	int err = db_step(&d->sum_records);
	if (err < 0)
		return err;
	*rows = db_col_u64(&d->sum_records, 0);
	uint64_t frames = db_col_u64(&d->sum_records, 1);
	*bytes = frames < *rows * FRAME_HEAD ? 0 : frames - *rows * FRAME_HEAD;
	db_reset(&d->sum_records);
	return 0;
}

/* Reads the meta and compares it with the rows: a lost record is ERR_STORE_CORRUPT. 1: a new
 * store. */
static int look(struct spool_disk *d)
{
	int err = db_check(d->db);
	if (err < 0)
		return err;
	int has_meta = disk_load_meta(d);
	if (has_meta < 0)
		return has_meta;
	uint64_t rows = 0, bytes = 0;
	int64_t quarantined = 0, unsent_bytes = 0, devices = 0;
	if ((err = db_number(d->db, "SELECT coalesce(sum(bytes), 0) FROM unsent", &unsent_bytes)) <
			0 ||
		(err = db_number(d->db, "SELECT count(*) FROM quarantine", &quarantined)) < 0 ||
		(err = db_number(d->db, "SELECT count(DISTINCT id / 8) FROM latest", &devices)) <
			0 ||
		(err = disk_sum(d, 0, INT64_MAX, &rows, &bytes)) < 0)
		return err;
	d->quarantined = (uint64_t)quarantined;
	d->unsent_bytes = (uint64_t)unsent_bytes;
	d->devices = (uint64_t)devices;
	if (has_meta == 0)
		return rows == 0 ? 1 : ERR_STORE_CORRUPT;
	return rows == d->meta.rows && bytes == d->meta.bytes ? 0 : ERR_STORE_CORRUPT;
}

/* ---- opening ---- */

/* 0 or 1 (a new store). */
static int try_open(struct spool_disk *d, char *why, size_t why_cap)
{
	struct db_options o;
	int err = db_open(&d->db, options(d, &o), why, why_cap);
	if (err < 0)
		return err;
	if ((err = prepare_all(d)) >= 0)
		err = look(d);
	if (err < 0) {
		(void)snprintf(
			why, why_cap, "%s/store.db: %s (%s)", d->dir, err_text(err), db_why(d->db));
		db_close_as_is(d->db);
		d->db = NULL;
	}
	return err;
}

/* Errors that a rebuilt file can cure. SQL that fails means tables that are not there. */
bool disk_is_damage(int err)
{
	return err == ERR_STORE_CORRUPT || err == ERR_STORE || err == ERR_CONFLICT;
}

static int open_or_salvage(struct spool_disk *d, char *why, size_t why_cap)
{
	int err;
	err = salvage_finish(d->dir, &d->rebuild);
	d->salvages += err == 1;
	if (err < 0 || (err = salvage_wal_is_damaged(d->dir)) < 0) {
		(void)snprintf(why, why_cap, "cannot look into %s: %s", d->dir, err_text(err));
		return err;
	}
	err = err == 0 ? try_open(d, why, why_cap) : ERR_STORE_CORRUPT;
	if (!disk_is_damage(err))
		return err;
	if ((err = salvage_store(d->dir, NULL, &d->rebuild)) < 0) {
		(void)snprintf(
			why, why_cap, "cannot rebuild %s/store.db: %s", d->dir, err_text(err));
		return err;
	}
	d->salvages++;
	return try_open(d, why, why_cap);
}

int disk_open(struct spool_disk *d, const char *dir, char *why, size_t why_cap)
{
	d->lock.fd = -1;
	if ((size_t)snprintf(d->dir, sizeof d->dir, "%s", dir) >= sizeof d->dir) {
		(void)snprintf(why, why_cap, "the path of the state directory is too long");
		return -ENAMETOOLONG;
	}
	int err = db_lock_take(&d->lock, dir, why, why_cap);
	if (err < 0)
		return err;
	d->scratch = malloc(SPOOL_SCRATCH);
	err = slab_open(&d->blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE);
	if (d->scratch == NULL)
		err = -ENOMEM;
	if (err == 0)
		err = open_or_salvage(d, why, why_cap);
	if (err >= 0 && (err = settle_identity(d, err == 1)) < 0)
		(void)snprintf(why, why_cap, "%s/store.db: %s", dir, err_text(err));
	if (err >= 0 && (err = agent_id_save(dir, d->meta.agent_id)) < 0)
		(void)snprintf(why, why_cap, "%s/agent.id: %s", dir, err_text(err));
	if (err < 0)
		disk_close(d);
	return err;
}

void disk_close(struct spool_disk *d)
{
	db_close(d->db);
	d->db = NULL;
	slab_close(&d->blocks);
	free(d->scratch);
	d->scratch = NULL;
	db_lock_drop(&d->lock);
}

static int salvage(struct spool_disk *d)
{
	char why[LIMIT_WHY];
	if (d->db != NULL)
		db_close_as_is(d->db);
	d->db = NULL;
	d->is_stale = false;
	struct spool_meta known = d->meta;
	int err = salvage_store(d->dir, &known, &d->rebuild);
	if (err < 0)
		return err;
	d->salvages++;
	err = try_open(d, why, sizeof why);
	return err < 0 ? err : settle_identity(d, false);
}

int disk_salvage(struct spool_disk *d)
{
	/* Damaged again during a salvage: the disk is at fault, a new file does not help. */
	if (d->is_salvaging)
		return ERR_STORE_CORRUPT;
	d->is_salvaging = true;
	int err = salvage(d);
	d->is_salvaging = false;
	return err;
}

int disk_ready(struct spool_disk *d)
{
	if (d->db != NULL && !d->is_stale)
		return 0;
	char why[LIMIT_WHY];
	int err;
	if (d->db == NULL)
		err = try_open(d, why, sizeof why);
	else if ((err = db_reopen(d->db)) == 0)
		err = look(d);
	if (disk_is_damage(err))
		return disk_salvage(d);
	if (err < 0)
		return err;
	d->is_stale = false;
	return 0;
}

/* ---- the transaction ---- */

static int forget_unsent(struct spool_disk *d, uint64_t first, uint64_t last)
{
	db_bind(&d->sum_unsent, db_u64(first), db_u64(last));
	int err = db_step(&d->sum_unsent);
	if (err < 0)
		return err;
	d->unsent_bytes_next -= db_col_u64(&d->sum_unsent, 0);
	db_reset(&d->sum_unsent);
	db_bind(&d->drop_unsent, db_u64(first), db_u64(last));
	return db_run(&d->drop_unsent);
}

int disk_drop(struct spool_disk *d, uint64_t first, uint64_t last)
{
	uint64_t rows, bytes;
	int err = disk_sum(d, first, last, &rows, &bytes);
	if (err < 0 || rows == 0)
		return err;
	db_bind(&d->drop_records, db_u64(first), db_u64(last));
	d->next.rows -= rows;
	d->next.bytes -= bytes;
	err = db_run(&d->drop_records);
	return err < 0 ? err : forget_unsent(d, first, last);
}

int disk_settle_sent(struct spool_disk *d, uint64_t last)
{
	if (last <= d->next.sent_upto)
		return 0;
	d->next.sent_upto = last;
	return forget_unsent(d, 0, last);
}

/* Records of a commit that failed may be in the file all the same; their numbers are gaps, unless
 * the commit is repeated. */
static int drop_failed(struct spool_disk *d)
{
	uint64_t rows = d->next.rows;
	if (d->failed_first == 0 || d->is_failed_repeated)
		return 0;
	int err = disk_drop(d, d->failed_first, d->failed_last);
	d->next.balance.kept -= rows - d->next.rows;
	return err;
}

static int attempt(struct spool_disk *d, disk_body *body, void *arg)
{
	int err = disk_ready(d);
	if (err < 0)
		return err;
	d->next = d->meta;
	d->next.generation++;
	d->quarantined_next = d->quarantined;
	d->unsent_bytes_next = d->unsent_bytes;
	d->devices_next = d->devices;
	if ((err = db_begin(d->db)) < 0)
		return err;
	if ((err = drop_failed(d)) == 0 && (err = body(d, arg)) == 0)
		err = write_meta(d);
	if (err == 0)
		err = db_commit(d->db);
	else
		db_rollback(d->db);
	if (err < 0)
		return err;
	d->meta = d->next;
	d->quarantined = d->quarantined_next;
	d->unsent_bytes = d->unsent_bytes_next;
	d->devices = d->devices_next;
	if (!d->is_failed_repeated)
		d->failed_first = 0;
	return 0;
}

/* Errors after which the connection is still usable: the transaction was rolled back. */
static bool is_clean(int err)
{
	return err == -ENOSPC || err == -EBUSY || err == -ENOMEM || err == ERR_LIMIT ||
	       err == ERR_RANGE || err == ERR_FULL;
}

int disk_transact(struct spool_disk *d, disk_body *body, void *arg)
{
	int err = attempt(d, body, arg);
	if (disk_is_damage(err)) {
		int healed = disk_salvage(d);
		err = healed < 0 ? healed : attempt(d, body, arg);
	} else if (err == -ENOSPC && d->db != NULL && db_checkpoint(d->db) == 0) {
		/* The checkpoint freed the WAL: enough space to delete receipted records. */
		err = attempt(d, body, arg);
	}
	if (err < 0 && !is_clean(err))
		d->is_stale = true;
	return err;
}
