/* SPDX-License-Identifier: Apache-2.0
 * The section sync: times of the day, days of the week, and the time zone that they are in. */
#include "engine/conf/load.h"
#include "engine/conf/table_internal.h"

#include "proto/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
enum { DAYS = 7, DAY_LEN = 3 };

/* ---- values ---- */
const char *conf_times_parse(struct calendar *c, struct text text)
{
	struct calendar_time t;
	if (calendar_time_parse(&t, text.p, text.len) < 0)
		return "a time such as 13:30, or a span such as 22:00-05:00";
	if (c->count == LIMIT_SYNC_TIMES)
		return "at most " TEXT_OF(LIMIT_SYNC_TIMES) " times";
	c->times[c->count++] = t;
	return NULL;
}

static int take_day(struct text *text)
{
	for (int day = 0; day < DAYS; day++) {
		if (!text_starts_with(*text, days[day]))
			continue;
		*text = (struct text){text->p + DAY_LEN, text->len - DAY_LEN};
		return day;
	}
	return -1;
}

const char *conf_weekdays_parse(struct calendar *c, struct text text)
{
	int first = take_day(&text), last = first;
	if (first >= 0 && text.len > 0 && text.p[0] == '-') {
		text = (struct text){text.p + 1, text.len - 1};
		last = take_day(&text);
	}
	if (first < 0 || last < 0 || text.len > 0)
		return "days such as mon, wed or mon-fri";
	for (int day = first;; day = (day + 1) % DAYS) {
		c->weekdays |= (uint8_t)(1 << day);
		if (day == last)
			return NULL;
	}
}

/* ---- the time zone ---- */
/* Area/City: below the folder of the zones, whatever it holds. */
static bool is_zone_name(const char *name)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	return name[0] != '\0' && name[0] != '/' && name[strspn(name, chars)] == '\0';
}

/* NULL, or why not; then *zone is NULL. */
static const char *read_zone(struct zone **zone, const char *path)
{
	struct buf bytes;
	struct conf_error unused = {0};
	const char *why = "no time zone of this system";
	*zone = NULL;
	if (conf_read_file(&bytes, path, LIMIT_ZONE_BYTES, &unused) < 0)
		return why;
	*zone = malloc(sizeof **zone);
	int err = *zone == NULL ? -ENOMEM : zone_parse(*zone, bytes.data, bytes.len);
	buf_close(&bytes);
	if (err == 0)
		return NULL;
	free(*zone);
	*zone = NULL;
	return "a damaged file, or one with leap seconds";
}

static const char *read_named_zone(struct zone **zone, const char *name)
{
	char path[512];
	/* As libc does: another folder, where the system's zones are elsewhere. */
	const char *folder = getenv("TZDIR");
	int n = snprintf(path, sizeof path, "%s/%s",
		folder != NULL && folder[0] == '/' ? folder : "/usr/share/zoneinfo", name);
	*zone = NULL;
	if (!is_zone_name(name) || n < 0 || (size_t)n >= sizeof path)
		return "no name of a time zone (such as Europe/Paris)";
	return read_zone(zone, path);
}

/* The zone of this machine: that of TZ if it is a name, or of /etc/localtime; else UTC. */
static const char *read_local_zone(struct conf_load *l, struct zone **zone)
{
	static const char folder[] = "zoneinfo/";
	char link[512];
	const char *tz = getenv("TZ");
	tz = tz != NULL && tz[0] == ':' ? tz + 1 : tz;
	if (tz != NULL && read_named_zone(zone, tz) == NULL)
		return conf_intern(l->memory, tz, strlen(tz));
	if (tz != NULL || read_zone(zone, "/etc/localtime") != NULL)
		return "UTC";
	ssize_t n = readlink("/etc/localtime", link, sizeof link - 1);
	link[n > 0 ? n : 0] = '\0';
	const char *name = strstr(link, folder);
	name = name != NULL ? name + strlen(folder) : "local time";
	return conf_intern(l->memory, name, strlen(name));
}

static void load_zone(struct conf_load *l, struct agent_conf *c)
{
	char text[LIMIT_TEXT_SHORT + 8];
	const char *name = c->sync_timezone;
	if (name == NULL) {
		c->sync_zone_name = read_local_zone(l, &c->sync_zone);
		return;
	}
	c->sync_zone_name = name;
	const char *why = strcmp(name, "UTC") == 0 ? NULL : read_named_zone(&c->sync_zone, name);
	if (why != NULL)
		conf_say(l, conf_given_at(l, "sync.timezone"), "\"sync.timezone\": %s is %s",
			str_quote(text, sizeof text, name, strlen(name)), why);
}

/* ---- all of it ---- */
void conf_check_sync(struct conf_load *l, struct agent_conf *c)
{
	static const char *const by_calendar[] = {"sync.weekdays", "sync.timezone"};
	struct calendar *calendar = &c->sync_calendar;
	bool is_daily = c->sync_interval_ms == 86400000;
	struct conf_mark at = conf_given_at(l, "sync.at");
	if (at.line != 0 && conf_given_at(l, "sync.interval").line != 0)
		conf_say(l, at, "give either \"sync.at\" or \"sync.interval\"");
	for (size_t i = 0; i < sizeof by_calendar / sizeof by_calendar[0]; i++) {
		at = conf_given_at(l, by_calendar[i]);
		if (calendar->count == 0 && !is_daily && at.line != 0)
			conf_say(l, at, "\"%s\" needs \"sync.at\", or a \"sync.interval\" of 24h",
				by_calendar[i]);
	}
	if (calendar->count == 0 && is_daily)
		calendar->times[calendar->count++] =
			(struct calendar_time){0, CALENDAR_DAY_MINUTES};
	if (calendar->weekdays == 0)
		calendar->weekdays = CALENDAR_EVERY_DAY;
	load_zone(l, c);
	calendar->zone = c->sync_zone;
}

static void put_days(struct writer *w, uint8_t weekdays)
{
	const char *before = " on ";
	if (weekdays == CALENDAR_EVERY_DAY)
		return;
	for (int i = 1; i <= DAYS; i++) { /* from Monday */
		if ((weekdays >> i % DAYS & 1) == 0)
			continue;
		writer_printf(w, "%s%s", before, days[i % DAYS]);
		before = ", ";
	}
}

/* A minute, or a span in which each agent has a minute of its own: then true. */
static bool put_time(struct writer *w, const struct calendar_time *t)
{
	unsigned to = t->to > CALENDAR_DAY_MINUTES ? t->to - CALENDAR_DAY_MINUTES : t->to;
	bool is_span = t->to != t->from + 1;
	if (t->to == t->from + CALENDAR_DAY_MINUTES) {
		writer_str(w, "once a day");
		return true;
	}
	writer_printf(w, "%02u:%02u", t->from / 60u, t->from % 60u);
	if (is_span)
		writer_printf(w, "-%02u:%02u", to / 60, to % 60);
	return is_span;
}

static void put_interval(struct writer *w, unsigned long long s)
{
	if (s % 3600 == 0)
		writer_printf(w, "every %llu h", s / 3600);
	else if (s % 60 == 0)
		writer_printf(w, "every %llu min", s / 60);
	else
		writer_printf(w, "every %llu s", s);
}

void agent_conf_put_schedule(struct writer *w, const struct agent_conf *c)
{
	const struct calendar *calendar = &c->sync_calendar;
	bool has_span = false;
	if (calendar->count == 0) {
		put_interval(w, c->sync_interval_ms / 1000);
		return;
	}
	for (size_t i = 0; i < calendar->count; i++) {
		writer_str(w, i > 0 ? ", " : "");
		has_span |= put_time(w, &calendar->times[i]);
	}
	put_days(w, calendar->weekdays);
	writer_printf(w, " (%s)%s", c->sync_zone_name,
		has_span ? ", at a minute of this agent's own" : "");
}
