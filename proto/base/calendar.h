/* SPDX-License-Identifier: Apache-2.0
 * Times of the local day, on days of the week: pure, `now` is passed in.
 *
 * Each time happens once on each of its days. Where the clock goes forward over it, it is as much
 * later as the clock went forward (02:30 is then 03:30), or as much earlier if that is another day
 * (23:30 is then 22:30). Where the clock goes back over it, it is the first of the two. */
#ifndef PLATEN_BASE_CALENDAR_H
#define PLATEN_BASE_CALENDAR_H

#include "proto/base/zone.h"

#include <stddef.h>
#include <stdint.h>

enum { CALENDAR_DAY_MINUTES = 1440, CALENDAR_EVERY_DAY = 0x7f };

/* A minute of the day, or a span of them from which the seed chooses one: from <= minute < to, over
 * midnight if to > CALENDAR_DAY_MINUTES. */
struct calendar_time {
	uint16_t from; /* below CALENDAR_DAY_MINUTES */
	uint16_t to;   /* from + 1: exactly then; at most from + CALENDAR_DAY_MINUTES */
};

struct calendar {
	size_t count; /* 0: never */
	struct calendar_time times[LIMIT_SYNC_TIMES];
	uint8_t weekdays;        /* bit 0: Sunday, of the day on which a time happens */
	const struct zone *zone; /* borrowed; NULL: UTC */
	uint64_t seed;           /* the same one chooses the same minutes */
};

/* The first time after after_ms (Unix milliseconds), or 0: never. */
uint64_t calendar_next_ms(const struct calendar *c, uint64_t after_ms);

/* "13:30", or "22:00-05:00", at most 24 hours; "00:00-24:00" is the whole day. 0 or ERR_FORMAT. */
int calendar_time_parse(struct calendar_time *t, const char *text, size_t len) MUST_USE;

#endif
