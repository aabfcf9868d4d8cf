/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/archive_rows.h"

#include "engine/store/archive_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct db *open_rows(struct db_stmt *st, const char *dir, const char *sql)
{
	const struct db_options options = {
		.dir = dir, .file = ARCHIVE_FILE, .schema = &archive_schema};
	struct db *db;
	char why[LIMIT_WHY];
	assert_int_equal(db_open_read(&db, &options, why, sizeof why), 0);
	assert_int_equal(db_prepare(db, st, sql), 0);
	return db;
}

int archive_rows_of_device(
	const char *dir, struct text key, size_t max, archive_on_past *on_past, void *owner)
{
	struct db_stmt st;
	struct db *db = open_rows(&st, dir,
		"SELECT r.epoch, r.seq, r.received_at_ms, r.is_clock_suspect, r.crc, r.bytes"
		" FROM devices d JOIN records r ON r.device = d.id"
		" WHERE d.key = ?1 ORDER BY r.read_at_ms DESC, r.seq DESC LIMIT ?2");
	db_bind(&st, db_text(key), db_u64(max));
	int count = 0, err = 0;
	while (err == 0 && db_step(&st) == 1) {
		struct archive_past p = {.seq = (uint64_t)db_col_i64(&st, 1),
			.received_at_ms = db_col_u64(&st, 2),
			.is_clock_suspect = db_col_u64(&st, 3) != 0};
		const uint8_t *bytes = db_col_blob(&st, 5, &p.len);
		p.is_damaged = db_col_u64(&st, 4) !=
			       archive_crc((uint64_t)db_col_i64(&st, 0), p.seq, bytes, p.len);
		err = on_past(owner, &p);
		count++;
	}
	db_close(db);
	return err < 0 ? err : count;
}
