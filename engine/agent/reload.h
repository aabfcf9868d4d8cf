/* SPDX-License-Identifier: Apache-2.0
 * SIGHUP: the configuration is read again on a worker and compared, keys of SNMPv3 are made, then
 * the printers change one by one as their polls end. Live are log.level, credentials with their
 * secrets, communities, targets, the schedule, the privacy policy, and the section hub with the
 * files that it names (a request under way ends with the old settings); silent printers are polled
 * at once. A file
 * with a mistake, or one that leaves a printer without a credential, changes nothing; log and
 * status name the line or the printer. No data is touched. DAEMON_RELOAD begins a reload,
 * DAEMON_RELOADED is its end.
 *
 * Embedded in struct agent and zeroed by agent_open. The configuration that the agent started with
 * stays its own; devices point into the newest one. */
#ifndef PLATEN_AGENT_RELOAD_H
#define PLATEN_AGENT_RELOAD_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "engine/fleet/names.h"
#include "engine/fleet/profile.h"
#include "engine/fleet/roster.h"
#include "engine/loop/workers.h"

struct agent;

/* A printer and its credential from now on, once no poll of it is under way. */
struct agent_change {
	struct device *device;
	struct conf_device to; /* version UINT8_MAX: the next configuration does not name it */
};

enum reload_stage {
	RELOAD_NONE,
	RELOAD_READING, /* on the worker */
	RELOAD_KEYS,    /* of SNMPv3 users are being made */
	RELOAD_POLLS,   /* with the old credentials have to end */
	RELOAD_SCAN     /* a run of discovery with the old credentials has to end */
};

struct agent_reload {
	enum reload_stage stage;
	struct worker_job job;
	struct agent_conf *live;     /* NULL: the agent's own still is */
	struct agent_conf *next;     /* being read, or applied */
	struct tls *next_tls;        /* of `next`; NULL: it has no hub */
	struct crypto_key *next_key; /* and the spool's part, of the first hub since the start */
	struct uplink_kept *kept;
	struct conf_error error;
	struct agent_change *changes; /* those that are still to come, by address */
	size_t change_count;
	struct conf_device *added; /* that the next configuration has and the roster lacks */
	size_t added_count, added_cap;
	struct conf_device *waiting; /* of the live one, until a place is free */
	size_t waiting_count;
	struct due places_due;
	bool is_window_reported;
	size_t retired, surplus;     /* surplus: addresses beyond those */
	struct name_list names;      /* of the next configuration */
	struct profile_set profiles; /* of `added`, as far as they were polled before */
	uint64_t reloads, refused;
	uint64_t taken_wall_ms, refused_wall_ms; /* the last of each; 0: none */
	char why[2 * LIMIT_WHY];                 /* the last one was refused; "": it was accepted */
};

/* Begins one; none may be under way. */
void agent_reload(struct agent *a);

/* "none", "reading" ... */
const char *agent_reload_stage(const struct agent *a);

/* The newest accepted configuration: for credentials. All other keys are a->conf's. */
const struct agent_conf *agent_live_conf(const struct agent *a);

/* From agent_on_keys: all keys of the next configuration are there. */
void agent_reload_on_keys(struct agent *a);

/* From agent_on_polled: a device that had to wait may be changed. */
void agent_reload_on_polled(struct agent *a);

/* A run of discovery has ended: its credentials may go. */
void agent_reload_on_run(struct agent *a);

/* Nothing that it waits for holds the loop. */
void agent_reload_stop(struct agent *a);

/* After the workers have ended, when no device is left. */
void agent_reload_close(struct agent *a);

#endif
