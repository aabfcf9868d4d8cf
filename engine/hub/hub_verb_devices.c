/* SPDX-License-Identifier: Apache-2.0
 * platen-hub devices: the archive device by device, so that memory does not grow with their number.
 */
#include "engine/hub/hub_verbs.h"
#include "engine/hub/merge.h"
#include "engine/ui/view.h"
#include "proto/base/limits.h"
#include "proto/text/escape.h"
#include "proto/wire/coverage.h"

struct rows {
	struct hub_reader *reader;
	struct table table;
	uint64_t now_ms;
};

/* How the last attempt to read it ended, if its agent reports it: "complete", "not-responding 3 h
 * ago".
 */
static void put_attempt(struct rows *o, const struct archive_device *d)
{
	char age[32], text[80];
	if (d->attempt_at_ms == 0) {
		table_text(&o->table, TEXT(""));
		return;
	}
	view_age(age, d->attempt_at_ms, o->now_ms);
	(void)snprintf(text, sizeof text, "%s%s%s", coverage_reason_name(d->attempt_reason),
		d->attempt_reason != COVERAGE_COMPLETE ? " " : "",
		d->attempt_reason != COVERAGE_COMPLETE ? age : "");
	table_text(&o->table, text_of(text));
}

/* READ is the last complete read, also one in which nothing had changed. */
static int print_row(void *owner, const struct archive_device *d)
{
	struct rows *o = owner;
	char age[32];
	if (d->complete_at_ms > d->read_at_ms)
		view_age(age, d->complete_at_ms, o->now_ms);
	else if (merge_is_behind(d->read_at_ms, d->received_at_ms))
		(void)str_copy(age, sizeof age, "clock suspect");
	else
		view_age(age, d->read_at_ms, o->now_ms);
	table_text(&o->table, d->key);
	table_text(&o->table, d->vendor);
	table_text(&o->table, d->model);
	table_text(&o->table, d->address);
	table_text(&o->table, d->site);
	table_text(&o->table, text_of(age));
	put_attempt(o, d);
	table_end_row(&o->table);
	return 0;
}

/* ---- coverage ---- */
#define COVERAGE_MS UINT64_C(86400000)

static int print_site(void *owner, const struct archive_site *s)
{
	(void)owner;
	struct writer w;
	writer_open_file(&w, stdout);
	writer_str(&w, "\ncoverage of site \"");
	writer_shown(&w, s->site);
	writer_printf(&w,
		"\": %ju of %ju devices were read completely in the last 24 hours (%.1f %%)",
		s->complete, s->known,
		s->known == 0 ? 100.0 : 100.0 * (double)s->complete / (double)s->known);
	if (s->unread > 0)
		writer_printf(&w, ", %ju never", s->unread);
	writer_char(&w, '\n');
	return writer_close(&w);
}

static int print_unread(void *owner, const struct archive_unread *u)
{
	const struct rows *o = owner;
	char age[32];
	struct writer w;
	writer_open_file(&w, stdout);
	writer_str(&w, "  never read: ");
	writer_shown(&w, u->address);
	view_age(age, u->attempt_at_ms, o->now_ms);
	writer_printf(&w, " (%s", coverage_reason_name(u->reason));
	if (u->attempt_at_ms != 0)
		writer_printf(&w, " %s", age);
	writer_str(&w, ")\n");
	return writer_close(&w);
}

static int put_site(void *owner, const struct archive_site *s)
{
	struct writer *w = owner;
	jw_object(w, NULL);
	jw_text(w, "site", s->site);
	jw_uint(w, "known", s->known);
	jw_uint(w, "complete", s->complete);
	jw_uint(w, "unread", s->unread);
	jw_uint(w, "reported_at_ms", s->reported_at_ms);
	jw_end(w);
	return w->err;
}

static int put_unread(void *owner, const struct archive_unread *u)
{
	struct writer *w = owner;
	jw_object(w, NULL);
	jw_text(w, "site", u->site);
	jw_text(w, "address", u->address);
	if (u->attempt_at_ms != 0)
		jw_uint(w, "last_attempt_ms", u->attempt_at_ms);
	jw_str(w, "last_attempt", coverage_reason_name(u->reason));
	jw_end(w);
	return w->err;
}

static int each_site(struct hub_reader *r, archive_on_site *each, void *owner)
{
	uint64_t now_ms = cli_wall_ms();
	return archive_view_sites(
		r->view, now_ms > COVERAGE_MS ? now_ms - COVERAGE_MS : 0, each, owner);
}

static int put_coverage(struct hub_reader *r, struct writer *w)
{
	jw_end(w);
	jw_array(w, "coverage");
	int n = each_site(r, put_site, w);
	jw_end(w);
	jw_array(w, "unread");
	return n < 0 ? n : archive_view_unread(r->view, put_unread, w);
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
	if (n >= 0 && is_array)
		n = put_coverage(r, &o.w);
	int err = is_array ? jw_close(&o.w) : writer_close(&o.w);
	return n < 0 ? n : err;
}

static int print(struct hub_reader *r)
{
	static const char *const names[] = {
		"DEVICE", "VENDOR", "MODEL", "ADDRESS", "SITE", "READ", "LAST TRY"};
	struct rows o = {.reader = r, .now_ms = cli_wall_ms()};
	if (cli_has(r->cli, "json") || cli_has(r->cli, "jsonl"))
		return print_json(r, cli_has(r->cli, "json"));
	view_table(&o.table, stdout, names, sizeof names / sizeof names[0]);
	int n = archive_view_each(r->view, print_row, &o);
	int err = table_end(&o.table);
	if (n >= 0 && err == 0)
		n = each_site(r, print_site, &o);
	if (n >= 0 && err == 0)
		n = archive_view_unread(r->view, print_unread, &o);
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
