/* SPDX-License-Identifier: Apache-2.0
 * The device store: rows survive a restart, part by part; a damaged file or a full disk costs rows,
 * never a start and never a wrong value. */
#include "tests/counts.h"
#include "tests/kit/device_rows.h"
#include "tests/kit/store_fault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>

static void put_many(struct item *items, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		items[i] = make_item(i);
		device_store_put(store, &items[i].put);
	}
}

static void test_rows_survive_restart(void **state)
{
	struct fixture *f = *state;
	static struct item items[1000];
	open_device_store(f);
	assert_int_equal(store_opened, 0);
	put_many(items, 1000);
	device_store_put(store, &items[5].put); /* it waits already: written once */
	close_device_store(f);                  /* what waits is written */
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(items[i].fills, 1);
	open_device_store(f);
	struct device_rows h = read_device_rows();
	assert_int_equal(h.rows, 1000);
	assert_int_equal(h.wrong + h.broken, 0);
	assert_int_equal(h.first.first_seen_wall_ms, h.first.last_seen_wall_ms);
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.rows, 1000);
	assert_int_equal(c.damaged, 0);
	char path[512];
	struct stat st;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close_device_store(f);
}

static void test_other_part_survives_a_write(void **state)
{
	struct fixture *f = *state;
	open_device_store(f);
	struct item item = make_item(1);
	item.row.last_seen_wall_ms = 1000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	item.parts = DEVICE_ROW_PROFILE;
	item.row.serial[0] = item.row.key[0] = '\0';
	item.row.profile.rtt.srtt_ms = 500;
	item.row.last_seen_wall_ms = 4000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	struct device_rows h = read_device_rows();
	assert_int_equal(h.rows, 1);
	assert_string_equal(h.first.serial, "1");
	assert_string_equal(h.first.key, "serial:xerox/1");
	assert_int_equal(h.first.profile.rtt.srtt_ms, 500);
	assert_int_equal(h.first.profile.engine.id_len, 5);
	assert_int_equal(h.first.first_seen_wall_ms, 1000);
	assert_int_equal(h.first.last_seen_wall_ms, 4000);
	close_device_store(f);
}

static int on_event(void *owner, const struct device_event *event)
{
	unsigned *n = owner;
	assert_int_equal(event->wall_ms, *n);
	assert_int_equal(event->kind, DEVICE_EVENT_MOVED);
	assert_string_equal(event->detail, "from elsewhere");
	--*n;
	return 0;
}

/* The clock was wrong when it was seen last. */
static void test_last_seen_in_the_future_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct item item = make_item(1);
	open_device_store(f);
	item.row.last_seen_wall_ms = loop_wall_ms(f->loop) + UINT64_C(1000) * 86400000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	item.row.last_seen_wall_ms = 7000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	assert_int_equal(read_device_rows().first.last_seen_wall_ms, 7000);
	item.row.last_seen_wall_ms = 5000; /* but a later one does */
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	assert_int_equal(read_device_rows().first.last_seen_wall_ms, 7000);
	close_device_store(f);
}

static int count_event(void *owner, const struct device_event *event)
{
	unsigned *n = owner;
	(void)event;
	++*n;
	return 0;
}

static void test_events_come_newest_first(void **state)
{
	struct fixture *f = *state;
	open_device_store(f);
	for (unsigned i = 1; i <= 70; i++) {
		struct device_event e = {.wall_ms = i, .kind = DEVICE_EVENT_MOVED};
		(void)str_copy(e.detail, sizeof e.detail, "from elsewhere");
		device_store_add_event(store, &e);
	}
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.dropped, 70 - LIMIT_DEVICE_EVENTS_WAITING);
	close_device_store(f);
	struct db *view;
	assert_int_equal(device_store_view_open(&view, f->dir, store_why, sizeof store_why), 0);
	unsigned newest = LIMIT_DEVICE_EVENTS_WAITING;
	assert_int_equal(device_store_view_events(view, 10, on_event, &newest), 0);
	assert_int_equal(newest, LIMIT_DEVICE_EVENTS_WAITING - 10);
	db_close(view);
	assert_string_equal(
		device_event_name(DEVICE_EVENT_STOPPED_RESPONDING), "stopped-responding");
}

/* Flips one bit after another at places that follow from `seed`: the start succeeds, and whatever
 * comes back is true. */
static void test_damaged_file_opens_without_wrong_values(void **state)
{
	struct fixture *f = *state;
	static struct item items[200];
	size_t len, moved = 0, lost_parts = 0;
	open_device_store(f);
	put_many(items, 200);
	close_device_store(f);
	uint8_t *good = fixture_read_file(f, "discovery.db", &len);
	size_t rounds = test_count("DEVICE_STORE_DAMAGE");
	for (size_t i = 0; i < rounds; i++) {
		uint64_t x = record_step(i + 1);
		size_t at = (size_t)((x ^ x >> 31) * 0x9e3779b97f4a7c15u >> 20) % len;
		good[at] ^= (uint8_t)(1u << i % 8);
		fixture_write_file(f, "discovery.db", good, len);
		open_device_store(f);
		good[at] ^= (uint8_t)(1u << i % 8);
		if (store_opened == ERR_STORE_VERSION)
			continue; /* two fields of the header would have to agree: not by one bit */
		if (store_opened < 0)
			fail_msg("bit at %zu: %s: %s", at, err_text(store_opened), store_why);
		struct device_rows h = {0};
		int err = device_store_each(store, check_device_row, &h);
		assert_true(err == 0 || err == ERR_STORE_CORRUPT);
		assert_int_equal(h.wrong, 0);
		assert_true(store_opened == 0 || h.rows == 0);
		assert_true(store_opened == 0 || store_why[0] != '\0');
		moved += store_opened == 1;
		lost_parts += h.broken;
		struct item item = make_item(500);
		device_store_put(store, &item.put);
		close_device_store(f);
	}
	/* The test saw both kinds. */
	assert_true(moved > 0 && lost_parts > 0);
	free(good);
}

struct watch {
	struct due due;
	struct fixture *f;
};

static void on_watch(struct due *due)
{
	struct watch *w = container_of(due, struct watch, due);
	struct device_store_counts c;
	device_store_counts(store, &c);
	if (c.errors > 0)
		fixture_result(w->f, 0);
	else
		assert_int_equal(loop_due_set(w->f->loop, due, loop_now_ms(w->f->loop) + 5), 0);
}

/* Whatever waits is written when there is room again, the oldest first. */
static void test_full_disk_delays_writes(void **state)
{
	struct fixture *f = *state;
	struct watch watch = {.f = f};
	struct item item = make_item(3), later = make_item(4);
	struct device_event event = {.wall_ms = 5, .kind = DEVICE_EVENT_STOPPED_RESPONDING};
	fault_install();
	open_device_store(f);
	fault_arm_forever(FAULT_WRITE, SQLITE_FULL);
	device_store_put(store, &item.put);
	device_store_add_event(store, &event);
	due_init(&watch.due, on_watch);
	assert_int_equal(loop_due_set(f->loop, &watch.due, loop_now_ms(f->loop)), 0);
	f->has_result = false;
	(void)fixture_await(f);
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.last_err, -ENOSPC);
	assert_int_equal(c.written, 0);
	assert_true(fault_disarm());
	assert_int_equal(item.fills, 1);
	device_store_put(store, &later.put);
	close_device_store(f);
	open_device_store(f);
	struct device_rows h = read_device_rows();
	assert_int_equal(h.rows, 2);
	assert_int_equal(h.wrong + h.broken, 0);
	close_device_store(f);
	fault_remove();
	struct db *view;
	unsigned events = 0;
	assert_int_equal(device_store_view_open(&view, f->dir, store_why, sizeof store_why), 0);
	assert_int_equal(device_store_view_events(view, 10, count_event, &events), 0);
	assert_int_equal(events, 1);
	db_close(view);
}

static void test_view_without_file_is_enoent(void **state)
{
	struct fixture *f = *state;
	struct db *view;
	assert_int_equal(
		device_store_view_open(&view, f->dir, store_why, sizeof store_why), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_rows_survive_restart),
		fixture_test(test_other_part_survives_a_write),
		fixture_test(test_events_come_newest_first),
		fixture_test_fast(test_damaged_file_opens_without_wrong_values),
		fixture_test_fast(test_full_disk_delays_writes),
		fixture_test(test_last_seen_in_the_future_is_replaced),
		fixture_test(test_view_without_file_is_enoent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
