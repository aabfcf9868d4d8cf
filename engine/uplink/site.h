/* SPDX-License-Identifier: Apache-2.0
 * The site information of a batch's head: facts of the host, read on a worker, and those that the
 * agent gives. */
#ifndef PLATEN_UPLINK_SITE_H
#define PLATEN_UPLINK_SITE_H

#include "proto/base/limits.h"
#include "proto/wire/envelope.h"

#include <stdbool.h>
#include <stdint.h>

struct site_facts {
	struct site_information info; /* its texts are the arrays, after site_link */
	char dns_name[LIMIT_TEXT + 1];
	char address[LIMIT_TEXT_SHORT + 1];
	char os[LIMIT_TEXT + 1];
	char cpu[LIMIT_TEXT + 1];
	char time_zone[LIMIT_TEXT_SHORT + 1];
	char utc_offset[8];
	char name[LIMIT_TEXT + 1];
	char rules[LIMIT_TEXT_SHORT + 1];
};

/* The agent's part of the facts. */
struct site_agent {
	const char *time_zone;
	int32_t utc_offset_s;
	const char *rules; /* version of the rules by which devices are recognised */
	uint32_t included; /* printers that are polled */
	uint32_t excluded; /* devices that are not */
};
void site_set_agent(struct site_facts *f, const struct site_agent *site);

/* The name of a site that has none: "agent-1a2b3c4d", after its id. */
void site_default_name(char dst[LIMIT_TEXT + 1], const uint8_t agent_id[AGENT_ID_BYTES]);

/* Fills in the values of this host. `dir` is the state directory. The DNS name is looked up if it
 * is not known yet, and not at all in corporate mode; with hub_host NULL nothing is looked up.
 * Blocks for the resolver's time: on a worker. */
void site_collect(struct site_facts *f, const char *dir, const char *hub_host, uint16_t hub_port,
	const uint8_t agent_id[AGENT_ID_BYTES], bool is_corporate);

/* Points the texts of `info` at the arrays. */
void site_link(struct site_facts *f);

/* Of what changes rarely: all but free space and sizes of stores. */
uint64_t site_digest(const struct site_facts *f, uint32_t policy_id);

#endif
