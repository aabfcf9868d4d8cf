/* SPDX-License-Identifier: Apache-2.0
 * platen doctor: what keeps the agent from working, step by step, each with its cause and the way
 * out. */
#include "engine/agent/doctor.h"
#include "engine/agent/reach.h"
#include "engine/agent/verbs.h"
#include "proto/text/json_writer.h"

#include <stdio.h>
#include <string.h>

static void check_configuration(struct doctor *d, const char *file)
{
	if (d->is_loaded)
		(void)checklist_add(&d->list, "conf", file, CHECK_OK, "", "can be read");
	else
		(void)checklist_add(&d->list, "conf", file, CHECK_TROUBLE,
			"mend what is named; platen check-config checks again", "%.400s",
			d->conf_why.text);
}

static int print_json(const struct doctor *d)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_uint(&w, "troubles", d->list.troubles);
	jw_array(&w, "checks");
	checklist_json(&w, &d->list);
	jw_end(&w);
	return jw_close(&w);
}

static int examine(struct doctor *d)
{
	const char *bundle = cli_value(d->cli, "bundle");
	bool is_json = cli_has(d->cli, "json");
	d->list.is_shown = !is_json;
	check_configuration(d, conf_file_of(d->cli));
	doctor_files(d);
	doctor_daemon(d);
	doctor_hub(d);
	doctor_printers(d);
	int err = bundle != NULL ? doctor_bundle(d, bundle) : 0;
	if (is_json && print_json(d) < 0)
		return CLI_FAILED;
	if (!is_json && d->list.troubles == 0)
		(void)printf("no trouble found\n");
	else if (!is_json)
		(void)printf("%zu in trouble\n", d->list.troubles);
	int code = cli_finish(d->cli);
	return code != CLI_OK ? code : err < 0 ? cli_exit_of(err) : d->list.troubles > 0;
}

static int run(const struct cli *cli)
{
	static struct doctor d; /* 100 KiB: too much for a stack */
	struct agent_conf conf;
	struct conf_error why;
	memset(&d, 0, sizeof d);
	d.cli = cli;
	d.conf = &conf;
	d.is_loaded = agent_conf_load(&conf, conf_file_of(cli), &d.conf_why) == 0;
	/* The state directory can be looked at all the same. */
	if (!d.is_loaded && agent_conf_peek(&conf, conf_file_of(cli), &why) < 0)
		memset(&conf, 0, sizeof conf);
	int code = d.is_loaded ? agent_use_fips(cli, &conf) : CLI_OK;
	int err = code == CLI_OK ? loop_open(&d.loop, REACH_DEADLINES) : 0;
	if (err < 0)
		code = cli_fail(cli, err, "%s", err_text(err));
	if (code == CLI_OK) {
		code = examine(&d);
		err = loop_close(d.loop);
		if (err < 0)
			code = cli_fail(cli, err, "something stayed open: %s", err_text(err));
	}
	agent_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("bundle", 'b', .type = CLI_FILE, .value = "FILE", .words = ".json",
		.help = "also write a new file for support: these findings, the configuration "
			"without secrets, status and versions"),
	{.name = NULL}};

const struct cli_verb agent_verb_doctor = {.name = "doctor",
	.summary = "find what keeps the agent from working, with the way out",
	.details =
		"Checks the configuration, the rights of its files of secrets, the state directory "
		"and its disk, the daemon, the way to the hub (name, TCP, TLS, clock, account) and "
		"SNMP for each target. Each line is ok, trouble or not tried. It sends an empty "
		"batch to the hub, which refuses it, and one GET to at most 256 addresses of a "
		"target. The exit code is 1 if anything is in trouble. Run it as the daemon's "
		"user.",
	.options = {options, conf_option_config, cli_option_json},
	.run = run};
