/* SPDX-License-Identifier: Apache-2.0
 * Evaluates a record against the stored state of its device (proto/history/history), in the
 * transaction that stores the record and over the records of all agents. Events are rows; an alert
 * is one row from its start to its end. */
#include "engine/store/archive_schema.h"

#include "proto/wire/pack.h"

#include <stdio.h>
#include <string.h>

/* ---- state ------------------------------------------------------------------------------ */

static int load(struct archive_evaluation *j)
{
	struct archive *a = j->archive;
	if (j->is_loaded)
		return 0;
	struct db_stmt *st = &a->st[SQL_EVALUATION_GET];
	db_bind_i64(st, 1, j->device);
	int found = db_step(st);
	if (found < 0)
		return found;
	size_t len = 0;
	const uint8_t *bytes = found == 1 ? db_col_blob(st, 0, &len) : NULL;
	/* A damaged state is dropped: evaluation starts again. */
	int err = history_state_unpack(&a->evaluation, bytes, len);
	if (found == 1)
		db_reset(st);
	j->is_loaded = true;
	return err < 0 ? 0 : err;
}

static int save(struct archive_evaluation *j)
{
	struct archive *a = j->archive;
	uint8_t bytes[HISTORY_STATE_BYTES];
	struct buf packed;
	buf_over(&packed, bytes, sizeof bytes);
	int err = history_state_pack(&packed, &a->evaluation);
	if (err < 0)
		return ERR_STORE; /* the largest state fits: a test says so */
	struct db_stmt *st = &a->st[SQL_EVALUATION_PUT];
	db_bind(st, db_i64(j->device), db_blob(packed.data, packed.len));
	return archive_run(st);
}

/* ---- events ----------------------------------------------------------------------------- */

/* Meters are counts, supplies hundredths of a percent, the rest is text. */
static struct text number_text(
	char *dst, size_t cap, const struct history_event *e, uint64_t number)
{
	int n = e->kind == HISTORY_METER_RESET || e->kind == HISTORY_METER_JUMP
			? snprintf(dst, cap, "%llu", (unsigned long long)number)
			: snprintf(dst, cap, "%.2f %%", (double)number / 100);
	return (struct text){dst, n > 0 && (size_t)n < cap ? (size_t)n : 0};
}

static int end_alert(struct archive_evaluation *j, const struct history_event *e)
{
	struct db_stmt *st = &j->archive->st[SQL_EVENT_END];
	db_bind(st, db_i64(j->device), db_i64((int64_t)e->key), db_u64(HISTORY_ALERT_RAISED),
		db_u64(e->from_ms), db_u64(e->to_ms));
	return archive_run(st);
}

static int trim(struct archive *a)
{
	int64_t id = db_last_id(a->db);
	/* Now and then, not each time: the oldest are at the other end of the table. */
	if (id <= LIMIT_EVENT_ROWS || id % 256 != 0)
		return 0;
	db_bind_i64(&a->st[SQL_EVENT_TRIM], 1, id - LIMIT_EVENT_ROWS);
	return archive_run(&a->st[SQL_EVENT_TRIM]);
}

static int add_event(struct archive_evaluation *j, const struct history_event *e)
{
	static const struct alert none;
	const struct alert *alert = e->alert != NULL ? e->alert : &none;
	struct db_stmt *st = &j->archive->st[SQL_EVENT_ADD];
	char before[32], after[32];
	if (e->kind == HISTORY_ALERT_CLEARED)
		return end_alert(j, e);
	struct text old_text = e->old_text, new_text = e->new_text;
	if (e->has_old_number)
		old_text = number_text(before, sizeof before, e, e->old_number);
	if (e->has_new_number)
		new_text = number_text(after, sizeof after, e, e->new_number);
	db_bind(st, db_i64(j->device), db_i64(j->agent), db_u64(e->kind), db_i64((int64_t)e->key),
		db_u64(e->from_ms), db_u64(e->to_ms), db_text(e->what), db_text(old_text),
		db_text(new_text), db_u64(e->cycle), db_i64(alert->severity),
		db_i64(alert->training), db_i64(alert->group), db_i64(alert->group_index),
		db_i64(alert->code), db_i64(alert->location));
	int err = archive_run(st);
	return err < 0 ? err : trim(j->archive);
}

static int put_events(struct archive_evaluation *j)
{
	struct history_events *events = &j->archive->events;
	int err = 0;
	for (unsigned i = 0; i < events->count && err == 0; i++)
		err = add_event(j, &events->event[i]);
	events->count = events->dropped = 0;
	return err;
}

/* ---- groups ----------------------------------------------------------------------------- */

/* The printer's own total, for pages left; 0 if this record does not tell it. */
static uint64_t pages_of(const struct reading *r)
{
	const struct meter *life = NULL;
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		if (m->name == METER_IMPRESSIONS_TOTAL)
			return m->value;
		if (m->name == METER_MARKER_LIFE && life == NULL)
			life = m;
	}
	return life != NULL ? life->value : 0;
}

static void history(
	struct archive_evaluation *j, unsigned group, const struct reading *old, uint64_t old_at_ms)
{
	struct archive *a = j->archive;
	switch ((enum reading_group)group) {
	case GROUP_METERS:
		history_meters(&a->evaluation, old, old_at_ms, j->now, j->now_ms, &a->events);
		j->is_changed = true;
		break;
	case GROUP_SUPPLIES:
		history_supplies(&a->evaluation, j->now, j->now_ms, HISTORY_LOW_X100,
			pages_of(j->now), &a->events);
		j->is_changed = true;
		break;
	case GROUP_ALERTS:
		history_alerts(old, old_at_ms, j->now, j->now_ms, &a->events);
		break;
	case GROUP_IDENTITY:
		history_firmware(old, old_at_ms, j->now, j->now_ms, &a->events);
		break;
	case GROUP_STATE:
	case GROUP_OPTIONS:
	case GROUP_MEDIA:
	case GROUP_MAINTENANCE:
	case GROUP_COUNT:
		break;
	}
}

/* The next alert behind `after` that has no end yet: 1 and its row and key, 0 if there is none. */
static int next_open(struct archive_evaluation *j, int64_t after, int64_t *id, uint64_t *key)
{
	struct db_stmt *st = &j->archive->st[SQL_EVENT_OPEN];
	db_bind(st, db_i64(j->device), db_u64(HISTORY_ALERT_RAISED), db_i64(after));
	int found = db_step(st);
	if (found != 1)
		return found;
	*id = db_col_i64(st, 0);
	*key = (uint64_t)db_col_i64(st, 1);
	db_reset(st);
	return 1;
}

static int end_row(struct archive_evaluation *j, int64_t id, uint64_t from_ms)
{
	struct db_stmt *st = &j->archive->st[SQL_EVENT_END_ID];
	db_bind(st, db_i64(id), db_u64(from_ms), db_u64(j->now_ms));
	return archive_run(st);
}

/* The event that says that an alert with this key is there, taken out of the list; or false. */
static bool take_raised(struct history_events *events, uint64_t key)
{
	for (unsigned i = 0; i < events->count; i++) {
		if (events->event[i].kind == HISTORY_ALERT_RAISED && events->event[i].key == key) {
			events->event[i] = events->event[--events->count];
			return true;
		}
	}
	return false;
}

/* What was known is damaged, or there never was a complete reading: what has no end yet in the
 * events is "before". Alerts that still stand go on, the others ended somewhere in between. */
static int history_behind_gap(struct archive_evaluation *j, const struct archive_before *before)
{
	struct history_events *events = &j->archive->events;
	int64_t id = 0;
	uint64_t key = 0;
	int found, err = 0;
	/* One in part does not say what was not there. */
	uint64_t from_ms = before->status == GROUP_COMPLETE ? before->read_at_ms : 0;
	history_alerts(NULL, from_ms, j->now, j->now_ms, events);
	while (err == 0 && (found = next_open(j, id, &id, &key)) != 0) {
		err = found < 0 ? found : 0;
		if (err == 0 && !take_raised(events, key))
			err = end_row(j, id, from_ms);
	}
	return err;
}

/* ---- groups in part --------------------------------------------------------------------- */

/* Alerts and modules that are missing from a reading in part are no news: the next complete reading
 * is judged by the last complete one, which is kept aside as long as one in part is shown. */
static bool needs_whole(unsigned group)
{
	return group == GROUP_ALERTS || group == GROUP_IDENTITY;
}

static int keep_whole(
	struct archive_evaluation *j, unsigned group, const struct archive_before *before)
{
	struct db_stmt *st = &j->archive->st[SQL_WHOLE_PUT];
	db_bind(st, db_i64(archive_group_id(j->device, group)), db_u64(before->read_at_ms),
		db_u64(before->crc), db_blob(before->bytes, before->len));
	return archive_run(st);
}

static int drop_whole(struct archive_evaluation *j, unsigned group)
{
	struct db_stmt *st = &j->archive->st[SQL_WHOLE_DROP];
	db_bind_i64(st, 1, archive_group_id(j->device, group));
	return archive_run(st);
}

/* Reads the group as it was before. False if it is damaged. */
static bool unpack(const struct archive_evaluation *j, unsigned group,
	const struct archive_before *before, struct reading *old)
{
	uint64_t id = (uint64_t)archive_group_id(j->device, group);
	return before->len > 0 &&
	       archive_crc(id, before->read_at_ms, before->bytes, before->len) == before->crc &&
	       record_group_unpack(old, (enum reading_group)group, before->read_at_ms,
		       before->bytes, before->len) >= 0;
}

/* The group as it was before, as far as the judges of this group can use it: 1, 0 if it is not
 * known, a store's error. *at_ms is then when it was read. */
static int read_before(struct archive_evaluation *j, unsigned group,
	const struct archive_before *before, struct reading *old, uint64_t *at_ms)
{
	*at_ms = before->read_at_ms;
	if (!needs_whole(group) || before->len == 0 || before->status == GROUP_COMPLETE)
		return unpack(j, group, before, old) ? 1 : 0;
	struct db_stmt *st = &j->archive->st[SQL_WHOLE_GET];
	db_bind_i64(st, 1, archive_group_id(j->device, group));
	int found = db_step(st);
	if (found <= 0)
		return found;
	struct archive_before whole = {
		.read_at_ms = db_col_u64(st, 0), .crc = (uint32_t)db_col_u64(st, 2)};
	whole.bytes = db_col_blob(st, 1, &whole.len);
	*at_ms = whole.read_at_ms;
	found = unpack(j, group, &whole, old) ? 1 : 0;
	db_reset(st);
	return found;
}

static bool is_judged(unsigned group)
{
	return group <= GROUP_ALERTS;
}

static int history_and_put(
	struct archive_evaluation *j, unsigned group, const struct archive_before *before)
{
	struct reading old;
	uint64_t old_at_ms = 0;
	reading_open(&old, &j->archive->blocks);
	int found = read_before(j, group, before, &old, &old_at_ms);
	int err = found < 0 ? found : 0;
	if (err == 0 && group == GROUP_ALERTS && found == 0 && before->len > 0)
		err = history_behind_gap(j, before);
	else if (err == 0)
		history(j, group, found == 1 ? &old : NULL, old_at_ms);
	if (err == 0)
		err = put_events(j);
	reading_close(&old);
	return err;
}

int archive_history_group(
	struct archive_evaluation *j, unsigned group, const struct archive_before *before)
{
	uint8_t status = j->now->group[group].status;
	bool was_whole = before->len > 0 && before->status == GROUP_COMPLETE;
	bool is_whole = status == GROUP_COMPLETE;
	if (!is_judged(group) || (!is_whole && status != GROUP_PARTIAL))
		return 0;
	if (needs_whole(group) && !is_whole)
		return was_whole ? keep_whole(j, group, before) : 0;
	int err = load(j);
	if (err == 0)
		err = history_and_put(j, group, before);
	if (err == 0 && needs_whole(group) && before->len > 0 && !was_whole)
		err = drop_whole(j, group);
	return err;
}

int archive_history_moved(
	struct archive_evaluation *j, struct text from, uint64_t from_ms, struct text to)
{
	struct history_event *e =
		history_add(&j->archive->events, HISTORY_MOVED, from_ms, j->now_ms, 0);
	if (e != NULL) {
		e->what = TEXT("address");
		e->old_text = from;
		e->new_text = to;
	}
	return put_events(j);
}

int archive_history_replaced(struct archive_evaluation *j, struct text address)
{
	struct db_stmt *st = &j->archive->st[SQL_DEVICE_AT];
	db_bind(st, db_i64(j->agent), db_text(address), db_i64(j->device));
	int found = db_step(st);
	if (found <= 0)
		return found;
	struct history_event *e = history_add(
		&j->archive->events, HISTORY_OTHER_DEVICE, db_col_u64(st, 1), j->now_ms, 0);
	if (e != NULL) {
		e->what = address;
		e->old_text = db_col_text(st, 0);
	}
	int err = put_events(j);
	db_reset(st);
	return err;
}

int archive_history_end(struct archive_evaluation *j)
{
	return j->is_changed ? save(j) : 0;
}
