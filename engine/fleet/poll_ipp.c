/* SPDX-License-Identifier: Apache-2.0
 * A poll by IPP, the second source: where SNMP says little (or always, or instead of it, as the
 * device's setting wants), one query; its response is merged into the poll's reading with its
 * source named (proto/reading/reading_merge.h). The poll keeps its slot meanwhile; if as many
 * queries as there is room for are under way, it waits for a place.
 *
 * A printer whose IPP is of no use is not queried again for LIMIT_IPP_REST_MS. A group that IPP
 * helped to fill and that now lacks it is partial: what it held is not gone. */
#include "engine/fleet/poll_internal.h"

#include "proto/base/log.h"
#include "proto/ipp/ipp_reading.h"
#include "proto/reading/reading_merge.h"

#include <string.h>

/* ---- whether ---------------------------------------------------------------------------- */

bool poll_has_response(const struct reading *r)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].responded_at_ms != 0)
			return true;
	}
	return false;
}

/* Groups that IPP filled the last time and does not fill now. */
static void set_partial(struct poll *poll)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((poll->device->profile.ipp.groups >> g & 1) != 0 &&
			poll->reading.group[g].status == GROUP_COMPLETE)
			poll->reading.group[g].status = GROUP_PARTIAL;
	}
}

/* By default only after SNMP has shown that a printer is there: no other device is queried. */
static bool is_wanted(struct poll *poll)
{
	struct profile_ipp *p = &poll->device->profile.ipp;
	switch ((enum ipp_mode)poll->device->ipp.mode) {
	case IPP_MODE_DEFAULT:
	case IPP_MODE_OFF:
		return false;
	case IPP_MODE_ONLY:
		return true;
	case IPP_MODE_ALWAYS:
		break;
	case IPP_MODE_AUTO:
		if (!poll_has_response(&poll->reading) || !poll->reading.identity.is_printer)
			return false;
		if (!reading_is_poor(&poll->reading)) {
			p->groups = 0;
			return false;
		}
		break;
	}
	if (loop_now_ms(poll->context->loop) >= p->not_before_ms)
		return true;
	set_partial(poll);
	return false;
}

/* ---- responses -------------------------------------------------------------------------- */

/* Groups that IPP fills, now or the last time, and of which this response lost something. */
static void set_damaged(struct poll *poll, const struct reading *ipp, unsigned gained)
{
	unsigned filled = poll->device->profile.ipp.groups | gained;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((filled >> g & 1) != 0 && ipp->group[g].status != GROUP_COMPLETE &&
			poll->reading.group[g].status == GROUP_COMPLETE)
			poll->reading.group[g].status = GROUP_PARTIAL;
	}
}

/* A response with malformed attributes counts for the others. */
static unsigned merge(struct poll *poll, struct ipp_response *response, char why[LIMIT_WHY])
{
	struct reading ipp;
	unsigned gained = 0;
	uint64_t now = loop_wall_ms(poll->context->loop);
	reading_open(&ipp, &poll->context->ipp_blocks);
	int damages = ipp_decode(&ipp, poll->context->options.models, response->bytes,
		response->len, why, LIMIT_WHY);
	response->err = damages < 0 ? damages : 0;
	response->why = why;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (ipp.group[g].status == GROUP_NOT_REQUESTED)
			continue;
		ipp.group[g].requested_at_ms = poll->ipp.sent_wall_ms;
		ipp.group[g].responded_at_ms = now;
	}
	if (response->err == 0)
		gained = reading_merge(&poll->reading, &ipp);
	if (damages > 0)
		set_damaged(poll, &ipp, gained);
	reading_close(&ipp);
	return gained;
}

static void log_failure(const struct poll *poll, const struct ipp_response *response, bool is_rest)
{
	/* In mode `auto`, a printer without IPP is no fault. */
	bool is_fault = response->is_reached || poll->device->ipp.mode != IPP_MODE_AUTO;
	log_line(is_fault ? LOG_WARN : LOG_DEBUG, "ipp", "dev=%s err=%s why=\"%s\" next=\"%s\"",
		device_address(poll->device).text, err_text(response->err), response->why,
		is_rest ? "in 24h" : "next poll");
}

static void set_rest(struct poll *poll)
{
	poll->device->profile.ipp.not_before_ms =
		loop_now_ms(poll->context->loop) + LIMIT_IPP_REST_MS;
}

static void add_failure(struct poll *poll, const struct ipp_response *response)
{
	struct profile_ipp *p = &poll->device->profile.ipp;
	/* `always` is for printers whose only source this is: one that is switched off is queried
	 * at the next poll, one that misbehaves is not. */
	bool is_rest = response->is_reached || poll->device->ipp.mode == IPP_MODE_AUTO;
	if (is_rest)
		set_rest(poll);
	set_partial(poll);
	if (p->failures < LIMIT_IPP_MISSED && ++p->failures == LIMIT_IPP_MISSED)
		p->groups = 0;
	if (poll->device->ipp.mode == IPP_MODE_ONLY)
		poll->err = response->err;
	/* A scan lists the open ports with its results. */
	if (poll->context->options.on_ipp == NULL && !poll->context->options.is_identity)
		log_failure(poll, response, is_rest);
}

/* Firmware has such faults for years: no line of its own at the usual level. */
static void log_damage(const struct poll *poll, const struct ipp_response *response)
{
	log_line(LOG_DEBUG, "ipp", "dev=%s err=malformed why=\"%s\"",
		device_address(poll->device).text, response->why);
}

static void add_success(struct poll *poll, const struct ipp_response *response, unsigned gained)
{
	struct profile_ipp *p = &poll->device->profile.ipp;
	if (response->why[0] != '\0')
		log_damage(poll, response);
	p->path = response->path;
	p->is_tls = response->is_tls;
	p->failures = 0;
	/* A field lost to a malformed attribute was missing before: it stays missing. */
	p->groups = (uint8_t)(response->why[0] != '\0' ? p->groups | gained : gained);
	if (gained == 0 && poll->device->ipp.mode == IPP_MODE_AUTO)
		set_rest(poll);
}

/* The groups read by SNMP are kept, as a partial reading. */
static void set_stopped(struct poll *poll)
{
	set_partial(poll);
	poll->err = ERR_STOPPED;
}

static void count_traffic(struct poll *poll, const struct conn_traffic *c)
{
	struct device_traffic *t =
		device_traffic_today(poll->device, loop_wall_ms(poll->context->loop));
	t->packets_out += (uint32_t)c->packets_out;
	t->packets_in += (uint32_t)c->packets_in;
	t->bytes_out += c->bytes_out;
	t->bytes_in += c->bytes_in;
}

static void report(struct poll *poll, const struct ipp_response *response, unsigned gained)
{
	const struct poll_options *o = &poll->context->options;
	if (o->on_ipp != NULL)
		o->on_ipp(o->owner, poll->device, response, gained);
}

static void on_response(void *owner, const struct ipp_response *given)
{
	struct poll *poll = owner;
	struct ipp_response response = *given;
	char why[LIMIT_WHY] = "";
	unsigned gained = 0;
	poll->ipp.query = NULL;
	count_traffic(poll, &response.traffic);
	if (response.err == 0)
		gained = merge(poll, &response, why);
	if (response.err == 0)
		add_success(poll, &response, gained);
	else if (response.err == ERR_STOPPED)
		set_stopped(poll);
	else
		add_failure(poll, &response);
	if (response.err != ERR_STOPPED)
		report(poll, &response, gained);
	poll_move(poll, POLL_READ);
}

/* ---- queries ---------------------------------------------------------------------------- */

static int start(struct poll *poll)
{
	const struct profile_ipp *p = &poll->device->profile.ipp;
	struct ipp_target target = {.address = &poll->device->peer.address.sa,
		.port = poll->device->ipp.port,
		.is_tls = p->is_tls,
		.first = p->path,
		.path = poll->device->ipp.path};
	poll->ipp.sent_wall_ms = loop_wall_ms(poll->context->loop);
	return ipp_query_start(
		&poll->ipp.query, &poll->context->ipp_client, &target, on_response, poll);
}

static void refuse(struct poll *poll, int err)
{
	struct ipp_response response = {.err = err, .why = err_text(err)};
	add_failure(poll, &response);
	report(poll, &response, 0);
}

bool poll_ipp_begin(struct poll *poll)
{
	struct poll_context *c = poll->context;
	list_init(&poll->ipp.node);
	if (c->options.ipp_polls == 0 || !is_wanted(poll))
		return false;
	if (c->is_stopping || poll->err == ERR_STOPPED) {
		set_partial(poll);
		return false;
	}
	int err = list_is_empty(&c->ipp_waiting) ? start(poll) : ERR_FULL;
	if (err == ERR_FULL) {
		list_push(&c->ipp_waiting, &poll->ipp.node);
		return true;
	}
	if (err < 0)
		refuse(poll, err);
	return err == 0;
}

/* A place is free: the poll that waits longest has it. */
static void on_place_free(void *owner)
{
	struct poll_context *c = owner;
	while (!list_is_empty(&c->ipp_waiting) && slab_left(&c->ipp_client.slab) > 0) {
		struct poll *poll = container_of(list_pop(&c->ipp_waiting), struct poll, ipp.node);
		int err = start(poll);
		if (err == 0)
			continue;
		refuse(poll, err);
		poll_move(poll, POLL_READ);
	}
}

void poll_ipp_stop(struct poll *poll)
{
	if (poll->ipp.query != NULL) {
		ipp_query_stop(poll->ipp.query);
		return;
	}
	list_remove(&poll->ipp.node);
	set_stopped(poll);
	poll_move(poll, POLL_READ);
}

void poll_ipp_stop_all(struct poll_context *c)
{
	c->is_stopping = true;
	if (c->options.ipp_polls == 0)
		return;
	ipp_client_stop(&c->ipp_client);
	while (!list_is_empty(&c->ipp_waiting))
		poll_ipp_stop(container_of(c->ipp_waiting.next, struct poll, ipp.node));
}

/* ---- life ------------------------------------------------------------------------------- */

int poll_ipp_open(struct poll_context *c)
{
	list_init(&c->ipp_waiting);
	if (c->options.ipp_polls == 0)
		return 0;
	int err = ipp_client_open(&c->ipp_client, c->loop, c->options.ipp_polls);
	if (err == 0)
		err = slab_open(&c->ipp_blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	c->ipp_client.on_place = on_place_free;
	c->ipp_client.owner = c;
	return err;
}

void poll_ipp_close(struct poll_context *c)
{
	ipp_client_close(&c->ipp_client);
	slab_close(&c->ipp_blocks);
}
