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

/* The bit of a kind in the filter; false: there is none of this name. */
static bool add_kind(struct archive_event_filter *f, struct text name)
{
	static const struct alert raised[] = {
		[ALERT_FAULT] = {.severity = 3}, [ALERT_WARNING] = {.severity = 4}};
	for (unsigned k = 0; k < HISTORY_KIND_COUNT; k++) {
		if (text_is_equal(name, text_of(history_kind_name((enum history_kind)k)))) {
			f->kinds |= 1u << k;
			return true;
		}
	}
	for (unsigned k = 0; k < sizeof raised / sizeof raised[0]; k++) {
		if (text_is_equal(name, text_of(alert_kind_name(&raised[k])))) {
			f->alerts |= 1u << k;
			return true;
		}
	}
	return false;
}

/* "supply_low,fault"; -1 after a message. */
static int read_kinds(const struct cli *cli, const char *names, struct archive_event_filter *f)
{
	while (names != NULL && *names != '\0') {
		size_t n = strcspn(names, ",");
		if (!add_kind(f, (struct text){names, n})) {
			cli_error(cli,
				"--kind: %.*s is no kind of event; see platen-hub events --help",
				(int)n, names);
			return -1;
		}
		names += n + (names[n] == ',' ? 1 : 0);
	}
	return 0;
}

/* The keys of the devices that an ID names. */
struct found_key {
	char key[LIMIT_DEVICE_KEY];
	unsigned count;
};

static int note_key(void *owner, const struct archive_device *d)
{
	struct found_key *f = owner;
	(void)snprintf(f->key, sizeof f->key, "%.*s", (int)d->key.len, d->key.p);
	f->count++;
	return 0;
}

/* An ID in the form of the verb `device`; -1 after a message. */
static int read_device(struct hub_reader *r, struct found_key *f)
{
	const char *id = cli_value(r->cli, "device");
	int n = id == NULL ? 0 : hub_find_device(r, id, note_key, f);
	if (n < 0 || id == NULL || f->count == 1)
		return n;
	if (f->count == 0)
		cli_error(r->cli, "%s: no such device", id);
	else
		cli_error(r->cli, "%s: %u devices: give the key of one, as `devices` lists it", id,
			f->count);
	return ERR_USAGE;
}

static struct text text_option(const struct cli *cli, const char *name)
{
	const char *value = cli_value(cli, name);
	return value != NULL ? text_of(value) : TEXT("");
}

static int print_json_lines(const struct hub_reader *r, const struct archive_event_filter *f)
{
	struct events_out o;
	writer_open_file(&o.w, stdout);
	int n = archive_view_events(r->view, f, print_json, &o);
	int err = writer_close(&o.w);
	return err < 0 ? err : n;
}

static int print_table(
	const struct hub_reader *r, const struct archive_event_filter *f, bool is_csv)
{
	struct events_out o;
	if (is_csv)
		event_csv_begin(&o.table, stdout);
	else
		event_table_begin(&o.table, stdout, true);
	int n = archive_view_events(r->view, f, print_row, &o);
	int err = table_end(&o.table);
	return n < 0 ? n : err < 0 ? err : n;
}

static int print_events(struct hub_reader *r)
{
	struct found_key device = {.count = 0};
	uint64_t now_ms = cli_wall_ms(), back_ms = cli_number(r->cli, "since");
	struct archive_event_filter f = {.site = text_option(r->cli, "site"),
		.since_ms = now_ms > back_ms ? now_ms - back_ms : 0,
		.max = (size_t)cli_number(r->cli, "max")};
	if (read_kinds(r->cli, cli_value(r->cli, "kind"), &f) < 0)
		return ERR_USAGE;
	int n = hub_check_site(r);
	if (n == 0)
		n = read_device(r, &device);
	if (n < 0)
		return n;
	f.key = text_of(device.key);
	n = cli_has(r->cli, "json") ? print_json_lines(r, &f)
				    : print_table(r, &f, cli_has(r->cli, "csv"));
	if (n >= 0 && (size_t)n == f.max)
		(void)fprintf(stderr,
			"platen-hub: the newest %zu events are shown; more with --max, fewer with "
			"--kind, --site or --since\n",
			f.max);
	return n;
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
	return hub_read_table(cli, print);
}

static const struct cli_option options[] = {
	CLI_OPTION("device", 'd', .type = CLI_TEXT, .value = "ID",
		.help = "only of this device: its key, its serial number or its address"),
	CLI_OPTION("kind", 'k', .type = CLI_TEXT, .value = "KIND,...",
		.help = "only of these kinds: supply_low supply_empty supply_replaced alert_raised "
			"(fault and warning together) fault warning meter_reset meter_jump "
			"firmware_changed moved another_device"),
	CLI_OPTION("site", 'S', .type = CLI_TEXT, .value = "SITE",
		.help = "only of devices that an agent of this site reads"),
	CLI_OPTION("csv", 0, .help = "as CSV (RFC 4180) instead of a table"),
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
