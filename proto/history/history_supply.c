/* SPDX-License-Identifier: Apache-2.0
 * Supplies over time: low, empty, replaced, and how long they still last. */
#include "proto/history/history.h"

#include "proto/base/crc.h"

#include <string.h>

enum { SAMPLE_MS = 6 * 3600 * 1000 };

const struct history_supply *history_supply_of(
	const struct history_state *s, const struct supply *supply)
{
	for (unsigned i = 0; i < s->supplies; i++) {
		if (s->supply[i].device == supply->device && s->supply[i].index == supply->index)
			return &s->supply[i];
	}
	return NULL;
}

/* Its state; the one that was not seen for longest makes room. */
static struct history_supply *state_of(struct history_state *s, const struct supply *supply)
{
	struct history_supply *found = (struct history_supply *)history_supply_of(s, supply);
	if (found != NULL)
		return found;
	if (s->supplies < LIMIT_SUPPLIES) {
		found = &s->supply[s->supplies++];
	} else {
		found = &s->supply[0];
		for (unsigned i = 1; i < s->supplies; i++) {
			if (s->supply[i].seen_at_ms < found->seen_at_ms)
				found = &s->supply[i];
		}
	}
	*found = (struct history_supply){.device = supply->device, .index = supply->index};
	return found;
}

static struct text words_of(const struct supply *s)
{
	return s->description.len > 0 ? s->description
	       : s->colorant.len > 0  ? s->colorant
				      : text_of(supply_type_name(s->type));
}

/* What is told of a level: hundredths of a percent, or none. */
struct share {
	bool is_known;
	uint32_t x100;
};

static struct share share_of(const struct supply *supply)
{
	double percent = supply_percent(supply);
	return percent < 0 ? (struct share){false, 0}
			   : (struct share){true, (uint32_t)(percent * 100 + 0.5)};
}

/* What it was at before this reading. */
static struct share share_before(const struct history_supply *s)
{
	return (struct share){s->has_share, s->has_share ? s->lowest_x100 : 0};
}

/* A level without a number is told by its word. */
static void tell(struct history_events *out, enum history_kind kind, const struct history_supply *s,
	const struct supply *supply, uint64_t now_ms, struct share before)
{
	uint64_t key = (uint64_t)s->device << 32 | s->index;
	struct share now = share_of(supply);
	struct history_event *e = history_add(out, kind, s->seen_at_ms, now_ms, key);
	if (e == NULL)
		return;
	e->what = words_of(supply);
	e->cycle = s->cycle;
	e->has_old_number = before.is_known;
	e->old_number = before.x100;
	e->has_new_number = now.is_known;
	e->new_number = now.x100;
	if (!now.is_known)
		e->new_text = text_of(level_kind_name((enum level_kind)supply->level_kind));
}

/* A new cycle begins. */
static void replace(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	struct history_events *out)
{
	struct share before = share_before(s);
	s->cycle++;
	s->is_low = s->is_empty = s->is_some = s->has_share = false;
	s->samples = 0;
	tell(out, HISTORY_SUPPLY_REPLACED, s, supply, now_ms, before);
}

/* Once a cycle. */
static void note(struct history_supply *s, enum history_kind kind, const struct supply *supply,
	uint64_t now_ms, struct share before, struct history_events *out)
{
	bool *is_noted = kind == HISTORY_SUPPLY_LOW ? &s->is_low : &s->is_empty;
	if (!*is_noted)
		tell(out, kind, s, supply, now_ms, before);
	*is_noted = true;
}

static void sample(struct history_supply *s, uint64_t now_ms, uint32_t share, uint64_t pages)
{
	if (s->samples > 0) {
		const struct history_sample *last = &s->sample[s->samples - 1];
		if (now_ms - last->at_ms < SAMPLE_MS)
			return;
	}
	if (s->samples == HISTORY_SAMPLES) {
		/* Every second one stays: the way back reaches twice as far. */
		for (unsigned i = 0; i < HISTORY_SAMPLES / 2; i++)
			s->sample[i] = s->sample[2 * i];
		s->samples = HISTORY_SAMPLES / 2;
	}
	s->sample[s->samples++] = (struct history_sample){now_ms, share, pages};
}

/* A level with a number. */
static void history_share(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	uint32_t threshold, uint64_t pages, struct history_events *out)
{
	uint32_t share = share_of(supply).x100;
	bool has_floor = s->has_share || s->is_low;
	uint32_t lowest = s->has_share ? s->lowest_x100 : threshold;
	if (has_floor && share > threshold && share >= lowest + HISTORY_RISE_X100)
		replace(s, supply, now_ms, out);
	struct share before = share_before(s);
	if (!s->has_share || share < s->lowest_x100)
		s->lowest_x100 = share;
	s->has_share = true;
	s->is_some = false;
	if (share <= threshold)
		note(s, HISTORY_SUPPLY_LOW, supply, now_ms, before, out);
	if (share == 0)
		note(s, HISTORY_SUPPLY_EMPTY, supply, now_ms, before, out);
	sample(s, now_ms, share, pages);
}

/* A state without a number. */
static void history_word(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	struct history_events *out)
{
	struct share before = share_before(s);
	/* Some printers know only "empty" (also as 0 %) and "some". */
	bool was_empty = s->is_empty && (!s->has_share || s->lowest_x100 == 0);
	bool was_some = s->is_some;
	enum level_kind kind = (enum level_kind)supply->level_kind;
	/* Of so many without a maximum only none is a news. */
	if (kind == LEVEL_UNITS)
		kind = supply->level == 0 ? LEVEL_EMPTY : LEVEL_SOME;
	s->is_some = false;
	switch (kind) {
	case LEVEL_OK:
		if ((s->is_low || s->is_empty) && !s->has_share)
			replace(s, supply, now_ms, out);
		break;
	case LEVEL_SOME:
		s->is_some = was_empty && !was_some;
		if (was_empty && was_some)
			replace(s, supply, now_ms, out);
		break;
	case LEVEL_EMPTY:
		note(s, HISTORY_SUPPLY_LOW, supply, now_ms, before, out);
		note(s, HISTORY_SUPPLY_EMPTY, supply, now_ms, before, out);
		break;
	case LEVEL_LOW:
		note(s, HISTORY_SUPPLY_LOW, supply, now_ms, before, out);
		break;
	case LEVEL_UNKNOWN:
	case LEVEL_UNLIMITED:
		s->is_some = was_some;
		break;
	case LEVEL_PERCENT:
	case LEVEL_UNITS:
	case LEVEL_KIND_COUNT:
		break;
	}
}

/* Another serial number is another supply, whatever the levels say. */
static void history_number(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	struct history_events *out)
{
	uint32_t crc =
		supply->serial.len > 0 ? crc32c(0, supply->serial.p, supply->serial.len) | 1u : 0;
	if (crc != 0 && s->serial_crc != 0 && crc != s->serial_crc)
		replace(s, supply, now_ms, out);
	if (crc != 0)
		s->serial_crc = crc;
}

void history_supplies(struct history_state *s, const struct reading *now, uint64_t now_ms,
	uint32_t threshold_x100, uint64_t pages, struct history_events *out)
{
	for (const struct supply *supply = now->supplies; supply != NULL; supply = supply->next) {
		struct history_supply *state = state_of(s, supply);
		if (state->seen_at_ms >= now_ms)
			continue; /* the same reading again, or a row that comes twice */
		history_number(state, supply, now_ms, out);
		if (supply_percent(supply) >= 0)
			history_share(state, supply, now_ms, threshold_x100, pages, out);
		else
			history_word(state, supply, now_ms, out);
		state->seen_at_ms = now_ms;
	}
}

/* ---- how long it lasts ------------------------------------------------------------------ */

enum { DAY_MS = 24 * 3600 * 1000, MIN_DROP_X100 = 200 };

/* Hundredths of a percent for each unit of x, downward, by least squares; not above 0: no way
 * down. x is counted from the first sample. */
static double slope(const struct history_supply *s, bool by_pages)
{
	double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
	const struct history_sample *first = NULL;
	for (unsigned i = 0; i < s->samples; i++) {
		const struct history_sample *p = &s->sample[i];
		if (by_pages && p->pages == 0)
			continue; /* that reading had no meters */
		if (first == NULL)
			first = p;
		if (p->pages < first->pages && by_pages)
			return -1;
		double x = by_pages ? (double)(p->pages - first->pages)
				    : (double)(p->at_ms - first->at_ms) / DAY_MS;
		double y = p->percent_x100;
		n++;
		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
	}
	double below = n * sxx - sx * sx;
	return below > 0 ? -(n * sxy - sx * sy) / below : -1;
}

static bool has_history(const struct history_supply *s)
{
	if (s->samples < 2)
		return false;
	const struct history_sample *first = &s->sample[0], *last = &s->sample[s->samples - 1];
	return last->at_ms - first->at_ms >= 2 * (uint64_t)DAY_MS &&
	       first->percent_x100 >= last->percent_x100 + MIN_DROP_X100;
}

static double left(const struct history_supply *s, bool by_pages)
{
	if (s == NULL || !has_history(s))
		return -1;
	double per_unit = slope(s, by_pages);
	return per_unit > 0 ? (double)s->sample[s->samples - 1].percent_x100 / per_unit : -1;
}

double history_days_left(const struct history_supply *s)
{
	return left(s, false);
}

double history_pages_left(const struct history_supply *s)
{
	return left(s, true);
}
