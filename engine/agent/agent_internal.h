/* SPDX-License-Identifier: Apache-2.0
 * The agent's parts and how they are connected; shared by agent.c (start and stop), agent_parts.c
 * (opening), agent_run.c (the verbs run and once), cycle.c (events of the parts), reload.c,
 * scheduled_discovery.c, status_file.c and budget.c. They only connect: the folders below decide
 * what happens.
 *
 * Order of opening: loop, workers, spool, device store, roster, client, fleet, uplink. Closing goes
 * the other way, stage by stage (enum agent_stop), until the loop has nothing left to wait for. */
#ifndef PLATEN_AGENT_AGENT_INTERNAL_H
#define PLATEN_AGENT_AGENT_INTERNAL_H

#include "engine/agent/agent.h"
#include "engine/agent/agent_audit.h"
#include "engine/agent/keys.h"
#include "engine/agent/knowledge.h"
#include "engine/agent/login.h"
#include "engine/agent/reload.h"
#include "engine/agent/scheduled_discovery.h"
#include "proto/base/due.h"
#include "engine/ui/ctl.h"
#include "engine/ui/status.h"
#include "engine/fleet/discovery.h"
#include "engine/fleet/fleet.h"
#include "engine/fleet/names.h"
#include "engine/loop/workers.h"
#include "engine/loop/daemon.h"
#include "engine/snmp/snmp_client.h"
#include "engine/loop/crypto.h"
#include "engine/loop/tls.h"
#include "engine/store/device_store.h"
#include "engine/store/spool.h"
#include "engine/uplink/uplink.h"
#include "proto/wire/policy.h"

/* The steps that DAEMON_STOP waits for, in this order; agent_stop_next moves it. */
enum agent_stop {
	STOP_NOT,
	STOP_SCAN,         /* the end of a run of discovery */
	STOP_POLLS,        /* the end of the fleet's last poll */
	STOP_STATUS,       /* the last status.json, after one that is being written */
	STOP_UPLINK,       /* the end of a sync */
	STOP_AUDIT,        /* the last entries of the audit */
	STOP_CONTROL,      /* the last response of the control socket */
	STOP_DEVICE_STORE, /* the device store */
	STOP_SPOOL,        /* the last readings on disk */
	STOP_WORKERS,      /* the loop's end */
};

/* status.json, written on a worker, one at a time. */
enum status_stage { STATUS_IDLE, STATUS_WRITING, STATUS_WRITING_LAST };

/* `once`: what it waits for. */
enum once_stage {
	ONCE_POLLS,
	ONCE_SYNC,      /* the sync that began after the last poll */
	ONCE_SYNC_AGAIN /* a sync that began before; another one follows it */
};

/* Two sessions stay free for status: a sync may last for hours, and the end of a client that waits
 * for it is not noticed before. */
enum { SYNC_WAITERS = CTL_SESSIONS - 2 };

struct agent {
	const struct agent_conf *conf;
	struct daemon daemon;
	enum agent_stop stop;
	struct agent_knowledge knowledge;
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct agent_keys keys;
	struct agent_reload reload;
	struct agent_login login;
	struct device_store *device_store; /* NULL: it could not be opened, what is learned lasts
					      until the end */
	int device_store_err;              /* of its last commit, as logged; 0: it was written */
	struct roster *roster;
	struct names names;
	struct snmp_client *client;
	struct fleet *fleet;
	struct discovery *discovery; /* NULL: discovery.targets names nothing */
	struct policy policy; /* what leaves, with the host's identifiers in corporate mode */
	struct crypto_key *key;
	struct tls *tls;
	struct uplink *uplink; /* NULL: no hub has been configured since the start */
	struct audit_queue *audit;
	struct ctl *control;                            /* NULL: it could not be opened */
	struct ctl_session *sync_waiters[SYNC_WAITERS]; /* sync-now: until the sync's end */
	char sync_users[SYNC_WAITERS][LIMIT_AUDIT_WHO]; /* of these, for the audit */
	size_t sync_waiter_count;
	size_t devices;     /* in the roster */
	uint64_t spread_ms; /* of the first polls */
	bool is_once;
	bool is_forced; /* `once`: sync also if none is due */
	int err;        /* what the loop's end means */

	/* the cycle */
	enum once_stage once;
	bool keeps_all; /* `once`: a full spool is sent first, and drops only if that fails */
	uint64_t cycle_began_ms; /* monotonic */
	uint64_t cycle_ended_ms;
	uint64_t cycle_ms; /* of the last whole one */
	uint64_t cycles;
	uint64_t cycle_polls; /* of the present one */
	uint64_t last_data_ms;
	uint64_t full_sync_ms; /* when a full spool last began a run */
	uint64_t started_wall_ms;
	uint64_t budget_bytes;
	struct agent_summary summary;

	struct due status_due;
	struct worker_job status_job;
	enum status_stage status_stage;
	uint64_t salvages; /* of the spool, as logged */
	uint64_t dropped;  /* records that the quota has cost, as logged */
	int status_err;    /* of its last write, as logged; 0: it was written */
	struct agent_status status;
};

/* Opens what the configuration asks for, in order. On an error, which was logged where it was met,
 * what is open stays so: agent_open closes it. */
int agent_open_parts(struct agent *a) MUST_USE;

/* agent.key in the state directory; blocks. */
int agent_open_key(
	struct crypto_key **ret, const struct agent_conf *c, char *why, size_t cap) MUST_USE;
/* With the hub and the schedule of `live`; a->key and a->tls are open. kept NULL: at start. */
int agent_open_uplink(
	struct agent *a, const struct agent_conf *live, const struct uplink_kept *kept) MUST_USE;

/* The digests of what the spool has kept of each printer (kept.c); after the uplink is open. */
void agent_load_kept(struct agent *a);

/* Events of the parts; `owner` is the agent. */
void agent_on_keys(void *owner);
void agent_on_polled(void *owner, const struct device *dev, enum device_outcome outcome, int err);
void agent_on_fleet_idle(void *owner);
void agent_on_spool_full(void *owner);
void agent_on_disk(void *owner, int err);
void agent_on_sync_start(void *owner);
void agent_on_sync_end(void *owner, int err, const struct uplink_summary *summary);
void agent_on_want_full(void *owner, struct text device_key);
void agent_on_coverage(
	void *owner, const struct policy *policy, struct coverage_head *head, struct buf *body);

void agent_on_heartbeat(void *owner, struct heartbeat *h);
void agent_on_heartbeat_end(void *owner, int err, unsigned work);

/* Everything open, or nothing and an error that was logged. */
int agent_open(struct agent *a, const struct agent_conf *conf, bool is_once) MUST_USE;

/* The printers become due when the keys of SNMPv3's users are made: in this call, or later. */
void agent_start(struct agent *a, uint64_t spread_ms);

/* The policy of the configuration and of the host, as they are now, for readings and uplink. */
void agent_use_policy(struct agent *a, const struct agent_conf *conf);

/* Begins DAEMON_STOP, unless it has begun. */
void agent_shut_down(struct agent *a);

/* The present stage of the stop is over. */
void agent_stop_next(struct agent *a);

/* After the loop has ended. 0, or what loop_close says (something was left open). */
int agent_close(struct agent *a) MUST_USE;

/* Fills in the summary, before the fleet and the roster are closed. */
void agent_summarise(struct agent *a);

/* status.json: in STATUS_EVERY_MS at most; or now and for the last time (agent_stop_next follows).
 */
void agent_status_init(struct agent *a);
void agent_status_soon(struct agent *a);
void agent_status_finish(struct agent *a);

/* Logs that the spool was rebuilt, once each time. */
void agent_watch_spool(struct agent *a);

/* The control socket: {"do":"status"} gets the figures of this moment, also from a full disk;
 * {"do":"sync"} starts a sync and gets its result. */
int agent_control_open(struct agent *a) MUST_USE;
void agent_control_synced(struct agent *a, int err, const struct uplink_summary *summary);
void agent_status_collect(struct agent *a, struct agent_status *s);

/* The same figures as log lines. */
void agent_dump(struct agent *a);

/* The sum of all maxima of this configuration, in bytes (docs/architecture.md, "Memory"). */
uint64_t agent_budget(const struct agent *a);

#endif
