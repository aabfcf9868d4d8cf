/* SPDX-License-Identifier: Apache-2.0
 * platen-hub report: one row for each device. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/report.h"
#include "proto/wire/policy.h"

struct reporting {
	struct hub_reader *reader;
	struct report report;
	const struct policy *policy; /* NULL: every field */
};

static int report_one(void *owner, const struct archive_device *d)
{
	struct reporting *o = owner;
	struct reading r;
	struct history_state history;
	struct report_device row = {.device_key = d->key,
		.address = d->address,
		.read_at_ms = d->read_at_ms,
		.reading = &r,
		.evaluation = &history};
	reading_open(&r, &o->reader->blocks);
	archive_device_read(d, &r, &row.mask);
	hub_read_history(&history, d, &r);
	if (o->policy != NULL)
		policy_apply(o->policy, &r);
	int err = report_device(&o->report, &row);
	reading_close(&r);
	return err;
}

static int print(struct hub_reader *r)
{
	const char *name = cli_has(r->cli, "json") ? "json" : cli_value(r->cli, "format");
	struct policy policy;
	struct reporting o = {.reader = r};
	policy_open_third_party(&policy);
	if (cli_has(r->cli, "for-third-party"))
		o.policy = &policy;
	struct report_options report = {.format = (enum report_format)report_format_from_text(name),
		.title = "Devices",
		.software = "platen-hub " PLATEN_VERSION,
		.now_ms = cli_wall_ms(),
		.has_evaluation = true};
	report_begin(&o.report, stdout, &report);
	int n = archive_view_each(r->view, report_one, &o);
	int err = report_end(&o.report);
	return err < 0 ? err : n;
}

static int run(const struct cli *cli)
{
	return hub_read(cli, print);
}

static const struct cli_option options[] = {
	CLI_OPTION("format", 'f', .type = CLI_WORD, .value = "FORMAT",
		.words = "text csv html json", .preset = "text", .help = "how it is shown"),
	CLI_OPTION("for-third-party", 0,
		.help = "without what is confidential to vendors (docs/what-leaves.md)"),
	{.name = NULL}};

const struct cli_verb hub_verb_report = {.name = "report",
	.summary = "one row for each device, for people or a spreadsheet",
	.details = "For a suspect meter the columns hold the value that counts, not the last one. "
		   "--json is --format json.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
