/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/ipp_poll.h"

#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "engine/fleet/poll.h"
#include "proto/ipp/ipp_reading.h"
#include "proto/reading/reading_merge.h"

#include <string.h>

/* ---- whether ---------------------------------------------------------------------------- */

static bool has_answered(const struct reading *r)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].answered_at_ms != 0)
			return true;
	}
	return false;
}

static bool is_resting(const struct poll *v)
{
	return loop_now_ms(v->room->loop) < v->device->profile.ipp.not_before_ms;
}

/* What IPP told last time and does not tell now is not gone: those groups are partial. */
static void miss(struct poll *v)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((v->device->profile.ipp.groups >> g & 1) != 0 &&
			v->reading.group[g].status == GROUP_COMPLETE)
			v->reading.group[g].status = GROUP_PARTIAL;
	}
}

/* Only after SNMP has shown that a printer is there: other devices are none of our business. */
static bool is_wanted(struct poll *v)
{
	struct profile_ipp *m = &v->device->profile.ipp;
	switch ((enum ipp_mode)v->device->ipp.mode) {
	case IPP_MODE_DEFAULT:
	case IPP_MODE_OFF:
		return false;
	case IPP_MODE_ONLY:
		return true;
	case IPP_MODE_ALWAYS:
		break;
	case IPP_MODE_AUTO:
		if (!has_answered(&v->reading) || !v->reading.identity.is_printer)
			return false;
		if (!reading_is_poor(&v->reading)) {
			m->groups = 0;
			return false;
		}
		break;
	}
	if (!is_resting(v))
		return true;
	miss(v);
	return false;
}

/* ---- what came of it -------------------------------------------------------------------- */

static unsigned fold(struct poll *v, struct ipp_response *answer, char why[LIMIT_WHY])
{
	struct reading ipp;
	unsigned gained = 0;
	uint64_t now = loop_wall_ms(v->room->loop);
	reading_open(&ipp, &v->room->ipp->blocks);
	answer->err = ipp_decode(&ipp, v->room->models, answer->bytes, answer->len, why, LIMIT_WHY);
	if (answer->err < 0)
		answer->why = why;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (ipp.group[g].status == GROUP_NOT_REQUESTED)
			continue;
		ipp.group[g].asked_at_ms = v->ipp_sent_wall_ms;
		ipp.group[g].answered_at_ms = now;
	}
	if (answer->err == 0)
		gained = reading_merge(&v->reading, &ipp);
	reading_close(&ipp);
	return gained;
}

static void log_failure(const struct poll *v, const struct ipp_response *answer, bool is_rest)
{
	char address[LIMIT_ADDRESS];
	/* That a printer takes no IPP at all is what `auto` is there to find out. */
	bool is_news = answer->is_reached || v->device->ipp.mode != IPP_MODE_AUTO;
	device_address(v->device, address, sizeof address);
	log_line(is_news ? LOG_WARN : LOG_DEBUG, "ipp", "dev=%s err=%s why=\"%s\" next=\"%s\"",
		address, err_text(answer->err), answer->why, is_rest ? "in 24h" : "next poll");
}

static void rest(struct poll *v)
{
	v->device->profile.ipp.not_before_ms = loop_now_ms(v->room->loop) + LIMIT_IPP_REST_MS;
}

static void take_failure(struct poll *v, const struct ipp_response *answer)
{
	struct profile_ipp *m = &v->device->profile.ipp;
	/* `always` is for printers whose only source this is: one that was switched off is asked
	 * with the next poll, one that misbehaves is not. */
	bool is_rest = answer->is_reached || v->device->ipp.mode == IPP_MODE_AUTO;
	if (is_rest)
		rest(v);
	miss(v);
	if (m->failures < LIMIT_IPP_MISSED && ++m->failures == LIMIT_IPP_MISSED)
		m->groups = 0;
	if (v->device->ipp.mode == IPP_MODE_ONLY)
		v->err = answer->err;
	if (v->room->ipp->on_told == NULL)
		log_failure(v, answer, is_rest);
}

static void take_success(struct poll *v, const struct ipp_response *answer, unsigned gained)
{
	struct profile_ipp *m = &v->device->profile.ipp;
	m->path = answer->path;
	m->is_tls = answer->is_tls;
	m->failures = 0;
	m->groups = (uint8_t)gained;
	if (gained == 0 && v->device->ipp.mode == IPP_MODE_AUTO)
		rest(v);
}

/* What was read by SNMP is kept, but not taken for all there is. */
static void finish_stopped(struct poll *v)
{
	miss(v);
	v->err = ERR_STOPPED;
	poll_finish(v);
}

static void count_traffic(struct poll *v, const struct conn_traffic *c)
{
	struct device_traffic *t = device_traffic_today(v->device, loop_wall_ms(v->room->loop));
	t->packets_out += (uint32_t)c->packets_out;
	t->packets_in += (uint32_t)c->packets_in;
	t->bytes_out += c->bytes_out;
	t->bytes_in += c->bytes_in;
}

static void on_answer(void *owner, const struct ipp_response *given)
{
	struct poll *v = owner;
	struct ipp_context *room = v->room->ipp;
	struct ipp_response answer = *given;
	char why[LIMIT_WHY] = "";
	unsigned gained = 0;
	v->ipp_query = NULL;
	count_traffic(v, &answer.traffic);
	if (answer.err == ERR_STOPPED) {
		finish_stopped(v);
		return;
	}
	if (answer.err == 0)
		gained = fold(v, &answer, why);
	if (answer.err == 0)
		take_success(v, &answer, gained);
	else
		take_failure(v, &answer);
	if (room->on_told != NULL)
		room->on_told(room->told_owner, v->device, &answer, gained);
	poll_finish(v);
}

/* ---- the turn --------------------------------------------------------------------------- */

static int start(struct poll *v)
{
	const struct profile_ipp *m = &v->device->profile.ipp;
	struct ipp_target where = {.address = &v->device->peer.address.sa,
		.port = v->device->ipp.port,
		.is_tls = m->is_tls,
		.first = m->path,
		.path = v->device->ipp.path};
	v->ipp_sent_wall_ms = loop_wall_ms(v->room->loop);
	return ipp_query_start(&v->ipp_query, &v->room->ipp->asks, &where, on_answer, v);
}

static void refuse(struct poll *v, int err)
{
	struct ipp_response answer = {.err = err, .why = err_text(err)};
	take_failure(v, &answer);
	if (v->room->ipp->on_told != NULL)
		v->room->ipp->on_told(v->room->ipp->told_owner, v->device, &answer, 0);
}

bool ipp_poll_begin(struct poll *v)
{
	struct ipp_context *room = v->room->ipp;
	if (room == NULL || room->asks.slab.max == 0 || !is_wanted(v))
		return false;
	if (room->is_stopping || v->err == ERR_STOPPED) {
		miss(v);
		return false;
	}
	int err = list_is_empty(&room->waiting) ? start(v) : ERR_FULL;
	if (err == ERR_FULL) {
		list_push(&room->waiting, &v->node);
		v->is_ipp_waiting = true;
		return true;
	}
	if (err < 0)
		refuse(v, err);
	return err == 0;
}

/* A place is free: whoever waits longest has it. */
static void on_room(void *owner)
{
	struct ipp_context *room = owner;
	while (!list_is_empty(&room->waiting) && slab_left(&room->asks.slab) > 0) {
		struct poll *v = container_of(list_pop(&room->waiting), struct poll, node);
		v->is_ipp_waiting = false;
		int err = start(v);
		if (err == 0)
			continue;
		refuse(v, err);
		poll_finish(v);
	}
}

bool ipp_poll_is_at(const struct poll *v)
{
	return v->is_ipp_waiting || v->ipp_query != NULL;
}

void ipp_poll_stop(struct poll *v)
{
	if (v->ipp_query != NULL) {
		ipp_query_stop(v->ipp_query);
		return;
	}
	list_remove(&v->node);
	v->is_ipp_waiting = false;
	finish_stopped(v);
}

void ipp_context_stop(struct ipp_context *room)
{
	room->is_stopping = true;
	if (room->asks.slab.max == 0)
		return;
	ipp_client_stop(&room->asks);
	while (!list_is_empty(&room->waiting))
		ipp_poll_stop(container_of(room->waiting.next, struct poll, node));
}

/* ---- life ------------------------------------------------------------------------------- */

int ipp_context_open(struct ipp_context *room, struct loop *l, size_t most)
{
	memset(room, 0, sizeof *room);
	room->loop = l;
	list_init(&room->waiting);
	int err = ipp_client_open(&room->asks, l, most);
	if (err == 0)
		err = slab_open(&room->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0) {
		ipp_context_close(room);
		return err;
	}
	room->asks.on_room = on_room;
	room->asks.owner = room;
	return 0;
}

void ipp_context_close(struct ipp_context *room)
{
	ipp_client_close(&room->asks);
	slab_close(&room->blocks);
}

size_t ipp_context_ceiling(const struct ipp_context *room)
{
	return ipp_client_ceiling(&room->asks) + slab_ceiling(&room->blocks);
}
