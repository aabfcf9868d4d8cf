/* SPDX-License-Identifier: Apache-2.0
 * platen-hub devices, device, report: the archive read beside the daemon, device by device, so
 * that memory does not follow their number. */
#include "engine/hub/hub_verbs.h"
#include "proto/base/limits.h"
#include "engine/ui/event.h"
#include "engine/ui/report.h"
#include "engine/ui/view.h"
#include "proto/document/json.h"
#include "proto/text/json_writer.h"

#include <stdio.h>
#include <string.h>

const struct cli_option hub_devices_options[] = {CLI_OPTION_CONFIG,
	{"json", 0, NULL, "one JSON object with all devices"},
	{"jsonl", 0, NULL, "one JSON object a line, as they are read"}, {0}};
const struct cli_option hub_device_options[] = {
	CLI_OPTION_CONFIG, {"json", 0, NULL, "one JSON object a line"}, {0}};
const struct cli_option hub_report_options[] = {CLI_OPTION_CONFIG,
	{"format", 'f', "FORMAT", "text (as it is without this), csv, html or json"}, {0}};

/* ---- JSON -------------------------------------------------------------------------------- */

struct json_out {
	struct hub_looking *look;
	struct writer w; /* on stdout */
	bool is_array;
	bool has_events; /* the past of each device too */
};

/* A device's judgement; one that cannot be read says nothing. The meters under suspicion are marked
 * in the reading. */
static void take_judgement(
	struct history_state *s, const struct archive_device *d, struct reading *r)
{
	if (history_state_unpack(s, d->judgement, d->judgement_len) < 0)
		memset(s, 0, sizeof *s);
	history_mark(s, r);
}

/* The newest events in the output of a device. */
enum { DEVICE_EVENTS = 200 };

struct happened {
	struct table *table;
	bool has_rows;
};

static int put_event(void *owner, const struct archive_happening *h)
{
	struct json_out *o = owner;
	event_json(&o->w, h);
	return o->w.err;
}

/* The object of proto/document/json.h with the members that only the hub has. */
static int print_json(void *owner, const struct archive_device *d)
{
	struct json_out *o = owner;
	struct writer *w = &o->w;
	struct history_state judgement;
	struct reading r;
	unsigned mask;
	int err = 0;
	reading_open(&r, &o->look->blocks);
	archive_device_read(d, &r, &mask);
	take_judgement(&judgement, d, &r);
	struct record_head head = {.seq = d->seq,
		.read_at_ms = d->read_at_ms,
		.is_full = mask == ALL_GROUPS,
		.address = d->address,
		.device_key = d->key};
	if (o->is_array)
		jw_newline(w);
	jw_object(w, NULL);
	json_device_members(w, &head, &r, mask);
	jw_hex(w, "agent", d->agent_id, sizeof d->agent_id);
	jw_text(w, "account", d->account);
	jw_text(w, "site", d->site);
	jw_uint(w, "received_at_ms", d->received_at_ms);
	jw_uint(w, "first_seen_ms", d->first_seen_ms);
	jw_uint(w, "damaged_groups", d->damaged);
	event_judgement_json(w, &judgement, &r);
	reading_close(&r);
	if (o->has_events) {
		jw_array(w, "events");
		err = archive_view_events(o->look->view, d->key, 0, DEVICE_EVENTS, put_event, o);
		jw_end(w);
	}
	jw_end(w);
	if (!o->is_array)
		writer_char(w, '\n');
	return err < 0 ? err : w->err;
}

/* ---- text -------------------------------------------------------------------------------- */

struct text_out {
	struct hub_looking *look;
	struct table table;
	uint64_t now_ms;
};

static int print_row(void *owner, const struct archive_device *d)
{
	struct text_out *o = owner;
	char age[32];
	view_age(age, d->read_at_ms, o->now_ms);
	table_text(&o->table, d->key);
	table_text(&o->table, d->vendor);
	table_text(&o->table, d->model);
	table_text(&o->table, d->address);
	table_text(&o->table, d->site);
	table_str(&o->table, age);
	table_end_row(&o->table);
	return 0;
}

static int print_event(void *owner, const struct archive_happening *h)
{
	struct happened *o = owner;
	if (!o->has_rows) {
		(void)fputc('\n', stdout);
		event_table_begin(o->table, stdout, false);
		o->has_rows = true;
	}
	event_table_row(o->table, h, false);
	return 0;
}

static int print_events(struct hub_looking *l, struct text key)
{
	struct table table;
	struct happened o = {.table = &table};
	int n = archive_view_events(l->view, key, 0, DEVICE_EVENTS, print_event, &o);
	int err = o.has_rows ? table_end(&table) : 0;
	return n < 0 ? n : err;
}

static int print_device(void *owner, const struct archive_device *d)
{
	struct text_out *o = owner;
	char agent[2 * ARCHIVE_AGENT_ID + 1];
	char age[32];
	char shown[LIMIT_TEXT_LONG];
	view_age(age, d->read_at_ms, o->now_ms);
	str_hex(agent, d->agent_id, sizeof d->agent_id);
	(void)str_scrub(shown, sizeof shown, (const uint8_t *)d->key.p, d->key.len);
	(void)printf("device   %s\n", shown);
	(void)str_scrub(shown, sizeof shown, (const uint8_t *)d->address.p, d->address.len);
	(void)printf("address  %s\nread     %s, by agent %s\n", shown, age, agent);
	if (d->damaged > 0)
		(void)printf("damaged  %u groups could not be read from the store\n", d->damaged);
	struct reading r;
	unsigned mask;
	reading_open(&r, &o->look->blocks);
	archive_device_read(d, &r, &mask);
	struct history_state judgement;
	take_judgement(&judgement, d, &r);
	int err = view_reading_text(stdout, &r);
	if (err == 0)
		err = event_print_judgement(stdout, &judgement, &r);
	reading_close(&r);
	return err < 0 ? err : print_events(o->look, d->key);
}

/* ---- verbs ------------------------------------------------------------------------------- */

static int devices_as_json(struct hub_looking *l, bool is_array)
{
	struct json_out o = {.look = l, .is_array = is_array};
	writer_open_file(&o.w, stdout);
	if (is_array) {
		jw_object(&o.w, NULL);
		jw_array(&o.w, "devices");
	}
	int n = archive_view_each(l->view, print_json, &o);
	if (is_array) {
		jw_end(&o.w);
		jw_end(&o.w);
		writer_char(&o.w, '\n');
	}
	int err = writer_close(&o.w);
	return hub_walked(l, n < 0 ? n : err);
}

static int devices_as_text(struct hub_looking *l)
{
	static const char *const names[] = {"DEVICE", "VENDOR", "MODEL", "ADDRESS", "SITE", "READ"};
	struct text_out o = {.look = l, .now_ms = cli_wall_ms()};
	view_table(&o.table, stdout, names, sizeof names / sizeof names[0]);
	int n = archive_view_each(l->view, print_row, &o);
	int err = table_end(&o.table);
	return hub_walked(l, n < 0 ? n : err);
}

int hub_verb_devices(const struct cli *cli)
{
	struct hub_looking l;
	if (cli_has(cli, "json") && cli_has(cli, "jsonl"))
		return cli_usage(cli, "--json or --jsonl, not both");
	int code = hub_look(&l, cli);
	if (code != CLI_OK)
		return code;
	if (cli_has(cli, "json") || cli_has(cli, "jsonl"))
		code = devices_as_json(&l, cli_has(cli, "json"));
	else
		code = devices_as_text(&l);
	hub_look_away(&l);
	return code;
}

int hub_verb_device(const struct cli *cli)
{
	struct hub_looking l;
	int code = hub_look(&l, cli);
	if (code != CLI_OK)
		return code;
	struct text id = text_of(cli->args[0]);
	int n;
	if (cli_has(cli, "json")) {
		struct json_out o = {.look = &l, .has_events = true};
		writer_open_file(&o.w, stdout);
		n = archive_view_find(l.view, id, print_json, &o);
		int err = writer_close(&o.w);
		n = err < 0 ? err : n;
	} else {
		struct text_out o = {.look = &l, .now_ms = cli_wall_ms()};
		n = archive_view_find(l.view, id, print_device, &o);
	}
	code = hub_walked(&l, n);
	if (n == 0) {
		cli_error(cli, "%s: no such device", cli->args[0]);
		code = CLI_FAILED;
	}
	hub_look_away(&l);
	return code;
}

/* ---- the report -------------------------------------------------------------------------- */

struct reporting {
	struct hub_looking *look;
	struct report report;
};

static int report_one(void *owner, const struct archive_device *d)
{
	struct reporting *o = owner;
	struct reading r;
	struct history_state judgement;
	struct report_device row = {.device_key = d->key,
		.address = d->address,
		.read_at_ms = d->read_at_ms,
		.reading = &r,
		.judgement = &judgement};
	reading_open(&r, &o->look->blocks);
	archive_device_read(d, &r, &row.mask);
	take_judgement(&judgement, d, &r);
	int err = report_device(&o->report, &row);
	reading_close(&r);
	return err;
}

int hub_verb_report(const struct cli *cli)
{
	const char *word = cli_value(cli, "format");
	int format = word == NULL ? REPORT_TEXT : report_format_from_text(word);
	if (format < 0)
		return cli_usage(cli, "--format must be text, csv, html or json");
	struct hub_looking l;
	int code = hub_look(&l, cli);
	if (code != CLI_OK)
		return code;
	struct reporting o = {.look = &l};
	struct report_options options = {.format = (enum report_format)format,
		.title = "Devices",
		.software = "platen-hub " PLATEN_VERSION,
		.now_ms = cli_wall_ms()};
	report_begin(&o.report, stdout, &options);
	int n = archive_view_each(l.view, report_one, &o);
	int err = report_end(&o.report);
	code = hub_walked(&l, err < 0 ? err : n);
	hub_look_away(&l);
	return code;
}
