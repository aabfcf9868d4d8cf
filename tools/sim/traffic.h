/* SPDX-License-Identifier: Apache-2.0
 * Traffic record of each device, so that tests can prove that a collector respects its limits. A
 * datagram with the same bytes as the one before it counts as a retransmission. */
#ifndef PLATEN_SIM_TRAFFIC_H
#define PLATEN_SIM_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a crash-prone device crashed. */
enum crash_cause {
	CRASH_NONE,
	CRASH_VARBINDS,
	CRASH_MISSING,
	CRASH_RATE,
	CRASH_BULK,
	CRASH_BYTES,
	CRASH_SET,
	CRASH_CAUSES
};
extern const char *const crash_cause_names[CRASH_CAUSES];

enum { TRAFFIC_FATAL_MAX = 8, TRAFFIC_REQUEST_MAX = 512, TRAFFIC_DAY_MS = 86400000 };

/* A request that crashed the device, identified by the bytes behind its request-id. */
struct fatal_request {
	uint64_t hash, at_ms;
	int32_t id; /* request-id of the request that crashed it */
};

struct traffic {
	uint64_t received, bytes_in, responses, bytes_out;
	uint64_t resent;
	uint64_t get, get_next, get_bulk, set;
	uint64_t v1, v2c, v3;
	uint64_t reports; /* sent */
	uint64_t refused; /* wrong community, or an unsupported version */
	uint64_t last_hash, last_ms;
	uint64_t second; /* Unix time of the current second; in_second counts its datagrams */
	uint32_t in_second, per_second_peak;
	uint32_t min_gap_ms;              /* between two datagrams; UINT32_MAX: fewer than two */
	uint32_t largest, largest_before; /* bytes of a request: ever, before the first response */
	uint32_t varbinds_peak;           /* of one request */
	uint32_t waiting;                 /* responses that wait for their latency */
	uint64_t queued_in;               /* number of the batch of its last response, plus 1 */
	uint32_t in_flight_peak;
	uint32_t crashes, fatal_repeated, fatal_resent;
	uint8_t crash_cause; /* enum crash_cause, the last */
	bool is_crashed;
	struct fatal_request fatal[TRAFFIC_FATAL_MAX]; /* the newest ones */
	uint32_t fatal_count;
	uint16_t fatal_len;   /* bytes of the last fatal request */
	uint8_t *fatal_bytes; /* owned; NULL before the first crash */
};

/* Records a datagram that came while `pending` responses to other requests were not sent yet. */
void traffic_received(
	struct traffic *l, const uint8_t *bytes, size_t len, unsigned pending, uint64_t now_ms);
void traffic_responded(struct traffic *l, size_t len);

/* Counts the request if it crashed this device within the last day. */
void traffic_note_fatal(struct traffic *l, uint64_t hash, int32_t id, uint64_t now_ms);

/* Marks the device as crashed by this request. */
void traffic_crash(struct traffic *l, enum crash_cause of, uint64_t hash, int32_t id,
	uint64_t now_ms, const uint8_t *bytes, size_t len);

/* Hash of any number of bytes, eight at a time; not cryptographic. */
uint64_t traffic_hash(const uint8_t *p, size_t len, uint64_t start);

#endif
