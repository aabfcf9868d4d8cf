/* SPDX-License-Identifier: Apache-2.0
 * The hub's entries in its audit: uploads, keys of new agents, failed logins. */
#include "engine/hub/ingest_internal.h"

#include <stdio.h>
#include <string.h>

enum { LOGIN_BURST = 32, LOGIN_EVERY_MS = 4000, LOGIN_COUNTED_MS = 60000 };

enum { HEX = 2 * DIGEST_BYTES };

_Static_assert(AUDIT_UPLOAD_ENTRIES *LIMIT_COMMIT_BATCHES <= LIMIT_AUDIT_PENDING,
	"one append holds a commit");

/* ---- uploads, on WORKER_DISK ---- */

static void put_who(char who[LIMIT_AUDIT_WHO], const char *user, const char *address)
{
	(void)snprintf(who, LIMIT_AUDIT_WHO, "%.*s from %s", LIMIT_USER, user, address);
}

static void set_coverage(struct audit_entry *e, uint64_t at_ms, const char *who,
	const struct batch_result *b, size_t bytes)
{
	char agent[2 * AGENT_ID_BYTES + 1];
	str_hex(agent, b->agent_id, sizeof b->agent_id);
	audit_entry_set(e, at_ms, AUDIT_COVERAGE, who, b->err != 0 ? b->err : ERR_FORMAT,
		"agent=%s bytes=%zu refused=%s", agent, bytes, b->what);
}

static void set_upload(struct audit_entry *e, uint64_t at_ms, const char *who,
	const struct batch_result *b, size_t bytes, const char *way)
{
	static const uint8_t none[DIGEST_BYTES];
	bool is_accepted = b->status == 200;
	char agent[2 * AGENT_ID_BYTES + 1], digest[HEX + 1] = "-", ledger[HEX + 1] = "-";
	char dropped[96] = "";
	if (b->dropped[0] + b->dropped[1] + b->dropped[2] > 0)
		(void)snprintf(dropped, sizeof dropped, " dropped=%ju+%ju+%ju",
			(uintmax_t)b->dropped[0], (uintmax_t)b->dropped[1],
			(uintmax_t)b->dropped[2]);
	str_hex(agent, b->agent_id, sizeof b->agent_id);
	if (b->is_authentic)
		str_hex(digest, b->digest, sizeof b->digest);
	if (memcmp(b->ledger, none, sizeof none) != 0)
		str_hex(ledger, b->ledger, sizeof b->ledger);
	audit_entry_set(e, at_ms, AUDIT_UPLOAD, who,
		is_accepted   ? 0
		: b->err != 0 ? b->err
			      : ERR_FORMAT,
		"way=%s agent=%s epoch=%ju first=%ju last=%ju stored=%u duplicates=%u rejected=%u "
		"bytes=%zu batch=%s ledger=%s%s%s%s",
		way, agent, (uintmax_t)b->epoch, (uintmax_t)b->first, (uintmax_t)b->last, b->stored,
		b->duplicates, b->rejected, bytes, digest, ledger, dropped,
		is_accepted ? "" : " refused=", is_accepted ? "" : b->what);
}

static void set_key(
	struct audit_entry *e, uint64_t at_ms, const char *who, const struct batch_result *b)
{
	char agent[2 * AGENT_ID_BYTES + 1], key[HEX + 1];
	str_hex(agent, b->agent_id, AGENT_ID_BYTES);
	str_hex(key, b->key, sizeof b->key);
	audit_entry_set(e, at_ms, AUDIT_KEY, who, 0,
		"what=agent-key-pinned agent=%s fingerprint=%s", agent, key);
}

static void set_loss(
	struct audit_entry *e, uint64_t at_ms, const char *who, const struct batch_result *b)
{
	char agent[2 * AGENT_ID_BYTES + 1], from[25], until[25];
	str_hex(agent, b->agent_id, AGENT_ID_BYTES);
	str_utc(from, b->lost_from_ms);
	str_utc(until, at_ms);
	audit_entry_set(e, at_ms, AUDIT_RECORDS_LOST, who, ERR_STORE,
		"agent=%s epoch=%ju first=%ju last=%ju from=%s until=%s", agent,
		(uintmax_t)b->epoch, (uintmax_t)b->lost_first, (uintmax_t)b->lost_last, from,
		until);
}

size_t audit_upload(struct audit_entry entries[AUDIT_UPLOAD_ENTRIES], uint64_t at_ms,
	const char *who, const struct batch_result *b, size_t bytes, const char *way)
{
	size_t count = 0;
	set_upload(&entries[count++], at_ms, who, b, bytes, way);
	if (b->status == 200 && b->is_new_agent)
		set_key(&entries[count++], at_ms, who, b);
	if (b->status == 200 && b->lost_last > 0)
		set_loss(&entries[count++], at_ms, who, b);
	return count;
}

int audit_uploads(struct ingest *in, struct list *first, const struct list *end)
{
	struct audit_entry *entries = in->commit.entries;
	size_t count = 0;
	if (in->o.audit == NULL)
		return 0;
	for (struct list *at = first; at != end; at = at->next) {
		const struct request *r = container_of(at, struct request, node);
		char who[LIMIT_AUDIT_WHO];
		/* It holds no records, and the next one replaces it; a refused one has an entry. */
		if (r->route == ROUTE_COVERAGE && r->result.status == 200)
			continue;
		/* Hourly from each agent: refused ones stand in the log. */
		if (r->route == ROUTE_HEARTBEAT)
			continue;
		put_who(who, r->check.user, r->address);
		if (r->route == ROUTE_COVERAGE) {
			set_coverage(&entries[count++], r->received_wall_ms, who, &r->result,
				r->body.len);
			continue;
		}
		count += audit_upload(&entries[count], r->received_wall_ms, who, &r->result,
			r->body.len, "https");
	}
	return count == 0 ? 0 : audit_queue_write(in->o.audit, entries, count);
}

/* ---- failed logins ---- */

static void add_login(
	struct ingest *in, const char *user, const char *peer, int err, uint64_t count)
{
	struct audit_entry e;
	char who[LIMIT_AUDIT_WHO];
	put_who(who, user, peer);
	audit_entry_set(&e, loop_wall_ms(in->o.loop), AUDIT_LOGIN, who, err, "failures=%ju",
		(uintmax_t)count);
	audit_queue_add(in->o.audit, &e);
}

void logins_flush(struct ingest *in)
{
	struct failed_logins *f = &in->failed;
	loop_due_clear(in->o.loop, &f->due);
	if (f->count > 0)
		add_login(in, f->user, f->peer, ERR_AUTH, f->count);
	f->count = 0;
}

static void on_counted(struct due *due)
{
	struct failed_logins *f = container_of(due, struct failed_logins, due);
	logins_flush(container_of(f, struct ingest, failed));
}

static bool take_token(struct failed_logins *f, uint64_t now_ms)
{
	uint64_t more = (now_ms - f->refilled_ms) / LOGIN_EVERY_MS;
	f->refilled_ms += more * LOGIN_EVERY_MS;
	f->tokens = more >= LOGIN_BURST - f->tokens ? LOGIN_BURST : f->tokens + (unsigned)more;
	if (f->tokens == 0)
		return false;
	f->tokens--;
	return true;
}

void logins_note_failure(struct ingest *in, const char *user, const char *peer, int err)
{
	struct failed_logins *f = &in->failed;
	uint64_t now_ms = loop_now_ms(in->o.loop);
	if (take_token(f, now_ms)) {
		add_login(in, user, peer, err, 1);
		return;
	}
	f->count++;
	(void)str_copy(f->user, sizeof f->user, user);
	(void)str_copy(f->peer, sizeof f->peer, peer);
	if (!due_is_set(&f->due) &&
		loop_due_set(in->o.loop, &f->due, now_ms + LOGIN_COUNTED_MS) < 0)
		logins_flush(in);
}

void logins_open(struct ingest *in)
{
	in->failed.tokens = LOGIN_BURST;
	in->failed.refilled_ms = loop_now_ms(in->o.loop);
	due_init(&in->failed.due, on_counted);
}
