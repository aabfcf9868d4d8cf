/* SPDX-License-Identifier: Apache-2.0
 * platen once: one cycle over every printer, then one sync if it is due. */
#include "engine/agent/agent.h"
#include "engine/agent/verbs.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

static double seconds(uint64_t ms)
{
	return (double)ms / 1000;
}

static int print_summary_json(const struct agent_summary *s)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_uint(&w, "printers", s->roster.devices);
	jw_uint(&w, "over_limit", s->roster.over_limit);
	jw_uint(&w, "complete", s->fleet.complete);
	jw_uint(&w, "partial", s->fleet.partial);
	jw_uint(&w, "silent", s->fleet.silent);
	jw_uint(&w, "refused", s->fleet.refused);
	jw_uint(&w, "others", s->roster.others);
	jw_object(&w, "others_by_kind");
	for (unsigned k = 0; k < KIND_COUNT; k++) {
		if (s->roster.by_kind[k] > 0)
			jw_uint(&w, device_kind_name(k), s->roster.by_kind[k]);
	}
	jw_end(&w);
	jw_uint(&w, "absent", s->roster.absent);
	jw_uint(&w, "kept", s->collect.kept);
	jw_uint(&w, "unchanged", s->collect.unchanged);
	jw_uint(&w, "lost", s->collect.lost);
	jw_uint(&w, "lag_p50_ms", s->lag.p50_ms);
	jw_uint(&w, "lag_p99_ms", s->lag.p99_ms);
	jw_uint(&w, "lag_p999_ms", s->lag.p999_ms);
	jw_uint(&w, "slow_iterations", s->lag.slow);
	jw_uint(&w, "stopped_responding", s->fleet.stopped_responding);
	jw_uint(&w, "safe_mode", s->roster.safe_mode);
	jw_uint(&w, "drops", s->drops);
	jw_uint(&w, "halved", s->halved);
	jw_uint(&w, "probes", s->snmp.probes);
	jw_uint(&w, "cycle_ms", s->cycle_ms);
	jw_decimal(&w, "cycle_s", seconds(s->cycle_ms), 3);
	jw_bool(&w, "sync_due", s->is_sync_due);
	jw_time(&w, "next_sync", s->next_sync_ms);
	jw_uint(&w, "pending", s->pending);
	jw_uint(&w, "sync_ms", s->sync_ms);
	jw_uint(&w, "sent", s->sent);
	jw_uint(&w, "batches", s->batches);
	jw_uint(&w, "batch_bytes", s->batch_bytes);
	jw_uint(&w, "requests", s->snmp.requests);
	jw_uint(&w, "resent", s->snmp.resent);
	jw_uint(&w, "timeouts", s->snmp.timeouts);
	jw_uint(&w, "unmatched", snmp_client_counters_refused(&s->snmp) - s->snmp.reports);
	jw_uint(&w, "budget_bytes", s->budget_bytes);
	jw_uint(&w, "budget_kib", s->budget_bytes / 1024);
	jw_uint(&w, "peak_kib", s->peak_bytes / 1024);
	jw_uint(&w, "lag_ms", s->lag.max_ms);
	if (s->sync_err < 0) {
		jw_str(&w, "sync_error", err_text(s->sync_err));
		jw_str(&w, "sync_why", s->sync_why);
	} else {
		jw_null(&w, "sync_error");
		jw_null(&w, "sync_why");
	}
	return jw_close(&w);
}

/* The other hosts at the addresses of the ranges. */
static void print_others(const struct roster_counts *r)
{
	const char *before = " (";
	if (r->others > 0)
		(void)printf("%llu other device%s, not printers, not kept",
			(unsigned long long)r->others, PLURAL_S(r->others));
	for (unsigned k = 0; k < KIND_COUNT && r->others > 0; k++) {
		if (r->by_kind[k] == 0)
			continue;
		(void)printf("%s%llu %s", before, (unsigned long long)r->by_kind[k],
			device_kind_name(k));
		before = ", ";
	}
	if (r->others > 0)
		(void)printf("); see devices.accept\n");
	if (r->absent > 0)
		(void)printf("%llu address%s of ranges without a response\n",
			(unsigned long long)r->absent, PLURAL_ES(r->absent));
}

static void print_sync(const struct agent_summary *s, const struct agent_conf *conf)
{
	char next[25];
	str_utc(next, s->next_sync_ms);
	if (conf->has_hub && !conf->sends)
		(void)printf("send is off: nothing was sent\n");
	else if (!conf->has_hub)
		(void)printf("no hub is configured: nothing was sent\n");
	else if (s->is_sync_due || s->batches > 0)
		(void)printf("%ju record%s sent in %ju batch%s, %ju bytes, %.1f s\n", s->sent,
			PLURAL_S(s->sent), s->batches, PLURAL_ES(s->batches), s->batch_bytes,
			seconds(s->sync_ms));
	else
		(void)printf("no sync is due before %s: %ju record%s wait%s; --sync sends now\n",
			next, s->pending, PLURAL_S(s->pending), s->pending == 1 ? "s" : "");
}

static void print_summary(const struct agent_summary *s, const struct agent_conf *conf)
{
	(void)printf(
		"%ju printer%s in %.1f s: %ju complete, %ju partial, %ju silent, %ju refused\n",
		s->roster.devices, PLURAL_S(s->roster.devices), seconds(s->cycle_ms),
		s->fleet.complete, s->fleet.partial, s->fleet.silent, s->fleet.refused);
	print_others(&s->roster);
	if (s->roster.over_limit > 0)
		(void)printf("%ju more are configured beyond devices.max and were not read\n",
			s->roster.over_limit);
	(void)printf("%ju reading%s kept, %ju unchanged, %ju lost\n", s->collect.kept,
		PLURAL_S(s->collect.kept), s->collect.unchanged, s->collect.lost);
	print_sync(s, conf);
	(void)printf(
		"%ju request%s (%ju retransmitted, %ju without a response), %.1f MiB of memory "
		"(budget %.1f)\n",
		s->snmp.requests, PLURAL_S(s->snmp.requests), s->snmp.resent, s->snmp.timeouts,
		(double)s->peak_bytes / (1 << 20), (double)s->budget_bytes / (1 << 20));
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct agent_summary summary = {.cycle_ms = 0};
	int code = agent_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int err = agent_once(&conf, cli_has(cli, "sync"), &summary);
	if (err < 0) {
		agent_conf_free(&conf);
		return cli_fail(cli, err, "the cycle failed: %s", err_text(err));
	}
	if (cli_has(cli, "json"))
		err = print_summary_json(&summary);
	else
		print_summary(&summary, &conf);
	code = cli_finish(cli);
	if (summary.collect.lost > 0) {
		int failed = cli_fail(cli, ERR_STORE,
			"%ju readings were lost, as the spool in %s did not keep them: is the "
			"disk full?",
			summary.collect.lost, conf.state_dir);
		code = code == CLI_OK ? failed : code;
	}
	if (summary.roster.addresses == 0 && summary.unresolved > 0) {
		int failed = cli_fail(cli, ERR_NAME,
			"no printer was polled: %zu name%s of devices.targets %s not resolve",
			summary.unresolved, PLURAL_S(summary.unresolved),
			summary.unresolved == 1 ? "does" : "do");
		code = code == CLI_OK ? failed : code;
	}
	if (summary.sync_err < 0) {
		/* The readings are safe in the spool; the next sync sends them. */
		int failed = cli_fail(cli, summary.sync_err, "not everything reached %s: %s",
			conf.hub_url,
			summary.sync_why[0] != '\0' ? summary.sync_why
						    : err_text(summary.sync_err));
		code = code == CLI_OK ? failed : code;
	}
	agent_conf_free(&conf);
	return err < 0 ? CLI_FAILED : code;
}

static const struct cli_option options[] = {
	CLI_OPTION("sync", 's', .help = "send what the spool holds, also if no sync is due"),
	{.name = NULL}};

const struct cli_verb agent_verb_once = {.name = "once",
	.summary = "poll all printers once, send if a sync is due, and end",
	.details = "A sync is due at the first run, at the first one after a time of the schedule "
		   "(sync.at, sync.interval), and after a sync that failed for a reason that "
		   "passes; else the readings stay in the spool. Silent printers are counted, not "
		   "an error. If the hub cannot be reached, the readings stay in the spool and the "
		   "exit code says so.",
	.options = {options, conf_option_config, agent_option_models, cli_option_json},
	.run = run};
