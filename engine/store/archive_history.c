/* SPDX-License-Identifier: Apache-2.0
 * Evaluates a record against the stored state of its device (proto/history/history), in the
 * transaction that stores the record and over the records of all agents. Events are rows; an alert
 * is one row from its start to its end. */
#include "engine/store/archive_schema.h"

#include "proto/wire/pack.h"

#include <stdio.h>
#include <string.h>

/* ---- state ------------------------------------------------------------------------------ */

static int load(struct archive_evaluation *ev)
{
	struct archive *a = ev->archive;
	if (ev->is_loaded)
		return 0;
	struct db_stmt *st = &a->st[SQL_EVALUATION_GET];
	db_bind(st, db_i64(ev->device));
	int found = db_step(st);
	if (found < 0)
		return found;
	size_t len = 0;
	const uint8_t *bytes = found == 1 ? db_col_blob(st, 0, &len) : NULL;
	/* A damaged state is dropped: evaluation starts again. */
	int err = history_state_unpack(&a->evaluation, bytes, len);
	if (found == 1)
		db_reset(st);
	ev->is_loaded = true;
	ev->is_changed = history_note_witness(&a->evaluation, ev->now);
	return err < 0 ? 0 : err;
}

static int save(struct archive_evaluation *ev)
{
	struct archive *a = ev->archive;
	uint8_t bytes[HISTORY_STATE_BYTES];
	struct buf packed;
	buf_over(&packed, bytes, sizeof bytes);
	int err = history_state_pack(&packed, &a->evaluation);
	if (err < 0)
		return ERR_STORE; /* the largest state fits: a test says so */
	struct db_stmt *st = &a->st[SQL_EVALUATION_PUT];
	db_bind(st, db_i64(ev->device), db_blob(packed.data, packed.len));
	return archive_run(st);
}

/* ---- events ----------------------------------------------------------------------------- */

enum { SUPPLY_TEXT = 3 * LIMIT_TEXT_LONG };

/* Meters are counts, supplies hundredths of a percent, the rest is text. */
static struct text number_text(
	char *dst, size_t cap, const struct history_event *e, uint64_t number)
{
	int n = e->kind == HISTORY_METER_RESET || e->kind == HISTORY_METER_JUMP
			? snprintf(dst, cap, "%llu", (unsigned long long)number)
			: snprintf(dst, cap, "%.2f %%", (double)number / 100);
	return (struct text){dst, n > 0 && (size_t)n < cap ? (size_t)n : 0};
}

static bool contains(struct text t, struct text part)
{
	for (size_t i = 0; part.len > 0 && i + part.len <= t.len; i++) {
		if (text_is_equal_nocase((struct text){t.p + i, part.len}, part))
			return true;
	}
	return part.len == 0;
}

/* A supply by its description, with its colour and part number where that does not say them. */
static struct text supply_text(
	char dst[SUPPLY_TEXT], struct text description, const struct supply *supply)
{
	const struct text parts[] = {description, supply->colorant, supply->part};
	struct text t = {dst, 0};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t room = SUPPLY_TEXT - t.len;
		if (i > 0 && contains(t, parts[i]))
			continue;
		int n = snprintf(
			dst + t.len, room, "%s%.*s", t.len > 0 ? ", " : "", TEXT_ARG(parts[i]));
		if (n > 0 && (size_t)n < room)
			t.len += (size_t)n;
	}
	return t;
}

/* A level without a maximum: so many of its unit. */
static struct text units_text(char *dst, size_t cap, const struct supply *supply)
{
	int n = snprintf(dst, cap, "%ld%s%s", (long)supply->level, supply->unit != 0 ? " " : "",
		supply->unit != 0 ? supply_unit_name(supply->unit) : "");
	return (struct text){dst, n > 0 && (size_t)n < cap ? (size_t)n : 0};
}

static int end_alert(struct archive_evaluation *ev, const struct history_event *e)
{
	struct db_stmt *st = &ev->archive->st[SQL_EVENT_END];
	db_bind(st, db_i64(ev->device), db_i64((int64_t)e->key), db_u64(HISTORY_ALERT_RAISED),
		db_u64(e->from_ms), db_u64(e->to_ms));
	return archive_run(st);
}

static int trim(struct archive *a)
{
	int64_t id = db_last_id(a->db);
	/* Every 256th row: the oldest rows are at the other end of the table. */
	if (id <= LIMIT_EVENT_ROWS || id % 256 != 0)
		return 0;
	db_bind(&a->st[SQL_EVENT_TRIM], db_i64(id - LIMIT_EVENT_ROWS));
	return archive_run(&a->st[SQL_EVENT_TRIM]);
}

static int add_event(struct archive_evaluation *ev, const struct history_event *e)
{
	static const struct alert no_alert;
	static const struct supply no_supply;
	const struct alert *alert = e->alert != NULL ? e->alert : &no_alert;
	const struct supply *supply = e->supply != NULL ? e->supply : &no_supply;
	struct db_stmt *st = &ev->archive->st[SQL_EVENT_ADD];
	char before[32], after[48], name[SUPPLY_TEXT];
	if (e->kind == HISTORY_ALERT_CLEARED)
		return end_alert(ev, e);
	struct text old_text = e->old_text, new_text = e->new_text, what = e->what;
	if (e->supply != NULL)
		what = supply_text(name, e->what, supply);
	if (e->has_old_number)
		old_text = number_text(before, sizeof before, e, e->old_number);
	if (e->has_new_number)
		new_text = number_text(after, sizeof after, e, e->new_number);
	else if (supply->level_kind == LEVEL_DIRECTION_UNKNOWN ||
		 (supply->level_kind == LEVEL_UNITS && supply->level > 0))
		new_text = units_text(after, sizeof after, supply);
	db_bind(st, db_i64(ev->device), db_i64(ev->agent), db_u64(e->kind), db_i64((int64_t)e->key),
		db_u64(e->from_ms), db_u64(e->to_ms), db_text(what), db_text(old_text),
		db_text(new_text), db_u64(e->cycle), db_i64(alert->severity),
		db_i64(alert->training), db_i64(alert->group), db_i64(alert->group_index),
		db_i64(alert->code), db_i64(alert->location), db_u64(supply->type),
		db_text(supply->colorant), db_text(supply->part));
	int err = archive_run(st);
	return err < 0 ? err : trim(ev->archive);
}

static int put_events(struct archive_evaluation *ev)
{
	struct history_events *events = &ev->archive->events;
	int err = 0;
	for (unsigned i = 0; i < events->count && err == 0; i++)
		err = add_event(ev, &events->event[i]);
	events->count = 0;
	return err;
}

/* ---- groups ----------------------------------------------------------------------------- */

/* The printer's total of pages that is billed; 0 if this record has none. */
static uint64_t pages_of(const struct history_state *s, const struct reading *r)
{
	const struct meter *life = NULL;
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		if (m->name == METER_IMPRESSIONS_TOTAL)
			return history_billed(s, m);
		if (m->name == METER_MARKER_LIFE && life == NULL)
			life = m;
	}
	return life != NULL ? history_billed(s, life) : 0;
}

static void supplies(struct archive_evaluation *ev)
{
	struct archive *a = ev->archive;
	struct history_context context = {.thresholds = &a->thresholds,
		.site = ev->site,
		.pages = pages_of(&a->evaluation, ev->now)};
	history_supplies(&a->evaluation, ev->now, ev->now_ms, &context, &a->events);
	ev->is_changed = true;
}

/* When the old content was last seen: at its own record, or later, as the agent says. */
static uint64_t last_seen(const struct archive_evaluation *ev, unsigned group,
	const struct archive_before *before, uint64_t old_at_ms)
{
	uint64_t at_ms = ev->now->group[group].before_at_ms;
	bool is_shown = before->len > 0 && before->read_at_ms == old_at_ms;
	return is_shown && at_ms > old_at_ms && at_ms < ev->now_ms ? at_ms : old_at_ms;
}

static void history(struct archive_evaluation *ev, unsigned group, const struct reading *old,
	uint64_t old_at_ms)
{
	struct archive *a = ev->archive;
	switch ((enum reading_group)group) {
	case GROUP_METERS:
		history_meters(&a->evaluation, old, old_at_ms, ev->now, ev->now_ms, &a->events);
		history_pages(&a->evaluation, ev->now_ms, pages_of(&a->evaluation, ev->now));
		ev->is_changed = true;
		break;
	case GROUP_SUPPLIES:
		supplies(ev);
		break;
	case GROUP_ALERTS:
		history_alerts(old, old_at_ms, ev->now, ev->now_ms, &a->events);
		break;
	case GROUP_IDENTITY:
		history_firmware(old, old_at_ms, ev->now, ev->now_ms, &a->events);
		break;
	case GROUP_STATE:
		history_errors(&a->evaluation, old_at_ms, ev->now, ev->now_ms, &a->events);
		ev->is_changed = ev->is_changed || a->events.count > 0;
		break;
	case GROUP_OPTIONS:
	case GROUP_MEDIA:
	case GROUP_MAINTENANCE:
	case GROUP_COUNT:
		break;
	}
}

/* The next alert behind `after` that has no end yet: 1 and its row and key, 0 if there is none. */
static int next_open(struct archive_evaluation *ev, int64_t after, int64_t *id, uint64_t *key)
{
	struct db_stmt *st = &ev->archive->st[SQL_EVENT_OPEN];
	db_bind(st, db_i64(ev->device), db_u64(HISTORY_ALERT_RAISED), db_i64(after));
	int found = db_step(st);
	if (found != 1)
		return found;
	*id = db_col_i64(st, 0);
	*key = (uint64_t)db_col_i64(st, 1);
	db_reset(st);
	return 1;
}

static int end_row(struct archive_evaluation *ev, int64_t id, uint64_t from_ms)
{
	struct db_stmt *st = &ev->archive->st[SQL_EVENT_END_ID];
	db_bind(st, db_i64(id), db_u64(from_ms), db_u64(ev->now_ms));
	return archive_run(st);
}

/* The event that says that an alert with this key is there, taken out of the list; or false. */
static bool remove_raised(struct history_events *events, uint64_t key)
{
	for (unsigned i = 0; i < events->count; i++) {
		if (events->event[i].kind == HISTORY_ALERT_RAISED && events->event[i].key == key) {
			events->event[i] = events->event[--events->count];
			return true;
		}
	}
	return false;
}

/* The stored group is damaged, or there was no complete reading: the open events stand for it.
 * Alerts that are still reported stay open, the others end in the interval. */
static int history_behind_gap(struct archive_evaluation *ev, const struct archive_before *before)
{
	struct history_events *events = &ev->archive->events;
	int64_t id = 0;
	uint64_t key = 0;
	int found, err = 0;
	/* A partial reading gives no start. */
	uint64_t from_ms = before->status == GROUP_COMPLETE
				   ? last_seen(ev, GROUP_ALERTS, before, before->read_at_ms)
				   : 0;
	history_alerts(NULL, from_ms, ev->now, ev->now_ms, events);
	while (err == 0 && (found = next_open(ev, id, &id, &key)) != 0) {
		err = found < 0 ? found : 0;
		if (err == 0 && !history_is_error(key) && !remove_raised(events, key))
			err = end_row(ev, id, from_ms);
	}
	return err;
}

/* ---- groups in part --------------------------------------------------------------------- */

/* A partial reading does not prove that an alert or a module is gone: the next complete reading is
 * compared with the last complete one, which is stored while a partial one is shown. */
static bool needs_complete(unsigned group)
{
	return group == GROUP_ALERTS || group == GROUP_IDENTITY;
}

static int keep_complete(
	struct archive_evaluation *ev, unsigned group, const struct archive_before *before)
{
	struct db_stmt *st = &ev->archive->st[SQL_COMPLETE_PUT];
	db_bind(st, db_i64(archive_group_id(ev->device, group)), db_u64(before->read_at_ms),
		db_u64(before->crc), db_blob(before->bytes, before->len));
	return archive_run(st);
}

static int drop_complete(struct archive_evaluation *ev, unsigned group)
{
	struct db_stmt *st = &ev->archive->st[SQL_COMPLETE_DROP];
	db_bind(st, db_i64(archive_group_id(ev->device, group)));
	return archive_run(st);
}

/* Reads the group as it was before. False if it is damaged. */
static bool unpack(const struct archive_evaluation *ev, unsigned group,
	const struct archive_before *before, struct reading *old)
{
	uint64_t id = (uint64_t)archive_group_id(ev->device, group);
	return before->len > 0 &&
	       archive_crc(id, before->read_at_ms, before->bytes, before->len) == before->crc &&
	       record_group_unpack(old, (enum reading_group)group, before->read_at_ms,
		       before->bytes, before->len) >= 0;
}

/* The previous group that this group is compared with, read at *at_ms: 1, 0 if there is none, or
 * an error of the store. */
static int read_before(struct archive_evaluation *ev, unsigned group,
	const struct archive_before *before, struct reading *old, uint64_t *at_ms)
{
	*at_ms = before->read_at_ms;
	if (!needs_complete(group) || before->len == 0 || before->status == GROUP_COMPLETE)
		return unpack(ev, group, before, old) ? 1 : 0;
	struct db_stmt *st = &ev->archive->st[SQL_COMPLETE_GET];
	db_bind(st, db_i64(archive_group_id(ev->device, group)));
	int found = db_step(st);
	if (found <= 0)
		return found;
	struct archive_before complete = {
		.read_at_ms = db_col_u64(st, 0), .crc = (uint32_t)db_col_u64(st, 2)};
	complete.bytes = db_col_blob(st, 1, &complete.len);
	*at_ms = complete.read_at_ms;
	found = unpack(ev, group, &complete, old) ? 1 : 0;
	db_reset(st);
	return found;
}

static bool is_evaluated(unsigned group)
{
	return group <= GROUP_STATE;
}

static int history_and_put(
	struct archive_evaluation *ev, unsigned group, const struct archive_before *before)
{
	struct reading old;
	uint64_t old_at_ms = 0;
	reading_open(&old, &ev->archive->blocks);
	int found = read_before(ev, group, before, &old, &old_at_ms);
	int err = found < 0 ? found : 0;
	if (err == 0 && group == GROUP_ALERTS && found == 0 && before->len > 0)
		err = history_behind_gap(ev, before);
	else if (err == 0)
		history(ev, group, found == 1 ? &old : NULL,
			group == GROUP_METERS ? old_at_ms
					      : last_seen(ev, group, before, old_at_ms));
	if (err == 0)
		err = put_events(ev);
	reading_close(&old);
	return err;
}

int archive_history_group(
	struct archive_evaluation *ev, unsigned group, const struct archive_before *before)
{
	uint8_t status = ev->now->group[group].status;
	bool was_complete = before->len > 0 && before->status == GROUP_COMPLETE;
	bool is_complete = status == GROUP_COMPLETE;
	if (!is_evaluated(group) || (!is_complete && status != GROUP_PARTIAL))
		return 0;
	if (needs_complete(group) && !is_complete)
		return was_complete ? keep_complete(ev, group, before) : 0;
	int err = load(ev);
	if (err == 0)
		err = history_and_put(ev, group, before);
	if (err == 0 && needs_complete(group) && before->len > 0 && !was_complete)
		err = drop_complete(ev, group);
	return err;
}

int archive_history_moved(
	struct archive_evaluation *ev, struct text from, uint64_t from_ms, struct text to)
{
	struct history_event *e =
		history_add(&ev->archive->events, HISTORY_MOVED, from_ms, ev->now_ms, 0);
	if (e != NULL) {
		e->what = TEXT("address");
		e->old_text = from;
		e->new_text = to;
	}
	return put_events(ev);
}

int archive_history_replaced(struct archive_evaluation *ev, struct text address)
{
	struct db_stmt *st = &ev->archive->st[SQL_DEVICE_AT];
	db_bind(st, db_i64(ev->agent), db_text(address), db_i64(ev->device));
	int found = db_step(st);
	if (found <= 0)
		return found;
	struct history_event *e = history_add(
		&ev->archive->events, HISTORY_OTHER_DEVICE, db_col_u64(st, 1), ev->now_ms, 0);
	if (e != NULL) {
		e->what = address;
		e->old_text = db_col_text(st, 0);
	}
	int err = put_events(ev);
	db_reset(st);
	return err;
}

/* A level of 0 counts when it is read twice, but an agent sends a group that does not change once:
 * it is asked for the whole device. */
static int want_again(struct archive_evaluation *ev)
{
	struct db_stmt *st = &ev->archive->st[SQL_SIGHTING_WANT];
	db_bind(st, db_i64(ev->agent), db_i64(ev->device));
	return archive_run(st);
}

int archive_history_end(struct archive_evaluation *ev)
{
	int err = ev->is_changed ? save(ev) : 0;
	if (err == 0 && ev->is_loaded &&
		history_awaits_second(&ev->archive->evaluation, ev->now_ms))
		err = want_again(ev);
	return err;
}
