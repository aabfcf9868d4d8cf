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

static bool has_response(const struct reading *r)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].answered_at_ms != 0)
			return true;
	}
	return false;
}

/* Groups that IPP filled the last time and does not fill now. */
static void set_partial(struct poll *v)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((v->device->profile.ipp.groups >> g & 1) != 0 &&
			v->reading.group[g].status == GROUP_COMPLETE)
			v->reading.group[g].status = GROUP_PARTIAL;
	}
}

/* By default only after SNMP has shown that a printer is there: no other device is queried. */
static bool is_wanted(struct poll *v)
{
	struct profile_ipp *p = &v->device->profile.ipp;
	switch ((enum ipp_mode)v->device->ipp.mode) {
	case IPP_MODE_DEFAULT:
	case IPP_MODE_OFF:
		return false;
	case IPP_MODE_ONLY:
		return true;
	case IPP_MODE_ALWAYS:
		break;
	case IPP_MODE_AUTO:
		if (!has_response(&v->reading) || !v->reading.identity.is_printer)
			return false;
		if (!reading_is_poor(&v->reading)) {
			p->groups = 0;
			return false;
		}
		break;
	}
	if (loop_now_ms(v->context->loop) >= p->not_before_ms)
		return true;
	set_partial(v);
	return false;
}

/* ---- responses -------------------------------------------------------------------------- */

static unsigned merge(struct poll *v, struct ipp_response *response, char why[LIMIT_WHY])
{
	struct reading ipp;
	unsigned gained = 0;
	uint64_t now = loop_wall_ms(v->context->loop);
	reading_open(&ipp, &v->context->ipp_blocks);
	response->err = ipp_decode(
		&ipp, v->context->options.models, response->bytes, response->len, why, LIMIT_WHY);
	if (response->err < 0)
		response->why = why;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (ipp.group[g].status == GROUP_NOT_REQUESTED)
			continue;
		ipp.group[g].asked_at_ms = v->ipp.sent_wall_ms;
		ipp.group[g].answered_at_ms = now;
	}
	if (response->err == 0)
		gained = reading_merge(&v->reading, &ipp);
	reading_close(&ipp);
	return gained;
}

static void log_failure(const struct poll *v, const struct ipp_response *response, bool is_rest)
{
	char address[LIMIT_ADDRESS];
	/* In mode `auto`, a printer without IPP is no fault. */
	bool is_fault = response->is_reached || v->device->ipp.mode != IPP_MODE_AUTO;
	device_address(v->device, address, sizeof address);
	log_line(is_fault ? LOG_WARN : LOG_DEBUG, "ipp", "dev=%s err=%s why=\"%s\" next=\"%s\"",
		address, err_text(response->err), response->why, is_rest ? "in 24h" : "next poll");
}

static void set_rest(struct poll *v)
{
	v->device->profile.ipp.not_before_ms = loop_now_ms(v->context->loop) + LIMIT_IPP_REST_MS;
}

static void add_failure(struct poll *v, const struct ipp_response *response)
{
	struct profile_ipp *p = &v->device->profile.ipp;
	/* `always` is for printers whose only source this is: one that is switched off is queried
	 * at the next poll, one that misbehaves is not. */
	bool is_rest = response->is_reached || v->device->ipp.mode == IPP_MODE_AUTO;
	if (is_rest)
		set_rest(v);
	set_partial(v);
	if (p->failures < LIMIT_IPP_MISSED && ++p->failures == LIMIT_IPP_MISSED)
		p->groups = 0;
	if (v->device->ipp.mode == IPP_MODE_ONLY)
		v->err = response->err;
	if (v->context->options.on_ipp == NULL)
		log_failure(v, response, is_rest);
}

static void add_success(struct poll *v, const struct ipp_response *response, unsigned gained)
{
	struct profile_ipp *p = &v->device->profile.ipp;
	p->path = response->path;
	p->is_tls = response->is_tls;
	p->failures = 0;
	p->groups = (uint8_t)gained;
	if (gained == 0 && v->device->ipp.mode == IPP_MODE_AUTO)
		set_rest(v);
}

/* What SNMP brought is kept, as a part of what there is. */
static void set_stopped(struct poll *v)
{
	set_partial(v);
	v->err = ERR_STOPPED;
}

static void count_traffic(struct poll *v, const struct conn_traffic *c)
{
	struct device_traffic *t = device_traffic_today(v->device, loop_wall_ms(v->context->loop));
	t->packets_out += (uint32_t)c->packets_out;
	t->packets_in += (uint32_t)c->packets_in;
	t->bytes_out += c->bytes_out;
	t->bytes_in += c->bytes_in;
}

static void report(struct poll *v, const struct ipp_response *response, unsigned gained)
{
	const struct poll_options *o = &v->context->options;
	if (o->on_ipp != NULL)
		o->on_ipp(o->owner, v->device, response, gained);
}

static void on_response(void *owner, const struct ipp_response *given)
{
	struct poll *v = owner;
	struct ipp_response response = *given;
	char why[LIMIT_WHY] = "";
	unsigned gained = 0;
	v->ipp.query = NULL;
	count_traffic(v, &response.traffic);
	if (response.err == 0)
		gained = merge(v, &response, why);
	if (response.err == 0)
		add_success(v, &response, gained);
	else if (response.err == ERR_STOPPED)
		set_stopped(v);
	else
		add_failure(v, &response);
	if (response.err != ERR_STOPPED)
		report(v, &response, gained);
	poll_move(v, POLL_READ);
}

/* ---- queries ---------------------------------------------------------------------------- */

static int start(struct poll *v)
{
	const struct profile_ipp *p = &v->device->profile.ipp;
	struct ipp_target target = {.address = &v->device->peer.address.sa,
		.port = v->device->ipp.port,
		.is_tls = p->is_tls,
		.first = p->path,
		.path = v->device->ipp.path};
	v->ipp.sent_wall_ms = loop_wall_ms(v->context->loop);
	return ipp_query_start(&v->ipp.query, &v->context->ipp_client, &target, on_response, v);
}

static void refuse(struct poll *v, int err)
{
	struct ipp_response response = {.err = err, .why = err_text(err)};
	add_failure(v, &response);
	report(v, &response, 0);
}

bool poll_ipp_begin(struct poll *v)
{
	struct poll_context *c = v->context;
	list_init(&v->ipp.node);
	if (c->options.ipp_polls == 0 || !is_wanted(v))
		return false;
	if (c->is_stopping || v->err == ERR_STOPPED) {
		set_partial(v);
		return false;
	}
	int err = list_is_empty(&c->ipp_waiting) ? start(v) : ERR_FULL;
	if (err == ERR_FULL) {
		list_push(&c->ipp_waiting, &v->ipp.node);
		return true;
	}
	if (err < 0)
		refuse(v, err);
	return err == 0;
}

/* A place is free: the poll that waits longest has it. */
static void on_place(void *owner)
{
	struct poll_context *c = owner;
	while (!list_is_empty(&c->ipp_waiting) && slab_left(&c->ipp_client.slab) > 0) {
		struct poll *v = container_of(list_pop(&c->ipp_waiting), struct poll, ipp.node);
		int err = start(v);
		if (err == 0)
			continue;
		refuse(v, err);
		poll_move(v, POLL_READ);
	}
}

void poll_ipp_stop(struct poll *v)
{
	if (v->ipp.query != NULL) {
		ipp_query_stop(v->ipp.query);
		return;
	}
	list_remove(&v->ipp.node);
	set_stopped(v);
	poll_move(v, POLL_READ);
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
	c->ipp_client.on_room = on_place;
	c->ipp_client.owner = c;
	return err;
}

void poll_ipp_close(struct poll_context *c)
{
	ipp_client_close(&c->ipp_client);
	slab_close(&c->ipp_blocks);
}
