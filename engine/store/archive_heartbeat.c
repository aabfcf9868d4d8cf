/* SPDX-License-Identifier: Apache-2.0
 * The newest heartbeat of each agent. One that comes again, or an older one, changes nothing; more
 * than one in LIMIT_HEARTBEAT_EVERY_MS on average are refused (a generic cell rate: allowed_at_ms).
 */
#include "engine/store/archive_schema.h"

#include "proto/wire/heartbeat.h"

#include <string.h>

/* A last number so far ahead of our clock was made before the agent's clock was set. */
enum { AHEAD_MS = 86400000 };

/* 1: to be stored, and *allowed_at_ms is the new one; 0: it is the last one. */
static int compare_last(struct archive *a, int64_t agent, const struct archive_heartbeat *h,
	uint64_t *allowed_at_ms)
{
	const uint64_t now = h->received_at_ms, every = LIMIT_HEARTBEAT_EVERY_MS;
	struct db_stmt *st = &a->st[SQL_HEARTBEAT_GET];
	*allowed_at_ms = now + every;
	db_bind(st, db_i64(agent));
	int found = db_step(st);
	if (found <= 0)
		return found < 0 ? found : 1;
	uint64_t last = db_col_u64(st, 0), allowed = db_col_u64(st, 1);
	db_reset(st);
	if (h->number == last)
		return 0;
	bool is_ahead = last > now && last - now > AHEAD_MS;
	if (h->number < last && !is_ahead)
		return ERR_CONFLICT;
	/* Further ahead than it ever gets, our own clock was set back. */
	if (allowed <= now || allowed - now > LIMIT_HEARTBEAT_BURST * every)
		return 1;
	if (allowed - now > (LIMIT_HEARTBEAT_BURST - 1) * every)
		return ERR_BUSY;
	*allowed_at_ms = allowed + every;
	return 1;
}

/* Whether full records of devices are waited for, as list_wanted in archive.c tells them. */
static int find_wanted(struct archive *a, int64_t agent, uint64_t now_ms, unsigned *work)
{
	struct db_stmt *st = &a->st[SQL_SIGHTING_WANTED];
	db_bind(st, db_i64(agent),
		db_u64(now_ms > 2 * LIMIT_FULL_MS ? now_ms - 2 * LIMIT_FULL_MS : 0));
	int found = db_step(st);
	if (found == 1) {
		*work |= HEARTBEAT_WANTS_FULL;
		db_reset(st);
	}
	return found < 0 ? found : 0;
}

static int find_lost(
	struct archive *a, int64_t agent, const struct archive_heartbeat *h, unsigned *work)
{
	struct db_stmt *st = &a->st[SQL_EPOCH_GET];
	uint64_t last_seq = 0;
	db_bind(st, db_i64(agent), db_i64((int64_t)h->epoch));
	int found = db_step(st);
	if (found == 1) {
		last_seq = (uint64_t)db_col_i64(st, 0);
		db_reset(st);
	}
	if (found >= 0 && h->receipted > last_seq)
		*work |= HEARTBEAT_HAS_LOST;
	return found < 0 ? found : 0;
}

struct heartbeat_put {
	const struct archive_heartbeat *heartbeat;
	unsigned *work;
};

static int put_inside(struct archive *a, void *arg)
{
	const struct heartbeat_put *put = arg;
	const struct archive_heartbeat *h = put->heartbeat;
	int64_t agent = 0;
	uint64_t allowed_at_ms = 0;
	int err = archive_known_agent(a, h->agent_id, h->public_key, h->public_key_len, &agent);
	if (err == 0)
		err = compare_last(a, agent, h, &allowed_at_ms);
	if (err == 1) {
		db_bind(&a->st[SQL_HEARTBEAT_PUT], db_i64(agent), db_u64(h->number),
			db_u64(h->sent_at_ms), db_u64(h->received_at_ms), db_u64(allowed_at_ms),
			db_blob(h->bytes, h->len));
		err = archive_run(&a->st[SQL_HEARTBEAT_PUT]);
	}
	if (err == 0)
		err = find_wanted(a, agent, h->received_at_ms, put->work);
	if (err == 0)
		err = find_lost(a, agent, h, put->work);
	return err;
}

int archive_put_heartbeat(struct archive *a, const struct archive_heartbeat *h, unsigned *work)
{
	struct heartbeat_put put = {h, work};
	*work = 0;
	return archive_put_apart(a, put_inside, &put);
}

int archive_agent_key(
	struct archive *a, const uint8_t *agent_id, uint8_t key[LIMIT_PUBLIC_KEY], size_t *key_len)
{
	struct db_stmt *st = &a->st[SQL_AGENT_GET];
	db_bind(st, db_blob(agent_id, ARCHIVE_AGENT_ID));
	int found = db_step(st);
	if (found <= 0)
		return found < 0 ? found : ERR_NAME;
	const uint8_t *pinned = db_col_blob(st, 1, key_len);
	int err = *key_len <= LIMIT_PUBLIC_KEY ? 0 : ERR_STORE_CORRUPT;
	if (err == 0)
		memcpy(key, pinned, *key_len);
	db_reset(st);
	return err;
}
