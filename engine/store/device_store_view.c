/* SPDX-License-Identifier: Apache-2.0
 * The device store for verbs: a reading connection beside the daemon's. */
#include "engine/store/device_store_internal.h"

int device_store_view_open(struct db **ret, const char *dir, char *why, size_t why_cap)
{
	struct db_options o = {.dir = dir,
		.file = "discovery.db",
		.schema = &device_store_schema,
		.cache_kib = 256};
	return db_open_read(ret, &o, why, why_cap);
}

int device_store_view_each(
	struct db *db, int (*each)(void *owner, const struct device_row *row), void *owner)
{
	struct db_stmt st;
	struct device_row row;
	int err = db_prepare(db, &st, device_store_select);
	if (err < 0)
		return err;
	while ((err = db_step(&st)) == 1) {
		if (device_store_read_row(&st, &row) >= 0 && (err = each(owner, &row)) < 0)
			break;
	}
	db_finalize(&st);
	return err < 0 ? err : 0;
}

int device_store_view_events(struct db *db, size_t most,
	int (*each)(void *owner, const struct device_event *event), void *owner)
{
	struct db_stmt st;
	int err = db_prepare(db, &st,
		"SELECT at_ms, kind, address, key, detail FROM event ORDER BY id DESC LIMIT ?1");
	if (err < 0)
		return err;
	db_bind(&st, db_u64(most));
	while ((err = db_step(&st)) == 1) {
		struct device_event e = {
			.wall_ms = db_col_u64(&st, 0), .kind = (uint8_t)db_col_u64(&st, 1)};
		(void)text_scrub(e.address, sizeof e.address, db_col_text(&st, 2));
		(void)text_scrub(e.key, sizeof e.key, db_col_text(&st, 3));
		(void)text_scrub(e.detail, sizeof e.detail, db_col_text(&st, 4));
		if ((err = each(owner, &e)) < 0)
			break;
	}
	db_finalize(&st);
	return err < 0 ? err : 0;
}

const char *device_event_name(unsigned kind)
{
	static const char *const names[] = {"?", "new", "moved", "gone", "back", "engine-changed",
		"stopped-responding", "conflict"};
	return kind < sizeof names / sizeof names[0] ? names[kind] : names[0];
}
