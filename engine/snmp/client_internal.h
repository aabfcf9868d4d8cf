/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of the client: the slots of the window (client.c), their ids (inflight.c),
 * round-trip times (rtt.c), the library's sessions (session.c) and SNMPv3 (v3.c). */
#ifndef PLATEN_SNMP_CLIENT_INTERNAL_H
#define PLATEN_SNMP_CLIENT_INTERNAL_H

#include "proto/base/due.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/slab.h"
#include "engine/loop/udp.h"
#include "engine/snmp/accept.h"
#include "engine/snmp/snmp_client.h"

/* Random numbers drawn at a time. */
enum { ID_POOL = 256 };

/* A check requests one object: all names and ids at their longest. */
enum { CHECK_BYTES = 320 };

/* A request sent when two tries met silence: is the device there, and just this does not fit? In
 * this order, each once. */
enum slot_check {
	CHECK_NONE,
	CHECK_CONTEXT, /* the same user in the default context */
	CHECK_PRIVACY  /* there, with the authentication alone */
};

/* The SNMPv3 part of a slot; made when the slot is first used for SNMPv3. */
struct slot_v3 {
	struct udp_send check;
	uint8_t check_bytes[CHECK_BYTES];
	struct snmp_request request; /* for encoding again */
};

struct keying; /* v3.c: a job of WORKER_HASH */

/* An id in flight. A slot has one or, with a check, two. */
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
	snmp_on_response *on_response;
	void *owner;
	uint64_t first_sent_ms;
	uint64_t last_sent_ms;
	uint64_t sent_wall_ms;
	uint64_t deadline_ms; /* as it is now: a Report brings it nearer ... */
	uint64_t last_ms;     /* ... than this */
	uint32_t id;          /* by which a response is found: request-id, or msgID */
	uint32_t request_id;  /* of the PDU */
	uint32_t check_id;    /* msgID of the check; 0: none */
	uint32_t number;
	uint32_t rto_ms;
	int failure; /* with which it ends when its deadline fires; 0: none */
	struct slot_v3 *v3;
	struct keying *keying;
	uint16_t request_len;
	uint16_t non_repeaters;
	uint8_t pdu;
	uint8_t tries; /* of the present message */
	uint8_t max_tries;
	uint8_t sends; /* of all its messages */
	uint8_t version;
	uint8_t waiting;       /* enum snmp_waiting */
	uint8_t open_requests; /* that the library waits for */
	uint8_t level;         /* SNMP3_FLAG_AUTH and _PRIV of the request */
	uint8_t trouble;       /* enum usm_trouble: names the error of a timeout ... */
	bool is_sure;          /* ... by an authentic message */
	uint8_t check;         /* enum slot_check: the last one sent */
	bool is_resynced;
	bool is_probed_again;
	bool is_other_engine; /* an unauthenticated Report named another engine */
	bool is_busy;
	struct slot *next_free;
	uint8_t name_count;
	uint8_t name_len[LIMIT_REQUEST_OIDS];
	uint16_t name_at[LIMIT_REQUEST_OIDS]; /* in request, or in v3->request.ber */
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
	/* Smoothed over all devices: the prior for one that never responded. */
	uint32_t fleet_srtt_ms;
	uint32_t fleet_rttvar_ms;
	struct snmp_library *library; /* session.c's */
	struct snmp_client_counters counters;
	struct sockaddr_in6 stray_source;
	struct log_rate_limit log_rate;
	bool is_closing;
};

/* ---- inflight.c ------------------------------------------------------------------------- */

/* The busy slot with this id, or NULL. */
struct slot *snmp_inflight_find(const struct snmp_client *s, uint32_t id);
/* A busy slot whose id has these low 16 bits, or NULL. */
struct slot *snmp_inflight_find_short(const struct snmp_client *s, uint16_t id);
void snmp_inflight_insert(struct snmp_client *s, uint32_t id, struct slot *slot);
void snmp_inflight_remove(struct snmp_client *s, uint32_t id);
/* An id that is not in flight; of 16 bits, if the device returns no more. */
int snmp_inflight_draw(struct snmp_client *s, bool is_short, uint32_t *ret) MUST_USE;

/* ---- rtt.c ------------------------------------------------------------------------------ */

/* How long the first try waits for its response: by what is known of the device, else of the fleet,
 * else LIMIT_RTO_FIRST_MS. Longer after each resend, up to twice. */
uint32_t snmp_rtt_first_rto(const struct snmp_client *s, const struct snmp_peer *peer);
uint32_t snmp_rtt_next_rto(const struct snmp_peer *peer, uint32_t rto_ms);
/* The response to a request of one try. */
void snmp_rtt_add(struct snmp_client *s, struct snmp_peer *peer, uint32_t rtt_ms);
/* The response to one of several tries, so long after the last. The try is unknown, so
 * the estimate does not change (Karn); but unless the time fits a response to the last try, the
 * next request waits twice as long before each resend, until a response to a first try gives a new
 * estimate. Returns true for a response to an earlier try: it came sooner after the last one than
 * any response could. */
bool snmp_rtt_add_late(struct snmp_peer *peer, unsigned tries, uint32_t since_last_ms);

/* ---- session.c -------------------------------------------------------------------------- */

/* Once for a client: libnetsnmp quiet, and what its sessions share. */
int snmp_library_open(struct snmp_client *s) MUST_USE;
void snmp_library_close(struct snmp_client *s);

int snmp_session_open(struct slot *slot) MUST_USE;
void snmp_session_close(struct slot *slot);

struct usm_about; /* usm_internal.h */

/* The library encodes and sends the request, and waits for its response from now on. `about` is
 * SNMPv3's; q NULL: the probe. */
int snmp_session_send(struct slot *slot, const struct snmp_request *q,
	const struct usm_about *about, bool is_check) MUST_USE;

struct snmp_received {
	enum snmp_reason reason;
	bool is_matched; /* by the library, to a request of the slot */
	struct snmp_incoming in;
};

/* A datagram with an id of the slot: decoded, accepted or refused, and if accepted its request is
 * over for the library. in.varbinds are good until the next call. *ret is zeroed but for
 * in.is_from_source. */
void snmp_session_receive(
	struct slot *slot, const uint8_t *bytes, size_t len, struct snmp_received *ret);

/* The request that the library still waits for in this slot times out. */
void snmp_session_expire(struct slot *slot);

/* The memory that libnetsnmp holds for a slot: session, internals and transport for ever, a PDU and
 * a request while it is busy (measured, 5.9.3, rounded up). */
enum { LIBRARY_BYTES_PER_SLOT = 2600 };

/* ---- v3.c ------------------------------------------------------------------------------- */

/* The action for a message that was received. Pure. */
enum usm_action {
	USM_WAIT,   /* and if `trouble` is one, it names the error of a timeout */
	USM_SEND,   /* the next message of the request: the engine is known now */
	USM_RESEND, /* with the clock of the message */
	USM_DONE
};
struct usm_step {
	enum usm_action action;
	enum usm_trouble trouble;
	bool is_sure; /* the message was authentic */
};
struct usm_step usm_next_step(
	const struct snmp_received *r, enum slot_check check, bool is_resynced);

/* Keeps the request and sends its first message, or begins to make its keys. */
int snmp_v3_begin(struct slot *slot, const struct snmp_request *q) MUST_USE;
/* Does what usm_next_step says. True: it is the response. */
bool snmp_v3_received(struct slot *slot, const struct snmp_received *r);
/* Tries met silence: sends a check, see there. False: there is none to send. */
bool snmp_v3_check(struct slot *slot);
/* At its deadline: the request goes on with a probe. False: it ends. */
bool snmp_v3_probe_again(struct slot *slot);
/* The request ends without a response: the error. */
int snmp_v3_end(struct slot *slot);
void snmp_v3_release(struct slot *slot);

/* ---- refused.c -------------------------------------------------------------------------- */

/* Raises the counter of the reason. */
void snmp_count_reason(struct snmp_client_counters *c, enum snmp_reason reason);
/* A response with no id in flight, or with the low 16 bits of one. */
void snmp_refuse_id(struct snmp_client *s, uint32_t id, const struct sockaddr *from);
/* A response to this slot from another address or port. */
void snmp_refuse_source(struct slot *slot, const struct sockaddr *from);

/* ---- client.c --------------------------------------------------------------------------- */

bool snmp_is_from_peer(const struct snmp_peer *peer, const struct sockaddr *from);
struct snmp_expected snmp_client_expected(const struct slot *slot, const struct snmp_incoming *in);

/* The bytes become those that the slot sends, and are sent. */
int snmp_client_queue_request(struct slot *slot, const uint8_t *bytes, size_t len) MUST_USE;
int snmp_client_queue_check(struct slot *slot, const uint8_t *bytes, size_t len) MUST_USE;
/* Before and after a message under another id: its tries begin anew, and its deadline is set. */
void snmp_client_restart_tries(struct slot *slot);
void snmp_client_await(struct slot *slot);
/* The request ends at this time, if not before. */
void snmp_client_end_by(struct slot *slot, uint64_t at_ms);
/* The request ends with `err` in the next iteration of the loop; ERR_STOPPED stays. */
void snmp_client_fail_soon(struct slot *slot, int err);

#endif
