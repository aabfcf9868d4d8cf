/* SPDX-License-Identifier: Apache-2.0
 * Shared by the parts of bench/sweep: the fleet to poll and one round's figures. */
#ifndef PLATEN_BENCH_SWEEP_H
#define PLATEN_BENCH_SWEEP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sweep_target {
	struct in_addr first; /* printers have consecutive addresses */
	uint16_t port;
	size_t printers;
	size_t window;
	unsigned varbinds; /* aimed at in one response */
	unsigned pairs;    /* raw: per printer */
	bool is_v3;        /* polled with the user of sweep_v3 instead of "public" */
};

struct sweep_round {
	double wall_s;
	double cpu_s;
	double healthy_wall_s; /* until the last printer that responded was done */
	uint64_t pairs;        /* requests with a response */
	uint64_t varbinds;
	uint64_t sent; /* datagrams out, resends included */
	uint64_t resent;
	uint64_t strays;
	uint64_t complete;
	uint64_t partial;
	uint64_t silent;
	uint64_t wrong; /* responses not from the printer polled, or with another value */
	uint64_t packed_bytes;
	uint64_t max_datagrams; /* of one printer */
};

/* The engine's own code: fleet/poll over loop/snmp_client, folded and packed. Devices keep what
 * they learned from one round to the next. */
struct sweep_engine;
/* USER:auth:password:priv:password, in the format of platen-sim. */
extern const char sweep_v3[];

int sweep_engine_open(struct sweep_engine **ret, const struct sweep_target *t);
/* Printers whose number is on `skip` (may be NULL) are left out. */
int sweep_engine_round(struct sweep_engine *e, const bool *skip, struct sweep_round *ret);
bool sweep_engine_was_silent(const struct sweep_engine *e, size_t printer);
void sweep_engine_close(struct sweep_engine *e);

/* The limit: canned requests by sendmmsg, responses by recvmmsg and only counted. */
int sweep_raw_round(const struct sweep_target *t, struct sweep_round *ret);

#endif
