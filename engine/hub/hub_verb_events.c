/* SPDX-License-Identifier: Apache-2.0
 * platen-hub events: what was found out about devices over time. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/event.h"

#include <stdio.h>
#include <string.h>

const struct cli_option hub_events_options[] = {CLI_OPTION_CONFIG,
	{"device", 'd', "ID", "only of this device: its key as `devices` lists it"},
	{"since", 's', "TIME", "as far back as this, e.g. 24h or 30d (30d)"},
	{"max", 'n', "N", "at most so many, the newest (1000)"},
	{"json", 'j', NULL, "one JSON object a line"}, {0}};

struct events_out {
	struct writer w; /* on stdout */
	struct table table;
};

static int print_json(void *owner, const struct archive_happening *h)
{
	struct events_out *o = owner;
	event_json(&o->w, h);
	writer_char(&o->w, '\n');
	return o->w.err;
}

static int print_row(void *owner, const struct archive_happening *h)
{
	struct events_out *o = owner;
	event_table_row(&o->table, h, true);
	return 0;
}

static int walk(const struct cli *cli, struct hub_looking *l, uint64_t since_ms, size_t max)
{
	struct events_out o;
	const char *device = cli_value(cli, "device");
	struct text key = device != NULL ? text_of(device) : (struct text){"", 0};
	if (cli_has(cli, "json")) {
		writer_open_file(&o.w, stdout);
		int n = archive_view_events(l->view, key, since_ms, max, print_json, &o);
		int err = writer_close(&o.w);
		return err < 0 ? err : n;
	}
	event_table_begin(&o.table, stdout, true);
	int n = archive_view_events(l->view, key, since_ms, max, print_row, &o);
	int err = table_end(&o.table);
	return n < 0 ? n : err;
}

/* That there was more is said beside the list, not in it. */
static int tell_what_is_gone(const struct hub_looking *l)
{
	struct archive_counts counts;
	int err = archive_view_counts(l->view, &counts);
	if (err == 0 && counts.events_gone > 0)
		(void)fprintf(stderr, "%llu older events made room: the hub keeps the last %u\n",
			(unsigned long long)counts.events_gone, (unsigned)LIMIT_EVENT_ROWS);
	return err;
}

int hub_verb_events(const struct cli *cli)
{
	struct hub_looking l;
	uint64_t back_ms = 0, max = 1000;
	const char *since = cli_value(cli, "since"), *most = cli_value(cli, "max");
	if (str_to_ms(since != NULL ? since : "30d", &back_ms) < 0)
		return cli_usage(cli, "--since takes a time such as 24h or 30d");
	if (most != NULL && str_to_u64(most, 1, LIMIT_EVENT_ROWS, &max) < 0)
		return cli_usage(cli, "--max takes a number from 1");
	int code = hub_look(&l, cli);
	if (code != CLI_OK)
		return code;
	uint64_t now_ms = cli_wall_ms();
	int n = walk(cli, &l, now_ms > back_ms ? now_ms - back_ms : 0, (size_t)max);
	int err = n < 0 ? n : tell_what_is_gone(&l);
	code = hub_walked(&l, err < 0 ? err : n);
	hub_look_away(&l);
	return code;
}
