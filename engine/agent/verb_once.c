/* SPDX-License-Identifier: Apache-2.0
 * The verbs that read printers: run, once, poll, record, read. */
#include "proto/text/json_writer.h"
#include "engine/agent/verbs.h"

#include "engine/agent/agent.h"
#include "engine/agent/printer_url.h"
#include "engine/agent/printer_options.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct cli_option agent_run_options[] = {CLI_OPTION_CONFIG, AGENT_OPTION_MODELS,
	{"ready-fd", 0, "N", "write one JSON line to descriptor N when everything is open"}, {0}};

const struct cli_option agent_once_options[] = {CLI_OPTION_CONFIG, AGENT_OPTION_MODELS,
	{"json", 'j', NULL, "one JSON object instead of words"}, {0}};

const struct cli_option agent_poll_options[] = {AGENT_PRINTER_OPTIONS, AGENT_OPTION_MODELS,
	{"ipp", 0, "MODE",
		"IPP as the second source: auto (if SNMP tells too little), always, only or off"},
	{"ipp-port", 0, "PORT", "the printer's TCP port for IPP (631)"},
	{"json", 'j', NULL, "one JSON object instead of words"},
	{"trace", 0, NULL, "show each question and its answer on stderr"}, {0}};

const struct cli_option agent_record_options[] = {AGENT_PRINTER_OPTIONS, AGENT_OPTION_MODELS,
	{"output", 'o', "FILE", "the recording (.snmprec); must not exist; - is stdout"},
	{"hide-serial", 0, NULL, "make the serial number unreadable too"}, {0}};

int agent_verb_run(const struct cli *cli)
{
	uint64_t fd = 0;
	if (cli_number(cli, "ready-fd", 1, 1023, 0, &fd) < 0)
		return CLI_USAGE;
	struct agent_conf conf;
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int err = agent_run(&conf, cli_has(cli, "ready-fd") ? (int)fd : -1);
	agent_conf_free(&conf);
	return cli_exit_of(err);
}

/* ---- once ---- */

static double seconds(uint64_t ms)
{
	return (double)ms / 1000;
}

static int print_summary_json(const struct agent_summary *s)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_uint(&w, "printers", s->printers);
	jw_uint(&w, "over_limit", s->over_limit);
	jw_uint(&w, "complete", s->complete);
	jw_uint(&w, "partial", s->partial);
	jw_uint(&w, "silent", s->silent);
	jw_uint(&w, "kept", s->kept);
	jw_uint(&w, "unchanged", s->unchanged);
	jw_uint(&w, "lost", s->lost);
	jw_uint(&w, "lag_p50_ms", s->lag_p50_ms);
	jw_uint(&w, "lag_p99_ms", s->lag_p99_ms);
	jw_uint(&w, "lag_p999_ms", s->lag_p999_ms);
	jw_uint(&w, "slow_turns", s->slow_turns);
	jw_uint(&w, "fell_silent", s->fell_silent);
	jw_uint(&w, "careful", s->careful);
	jw_uint(&w, "drops", s->drops);
	jw_uint(&w, "halved", s->halved);
	jw_uint(&w, "probes", s->probes);
	jw_uint(&w, "cycle_ms", s->cycle_ms);
	jw_decimal(&w, "cycle_s", seconds(s->cycle_ms), 3);
	jw_uint(&w, "sync_ms", s->sync_ms);
	jw_uint(&w, "sent", s->sent);
	jw_uint(&w, "batches", s->batches);
	jw_uint(&w, "batch_bytes", s->batch_bytes);
	jw_uint(&w, "asked", s->requests);
	jw_uint(&w, "resent", s->resent);
	jw_uint(&w, "timeouts", s->timeouts);
	jw_uint(&w, "strays", s->strays);
	jw_uint(&w, "budget_bytes", s->budget_bytes);
	jw_uint(&w, "budget_kib", s->budget_bytes / 1024);
	jw_uint(&w, "peak_kib", s->peak_bytes / 1024);
	jw_uint(&w, "lag_ms", s->lag_ms);
	if (s->sync_err < 0) {
		jw_str(&w, "sync_error", err_text(s->sync_err));
		jw_str(&w, "sync_why", s->sync_why);
	}
	jw_end(&w);
	writer_char(&w, '\n');
	return writer_close(&w);
}

static void print_summary(const struct agent_summary *s, bool has_hub)
{
	(void)printf("%llu printers in %.1f s: %llu complete, %llu partial, %llu silent\n",
		(unsigned long long)s->printers, seconds(s->cycle_ms),
		(unsigned long long)s->complete, (unsigned long long)s->partial,
		(unsigned long long)s->silent);
	if (s->over_limit > 0)
		(void)printf("%llu more are configured beyond devices.max and were not read\n",
			(unsigned long long)s->over_limit);
	(void)printf("%llu readings kept, %llu unchanged, %llu lost\n", (unsigned long long)s->kept,
		(unsigned long long)s->unchanged, (unsigned long long)s->lost);
	if (!has_hub)
		(void)printf("no hub is configured: nothing was sent\n");
	else
		(void)printf("%llu records sent in %llu batches, %llu bytes, %.1f s\n",
			(unsigned long long)s->sent, (unsigned long long)s->batches,
			(unsigned long long)s->batch_bytes, seconds(s->sync_ms));
	(void)printf("%llu questions (%llu sent again, %llu without an answer), %.1f MiB of memory "
		     "(budget %.1f)\n",
		(unsigned long long)s->requests, (unsigned long long)s->resent,
		(unsigned long long)s->timeouts, (double)s->peak_bytes / (1 << 20),
		(double)s->budget_bytes / (1 << 20));
}

int agent_verb_once(const struct cli *cli)
{
	struct agent_conf conf;
	struct agent_summary summary = {.printers = 0};
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int err = agent_once(&conf, &summary);
	if (err < 0) {
		cli_error(cli, "the cycle could not be made: %s", err_text(err));
		agent_conf_free(&conf);
		return cli_exit_of(err);
	}
	if (cli_has(cli, "json"))
		err = print_summary_json(&summary);
	else
		print_summary(&summary, conf.has_hub);
	code = cli_finish(cli);
	if (summary.sync_err < 0) {
		/* What was read is safe in the spool; the next sync takes it along. */
		cli_error(cli, "not everything reached %s: %s", conf.hub_url,
			summary.sync_why[0] != '\0' ? summary.sync_why
						    : err_text(summary.sync_err));
		code = code == CLI_OK ? cli_exit_of(summary.sync_err) : code;
	}
	agent_conf_free(&conf);
	return err < 0 ? CLI_FAILED : code;
}

/* ---- poll ---- */

int agent_verb_poll(const struct cli *cli)
{
	struct cli_printer p;
	struct agent_ipp_url url;
	int code = cli_printer_take(cli, &p);
	if (code == CLI_OK)
		code = agent_ipp_take(cli, &p.options, &url);
	if (code == CLI_OK) {
		p.options.is_json = cli_has(cli, "json");
		p.options.is_trace = cli_has(cli, "trace");
		int err = agent_poll(&p.options);
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
	}
	cli_printer_close(&p);
	return code;
}

/* ---- snmp-test ---- */

const struct cli_option agent_snmp_test_options[] = {
	AGENT_PRINTER_OPTIONS, {"json", 'j', NULL, "one JSON object instead of words"}, {0}};

int agent_verb_snmp_test(const struct cli *cli)
{
	struct cli_printer p;
	int code = cli_printer_take(cli, &p);
	if (code == CLI_OK) {
		p.options.is_json = cli_has(cli, "json");
		int err = agent_snmp_test(&p.options);
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
	}
	cli_printer_close(&p);
	return code;
}

/* ---- record ---- */

int agent_verb_record(const struct cli *cli)
{
	const char *file = cli_value(cli, "output");
	struct cli_printer p;
	size_t rows = 0;
	if (file == NULL)
		return cli_usage(cli, "--output FILE is needed (- is stdout)");
	int code = cli_printer_take(cli, &p);
	if (code == CLI_OK) {
		int err = agent_record(&p.options, file, cli_has(cli, "hide-serial"), &rows);
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
		if (code == CLI_OK && strcmp(file, "-") != 0)
			(void)fprintf(stderr, "platen: %zu varbinds in %s\n", rows, file);
	}
	cli_printer_close(&p);
	return code;
}

/* ---- read ---- */

const struct cli_option agent_read_options[] = {
	{"recording", 'r', "FILE", "the recording; its name ends as its format is called"},
	{"context-file", 'x', "FILE",
		"what the same printer answers in another SNMP context (HP: Jetdirect)"},
	AGENT_OPTION_MODELS, {"json", 'j', NULL, "one JSON object instead of words"}, {0}};

int agent_verb_read(const struct cli *cli)
{
	struct agent_read_options o = {.recording = cli_value(cli, "recording"),
		.context = cli_value(cli, "context-file"),
		.models = cli_value(cli, "models"),
		.is_json = cli_has(cli, "json")};
	if (o.recording == NULL)
		return cli_usage(cli, "--recording FILE is needed");
	int err = agent_read(&o);
	if (err < 0)
		return err == ERR_CONF ? CLI_CONFIG : CLI_FAILED;
	return cli_finish(cli);
}
