/* SPDX-License-Identifier: Apache-2.0
 * Stores one record: finds duplicates, finds its device, merges its groups into the shown ones. */
#include "engine/store/archive_schema.h"

#include "engine/loop/crypto.h"
#include "proto/wire/pack.h"

#include <errno.h>
#include <string.h>

/* "addr:" + agent id in hex + "/" + the agent's own key. */
#define KEY_MAX (LIMIT_TEXT_LONG + 64)

/* The record in work. */
struct incoming {
	const struct archive_batch *batch;
	int64_t agent; /* row ids */
	int64_t device;
	const uint8_t *bytes;
	size_t len;
	struct record_head head;
	struct record_span spans[GROUP_COUNT];
	struct reading reading;
	uint8_t digest[CRYPTO_SHA256];
	uint64_t tie;
	uint64_t read_at_ms;
	bool is_suspect;
	struct archive_evaluation evaluation;
};

/* Whether one record is the other without some of its groups: the agent's spool superseded them
 * after it had written the record to a file. */
static bool is_cut(const struct record_span a[GROUP_COUNT], const struct record_span b[GROUP_COUNT])
{
	bool is_less = false, is_more = false;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (a[g].len == 0 || b[g].len == 0) {
			is_less = is_less || b[g].len > 0;
			is_more = is_more || a[g].len > 0;
		} else if (a[g].len != b[g].len || memcmp(a[g].p, b[g].p, a[g].len) != 0) {
			return false;
		}
	}
	return !is_less || !is_more;
}

/* Whether the stored record is the same poll in another version that the agent may send: without
 * groups that newer records superseded, or under another privacy policy, which filters what waits
 * (the receipt of the first version may have been lost). */
static bool is_same_poll(const struct incoming *in, const uint8_t *bytes, size_t len)
{
	struct record_head head;
	struct record_span groups[GROUP_COUNT];
	if (record_spans(&head, groups, bytes, len) < 0 || head.read_at_ms != in->head.read_at_ms)
		return false;
	return head.policy_id != in->head.policy_id ||
	       (text_is_equal(head.device_key, in->head.device_key) && is_cut(groups, in->spans));
}

/* 1 known, 0 new, ERR_CONFLICT, a store's error, or the error it was rejected for. */
static int find_row(struct archive *a, struct incoming *in)
{
	struct db_stmt *st = &a->st[SQL_RECORD_DIGEST];
	db_bind(st, db_i64(in->agent), db_i64((int64_t)in->batch->epoch),
		db_i64((int64_t)in->head.seq));
	int found = db_step(st);
	if (found <= 0)
		return found;
	size_t len;
	const uint8_t *digest = db_col_blob(st, 0, &len);
	bool is_same = len == sizeof in->digest && memcmp(digest, in->digest, len) == 0;
	int64_t err = db_col_i64(st, 1);
	if (!is_same) {
		const uint8_t *stored = db_col_blob(st, 2, &len);
		is_same = is_same_poll(in, stored, len);
	}
	db_reset(st);
	if (!is_same)
		return ERR_CONFLICT;
	return err < 0 && err > INT32_MIN ? (int)err : 1;
}

/* Checks the whole record before anything is written. */
static int read_groups(struct archive *a, struct incoming *in)
{
	if (in->head.device_key.len == 0 || in->head.seq == 0)
		return ERR_FORMAT;
	if (in->head.device_key.len > LIMIT_TEXT_LONG)
		return ERR_LIMIT;
	in->read_at_ms = a->rule.read_at(
		in->head.read_at_ms, in->batch->received_at_ms, in->head.age_ms, &in->is_suspect);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (in->spans[g].len == 0)
			continue;
		int err = record_group_unpack(&in->reading, (enum reading_group)g, in->read_at_ms,
			in->spans[g].p, in->spans[g].len);
		if (err < 0)
			return err == -ENOMEM ? ERR_LIMIT : err;
	}
	return 0;
}

/* The name of a device among all agents. An address means something only to its agent. */
static struct text device_name(const struct incoming *in, char dst[KEY_MAX])
{
	struct text key = in->head.device_key;
	static const char addr[] = "addr:";
	const size_t n = sizeof addr - 1;
	if (key.len < n || memcmp(key.p, addr, n) != 0)
		return key;
	memcpy(dst, addr, n);
	str_hex(dst + n, in->batch->agent_id, ARCHIVE_AGENT_ID);
	size_t at = n + 2 * (size_t)ARCHIVE_AGENT_ID;
	dst[at++] = '/';
	memcpy(dst + at, key.p + n, key.len - n);
	return (struct text){dst, at + key.len - n};
}

/* The same agent finds the device at another address than last time. */
static int record_move(
	struct incoming *in, struct text address, int64_t agent, uint64_t last_read_at_ms)
{
	bool is_same =
		address.len == in->head.address.len &&
		(address.len == 0 || memcmp(address.p, in->head.address.p, address.len) == 0);
	if (is_same || agent != in->agent || in->head.address.len == 0)
		return 0;
	return archive_history_moved(&in->evaluation, address, last_read_at_ms, in->head.address);
}

/* The device's row, made if it is new; where it was seen last follows its newest record. */
static int find_device(struct archive *a, struct incoming *in)
{
	char name[KEY_MAX];
	struct text key = device_name(in, name);
	struct db_stmt *st = &a->st[SQL_DEVICE_GET];
	db_bind(st, db_text(key));
	int found = db_step(st);
	if (found < 0)
		return found;
	struct archive_version mine = {.read_at_ms = in->read_at_ms,
		.seq = in->head.seq,
		.tie = in->tie,
		.status = GROUP_COMPLETE};
	if (found == 1) {
		struct archive_version last = {.read_at_ms = db_col_u64(st, 1),
			.seq = (uint64_t)db_col_i64(st, 2),
			.tie = (uint64_t)db_col_i64(st, 3),
			.status = GROUP_COMPLETE};
		in->device = in->evaluation.device = db_col_i64(st, 0);
		bool wins = a->rule.wins(&mine, &last);
		int err = wins ? record_move(
					 in, db_col_text(st, 4), db_col_i64(st, 5), last.read_at_ms)
			       : 0;
		db_reset(st);
		if (!wins || err < 0)
			return err;
	}
	st = &a->st[found == 1 ? SQL_DEVICE_SEEN : SQL_DEVICE_ADD];
	db_bind(st, found == 1 ? db_i64(in->device) : db_text(key), db_text(in->head.address),
		db_i64(in->agent), db_i64((int64_t)in->head.seq), db_i64((int64_t)in->tie),
		db_u64(in->read_at_ms), db_u64(in->batch->received_at_ms));
	int err = archive_run(st);
	if (err == 0 && found == 0) {
		in->device = in->evaluation.device = db_last_id(a->db);
		err = archive_history_replaced(&in->evaluation, in->head.address);
	}
	return err;
}

static int put_identity(struct archive *a, const struct incoming *in)
{
	struct db_stmt *st = &a->st[SQL_DEVICE_IDENTITY];
	db_bind(st, db_i64(in->device), db_text(in->reading.identity.vendor),
		db_text(in->reading.identity.model), db_text(in->reading.identity.serial));
	return archive_run(st);
}

/* Shows this record's group if it wins over what is shown. */
static int merge_group(struct archive *a, struct incoming *in, unsigned g)
{
	const struct group_info *info = &in->reading.group[g];
	struct archive_version mine = {.read_at_ms = in->read_at_ms,
		.seq = in->head.seq,
		.tie = in->tie,
		.status = info->status};
	struct archive_before before = {.len = 0};
	int64_t id = archive_group_id(in->device, g);
	struct db_stmt *st = &a->st[SQL_GROUP_GET];
	db_bind(st, db_i64(id));
	int found = db_step(st);
	if (found < 0)
		return found;
	if (found == 1) {
		struct archive_version shown = {.status = (uint8_t)db_col_u64(st, 0),
			.read_at_ms = db_col_u64(st, 1),
			.seq = (uint64_t)db_col_i64(st, 2),
			.tie = (uint64_t)db_col_i64(st, 3)};
		if (!a->rule.wins(&mine, &shown)) {
			db_reset(st);
			return 0;
		}
		before.bytes = db_col_blob(st, 4, &before.len);
		before.read_at_ms = shown.read_at_ms;
		before.status = shown.status;
		before.crc = (uint32_t)db_col_u64(st, 5);
	}
	int evaluated = archive_history_group(&in->evaluation, g, &before);
	if (found == 1)
		db_reset(st);
	if (evaluated < 0)
		return evaluated;
	st = &a->st[SQL_GROUP_PUT];
	db_bind(st, db_i64(id), db_u64(info->status), db_u64(in->read_at_ms),
		db_i64((int64_t)info->responded_at_ms), db_i64((int64_t)in->head.seq),
		db_i64((int64_t)in->tie), db_i64(in->agent),
		db_u64(archive_crc((uint64_t)id, in->read_at_ms, in->spans[g].p, in->spans[g].len)),
		db_blob(in->spans[g].p, in->spans[g].len));
	int err = archive_run(st);
	if (err == 0 && g == GROUP_IDENTITY)
		err = put_identity(a, in);
	return err;
}

static int note_sighting(struct archive *a, const struct incoming *in)
{
	struct db_stmt *st = &a->st[SQL_SIGHTING_PUT];
	db_bind(st, db_i64(in->agent), db_text(in->head.device_key), db_i64(in->device),
		db_u64(in->head.is_full ? 0 : 1));
	return archive_run(st);
}

/* `fault` is 0, or the reason of a rejected record, of which only the number is kept. */
static int add_record(struct archive *a, const struct incoming *in, int fault)
{
	struct db_stmt *st = &a->st[SQL_RECORD_ADD];
	db_bind(st, db_i64(in->agent), db_i64((int64_t)in->batch->epoch),
		db_i64((int64_t)in->head.seq), db_blob(in->digest, sizeof in->digest),
		fault == 0 ? db_i64(in->device) : db_null(), db_i64(fault),
		db_u64(fault == 0 ? in->read_at_ms : 0), db_u64(in->batch->received_at_ms),
		db_u64(in->is_suspect),
		db_u64(archive_crc(in->batch->epoch, in->head.seq, in->bytes, in->len)),
		db_blob(in->bytes, in->len));
	return archive_run(st);
}

static int store_record(struct archive *a, struct incoming *in)
{
	int err = crypto_sha256(in->bytes, in->len, in->digest);
	if (err < 0)
		return ERR_STORE;
	for (unsigned i = 0; i < 8; i++)
		in->tie = in->tie << 8 | in->digest[i];
	int known = find_row(a, in);
	if (known != 0)
		return known == 1 ? 0 : known;
	int fault = read_groups(a, in);
	if (fault < 0) {
		err = add_record(a, in, fault);
		return err < 0 ? err : fault;
	}
	in->evaluation = (struct archive_evaluation){.archive = a,
		.agent = in->agent,
		.site = in->batch->site,
		.now = &in->reading,
		.now_ms = in->read_at_ms};
	if ((err = find_device(a, in)) < 0 || (err = note_sighting(a, in)) < 0 ||
		(err = add_record(a, in, 0)) < 0)
		return err;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (in->spans[g].len != 0 && (err = merge_group(a, in, g)) < 0)
			return err;
	}
	err = archive_history_end(&in->evaluation);
	return err < 0 ? err : 1;
}

int archive_put_record(struct archive *a, const struct archive_batch *batch, int64_t agent,
	const uint8_t *bytes, size_t left, uint64_t *seq, size_t *len,
	struct archive_result *result)
{
	struct incoming in = {.batch = batch, .agent = agent, .bytes = bytes};
	*len = 0;
	int n = record_spans(&in.head, in.spans, bytes, left);
	if (n < 0)
		return n;
	*len = in.len = (size_t)n;
	*seq = in.head.seq;
	reading_open(&in.reading, &a->blocks);
	int err = store_record(a, &in);
	if (err == 1 && in.is_suspect && result->clock_suspects++ == 0)
		(void)str_scrub(result->clock_suspect, sizeof result->clock_suspect,
			(const uint8_t *)in.head.device_key.p, in.head.device_key.len);
	reading_close(&in.reading);
	return err;
}
