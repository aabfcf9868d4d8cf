/* SPDX-License-Identifier: Apache-2.0
 * A damaged store starts, gives every record whose bytes are still there, and never a wrong one.
 * Positions in records one by one; then random mutations of the raw files, the database alone (a
 * clean stop) and with its WAL (a kill). */
#include "engine/store/spool.h"
#include "engine/store/spool_frame.h"
#include "engine/store/spool_view.h"

#include "tests/kit/spool_fixture.h"
#include "tests/counts.h"

#include <sys/stat.h>
#include <time.h>

enum { RECORDS = 150, DONE = 40 };

/* ---- what a store delivers
 * ----------------------------------------------------------------------- */

struct delivery {
	bool has[RECORDS + 1];
	unsigned whole;       /* distinct records */
	unsigned resurrected; /* receipted before, delivered again */
	uint64_t quarantined;
	uint64_t salvages;
};

static void take_batch(struct fixture *f, struct delivery *d)
{
	size_t at = 0, count = 0;
	while (at < f->batch.body.len) {
		size_t len = 0;
		uint64_t seq = record_verify(f->batch.body.data + at, f->batch.body.len - at, &len);
		assert_in_range(seq, 1, RECORDS); /* 0: a wrong value */
		assert_false(d->has[seq]);
		d->has[seq] = true;
		d->whole++;
		d->resurrected += seq <= DONE;
		at += len;
		count++;
	}
	assert_int_equal(count, f->batch.count);
}

/* Opens, sends everything, closes; opens once more, when nothing is left and a new record works. */
static struct delivery deliver_all(struct fixture *f)
{
	struct delivery d = {.whole = 0};
	struct spool_counts c;
	struct timespec from, to;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &from), 0);
	fixture_open(f);
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &to), 0);
	assert_true(to.tv_sec - from.tv_sec < 5);
	unsigned rounds = 0;
	do {
		assert_int_equal(fixture_peek(f, 50), 0);
		take_batch(f, &d);
		if (f->batch.count > 0)
			assert_int_equal(fixture_done(f, f->batch.last), 0);
		assert_true(rounds++ < 2 * RECORDS);
	} while (f->batch.count > 0);
	spool_counts(f->spool, &c);
	d.quarantined = c.quarantined;
	d.salvages = c.salvages;
	assert_int_equal(c.pending, 0);
	uint64_t next = spool_next_seq(f->spool);
	assert_true(next > RECORDS || d.whole < RECORDS - DONE);
	for (uint64_t seq = RECORDS; seq > 0; seq--) {
		if (d.has[seq])
			assert_true(next > seq);
	}
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(spool_next_seq(f->spool), next);
	f->kept = 0;
	assert_int_equal(fixture_put(f, 1), 1);
	fixture_settle(f);
	assert_int_equal(f->kept, 1);
	assert_int_equal(fixture_peek(f, 50), 0);
	assert_int_equal(f->batch.count, 1);
	assert_int_equal(f->batch.first, next);
	fixture_close(f);
	return d;
}

/* ---- one byte of one record
 * ----------------------------------------------------------------------- */

static size_t make_frame(uint8_t *dst, uint64_t seq)
{
	static uint8_t body[LIMIT_RECORD];
	struct frame frame = {.kind = FRAME_RECORD,
		.number = seq,
		.body = body,
		.body_len = record_len_of(seq, 0)};
	record_make(body, seq, frame.body_len);
	frame_write(dst, &frame);
	return frame_len(&frame);
}

static void test_damaged_byte_costs_its_record_only(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_int_equal(fixture_put(f, RECORDS), RECORDS);
	fixture_settle(f);
	assert_int_equal(fixture_done(f, DONE), 0);
	fixture_close(f);
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	uint8_t *frame = malloc(FRAME_HEAD + LIMIT_RECORD);
	assert_non_null(frame);
	size_t frame_bytes = make_frame(frame, 73);
	uint8_t *place = memmem(bytes, len, frame, frame_bytes);
	assert_non_null(place);
	for (size_t i = 0; i < frame_bytes; i++) {
		place[i] ^= (uint8_t)(1u << (i % 8));
		fixture_forget_files(f);
		fixture_write_file(f, "store.db", bytes, len);
		struct delivery d = deliver_all(f);
		assert_int_equal(d.whole, RECORDS - DONE - 1);
		assert_false(d.has[73]);
		assert_int_equal(d.quarantined, 1);
		assert_int_equal(d.resurrected, 0);
		place[i] ^= (uint8_t)(1u << (i % 8));
	}
	free(frame);
	free(bytes);
}

static void test_many_damaged_records_are_removed_in_passes(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_int_equal(fixture_put(f, RECORDS), RECORDS);
	fixture_settle(f);
	fixture_close(f);
	fixture_exec(f, "UPDATE record SET frame = substr(frame, 1, length(frame) - 1)"
			" || x'00' WHERE id % 10 <> 3");
	struct delivery d = deliver_all(f);
	assert_int_equal(d.whole + d.quarantined, RECORDS);
	assert_in_range(d.whole, RECORDS / 10, RECORDS / 10 + 3); /* a last byte may have been 0 */
	fixture_open(f);
	struct spool_counts counts;
	spool_counts(f->spool, &counts);
	assert_int_equal(counts.quarantined, d.quarantined);
	fixture_close(f);
}

/* Opens a store whose database has lost its head, so that the records are salvaged. */
static void open_without_head(struct fixture *f)
{
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	memset(bytes, 0, 100); /* the head of an SQLite database */
	fixture_write_file(f, "store.db", bytes, len);
	free(bytes);
	fixture_open(f);
}

static void test_quarantine_survives_a_salvage(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 20), 20);
	assert_int_equal(spool_set_value(f->spool, "hub_key", "a key", 5), 0);
	fixture_settle(f);
	uint64_t epoch = spool_epoch(f->spool);
	fixture_close(f);
	fixture_exec(f, "UPDATE record SET frame = zeroblob(length(frame)) WHERE id = 4");
	fixture_open(f);
	assert_int_equal(fixture_peek(f, 50), 0);
	assert_int_equal(f->batch.quarantined, 1);
	assert_int_equal(f->batch.count, 19);
	fixture_close(f);
	open_without_head(f);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.salvages, 1);
	assert_int_equal(c.quarantined, 1);
	assert_int_equal(c.pending, 19);
	uint8_t key[16];
	assert_int_equal(spool_get_value(f->spool, "hub_key", key, sizeof key), 5);
	assert_memory_equal(key, "a key", 5);
	assert_int_equal(spool_epoch(f->spool), epoch);
	assert_true(spool_next_seq(f->spool) > 20);
	fixture_close(f);
}

static bool has_file(const struct fixture *f, const char *name)
{
	char path[512];
	fixture_path(f, path, name);
	return access(path, F_OK) == 0;
}

/* Both new files stay even where the clock went back and all others have later names. */
static void test_oldest_damaged_files_are_removed(void **state)
{
	struct fixture *f = *state;
	static const char *const centuries[] = {"20", "99"};
	for (size_t c = 0; c < 2; c++) {
		char name[64];
		fixture_forget_files(f);
		fixture_open(f);
		assert_int_equal(fixture_put(f, 5), 5);
		fixture_settle(f);
		fixture_close(f);
		for (unsigned i = 0; i < LIMIT_DAMAGED_FILES + 3; i++) {
			(void)snprintf(name, sizeof name, "store.damaged-%s%02u0101T000000.000Z",
				centuries[c], i);
			fixture_write_file(f, name, (const uint8_t *)"x", 1);
		}
		open_without_head(f);
		struct spool_rebuild r;
		spool_last_rebuild(f->spool, &r);
		assert_int_equal(r.removed, 4);
		assert_true(has_file(f, r.kept_as));
		for (unsigned i = 0; i < LIMIT_DAMAGED_FILES + 3; i++) {
			(void)snprintf(name, sizeof name, "store.damaged-%s%02u0101T000000.000Z",
				centuries[c], i);
			assert_int_equal(has_file(f, name), i >= 4);
		}
		fixture_close(f);
	}
}

static void test_deleted_row_is_detected(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 30), 30);
	fixture_settle(f);
	fixture_close(f);
	/* As if a page had lost it: the store's own count says 30. Its bytes stay in the page. */
	fixture_exec(f, "PRAGMA secure_delete=OFF; DELETE FROM record WHERE id = 17");
	fixture_open(f);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.salvages, 1);
	assert_int_equal(c.pending, 30);
	assert_int_equal(fixture_peek(f, 50), 0);
	assert_int_equal(f->batch.count, 30);
	fixture_check_body(f);
	fixture_close(f);
}

static void test_row_with_a_wrong_number_is_corrected(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	assert_int_equal(fixture_put(f, 30), 30);
	fixture_settle(f);
	fixture_close(f);
	fixture_exec(f, "UPDATE record SET id = 999 WHERE id = 17");
	fixture_open(f);
	assert_int_equal(fixture_peek(f, 50), 0); /* salvages on the way */
	assert_int_equal(f->batch.count, 30);
	fixture_check_body(f);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.salvages, 1);
	assert_true(spool_next_seq(f->spool) == 31);
	fixture_close(f);
}

static void test_one_copy_of_meta_is_enough(void **state)
{
	struct fixture *f = *state;
	const char *const sql[] = {"UPDATE meta_a SET frame = zeroblob(108)",
		"UPDATE meta_b SET frame = zeroblob(108)"};
	for (int i = 0; i < 2; i++) {
		fixture_forget_files(f);
		fixture_open(f);
		uint64_t epoch = spool_epoch(f->spool);
		assert_int_equal(fixture_put(f, 5), 5);
		fixture_settle(f);
		fixture_close(f);
		fixture_exec(f, sql[i]);
		fixture_open(f);
		assert_int_equal(spool_next_seq(f->spool), 6);
		assert_int_equal(spool_epoch(f->spool), epoch);
		fixture_close(f);
	}
}

static void test_lost_meta_starts_a_new_epoch(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	uint64_t epoch = spool_epoch(f->spool);
	assert_int_equal(fixture_put(f, 5), 5);
	fixture_settle(f);
	fixture_close(f);
	fixture_exec(f, "PRAGMA secure_delete=ON; UPDATE meta_a SET frame = x'00';"
			"UPDATE meta_b SET frame = x'00'; VACUUM");
	fixture_open(f);
	assert_int_not_equal(spool_epoch(f->spool), epoch);
	assert_true(spool_next_seq(f->spool) > 5);
	assert_int_equal(fixture_peek(f, 50), 0);
	assert_int_equal(f->batch.count, 5);
	fixture_check_body(f);
	fixture_close(f);
}

static void test_interrupted_file_swap_is_completed(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	uint64_t epoch = spool_epoch(f->spool);
	assert_int_equal(fixture_put(f, 5), 5);
	fixture_settle(f);
	fixture_close(f);
	const uint8_t junk[5000] = {1, 2, 3};
	/* The crash came before the damaged store was moved away ... */
	fixture_rename(f, "store.db", "store.new");
	fixture_write_file(f, "store.db", junk, sizeof junk);
	fixture_write_file(f, "store.db-wal", junk, sizeof junk);
	fixture_write_file(f, "store.making", junk, sizeof junk);
	fixture_open(f);
	assert_int_equal(spool_epoch(f->spool), epoch);
	assert_int_equal(fixture_peek(f, 50), 0);
	assert_int_equal(f->batch.count, 5);
	fixture_close(f);
	/* ... and after. */
	fixture_rename(f, "store.db", "store.new");
	fixture_open(f);
	assert_int_equal(spool_epoch(f->spool), epoch);
	fixture_close(f);
}

/* ---- random mutations
 * ------------------------------------------------------------------------------ */

struct image {
	uint8_t *db, *wal;
	size_t db_len, wal_len;
};

static uint64_t draw(uint64_t *x, uint64_t below)
{
	*x = record_step(*x);
	return (*x >> 11) % below;
}

/* Returns how many places were hit: a bound for the records lost; 0: no bound. */
static unsigned mutate(uint8_t *bytes, size_t *len, uint64_t *seed)
{
	uint64_t what = draw(seed, 20);
	size_t page = 4096, pages = *len / page;
	if (what < 14) {
		unsigned flips = what < 7 ? 1 : 1 + (unsigned)draw(seed, 64);
		for (unsigned i = 0; i < flips; i++)
			bytes[draw(seed, *len)] ^= (uint8_t)(1u << draw(seed, 8));
		return flips;
	}
	if (what < 16) { /* a zeroed sector */
		size_t at = draw(seed, (*len + 511) / 512) * 512;
		memset(bytes + at, 0, *len - at < 512 ? *len - at : 512);
	} else if (what < 17) {
		*len = draw(seed, *len);
	} else if (pages >= 2) { /* a page in the place of another, or two exchanged */
		uint8_t copy[4096];
		size_t a = draw(seed, pages) * page, b = draw(seed, pages) * page;
		memcpy(copy, bytes + a, page);
		if (what < 19)
			memcpy(bytes + a, bytes + b, page);
		memcpy(bytes + b, copy, page);
	}
	return 0;
}

static void write_image(struct fixture *f, const struct image *im)
{
	fixture_forget_files(f);
	fixture_write_file(f, "store.db", im->db, im->db_len);
	if (im->wal != NULL)
		fixture_write_file(f, "store.db-wal", im->wal, im->wal_len);
}

/* Whether the whole frame of a record that fits one page is still somewhere in the files. */
static bool is_there(const struct image *im, uint64_t seq, uint8_t *frame)
{
	size_t len = make_frame(frame, seq);
	if (len > 4000)
		return false;
	return memmem(im->db, im->db_len, frame, len) != NULL ||
	       (im->wal != NULL && memmem(im->wal, im->wal_len, frame, len) != NULL);
}

static void mutate_and_deliver(
	struct fixture *f, const struct image *good, bool is_wal, unsigned long round)
{
	static uint8_t frame[FRAME_HEAD + LIMIT_RECORD];
	uint64_t seed = (round + 1) * 0x9e3779b97f4a7c15u;
	struct image im = *good;
	im.db = malloc(good->db_len);
	im.wal = good->wal == NULL ? NULL : malloc(good->wal_len);
	assert_non_null(im.db);
	memcpy(im.db, good->db, good->db_len);
	if (im.wal != NULL)
		memcpy(im.wal, good->wal, good->wal_len);
	unsigned hits =
		is_wal ? mutate(im.wal, &im.wal_len, &seed) : mutate(im.db, &im.db_len, &seed);
	write_image(f, &im);
	struct delivery d = deliver_all(f);
	unsigned missing = 0;
	/* A record that was cut off leaves no trace that could be counted, and a commit whose end
	 * is cut off is one that was never made. */
	bool is_cut = im.db_len < good->db_len || im.wal_len < good->wal_len;
	for (uint64_t seq = DONE + 1; seq <= RECORDS; seq++) {
		missing += !d.has[seq];
		if (!d.has[seq] && !(is_wal && is_cut) && is_there(&im, seq, frame))
			fail_msg("round %lu: record %llu is intact, but was not delivered; %u "
				 "hits, %zu of "
				 "%zu bytes, %llu salvages, %llu quarantined, %u whole",
				round, (unsigned long long)seq, hits,
				is_wal ? im.wal_len : im.db_len,
				is_wal ? good->wal_len : good->db_len,
				(unsigned long long)d.salvages, (unsigned long long)d.quarantined,
				d.whole);
	}
	if (hits > 0 && missing > hits)
		fail_msg("round %lu: %u places hit, %u records lost", round, hits, missing);
	if (missing > 0 && !is_cut)
		assert_true(d.quarantined > 0 || d.salvages > 0);
	free(im.db);
	free(im.wal);
}

/* A store in mid-life: some receipted, some waiting, in several commits. */
static void live_a_little(struct fixture *f)
{
	fixture_open(f);
	for (int i = 0; i < RECORDS / 10; i++) {
		assert_int_equal(fixture_put(f, 10), 10);
		fixture_settle(f);
		if (i == DONE / 10)
			assert_int_equal(fixture_done(f, DONE), 0);
	}
}

static void test_random_damage_of_a_stopped_store(void **state)
{
	struct fixture *f = *state;
	struct image good = {.wal = NULL, .wal_len = 0};
	live_a_little(f);
	fixture_close(f);
	good.db = fixture_read_file(f, "store.db", &good.db_len);
	unsigned long rounds = test_count("SPOOL_MUTATIONS") / 2;
	for (unsigned long i = 0; i < rounds; i++)
		mutate_and_deliver(f, &good, false, i);
	free(good.db);
}

static void test_random_damage_of_a_killed_store(void **state)
{
	struct fixture *f = *state;
	struct image good;
	live_a_little(f);
	good.db = fixture_read_file(f, "store.db", &good.db_len);
	good.wal = fixture_read_file(f, "store.db-wal", &good.wal_len);
	fixture_close(f);
	assert_true(good.wal_len > 50000);
	unsigned long rounds = test_count("SPOOL_MUTATIONS") / 2;
	for (unsigned long i = 0; i < rounds; i++)
		mutate_and_deliver(f, &good, true, i);
	free(good.db);
	free(good.wal);
}

/* The oracle itself: with the checksum's result ignored, damage would be delivered. */
static void test_oracle_detects_a_changed_byte(void **state)
{
	(void)state;
	uint8_t bytes[400];
	size_t len = 0;
	record_make(bytes, 5, sizeof bytes);
	assert_int_equal(record_verify(bytes, sizeof bytes, &len), 5);
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] ^= 4;
		assert_int_equal(record_verify(bytes, sizeof bytes, &len), 0);
		bytes[i] ^= 4;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oracle_detects_a_changed_byte),
		fixture_test_fast(test_damaged_byte_costs_its_record_only),
		fixture_test_fast(test_many_damaged_records_are_removed_in_passes),
		fixture_test_fast(test_quarantine_survives_a_salvage),
		fixture_test_fast(test_oldest_damaged_files_are_removed),
		fixture_test_fast(test_deleted_row_is_detected),
		fixture_test_fast(test_row_with_a_wrong_number_is_corrected),
		fixture_test_fast(test_one_copy_of_meta_is_enough),
		fixture_test_fast(test_lost_meta_starts_a_new_epoch),
		fixture_test_fast(test_interrupted_file_swap_is_completed),
		fixture_test_fast(test_random_damage_of_a_stopped_store),
		fixture_test_fast(test_random_damage_of_a_killed_store),
	};
	return cmocka_run_group_tests_name("store/spool, damaged", tests, NULL, NULL);
}
