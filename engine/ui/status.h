/* SPDX-License-Identifier: Apache-2.0
 * The agent's status. A running daemon sends it over its control socket, so that it needs no disk;
 * it also writes status.json into its state directory, which `platen status` reads when no daemon
 * runs. Times are Unix milliseconds, 0 is "never". status_write blocks (fsync): the daemon calls it
 * on a worker. */
#ifndef PLATEN_UI_STATUS_H
#define PLATEN_UI_STATUS_H

#include "proto/base/writer.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "engine/fleet/collect.h"
#include "engine/fleet/discovery.h"
#include "engine/fleet/roster.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"
#include "engine/store/spool.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct agent_status {
	uint64_t pid;
	/* "start", "run", "reload", "stop": of the daemon that wrote the rest. The verb sets
	 * STATUS_NOT_RUNNING, STATUS_STARTING, STATUS_NOT_RESPONDING. */
	char state[20];
	char version[32];
	char site[LIMIT_TEXT + 1];
	char agent_id[33]; /* hex */
	uint64_t once;     /* 1: of `platen once`, which ends by itself */
	uint64_t started_ms;
	uint64_t written_ms; /* set by status_write's caller */

	char conf_file[LIMIT_CONF_VALUE + 1];
	uint64_t conf_loaded_ms;  /* since when it is in force */
	uint64_t conf_refused_ms; /* when a reload was last refused */
	char conf_error[2 *
			LIMIT_WHY]; /* why, if none was taken since; "": all is as in the file */

	/* The roster, counted by how each device's last poll ended. */
	struct roster_counts roster;
	/* The silent and the refused ones by cause: "7 snmp-timeout, as 10.1.4.7:161 (is it on
	 * ...)". */
	char silent_reasons[4 * LIMIT_WHY];
	uint64_t interval_ms;
	uint64_t cycle;        /* since start, from 1 */
	uint64_t cycle_ms;     /* how long the last whole one took */
	uint64_t last_data_ms; /* the newest reading */

	struct spool_counts spool;
	uint64_t spool_max_bytes;
	struct spool_rebuild rebuild; /* the last one since start; of it at_ms and kept_as */
	char rebuilt_lost[24];        /* records: a number, or "unknown" */
	struct collect_counters readings;
	uint64_t spool_lost;        /* readings that were not kept */
	char disk_error[LIMIT_WHY]; /* the state directory cannot be written; "": it can */

	char hub[256];                    /* the URL; "": none is configured */
	uint64_t hub_contact_ms;          /* the hub last responded, with whatever status */
	char hub_result[LIMIT_WHY];       /* of the last try: "ok" or the reason */
	uint64_t hub_failure_ms;          /* a try last failed */
	char hub_failure[LIMIT_WHY];      /* why; a success leaves both */
	char hub_key[65];                 /* SHA-256 of the hub's pinned key; "": none is pinned */
	char hub_issuer[LIMIT_CERT_NAME]; /* of its certificate, at the last handshake */
	uint64_t hub_expires_ms;          /* that certificate */
	uint64_t own_expires_ms;          /* the client certificate; 0: there is none */
	uint64_t heartbeat_interval_ms;   /* 0: none are sent */
	uint64_t heartbeat_last_ms;       /* the last one that the hub accepted */
	char clock_skew[24]; /* our clock ahead of the hub's at that time: "-0.412 s"; "": not known
			      */
	uint64_t sync_last_ms;         /* last receipt of the hub, or coverage that it accepted */
	char schedule[LIMIT_SCHEDULE]; /* when syncs go; "": only on request */
	uint64_t sync_next_ms;         /* next scheduled one */
	uint64_t sync_missed;          /* since the store was made */
	uint64_t sync_missed_ms;       /* when the last of them was due */
	uint64_t sync_sent;            /* records receipted since start */

	uint64_t error_ms;     /* last error */
	char error[LIMIT_WHY]; /* one sentence, with the way out; "": none */

	struct snmp_client_counters snmp; /* refused datagrams by reason, SNMPv3 */

	struct discovery_status discovery; /* by schedule; all 0 without it */
	uint64_t discovery_next_ms;        /* 0: one is under way, or none will be */

	uint64_t memory_budget_bytes; /* computed at start */
	uint64_t memory_peak_bytes;   /* peak RSS */
	uint64_t loop_lag_ms;         /* largest since the last write */
	/* Of the last hour, up to two: the iteration time of 50 %, 99 %, 99.9 %; the
	 * longest; how many took more than 50 ms. */
	struct loop_lag loop;

	uint64_t snmp_window; /* requests that may be in flight now */
	uint64_t snmp_halved; /* times that the window was halved after a loss */
	uint64_t snmp_drops;  /* datagrams that the kernel dropped */
	uint64_t open_fds;
};

#define STATUS_NOT_RUNNING "not-running"
#define STATUS_STARTING "starting"             /* or ending: the lock is held, no control socket */
#define STATUS_NOT_RESPONDING "not-responding" /* stopped (SIGSTOP), or its loop hangs */

/* DIR/status.json, mode 0600, replaced as a whole. 0 or -errno. */
int status_write(const char *dir, const struct agent_status *s) MUST_USE;

/* 0; -ENOENT: nothing was ever written; another -errno; ERR_FORMAT: not ours. */
int status_read(const char *dir, struct agent_status *ret) MUST_USE;

/* Whether a process holds DIR/store.lock now: 1 (and its pid, or 0), 0, or -errno. */
int status_is_running(const char *dir, uint64_t *ret_pid) MUST_USE;

/* Parses the output of status_json; ERR_FORMAT if it is something else. */
int status_parse(struct agent_status *ret, const char *bytes, size_t len) MUST_USE;

/* One JSON object, or a page for people with ages. `is_running` as above. */
void status_json(struct writer *w, const struct agent_status *s, bool is_running);
int status_print(
	FILE *out, const struct agent_status *s, bool is_running, uint64_t now_ms) MUST_USE;

#endif
