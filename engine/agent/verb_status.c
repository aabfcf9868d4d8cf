/* SPDX-License-Identifier: Apache-2.0
 * platen status: the state of the daemon: from itself if it runs, else as it last wrote it. */
#include "engine/agent/verbs.h"
#include "engine/ui/ctl.h"
#include "engine/ui/status.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A daemon whose loop runs responds within milliseconds. */
enum { RESPONSE_S = 5 };

/* A daemon without a control socket writes status.json at least every 30 s. */
enum { STALE_MS = 120000 };

/* 1: the daemon responded, *s is of this moment. 0: none listens. ERR_TIMEOUT, or another error:
 * one listens and gives no status. */
static int ask_daemon(const char *dir, struct agent_status *s)
{
	static const struct ctl_field request = {"do", "status"};
	char text[LIMIT_CTL_LINE];
	uint8_t bytes[64];
	struct buf line;
	buf_over(&line, bytes, sizeof bytes);
	int err = ctl_line_write(&line, &request, 1);
	if (err == 0)
		err = ctl_request_within(dir, &line, RESPONSE_S, text, sizeof text);
	if (err == -ENOENT || err == -ECONNREFUSED || err == -ENAMETOOLONG)
		return 0;
	if (err == 0)
		err = status_parse(s, text, strlen(text));
	return err < 0 ? err : 1;
}

/* No process listens: what the last one wrote, or that one holds the lock. */
static int read_last(const char *dir, struct agent_status *s, bool *is_running)
{
	uint64_t pid;
	int running = status_is_running(dir, &pid);
	int err = running < 0 ? running : status_read(dir, s);
	*is_running = running == 1;
	if (running != 1)
		return err;
	/* Without a control socket (a long state_dir) status.json is all there is. Another pid's is
	 * of an earlier run. */
	if (err < 0 || s->pid != pid) {
		*s = (struct agent_status){.pid = pid, .state = STATUS_STARTING};
		(void)str_copy(s->version, sizeof s->version, PLATEN_VERSION);
	} else if (cli_wall_ms() > s->written_ms + STALE_MS) {
		(void)str_copy(s->state, sizeof s->state, STATUS_NOT_RESPONDING);
	}
	return 0;
}

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
	struct agent_status s = {.pid = 0};
	uint64_t pid;
	bool is_running = true;
	int err = ask_daemon(dir, &s);
	if (err == 0) {
		err = read_last(dir, &s, &is_running);
	} else if (err < 0 && status_is_running(dir, &pid) == 1) {
		/* A status written before it hung may be hours old: the state stands above it. */
		if (status_read(dir, &s) < 0 || s.pid != pid)
			s = (struct agent_status){.pid = pid, .version = PLATEN_VERSION};
		(void)str_copy(s.state, sizeof s.state, STATUS_NOT_RESPONDING);
		err = 0;
	}
	int code = err == -ENOENT ? CLI_UNAVAILABLE : exit_code(&s, is_running);
	if (err >= 0)
		err = print(cli, &s, is_running);
	int finished = cli_finish_state(cli, err, dir, "",
		has_run(dir) ? "a daemon has run here, but its status.json is missing"
			     : "no daemon has run here yet; start one with: platen run");
	return finished == CLI_OK || err == -ENOENT ? code : finished;
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = show(cli, conf.state_dir);
	agent_conf_free(&conf);
	return code;
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
