/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/spool_pending.h"

#include "engine/store/spool_internal.h"

#include <string.h>

/* Of the two copies of the store's data about itself, the newer one that is whole. */
static int read_identity(struct db *db, struct spool_identity *ret)
{
	struct db_stmt st;
	struct spool_meta newest = {.generation = 0}, m;
	struct frame f;
	int found =
		db_prepare(db, &st, "SELECT frame FROM meta_a UNION ALL SELECT frame FROM meta_b");
	if (found < 0)
		return found;
	while ((found = db_step(&st)) == 1) {
		size_t len;
		const uint8_t *bytes = db_col_blob(&st, 0, &len);
		memset(&m, 0, sizeof m);
		if (frame_read(&f, bytes, len) == 0 && meta_read(&m, &f) == 0 &&
			m.generation >= newest.generation)
			newest = m;
	}
	db_finalize(&st);
	memcpy(ret->agent_id, newest.agent_id, sizeof ret->agent_id);
	ret->epoch = newest.epoch;
	return found;
}

static int give(struct db *db, spool_on_pending *each, void *owner)
{
	struct db_stmt st;
	int count = 0;
	int found = db_prepare(db, &st, "SELECT frame FROM record ORDER BY id");
	if (found < 0)
		return found;
	while ((found = db_step(&st)) == 1) {
		struct frame f;
		size_t len;
		const uint8_t *bytes = db_col_blob(&st, 0, &len);
		if (frame_read(&f, bytes, len) < 0 || f.kind != FRAME_RECORD)
			continue; /* the daemon moves it aside */
		if ((found = each(owner, f.body, f.body_len)) < 0)
			break;
		count++;
	}
	db_finalize(&st);
	return found < 0 ? found : count;
}

int spool_each_pending(const char *dir, struct spool_identity *identity, spool_on_pending *each,
	void *owner, char *why, size_t why_cap)
{
	struct db *db;
	struct db_options o = {
		.dir = dir, .file = "store.db", .schema = &spool_schema, .cache_kib = 256};
	int err = db_open_read(&db, &o, why, why_cap);
	if (err < 0)
		return err;
	err = read_identity(db, identity);
	if (err >= 0)
		err = give(db, each, owner);
	if (err < 0)
		(void)str_copy(why, why_cap, err_text(err));
	db_close(db);
	return err;
}
