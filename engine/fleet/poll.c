/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/poll.h"

#include "proto/base/limits.h"

#include <string.h>

/* A printer that answers within so long is one whose resends are a sign of loss. */
enum { PROMPT_MS = 1000 };

static void on_response(void *owner, const struct snmp_response *reply);

/* Requests grow with what the printer has shown to take: 484 bytes at first (RFC 3417). */
static size_t request_limit(const struct device *dev)
{
	size_t shown = dev->profile.limits.request_bytes, limit = shown + shown / 2;
	if (limit > LIMIT_REQUEST_BYTES)
		return LIMIT_REQUEST_BYTES;
	return limit > LIMIT_REQUEST_FIRST ? limit : LIMIT_REQUEST_FIRST;
}

/* The device's contextName for its next question, of which there is one at a time; it is restored
 * when it is asked in its own again, and at the end. */
static void set_context(struct poll *v, struct text context)
{
	struct usm_peer *usm = v->device->peer.usm;
	if (usm == NULL)
		return;
	usm->context = context.len != 0 ? context.p : v->own_context;
	usm->context_len = context.len != 0 ? (uint8_t)context.len : v->own_context_len;
}

/* The device as it is asked in this context; NULL if its name is too long. SNMPv1 and v2c have no
 * contexts of their own: agents take "community@context". */
static struct snmp_peer *peer_in(struct poll *v, struct text context)
{
	struct snmp_peer *own = &v->device->peer;
	if (own->usm != NULL) {
		if (context.len > SNMP3_CONTEXT)
			return NULL;
		set_context(v, context);
		return own;
	}
	size_t len = (size_t)own->community_len + 1 + context.len;
	if (context.len == 0)
		return own;
	if (len > sizeof v->context_community)
		return NULL;
	memcpy(v->context_community, own->community, own->community_len);
	v->context_community[own->community_len] = '@';
	memcpy(v->context_community + own->community_len + 1, context.p, context.len);
	v->in_context = *own;
	v->in_context.community = v->context_community;
	v->in_context.community_len = (uint8_t)len;
	return &v->in_context;
}

/* ---- what must not be asked again today --------------------------------------------------- */

static bool is_quarantined(const struct poll *v, uint64_t digest)
{
	const struct device_protection *m = &v->device->profile.protection;
	for (unsigned i = 0; i < m->quarantined_count; i++) {
		if (m->quarantined[i].digest == digest &&
			m->quarantined[i].until_ms > loop_now_ms(v->room->loop))
			return true;
	}
	return false;
}

/* The open question was the last one that it heard. Of more than there is room for, the oldest is
 * forgotten. */
static void quarantine_request(struct poll *v)
{
	struct device_protection *m = &v->device->profile.protection;
	if (m->quarantined_count == LIMIT_QUARANTINED) {
		memmove(m->quarantined, m->quarantined + 1,
			sizeof m->quarantined - sizeof m->quarantined[0]);
		m->quarantined_count--;
	}
	m->quarantined[m->quarantined_count++] =
		(struct quarantined_request){.digest = v->asked_digest,
			.until_ms = loop_now_ms(v->room->loop) + LIMIT_QUARANTINE_MS};
	m->stopped_responding_wall_ms = loop_wall_ms(v->room->loop);
	v->has_stopped_responding = true;
	mib_enter_safe_mode(&v->walk);
}

/* ---- asking ------------------------------------------------------------------------------- */

static int check_caps(const struct poll *v)
{
	bool is_over = v->requests >= LIMIT_POLL_REQUESTS ||
		       v->received_bytes >= LIMIT_POLL_BYTES ||
		       loop_now_ms(v->room->loop) - v->began_ms >= LIMIT_POLL_MS;
	return is_over ? ERR_LIMIT : 0;
}

static int send_question(struct poll *v, struct snmp_peer *peer)
{
	struct device *dev = v->device;
	struct snmp_request *q = &v->room->question;
	int err = check_caps(v);
	if (err < 0)
		return err;
	peer->min_gap_ms = dev->profile.limits.is_safe_mode ? LIMIT_SAFE_MODE_MS : 0;
	v->was_prompt = dev->peer.srtt_ms != 0 && dev->peer.srtt_ms < PROMPT_MS;
	err = snmp_client_send(v->room->client, peer, q, on_response, v);
	if (err < 0)
		return err;
	v->requests++;
	v->request_bytes = (uint16_t)(q->list_len + snmp_client_overhead(peer));
	return 1;
}

/* The next question of the plan: 1 asked, 0 everything was asked, or an error. */
static int ask_plan(struct poll *v)
{
	struct device *dev = v->device;
	struct snmp_request *q = &v->room->question;
	size_t limit = request_limit(dev) - snmp_client_overhead(&dev->peer);
	while (mib_next_request(&v->walk, q, limit) != 0) {
		v->asked_digest = mib_request_digest(q);
		struct snmp_peer *peer = peer_in(v, mib_context(&v->walk));
		if (peer == NULL) {
			if (!mib_add_timeout(&v->walk))
				return 0;
		} else if (is_quarantined(v, v->asked_digest)) {
			mib_skip_request(&v->walk);
		} else {
			return send_question(v, peer);
		}
	}
	return 0;
}

/* 1: asked, or on_turn comes; 0: everything was asked; or an error. */
static int ask_next(struct poll *v)
{
	if (v->room->rate_limit != NULL &&
		!rate_limit_acquire(v->room->rate_limit, v->device, &v->turn))
		return 1;
	if (!v->is_checking)
		return ask_plan(v);
	mib_liveness_request(&v->room->question);
	return send_question(v, &v->device->peer);
}

void poll_finish(struct poll *v)
{
	v->ended_wall_ms = loop_wall_ms(v->room->loop);
	struct poll_end how = {.err = v->err,
		.took_ms = loop_now_ms(v->room->loop) - v->began_ms,
		.requests = v->requests};
	v->on_end(v->owner, v, how);
}

/* SNMP is done with; a second source may follow. */
static void end(struct poll *v, int err)
{
	mib_end(&v->walk, &v->reading);
	set_context(v, (struct text){NULL, 0});
	if (err == 0 && !v->walk.is_incremental)
		v->device->full_poll_at_ms = loop_now_ms(v->room->loop);
	v->err = err;
	if (!ipp_poll_begin(v))
		poll_finish(v);
}

/* A group was asked when its first question left and answered when its last answer came. */
static void date_groups(struct poll *v, const struct snmp_response *reply)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		struct group_info *info = &v->reading.group[g];
		if ((v->walk.asked_groups & 1u << g) == 0)
			continue;
		if (info->asked_at_ms == 0)
			info->asked_at_ms = reply->sent_wall_ms;
		info->answered_at_ms = reply->answered_wall_ms;
	}
}

static void take_answer(struct poll *v, const struct snmp_response *reply)
{
	struct mib_limits *m = &v->device->profile.limits;
	if (v->request_bytes > m->request_bytes)
		m->request_bytes = v->request_bytes;
	date_groups(v, reply);
	if (reply->error_status == SNMP_NO_ERROR)
		mib_add_response(&v->walk, &v->reading, reply->varbinds, reply->count);
	else
		mib_add_error(&v->walk, reply->error_status, reply->error_index);
}

/* A question was not answered: is the printer gone, or does it not like the question? Before
 * anything else is asked, one question tells that it must like. True: the poll goes on. */
static bool take_silence(struct poll *v)
{
	if (v->is_checking) {
		v->is_checking = false;
		quarantine_request(v);
		return false;
	}
	bool is_own = mib_context(&v->walk).len == 0;
	if (v->answers > 0 && is_own) {
		v->is_checking = true;
		return true;
	}
	return mib_add_timeout(&v->walk);
}

static void count_traffic(struct poll *v, const struct snmp_response *reply)
{
	struct device_traffic *t = device_traffic_today(v->device, loop_wall_ms(v->room->loop));
	t->packets_out += reply->tries;
	t->bytes_out += (uint64_t)reply->tries * reply->sent_bytes;
	if (reply->err == 0) {
		t->packets_in++;
		t->bytes_in += reply->bytes;
		v->received_bytes += reply->bytes;
		v->answers++;
	}
}

/* 0: the poll goes on. */
static int take_reply(struct poll *v, const struct snmp_response *reply)
{
	/* That it does not know its vendor's context is no more than silence there. */
	bool is_foreign = !v->is_checking && mib_context(&v->walk).len > 0;
	if (reply->err == ERR_SNMP_TIMEOUT || (is_foreign && reply->err == ERR_SNMP_CONTEXT))
		return take_silence(v) ? 0 : ERR_SNMP_TIMEOUT;
	if (reply->err != 0)
		return reply->err;
	if (!v->is_checking) {
		take_answer(v, reply);
		return 0;
	}
	/* It is there: it only does not answer that. */
	v->is_checking = false;
	return mib_add_timeout(&v->walk) ? 0 : ERR_SNMP_TIMEOUT;
}

static void go_on(struct poll *v, int err)
{
	if (err < 0) {
		mib_abort(&v->walk);
		end(v, err);
		return;
	}
	int more = ask_next(v);
	if (more <= 0)
		end(v, more);
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct poll *v = owner;
	if (v->room->on_step != NULL)
		v->room->on_step(v->room->step_owner, &v->room->question, reply);
	count_traffic(v, reply);
	if (v->room->rate_limit != NULL)
		rate_limit_on_response(v->room->rate_limit, v->device, reply, v->was_prompt);
	go_on(v, take_reply(v, reply));
}

static void on_rate_ready(struct rate_wait *turn, int err)
{
	go_on(container_of(turn, struct poll, turn), err);
}

static size_t expected_blocks(const struct device *dev)
{
	return dev->profile.blocks != 0 ? dev->profile.blocks : LIMIT_BLOCKS_UNMET;
}

bool poll_is_full_due(const struct device *dev, uint64_t now_ms)
{
	return dev->wants_full || dev->full_at_ms == 0 || now_ms - dev->full_at_ms >= LIMIT_FULL_MS;
}

static bool is_incremental(const struct device *dev, uint64_t now_ms)
{
	return !poll_is_full_due(dev, now_ms) && dev->full_poll_at_ms != 0 &&
	       now_ms - dev->full_poll_at_ms < LIMIT_FULL_POLL_MS;
}

int poll_start(struct poll_context *room, struct device *dev, poll_on_end *on_end, void *owner)
{
	size_t blocks = expected_blocks(dev);
	if (room->promised + blocks > room->blocks.max && room->promised > 0)
		return ERR_FULL;
	struct poll *v = slab_take(&room->polls);
	if (v == NULL)
		return ERR_FULL;
	memset(v, 0, sizeof *v);
	v->promised = (uint16_t)blocks;
	room->promised += blocks;
	list_init(&v->node);
	rate_wait_init(&v->turn, on_rate_ready);
	v->room = room;
	v->device = dev;
	v->on_end = on_end;
	v->owner = owner;
	v->began_ms = loop_now_ms(room->loop);
	reading_open(&v->reading, &room->blocks);
	if (dev->peer.usm != NULL) {
		v->own_context = dev->peer.usm->context;
		v->own_context_len = dev->peer.usm->context_len;
	}
	mib_begin(&v->walk, &dev->profile.limits, (enum snmp_version)dev->peer.version,
		room->models, is_incremental(dev, v->began_ms));
	if (room->is_identity)
		mib_limit_to_identity(&v->walk);
	bool is_ipp_only = dev->ipp.mode == IPP_MODE_ONLY;
	int err = is_ipp_only ? ipp_poll_begin(v) : ask_next(v);
	if (err > 0)
		return 0;
	poll_free(v);
	return err < 0 ? err : ERR_LIMIT;
}

void poll_stop(struct poll *v)
{
	if (ipp_poll_is_at(v))
		ipp_poll_stop(v);
	else if (rate_limit_is_waiting(&v->turn))
		rate_limit_cancel(&v->turn);
	else
		snmp_client_stop(v->room->client, v);
}

void poll_stop_all(struct poll_context *room)
{
	snmp_client_stop_all(room->client);
	if (room->rate_limit != NULL)
		rate_limit_cancel_all(room->rate_limit);
	if (room->ipp != NULL)
		ipp_context_stop(room->ipp);
}

void poll_drop_reading(struct poll *v)
{
	unsigned used = v->reading.arena.blocks;
	if (used > 0 || v->device->profile.blocks == 0)
		v->device->profile.blocks = (uint8_t)(used > 0 ? used : 1);
	reading_close(&v->reading);
	v->room->promised -= v->promised;
	v->promised = 0;
}

void poll_free(struct poll *v)
{
	poll_drop_reading(v);
	slab_give(&v->room->polls, v);
}

int poll_context_open(struct poll_context *room, struct loop *l, struct snmp_client *client,
	size_t polls, size_t blocks)
{
	memset(room, 0, sizeof *room);
	room->loop = l;
	room->client = client;
	room->models = models_builtin();
	int err = slab_open(&room->polls, sizeof(struct poll), polls);
	if (err == 0)
		err = slab_open(&room->blocks, LIMIT_ARENA_BLOCK, blocks);
	if (err < 0)
		poll_context_close(room);
	return err;
}

void poll_context_close(struct poll_context *room)
{
	slab_close(&room->polls);
	slab_close(&room->blocks);
}

size_t poll_context_ceiling(const struct poll_context *room)
{
	return slab_ceiling(&room->polls) + slab_ceiling(&room->blocks);
}
