/* SPDX-License-Identifier: Apache-2.0
 * platen: its verbs, and what they share. */
#include "engine/agent/verbs.h"

#include "proto/base/log.h"
#include "engine/snmp/usm.h"

static const struct cli_verb verbs[] = {
	{.name = "poll",
		.args = "HOST",
		.min_args = 1,
		.max_args = 1,
		.summary = "read one printer and show what it says",
		.details = "Needs no configuration. HOST is a name or an address, or a URL "
			   "(ipp://HOST[:PORT][/PATH], ipps://...) that is asked by IPP alone. "
			   "Nothing "
			   "is kept and nothing is sent.",
		.options = agent_poll_options,
		.run = agent_verb_poll},
	{.name = "snmp-test",
		.args = "HOST",
		.min_args = 1,
		.max_args = 1,
		.summary = "find out how a printer can be asked, and why not",
		.details = "Tries SNMPv3's engine probe, then the credential that is given, or "
			   "those of the configuration (--config) in their order, discovery.tries "
			   "at most, or the community. One line a step; the last one says what "
			   "works, or what to do. Reads only; one question in flight.",
		.options = agent_snmp_test_options,
		.run = agent_verb_snmp_test},
	{.name = "record",
		.args = "HOST",
		.min_args = 1,
		.max_args = 1,
		.summary = "record one printer as a file",
		.details = "The recording holds what platen could ever want to know of this "
			   "printer; what people typed (contact, location, names, e-mail "
			   "addresses) is made unreadable at equal length. platen read and "
			   "platen-sim take it.",
		.options = agent_record_options,
		.run = agent_verb_record},
	{.name = "discover",
		.args = "[RANGE ...]",
		.max_args = CLI_ARGS_MAX,
		.summary = "find the printers of a network, and say why they are ones",
		.details =
			"RANGE is an address, a network (10.1.0.0/16) or FIRST-LAST. Each address "
			"is "
			"asked for its SNMPv3 engine, which needs no credential, and by SNMPv2c "
			"with the communities that may be shown to it; what answers is then asked "
			"who it is. A device with several addresses is listed once. Nothing is "
			"kept; running agents do the same by discovery.interval.",
		.options = agent_discover_options,
		.run = agent_verb_discover},
	{.name = "read",
		.args = "",
		.summary = "show what a recorded printer says",
		.details = "Reads the recording of a printer (.snmprec, .snmpwalk, .pdus.json, "
			   ".oidvalue.json, .oidmap.json, .valueoid.txt, .ipp) with the code that "
			   "reads "
			   "live ones.",
		.options = agent_read_options,
		.run = agent_verb_read},
	{.name = "models",
		.args = "",
		.summary = "list which vendors and models are known, and how well",
		.details = "What is known beyond the standard MIBs comes from model files. The "
			   "evidence is recording (read from such a device and checked), mib (the "
			   "vendor's text only) or none. Any other printer is read by the standard "
			   "MIBs.",
		.options = agent_models_options,
		.run = agent_verb_models},
	{.name = "run",
		.args = "",
		.summary = "read all printers and send to the hub, until a signal",
		.details =
			"Reads each printer of the configuration once in devices.interval, keeps "
			"what it says in the state directory and sends it to the hub every "
			"sync.interval. Logs to stderr. SIGHUP takes changed credentials and asks "
			"silent printers at once. Stops in order at SIGTERM or SIGINT.",
		.options = agent_run_options,
		.run = agent_verb_run},
	{.name = "once",
		.args = "",
		.summary = "read all printers once, send once, and end",
		.options = agent_once_options,
		.run = agent_verb_once},
	{.name = "status",
		.args = "",
		.summary = "show how the daemon is doing",
		.details =
			"Works while it runs and while it does not: then it shows what it said "
			"last. Of the configuration only state_dir counts: it may hold mistakes, "
			"and its secrets are not read.",
		.options = cli_config_options,
		.run = agent_verb_status},
	{.name = "devices",
		.args = "",
		.summary = "what is remembered of devices, and what happened to them",
		.details = "Those that are read, and those that discovery found. Works while the "
			   "daemon runs and while it does not.",
		.options = agent_devices_options,
		.run = agent_verb_devices},
	{.name = "report",
		.args = "",
		.summary = "one row for each printer, as last read",
		.details = "Reads the state directory without disturbing the daemon.",
		.options = agent_report_options,
		.run = agent_verb_report},
	{.name = "decode",
		.args = "FILE",
		.min_args = 1,
		.max_args = 1,
		.summary = "show a batch, a receipt or records as JSON",
		.details = "FILE is what went over the wire, or the body of it; - is stdin. "
			   "Signatures "
			   "are shown, not judged.",
		.options = agent_decode_options,
		.run = agent_verb_decode},
	{.name = "check-config",
		.args = "",
		.summary = "read the configuration and say what is wrong with it",
		.details =
			"Prints file:line:column: message for each mistake and ends with 1; 0 if "
			"there is none. CSV files and passwords are read too; nothing is asked "
			"over "
			"the network.",
		.options = cli_config_options,
		.run = agent_verb_check_config},
	CLI_VERB_SAMPLE_CONFIG, {0}};

static const struct cli_program program = {.name = "platen",
	.summary = "reads a fleet of network printers and brings what they say to a hub",
	.verbs = verbs,
	.conf = &conf_agent_table};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}

int agent_use_fips(const struct cli *cli, const struct agent_conf *conf)
{
	bool is_loaded;
	char why[LIMIT_WHY] = "";
	if (!conf->is_fips || usm_fips_open(&is_loaded, why, sizeof why) == 0)
		return CLI_OK;
	cli_error(cli, "%s", why);
	return CLI_FAILED;
}

int agent_load_conf(const struct cli *cli, struct agent_conf *conf)
{
	struct conf_error why;
	int err = agent_conf_load(conf, cli_config_file(cli), &why);
	if (err < 0)
		return cli_conf_refused(cli, &why);
	log_set_level(conf->log_level);
	const char *models = cli_value(cli, "models");
	if (models != NULL)
		conf->models_dir = models;
	return CLI_OK;
}

int agent_peek_conf(const struct cli *cli, struct agent_conf *conf)
{
	struct conf_error why;
	return agent_conf_peek(conf, cli_config_file(cli), &why) < 0 ? cli_conf_refused(cli, &why)
								     : CLI_OK;
}
