/* SPDX-License-Identifier: Apache-2.0
 * The TZ string of POSIX that ends a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3". */
#include "proto/base/zone_internal.h"

#include <string.h>

enum { HOUR_S = 3600, DAY_S = 86400, RULE_HOURS_MAX = 167 };

int64_t zone_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t zone_floor_mod(int64_t a, int64_t b)
{
	return a - zone_floor_div(a, b) * b;
}

/* The year begins on 1 March here, so that the leap day is its last; 400 years have 146097 days. */
int64_t zone_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = zone_floor_div(y, 400), of_era = y - era * 400;
	int64_t of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t year_of(int64_t days)
{
	int64_t year = 1970 + zone_floor_div(days * 400, 146097);
	while (zone_days(year, 1, 1) > days)
		year--;
	while (zone_days(year + 1, 1, 1) <= days)
		year++;
	return year;
}

/* ---- evaluation ---- */
static int64_t month_week_day(const struct zone_change *c, int64_t year)
{
	int64_t first = zone_days(year, c->month, 1);
	int64_t next =
		c->month == 12 ? zone_days(year + 1, 1, 1) : zone_days(year, c->month + 1u, 1);
	/* 1970-01-01 was a Thursday, day 4. */
	int64_t day = first + zone_floor_mod(c->day - (first + 4), 7) + 7 * (c->week - 1);
	return day < next ? day : day - 7; /* week 5: the last one */
}

/* Seconds from 1970 on the clock that is in force before the change. */
static int64_t change_s(const struct zone_change *c, int64_t year)
{
	int64_t day = zone_days(year, 1, 1);
	switch (c->kind) {
	case ZONE_MONTH_WEEK_DAY:
		day = month_week_day(c, year);
		break;
	case ZONE_JULIAN: /* 29 February is never counted */
		day += c->day - 1 + (c->day >= 60 && is_leap(year));
		break;
	case ZONE_DAY_OF_YEAR:
		day += c->day;
		break;
	}
	return day * DAY_S + c->time_s;
}

int32_t zone_rule_offset_s(const struct zone_rule *rule, int64_t unix_s)
{
	if (!rule->has_dst)
		return rule->standard_s;
	int64_t year = year_of(zone_floor_div(unix_s + rule->standard_s, DAY_S));
	int64_t begin = change_s(&rule->begin, year) - rule->standard_s;
	int64_t end = change_s(&rule->end, year) - rule->dst_s;
	bool is_dst = begin < end ? unix_s >= begin && unix_s < end
				  : unix_s >= begin || unix_s < end; /* the southern summer */
	return is_dst ? rule->dst_s : rule->standard_s;
}

/* ---- the text ---- */
struct cursor {
	const char *p, *end;
};

static bool skip(struct cursor *c, char wanted)
{
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool is_digit(const struct cursor *c)
{
	return c->p != c->end && *c->p >= '0' && *c->p <= '9';
}

static bool take_number(struct cursor *c, int32_t min, int32_t max, int32_t *ret)
{
	int32_t v = 0;
	if (!is_digit(c))
		return false;
	for (; is_digit(c); c->p++) {
		v = v * 10 + (*c->p - '0');
		if (v > max)
			return false;
	}
	*ret = v;
	return v >= min;
}

/* Letters, or anything between '<' and '>'. */
static bool take_name(struct cursor *c)
{
	bool is_quoted = skip(c, '<');
	const char *begin = c->p;
	while (c->p != c->end &&
		(is_quoted ? *c->p != '>' : (*c->p | 0x20) >= 'a' && (*c->p | 0x20) <= 'z'))
		c->p++;
	return c->p - begin >= 3 && (!is_quoted || skip(c, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct cursor *c, int32_t hours_max, int32_t *ret_s)
{
	int32_t hours, minutes = 0, seconds = 0;
	bool is_negative = skip(c, '-');
	if (!is_negative)
		(void)skip(c, '+');
	if (!take_number(c, 0, hours_max, &hours))
		return false;
	if (skip(c, ':')) {
		if (!take_number(c, 0, 59, &minutes))
			return false;
		if (skip(c, ':') && !take_number(c, 0, 59, &seconds))
			return false;
	}
	*ret_s = hours * HOUR_S + minutes * 60 + seconds;
	if (is_negative)
		*ret_s = -*ret_s;
	return true;
}

/* West is positive in the text. */
static bool take_offset(struct cursor *c, int32_t *ret_s)
{
	if (!take_time(c, 25, ret_s))
		return false;
	*ret_s = -*ret_s;
	return *ret_s >= ZONE_OFFSET_MIN_S && *ret_s <= ZONE_OFFSET_MAX_S;
}

static bool take_day(struct cursor *c, struct zone_change *change)
{
	int32_t month, week, day;
	if (skip(c, 'M')) {
		change->kind = ZONE_MONTH_WEEK_DAY;
		if (!take_number(c, 1, 12, &month) || !skip(c, '.') ||
			!take_number(c, 1, 5, &week) || !skip(c, '.') ||
			!take_number(c, 0, 6, &day))
			return false;
		change->month = (uint8_t)month;
		change->week = (uint8_t)week;
	} else if (skip(c, 'J')) {
		change->kind = ZONE_JULIAN;
		if (!take_number(c, 1, 365, &day))
			return false;
	} else {
		change->kind = ZONE_DAY_OF_YEAR;
		if (!take_number(c, 0, 365, &day))
			return false;
	}
	change->day = (uint16_t)day;
	return true;
}

static bool take_change(struct cursor *c, struct zone_change *change)
{
	change->time_s = 2 * HOUR_S;
	return skip(c, ',') && take_day(c, change) &&
	       (!skip(c, '/') || take_time(c, RULE_HOURS_MAX, &change->time_s));
}

int zone_rule_parse(struct zone_rule *rule, const char *text, size_t len)
{
	struct cursor c = {text, text + len};
	*rule = (struct zone_rule){0};
	if (len == 0)
		return 0;
	if (!take_name(&c) || !take_offset(&c, &rule->standard_s))
		return ERR_FORMAT;
	rule->is_given = true;
	if (c.p == c.end)
		return 0;
	rule->has_dst = true;
	rule->dst_s = rule->standard_s + HOUR_S;
	if (!take_name(&c) || (c.p != c.end && *c.p != ',' && !take_offset(&c, &rule->dst_s)))
		return ERR_FORMAT;
	if (rule->dst_s > ZONE_OFFSET_MAX_S)
		return ERR_FORMAT;
	/* POSIX leaves the days open where none are given; RFC 8536 files give them. */
	if (!take_change(&c, &rule->begin) || !take_change(&c, &rule->end) || c.p != c.end)
		return ERR_FORMAT;
	return 0;
}
