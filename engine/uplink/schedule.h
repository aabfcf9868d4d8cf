/* SPDX-License-Identifier: Apache-2.0
 * When to go to the hub: pure arithmetic over Unix milliseconds, no clock and no dice of its own.
 * Every agent has its own place in the interval or in a span of the day, made from its id, so that
 * the agents of a fleet that was installed in one go do not all call at midnight.
 *
 * By calendar (times of the local day), a sync that was missed, because the agent was stopped or
 * its host suspended, goes at the next time of the calendar. */
#ifndef PLATEN_UPLINK_SCHEDULE_H
#define PLATEN_UPLINK_SCHEDULE_H

#include "proto/base/calendar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule {
	uint64_t interval_ms; /* 0: by calendar */
	uint64_t offset_ms;   /* the agent's place in the interval */
	struct calendar calendar;
};

/* An interval, or with interval_ms 0 a calendar (NULL: never by itself), for this agent. */
void schedule_open(struct schedule *s, uint64_t interval_ms, const struct calendar *calendar,
	const uint8_t *agent_id, size_t len);

/* Whether nothing ever goes by itself. */
bool schedule_is_empty(const struct schedule *s);

/* The agent's place in the interval: whole minutes if that is at least two minutes, and the same
 * at every start. */
uint64_t schedule_offset_ms(const uint8_t *agent_id, size_t len, uint64_t interval_ms);

/* The next time after now_ms: a multiple of the interval (in UTC) plus the offset, or the next of
 * the calendar. served_ms is the last time of the schedule that a sync was made for (0: none): if
 * the clock was set back, it does not come again. */
uint64_t schedule_next_ms(const struct schedule *s, uint64_t now_ms, uint64_t served_ms);

/* The past of an agent, as it is read at start. */
struct schedule_past {
	uint64_t served_ms;  /* as above */
	uint64_t success_ms; /* the last sync that ended well; 0: none */
	bool is_failed;      /* the last sync failed for a reason that passes */
};

/* The first time after a start. Never synchronised: after a minute, in which the first polls end,
 * and within five (a whole site may have had a power cut). By interval likewise if the last time is
 * an interval ago. After a failure as schedule_again_ms. Else the regular next time. */
uint64_t schedule_first_ms(const struct schedule *s, uint64_t now_ms,
	const struct schedule_past *past, uint64_t random);

/* Whether a program that runs now and then (from cron) has a sync to make: it was never made, a
 * time of the schedule has passed since the last one, or the last one failed for a reason that
 * passes. Several times that have passed are one sync. Never without a schedule. */
bool schedule_is_due(const struct schedule *s, uint64_t now_ms, const struct schedule_past *past);

/* After a run that failed for a reason that passes: between a quarter of an hour and an hour from
 * now, but not after the regular next time. */
uint64_t schedule_again_ms(
	const struct schedule *s, uint64_t now_ms, uint64_t served_ms, uint64_t random);

struct schedule_state {
	uint64_t next_ms;   /* the next sync, a repeated one included */
	uint64_t served_ms; /* when a sync was last begun by schedule; 0: never */
};
enum schedule_step {
	SCHEDULE_WAIT,  /* until next_ms; which is nearer if the clock was set back */
	SCHEDULE_SYNC,  /* now; served_ms is now_ms */
	SCHEDULE_MISSED /* next_ms is over by more than LIMIT_SYNC_LATE_MS, and is the next one now
			 */
};

/* The step that follows from the clock. */
enum schedule_step schedule_look(
	const struct schedule *s, struct schedule_state *state, uint64_t now_ms);

/* Times of the calendar after served_ms, up to now_ms; at most LIMIT_SYNC_MISSED. 0 by interval, or
 * if nothing was served yet. *last_ms: the last of them. */
unsigned schedule_missed(
	const struct schedule *s, uint64_t served_ms, uint64_t now_ms, uint64_t *last_ms);

/* Whether a time of the schedule lies after since_ms (0: before all of them), up to now_ms. */
bool schedule_has_passed(const struct schedule *s, uint64_t since_ms, uint64_t now_ms);

/* How long to rest after the n-th failure in a row (n from 1): full jitter, that is anything from
 * 0 to base * 2^(n-1), at most cap. */
uint64_t schedule_backoff_ms(unsigned failures, uint64_t base_ms, uint64_t cap_ms, uint64_t random);

#endif
