/* SPDX-License-Identifier: Apache-2.0
 * The command responder: SNMPv1 (RFC 1157), SNMPv2c (RFC 3416) and SNMPv3 (RFC 3412, 3414) GET,
 * GETNEXT and GETBULK, without sockets.
 *
 * Thousands of printers receive the same requests. A request is therefore translated once per
 * profile into a plan (runs of bytes to copy, with the values of live rows in between); the plan is
 * cached under the bytes of the request behind its request-id. Plans of printers with values of
 * their own are not cached. */
#ifndef PLATEN_SIM_RESPONDER_H
#define PLATEN_SIM_RESPONDER_H

#include "proto/base/err.h"
#include "tools/sim/fleet.h"
#include "tools/sim/users.h"

#include <stddef.h>
#include <stdint.h>

enum {
	RESPONSE_HEAD = 400,        /* bytes reserved for the headers before the varbinds */
	RESPONSE_REPORT = 64,       /* max bytes of the varbinds of an SNMPv3 Report */
	RESPONSE_SLACK = 64,        /* bytes reserved behind the largest response */
	PLAN_SLOTS = 8192,          /* hash slots of the plan cache */
	PLAN_CHAIN_MAX = 32,        /* plans in one slot: states of a profile */
	PLAN_CACHE_MAX = 32768,     /* plans in the cache */
	RESPONSE_BIG = 67000,       /* the largest UDP datagram and the reserved bytes around it */
	REQUEST_BYTES_MAX = 2048,   /* a longer request counts as malformed */
	REQUEST_VARBINDS_MAX = 512, /* a request with more counts as malformed */
	DENIED_NETWORKS_MAX = 16    /* --denied options */
};

struct plan;

/* Cause of a Report: up to REPORT_CIPHER the last sub-identifier of the usmStats counter (RFC 3414
 * section 5), then snmpUnknownContexts (RFC 3413) and snmpUnknownPDUHandlers (RFC 3412). */
enum v3_report {
	REPORT_LEVEL = 1,
	REPORT_WINDOW,
	REPORT_USER,
	REPORT_ENGINE,
	REPORT_DIGEST,
	REPORT_CIPHER,
	REPORT_CONTEXT,
	REPORT_HANDLER,
	REPORTS
};
extern const char *const report_names[REPORTS];

/* Source address and port of a response. */
enum forge_way { WAY_RIGHT, WAY_OTHER_ADDRESS, WAY_OTHER_PORT };
typedef void send_forged_fn(void *owner, const uint8_t *bytes, size_t len, enum forge_way way);

struct responder_counts {
	uint64_t get, get_next, get_bulk, set;
	uint64_t responses;
	uint64_t varbinds;
	uint64_t malformed;
	uint64_t wrong_community;
	uint64_t other_version;   /* requests in a version that the printer does not support */
	uint64_t in_context;      /* requests for a context other than the default */
	uint64_t never_requested; /* requested names in `never` sub-trees of the profile */
	uint64_t never_overrun;   /* rows of these sub-trees in responses to other names */
	uint64_t unknown_address; /* requests to an address that no printer has */
	uint64_t denied;          /* requests to a --denied network */
	uint64_t silent;          /* requests to stopped, silent or crashed printers */
	uint64_t too_big;
	uint64_t plans_made;
	uint64_t v1, v2c, v3; /* well-formed requests */
	uint64_t v3_messages; /* including those that get a Report */
	uint64_t report[REPORTS];
	uint64_t not_authorized; /* SNMPv3 requests below the user's minimum security level */
};

struct responder {
	struct fleet *fleet;
	const char *community;
	size_t community_len;
	size_t max_response;
	struct plan **plans; /* the cache: PLAN_SLOTS lists */
	size_t plan_count;
	struct plan *scratch; /* a plan that is not cached */
	uint64_t random;      /* state of the generator for damaged responses */
	struct users users;
	uint64_t salt; /* privacy salt of the last encrypted response */
	send_forged_fn *send_forged;
	void *forge_owner;
	struct {
		uint32_t network, mask;
	} denied[DENIED_NETWORKS_MAX];
	size_t denied_count;
	struct responder_counts counts;
};

struct response {
	struct printer *printer;
	struct traffic *traffic;
	const uint8_t *start; /* in the caller's buffer, or the responder's until the next call */
	size_t len;
	uint32_t copies;  /* additional copies to send */
	uint32_t late_ms; /* added to the latency */
	enum forge_way way;
};

/* `community` stays the caller's until responder_close; at most LIMIT_COMMUNITY bytes. 0 or an
 * error. */
int responder_open(
	struct responder *a, struct fleet *f, const char *community, size_t max_response) MUST_USE;
void responder_close(struct responder *a);

/* The device with this address (host order); NULL is counted as unknown_address. */
struct printer *responder_printer(struct responder *a, uint32_t address) MUST_USE;

/* Makes the response to one datagram, which it may overwrite. `room` has RESPONSE_HEAD +
 * max_response + RESPONSE_SLACK bytes, or RESPONSE_BIG if the printer has FAULT_HUGE; FAULT_GARBAGE
 * uses a buffer of its own. Returns 1: send *ret; 0: no response, the reason is counted. */
int responder_respond(struct responder *a, struct printer *p, uint8_t *request, size_t len,
	uint64_t now_ms, uint8_t *room, struct response *ret) MUST_USE;

/* Removes the first plan of a cache slot. */
void responder_drop_plan(struct responder *a, size_t place);

#endif
