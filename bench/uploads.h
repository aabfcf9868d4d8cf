/* SPDX-License-Identifier: Apache-2.0
 * The two processes of bench/uploads: the server (uploads_server.c) is the stack of the hub,
 * listen, tls and http1, without the hub's own work; the client (uploads_client.c) is the same
 * stack's other side. Each body is a window of a common pattern; the answer is its CRC32C, which
 * the client checks.
 * With --hub, the real program instead: uploads_hub.c runs it, uploads_agents.c are its agents,
 * uploads_batches.c makes what they bring. */
#ifndef PLATEN_BENCH_UPLOADS_H
#define PLATEN_BENCH_UPLOADS_H

#include "bench/common.h"
#include "proto/wire/envelope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { UPLOAD_WINDOWS = 64 }; /* different bodies */

struct upload_plan {
	size_t connections;
	size_t body_bytes;
	size_t posts;      /* of each connection */
	const char *certs; /* directory made by tools/certs */
};

/* Never returns: serves until it is killed. Writes its port to `ready_fd`. */
_Noreturn void upload_serve(const struct upload_plan *plan, int ready_fd);

struct upload_phase {
	double wall_s;
	double client_cpu_s;
	double server_cpu_s;
	size_t server_rss_kib; /* at its end */
};

/* Measures the time and CPU between the two calls. */
void upload_phase_begin(struct upload_phase *p, pid_t server);
void upload_phase_end(struct upload_phase *p, pid_t server);

struct upload_result {
	struct upload_phase full; /* handshakes */
	struct upload_phase posts;
	struct upload_phase resumed; /* handshakes */
	size_t server_start_kib;
	size_t server_peak_kib;
	double *post_s; /* how long each post took */
	size_t post_count;
	size_t waits;  /* --hub: how often it said 503 or 429, come back later */
	size_t wrong;  /* answers that were not the right one, connections that failed */
	char why[256]; /* the first of them */
};

/* 0, or an error when nothing could be measured. */
int upload_run(
	const struct upload_plan *plan, uint16_t port, pid_t server, struct upload_result *ret);

uint8_t *upload_pattern(size_t body_bytes);

/* A row whose name begins with the number of connections. */
void upload_add(struct bench_report *r, size_t connections, const char *what, double value,
	const char *unit);

/* ---- --hub ---- */
/* While SIGINT and SIGTERM are held they wait for upload_agents_run, which stops in order: so the
 * hub and the directories never stay behind. */
void upload_hold_signals(bool is_held);

#define UPLOAD_EPOCH 1

/* The records 1 ... last of one agent in its epoch, packed and signed. */
struct upload_batch {
	uint8_t agent_id[AGENT_ID_BYTES];
	uint8_t digest[DIGEST_BYTES]; /* as the receipt must name it */
	uint64_t last;
	uint32_t count;
	uint8_t *bytes;
	size_t len;
};

struct upload_batches {
	struct upload_batch *each;
	size_t count;
	size_t records; /* of all of them, each of another printer */
	size_t raw_bytes;
	size_t sent_bytes;
};

/* Bodies of at most `body_bytes` before compression, signed by the key in `key_file`, which is made
 * if it is not there. Free them also after an error. */
int upload_batches_make(
	struct upload_batches *all, size_t count, const char *key_file, size_t body_bytes);
void upload_batches_free(struct upload_batches *all);

/* 0 if this is the hub's signed word that it has every record of this very batch; some may have
 * been there already, after a 503. */
int upload_judge(const struct upload_batch *b, const uint8_t *reply, size_t len);

struct upload_agents_plan {
	size_t connections; /* one agent each */
	const char *certs;
	const char *user;
	const char *secret;
	uint16_t port;
	pid_t hub;
	const struct upload_batch *batches; /* of each agent */
};

/* 0, or an error when nothing could be measured. */
int upload_agents_run(const struct upload_agents_plan *plan, struct upload_result *ret);

/* One hub with an empty store, and a batch of `body_bytes` from each agent; `posts` is not used.
 * 0 and rows in the report, or -1 when anything was wrong. */
int upload_hub_round(const struct upload_plan *plan, struct bench_report *r);

#endif
