/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/spool_value.h"

#include "engine/store/spool_internal.h"
#include "tests/kit/spool_fixture.h"

size_t spool_value_read(const char *dir, const char *name, uint8_t *dst, size_t cap)
{
	struct db *db;
	struct db_stmt st;
	struct db_options o = {.dir = dir, .file = "store.db", .schema = &spool_schema};
	char why[LIMIT_WHY] = "";
	struct frame f;
	size_t len, n = 0;
	if (db_open_read(&db, &o, why, sizeof why) < 0)
		fail_msg("%s", why);
	assert_int_equal(db_prepare(db, &st, "SELECT frame FROM value WHERE id=?1"), 0);
	db_bind(&st, db_i64(frame_row_of_name(name, strlen(name))));
	int found = db_step(&st);
	assert_true(found >= 0);
	if (found == 1) {
		const uint8_t *bytes = db_col_blob(&st, 0, &len);
		if (frame_read(&f, bytes, len) == 0 && f.body_len <= cap) {
			memcpy(dst, f.body, f.body_len);
			n = f.body_len;
		}
	}
	db_close(db);
	return n;
}
