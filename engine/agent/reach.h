/* SPDX-License-Identifier: Apache-2.0
 * Reachability from this host: one TCP connection, TLS or HTTP request, or the addresses of one
 * target by SNMP. Each call runs the loop until its result is there. For verbs. */
#ifndef PLATEN_AGENT_REACH_H
#define PLATEN_AGENT_REACH_H

#include "engine/conf/conf.h"
#include "engine/conf/range.h"
#include "engine/loop/conn.h"
#include "engine/loop/loop.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Deadlines of the loop that these calls need. */
enum { REACH_DEADLINES = 1024 };

/* ---- TCP ---- */

struct reach_tcp {
	int err; /* 0: connected; with a request: a response came */
	char why[LIMIT_WHY];
	bool is_open; /* also if the request failed */
	char peer[LIMIT_ADDRESS];
	uint32_t took_ms;
	int http_status;
	uint64_t date_ms; /* of the response; 0: none */
};

/* Connects and closes; `tls` may be NULL, then not a byte is written. */
void reach_tcp(struct reach_tcp *ret, struct loop *l, const char *host, uint16_t port,
	const struct tls *tls, uint64_t wait_ms);

/* To the hub, through its proxy if there is one, then an empty batch of the account: a hub that
 * accepts the account refuses the batch (400), one that does not says 401 or 403. Nothing of a
 * printer is sent. */
void reach_hub(struct reach_tcp *ret, struct loop *l, const struct agent_conf *conf,
	const struct tls *tls, uint64_t wait_ms);

/* ---- SNMP ---- */

/* Addresses of one target that are tried, evenly over all of it. */
enum { REACH_SAMPLE = 256 };

struct reach_snmp {
	uint64_t addresses, denied; /* of the target */
	uint16_t port;              /* of its first address; 0: it has none */
	bool has_more_ports;        /* others of its addresses have another one */
	size_t tried;
	bool has_response;
	union address responder; /* the first one, if has_response */
	uint8_t version;
	int err;             /* without a response: the most telling error; 0: nothing was tried */
	char why[LIMIT_WHY]; /* the target itself is wrong: a name, a CSV file */
};

/* The addresses and ports of a target; nothing is sent. */
void reach_snmp_count(
	struct reach_snmp *ret, const struct agent_conf *conf, const struct conf_target *target);

/* One GET of sysDescr for each address, until one responds or `wait_ms` has passed. */
void reach_snmp_target(struct reach_snmp *ret, struct loop *l, const struct agent_conf *conf,
	const struct conf_target *target, uint64_t wait_ms);

#endif
