/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/spool_offline.h"

#include "engine/store/spool_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static int give_all(struct db *db, spool_on_pending *each, void *owner, size_t *damaged)
{
	struct db_stmt st;
	int found, given = 0;
	int err = db_prepare(db, &st, "SELECT id, frame FROM record ORDER BY id");
	if (err < 0)
		return err;
	while ((found = db_step(&st)) == 1) {
		struct frame f;
		size_t len;
		const uint8_t *bytes = db_col_blob(&st, 1, &len);
		if (frame_read(&f, bytes, len) < 0 || f.kind != FRAME_RECORD ||
			f.number != db_col_u64(&st, 0)) {
			++*damaged;
			continue;
		}
		found = each(owner, f.number, f.body, f.body_len);
		if (found < 0)
			break;
		given++;
	}
	db_finalize(&st);
	return found < 0 ? found : given;
}

int spool_each_pending(const char *dir, struct spool_identity *id, spool_on_pending *each,
	void *owner, size_t *damaged, char *why, size_t why_cap)
{
	static struct spool_disk d; /* paths: too much for a stack of a verb */
	struct db_options o = {
		.dir = dir, .file = "store.db", .schema = &spool_schema, .cache_kib = 256};
	memset(&d, 0, sizeof d);
	*damaged = 0;
	int err = db_open_read(&d.db, &o, why, why_cap);
	if (err < 0)
		return err;
	/* One transaction: identity and records are of one moment. */
	err = db_exec(d.db, "BEGIN");
	if (err == 0)
		err = disk_load_meta(&d);
	if (err == 0)
		err = -ENOENT;
	if (err > 0) {
		memcpy(id->agent_id, d.meta.agent_id, sizeof id->agent_id);
		id->epoch = d.meta.epoch;
		err = give_all(d.db, each, owner, damaged);
	}
	if (err < 0)
		(void)str_copy(why, why_cap, err_text(err));
	db_rollback(d.db);
	db_close(d.db);
	return err;
}

int spool_open_beside(struct spool **ret, const char *dir, char *why, size_t why_cap)
{
	struct db_options o = {
		.dir = dir, .file = "store.db", .schema = &spool_schema, .cache_kib = 256};
	struct spool *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	int err = db_open_read(&s->disk.db, &o, why, why_cap);
	if (err == 0)
		err = db_prepare(
			s->disk.db, &s->disk.get_value, "SELECT frame FROM value WHERE id=?1");
	if (err < 0) {
		spool_close_beside(s);
		return err;
	}
	*ret = s;
	return 0;
}

void spool_close_beside(struct spool *s)
{
	db_close(s->disk.db);
	free(s);
}

/* ---- as the owner ---- */

int spool_open_offline(struct spool **ret, const char *dir, char *why, size_t why_cap)
{
	struct spool *s = calloc(1, sizeof *s);
	if (s == NULL) {
		(void)snprintf(why, why_cap, "no memory for the spool");
		return -ENOMEM;
	}
	int err = disk_open(&s->disk, dir, why, why_cap);
	if (err < 0) {
		free(s);
		return err;
	}
	spool_look(s);
	*ret = s;
	return 0;
}

int spool_oldest(struct spool *s, uint64_t *seq)
{
	int64_t oldest = 0;
	int err = disk_ready(&s->disk);
	if (err == 0)
		err = db_number(s->disk.db, "SELECT coalesce(min(id), 0) FROM record", &oldest);
	*seq = (uint64_t)oldest;
	return err;
}

int spool_done_offline(struct spool *s, struct spool_done *done)
{
	int err = disk_transact(&s->disk, disk_drop_done, done);
	spool_look(s);
	return err;
}

void spool_close_offline(struct spool *s)
{
	if (s == NULL)
		return;
	disk_close(&s->disk);
	free(s);
}
