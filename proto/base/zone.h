/* SPDX-License-Identifier: Apache-2.0
 * Time zones from TZif files (RFC 8536), without libc's process-wide zone: each reader has its own,
 * and a changed tzdata takes effect when the file is read again. Pure: the caller reads the file.
 *
 * Refused: anything that is not well-formed, more than LIMIT_ZONE_TRANSITIONS, offsets outside the
 * RFC's bounds, and files with leap seconds ("right/..."), whose times are not POSIX times. Of a
 * file of version 2 and later the first, 32-bit block is not used. */
#ifndef PLATEN_BASE_ZONE_H
#define PLATEN_BASE_ZONE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The day of one yearly change, and its time in seconds of the clock that is in force before it. */
struct zone_change {
	enum { ZONE_MONTH_WEEK_DAY, ZONE_JULIAN, ZONE_DAY_OF_YEAR } kind; /* Mm.w.d, Jn, n */
	uint16_t day;                                                     /* d or n */
	uint8_t month, week;
	int32_t time_s;
};

/* The footer: a TZ string of POSIX, for times after the last transition. */
struct zone_rule {
	bool is_given;
	bool has_dst;
	int32_t standard_s, dst_s; /* east of Greenwich is positive, other than in the text */
	struct zone_change begin, end;
};

struct zone {
	size_t count;
	int32_t first_s; /* offset before the first transition */
	int64_t at_s[LIMIT_ZONE_TRANSITIONS];
	int32_t offset_s[LIMIT_ZONE_TRANSITIONS]; /* from then on */
	struct zone_rule rule;
};

/* 0, ERR_FORMAT, or ERR_LIMIT (too many transitions). */
int zone_parse(struct zone *z, const uint8_t *bytes, size_t len) MUST_USE;

/* Local time minus UTC at this time, in seconds. z NULL: 0. */
int32_t zone_offset_s(const struct zone *z, int64_t unix_s);

/* Days from 1970-01-01 to this day of the Gregorian calendar; month from 1, day from 1. */
int64_t zone_days(int64_t year, unsigned month, unsigned day);

/* a / b and a mod b with a remainder that is never negative; b > 0. */
int64_t zone_floor_div(int64_t a, int64_t b);
int64_t zone_floor_mod(int64_t a, int64_t b);

#endif
