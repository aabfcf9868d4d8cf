/* SPDX-License-Identifier: Apache-2.0
 * The section `hub` of a configuration as options of TLS and of the uplink, which point into it. */
#ifndef PLATEN_AGENT_HUB_OPTIONS_H
#define PLATEN_AGENT_HUB_OPTIONS_H

#include "engine/conf/conf.h"
#include "engine/loop/tls.h"
#include "engine/uplink/uplink.h"

struct tls_client_options agent_tls_options(const struct agent_conf *c);
struct uplink_hub agent_hub_options(const struct agent_conf *c);

/* The first host on the way to the hub: the proxy, or the hub itself. */
struct hub_hop {
	const char *key; /* that names it: "hub.proxy", "hub.url" */
	const char *host;
	uint16_t port;
};
struct hub_hop agent_first_hop(const struct agent_conf *c);

#endif
