/* SPDX-License-Identifier: Apache-2.0
 * The keys of platen-hub. */
#include "engine/conf/table_internal.h"

#include "proto/base/limits.h"

static const struct conf_key hub_keys[] = {
	{.path = "state_dir",
		.type = CONF_PATH,
		AT(struct hub_conf, state_dir),
		.preset = "/var/lib/platen-hub",
		.help = "Where the archive, the accounts and the hub's key are kept. Made with "
			"mode "
			"0700 if it is missing."},
	{.path = "max_connections",
		.type = CONF_COUNT,
		AT(struct hub_conf, max_connections),
		.min = 1,
		.max = LIMIT_CONNS,
		.preset = "2000",
		.help = "Connections at once; further ones wait in the kernel."},
	{.path = "log.level",
		.type = CONF_WORD,
		AT(struct hub_conf, log_level),
		.words = conf_levels,
		.preset = "info",
		.help = "How much is logged to stderr."},
	{.path = "listen.address",
		.type = CONF_ADDRESS,
		AT(struct hub_conf, listen_address),
		.preset = "127.0.0.1",
		.help = "The numeric address to listen on; 0.0.0.0 or :: for all of this "
			"machine's."},
	{.path = "listen.port",
		.type = CONF_COUNT,
		AT(struct hub_conf, listen_port),
		.min = 0,
		.max = 65535,
		.preset = "8443",
		.help = "The TCP port; 0 lets the kernel choose."},
	{.path = "tls.cert_file",
		.type = CONF_FILE,
		AT(struct hub_conf, cert_file),
		.is_needed = true,
		.sample = "hub.pem",
		.help = "The hub's PEM certificate chain, its own certificate first."},
	{.path = "tls.key_file",
		.type = CONF_SECRET,
		AT(struct hub_conf, key_file),
		.is_needed = true,
		.sample = "hub.key",
		.help = "The PEM private key of that certificate. It must not be readable by "
			"others."},
};

const struct conf_table conf_hub_table = {
	.title = "platen-hub",
	.file = "/etc/platen/hub.yaml",
	.folder = "hub.conf.d",
	.keys = hub_keys,
	.count = COUNT_OF(hub_keys),
};

_Static_assert(COUNT_OF(hub_keys) <= CONF_KEYS_MAX, "conf_load has a mark for each key");
