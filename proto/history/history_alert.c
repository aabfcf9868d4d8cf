/* SPDX-License-Identifier: Apache-2.0
 * Alerts and firmware over time. The alert table is no log: what stood in one reading and not in
 * the next has come or gone between the two. */
#include "proto/history/history.h"
#include "proto/base/hash.h"

#include <string.h>

/* ---- alerts ----------------------------------------------------------------------------- */

static uint64_t history_alert_key(const struct alert *a)
{
	const uint32_t parts[] = {a->device, (uint32_t)a->group, (uint32_t)a->group_index,
		(uint32_t)a->code, (uint32_t)a->location};
	uint64_t h = FNV1A_START;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		h = (h ^ parts[i]) * UINT64_C(0x100000001b3);
	/* Vendors that give no code of their own are told apart by their words. */
	return a->code <= 2 ? fnv1a(h, a->description.p, a->description.len) : h;
}

/* A row that is an event: a state (sleep, warm-up, information) comes and goes without one. */
static bool is_event(const struct alert *a)
{
	return alert_kind(a) != ALERT_STATE;
}

/* How many events with this key come before `end` in the list (NULL: in all of it). */
static unsigned count_of(const struct alert *list, uint64_t key, const struct alert *end)
{
	unsigned n = 0;
	for (const struct alert *a = list; a != end; a = a->next)
		n += is_event(a) && history_alert_key(a) == key;
	return n;
}

/* prtAlertTime is sysUpTime at the change: if that lies between the two readings it is better than
 * both ends. */
static void sharpen(struct history_event *e, const struct alert *a, const struct reading *now)
{
	uint32_t uptime = now->identity.uptime_cs;
	if (uptime == 0 || a->time_cs == 0 || a->time_cs > uptime)
		return;
	uint64_t ago_ms = (uint64_t)(uptime - a->time_cs) * 10;
	if (ago_ms > e->to_ms || e->to_ms - ago_ms < e->from_ms)
		return;
	e->from_ms = e->to_ms = e->to_ms - ago_ms;
}

void history_alerts(const struct reading *old, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct history_events *out)
{
	const struct alert *before = old != NULL ? old->alerts : NULL;
	for (const struct alert *a = now->alerts; a != NULL; a = a->next) {
		uint64_t key = history_alert_key(a);
		if (!is_event(a) || count_of(now->alerts, key, a) < count_of(before, key, NULL))
			continue; /* was there */
		struct history_event *e =
			history_add(out, HISTORY_ALERT_RAISED, old_at_ms, now_ms, key);
		if (e == NULL)
			continue;
		e->alert = a;
		e->what = a->description;
		sharpen(e, a, now);
	}
	for (const struct alert *a = before; a != NULL; a = a->next) {
		uint64_t key = history_alert_key(a);
		if (!is_event(a) || count_of(before, key, a) < count_of(now->alerts, key, NULL))
			continue; /* still there */
		struct history_event *e =
			history_add(out, HISTORY_ALERT_CLEARED, old_at_ms, now_ms, key);
		if (e == NULL)
			continue;
		e->alert = a;
		e->what = a->description;
	}
}

/* Whether an event of `a` stands less often in `b`. */
static bool has_more(const struct alert *a, const struct alert *b)
{
	for (const struct alert *one = a; one != NULL; one = one->next) {
		uint64_t key = history_alert_key(one);
		if (is_event(one) && count_of(a, key, NULL) > count_of(b, key, NULL))
			return true;
	}
	return false;
}

unsigned history_alerts_count(const struct reading *old, const struct reading *now)
{
	const struct alert *before = old != NULL ? old->alerts : NULL;
	struct history_witness was = {0}, is = {0};
	if (old != NULL)
		history_note_rows(&was, old);
	history_note_rows(&is, now);
	bool is_other = memcmp(was.rows, is.rows, sizeof is.rows) != 0;
	return is_other || has_more(now->alerts, before) || has_more(before, now->alerts)
		       ? HISTORY_COUNTS
		       : 0;
}

/* ---- firmware --------------------------------------------------------------------------- */

static const struct firmware *find_module(const struct reading *r, struct text name)
{
	for (const struct firmware *f = r->identity.firmware; f != NULL; f = f->next) {
		if (text_is_equal_nocase(f->name, name))
			return f;
	}
	return NULL;
}

void history_firmware(const struct reading *old, uint64_t old_at_ms, const struct reading *now,
	uint64_t now_ms, struct history_events *out)
{
	for (const struct firmware *f = now->identity.firmware; f != NULL && old != NULL;
		f = f->next) {
		const struct firmware *before = f->name.len > 0 ? find_module(old, f->name) : NULL;
		if (before == NULL || text_is_equal(before->version, f->version))
			continue;
		uint64_t key = 0;
		for (size_t i = 0; i < f->name.len; i++)
			key = key * 31 + (uint8_t)f->name.p[i];
		struct history_event *e =
			history_add(out, HISTORY_FIRMWARE_CHANGED, old_at_ms, now_ms, key);
		if (e == NULL)
			return;
		e->what = f->name;
		e->old_text = before->version;
		e->new_text = f->version;
	}
}
