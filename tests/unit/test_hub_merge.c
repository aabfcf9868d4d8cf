/* SPDX-License-Identifier: Apache-2.0
 * Merging: the same records in any order, cut into batches in any way, from two agents and sent
 * twice now and then, give the same current state. And the rule itself, case by case. */
#include "engine/hub/merge.h"
#include "tests/kit/archive_records.h"

static struct archive_version v(uint64_t at, uint64_t seq, uint64_t tie, uint8_t status)
{
	return (struct archive_version){at, seq, tie, status};
}

static void check(struct archive_version better, struct archive_version worse)
{
	assert_true(merge_wins(&better, &worse));
	assert_false(merge_wins(&worse, &better));
	assert_false(merge_wins(&better, &better));
}

static void test_newer_or_more_complete_group_wins(void **state)
{
	(void)state;
	check(v(2, 1, 1, GROUP_COMPLETE), v(1, 9, 9, GROUP_COMPLETE));
	check(v(2, 1, 1, GROUP_PARTIAL), v(1, 9, 9, GROUP_COMPLETE));
	check(v(1, 1, 1, GROUP_PARTIAL), v(2, 9, 9, GROUP_FAILED));
	check(v(1, 1, 1, GROUP_COMPLETE), v(2, 9, 9, GROUP_NOT_REQUESTED));
	check(v(2, 1, 1, GROUP_FAILED), v(1, 9, 9, GROUP_FAILED));
	check(v(1, 2, 1, GROUP_COMPLETE), v(1, 1, 9, GROUP_COMPLETE));
	check(v(1, 1, 2, GROUP_COMPLETE), v(1, 1, 1, GROUP_COMPLETE));
}

static void test_read_time_ahead_of_the_hub_is_suspect(void **state)
{
	(void)state;
	bool is_suspect = true;
	const uint64_t now = RECEIVED_MS;
	assert_int_equal(merge_read_at(now - 5, now, 0, &is_suspect), now - 5);
	assert_false(is_suspect);
	assert_int_equal(
		merge_read_at(now - MERGE_BEHIND_MS, now, 0, &is_suspect), now - MERGE_BEHIND_MS);
	assert_false(is_suspect);
	/* Decades back: the time stays, so that no other reading loses against it. */
	assert_int_equal(merge_read_at(0, now, 0, &is_suspect), 0);
	assert_true(is_suspect);
	assert_int_equal(merge_read_at(946684800000, now, 7, &is_suspect), 946684800000);
	assert_true(is_suspect);
	assert_int_equal(merge_read_at(0, MERGE_BEHIND_MS, 0, &is_suspect), 0);
	assert_false(is_suspect);
	assert_int_equal(
		merge_read_at(now + MERGE_AHEAD_MS, now, 7, &is_suspect), now + MERGE_AHEAD_MS);
	assert_false(is_suspect);
	assert_int_equal(merge_read_at(now + MERGE_AHEAD_MS + 1, now, 7, &is_suspect), now - 7);
	assert_true(is_suspect);
	assert_int_equal(merge_read_at(UINT64_MAX, now, 0, &is_suspect), now);
	assert_int_equal(merge_read_at(UINT64_MAX, 3, 9, &is_suspect), 0);
	assert_true(is_suspect);
}

/* ---- the property ---- */

enum { RECORDS = 60, DEVICES = 4, ROUNDS = 12 };

struct thrown {
	struct order order;
	unsigned agent;
};

static uint64_t seed;

static uint64_t dice(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (seed >> 33) % below;
}

static void throw_records(struct thrown *r)
{
	static const char *const keys[DEVICES] = {
		"serial:x/1", "serial:x/2", "mac:aa", "addr:1:161"};
	for (unsigned i = 0; i < RECORDS; i++) {
		r[i].agent = (unsigned)dice(2);
		r[i].order = (struct order){.seq = i + 1,
			.read_at_ms = RECEIVED_MS - 100000 + dice(12) * 1000,
			.key = keys[dice(DEVICES)],
			.total = dice(1000000),
			.mask = 1 + (unsigned)dice(ALL_GROUPS),
			.status = (uint8_t)(GROUP_COMPLETE + dice(3)),
			.is_delta = dice(2) == 0};
	}
}

static void shuffle(unsigned *order)
{
	for (unsigned i = 0; i < RECORDS; i++)
		order[i] = i;
	for (unsigned i = RECORDS - 1; i > 0; i--) {
		unsigned k = (unsigned)dice(i + 1);
		unsigned held = order[i];
		order[i] = order[k];
		order[k] = held;
	}
}

struct state_text {
	char text[65536];
	size_t len;
};

static int write_device(void *owner, const struct archive_device *d)
{
	struct state_text *s = owner;
	s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len,
		"%.*s %.*s %llu %02x:", TEXT_ARG(d->key), TEXT_ARG(d->serial),
		(unsigned long long)d->read_at_ms, d->agent_id[0]);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, " %llu/",
			(unsigned long long)d->group[g].read_at_ms);
		for (size_t i = 0; i < d->group[g].len; i++)
			s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len,
				"%02x", d->group[g].bytes[i]);
	}
	s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "\n");
	assert_true(s->len < sizeof s->text);
	return 0;
}

static void put(struct archive *a, const struct thrown *r, struct archive_result *ret)
{
	uint8_t id[ARCHIVE_AGENT_ID];
	uint8_t key[44];
	static uint8_t bytes[LIMIT_RECORD];
	struct archive_result result = {0};
	struct buf body;
	buf_over(&body, bytes, sizeof bytes);
	buf_open(&result.wanted, LIMIT_WANTED);
	help_pack(&body, &r->order);
	memset(id, (int)r->agent + 1, sizeof id);
	memset(key, (int)r->agent + 1, sizeof key);
	struct archive_batch b = {.agent_id = id,
		.public_key = key,
		.public_key_len = sizeof key,
		.epoch = 1,
		.first = r->order.seq,
		.last = r->order.seq,
		.received_at_ms = RECEIVED_MS,
		.body = body.data,
		.body_len = body.len};
	assert_int_equal(archive_put_batch(a, &b, &result), 0);
	assert_int_equal(result.rejected_count, 0);
	buf_close(&result.wanted);
	if (ret != NULL)
		*ret = result;
}

static void play(const struct thrown *r, const unsigned *order, struct state_text *ret)
{
	char dir[] = "merge_test_XXXXXX";
	char why[LIMIT_WHY] = "";
	struct archive *a;
	struct archive_view *view;
	assert_non_null(mkdtemp(dir));
	struct archive_options o = {.dir = dir, .rule = &merge_rule};
	assert_int_equal(archive_open(&a, &o, why, sizeof why), 0);
	for (unsigned i = 0; i < RECORDS;) {
		assert_int_equal(archive_begin(a), 0);
		for (uint64_t n = 1 + dice(10); n > 0 && i < RECORDS; n--, i++) {
			put(a, &r[order[i]], NULL);
			if (dice(4) == 0)
				put(a, &r[order[dice(i + 1)]], NULL); /* once more */
		}
		assert_int_equal(archive_commit(a), 0);
	}
	ret->len = 0;
	assert_int_equal(archive_view_open(&view, dir, why, sizeof why), 0);
	assert_in_range(archive_view_each(view, write_device, ret), 2, DEVICES + 1);
	archive_view_close(view);
	archive_close(a);
	help_forget(dir);
}

/* From a machine whose clock starts in 1970: named, and never shown over another. */
static void test_reading_of_1970_never_wins(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		char dir[] = "merge_test_XXXXXX", why[LIMIT_WHY] = "";
		struct archive *a;
		struct archive_result result[2];
		const struct thrown records[2] = {{{.seq = 1,
							   .read_at_ms = RECEIVED_MS - 5000,
							   .key = "serial:x/1",
							   .total = 7},
							  0},
			{{.seq = 2, .read_at_ms = 61000, .key = "serial:x/1", .total = 8}, 0}};
		assert_non_null(mkdtemp(dir));
		struct archive_options o = {.dir = dir, .rule = &merge_rule};
		assert_int_equal(archive_open(&a, &o, why, sizeof why), 0);
		assert_int_equal(archive_begin(a), 0);
		put(a, &records[first], &result[first]);
		put(a, &records[1 - first], &result[1 - first]);
		assert_int_equal(archive_commit(a), 0);
		archive_close(a);
		assert_int_equal(result[0].clock_suspects, 0);
		assert_int_equal(result[1].clock_suspects, 1);
		assert_string_equal(result[1].clock_suspect, "serial:x/1");
		struct shown shown = help_show(dir, "serial:x/1");
		assert_int_equal(shown.total, 7);
		assert_int_equal(shown.read_at_ms, RECEIVED_MS - 5000);
		help_forget(dir);
	}
}

static void test_merge_is_independent_of_order(void **state)
{
	(void)state;
	static struct thrown records[RECORDS];
	static struct state_text first, other;
	unsigned order[RECORDS];
	for (unsigned round = 0; round < ROUNDS; round++) {
		seed = 77 + round;
		throw_records(records);
		for (unsigned i = 0; i < RECORDS; i++)
			order[i] = i;
		play(records, order, &first);
		for (int n = 0; n < 3; n++) {
			shuffle(order);
			play(records, order, &other);
			assert_int_equal(first.len, other.len);
			assert_memory_equal(first.text, other.text, first.len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newer_or_more_complete_group_wins),
		cmocka_unit_test(test_read_time_ahead_of_the_hub_is_suspect),
		cmocka_unit_test(test_reading_of_1970_never_wins),
		cmocka_unit_test(test_merge_is_independent_of_order),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
