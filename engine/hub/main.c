/* SPDX-License-Identifier: Apache-2.0
 * platen-hub: its verbs, and what they share. */
#include "engine/hub/hub_verbs.h"

#include "proto/base/slab.h"

#include <errno.h>

static const struct cli_verb verbs[] = {
	{.name = "run",
		.args = "",
		.summary = "receive what agents send, until a signal",
		.details = "Listens for agents (HTTPS), keeps what they bring in the state"
			   " directory and answers with signed receipts. Stops in order at"
			   " SIGTERM or SIGINT.",
		.options = hub_run_options,
		.run = hub_verb_run},
	{.name = "user add",
		.args = "NAME",
		.min_args = 1,
		.max_args = 1,
		.summary = "make an account, or give it a new secret",
		.details = "For the role agent a secret of 160 random bits is made and printed"
			   " once, on stdout. For operator and viewer the password is the first"
			   " line of a file (--password-file - reads stdin). Works while the hub"
			   " runs, and while it does not.",
		.options = hub_user_options,
		.run = hub_verb_user_add},
	{.name = "devices",
		.args = "",
		.summary = "list every device that any agent has seen",
		.details = "--json prints one object, --jsonl one line for each device as it is"
			   " read, whatever their number.",
		.options = hub_devices_options,
		.run = hub_verb_devices},
	{.name = "device",
		.args = "ID",
		.min_args = 1,
		.max_args = 1,
		.summary = "show all that is known of one device",
		.details = "ID is its key as `devices` lists it, its serial number or its address.",
		.options = hub_device_options,
		.run = hub_verb_device},
	{.name = "events",
		.args = "",
		.summary =
			"list what happened: alerts with their beginning and end, supplies, meters",
		.details = "Alerts, low and replaced supplies, meters that began anew, changed "
			   "firmware, devices that moved: each with the two readings between which "
			   "it happened.",
		.options = hub_events_options,
		.run = hub_verb_events},
	{.name = "report",
		.args = "",
		.summary = "one row for each device, for people or a spreadsheet",
		.options = hub_report_options,
		.run = hub_verb_report},
	{.name = "check-config",
		.args = "",
		.summary = "read the configuration and say what is wrong with it",
		.details = "Prints file:line:column: message for each mistake and ends with 1; 0"
			   " if there is none.",
		.options = cli_config_options,
		.run = hub_verb_check_config},
	CLI_VERB_SAMPLE_CONFIG, {0}};

static const struct cli_program program = {.name = "platen-hub",
	.summary =
		"the communication server of platen: takes what agents read, keeps it, reports it",
	.verbs = verbs,
	.conf = &conf_hub_table};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}

int hub_load_conf(const struct cli *cli, struct hub_conf *conf)
{
	struct conf_error why;
	int err = hub_conf_load(conf, cli_config_file(cli), &why);
	if (err < 0)
		return cli_conf_refused(cli, &why);
	log_set_level(conf->log_level);
	return CLI_OK;
}

int hub_verb_check_config(const struct cli *cli)
{
	struct hub_conf conf;
	struct conf_error why;
	if (hub_conf_load(&conf, cli_config_file(cli), &why) == 0)
		hub_conf_free(&conf);
	return cli_checked(cli, &why, NULL, "");
}

int hub_look(struct hub_looking *l, const struct cli *cli)
{
	char why[LIMIT_WHY] = "";
	l->cli = cli;
	int code = hub_load_conf(cli, &l->conf);
	if (code != CLI_OK)
		return code;
	int err = slab_open(&l->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0) {
		cli_error(cli, "%s", err_text(err));
		hub_conf_free(&l->conf);
		return cli_exit_of(err);
	}
	err = archive_view_open(&l->view, l->conf.state_dir, why, sizeof why);
	if (err == 0)
		return CLI_OK;
	if (err == -ENOENT)
		cli_error(cli, "%s: there is no hub's store yet", l->conf.state_dir);
	else
		cli_error(cli, "%s: %s", l->conf.state_dir, why[0] != '\0' ? why : err_text(err));
	slab_close(&l->blocks);
	hub_conf_free(&l->conf);
	return cli_exit_of(err);
}

void hub_look_away(struct hub_looking *l)
{
	archive_view_close(l->view);
	slab_close(&l->blocks);
	hub_conf_free(&l->conf);
}

int hub_walked(const struct hub_looking *l, int result)
{
	if (result >= 0)
		return cli_finish(l->cli);
	const char *why = archive_view_why(l->view);
	cli_error(l->cli, "%s: %s%s%s", l->conf.state_dir, err_text(result),
		why[0] != '\0' ? ": " : "", why);
	return cli_exit_of(result);
}
