/* SPDX-License-Identifier: Apache-2.0
 * `platen discover`: a scan (fleet/scan.h) on a loop of its own, what came of it as a table, as
 * JSON and as CSV. */
#ifndef PLATEN_AGENT_DISCOVER_H
#define PLATEN_AGENT_DISCOVER_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "engine/fleet/scan.h"

#include <stddef.h>
#include <stdint.h>

struct agent_discover_options {
	const struct agent_conf *conf; /* NULL: none */
	const char *const *ranges;     /* none: discovery.targets */
	size_t range_count;
	const char *mdns;      /* NULL: no; "": ask the group; else ask this address */
	const char *import;    /* a CSV file with addresses, or NULL */
	const char *community; /* shown besides snmp.credentials; NULL: public if there are none */
	uint16_t port;
	uint32_t per_s;
	uint64_t wait_ms;
	unsigned tries;
	unsigned rounds; /* 0: as needed */
	bool allows_v1, is_tcp, is_json;
	bool keeps_doubles;  /* each address of a device for itself */
	const char *explain; /* NULL: no; "": every address that answered; else this address */
	const char *csv;     /* write what was found there, or NULL */
	const char *models;
};

/* 0, also if nothing was found; ERR_STOPPED after SIGINT, with what was found until then; else an
 * error after one line on stderr. */
int agent_discover(const struct agent_discover_options *o) MUST_USE;

/* ---- between agent_discover.c, agent_discover_ranges.c and agent_discover_show.c ---- */

struct agent_ranges {
	struct scan_range *list;
	size_t count, cap;
};

/* Reads all sources; the caller frees ->list. 0, or an error after one line on stderr. */
int agent_discover_ranges(struct agent_ranges *r, const struct agent_discover_options *o) MUST_USE;

/* One more address. 0 or -ENOMEM. */
int agent_discover_add(struct agent_ranges *r, const struct conf_range *addresses, uint16_t port,
	bool allows_v1) MUST_USE;

/* Everything on stdout, and the CSV file. 0, -EIO, -ENOMEM, ERR_FULL. */
int agent_discover_show(const struct scan *s, const struct agent_discover_options *o) MUST_USE;

#endif
