/* SPDX-License-Identifier: Apache-2.0
 * Shared by the verbs of platen-hub: the configuration, the archive, and a device as JSON. */
#include "engine/hub/hub_verbs.h"

#include "engine/hub/merge.h"
#include "engine/ui/event.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/document/json.h"
#include "proto/wire/coverage.h"

#include <arpa/inet.h>
#include <string.h>

int hub_load_conf(const struct cli *cli, struct hub_conf *conf)
{
	struct conf_error why;
	int err = hub_conf_load(conf, conf_file_of(cli), &why);
	if (err < 0)
		return conf_refused(cli, &why);
	log_set_level(conf->log_level);
	return CLI_OK;
}

int hub_in_state_dir(const struct cli *cli, int (*verb)(const struct cli *cli, const char *dir))
{
	struct hub_conf conf;
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = verb(cli, conf.state_dir);
	hub_conf_free(&conf);
	return code;
}

static int open_reader(struct hub_reader *r, const struct cli *cli)
{
	char why[LIMIT_WHY] = "";
	r->cli = cli;
	int code = hub_load_conf(cli, &r->conf);
	if (code != CLI_OK)
		return code;
	int err = slab_open(&r->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err == 0)
		err = archive_view_open(&r->view, r->conf.state_dir, why, sizeof why);
	if (err == 0)
		return CLI_OK;
	code = cli_finish_state(cli, err, r->conf.state_dir, why,
		"no hub has run here yet; start one with: platen-hub run");
	slab_close(&r->blocks);
	hub_conf_free(&r->conf);
	return code;
}

static int end_reader(const struct hub_reader *r, int result)
{
	if (result >= 0)
		return cli_finish(r->cli);
	if (result == ERR_USAGE)
		return CLI_FAILED; /* `print` has said why */
	const char *why = archive_view_why(r->view);
	return cli_fail(r->cli, result, "%s: %s%s%s", r->conf.state_dir, err_text(result),
		why[0] != '\0' ? ": " : "", why);
}

int hub_read(const struct cli *cli, int (*print)(struct hub_reader *r))
{
	struct hub_reader r;
	int code = open_reader(&r, cli);
	if (code != CLI_OK)
		return code;
	code = end_reader(&r, print(&r));
	archive_view_close(r.view);
	slab_close(&r.blocks);
	hub_conf_free(&r.conf);
	return code;
}

int hub_read_table(const struct cli *cli, int (*print)(struct hub_reader *r))
{
	if (cli_has(cli, "json") && cli_has(cli, "csv"))
		return cli_usage(cli, "--json or --csv, not both");
	return hub_read(cli, print);
}

void hub_read_history(
	struct history_state *s, const struct archive_device *d, struct reading *reading)
{
	if (history_state_unpack(s, d->evaluation, d->evaluation_len) < 0)
		memset(s, 0, sizeof *s);
	history_mark(s, reading);
}

/* ---- a device by its ID ------------------------------------------------------------------ */

struct by_host {
	char address[LIMIT_ADDRESS]; /* "10.1.4.7:", "[2001:db8::7]:" */
	size_t len;
	archive_on_device *each;
	void *owner;
	int count;
};

static int on_any_device(void *owner, const struct archive_device *d)
{
	struct by_host *h = owner;
	bool is_host = d->address.len > h->len && memcmp(d->address.p, h->address, h->len) == 0;
	h->count += is_host;
	return is_host ? h->each(h->owner, d) : 0;
}

int hub_find_device(struct hub_reader *r, const char *id, archive_on_device *each, void *owner)
{
	struct by_host h = {.each = each, .owner = owner};
	uint8_t address[16];
	int n = archive_view_find(r->view, text_of(id), each, owner);
	bool is_v6 = strchr(id, ':') != NULL;
	if (n != 0 || inet_pton(is_v6 ? AF_INET6 : AF_INET, id, address) != 1)
		return n;
	h.len = (size_t)snprintf(h.address, sizeof h.address, is_v6 ? "[%s]:" : "%s:", id);
	n = archive_view_each(r->view, on_any_device, &h);
	return n < 0 ? n : h.count;
}

/* ---- sites ------------------------------------------------------------------------------- */

struct site_search {
	struct text wanted;
	bool is_found;
	char example[LIMIT_TEXT + 1]; /* a site that some device has; "": none has one */
};

static int look_at_site(void *owner, const struct archive_device *d)
{
	struct site_search *s = owner;
	s->is_found |= text_is_equal(d->site, s->wanted);
	if (s->example[0] == '\0')
		(void)text_scrub(s->example, sizeof s->example, d->site);
	return 0;
}

int hub_check_site(struct hub_reader *r)
{
	const char *site = cli_value(r->cli, "site");
	struct site_search s = {.wanted = text_of(site)};
	int n = site == NULL ? 0 : archive_view_each(r->view, look_at_site, &s);
	if (n < 0 || site == NULL || s.is_found)
		return n < 0 ? n : 0;
	cli_error(r->cli, "%s: no device has this site%s%s", site,
		s.example[0] != '\0' ? "; one that is known is " : ": none is known yet",
		s.example);
	return ERR_USAGE;
}

/* ---- JSON -------------------------------------------------------------------------------- */

static int put_event(void *owner, const struct archive_event *h)
{
	struct hub_json *o = owner;
	event_json(&o->w, h);
	return o->w.err;
}

int hub_print_json(void *owner, const struct archive_device *d)
{
	struct hub_json *o = owner;
	struct writer *w = &o->w;
	struct history_state history;
	struct reading r;
	unsigned mask;
	int err = 0;
	reading_open(&r, &o->reader->blocks);
	archive_device_read(d, &r, &mask);
	hub_read_history(&history, d, &r);
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
	if (merge_is_behind(d->read_at_ms, d->received_at_ms))
		jw_bool(w, "clock_suspect", true);
	jw_uint(w, "first_seen_ms", d->first_seen_ms);
	if (d->complete_at_ms != 0)
		jw_uint(w, "last_complete_ms", d->complete_at_ms);
	if (d->attempt_at_ms != 0) {
		jw_uint(w, "last_attempt_ms", d->attempt_at_ms);
		jw_str(w, "last_attempt", coverage_reason_name(d->attempt_reason));
	}
	if (d->attempt_reason == COVERAGE_NOT_RESPONDING && d->complete_at_ms != 0)
		jw_uint(w, "silent_since_ms", d->complete_at_ms);
	jw_uint(w, "damaged_groups", d->damaged);
	event_evaluation_json(w, &history, &r);
	reading_close(&r);
	if (o->has_events) {
		jw_array(w, "events");
		const struct archive_event_filter newest = {.key = d->key, .max = HUB_EVENTS_SHOWN};
		err = archive_view_events(o->reader->view, &newest, put_event, o);
		jw_end(w);
	}
	jw_end(w);
	if (!o->is_array)
		writer_char(w, '\n');
	return err < 0 ? err : w->err;
}
