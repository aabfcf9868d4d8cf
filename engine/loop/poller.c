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
#include "engine/loop/poller.h"

#include "engine/core/limits.h"
#include "engine/core/slab.h"
#include "engine/loop/seal.h"
#include "engine/loop/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>

#undef MIN
#undef MAX

/* Waiting time before the first resend: what is known of the printer, else of the fleet, else
 * RTO_FIRST. Doubled after each resend up to RTO_MOST. */
enum { RTO_FIRST_MS = 400, RTO_LEAST_VAR_MS = 50, RTO_MOST_MS = 1000, ID_POOL = 256 };

struct slot {
	struct due due; /* the next resend, or the end */
	struct udp_send send;
	struct poller *poller;
	void *session; /* libnetsnmp's */
	struct snmp_peer *peer;
	const struct snmp_question *question; /* only inside poller_ask */
	snmp_on_reply *on_reply;
	void *owner;
	uint64_t first_sent_ms;
	uint64_t last_sent_ms;
	uint64_t sent_wall_ms;
	uint64_t deadline_ms;
	uint32_t request_id;
	uint32_t number;
	uint32_t rto_ms;
	uint16_t request_len;
	uint8_t tries;
	uint8_t version;
	bool is_busy;
	bool is_stopped;
	struct slot *next_free;
	uint8_t request[LIMIT_REQUEST_BYTES];
};

struct poller {
	struct loop *loop;
	struct udp *udp;
	struct poller_options options;
	size_t window;
	size_t sockets;
	size_t in_flight;
	struct slab slab;    /* of struct slot */
	struct slot **slots; /* made so far, by number */
	size_t slot_count;
	struct slot *free_slots;
	struct slot **by_id; /* open addressing on request_id, a power of two, at most half full */
	size_t id_mask;
	uint32_t ids[ID_POOL]; /* random numbers, drawn many at a time */
	size_t ids_left;
	/* One answer at a time is being handled. */
	const uint8_t *bytes;
	size_t bytes_len;
	int ending; /* 0, or the error with which a question ends without an answer */
	struct snmp_msg msg;
	bool is_answered;
	struct varbind varbinds[LIMIT_VARBINDS];
	/* Smoothed over all printers: the prior for one that never answered. */
	uint32_t fleet_srtt_ms;
	uint32_t fleet_rttvar_ms;
	netsnmp_large_fd_set fds;
	struct poller_counters counters;
	bool is_closing;
};

/* The number under which libnetsnmp believes the datagram readable. It never touches it: all I/O is
 * in our transport. */
enum { NOMINAL_FD = 0 };

/* ---- request-ids ------------------------------------------------------------------------ */

static size_t id_hash(const struct poller *s, uint32_t id)
{
	return (id * 2654435761u >> 7) & s->id_mask;
}

static struct slot *id_find(const struct poller *s, uint32_t id)
{
	for (size_t i = id_hash(s, id);; i = (i + 1) & s->id_mask) {
		struct slot *slot = s->by_id[i];
		if (slot == NULL || slot->request_id == id)
			return slot;
	}
}

static void id_insert(struct poller *s, struct slot *slot)
{
	size_t i = id_hash(s, slot->request_id);
	while (s->by_id[i] != NULL)
		i = (i + 1) & s->id_mask;
	s->by_id[i] = slot;
}

/* Removes and closes the gap, so that no look-up stops early (backward shift). */
static void id_remove(struct poller *s, const struct slot *slot)
{
	size_t i = id_hash(s, slot->request_id);
	while (s->by_id[i] != slot)
		i = (i + 1) & s->id_mask;
	for (size_t j = i;;) {
		s->by_id[i] = NULL;
		for (;;) {
			j = (j + 1) & s->id_mask;
			if (s->by_id[j] == NULL)
				return;
			size_t home = id_hash(s, s->by_id[j]->request_id);
			if (((j - home) & s->id_mask) >= ((j - i) & s->id_mask))
				break;
		}
		s->by_id[i] = s->by_id[j];
		i = j;
	}
}

/* 31 unpredictable bits, never 0 and never one that is under way: a forger has to guess it. */
static int id_draw(struct poller *s, uint32_t *ret)
{
	for (;;) {
		if (s->ids_left == 0) {
			int err = seal_random(s->ids, sizeof s->ids);
			if (err < 0)
				return err;
			s->ids_left = ID_POOL;
		}
		uint32_t id = s->ids[--s->ids_left] & 0x7fffffff;
		if (id != 0 && id_find(s, id) == NULL) {
			*ret = id;
			return 0;
		}
	}
}

/* ---- round-trip times (RFC 6298, milliseconds) ------------------------------------------ */

static uint32_t clamp(uint32_t v, uint32_t least, uint32_t most)
{
	return v < least ? least : v > most ? most : v;
}

static uint32_t first_rto(const struct poller *s, const struct snmp_peer *peer)
{
	uint32_t srtt = peer->srtt_ms, var = peer->rttvar_ms;
	if (srtt == 0) {
		srtt = s->fleet_srtt_ms;
		var = s->fleet_rttvar_ms;
	}
	if (srtt == 0)
		return RTO_FIRST_MS;
	return clamp(srtt + clamp(4 * var, RTO_LEAST_VAR_MS, RTO_MOST_MS), 0, 2 * RTO_MOST_MS);
}

static void learn_rtt(struct poller *s, struct snmp_peer *peer, uint32_t rtt_ms)
{
	uint32_t rtt = clamp(rtt_ms, 1, UINT16_MAX);
	if (peer->srtt_ms == 0) {
		peer->srtt_ms = (uint16_t)rtt;
		peer->rttvar_ms = (uint16_t)(rtt / 4 + 1);
	} else {
		uint32_t off = rtt > peer->srtt_ms ? rtt - peer->srtt_ms : peer->srtt_ms - rtt;
		peer->rttvar_ms = (uint16_t)((3u * peer->rttvar_ms + off) / 4);
		peer->srtt_ms = (uint16_t)clamp((7u * peer->srtt_ms + rtt) / 8, 1, UINT16_MAX);
	}
	uint32_t fleet = s->fleet_srtt_ms == 0 ? rtt : s->fleet_srtt_ms;
	uint32_t off = rtt > fleet ? rtt - fleet : fleet - rtt;
	s->fleet_rttvar_ms = (31 * s->fleet_rttvar_ms + off) / 32;
	s->fleet_srtt_ms = clamp((31 * fleet + rtt) / 32, 1, UINT16_MAX);
}

/* ---- libnetsnmp's hooks ----------------------------------------------------------------- */

static int on_build(
	netsnmp_session *session, netsnmp_pdu *pdu, u_char **bytes, size_t *cap, size_t *len)
{
	struct slot *slot = session->callback_magic;
	(void)bytes; /* the library's own buffer stays unused: the request lives in the slot */
	(void)cap;
	int n = snmp_msg_encode(slot->request, sizeof slot->request,
		(enum snmp_version)slot->version, slot->peer->community, slot->peer->community_len,
		(uint32_t)pdu->reqid, slot->question);
	if (n < 0) {
		session->s_snmp_errno = SNMPERR_TOO_LONG;
		return -1;
	}
	slot->request_len = (uint16_t)n;
	*len = (size_t)n;
	return 0;
}

static int queue_request(struct slot *slot)
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

static int on_transport_send(
	netsnmp_transport *t, const void *bytes, int len, void **opaque, int *opaque_len)
{
	(void)bytes;
	(void)opaque;
	(void)opaque_len;
	return queue_request(t->data) < 0 ? -1 : len;
}

/* The datagram is parsed where it lies (on_parse), so there is nothing to copy: only that one is
 * there has to be said. */
static int on_transport_recv(
	netsnmp_transport *t, void *bytes, int cap, void **opaque, int *opaque_len)
{
	(void)t;
	(void)bytes;
	(void)cap;
	*opaque = NULL;
	*opaque_len = 0;
	return 1;
}

static int on_transport_close(netsnmp_transport *t)
{
	t->data = NULL; /* the slot is not the library's to free */
	return 0;
}

static int on_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *bytes, size_t len)
{
	struct slot *slot = session->callback_magic;
	struct poller *s = slot->poller;
	(void)bytes;
	(void)len;
	if (s->ending == 0) {
		if (snmp_msg_parse(&s->msg, s->varbinds, LIMIT_VARBINDS, s->bytes, s->bytes_len) <
			0) {
			s->counters.malformed++;
			return -1;
		}
		if (s->msg.version != slot->version) {
			s->counters.stray_version++;
			return -1;
		}
		if (s->msg.community_len != slot->peer->community_len ||
			memcmp(s->msg.community, slot->peer->community, s->msg.community_len) !=
				0) {
			s->counters.stray_community++;
			return -1;
		}
		if (s->msg.pdu != SNMP_RESPONSE) {
			s->counters.stray_type++;
			return -1;
		}
	}
	pdu->version = slot->version;
	pdu->command = SNMP_MSG_RESPONSE;
	pdu->flags |= UCD_MSG_FLAG_RESPONSE_PDU;
	pdu->reqid = slot->request_id;
	return 0;
}

/* libnetsnmp's word that a request is over. It may come from inside snmp_sess_async_send too; only
 * what end_slot and on_datagram are waiting for is taken. */
static int on_library(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct slot *slot = magic;
	(void)session;
	(void)reqid;
	if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->command == SNMP_MSG_RESPONSE)
		slot->poller->is_answered = true;
	return 1;
}

/* Hands the current datagram, or the current ending, to the library. Whether the request is over.
 */
static bool feed_library(struct slot *slot)
{
	struct poller *s = slot->poller;
	s->is_answered = false;
	NETSNMP_LARGE_FD_SET(NOMINAL_FD, &s->fds); /* cleared after each datagram */
	/* Its result only repeats what the hooks have already seen. */
	(void)snmp_sess_read2(slot->session, &s->fds);
	return s->is_answered;
}

/* ---- slots ------------------------------------------------------------------------------ */

static void on_slot_due(struct due *due);

static netsnmp_transport *make_transport(struct slot *slot)
{
	netsnmp_transport *t = calloc(1, sizeof *t); /* freed by the library */
	if (t == NULL)
		return NULL;
	t->domain = netsnmpUDPDomain;
	t->domain_length = (int)netsnmpUDPDomain_len;
	t->sock = NOMINAL_FD;
	t->flags = NETSNMP_TRANSPORT_FLAG_OPENED;
	t->msgMaxSize = LIMIT_DATAGRAM;
	t->data = slot;
	t->f_send = on_transport_send;
	t->f_recv = on_transport_recv;
	t->f_close = on_transport_close;
	return t;
}

static int open_session(struct slot *slot)
{
	netsnmp_session session;
	snmp_sess_init(&session);
	session.version = SNMP_DEFAULT_VERSION; /* each PDU says its own */
	session.retries = 0;
	session.timeout = (long)(slot->poller->options.deadline_ms * 1000);
	session.callback = on_library;
	session.callback_magic = slot;
	netsnmp_transport *t = make_transport(slot);
	if (t == NULL)
		return -ENOMEM;
	slot->session =
		snmp_sess_add_ex(&session, t, NULL, on_parse, NULL, NULL, on_build, NULL, NULL);
	return slot->session == NULL ? -ENOMEM : 0;
}

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
	if (open_session(slot) < 0) {
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
	id_remove(s, slot);
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
	(void)feed_library(slot);
	s->ending = 0;
	if (err == ERR_SNMP_TIMEOUT)
		s->counters.timeouts++;
	finish(slot, &(struct snmp_reply){.err = err});
}

static void on_slot_due(struct due *due)
{
	struct slot *slot = (struct slot *)((char *)due - offsetof(struct slot, due));
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
	if (slot->tries < s->options.tries && queue_request(slot) == 0) {
		s->counters.resent++;
		slot->rto_ms = clamp(slot->rto_ms * 2, 0, RTO_MOST_MS);
		if (slot->tries < s->options.tries && now + slot->rto_ms < next)
			next = now + slot->rto_ms;
	}
	/* The node was just taken out of the heap, so there is room for it. */
	if (loop_due_set(s->loop, &slot->due, next) < 0)
		end_slot(slot, ERR_FULL);
}

/* ---- asking ----------------------------------------------------------------------------- */

static int send_by_library(struct slot *slot)
{
	netsnmp_pdu *pdu = snmp_pdu_create(slot->question->pdu);
	if (pdu == NULL)
		return -ENOMEM;
	pdu->version = slot->version;
	pdu->reqid = slot->request_id;
	if (snmp_sess_async_send(slot->session, pdu, on_library, slot) == 0) {
		snmp_free_pdu(pdu);
		return ERR_SNMP_SEND;
	}
	return 0;
}

int poller_ask(struct poller *s, struct snmp_peer *peer, const struct snmp_question *q,
	snmp_on_reply *on_reply, void *owner)
{
	if (s->is_closing)
		return ERR_STOPPED;
	uint32_t id;
	int err = id_draw(s, &id);
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
	slot->rto_ms = first_rto(s, peer);
	slot->is_busy = true;
	s->in_flight++;
	id_insert(s, slot);
	uint64_t next = s->options.tries > 1 && slot->rto_ms < s->options.deadline_ms
				? now + slot->rto_ms
				: slot->deadline_ms;
	err = loop_due_set(s->loop, &slot->due, next);
	if (err == 0)
		err = send_by_library(slot);
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
	struct slot *slot = id_find(s, id);
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
	if (!feed_library(slot))
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
		learn_rtt(s, slot->peer, reply.rtt_ms);
	} else if (now - slot->last_sent_ms < slot->peer->srtt_ms / 2u) {
		s->counters.late++; /* to an earlier try: it came sooner than any answer could */
	}
	finish(slot, &reply);
}

/* ---- life ------------------------------------------------------------------------------- */

static void quiet_library(void)
{
	/* No MIB files, no configuration files, no state of other people's directories. */
	(void)setenv("MIBS", "", 1);
	(void)setenv("MIBDIRS", "/nonexistent", 1);
	static const int switches[] = {NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, NETSNMP_DS_LIB_DONT_LOAD_HOST_FILES};
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		(void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, switches[i], 1);
	snmp_disable_log();
}

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
		(void)snmp_sess_close(s->slots[i]->session); /* 1: it was open */
	netsnmp_large_fd_set_cleanup(&s->fds);
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
	quiet_library();
	netsnmp_large_fd_set_init(&s->fds, FD_SETSIZE);
	int err = plan_window(s);
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

/* What libnetsnmp holds for a slot: session, internals and transport for ever, a PDU and a request
 * while it is busy (measured, 5.9.3, rounded up). */
enum { LIBRARY_BYTES_PER_SLOT = 2300 };

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
