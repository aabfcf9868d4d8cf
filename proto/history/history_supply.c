/* SPDX-License-Identifier: Apache-2.0
 * Supplies over time: low, empty, replaced. How long they last is history_estimate.c's. */
#include "proto/history/history.h"

#include "proto/base/crc.h"

#include <string.h>

const struct history_supply *history_supply_of(
	const struct history_state *s, const struct supply *supply)
{
	for (unsigned i = 0; i < s->supplies; i++) {
		if (s->supply[i].device == supply->device && s->supply[i].index == supply->index)
			return &s->supply[i];
	}
	return NULL;
}

static void forget_levels(struct history_supply *s)
{
	for (unsigned i = 0; i < LIMIT_HISTORY_DAYS; i++)
		s->closing_x100[i] = HISTORY_NO_LEVEL;
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
	*found = (struct history_supply){
		.device = supply->device, .index = supply->index, .used_x100 = HISTORY_USED_START};
	forget_levels(found);
	return found;
}

static struct text words_of(const struct supply *s)
{
	return s->description.len > 0 ? s->description
	       : s->colorant.len > 0  ? s->colorant
				      : text_of(supply_type_name(s->type));
}

/* A level as events report it: hundredths of a percent, or none. */
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

/* Its level before this reading. */
static struct share share_before(const struct history_supply *s)
{
	return (struct share){s->has_share, s->has_share ? s->lowest_x100 : 0};
}

/* The word for a level without a maximum: of so many units only none says how much is left. */
static enum level_kind word_of(const struct supply *supply)
{
	if (supply->level_kind == LEVEL_UNITS)
		return supply->level == 0 && supply_counts_down(supply) ? LEVEL_EMPTY : LEVEL_SOME;
	return (enum level_kind)supply->level_kind;
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
	e->supply = supply;
	e->cycle = s->cycle;
	e->has_old_number = before.is_known;
	e->old_number = before.x100;
	e->has_new_number = now.is_known;
	e->new_number = now.x100;
	if (!now.is_known)
		e->new_text = text_of(level_kind_name(word_of(supply)));
}

/* A new cycle begins. */
static void replace(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	struct history_events *out)
{
	struct share before = share_before(s);
	s->cycle++;
	s->is_low = s->is_empty = s->is_some = s->has_share = false;
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

/* At first sight it is empty, and was never seen low. */
static void note_empty(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	struct share before, struct history_events *out)
{
	if (s->seen_at_ms == 0)
		s->is_low = true;
	note(s, HISTORY_SUPPLY_LOW, supply, now_ms, before, out);
	note(s, HISTORY_SUPPLY_EMPTY, supply, now_ms, before, out);
}

/* The way down so far, through jitter in both directions. A new cycle goes on from its own level.
 */
static void move(struct history_supply *s, uint32_t share)
{
	if (s->has_share && share < s->last_x100)
		s->used_x100 += s->last_x100 - share;
	else if (s->has_share && s->used_x100 > share - s->last_x100)
		s->used_x100 -= share - s->last_x100;
	s->last_x100 = share;
	s->has_share = true;
}

/* A level with a number. */
static void history_share(struct history_supply *s, const struct supply *supply, uint64_t now_ms,
	uint32_t threshold, struct history_events *out)
{
	uint32_t share = share_of(supply).x100;
	bool has_floor = s->has_share || s->is_low;
	uint32_t lowest = s->has_share ? s->lowest_x100 : threshold;
	if (has_floor && share > threshold && share >= lowest + HISTORY_RISE_X100)
		replace(s, supply, now_ms, out);
	struct share before = share_before(s);
	if (!s->has_share || share < s->lowest_x100)
		s->lowest_x100 = share;
	move(s, share);
	s->is_some = false;
	if (share == 0)
		note_empty(s, supply, now_ms, before, out);
	else if (share <= threshold)
		note(s, HISTORY_SUPPLY_LOW, supply, now_ms, before, out);
}

/* A state without a number. */
static void history_word(struct history_supply *s, const struct supply *supply, bool has_alert,
	uint64_t now_ms, struct history_events *out)
{
	struct share before = share_before(s);
	/* Some printers know only "empty" (also as 0 %) and "some". */
	bool was_empty = s->is_empty && (!s->has_share || s->lowest_x100 == 0);
	bool was_some = s->is_some;
	s->is_some = false;
	switch (word_of(supply)) {
	case LEVEL_OK:
		if ((s->is_low || s->is_empty) && !s->has_share)
			replace(s, supply, now_ms, out);
		break;
	case LEVEL_DIRECTION_UNKNOWN:
		if (has_alert) {
			note(s, HISTORY_SUPPLY_LOW, supply, now_ms, before, out);
			break;
		}
		/* In two readings neither an alert nor a state says that it is full. */
		was_empty = s->is_low || s->is_empty;
		/* fall through */
	case LEVEL_SOME:
		s->is_some = was_empty && !was_some;
		if (was_empty && was_some)
			replace(s, supply, now_ms, out);
		break;
	case LEVEL_EMPTY:
	case LEVEL_FULL:
		note_empty(s, supply, now_ms, before, out);
		break;
	case LEVEL_LOW:
	case LEVEL_ALMOST_FULL:
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

/* Of another part, or of another size, the percentages so far say nothing. */
static void history_part(struct history_supply *s, const struct supply *supply)
{
	uint32_t crc = crc32c(0, supply->part.p, supply->part.len);
	if (supply->has_max && supply->max > 0)
		crc = crc32c(crc, &supply->max, sizeof supply->max);
	bool is_known = supply->part.len > 0 || (supply->has_max && supply->max > 0);
	if (is_known && s->part_crc != 0 && (crc | 1u) != s->part_crc)
		forget_levels(s);
	if (is_known)
		s->part_crc = crc | 1u;
}

/* ---- a level of 0 ----------------------------------------------------------------------- */

/* Bits as in struct printer_state: lowPaper(0) is bit 15. */
enum { ERROR_NO_TONER = 0x8000 >> 3 };
enum { WITNESS_ROWS = 64 * sizeof(((struct history_witness *)0)->rows) / sizeof(uint64_t) };

/* almost over, over, almost empty, empty, almost full, full; and those of RFC 3805's marker
 * supplies, but for a cartridge that is missing. */
static bool is_supply_code(int code)
{
	return (code >= 10 && code <= 15) || (code >= 1101 && code <= 1114);
}

void history_note_rows(struct history_witness *w, const struct reading *now)
{
	enum { GROUP_MARKER_SUPPLIES = 11 };
	memset(w->rows, 0, sizeof w->rows);
	for (const struct alert *a = now->alerts; a != NULL; a = a->next) {
		if (a->group == GROUP_MARKER_SUPPLIES && is_supply_code(a->code) &&
			a->group_index > 0 && a->group_index < (int)WITNESS_ROWS)
			w->rows[a->group_index / 64] |= UINT64_C(1) << a->group_index % 64;
	}
}

bool history_note_witness(struct history_state *s, const struct reading *now)
{
	struct history_witness w = s->witness;
	if (now->group[GROUP_STATE].status == GROUP_COMPLETE)
		w.errors = now->state.has_errors ? now->state.errors : 0;
	bool has_rows = s->has_alert_rows;
	if (now->group[GROUP_ALERTS].status == GROUP_COMPLETE) {
		history_note_rows(&w, now);
		for (const struct alert *a = now->alerts; a != NULL; a = a->next)
			has_rows = has_rows || alert_kind(a) != ALERT_STATE;
	}
	bool is_changed = has_rows != s->has_alert_rows || w.errors != s->witness.errors ||
			  memcmp(w.rows, s->witness.rows, sizeof w.rows) != 0;
	s->witness = w;
	s->has_alert_rows = has_rows;
	return is_changed;
}

static bool has_witness(const struct history_state *s, const struct supply *supply)
{
	const struct history_witness *w = &s->witness;
	if ((w->errors & ERROR_NO_TONER) != 0 && supply->supply_class != CLASS_RECEPTACLE)
		return true;
	return supply->index < WITNESS_ROWS &&
	       (w->rows[supply->index / 64] >> supply->index % 64 & 1) != 0;
}

/* A number, not a word of the printer. */
static bool is_zero(const struct supply *supply)
{
	struct share share = share_of(supply);
	return share.is_known ? share.x100 == 0
			      : supply->level_kind == LEVEL_UNITS && word_of(supply) == LEVEL_EMPTY;
}

/* The time since which its level counts: of its first reading, if that was a 0 which is confirmed
 * now. 0: it does not count yet. */
static uint64_t accepted_at(struct history_supply *s, const struct history_state *all,
	const struct supply *supply, uint64_t now_ms)
{
	uint64_t since_ms = s->zero_at_ms != 0 ? s->zero_at_ms : now_ms;
	if (!is_zero(supply)) {
		s->zero_at_ms = 0;
		return now_ms;
	}
	if (s->zero_at_ms == 0 && !s->is_empty && !has_witness(all, supply)) {
		s->zero_at_ms = now_ms;
		return 0;
	}
	s->zero_at_ms = 0;
	return since_ms;
}

bool history_awaits_second(const struct history_state *s, uint64_t now_ms)
{
	for (unsigned i = 0; i < s->supplies; i++) {
		if (s->supply[i].zero_at_ms == now_ms && now_ms != 0)
			return true;
	}
	return false;
}

/* ---- one reading ------------------------------------------------------------------------ */

uint32_t history_threshold_of(const struct history_thresholds *t, struct text site, unsigned type)
{
	uint32_t found = t != NULL ? t->preset_x100 : HISTORY_LOW_X100;
	int best = 0;
	for (unsigned i = 0; t != NULL && i < t->count; i++) {
		const struct history_threshold *e = &t->entry[i];
		bool has_site = e->site[0] != '\0', has_type = e->type != 0;
		if ((has_site && !text_is(site, e->site)) || (has_type && e->type != type))
			continue;
		int rank = 1 + has_type + 2 * has_site;
		if (rank > best) {
			best = rank;
			found = e->x100;
		}
	}
	return found;
}

/* The agent may have seen the levels before these ones again after their record. It thins them out
 * by HISTORY_LOW_X100: at another threshold an event may lie further back. */
static void see_again(
	struct history_supply *s, uint64_t seen_ms, uint64_t now_ms, uint32_t threshold)
{
	if (threshold == HISTORY_LOW_X100 && s->seen_at_ms != 0 && s->zero_at_ms == 0 &&
		seen_ms > s->seen_at_ms && seen_ms < now_ms)
		s->seen_at_ms = seen_ms;
}

static void history_one(struct history_state *s, struct history_supply *state,
	const struct supply *supply, uint64_t now_ms, const struct history_context *c,
	struct history_events *out)
{
	uint64_t at_ms = accepted_at(state, s, supply, now_ms);
	if (at_ms == 0)
		return;
	history_number(state, supply, at_ms, out);
	history_part(state, supply);
	if (supply_percent(supply) >= 0)
		history_share(state, supply, at_ms,
			history_threshold_of(c->thresholds, c->site, supply->type), out);
	else
		history_word(state, supply, has_witness(s, supply), at_ms, out);
	state->seen_at_ms = now_ms;
}

void history_supplies(struct history_state *s, const struct reading *now, uint64_t now_ms,
	const struct history_context *c, struct history_events *out)
{
	int day = history_open_day(s, now_ms, c->pages);
	for (const struct supply *supply = now->supplies; supply != NULL; supply = supply->next) {
		struct history_supply *state = state_of(s, supply);
		if (state->seen_at_ms >= now_ms || state->zero_at_ms >= now_ms)
			continue; /* the same reading again, or a row that comes twice */
		see_again(state, now->group[GROUP_SUPPLIES].before_at_ms, now_ms,
			history_threshold_of(c->thresholds, c->site, supply->type));
		history_one(s, state, supply, now_ms, c, out);
		if (day >= 0 && state->has_share && supply_percent(supply) >= 0)
			state->closing_x100[day] = state->used_x100;
	}
}

/* ---- which changes count ------------------------------------------------------------------ */

static bool is_same_supply(const struct supply *a, const struct supply *b)
{
	return a->type == b->type && a->supply_class == b->supply_class &&
	       a->direction == b->direction && a->has_max == b->has_max && a->max == b->max &&
	       text_is_equal(a->serial, b->serial) && text_is_equal(a->part, b->part);
}

/* A change to this level counts; the next reading confirms a level of 0, and "some" after empty. */
static unsigned change_to(const struct supply *supply)
{
	bool has_number = share_of(supply).is_known;
	enum level_kind word = word_of(supply);
	bool is_vague = !has_number && (word == LEVEL_SOME || word == LEVEL_DIRECTION_UNKNOWN);
	return is_zero(supply) || is_vague ? HISTORY_COUNTS | HISTORY_AWAITS : HISTORY_COUNTS;
}

/* A first level that is low is an event. */
static unsigned first_count(const struct supply *supply)
{
	enum level_kind word = word_of(supply);
	struct share share = share_of(supply);
	bool is_low = share.is_known ? share.x100 <= HISTORY_LOW_X100
				     : word != LEVEL_OK && word != LEVEL_SOME &&
					       word != LEVEL_UNKNOWN && word != LEVEL_UNLIMITED;
	return is_low ? change_to(supply) : 0;
}

static unsigned level_count(const struct supply *before, const struct supply *supply)
{
	struct share was = share_of(before), is = share_of(supply);
	if (was.is_known != is.is_known || !is_same_supply(before, supply))
		return change_to(supply);
	if (!is.is_known)
		return word_of(before) == word_of(supply) ? 0 : change_to(supply);
	bool is_crossing = was.x100 > HISTORY_LOW_X100 && is.x100 <= HISTORY_LOW_X100;
	bool is_emptied = is.x100 == 0 && was.x100 > 0;
	return is.x100 > was.x100 || is_crossing || is_emptied ? change_to(supply) : 0;
}

unsigned history_supplies_count(const struct reading *old, const struct reading *now)
{
	const struct supply *before = old->supplies;
	unsigned counts = 0;
	for (const struct supply *one = now->supplies; one != NULL; one = one->next) {
		bool is_row = before != NULL && before->device == one->device &&
			      before->index == one->index;
		if (!is_row)
			return HISTORY_COUNTS | HISTORY_AWAITS;
		counts |= level_count(before, one);
		before = before->next;
	}
	return before != NULL ? HISTORY_COUNTS | HISTORY_AWAITS : counts;
}

unsigned history_first_supplies_count(const struct reading *now)
{
	unsigned counts = 0;
	for (const struct supply *one = now->supplies; one != NULL; one = one->next)
		counts |= first_count(one);
	return counts;
}
