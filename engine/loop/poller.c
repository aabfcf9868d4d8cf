/* SPDX-License-Identifier: Apache-2.0
 * The window of questions. A slot is one question under way: a libnetsnmp session with a transport
 * of ours, the encoded request, and one deadline that serves resends and the end alike. Slots are
 * made when first needed and used again, warmest first; slot number n always uses socket n modulo
 * their count, so no socket ever holds more questions than its receive buffer can answer.
 *
 * How a question goes: poller_ask -> snmp_sess_async_send -> on_build (encodes into the slot) ->
 * on_transport_send (queues) ... UDP ... on_datagram (whose is it, by request-id; does the source
 * fit) -> snmp_sess_read2 -> on_parse (decodes without copying, checks) -> on_library -> the slot
 * is free again -> on_reply. A question that ends without an answer goes the same way from
 * snmp_sess_read2 on, so that the library's own book-keeping always closes. */
#include "engine/loop/poller_internal.h"

#include "engine/core/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int poller_queue_request(struct slot *slot)
{
	struct poller *s = slot->poller;
	slot->send.bytes = slot->request;
	slot->send.len = slot->request_len;
	slot->send.to = &slot->peer->address.sa;
	slot->send.to_len = slot->peer->address.sa.sa_family == AF_INET6
				    ? sizeof slot->peer->address.in6
				    : sizeof slot->peer->address.in4;
	int err = udp_send(s->udp, slot->number % s->sockets, &slot->send);
	if (err < 0) {
		s->counters.send_errors++;
		return err;
	}
	slot->last_sent_ms = loop_now_ms(s->loop);
	slot->tries++;
	s->counters.sent++;
	s->counters.bytes_sent += slot->request_len;
	return 0;
}

/* ---- slots ------------------------------------------------------------------------------ */

static void on_slot_due(struct due *due);

static struct slot *take_slot(struct poller *s)
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
	slot->poller = s;
	slot->number = (uint32_t)s->slot_count;
	if (poller_session_open(slot) < 0) {
		slab_give(&s->slab, slot);
		return NULL;
	}
	s->slots[s->slot_count++] = slot;
	return slot;
}

static void free_slot(struct slot *slot)
{
	struct poller *s = slot->poller;
	udp_unsend(&slot->send);
	loop_due_clear(s->loop, &slot->due);
	poller_id_remove(s, slot);
	slot->is_busy = false;
	slot->next_free = s->free_slots;
	s->free_slots = slot;
	s->in_flight--;
}

/* The last word on a question, after its slot is free: the owner may ask again from inside. */
static void finish(struct slot *slot, struct snmp_reply *reply)
{
	snmp_on_reply *on_reply = slot->on_reply;
	void *owner = slot->owner;
	reply->tries = slot->tries;
	reply->sent_wall_ms = slot->sent_wall_ms;
	reply->answered_wall_ms =
		loop_wall_ms(slot->poller->loop) + 1; /* rounded up, never too early */
	free_slot(slot);
	on_reply(owner, reply);
}

static void end_slot(struct slot *slot, int err)
{
	struct poller *s = slot->poller;
	s->ending = err;
	(void)poller_session_feed(slot);
	s->ending = 0;
	if (err == ERR_SNMP_TIMEOUT)
		s->counters.timeouts++;
	finish(slot, &(struct snmp_reply){.err = err});
}

static void on_slot_due(struct due *due)
{
	struct slot *slot = container_of(due, struct slot, due);
	struct poller *s = slot->poller;
	uint64_t now = loop_now_ms(s->loop);
	if (slot->is_stopped) {
		end_slot(slot, ERR_STOPPED);
		return;
	}
	if (now >= slot->deadline_ms || slot->tries == 0) {
		end_slot(slot, ERR_SNMP_TIMEOUT);
		return;
	}
	uint64_t next = slot->deadline_ms;
	if (slot->tries < s->options.tries && poller_queue_request(slot) == 0) {
		s->counters.resent++;
		slot->rto_ms = poller_next_rto(slot->rto_ms);
		if (slot->tries < s->options.tries && now + slot->rto_ms < next)
			next = now + slot->rto_ms;
	}
	/* The node was just taken out of the heap, so there is room for it. */
	if (loop_due_set(s->loop, &slot->due, next) < 0)
		end_slot(slot, ERR_FULL);
}

/* ---- asking ----------------------------------------------------------------------------- */

int poller_ask(struct poller *s, struct snmp_peer *peer, const struct snmp_question *q,
	snmp_on_reply *on_reply, void *owner)
{
	if (s->is_closing)
		return ERR_STOPPED;
	uint32_t id;
	int err = poller_id_draw(s, &id);
	if (err < 0)
		return err;
	struct slot *slot = take_slot(s);
	if (slot == NULL)
		return ERR_FULL;
	uint64_t now = loop_now_ms(s->loop);
	slot->peer = peer;
	slot->question = q;
	slot->on_reply = on_reply;
	slot->owner = owner;
	slot->version = peer->version;
	slot->request_id = id;
	slot->tries = 0;
	slot->is_stopped = false;
	slot->first_sent_ms = now;
	slot->sent_wall_ms = loop_wall_ms(s->loop);
	slot->deadline_ms = now + s->options.deadline_ms;
	slot->rto_ms = poller_first_rto(s, peer);
	slot->is_busy = true;
	s->in_flight++;
	poller_id_insert(s, slot);
	uint64_t next = s->options.tries > 1 && slot->rto_ms < s->options.deadline_ms
				? now + slot->rto_ms
				: slot->deadline_ms;
	err = loop_due_set(s->loop, &slot->due, next);
	if (err == 0)
		err = poller_session_ask(slot);
	slot->question = NULL;
	if (err < 0) {
		free_slot(slot);
		return err;
	}
	s->counters.asked++;
	return 0;
}

static void stop_slot(struct slot *slot)
{
	if (!slot->is_busy || slot->is_stopped)
		return;
	slot->is_stopped = true;
	/* It is in the heap already, and moving a node cannot fail. */
	if (loop_due_set(slot->poller->loop, &slot->due, loop_now_ms(slot->poller->loop)) < 0)
		abort();
}

void poller_stop(struct poller *s, void *owner)
{
	for (size_t i = 0; i < s->slot_count; i++) {
		if (s->slots[i]->owner == owner)
			stop_slot(s->slots[i]);
	}
}

void poller_stop_all(struct poller *s)
{
	for (size_t i = 0; i < s->slot_count; i++)
		stop_slot(s->slots[i]);
}

/* ---- answers ---------------------------------------------------------------------------- */

static bool is_from_peer(const struct snmp_peer *peer, const struct sockaddr *from)
{
	if (from->sa_family != peer->address.sa.sa_family)
		return false;
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *a = (const struct sockaddr_in *)(const void *)from;
		return a->sin_port == peer->address.in4.sin_port &&
		       a->sin_addr.s_addr == peer->address.in4.sin_addr.s_addr;
	}
	const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)(const void *)from;
	return a->sin6_port == peer->address.in6.sin6_port &&
	       memcmp(&a->sin6_addr, &peer->address.in6.sin6_addr, sizeof a->sin6_addr) == 0;
}

static void on_datagram(void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct poller *s = owner;
	uint32_t id;
	s->counters.bytes_received += len;
	if (snmp_msg_peek_id(bytes, len, &id) < 0) {
		s->counters.malformed++;
		return;
	}
	struct slot *slot = poller_id_find(s, id);
	if (slot == NULL) {
		s->counters.stray_id++;
		return;
	}
	if (!is_from_peer(slot->peer, from)) {
		s->counters.stray_source++;
		return;
	}
	s->bytes = bytes;
	s->bytes_len = len;
	if (!poller_session_feed(slot))
		return; /* not believed and counted; the question stays open for the true answer */
	s->counters.answered++;
	struct snmp_reply reply = {.error_status = (int)s->msg.error_status,
		.error_index = (int)s->msg.error_index,
		.varbinds = s->varbinds,
		.count = s->msg.varbinds,
		.bytes = len};
	uint64_t now = loop_now_ms(s->loop);
	if (slot->tries == 1) {
		reply.rtt_ms = (uint32_t)(now - slot->first_sent_ms);
		poller_learn_rtt(s, slot->peer, reply.rtt_ms);
	} else if (now - slot->last_sent_ms < slot->peer->srtt_ms / 2u) {
		s->counters.late++; /* to an earlier try: it came sooner than any answer could */
	}
	finish(slot, &reply);
}

/* ---- life ------------------------------------------------------------------------------- */

/* How many sockets, and how many questions in all, the kernel's buffers allow. */
static int plan_window(struct poller *s)
{
	size_t rcvbuf;
	int err = udp_probe_rcvbuf(&rcvbuf);
	if (err < 0)
		return err;
	size_t per_socket = rcvbuf / LIMIT_RCVBUF_PER_QUESTION;
	if (per_socket == 0)
		per_socket = 1;
	size_t wanted = s->options.window;
	s->sockets = (wanted + per_socket - 1) / per_socket;
	if (s->sockets > LIMIT_UDP_SOCKETS)
		s->sockets = LIMIT_UDP_SOCKETS;
	s->window = s->sockets * per_socket < wanted ? s->sockets * per_socket : wanted;
	return 0;
}

static int open_tables(struct poller *s)
{
	size_t ids = 16;
	while (ids < 2 * s->window)
		ids *= 2;
	s->id_mask = ids - 1;
	s->by_id = calloc(ids, sizeof(struct slot *));
	s->slots = calloc(s->window, sizeof(struct slot *));
	if (s->by_id == NULL || s->slots == NULL)
		return -ENOMEM;
	return slab_open(&s->slab, sizeof(struct slot), s->window);
}

static void free_tables(struct poller *s)
{
	for (size_t i = 0; i < s->slot_count; i++)
		poller_session_close(s->slots[i]);
	poller_library_close(s);
	slab_close(&s->slab);
	free(s->slots);
	free(s->by_id);
	free(s);
}

int poller_open(struct poller **ret, struct loop *l, const struct poller_options *o)
{
	if (o->window == 0 || o->window > LIMIT_SNMP_IN_FLIGHT || o->tries == 0 ||
		o->tries > LIMIT_SNMP_TRIES)
		return ERR_LIMIT;
	struct poller *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->loop = l;
	s->options = *o;
	int err = poller_library_open(s);
	if (err == 0)
		err = plan_window(s);
	if (err == 0)
		err = open_tables(s);
	if (err == 0)
		err = udp_open(&s->udp, l, s->sockets, (s->window + s->sockets - 1) / s->sockets,
			on_datagram, s);
	if (err < 0) {
		free_tables(s);
		return err;
	}
	*ret = s;
	return 0;
}

size_t poller_window(const struct poller *s)
{
	return s->window;
}

size_t poller_in_flight(const struct poller *s)
{
	return s->in_flight;
}

const struct poller_counters *poller_counters(const struct poller *s)
{
	return &s->counters;
}

size_t poller_memory_ceiling(const struct poller *s)
{
	return sizeof *s + slab_ceiling(&s->slab) + s->window * LIBRARY_BYTES_PER_SLOT +
	       (s->id_mask + 1) * sizeof(struct slot *) + s->window * sizeof(struct slot *) +
	       udp_memory_ceiling(s->udp);
}

void poller_close(struct poller *s)
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
