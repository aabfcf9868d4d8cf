/* SPDX-License-Identifier: Apache-2.0
 * platen sync-now: the running daemon syncs at once; the verb waits for the end and shows it. */
#include "engine/agent/verbs.h"
#include "engine/ui/ctl.h"
#include "engine/ui/status.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <string.h>

struct result {
	const char *error, *why; /* "": all is at the hub */
	uint64_t batches, records, duplicates, rejected, retries, sent_bytes, took_ms;
	int exit_code;
};

static uint64_t number(const struct ctl_line *line, const char *name)
{
	uint64_t v;
	return str_to_u64(ctl_line_get(line, name), 0, UINT64_MAX, &v) < 0 ? 0 : v;
}

/* The texts are good as long as `line`. */
static void read_result(struct result *r, const struct ctl_line *line)
{
	*r = (struct result){.error = ctl_line_get(line, "error"),
		.why = ctl_line_get(line, "why"),
		.batches = number(line, "batches"),
		.records = number(line, "records"),
		.duplicates = number(line, "duplicates"),
		.rejected = number(line, "rejected"),
		.retries = number(line, "retries"),
		.sent_bytes = number(line, "sent_bytes"),
		.took_ms = number(line, "took_ms"),
		.exit_code = (int)number(line, "exit_code")};
}

static int print_json(const struct result *r)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_str(&w, "error", r->error);
	jw_str(&w, "why", r->why);
	jw_uint(&w, "batches", r->batches);
	jw_uint(&w, "records", r->records);
	jw_uint(&w, "duplicates", r->duplicates);
	jw_uint(&w, "rejected", r->rejected);
	jw_uint(&w, "retries", r->retries);
	jw_uint(&w, "sent_bytes", r->sent_bytes);
	jw_uint(&w, "took_ms", r->took_ms);
	return jw_close(&w);
}

static void print(const struct result *r)
{
	if (r->batches > 0)
		(void)printf("%ju record%s sent in %ju batch%s, %ju bytes, %.1f s\n", r->records,
			PLURAL_S(r->records), r->batches, PLURAL_ES(r->batches), r->sent_bytes,
			(double)r->took_ms / 1000);
	else if (r->error[0] == '\0')
		(void)printf("nothing to send: all readings are at the hub\n");
	if (r->rejected > 0)
		(void)printf("%ju record%s refused by the hub and moved aside\n", r->rejected,
			PLURAL_S(r->rejected));
}

static int show(const struct cli *cli, const char *response)
{
	static struct ctl_line line; /* 32 KiB */
	struct result r;
	int err = ctl_line_read(&line, response, strlen(response));
	if (err < 0)
		return cli_fail(cli, err, "the daemon's response: %s: is it of this version?",
			err_text(err));
	read_result(&r, &line);
	if (!cli_has(cli, "json"))
		print(&r);
	else if (print_json(&r) < 0)
		return CLI_FAILED;
	int code = cli_finish(cli);
	if (r.error[0] == '\0')
		return code;
	cli_error(cli, "not everything reached the hub: %s", r.why[0] != '\0' ? r.why : r.error);
	return r.exit_code;
}

/* Nothing listens on the control socket. */
static int no_daemon(const struct cli *cli, const char *dir)
{
	uint64_t pid;
	if (status_is_running(dir, &pid) == 1)
		cli_error(cli,
			"%s: process %ju works here without a control socket: it is starting or "
			"ending, or the path is too long for a socket",
			dir, pid);
	else
		cli_error(cli,
			"%s: no daemon runs here: start it (platen run), or sync without it: "
			"platen once --sync",
			dir);
	return CLI_UNAVAILABLE;
}

static int sync_now(const struct cli *cli, const char *dir)
{
	static const struct ctl_field request = {"do", "sync"};
	char response[LIMIT_CTL_LINE];
	uint8_t bytes[64];
	struct buf line;
	buf_over(&line, bytes, sizeof bytes);
	int err = ctl_line_write(&line, &request, 1);
	if (err == 0)
		err = ctl_request_within(dir, &line, (unsigned)(cli_number(cli, "timeout") / 1000),
			response, sizeof response);
	if (err == 0)
		return show(cli, response);
	if (err == -ENOENT || err == -ECONNREFUSED || err == -ENAMETOOLONG)
		return no_daemon(cli, dir);
	if (err == ERR_TIMEOUT)
		return cli_fail(cli, err,
			"no result within the time of --timeout; platen status shows the sync's "
			"end");
	return cli_fail(cli, err, "%s", response);
}

static int run(const struct cli *cli)
{
	return agent_in_state_dir(cli, sync_now);
}

static const struct cli_option options[] = {
	CLI_OPTION("timeout", 't', .type = CLI_DURATION, .value = "DURATION", .min = 1000,
		.max = 3600000, .preset = "10m", .help = "how long to wait for the sync's end"),
	{.name = NULL}};

const struct cli_verb agent_verb_sync_now = {.name = "sync-now",
	.summary = "let the running daemon send now what its spool holds",
	.details = "Waits for the end of the sync and shows what was sent. The schedule stays as "
		   "it is. The exit code is 0 if everything that was kept is at the hub, 69 if no "
		   "daemon runs, 75 if the reason may pass by itself, 77 if the hub refuses the "
		   "user, 78 if no hub is configured.",
	.options = {options, conf_option_config, cli_option_json},
	.run = run};
