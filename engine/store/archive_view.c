/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/archive_view.h"

#include "engine/store/archive_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum view_sql {
	VIEW_ACCOUNT,
	VIEW_EACH,
	VIEW_FIND,
	VIEW_GROUPS,
	VIEW_COUNTS,
	VIEW_EVALUATION,
	VIEW_EVENTS,
	VIEW_COVERAGE,
	VIEW_SITES,
	VIEW_UNREAD,
	VIEW_AGENTS,
	VIEW_COUNT
};

/* clang-format off */
#define DEVICE_COLUMNS \
	"SELECT d.id, d.key, d.vendor, d.model, d.serial, d.address, a.agent_id, a.account," \
	" a.site, d.read_at_ms, d.received_at_ms, d.first_seen_ms, d.seq" \
	" FROM devices d JOIN agents a ON a.id = d.agent"
/* clang-format on */

static const char *const sql[VIEW_COUNT] = {
	[VIEW_ACCOUNT] = "SELECT role, scheme, salt, hash, created_at_ms FROM accounts"
			 " WHERE name = ?1",
	[VIEW_EACH] = DEVICE_COLUMNS " WHERE d.key > ?1 ORDER BY d.key LIMIT 1",
	[VIEW_FIND] = DEVICE_COLUMNS " WHERE d.key > ?1 AND (d.key = ?2"
				     " OR (d.serial = ?2 AND ?2 <> '') OR d.address = ?2)"
				     " ORDER BY d.key LIMIT 1",
	[VIEW_GROUPS] = "SELECT id, read_at_ms, crc, bytes FROM device_groups"
			" WHERE id BETWEEN ?1 AND ?2",
	[VIEW_COUNTS] = "SELECT (SELECT count(*) FROM devices), (SELECT count(*) FROM agents),"
			" (SELECT count(*) FROM accounts),"
			" (SELECT count(*) FROM records WHERE err = 0),"
			" (SELECT count(*) FROM records WHERE err <> 0),"
			/* Numbers rise from 1, and only the lowest go. */
			" (SELECT coalesce(min(id), 1) - 1 FROM events)",
	[VIEW_EVALUATION] = "SELECT bytes FROM evaluations WHERE device = ?1",
	[VIEW_COVERAGE] = "SELECT (SELECT max(complete_at_ms) FROM coverage WHERE device = ?1),"
			  " attempt_at_ms, reason FROM coverage WHERE device = ?1"
			  " ORDER BY attempt_at_ms DESC LIMIT 1",
	[VIEW_SITES] = "SELECT a.site, sum(c.known), sum((SELECT count(*) FROM coverage x"
		       " WHERE x.agent = c.agent AND x.complete_at_ms >= ?1)),"
		       " sum(c.unread), min(c.sent_at_ms)"
		       " FROM coverage_agents c JOIN agents a ON a.id = c.agent"
		       " GROUP BY a.site ORDER BY a.site",
	[VIEW_UNREAD] = "SELECT a.site, u.address, u.attempt_at_ms, u.reason"
			" FROM coverage_unread u JOIN agents a ON a.id = u.agent"
			" ORDER BY a.site, u.address",
	[VIEW_AGENTS] = "SELECT agent_id, account, site, software, first_seen_ms, last_seen_ms,"
			" is_corporate, information, information_at_ms,"
			" coalesce(c.sent_at_ms, 0), coalesce(h.received_at_ms, 0),"
			" coalesce(h.bytes, x'') FROM agents a"
			" LEFT JOIN coverage_agents c ON c.agent = a.id"
			" LEFT JOIN heartbeats h ON h.agent = a.id ORDER BY site, id",
	[VIEW_EVENTS] =
		"SELECT d.key, d.vendor, d.model, d.address, e.kind, e.from_ms, e.to_ms,"
		" e.ended_from_ms, e.ended_to_ms, e.what, e.old, e.new, e.cycle, e.severity,"
		" e.training, e.alert_group, e.group_index, e.code, e.location,"
		" e.supply_type, e.colorant, e.part"
		" FROM events e JOIN devices d ON d.id = e.device"
		" JOIN agents a ON a.id = e.agent"
		" WHERE (?1 = '' OR d.key = ?1)"
		" AND (?5 | ?7 = 0 OR (?5 >> e.kind) & 1"
		" OR (e.kind = ?4 AND (?7 >> (e.severity <> 3)) & 1))"
		" AND (?6 = '' OR a.site = ?6)"
		" AND (e.to_ms >= ?2 OR (e.kind = ?4 AND"
		" (e.ended_to_ms = 0 OR e.ended_to_ms >= ?2)))"
		" ORDER BY e.to_ms DESC, e.id DESC LIMIT ?3",
};

struct archive_view {
	struct db *db;
	struct db_stmt st[VIEW_COUNT];
	/* One device is copied here, so that no transaction is open while it is shown. */
	struct buf groups;
	struct buf texts;
	struct buf evaluation;
};

int archive_view_open(struct archive_view **ret, const char *dir, char *why, size_t why_cap)
{
	struct archive_view *v = calloc(1, sizeof *v);
	if (v == NULL)
		return -ENOMEM;
	struct db_options options = {.dir = dir, .file = ARCHIVE_FILE, .schema = &archive_schema};
	int err = db_open_read(&v->db, &options, why, why_cap);
	if (err == 0 && (err = db_prepare_list(v->db, v->st, sql, VIEW_COUNT)) < 0)
		(void)snprintf(why, why_cap, "%s/%s: %s", dir, ARCHIVE_FILE, db_why(v->db));
	if (err < 0) {
		archive_view_close(v);
		return err;
	}
	buf_open(&v->groups, (size_t)GROUP_COUNT * LIMIT_RECORD);
	buf_open(&v->texts, 16 * LIMIT_TEXT_LONG);
	buf_open(&v->evaluation, HISTORY_STATE_BYTES);
	*ret = v;
	return 0;
}

void archive_view_close(struct archive_view *v)
{
	if (v == NULL)
		return;
	db_close(v->db);
	buf_close(&v->groups);
	buf_close(&v->texts);
	buf_close(&v->evaluation);
	free(v);
}

const char *archive_view_why(const struct archive_view *v)
{
	return db_why(v->db);
}

/* Ends a loop over rows, also before its last row: the number of rows, or the error. */
static int end_rows(struct db_stmt *st, int err, int count)
{
	db_reset(st);
	return err < 0 ? err : count;
}

static bool copy_blob(struct db_stmt *st, int at, uint8_t *dst, size_t n)
{
	size_t len;
	const uint8_t *p = db_col_blob(st, at, &len);
	if (len != n)
		return false;
	memcpy(dst, p, n);
	return true;
}

int archive_view_account(struct archive_view *v, const char *name, struct archive_account *ret)
{
	struct db_stmt *st = &v->st[VIEW_ACCOUNT];
	db_bind(st, db_text(text_of(name)));
	int found = db_step(st);
	if (found <= 0)
		return found;
	memset(ret, 0, sizeof *ret);
	(void)str_copy(ret->name, sizeof ret->name, name);
	ret->role = (uint8_t)db_col_u64(st, 0);
	ret->scheme = (uint8_t)db_col_u64(st, 1);
	bool is_whole = copy_blob(st, 2, ret->salt, sizeof ret->salt) &&
			copy_blob(st, 3, ret->hash, sizeof ret->hash);
	ret->created_at_ms = db_col_u64(st, 4);
	db_reset(st);
	return is_whole ? 1 : ERR_STORE_CORRUPT;
}

/* The groups of a device, copied into v->groups. */
static int read_groups(struct archive_view *v, int64_t device, struct archive_device *d)
{
	struct db_stmt *st = &v->st[VIEW_GROUPS];
	size_t from[GROUP_COUNT] = {0};
	buf_clear(&v->groups);
	db_bind(st, db_i64(archive_group_id(device, 0)),
		db_i64(archive_group_id(device, GROUP_COUNT - 1)));
	int found;
	while ((found = db_step(st)) == 1) {
		int64_t id = db_col_i64(st, 0);
		struct archive_group *g = &d->group[id - archive_group_id(device, 0)];
		size_t len;
		const uint8_t *bytes = db_col_blob(st, 3, &len);
		uint64_t read_at_ms = db_col_u64(st, 1);
		uint32_t crc = archive_crc((uint64_t)id, read_at_ms, bytes, len);
		if (db_col_u64(st, 2) != crc || len == 0 || len > LIMIT_RECORD) {
			d->damaged++;
			continue;
		}
		from[g - d->group] = v->groups.len;
		if ((found = buf_put(&v->groups, bytes, len)) < 0)
			break;
		g->read_at_ms = read_at_ms;
		g->len = len;
	}
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (d->group[g].len != 0)
			d->group[g].bytes = v->groups.data + from[g];
	}
	return end_rows(st, found, 0);
}

/* The texts of a row, copied into v->texts. */
static int keep_texts(struct archive_view *v, struct archive_device *d)
{
	struct text *const all[] = {
		&d->key, &d->vendor, &d->model, &d->serial, &d->address, &d->account, &d->site};
	const size_t count = sizeof all / sizeof all[0];
	size_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += all[i]->len;
	buf_clear(&v->texts);
	int err = buf_reserve(&v->texts, sum);
	for (size_t i = 0; i < count && err == 0; i++) {
		const char *at = (const char *)v->texts.data + v->texts.len;
		err = buf_put(&v->texts, all[i]->p, all[i]->len);
		all[i]->p = at;
	}
	return err;
}

/* One that is too large to be ours is none. */
static int read_evaluation(struct archive_view *v, int64_t device, struct archive_device *d)
{
	struct db_stmt *st = &v->st[VIEW_EVALUATION];
	buf_clear(&v->evaluation);
	db_bind(st, db_i64(device));
	int found = db_step(st);
	if (found != 1)
		return found;
	size_t len;
	const uint8_t *bytes = db_col_blob(st, 0, &len);
	if (buf_put(&v->evaluation, bytes, len) == 0) {
		d->evaluation = v->evaluation.data;
		d->evaluation_len = len;
	}
	db_reset(st);
	return 0;
}

static int read_coverage(struct archive_view *v, int64_t device, struct archive_device *d)
{
	struct db_stmt *st = &v->st[VIEW_COVERAGE];
	db_bind(st, db_i64(device));
	int found = db_step(st);
	if (found != 1)
		return found;
	d->complete_at_ms = db_col_u64(st, 0);
	d->attempt_at_ms = db_col_u64(st, 1);
	d->attempt_reason = (uint8_t)db_col_u64(st, 2);
	db_reset(st);
	return 0;
}

static int read_device(struct archive_view *v, struct db_stmt *st, struct archive_device *d)
{
	*d = (struct archive_device){.key = db_col_text(st, 1),
		.vendor = db_col_text(st, 2),
		.model = db_col_text(st, 3),
		.serial = db_col_text(st, 4),
		.address = db_col_text(st, 5),
		.account = db_col_text(st, 7),
		.site = db_col_text(st, 8),
		.read_at_ms = db_col_u64(st, 9),
		.received_at_ms = db_col_u64(st, 10),
		.first_seen_ms = db_col_u64(st, 11),
		.seq = (uint64_t)db_col_i64(st, 12)};
	if (!copy_blob(st, 6, d->agent_id, sizeof d->agent_id))
		return ERR_STORE_CORRUPT;
	int err;
	if ((err = keep_texts(v, d)) < 0 || (err = read_evaluation(v, db_col_i64(st, 0), d)) < 0 ||
		(err = read_coverage(v, db_col_i64(st, 0), d)) < 0)
		return err;
	return read_groups(v, db_col_i64(st, 0), d);
}

/* The device behind the key `after`: 1, or 0 if there is none. One read transaction, so that its
 * row and its groups are of one instant. */
static int next_device(struct archive_view *v, struct db_stmt *st, struct text after,
	struct text id, struct archive_device *d)
{
	int err = db_exec(v->db, "BEGIN");
	if (err < 0)
		return err;
	if (st == &v->st[VIEW_FIND])
		db_bind(st, db_text(after), db_text(id));
	else
		db_bind(st, db_text(after));
	int found = db_step(st);
	if (found == 1) {
		err = read_device(v, st, d);
		db_reset(st);
		found = err < 0 ? err : 1;
	}
	err = db_exec(v->db, "COMMIT");
	return found < 0 || err == 0 ? found : err;
}

/* Their output may take hours (a pager): nothing is read meanwhile, as a reader that stands
 * still keeps the WAL from starting anew, and the daemon's disk would fill. */
static int walk(struct archive_view *v, struct db_stmt *st, struct text id,
	archive_on_device *on_device, void *owner)
{
	struct archive_device d = {.key = {"", 0}};
	int count = 0;
	int found;
	while ((found = next_device(v, st, d.key, id, &d)) == 1) {
		int err = on_device(owner, &d);
		if (err < 0)
			return err;
		count++;
	}
	return found < 0 ? found : count;
}

int archive_view_each(struct archive_view *v, archive_on_device *on_device, void *owner)
{
	return walk(v, &v->st[VIEW_EACH], (struct text){"", 0}, on_device, owner);
}

int archive_view_find(
	struct archive_view *v, struct text id, archive_on_device *on_device, void *owner)
{
	return walk(v, &v->st[VIEW_FIND], id, on_device, owner);
}

void archive_device_read(const struct archive_device *d, struct reading *r, unsigned *mask)
{
	*mask = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const struct archive_group *group = &d->group[g];
		if (group->len != 0 && record_group_unpack(r, (enum reading_group)g,
					       group->read_at_ms, group->bytes, group->len) >= 0)
			*mask |= 1u << g;
	}
}

int archive_view_counts(struct archive_view *v, struct archive_counts *ret)
{
	struct db_stmt *st = &v->st[VIEW_COUNTS];
	int found = db_step(st);
	if (found <= 0)
		return found < 0 ? found : ERR_STORE;
	*ret = (struct archive_counts){.devices = db_col_u64(st, 0),
		.agents = db_col_u64(st, 1),
		.accounts = db_col_u64(st, 2),
		.records = db_col_u64(st, 3),
		.rejected = db_col_u64(st, 4),
		.events_gone = db_col_u64(st, 5)};
	db_reset(st);
	return 0;
}

int archive_view_events(struct archive_view *v, const struct archive_event_filter *f,
	archive_on_event *on_event, void *owner)
{
	struct db_stmt *st = &v->st[VIEW_EVENTS];
	db_bind(st, db_text(f->key), db_u64(f->since_ms), db_u64(f->max),
		db_u64(HISTORY_ALERT_RAISED), db_u64(f->kinds), db_text(f->site),
		db_u64(f->alerts));
	int count = 0;
	int found;
	while ((found = db_step(st)) == 1) {
		struct archive_event h = {.device_key = db_col_text(st, 0),
			.vendor = db_col_text(st, 1),
			.model = db_col_text(st, 2),
			.address = db_col_text(st, 3),
			.kind = (uint8_t)db_col_u64(st, 4),
			.from_ms = db_col_u64(st, 5),
			.to_ms = db_col_u64(st, 6),
			.ended_from_ms = db_col_u64(st, 7),
			.ended_to_ms = db_col_u64(st, 8),
			.what = db_col_text(st, 9),
			.old_text = db_col_text(st, 10),
			.new_text = db_col_text(st, 11),
			.cycle = (uint32_t)db_col_u64(st, 12),
			.severity = (int32_t)db_col_i64(st, 13),
			.training = (int32_t)db_col_i64(st, 14),
			.group = (int32_t)db_col_i64(st, 15),
			.group_index = (int32_t)db_col_i64(st, 16),
			.code = (int32_t)db_col_i64(st, 17),
			.location = (int32_t)db_col_i64(st, 18),
			.supply_type = (uint8_t)db_col_u64(st, 19),
			.colorant = db_col_text(st, 20),
			.part = db_col_text(st, 21)};
		if ((found = on_event(owner, &h)) < 0)
			break;
		count++;
	}
	return end_rows(st, found, count);
}

int archive_view_sites(
	struct archive_view *v, uint64_t since_ms, archive_on_site *on_site, void *owner)
{
	struct db_stmt *st = &v->st[VIEW_SITES];
	int count = 0, found;
	db_bind(st, db_u64(since_ms));
	while ((found = db_step(st)) == 1) {
		struct archive_site s = {.site = db_col_text(st, 0),
			.known = db_col_u64(st, 1),
			.complete = db_col_u64(st, 2),
			.unread = db_col_u64(st, 3),
			.reported_at_ms = db_col_u64(st, 4)};
		if ((found = on_site(owner, &s)) < 0)
			break;
		count++;
	}
	return end_rows(st, found, count);
}

int archive_view_unread(struct archive_view *v, archive_on_unread *on_unread, void *owner)
{
	struct db_stmt *st = &v->st[VIEW_UNREAD];
	int count = 0, found;
	while ((found = db_step(st)) == 1) {
		struct archive_unread u = {.site = db_col_text(st, 0),
			.address = db_col_text(st, 1),
			.attempt_at_ms = db_col_u64(st, 2),
			.reason = (uint8_t)db_col_u64(st, 3)};
		if ((found = on_unread(owner, &u)) < 0)
			break;
		count++;
	}
	return end_rows(st, found, count);
}

int archive_view_agents(struct archive_view *v, archive_on_agent *on_agent, void *owner)
{
	struct db_stmt *st = &v->st[VIEW_AGENTS];
	int found, count = 0;
	while ((found = db_step(st)) == 1) {
		size_t len;
		struct archive_agent a = {.agent_id = db_col_blob(st, 0, &len),
			.account = db_col_text(st, 1),
			.site = db_col_text(st, 2),
			.software = db_col_text(st, 3),
			.first_seen_ms = db_col_u64(st, 4),
			.last_seen_ms = db_col_u64(st, 5),
			.is_corporate = db_col_u64(st, 6) != 0,
			.information_at_ms = db_col_u64(st, 8),
			.coverage_at_ms = db_col_u64(st, 9),
			.heartbeat_at_ms = db_col_u64(st, 10)};
		a.information = db_col_blob(st, 7, &a.information_len);
		a.heartbeat = db_col_blob(st, 11, &a.heartbeat_len);
		int err = len == ARCHIVE_AGENT_ID ? on_agent(owner, &a) : 0;
		if (err < 0)
			return end_rows(st, err, count);
		count++;
	}
	return end_rows(st, found, count);
}
