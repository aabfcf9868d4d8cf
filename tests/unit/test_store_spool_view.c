/* SPDX-License-Identifier: Apache-2.0
 * The latest state of every group of every device, as `platen report` sees it: from real records,
 * the newest of each group, also after a restart and a salvage, and never a damaged one. */
#include "proto/base/slab.h"
#include "engine/store/spool.h"
#include "engine/store/spool_view.h"
#include "proto/wire/pack.h"

#include "tests/kit/spool_fixture.h"

enum { DEVICES = 12 }; /* as text, 10.0.0.10 is before 10.0.0.2 */

static struct slab blocks;

/* A reading of a device in which every group says `value` somewhere. */
static void put_reading(struct fixture *f, unsigned device, unsigned mask, uint64_t value)
{
	static uint8_t bytes[LIMIT_RECORD];
	char key[32], address[32], model[32];
	(void)snprintf(key, sizeof key, "serial:sim/%u", device);
	(void)snprintf(address, sizeof address, "10.0.0.%u:161", device);
	(void)snprintf(model, sizeof model, "model %llu", (unsigned long long)value);
	struct reading r;
	reading_open(&r, &blocks);
	for (int g = 0; g < GROUP_COUNT; g++)
		r.group[g] = (struct group_info){.status = GROUP_COMPLETE,
			.requested_at_ms = 1000 * value,
			.responded_at_ms = 1000 * value + 1};
	r.identity.model = reading_text(&r, (const uint8_t *)model, strlen(model), LIMIT_TEXT);
	struct meter *m = reading_add_meter(&r);
	struct supply *s = reading_add_supply(&r);
	assert_non_null(m);
	struct option *o = reading_add_option(&r);
	struct maintenance *part = reading_add_maintenance(&r);
	assert_non_null(s);
	assert_non_null(o);
	assert_non_null(part);
	o->index = (uint32_t)value;
	r.pages_per_minute = (uint16_t)value;
	part->used = (int64_t)value;
	m->name = METER_IMPRESSIONS_TOTAL;
	m->value = value;
	s->index = 1;
	s->has_level = true;
	s->level = (int32_t)value;
	r.state.all_events = (uint32_t)value;
	struct record_head head = {.seq = spool_next_seq(f->spool),
		.read_at_ms = 1000 * value + 2,
		.address = text_of(address),
		.device_key = text_of(key)};
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	assert_int_equal(record_pack(&b, &head, &r, mask), 0);
	reading_close(&r);
	struct fixture_put *p = calloc(1, sizeof *p);
	assert_non_null(p);
	p->f = f;
	p->put.on_kept = fixture_on_kept;
	assert_int_equal(spool_put(f->spool, &p->put, b.data, b.len), 0);
	f->out++;
}

struct seen {
	uint64_t value[DEVICES + 1][GROUP_COUNT];
	unsigned rows;
	unsigned last_device;
	int last_group;
	int stop_after;
};

static uint64_t value_of(const struct spool_latest *l)
{
	struct reading r;
	uint64_t value = 0;
	reading_open(&r, &blocks);
	assert_int_equal(record_group_unpack(&r, l->group, l->read_at_ms, l->bytes, l->len), 0);
	switch (l->group) {
	case GROUP_IDENTITY:
		value = strtoull(r.identity.model.p + strlen("model "), NULL, 10);
		break;
	case GROUP_METERS:
		value = r.meters->value;
		break;
	case GROUP_SUPPLIES:
		value = (uint64_t)r.supplies->level;
		break;
	case GROUP_STATE:
		value = r.state.all_events;
		break;
	case GROUP_OPTIONS:
		value = r.options->index;
		break;
	case GROUP_MEDIA:
		value = r.pages_per_minute;
		break;
	case GROUP_MAINTENANCE:
		value = (uint64_t)r.maintenance->used;
		break;
	case GROUP_ALERTS:
	case GROUP_COUNT:
		value = l->read_at_ms / 1000; /* no rows; the time says it */
		break;
	}
	reading_close(&r);
	return value;
}

static int see(void *owner, const struct spool_latest *l)
{
	struct seen *s = owner;
	char text[300];
	(void)snprintf(text, sizeof text, "%.*s", TEXT_ARG(l->device_key));
	unsigned device = (unsigned)strtoul(text + strlen("serial:sim/"), NULL, 10);
	assert_in_range(device, 1, DEVICES);
	(void)snprintf(text, sizeof text, "10.0.0.%u:161", device);
	assert_true(text_is(l->address, text));
	/* Devices by address; all groups of one device in a row, by group. */
	assert_true(device >= s->last_device);
	if (device == s->last_device)
		assert_true((int)l->group > s->last_group);
	else
		assert_int_equal(s->value[device][GROUP_STATE], 0);
	s->last_device = device;
	s->last_group = (int)l->group;
	uint64_t value = value_of(l);
	assert_int_equal(l->read_at_ms, 1000 * value + 2);
	s->value[device][l->group] = value;
	s->rows++;
	return s->rows == (unsigned)s->stop_after ? ERR_STOPPED : 0;
}

static struct seen look(const struct fixture *f)
{
	struct seen s = {.rows = 0};
	char why[LIMIT_WHY] = "";
	int rows = spool_each_latest(f->dir, see, &s, why, sizeof why);
	if (rows < 0)
		fail_msg("spool_each_latest: %s", why);
	assert_int_equal(rows, s.rows);
	return s;
}

static void test_newest_of_each_group_is_shown(void **state)
{
	struct fixture *f = *state;
	const unsigned all = (1u << GROUP_COUNT) - 1;
	fixture_open(f);
	for (unsigned d = 1; d <= DEVICES; d++)
		put_reading(f, d, all, 10 + d);
	fixture_settle(f);
	put_reading(f, 3, 1u << GROUP_METERS, 500);
	put_reading(f, 3, 1u << GROUP_METERS | 1u << GROUP_STATE, 501);
	fixture_settle(f);
	assert_int_equal(f->failed, 0);
	struct seen s = look(f);
	assert_int_equal(s.rows, DEVICES * GROUP_COUNT);
	assert_int_equal(s.value[3][GROUP_METERS], 501);
	assert_int_equal(s.value[3][GROUP_STATE], 501);
	assert_int_equal(s.value[3][GROUP_SUPPLIES], 13);
	assert_int_equal(s.value[3][GROUP_OPTIONS], 13);
	assert_int_equal(s.value[3][GROUP_MEDIA], 13);
	assert_int_equal(s.value[3][GROUP_MAINTENANCE], 13);
	assert_int_equal(s.value[3][GROUP_IDENTITY], 13);
	assert_int_equal(s.value[7][GROUP_METERS], 17);
	/* Receipted records leave the state behind. */
	assert_int_equal(fixture_done(f, 100), 0);
	fixture_close(f);
	s = look(f);
	assert_int_equal(s.rows, DEVICES * GROUP_COUNT);
	s = (struct seen){.stop_after = 4};
	char why[LIMIT_WHY] = "";
	assert_int_equal(spool_each_latest(f->dir, see, &s, why, sizeof why), ERR_STOPPED);
	assert_int_equal(s.rows, 4);
}

/* The devices that are shown, as bits. */
static unsigned shown(const struct fixture *f)
{
	struct seen s = look(f);
	unsigned mask = 0;
	for (unsigned d = 1; d <= DEVICES; d++)
		mask |= s.value[d][GROUP_METERS] > 0 ? 1u << d : 0;
	return mask;
}

static void test_oldest_devices_go_beyond_the_bound(void **state)
{
	struct fixture *f = *state;
	const unsigned groups = 1u << GROUP_METERS | 1u << GROUP_STATE;
	f->max_devices = 6;
	fixture_open(f);
	for (unsigned d = 1; d <= DEVICES; d++)
		put_reading(f, d, groups, 10 + d);
	fixture_settle(f);
	/* The next records of these are compared with this state: it stays. */
	assert_int_equal(shown(f), 0x1ffe);
	assert_int_equal(fixture_done(f, DEVICES), 0);
	put_reading(f, 1, groups, 100);
	fixture_settle(f);
	assert_int_equal(shown(f), 1u << 1 | 0x1f00);
	put_reading(f, 1, groups, 101);
	fixture_settle(f);
	assert_int_equal(shown(f), 1u << 1 | 0x1f00);
	fixture_close(f);
	fixture_open(f); /* they are counted at the start */
	put_reading(f, 2, groups, 102);
	put_reading(f, 3, groups, 103);
	fixture_settle(f);
	assert_int_equal(f->failed, 0);
	assert_int_equal(shown(f), 1u << 1 | 1u << 2 | 1u << 3 | 0x1c00);
	fixture_close(f);
}

static void test_damaged_rows_are_left_out(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	put_reading(f, 1, 1u << GROUP_METERS, 11);
	put_reading(f, 2, 1u << GROUP_METERS, 12);
	put_reading(f, 3, 1u << GROUP_STATE, 13);
	fixture_settle(f);
	fixture_close(f);
	fixture_exec(f, "UPDATE latest SET frame = substr(frame, 1, length(frame) - 3) || x'ff00ff'"
			" WHERE id IN (SELECT id FROM latest ORDER BY id LIMIT 1)");
	struct seen s = look(f);
	assert_int_equal(s.rows, 2);
	fixture_exec(f, "UPDATE latest SET frame = (SELECT frame FROM meta_a)");
	assert_int_equal(look(f).rows, 0);
}

static void test_latest_record_survives_a_salvage(void **state)
{
	struct fixture *f = *state;
	fixture_open(f);
	for (unsigned d = 1; d <= DEVICES; d++) {
		put_reading(f, d, 1u << GROUP_METERS, 20 + d);
		fixture_settle(f);
		put_reading(f, d, 1u << GROUP_METERS, 40 + d);
		fixture_settle(f);
	}
	fixture_close(f);
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db", &len);
	bytes[20] ^= 0x40; /* reserved bytes of each page: no page fits any more */
	bytes[17] ^= 0x40;
	fixture_write_file(f, "store.db", bytes, len);
	free(bytes);
	fixture_open(f);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.salvages, 1);
	assert_int_equal(c.pending, 2 * DEVICES);
	struct seen s = look(f);
	assert_int_equal(s.rows, DEVICES);
	for (unsigned d = 1; d <= DEVICES; d++)
		assert_int_equal(s.value[d][GROUP_METERS], 40 + d);
	fixture_close(f);
}

/* Killed, with several versions of each row in the WAL, and one page of it damaged. */
static void test_newest_version_is_salvaged(void **state)
{
	struct fixture *f = *state;
	uint8_t value[8];
	fixture_open(f);
	for (unsigned i = 1; i <= 9; i++) {
		put_reading(f, 1, 1u << GROUP_METERS, 100 * i);
		fixture_settle(f);
		assert_int_equal(spool_set_value(f->spool, "count", &i, sizeof i), 0);
	}
	fixture_copy_file(f, "store.db", "killed.db");
	fixture_copy_file(f, "store.db-wal", "killed.db-wal");
	fixture_close(f);
	fixture_forget_files(f);
	fixture_rename(f, "killed.db", "store.db");
	fixture_rename(f, "killed.db-wal", "store.db-wal");
	size_t len;
	uint8_t *bytes = fixture_read_file(f, "store.db-wal", &len);
	bytes[32 + 3 * (4096 + 24) + 100] ^= 1;
	fixture_write_file(f, "store.db-wal", bytes, len);
	free(bytes);
	fixture_open(f);
	struct spool_counts c;
	spool_counts(f->spool, &c);
	assert_int_equal(c.salvages, 1);
	assert_int_equal(c.pending, 9);
	unsigned count = 0;
	assert_int_equal(spool_get_value(f->spool, "count", value, sizeof value), sizeof count);
	memcpy(&count, value, sizeof count);
	assert_int_equal(count, 9);
	assert_int_equal(look(f).value[1][GROUP_METERS], 900);
	fixture_close(f);
}

static int open_slab(void **state)
{
	(void)state;
	return slab_open(&blocks, LIMIT_ARENA_BLOCK, 64);
}

static int close_slab(void **state)
{
	(void)state;
	slab_close(&blocks);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_fast(test_newest_of_each_group_is_shown),
		fixture_test_fast(test_oldest_devices_go_beyond_the_bound),
		fixture_test_fast(test_damaged_rows_are_left_out),
		fixture_test_fast(test_latest_record_survives_a_salvage),
		fixture_test_fast(test_newest_version_is_salvaged),
	};
	return cmocka_run_group_tests_name("store/spool, looked at", tests, open_slab, close_slab);
}
