/* SPDX-License-Identifier: Apache-2.0
 * Dates of HTTP (RFC 9110 section 5.6.7), always in English. */
#include "proto/http/http1.h"
#include "proto/http/http1_internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* IMF-fixdate. */
void http1_put_date(struct writer *w, uint64_t date_ms)
{
	time_t seconds = (time_t)(date_ms / 1000);
	struct tm tm;
	if (date_ms == 0 || gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099)
		return;
	writer_printf(w, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static int month_of(const char *name)
{
	for (int i = 0; i < 12; i++) {
		if (strcmp(months[i], name) == 0)
			return i;
	}
	return -1;
}

/* The three forms that a recipient must accept. The day of the week is redundant. */
static bool scan(const char *text, struct tm *tm, char month[4])
{
	int end = 0;
	size_t len = strlen(text);
	(void)sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm->tm_mday, month,
		&tm->tm_year, &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &end);
	if (end > 0 && (size_t)end == len)
		return true;
	(void)sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &tm->tm_mday, month,
		&tm->tm_year, &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &end);
	if (end > 0 && (size_t)end == len) {
		tm->tm_year += tm->tm_year < 70 ? 2000 : 1900;
		return true;
	}
	(void)sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &tm->tm_mday,
		&tm->tm_hour, &tm->tm_min, &tm->tm_sec, &tm->tm_year, &end);
	return end > 0 && (size_t)end == len;
}

int http1_read_date(const char *text, uint64_t *ret_ms)
{
	struct tm tm = {.tm_mday = 0};
	char month[4] = "";
	if (!scan(text, &tm, month))
		return ERR_FORMAT;
	tm.tm_mon = month_of(month);
	if (tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_year < 1970 ||
		tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
		tm.tm_sec < 0 || tm.tm_sec > 60)
		return ERR_FORMAT;
	tm.tm_year -= 1900;
	*ret_ms = (uint64_t)timegm(&tm) * 1000;
	return 0;
}
