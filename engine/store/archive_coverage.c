/* SPDX-License-Identifier: Apache-2.0
 * How agents read their devices: what an agent says replaces what it said before, but a complete
 * read that it does not remember (it was restarted) stays. */
#include "engine/store/archive_schema.h"

#include "engine/loop/crypto.h"
#include "proto/wire/coverage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A row of the message, by the name of its device. */
struct named {
	uint8_t device[COVERAGE_DEVICE_BYTES];
	uint8_t reason;
	uint32_t complete_s, attempt_s;
};

static int by_name(const void *a, const void *b)
{
	return memcmp(a, b, COVERAGE_DEVICE_BYTES);
}

/* A time of the agent's by our clock. */
static uint64_t before(uint64_t at_ms, uint32_t seconds)
{
	uint64_t ms = (uint64_t)seconds * 1000;
	return seconds == 0 ? 0 : at_ms > ms ? at_ms - ms : 1;
}

static int put_device(
	struct archive *a, int64_t agent, int64_t device, uint64_t at_ms, const struct named *n)
{
	struct db_stmt *st = &a->st[SQL_COVERAGE_PUT];
	uint64_t complete = before(at_ms, n->complete_s), attempt = before(at_ms, n->attempt_s);
	db_bind(st, db_i64(device), db_i64(agent), db_u64(complete),
		db_u64(attempt != 0 ? attempt : complete), db_u64(n->reason));
	return archive_run(st);
}

/* A device without a name. An agent does not know the name of one that has been silent since the
 * agent's start: it is the device that this agent read at that address before. 1: it was never
 * read. */
static int put_unnamed(struct archive *a, int64_t agent, uint64_t at_ms,
	const struct coverage_row *row, bool has_room)
{
	struct db_stmt *st = &a->st[SQL_DEVICE_OF_AGENT];
	/* Without an address, which the agent's policy may leave out, it could be any device. */
	if (row->address.len == 0)
		return 1;
	db_bind(st, db_i64(agent), db_text(row->address));
	int found = db_step(st);
	if (found < 0)
		return found;
	if (found == 1) {
		const struct named n = {.reason = row->reason,
			.complete_s = row->complete_s,
			.attempt_s = row->attempt_s};
		int64_t device = db_col_i64(st, 0);
		db_reset(st);
		return put_device(a, agent, device, at_ms, &n);
	}
	if (!has_room)
		return 1;
	st = &a->st[SQL_COVERAGE_UNREAD_PUT];
	db_bind(st, db_i64(agent), db_text(row->address), db_u64(before(at_ms, row->attempt_s)),
		db_u64(row->reason));
	int err = archive_run(st);
	return err < 0 ? err : 1;
}

/* The devices of this agent's records whose key has one of these names. */
static int put_devices(
	struct archive *a, int64_t agent, uint64_t at_ms, const struct named *rows, size_t count)
{
	struct text after = {"", 0};
	struct buf key;
	int err = 0;
	buf_open(&key, LIMIT_TEXT_LONG);
	for (;;) {
		struct db_stmt *st = &a->st[SQL_SIGHTING_NEXT];
		uint8_t digest[CRYPTO_SHA256];
		db_bind(st, db_i64(agent), db_text(after));
		int found = db_step(st);
		if (found <= 0) {
			err = found;
			break;
		}
		struct text next = db_col_text(st, 0);
		int64_t device = db_col_i64(st, 1);
		buf_clear(&key);
		err = buf_put(&key, next.p, next.len);
		db_reset(st);
		if (err < 0)
			break;
		after = (struct text){(const char *)key.data, key.len};
		if ((err = crypto_sha256(after.p, after.len, digest)) < 0)
			break;
		const struct named *n =
			count == 0 ? NULL : bsearch(digest, rows, count, sizeof *rows, by_name);
		if (n != NULL && (err = put_device(a, agent, device, at_ms, n)) < 0)
			break;
	}
	buf_close(&key);
	return err;
}

/* Rows with a name into `rows`, which has room for each; the others into the store. */
static int read_rows(struct archive *a, int64_t agent, const struct archive_coverage *c,
	struct named *rows, size_t *count, unsigned *unread)
{
	for (size_t at = 0; at < c->body_len;) {
		struct coverage_row row;
		int n = coverage_row_unpack(&row, c->body + at, c->body_len - at);
		if (n < 0)
			return n;
		at += (size_t)n;
		if (row.device_len > 0) {
			struct named *one = &rows[(*count)++];
			memcpy(one->device, row.device, sizeof one->device);
			one->complete_s = row.complete_s;
			one->attempt_s = row.attempt_s;
			one->reason = row.reason;
			continue;
		}
		n = put_unnamed(a, agent, c->received_at_ms, &row, *unread < LIMIT_COVERAGE_UNREAD);
		if (n < 0)
			return n;
		*unread += n == 1;
	}
	qsort(rows, *count, sizeof *rows, by_name);
	return 0;
}

/* 1: it is newer than the last one; 0: it is the last one. A last one from the future was made
 * before the agent's clock was set, and does not count. */
static int compare_last(struct archive *a, int64_t agent, const struct archive_coverage *c)
{
	struct db_stmt *st = &a->st[SQL_COVERAGE_AGENT_GET];
	db_bind(st, db_i64(agent));
	int found = db_step(st);
	if (found <= 0)
		return found < 0 ? found : 1;
	uint64_t last_ms = db_col_u64(st, 0);
	db_reset(st);
	if (c->made_at_ms > last_ms || last_ms > c->received_at_ms)
		return c->made_at_ms != last_ms;
	return c->made_at_ms == last_ms ? 0 : ERR_CONFLICT;
}

static int put_rows(struct archive *a, int64_t agent, const struct archive_coverage *c)
{
	int err = 0;
	const enum archive_sql forget[] = {SQL_COVERAGE_OLD, SQL_COVERAGE_UNREAD_DROP};
	for (unsigned i = 0; i < 2 && err == 0; i++) {
		db_bind(&a->st[forget[i]], db_i64(agent));
		err = archive_run(&a->st[forget[i]]);
	}
	if (err < 0)
		return err;
	/* A row with a name has at least so many bytes. */
	size_t count = 0, max = c->body_len / (COVERAGE_DEVICE_BYTES + 3) + 1;
	struct named *rows = calloc(max, sizeof *rows);
	if (rows == NULL)
		return -ENOMEM;
	unsigned unread = 0;
	err = read_rows(a, agent, c, rows, &count, &unread);
	if (err == 0)
		err = put_devices(a, agent, c->received_at_ms, rows, count);
	free(rows);
	if (err < 0)
		return err;
	db_bind(&a->st[SQL_COVERAGE_DROP], db_i64(agent));
	if ((err = archive_run(&a->st[SQL_COVERAGE_DROP])) < 0)
		return err;
	db_bind(&a->st[SQL_COVERAGE_AGENT_PUT], db_i64(agent), db_u64(c->received_at_ms),
		db_u64(c->made_at_ms), db_u64(c->known), db_u64(unread));
	return archive_run(&a->st[SQL_COVERAGE_AGENT_PUT]);
}

static int put_inside(struct archive *a, void *arg)
{
	const struct archive_coverage *c = arg;
	int64_t agent = 0;
	int err = archive_known_agent(a, c->agent_id, c->public_key, c->public_key_len, &agent);
	if (err == 0)
		err = compare_last(a, agent, c);
	return err == 1 ? put_rows(a, agent, c) : err;
}

int archive_put_coverage(struct archive *a, const struct archive_coverage *c)
{
	struct archive_coverage copy = *c;
	return archive_put_apart(a, put_inside, &copy);
}
