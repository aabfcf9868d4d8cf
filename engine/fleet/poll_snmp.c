/* SPDX-License-Identifier: Apache-2.0
 * A poll by SNMP: the requests of its plan, and what a timeout means. */
#include "engine/fleet/poll_internal.h"

#include <string.h>

/* A printer that responds within so long is one whose resends are a sign of loss. */
enum { PROMPT_MS = 1000 };

static void on_response(void *owner, const struct snmp_response *response);

/* Requests grow with what the printer has accepted: 484 bytes at first (RFC 3417). */
static size_t request_limit(const struct device *dev)
{
	size_t proven = dev->profile.limits.request_bytes, limit = proven + proven / 2;
	if (limit > LIMIT_REQUEST_BYTES)
		return LIMIT_REQUEST_BYTES;
	return limit > LIMIT_REQUEST_FIRST ? limit : LIMIT_REQUEST_FIRST;
}

/* ---- contexts --------------------------------------------------------------------------- */

/* The contextName of the device's next request, of which there is one at a time; its own comes back
 * with the next request there, and at the end. */
static void set_context(struct poll *poll, struct text context)
{
	struct usm_peer *usm = poll->device->peer.usm;
	if (usm == NULL)
		return;
	usm->context = context.len != 0 ? context.p : poll->snmp.own_context;
	usm->context_len = context.len != 0 ? (uint8_t)context.len : poll->snmp.own_context_len;
}

/* The device's peer in this context; NULL if the name is too long. SNMPv1 and v2c have no contexts
 * of their own: agents accept "community@context". */
static struct snmp_peer *peer_in(struct poll *poll, struct text context)
{
	struct snmp_peer *own = &poll->device->peer;
	struct poll_snmp *s = &poll->snmp;
	if (own->usm != NULL) {
		if (context.len > SNMP3_CONTEXT)
			return NULL;
		set_context(poll, context);
		return own;
	}
	size_t len = (size_t)own->community_len + 1 + context.len;
	if (context.len == 0)
		return own;
	if (len > sizeof s->context_community)
		return NULL;
	memcpy(s->context_community, own->community, own->community_len);
	s->context_community[own->community_len] = '@';
	memcpy(s->context_community + own->community_len + 1, context.p, context.len);
	s->in_context = *own;
	s->in_context.community = s->context_community;
	s->in_context.community_len = (uint8_t)len;
	return &s->in_context;
}

/* ---- quarantine -------------------------------------------------------------------------- */

static bool is_quarantined(const struct poll *poll)
{
	const struct device_protection *p = &poll->device->profile.protection;
	for (unsigned i = 0; i < p->quarantined_count; i++) {
		if (p->quarantined[i].digest == poll->snmp.digest &&
			p->quarantined[i].until_ms > loop_now_ms(poll->context->loop))
			return true;
	}
	return false;
}

/* The device has stopped responding after the open request. Beyond LIMIT_QUARANTINED the oldest
 * entry is dropped. */
static void quarantine_request(struct poll *poll)
{
	struct device_protection *p = &poll->device->profile.protection;
	if (p->quarantined_count == LIMIT_QUARANTINED) {
		memmove(p->quarantined, p->quarantined + 1,
			sizeof p->quarantined - sizeof p->quarantined[0]);
		p->quarantined_count--;
	}
	p->quarantined[p->quarantined_count++] =
		(struct quarantined_request){.digest = poll->snmp.digest,
			.until_ms = loop_now_ms(poll->context->loop) + LIMIT_QUARANTINE_MS};
	p->stopped_responding_wall_ms = loop_wall_ms(poll->context->loop);
	poll->snmp.has_stopped_responding = true;
	mib_enter_safe_mode(&poll->snmp.plan);
}

/* ---- requests ---------------------------------------------------------------------------- */

static int check_caps(const struct poll *poll)
{
	bool is_over = poll->snmp.requests >= LIMIT_POLL_REQUESTS ||
		       poll->snmp.received_bytes >= LIMIT_POLL_BYTES ||
		       loop_now_ms(poll->context->loop) - poll->began_ms >= LIMIT_POLL_MS;
	return is_over ? ERR_LIMIT : 0;
}

static int send_request(struct poll *poll, struct snmp_peer *peer)
{
	struct device *dev = poll->device;
	const struct snmp_request *q = &poll->context->request;
	int err = check_caps(poll);
	if (err < 0)
		return err;
	peer->min_gap_ms = dev->profile.limits.is_safe_mode ? LIMIT_SAFE_MODE_MS : 0;
	poll->snmp.was_prompt = dev->peer.srtt_ms != 0 && dev->peer.srtt_ms < PROMPT_MS;
	err = snmp_client_send(poll->context->options.client, peer, q, on_response, poll);
	if (err < 0)
		return err;
	poll->snmp.requests++;
	poll->snmp.request_bytes = (uint16_t)(q->list_len + snmp_client_overhead(peer));
	if (poll->state == POLL_ADMITTED)
		poll_move(poll, POLL_REQUESTING);
	return 1;
}

/* The plan's next request: 1 sent, 0 there is none, or an error. */
static int request_plan(struct poll *poll)
{
	struct device *dev = poll->device;
	struct snmp_request *q = &poll->context->request;
	struct mib_plan *plan = &poll->snmp.plan;
	size_t limit = request_limit(dev) - snmp_client_overhead(&dev->peer);
	while (mib_next_request(plan, q, limit) != 0) {
		poll->snmp.digest = mib_request_digest(q);
		struct snmp_peer *peer = peer_in(poll, mib_context(plan));
		if (peer == NULL) {
			if (!mib_add_timeout(plan))
				return 0;
		} else if (is_quarantined(poll)) {
			mib_skip_request(plan);
		} else {
			return send_request(poll, peer);
		}
	}
	return 0;
}

int poll_snmp_request(struct poll *poll)
{
	struct rate_limit *limit = poll->context->options.rate_limit;
	if (limit != NULL && !rate_limit_acquire(limit, poll->device, &poll->snmp.wait))
		return 1;
	if (poll->state != POLL_VERIFYING)
		return request_plan(poll);
	mib_liveness_request(&poll->context->request);
	return send_request(poll, &poll->device->peer);
}

static void end(struct poll *poll, int err)
{
	mib_end(&poll->snmp.plan, &poll->reading);
	set_context(poll, (struct text){NULL, 0});
	if (err == 0 && !poll->snmp.plan.is_incremental)
		poll->device->full_poll_at_ms = loop_now_ms(poll->context->loop);
	poll->err = err;
	poll_move(poll, POLL_IPP);
}

static void advance(struct poll *poll, int err)
{
	if (err < 0)
		mib_abort(&poll->snmp.plan);
	else
		err = poll_snmp_request(poll);
	if (err <= 0)
		end(poll, err);
}

/* ---- responses --------------------------------------------------------------------------- */

/* A group was requested when its first request left, and responded when its last response came. */
static void date_groups(struct poll *poll, const struct snmp_response *response)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		struct group_info *info = &poll->reading.group[g];
		if ((poll->snmp.plan.requested_groups & 1u << g) == 0)
			continue;
		if (info->requested_at_ms == 0)
			info->requested_at_ms = response->sent_wall_ms;
		info->responded_at_ms = response->received_wall_ms;
	}
}

static void add_response(struct poll *poll, const struct snmp_response *response)
{
	struct mib_limits *m = &poll->device->profile.limits;
	if (poll->snmp.request_bytes > m->request_bytes)
		m->request_bytes = poll->snmp.request_bytes;
	date_groups(poll, response);
	if (response->error_status == SNMP_NO_ERROR)
		mib_add_response(
			&poll->snmp.plan, &poll->reading, response->varbinds, response->count);
	else
		mib_add_error(&poll->snmp.plan, response->error_status, response->error_index);
}

static void count_traffic(struct poll *poll, const struct snmp_response *response)
{
	struct device_traffic *t =
		device_traffic_today(poll->device, loop_wall_ms(poll->context->loop));
	t->packets_out += response->tries;
	t->bytes_out += (uint64_t)response->tries * response->sent_bytes;
	if (response->err == 0) {
		t->packets_in++;
		t->bytes_in += response->bytes;
		poll->snmp.received_bytes += response->bytes;
		poll->snmp.responses++;
	}
}

/* 0: the poll goes on. Before anything else is requested after a timeout, one request that every
 * agent answers tells whether the device is there. */
static int add_timeout(struct poll *poll)
{
	bool is_own_context = mib_context(&poll->snmp.plan).len == 0;
	if (poll->state == POLL_VERIFYING) {
		quarantine_request(poll);
		return ERR_SNMP_TIMEOUT;
	}
	if (poll->snmp.responses > 0 && is_own_context) {
		poll_move(poll, POLL_VERIFYING);
		return 0;
	}
	return mib_add_timeout(&poll->snmp.plan) ? 0 : ERR_SNMP_TIMEOUT;
}

/* 0: the poll goes on. */
static int handle_response(struct poll *poll, const struct snmp_response *response)
{
	/* An agent that does not have its vendor's context: the same as a timeout there. */
	bool is_foreign = poll->state == POLL_REQUESTING && mib_context(&poll->snmp.plan).len > 0;
	if (response->err == ERR_SNMP_TIMEOUT || (is_foreign && response->err == ERR_SNMP_CONTEXT))
		return add_timeout(poll);
	if (response->err != 0)
		return response->err;
	if (poll->state == POLL_REQUESTING) {
		add_response(poll, response);
		return 0;
	}
	/* The device is there: it ignores that request only. */
	poll_move(poll, POLL_REQUESTING);
	return mib_add_timeout(&poll->snmp.plan) ? 0 : ERR_SNMP_TIMEOUT;
}

static void on_response(void *owner, const struct snmp_response *response)
{
	struct poll *poll = owner;
	const struct poll_options *o = &poll->context->options;
	if (o->on_step != NULL)
		o->on_step(o->owner, &poll->context->request, response);
	count_traffic(poll, response);
	if (o->rate_limit != NULL)
		rate_limit_on_response(
			o->rate_limit, poll->device, response, poll->snmp.was_prompt);
	advance(poll, handle_response(poll, response));
}

static void on_rate_ready(struct rate_wait *wait, int err)
{
	advance(container_of(wait, struct poll, snmp.wait), err);
}

/* ---- life -------------------------------------------------------------------------------- */

static bool is_incremental(const struct device *dev, uint64_t now_ms)
{
	return !device_is_full_record_due(dev, now_ms) && dev->full_poll_at_ms != 0 &&
	       now_ms - dev->full_poll_at_ms < LIMIT_FULL_POLL_MS;
}

void poll_snmp_open(struct poll *poll)
{
	const struct poll_options *o = &poll->context->options;
	struct device *dev = poll->device;
	rate_wait_init(&poll->snmp.wait, on_rate_ready);
	if (dev->peer.usm != NULL) {
		poll->snmp.own_context = dev->peer.usm->context;
		poll->snmp.own_context_len = dev->peer.usm->context_len;
	}
	bool is_short = is_incremental(dev, poll->began_ms);
	/* A full poll looks whether endless tables end by now; the first one after a start does
	 * not: all printers are polled then. */
	if (!is_short && dev->full_poll_at_ms != 0)
		dev->profile.limits.endless_walks = 0;
	mib_begin(&poll->snmp.plan, &dev->profile.limits, (enum snmp_version)dev->peer.version,
		o->models, is_short);
	mib_add_optional(&poll->snmp.plan, poll->context->optional);
	if (o->is_identity)
		mib_limit_to_identity(&poll->snmp.plan);
}
