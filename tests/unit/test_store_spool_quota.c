/* SPDX-License-Identifier: Apache-2.0
 * A full spool: the oldest diagnostics go first, meters last; each is counted by its class; records
 * that a hub may have stay, and where only these are left, nothing more is taken. */
#include "proto/wire/pack.h"
#include "tests/kit/spool_fixture.h"

static struct slab blocks;

/* One record, about 1 kB. */
static int put_of(struct fixture *f, unsigned groups, const char *key, uint64_t total)
{
	static uint8_t bytes[LIMIT_RECORD];
	char text[900];
	struct reading r;
	struct buf b;
	assert_int_equal(slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	reading_open(&r, &blocks);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r.group[g].status = GROUP_COMPLETE;
	memset(text, 'x', sizeof text);
	r.state.console = (struct text){text, sizeof text};
	struct meter *m = reading_add_meter(&r);
	assert_non_null(m);
	m->name = METER_IMPRESSIONS_TOTAL;
	m->value = total;
	struct record_head head = {.seq = spool_next_seq(f->spool),
		.read_at_ms = UINT64_C(1790000000000) + spool_next_seq(f->spool),
		.device_key = text_of(key)};
	buf_over(&b, bytes, sizeof bytes);
	assert_int_equal(record_pack(&b, &head, &r, groups | 1u << GROUP_STATE), 0);
	reading_close(&r);
	slab_close(&blocks);
	struct fixture_put *p = calloc(1, sizeof *p);
	assert_non_null(p);
	p->f = f;
	p->put.on_kept = fixture_on_kept;
	int err = spool_put(f->spool, &p->put, b.data, b.len);
	if (err < 0) {
		free(p);
		return err;
	}
	f->out++;
	fixture_settle(f);
	return 0;
}

/* Of a device of its own. */
static int put(struct fixture *f, unsigned groups)
{
	char key[40];
	(void)snprintf(
		key, sizeof key, "serial:sim/%llu", (unsigned long long)spool_next_seq(f->spool));
	return put_of(f, groups, key, 1000);
}

enum { METERS = 1u << GROUP_METERS, SUPPLIES = 1u << GROUP_SUPPLIES };

static struct spool_counts counts_of(const struct fixture *f)
{
	struct spool_counts c;
	spool_counts(f->spool, &c);
	const struct spool_balance *b = &c.balance;
	uint64_t dropped = b->dropped[0] + b->dropped[1] + b->dropped[2];
	assert_int_equal(
		b->kept, b->receipted + c.pending + b->superseded + b->quarantined + dropped);
	return c;
}

static void test_full_spool_drops_diagnostics_first_and_meters_last(void **state)
{
	static const unsigned kinds[] = {METERS, SUPPLIES, 0, METERS | SUPPLIES};
	struct fixture *f = *state;
	struct spool_counts c = {0};
	f->max_bytes = 64000;
	fixture_open(f);
	for (unsigned i = 0; i < 60; i++)
		assert_int_equal(put(f, kinds[i % 4]), 0);
	c = counts_of(f);
	assert_true(c.pending_bytes <= f->max_bytes);
	assert_int_equal(c.balance.kept, 60);
	assert_int_equal(c.balance.dropped[SPOOL_DIAGNOSTICS], 0);
	/* As many diagnostics as there are, then as many supplies; then only meters are left. */
	while (c.balance.dropped[SPOOL_DIAGNOSTICS] < 15) {
		assert_int_equal(put(f, METERS), 0);
		c = counts_of(f);
		assert_int_equal(c.balance.dropped[SPOOL_METERS], 0);
		assert_true(c.balance.dropped[SPOOL_SUPPLIES] == 0 ||
			    c.balance.dropped[SPOOL_DIAGNOSTICS] == 15);
	}
	while (c.balance.dropped[SPOOL_SUPPLIES] < 15) {
		assert_int_equal(put(f, METERS), 0);
		c = counts_of(f);
		assert_true(c.balance.dropped[SPOOL_METERS] == 0 ||
			    c.balance.dropped[SPOOL_SUPPLIES] == 15);
	}
	while (c.balance.dropped[SPOOL_METERS] < 5) {
		assert_int_equal(put(f, METERS), 0);
		c = counts_of(f);
		assert_true(c.pending_bytes <= f->max_bytes);
	}
	fixture_close(f);
	fixture_open(f); /* the counters survive a restart */
	assert_int_equal(counts_of(f).balance.kept, c.balance.kept);
	assert_int_equal(counts_of(f).balance.dropped[SPOOL_DIAGNOSTICS], 15);
	fixture_close(f);
}

/* Each of them counts, as its meters fall and rise. */
static void test_printer_with_many_meters_drops_its_own_first(void **state)
{
	struct fixture *f = *state;
	f->max_bytes = 28000;
	fixture_open(f);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(put(f, METERS), 0);
	for (unsigned i = 0; i < 300; i++)
		assert_int_equal(put_of(f, METERS, "serial:sim/restless", 1000 - i % 2 * 500), 0);
	struct spool_counts c = counts_of(f);
	assert_true(c.balance.dropped[SPOOL_METERS] > 0);
	assert_true(c.pending_bytes <= f->max_bytes);
	assert_int_equal(fixture_peek(f, 20), 0);
	assert_int_equal(f->batch.count, 20);
	assert_int_equal(f->batch.first, 1);
	assert_int_equal(f->batch.last, 20);
	fixture_close(f);
}

/* Of a sync that failed: later polls do not supersede them, and the quota drops them before what
 * is newer. */
static void test_frozen_records_stay_until_the_spool_is_full(void **state)
{
	enum { SYNCS = 3, POLLS = 4 };
	struct fixture *f = *state;
	struct spool_counts c;
	f->max_bytes = 28000;
	fixture_open(f);
	for (unsigned sync = 0; sync < SYNCS; sync++) {
		for (unsigned i = 0; i < POLLS; i++)
			assert_int_equal(put_of(f, METERS, "serial:sim/one", 1000), 0);
		c = counts_of(f);
		assert_int_equal(c.pending, sync + 1);
		assert_int_equal(fixture_freeze(f), 0);
	}
	assert_int_equal(c.balance.superseded, SYNCS * (POLLS - 1));
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(put_of(f, METERS, "serial:sim/one", 1000), 0);
	assert_int_equal(counts_of(f).pending, SYNCS + 1);
	while (c.balance.dropped[SPOOL_METERS] == 0) {
		assert_int_equal(put(f, METERS), 0);
		c = counts_of(f);
	}
	assert_int_equal(fixture_peek(f, 1), 0);
	assert_in_range(f->batch.first, POLLS + 1, SYNCS * POLLS + 1);
	fixture_close(f);
}

static void test_records_handed_out_stay_in_a_full_spool(void **state)
{
	struct fixture *f = *state;
	f->max_bytes = 16000;
	fixture_open(f);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(put(f, 0), 0);
	assert_int_equal(fixture_peek(f, 100), 0);
	assert_int_equal(f->batch.count, 10);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(put(f, METERS), 0);
	struct spool_counts c = counts_of(f);
	assert_int_equal(c.balance.dropped[SPOOL_DIAGNOSTICS], 0);
	assert_true(c.balance.dropped[SPOOL_METERS] >= 14);
	assert_int_equal(fixture_peek(f, 100), 0);
	assert_int_equal(f->batch.first, 1);
	assert_true(f->batch.count >= 10 && f->batch.last == 30);
	/* Now all were handed out: another one has room or is refused, none goes. */
	uint64_t dropped = c.balance.dropped[SPOOL_METERS];
	int err = 0;
	for (unsigned i = 0; i < 20 && err == 0; i++) {
		assert_int_equal(fixture_peek(f, 100), 0);
		err = put(f, METERS);
	}
	assert_int_equal(err, ERR_FULL);
	assert_int_equal(counts_of(f).balance.dropped[SPOOL_METERS], dropped);
	/* A receipt makes room, and says that the hub was told. */
	struct spool_done done = {.last = f->batch.last,
		.is_receipted = true,
		.dropped_told = {0, 0, dropped},
		.rejected = 1};
	assert_int_equal(fixture_run_done(f, &done), 0);
	c = counts_of(f);
	assert_int_equal(c.pending, 0);
	assert_int_equal(c.balance.dropped_told[SPOOL_METERS], dropped);
	assert_int_equal(c.balance.quarantined, 1);
	assert_int_equal(c.receipted_upto, f->batch.last);
	assert_int_equal(put(f, METERS), 0);
	fixture_close(f);
}

static void test_spool_without_dropping_refuses_when_full(void **state)
{
	struct fixture *f = *state;
	f->max_bytes = 16000;
	fixture_open(f);
	spool_set_dropping(f->spool, false);
	int err = 0;
	unsigned count = 0;
	while ((err = put(f, 0)) == 0)
		count++;
	assert_int_equal(err, ERR_FULL);
	struct spool_counts c = counts_of(f);
	assert_int_equal(c.pending, count);
	assert_true(count > 0 && c.pending_bytes <= f->max_bytes);
	spool_set_dropping(f->spool, true);
	assert_int_equal(put(f, 0), 0);
	c = counts_of(f);
	assert_int_equal(c.balance.kept, count + 1);
	assert_true(c.balance.dropped[SPOOL_DIAGNOSTICS] > 0);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_full_spool_drops_diagnostics_first_and_meters_last),
		fixture_test_fast(test_printer_with_many_meters_drops_its_own_first),
		fixture_test_fast(test_frozen_records_stay_until_the_spool_is_full),
		fixture_test_fast(test_records_handed_out_stay_in_a_full_spool),
		fixture_test_fast(test_spool_without_dropping_refuses_when_full),
	};
	return cmocka_run_group_tests_name("store/spool_quota", tests, NULL, NULL);
}
