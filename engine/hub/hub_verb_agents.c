/* SPDX-License-Identifier: Apache-2.0
 * platen-hub agents: each agent with its newest heartbeat and its last contact. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/view.h"
#include "proto/wire/heartbeat.h"

/* Without heartbeats an agent is silent after two days without a sync. */
enum { DAY_S = 86400 };

struct agents_out {
	struct writer w; /* on stdout */
	struct table table;
	uint64_t now_ms;
	bool is_json;
};

struct contact {
	struct heartbeat heartbeat; /* the newest; zeroed if there is none */
	uint64_t sync_ms;           /* last batch or coverage */
	uint64_t last_ms;           /* the last of all */
	uint32_t interval_s;        /* in which a contact is expected */
	bool is_silent;
};

/* Heartbeats that have stopped while syncs went on are switched off. The interval is the agent's
 * word: not below what the hub takes, not above what an agent can be configured for. */
static void find_contact(struct contact *c, const struct archive_agent *a, uint64_t now_ms)
{
	*c = (struct contact){.interval_s = DAY_S};
	if (a->heartbeat_len > 0 &&
		heartbeat_unpack(&c->heartbeat, a->heartbeat, a->heartbeat_len) < 0)
		c->heartbeat = (struct heartbeat){.number = 0}; /* damaged */
	c->sync_ms = a->coverage_at_ms > a->last_seen_ms ? a->coverage_at_ms : a->last_seen_ms;
	c->last_ms = a->heartbeat_at_ms > c->sync_ms ? a->heartbeat_at_ms : c->sync_ms;
	uint64_t two_ms = UINT64_C(2000) * c->heartbeat.interval_s;
	if (two_ms > 0 && c->sync_ms <= a->heartbeat_at_ms + two_ms)
		c->interval_s = c->heartbeat.interval_s;
	if (c->interval_s < LIMIT_HEARTBEAT_EVERY_MS / 1000)
		c->interval_s = LIMIT_HEARTBEAT_EVERY_MS / 1000;
	if (c->interval_s > 31 * DAY_S)
		c->interval_s = 31 * DAY_S;
	c->is_silent = now_ms > c->last_ms + UINT64_C(2000) * c->interval_s;
}

static void put_age(struct table *t, uint64_t at_ms, uint64_t now_ms)
{
	char text[32];
	view_age(text, at_ms, now_ms);
	table_str(t, text);
}

static void put_skew(struct table *t, const struct archive_agent *a, const struct heartbeat *h)
{
	char text[40] = "";
	if (a->heartbeat_at_ms != 0)
		(void)snprintf(text, sizeof text, "%+.1f s",
			(double)heartbeat_skew_ms(h->sent_at_ms, a->heartbeat_at_ms) / 1000);
	table_str(t, text);
}

/* Empty without a heartbeat. */
static void put_count(struct table *t, bool is_known, uint64_t x)
{
	char text[24] = "";
	if (is_known)
		(void)snprintf(text, sizeof text, "%ju", x);
	table_str(t, text);
}

static void put_pair(struct table *t, bool is_known, uint64_t x, char between, uint64_t y)
{
	char text[48] = "";
	if (is_known)
		(void)snprintf(text, sizeof text, "%ju%c%ju", x, between, y);
	table_str(t, text);
}

static void put_row(struct agents_out *o, const struct archive_agent *a, const struct contact *c)
{
	struct table *t = &o->table;
	const struct heartbeat *h = &c->heartbeat;
	bool has = a->heartbeat_at_ms != 0;
	char id[9];
	str_hex(id, a->agent_id, 4);
	table_str(t, id);
	table_text(t, a->account);
	table_text(t, a->site);
	table_text(t, h->software.len > 0 ? h->software : a->software);
	table_str(t, c->is_silent ? "SILENT" : "ok");
	put_age(t, c->last_ms, o->now_ms);
	put_age(t, a->heartbeat_at_ms, o->now_ms);
	put_age(t, c->sync_ms, o->now_ms);
	put_skew(t, a, h);
	put_count(t, has, h->pending);
	put_pair(t, has, h->dropped, '+', h->quarantined);
	put_pair(t, has, h->complete, '/', h->known);
	if (h->next_sync_ms != 0)
		put_age(t, h->next_sync_ms, o->now_ms);
	else
		table_str(t, "");
	table_end_row(t);
}

static void put_heartbeat(struct writer *w, const struct heartbeat *h, uint64_t at_ms)
{
	jw_object(w, "heartbeat");
	jw_time(w, "received", at_ms);
	jw_time(w, "sent", h->sent_at_ms);
	jw_int(w, "clock_skew_ms", heartbeat_skew_ms(h->sent_at_ms, at_ms));
	jw_uint(w, "interval_s", h->interval_s);
	jw_uint(w, "pending", h->pending);
	jw_uint(w, "pending_bytes", h->pending_bytes);
	jw_uint(w, "dropped", h->dropped);
	jw_uint(w, "quarantined", h->quarantined);
	jw_uint(w, "known", h->known);
	jw_uint(w, "complete", h->complete);
	jw_uint(w, "failed", h->failed);
	jw_time(w, "last_sync", h->last_sync_ms);
	jw_time(w, "next_sync", h->next_sync_ms);
	jw_end(w);
}

static void put_object(struct agents_out *o, const struct archive_agent *a, const struct contact *c)
{
	struct writer *w = &o->w;
	jw_object(w, NULL);
	jw_hex(w, "agent_id", a->agent_id, ARCHIVE_AGENT_ID);
	jw_text(w, "account", a->account);
	jw_text(w, "site", a->site);
	jw_text(w, "software", c->heartbeat.software.len > 0 ? c->heartbeat.software : a->software);
	jw_bool(w, "silent", c->is_silent);
	jw_time(w, "last_contact", c->last_ms);
	jw_time(w, "last_sync", c->sync_ms);
	if (a->heartbeat_at_ms != 0)
		put_heartbeat(w, &c->heartbeat, a->heartbeat_at_ms);
	else
		jw_null(w, "heartbeat");
	jw_end(w);
	writer_char(w, '\n');
}

static int print_agent(void *owner, const struct archive_agent *a)
{
	struct agents_out *o = owner;
	struct contact c;
	find_contact(&c, a, o->now_ms);
	if (o->is_json)
		put_object(o, a, &c);
	else
		put_row(o, a, &c);
	return o->is_json ? o->w.err : o->table.w.err;
}

static int print(struct hub_reader *r)
{
	static const char *const columns[] = {"agent", "account", "site", "software", "state",
		"contact", "heartbeat", "sync", ">clock", ">pending", ">lost", ">complete",
		"next sync"};
	struct agents_out o = {.is_json = cli_has(r->cli, "json"), .now_ms = cli_wall_ms()};
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

const struct cli_verb hub_verb_agents = {.name = "agents",
	.summary = "list the agents with their last contact and what waits there",
	.details =
		"From the newest heartbeat of each agent: how far its clock is ahead of the hub's, "
		"the records that wait in its spool, those that its quota dropped plus those set "
		"aside, the devices that its last polls read completely of all, and its next sync. "
		"SILENT: no heartbeat and no sync for two of its heartbeat intervals; without "
		"heartbeats, for two days. --json prints one object a line.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
