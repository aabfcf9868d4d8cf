/* SPDX-License-Identifier: Apache-2.0
 * What the files of the poller share: the slots of the window (poller.c), their request-ids and
 * round-trip times (poller_id.c), and what libnetsnmp does with them (poller_session.c, the only
 * file that includes its headers). */
#ifndef PLATEN_LOOP_POLLER_INTERNAL_H
#define PLATEN_LOOP_POLLER_INTERNAL_H

#include "engine/core/due.h"
#include "engine/core/limits.h"
#include "engine/core/slab.h"
#include "engine/loop/poller.h"
#include "engine/loop/udp.h"

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
	struct poller_library *library; /* poller_session.c's */
	struct poller_counters counters;
	bool is_closing;
};

/* ---- poller_id.c ------------------------------------------------------------------------ */

/* The busy slot with this request-id, or NULL. */
struct slot *poller_id_find(const struct poller *s, uint32_t id);
void poller_id_insert(struct poller *s, struct slot *slot);
void poller_id_remove(struct poller *s, const struct slot *slot);
int poller_id_draw(struct poller *s, uint32_t *ret) MUST_USE;

uint32_t poller_first_rto(const struct poller *s, const struct snmp_peer *peer);
uint32_t poller_next_rto(uint32_t rto_ms);
void poller_learn_rtt(struct poller *s, struct snmp_peer *peer, uint32_t rtt_ms);

/* ---- poller_session.c ------------------------------------------------------------------- */

/* Once for a poller: libnetsnmp quiet, and what its sessions share. */
int poller_library_open(struct poller *s) MUST_USE;
void poller_library_close(struct poller *s);

int poller_session_open(struct slot *slot) MUST_USE;
void poller_session_close(struct slot *slot);

/* Encodes the slot's question and sends it, through the library. */
int poller_session_ask(struct slot *slot) MUST_USE;

/* Hands the current datagram, or the current ending, to the library. Is the request over? */
bool poller_session_feed(struct slot *slot);

/* What libnetsnmp holds for a slot: session, internals and transport for ever, a PDU and a request
 * while it is busy (measured, 5.9.3, rounded up). */
enum { LIBRARY_BYTES_PER_SLOT = 2300 };

/* ---- poller.c --------------------------------------------------------------------------- */

/* The slot's request, once more, on its way. */
int poller_queue_request(struct slot *slot) MUST_USE;

#endif
