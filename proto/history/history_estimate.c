/* SPDX-License-Identifier: Apache-2.0
 * How long a supply lasts, from the closing levels of the last days.
 *
 * Two paces, each a weighted median of slopes between pairs of days (Theil and Sen), so that up to
 * a quarter of the days may be wrong: the level by activity, and activity by day. Activity is the
 * printer's total of pages, which has neither weekends nor steps; days themselves where there is no
 * total. Of the levels only days count on which the level moved: between two of these a printer
 * that reports whole percents is exact, while anywhere between the steps it is up to a step off. */
#include "proto/history/history.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)

enum { WEEK = 7, PAIRS = LIMIT_HISTORY_DAYS * (LIMIT_HISTORY_DAYS - 1) / 2 };

/* ---- days ------------------------------------------------------------------------------- */

static void drop_oldest_day(struct history_state *s)
{
	s->days--;
	memmove(s->day, s->day + 1, s->days * sizeof s->day[0]);
	for (unsigned i = 0; i < s->supplies; i++)
		memmove(s->supply[i].closing_x100, s->supply[i].closing_x100 + 1,
			s->days * sizeof s->supply[i].closing_x100[0]);
}

/* A total that fell began anew: what was made meanwhile is not known, and little. */
static void note_pages(struct history_state *s, uint64_t pages)
{
	if (pages == 0)
		return;
	s->pages_made += s->pages_last == 0 ? 1 : pages > s->pages_last ? pages - s->pages_last : 0;
	s->pages_last = pages;
	s->day[s->days - 1].pages = s->pages_made;
}

int history_open_day(struct history_state *s, uint64_t now_ms, uint64_t pages)
{
	uint64_t day = now_ms / DAY_MS;
	if (s->days > 0 && day < s->day[s->days - 1].day)
		return -1;
	if (s->days == 0 || day > s->day[s->days - 1].day) {
		uint64_t before = s->days > 0 ? s->day[s->days - 1].pages : 0;
		if (s->days == LIMIT_HISTORY_DAYS)
			drop_oldest_day(s);
		/* A level that no record changes is as it was. */
		s->day[s->days] = (struct history_day){.day = day, .pages = before};
		for (unsigned i = 0; i < s->supplies; i++)
			s->supply[i].closing_x100[s->days] =
				s->supply[i].has_share ? s->supply[i].used_x100 : HISTORY_NO_LEVEL;
		s->days++;
	}
	note_pages(s, pages);
	return (int)s->days - 1;
}

void history_pages(struct history_state *s, uint64_t now_ms, uint64_t pages)
{
	if (pages > 0)
		(void)history_open_day(s, now_ms, pages);
}

/* ---- weighted quantiles ----------------------------------------------------------------- */

struct pace {
	double value, weight;
};

struct paces {
	unsigned count;
	double weight;
	struct pace pace[PAIRS];
};

static void add_pace(struct paces *p, double value, double weight)
{
	p->pace[p->count++] = (struct pace){value, weight};
	p->weight += weight;
}

static int compare_pace(const void *a, const void *b)
{
	double x = ((const struct pace *)a)->value, y = ((const struct pace *)b)->value;
	return (x > y) - (x < y);
}

/* The value below which `share` of the weight lies; the paces are sorted. */
static double quantile(const struct paces *p, double share)
{
	double sum = 0;
	for (unsigned i = 0; i < p->count; i++) {
		sum += p->pace[i].weight;
		if (sum >= share * p->weight)
			return p->pace[i].value;
	}
	return p->count > 0 ? p->pace[p->count - 1].value : 0;
}

/* ---- points ----------------------------------------------------------------------------- */

struct point {
	uint64_t day;
	double used; /* hundredths of a percent */
	double x;    /* pages, or days */
};

struct points {
	unsigned count;
	struct point point[LIMIT_HISTORY_DAYS];
};

static bool is_in_window(const struct history_state *s, unsigned i)
{
	return s->day[i].day + HISTORY_WINDOW_DAYS >= s->day[s->days - 1].day;
}

/* When the level of that day was the closing one: of the current day the time of its last reading.
 */
static double closing_time(
	const struct history_state *s, const struct history_supply *supply, unsigned i)
{
	bool is_current = i + 1 == s->days && supply->seen_at_ms / DAY_MS == s->day[i].day;
	return is_current ? (double)supply->seen_at_ms / (double)DAY_MS : (double)s->day[i].day + 1;
}

/* The days on which the level moved, and the first one if these are few. */
static void find_points(struct points *to, const struct history_state *s,
	const struct history_supply *supply, bool by_pages)
{
	struct point first = {0};
	unsigned before = LIMIT_HISTORY_DAYS;
	to->count = 0;
	for (unsigned i = 0; i < s->days; i++) {
		uint32_t used = supply->closing_x100[i];
		if (!is_in_window(s, i) || used == HISTORY_NO_LEVEL ||
			(by_pages && s->day[i].pages == 0))
			continue;
		struct point here = {.day = s->day[i].day,
			.used = used,
			.x = by_pages ? (double)s->day[i].pages : closing_time(s, supply, i)};
		if (before == LIMIT_HISTORY_DAYS)
			first = here;
		else if (used != supply->closing_x100[before])
			to->point[to->count++] = here;
		before = i;
	}
	enum { FEW = 3 };
	if (to->count > 0 && to->count < FEW) {
		memmove(to->point + 1, to->point, to->count * sizeof to->point[0]);
		to->point[0] = first;
		to->count++;
	}
}

/* Slopes of `used` by x. By days: between days that are whole weeks apart, where there are enough
 * of them, as each such pair has the same weekends. */
static void find_slopes(struct paces *to, const struct points *from, bool by_pages)
{
	enum { ENOUGH = 3 };
	for (int is_weekly = by_pages ? 0 : 1; is_weekly >= 0; is_weekly--) {
		*to = (struct paces){.count = 0};
		double span = from->point[from->count - 1].x - from->point[0].x;
		for (unsigned i = 0; i < from->count; i++) {
			for (unsigned k = i + 1; k < from->count; k++) {
				const struct point *a = &from->point[i], *b = &from->point[k];
				double run = b->x - a->x;
				bool is_whole = (b->day - a->day) % WEEK == 0;
				bool is_fit = is_weekly ? is_whole : by_pages || 2 * run >= span;
				if (run > 0 && is_fit)
					add_pace(
						to, (b->used - a->used) / (double)run, (double)run);
			}
		}
		if (to->count >= ENOUGH)
			break;
	}
	qsort(to->pace, to->count, sizeof to->pace[0], compare_pace);
}

/* ---- pages a day ------------------------------------------------------------------------ */

/* Between days that are whole weeks apart; with less than a week, between those half of the time
 * apart. */
static void find_activity(struct paces *to, const struct history_state *s)
{
	unsigned first = 0, last = s->days - 1;
	while (first < s->days && (!is_in_window(s, first) || s->day[first].pages == 0))
		first++;
	*to = (struct paces){.count = 0};
	/* The current day is not at its end. */
	if (last > first + 2)
		last--;
	uint64_t span = first < last ? s->day[last].day - s->day[first].day : 0;
	for (unsigned i = first; i < last; i++) {
		for (unsigned k = i + 1; k <= last; k++) {
			uint64_t run = s->day[k].day - s->day[i].day;
			bool is_fit = span >= WEEK ? run % WEEK == 0 : 2 * run >= span;
			if (s->day[i].pages > 0 && s->day[k].pages >= s->day[i].pages && is_fit)
				add_pace(to,
					(double)(s->day[k].pages - s->day[i].pages) / (double)run,
					(double)run);
		}
	}
	qsort(to->pace, to->count, sizeof to->pace[0], compare_pace);
}

/* Pages of each weekday for a mean of `per_day`. The pages counted on a weekday are weighed against
 * half a day of the mean. */
static void find_week(double week[WEEK], const struct history_state *s, double per_day)
{
	double pages[WEEK] = {0}, seen[WEEK] = {0}, sum = 0;
	for (unsigned i = 1; i + 1 < s->days; i++) {
		const struct history_day *a = &s->day[i - 1], *b = &s->day[i];
		if (!is_in_window(s, i - 1) || a->pages == 0 || b->pages < a->pages)
			continue;
		pages[b->day % WEEK] += (double)(b->pages - a->pages);
		for (uint64_t day = a->day + 1; day <= b->day; day++)
			seen[day % WEEK]++;
	}
	for (unsigned d = 0; d < WEEK; d++) {
		week[d] = (pages[d] + per_day / 2) / (seen[d] + 0.5);
		sum += week[d];
	}
	for (unsigned d = 0; d < WEEK; d++)
		week[d] *= WEEK * per_day / sum;
}

/* Days until so many pages are made, from `from_ms` on. */
static double days_of(double pages, const double week[WEEK], double per_day, uint64_t from_ms)
{
	uint64_t day = from_ms / DAY_MS;
	double left_today = 1 - (double)(from_ms % DAY_MS) / (double)DAY_MS;
	double days = 0, weeks = pages / (WEEK * per_day);
	weeks = weeks < INT32_MAX ? (double)(int32_t)weeks : weeks;
	pages -= weeks * WEEK * per_day;
	for (unsigned i = 0; i <= WEEK && pages > 0; i++, day++) {
		double part = i == 0 ? left_today : 1, made = week[day % WEEK] * part;
		double share = made > pages ? pages / made : 1;
		days += share * part;
		pages -= made * share;
	}
	return WEEK * weeks + days;
}

/* ---- the estimate ----------------------------------------------------------------------- */

/* The input of one estimate. */
struct work {
	struct points points;
	struct paces slopes, activity;
	double week[WEEK]; /* pages of each weekday; per_day 0: not by pages */
	double per_day;
	uint64_t from_ms;
};

/* Days until so many pages are made, or so many days went by. */
static double reach(const struct work *w, double amount)
{
	return w->per_day > 0 ? days_of(amount, w->week, w->per_day, w->from_ms) : amount;
}

/* By how much the pace at that share differs from the median. */
static double spread(const struct paces *p, double share)
{
	double middle = quantile(p, 0.5);
	double off = middle > 0 ? quantile(p, share) / middle - 1 : 0;
	return off < 0 ? -off : off;
}

static void set_range(struct history_estimate *e, const struct work *w, double amount, double used)
{
	/* Levels are no finer than a point of a percent; no week is quite like the last. */
	enum { STEP_X100 = 100 };
	const double always = 0.05, most = 0.9;
	double more =
		always + STEP_X100 / used + spread(&w->slopes, 0.9) + spread(&w->activity, 0.9);
	double less =
		always + STEP_X100 / used + spread(&w->slopes, 0.1) + spread(&w->activity, 0.1);
	e->days_min = reach(w, amount / (1 + more));
	e->days_max = reach(w, amount / (1 - (less < most ? less : most)));
	if (e->days_max > HISTORY_MAX_DAYS)
		e->days_max = HISTORY_MAX_DAYS;
}

/* The consumption from the first to the last day of the window, and the days between. */
static double used_in_window(
	const struct history_state *s, const struct history_supply *supply, unsigned *days)
{
	unsigned i = 0;
	*days = 0;
	while (i < s->days && (!is_in_window(s, i) || supply->closing_x100[i] == HISTORY_NO_LEVEL))
		i++;
	if (i == s->days)
		return 0;
	*days = (unsigned)(s->day[s->days - 1].day - s->day[i].day);
	return (double)supply->used_x100 - (double)supply->closing_x100[i];
}

/* The amount of pages that is left; negative: unknown. */
static double pages_left(
	const struct history_state *s, const struct history_supply *supply, struct work *w)
{
	find_activity(&w->activity, s);
	find_points(&w->points, s, supply, true);
	double per_day = quantile(&w->activity, 0.5);
	if (per_day <= 0 || w->points.count < 2)
		return -1;
	find_slopes(&w->slopes, &w->points, true);
	double per_page = quantile(&w->slopes, 0.5);
	if (per_page <= 0)
		return -1;
	w->per_day = per_day;
	w->from_ms = supply->seen_at_ms;
	find_week(w->week, s, per_day);
	return supply->last_x100 / per_page;
}

/* The amount of days that is left; negative: unknown. */
static double days_left(
	const struct history_state *s, const struct history_supply *supply, struct work *w)
{
	w->activity = (struct paces){.count = 0};
	w->per_day = 0;
	find_points(&w->points, s, supply, false);
	if (w->points.count < 2)
		return -1;
	find_slopes(&w->slopes, &w->points, false);
	double per_day = quantile(&w->slopes, 0.5);
	return per_day > 0 ? supply->last_x100 / per_day : -1;
}

void history_estimate(struct history_estimate *ret, const struct history_state *s,
	const struct history_supply *supply)
{
	struct work w = {.per_day = 0};
	*ret = (struct history_estimate){.is_known = false};
	if (supply == NULL || !supply->has_share || s->days == 0)
		return;
	double used = used_in_window(s, supply, &ret->basis_days);
	if (ret->basis_days < HISTORY_MIN_DAYS || used < HISTORY_MIN_USED_X100)
		return;
	double amount = pages_left(s, supply, &w);
	ret->has_pages = amount >= 0;
	ret->pages = amount;
	if (!ret->has_pages)
		amount = days_left(s, supply, &w);
	if (amount < 0)
		return;
	ret->points = w.points.count;
	ret->days = reach(&w, amount);
	ret->is_known = ret->days <= HISTORY_MAX_DAYS;
	set_range(ret, &w, amount, used);
}
