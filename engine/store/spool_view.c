/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/spool_view.h"

#include "engine/store/spool_internal.h"

#include <string.h>

/* The body: address length (1), address, the group's bytes; see spool_commit.c. */
static int decode_latest(struct spool_latest *ret, const uint8_t *bytes, size_t len)
{
	struct frame f;
	if (frame_read(&f, bytes, len) < 0 || f.kind != FRAME_LATEST)
		return ERR_STORE_CORRUPT;
	if (f.key_len < 1 || f.key[0] >= GROUP_COUNT || f.body_len < 1 ||
		1u + f.body[0] > f.body_len)
		return ERR_STORE_CORRUPT;
	ret->group = (enum reading_group)f.key[0];
	ret->device_key = (struct text){(const char *)f.key + 1, f.key_len - 1};
	ret->address = (struct text){(const char *)f.body + 1, f.body[0]};
	ret->bytes = f.body + 1 + f.body[0];
	ret->len = f.body_len - 1 - f.body[0];
	ret->read_at_ms = f.number;
	return 0;
}

/* The rows of one device, copied. */
struct device_rows {
	struct buf bytes;
	size_t from[FRAME_GROUPS_MAX + 1];
	unsigned count;
	int64_t last; /* the highest row id so far */
};

/* The next device's rows: how many, 0 at the end. They are of one instant. */
static int next_device(struct db_stmt *st, struct device_rows *rows)
{
	int found;
	buf_clear(&rows->bytes);
	rows->count = 0;
	db_bind(st, db_i64(rows->last));
	while ((found = db_step(st)) == 1) {
		size_t len;
		int64_t id = db_col_i64(st, 0);
		const uint8_t *bytes = db_col_blob(st, 1, &len);
		if (rows->count > 0 && id / FRAME_GROUPS_MAX != rows->last / FRAME_GROUPS_MAX)
			break;
		rows->last = id;
		rows->from[rows->count] = rows->bytes.len;
		int err = len == 0 ? 0 : buf_put(&rows->bytes, bytes, len);
		if (err < 0) {
			found = err;
			break;
		}
		rows->from[++rows->count] = rows->bytes.len;
	}
	db_reset(st);
	return found < 0 ? found : (int)rows->count;
}

static int give_rows(const struct device_rows *rows, spool_on_latest *each, void *owner, int *given)
{
	for (unsigned i = 0; i < rows->count; i++) {
		struct spool_latest latest;
		if (decode_latest(&latest, rows->bytes.data + rows->from[i],
			    rows->from[i + 1] - rows->from[i]) < 0)
			continue;
		int err = each(owner, &latest);
		if (err < 0)
			return err;
		++*given;
	}
	return 0;
}

/* Their output may take hours: nothing is read meanwhile, as a reader that stands still keeps
 * the WAL from starting anew. */
int spool_each_latest(
	const char *dir, spool_on_latest *each, void *owner, char *why, size_t why_cap)
{
	struct db *db;
	struct db_stmt st;
	struct db_options o = {
		.dir = dir, .file = "store.db", .schema = &spool_schema, .cache_kib = 256};
	struct device_rows rows = {.last = -1};
	int given = 0;
	int err = db_open_read(&db, &o, why, why_cap);
	if (err < 0)
		return err;
	_Static_assert(FRAME_GROUPS_MAX == 8, "as the statement has it");
	buf_open(&rows.bytes, FRAME_GROUPS_MAX * SPOOL_SCRATCH);
	err = db_prepare(db, &st, "SELECT id, frame FROM latest WHERE id > ?1 ORDER BY id LIMIT 8");
	if (err == 0) {
		while ((err = next_device(&st, &rows)) > 0 &&
			(err = give_rows(&rows, each, owner, &given)) == 0)
			continue;
	}
	if (err < 0)
		(void)str_copy(why, why_cap, err_text(err));
	buf_close(&rows.bytes);
	db_close(db);
	return err < 0 ? err : given;
}
