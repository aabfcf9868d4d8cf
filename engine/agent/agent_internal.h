/* SPDX-License-Identifier: Apache-2.0
 * The agent's parts and how they are joined; shared by agent.c (life), agent_parts.c (what is
 * opened), agent_events.c (what comes back), agent_measure.c, agent_once.c, agent_run.c and
 * agent_status.c. Nothing but wiring: what happens is decided in the floors below.
 *
 * Order of opening: loop, workers, spool, known, roster, client, fleet, uplink. Closing goes the
 * other way by callbacks (agent_shut_down), until the loop has nothing left to wait for. */
#ifndef PLATEN_AGENT_AGENT_INTERNAL_H
#define PLATEN_AGENT_AGENT_INTERNAL_H

#include "engine/agent/agent.h"
#include "engine/agent/keys.h"
#include "engine/agent/knowledge.h"
#include "engine/agent/reload.h"
#include "engine/agent/scan.h"
#include "proto/base/due.h"
#include "engine/ui/status.h"
#include "engine/fleet/discovery.h"
#include "engine/fleet/fleet.h"
#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"
#include "engine/loop/crypto.h"
#include "engine/loop/tls.h"
#include "engine/store/device_store.h"
#include "engine/store/spool.h"
#include "engine/uplink/uplink.h"

struct agent {
	const struct agent_conf *conf;
	struct agent_knowledge knowledge;
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct agent_keys keys;
	struct agent_reload reload;
	struct device_store *device_store; /* NULL: it could not be opened, what is learned lasts
					      until the end */
	int device_store_err; /* of its last commit, as told in the log; 0: it was written */
	struct roster *roster;
	struct snmp_client *client;
	struct fleet *fleet;
	struct discovery *discovery; /* NULL: discovery.targets names nothing */
	struct crypto_key *key;
	struct tls *tls;
	struct uplink *uplink; /* NULL: no hub is configured */
	size_t devices;        /* in the roster */
	uint64_t spread_ms;    /* of the first polls */
	bool is_started;       /* the keys were there, and the printers became due */
	bool is_once;
	bool is_closing;
	int err; /* what the loop's end means */

	/* the cycle */
	uint64_t cycle_began_ms; /* monotonic */
	uint64_t cycle_ended_ms;
	uint64_t cycle_ms; /* of the last whole one */
	uint64_t cycles;
	uint64_t cycle_polls; /* of the present one */
	uint64_t last_data_ms;
	bool is_cycle_over;    /* `once`: every printer had its turn */
	bool is_sync_wanted;   /* `once`: again, as the last run began before the cycle was over */
	uint64_t full_sync_ms; /* when a full spool last began a run */
	uint64_t started_wall_ms;
	uint64_t budget_bytes;
	struct agent_summary summary;

	/* status.json, written off the loop, one at a time */
	struct due status_due;
	struct worker_job status_job;
	struct agent_status status;
	bool is_status_writing;
	bool is_fleet_over;  /* closing, and no poll is under way any more */
	bool is_status_last; /* the one that is being written is the last */
};

/* Opens what the configuration asks for, in order. On an error, which was logged where it was met,
 * what is open stays so: agent_open closes it. */
int agent_open_parts(struct agent *a) MUST_USE;

/* What the parts tell; `owner` is the agent. */
void agent_on_keys(void *owner);
void agent_on_polled(void *owner, const struct device *dev, enum device_outcome outcome, int err);
void agent_on_fleet_idle(void *owner);
void agent_on_spool_full(void *owner);
void agent_on_sync_end(void *owner, int err, const struct uplink_summary *summary);
void agent_on_want_full(void *owner, struct text device_key);

/* Logs what is wrong with a configuration, one line a message. */
void agent_log_conf(const struct conf_error *e);

/* Everything open, or nothing and an error that was logged. */
int agent_open(struct agent *a, const struct agent_conf *conf, bool is_once) MUST_USE;

/* The printers become due as soon as the keys of SNMPv3's users are there: from inside, or from the
 * loop. */
void agent_start(struct agent *a, uint64_t spread_ms);

/* Starts the end: fleet, status, uplink, spool, in this order. Idempotent. */
void agent_shut_down(struct agent *a);

/* After the loop has ended. 0, or what loop_close says (something was left open). */
int agent_close(struct agent *a) MUST_USE;

/* Fills in what only the end knows. */
void agent_summarise(struct agent *a);

/* The status file: soon, or now and for the last time (then agent_on_status_over comes). */
void agent_status_init(struct agent *a);
void agent_status_soon(struct agent *a);
void agent_status_finish(struct agent *a);
void agent_on_status_over(struct agent *a);

/* Peak resident bytes, and open file descriptors, of this process. */
uint64_t agent_peak_bytes(void);
uint64_t agent_open_fds(void);

/* The sum of all maxima of this configuration, in bytes (docs/architecture.md, "Memory"). */
uint64_t agent_budget(const struct agent *a);

#endif
