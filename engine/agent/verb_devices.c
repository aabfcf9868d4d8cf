/* SPDX-License-Identifier: Apache-2.0
 * platen devices: what is remembered of devices, by reading them and by discovery. */
#include "engine/agent/verbs.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "engine/ui/view.h"
#include "engine/fleet/roster.h"
#include "engine/store/device_store.h"
#include "proto/document/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { EVENTS_MAX = 1000, LINE_MAX = 8192 };

const struct cli_option agent_devices_options[] = {CLI_OPTION_CONFIG,
	{"events", 'e', NULL, "what happened to them: new, moved, gone ..., newest first"},
	{"json", 'j', NULL, "one JSON object instead of words"}, {0}};

struct showing {
	struct view_table table;
	bool is_json;
	size_t count;
	uint64_t now_ms;
	int err;
};

static void address_of(const struct device_row *row, char dst[LIMIT_ADDRESS])
{
	struct device dev;
	memcpy(&dev.peer.address, &row->address, sizeof dev.peer.address);
	device_address(&dev, dst, LIMIT_ADDRESS);
}

static const char *version_text(const struct device_row *row)
{
	static const char *const names[] = {"1", "2c", "", "3"};
	bool is_open = row->credential[0] != '\0' && row->version <= SNMP_V3;
	return is_open ? names[row->version] : "";
}

static const char *state_of(const struct device_row *row)
{
	if (row->gone_wall_ms != 0)
		return "gone";
	if (row->is_found && row->credential[0] == '\0')
		return "needs-credential";
	return row->failures > 0 ? "silent" : "there";
}

static int put_text(struct buf *b, const char *name, const char *text)
{
	int err = buf_printf(b, ",\"%s\":", name);
	return err < 0 ? err : json_put_text(b, text_of(text));
}

static int put_time(struct buf *b, const char *name, uint64_t wall_ms)
{
	char text[25];
	if (wall_ms == 0)
		return buf_printf(b, ",\"%s\":null", name);
	str_utc(text, wall_ms);
	return buf_printf(b, ",\"%s\":\"%s\"", name, text);
}

/* Prints what `b` holds, and gives it back. */
static void print_line(struct showing *s, struct buf *b, int err)
{
	if (err == 0)
		(void)printf("%s%.*s", s->count > 0 ? "," : "", (int)b->len, (const char *)b->data);
	s->err = s->err < 0 ? s->err : err;
	buf_close(b);
}

/* What it has taught us, and today's traffic as far as it was written down. */
static int put_learned(struct buf *b, const struct device_row *row, uint64_t now_ms)
{
	const struct mib_limits *m = &row->memory;
	unsigned not_again = 0;
	for (unsigned i = 0; i < row->quarantined_count; i++)
		not_again += row->quarantined[i].until_wall_ms > now_ms;
	int err = buf_printf(b,
		",\"learned\":{\"max_varbinds\":%u,\"request_bytes\":%u,\"bulk\":%s,\"careful\":%s,"
		"\"not_again\":%u,\"rtt_ms\":%u,\"failures\":%u}",
		m->is_safe_mode ? m->proven_oids : m->max_varbinds, m->request_bytes,
		m->has_no_bulk || (m->is_safe_mode && !m->has_proven_bulk) ? "false" : "true",
		m->is_safe_mode ? "true" : "false", not_again, row->srtt_ms, row->failures);
	if (err < 0)
		return err;
	err = put_time(b, "left_alone_until", row->not_before_wall_ms);
	if (err < 0 || row->day != now_ms / 86400000)
		return err < 0 ? err : buf_printf(b, ",\"today\":null");
	return buf_printf(b,
		",\"today\":{\"packets_out\":%u,\"packets_in\":%u,\"bytes_out\":%llu,"
		"\"bytes_in\":%llu}",
		row->day_packets_out, row->day_packets_in, (unsigned long long)row->day_bytes_out,
		(unsigned long long)row->day_bytes_in);
}

static void show_json(struct showing *s, const struct device_row *row)
{
	struct buf b;
	char address[LIMIT_ADDRESS];
	buf_open(&b, LINE_MAX);
	address_of(row, address);
	int err = buf_printf(&b, "{\"address\":\"%s\",\"state\":\"%s\",\"source\":\"%s\"", address,
		state_of(row), row->is_found ? "discovery" : "configuration");
	const char *const texts[][2] = {{"key", row->key}, {"vendor", row->vendor},
		{"model", row->model}, {"serial", row->serial}, {"mac", row->mac},
		{"credential", row->credential}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0] && err == 0; i++)
		err = put_text(&b, texts[i][0], texts[i][1]);
	if (err == 0)
		err = put_time(&b, "first_seen", row->first_seen_wall_ms);
	if (err == 0)
		err = put_time(&b, "last_seen", row->last_seen_wall_ms);
	if (err == 0)
		err = put_time(&b, "gone", row->gone_wall_ms);
	if (err == 0)
		err = put_learned(&b, row, s->now_ms);
	if (err == 0)
		err = buf_printf(&b, "}");
	print_line(s, &b, err);
}

static int on_device(void *owner, const struct device_row *row)
{
	struct showing *s = owner;
	char address[LIMIT_ADDRESS], age[32];
	if (s->is_json) {
		show_json(s, row);
	} else {
		address_of(row, address);
		view_age(age, row->last_seen_wall_ms, s->now_ms);
		const char *const cells[] = {address, row->vendor, row->model,
			row->serial[0] != '\0' ? row->serial : row->key, version_text(row),
			row->credential, row->is_found ? "discovery" : "", age, state_of(row)};
		for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
			view_table_text(&s->table, text_of(cells[i]));
		view_table_end_row(&s->table);
	}
	s->count++;
	return 0;
}

static int on_event(void *owner, const struct device_event *e)
{
	struct showing *s = owner;
	char at[25];
	str_utc(at, e->wall_ms);
	if (s->is_json) {
		struct buf b;
		buf_open(&b, LINE_MAX);
		int err = buf_printf(
			&b, "{\"at\":\"%s\",\"event\":\"%s\"", at, device_event_name(e->kind));
		const char *const texts[][2] = {
			{"address", e->address}, {"key", e->key}, {"detail", e->detail}};
		for (size_t i = 0; i < sizeof texts / sizeof texts[0] && err == 0; i++)
			err = put_text(&b, texts[i][0], texts[i][1]);
		print_line(s, &b, err == 0 ? buf_printf(&b, "}") : err);
	} else {
		const char *const cells[] = {
			at, device_event_name(e->kind), e->address, e->key, e->detail};
		for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
			view_table_text(&s->table, text_of(cells[i]));
		view_table_end_row(&s->table);
	}
	s->count++;
	return 0;
}

static int show(const struct cli *cli, struct device_store_view *v)
{
	static const char *const device_names[] = {"address", "vendor", "model", "serial", "snmp",
		"credential", "source", "seen", "state"};
	static const char *const event_names[] = {"at", "event", "address", "device", "detail"};
	struct showing s = {.is_json = cli_has(cli, "json"), .now_ms = cli_wall_ms()};
	bool is_events = cli_has(cli, "events");
	if (s.is_json)
		(void)printf("{\"%s\":[", is_events ? "events" : "devices");
	else if (is_events)
		view_table_begin(&s.table, stdout, event_names, 5);
	else
		view_table_begin(&s.table, stdout, device_names, 9);
	int err = is_events ? device_store_view_events(v, EVENTS_MAX, on_event, &s)
			    : device_store_view_each(v, on_device, &s);
	if (s.is_json)
		(void)printf("]}\n");
	int shown = s.is_json ? s.err : view_table_end(&s.table);
	return err < 0 ? err : shown;
}

int agent_verb_devices(const struct cli *cli)
{
	struct agent_conf conf;
	struct device_store_view *v;
	char why[LIMIT_WHY] = "";
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int err = device_store_view_open(&v, conf.state_dir, why, sizeof why);
	if (err == 0) {
		err = show(cli, v);
		device_store_view_close(v);
	}
	if (err == -ENOENT)
		cli_error(cli, "%s: nothing is remembered yet; start with: platen run",
			conf.state_dir);
	else if (err < 0)
		cli_error(cli, "%s: %s", conf.state_dir, why[0] != '\0' ? why : err_text(err));
	agent_conf_free(&conf);
	return err < 0 ? cli_exit_of(err) : cli_finish(cli);
}
