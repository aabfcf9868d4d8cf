/* SPDX-License-Identifier: Apache-2.0
 * The hub's store: every record has effect once; another content under a known number changes
 * nothing; newer readings win and older ones become history; one device whoever sees it; keys stay
 * pinned; what is damaged is seen; all of it also after a restart. */
#include "engine/loop/seal.h"
#include "engine/store/db.h"
#include "tests/unit/archive_help.h"

#include <errno.h>
#include <sqlite3.h>

/* Newest first, without the hub's finer points. */
static bool newest_wins(const struct archive_version *newer, const struct archive_version *shown)
{
	if (newer->read_at_ms != shown->read_at_ms)
		return newer->read_at_ms > shown->read_at_ms;
	return newer->seq != shown->seq ? newer->seq > shown->seq : newer->tie > shown->tie;
}

static uint64_t as_it_is(
	uint64_t read_at_ms, uint64_t received_at_ms, uint32_t age_ms, bool *is_suspect)
{
	*is_suspect = read_at_ms > received_at_ms;
	return *is_suspect ? received_at_ms - age_ms : read_at_ms;
}

static const struct archive_rule rule = {.wins = newest_wins, .read_at = as_it_is};

struct fixture {
	char dir[64];
	struct archive *archive;
	struct archive_verdict verdict;
	struct buf body;
	uint8_t agent[ARCHIVE_AGENT_ID];
	uint8_t key[44];
	uint64_t epoch;
	uint64_t first, last;
};

static void open_archive(struct fixture *f)
{
	char why[LIMIT_WHY] = "";
	struct archive_options o = {.dir = f->dir, .rule = &rule};
	int err = archive_open(&f->archive, &o, why, sizeof why);
	if (err < 0)
		fail_msg("archive_open: %s: %s", err_text(err), why);
}

static void restart(struct fixture *f)
{
	archive_close(f->archive);
	open_archive(f);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	(void)snprintf(f->dir, sizeof f->dir, "archive_test_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	memset(f->agent, 0xa1, sizeof f->agent);
	memset(f->key, 0x77, sizeof f->key);
	f->epoch = UINT64_C(0xf000000000000001); /* does not fit a signed number */
	buf_open(&f->body, LIMIT_BATCH_RAW);
	buf_open(&f->verdict.wanted, LIMIT_WANTED);
	open_archive(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	archive_close(f->archive);
	buf_close(&f->body);
	buf_close(&f->verdict.wanted);
	help_forget(f->dir);
	free(f);
	return 0;
}

static void order(struct fixture *f, const struct order *o)
{
	help_pack(&f->body, o);
	f->first = f->first == 0 ? o->seq : f->first;
	f->last = o->seq;
}

/* What was ordered, as one batch; without begin and commit. */
static int put_open(struct fixture *f)
{
	struct archive_batch b = {.agent_id = f->agent,
		.public_key = f->key,
		.public_key_len = sizeof f->key,
		.account = TEXT("agent1"),
		.site = TEXT("Lyon"),
		.software = TEXT("platen/0.1.0"),
		.epoch = f->epoch,
		.first = f->first,
		.last = f->last,
		.received_at_ms = RECEIVED_MS,
		.body = f->body.data,
		.body_len = f->body.len,
		.sent_bytes = f->body.len};
	int err = archive_put_batch(f->archive, &b, &f->verdict);
	buf_clear(&f->body);
	f->first = f->last = 0;
	return err;
}

static int put(struct fixture *f)
{
	assert_int_equal(archive_begin(f->archive), 0);
	int err = put_open(f);
	assert_int_equal(archive_commit(f->archive), 0);
	return err;
}

static int put_one(
	struct fixture *f, uint64_t seq, uint64_t read_at_ms, const char *key, uint64_t total)
{
	order(f, &(struct order){.seq = seq, .read_at_ms = read_at_ms, .key = key, .total = total});
	return put(f);
}

#define KEY "serial:xerox/3WX100"
#define OLD_MS (RECEIVED_MS - 60000)
#define NEW_MS (RECEIVED_MS - 30000)

/* ---- once ---- */

static void stores_and_shows(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(f->verdict.stored, 1);
	assert_int_equal(f->verdict.duplicates, 0);
	assert_true(f->verdict.is_new_agent);
	assert_true(f->verdict.is_new_epoch);
	assert_false(f->verdict.has_gap);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 100);
	assert_int_equal(s.mask, ALL_GROUPS);
	assert_string_equal(s.serial, "3WX100");
	assert_int_equal(s.read_at_ms, OLD_MS);
	assert_memory_equal(s.agent_id, f->agent, sizeof s.agent_id);
	assert_int_equal(help_show(f->dir, "3WX100").devices, 1);
	assert_int_equal(help_show(f->dir, "127.0.0.1:161").devices, 1);
	assert_int_equal(help_show(f->dir, "").devices, 0);
	assert_int_equal(help_show(f->dir, "nobody").devices, 0);
}

static void counts_a_duplicate_once(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++) {
		order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 100});
		order(f, &(struct order){.seq = 2, .read_at_ms = NEW_MS, .key = KEY, .total = 110});
		assert_int_equal(put(f), 0);
		assert_int_equal(f->verdict.stored, i == 0 ? 2 : 0);
		assert_int_equal(f->verdict.duplicates, i == 0 ? 0 : 2);
		assert_false(f->verdict.has_gap);
		if (i == 1)
			restart(f);
	}
	assert_int_equal(help_counts(f->dir).records, 2);
	assert_int_equal(help_counts(f->dir).devices, 1);
	assert_int_equal(help_show(f->dir, KEY).total, 110);
}

static void refuses_other_content_whole(void **state)
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
	assert_int_equal(f->verdict.stored, 1);
	assert_true(f->verdict.is_new_epoch);
	assert_int_equal(help_show(f->dir, KEY).total, 120);
}

static void one_refused_batch_leaves_the_others(void **state)
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

static void rolls_back_what_was_not_committed(void **state)
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
	assert_int_equal(f->verdict.stored, 1);
}

/* ---- merging ---- */

static void older_becomes_history(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 5, NEW_MS, KEY, 200), 0);
	order(f, &(struct order){.seq = 6,
			 .read_at_ms = OLD_MS,
			 .key = KEY,
			 .total = 150,
			 .address = "10.9.9.9:161"});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->verdict.stored, 1);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 200);
	assert_int_equal(s.read_at_ms, NEW_MS);
	assert_string_equal(s.address, "127.0.0.1:161");
	assert_int_equal(help_counts(f->dir).records, 2);
}

static void groups_are_merged_one_by_one(void **state)
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
	assert_int_equal(f->verdict.wanted_count, 0);
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

static void history_is_kept_in_order(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, NEW_MS, KEY, 200), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, KEY, 150), 0);
	assert_int_equal(put_one(f, 3, NEW_MS + 5, KEY, 210), 0);
	struct archive_view *v;
	char why[LIMIT_WHY];
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	uint64_t seqs[8] = {0};
	assert_int_equal(archive_view_history(v, text_of(KEY), 10, see_past, seqs), 3);
	assert_int_equal(seqs[1], 3);
	assert_int_equal(seqs[2], 1);
	assert_int_equal(seqs[3], 2);
	seqs[0] = 0;
	assert_int_equal(archive_view_history(v, text_of(KEY), 1, see_past, seqs), 1);
	assert_int_equal(archive_view_history(v, text_of(KEY), 9, stop_at_once, NULL), ERR_STOPPED);
	assert_int_equal(archive_view_history(v, text_of("no"), 9, see_past, seqs), 0);
	archive_view_close(v);
}

static void two_agents_see_one_device(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	uint8_t first[ARCHIVE_AGENT_ID];
	memcpy(first, f->agent, sizeof first);
	memset(f->agent, 0xb2, sizeof f->agent);
	memset(f->key, 0x78, sizeof f->key);
	assert_int_equal(put_one(f, 1, NEW_MS, KEY, 105), 0);
	assert_true(f->verdict.is_new_agent);
	assert_int_equal(help_counts(f->dir).devices, 1);
	assert_int_equal(help_counts(f->dir).agents, 2);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.total, 105);
	assert_memory_equal(s.agent_id, f->agent, sizeof s.agent_id);
}

static void an_address_belongs_to_its_agent(void **state)
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

static void a_clock_ahead_is_marked(void **state)
{
	struct fixture *f = *state;
	order(f, &(struct order){.seq = 1,
			 .read_at_ms = RECEIVED_MS + 1000000,
			 .key = KEY,
			 .total = 9,
			 .age_ms = 2000});
	assert_int_equal(put(f), 0);
	assert_int_equal(help_show(f->dir, KEY).read_at_ms, RECEIVED_MS - 2000);
}

/* ---- who ---- */

static void keys_stay_pinned(void **state)
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

static void accounts_are_kept_and_replaced(void **state)
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

/* ---- what must be sent whole ---- */

static void wants_a_device_whole(void **state)
{
	struct fixture *f = *state;
	order(f, &(struct order){.seq = 1,
			 .read_at_ms = OLD_MS,
			 .key = KEY,
			 .total = 1,
			 .mask = 1u << GROUP_METERS,
			 .is_delta = true});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->verdict.wanted_count, 1);
	assert_string_equal((const char *)f->verdict.wanted.data, KEY);
	/* Still wanted until it comes. */
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:aa", 1), 0);
	assert_int_equal(f->verdict.wanted_count, 1);
	assert_int_equal(put_one(f, 3, NEW_MS, KEY, 2), 0);
	assert_int_equal(f->verdict.wanted_count, 0);
}

static void a_gap_wants_all_of_that_agent(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 1), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:aa", 1), 0);
	assert_int_equal(f->verdict.wanted_count, 0);
	order(f, &(struct order){.seq = 4,
			 .read_at_ms = NEW_MS,
			 .key = KEY,
			 .total = 2,
			 .mask = 1u << GROUP_METERS,
			 .is_delta = true});
	assert_int_equal(put(f), 0);
	assert_true(f->verdict.has_gap);
	assert_int_equal(f->verdict.wanted_count, 2);
	/* A resent batch is no gap. */
	assert_int_equal(put_one(f, 5, NEW_MS, KEY, 3), 0);
	assert_false(f->verdict.has_gap);
	assert_int_equal(f->verdict.wanted_count, 1);
}

static void wanted_names_are_bounded(void **state)
{
	struct fixture *f = *state;
	char key[80];
	for (unsigned i = 1; i <= 300; i++) {
		(void)snprintf(key, sizeof key, "serial:xerox/%050u", i);
		order(f, &(struct order){.seq = i,
				 .read_at_ms = OLD_MS,
				 .key = key,
				 .mask = 1u << GROUP_METERS,
				 .is_delta = true});
	}
	assert_int_equal(put(f), 0);
	assert_int_equal(f->verdict.stored, 300);
	assert_true(f->verdict.wanted_count > 100);
	assert_true(f->verdict.wanted_count < 300);
	assert_true(f->verdict.wanted.len <= LIMIT_WANTED);
}

/* ---- of no use ---- */

/* Well formed, but the status of its meters is none that we know. */
static void order_useless(struct fixture *f, uint64_t seq)
{
	uint8_t bytes[] = {
		0x84, 0x01, 0xcc, 0, 0x02, 0x01, 0x06, 0xa3, 'm', ':', 'a', 0x0b, 0x81, 0x01, 0x63};
	bytes[3] = (uint8_t)seq;
	assert_int_equal(buf_put(&f->body, bytes, sizeof bytes), 0);
	f->first = f->first == 0 ? seq : f->first;
	f->last = seq;
}

static void a_useless_record_keeps_its_number(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 2; i++) {
		order(f, &(struct order){.seq = 1, .read_at_ms = OLD_MS, .key = KEY, .total = 1});
		order_useless(f, 2);
		order(f, &(struct order){
				 .seq = 3, .read_at_ms = OLD_MS, .key = "mac:a", .total = 3});
		assert_int_equal(put(f), 0);
		assert_int_equal(f->verdict.stored, i == 0 ? 2 : 0);
		assert_int_equal(f->verdict.duplicates, i == 0 ? 0 : 2);
		assert_int_equal(f->verdict.rejected_count, 1);
		assert_int_equal(f->verdict.rejected[0].seq, 2);
		assert_int_equal(f->verdict.rejected[0].err, ERR_RANGE);
	}
	assert_int_equal(help_counts(f->dir).records, 2);
	assert_int_equal(help_counts(f->dir).rejected, 1);
}

static void too_many_useless_records(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 1; i <= LIMIT_REJECTED + 1; i++)
		order_useless(f, i);
	assert_int_equal(put(f), ERR_LIMIT);
	assert_int_equal(help_counts(f->dir).rejected, 0);
	assert_int_equal(help_counts(f->dir).agents, 0);
}

static void not_even_a_record(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(buf_put(&f->body, "\xc1\xc1", 2), 0);
	assert_int_equal(put(f), ERR_FORMAT);
	assert_int_equal(help_counts(f->dir).agents, 0);
}

/* ---- damage, audit, start ---- */

static void sql(struct fixture *f, const char *text)
{
	char path[128];
	char *why = NULL;
	sqlite3 *db;
	(void)snprintf(path, sizeof path, "%s/store.db", f->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int see_damage(void *owner, const struct archive_past *p)
{
	*(int *)owner += p->is_damaged;
	return 0;
}

static void damage_is_seen(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	archive_close(f->archive);
	sql(f, "UPDATE device_groups SET bytes = CAST(bytes || x'00' AS BLOB) WHERE id % 16 = 1;"
	       "UPDATE records SET bytes = x'81';");
	open_archive(f);
	struct shown s = help_show(f->dir, KEY);
	assert_int_equal(s.damaged, 1);
	assert_int_equal(s.mask, ALL_GROUPS & ~(1u << GROUP_METERS));
	assert_int_equal(s.total, UINT64_MAX);
	struct archive_view *v;
	char why[LIMIT_WHY];
	int damaged = 0;
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	assert_int_equal(archive_view_history(v, text_of(KEY), 5, see_damage, &damaged), 1);
	assert_int_equal(damaged, 1);
	archive_view_close(v);
}

struct events {
	int count;
	char what[32];
	char detail[LIMIT_WHY];
};

static int see_event(void *owner, const struct archive_event *e)
{
	struct events *seen = owner;
	if (seen->count++ == 0) {
		(void)snprintf(seen->what, sizeof seen->what, "%.*s", TEXT_ARG(e->what));
		(void)snprintf(seen->detail, sizeof seen->detail, "%.*s", TEXT_ARG(e->detail));
	}
	return seen->count == 3 ? ERR_STOPPED : 0;
}

static void uploads_are_audited(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(archive_audit(f->archive, RECEIVED_MS, "login-failed", TEXT("x"), "y"), 0);
	struct archive_view *v;
	char why[LIMIT_WHY];
	struct events seen = {0};
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	assert_int_equal(archive_view_audit(v, 10, see_event, &seen), 2);
	assert_string_equal(seen.what, "login-failed");
	assert_int_equal(archive_audit(f->archive, RECEIVED_MS, "a", TEXT("x"), "y"), 0);
	seen.count = 0;
	assert_int_equal(archive_view_audit(v, 10, see_event, &seen), ERR_STOPPED);
	archive_view_close(v);
}

static int count_event(void *owner, const struct archive_event *e)
{
	(void)e;
	++*(uint64_t *)owner;
	return 0;
}

static void the_audit_is_bounded(void **state)
{
	struct fixture *f = *state;
	archive_close(f->archive);
	char text[256];
	(void)snprintf(text, sizeof text,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		" INSERT INTO audit SELECT i, 0, 'x', '', '' FROM n",
		LIMIT_AUDIT_ROWS + 100);
	sql(f, text);
	open_archive(f);
	assert_int_equal(archive_begin(f->archive), 0);
	for (int i = 0; i < 128; i++)
		assert_int_equal(archive_audit(f->archive, 1, "y", TEXT(""), ""), 0);
	assert_int_equal(archive_commit(f->archive), 0);
	struct archive_view *v;
	char why[LIMIT_WHY];
	uint64_t rows = 0;
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	int seen = archive_view_audit(v, 1000000, count_event, &rows);
	assert_int_equal(seen, rows);
	assert_in_range(rows, LIMIT_AUDIT_ROWS, LIMIT_AUDIT_ROWS + 63);
	archive_view_close(v);
}

static void one_owner_at_a_time(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_WHY] = "";
	struct archive *second;
	struct archive_options o = {.dir = f->dir, .rule = &rule};
	assert_int_equal(archive_open(&second, &o, why, sizeof why), ERR_STORE_LOCKED);
	assert_true(strlen(why) > 0);
	struct archive_view *v;
	assert_int_equal(archive_view_open(&v, "nowhere", why, sizeof why), -ENOENT);
	archive_close(f->archive);
	sql(f, "PRAGMA user_version = 99");
	assert_true(archive_open(&second, &o, why, sizeof why) < 0);
	assert_true(archive_view_open(&v, f->dir, why, sizeof why) < 0);
	f->archive = NULL;
}

static int stop_walk(void *owner, const struct archive_device *d)
{
	(void)owner;
	(void)d;
	return ERR_STOPPED;
}

static void a_walk_can_be_ended(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(put_one(f, 1, OLD_MS, KEY, 100), 0);
	assert_int_equal(put_one(f, 2, OLD_MS, "mac:a", 100), 0);
	struct archive_view *v;
	char why[LIMIT_WHY];
	assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
	assert_int_equal(archive_view_each(v, stop_walk, NULL), ERR_STOPPED);
	struct shown s = {0};
	assert_int_equal(archive_view_each(v, help_on_device, &s), 2);
	assert_string_equal(s.key, KEY); /* by key: the last */
	assert_string_equal(archive_view_why(v), "");
	archive_view_close(v);
	assert_string_equal(archive_why(f->archive), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stores_and_shows),
		TEST(counts_a_duplicate_once),
		TEST(refuses_other_content_whole),
		TEST(one_refused_batch_leaves_the_others),
		TEST(rolls_back_what_was_not_committed),
		TEST(older_becomes_history),
		TEST(groups_are_merged_one_by_one),
		TEST(history_is_kept_in_order),
		TEST(two_agents_see_one_device),
		TEST(an_address_belongs_to_its_agent),
		TEST(a_clock_ahead_is_marked),
		TEST(keys_stay_pinned),
		TEST(accounts_are_kept_and_replaced),
		TEST(wants_a_device_whole),
		TEST(a_gap_wants_all_of_that_agent),
		TEST(wanted_names_are_bounded),
		TEST(a_useless_record_keeps_its_number),
		TEST(too_many_useless_records),
		TEST(not_even_a_record),
		TEST(damage_is_seen),
		TEST(uploads_are_audited),
		TEST(the_audit_is_bounded),
		TEST(one_owner_at_a_time),
		TEST(a_walk_can_be_ended),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
