/* SPDX-License-Identifier: Apache-2.0
 * platen-hub events: alerts, supplies, meters, firmware and addresses over time. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/event.h"

#include <stdio.h>
#include <string.h>

struct events_out {
	struct writer w; /* on stdout */
	struct table table;
};

static int print_json(void *owner, const struct archive_event *h)
{
	struct events_out *o = owner;
	event_json(&o->w, h);
	writer_char(&o->w, '\n');
	return o->w.err;
}

static int print_row(void *owner, const struct archive_event *h)
{
	struct events_out *o = owner;
	event_table_row(&o->table, h, true);
	return 0;
}

static int print_events(const struct hub_reader *r)
{
	struct events_out o;
	const char *device = cli_value(r->cli, "device");
	struct text key = device != NULL ? text_of(device) : (struct text){"", 0};
	uint64_t now_ms = cli_wall_ms(), back_ms = cli_number(r->cli, "since");
	uint64_t since_ms = now_ms > back_ms ? now_ms - back_ms : 0;
	size_t max = (size_t)cli_number(r->cli, "max");
	if (cli_has(r->cli, "json")) {
		writer_open_file(&o.w, stdout);
		int n = archive_view_events(r->view, key, since_ms, max, print_json, &o);
		int err = writer_close(&o.w);
		return err < 0 ? err : n;
	}
	event_table_begin(&o.table, stdout, true);
	int n = archive_view_events(r->view, key, since_ms, max, print_row, &o);
	int err = table_end(&o.table);
	return n < 0 ? n : err;
}

/* The note about deleted events goes to stderr: stdout holds events only. */
static int report_deleted(const struct hub_reader *l)
{
	struct archive_counts counts;
	int err = archive_view_counts(l->view, &counts);
	if (err == 0 && counts.events_gone > 0)
		(void)fprintf(stderr,
			"platen-hub: %ju older events are deleted: the hub keeps the last %u\n",
			counts.events_gone, (unsigned)LIMIT_EVENT_ROWS);
	return err;
}

static int print(struct hub_reader *r)
{
	int n = print_events(r);
	return n < 0 ? n : report_deleted(r);
}

static int run(const struct cli *cli)
{
	return hub_read(cli, print);
}

static const struct cli_option options[] = {
	CLI_OPTION("device", 'd', .type = CLI_TEXT, .value = "ID",
		.help = "only of this device: its key as `devices` lists it"),
	CLI_OPTION("since", 's', .type = CLI_DURATION, .value = "TIME", .max = UINT64_MAX,
		.preset = "30d", .help = "not older than this"),
	CLI_OPTION("max", 'n', .type = CLI_NUMBER, .value = "N", .min = 1, .max = LIMIT_EVENT_ROWS,
		.preset = "1000", .help = "the newest N at most"),
	{.name = NULL}};

const struct cli_verb hub_verb_events = {.name = "events",
	.summary = "list alerts, supplies, meters and moves over time",
	.details = "Alerts with their beginning and end, low and replaced supplies, meters that "
		   "began anew, changed firmware, devices that moved: newest first, each with the "
		   "two readings between which it happened. --json prints one object a line.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
