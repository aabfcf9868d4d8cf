/* SPDX-License-Identifier: Apache-2.0
 * platen-hub sites: each agent with the site information that it sent last. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/view.h"
#include "proto/document/json.h"

struct sites_out {
	struct writer w; /* on stdout */
	struct table table;
	bool is_json;
};

static void put_row(
	struct sites_out *o, const struct archive_agent *a, const struct site_information *i)
{
	struct table *t = &o->table;
	char text[64];
	table_text(t, a->site.len > 0 ? a->site : i->name);
	str_hex(text, a->agent_id, 4);
	table_str(t, text);
	table_text(t, a->software);
	table_text(t, i->address);
	table_text(t, i->os);
	table_text(t, i->time_zone);
	(void)snprintf(text, sizeof text, "%u", i->included);
	table_str(t, text);
	(void)snprintf(text, sizeof text, "%u", i->excluded);
	table_str(t, text);
	table_str(t, a->is_corporate ? "on" : "off");
	str_utc(text, a->last_seen_ms);
	table_str(t, text);
	table_end_row(t);
}

static void put_time(struct writer *w, const char *key, uint64_t ms)
{
	char text[25];
	str_utc(text, ms);
	if (ms > 0)
		jw_str(w, key, text);
	else
		jw_null(w, key);
}

static void put_object(
	struct sites_out *o, const struct archive_agent *a, const struct site_information *i)
{
	struct writer *w = &o->w;
	jw_object(w, NULL);
	jw_hex(w, "agent_id", a->agent_id, ARCHIVE_AGENT_ID);
	jw_text(w, "account", a->account);
	jw_text(w, "site", a->site);
	jw_text(w, "software", a->software);
	put_time(w, "first_seen", a->first_seen_ms);
	put_time(w, "last_seen", a->last_seen_ms);
	jw_bool(w, "corporate", a->is_corporate);
	put_time(w, "information_at", a->information_at_ms);
	jw_object(w, "information");
	json_site_members(w, i);
	jw_end(w);
	jw_end(w);
	writer_char(w, '\n');
}

static int print_agent(void *owner, const struct archive_agent *a)
{
	struct sites_out *o = owner;
	struct site_information info = {.store_kib = 0};
	/* Damaged: nothing is known. */
	if (a->information_len > 0 &&
		site_information_unpack(&info, a->information, a->information_len) < 0)
		info = (struct site_information){.store_kib = 0};
	if (o->is_json)
		put_object(o, a, &info);
	else
		put_row(o, a, &info);
	return o->is_json ? o->w.err : o->table.w.err;
}

static int print(struct hub_reader *r)
{
	static const char *const columns[] = {"site", "agent", "software", "address", "system",
		"time zone", ">printers", ">left out", "corporate", "last batch"};
	struct sites_out o = {.is_json = cli_has(r->cli, "json")};
	if (o.is_json)
		writer_open_file(&o.w, stdout);
	else
		view_table(&o.table, stdout, columns, sizeof columns / sizeof columns[0]);
	int n = archive_view_agents(r->view, print_agent, &o);
	int err = o.is_json ? writer_close(&o.w) : table_end(&o.table);
	return n < 0 ? n : err < 0 ? err : n;
}

static int run(const struct cli *cli)
{
	return hub_read(cli, print);
}

const struct cli_verb hub_verb_sites = {.name = "sites",
	.summary = "list the agents with the site information that they sent",
	.details = "Site information comes once a day, and when it changes; docs/what-leaves.md "
		   "lists it. --json prints one object a line.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
