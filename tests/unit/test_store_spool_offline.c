/* SPDX-License-Identifier: Apache-2.0
 * The store without a loop: pending records are read beside the daemon, receipted ones go by its
 * one owner, a new identity keeps what waits, and a purge removes each file of the agent. */
#include "engine/store/purge.h"
#include "engine/store/spool_offline.h"
#include "tests/kit/spool_fixture.h"

#include <errno.h>
#include <sys/stat.h>

enum { RECORDS = 7 };

struct seen {
	uint64_t first, last;
	size_t count;
	size_t stop_at; /* 0: never */
};

static int on_pending(void *owner, uint64_t seq, const uint8_t *record, size_t len)
{
	struct seen *s = owner;
	size_t is = 0;
	assert_int_equal(record_verify(record, len, &is), seq);
	assert_int_equal(is, len);
	assert_true(seq > s->last);
	s->first = s->count == 0 ? seq : s->first;
	s->last = seq;
	return ++s->count == s->stop_at ? ERR_STOPPED : 0;
}

/* RECORDS pending records; the spool is open. */
static void fill(struct fixture *f)
{
	fixture_open(f);
	assert_int_equal(fixture_put(f, RECORDS), RECORDS);
	fixture_settle(f);
}

static void test_pending_records_are_read_beside_the_daemon(void **state)
{
	struct fixture *f = *state;
	struct spool_identity id;
	struct seen s = {0};
	size_t damaged = 1;
	char why[LIMIT_WHY];
	fill(f);
	assert_int_equal(spool_each_pending(f->dir, &id, on_pending, &s, &damaged, why, sizeof why),
		RECORDS);
	assert_int_equal(s.count, RECORDS);
	assert_int_equal(damaged, 0);
	assert_true(id.epoch == spool_epoch(f->spool));
	assert_memory_equal(id.agent_id, spool_agent_id(f->spool), sizeof id.agent_id);
	s = (struct seen){.stop_at = 3};
	assert_int_equal(spool_each_pending(f->dir, &id, on_pending, &s, &damaged, why, sizeof why),
		ERR_STOPPED);
	assert_int_equal(s.count, 3);
	assert_int_equal(spool_set_value(f->spool, "key", "abc", 3), 0);
	struct spool *beside;
	uint8_t value[8];
	assert_int_equal(spool_open_beside(&beside, f->dir, why, sizeof why), 0);
	assert_int_equal(spool_get_value(beside, "key", value, sizeof value), 3);
	assert_memory_equal(value, "abc", 3);
	spool_close_beside(beside);
	/* Its one owner is here. */
	assert_int_equal(spool_open_offline(&beside, f->dir, why, sizeof why), ERR_STORE_LOCKED);
	fixture_close(f);
}

static void test_damaged_record_is_left_out_and_counted(void **state)
{
	struct fixture *f = *state;
	struct spool_identity id;
	struct seen s = {0};
	size_t damaged;
	char why[LIMIT_WHY];
	fill(f);
	fixture_close(f);
	fixture_exec(f, "UPDATE record SET frame=x'00' WHERE id=(SELECT min(id)+2 FROM record)");
	assert_int_equal(spool_each_pending(f->dir, &id, on_pending, &s, &damaged, why, sizeof why),
		RECORDS - 1);
	assert_int_equal(damaged, 1);
}

static void test_receipted_records_go_without_a_loop(void **state)
{
	struct fixture *f = *state;
	struct spool_identity id;
	struct seen s = {0};
	struct spool *spool;
	uint64_t oldest;
	size_t damaged;
	char why[LIMIT_WHY];
	fill(f);
	uint64_t next = spool_next_seq(f->spool);
	fixture_close(f);
	assert_int_equal(spool_open_offline(&spool, f->dir, why, sizeof why), 0);
	assert_int_equal(spool_oldest(spool, &oldest), 0);
	assert_true(oldest == next - RECORDS);
	struct spool_done done = {.last = oldest + 2, .is_receipted = true};
	assert_int_equal(spool_done_offline(spool, &done), 0);
	assert_int_equal(spool_oldest(spool, &oldest), 0);
	assert_true(oldest == next - RECORDS + 3);
	done.last = next - 1;
	assert_int_equal(spool_done_offline(spool, &done), 0);
	assert_int_equal(spool_oldest(spool, &oldest), 0);
	assert_true(oldest == 0);
	spool_close_offline(spool);
	spool_close_offline(NULL);
	assert_int_equal(
		spool_each_pending(f->dir, &id, on_pending, &s, &damaged, why, sizeof why), 0);
}

static void test_missing_store_is_named(void **state)
{
	struct fixture *f = *state;
	struct spool_identity id;
	struct spool *spool;
	uint8_t new_id[16];
	size_t damaged;
	char why[LIMIT_WHY] = "";
	assert_int_equal(
		spool_each_pending(f->dir, &id, on_pending, NULL, &damaged, why, sizeof why),
		-ENOENT);
	assert_true(why[0] != '\0');
	assert_int_equal(spool_open_beside(&spool, f->dir, why, sizeof why), -ENOENT);
	why[0] = '\0';
	assert_int_equal(purge_identity(f->dir, new_id, why, sizeof why), -ENOENT);
	assert_non_null(strstr(why, f->dir));
}

static void test_new_identity_keeps_what_waits(void **state)
{
	struct fixture *f = *state;
	struct spool_identity before, after;
	struct seen s = {0};
	uint8_t new_id[16], value[8];
	size_t damaged;
	char why[LIMIT_WHY];
	fill(f);
	assert_int_equal(spool_set_value(f->spool, "hub_key", "abc", 3), 0);
	assert_int_equal(purge_identity(f->dir, new_id, why, sizeof why), ERR_STORE_LOCKED);
	assert_int_equal(
		spool_each_pending(f->dir, &before, on_pending, &s, &damaged, why, sizeof why),
		RECORDS);
	fixture_close(f);
	fixture_write_file(f, "agent.key", (const uint8_t *)"key", 3);
	assert_int_equal(purge_identity(f->dir, new_id, why, sizeof why), 0);
	s = (struct seen){0};
	assert_int_equal(
		spool_each_pending(f->dir, &after, on_pending, &s, &damaged, why, sizeof why),
		RECORDS);
	assert_memory_equal(after.agent_id, new_id, sizeof new_id);
	assert_memory_not_equal(after.agent_id, before.agent_id, sizeof new_id);
	assert_true(after.epoch != before.epoch);
	char path[512];
	fixture_path(f, path, "agent.key");
	assert_int_equal(access(path, F_OK), -1);
	fixture_open(f);
	assert_memory_equal(spool_agent_id(f->spool), new_id, sizeof new_id);
	assert_int_equal(spool_get_value(f->spool, "hub_key", value, sizeof value), 0);
	fixture_close(f);
}

struct removed {
	unsigned files, kept;
};

static void on_removed(void *owner, const char *name, uint64_t bytes, int err)
{
	struct removed *r = owner;
	r->files += err == 0;
	r->kept += err == ERR_FORBIDDEN;
	if (err == ERR_FORBIDDEN)
		assert_string_equal(name, "notes.txt");
	if (err == 0 && strcmp(name, "agent.key") == 0)
		assert_int_equal(bytes, 3);
}

static void test_purge_removes_each_file_of_the_agent(void **state)
{
	static const char *const gone[] = {
		"store.db", "store.lock", "agent.id", "agent.key", "audit-00000001.log"};
	struct fixture *f = *state;
	struct removed r = {0};
	char why[LIMIT_WHY], path[512];
	fill(f);
	assert_int_equal(purge_state(f->dir, on_removed, &r, why, sizeof why), ERR_STORE_LOCKED);
	assert_int_equal(r.files, 0);
	fixture_close(f);
	fixture_write_file(f, "agent.key", (const uint8_t *)"key", 3);
	fixture_write_file(f, "audit-00000001.log", (const uint8_t *)"x", 1);
	fixture_write_file(f, "notes.txt", (const uint8_t *)"x", 1);
	assert_int_equal(purge_state(f->dir, on_removed, &r, why, sizeof why), 0);
	assert_true(r.files >= sizeof gone / sizeof gone[0]);
	assert_int_equal(r.kept, 1);
	for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
		fixture_path(f, path, gone[i]);
		assert_int_equal(access(path, F_OK), -1);
	}
	fixture_path(f, path, "notes.txt");
	assert_int_equal(unlink(path), 0);
	fixture_path(f, path, "nowhere");
	assert_int_equal(purge_state(path, on_removed, &r, why, sizeof why), -ENOENT);
}

static void test_purge_names_what_cannot_be_removed(void **state)
{
	struct fixture *f = *state;
	struct removed r = {0};
	char why[LIMIT_WHY], path[512];
	fixture_path(f, path, "store.new-dir");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(purge_state(f->dir, on_removed, &r, why, sizeof why) < 0);
	assert_non_null(strstr(why, f->dir));
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_pending_records_are_read_beside_the_daemon),
		fixture_test_fast(test_damaged_record_is_left_out_and_counted),
		fixture_test_fast(test_receipted_records_go_without_a_loop),
		fixture_test_fast(test_missing_store_is_named),
		fixture_test_fast(test_new_identity_keeps_what_waits),
		fixture_test_fast(test_purge_removes_each_file_of_the_agent),
		fixture_test_fast(test_purge_names_what_cannot_be_removed),
	};
	return cmocka_run_group_tests_name("store without a loop", tests, NULL, NULL);
}
