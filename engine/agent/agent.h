/* SPDX-License-Identifier: Apache-2.0
 * The device agent as its verbs see it: the daemon, or one cycle. Each call makes its own
 * loop and everything on it, runs it to the end and closes all of it. */
#ifndef PLATEN_AGENT_AGENT_H
#define PLATEN_AGENT_AGENT_H

#include "engine/conf/conf.h"
#include "engine/fleet/fleet.h"
#include "engine/fleet/roster.h"
#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* The result of `platen once`. */
struct agent_summary {
	struct roster_counts roster;
	size_t unresolved; /* names of devices.targets without an address */
	struct fleet_counters fleet;
	struct collect_counters collect;
	struct snmp_client_counters snmp;
	struct loop_lag lag;
	uint64_t cycle_ms;     /* from the first request to the last record on disk */
	uint64_t sync_ms;      /* from then to the last receipt */
	bool is_sync_due;      /* else nothing was to be sent yet */
	uint64_t next_sync_ms; /* Unix: the next time of the schedule; 0: none */
	uint64_t pending;      /* records that wait for a sync */
	int sync_err;          /* 0: everything was receipted, or none was to be sent */
	char sync_why[LIMIT_WHY];
	uint64_t sent; /* records receipted */
	uint64_t batches;
	uint64_t batch_bytes;   /* of the requests (Content-Length) */
	uint64_t budget_bytes;  /* computed at start */
	uint64_t peak_bytes;    /* peak RSS */
	uint64_t drops, halved; /* datagrams without room; times that the window was halved */
};

/* daemon_hold_signals comes first. Until SIGTERM or SIGINT; the JSON ready line goes to ready_fd if
 * that is not negative. 0 after an orderly stop. Errors were logged. */
int agent_run(const struct agent_conf *conf, int ready_fd) MUST_USE;

/* Every printer once, everything kept, and everything sent if a sync is due or `is_forced`. 0, also
 * if printers were silent or the hub could not be reached (*ret holds the error); an error only if
 * the cycle could not be made at all.
 */
int agent_once(const struct agent_conf *conf, bool is_forced, struct agent_summary *ret) MUST_USE;

#endif
