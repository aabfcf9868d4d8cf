/* SPDX-License-Identifier: Apache-2.0
 * The keys of platen-hub. */
#include "engine/conf/table_internal.h"

#include "proto/base/limits.h"

static const struct conf_key threshold_keys[] = {
	KEY(struct conf_supply_threshold, low_percent, CONF_COUNT, "low_percent", .is_needed = true,
		.min = 0, .max = 99, .sample = "20",
		.help = "At this level or below, the supplies of this entry are low."),
	KEY(struct conf_supply_threshold, type, CONF_TEXT, "type", .min = 1,
		.max = LIMIT_TEXT_SHORT, .sample = "toner",
		.help = "The type of supply, as events and JSON name it: toner, toner_cartridge, "
			"ink_cartridge, opc, fuser ... Without it, every type."),
	KEY(struct conf_supply_threshold, site, CONF_TEXT, "site", .min = 1, .max = LIMIT_TEXT,
		.sample = "Lyon",
		.help = "The site, as the agent's `site` names it. Without it, every site."),
};

const struct conf_table conf_threshold_table = {
	.title = "supplies.thresholds",
	.item_bytes = sizeof(struct conf_supply_threshold),
	.keys = threshold_keys,
	.count = COUNT_OF(threshold_keys),
};

static const struct conf_word client_words[] = {{"required", 0}, {"optional", 1}, {NULL, 0}};

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
	KEY(struct hub_conf, client_ca_file, CONF_FILE, "tls.client_ca_file",
		.sample = "agents-ca.pem",
		.help = "PEM certificates of the authorities that issue client certificates. With "
			"it, agents show one (hub.cert_file there) in addition to user and "
			"password."),
	KEY(struct hub_conf, is_client_optional, CONF_WORD, "tls.client_certificates",
		.words = client_words, .preset = "required",
		.help = "With tls.client_ca_file: whether a client without a certificate is "
			"refused. One of another authority always is."),
	KEY(struct hub_conf, low_percent, CONF_COUNT, "supplies.low_percent", .min = 0, .max = 99,
		.preset = "10",
		.help = "At this level or below, a supply that no entry of supplies.thresholds "
			"names is low."),
	KEY(struct hub_conf, thresholds, CONF_LIST, "supplies.thresholds",
		.items = &conf_threshold_table, .max = LIMIT_SUPPLY_THRESHOLDS,
		.help = "When supplies of a type, or of a site, are low. An entry with both counts "
			"before one of the site, that before one of the type; among equals the "
			"first."),
};

const struct conf_table conf_hub_table = {
	.title = "platen-hub",
	.file = "/etc/platen/hub.yaml",
	.folder = "hub.conf.d",
	.keys = hub_keys,
	.count = COUNT_OF(hub_keys),
};

_Static_assert(COUNT_OF(hub_keys) <= CONF_KEYS_MAX, "conf_load has a mark for each key");
