/* SPDX-License-Identifier: Apache-2.0
 * The ledger of a daemon: entries are written in order behind the loop, wait while the disk refuses
 * them, and those beyond the maximum are counted in an entry of their own. */
#include "engine/store/audit_queue.h"

#include "tests/kit/spool_fixture.h"

#include <errno.h>
#include <sys/stat.h>

struct world {
	struct fixture *f;
	struct audit_queue *queue;
};

static void on_closed(void *owner)
{
	struct world *w = owner;
	w->queue = NULL;
	fixture_result(w->f, 0);
}

static void open_queue(struct world *w, struct fixture *f)
{
	w->f = f;
	fixture_open(f); /* for its loop and workers */
	assert_int_equal(audit_queue_open(&w->queue, f->loop, f->workers, f->dir), 0);
}

static void forget_ledger(const struct fixture *f)
{
	static const char *const names[] = {"audit-00000001.log", "audit.head"};
	char path[512];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		fixture_path(f, path, names[i]);
		(void)unlink(path);
	}
}

static void close_queue(struct world *w)
{
	w->f->has_result = false;
	audit_queue_close(w->queue, on_closed, w);
	assert_non_null(w->queue); /* never before it has returned */
	assert_int_equal(fixture_await(w->f), 0);
	fixture_close(w->f);
}

static void add(struct world *w, unsigned number)
{
	struct audit_entry e;
	audit_entry_set(
		&e, UINT64_C(1790000000000) + number, AUDIT_SYNC, "agent1", 0, "number=%u", number);
	audit_queue_add(w->queue, &e);
}

struct seen {
	unsigned entries, lost, configs, out_of_order, next;
};

static int on_entry(void *owner, const struct audit_entry *e)
{
	struct seen *s = owner;
	unsigned number;
	s->lost += e->kind == AUDIT_LOST;
	s->configs += e->kind == AUDIT_CONFIG;
	if (e->kind != AUDIT_SYNC)
		return 0;
	assert_int_equal(sscanf(e->what, "number=%u", &number), 1);
	s->out_of_order += number != s->next;
	s->next = number + 1;
	s->entries++;
	return 0;
}

static struct seen read_ledger(const struct fixture *f)
{
	struct seen s = {0};
	struct audit_totals totals;
	const struct audit_reader r = {.on_entry = on_entry, .owner = &s};
	assert_int_equal(audit_read(f->dir, &r, &totals), 0);
	assert_int_equal(totals.faults, 0);
	return s;
}

static void test_entries_are_written_in_order(void **state)
{
	struct world w;
	struct audit_counts c;
	open_queue(&w, *state);
	for (unsigned i = 0; i < 50; i++)
		add(&w, i);
	audit_queue_add(NULL, NULL);
	audit_queue_counts(w.queue, &c);
	assert_int_equal(c.waiting, 50);
	close_queue(&w);
	struct seen s = read_ledger(w.f);
	assert_int_equal(s.entries, 50);
	assert_int_equal(s.out_of_order + s.lost, 0);
	forget_ledger(w.f);
}

static void test_entries_wait_while_the_disk_refuses_them(void **state)
{
	struct world w;
	char path[512];
	open_queue(&w, *state);
	/* A directory in place of the first segment. */
	fixture_path(w.f, path, "audit-00000001.log");
	assert_int_equal(mkdir(path, 0700), 0);
	for (unsigned i = 0; i < LIMIT_AUDIT_PENDING + 5; i++)
		add(&w, i);
	struct audit_counts c;
	audit_queue_counts(w.queue, &c);
	assert_int_equal(c.waiting, LIMIT_AUDIT_PENDING);
	assert_int_equal(c.lost, 5);
	/* A job behind the one that fails, then one behind its repetition. */
	assert_int_equal(fixture_done(w.f, 0), 0);
	audit_queue_counts(w.queue, &c);
	assert_true(c.err < 0);
	assert_int_equal(rmdir(path), 0);
	close_queue(&w);
	struct seen s = read_ledger(w.f);
	assert_int_equal(s.entries, LIMIT_AUDIT_PENDING);
	assert_int_equal(s.out_of_order, 0);
	assert_int_equal(s.lost, 1);
	forget_ledger(w.f);
}

static void test_configuration_has_an_entry_when_it_changed(void **state)
{
	struct world w;
	const uint8_t digests[][AUDIT_DIGEST] = {{1}, {1}, {2}};
	for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
		open_queue(&w, *state);
		audit_queue_add_config(w.queue, digests[i], "platen.yaml");
		close_queue(&w);
	}
	assert_int_equal(read_ledger(w.f).configs, 2);
	forget_ledger(w.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_entries_are_written_in_order),
		fixture_test_fast(test_entries_wait_while_the_disk_refuses_them),
		fixture_test_fast(test_configuration_has_an_entry_when_it_changed),
	};
	return cmocka_run_group_tests_name("audit queue", tests, NULL, NULL);
}
