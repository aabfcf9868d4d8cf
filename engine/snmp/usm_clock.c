/* SPDX-License-Identifier: Apache-2.0
 * The clock of a printer's engine: snmpEngineBoots and snmpEngineTime. Each peer has its own, so
 * clones with one engineID, and printers whose boots start again, do not disturb each other. The
 * time window refuses a replayed response with a valid digest if its msgID is open again. */
#include "engine/snmp/usm_internal.h"

enum { WINDOW_S = 150, BOOTS_MAX = INT32_MAX, TIME_MAX = INT32_MAX };
/* A clock is stored again after so much drift. */
enum { DRIFT_S = 20 };

void usm_clock_now(const struct usm_engine *e, uint64_t now_ms, uint32_t *boots, uint32_t *time)
{
	uint64_t since_s = now_ms > e->at_ms ? (now_ms - e->at_ms) / 1000 : 0;
	*boots = e->boots;
	*time = e->time + since_s > TIME_MAX ? TIME_MAX : (uint32_t)(e->time + since_s);
}

bool usm_clock_is_within(const struct usm_engine *e, uint32_t boots, uint32_t time, uint64_t now_ms)
{
	uint32_t our_boots, our_time;
	if (!e->is_time_trusted)
		return true;
	usm_clock_now(e, now_ms, &our_boots, &our_time);
	if (our_boots == BOOTS_MAX || boots < our_boots)
		return false;
	return boots > our_boots || time + WINDOW_S >= our_time;
}

void usm_clock_set(
	struct usm_peer *p, uint32_t boots, uint32_t time, bool is_authentic, uint64_t now_ms)
{
	struct usm_engine *e = &p->engine;
	uint32_t our_boots, our_time;
	usm_clock_now(e, now_ms, &our_boots, &our_time);
	uint32_t off = time > our_time ? time - our_time : our_time - time;
	if (boots != e->boots || off > DRIFT_S || is_authentic != e->is_time_trusted)
		p->is_dirty = true;
	e->boots = boots;
	e->time = time;
	e->at_ms = now_ms;
	e->is_time_trusted = is_authentic;
}

void usm_clock_follow(struct usm_peer *p, uint32_t boots, uint32_t time, uint64_t now_ms)
{
	const struct usm_engine *e = &p->engine;
	if (!e->is_time_trusted || boots > e->boots || (boots == e->boots && time > e->time))
		usm_clock_set(p, boots, time, true, now_ms);
}
