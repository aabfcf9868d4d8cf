/* SPDX-License-Identifier: Apache-2.0
 * The agent's host: its identifiers, and the facts of it that leave. */
#ifndef PLATEN_AGENT_HOST_H
#define PLATEN_AGENT_HOST_H

#include "engine/conf/conf.h"
#include "engine/uplink/site.h"
#include "proto/wire/policy.h"

/* The policy of the configuration, in corporate mode with the identifiers of the host. */
void agent_make_policy(struct policy *p, const struct agent_conf *conf);

/* The site information that a sync of this moment would send, without the counts of devices and
 * without what would have to be looked up: the DNS name and the source address. */
void host_site(struct site_facts *f, const struct agent_conf *conf, const uint8_t agent_id[16],
	uint64_t wall_ms);

#endif
