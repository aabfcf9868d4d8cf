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
static void set_context(struct poll *v, struct text context)
{
	struct usm_peer *usm = v->device->peer.usm;
	if (usm == NULL)
		return;
	usm->context = context.len != 0 ? context.p : v->snmp.own_context;
	usm->context_len = context.len != 0 ? (uint8_t)context.len : v->snmp.own_context_len;
}

/* The device's peer in this context; NULL if the name is too long. SNMPv1 and v2c have no contexts
 * of their own: agents accept "community@context". */
static struct snmp_peer *peer_in(struct poll *v, struct text context)
{
	struct snmp_peer *own = &v->device->peer;
	struct poll_snmp *s = &v->snmp;
	if (own->usm != NULL) {
		if (context.len > SNMP3_CONTEXT)
			return NULL;
		set_context(v, context);
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

static bool is_quarantined(const struct poll *v)
{
	const struct device_protection *p = &v->device->profile.protection;
	for (unsigned i = 0; i < p->quarantined_count; i++) {
		if (p->quarantined[i].digest == v->snmp.digest &&
			p->quarantined[i].until_ms > loop_now_ms(v->context->loop))
			return true;
	}
	return false;
}

/* The device has stopped responding after the open request. Beyond LIMIT_QUARANTINED the oldest
 * entry is dropped. */
static void quarantine_request(struct poll *v)
{
	struct device_protection *p = &v->device->profile.protection;
	if (p->quarantined_count == LIMIT_QUARANTINED) {
		memmove(p->quarantined, p->quarantined + 1,
			sizeof p->quarantined - sizeof p->quarantined[0]);
		p->quarantined_count--;
	}
	p->quarantined[p->quarantined_count++] =
		(struct quarantined_request){.digest = v->snmp.digest,
			.until_ms = loop_now_ms(v->context->loop) + LIMIT_QUARANTINE_MS};
	p->stopped_responding_wall_ms = loop_wall_ms(v->context->loop);
	v->snmp.has_stopped_responding = true;
	mib_enter_safe_mode(&v->snmp.plan);
}

/* ---- requests ---------------------------------------------------------------------------- */

static int check_caps(const struct poll *v)
{
	bool is_over = v->snmp.requests >= LIMIT_POLL_REQUESTS ||
		       v->snmp.received_bytes >= LIMIT_POLL_BYTES ||
		       loop_now_ms(v->context->loop) - v->began_ms >= LIMIT_POLL_MS;
	return is_over ? ERR_LIMIT : 0;
}

static int send_request(struct poll *v, struct snmp_peer *peer)
{
	struct device *dev = v->device;
	const struct snmp_request *q = &v->context->request;
	int err = check_caps(v);
	if (err < 0)
		return err;
	peer->min_gap_ms = dev->profile.limits.is_safe_mode ? LIMIT_SAFE_MODE_MS : 0;
	v->snmp.was_prompt = dev->peer.srtt_ms != 0 && dev->peer.srtt_ms < PROMPT_MS;
	err = snmp_client_send(v->context->options.client, peer, q, on_response, v);
	if (err < 0)
		return err;
	v->snmp.requests++;
	v->snmp.request_bytes = (uint16_t)(q->list_len + snmp_client_overhead(peer));
	if (v->state == POLL_ADMITTED)
		poll_move(v, POLL_REQUESTING);
	return 1;
}

/* The plan's next request: 1 sent, 0 there is none, or an error. */
static int request_plan(struct poll *v)
{
	struct device *dev = v->device;
	struct snmp_request *q = &v->context->request;
	struct mib_plan *plan = &v->snmp.plan;
	size_t limit = request_limit(dev) - snmp_client_overhead(&dev->peer);
	while (mib_next_request(plan, q, limit) != 0) {
		v->snmp.digest = mib_request_digest(q);
		struct snmp_peer *peer = peer_in(v, mib_context(plan));
		if (peer == NULL) {
			if (!mib_add_timeout(plan))
				return 0;
		} else if (is_quarantined(v)) {
			mib_skip_request(plan);
		} else {
			return send_request(v, peer);
		}
	}
	return 0;
}

int poll_snmp_request(struct poll *v)
{
	struct rate_limit *limit = v->context->options.rate_limit;
	if (limit != NULL && !rate_limit_acquire(limit, v->device, &v->snmp.wait))
		return 1;
	if (v->state != POLL_VERIFYING)
		return request_plan(v);
	mib_liveness_request(&v->context->request);
	return send_request(v, &v->device->peer);
}

static void end(struct poll *v, int err)
{
	mib_end(&v->snmp.plan, &v->reading);
	set_context(v, (struct text){NULL, 0});
	if (err == 0 && !v->snmp.plan.is_incremental)
		v->device->full_poll_at_ms = loop_now_ms(v->context->loop);
	v->err = err;
	poll_move(v, POLL_IPP);
}

static void advance(struct poll *v, int err)
{
	if (err < 0)
		mib_abort(&v->snmp.plan);
	else
		err = poll_snmp_request(v);
	if (err <= 0)
		end(v, err);
}

/* ---- responses --------------------------------------------------------------------------- */

/* A group was requested when its first request left, and responded when its last response came. */
static void date_groups(struct poll *v, const struct snmp_response *response)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		struct group_info *info = &v->reading.group[g];
		if ((v->snmp.plan.requested_groups & 1u << g) == 0)
			continue;
		if (info->asked_at_ms == 0)
			info->asked_at_ms = response->sent_wall_ms;
		info->answered_at_ms = response->answered_wall_ms;
	}
}

static void add_response(struct poll *v, const struct snmp_response *response)
{
	struct mib_limits *m = &v->device->profile.limits;
	if (v->snmp.request_bytes > m->request_bytes)
		m->request_bytes = v->snmp.request_bytes;
	date_groups(v, response);
	if (response->error_status == SNMP_NO_ERROR)
		mib_add_response(&v->snmp.plan, &v->reading, response->varbinds, response->count);
	else
		mib_add_error(&v->snmp.plan, response->error_status, response->error_index);
}

static void count_traffic(struct poll *v, const struct snmp_response *response)
{
	struct device_traffic *t = device_traffic_today(v->device, loop_wall_ms(v->context->loop));
	t->packets_out += response->tries;
	t->bytes_out += (uint64_t)response->tries * response->sent_bytes;
	if (response->err == 0) {
		t->packets_in++;
		t->bytes_in += response->bytes;
		v->snmp.received_bytes += response->bytes;
		v->snmp.responses++;
	}
}

/* 0: the poll goes on. Before anything else is requested after a timeout, one request that every
 * agent answers tells whether the device is there. */
static int add_timeout(struct poll *v)
{
	bool is_own_context = mib_context(&v->snmp.plan).len == 0;
	if (v->state == POLL_VERIFYING) {
		quarantine_request(v);
		return ERR_SNMP_TIMEOUT;
	}
	if (v->snmp.responses > 0 && is_own_context) {
		poll_move(v, POLL_VERIFYING);
		return 0;
	}
	return mib_add_timeout(&v->snmp.plan) ? 0 : ERR_SNMP_TIMEOUT;
}

/* 0: the poll goes on. */
static int handle_response(struct poll *v, const struct snmp_response *response)
{
	/* An agent that does not have its vendor's context: the same as a timeout there. */
	bool is_foreign = v->state == POLL_REQUESTING && mib_context(&v->snmp.plan).len > 0;
	if (response->err == ERR_SNMP_TIMEOUT || (is_foreign && response->err == ERR_SNMP_CONTEXT))
		return add_timeout(v);
	if (response->err != 0)
		return response->err;
	if (v->state == POLL_REQUESTING) {
		add_response(v, response);
		return 0;
	}
	/* The device is there: it ignores that request only. */
	poll_move(v, POLL_REQUESTING);
	return mib_add_timeout(&v->snmp.plan) ? 0 : ERR_SNMP_TIMEOUT;
}

static void on_response(void *owner, const struct snmp_response *response)
{
	struct poll *v = owner;
	const struct poll_options *o = &v->context->options;
	if (o->on_step != NULL)
		o->on_step(o->owner, &v->context->request, response);
	count_traffic(v, response);
	if (o->rate_limit != NULL)
		rate_limit_on_response(o->rate_limit, v->device, response, v->snmp.was_prompt);
	advance(v, handle_response(v, response));
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

void poll_snmp_open(struct poll *v)
{
	const struct poll_options *o = &v->context->options;
	struct device *dev = v->device;
	rate_wait_init(&v->snmp.wait, on_rate_ready);
	if (dev->peer.usm != NULL) {
		v->snmp.own_context = dev->peer.usm->context;
		v->snmp.own_context_len = dev->peer.usm->context_len;
	}
	bool is_short = is_incremental(dev, v->began_ms);
	/* A full poll looks whether endless tables end by now; the first one after a start does
	 * not: all printers are polled then. */
	if (!is_short && dev->full_poll_at_ms != 0)
		dev->profile.limits.endless_walks = 0;
	mib_begin(&v->snmp.plan, &dev->profile.limits, (enum snmp_version)dev->peer.version,
		o->models, is_short);
	if (o->is_identity)
		mib_limit_to_identity(&v->snmp.plan);
}

void poll_snmp_stop(struct poll *v)
{
	if (rate_limit_is_waiting(&v->snmp.wait))
		rate_limit_cancel(&v->snmp.wait);
	else
		snmp_client_stop(v->context->options.client, v);
}
