/* SPDX-License-Identifier: Apache-2.0
 * The keys of platen. */
#include "engine/conf/table.h"

#include "engine/conf/table_internal.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/model/kind.h"
#include "proto/reading/reading_merge.h"

#include <string.h>

const struct conf_word conf_levels[] = {{"error", LOG_ERROR}, {"warn", LOG_WARN},
	{"info", LOG_INFO}, {"debug", LOG_DEBUG}, {NULL, 0}};

static const struct conf_word no_duration[] = {{"off", 0}, {NULL, 0}};
const struct conf_word conf_switch[] = {{"off", 0}, {"on", 1}, {NULL, 0}};

const struct conf_word conf_ipp_modes[] = {
	{"off", IPP_MODE_OFF}, {"auto", IPP_MODE_AUTO}, {"always", IPP_MODE_ALWAYS}, {NULL, 0}};

static const struct conf_word meter_rhythms[] = {{"daily", 0}, {"hourly", 1}, {NULL, 0}};

static const struct conf_word engine_changes[] = {
	{"warn", CONF_ENGINE_WARN}, {"refuse", CONF_ENGINE_REFUSE}, {NULL, 0}};

static const struct conf_word accept_kinds[] = {{"print-queues", KIND_QUEUES},
	{"computer", KIND_COMPUTER}, {"network", KIND_NETWORK}, {"storage", KIND_STORAGE},
	{"power", KIND_POWER}, {"phone", KIND_PHONE}, {"camera", KIND_CAMERA},
	{"other", KIND_OTHER}, {NULL, 0}};

static const struct conf_key agent_keys[] = {
	KEY(struct agent_conf, state_dir, CONF_PATH, "state_dir", .preset = "/var/lib/platen",
		.help = "Where the spool, the keys and the status are kept. Made with mode 0700 if "
			"it is missing."),
	KEY(struct agent_conf, site, CONF_TEXT, "site", .min = 1, .max = LIMIT_TEXT,
		.sample = "Lyon", .help = "The name of this site, as the hub shows it."),
	KEY(struct agent_conf, sends, CONF_WORD, "send", .words = conf_switch, .preset = "on",
		.help = "off: nothing leaves. No packet goes to the hub, and its name is not "
			"looked "
			"up; readings stay in the spool until it is on again. SIGHUP makes a "
			"change effective."),
	KEY(struct agent_conf, is_fips, CONF_WORD, "fips", .words = conf_switch, .preset = "off",
		.help = "on: approved algorithms only; bring the validated module. "
			"SNMPv1, SNMPv2c, MD5, DES and SNMPv3 without authentication are refused "
			"at start, with their line; OpenSSL's FIPS provider is used if it is "
			"installed, and the log says so; readings are signed with ECDSA P-256."),
	KEY(struct agent_conf, allows_env, CONF_WORD, "secrets.allow_env", .words = conf_switch,
		.preset = "off",
		.help = "Whether secrets may come from the environment (the keys that end with "
			"_env). Every process of the same user, and every child, can read the "
			"environment: a private file or a systemd credential is better."),
	KEY(struct agent_conf, log_level, CONF_WORD, "log.level", .words = conf_levels,
		.preset = "info", .help = "How much is logged to stderr."),
	KEY(struct agent_conf, devices_max, CONF_COUNT, "devices.max", .min = 1,
		.max = LIMIT_DEVICES_MAX, .preset = TEXT_OF(LIMIT_DEVICES),
		.help = "The maximum of printers that are polled. Further ones are counted and "
			"reported, never polled. Memory at start is computed from it."),
	KEY(struct agent_conf, poll_interval_ms, CONF_DURATION, "devices.interval", .min = 1000,
		.max = 7 * 86400000ull, .preset = "1h",
		.help = "Each printer is polled once in this time."),
	KEY(struct agent_conf, ipp_mode, CONF_WORD, "devices.ipp", .words = conf_ipp_modes,
		.preset = "auto",
		.help = "IPP as the second source. auto: a printer that responds to SNMP gets an "
			"IPP request too if SNMP yields no serial number, no model, no counters, "
			"or no supply levels; if IPP yields none of them either, it is not tried "
			"again for a day. always: in each poll, also without an SNMP response. No "
			"user name and no password is ever sent to a printer."),
	KEY(struct agent_conf, ipp_port, CONF_COUNT, "devices.ipp_port", .min = 1, .max = 65535,
		.preset = "631", .help = "The printers' TCP port for IPP, with or without TLS."),
	KEY(struct agent_conf, models_dir, CONF_PATH, "devices.models", .sample = "models",
		.help = "A folder with model files (docs/models.md): every *.yaml in it is read at "
			"start, beside those that are built in. A file replaces the built-in "
			"family of the same name. Only this user and root may have write "
			"permission for them."),
	KEY(struct agent_conf, accept, CONF_ACCEPT, "devices.accept", .words = accept_kinds,
		.sample = "10.1.4.250, print-queues",
		.help = "Devices that are read and reported although they do not identify "
			"themselves as printers: addresses, networks, or kinds of devices. Without "
			"it only printers are; other devices are counted by kind, and nothing else "
			"of them is kept or sent. SIGHUP makes a change effective."),
	KEY(struct agent_conf, targets, CONF_LIST, "devices.targets", .items = &conf_target_table,
		.max = LIMIT_CONF_TARGETS,
		.help = "The printers to poll: a list of ranges and CSV files. Of an address that "
			"comes twice the first entry counts, one of its own before a range."),
	KEY(struct agent_conf, snmp_window, CONF_COUNT, "snmp.window", .min = 1,
		.max = LIMIT_SNMP_IN_FLIGHT, .preset = "2048",
		.help = "Requests in flight, over all printers. One printer never has more than "
			"one."),
	KEY(struct agent_conf, snmp_timeout_ms, CONF_DURATION, "snmp.timeout", .min = 100,
		.max = 120000, .preset = "5s",
		.help = "How long one request may take, with all its retransmissions."),
	KEY(struct agent_conf, snmp_tries, CONF_COUNT, "snmp.tries", .min = 1,
		.max = LIMIT_SNMP_TRIES, .preset = "5",
		.help = "How often one request is sent within its timeout, the first time "
			"included."),
	KEY(struct agent_conf, snmp_min_interval_ms, CONF_DURATION, "snmp.min_interval", .min = 0,
		.max = 60000, .preset = "0",
		.help = "The minimum time between a response of a printer and the next request to "
			"it. 0: none."),
	KEY(struct agent_conf, snmp_subnet_rate, CONF_COUNT, "snmp.subnet_rate", .min = 0,
		.max = 100000, .preset = "2000",
		.help = "The maximum of packets a second to one subnet (an IPv4 /24, an IPv6 /64). "
			"0: as many as the responses allow."),
	KEY(struct agent_conf, snmp_engine_change, CONF_WORD, "snmp.engine_change",
		.words = engine_changes, .preset = "warn",
		.help = "What happens if a printer shows another SNMPv3 engineID than before: a "
			"new main board, another printer at its address, or an attacker. warn: it "
			"is logged, and the new engine is used. refuse: it is logged, and the "
			"printer is not polled until this is warn again."),
	KEY(struct agent_conf, credentials, CONF_LIST, "snmp.credentials",
		.items = &conf_credential_table, .max = LIMIT_CONF_CREDENTIALS,
		.help = "Communities and SNMPv3 users by name, for devices.targets and for "
			"discovery, which tries them in this order."),
	KEY(struct agent_conf, access_allow, CONF_NETS, "access.allow",
		.sample = "10.0.0.0/8, 2001:db8::/32",
		.help = "The only networks that packets are sent to, by SNMP, IPP or discovery. "
			"Without it, every address of the targets."),
	KEY(struct agent_conf, access_deny, CONF_NETS, "access.deny",
		.sample = "10.66.0.0/16, 10.1.4.250, 10.1.5.10-10.1.5.19",
		.help = "Networks and addresses that never get a packet, also if access.allow or a "
			"target contains them."),
	KEY(struct agent_conf, discovery_interval_ms, CONF_DURATION, "discovery.interval", .min = 0,
		.max = 31 * 86400000ull, .preset = "0",
		.help = "How often the daemon scans discovery.targets, with the credentials of "
			"snmp.credentials; SIGHUP starts a scan at once. 0: only `platen discover` "
			"scans."),
	KEY(struct agent_conf, discovery_rate, CONF_COUNT, "discovery.rate", .min = 1,
		.max = LIMIT_SCAN_RATE, .preset = "500",
		.help = "Packets a second that discovery sends."),
	KEY(struct agent_conf, discovery_tries, CONF_COUNT, "discovery.tries", .min = 1,
		.max = LIMIT_SCAN_TRIES, .preset = "3",
		.help = "The maximum of credentials that are tried at one address, in their order "
			"and within their subnets. The one that works is tried first from then on; "
			"a printer that accepts none is tried again after a day or a SIGHUP."),
	KEY(struct agent_conf, discovery_rounds, CONF_COUNT, "discovery.rounds", .min = 0,
		.max = LIMIT_SCAN_ROUNDS, .preset = "0",
		.help = "How often silent addresses are probed in a scan. 0: as needed, that is "
			"twice where it takes no more than 10 s, and up to 4 times where so many "
			"packets are lost that printers were likely missed."),
	KEY(struct agent_conf, discovery_adopt, CONF_WORD, "discovery.adopt", .words = conf_switch,
		.preset = "on",
		.help = "Whether printers that discovery finds are polled from then on."),
	KEY(struct agent_conf, discovery_tcp, CONF_WORD, "discovery.tcp", .words = conf_switch,
		.preset = "off",
		.help = "Whether the TCP ports 515, 9100, 2000, 2105, 631, 80 and 443 of each "
			"responding address are connected to and closed again, with nothing "
			"written to them. Where port 631 is open, IPP supplies what SNMP does not; "
			"also where SNMP is refused, or silent at no more than 1024 addresses."),
	KEY(struct agent_conf, discovery_mdns, CONF_WORD, "discovery.mdns", .words = conf_switch,
		.preset = "off",
		.help = "Whether printers on this machine's own links are looked up by multicast "
			"DNS as well."),
	KEY(struct agent_conf, discovery_targets, CONF_LIST, "discovery.targets",
		.items = &conf_discovery_table, .max = LIMIT_CONF_TARGETS,
		.help = "Where discovery looks for printers: a list of ranges."),
	KEY(struct agent_conf, discovery_include, CONF_LIST, "discovery.include",
		.items = &conf_include_table, .max = LIMIT_CONF_RULES,
		.help = "Only printers that match one of these rules are accepted. Without it, "
			"all."),
	KEY(struct agent_conf, discovery_exclude, CONF_LIST, "discovery.exclude",
		.items = &conf_exclude_table, .max = LIMIT_CONF_RULES,
		.help = "Printers that match one of these rules are not accepted, also if one of "
			"discovery.include matches."),
	KEY(struct agent_conf, has_meters, CONF_WORD, "privacy.meters", .words = conf_switch,
		.preset = "on",
		.help = "Whether meters are kept and sent. What is off is absent from everything "
			"that is sent, also from readings that wait in the spool; SIGHUP makes a "
			"change effective. docs/what-leaves.md lists every field with its class."),
	KEY(struct agent_conf, has_supplies, CONF_WORD, "privacy.supplies", .words = conf_switch,
		.preset = "on", .help = "The same for supplies and parts that wear."),
	KEY(struct agent_conf, has_diagnostics, CONF_WORD, "privacy.diagnostics",
		.words = conf_switch, .preset = "on",
		.help = "The same for alerts, states, options, settings, trays and covers."),
	KEY(struct agent_conf, sends_name, CONF_WORD, "privacy.name", .words = conf_switch,
		.preset = "off",
		.help = "on: the printer's name (sysName) is read and sent. With off it is not "
			"even requested; so are the next three. privacy.corporate and "
			"privacy.policy_file still leave it out."),
	KEY(struct agent_conf, sends_location, CONF_WORD, "privacy.location", .words = conf_switch,
		.preset = "off", .help = "The same for its location (sysLocation)."),
	KEY(struct agent_conf, sends_contact, CONF_WORD, "privacy.contact", .words = conf_switch,
		.preset = "off",
		.help = "The same for the person to contact (sysContact), with the e-mail address "
			"and the telephone number that it may hold."),
	KEY(struct agent_conf, sends_asset, CONF_WORD, "privacy.asset", .words = conf_switch,
		.preset = "off",
		.help = "The same for the owner's asset number, which printers of some vendors "
			"hold (docs/models.md: asset)."),
	KEY(struct agent_conf, is_corporate, CONF_WORD, "privacy.corporate", .words = conf_switch,
		.preset = "off",
		.help = "on: nothing that identifies this host is sent, neither its names nor its "
			"addresses nor its hardware addresses, also where a text of a printer "
			"holds them. Each batch says that the mode is on."),
	KEY(struct agent_conf, policy_file, CONF_FILE, "privacy.policy_file",
		.sample = "policy.yaml",
		.help = "A YAML file that names fields of docs/what-leaves.md that are never sent: "
			"leave_out: [identity.serial, alerts]. The name of a part stands for all "
			"its fields."),
	KEY(struct agent_conf, hub_url, CONF_URL, "hub.url", .sample = "https://hub.example.com/",
		.help = "The hub that receives the readings. Without it nothing is ever sent. Only "
			"https; the port is 443 unless given."),
	KEY(struct agent_conf, hub_user, CONF_TEXT, "hub.user", .min = 1, .max = LIMIT_USER,
		.sample = "agent-lyon",
		.help = "The name of this agent's account at the hub. Needed with hub.url."),
	SECRET_KEYS(struct agent_conf, hub_password_file, "hub.password", "hub.password",
		"PLATEN_HUB_PASSWORD",
		"A private file with the account's password in its first line. Needed with "
		"hub.url."),
	KEY(struct agent_conf, ca_file, CONF_FILE, "hub.ca_file", .sample = "ca.pem",
		.help = "PEM certificates of the authorities that the hub's certificate is "
			"verified with, instead of the system's store."),
	KEY(struct agent_conf, crl_file, CONF_FILE, "hub.crl_file", .sample = "crl.pem",
		.help = "A PEM revocation list that the hub's certificate is checked against."),
	KEY(struct agent_conf, hub_pins, CONF_PINS, "hub.spki_pin",
		.sample = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		.help = "Public keys, one of which must be in the hub's certificate or in one of "
			"its authorities' (RFC 7469 section 2.4), in addition to all other checks; "
			"at most " TEXT_OF(LIMIT_SPKI_PINS) ". Keep the key of the next "
							    "certificate among them."),
	KEY(struct agent_conf, cert_file, CONF_FILE, "hub.cert_file", .sample = "agent.pem",
		.help = "A PEM certificate chain that this agent shows to the hub, where the hub "
			"requests one (tls.client_ca_file there). It does not replace user and "
			"password."),
	KEY(struct agent_conf, key_file, CONF_SECRET, "hub.key_file", .sample = "agent.pem.key",
		.help = "The PEM key of that certificate, a private file."),
	KEY(struct agent_conf, hub_proxy, CONF_PROXY, "hub.proxy",
		.sample = "http://proxy.example.com:3128",
		.help = "An HTTP proxy on the way to the hub, used by CONNECT: the proxy sees the "
			"hub's name and encrypted bytes. The hub's certificate is verified all the "
			"same."),
	KEY(struct agent_conf, proxy_user, CONF_TEXT, "hub.proxy_user", .min = 1, .max = LIMIT_USER,
		.sample = "platen", .help = "The name of the account at the proxy (Basic)."),
	SECRET_KEYS(struct agent_conf, proxy_password_file, "hub.proxy_password",
		"hub.proxy_password", "PLATEN_PROXY_PASSWORD",
		"A private file with that account's password in its first line. Needed with "
		"hub.proxy_user."),
	KEY(struct agent_conf, hub_no_proxy, CONF_TEXT, "hub.no_proxy", .min = 1,
		.max = LIMIT_CONF_VALUE, .sample = "localhost, .example.com, 10.0.0.0/8",
		.help = "Hubs that are reached without the proxy, with commas between: a name (and "
			"all below it), a network for a hub that hub.url names by its address, or "
			"* for all."),
	KEY(struct agent_conf, sync_interval_ms, CONF_DURATION, "sync.interval", .min = 1000,
		.max = 31 * 86400000ull, .preset = "24h",
		.help = "How often readings are sent to the hub. 24h: once on each local day, at a "
			"minute that each agent derives from its id, so that a fleet is spread "
			"over "
			"the day. Any other interval is counted in UTC."),
	KEY(struct agent_conf, sync_calendar, CONF_TIMES, "sync.at", .sample = "\"13:30\"",
		.help = "At which times of the local day readings are sent, instead of "
			"sync.interval: 13:30, or a span such as 22:00-05:00, in which each agent "
			"has a minute of its own; at most " TEXT_OF(
				LIMIT_SYNC_TIMES) ". Each goes "
						  "once, also on the days on which daylight saving "
						  "begins and ends. A time "
						  "at which the agent was stopped or its host "
						  "suspended is missed: the next "
						  "one is waited for."),
	KEY(struct agent_conf, sync_calendar, CONF_WEEKDAYS, "sync.weekdays", .sample = "mon-fri",
		.help = "On which days of the week, such as mon, wed or mon-fri. Without it, on "
			"all."),
	KEY(struct agent_conf, sync_timezone, CONF_TEXT, "sync.timezone", .min = 1,
		.max = LIMIT_TEXT_SHORT, .sample = "Europe/Paris",
		.help = "The time zone of sync.at and sync.weekdays, by its name in tzdata, or "
			"UTC. Without it that of TZ or /etc/localtime. It is read at start and at "
			"SIGHUP."),
	KEY(struct agent_conf, has_hourly_meters, CONF_WORD, "sync.meters", .words = meter_rhythms,
		.preset = "daily",
		.help = "daily: each sync carries the last meters of a printer, and those around a "
			"reset or a jump. hourly: those of every poll, at several times the size."),
	KEY(struct agent_conf, heartbeat_ms, CONF_DURATION, "sync.heartbeat", .min = 1000,
		.max = 31 * 86400000ull, .preset = "1h", .words = no_duration,
		.help = "How often the daemon sends the hub a heartbeat of at most 300 bytes, "
			"apart from the syncs: version, clock, what waits in the spool, the next "
			"sync, counts of devices (docs/what-leaves.md). Each agent has a minute of "
			"its own. The hub accepts one a minute on average. off: none is sent. "
			"SIGHUP makes a change effective."),
	KEY(struct agent_conf, spool_max_bytes, CONF_SIZE, "spool.max_bytes", .min = 1u << 20,
		.max = 1ull << 40, .preset = "256MiB",
		.help = "The maximum that readings may take on disk while the hub is unreachable. "
			"When it is full, the oldest ones go: diagnostics first, meters last. Each "
			"is counted and shown."),
	KEY(struct agent_conf, spool_linger_ms, CONF_DURATION, "spool.linger", .min = 0,
		.max = 10000, .preset = "50ms",
		.help = "How long a reading may wait for others before it is written to disk, so "
			"that one fsync serves many."),
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
