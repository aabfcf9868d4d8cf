/* SPDX-License-Identifier: Apache-2.0
 * The agent's host: its identifiers, and the facts of it that leave. */
#ifndef PLATEN_AGENT_HOST_H
#define PLATEN_AGENT_HOST_H

#include "engine/conf/conf.h"
#include "engine/uplink/site.h"
#include "proto/wire/policy.h"

/* The policy of the configuration, in corporate mode with the identifiers of the host. */
void agent_make_policy(struct policy *p, const struct agent_conf *conf);

/* The site information that a sync of this moment would send, with the counts of devices and the
 * rules in `of_agent`. Looks up the names of this host and of the hub, unless nothing is sent. */
void host_site(struct site_facts *f, const struct agent_conf *conf, const struct batch_head *head,
	const struct site_information *of_agent);

#endif
