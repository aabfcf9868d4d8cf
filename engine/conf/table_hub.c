/* SPDX-License-Identifier: Apache-2.0
 * The keys of platen-hub. */
#include "engine/conf/table_internal.h"

#include "proto/base/limits.h"

static const struct conf_key hub_keys[] = {
	KEY(struct hub_conf, state_dir, CONF_PATH, "state_dir", .preset = "/var/lib/platen-hub",
		.help = "Where the archive, the accounts and the hub's key are kept. Made with "
			"mode 0700 if it is missing."),
	KEY(struct hub_conf, max_connections, CONF_COUNT, "max_connections", .min = 1,
		.max = LIMIT_CONNS, .preset = "2000",
		.help = "Concurrent connections; further ones wait in the kernel."),
	KEY(struct hub_conf, log_level, CONF_WORD, "log.level", .words = conf_levels,
		.preset = "info", .help = "How much is logged to stderr."),
	KEY(struct hub_conf, listen_address, CONF_ADDRESS, "listen.address", .preset = "127.0.0.1",
		.help = "The numeric address to listen on; 0.0.0.0 or :: for all of this "
			"machine's."),
	KEY(struct hub_conf, listen_port, CONF_COUNT, "listen.port", .min = 0, .max = 65535,
		.preset = "8443", .help = "The TCP port; 0 lets the kernel choose."),
	KEY(struct hub_conf, cert_file, CONF_FILE, "tls.cert_file", .is_needed = true,
		.sample = "hub.pem",
		.help = "The hub's PEM certificate chain, its own certificate first."),
	KEY(struct hub_conf, key_file, CONF_SECRET, "tls.key_file", .is_needed = true,
		.sample = "hub.key", .help = "The PEM key of that certificate, a private file."),
};

const struct conf_table conf_hub_table = {
	.title = "platen-hub",
	.file = "/etc/platen/hub.yaml",
	.folder = "hub.conf.d",
	.keys = hub_keys,
	.count = COUNT_OF(hub_keys),
};

_Static_assert(COUNT_OF(hub_keys) <= CONF_KEYS_MAX, "conf_load has a mark for each key");
