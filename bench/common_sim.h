/* SPDX-License-Identifier: Apache-2.0
 * platen-sim as a child of a benchmark. */
#ifndef PLATEN_BENCH_COMMON_SIM_H
#define PLATEN_BENCH_COMMON_SIM_H

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct bench_sim {
	struct in_addr first; /* the others follow */
	uint16_t port;
	pid_t pid;
	FILE *out;
	char err_path[64];
	/* After bench_sim_stop. */
	long long drops;    /* lost by the simulator's sockets, which makes the figures invalid; -1:
			       unknown */
	long long requests; /* -1: unknown */
	double cpu_s;
	char stats[4096]; /* its last line */
};

/* The program beside this one. */
const char *bench_sim_path(void);

/* argv[0] is its path. -1 after a message. */
int bench_sim_start(struct bench_sim *sim, const char *bench, const char *const *argv);
void bench_sim_stop(struct bench_sim *sim);

#endif
