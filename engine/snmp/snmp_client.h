/* SPDX-License-Identifier: Apache-2.0
 * SNMP requests to devices: libnetsnmp's single-session API over a few shared UDP sockets of ours
 * (udp.h). A session belongs to a slot of the window, not to a device, so memory follows what is in
 * flight. The library encodes requests and decodes responses (session.c).
 *
 * A response is accepted only if its address, port, request-id, version, community, PDU type and
 * the names in it are those of the request. Another source is accepted only from an address that
 * the configuration names (snmp_peer.answers_from), or with a valid HMAC of SNMPv3; there msgID,
 * security level, user, engineID, context, digest and time window are checked too. A refused
 * datagram is counted by its reason, and the request stays open. A request without a response is
 * sent again, the same bytes, on a timer that adapts to the device's round-trip time, so that a
 * late response still counts.
 *
 * SNMPv3: a device whose engine is not known is probed first. Once for each request, an authentic
 * Report that our clock of the engine is off sets that clock, and the request is sent again. An
 * unauthenticated Report sets the error of a later timeout and never completes a request; where
 * these keys never worked it brings the timeout nearer (LIMIT_SNMP_HINT_MS).
 *
 * snmp_client_send: a negative return means that on_response never comes; after 0 it comes exactly
 * once, never before snmp_client_send has returned. The peer must live until then. */
#ifndef PLATEN_SNMP_SNMP_CLIENT_H
#define PLATEN_SNMP_SNMP_CLIENT_H

#include "proto/base/err.h"
#include "engine/loop/loop.h"
#include "proto/smi/request.h"
#include "proto/smi/varbind.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct workers;
struct conf_nets; /* engine/conf/nets.h */
struct snmp_client;
struct usm_peer; /* usm.h */

/* The destination of requests. Embedded in its owner, who fills the first part; the rest is ours.
 */
struct snmp_peer {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} address;
	uint8_t version; /* enum snmp_version */
	uint8_t community_len;
	const char *community; /* the configuration's; outlives the peer */
	struct usm_peer *usm;  /* SNMP_V3: the owner's; else NULL */
	/* The configuration's: a datagram teaches neither. */
	const struct conf_nets *answers_from; /* its other addresses; NULL: none */
	bool has_short_ids;                   /* it returns the low 16 bits of a request-id */
	uint64_t stray_logged_ms; /* ours: when the log last named a refused datagram of it */
	/* RFC 6298 in milliseconds; 0 until the first response. */
	uint16_t srtt_ms;
	uint16_t rttvar_ms;
	uint8_t doublings;   /* of the first timeout: the last response was to a resend */
	uint16_t min_gap_ms; /* between two sends of one request; 0: as the times above say */
};

struct snmp_response {
	int err; /* 0, ERR_SNMP_TIMEOUT, ERR_STOPPED; SNMPv3: ERR_SNMP_USER .. ERR_SNMP_CONTEXT */
	int error_status; /* enum snmp_error_status of the response */
	int error_index;
	const struct varbind *varbinds; /* good during the callback */
	size_t count;
	size_t bytes;              /* of the datagram */
	size_t sent_bytes;         /* of the request, each time */
	unsigned tries;            /* times that the request was sent */
	uint32_t rtt_ms;           /* of the try that got the response; 0: unknown (Karn) */
	uint64_t sent_wall_ms;     /* before the first send */
	uint64_t received_wall_ms; /* after the response arrived */
};

typedef void snmp_on_response(void *owner, const struct snmp_response *reply);

struct snmp_client_options {
	size_t window;        /* requests in flight at once, at most LIMIT_SNMP_IN_FLIGHT */
	uint64_t deadline_ms; /* of one request, all its tries included */
	unsigned tries;       /* at most LIMIT_SNMP_TRIES */
	/* A device that has another engineID than the pinned one: every request to it fails until
	 * the owner forgets the engine. False: the new one is pinned (and flagged) when it has
	 * responded with valid keys. */
	bool refuses_new_engine;
	/* Whether a list of snmp_peer.answers_from holds an address; NULL: none does. */
	bool (*nets_have)(const struct conf_nets *nets, const struct sockaddr *sa);
	struct workers *workers; /* for keys that take long (usm.h); NULL: made on the loop */
};

struct snmp_client_counters {
	uint64_t requests, sent, resent, responses, timeouts;
	uint64_t stray_id, stray_source, stray_version, stray_community, stray_type, malformed;
	uint64_t stray_oid;   /* OIDs that were not requested */
	uint64_t stray_level; /* SNMPv3: another security level than the request */
	uint64_t stray_user, stray_engine, stray_context, stray_digest, stray_window, stray_cipher;
	uint64_t short_ids;      /* of stray_id: the low 16 bits of an id in flight */
	uint64_t reports;        /* of SNMPv3, except those that set a clock */
	uint64_t probes;         /* engine discovery requests */
	uint64_t resyncs;        /* clocks set by an authentic REPORT */
	uint64_t engine_changes; /* printers that showed another engineID */
	uint64_t send_errors, bytes_sent, bytes_received;
	uint64_t late; /* responses to an earlier try than the last one */
};

/* Datagrams that were refused: each is counted under one reason. (short_ids says more about
 * some of them.) */
static inline uint64_t snmp_client_counters_refused(const struct snmp_client_counters *c)
{
	return c->malformed + c->stray_id + c->stray_source + c->stray_version +
	       c->stray_community + c->stray_type + c->stray_oid + c->stray_level + c->stray_user +
	       c->stray_engine + c->stray_context + c->stray_digest + c->stray_window +
	       c->stray_cipher + c->reports;
}

int snmp_client_open(
	struct snmp_client **ret, struct loop *l, const struct snmp_client_options *o) MUST_USE;

/* How many requests the sockets' effective receive buffers allow at once (<= the option). */
size_t snmp_client_window(const struct snmp_client *s);
/* As udp_drops. */
uint64_t snmp_client_drops(const struct snmp_client *s);
size_t snmp_client_in_flight(const struct snmp_client *s);
const struct snmp_client_counters *snmp_client_counters(const struct snmp_client *s);
/* The source of the last datagram that stray_source counts; AF_UNSPEC before the first. */
const struct sockaddr *snmp_client_stray_source(const struct snmp_client *s);
/* The most bytes that this module can make resident. */
size_t snmp_client_memory_ceiling(const struct snmp_client *s);

/* Bytes of a message to this peer beyond a community message without its community. */
size_t snmp_client_overhead(const struct snmp_peer *peer);

/* ERR_FULL when the window is used up; ERR_LIMIT if the message would be longer than
 * LIMIT_REQUEST_BYTES; ERR_BUSY while the keys of an SNMPv3 user are being made.
 * The request is encoded before this returns. */
int snmp_client_send(struct snmp_client *s, struct snmp_peer *peer, const struct snmp_request *q,
	snmp_on_response *on_response, void *owner) MUST_USE;

/* Ends the request of this owner early, or with NULL all requests: on_response(ERR_STOPPED) still
 * comes, later. */
void snmp_client_stop(struct snmp_client *s, void *owner);

/* Every request in flight ends with ERR_STOPPED, from inside this call; the sockets'
 * handles close on the loop's next turns. */
void snmp_client_close(struct snmp_client *s);

#endif
