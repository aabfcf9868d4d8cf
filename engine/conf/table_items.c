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
			"address, and if wanted port, version, community, credential. Empty cells "
			"take the values given here."},
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
		.help = "The SNMP version to speak. 3 needs credential."},
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
	{.path = "community_env",
		.type = CONF_ENV,
		AT(struct conf_target, community_file),
		.sample = "PLATEN_COMMUNITY",
		.help = "An environment variable with it, instead of community_file; needs "
			"secrets.allow_env."},
	{.path = "credential",
		.type = CONF_TEXT,
		AT(struct conf_target, credential_name),
		.min = 1,
		.max = LIMIT_CREDENTIAL_NAME - 1,
		.sample = "office",
		.help = "The name of an entry of snmp.credentials, instead of version and "
			"community."},
	{.path = "ipp",
		.type = CONF_WORD,
		AT(struct conf_target, ipp_mode),
		.words = conf_ipp_modes,
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
	{.path = "answers_from",
		.type = CONF_NETS,
		AT(struct conf_target, answers_from),
		.sample = "10.1.4.250, 10.1.5.0/28",
		.help = "Other addresses from which these printers send their SNMP responses, from "
			"any port. Without it a response from another address or port than the "
			"request went to is refused, counted and logged, unless SNMPv3 "
			"authenticates it. A printer's own address here lets it answer from "
			"another port."},
	{.path = "short_request_ids",
		.type = CONF_WORD,
		AT(struct conf_target, has_short_ids),
		.words = conf_switch,
		.preset = "off",
		.help = "For printers that return only the low 16 bits of an SNMP request-id: "
			"requests then have no more, which makes a response easier to forge."},
};

const struct conf_table conf_target_table = {
	.title = "devices.targets",
	.item_bytes = sizeof(struct conf_target),
	.keys = target_keys,
	.count = COUNT_OF(target_keys),
};

static const struct conf_key credential_keys[] = {
	{.path = "name",
		.type = CONF_TEXT,
		AT(struct conf_credential, name),
		.is_needed = true,
		.min = 1,
		.max = LIMIT_CREDENTIAL_NAME - 1,
		.sample = "office",
		.help = "What targets call it."},
	{.path = "version",
		.type = CONF_WORD,
		AT(struct conf_credential, version),
		.words = versions,
		.preset = "2c",
		.help = "The SNMP version. 1 and 2c take a community, 3 takes a user."},
	{.path = "community",
		.type = CONF_TEXT,
		AT(struct conf_credential, community),
		.is_private = true,
		.min = 1,
		.max = LIMIT_COMMUNITY,
		.sample = "public",
		.help = "The community string for reading, with version 1 or 2c."},
	{.path = "community_file",
		.type = CONF_SECRET,
		AT(struct conf_credential, community_file),
		.sample = "community",
		.help = "A file with the community string, instead of community. It must not be "
			"readable by others."},
	{.path = "community_env",
		.type = CONF_ENV,
		AT(struct conf_credential, community_file),
		.sample = "PLATEN_COMMUNITY",
		.help = "An environment variable with it, instead of community_file; needs "
			"secrets.allow_env."},
	{.path = "user",
		.type = CONF_TEXT,
		AT(struct conf_credential, user),
		.min = 1,
		.max = SNMP3_USER,
		.sample = "reader",
		.help = "The SNMPv3 user. Needed with version 3."},
	{.path = "auth",
		.type = CONF_WORD,
		AT(struct conf_credential, auth),
		.words = auths,
		.preset = "none",
		.help = "How its messages are authenticated."},
	{.path = "auth_password_file",
		.type = CONF_SECRET,
		AT(struct conf_credential, auth_password_file),
		.sample = "reader.auth",
		.help = "A file with the authentication passphrase, of 8 bytes at least; with less "
			"than 16 there is a warning. It must not be readable by others. Needed "
			"with auth."},
	{.path = "auth_password_env",
		.type = CONF_ENV,
		AT(struct conf_credential, auth_password_file),
		.sample = "PLATEN_AUTH",
		.help = "An environment variable with it, instead of auth_password_file; needs "
			"secrets.allow_env."},
	{.path = "priv",
		.type = CONF_WORD,
		AT(struct conf_credential, priv),
		.words = privs,
		.preset = "none",
		.help = "How they are encrypted; needs auth. aes192c and aes256c are Cisco's way "
			"to "
			"make a long key, which some printers have too."},
	{.path = "priv_password_file",
		.type = CONF_SECRET,
		AT(struct conf_credential, priv_password_file),
		.sample = "reader.priv",
		.help = "A file with the privacy passphrase, as above. Needed with priv."},
	{.path = "priv_password_env",
		.type = CONF_ENV,
		AT(struct conf_credential, priv_password_file),
		.sample = "PLATEN_PRIV",
		.help = "An environment variable with it, instead of priv_password_file; needs "
			"secrets.allow_env."},
	{.path = "context",
		.type = CONF_TEXT,
		AT(struct conf_credential, context),
		.min = 1,
		.max = SNMP3_CONTEXT,
		.sample = "printer",
		.help = "The SNMPv3 contextName. Without it the default one, which is empty."},
	{.path = "subnets",
		.type = CONF_NETS,
		AT(struct conf_credential, subnets),
		.sample = "10.1.0.0/16, 2001:db8:1::/48",
		.help = "Where it may be tried by discovery and `platen snmp-test`. Without it, "
			"everywhere. A target that names it is asked wherever it is."},
};

const struct conf_table conf_credential_table = {
	.title = "snmp.credentials",
	.item_bytes = sizeof(struct conf_credential),
	.keys = credential_keys,
	.count = COUNT_OF(credential_keys),
};

static const struct conf_key discovery_keys[] = {
	{.path = "range",
		.type = CONF_RANGE,
		AT(struct conf_discovery_target, range),
		.is_needed = true,
		.sample = "10.1.0.0/16",
		.help = "Which addresses, as in devices.targets."},
	{.path = "port",
		.type = CONF_COUNT,
		AT(struct conf_discovery_target, port),
		.min = 1,
		.max = 65535,
		.preset = "161",
		.help = "The UDP port of SNMP there. A range may be listed once for each port."},
	{.path = "v1",
		.type = CONF_WORD,
		AT(struct conf_discovery_target, is_v1_asked),
		.words = conf_switch,
		.preset = "off",
		.help = "Whether addresses where nothing answered are asked by SNMPv1 as well."},
};

const struct conf_table conf_discovery_table = {
	.title = "discovery.targets",
	.item_bytes = sizeof(struct conf_discovery_target),
	.keys = discovery_keys,
	.count = COUNT_OF(discovery_keys),
};

static const struct conf_key rule_keys[] = {
	{.path = "addresses",
		.type = CONF_NETS,
		AT(struct conf_rule, addresses),
		.sample = "10.1.4.0/24",
		.help = "Networks and addresses."},
	{.path = "vendor",
		.type = CONF_TEXT,
		AT(struct conf_rule, vendor),
		.min = 1,
		.max = LIMIT_TEXT_SHORT,
		.sample = "\"HP*\"",
		.help = "The vendor. In patterns * is any text and ? any one character; the case "
			"of "
			"letters does not matter. All that a rule gives must fit."},
	{.path = "model",
		.type = CONF_TEXT,
		AT(struct conf_rule, model),
		.min = 1,
		.max = LIMIT_TEXT_SHORT,
		.sample = "\"*LaserJet*\"",
		.help = "A pattern of the model's name."},
	{.path = "serial",
		.type = CONF_TEXT,
		AT(struct conf_rule, serial),
		.min = 1,
		.max = LIMIT_TEXT_SHORT,
		.sample = "\"3WX1*\"",
		.help = "A pattern of the serial number."},
};

const struct conf_table conf_include_table = {
	.title = "discovery.include",
	.item_bytes = sizeof(struct conf_rule),
	.keys = rule_keys,
	.count = COUNT_OF(rule_keys),
};

const struct conf_table conf_exclude_table = {
	.title = "discovery.exclude",
	.item_bytes = sizeof(struct conf_rule),
	.keys = rule_keys,
	.count = COUNT_OF(rule_keys),
};

_Static_assert(COUNT_OF(target_keys) <= 32 && COUNT_OF(credential_keys) <= 32 &&
		       COUNT_OF(discovery_keys) <= 32 && COUNT_OF(rule_keys) <= 32,
	"conf_item.given has 32 bits");
