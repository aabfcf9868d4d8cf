/* SPDX-License-Identifier: Apache-2.0
 * Records: what goes in comes out again, for thousands of random readings; every cut and many
 * changed bytes are refused or understood, never more; full buffers, limits, newer agents. */
#include "proto/wire/pack.h"
#include "tests/counts.h"
#include "tests/kit/record_check.h"
#include "tests/unit/blocks.h"
#include "tests/kit/same_reading.h"
#include "tests/vectors/readings.h"

static const struct record_head plain_head = {.seq = 41,
	.read_at_ms = 1795352800123,
	.policy_id = 1,
	.is_full = true,
	.address = {"192.0.2.17", 10},
	.device_key = {"serial:xerox/3TX123456", 22}};

static void same_head(const struct record_head *a, const struct record_head *b)
{
	assert_true(a->seq == b->seq);
	assert_true(a->read_at_ms == b->read_at_ms);
	SAME(a->policy_id, b->policy_id);
	SAME(a->is_full, b->is_full);
	SAME(a->age_ms, b->age_ms);
	same_text(a->address, b->address);
	same_text(a->device_key, b->device_key);
}

static uint8_t room[LIMIT_RECORD + 16];

static void test_record_round_trips(void **state)
{
	(void)state;
	uint64_t rounds = test_count("RECORDS");
	for (uint64_t seed = 1; seed <= rounds; seed++) {
		uint64_t s = seed;
		struct reading in, out;
		reading_open(&in, &blocks);
		reading_open(&out, &blocks);
		struct record_head head = plain_head;
		head.seq = dice(&s) >> 1;
		head.is_full = dice(&s) & 1;
		head.policy_id = (uint32_t)dice_wide(&s, 32);
		head.age_ms = (uint32_t)dice_wide(&s, 32);
		reading_make_wild(&in, seed, head.read_at_ms);
		unsigned mask = (unsigned)dice(&s) & ALL_GROUPS;
		struct buf b;
		buf_over(&b, room, sizeof room);
		assert_int_equal(record_pack(&b, &head, &in, mask), 0);

		assert_int_equal(record_check(b.data, b.len), b.len);
		struct record_head head_out;
		unsigned mask_out;
		assert_int_equal(record_unpack(&head_out, &out, &mask_out, b.data, b.len), b.len);
		assert_int_equal(mask, mask_out);
		same_head(&head, &head_out);
		same_reading(&in, &out, mask);
		for (int g = 0; g < GROUP_COUNT; g++) {
			if (mask >> g & 1)
				assert_true(record_group_digest(&in, (enum reading_group)g) ==
					    record_group_digest(&out, (enum reading_group)g));
		}
		reading_close(&in);
		reading_close(&out);
	}
}

static void test_groups_are_found_and_read_alone(void **state)
{
	(void)state;
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_open(&out, &blocks);
	reading_make_printer(&in, 7, 3, plain_head.read_at_ms);
	unsigned mask = 1u << GROUP_METERS | 1u << GROUP_STATE;
	struct buf b;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &plain_head, &in, mask), 0);
	struct record_head head;
	struct record_span span[GROUP_COUNT];
	assert_int_equal(record_spans(&head, span, b.data, b.len), b.len);
	same_head(&plain_head, &head);
	assert_int_equal(span[GROUP_IDENTITY].len, 0);
	assert_int_equal(span[GROUP_SUPPLIES].len, 0);
	assert_true(span[GROUP_METERS].len > 20 * 8);
	for (int g = 0; g < GROUP_COUNT; g++) {
		if (span[g].len > 0)
			assert_int_equal(record_group_unpack(&out, (enum reading_group)g,
						 head.read_at_ms, span[g].p, span[g].len),
				0);
	}
	same_reading(&in, &out, mask);
	assert_int_equal(record_group_unpack(&out, GROUP_STATE, 0, span[GROUP_STATE].p,
				 span[GROUP_STATE].len - 1),
		ERR_SHORT);
	uint8_t more[256];
	memcpy(more, span[GROUP_STATE].p, span[GROUP_STATE].len);
	more[span[GROUP_STATE].len] = 0;
	assert_int_equal(record_group_unpack(&out, GROUP_STATE, 0, more, span[GROUP_STATE].len + 1),
		ERR_FORMAT);
	reading_close(&in);
	reading_close(&out);
}

static void test_every_truncation_is_short(void **state)
{
	(void)state;
	struct reading in;
	reading_open(&in, &blocks);
	reading_make_printer(&in, 3, 1, plain_head.read_at_ms);
	struct buf b;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &plain_head, &in, ALL_GROUPS), 0);
	for (size_t n = 0; n < b.len; n++) {
		/* A copy of exactly n bytes, so that a read beyond them is seen. */
		uint8_t *cut = malloc(n == 0 ? 1 : n);
		assert_non_null(cut);
		memcpy(cut, b.data, n);
		assert_int_equal(record_check(cut, n), ERR_SHORT);
		free(cut);
	}
	reading_close(&in);
}

static void test_changed_bytes_keep_every_limit(void **state)
{
	(void)state;
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_make_printer(&in, 3, 1, plain_head.read_at_ms);
	struct buf b;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &plain_head, &in, ALL_GROUPS), 0);
	uint64_t seed = 99;
	unsigned refused = 0;
	for (int i = 0; i < 20000; i++) {
		size_t at = dice_below(&seed, b.len);
		uint8_t was = b.data[at];
		b.data[at] = (uint8_t)dice(&seed);
		struct record_head head;
		unsigned mask;
		reading_open(&out, &blocks);
		int checked = record_check(b.data, b.len);
		int taken = record_unpack(&head, &out, &mask, b.data, b.len);
		assert_int_equal(checked, taken);
		assert_true(taken <= (int)b.len);
		refused += taken < 0;
		reading_close(&out);
		b.data[at] = was;
	}
	/* Most bytes are text and numbers, where any value is as good as another. */
	assert_true(refused > 500);
	reading_close(&in);
}

static void test_full_buffer_stays_unchanged(void **state)
{
	(void)state;
	struct reading in;
	reading_open(&in, &blocks);
	reading_make_printer(&in, 1, 1, plain_head.read_at_ms);
	struct buf b;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &plain_head, &in, ALL_GROUPS), 0);
	size_t need = b.len;
	for (size_t cap = 0; cap < need + 3; cap += 7) {
		uint8_t small[8192];
		buf_over(&b, small, cap + 3);
		assert_int_equal(buf_put(&b, "abc", 3), 0);
		assert_int_equal(
			record_pack(&b, &plain_head, &in, ALL_GROUPS), cap < need ? ERR_FULL : 0);
		if (cap < need)
			assert_int_equal(b.len, 3);
		assert_memory_equal(small, "abc", 3);
	}
	reading_close(&in);
}

static void test_oversized_record_is_refused(void **state)
{
	(void)state;
	/* Every row of every table, every text at its longest: more than LIMIT_RECORD. */
	static char longest[LIMIT_TEXT];
	memset(longest, 'x', sizeof longest);
	struct text t = {longest, sizeof longest};
	struct reading in;
	struct slab many;
	assert_int_equal(slab_open(&many, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	reading_open(&in, &many);
	for (int i = 0; i < LIMIT_METERS; i++) {
		struct meter *m = reading_add_meter(&in);
		assert_non_null(m);
		m->label = t;
	}
	assert_null(reading_add_meter(&in));
	for (int i = 0; i < LIMIT_SUPPLIES; i++) {
		struct supply *s = reading_add_supply(&in);
		assert_non_null(s);
		s->description = s->part = t;
	}
	assert_null(reading_add_supply(&in));
	struct buf b;
	buf_open(&b, 4 * LIMIT_RECORD);
	assert_int_equal(record_pack(&b, &plain_head, &in, ALL_GROUPS), ERR_FULL);
	assert_int_equal(b.len, 0);
	assert_int_equal(record_pack(&b, &plain_head, &in, 1u << GROUP_METERS), 0);
	/* And a foreign one of that size is refused before it is read. */
	assert_int_equal(record_check(b.data, b.len), b.len);
	buf_clear(&b);
	static const uint8_t start[] = {0x82, 0x01, 0x01, 0x20, 0xc6, 0x00, 0x01, 0x00, 0x01};
	assert_int_equal(buf_put(&b, start, 3), 0);
	static const uint8_t key_and_bin[] = {0x3f, 0xc6, 0x00, 0x01, 0x00, 0x01};
	assert_int_equal(buf_put(&b, key_and_bin, sizeof key_and_bin), 0);
	assert_int_equal(buf_reserve(&b, LIMIT_RECORD + 1), 0);
	memset(b.data + b.len, 0, LIMIT_RECORD + 1);
	b.len += LIMIT_RECORD + 1;
	assert_int_equal(record_check(b.data, b.len), ERR_LIMIT);
	buf_close(&b);
	reading_close(&in);
	slab_close(&many);
}

static void test_texts_are_cut_between_characters(void **state)
{
	(void)state;
	char name[LIMIT_TEXT + 3];
	for (size_t i = 0; i + 1 < sizeof name; i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	struct reading in, out;
	reading_open(&in, &blocks);
	reading_open(&out, &blocks);
	in.identity.model = (struct text){name, LIMIT_TEXT + 3};
	struct buf b;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &plain_head, &in, 1u << GROUP_IDENTITY), 0);
	struct record_head head;
	unsigned mask;
	assert_true(record_unpack(&head, &out, &mask, b.data, b.len) > 0);
	assert_int_equal(out.identity.model.len, LIMIT_TEXT - 1);
	reading_close(&in);
	reading_close(&out);
}

static void test_odd_oids_and_macs_are_sent_as_text(void **state)
{
	(void)state;
	static const char *const oids[] = {"1", "1.40.1", "3.1", "1.3.4294967296", "1.3..1",
		"1.3.01", "1.3.", ".1.3.6", "2.4294967295", "zero", "1.3.6.1.4.1.253.8"};
	for (size_t i = 0; i < sizeof oids / sizeof oids[0]; i++) {
		struct reading in, out;
		reading_open(&in, &blocks);
		reading_open(&out, &blocks);
		in.identity.sys_object_id = text_of(oids[i]);
		in.identity.mac = text_of(i % 2 ? "9C:93:4E:00:00:01" : "9c-93-4e-00-00-01");
		struct buf b;
		buf_over(&b, room, sizeof room);
		assert_int_equal(record_pack(&b, &plain_head, &in, 1u << GROUP_IDENTITY), 0);
		struct record_head head;
		unsigned mask;
		assert_true(record_unpack(&head, &out, &mask, b.data, b.len) > 0);
		same_identity(&in.identity, &out.identity);
		reading_close(&in);
		reading_close(&out);
	}
}

/* {1:1, 2:2, 6:"k", 10:{15: BER}}: what comes as BER leaves as BER, up to the longest that we take.
 */
static void test_longest_oids_stay_oids(void **state)
{
	(void)state;
	for (uint8_t n = 1; n < LIMIT_OID_BER; n++) {
		uint8_t bytes[16 + LIMIT_OID_BER] = {
			0x84, 1, 1, 2, 2, 6, 0xa1, 'k', 10, 0x81, 15, 0xc4, n, 0x2b};
		for (uint8_t i = 1; i < n; i++)
			bytes[13 + i] = i % 3;
		struct reading out;
		struct record_head head;
		struct buf b;
		unsigned mask;
		reading_open(&out, &blocks);
		assert_int_equal(record_unpack(&head, &out, &mask, bytes, 13u + n), 13 + n);
		buf_over(&b, room, sizeof room);
		assert_int_equal(record_pack(&b, &head, &out, mask), 0);
		assert_int_equal(b.len, 13 + n);
		assert_memory_equal(b.data, bytes, b.len);
		reading_close(&out);
	}
}

static void test_digest_covers_content_not_time(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	reading_make_printer(&r, 1, 1, plain_head.read_at_ms);
	uint64_t before[GROUP_COUNT];
	for (int g = 0; g < GROUP_COUNT; g++)
		before[g] = record_group_digest(&r, (enum reading_group)g);
	for (int g = 0; g < GROUP_COUNT; g++) {
		r.group[g].requested_at_ms += 86400000;
		r.group[g].responded_at_ms += 86400001;
	}
	r.identity.uptime_cs += 8640000;
	for (int g = 0; g < GROUP_COUNT; g++)
		assert_true(before[g] == record_group_digest(&r, (enum reading_group)g));
	r.meters->value++;
	r.supplies->level--;
	r.state.printer_status = 4;
	r.options->value = TEXT("1.1");
	r.subunits->level--;
	r.maintenance->used++;
	r.identity.firmware->version = TEXT("2");
	r.group[GROUP_ALERTS].status = GROUP_PARTIAL;
	for (int g = 0; g < GROUP_COUNT; g++)
		assert_true(before[g] != record_group_digest(&r, (enum reading_group)g));
	reading_close(&r);
}

/* {1:1, 2:2, 6:"k", ...}: the smallest record, with `more` as further fields. */
static int check_with(uint8_t fields, const void *more, size_t n, struct reading *r)
{
	uint8_t bytes[128] = {(uint8_t)(0x83 + fields), 1, 1, 2, 2, 6, 0xa1, 'k'};
	memcpy(bytes + 8, more, n);
	struct record_head head;
	unsigned mask;
	int taken = r == NULL ? record_check(bytes, 8 + n)
			      : record_unpack(&head, r, &mask, bytes, 8 + n);
	return taken == (int)(8 + n) ? 0 : taken;
}
#define WITH(fields, ...)                                                                          \
	check_with(fields, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__},   \
		NULL)

static void test_invalid_records_are_refused(void **state)
{
	(void)state;
	assert_int_equal(check_with(0, "", 0, NULL), 0);
	/* no device key; not a map; a key that is no number; a key twice */
	assert_int_equal(record_check((const uint8_t *)"\x82\x01\x01\x02\x02", 5), ERR_FORMAT);
	assert_int_equal(record_check((const uint8_t *)"\x93\x01\x01\x02", 4), ERR_TYPE);
	assert_int_equal(WITH(1, 0xa1, 'x', 1), ERR_TYPE);
	assert_int_equal(WITH(1, 1, 1), ERR_FORMAT);
	assert_int_equal(WITH(2, 10, 0x80, 10, 0x80), ERR_FORMAT);
	/* a control character in a name, a negative policy, a group that is no map */
	assert_int_equal(WITH(1, 5, 0xa1, '\n'), ERR_FORMAT);
	assert_int_equal(WITH(1, 3, 0xff), ERR_RANGE);
	assert_int_equal(WITH(1, 11, 1), ERR_TYPE);
	assert_int_equal(WITH(1, 11, 0x81, 10, 1), ERR_TYPE);
	/* status out of range; too many rows for the table; a row that is no map */
	assert_int_equal(WITH(1, 11, 0x81, 1, 4), ERR_RANGE);
	assert_int_equal(WITH(1, 11, 0x81, 10, 0x91, 1), ERR_TYPE);
	assert_int_equal(WITH(1, 10, 0x81, 15, 0xc4, 1, 0x80), ERR_FORMAT);
	assert_int_equal(WITH(1, 10, 0x81, 16, 0xc4, 1, 0x80), ERR_FORMAT);
	/* seq beyond what SQLite holds */
	static const uint8_t big[] = {0x83, 1, 0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0, 2, 2, 6, 0xa1, 'k'};
	assert_int_equal(record_check(big, sizeof big), ERR_RANGE);
}

static void test_unknown_fields_of_a_newer_agent_are_skipped(void **state)
{
	(void)state;
	struct reading r;
	reading_open(&r, &blocks);
	/* An unknown field of the record, an unknown field of a group and of a row, a meter and a
	 * quality and a kind of level that we do not know. */
	static const uint8_t more[] = {63, 0x92, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0,
		0xc0,                                   /* 63: [0.0, nil] */
		11, 0x83, 1, 1, 40, 0xc3, 10, 0x93,     /* meters */
		0x82, 1, 0xcc, 200, 2, 5,               /* unknown name */
		0x83, 1, 1, 2, 6, 4, 9,                 /* unknown quality */
		0x82, 2, 7, 50, 0xa1, 'x',              /* unknown field */
		12, 0x82, 1, 1, 10, 0x91, 0x81, 6, 77}; /* supplies */
	uint8_t bytes[128];
	memcpy(bytes, more, sizeof more);
	assert_int_equal(check_with(3, bytes, sizeof more, &r), 0);
	assert_int_equal(r.group[GROUP_METERS].status, GROUP_PARTIAL);
	assert_int_equal(r.meter_count, 2);
	assert_int_equal(r.meters->quality, QUALITY_SUSPECT);
	assert_int_equal(r.meters->next->value, 7);
	assert_int_equal(r.group[GROUP_SUPPLIES].status, GROUP_COMPLETE);
	assert_int_equal(r.supplies->level_kind, LEVEL_UNKNOWN);
	reading_close(&r);
}

/* Agents that know no direction give a receptacle's number as what is left of it. */
static void test_receptacle_of_old_agent_has_no_direction(void **state)
{
	static const uint8_t kinds[] = {1, 2, 5, 6}; /* percent, units, empty, low */
	(void)state;
	for (size_t i = 0; i < sizeof kinds; i++) {
		struct reading r;
		uint8_t more[] = {12, 0x82, 1, 1, 10, 0x91, 0x86, 2, 5, 3, 4, 4, 4, 6, kinds[i], 7,
			0, 8, 100};
		reading_open(&r, &blocks);
		assert_int_equal(check_with(1, more, sizeof more, &r), 0);
		assert_int_equal(r.supplies->index, 5);
		assert_int_equal(r.supplies->level_kind, LEVEL_DIRECTION_UNKNOWN);
		assert_true(supply_percent(r.supplies) < 0);
		reading_close(&r);
	}
}

static void test_full_arena_is_an_error(void **state)
{
	(void)state;
	struct reading in;
	reading_open(&in, &blocks);
	reading_make_printer(&in, 1, 1, plain_head.read_at_ms);
	struct buf b;
	buf_over(&b, room, sizeof room);
	assert_int_equal(record_pack(&b, &plain_head, &in, ALL_GROUPS), 0);
	unsigned full = 0;
	for (size_t blocks_max = 0; blocks_max < 6; blocks_max++) {
		struct slab few;
		assert_int_equal(slab_open(&few, 512, blocks_max + 1), 0);
		for (size_t i = 0; i < 1 + 4 * blocks_max; i++) {
			struct reading out;
			reading_open(&out, &few);
			out.arena.max_blocks = (unsigned)i;
			struct record_head head;
			unsigned mask;
			int taken = record_unpack(&head, &out, &mask, b.data, b.len);
			assert_true(taken == (int)b.len || taken == ERR_FULL);
			full += taken == ERR_FULL;
			reading_close(&out);
		}
		assert_int_equal(few.used, 0);
		slab_close(&few);
	}
	assert_true(full > 0);
	reading_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_round_trips),
		cmocka_unit_test(test_groups_are_found_and_read_alone),
		cmocka_unit_test(test_every_truncation_is_short),
		cmocka_unit_test(test_changed_bytes_keep_every_limit),
		cmocka_unit_test(test_full_buffer_stays_unchanged),
		cmocka_unit_test(test_oversized_record_is_refused),
		cmocka_unit_test(test_texts_are_cut_between_characters),
		cmocka_unit_test(test_odd_oids_and_macs_are_sent_as_text),
		cmocka_unit_test(test_longest_oids_stay_oids),
		cmocka_unit_test(test_digest_covers_content_not_time),
		cmocka_unit_test(test_invalid_records_are_refused),
		cmocka_unit_test(test_unknown_fields_of_a_newer_agent_are_skipped),
		cmocka_unit_test(test_receptacle_of_old_agent_has_no_direction),
		cmocka_unit_test(test_full_arena_is_an_error),
	};
	return cmocka_run_group_tests(tests, open_blocks, close_blocks);
}
