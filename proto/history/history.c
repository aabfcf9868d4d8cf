/* SPDX-License-Identifier: Apache-2.0
 * Meters over time, and what the parts of proto/history/history share. */
#include "proto/history/history.h"
#include "proto/base/hash.h"

#include "proto/base/placeholder.h"

#include <ctype.h>
#include <string.h>

#define WRAP (UINT64_C(1) << 32)

const char *history_kind_name(enum history_kind kind)
{
	static const char *const names[HISTORY_KIND_COUNT] = {[HISTORY_METER_RESET] = "meter_reset",
		[HISTORY_METER_JUMP] = "meter_jump",
		[HISTORY_SUPPLY_LOW] = "supply_low",
		[HISTORY_SUPPLY_EMPTY] = "supply_empty",
		[HISTORY_SUPPLY_REPLACED] = "supply_replaced",
		[HISTORY_FIRMWARE_CHANGED] = "firmware_changed",
		[HISTORY_ALERT_RAISED] = "alert_raised",
		[HISTORY_ALERT_CLEARED] = "alert_cleared",
		[HISTORY_MOVED] = "moved",
		[HISTORY_OTHER_DEVICE] = "another_device"};
	return kind < HISTORY_KIND_COUNT ? names[kind] : "unknown";
}

struct history_event *history_add(struct history_events *out, enum history_kind kind,
	uint64_t from_ms, uint64_t to_ms, uint64_t key)
{
	if (out->count == HISTORY_EVENTS)
		return NULL;
	struct history_event *e = &out->event[out->count++];
	*e = (struct history_event){
		.kind = (uint8_t)kind, .from_ms = from_ms, .to_ms = to_ms, .key = key};
	return e;
}

/* ---- meters ----------------------------------------------------------------------------- */

/* Identifies a meter of one device: name, label and source. */
static uint64_t history_meter_key(const struct meter *m)
{
	uint64_t h = fnv1a(FNV1A_START, &m->name, sizeof m->name);
	h = fnv1a(h, m->label.p, m->label.len);
	/* Markers are several under one name; all others have one place each. */
	char room[READING_SOURCE];
	struct text source = reading_source(m->object, m->source, room);
	return fnv1a(h, source.p, source.len);
}

static const struct meter *find_meter(const struct reading *r, uint64_t key)
{
	for (const struct meter *m = r->meters; m != NULL; m = m->next) {
		if (history_meter_key(m) == key)
			return m;
	}
	return NULL;
}

static struct history_suspect *find_suspect(struct history_state *s, uint64_t key)
{
	for (unsigned i = 0; i < s->suspects; i++) {
		if (s->suspect[i].key == key)
			return &s->suspect[i];
	}
	return NULL;
}

const struct history_suspect *history_suspect_of(
	const struct history_state *s, const struct meter *m)
{
	return find_suspect((struct history_state *)(uintptr_t)s, history_meter_key(m));
}

uint64_t history_billed(const struct history_state *s, const struct meter *m)
{
	const struct history_suspect *suspect = history_suspect_of(s, m);
	return suspect != NULL ? suspect->good : m->value;
}

void history_mark(const struct history_state *s, struct reading *r)
{
	for (struct meter *m = r->meters; m != NULL; m = m->next) {
		if (history_suspect_of(s, m) != NULL)
			m->quality = QUALITY_SUSPECT;
	}
}

static struct history_good *find_good(struct history_state *s, uint64_t key)
{
	for (unsigned i = 0; i < s->goods; i++) {
		if (s->good[i].key == key)
			return &s->good[i];
	}
	return NULL;
}

/* With no room the one that was not read for longest goes: the newest reading's all stay. */
static void accept_value(struct history_state *s, uint64_t key, uint64_t value, uint64_t at_ms)
{
	struct history_good *to = find_good(s, key);
	if (to == NULL && s->goods < LIMIT_METERS)
		to = &s->good[s->goods++];
	if (to == NULL) {
		to = &s->good[0];
		for (unsigned i = 1; i < s->goods; i++) {
			if (s->good[i].at_ms < to->at_ms)
				to = &s->good[i];
		}
	}
	*to = (struct history_good){key, value, at_ms};
}

static void acquit(struct history_state *s, struct history_suspect *suspect)
{
	*suspect = s->suspect[--s->suspects];
}

/* With no room the oldest suspicion goes: its last value is accepted. */
static void suspect_it(struct history_state *s, uint64_t key, uint64_t good, uint64_t good_at_ms,
	uint64_t seen, uint64_t seen_at_ms)
{
	struct history_suspect *to = NULL;
	if (s->suspects < HISTORY_SUSPECTS) {
		to = &s->suspect[s->suspects++];
	} else {
		for (unsigned i = 0; i < s->suspects; i++) {
			if (to == NULL || s->suspect[i].seen_at_ms < to->seen_at_ms)
				to = &s->suspect[i];
		}
	}
	*to = (struct history_suspect){key, good, good_at_ms, seen, seen_at_ms};
}

/* PrtMarkerCounterUnitTC; a meter without a unit counts pages too. */
static bool counts_pages(const struct meter *m)
{
	enum { NOTHING = 0, IMPRESSIONS = 7, SHEETS = 8 };
	return m->unit == NOTHING || m->unit == IMPRESSIONS || m->unit == SHEETS;
}

/* The highest count that paper can have reached in that time. */
static uint64_t max_of(
	const struct meter *m, const struct reading *r, uint64_t from_ms, uint64_t to_ms)
{
	if (!counts_pages(m))
		return WRAP / 4;
	uint64_t rated = r->pages_per_minute + r->pages_per_minute / 2u;
	uint64_t per_minute = rated > 0 ? rated : HISTORY_PAGES_PER_MINUTE;
	uint64_t minutes = to_ms > from_ms ? (to_ms - from_ms) / 60000 + 1 : 1;
	return minutes < WRAP ? minutes * per_minute + HISTORY_PAGES_SLACK : UINT64_MAX;
}

static bool has_wrapped(uint64_t before, uint64_t after, uint64_t most)
{
	return after < before && before < WRAP && after + WRAP - before <= most;
}

/* Whether `after` may follow `before` without a second reading. A 0 may not, not even where a
 * counter that wraps would just pass it: the next reading decides. */
static bool is_plausible(uint64_t before, uint64_t after, uint64_t most)
{
	if (after == 0 && before > 0)
		return false;
	return after >= before ? after - before <= most : has_wrapped(before, after, most);
}

static void confirm(struct history_state *s, struct history_suspect *suspect, const struct meter *m,
	uint64_t now_ms, struct history_events *out)
{
	enum history_kind kind =
		suspect->seen < suspect->good ? HISTORY_METER_RESET : HISTORY_METER_JUMP;
	struct history_event *e =
		history_add(out, kind, suspect->good_at_ms, suspect->seen_at_ms, suspect->key);
	if (e != NULL) {
		e->what = m->label.len > 0 ? m->label
					   : text_of(meter_name_text((enum meter_name)m->name));
		e->has_old_number = e->has_new_number = true;
		e->old_number = suspect->good;
		e->new_number = suspect->seen;
	}
	accept_value(s, suspect->key, m->value, now_ms);
	acquit(s, suspect);
}

/* A meter under suspicion is read again. */
static void history_suspect(struct history_state *s, struct history_suspect *suspect,
	const struct meter *m, const struct reading *now, uint64_t now_ms,
	struct history_events *out)
{
	uint64_t from_good = max_of(m, now, suspect->good_at_ms, now_ms);
	uint64_t from_seen = max_of(m, now, suspect->seen_at_ms, now_ms);
	if (now_ms <= suspect->seen_at_ms)
		return; /* the same reading again */
	if (is_plausible(suspect->good, m->value, from_good)) {
		accept_value(s, suspect->key, m->value, now_ms);
		acquit(s, suspect);
		return;
	}
	bool is_confirmed = m->value != 0 && suspect->seen != 0 && m->value >= suspect->seen &&
			    m->value - suspect->seen <= from_seen;
	if (is_confirmed) {
		confirm(s, suspect, m, now_ms, out);
		return;
	}
	suspect->seen = m->value;
	suspect->seen_at_ms = now_ms;
}

/* A meter that is not under suspicion. */
static void history_meter(struct history_state *s, uint64_t key, const struct history_good *before,
	const struct meter *m, const struct reading *now, uint64_t now_ms)
{
	if (before != NULL && before->at_ms >= now_ms)
		return; /* the same reading again, or a row that comes twice */
	if (before == NULL ||
		is_plausible(before->value, m->value, max_of(m, now, before->at_ms, now_ms))) {
		accept_value(s, key, m->value, now_ms);
		return;
	}
	/* The agent may have seen the good value again after its record. */
	uint64_t seen_ms = now->group[GROUP_METERS].before_at_ms;
	bool is_later = seen_ms > before->at_ms && seen_ms < now_ms;
	suspect_it(s, key, before->value, is_later ? seen_ms : before->at_ms, m->value, now_ms);
}

void history_meters(struct history_state *s, const struct reading *old, uint64_t old_at_ms,
	const struct reading *now, uint64_t now_ms, struct history_events *out)
{
	for (const struct meter *m = now->meters; m != NULL; m = m->next) {
		uint64_t key = history_meter_key(m);
		struct history_suspect *suspect = find_suspect(s, key);
		if (suspect != NULL) {
			history_suspect(s, suspect, m, now, now_ms, out);
			continue;
		}
		/* A meter that counts since power-on begins anew with every morning. */
		if (m->name == METER_POWER_ON_IMPRESSIONS)
			continue;
		const struct history_good *good = find_good(s, key);
		const struct meter *was = good == NULL && old != NULL ? find_meter(old, key) : NULL;
		struct history_good first = {key, was != NULL ? was->value : 0, old_at_ms};
		history_meter(s, key, was != NULL ? &first : good, m, now, now_ms);
	}
}

/* Whether the rise between two readings says nothing by itself. */
static bool is_steady(const struct meter *before, const struct meter *m, const struct reading *r,
	uint64_t minutes)
{
	if (m->name == METER_POWER_ON_IMPRESSIONS || m->value == before->value)
		return true;
	if (m->value < before->value || before->value == 0)
		return false;
	/* Of a counter of other things a 64th of what is plausible at once. */
	uint64_t rated = r->pages_per_minute + r->pages_per_minute / 2u;
	uint64_t most = !counts_pages(m) ? WRAP / 256
					 : minutes * (rated > 0 ? rated : HISTORY_PAGES_PER_MINUTE);
	return m->value - before->value <= most;
}

unsigned history_meters_count(
	const struct reading *old, uint64_t old_at_ms, const struct reading *now, uint64_t now_ms)
{
	uint64_t minutes = now_ms > old_at_ms ? (now_ms - old_at_ms) / 60000 : 0;
	const struct meter *before = old->meters;
	unsigned counts = 0;
	for (const struct meter *m = now->meters; m != NULL; m = m->next) {
		if (before == NULL || history_meter_key(before) != history_meter_key(m))
			return HISTORY_COUNTS | HISTORY_AWAITS;
		if (!is_steady(before, m, now, minutes < WRAP ? minutes : WRAP))
			counts = HISTORY_COUNTS | HISTORY_AWAITS;
		before = before->next;
	}
	return before != NULL ? HISTORY_COUNTS | HISTORY_AWAITS : counts;
}

/* ---- identity --------------------------------------------------------------------------- */

/* Beside the placeholders of every text: firmware that returns the name of the field. `serial` is
 * as history_serial writes it. */
static bool is_no_serial(const char *serial, size_t n)
{
	return text_is_placeholder((struct text){serial, n}) || strcmp(serial, "SERIAL") == 0 ||
	       strcmp(serial, "SERIALNUMBER") == 0;
}

size_t history_serial(char *dst, size_t cap, struct text serial)
{
	enum { LEAST = 4 };
	size_t n = 0;
	bool is_one = true;
	for (size_t i = 0; i < serial.len && n + 1 < cap; i++) {
		unsigned char c = (unsigned char)serial.p[i];
		if (isspace(c) || (c == '0' && n == 0))
			continue;
		dst[n] = (char)toupper(c);
		is_one = is_one && dst[n] == dst[0];
		n++;
	}
	dst[n] = '\0';
	if (n < LEAST || is_one || is_no_serial(dst, n))
		n = 0;
	dst[n] = '\0';
	return n;
}
