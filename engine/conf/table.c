/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/table.h"

#include "engine/conf/conf.h"
#include "engine/core/limits.h"
#include "engine/core/log.h"
#include "proto/reading_merge.h"
#include "proto/snmpmsg.h"

#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define AT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)

static const struct conf_word levels[] = {{"error", LOG_ERROR}, {"warn", LOG_WARN},
	{"info", LOG_INFO}, {"debug", LOG_DEBUG}, {NULL, 0}};

static const struct conf_word versions[] = {{"1", SNMP_V1}, {"2c", SNMP_V2C}, {NULL, 0}};

static const struct conf_word ipp_modes[] = {
	{"off", IPP_MODE_OFF}, {"auto", IPP_MODE_AUTO}, {"always", IPP_MODE_ALWAYS}, {NULL, 0}};

static const struct conf_key target_keys[] = {
	{.path = "range",
		.type = CONF_RANGE,
		AT(struct conf_target, range),
		.sample = "10.1.4.0/24",
		.help = "Which addresses: one (10.1.4.7, 2001:db8::7), a network (10.1.4.0/24, "
			"2001:db8::/120) or first-last (10.1.4.10-10.1.4.99). The first and last "
			"address "
			"of an IPv4 network are left out. Give either range or csv."},
	{.path = "csv",
		.type = CONF_FILE,
		AT(struct conf_target, csv),
		.sample = "printers.csv",
		.help = "A CSV file (RFC 4180) with a header row that names its columns in any "
			"order: "
			"address, and if wanted port, version, community. Empty cells take the "
			"values "
			"given here."},
	{.path = "port",
		.type = CONF_COUNT,
		AT(struct conf_target, port),
		.min = 1,
		.max = 65535,
		.preset = "161",
		.help = "The UDP port of these printers' SNMP agents."},
	{.path = "version",
		.type = CONF_WORD,
		AT(struct conf_target, version),
		.words = versions,
		.preset = "2c",
		.help = "The SNMP version to speak."},
	{.path = "community",
		.type = CONF_TEXT,
		AT(struct conf_target, community),
		.is_private = true,
		.min = 1,
		.max = LIMIT_COMMUNITY,
		.preset = "public",
		.help = "The community string for reading."},
	{.path = "community_file",
		.type = CONF_SECRET,
		AT(struct conf_target, community_file),
		.sample = "community",
		.help = "A file with the community string, instead of community. It must not be "
			"readable by others."},
	{.path = "ipp",
		.type = CONF_WORD,
		AT(struct conf_target, ipp_mode),
		.words = ipp_modes,
		.sample = "always",
		.help = "Whether these printers are asked by IPP too: as devices.ipp, unless "
			"given."},
	{.path = "ipp_port",
		.type = CONF_COUNT,
		AT(struct conf_target, ipp_port),
		.min = 1,
		.max = 65535,
		.sample = "631",
		.help = "Their TCP port for IPP: as devices.ipp_port, unless given."},
};

static const struct conf_table target_table = {
	.title = "devices.targets",
	.item_bytes = sizeof(struct conf_target),
	.keys = target_keys,
	.count = COUNT_OF(target_keys),
};

static const struct conf_key agent_keys[] = {
	{.path = "state_dir",
		.type = CONF_PATH,
		AT(struct agent_conf, state_dir),
		.preset = "/var/lib/platen",
		.help = "Where the spool, the keys and the status are kept. Made with mode 0700 if "
			"it "
			"is missing."},
	{.path = "site",
		.type = CONF_TEXT,
		AT(struct agent_conf, site),
		.min = 1,
		.max = LIMIT_TEXT,
		.sample = "Lyon",
		.help = "The name of this site, as the hub shows it."},
	{.path = "log.level",
		.type = CONF_WORD,
		AT(struct agent_conf, log_level),
		.words = levels,
		.preset = "info",
		.help = "How much is logged to stderr."},
	{.path = "devices.max",
		.type = CONF_COUNT,
		AT(struct agent_conf, devices_max),
		.min = 1,
		.max = LIMIT_DEVICES_MAX,
		.preset = TEXT_OF(LIMIT_DEVICES),
		.help = "The most printers that are read. Further ones are counted and reported, "
			"never read. Memory at start is computed from it."},
	{.path = "devices.interval",
		.type = CONF_DURATION,
		AT(struct agent_conf, poll_interval_ms),
		.min = 1000,
		.max = 7 * 86400000ull,
		.preset = "1h",
		.help = "Each printer is read once in this time."},
	{.path = "devices.ipp",
		.type = CONF_WORD,
		AT(struct agent_conf, ipp_mode),
		.words = ipp_modes,
		.preset = "auto",
		.help = "IPP as the second source. auto: a printer that answered by SNMP is asked "
			"by IPP too if it told no serial number, no model or no counters, or not "
			"how much toner or ink is left; if that is of no use, not again for a day. "
			"always: in each visit, also if SNMP is silent. No name and no password is "
			"ever sent to a printer."},
	{.path = "devices.ipp_port",
		.type = CONF_COUNT,
		AT(struct agent_conf, ipp_port),
		.min = 1,
		.max = 65535,
		.preset = "631",
		.help = "The printers' TCP port for IPP, with or without TLS."},
	{.path = "devices.models",
		.type = CONF_PATH,
		AT(struct agent_conf, models_dir),
		.sample = "models",
		.help = "A folder with model files (docs/models.md): every *.yaml in it is read at "
			"start, beside those that are built in. A family that is there already is "
			"replaced. Nobody but this user and root may be able to write them."},
	{.path = "devices.targets",
		.type = CONF_LIST,
		AT(struct agent_conf, targets),
		.items = &target_table,
		.max = LIMIT_CONF_TARGETS,
		.help = "The printers to read: a list of ranges and CSV files."},
	{.path = "snmp.window",
		.type = CONF_COUNT,
		AT(struct agent_conf, snmp_window),
		.min = 1,
		.max = LIMIT_SNMP_IN_FLIGHT,
		.preset = "2048",
		.help = "Questions under way at once, over all printers. One printer is never "
			"asked "
			"more than one at a time."},
	{.path = "snmp.timeout",
		.type = CONF_DURATION,
		AT(struct agent_conf, snmp_timeout_ms),
		.min = 100,
		.max = 120000,
		.preset = "5s",
		.help = "How long one question may take, with all its resends."},
	{.path = "snmp.tries",
		.type = CONF_COUNT,
		AT(struct agent_conf, snmp_tries),
		.min = 1,
		.max = LIMIT_SNMP_TRIES,
		.preset = "5",
		.help = "How often one question is sent within its timeout, the first time "
			"included."},
	{.path = "hub.url",
		.type = CONF_URL,
		AT(struct agent_conf, hub_url),
		.sample = "https://hub.example.com/",
		.help = "The hub that readings are sent to. Without it nothing is ever sent. Only "
			"https; the port is 443 unless given."},
	{.path = "hub.user",
		.type = CONF_TEXT,
		AT(struct agent_conf, hub_user),
		.min = 1,
		.max = LIMIT_USER,
		.sample = "agent-lyon",
		.help = "The name of this agent's account at the hub. Needed with hub.url."},
	{.path = "hub.password_file",
		.type = CONF_SECRET,
		AT(struct agent_conf, hub_password_file),
		.sample = "hub.password",
		.help = "A file with the account's password in its first line. It must not be "
			"readable by others. Needed with hub.url."},
	{.path = "hub.ca_file",
		.type = CONF_FILE,
		AT(struct agent_conf, ca_file),
		.sample = "ca.pem",
		.help = "PEM certificates that the hub's must lead to, instead of the system's "
			"store."},
	{.path = "hub.crl_file",
		.type = CONF_FILE,
		AT(struct agent_conf, crl_file),
		.sample = "crl.pem",
		.help = "A PEM revocation list that the hub's certificate is checked against."},
	{.path = "sync.interval",
		.type = CONF_DURATION,
		AT(struct agent_conf, sync_interval_ms),
		.min = 1000,
		.max = 31 * 86400000ull,
		.preset = "24h",
		.help = "How often readings are sent to the hub."},
	{.path = "spool.max_bytes",
		.type = CONF_SIZE,
		AT(struct agent_conf, spool_max_bytes),
		.min = 1u << 20,
		.max = 1ull << 40,
		.preset = "256MiB",
		.help = "The most that readings may take on disk while the hub is away. When it is "
			"full, reading pauses; nothing that was kept is lost."},
	{.path = "spool.linger",
		.type = CONF_DURATION,
		AT(struct agent_conf, spool_linger_ms),
		.min = 0,
		.max = 10000,
		.preset = "50ms",
		.help = "How long a reading may wait for others before it is written to disk, so "
			"that "
			"one fsync serves many."},
};

const struct conf_table conf_agent_table = {
	.title = "platen",
	.file = "/etc/platen/platen.yaml",
	.keys = agent_keys,
	.count = COUNT_OF(agent_keys),
};

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
		.words = levels,
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
	.keys = hub_keys,
	.count = COUNT_OF(hub_keys),
};

_Static_assert(COUNT_OF(target_keys) <= 32, "conf_item.given has 32 bits");

int conf_table_find(const struct conf_table *t, const char *path)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->keys[i].path, path) == 0)
			return (int)i;
	}
	return -1;
}
