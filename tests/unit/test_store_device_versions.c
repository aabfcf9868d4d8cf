/* SPDX-License-Identifier: Apache-2.0
 * Device stores of other versions and foreign files: an older one is read and rewritten, a newer
 * one is refused, and a file that is no store is moved aside. */
#include "proto/base/crc.h"
#include "tests/kit/device_rows.h"

#include <sys/stat.h>

static void test_foreign_file_is_moved_aside(void **state)
{
	struct fixture *f = *state;
	fixture_write_file(
		f, "discovery.db", (const uint8_t *)"no database at all, but text......", 34);
	open_device_store(f);
	assert_int_equal(store_opened, 1);
	assert_non_null(strstr(store_why, "discovery.db"));
	assert_int_equal(read_device_rows().rows, 0);
	close_device_store(f);
	size_t len;
	uint8_t *aside = fixture_read_file(f, "discovery.db.damaged", &len);
	assert_int_equal(len, 34);
	free(aside);
}

static void test_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	open_device_store(f);
	close_device_store(f);
	char path[512];
	sqlite3 *raw;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(raw, "PRAGMA user_version=3; PRAGMA application_id=1347177219", NULL,
			NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
	open_device_store(f);
	assert_int_equal(store_opened, ERR_STORE_VERSION);
}

/* The learned part of the only row is what `change` makes of it, its checksum right again. */
static void rewrite_learned(struct fixture *f, size_t (*change)(uint8_t *bytes, size_t len))
{
	char path[512];
	uint8_t address[64], bytes[1024];
	sqlite3 *raw;
	sqlite3_stmt *st;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(raw, "SELECT address, profile FROM device", -1, &st, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	size_t address_len = (size_t)sqlite3_column_bytes(st, 0),
	       len = (size_t)sqlite3_column_bytes(st, 1);
	assert_true(address_len <= sizeof address && len + 300 < sizeof bytes);
	memcpy(address, sqlite3_column_blob(st, 0), address_len);
	memcpy(bytes, sqlite3_column_blob(st, 1), len);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	len = change(bytes, len - 4);
	uint32_t crc = crc32c(crc32c(0, address, address_len), bytes, len);
	for (unsigned i = 0; i < 4; i++)
		bytes[len++] = (uint8_t)(crc >> 8 * i);
	assert_int_equal(
		sqlite3_prepare_v2(raw, "UPDATE device SET profile=?1", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(st, 1, bytes, (int)len, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* Format and part; then the number of tables, and a byte for each. */
enum { WALKS_AT = 2, MORE_WALKS = 5 };

static size_t with_more_walks(uint8_t *bytes, size_t len)
{
	size_t rest = WALKS_AT + 1u + bytes[WALKS_AT];
	memmove(bytes + rest + MORE_WALKS, bytes + rest, len - rest);
	memset(bytes + rest, 7, MORE_WALKS);
	bytes[WALKS_AT] += MORE_WALKS;
	return len + MORE_WALKS;
}

static size_t with_more_fields(uint8_t *bytes, size_t len)
{
	memset(bytes + len, 0xa5, 11);
	return len + 11;
}

static struct device_rows read_rewritten(
	struct fixture *f, size_t (*change)(uint8_t *bytes, size_t len))
{
	struct item item = make_item(3);
	open_device_store(f);
	device_store_put(store, &item.put);
	close_device_store(f);
	rewrite_learned(f, change);
	open_device_store(f);
	struct device_rows h = read_device_rows();
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.damaged, 0);
	close_device_store(f);
	return h;
}

/* A program with other tables: what a printer must not be asked is not forgotten with their
 * lengths. */
static void test_other_table_count_keeps_the_rest_of_a_profile(void **state)
{
	struct device_rows h = read_rewritten(*state, with_more_walks);
	assert_int_equal(h.rows, 1);
	assert_int_equal(h.first.profile.limits.rows[3], 0);
	assert_true(h.first.profile.limits.is_safe_mode);
	assert_int_equal(h.first.profile.limits.proven_oids, 11);
	assert_int_equal(h.first.profile.protection.quarantined_count, 1);
	assert_int_equal(h.first.profile.protection.quarantined[0].digest, 3);
	assert_int_equal(h.first.profile.today.packets_out, 70003);
}

static void test_unknown_fields_at_the_end_are_skipped(void **state)
{
	struct device_rows h = read_rewritten(*state, with_more_fields);
	assert_int_equal(h.rows, 1);
	assert_int_equal(h.wrong + h.broken, 0);
}

/* A row that version 1 of the schema and format 1 of its parts held: written by that version from
 * make_item(3). */
static const uint8_t old_address[] = {0x04, 0x00, 0xa1, 0x7f, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
static const uint8_t old_identity[] = {0x01, 0x01, 0x06, 0x73, 0x69, 0x74, 0x65, 0x20, 0x33, 0x05,
	0x58, 0x65, 0x72, 0x6f, 0x78, 0x07, 0x4d, 0x6f, 0x64, 0x65, 0x6c, 0x20, 0x33, 0x01, 0x33,
	0x11, 0x30, 0x32, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30,
	0x3a, 0x30, 0x33, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x5e,
	0xdf, 0x8e, 0xf5};
static const uint8_t old_learned[] = {0x01, 0x02, 0x33, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14,
	0x03, 0x00, 0x00, 0x01, 0x00, 0x90, 0x01, 0x0b, 0x00, 0x01, 0x4d, 0x00, 0x05, 0x00, 0x00,
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x03, 0x01, 0x03, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x63, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x39, 0x30, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01,
	0x20, 0x4e, 0x00, 0x00, 0x73, 0x11, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x8a, 0x75,
	0x82, 0x6a};
static const uint8_t old_engine[] = {0x01, 0x04, 0x05, 0x01, 0x02, 0x03, 0x04, 0x05, 0x00, 0x03,
	0x00, 0x00, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x2b, 0xaf, 0x18, 0x6f};

static void write_version_1(struct fixture *f)
{
	static const char schema[] =
		"CREATE TABLE device(address BLOB PRIMARY KEY, key TEXT NOT NULL,"
		"first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, identity BLOB,"
		"learned BLOB, engine BLOB) STRICT, WITHOUT ROWID;"
		"CREATE TABLE event(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
		"kind INTEGER NOT NULL, address TEXT NOT NULL, key TEXT NOT NULL,"
		"detail TEXT NOT NULL) STRICT;"
		"PRAGMA user_version=1; PRAGMA application_id=1347177217";
	char path[512];
	sqlite3 *raw;
	sqlite3_stmt *st;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, schema, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(raw,
				 "INSERT INTO device VALUES(?1,'serial:xerox/3',7,1003,?2,?3,?4)",
				 -1, &st, NULL),
		SQLITE_OK);
	const struct {
		const uint8_t *p;
		size_t len;
	} parts[] = {{old_address, sizeof old_address}, {old_identity, sizeof old_identity},
		{old_learned, sizeof old_learned}, {old_engine, sizeof old_engine}};
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			sqlite3_bind_blob(st, i + 1, parts[i].p, (int)parts[i].len, SQLITE_STATIC),
			SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void assert_version_1_row(void)
{
	struct device_rows h = read_device_rows();
	const struct device_profile *p = &h.first.profile;
	assert_int_equal(h.rows, 1);
	assert_int_equal(h.wrong + h.broken, 0);
	assert_string_equal(h.first.key, "serial:xerox/3");
	assert_int_equal(h.first.first_seen_wall_ms, 7);
	assert_int_equal(p->protection.failures, 2);
	assert_int_equal(p->protection.stopped_responding_wall_ms, 12345);
	assert_int_equal(p->ipp.path, 2);
	assert_int_equal(p->ipp.failures, 1);
	assert_int_equal(p->rtt.rttvar_ms, 5);
}

static void test_version_1_store_is_read_and_rewritten(void **state)
{
	struct fixture *f = *state;
	/* Any database of ours, for its file mode. */
	open_device_store(f);
	close_device_store(f);
	char path[512];
	fixture_path(f, path, "discovery.db");
	assert_int_equal(unlink(path), 0);
	write_version_1(f);
	assert_int_equal(chmod(path, 0600), 0);
	open_device_store(f);
	assert_int_equal(store_opened, 0);
	assert_version_1_row();
	/* Written once, it is one profile: the engine of the old column is inside. */
	struct item item = make_item(3);
	item.row.profile = read_device_rows().first.profile;
	item.parts = DEVICE_ROW_PROFILE;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	assert_version_1_row();
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.damaged, 0);
	close_device_store(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_foreign_file_is_moved_aside),
		fixture_test(test_newer_schema_is_refused),
		fixture_test(test_other_table_count_keeps_the_rest_of_a_profile),
		fixture_test(test_unknown_fields_at_the_end_are_skipped),
		fixture_test(test_version_1_store_is_read_and_rewritten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
