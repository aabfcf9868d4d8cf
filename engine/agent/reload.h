/* SPDX-License-Identifier: Apache-2.0
 * SIGHUP: the configuration is read again, on a worker, and what can be taken while everything runs
 * is taken: credentials with their secrets, communities, and log.level; printers that are silent
 * are asked again at once. A file that is wrong, or that leaves a printer without a way to ask it,
 * changes nothing; log and status say which line or which printer. No data is touched.
 *
 * struct agent_reload is embedded in struct agent and zeroed by agent_open. The configuration that
 * the agent started with stays its own; devices point into the newest one. */
#ifndef PLATEN_AGENT_RELOAD_H
#define PLATEN_AGENT_RELOAD_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "engine/fleet/roster.h"
#include "engine/loop/workers.h"

struct agent;

/* A printer and how it is asked from now on, once no poll of it is under way. */
struct agent_change {
	struct device *device;
	struct conf_device to;
};

struct agent_reload {
	struct worker_job job;
	bool is_reading;         /* on the worker */
	bool is_taking;          /* keys are being made, or devices are still polled the old way */
	bool is_wanted;          /* again, once this one is over */
	struct agent_conf *live; /* NULL: the agent's own still is */
	struct agent_conf *next; /* being taken */
	struct conf_error error;
	struct agent_change *changes; /* those that are still to come, by address */
	size_t change_count;
	uint64_t reloads, refused;
	uint64_t taken_wall_ms, refused_wall_ms; /* the last of each; 0: none */
	char why[2 * LIMIT_WHY];                 /* the last one was refused; "": it was taken */
};

void agent_reload(struct agent *a);

/* The newest configuration that was taken: for credentials. All other keys are a->conf's. */
const struct agent_conf *agent_live_conf(const struct agent *a);

/* From on_keys: all keys of the next configuration are there. */
void agent_reload_on_keys(struct agent *a);

/* From on_polled: a device that had to wait may be changed. */
void agent_reload_on_polled(struct agent *a, const struct device *dev);

/* A run of discovery is over: its credentials may go. */
void agent_reload_on_run(struct agent *a);

/* After the workers have ended, when no device is left. */
void agent_reload_close(struct agent *a);

#endif
