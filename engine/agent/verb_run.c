/* SPDX-License-Identifier: Apache-2.0
 * platen run: the daemon. */
#include "engine/agent/agent.h"
#include "engine/agent/verbs.h"
#include "engine/loop/daemon.h"

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	daemon_hold_signals(); /* the configuration may be long */
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int fd = cli_has(cli, "ready-fd") ? (int)cli_number(cli, "ready-fd") : -1;
	int err = agent_run(&conf, fd);
	agent_conf_free(&conf);
	return cli_exit_of(err);
}

const struct cli_verb agent_verb_run = {.name = "run",
	.summary = "the daemon: poll all printers and send to the hub",
	.details = "Polls each printer of the configuration once in devices.interval, keeps the "
		   "readings in the state directory and sends them to the hub as sync.at says. "
		   "Logs to stderr. SIGHUP reads the configuration again and polls the silent "
		   "printers at once. SIGTERM and SIGINT stop it.",
	.options = {conf_option_config, agent_option_models, agent_option_ready_fd},
	.run = run};
