/* SPDX-License-Identifier: Apache-2.0
 * platen-hub supplies: the supplies that need an order, device by device, so that memory does not
 * grow with their number. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/event.h"
#include "engine/ui/view.h"
#include "proto/base/limits.h"
#include "proto/document/json.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

struct supplies_out {
	struct hub_reader *reader;
	struct writer w; /* on stdout */
	struct table table;
	struct text site; /* empty: all */
	double days;      /* what lasts no longer is listed */
	bool is_all, is_json;
	int rows;
};

/* One row: a supply of a device, and what the history says of it. */
struct row {
	const struct archive_device *device;
	const struct supply *supply;
	const struct history_supply *history; /* NULL: none */
	struct history_estimate estimate;
};

static const char *state_of(const struct row *r)
{
	if (r->history == NULL)
		return "";
	return r->history->is_empty ? "empty" : r->history->is_low ? "low" : "";
}

static bool is_listed(const struct supplies_out *o, const struct row *r)
{
	return o->is_all || state_of(r)[0] != '\0' ||
	       (r->estimate.is_known && r->estimate.days <= o->days);
}

static void put_row(struct supplies_out *o, const struct row *r)
{
	struct table *t = &o->table;
	char text[64] = "", name[VIEW_SUPPLY_NAME];
	table_text(t, r->device->site);
	table_text(t, r->device->key);
	table_text(t, r->device->model);
	table_text(t, r->device->address);
	table_text(t, view_supply_name(r->supply, name));
	table_text(t, r->supply->part);
	(void)view_level(text, sizeof text, r->supply);
	table_str(t, text);
	table_str(t, state_of(r));
	text[0] = '\0';
	if (r->estimate.is_known)
		(void)snprintf(text, sizeof text, "%.0f", r->estimate.days);
	table_str(t, text);
	if (r->estimate.is_known)
		(void)snprintf(
			text, sizeof text, "%.0f-%.0f", r->estimate.days_min, r->estimate.days_max);
	table_str(t, text);
	table_end_row(t);
}

static void put_object(struct supplies_out *o, const struct row *r)
{
	struct writer *w = &o->w;
	char level[64];
	(void)view_level(level, sizeof level, r->supply);
	jw_object(w, NULL);
	jw_text(w, "site", r->device->site);
	jw_text(w, "device_key", r->device->key);
	jw_text(w, "vendor", r->device->vendor);
	jw_text(w, "model", r->device->model);
	jw_text(w, "address", r->device->address);
	jw_str(w, "type", supply_type_name(r->supply->type));
	jw_text(w, "colorant", r->supply->colorant);
	jw_text(w, "description", r->supply->description);
	jw_text(w, "part", r->supply->part);
	jw_str(w, "level", level);
	event_supply_members(w, r->supply, r->history, &r->estimate);
	jw_end(w);
	writer_char(w, '\n');
}

static int print_supplies(void *owner, const struct archive_device *d)
{
	static struct history_state history;
	struct supplies_out *o = owner;
	struct reading reading;
	unsigned mask;
	if (o->site.len > 0 && !text_is_equal(o->site, d->site))
		return 0;
	reading_open(&reading, &o->reader->blocks);
	archive_device_read(d, &reading, &mask);
	hub_read_history(&history, d, &reading);
	for (const struct supply *s = reading.supplies; s != NULL; s = s->next) {
		struct row r = {
			.device = d, .supply = s, .history = history_supply_of(&history, s)};
		history_estimate(&r.estimate, &history, r.history);
		if (!is_listed(o, &r))
			continue;
		o->rows++;
		if (o->is_json)
			put_object(o, &r);
		else
			put_row(o, &r);
	}
	reading_close(&reading);
	return o->is_json ? o->w.err : o->table.w.err;
}

static void begin(struct supplies_out *o, bool is_csv)
{
	static const char *const columns[] = {"site", "device", "model", "address", "supply",
		"part", ">level", "state", ">days left", ">range"};
	const struct table_head head = {.format = TABLE_CSV,
		.names = columns,
		.columns = sizeof columns / sizeof columns[0]};
	if (o->is_json)
		writer_open_file(&o->w, stdout);
	else if (is_csv)
		table_begin(&o->table, stdout, &head);
	else
		view_table(&o->table, stdout, columns, head.columns);
}

static int print(struct hub_reader *r)
{
	struct supplies_out o = {.reader = r,
		.site = text_of(cli_value(r->cli, "site")),
		.days = (double)cli_number(r->cli, "within") / DAY_MS,
		.is_all = cli_has(r->cli, "all"),
		.is_json = cli_has(r->cli, "json")};
	int known = hub_check_site(r);
	if (known < 0)
		return known;
	begin(&o, cli_has(r->cli, "csv"));
	int n = archive_view_each(r->view, print_supplies, &o);
	int err = o.is_json ? writer_close(&o.w) : table_end(&o.table);
	return n < 0 ? n : err < 0 ? err : o.rows;
}

static int run(const struct cli *cli)
{
	return hub_read_table(cli, print);
}

static const struct cli_option options[] = {
	CLI_OPTION("within", 'w', .type = CLI_DURATION, .value = "TIME", .max = UINT64_MAX,
		.preset = "14d", .help = "also those that are expected to last no longer"),
	CLI_OPTION("all", 'a', .help = "every supply"),
	CLI_OPTION("site", 'S', .type = CLI_TEXT, .value = "SITE",
		.help = "only of devices that an agent of this site reads"),
	CLI_OPTION("csv", 0, .help = "as CSV (RFC 4180) instead of a table"), {.name = NULL}};

const struct cli_verb hub_verb_supplies = {.name = "supplies",
	.summary = "list the supplies that are low, empty or soon used up",
	.details =
		"Low is what the thresholds of the configuration say, or the printer. How long a "
		"supply lasts is known after 5 days and 3 % of use; the range is the estimate at "
		"the 10th and the 90th percentile of its pace. --json prints one object a line.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
