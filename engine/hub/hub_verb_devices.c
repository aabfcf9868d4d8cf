/* SPDX-License-Identifier: Apache-2.0
 * platen-hub devices: the archive device by device, so that memory does not grow with their number.
 */
#include "engine/hub/hub_verbs.h"
#include "engine/hub/merge.h"
#include "engine/ui/view.h"
#include "proto/base/limits.h"

struct rows {
	struct hub_reader *reader;
	struct table table;
	uint64_t now_ms;
};

static int print_row(void *owner, const struct archive_device *d)
{
	struct rows *o = owner;
	char age[32];
	if (merge_is_behind(d->read_at_ms, d->received_at_ms))
		(void)str_copy(age, sizeof age, "clock suspect");
	else
		view_age(age, d->read_at_ms, o->now_ms);
	table_text(&o->table, d->key);
	table_text(&o->table, d->vendor);
	table_text(&o->table, d->model);
	table_text(&o->table, d->address);
	table_text(&o->table, d->site);
	table_text(&o->table, text_of(age));
	table_end_row(&o->table);
	return 0;
}

static int print_json(struct hub_reader *r, bool is_array)
{
	struct hub_json o = {.reader = r, .is_array = is_array};
	writer_open_file(&o.w, stdout);
	if (is_array) {
		jw_object(&o.w, NULL);
		jw_array(&o.w, "devices");
	}
	int n = archive_view_each(r->view, hub_print_json, &o);
	int err = is_array ? jw_close(&o.w) : writer_close(&o.w);
	return n < 0 ? n : err;
}

static int print(struct hub_reader *r)
{
	static const char *const names[] = {"DEVICE", "VENDOR", "MODEL", "ADDRESS", "SITE", "READ"};
	struct rows o = {.reader = r, .now_ms = cli_wall_ms()};
	if (cli_has(r->cli, "json") || cli_has(r->cli, "jsonl"))
		return print_json(r, cli_has(r->cli, "json"));
	view_table(&o.table, stdout, names, sizeof names / sizeof names[0]);
	int n = archive_view_each(r->view, print_row, &o);
	int err = table_end(&o.table);
	return n < 0 ? n : err;
}

static int run(const struct cli *cli)
{
	if (cli_has(cli, "json") && cli_has(cli, "jsonl"))
		return cli_usage(cli, "--json or --jsonl, not both");
	return hub_read(cli, print);
}

static const struct cli_option options[] = {
	CLI_OPTION("jsonl", 0, .help = "one JSON object a line, each as it is read"),
	{.name = NULL}};

const struct cli_verb hub_verb_devices = {.name = "devices",
	.summary = "list the devices of all agents",
	.details = "--json prints one object, --jsonl one line a device, whatever their number.",
	.options = {conf_option_config, cli_option_json, options},
	.run = run};
