/* SPDX-License-Identifier: Apache-2.0
 * platen-hub device: one device with its last reading, its history and its events. */
#include "engine/hub/hub_verbs.h"
#include "engine/hub/merge.h"
#include "engine/ui/event.h"
#include "engine/ui/view.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <string.h>

struct page {
	struct hub_reader *reader;
	uint64_t now_ms;
};

struct event_rows {
	struct table table;
	bool is_begun;
};

static int print_event(void *owner, const struct archive_event *h)
{
	struct event_rows *o = owner;
	if (!o->is_begun) {
		(void)fputc('\n', stdout);
		event_table_begin(&o->table, stdout, false);
		o->is_begun = true;
	}
	event_table_row(&o->table, h, false);
	return 0;
}

static int print_events(struct hub_reader *l, struct text key)
{
	struct event_rows o = {.is_begun = false};
	const struct archive_event_filter newest = {.key = key, .max = HUB_EVENTS_SHOWN};
	int n = archive_view_events(l->view, &newest, print_event, &o);
	int err = o.is_begun ? table_end(&o.table) : 0;
	return n < 0 ? n : err;
}

static int print_device(void *owner, const struct archive_device *d)
{
	struct page *o = owner;
	char agent[2 * ARCHIVE_AGENT_ID + 1];
	char age[32];
	char shown[LIMIT_TEXT_LONG];
	view_age(age, d->read_at_ms, o->now_ms);
	str_hex(agent, d->agent_id, sizeof d->agent_id);
	(void)str_scrub(shown, sizeof shown, (const uint8_t *)d->key.p, d->key.len);
	(void)printf("device   %s\n", shown);
	(void)str_scrub(shown, sizeof shown, (const uint8_t *)d->address.p, d->address.len);
	(void)printf("address  %s\n", shown);
	(void)str_scrub(shown, sizeof shown, (const uint8_t *)d->site.p, d->site.len);
	if (d->site.len > 0)
		(void)printf("site     %s\n", shown);
	(void)printf("read     %s, by agent %s%s\n", age, agent,
		merge_is_behind(d->read_at_ms, d->received_at_ms)
			? " (clock suspect: the clock of the agent's machine is wrong)"
			: "");
	if (d->damaged > 0)
		(void)printf("damaged  %u groups could not be read from the store\n", d->damaged);
	struct reading r;
	unsigned mask;
	reading_open(&r, &o->reader->blocks);
	archive_device_read(d, &r, &mask);
	struct history_state history;
	hub_read_history(&history, d, &r);
	int err = view_reading_text(stdout, &r);
	if (err == 0)
		err = event_print_evaluation(stdout, &history, &r);
	reading_close(&r);
	return err < 0 ? err : print_events(o->reader, d->key);
}

static int print(struct hub_reader *r)
{
	int n;
	if (cli_has(r->cli, "json")) {
		struct hub_json o = {.reader = r, .has_events = true};
		writer_open_file(&o.w, stdout);
		n = hub_find_device(r, r->cli->args[0], hub_print_json, &o);
		int err = writer_close(&o.w);
		n = err < 0 ? err : n;
	} else {
		struct page o = {.reader = r, .now_ms = cli_wall_ms()};
		n = hub_find_device(r, r->cli->args[0], print_device, &o);
	}
	if (n != 0)
		return n;
	cli_error(r->cli, "%s: no such device", r->cli->args[0]);
	return ERR_USAGE;
}

static int run(const struct cli *cli)
{
	return hub_read(cli, print);
}

const struct cli_verb hub_verb_device = {.name = "device",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.summary = "show one device: last reading, history, events",
	.details =
		"ID is its key as `devices` lists it, its serial number or its address. The page "
		"shows which meters are suspect and the value that counts instead, how long the "
		"supplies are expected to last, and the newest events.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
