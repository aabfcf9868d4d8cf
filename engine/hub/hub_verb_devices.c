/* SPDX-License-Identifier: Apache-2.0
 * platen-hub devices, device, report: the archive read beside the daemon, device by device, so
 * that memory does not follow their number. */
#include "engine/hub/hub_verbs.h"
#include "proto/base/limits.h"
#include "engine/ui/event.h"
#include "engine/ui/report.h"
#include "engine/ui/view.h"
#include "proto/document/json.h"

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
	struct buf buf;
	bool is_array;
	bool has_events; /* the past of each device too */
	size_t count;
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

/* What a sheet tells of the past: the newest events of this device. */
enum { SHEET_EVENTS = 200 };

struct happened {
	struct buf *dst;
	struct view_table *table;
	const char *comma;
};

static int put_event(void *owner, const struct archive_happening *h)
{
	struct happened *o = owner;
	int err = buf_put_text(o->dst, o->comma);
	o->comma = ",";
	return err < 0 ? err : event_put_json(o->dst, h);
}

static int put_events(struct hub_looking *l, struct buf *dst, struct text key)
{
	struct happened o = {.dst = dst, .comma = ""};
	int err = buf_put_text(dst, ",\"events\":[");
	if (err == 0)
		err = archive_view_events(l->view, key, 0, SHEET_EVENTS, put_event, &o);
	return err < 0 ? err : buf_put_text(dst, "]");
}

/* The object of proto/document/json.h with what only the hub knows behind it. */
static int put_device(struct hub_looking *l, struct buf *dst, const struct archive_device *d,
	struct reading *r, unsigned mask, bool has_events)
{
	struct history_state judgement;
	take_judgement(&judgement, d, r);
	char agent[2 * ARCHIVE_AGENT_ID + 1];
	struct record_head head = {.seq = d->seq,
		.read_at_ms = d->read_at_ms,
		.is_full = mask == ALL_GROUPS,
		.address = d->address,
		.device_key = d->key};
	int err = json_put_reading(dst, &head, r, mask);
	if (err < 0)
		return err;
	dst->len--; /* the closing brace comes again at the end */
	str_hex(agent, d->agent_id, sizeof d->agent_id);
	err = buf_printf(dst, ",\"agent\":\"%s\",\"account\":", agent);
	if (err == 0)
		err = json_put_text(dst, d->account);
	if (err == 0)
		err = buf_put_text(dst, ",\"site\":");
	if (err == 0)
		err = json_put_text(dst, d->site);
	if (err == 0)
		err = buf_printf(dst,
			",\"received_at_ms\":%llu,\"first_seen_ms\":%llu,\"damaged_groups\":%u",
			(unsigned long long)d->received_at_ms, (unsigned long long)d->first_seen_ms,
			d->damaged);
	if (err == 0)
		err = event_put_judgement(dst, &judgement, r);
	if (err == 0 && has_events)
		err = put_events(l, dst, d->key);
	return err < 0 ? err : buf_put_text(dst, "}");
}

static int print_json(void *owner, const struct archive_device *d)
{
	struct json_out *o = owner;
	struct reading r;
	unsigned mask;
	reading_open(&r, &o->look->blocks);
	archive_device_read(d, &r, &mask);
	buf_clear(&o->buf);
	int err = put_device(o->look, &o->buf, d, &r, mask, o->has_events);
	reading_close(&r);
	if (err < 0)
		return err;
	const char *between = o->is_array && o->count > 0 ? ",\n" : "";
	o->count++;
	(void)fputs(between, stdout);
	/* A write that fails is told by cli_finish, at the end. */
	(void)fwrite(o->buf.data, 1, o->buf.len, stdout);
	if (!o->is_array)
		(void)fputc('\n', stdout);
	return 0;
}

/* ---- text -------------------------------------------------------------------------------- */

struct text_out {
	struct hub_looking *look;
	struct view_table table;
	uint64_t now_ms;
};

static int print_row(void *owner, const struct archive_device *d)
{
	struct text_out *o = owner;
	char age[32];
	view_age(age, d->read_at_ms, o->now_ms);
	view_table_text(&o->table, d->key);
	view_table_text(&o->table, d->vendor);
	view_table_text(&o->table, d->model);
	view_table_text(&o->table, d->address);
	view_table_text(&o->table, d->site);
	view_table_text(&o->table, text_of(age));
	view_table_end_row(&o->table);
	return 0;
}

static int print_event(void *owner, const struct archive_happening *h)
{
	struct happened *o = owner;
	if (o->comma == NULL) {
		(void)fputc('\n', stdout);
		event_table_begin(o->table, stdout, false);
		o->comma = "";
	}
	event_table_row(o->table, h, false);
	return 0;
}

static int print_events(struct hub_looking *l, struct text key)
{
	struct view_table table;
	struct happened o = {.table = &table};
	int n = archive_view_events(l->view, key, 0, SHEET_EVENTS, print_event, &o);
	int err = o.comma != NULL ? view_table_end(&table) : 0;
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
	buf_open(&o.buf, LIMIT_POLL_JSON);
	if (is_array)
		(void)fputs("{\"devices\":[", stdout);
	int n = archive_view_each(l->view, print_json, &o);
	if (is_array)
		(void)fputs("]}\n", stdout);
	buf_close(&o.buf);
	return hub_walked(l, n);
}

static int devices_as_text(struct hub_looking *l)
{
	static const char *const names[] = {"DEVICE", "VENDOR", "MODEL", "ADDRESS", "SITE", "READ"};
	struct text_out o = {.look = l, .now_ms = cli_wall_ms()};
	view_table_begin(&o.table, stdout, names, sizeof names / sizeof names[0]);
	int n = archive_view_each(l->view, print_row, &o);
	int err = view_table_end(&o.table);
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
		buf_open(&o.buf, LIMIT_POLL_JSON);
		n = archive_view_find(l.view, id, print_json, &o);
		buf_close(&o.buf);
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
