/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/visit.h"

#include "engine/core/limits.h"

#include <string.h>

static void on_reply(void *owner, const struct snmp_reply *reply);

/* Requests grow with what the printer has shown to take: 484 bytes at first (RFC 3417). */
static size_t request_limit(const struct device *dev)
{
	size_t shown = dev->memory.request_bytes;
	return shown + shown / 2 > LIMIT_REQUEST_FIRST ? shown + shown / 2 : LIMIT_REQUEST_FIRST;
}

/* The device's contextName for its next question, of which there is one at a time; it is restored
 * when it is asked in its own again, and at the end. */
static void set_context(struct visit *v, struct text context)
{
	struct usm_peer *usm = v->device->peer.usm;
	if (usm == NULL)
		return;
	usm->context = context.len != 0 ? context.p : v->own_context;
	usm->context_len = context.len != 0 ? (uint8_t)context.len : v->own_context_len;
}

/* The device as it is asked in this context; NULL if its name is too long. SNMPv1 and v2c have no
 * contexts of their own: agents take "community@context". */
static struct snmp_peer *peer_in(struct visit *v, struct text context)
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

/* The next question on its way: 1 asked, 0 everything was asked, or an error. */
static int ask_next(struct visit *v)
{
	struct device *dev = v->device;
	struct snmp_question *q = &v->room->question;
	struct snmp_peer *peer = NULL;
	while (peer == NULL) {
		size_t limit = request_limit(dev) - poller_overhead(&dev->peer);
		if (mib_ask(&v->walk, q, limit) == 0)
			return 0;
		peer = peer_in(v, mib_context(&v->walk));
		if (peer == NULL && !mib_unanswered(&v->walk))
			return 0;
	}
	if (v->requests == LIMIT_VISIT_REQUESTS ||
		loop_now_ms(v->room->loop) - v->began_ms >= LIMIT_VISIT_MS)
		return ERR_LIMIT;
	int err = poller_ask(v->room->poller, peer, q, on_reply, v);
	if (err < 0)
		return err;
	v->requests++;
	v->request_bytes = (uint16_t)(q->list_len + poller_overhead(peer));
	return 1;
}

void visit_finish(struct visit *v)
{
	v->ended_wall_ms = loop_wall_ms(v->room->loop);
	struct visit_end how = {.err = v->err,
		.took_ms = loop_now_ms(v->room->loop) - v->began_ms,
		.requests = v->requests};
	v->on_end(v->owner, v, how);
}

/* SNMP is done with; a second source may follow. */
static void end(struct visit *v, int err)
{
	mib_end(&v->walk, &v->reading);
	set_context(v, (struct text){NULL, 0});
	if (err == 0 && !v->walk.is_brief)
		v->device->whole_at_ms = loop_now_ms(v->room->loop);
	v->err = err;
	if (!ipp_visit_begin(v))
		visit_finish(v);
}

/* A group was asked when its first question left and answered when its last answer came. */
static void date_groups(struct visit *v, const struct snmp_reply *reply)
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

static void take_answer(struct visit *v, const struct snmp_reply *reply)
{
	struct mib_memory *m = &v->device->memory;
	if (v->request_bytes > m->request_bytes)
		m->request_bytes = v->request_bytes;
	date_groups(v, reply);
	if (reply->error_status == SNMP_NO_ERROR)
		mib_fold(&v->walk, &v->reading, reply->varbinds, reply->count);
	else
		mib_refused(&v->walk, reply->error_status, reply->error_index);
}

static void on_reply(void *owner, const struct snmp_reply *reply)
{
	struct visit *v = owner;
	if (v->room->on_step != NULL)
		v->room->on_step(v->room->step_owner, &v->room->question, reply);
	if (reply->err == 0) {
		take_answer(v, reply);
	} else if (reply->err != ERR_SNMP_TIMEOUT || !mib_unanswered(&v->walk)) {
		mib_give_up(&v->walk);
		end(v, reply->err);
		return;
	}
	int more = ask_next(v);
	if (more <= 0)
		end(v, more);
}

static size_t expected_blocks(const struct device *dev)
{
	return dev->blocks != 0 ? dev->blocks : LIMIT_BLOCKS_UNMET;
}

bool visit_is_full_due(const struct device *dev, uint64_t now_ms)
{
	return dev->wants_full || dev->full_at_ms == 0 || now_ms - dev->full_at_ms >= LIMIT_FULL_MS;
}

static bool is_brief(const struct device *dev, uint64_t now_ms)
{
	return !visit_is_full_due(dev, now_ms) && dev->whole_at_ms != 0 &&
	       now_ms - dev->whole_at_ms < LIMIT_WHOLE_MS;
}

int visit_start(struct visit_room *room, struct device *dev, visit_on_end *on_end, void *owner)
{
	size_t blocks = expected_blocks(dev);
	if (room->promised + blocks > room->blocks.max && room->promised > 0)
		return ERR_FULL;
	struct visit *v = slab_take(&room->visits);
	if (v == NULL)
		return ERR_FULL;
	memset(v, 0, sizeof *v);
	v->promised = (uint16_t)blocks;
	room->promised += blocks;
	list_init(&v->node);
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
	mib_begin(&v->walk, &dev->memory, (enum snmp_version)dev->peer.version, room->models,
		is_brief(dev, v->began_ms));
	if (room->is_identity)
		mib_only_identity(&v->walk);
	bool is_ipp_only = dev->ipp.mode == IPP_MODE_ONLY;
	int err = is_ipp_only ? ipp_visit_begin(v) : ask_next(v);
	if (err > 0)
		return 0;
	visit_free(v);
	return err < 0 ? err : ERR_LIMIT;
}

void visit_stop(struct visit *v)
{
	if (ipp_visit_is_at(v))
		ipp_visit_stop(v);
	else
		poller_stop(v->room->poller, v);
}

void visit_drop_reading(struct visit *v)
{
	unsigned used = v->reading.arena.blocks;
	if (used > 0 || v->device->blocks == 0)
		v->device->blocks = (uint8_t)(used > 0 ? used : 1);
	reading_close(&v->reading);
	v->room->promised -= v->promised;
	v->promised = 0;
}

void visit_free(struct visit *v)
{
	visit_drop_reading(v);
	slab_give(&v->room->visits, v);
}

int visit_room_open(struct visit_room *room, struct loop *l, struct poller *poller, size_t visits,
	size_t blocks)
{
	memset(room, 0, sizeof *room);
	room->loop = l;
	room->poller = poller;
	room->models = models_builtin();
	int err = slab_open(&room->visits, sizeof(struct visit), visits);
	if (err == 0)
		err = slab_open(&room->blocks, LIMIT_ARENA_BLOCK, blocks);
	if (err < 0)
		visit_room_close(room);
	return err;
}

void visit_room_close(struct visit_room *room)
{
	slab_close(&room->visits);
	slab_close(&room->blocks);
}

size_t visit_room_ceiling(const struct visit_room *room)
{
	return slab_ceiling(&room->visits) + slab_ceiling(&room->blocks);
}
