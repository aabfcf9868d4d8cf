/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/schedule.h"

#include "proto/base/hash.h"

enum { MINUTE_MS = 60000 };

uint64_t schedule_offset_ms(const uint8_t *agent_id, size_t len, uint64_t interval_ms)
{
	uint64_t h = fnv1a(FNV1A_START, agent_id, len);
	h ^= h >> 32;
	if (interval_ms >= 2 * MINUTE_MS)
		return h % (interval_ms / MINUTE_MS) * MINUTE_MS;
	return interval_ms == 0 ? 0 : h % interval_ms;
}

void schedule_open(struct schedule *s, uint64_t interval_ms, const struct calendar *calendar,
	const uint8_t *agent_id, size_t len)
{
	*s = (struct schedule){.interval_ms = interval_ms};
	s->offset_ms = schedule_offset_ms(agent_id, len, interval_ms);
	if (interval_ms > 0 || calendar == NULL)
		return;
	s->calendar = *calendar;
	s->calendar.seed = hash_bytes(0, agent_id, len);
}

bool schedule_is_empty(const struct schedule *s)
{
	return s->interval_ms == 0 && s->calendar.count == 0;
}

static uint64_t next_ms(const struct schedule *s, uint64_t now_ms)
{
	if (s->interval_ms == 0)
		return calendar_next_ms(&s->calendar, now_ms);
	uint64_t at = now_ms - now_ms % s->interval_ms + s->offset_ms % s->interval_ms;
	return at > now_ms ? at : at + s->interval_ms;
}

uint64_t schedule_next_ms(const struct schedule *s, uint64_t now_ms, uint64_t served_ms)
{
	/* Further ahead, the clock was wrong when it was served. */
	bool is_set_back = s->interval_ms == 0 && served_ms > now_ms &&
			   served_ms - now_ms <= LIMIT_SYNC_SERVED_MS;
	return next_ms(s, is_set_back ? served_ms : now_ms);
}

/* Anything from 0 to most, both included. */
static uint64_t up_to(uint64_t most, uint64_t random)
{
	return most == UINT64_MAX ? random : random % (most + 1);
}

static bool is_soon(const struct schedule *s, uint64_t now_ms, uint64_t success_ms)
{
	if (success_ms == 0)
		return true;
	/* A last time in the future means that the clock was wrong, then or now. */
	return s->interval_ms > 0 && (success_ms > now_ms || now_ms - success_ms >= s->interval_ms);
}

uint64_t schedule_first_ms(const struct schedule *s, uint64_t now_ms,
	const struct schedule_past *past, uint64_t random)
{
	uint64_t next = schedule_next_ms(s, now_ms, past->served_ms);
	uint64_t soon = 4 * MINUTE_MS, polls = MINUTE_MS;
	if (!is_soon(s, now_ms, past->success_ms))
		return past->is_failed ? schedule_again_ms(s, now_ms, past->served_ms, random)
				       : next;
	if (s->interval_ms > 0 && s->interval_ms / 10 < soon) {
		soon = s->interval_ms / 10;
		polls = 0;
	}
	uint64_t at = now_ms + polls + up_to(soon, random);
	return at < next ? at : next;
}

bool schedule_is_due(const struct schedule *s, uint64_t now_ms, const struct schedule_past *past)
{
	uint64_t last = past->served_ms > past->success_ms ? past->served_ms : past->success_ms;
	if (schedule_is_empty(s))
		return false;
	if (past->success_ms == 0 || past->is_failed)
		return true;
	/* Further ahead, the clock was wrong at the last one. */
	if (last > now_ms)
		return last - now_ms > LIMIT_SYNC_SERVED_MS;
	return next_ms(s, last) <= now_ms;
}

uint64_t schedule_again_ms(
	const struct schedule *s, uint64_t now_ms, uint64_t served_ms, uint64_t random)
{
	uint64_t next = schedule_next_ms(s, now_ms, served_ms);
	uint64_t at = now_ms + 15 * MINUTE_MS + up_to(45 * MINUTE_MS, random);
	return at < next ? at : next;
}

enum schedule_step schedule_look(
	const struct schedule *s, struct schedule_state *state, uint64_t now_ms)
{
	uint64_t next = schedule_next_ms(s, now_ms, state->served_ms);
	bool is_due = now_ms >= state->next_ms;
	if (is_due && (s->interval_ms > 0 || now_ms - state->next_ms <= LIMIT_SYNC_LATE_MS)) {
		state->served_ms = now_ms;
		return SCHEDULE_SYNC;
	}
	if (is_due || next < state->next_ms)
		state->next_ms = next;
	return is_due ? SCHEDULE_MISSED : SCHEDULE_WAIT;
}

unsigned schedule_missed(
	const struct schedule *s, uint64_t served_ms, uint64_t now_ms, uint64_t *last_ms)
{
	unsigned count = 0;
	*last_ms = 0;
	if (s->interval_ms > 0 || s->calendar.count == 0 || served_ms == 0)
		return 0;
	for (uint64_t at = next_ms(s, served_ms); at <= now_ms && count < LIMIT_SYNC_MISSED;
		at = next_ms(s, at)) {
		*last_ms = at;
		count++;
	}
	return count;
}

bool schedule_has_passed(const struct schedule *s, uint64_t since_ms, uint64_t now_ms)
{
	return !schedule_is_empty(s) && (since_ms == 0 || next_ms(s, since_ms) <= now_ms);
}

uint64_t schedule_backoff_ms(unsigned failures, uint64_t base_ms, uint64_t cap_ms, uint64_t random)
{
	uint64_t most = base_ms;
	for (unsigned i = 1; i < failures && most < cap_ms; i++)
		most = most > cap_ms / 2 ? cap_ms : most * 2;
	return up_to(most < cap_ms ? most : cap_ms, random);
}
