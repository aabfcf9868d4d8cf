/* SPDX-License-Identifier: Apache-2.0
 * platen status: the state of the daemon: from itself if it runs, else as it last wrote it. */
#include "engine/agent/status_source.h"
#include "engine/agent/verbs.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int print(const struct cli *cli, const struct agent_status *s, bool is_running)
{
	if (!cli_has(cli, "json"))
		return status_print(stdout, s, is_running, cli_wall_ms());
	struct writer w;
	writer_open_file(&w, stdout);
	status_json(&w, s, is_running);
	return jw_close(&w);
}

/* A monitoring program reads this only. */
static int exit_code(const struct agent_status *s, bool is_running)
{
	if (!is_running)
		return CLI_UNAVAILABLE;
	if (strcmp(s->state, STATUS_STARTING) == 0 || strcmp(s->state, STATUS_NOT_RESPONDING) == 0)
		return CLI_TEMPORARY;
	return s->disk_error[0] != '\0' ? CLI_IO : CLI_OK;
}

/* Each daemon leaves its lock file. */
static bool has_run(const char *dir)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/store.lock", dir);
	return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

static int show(const struct cli *cli, const char *dir)
{
	struct agent_status s;
	bool is_running;
	int err = agent_status_get(dir, &s, &is_running);
	int code = err == -ENOENT ? CLI_UNAVAILABLE : exit_code(&s, is_running);
	if (err >= 0)
		err = print(cli, &s, is_running);
	int finished = cli_finish_state(cli, err, dir,
		err == ERR_FORMAT ? "status.json is damaged: the next start of the daemon mends it"
				  : "",
		has_run(dir) ? "a daemon has run here, but its status.json is missing"
			     : "no daemon has run here yet; start one with: platen run");
	return finished == CLI_OK || err == -ENOENT ? code : finished;
}

static int run(const struct cli *cli)
{
	return agent_in_state_dir(cli, show);
}

const struct cli_verb agent_verb_status = {.name = "status",
	.summary = "show the state of the daemon",
	.details =
		"A running daemon is asked itself, over its control socket; if none runs, its last "
		"status is shown. The exit code tells which: 0 it runs, 69 it does not run, 74 it "
		"cannot write its state directory, 75 it does not respond. Of the configuration it "
		"needs only state_dir: the file may hold "
		"mistakes, and its secrets are not read.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
