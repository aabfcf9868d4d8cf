/* SPDX-License-Identifier: Apache-2.0
 * The hub's store: every record has effect once; another content under a known number changes
 * nothing; newer readings win and older ones become history; one device for all agents; keys stay
 * pinned; all of it also after a restart. */
#include "tests/kit/archive_fixture.h"
#include "tests/kit/archive_rows.h"

/* ---- once ---- */

static void test_stored_record_is_shown(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(f->result.stored, 1);
	assert_int_equal(f->result.duplicates, 0);
	assert_true(f->result.is_new_agent);
	assert_true(f->result.is_new_epoch);
	assert_false(f->result.has_gap);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 100);
	assert_int_equal(s.mask, ALL_GROUPS);
	assert_string_equal(s.serial, "3WX100");
	assert_int_equal(s.read_at_ms, OLD_MS);
	assert_memory_equal(s.agent_id, f->agent, sizeof s.agent_id);
	assert_int_equal(help_show(f->dir, "3WX100").devices, 1);
	assert_int_equal(help_show(f->dir, "127.0.0.1:161").devices, 1);
	assert_int_equal(help_show(f->dir, "").devices, 0);
	assert_int_equal(help_show(f->dir, "unknown").devices, 0);
}

static void test_duplicate_record_has_no_effect(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++) {
		order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 100});
		order(f, &(struct order){.seq = 2, .read_at_ms = NEW_MS, .key = KEY, .total = 110});
		assert_int_equal(put(f), 0);
		assert_int_equal(f->result.stored, i == 0 ? 2 : 0);
		assert_int_equal(f->result.duplicates, i == 0 ? 0 : 2);
		assert_false(f->result.has_gap);
		if (i == 1)
			restart(f);
	}
	assert_int_equal(help_counts(f->dir).records, 2);
	assert_int_equal(help_counts(f->dir).devices, 1);
	assert_int_equal(help_show(f->dir, KEY).total, 110);
}

static void test_conflicting_record_refuses_the_batch(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 2, OLD_MS, KEY, 100), 0);
	/* 1 is new and 2 is known with another content: neither has effect. */
	order(f, &(struct order){.seq = 1, .read_at_ms = NEW_MS, .key = "mac:00:11", .total = 5});
	order(f, &(struct order){.seq = 2, .read_at_ms = NEW_MS, .key = KEY, .total = 999});
	assert_int_equal(put(f), ERR_CONFLICT);
	assert_int_equal(help_counts(f->dir).records, 1);
	assert_int_equal(help_counts(f->dir).devices, 1);
	assert_int_equal(help_show(f->dir, KEY).total, 100);
	/* The same number in another epoch is another record. */
	f->epoch = 7;
	assert_int_equal(put_one(f, 2, NEW_MS, KEY, 120), 0);
	assert_int_equal(f->result.stored, 1);
	assert_true(f->result.is_new_epoch);
	assert_int_equal(help_show(f->dir, KEY).total, 120);
}

/* The agent's policy changed while the receipt was lost. */
static void test_record_of_another_policy_is_a_duplicate(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	order(f, &(struct order){.seq = 1,
			 .read_at_ms = OLD_MS,
			 .key = KEY,
			 .mask = 1u << GROUP_STATE,
			 .policy_id = 77});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 0);
	assert_int_equal(f->result.duplicates, 1);
	assert_int_equal(help_show(f->dir, KEY).total, 100);
	/* Of another time it is another record. */
	order(f, &(struct order){.seq = 1, .read_at_ms = NEW_MS, .key = KEY, .policy_id = 77});
	assert_int_equal(put(f), ERR_CONFLICT);
}

/* Written to a file, then superseded in part, then sent; either may arrive first. */
static void test_record_without_superseded_groups_is_a_duplicate(void **state)
{
	struct fixture *f = *state;
	const unsigned left = 1u << GROUP_STATE | 1u << GROUP_METERS;
	struct order whole = {.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 100};
	struct order cut = whole;
	cut.mask = left;
	const uint64_t epochs[] = {f->epoch + 1, f->epoch};
	for (int i = 0; i < 2; i++) {
		f->epoch = epochs[i];
		order(f, i == 0 ? &whole : &cut);
		assert_int_equal(put(f), 0);
		assert_int_equal(f->result.stored, 1);
		order(f, i == 0 ? &cut : &whole);
		assert_int_equal(put(f), 0);
		assert_int_equal(f->result.duplicates, 1);
		assert_int_equal(help_show(f->dir, KEY).total, 100);
	}
	/* Another content of a group, another device and another time are other records. */
	cut.total = 101;
	order(f, &cut);
	assert_int_equal(put(f), ERR_CONFLICT);
	cut.total = 100;
	cut.key = "mac:00:11";
	order(f, &cut);
	assert_int_equal(put(f), ERR_CONFLICT);
	cut.key = KEY;
	cut.read_at_ms = NEW_MS;
	order(f, &cut);
	assert_int_equal(put(f), ERR_CONFLICT);
}

static void test_refused_batch_leaves_the_others(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(archive_begin(f->archive), 0);
	order(f, &(struct order){.seq = 2, .read_at_ms = NEW_MS, .key = "mac:aa", .total = 1});
	assert_int_equal(put_open(f), 0);
	order(f, &(struct order){.seq = 1, .read_at_ms = NEW_MS, .key = KEY, .total = 2});
	assert_int_equal(put_open(f), ERR_CONFLICT);
	order(f, &(struct order){.seq = 3, .read_at_ms = NEW_MS, .key = "mac:bb", .total = 3});
	assert_int_equal(put_open(f), 0);
	assert_int_equal(archive_commit(f->archive), 0);
	assert_int_equal(help_counts(f->dir).devices, 3);
	assert_int_equal(help_show(f->dir, KEY).total, 100);
	assert_int_equal(help_show(f->dir, "mac:bb").total, 3);
}

static void test_first_batch_refused_leaves_the_others(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(archive_begin(f->archive), 0);
	order(f, &(struct order){.seq = 1, .read_at_ms = NEW_MS, .key = KEY, .total = 2});
	assert_int_equal(put_open(f), ERR_CONFLICT);
	order(f, &(struct order){.seq = 1, .read_at_ms = NEW_MS, .key = KEY, .total = 2});
	assert_int_equal(put_open(f), ERR_CONFLICT);
	order(f, &(struct order){.seq = 2, .read_at_ms = NEW_MS, .key = "mac:aa", .total = 1});
	assert_int_equal(put_open(f), 0);
	order(f, &(struct order){.seq = 1, .read_at_ms = NEW_MS, .key = KEY, .total = 2});
	assert_int_equal(put_open(f), ERR_CONFLICT);
	assert_int_equal(archive_commit(f->archive), 0);
	assert_int_equal(help_counts(f->dir).devices, 2);
	assert_int_equal(help_counts(f->dir).records, 2);
	assert_int_equal(help_show(f->dir, KEY).total, 100);
	assert_int_equal(help_show(f->dir, "mac:aa").total, 1);
}

static void test_uncommitted_batch_is_rolled_back(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(archive_begin(f->archive), 0);
	order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 100});
	assert_int_equal(put_open(f), 0);
	archive_rollback(f->archive);
	assert_int_equal(help_counts(f->dir).records, 0);
	assert_int_equal(help_counts(f->dir).agents, 0);
	/* The same again without a commit, and the process goes. */
	assert_int_equal(archive_begin(f->archive), 0);
	order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 100});
	assert_int_equal(put_open(f), 0);
	restart(f);
	assert_int_equal(help_counts(f->dir).records, 0);
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(f->result.stored, 1);
}

/* ---- merging ---- */

static void test_older_record_changes_history_only(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 5, NEW_MS, KEY, 200), 0);
	order(f, &(struct order){.seq = 6,
			 .read_at_ms = OLD_MS,
			 .key = KEY,
			 .total = 150,
			 .address = "10.9.9.9:161"});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 1);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 200);
	assert_int_equal(s.read_at_ms, NEW_MS);
	assert_string_equal(s.address, "127.0.0.1:161");
	assert_int_equal(help_counts(f->dir).records, 2);
}

static void test_groups_are_merged_one_by_one(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	order(f, &(struct order){.seq = 2,
			 .read_at_ms = NEW_MS,
			 .key = KEY,
			 .total = 300,
			 .mask = 1u << GROUP_STATE,
			 .is_delta = true});
	assert_int_equal(put(f), 0);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 100);
	assert_int_equal(s.meters_read_at_ms, OLD_MS);
	assert_int_equal(s.read_at_ms, NEW_MS);
	assert_int_equal(s.mask, ALL_GROUPS);
	assert_int_equal(f->result.wanted_count, 0);
}

static int see_past(void *owner, const struct archive_past *p)
{
	uint64_t *seqs = owner;
	assert_false(p->is_damaged);
	assert_false(p->is_clock_suspect);
	assert_true(p->len > 0);
	assert_int_equal(p->received_at_ms, RECEIVED_MS);
	seqs[seqs[0]++ + 1] = p->seq;
	return 0;
}

static int stop_at_once(void *owner, const struct archive_past *p)
{
	(void)owner;
	(void)p;
	return ERR_STOPPED;
}

static void test_history_is_in_order(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, NEW_MS, KEY, 200), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, KEY, 150), 0);
	assert_int_equal(put_one(f, 3, NEW_MS + 5, KEY, 210), 0);
	uint64_t seqs[8] = {0};
	assert_int_equal(archive_rows_of_device(f->dir, text_of(KEY), 10, see_past, seqs), 3);
	assert_int_equal(seqs[1], 3);
	assert_int_equal(seqs[2], 1);
	assert_int_equal(seqs[3], 2);
	seqs[0] = 0;
	assert_int_equal(archive_rows_of_device(f->dir, text_of(KEY), 1, see_past, seqs), 1);
	assert_int_equal(
		archive_rows_of_device(f->dir, text_of(KEY), 9, stop_at_once, NULL), ERR_STOPPED);
	assert_int_equal(archive_rows_of_device(f->dir, text_of("no"), 9, see_past, seqs), 0);
}

static void test_two_agents_share_one_device(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	uint8_t first[ARCHIVE_AGENT_ID];
	memcpy(first, f->agent, sizeof first);
	memset(f->agent, 0xb2, sizeof f->agent);
	memset(f->key, 0x78, sizeof f->key);
	assert_int_equal(put_one(f, 1, NEW_MS, KEY, 105), 0);
	assert_true(f->result.is_new_agent);
	assert_int_equal(help_counts(f->dir).devices, 1);
	assert_int_equal(help_counts(f->dir).agents, 2);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 105);
	assert_memory_equal(s.agent_id, f->agent, sizeof s.agent_id);
}

static void test_address_belongs_to_its_agent(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, "addr:10.0.0.1:161", 1), 0);
	memset(f->agent, 0xb2, sizeof f->agent);
	assert_int_equal(put_one(f, 1, OLD_MS, "addr:10.0.0.1:161", 2), 0);
	assert_int_equal(help_counts(f->dir).devices, 2);
	struct shown s = help_show(f->dir, "addr:b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2/10.0.0.1:161");
	assert_int_equal(s.total, 2);
	assert_int_equal(help_show(f->dir, "addr:10.0.0.1:161").devices, 0);
}

static void test_clock_ahead_is_marked(void **state)
{
	struct fixture *f = *state;
	order(f, &(struct order){.seq = 1,
			 .read_at_ms = RECEIVED_MS + 1000000,
			 .key = KEY,
			 .total = 9,
			 .age_ms = 2000});
	assert_int_equal(put(f), 0);
	assert_int_equal(help_show(f->dir, KEY).read_at_ms, RECEIVED_MS - 2000);
	assert_int_equal(f->result.clock_suspects, 1);
	assert_string_equal(f->result.clock_suspect, KEY);
	/* The next batch, of any agent, is told by its own records. */
	assert_int_equal(put_one(f, 2, NEW_MS, "mac:aa", 1), 0);
	assert_int_equal(f->result.clock_suspects, 0);
	order(f, &(struct order){.seq = 3, .read_at_ms = RECEIVED_MS + 1000000, .key = "mac:bb"});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.clock_suspects, 1);
	assert_string_equal(f->result.clock_suspect, "mac:bb");
}

/* ---- who ---- */

static void test_agent_key_stays_pinned(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	f->key[0] ^= 1;
	assert_int_equal(put_one(f, 2, NEW_MS, KEY, 999), ERR_FORBIDDEN);
	assert_int_equal(help_show(f->dir, KEY).total, 100);
	restart(f);
	assert_int_equal(put_one(f, 2, NEW_MS, KEY, 999), ERR_FORBIDDEN);
	f->key[0] ^= 1;
	assert_int_equal(put_one(f, 2, NEW_MS, KEY, 101), 0);
	assert_int_equal(help_show(f->dir, KEY).total, 101);
}

static void test_accounts_are_stored_and_replaced(void **state)
{
	struct fixture *f = *state;
	struct archive_account a = {.name = "agent1", .role = ROLE_AGENT, .scheme = SCHEME_SHA256};
	a.created_at_ms = RECEIVED_MS;
	memset(a.salt, 1, sizeof a.salt);
	memset(a.hash, 2, sizeof a.hash);
	assert_int_equal(archive_put_account(f->archive, &a), 0);
	memset(a.hash, 3, sizeof a.hash);
	a.role = ROLE_VIEWER;
	a.scheme = SCHEME_SCRYPT;
	assert_int_equal(archive_put_account(f->archive, &a), 0);
	struct archive_view *v;
	char why[LIMIT_WHY];
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	struct archive_account got;
	assert_int_equal(archive_view_account(v, "agent1", &got), 1);
	assert_memory_equal(&got, &a, sizeof a);
	assert_int_equal(archive_view_account(v, "agent", &got), 0);
	assert_int_equal(archive_view_account(v, "", &got), 0);
	archive_view_close(v);
	assert_int_equal(help_counts(f->dir).accounts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stored_record_is_shown),
		TEST(test_duplicate_record_has_no_effect),
		TEST(test_conflicting_record_refuses_the_batch),
		TEST(test_record_of_another_policy_is_a_duplicate),
		TEST(test_record_without_superseded_groups_is_a_duplicate),
		TEST(test_refused_batch_leaves_the_others),
		TEST(test_first_batch_refused_leaves_the_others),
		TEST(test_uncommitted_batch_is_rolled_back),
		TEST(test_older_record_changes_history_only),
		TEST(test_groups_are_merged_one_by_one),
		TEST(test_history_is_in_order),
		TEST(test_two_agents_share_one_device),
		TEST(test_address_belongs_to_its_agent),
		TEST(test_clock_ahead_is_marked),
		TEST(test_agent_key_stays_pinned),
		TEST(test_accounts_are_stored_and_replaced),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
