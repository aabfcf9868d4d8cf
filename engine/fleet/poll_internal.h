/* SPDX-License-Identifier: Apache-2.0
 * A poll and what its stages hold: poll_state.c (life, the states), poll_snmp.c, poll_ipp.c. Only
 * for them. */
#ifndef PLATEN_FLEET_POLL_INTERNAL_H
#define PLATEN_FLEET_POLL_INTERNAL_H

#include "engine/fleet/collect.h"
#include "engine/fleet/poll.h"
#include "engine/fleet/rate_limit.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "proto/mib/mib.h"

/* In this order; poll_move is the one function that changes it. The event that ends each state: */
enum poll_state {
	/* The first request may leave: the rate limiter's time, LIMIT_POLL_MS. */
	POLL_ADMITTED,
	/* A response or a timeout (the SNMP client's deadline), as often as the plan has requests;
	 * LIMIT_POLL_MS for all of them. */
	POLL_REQUESTING,
	/* The same of one request that every agent answers, after a timeout: has the device stopped
	 * responding, or does it ignore that request? Then requesting again, or the end. */
	POLL_VERIFYING,
	/* A place among the IPP queries, then the response: LIMIT_IPP_MS each. */
	POLL_IPP,
	/* on_end: the owner keeps or frees the poll before it returns. */
	POLL_READ,
	/* Room in the spool: a commit, or poll_context_stop's caller stops the collector. */
	POLL_PACKING,
	/* The commit. */
	POLL_KEEPING
};

struct poll_context {
	struct loop *loop;
	struct poll_options options;
	struct slab polls;  /* of struct poll */
	struct slab blocks; /* of reading arenas */
	size_t promised;    /* blocks that polls under way are expected to need */
	unsigned optional;  /* mask of enum reading_optional: also requested */
	/* The request being made: a poll needs it only until it is sent. */
	struct snmp_request request;
	struct ipp_client ipp_client;
	struct slab ipp_blocks;  /* of the one response that is being folded */
	struct list ipp_waiting; /* poll.ipp.node: for a place among the queries */
	bool is_stopping;        /* no IPP query is started any more */
};

/* admitted, requesting, verifying */
struct poll_snmp {
	struct rate_wait wait; /* while a request waits for the rate limiter */
	struct mib_plan plan;
	unsigned requests;
	unsigned responses;
	uint64_t received_bytes;
	uint64_t digest;        /* of the open request */
	uint16_t request_bytes; /* of the open request */
	bool was_prompt;        /* when it was sent: the device responds, and within a second */
	bool has_stopped_responding;
	/* SNMPv3: the device's own context; while a request is in another one, its peer.usm has
	 * that. */
	const char *own_context;
	uint8_t own_context_len;
	/* v1 and v2c: the device's peer with the community that names the context. */
	struct snmp_peer in_context;
	char context_community[LIMIT_COMMUNITY];
};

struct poll_ipp {
	struct list node;        /* poll_context.ipp_waiting */
	struct ipp_query *query; /* under way; NULL: it waits */
	uint64_t sent_wall_ms;
};

struct poll {
	struct poll_context *context;
	struct device *device;
	poll_on_end *on_end;
	poll_on_kept *on_kept;
	void *owner;
	uint64_t began_ms;
	uint16_t promised; /* blocks that it is expected to need */
	uint8_t state;     /* enum poll_state */
	int err;
	struct poll_snmp snmp;
	struct poll_ipp ipp;
	struct collect_item keep; /* packing, keeping */
	struct reading reading;
};

/* ---- poll_state.c ---- */
/* POLL_IPP and POLL_READ begin with what follows from them: the poll may be gone on return. */
void poll_move(struct poll *poll, enum poll_state to);

/* ---- poll_snmp.c ---- */
void poll_snmp_open(struct poll *poll);
/* The next request of its state: 1 it is sent, or waits for the rate limiter; 0 there is none; or
 * an error. */
int poll_snmp_request(struct poll *poll) MUST_USE;

/* ---- poll_ipp.c ---- */
/* True: a query is under way or waits. False: there is nothing to query, or no way to. */
bool poll_ipp_begin(struct poll *poll) MUST_USE;
void poll_ipp_stop(struct poll *poll);
int poll_ipp_open(struct poll_context *c) MUST_USE;
void poll_ipp_close(struct poll_context *c);
/* The polls that wait or are under way. */
void poll_ipp_stop_all(struct poll_context *c);

#endif
