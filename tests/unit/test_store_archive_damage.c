/* SPDX-License-Identifier: Apache-2.0
 * The store of the hub with gaps and damage: missing records are requested, rejected records keep
 * their number, damage is reported, the audit is bounded, a second owner is refused. */
#include "engine/store/archive_schema.h"
#include "tests/kit/archive_fixture.h"
#include "tests/kit/archive_rows.h"

#include <errno.h>
#include <sqlite3.h>

/* ---- what must be sent whole ---- */

static void test_unknown_device_is_requested_in_full(void **state)
{
	struct fixture *f = *state;
	order(f, &(struct order){.seq = 1,
			 .read_at_ms = OLD_MS,
			 .key = KEY,
			 .total = 1,
			 .mask = 1u << GROUP_METERS,
			 .is_delta = true});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.wanted_count, 1);
	assert_string_equal((const char *)f->result.wanted.data, KEY);
	/* Still wanted until it comes. */
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:aa", 1), 0);
	assert_int_equal(f->result.wanted_count, 1);
	assert_int_equal(put_one(f, 3, NEW_MS, KEY, 2), 0);
	assert_int_equal(f->result.wanted_count, 0);
}

static void test_gap_requests_all_devices_of_the_agent(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 1), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:aa", 1), 0);
	assert_int_equal(f->result.wanted_count, 0);
	order(f, &(struct order){.seq = 4,
			 .read_at_ms = NEW_MS,
			 .key = KEY,
			 .total = 2,
			 .mask = 1u << GROUP_METERS,
			 .is_delta = true});
	assert_int_equal(put(f), 0);
	assert_true(f->result.has_gap);
	assert_int_equal(f->result.wanted_count, 2);
	/* A resent batch is no gap. */
	assert_int_equal(put_one(f, 5, NEW_MS, KEY, 3), 0);
	assert_false(f->result.has_gap);
	assert_int_equal(f->result.wanted_count, 1);
}

static void test_expired_device_is_not_requested(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, "mac:gone", 1), 0);
	f->later_ms = 2 * LIMIT_FULL_MS;
	assert_int_equal(put_one(f, 2, OLD_MS + f->later_ms, KEY, 1), 0);
	f->later_ms += 1;
	assert_int_equal(put_one(f, 4, OLD_MS + f->later_ms, "mac:aa", 1), 0);
	assert_true(f->result.has_gap);
	assert_int_equal(f->result.wanted_count, 2);
	assert_memory_equal(f->result.wanted.data, "mac:aa\0" KEY, sizeof "mac:aa\0" KEY);
}

static void test_requested_devices_are_bounded(void **state)
{
	struct fixture *f = *state;
	char key[80];
	for (unsigned i = 1; i <= 300; i++) {
		(void)snprintf(key, sizeof key, "serial:xerox/%050u", i);
		order(f, &(struct order){.seq = i,
				 .read_at_ms = OLD_MS,
				 .key = key,
				 .mask = 1u << GROUP_METERS,
				 .is_delta = true});
	}
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 300);
	assert_true(f->result.wanted_count > 100);
	assert_true(f->result.wanted_count < 300);
	assert_true(f->result.wanted.len <= LIMIT_WANTED);
}

/* ---- of no use ---- */

/* Well formed, but the status of its meters is none that we know. */
static void order_useless(struct fixture *f, uint64_t seq)
{
	uint8_t bytes[] = {
		0x84, 0x01, 0xcc, 0, 0x02, 0x01, 0x06, 0xa3, 'm', ':', 'a', 0x0b, 0x81, 0x01, 0x63};
	bytes[3] = (uint8_t)seq;
	assert_int_equal(buf_put(&f->body, bytes, sizeof bytes), 0);
	f->first = f->first == 0 ? seq : f->first;
	f->last = seq;
}

static void test_rejected_record_keeps_its_number(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 2; i++) {
		order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 1});
		order_useless(f, 2);
		order(f, &(struct order){
				 .seq = 3, .read_at_ms = OLD_MS, .key = "mac:a", .total = 3});
		assert_int_equal(put(f), 0);
		assert_int_equal(f->result.stored, i == 0 ? 2 : 0);
		assert_int_equal(f->result.duplicates, i == 0 ? 0 : 2);
		assert_int_equal(f->result.rejected_count, 1);
		assert_int_equal(f->result.rejected[0].seq, 2);
		assert_int_equal(f->result.rejected[0].err, ERR_RANGE);
	}
	assert_int_equal(help_counts(f->dir).records, 2);
	assert_int_equal(help_counts(f->dir).rejected, 1);
}

static void test_too_many_rejected_records_refuse_the_batch(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 1; i <= LIMIT_REJECTED + 1; i++)
		order_useless(f, i);
	assert_int_equal(put(f), ERR_LIMIT);
	assert_int_equal(help_counts(f->dir).rejected, 0);
	assert_int_equal(help_counts(f->dir).agents, 0);
}

static void test_body_without_records_is_refused(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(buf_put(&f->body, "\xc1\xc1", 2), 0);
	assert_int_equal(put(f), ERR_FORMAT);
	assert_int_equal(help_counts(f->dir).agents, 0);
}

/* ---- damage, audit, start ---- */

static void sql(struct fixture *f, const char *text)
{
	char path[128];
	char *why = NULL;
	sqlite3 *db;
	(void)snprintf(path, sizeof path, "%s/store.db", f->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int see_damage(void *owner, const struct archive_past *p)
{
	*(int *)owner += p->is_damaged;
	return 0;
}

static void test_damaged_group_is_reported(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	archive_close(f->archive);
	sql(f, "UPDATE device_groups SET bytes = CAST(bytes || x'00' AS BLOB) WHERE id % 16 = 1;"
	       "UPDATE records SET bytes = x'81';");
	open_archive(f);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.damaged, 1);
	assert_int_equal(s.mask, ALL_GROUPS & ~(1u << GROUP_METERS));
	assert_int_equal(s.total, UINT64_MAX);
	int damaged = 0;
	assert_int_equal(archive_rows_of_device(f->dir, text_of(KEY), 5, see_damage, &damaged), 1);
	assert_int_equal(damaged, 1);
}

static void test_archive_has_one_owner(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_WHY] = "";
	struct archive *second;
	struct archive_options o = {.dir = f->dir, .rule = &rule};
	assert_int_equal(archive_open(&second, &o, why, sizeof why), ERR_STORE_LOCKED);
	assert_true(strlen(why) > 0);
	struct archive_view *v;
	assert_int_equal(archive_view_open(&v, "nowhere", why, sizeof why), -ENOENT);
	archive_close(f->archive);
	sql(f, "PRAGMA user_version = 99");
	assert_true(archive_open(&second, &o, why, sizeof why) < 0);
	assert_true(archive_view_open(&v, f->dir, why, sizeof why) < 0);
	f->archive = NULL;
}

static int stop_recording(void *owner, const struct archive_device *d)
{
	(void)owner;
	(void)d;
	return ERR_STOPPED;
}

static void test_iteration_can_be_stopped(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:a", 100), 0);
	struct archive_view *v;
	char why[LIMIT_WHY];
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	assert_int_equal(archive_view_each(v, stop_recording, NULL), ERR_STOPPED);
	struct shown s = {0};
	assert_int_equal(archive_view_each(v, help_on_device, &s), 2);
	assert_string_equal(s.key, KEY); /* by key: the last */
	assert_string_equal(archive_view_why(v), "");
	archive_view_close(v);
	assert_string_equal(archive_why(f->archive), "");
}

/* A reader reads the report page by page: meanwhile the daemon's WAL can start anew. */
static int checkpoint(void *owner, const struct archive_device *d)
{
	const struct fixture *f = owner;
	(void)d;
	return db_checkpoint(f->archive->db);
}

static void test_slow_reader_does_not_hold_the_wal(void **state)
{
	struct fixture *f = *state;
	struct archive_view *v;
	char why[LIMIT_WHY];
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:a", 100), 0);
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	assert_int_equal(archive_view_each(v, checkpoint, f), 2);
	assert_int_equal(archive_view_find(v, text_of(KEY), checkpoint, f), 1);
	archive_view_close(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unknown_device_is_requested_in_full),
		TEST(test_gap_requests_all_devices_of_the_agent),
		TEST(test_expired_device_is_not_requested),
		TEST(test_requested_devices_are_bounded),
		TEST(test_rejected_record_keeps_its_number),
		TEST(test_too_many_rejected_records_refuse_the_batch),
		TEST(test_body_without_records_is_refused),
		TEST(test_damaged_group_is_reported),
		TEST(test_archive_has_one_owner),
		TEST(test_iteration_can_be_stopped),
		TEST(test_slow_reader_does_not_hold_the_wal),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
