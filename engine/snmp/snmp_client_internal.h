/* SPDX-License-Identifier: Apache-2.0
 * What the files of the client share: the slots of the window (client.c), their ids and round-trip
 * times (snmp_client_id.c), which answers are believed (snmp_client_judge.c; snmp_client_v3.c for
 * SNMPv3, with the states that its questions go through), and what libnetsnmp does with them
 * (snmp_client_session.c, the only file that includes its headers). */
#ifndef PLATEN_SNMP_SNMP_CLIENT_INTERNAL_H
#define PLATEN_SNMP_SNMP_CLIENT_INTERNAL_H

#include "proto/base/due.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/slab.h"
#include "engine/snmp/snmp_client.h"
#include "engine/loop/udp.h"
#include "proto/smi/snmpmsg.h"

/* Random numbers drawn at a time. */
enum { ID_POOL = 256 };

/* A check asks one object: all names and ids at their longest. */
enum { CHECK_BYTES = 320 };

/* A question between the tries, if they met silence: is the printer there, and just this does not
 * fit? In this order, each once. */
enum slot_check {
	CHECK_NONE,
	CHECK_CONTEXT, /* the same user in the context that every printer has */
	CHECK_PRIVACY  /* there, with the authentication alone */
};

/* What a question waits for. Communities only ever ask. */
enum slot_state {
	SLOT_ASKING,  /* the answer */
	SLOT_PROBING, /* a REPORT that tells the engineID */
	SLOT_KEYING   /* its keys, from WORKER_HASH */
};

/* What a slot needs for SNMPv3 besides; made when it is first used for it. */
struct slot_v3 {
	struct udp_send check;
	uint8_t check_bytes[CHECK_BYTES];
	uint8_t list[LIMIT_REQUEST_BYTES]; /* the encoded varbinds, for encoding again */
};

struct keying; /* snmp_client_v3.c: a job of WORKER_HASH */

/* An id on its way. A slot has one or, with a check, two. */
struct id_entry {
	uint32_t id;
	struct slot *slot;
};

struct slot {
	struct due due; /* the next resend, or the end */
	struct udp_send send;
	struct snmp_client *client;
	void *session; /* libnetsnmp's */
	struct snmp_peer *peer;
	const struct snmp_request *question; /* only inside snmp_client_send */
	snmp_on_response *on_response;
	void *owner;
	uint64_t first_sent_ms;
	uint64_t last_sent_ms;
	uint64_t sent_wall_ms;
	uint64_t deadline_ms; /* as it is now: a hint brings it nearer ... */
	uint64_t last_ms;     /* ... than this */
	uint32_t id;          /* by which an answer is found: request-id, or msgID */
	uint32_t request_id;  /* of the PDU */
	uint32_t check_id;    /* msgID of the check; 0: none */
	uint32_t number;
	uint32_t rto_ms;
	int failure; /* with which it ends as soon as its deadline fires; 0: none */
	struct snmp_pdu_out pdu;
	struct slot_v3 *v3;
	struct keying *keying;
	uint16_t request_len;
	uint8_t tries; /* of the present message */
	uint8_t max_tries;
	uint8_t sends; /* of all its messages */
	uint8_t version;
	uint8_t state;   /* enum slot_state */
	uint8_t level;   /* SNMP3_FLAG_AUTH and _PRIV: asked with */
	uint8_t trouble; /* enum usm_trouble: the hint ... */
	bool is_sure;    /* ... that an authentic word gave */
	uint8_t check;   /* enum slot_check: the last one sent */
	bool is_resynced;
	bool is_busy;
	bool is_stopped;
	struct slot *next_free;
	uint8_t request[LIMIT_REQUEST_BYTES];
};

struct snmp_client {
	struct loop *loop;
	struct udp *udp;
	struct snmp_client_options options;
	size_t window;
	size_t sockets;
	size_t in_flight;
	struct slab slab;    /* of struct slot */
	struct slot **slots; /* made so far, by number */
	size_t slot_count;
	struct slot *free_slots;
	struct slab slab_v3;    /* of struct slot_v3 */
	struct id_entry *by_id; /* open addressing, a power of two, at most half full */
	size_t id_mask;
	uint32_t ids[ID_POOL]; /* random numbers, drawn many at a time */
	size_t ids_left;
	/* One answer at a time is being handled. */
	const uint8_t *bytes;
	size_t bytes_len;
	int ending; /* 0, or the error with which a question ends without an answer */
	struct snmp_msg msg;
	bool is_answered;
	bool is_elsewhere; /* from a source that neither request nor configuration names */
	struct sockaddr_in6 stray_source;
	struct log_rate_limit log_rate;
	struct varbind varbinds[LIMIT_VARBINDS];
	uint8_t plain[LIMIT_DATAGRAM]; /* decrypted */
	/* Smoothed over all printers: the prior for one that never answered. */
	uint32_t fleet_srtt_ms;
	uint32_t fleet_rttvar_ms;
	struct snmp_client_library *library; /* snmp_client_session.c's */
	struct snmp_client_counters counters;
	bool is_closing;
};

/* ---- snmp_client_id.c ------------------------------------------------------------------------ */

/* The busy slot with this id, or NULL. */
struct slot *snmp_client_id_find(const struct snmp_client *s, uint32_t id);
/* A busy slot whose id has these low 16 bits, or NULL. */
struct slot *snmp_client_id_find_short(const struct snmp_client *s, uint16_t id);
void snmp_client_id_insert(struct snmp_client *s, uint32_t id, struct slot *slot);
void snmp_client_id_remove(struct snmp_client *s, uint32_t id);
/* An id that is not under way; of 16 bits, if the peer has no more. */
int snmp_client_id_draw(struct snmp_client *s, bool is_short, uint32_t *ret) MUST_USE;

/* How long the first try of a question waits for its answer: by what is known of the printer, else
 * of the fleet, else LIMIT_RTO_FIRST_MS. Longer after each resend, up to twice. */
uint32_t snmp_client_first_rto(const struct snmp_client *s, const struct snmp_peer *peer);
uint32_t snmp_client_next_rto(const struct snmp_peer *peer, uint32_t rto_ms);
/* The answer to a question of one try. */
void snmp_client_learn_rtt(struct snmp_client *s, struct snmp_peer *peer, uint32_t rtt_ms);
/* The answer to one of several tries, so long after the last. Which one it was is not known, so no
 * time is learned (Karn); but unless it is what the last try would have after a loss, the next
 * question waits twice as long for each resend, until an answer to a first try says how long the
 * printer takes: a slow one has one copy of a question, not three. True: it was to an earlier try,
 * as it came sooner after the last than any answer could. */
bool snmp_client_learn_late(struct snmp_peer *peer, unsigned tries, uint32_t since_last_ms);

/* ---- snmp_client_session.c ------------------------------------------------------------------- */

/* Once for a client: libnetsnmp quiet, and what its sessions share. */
int snmp_client_library_open(struct snmp_client *s) MUST_USE;
void snmp_client_library_close(struct snmp_client *s);

int snmp_client_session_open(struct slot *slot) MUST_USE;
void snmp_client_session_close(struct slot *slot);

/* Encodes the slot's question and sends it, through the library. */
int snmp_client_session_ask(struct slot *slot) MUST_USE;

/* Hands the current datagram, or the current ending, to the library. Is the request over? */
bool snmp_client_session_feed(struct slot *slot);

/* What libnetsnmp holds for a slot: session, internals and transport for ever, a PDU and a request
 * while it is busy (measured, 5.9.3, rounded up). */
enum { LIBRARY_BYTES_PER_SLOT = 2300 };

/* ---- snmp_client_judge.c --------------------------------------------------------------------- */

/* The slot's question by SNMPv1 or v2c. */
int snmp_client_encode(struct slot *slot) MUST_USE;

/* Whether the current datagram, which has an id of this slot, answers its question: NULL, and then
 * it is in msg and varbinds; or the counter of what did not fit. */
uint64_t *snmp_client_judge(struct slot *slot);

/* Whether the names in msg and varbinds are those that the slot's question has to bring. */
bool snmp_client_names_fit(const struct slot *slot);

/* ---- snmp_client_v3.c ------------------------------------------------------------------------ */

/* The slot's question as the list that is encoded again and again, and its first message. */
int snmp_client_v3_begin(struct slot *slot) MUST_USE;
uint64_t *snmp_client_v3_judge(struct slot *slot);
/* Whether the current datagram is SNMPv3 with a valid HMAC by the keys of the slot's printer. */
bool snmp_client_v3_is_authentic(const struct slot *slot);
/* The tries were met by silence: a question in between, see there. False: there is none. */
bool snmp_client_v3_check(struct slot *slot);
/* What the end of a question without an answer is called, and what it means for the peer. */
int snmp_client_v3_end(struct slot *slot);
/* The slot becomes free. */
void snmp_client_v3_release(struct slot *slot);

/* ---- client.c --------------------------------------------------------------------------- */

/* The slot's request, once more, on its way. */
int snmp_client_queue_request(struct slot *slot) MUST_USE;
/* Sends `len` bytes of the slot besides. */
int snmp_client_queue_more(
	struct slot *slot, struct udp_send *send, const uint8_t *bytes, size_t len) MUST_USE;
/* The slot has another message under another id: sent, and its tries begin anew. */
void snmp_client_send_anew(struct slot *slot);
/* The question ends at this time, if not before. */
void snmp_client_end_by(struct slot *slot, uint64_t at_ms);
/* The question ends with `err` on the next turn. */
void snmp_client_fail_soon(struct slot *slot, int err);

#endif
