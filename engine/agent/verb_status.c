/* SPDX-License-Identifier: Apache-2.0
 * platen status: the state of the daemon, as it last wrote it. */
#include "engine/agent/verbs.h"
#include "engine/ui/status.h"
#include "proto/text/json_writer.h"

static int print(const struct cli *cli, const struct agent_status *s, bool is_running)
{
	if (!cli_has(cli, "json"))
		return status_print(stdout, s, is_running, cli_wall_ms());
	struct writer w;
	writer_open_file(&w, stdout);
	status_json(&w, s, is_running);
	return jw_close(&w);
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct agent_status status;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int running = status_is_running(conf.state_dir);
	int err = running < 0 ? running : status_read(conf.state_dir, &status);
	if (err == 0)
		err = print(cli, &status, running == 1);
	code = cli_finish_state(cli, err, conf.state_dir, "",
		"no daemon has run here yet; start one with: platen run");
	agent_conf_free(&conf);
	return code;
}

const struct cli_verb agent_verb_status = {.name = "status",
	.summary = "show the state of the daemon",
	.details = "Works whether or not the daemon runs: if not, it shows the last state that the "
		   "daemon wrote. Of the configuration it needs only state_dir: the file may hold "
		   "mistakes, and its secrets are not read.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
