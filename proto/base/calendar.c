/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/calendar.h"

enum { DAY_S = 86400, MINUTE_S = 60, WEEK_DAYS = 7 };

/* Days around today that are looked at. Offsets are within -25 h and +26 h, so that a time is at
 * most three days from where today's offset puts it; a weekday comes within seven. */
enum { DAYS_BEFORE = 3, DAYS_BEHIND = 12 };

static unsigned minute_of(const struct calendar_time *t, uint64_t seed)
{
	return (t->from + (unsigned)(seed % (uint64_t)(t->to - t->from))) % CALENDAR_DAY_MINUTES;
}

static int64_t day_of(const struct zone *z, int64_t unix_s)
{
	return zone_floor_div(unix_s + zone_offset_s(z, unix_s), DAY_S);
}

/* The UTC time whose local time in the zone is local_s (seconds since 1970 in local time): the
 * first one if they show it twice, a neighbour on the same day if they pass over it. */
static int64_t utc_of(const struct zone *z, int64_t local_s)
{
	int32_t before = zone_offset_s(z, local_s - DAY_S);
	int32_t behind = zone_offset_s(z, local_s + DAY_S);
	int64_t at = local_s - before, earlier = local_s - behind;
	if (zone_offset_s(z, at) == before)
		return at;
	bool is_shown = zone_offset_s(z, earlier) == behind;
	return is_shown || day_of(z, at) != zone_floor_div(local_s, DAY_S) ? earlier : at;
}

static bool has_weekday(const struct calendar *c, int64_t day)
{
	/* 1970-01-01 was a Thursday, day 4. */
	return (c->weekdays >> zone_floor_mod(day + 4, WEEK_DAYS) & 1) != 0;
}

uint64_t calendar_next_ms(const struct calendar *c, uint64_t after_ms)
{
	int64_t after_s = (int64_t)(after_ms / 1000);
	int64_t today = day_of(c->zone, after_s);
	int64_t next = 0, last = today + DAYS_BEHIND;
	for (int64_t day = today - DAYS_BEFORE; day <= last; day++) {
		if (!has_weekday(c, day))
			continue;
		for (size_t i = 0; i < c->count; i++) {
			int64_t local = day * DAY_S + minute_of(&c->times[i], c->seed) * MINUTE_S;
			int64_t at = utc_of(c->zone, local);
			if (at <= after_s || (next != 0 && at >= next))
				continue;
			if (next == 0)
				last = day + DAYS_BEFORE; /* no later day is nearer */
			next = at;
		}
	}
	return (uint64_t)next * 1000;
}

/* HH:MM as minutes, up to 24:00. */
static bool take_minutes(const char **p, const char *end, uint16_t *ret)
{
	unsigned hours = 0, minutes = 0;
	const char *t = *p;
	if (end - t < 4)
		return false;
	for (; t != end && *t >= '0' && *t <= '9' && t - *p < 2; t++)
		hours = hours * 10 + (unsigned)(*t - '0');
	if (t == *p || end - t < 3 || t[0] != ':' || t[1] < '0' || t[1] > '5' || t[2] < '0' ||
		t[2] > '9')
		return false;
	minutes = hours * 60 + (unsigned)(t[1] - '0') * 10 + (unsigned)(t[2] - '0');
	*p = t + 3;
	*ret = (uint16_t)minutes;
	return minutes <= CALENDAR_DAY_MINUTES;
}

int calendar_time_parse(struct calendar_time *t, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	if (!take_minutes(&p, end, &t->from) || t->from == CALENDAR_DAY_MINUTES)
		return ERR_FORMAT;
	t->to = (uint16_t)(t->from + 1);
	if (p == end)
		return 0;
	if (*p++ != '-' || !take_minutes(&p, end, &t->to) || p != end || t->to == t->from)
		return ERR_FORMAT;
	if (t->to < t->from)
		t->to = (uint16_t)(t->to + CALENDAR_DAY_MINUTES);
	return 0;
}
