/* SPDX-License-Identifier: Apache-2.0
 * When a request may leave: no sooner than the printer's interval after its last response; no more
 * packets a second to a subnet than its rate (loopback is no subnet: there is no link in between);
 * no more requests in flight than come back.
 *
 * The last is a window over all sockets, by additive increase and multiplicative decrease: when
 * datagrams are lost (the kernel dropped some for want of buffer, or many printers respond only to
 * a resend) it halves to half of what was in flight, and it grows by a little with every round of
 * responses. A printer that never responds is no sign of loss.
 *
 * A poll that waits is in exactly one of the limiter's lists; on_rate_ready comes once, never
 * before rate_limit_acquire has returned. */
#ifndef PLATEN_FLEET_RATE_LIMIT_H
#define PLATEN_FLEET_RATE_LIMIT_H

#include "proto/base/due.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"

#include <stddef.h>
#include <stdint.h>

struct device;

/* Embedded in the owner that waits. */
struct rate_wait {
	struct list node;
	struct due due;
	struct rate_limit *rate_limit;
	bool has_time; /* interval and subnet allow it: only the window is left */
	/* err 0: call rate_limit_acquire again; ERR_STOPPED: cancelled. */
	void (*on_rate_ready)(struct rate_wait *wait, int err);
};

struct rate_bucket {
	uint64_t subnet;  /* a digest; 0: free */
	uint64_t full_us; /* when the packets sent fit the rate again */
};

struct rate_limit_counters {
	uint64_t waited_interval, waited_subnet, waited_window;
	uint64_t halved; /* times that the window halved */
	uint64_t drops;  /* datagrams that the kernel had no room for */
};

struct rate_limit {
	struct loop *loop;
	struct snmp_client *client;
	uint64_t min_interval_ms;
	uint64_t packet_us;          /* of a subnet's rate; 0: no limit */
	struct rate_bucket *buckets; /* NULL: no limit */
	struct list timed;           /* struct rate_wait: until its deadline */
	struct list waiting;         /* for the window, in order of arrival */
	struct due wake;
	bool is_waking;
	size_t window, max;
	/* Of the present round: as many responses as there were requests in flight at once. */
	size_t responses, recovered, peak;
	uint64_t drops_seen;
	struct rate_limit_counters counters;
};

struct rate_limit_options {
	uint64_t min_interval_ms;
	unsigned subnet_rate; /* packets a second to one /24 or /64; 0: no limit */
};

int rate_limit_open(struct rate_limit *g, struct loop *l, struct snmp_client *client,
	const struct rate_limit_options *o) MUST_USE;
void rate_limit_close(struct rate_limit *g);

void rate_wait_init(struct rate_wait *wait, void (*on_rate_ready)(struct rate_wait *wait, int err));

/* True: send now. False: on_rate_ready comes. */
bool rate_limit_acquire(struct rate_limit *g, struct device *dev, struct rate_wait *wait) MUST_USE;

/* A request has ended. was_prompt: this printer responds within a second. */
void rate_limit_on_response(struct rate_limit *g, struct device *dev,
	const struct snmp_response *response, bool was_prompt);

/* on_rate_ready(ERR_STOPPED) comes from the loop. Harmless if it does not wait. */
void rate_limit_cancel(struct rate_wait *wait);
void rate_limit_cancel_all(struct rate_limit *g);
bool rate_limit_is_waiting(const struct rate_wait *wait);

#endif
