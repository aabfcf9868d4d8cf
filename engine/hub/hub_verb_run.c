/* SPDX-License-Identifier: Apache-2.0
 * platen-hub run: the daemon. */
#include "engine/hub/hub_verbs.h"
#include "engine/hub/hub.h"
#include "engine/loop/daemon.h"

static int run(const struct cli *cli)
{
	struct hub_conf conf;
	daemon_hold_signals();
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int err = hub_run(&conf, cli_has(cli, "ready-fd") ? (int)cli_number(cli, "ready-fd") : -1);
	hub_conf_free(&conf);
	return cli_exit_of(err);
}

static const struct cli_option options[] = {
	CLI_OPTION("ready-fd", 0, .type = CLI_NUMBER, .value = "N", .min = 1, .max = 1023,
		.help = "write one JSON line with the port to this descriptor once the hub "
			"listens"),
	{.name = NULL}};

const struct cli_verb hub_verb_run = {.name = "run",
	.summary = "the daemon: receive what agents send",
	.details = "Listens for agents (HTTPS) at listen.address and listen.port, keeps their "
		   "readings in the state directory and responds with signed receipts. SIGTERM and "
		   "SIGINT stop it.",
	.options = {conf_option_config, options},
	.run = run};
