/* SPDX-License-Identifier: Apache-2.0
 * The half of the device store that runs on WORKER_DISK: opening, moving a damaged file aside, one
 * transaction a batch. */
#include "engine/store/device_store_internal.h"

#include "engine/loop/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of new rows beyond the maximum, so many of the longest unseen go at once: sorting costs. */
enum { DROP_ROWS = LIMIT_DEVICE_STORE_ROWS / 100 };

const struct db_schema device_store_schema = {
	.application_id = DB_DEVICES, .steps = device_store_steps, .version = 2};

const char device_store_select[] =
	"SELECT address, key, first_seen_ms, last_seen_ms, identity, profile, "
	"engine FROM device";

/* ---- opening ---- */

static int prepare(struct device_store_disk *d)
{
	const struct db_source all[] = {
		{&d->put_row,
			"INSERT INTO device VALUES(?1,?2,?3,?4,?5,?6,NULL,?7) ON CONFLICT(address) "
			"DO "
			"UPDATE SET key=CASE excluded.key WHEN '' THEN key ELSE excluded.key END,"
			"first_seen_ms=CASE first_seen_ms WHEN 0 THEN excluded.first_seen_ms "
			"ELSE first_seen_ms END,"
			"last_seen_ms=max(iif(last_seen_ms > ?7, 0, last_seen_ms), "
			"excluded.last_seen_ms),"
			"identity=coalesce(excluded.identity, identity),"
			"engine=iif(excluded.profile IS NULL, engine, NULL),"
			"profile=coalesce(excluded.profile, profile),"
			"written_ms=excluded.written_ms"},
		{&d->has_row, "SELECT 1 FROM device WHERE address=?1"},
		{&d->drop_oldest, "DELETE FROM device WHERE address IN (SELECT address FROM device "
				  "ORDER BY last_seen_ms LIMIT ?1)"},
		{&d->drop_unwritten, "DELETE FROM device WHERE written_ms < ?1"},
		{&d->put_event, "INSERT INTO event(at_ms, kind, address, key, detail) "
				"VALUES(?1,?2,?3,?4,?5)"},
		{&d->drop_events, "DELETE FROM event WHERE id <= ?1"}};
	return db_prepare_all(d->db, all, sizeof all / sizeof all[0]);
}

static int try_open(struct device_store_disk *d, char *why, size_t why_cap)
{
	struct db_options o = {.dir = d->dir,
		.file = "discovery.db",
		.schema = &device_store_schema,
		.has_lock = d->has_lock};
	int err = db_open(&d->db, &o, why, why_cap);
	if (err < 0)
		return err;
	int64_t rows = 0;
	if ((err = db_check(d->db)) == 0 &&
		(err = db_number(d->db, "SELECT count(*) FROM device", &rows)) == 0)
		err = prepare(d);
	d->rows = (uint64_t)rows;
	if (err < 0) {
		(void)snprintf(why, why_cap, "%s/discovery.db: %s", d->dir, db_why(d->db));
		db_close_as_is(d->db);
		d->db = NULL;
	}
	return err;
}

static int move_aside(const struct device_store_disk *d)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	for (size_t i = 0; i < 3; i++) {
		char from[PATH_MAX], to[PATH_MAX];
		int n = snprintf(from, sizeof from, "%s/discovery.db%s", d->dir, tails[i]);
		int m = snprintf(to, sizeof to, "%s/discovery.db.damaged%s", d->dir, tails[i]);
		if (n < 0 || (size_t)n >= sizeof from || m < 0 || (size_t)m >= sizeof to)
			return -ENAMETOOLONG;
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return file_sync_dir(d->dir);
}

int device_store_disk_open(struct device_store_disk *d, char *why, size_t why_cap)
{
	int err = try_open(d, why, why_cap);
	/* A table or a column that is not there by its name is damage too. */
	if (err != ERR_STORE_CORRUPT && err != ERR_STORE)
		return err;
	char again[LIMIT_WHY] = "";
	err = move_aside(d);
	if (err == 0)
		err = try_open(d, again, sizeof again);
	if (err < 0)
		return err;
	d->moved_aside++;
	return 1;
}

void device_store_disk_close(struct device_store_disk *d)
{
	db_close(d->db);
	d->db = NULL;
}

/* ---- reading ---- */

static int read_part(struct db_stmt *st, int at, struct device_row *row, enum device_row_part part)
{
	size_t len;
	const uint8_t *bytes = db_col_blob(st, at, &len);
	if (db_col_is_null(st, at))
		return 0;
	return bytes == NULL || device_store_unpack(row, part, bytes, len) < 0 ? 1 : 0;
}

int device_store_read_row(struct db_stmt *st, struct device_row *row)
{
	size_t len;
	memset(row, 0, sizeof *row);
	const uint8_t *address = db_col_blob(st, 0, &len);
	int err = address == NULL ? ERR_STORE_CORRUPT
				  : device_store_unpack_address(row, address, len);
	if (err < 0)
		return err;
	struct text key = db_col_text(st, 1);
	(void)text_scrub(row->key, sizeof row->key, key);
	row->first_seen_wall_ms = db_col_u64(st, 2);
	row->last_seen_wall_ms = db_col_u64(st, 3);
	int damaged = read_part(st, 4, row, DEVICE_ROW_IDENTITY) +
		      read_part(st, 5, row, DEVICE_ROW_PROFILE);
	const uint8_t *engine = db_col_blob(st, 6, &len);
	if (!db_col_is_null(st, 6))
		damaged += engine == NULL || device_store_unpack_engine(row, engine, len) < 0;
	return damaged;
}

/* ---- writing ---- */

/* A time of the future, by a clock that was wrong then, does not stay. */
static int write_row(
	struct device_store_disk *d, const struct device_row *row, unsigned parts, uint64_t wall_ms)
{
	struct address_key address = address_key_of(&row->address.sa);
	uint8_t bytes[2][DEVICE_STORE_PART_BYTES];
	db_bind(&d->has_row, db_blob(address.bytes, sizeof address.bytes));
	int found = db_step(&d->has_row);
	db_reset(&d->has_row);
	if (found < 0)
		return found;
	struct db_value part[2] = {db_null(), db_null()};
	for (unsigned i = 0; i < 2; i++) {
		if ((parts & 1u << i) != 0)
			part[i] = db_blob(bytes[i],
				device_store_pack(bytes[i], row, (enum device_row_part)(1u << i)));
	}
	db_bind(&d->put_row, db_blob(address.bytes, sizeof address.bytes),
		db_text(text_of(row->key)), db_u64(row->first_seen_wall_ms),
		db_u64(row->last_seen_wall_ms), part[0], part[1], db_u64(wall_ms));
	int err = db_run(&d->put_row);
	d->rows += err == 0 && found == 0;
	return err;
}

static int write_event(struct device_store_disk *d, const struct device_event *e)
{
	db_bind(&d->put_event, db_u64(e->wall_ms), db_u64(e->kind), db_text(text_of(e->address)),
		db_text(text_of(e->key)), db_text(text_of(e->detail)));
	int err = db_run(&d->put_event);
	if (err < 0)
		return err;
	db_bind(&d->drop_events, db_i64(db_last_id(d->db) - LIMIT_DEVICE_EVENTS));
	return db_run(&d->drop_events);
}

/* Devices that are neither polled nor found any more. */
static int drop_unwritten(struct device_store_disk *d, uint64_t before_wall_ms)
{
	db_bind(&d->drop_unwritten, db_u64(before_wall_ms));
	int err = db_run(&d->drop_unwritten);
	if (err == 0)
		d->rows -= db_changes(d->db);
	return err;
}

static int write_all(struct device_store_disk *d, const struct device_store_batch *b)
{
	int err = 0;
	for (size_t i = 0; i < b->rows && err == 0; i++)
		err = write_row(d, &b->row[i], b->parts[i], b->wall_ms);
	for (size_t i = 0; i < b->events && err == 0; i++)
		err = write_event(d, &b->event[i]);
	if (err == 0 && b->drop_before_wall_ms > 0)
		err = drop_unwritten(d, b->drop_before_wall_ms);
	if (err < 0 || d->rows <= LIMIT_DEVICE_STORE_ROWS)
		return err;
	db_bind(&d->drop_oldest, db_u64(DROP_ROWS));
	if ((err = db_run(&d->drop_oldest)) == 0) {
		d->rows -= db_changes(d->db);
		d->dropped_rows += db_changes(d->db);
	}
	return err;
}

static int attempt(struct device_store_disk *d, const struct device_store_batch *b)
{
	uint64_t rows = d->rows;
	int err = db_begin(d->db);
	if (err < 0)
		return err;
	if ((err = write_all(d, b)) == 0)
		err = db_commit(d->db);
	else
		db_rollback(d->db);
	if (err < 0)
		d->rows = rows;
	return err;
}

int device_store_disk_write(struct device_store_disk *d, const struct device_store_batch *b)
{
	char why[LIMIT_WHY];
	int err = d->db == NULL ? device_store_disk_open(d, why, sizeof why) : 0;
	if (err >= 0)
		err = attempt(d, b);
	if (err == 0 || err == -ENOSPC || err == -EBUSY || err == -ENOMEM || d->db == NULL)
		return err;
	/* The state of the file is unknown: open it anew, begin anew if it is damaged. */
	db_close_as_is(d->db);
	d->db = NULL;
	int opened = device_store_disk_open(d, why, sizeof why);
	return opened < 0 ? opened : attempt(d, b);
}
