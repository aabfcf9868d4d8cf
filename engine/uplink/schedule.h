/* SPDX-License-Identifier: Apache-2.0
 * When to go to the hub: pure arithmetic over Unix milliseconds, no clock and no dice of its own.
 * Every agent has its own place in the interval, made from its id, so that the agents of a fleet
 * that was installed in one go do not all call at midnight. */
#ifndef PLATEN_UPLINK_SCHEDULE_H
#define PLATEN_UPLINK_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* The agent's place in the interval: whole minutes if that is at least two minutes, and the same
 * at every start. */
uint64_t schedule_offset_ms(const uint8_t *agent_id, size_t len, uint64_t interval_ms);

/* The next time after now_ms: a multiple of the interval (in UTC) plus the offset. */
uint64_t schedule_next_ms(uint64_t now_ms, uint64_t interval_ms, uint64_t offset_ms);

/* The first time after a start. Never synchronised, or the last time is an interval ago: soon, but
 * not at once (a whole site may have had a power cut); else the regular next time. */
uint64_t schedule_first_ms(uint64_t now_ms, uint64_t interval_ms, uint64_t offset_ms,
	uint64_t last_success_ms, uint64_t random);

/* After a run that failed for a reason that passes: between a quarter of an hour and an hour from
 * now, but not after the regular next time. */
uint64_t schedule_again_ms(
	uint64_t now_ms, uint64_t interval_ms, uint64_t offset_ms, uint64_t random);

/* How long to rest after the n-th failure in a row (n from 1): full jitter, that is anything from
 * 0 to base * 2^(n-1), at most cap. */
uint64_t schedule_backoff_ms(unsigned failures, uint64_t base_ms, uint64_t cap_ms, uint64_t random);

#endif
