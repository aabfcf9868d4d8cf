/* SPDX-License-Identifier: Apache-2.0
 * The parts of `platen discover`: where to look, the scan (verb_discover.c), and what is printed.
 */
#ifndef PLATEN_AGENT_DISCOVER_H
#define PLATEN_AGENT_DISCOVER_H

#include "engine/cli/cli.h"
#include "engine/conf/conf.h"
#include "engine/fleet/scan.h"

#include <stdio.h>

struct discover_options {
	const struct cli *cli;
	const struct agent_conf *conf; /* NULL: none */
	const char *mdns;              /* NULL: no; "": the group; else this address */
	const char *community; /* besides snmp.credentials; NULL: public if there are none */
	uint16_t port;
	uint32_t per_s;
	unsigned tries;
	unsigned rounds; /* 0: as needed */
	bool allows_v1, is_tcp;
	FILE *csv; /* new and empty; NULL: none is wanted */
};

struct discover_ranges {
	struct scan_range *list;
	size_t count, cap;
};

/* Reads the RANGEs, --import and discovery.targets; the caller frees ->list. 0, or an error after
 * one line on stderr. */
int discover_read_ranges(struct discover_ranges *r, const struct discover_options *o) MUST_USE;

/* Adds addresses. 0 or -ENOMEM. */
int discover_add_range(struct discover_ranges *r, const struct conf_range *addresses, uint16_t port,
	bool allows_v1) MUST_USE;

/* Prints everything on stdout and into the CSV file. 0, -EIO, -ENOMEM, ERR_FULL. */
int discover_print(const struct scan *s, const struct discover_options *o) MUST_USE;

#endif
