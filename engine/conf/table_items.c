/* SPDX-License-Identifier: Apache-2.0
 * The keys of the entries of platen's lists. */
#include "engine/conf/table_internal.h"

#include "proto/base/limits.h"
#include "proto/smi/security.h"
#include "proto/smi/request.h"

static const struct conf_word versions[] = {
	{"1", SNMP_V1}, {"2c", SNMP_V2C}, {"3", SNMP_V3}, {NULL, 0}};

static const struct conf_word auths[] = {{"none", USM_AUTH_NONE}, {"md5", USM_AUTH_MD5},
	{"sha1", USM_AUTH_SHA1}, {"sha224", USM_AUTH_SHA224}, {"sha256", USM_AUTH_SHA256},
	{"sha384", USM_AUTH_SHA384}, {"sha512", USM_AUTH_SHA512}, {NULL, 0}};

static const struct conf_word privs[] = {{"none", USM_PRIV_NONE}, {"des", USM_PRIV_DES},
	{"aes128", USM_PRIV_AES128}, {"aes192", USM_PRIV_AES192}, {"aes256", USM_PRIV_AES256},
	{"aes192c", USM_PRIV_AES192_CISCO}, {"aes256c", USM_PRIV_AES256_CISCO}, {NULL, 0}};

static const struct conf_key target_keys[] = {
	KEY(struct conf_target, range, CONF_RANGE, "range", .takes_names = true,
		.sample = "10.1.4.0/24",
		.help = "Which addresses: one (10.1.4.7, 2001:db8::7), a network (10.1.4.0/24, "
			"2001:db8::/120) or first-last (10.1.4.10-10.1.4.99), with the UDP port "
			"behind "
			"if it is not that of port (10.1.4.7:1161, [2001:db8::7]:1161). The first "
			"and last address of an IPv4 network are left out. Or one DNS name, which "
			"is looked up at start, at SIGHUP and every hour. Give either range or "
			"csv."),
	KEY(struct conf_target, csv, CONF_FILE, "csv", .sample = "printers.csv",
		.help = "A CSV file (RFC 4180) with a header row that names its columns in any "
			"order: address, and if wanted port, version, community, credential. Empty "
			"cells take the values given here."),
	KEY(struct conf_target, port, CONF_COUNT, "port", .min = 1, .max = 65535, .preset = "161",
		.help = "The UDP port of these printers' SNMP agents."),
	KEY(struct conf_target, version, CONF_WORD, "version", .words = versions, .preset = "2c",
		.help = "The SNMP version. 3 needs credential."),
	KEY(struct conf_target, community, CONF_TEXT, "community", .is_private = true, .min = 1,
		.max = LIMIT_COMMUNITY, .preset = "public",
		.help = "The community string for reading."),
	SECRET_KEYS(struct conf_target, community_file, "community", "community",
		"PLATEN_COMMUNITY",
		"A private file with the community string, instead of community."),
	KEY(struct conf_target, credential_name, CONF_TEXT, "credential", .min = 1,
		.max = LIMIT_CREDENTIAL_NAME - 1, .sample = "office",
		.help = "The name of an entry of snmp.credentials, instead of version and "
			"community."),
	KEY(struct conf_target, ipp_mode, CONF_WORD, "ipp", .words = conf_ipp_modes,
		.sample = "always", .help = "IPP for these printers, in place of devices.ipp."),
	KEY(struct conf_target, ipp_port, CONF_COUNT, "ipp_port", .min = 1, .max = 65535,
		.sample = "631", .help = "Their TCP port for IPP, in place of devices.ipp_port."),
	KEY(struct conf_target, answers_from, CONF_NETS, "answers_from",
		.sample = "10.1.4.250, 10.1.5.0/28",
		.help = "Other addresses from which these printers send their SNMP responses, from "
			"any port. Without it a response from another address or port than the "
			"request went to is refused, counted and logged, unless SNMPv3 "
			"authenticates it. A printer's own address here lets it answer from "
			"another port."),
	KEY(struct conf_target, has_short_ids, CONF_WORD, "short_request_ids", .words = conf_switch,
		.preset = "off",
		.help = "For printers that return only the low 16 bits of an SNMP request-id: "
			"requests then have no more, which makes a response easier to forge."),
};

const struct conf_table conf_target_table =
	ITEM_TABLE("devices.targets", struct conf_target, target_keys);

static const struct conf_key credential_keys[] = {
	KEY(struct conf_credential, name, CONF_TEXT, "name", .is_needed = true, .min = 1,
		.max = LIMIT_CREDENTIAL_NAME - 1, .sample = "office",
		.help = "The name by which targets refer to it."),
	KEY(struct conf_credential, version, CONF_WORD, "version", .words = versions,
		.preset = "2c",
		.help = "The SNMP version. 1 and 2c take a community, 3 takes a user."),
	KEY(struct conf_credential, community, CONF_TEXT, "community", .is_private = true, .min = 1,
		.max = LIMIT_COMMUNITY, .sample = "public",
		.help = "The community string for reading, with version 1 or 2c."),
	SECRET_KEYS(struct conf_credential, community_file, "community", "community",
		"PLATEN_COMMUNITY",
		"A private file with the community string, instead of community."),
	KEY(struct conf_credential, user, CONF_TEXT, "user", .min = 1, .max = SNMP3_USER,
		.sample = "reader", .help = "The SNMPv3 user. Needed with version 3."),
	KEY(struct conf_credential, auth, CONF_WORD, "auth", .words = auths, .preset = "none",
		.help = "The authentication protocol."),
	SECRET_KEYS(struct conf_credential, auth_password_file, "auth_password", "reader.auth",
		"PLATEN_AUTH",
		"A private file with the authentication passphrase, of 8 bytes at least; "
		"below 16 there is a warning. Needed with auth."),
	KEY(struct conf_credential, priv, CONF_WORD, "priv", .words = privs, .preset = "none",
		.help = "The privacy protocol; needs auth. aes192c and aes256c are Cisco's key "
			"extension, which some printers use too."),
	SECRET_KEYS(struct conf_credential, priv_password_file, "priv_password", "reader.priv",
		"PLATEN_PRIV",
		"A private file with the privacy passphrase, likewise. Needed with priv."),
	KEY(struct conf_credential, context, CONF_TEXT, "context", .min = 1, .max = SNMP3_CONTEXT,
		.sample = "printer",
		.help = "The SNMPv3 contextName. Without it the default one, which is empty."),
	KEY(struct conf_credential, subnets, CONF_NETS, "subnets",
		.sample = "10.1.0.0/16, 2001:db8:1::/48",
		.help = "Where discovery and `platen snmp-test` may try it. Without it, "
			"everywhere. A target that names it uses it at any address."),
};

const struct conf_table conf_credential_table =
	ITEM_TABLE("snmp.credentials", struct conf_credential, credential_keys);

static const struct conf_key discovery_keys[] = {
	KEY(struct conf_discovery_target, range, CONF_RANGE, "range", .is_needed = true,
		.sample = "10.1.0.0/16", .help = "Which addresses, as in devices.targets."),
	KEY(struct conf_discovery_target, port, CONF_COUNT, "port", .min = 1, .max = 65535,
		.preset = "161",
		.help = "The UDP port of SNMP there. A range may be listed once for each port."),
	KEY(struct conf_discovery_target, is_v1_asked, CONF_WORD, "v1", .words = conf_switch,
		.preset = "off", .help = "Whether silent addresses are probed by SNMPv1 as well."),
};

const struct conf_table conf_discovery_table =
	ITEM_TABLE("discovery.targets", struct conf_discovery_target, discovery_keys);

static const struct conf_key rule_keys[] = {
	KEY(struct conf_rule, addresses, CONF_NETS, "addresses", .sample = "10.1.4.0/24",
		.help = "Networks and addresses."),
	KEY(struct conf_rule, vendor, CONF_TEXT, "vendor", .min = 1, .max = LIMIT_TEXT_SHORT,
		.sample = "\"HP*\"",
		.help = "The vendor. In patterns * is any text and ? any one character; the case "
			"of letters does not matter. All keys of a rule must match."),
	KEY(struct conf_rule, model, CONF_TEXT, "model", .min = 1, .max = LIMIT_TEXT_SHORT,
		.sample = "\"*LaserJet*\"", .help = "A pattern of the model's name."),
	KEY(struct conf_rule, serial, CONF_TEXT, "serial", .min = 1, .max = LIMIT_TEXT_SHORT,
		.sample = "\"3WX1*\"", .help = "A pattern of the serial number."),
};

const struct conf_table conf_include_table =
	ITEM_TABLE("discovery.include", struct conf_rule, rule_keys);

const struct conf_table conf_exclude_table =
	ITEM_TABLE("discovery.exclude", struct conf_rule, rule_keys);

_Static_assert(COUNT_OF(target_keys) <= 32 && COUNT_OF(credential_keys) <= 32 &&
		       COUNT_OF(discovery_keys) <= 32 && COUNT_OF(rule_keys) <= 32,
	"conf_item.given has 32 bits");
