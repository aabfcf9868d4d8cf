/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/schedule.h"

enum { MINUTE_MS = 60000 };

uint64_t schedule_offset_ms(const uint8_t *agent_id, size_t len, uint64_t interval_ms)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (size_t i = 0; i < len; i++)
		h = (h ^ agent_id[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	if (interval_ms >= 2 * MINUTE_MS)
		return h % (interval_ms / MINUTE_MS) * MINUTE_MS;
	return interval_ms == 0 ? 0 : h % interval_ms;
}

uint64_t schedule_next_ms(uint64_t now_ms, uint64_t interval_ms, uint64_t offset_ms)
{
	if (interval_ms == 0)
		return now_ms;
	uint64_t at = now_ms - now_ms % interval_ms + offset_ms % interval_ms;
	return at > now_ms ? at : at + interval_ms;
}

/* Anything from 0 to most, both included. */
static uint64_t up_to(uint64_t most, uint64_t random)
{
	return most == UINT64_MAX ? random : random % (most + 1);
}

uint64_t schedule_first_ms(uint64_t now_ms, uint64_t interval_ms, uint64_t offset_ms,
	uint64_t last_success_ms, uint64_t random)
{
	uint64_t next = schedule_next_ms(now_ms, interval_ms, offset_ms);
	/* A last time in the future means that the clock was wrong, then or now. */
	if (last_success_ms != 0 && last_success_ms <= now_ms &&
		now_ms - last_success_ms < interval_ms)
		return next;
	uint64_t soon = interval_ms / 10 < 5 * MINUTE_MS ? interval_ms / 10 : 5 * MINUTE_MS;
	uint64_t at = now_ms + up_to(soon, random);
	return at < next ? at : next;
}

uint64_t schedule_again_ms(
	uint64_t now_ms, uint64_t interval_ms, uint64_t offset_ms, uint64_t random)
{
	uint64_t next = schedule_next_ms(now_ms, interval_ms, offset_ms);
	uint64_t at = now_ms + 15 * MINUTE_MS + up_to(45 * MINUTE_MS, random);
	return at < next ? at : next;
}

uint64_t schedule_backoff_ms(unsigned failures, uint64_t base_ms, uint64_t cap_ms, uint64_t random)
{
	uint64_t most = base_ms;
	for (unsigned i = 1; i < failures && most < cap_ms; i++)
		most = most > cap_ms / 2 ? cap_ms : most * 2;
	return up_to(most < cap_ms ? most : cap_ms, random);
}
