/* SPDX-License-Identifier: Apache-2.0
 * While a user pages through `platen report`, the daemon's WAL can restart. */
#include "proto/base/slab.h"
#include "engine/store/spool_internal.h"
#include "engine/store/spool_view.h"
#include "proto/wire/pack.h"

#include "tests/kit/spool_fixture.h"

static void put_device(struct fixture *f, unsigned device, struct slab *blocks)
{
	static uint8_t bytes[LIMIT_RECORD];
	char key[32];
	struct buf b;
	struct reading r;
	(void)snprintf(key, sizeof key, "serial:sim/%u", device);
	reading_open(&r, blocks);
	for (int g = 0; g < GROUP_COUNT; g++)
		r.group[g] = (struct group_info){
			.status = GROUP_COMPLETE, .requested_at_ms = 1000, .responded_at_ms = 1001};
	struct record_head head = {
		.seq = spool_next_seq(f->spool), .read_at_ms = 1002, .device_key = text_of(key)};
	buf_over(&b, bytes, sizeof bytes);
	assert_int_equal(record_pack(&b, &head, &r, ALL_GROUPS), 0);
	reading_close(&r);
	struct fixture_put *p = calloc(1, sizeof *p);
	assert_non_null(p);
	p->f = f;
	p->put.on_kept = fixture_on_kept;
	assert_int_equal(spool_put(f->spool, &p->put, b.data, b.len), 0);
	f->out++;
}

static int checkpoint(void *owner, const struct spool_latest *latest)
{
	struct fixture *f = owner;
	(void)latest;
	return db_checkpoint(f->spool->disk.db);
}

static void test_slow_reader_does_not_hold_the_wal(void **state)
{
	struct fixture *f = *state;
	struct slab blocks;
	char why[LIMIT_WHY] = "";
	assert_int_equal(slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	fixture_open(f);
	put_device(f, 1, &blocks);
	put_device(f, 2, &blocks);
	fixture_settle(f);
	assert_int_equal(
		spool_each_latest(f->dir, checkpoint, f, why, sizeof why), 2 * GROUP_COUNT);
	fixture_close(f);
	slab_close(&blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_slow_reader_does_not_hold_the_wal),
	};
	return cmocka_run_group_tests_name("store/spool, read slowly", tests, NULL, NULL);
}
