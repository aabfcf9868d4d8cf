/* SPDX-License-Identifier: Apache-2.0
 * The section `hub` of a configuration as options of TLS and of the uplink. */
#include "engine/agent/hub_options.h"

struct tls_client_options agent_tls_options(const struct agent_conf *c)
{
	_Static_assert(sizeof c->hub_pins.pin[0] == TLS_PIN_BYTES, "the same digests");
	return (struct tls_client_options){.ca_file = c->ca_file,
		.crl_file = c->crl_file,
		.pins = c->hub_pins.pin,
		.pin_count = c->hub_pins.count,
		.cert_file = c->cert_file,
		.key_file = c->key_file};
}

struct uplink_hub agent_hub_options(const struct agent_conf *c)
{
	struct uplink_hub hub = {.host = c->hub_host,
		.port = c->hub_port,
		.path = c->hub_path,
		.user = c->hub_user,
		.password = c->hub_password.bytes};
	if (c->proxy_host != NULL)
		hub.proxy = (struct conn_proxy){.host = c->proxy_host,
			.port = c->proxy_port,
			.user = c->proxy_user,
			.password = c->proxy_password.bytes};
	return hub;
}

struct hub_hop agent_first_hop(const struct agent_conf *c)
{
	if (c->proxy_host != NULL)
		return (struct hub_hop){"hub.proxy", c->proxy_host, c->proxy_port};
	return (struct hub_hop){"hub.url", c->hub_host, c->hub_port};
}
