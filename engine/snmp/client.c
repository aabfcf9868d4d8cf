/* SPDX-License-Identifier: Apache-2.0
 * The window of requests. A slot is one request in flight: a libnetsnmp session with a transport of
 * ours, the encoded request, and one deadline that serves resends and the end alike. Slots are made
 * when first needed and used again, warmest first; slot number n always uses socket n modulo their
 * count, so no socket ever holds more requests than its receive buffer can take responses.
 *
 * A request's way: snmp_client_send -> snmp_session_send (the library encodes, and waits from now
 * on) -> queue ... UDP ... on_datagram (its slot, by request-id or msgID) -> snmp_session_receive
 * (the library decodes, snmp_accept decides, the library matches) -> complete -> the slot is free
 * -> on_response. Without a response: on_slot_due -> snmp_session_expire -> on_response. */
#include "engine/snmp/client_internal.h"

#include "proto/base/list.h"
#include "engine/snmp/usm_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- sending ---------------------------------------------------------------------------- */

static int queue(struct slot *slot, struct udp_send *send, const uint8_t *bytes, size_t len)
{
	struct snmp_client *s = slot->client;
	send->bytes = bytes;
	send->len = len;
	send->to = &slot->peer->address.sa;
	send->to_len = slot->peer->address.sa.sa_family == AF_INET6
			       ? sizeof slot->peer->address.in6
			       : sizeof slot->peer->address.in4;
	int err = udp_send(s->udp, slot->number % s->sockets, send);
	if (err < 0) {
		s->counters.send_errors++;
		return err;
	}
	slot->sends++;
	s->counters.sent++;
	s->counters.bytes_sent += len;
	return 0;
}

/* The same bytes again: a late response to an earlier try counts. */
static int send_again(struct slot *slot)
{
	if (slot->waiting == SNMP_WAITS_FOR_KEYS)
		return 0; /* there is no message yet */
	int err = queue(slot, &slot->send, slot->request, slot->request_len);
	if (err < 0)
		return err;
	slot->last_sent_ms = loop_now_ms(slot->client->loop);
	slot->tries++;
	return 0;
}

int snmp_client_queue_request(struct slot *slot, const uint8_t *bytes, size_t len)
{
	if (len > sizeof slot->request)
		return ERR_LIMIT;
	memcpy(slot->request, bytes, len);
	slot->request_len = (uint16_t)len;
	return send_again(slot);
}

int snmp_client_queue_check(struct slot *slot, const uint8_t *bytes, size_t len)
{
	if (len > sizeof slot->v3->check_bytes)
		return ERR_LIMIT;
	memcpy(slot->v3->check_bytes, bytes, len);
	return queue(slot, &slot->v3->check, slot->v3->check_bytes, len);
}

/* It is in the heap already, and moving a node cannot fail. */
static void move_due(struct slot *slot, uint64_t at_ms)
{
	if (loop_due_set(slot->client->loop, &slot->due, at_ms) < 0)
		abort();
}

/* When a resend or a check is due, or the end if that is sooner. */
static uint64_t resend_at(const struct slot *slot, uint64_t now)
{
	return now + slot->rto_ms < slot->deadline_ms ? now + slot->rto_ms : slot->deadline_ms;
}

void snmp_client_restart_tries(struct slot *slot)
{
	slot->tries = 0;
	slot->rto_ms = snmp_rtt_first_rto(slot->client, slot->peer);
	slot->first_sent_ms = loop_now_ms(slot->client->loop);
}

void snmp_client_await(struct slot *slot)
{
	bool is_resend = slot->tries < slot->max_tries && slot->waiting != SNMP_WAITS_FOR_KEYS;
	move_due(slot, is_resend ? resend_at(slot, slot->first_sent_ms) : slot->deadline_ms);
}

void snmp_client_end_by(struct slot *slot, uint64_t at_ms)
{
	if (at_ms >= slot->deadline_ms)
		return;
	slot->deadline_ms = at_ms;
	if (slot->due.at_ms > at_ms)
		move_due(slot, at_ms);
}

void snmp_client_fail_soon(struct slot *slot, int err)
{
	if (slot->failure != ERR_STOPPED)
		slot->failure = err;
	move_due(slot, loop_now_ms(slot->client->loop));
}

/* ---- slots ------------------------------------------------------------------------------ */

static void on_slot_due(struct due *due);

static struct slot *take_slot(struct snmp_client *s)
{
	struct slot *slot = s->free_slots;
	if (slot != NULL) {
		s->free_slots = slot->next_free;
		return slot;
	}
	if (s->slot_count == s->window || (slot = slab_take(&s->slab)) == NULL)
		return NULL;
	memset(slot, 0, sizeof *slot);
	due_init(&slot->due, on_slot_due);
	slot->client = s;
	slot->number = (uint32_t)s->slot_count;
	if (snmp_session_open(slot) < 0) {
		slab_give(&s->slab, slot);
		return NULL;
	}
	s->slots[s->slot_count++] = slot;
	return slot;
}

static void free_slot(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	udp_unsend(&slot->send);
	loop_due_clear(s->loop, &slot->due);
	snmp_inflight_remove(s, slot->id);
	if (slot->version == SNMP_V3)
		snmp_v3_release(slot);
	slot->is_busy = false;
	slot->next_free = s->free_slots;
	s->free_slots = slot;
	s->in_flight--;
}

/* After the slot is free: the owner may send again from inside. */
static void finish(struct slot *slot, struct snmp_response *reply)
{
	snmp_on_response *on_response = slot->on_response;
	void *owner = slot->owner;
	reply->tries = slot->sends;
	reply->sent_bytes = slot->request_len;
	reply->sent_wall_ms = slot->sent_wall_ms;
	reply->received_wall_ms =
		loop_wall_ms(slot->client->loop) + 1; /* rounded up, never too early */
	free_slot(slot);
	on_response(owner, reply);
}

static void end_slot(struct slot *slot, int err)
{
	struct snmp_client *s = slot->client;
	snmp_session_expire(slot);
	if (err == ERR_SNMP_TIMEOUT)
		s->counters.timeouts++;
	if (err == ERR_SNMP_TIMEOUT && slot->version == SNMP_V3)
		err = snmp_v3_end(slot);
	finish(slot, &(struct snmp_response){.err = err});
}

static void on_slot_due(struct due *due)
{
	struct slot *slot = container_of(due, struct slot, due);
	struct snmp_client *s = slot->client;
	uint64_t now = loop_now_ms(s->loop);
	if (slot->failure < 0) {
		end_slot(slot, slot->failure);
		return;
	}
	if (now >= slot->deadline_ms) {
		/* The heap has a free place: this node was just removed. */
		bool goes_on = slot->version == SNMP_V3 && slot->trouble == USM_TROUBLE_ENGINE &&
			       loop_due_set(s->loop, &slot->due, now) == 0 &&
			       snmp_v3_probe_again(slot);
		if (!goes_on)
			end_slot(slot, ERR_SNMP_TIMEOUT);
		return;
	}
	bool is_check = slot->version == SNMP_V3 && snmp_v3_check(slot);
	bool is_resend = !is_check && slot->tries < slot->max_tries;
	if (is_resend && send_again(slot) == 0) {
		s->counters.resent++;
		slot->rto_ms = snmp_rtt_next_rto(slot->peer, slot->rto_ms);
	}
	uint64_t at = is_check || is_resend ? resend_at(slot, now) : slot->deadline_ms;
	/* The heap has a free place: this node was just removed. */
	if (loop_due_set(s->loop, &slot->due, at) < 0)
		end_slot(slot, ERR_FULL);
}

/* ---- requests --------------------------------------------------------------------------- */

static void begin_slot(struct slot *slot, struct snmp_peer *peer, uint32_t id)
{
	struct snmp_client *s = slot->client;
	uint64_t now = loop_now_ms(s->loop);
	slot->peer = peer;
	slot->version = peer->version;
	slot->waiting = SNMP_WAITS_FOR_RESPONSE;
	slot->trouble = USM_TROUBLE_NONE;
	slot->failure = 0;
	slot->tries = slot->sends = 0;
	slot->max_tries = (uint8_t)s->options.tries;
	slot->is_resynced = slot->is_probed_again = slot->is_other_engine = false;
	slot->first_sent_ms = now;
	slot->sent_wall_ms = loop_wall_ms(s->loop);
	slot->last_ms = now + s->options.deadline_ms;
	slot->deadline_ms = slot->last_ms;
	slot->rto_ms = snmp_rtt_first_rto(s, peer);
	slot->id = id;
	slot->check_id = 0;
	slot->check = CHECK_NONE;
	slot->is_sure = false;
	slot->is_busy = true;
	s->in_flight++;
	snmp_inflight_insert(s, id, slot);
}

size_t snmp_client_overhead(const struct snmp_peer *peer)
{
	const struct usm_peer *p = peer->usm;
	if (peer->version != SNMP_V3 || p == NULL)
		return peer->community_len;
	struct usm_envelope e = {.flags = usm_level(p->user),
		.auth_len = (uint8_t)usm_auth_bytes(p->user->auth),
		.engine_id_len = p->engine.id_len > 0 ? p->engine.id_len : SNMP3_ENGINE_ID,
		.user_len = p->user->name_len};
	return snmp_envelope_overhead(&e, p->context_len, p->user->priv == USM_PRIV_DES);
}

int snmp_client_send(struct snmp_client *s, struct snmp_peer *peer, const struct snmp_request *q,
	snmp_on_response *on_response, void *owner)
{
	uint32_t id, request_id;
	if (s->is_closing)
		return ERR_STOPPED;
	bool is_v3 = peer->version == SNMP_V3;
	if (is_v3 && (peer->usm == NULL || !peer->usm->user->is_ready))
		return ERR_BUSY;
	int err = snmp_inflight_draw(s, peer->has_short_ids && !is_v3, &id);
	request_id = id;
	if (err == 0 && is_v3)
		err = snmp_inflight_draw(s, false, &request_id);
	if (err < 0)
		return err;
	struct slot *slot = take_slot(s);
	if (slot == NULL)
		return ERR_FULL;
	begin_slot(slot, peer, id);
	slot->request_id = request_id;
	slot->on_response = on_response;
	slot->owner = owner;
	slot->pdu = q->pdu;
	slot->non_repeaters = q->pdu == SNMP_GETBULK ? q->non_repeaters : 0;
	slot->name_count = (uint8_t)q->oids;
	memcpy(slot->name_len, q->oid_len, q->oids);
	err = loop_due_set(s->loop, &slot->due, resend_at(slot, slot->first_sent_ms));
	if (err == 0)
		err = is_v3 ? snmp_v3_begin(slot, q) : snmp_session_send(slot, q, NULL, false);
	if (err < 0) {
		snmp_session_expire(slot);
		free_slot(slot);
		return err;
	}
	s->counters.requests++;
	return 0;
}

void snmp_client_stop(struct snmp_client *s, void *owner)
{
	for (size_t i = 0; i < s->slot_count; i++) {
		if (s->slots[i]->is_busy && (owner == NULL || s->slots[i]->owner == owner))
			snmp_client_fail_soon(s->slots[i], ERR_STOPPED);
	}
}

/* ---- responses -------------------------------------------------------------------------- */

bool snmp_is_from_peer(const struct snmp_peer *peer, const struct sockaddr *from)
{
	if (from->sa_family != peer->address.sa.sa_family)
		return false;
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *a = (const struct sockaddr_in *)(const void *)from;
		return a->sin_port == peer->address.in4.sin_port &&
		       a->sin_addr.s_addr == peer->address.in4.sin_addr.s_addr;
	}
	const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)(const void *)from;
	/* A link-local address is another device on another link (RFC 4007). */
	if (IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr) &&
		a->sin6_scope_id != peer->address.in6.sin6_scope_id)
		return false;
	return a->sin6_port == peer->address.in6.sin6_port &&
	       memcmp(&a->sin6_addr, &peer->address.in6.sin6_addr, sizeof a->sin6_addr) == 0;
}

static bool is_named(const struct slot *slot, const struct sockaddr *from)
{
	const struct snmp_client_options *o = &slot->client->options;
	const struct conf_nets *nets = slot->peer->answers_from;
	return nets != NULL && o->nets_have != NULL && o->nets_have(nets, from);
}

struct snmp_expected snmp_client_expected(const struct slot *slot, const struct snmp_incoming *in)
{
	const struct usm_peer *p = slot->peer->usm;
	struct snmp_expected e = {.version = slot->version,
		.pdu = slot->pdu,
		.non_repeaters = slot->non_repeaters,
		.names = {slot->request, slot->name_at, slot->name_len, slot->name_count},
		.request_id = slot->request_id,
		.community = slot->peer->community,
		.community_len = slot->peer->community_len};
	if (slot->version != SNMP_V3)
		return e;
	e.names.bytes = slot->v3->request.ber;
	e.waiting = (enum snmp_waiting)slot->waiting;
	e.level = slot->level;
	e.check_id = slot->check_id;
	e.usm = p;
	e.is_in_window = usm_clock_is_within(
		&p->engine, in->usm.boots, in->usm.time, loop_now_ms(slot->client->loop));
	return e;
}

static void complete(struct slot *slot, const struct snmp_incoming *in, size_t bytes)
{
	struct snmp_client *s = slot->client;
	s->counters.responses++;
	struct snmp_response response = {.error_status = in->error_status,
		.error_index = in->error_index,
		.varbinds = in->varbinds,
		.count = in->count,
		.bytes = bytes};
	uint64_t now = loop_now_ms(s->loop);
	if (slot->tries == 1) {
		response.rtt_ms = (uint32_t)(now - slot->first_sent_ms);
		snmp_rtt_add(s, slot->peer, response.rtt_ms);
	} else {
		s->counters.late += snmp_rtt_add_late(
			slot->peer, slot->tries, (uint32_t)(now - slot->last_sent_ms));
	}
	if (slot->version == SNMP_V3) {
		s->counters.engine_changes += usm_engine_confirm(slot->peer->usm);
		slot->peer->usm->has_worked = true;
		slot->peer->usm->trouble = USM_TROUBLE_NONE;
		slot->peer->usm->was_silent = false;
	}
	snmp_session_expire(slot); /* what was sent before under other ids */
	finish(slot, &response);
}

static void receive(
	struct slot *slot, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct snmp_received r = {
		.in.is_from_source = snmp_is_from_peer(slot->peer, from) || is_named(slot, from)};
	snmp_session_receive(slot, bytes, len, &r);
	snmp_count_reason(&slot->client->counters, r.reason);
	if (r.reason == SNMP_OTHER_SOURCE)
		snmp_refuse_source(slot, from);
	/* Refused, the request stays open for the true response. */
	bool is_done =
		slot->version == SNMP_V3 ? snmp_v3_received(slot, &r) : r.reason == SNMP_ACCEPTED;
	if (is_done)
		complete(slot, &r.in, len);
}

static void on_datagram(void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct snmp_client *s = owner;
	uint32_t id;
	uint8_t version;
	s->counters.bytes_received += len;
	if (snmp_message_peek(bytes, len, &version, &id) < 0) {
		s->counters.malformed++;
		return;
	}
	struct slot *slot = snmp_inflight_find(s, id);
	if (slot == NULL)
		snmp_refuse_id(s, id, from);
	else
		receive(slot, bytes, len, from);
}

/* ---- life ------------------------------------------------------------------------------- */

/* How many sockets, and how many requests in all, the kernel's buffers allow. */
static int plan_window(struct snmp_client *s)
{
	size_t rcvbuf;
	int err = udp_probe_rcvbuf(&rcvbuf);
	if (err < 0)
		return err;
	size_t per_socket = rcvbuf / LIMIT_RCVBUF_PER_REQUEST;
	if (per_socket == 0)
		per_socket = 1;
	size_t wanted = s->options.window;
	s->sockets = (wanted + per_socket - 1) / per_socket;
	if (s->sockets > LIMIT_UDP_SOCKETS)
		s->sockets = LIMIT_UDP_SOCKETS;
	s->window = s->sockets * per_socket < wanted ? s->sockets * per_socket : wanted;
	return 0;
}

static int open_tables(struct snmp_client *s)
{
	size_t ids = 16;
	while (ids < 4 * s->window) /* a slot may have two */
		ids *= 2;
	s->id_mask = ids - 1;
	s->by_id = calloc(ids, sizeof s->by_id[0]);
	s->slots = calloc(s->window, sizeof(struct slot *));
	if (s->by_id == NULL || s->slots == NULL)
		return -ENOMEM;
	int err = slab_open(&s->slab, sizeof(struct slot), s->window);
	return err < 0 ? err : slab_open(&s->slab_v3, sizeof(struct slot_v3), s->window);
}

static void free_tables(struct snmp_client *s)
{
	for (size_t i = 0; i < s->slot_count; i++)
		snmp_session_close(s->slots[i]);
	snmp_library_close(s);
	slab_close(&s->slab_v3);
	slab_close(&s->slab);
	free(s->slots);
	free(s->by_id);
	free(s);
}

int snmp_client_open(struct snmp_client **ret, struct loop *l, const struct snmp_client_options *o)
{
	if (o->window == 0 || o->window > LIMIT_SNMP_IN_FLIGHT || o->tries == 0 ||
		o->tries > LIMIT_SNMP_TRIES)
		return ERR_LIMIT;
	struct snmp_client *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->loop = l;
	s->options = *o;
	int err = snmp_library_open(s);
	if (err == 0)
		err = plan_window(s);
	if (err == 0)
		err = open_tables(s);
	if (err == 0)
		/* A slot has two datagrams on their way at most: its request and a check. */
		err = udp_open(&s->udp, l, s->sockets,
			2 * ((s->window + s->sockets - 1) / s->sockets), on_datagram, s);
	if (err < 0) {
		free_tables(s);
		return err;
	}
	*ret = s;
	return 0;
}

size_t snmp_client_window(const struct snmp_client *s)
{
	return s->window;
}

uint64_t snmp_client_drops(const struct snmp_client *s)
{
	return udp_drops(s->udp);
}

size_t snmp_client_in_flight(const struct snmp_client *s)
{
	return s->in_flight;
}

const struct snmp_client_counters *snmp_client_counters(const struct snmp_client *s)
{
	return &s->counters;
}

const struct sockaddr *snmp_client_stray_source(const struct snmp_client *s)
{
	return (const struct sockaddr *)&s->stray_source;
}

size_t snmp_client_memory_ceiling(const struct snmp_client *s)
{
	return sizeof *s + slab_ceiling(&s->slab) + slab_ceiling(&s->slab_v3) +
	       s->window * LIBRARY_BYTES_PER_SLOT + (s->id_mask + 1) * sizeof s->by_id[0] +
	       s->window * sizeof(struct slot *) + udp_memory_ceiling(s->udp);
}

void snmp_client_close(struct snmp_client *s)
{
	if (s == NULL || s->is_closing)
		return;
	s->is_closing = true;
	for (size_t i = 0; i < s->slot_count; i++) {
		if (s->slots[i]->is_busy)
			end_slot(s->slots[i], ERR_STOPPED);
	}
	udp_close(s->udp);
	free_tables(s);
}
