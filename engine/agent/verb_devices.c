/* SPDX-License-Identifier: Apache-2.0
 * platen devices: the device store, filled by polls and by discovery. */
#include "engine/agent/verbs.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "engine/ui/view.h"
#include "engine/fleet/roster.h"
#include "engine/store/db.h"
#include "engine/store/device_store.h"
#include "proto/text/json_writer.h"

#include <stdio.h>
#include <string.h>

enum { EVENTS_MAX = 1000 };

struct showing {
	struct table table;
	struct writer w; /* of JSON, on stdout */
	bool is_json;
	uint64_t now_ms;
};

/* That of the polls: of a configured device also without a credential, by its target's community.
 */
static const char *version_text(const struct device_row *row)
{
	bool is_polled = !row->is_found || row->credential[0] != '\0';
	return is_polled ? snmp_version_text(row->version) : "";
}

/* Of a row of an older program, from the key. */
static const char *serial_of(const struct device_row *row)
{
	const char *in_key = strncmp(row->key, "serial:", 7) == 0 ? strchr(row->key, '/') : NULL;
	return row->serial[0] != '\0' ? row->serial : in_key != NULL ? in_key + 1 : "";
}

/* A device that responded and is not known to be a printer: its row keeps what protects it. One in
 * safe mode is listed all the same: it stopped responding after a request. */
static bool is_other(const struct device_row *row)
{
	return !row->is_printer && !row->is_found && row->key[0] == '\0' &&
	       row->last_seen_wall_ms != 0 && !row->profile.limits.is_safe_mode;
}

static const char *state_of(const struct device_row *row)
{
	if (row->gone_wall_ms != 0)
		return "gone";
	if (row->is_found && row->credential[0] == '\0')
		return "needs-credential";
	if (row->profile.protection.failures == 0)
		return "present";
	return row->profile.protection.refusal != 0 ? "refused" : "silent";
}

/* Learned limits, and today's traffic as far as it was stored. */
static void put_profile(struct writer *w, const struct device_row *row, uint64_t now_ms)
{
	const struct mib_limits *m = &row->profile.limits;
	unsigned quarantined = 0;
	for (unsigned i = 0; i < row->profile.protection.quarantined_count; i++)
		quarantined += row->profile.protection.quarantined[i].until_ms > now_ms;
	jw_object(w, "profile");
	jw_uint(w, "max_varbinds", m->is_safe_mode ? m->proven_oids : m->max_varbinds);
	jw_uint(w, "request_bytes", m->request_bytes);
	jw_bool(w, "bulk", !m->has_no_bulk && (!m->is_safe_mode || m->has_proven_bulk));
	jw_bool(w, "safe_mode", m->is_safe_mode);
	jw_uint(w, "quarantined_requests", quarantined);
	jw_uint(w, "rtt_ms", row->profile.rtt.srtt_ms);
	jw_uint(w, "failures", row->profile.protection.failures);
	jw_end(w);
	jw_utc(w, "backed_off_until", row->profile.protection.open_until_ms);
	if (row->profile.today.day != now_ms / 86400000) {
		jw_null(w, "today");
		return;
	}
	jw_object(w, "today");
	jw_uint(w, "packets_out", row->profile.today.packets_out);
	jw_uint(w, "packets_in", row->profile.today.packets_in);
	jw_uint(w, "bytes_out", row->profile.today.bytes_out);
	jw_uint(w, "bytes_in", row->profile.today.bytes_in);
	jw_end(w);
}

static void show_json(struct showing *s, const struct device_row *row)
{
	struct writer *w = &s->w;
	jw_object(w, NULL);
	jw_str(w, "address", address_text(&row->address.sa).text);
	jw_str(w, "state", state_of(row));
	jw_str(w, "source", row->is_found ? "discovery" : "configuration");
	jw_str(w, "key", row->key);
	jw_str(w, "vendor", row->vendor);
	jw_str(w, "model", row->model);
	jw_str(w, "serial", row->serial);
	jw_str(w, "mac", row->mac);
	jw_str(w, "version", version_text(row));
	jw_str(w, "credential", row->credential);
	jw_utc(w, "first_seen", row->first_seen_wall_ms);
	jw_utc(w, "last_seen", row->last_seen_wall_ms);
	jw_utc(w, "gone", row->gone_wall_ms);
	put_profile(w, row, s->now_ms);
	jw_end(w);
}

static int on_device(void *owner, const struct device_row *row)
{
	struct showing *s = owner;
	char age[32];
	if (is_other(row))
		return 0;
	if (s->is_json) {
		show_json(s, row);
	} else {
		struct address_text address = address_text(&row->address.sa);
		view_age(age, row->last_seen_wall_ms, s->now_ms);
		const char *const cells[] = {address.text, row->vendor, row->model, serial_of(row),
			version_text(row), row->credential,
			row->is_found ? "discovery" : "configuration", age, state_of(row)};
		table_row(&s->table, cells, sizeof cells / sizeof cells[0]);
	}
	return s->w.err;
}

static int on_event(void *owner, const struct device_event *e)
{
	struct showing *s = owner;
	char at[25];
	str_utc(at, e->wall_ms);
	if (s->is_json) {
		jw_object(&s->w, NULL);
		jw_str(&s->w, "at", at);
		jw_str(&s->w, "event", device_event_name(e->kind));
		jw_str(&s->w, "address", e->address);
		jw_str(&s->w, "key", e->key);
		jw_str(&s->w, "detail", e->detail);
		jw_end(&s->w);
	} else {
		const char *const cells[] = {
			at, device_event_name(e->kind), e->address, e->key, e->detail};
		table_row(&s->table, cells, sizeof cells / sizeof cells[0]);
	}
	return s->w.err;
}

static int show(const struct cli *cli, struct db *v)
{
	static const char *const device_names[] = {"address", "vendor", "model", "serial", "snmp",
		"credential", "source", "seen", "state"};
	static const char *const event_names[] = {"at", "event", "address", "device", "detail"};
	struct showing s = {.is_json = cli_has(cli, "json"), .now_ms = cli_wall_ms()};
	bool is_events = cli_has(cli, "events");
	writer_open_file(&s.w, stdout);
	if (s.is_json) {
		jw_object(&s.w, NULL);
		jw_array(&s.w, is_events ? "events" : "devices");
	} else if (is_events) {
		view_table(&s.table, stdout, event_names, 5);
	} else {
		view_table(&s.table, stdout, device_names, 9);
	}
	int err = is_events ? device_store_view_events(v, EVENTS_MAX, on_event, &s)
			    : device_store_view_each(v, on_device, &s);
	int shown = s.is_json ? jw_close(&s.w) : table_end(&s.table);
	return err < 0 ? err : shown;
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct db *v;
	char why[LIMIT_WHY] = "";
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	int err = device_store_view_open(&v, conf.state_dir, why, sizeof why);
	if (err == 0) {
		err = show(cli, v);
		db_close(v);
	}
	code = cli_finish_state(
		cli, err, conf.state_dir, why, "no device is stored yet; start with: platen run");
	agent_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("events", 'e', .help = "their events (new, moved, gone ...), newest first"),
	{.name = NULL}};

const struct cli_verb agent_verb_devices = {.name = "devices",
	.summary = "list the devices of the configuration and of discovery",
	.details = "Shows the credential and the last contact of each, and what platen has learned "
		   "about it. Works whether or not the daemon runs.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
