/* SPDX-License-Identifier: Apache-2.0
 * The two processes of bench/uploads: the server (uploads_server.c) is the stack of the hub,
 * listen, tls and http1, without the hub's own work; the client (uploads_client.c) is the same
 * stack's other side. Each body is a window of a common pattern; the answer is its CRC32C, which
 * the client checks. */
#ifndef PLATEN_BENCH_UPLOADS_H
#define PLATEN_BENCH_UPLOADS_H

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

struct upload_result {
	struct upload_phase full; /* handshakes */
	struct upload_phase posts;
	struct upload_phase resumed; /* handshakes */
	size_t server_start_kib;
	size_t server_peak_kib;
	double *post_s; /* how long each post took */
	size_t post_count;
	size_t wrong;  /* answers that were not the right one, connections that failed */
	char why[256]; /* the first of them */
};

/* 0, or an error when nothing could be measured. */
int upload_run(
	const struct upload_plan *plan, uint16_t port, pid_t server, struct upload_result *ret);

uint8_t *upload_pattern(size_t body_bytes);

#endif
