/* SPDX-License-Identifier: Apache-2.0
 * When a question may leave. Three things are asked of it: that a printer is not asked sooner than
 * its interval after the last answer, that a subnet gets no more packets a second than it should
 * (loopback is no subnet: no link is in between), and that no more questions are under way than
 * come back.
 *
 * The last is a window over all sockets, by additive increase and multiplicative decrease: it
 * halves when datagrams are lost (the kernel dropped some for want of buffer, or many printers
 * answer only the second time) to half of what was under way then, and grows by a little with every
 * round of answers. Printers that never answer are no sign of loss.
 *
 * A poll that has to wait is in exactly one of the gate's lists; on_turn comes once, never before
 * rate_limit_acquire has returned. */
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

/* Embedded in who waits. */
struct rate_wait {
	struct list node;
	struct due due;
	struct rate_limit *rate_limit;
	bool has_time; /* it has waited for its time: only the window is left */
	/* err 0: call rate_limit_acquire again; ERR_STOPPED. */
	void (*on_rate_ready)(struct rate_wait *turn, int err);
};

struct rate_bucket {
	uint64_t subnet;  /* a digest; 0: free */
	uint64_t full_us; /* when what was sent is worked off */
};

struct rate_limit_counters {
	uint64_t waited_interval, waited_subnet, waited_window;
	uint64_t halved; /* times that the window was */
	uint64_t drops;  /* datagrams that the kernel had no room for */
};

struct rate_limit {
	struct loop *loop;
	struct snmp_client *client;
	uint64_t min_interval_ms;
	uint64_t packet_us;          /* of a subnet's rate; 0: no limit */
	struct rate_bucket *buckets; /* NULL: no limit */
	struct list timed;           /* struct rate_wait: until its deadline */
	struct list waiting;         /* for the window, the longest first */
	struct due wake;
	bool is_waking;
	size_t window, most;
	/* Of the present round: as many answers as there were questions under way at once. */
	size_t answers, recovered, peak;
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

void rate_wait_init(struct rate_wait *turn, void (*on_rate_ready)(struct rate_wait *turn, int err));

/* True: ask now. False: on_turn comes. */
bool rate_limit_acquire(struct rate_limit *g, struct device *dev, struct rate_wait *turn) MUST_USE;

/* A question is over. was_prompt: this printer is known, and answers within a second. */
void rate_limit_on_response(struct rate_limit *g, struct device *dev,
	const struct snmp_response *reply, bool was_prompt);

/* on_turn(ERR_STOPPED) comes from the loop. Harmless if it does not wait. */
void rate_limit_cancel(struct rate_wait *turn);
void rate_limit_cancel_all(struct rate_limit *g);
bool rate_limit_is_waiting(const struct rate_wait *turn);

#endif
