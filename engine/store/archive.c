/* SPDX-License-Identifier: Apache-2.0
 * Opening, accounts, batches and the audit. The effect of one record is in archive_merge.c. */
#include "engine/store/archive_schema.h"

#include "proto/base/crc.h"
#include "engine/loop/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct db_schema archive_schema = {
	.application_id = DB_ARCHIVE, .steps = archive_steps, .version = 8};

static const char *const sql[SQL_COUNT] = {
	[SQL_SAVEPOINT] = "SAVEPOINT batch",
	[SQL_SAVEPOINT_KEEP] = "RELEASE batch",
	[SQL_SAVEPOINT_BACK] = "ROLLBACK TO batch",
	[SQL_ACCOUNT_PUT] = "INSERT INTO accounts VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
			    " ON CONFLICT(name) DO UPDATE SET role = excluded.role,"
			    " scheme = excluded.scheme, salt = excluded.salt,"
			    " hash = excluded.hash, created_at_ms = excluded.created_at_ms",
	[SQL_ACCOUNT_HAS] = "SELECT 1 FROM accounts WHERE name = ?1",
	[SQL_AGENT_GET] = "SELECT id, public_key, last_seen_ms FROM agents WHERE agent_id = ?1",
	[SQL_AGENT_ADD] = "INSERT INTO agents(agent_id, public_key, account, site, software,"
			  " first_seen_ms, last_seen_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6)",
	[SQL_AGENT_SEEN] =
		"UPDATE agents SET account = iif(?2 = '', account, ?2), site = ?3, software = ?4,"
		" last_seen_ms = ?5 WHERE id = ?1",
	[SQL_AGENT_SITE] = "UPDATE agents SET is_corporate = ?2, information = CASE WHEN"
			   " length(?3) > 0 THEN ?3 ELSE information END,"
			   " information_at_ms = CASE WHEN length(?3) > 0 THEN ?4"
			   " ELSE information_at_ms END WHERE id = ?1",
	[SQL_EPOCH_GET] = "SELECT last_seq FROM epochs WHERE agent = ?1 AND epoch = ?2",
	[SQL_EPOCH_PUT] = "INSERT INTO epochs VALUES(?1, ?2, ?3, ?4)"
			  " ON CONFLICT DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)",
	[SQL_RECORD_ADD] = "INSERT INTO records(agent, epoch, seq, digest, device, err,"
			   " read_at_ms, received_at_ms, is_clock_suspect, crc, bytes)"
			   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[SQL_RECORD_DIGEST] = "SELECT digest, err, bytes FROM records"
			      " WHERE agent = ?1 AND epoch = ?2 AND seq = ?3",
	[SQL_DEVICE_GET] =
		"SELECT id, read_at_ms, seq, tie, address, agent FROM devices WHERE key = ?1",
	[SQL_DEVICE_ADD] = "INSERT INTO devices(key, address, agent, seq, tie, read_at_ms,"
			   " first_seen_ms, received_at_ms)"
			   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
	[SQL_DEVICE_SEEN] = "UPDATE devices SET address = ?2, agent = ?3, seq = ?4, tie = ?5,"
			    " read_at_ms = ?6, received_at_ms = ?7 WHERE id = ?1",
	[SQL_DEVICE_IDENTITY] = "UPDATE devices SET vendor = ?2, model = ?3, serial = ?4"
				" WHERE id = ?1",
	[SQL_GROUP_GET] = "SELECT status, read_at_ms, seq, tie, bytes, crc FROM device_groups"
			  " WHERE id = ?1",
	[SQL_GROUP_PUT] = "INSERT OR REPLACE INTO device_groups"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SQL_SIGHTING_PUT] = "INSERT INTO sightings VALUES(?1, ?2, ?3, ?4)"
			     " ON CONFLICT DO UPDATE SET device = excluded.device,"
			     " is_wanted = min(is_wanted, excluded.is_wanted)",
	[SQL_SIGHTING_WANT_ALL] = "UPDATE sightings SET is_wanted = 1"
				  " WHERE agent = ?1 AND is_wanted = 0",
	[SQL_SIGHTING_WANT] = "UPDATE sightings SET is_wanted = 1"
			      " WHERE agent = ?1 AND device = ?2",
	[SQL_SIGHTING_WANTED] = "SELECT s.key FROM sightings s JOIN devices d ON d.id = s.device"
				" WHERE s.agent = ?1 AND s.is_wanted = 1"
				" AND d.received_at_ms >= ?2",
	[SQL_EVALUATION_GET] = "SELECT bytes FROM evaluations WHERE device = ?1",
	[SQL_EVALUATION_PUT] = "INSERT OR REPLACE INTO evaluations VALUES(?1, ?2)",
	[SQL_EVENT_ADD] =
		"INSERT INTO events(device, agent, kind, key, from_ms, to_ms, what, old,"
		" new, cycle, severity, training, alert_group, group_index, code,"
		" location, supply_type, colorant, part) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		" ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
	[SQL_EVENT_END] = "UPDATE events SET ended_from_ms = ?4, ended_to_ms = ?5 WHERE id ="
			  " (SELECT min(id) FROM events WHERE device = ?1 AND key = ?2"
			  " AND kind = ?3 AND ended_to_ms = 0)",
	[SQL_EVENT_END_ID] = "UPDATE events SET ended_from_ms = ?2, ended_to_ms = ?3 WHERE id = ?1",
	[SQL_EVENT_OPEN] = "SELECT id, key FROM events WHERE device = ?1 AND ended_to_ms = 0"
			   " AND kind = ?2 AND id > ?3 ORDER BY id LIMIT 1",
	[SQL_EVENT_TRIM] = "DELETE FROM events WHERE id <= ?1",
	[SQL_COMPLETE_GET] = "SELECT read_at_ms, bytes, crc FROM complete_groups WHERE id = ?1",
	[SQL_COMPLETE_PUT] = "INSERT OR REPLACE INTO complete_groups VALUES(?1, ?2, ?3, ?4)",
	[SQL_COMPLETE_DROP] = "DELETE FROM complete_groups WHERE id = ?1",
	[SQL_SIGHTING_NEXT] = "SELECT key, device FROM sightings WHERE agent = ?1 AND key > ?2"
			      " ORDER BY key LIMIT 1",
	[SQL_DEVICE_OF_AGENT] = "SELECT id FROM devices WHERE agent = ?1 AND address = ?2"
				" ORDER BY read_at_ms DESC LIMIT 1",
	[SQL_COVERAGE_OLD] = "UPDATE coverage SET is_current = 0 WHERE agent = ?1",
	[SQL_COVERAGE_PUT] = "INSERT INTO coverage VALUES(?1, ?2, ?3, ?4, ?5, 1)"
			     " ON CONFLICT DO UPDATE SET"
			     " complete_at_ms = max(complete_at_ms, excluded.complete_at_ms),"
			     " attempt_at_ms = max(attempt_at_ms, excluded.attempt_at_ms),"
			     " reason = iif(excluded.attempt_at_ms = 0, reason, excluded.reason),"
			     " is_current = 1",
	[SQL_COVERAGE_DROP] = "DELETE FROM coverage WHERE agent = ?1 AND is_current = 0",
	[SQL_COVERAGE_AGENT_GET] = "SELECT made_at_ms FROM coverage_agents WHERE agent = ?1",
	[SQL_COVERAGE_AGENT_PUT] = "INSERT OR REPLACE INTO coverage_agents"
				   " VALUES(?1, ?2, ?3, ?4, ?5)",
	[SQL_COVERAGE_UNREAD_DROP] = "DELETE FROM coverage_unread WHERE agent = ?1",
	[SQL_COVERAGE_UNREAD_PUT] = "INSERT OR REPLACE INTO coverage_unread"
				    " VALUES(?1, ?2, ?3, ?4)",
	[SQL_HEARTBEAT_GET] = "SELECT number, allowed_at_ms FROM heartbeats WHERE agent = ?1",
	[SQL_HEARTBEAT_PUT] = "INSERT OR REPLACE INTO heartbeats VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_DEVICE_AT] = "SELECT key, read_at_ms FROM devices WHERE agent = ?1 AND address = ?2"
			  " AND id <> ?3 ORDER BY read_at_ms DESC LIMIT 1",
};

bool archive_is_store_error(int err)
{
	return (err < 0 && err > -4096) || err == ERR_STORE || err == ERR_STORE_CORRUPT;
}

uint32_t archive_crc(uint64_t a, uint64_t b, const void *bytes, size_t len)
{
	uint8_t head[16];
	for (unsigned i = 0; i < 8; i++) {
		head[i] = (uint8_t)(a >> (56 - 8 * i));
		head[8 + i] = (uint8_t)(b >> (56 - 8 * i));
	}
	return crc32c(crc32c(0, head, sizeof head), bytes, len);
}

/* A constraint that fails here is a mistake of ours or a damaged file, never the agent's conflict.
 */
int archive_run(struct db_stmt *st)
{
	int err = db_run(st);
	return err == ERR_CONFLICT || err == ERR_RANGE ? ERR_STORE : err;
}

int archive_open(struct archive **ret, const struct archive_options *o, char *why, size_t why_cap)
{
	struct archive *a = calloc(1, sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	a->rule = *o->rule;
	a->thresholds.preset_x100 = HISTORY_LOW_X100;
	struct db_options options = {.dir = o->dir,
		.file = ARCHIVE_FILE,
		.schema = &archive_schema,
		.cache_kib = LIMIT_ARCHIVE_CACHE_KIB};
	int err = slab_open(&a->blocks, LIMIT_ARENA_BLOCK, 2 * (size_t)LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		goto failed;
	err = db_open(&a->db, &options, why, why_cap);
	if (err < 0)
		goto failed;
	err = db_prepare_list(a->db, a->st, sql, SQL_COUNT);
	if (err < 0) {
		(void)snprintf(why, why_cap, "%s/%s: %s", o->dir, ARCHIVE_FILE, db_why(a->db));
		goto failed;
	}
	*ret = a;
	return 0;
failed:
	archive_close(a);
	return err;
}

void archive_close(struct archive *a)
{
	if (a == NULL)
		return;
	db_close(a->db);
	slab_close(&a->blocks);
	free(a);
}

const char *archive_why(const struct archive *a)
{
	return db_why(a->db);
}

void archive_set_thresholds(struct archive *a, const struct history_thresholds *t)
{
	a->thresholds = *t;
}

int archive_put_account(struct archive *a, const struct archive_account *account)
{
	struct db_stmt *st = &a->st[SQL_ACCOUNT_PUT];
	db_bind(st, db_text(text_of(account->name)), db_u64(account->role), db_u64(account->scheme),
		db_blob(account->salt, sizeof account->salt),
		db_blob(account->hash, sizeof account->hash), db_u64(account->created_at_ms));
	a->has_puts = true; /* inside a transaction */
	return archive_run(st);
}

int archive_has_account(struct archive *a, const char *name)
{
	struct db_stmt *st = &a->st[SQL_ACCOUNT_HAS];
	db_bind(st, db_text(text_of(name)));
	int found = db_step(st);
	if (found == 1)
		db_reset(st);
	return found;
}

int archive_begin(struct archive *a)
{
	int err = db_begin(a->db);
	a->has_puts = false;
	if (err != -EBADF)
		return err;
	/* An earlier failure closed the connection: look again what the disk has. */
	err = db_reopen(a->db);
	return err < 0 ? err : db_begin(a->db);
}

int archive_commit(struct archive *a)
{
	int err = db_commit(a->db);
	/* The state on disk is unknown now; if this fails too, archive_begin tries again. */
	if (err < 0 && db_reopen(a->db) < 0)
		return err;
	return err;
}

void archive_rollback(struct archive *a)
{
	db_rollback(a->db);
}

/* A statement that could fail halfway has a savepoint of its own. SQLite finds the end of its pages
 * by a walk over all pages that an outer savepoint holds, at each such statement: a third of the
 * time of a large batch. The first one in a transaction needs no savepoint: a rollback undoes it.
 */
int archive_put_apart(struct archive *a, archive_body *body, void *arg)
{
	bool has_savepoint = a->has_puts;
	int err = has_savepoint ? archive_run(&a->st[SQL_SAVEPOINT]) : 0;
	if (err < 0)
		return err;
	a->has_puts = true;
	int put_err = body(a, arg);
	if (archive_is_store_error(put_err))
		return put_err; /* archive_rollback ends the savepoint too */
	if (put_err < 0 && has_savepoint)
		err = archive_run(&a->st[SQL_SAVEPOINT_BACK]);
	if (err == 0 && has_savepoint)
		err = archive_run(&a->st[SQL_SAVEPOINT_KEEP]);
	if (put_err < 0 && !has_savepoint) {
		archive_rollback(a);
		err = archive_begin(a);
	}
	return err < 0 ? err : put_err;
}

/* ---- one batch --------------------------------------------------------------------------- */

/* 1: the agent's row and when it was last seen; 0: there is none; ERR_FORBIDDEN: its pinned key is
 * another one. */
static int get_agent(struct archive *a, const uint8_t *agent_id, const uint8_t *public_key,
	size_t public_key_len, int64_t *ret, uint64_t *last_seen_ms)
{
	struct db_stmt *st = &a->st[SQL_AGENT_GET];
	db_bind(st, db_blob(agent_id, ARCHIVE_AGENT_ID));
	int found = db_step(st);
	if (found <= 0)
		return found;
	size_t len;
	*ret = db_col_i64(st, 0);
	const uint8_t *pinned = db_col_blob(st, 1, &len);
	bool is_same = len == public_key_len && memcmp(pinned, public_key, len) == 0;
	*last_seen_ms = (uint64_t)db_col_i64(st, 2);
	db_reset(st);
	return is_same ? 1 : ERR_FORBIDDEN;
}

/* The agent's row, made if it is new. Its key is pinned from then on. */
static int find_agent(struct archive *a, const struct archive_batch *batch,
	struct archive_result *result, int64_t *ret)
{
	int found = get_agent(a, batch->agent_id, batch->public_key, batch->public_key_len, ret,
		&result->lost_from_ms);
	if (found != 0)
		return found < 0 ? found : 0;
	struct db_stmt *st = &a->st[SQL_AGENT_ADD];
	db_bind(st, db_blob(batch->agent_id, ARCHIVE_AGENT_ID),
		db_blob(batch->public_key, batch->public_key_len), db_text(batch->account),
		db_text(batch->site), db_text(batch->software), db_u64(batch->received_at_ms));
	int err = archive_run(st);
	if (err < 0)
		return err;
	*ret = db_last_id(a->db);
	result->is_new_agent = true;
	return 0;
}

int archive_known_agent(struct archive *a, const uint8_t *agent_id, const uint8_t *public_key,
	size_t public_key_len, int64_t *ret)
{
	uint64_t last_seen_ms;
	int found = get_agent(a, agent_id, public_key, public_key_len, ret, &last_seen_ms);
	return found == 1 ? 0 : found == 0 ? ERR_NAME : found;
}

/* The highest number that came in this epoch; sets is_new_epoch if there is none. */
static int find_epoch(struct archive *a, const struct archive_batch *batch, int64_t agent,
	struct archive_result *result, uint64_t *last_seq)
{
	struct db_stmt *st = &a->st[SQL_EPOCH_GET];
	db_bind(st, db_i64(agent), db_i64((int64_t)batch->epoch));
	int found = db_step(st);
	if (found < 0)
		return found;
	result->is_new_epoch = found == 0;
	*last_seq = found == 1 ? (uint64_t)db_col_i64(st, 0) : 0;
	if (found == 1)
		db_reset(st);
	return 0;
}

static int put_records(struct archive *a, const struct archive_batch *batch, int64_t agent,
	uint64_t last_seq, struct archive_result *result)
{
	uint64_t expected = last_seq + 1;
	if (batch->has_receipted && batch->receipted > last_seq) {
		result->lost_first = last_seq + 1;
		result->lost_last = batch->receipted;
	}
	/* An agent with a new epoch is a copy of itself: its changes may be those of an older
	 * state. */
	result->has_gap = result->lost_last > 0 || (result->is_new_epoch && !result->is_new_agent);
	size_t at = 0;
	while (at < batch->body_len) {
		uint64_t seq;
		size_t len;
		int err = archive_put_record(a, batch, agent, batch->body + at,
			batch->body_len - at, &seq, &len, result);
		if (err == ERR_CONFLICT || archive_is_store_error(err))
			return err;
		if (len == 0)
			return ERR_FORMAT; /* not even a record: record_spans was not asked */
		if (err < 0) {
			if (result->rejected_count == LIMIT_REJECTED)
				return ERR_LIMIT;
			result->rejected[result->rejected_count++] =
				(struct archive_rejected){.seq = seq, .err = err};
		}
		result->stored += err == 1;
		result->duplicates += err == 0;
		/* An epoch that is new to us has no "before": its first record is its start. */
		if (!batch->has_receipted && seq > expected && !(result->is_new_epoch && at == 0))
			result->has_gap = true;
		if (seq >= expected)
			expected = seq + 1;
		at += len;
	}
	return 0;
}

/* Names of devices that must be sent whole, as many as fit. A device without a record for
 * two full-state periods is left out: its name would fill the list for ever. */
static int list_wanted(
	struct archive *a, int64_t agent, uint64_t now_ms, struct archive_result *result)
{
	struct db_stmt *st = &a->st[SQL_SIGHTING_WANTED];
	db_bind(st, db_i64(agent),
		db_u64(now_ms > 2 * LIMIT_FULL_MS ? now_ms - 2 * LIMIT_FULL_MS : 0));
	int found;
	while ((found = db_step(st)) == 1) {
		struct text key = db_col_text(st, 0);
		int err;
		if ((err = buf_reserve(&result->wanted, key.len + 1)) < 0 ||
			(err = buf_put(&result->wanted, key.p, key.len)) < 0 ||
			(err = buf_put(&result->wanted, "", 1)) < 0) {
			db_reset(st);
			return err == ERR_FULL ? 0 : err;
		}
		result->wanted_count++;
	}
	return found;
}

static int note_agent(struct archive *a, const struct archive_batch *batch, int64_t agent)
{
	struct db_stmt *st = &a->st[SQL_AGENT_SEEN];
	db_bind(st, db_i64(agent), db_text(batch->account), db_text(batch->site),
		db_text(batch->software), db_u64(batch->received_at_ms));
	int err = archive_run(st);
	if (err < 0)
		return err;
	st = &a->st[SQL_AGENT_SITE];
	db_bind(st, db_i64(agent), db_u64(batch->is_corporate),
		db_blob(batch->information, batch->information_len), db_u64(batch->received_at_ms));
	if ((err = archive_run(st)) < 0)
		return err;
	st = &a->st[SQL_EPOCH_PUT];
	db_bind(st, db_i64(agent), db_i64((int64_t)batch->epoch), db_i64((int64_t)batch->last),
		db_u64(batch->received_at_ms));
	return archive_run(st);
}

struct batch_put {
	const struct archive_batch *batch;
	struct archive_result *result;
};

static int put_inside(struct archive *a, void *arg)
{
	const struct batch_put *put = arg;
	const struct archive_batch *batch = put->batch;
	struct archive_result *result = put->result;
	int64_t agent = 0;
	uint64_t last_seq = 0;
	int err;
	if ((err = find_agent(a, batch, result, &agent)) < 0 ||
		(err = find_epoch(a, batch, agent, result, &last_seq)) < 0 ||
		(err = put_records(a, batch, agent, last_seq, result)) < 0)
		return err;
	if (result->has_gap) {
		db_bind(&a->st[SQL_SIGHTING_WANT_ALL], db_i64(agent));
		err = archive_run(&a->st[SQL_SIGHTING_WANT_ALL]);
	}
	if (err < 0 || (err = list_wanted(a, agent, batch->received_at_ms, result)) < 0)
		return err;
	return note_agent(a, batch, agent);
}

int archive_put_batch(
	struct archive *a, const struct archive_batch *batch, struct archive_result *result)
{
	result->stored = result->duplicates = result->rejected_count = 0;
	result->is_new_agent = result->is_new_epoch = result->has_gap = false;
	result->lost_first = result->lost_last = result->lost_from_ms = 0;
	result->clock_suspects = 0;
	result->wanted_count = 0;
	buf_clear(&result->wanted);
	struct batch_put put = {batch, result};
	return archive_put_apart(a, put_inside, &put);
}
