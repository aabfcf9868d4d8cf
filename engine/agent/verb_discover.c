/* SPDX-License-Identifier: Apache-2.0
 * platen discover. */
#include "engine/agent/discover.h"

#include "engine/agent/verbs.h"
#include "engine/conf/secret.h"
#include "proto/base/limits.h"

#include <string.h>

enum { USUAL_RATE = 500, USUAL_TRIES = 3 };

const struct cli_option agent_discover_options[] = {
	{"config", 0, "FILE",
		"credentials, access rules and, without RANGE, discovery.targets of this file"},
	{"community", 'c', "NAME",
		"a community to try after those of the configuration (public, if there are none)"},
	{"community-file", 0, "FILE", "a private file with it"},
	{"port", 'p', "PORT", "the UDP port of SNMP (161)"},
	{"rate", 0, "N", "packets a second (discovery.rate, or 500)"},
	{"tries", 0, "N", "communities shown to one address at most (discovery.tries, or 3)"},
	{"wait", 0, "TIME", "for answers, after the last probe (3s)"},
	{"rounds", 0, "N",
		"how often silent addresses are asked (discovery.rounds, or as needed: twice "
		"where that is quick, more where many packets are lost)"},
	{"v1", 0, NULL, "ask by SNMPv1 too where nothing else answered"},
	{"tcp", 0, NULL,
		"try TCP ports 515, 9100, 2000, 2105, 631, 80 and 443 of what answered (nothing "
		"is written to them), and IPP where SNMP tells too little or is off"},
	{"mdns", 0, "[ADDRESS]",
		"look also at those who say by multicast DNS that they print (asked on every "
		"link, by IPv4 and IPv6, or at ADDRESS)"},
	{"import", 0, "FILE", "a CSV file with a column \"address\": look there too"},
	{"explain", 'e', "[ADDRESS]",
		"for each address that answered, or for ADDRESS (--explain=ADDRESS), why it is a "
		"printer or not"},
	{"all-addresses", 'a', NULL, "list every address of a device, not each device once"},
	{"csv", 0, "FILE", "write the printers as CSV, as devices.targets takes it"},
	{"json", 'j', NULL, "one JSON object instead of words"}, AGENT_OPTION_MODELS, {0}};

/* The file's community into `s`; *ret points at the word to show, or NULL. */
static int take_community(const struct cli *cli, struct secret *s, const char **ret)
{
	const char *file = cli_value(cli, "community-file");
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	*ret = cli_value(cli, "community");
	if (*ret != NULL && file != NULL)
		return cli_usage(cli, "either --community or --community-file, not both");
	if (file != NULL) {
		int err = secret_read(s, file, why, sizeof why);
		if (err < 0) {
			cli_error(cli, "%s", why);
			return cli_exit_of(err);
		}
		*ret = s->bytes;
	}
	if (*ret != NULL && ((*ret)[0] == '\0' || strlen(*ret) > LIMIT_COMMUNITY))
		return cli_usage(cli, "a community has 1 to %d bytes", LIMIT_COMMUNITY);
	return CLI_OK;
}

static int take_numbers(const struct cli *cli, struct agent_discover_options *o)
{
	uint64_t port, rate, tries, rounds;
	uint64_t usual_rate = o->conf != NULL ? o->conf->discovery_rate : USUAL_RATE;
	uint64_t usual_tries = o->conf != NULL ? o->conf->discovery_tries : USUAL_TRIES;
	uint64_t usual_rounds = o->conf != NULL ? o->conf->discovery_rounds : 0;
	if (cli_number(cli, "port", 1, 65535, 161, &port) < 0 ||
		cli_number(cli, "rate", 1, LIMIT_SCAN_RATE, usual_rate, &rate) < 0 ||
		cli_number(cli, "tries", 0, LIMIT_SCAN_TRIES, usual_tries, &tries) < 0 ||
		cli_number(cli, "rounds", 1, LIMIT_SCAN_ROUNDS, usual_rounds, &rounds) < 0 ||
		cli_duration(cli, "wait", 100, 60000, LIMIT_SCAN_WAIT_MS, &o->wait_ms) < 0)
		return CLI_USAGE;
	o->port = (uint16_t)port;
	o->per_s = (uint32_t)rate;
	o->tries = (unsigned)tries;
	o->rounds = (unsigned)rounds;
	return CLI_OK;
}

static int discover(const struct cli *cli, struct agent_discover_options *o)
{
	struct secret secret = {.len = 0};
	int code = take_community(cli, &secret, &o->community);
	if (code == CLI_OK)
		code = take_numbers(cli, o);
	if (code == CLI_OK) {
		int err = agent_discover(o);
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
	}
	secret_wipe(&secret);
	return code;
}

int agent_verb_discover(const struct cli *cli)
{
	struct agent_conf conf;
	struct agent_discover_options o = {.ranges = cli->args,
		.range_count = cli->arg_count,
		.mdns = cli_value(cli, "mdns"),
		.import = cli_value(cli, "import"),
		.allows_v1 = cli_has(cli, "v1"),
		.is_tcp = cli_has(cli, "tcp"),
		.is_json = cli_has(cli, "json"),
		.keeps_doubles = cli_has(cli, "all-addresses"),
		.explain = cli_value(cli, "explain"),
		.csv = cli_value(cli, "csv"),
		.models = cli_value(cli, "models")};
	bool has_conf = cli_has(cli, "config");
	if (!has_conf && o.range_count == 0 && o.import == NULL && o.mdns == NULL)
		return cli_usage(
			cli, "give a RANGE, --mdns, --import, or --config with discovery.targets");
	if (has_conf) {
		int code = agent_load_conf(cli, &conf);
		if (code != CLI_OK)
			return code;
		code = agent_use_fips(cli, &conf);
		if (code == CLI_OK && conf.is_fips &&
			(o.allows_v1 || cli_has(cli, "community") ||
				cli_has(cli, "community-file")))
			code = cli_usage(cli, "\"fips: on\" refuses communities");
		if (code != CLI_OK) {
			agent_conf_free(&conf);
			return code;
		}
		o.conf = &conf;
		o.is_tcp = o.is_tcp || conf.discovery_tcp;
		if (o.mdns == NULL && conf.discovery_mdns && o.range_count == 0 && o.import == NULL)
			o.mdns = "";
		o.models = conf.models_dir;
	}
	int code = discover(cli, &o);
	if (has_conf)
		agent_conf_free(&conf);
	return code;
}
