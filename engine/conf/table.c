/* SPDX-License-Identifier: Apache-2.0
 * The keys of platen. */
#include "engine/conf/table.h"

#include "engine/conf/table_internal.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/reading/reading_merge.h"

#include <string.h>

const struct conf_word conf_levels[] = {{"error", LOG_ERROR}, {"warn", LOG_WARN},
	{"info", LOG_INFO}, {"debug", LOG_DEBUG}, {NULL, 0}};

const struct conf_word conf_switch[] = {{"off", 0}, {"on", 1}, {NULL, 0}};

const struct conf_word conf_ipp_modes[] = {
	{"off", IPP_MODE_OFF}, {"auto", IPP_MODE_AUTO}, {"always", IPP_MODE_ALWAYS}, {NULL, 0}};

static const struct conf_word engine_changes[] = {
	{"warn", CONF_ENGINE_WARN}, {"refuse", CONF_ENGINE_REFUSE}, {NULL, 0}};

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
	{.path = "fips",
		.type = CONF_WORD,
		AT(struct agent_conf, is_fips),
		.words = conf_switch,
		.preset = "off",
		.help = "on: approved algorithms only; bring the validated module. SNMPv1, "
			"SNMPv2c, "
			"MD5, DES and SNMPv3 without authentication are refused at start, with "
			"their line here; OpenSSL's FIPS provider is used if there is one, and "
			"the log says so; readings are signed with ECDSA P-256."},
	{.path = "secrets.allow_env",
		.type = CONF_WORD,
		AT(struct agent_conf, allows_env),
		.words = conf_switch,
		.preset = "off",
		.help = "Whether secrets may come from the environment (the keys that end with "
			"_env). "
			"Every process of the same user, and every child, can read the "
			"environment: "
			"a private file or a systemd credential is better."},
	{.path = "log.level",
		.type = CONF_WORD,
		AT(struct agent_conf, log_level),
		.words = conf_levels,
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
		.words = conf_ipp_modes,
		.preset = "auto",
		.help = "IPP as the second source. auto: a printer that answered by SNMP is asked "
			"by IPP too if it told no serial number, no model or no counters, or not "
			"how much toner or ink is left; if that is of no use, not again for a day. "
			"always: in each poll, also if SNMP is silent. No name and no password is "
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
		.items = &conf_target_table,
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
	{.path = "snmp.min_interval",
		.type = CONF_DURATION,
		AT(struct agent_conf, snmp_min_interval_ms),
		.min = 0,
		.max = 60000,
		.preset = "0",
		.help = "The least time between an answer of a printer and the next question to "
			"it. 0: none."},
	{.path = "snmp.subnet_rate",
		.type = CONF_COUNT,
		AT(struct agent_conf, snmp_subnet_rate),
		.min = 0,
		.max = 100000,
		.preset = "2000",
		.help = "The most packets a second to one subnet (an IPv4 /24, an IPv6 /64). 0: as "
			"many as the answers allow."},
	{.path = "snmp.engine_change",
		.type = CONF_WORD,
		AT(struct agent_conf, snmp_engine_change),
		.words = engine_changes,
		.preset = "warn",
		.help = "What happens if a printer answers with another SNMPv3 engineID than "
			"before: a new main board, another printer at its address, or somebody in "
			"between. warn: it is logged, and the new engine is asked. refuse: it is "
			"logged, and the printer is not read until this is warn again."},
	{.path = "snmp.credentials",
		.type = CONF_LIST,
		AT(struct agent_conf, credentials),
		.items = &conf_credential_table,
		.max = LIMIT_CONF_CREDENTIALS,
		.help = "Communities and SNMPv3 users by name, for devices.targets and for "
			"discovery, which tries them in this order."},
	{.path = "access.allow",
		.type = CONF_NETS,
		AT(struct agent_conf, access_allow),
		.sample = "10.0.0.0/8, 2001:db8::/32",
		.help = "The only networks that packets are sent to: by SNMP, IPP or discovery. "
			"Without it, all that is named in targets."},
	{.path = "access.deny",
		.type = CONF_NETS,
		AT(struct agent_conf, access_deny),
		.sample = "10.66.0.0/16, 10.1.4.250",
		.help = "Networks and addresses that never get a packet, also if access.allow or a "
			"target holds them."},
	{.path = "discovery.interval",
		.type = CONF_DURATION,
		AT(struct agent_conf, discovery_interval_ms),
		.min = 0,
		.max = 31 * 86400000ull,
		.preset = "0",
		.help = "How often discovery.targets is looked through by the running agent, with "
			"the "
			"credentials of snmp.credentials; SIGHUP begins a run at once. 0: only by "
			"`platen discover`."},
	{.path = "discovery.rate",
		.type = CONF_COUNT,
		AT(struct agent_conf, discovery_rate),
		.min = 1,
		.max = LIMIT_SCAN_RATE,
		.preset = "500",
		.help = "Packets a second that discovery sends."},
	{.path = "discovery.tries",
		.type = CONF_COUNT,
		AT(struct agent_conf, discovery_tries),
		.min = 1,
		.max = LIMIT_SCAN_TRIES,
		.preset = "3",
		.help = "The most credentials that are tried at one address, in their order and "
			"within their subnets. The one that works is tried first from then on; a "
			"printer "
			"that none opens is tried again after a day or a SIGHUP."},
	{.path = "discovery.rounds",
		.type = CONF_COUNT,
		AT(struct agent_conf, discovery_rounds),
		.min = 0,
		.max = LIMIT_SCAN_ROUNDS,
		.preset = "0",
		.help = "How often silent addresses are asked in a run. 0: as needed, that is "
			"twice "
			"where it takes no more than 10 s, and up to 4 times where so much is lost "
			"that printers were likely missed."},
	{.path = "discovery.adopt",
		.type = CONF_WORD,
		AT(struct agent_conf, discovery_adopt),
		.words = conf_switch,
		.preset = "on",
		.help = "Whether printers that were found are read from then on."},
	{.path = "discovery.tcp",
		.type = CONF_WORD,
		AT(struct agent_conf, discovery_tcp),
		.words = conf_switch,
		.preset = "off",
		.help = "Whether the printing ports 515, 9100, 2000, 2105, 631, 80 and 443 of what "
			"answered are connected to and closed again, with nothing written to them. "
			"What SNMP does not tell is then asked by IPP, where 631 is open; also "
			"where SNMP "
			"is refused, or silent at no more than 1024 addresses."},
	{.path = "discovery.mdns",
		.type = CONF_WORD,
		AT(struct agent_conf, discovery_mdns),
		.words = conf_switch,
		.preset = "off",
		.help = "Whether printers on this machine's own links are asked for by multicast "
			"DNS as well."},
	{.path = "discovery.targets",
		.type = CONF_LIST,
		AT(struct agent_conf, discovery_targets),
		.items = &conf_discovery_table,
		.max = LIMIT_CONF_TARGETS,
		.help = "Where printers are looked for: a list of ranges."},
	{.path = "discovery.include",
		.type = CONF_LIST,
		AT(struct agent_conf, discovery_include),
		.items = &conf_include_table,
		.max = LIMIT_CONF_RULES,
		.help = "Of what was found, only printers that one of these rules fits are taken. "
			"Without it, all."},
	{.path = "discovery.exclude",
		.type = CONF_LIST,
		AT(struct agent_conf, discovery_exclude),
		.items = &conf_exclude_table,
		.max = LIMIT_CONF_RULES,
		.help = "Printers that one of these rules fits are not taken, also if one of "
			"discovery.include fits."},
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
	{.path = "hub.password_env",
		.type = CONF_ENV,
		AT(struct agent_conf, hub_password_file),
		.sample = "PLATEN_HUB_PASSWORD",
		.help = "An environment variable with it, instead of hub.password_file; needs "
			"secrets.allow_env."},
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
	.folder = "conf.d",
	.keys = agent_keys,
	.count = COUNT_OF(agent_keys),
};

_Static_assert(COUNT_OF(agent_keys) <= CONF_KEYS_MAX, "conf_load has a mark for each key");

int conf_table_find(const struct conf_table *t, const char *path)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->keys[i].path, path) == 0)
			return (int)i;
	}
	return -1;
}
