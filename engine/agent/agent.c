/* SPDX-License-Identifier: Apache-2.0
 * The life of an agent: its parts are opened, it starts, it closes. What each part is made of is in
 * agent_parts.c, what they tell in agent_events.c. */
#include "engine/agent/agent_internal.h"

static void start(struct agent *a)
{
	int err = roster_start(a->roster, a->spread_ms);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=%s what=\"cannot start\"", err_text(err));
		a->err = err;
		agent_shut_down(a);
		return;
	}
	a->is_started = true;
	a->cycle_began_ms = a->cycle_ended_ms = loop_now_ms(a->loop);
	agent_scan_start(a, false);
	if (a->reload.is_wanted) {
		a->reload.is_wanted = false;
		agent_reload(a);
	}
}

void agent_on_keys(void *owner)
{
	struct agent *a = owner;
	if (a->is_closing)
		return;
	if (a->is_started)
		agent_reload_on_keys(a);
	else
		start(a);
}

void agent_start(struct agent *a, uint64_t spread_ms)
{
	a->spread_ms = spread_ms;
	if (a->keys.pending == 0)
		start(a);
}

static void log_start(const struct agent *a)
{
	struct roster_counts roster;
	roster_counts(a->roster, &roster);
	log_line(LOG_INFO, "agent",
		"start=" PLATEN_VERSION " devices=%zu window=%zu budget_kib=%llu hub=%s",
		roster.devices, snmp_client_window(a->client),
		(unsigned long long)(a->budget_bytes >> 10),
		a->conf->has_hub ? a->conf->hub_url : "none");
	if (roster.denied > 0)
		log_line(LOG_WARN, "roster",
			"denied=%zu what=\"printers that access.allow and access.deny do not let "
			"be asked get no packet\"",
			roster.denied);
	if (roster.over_limit > 0)
		log_line(LOG_WARN, "roster",
			"over_limit=%zu limit=%zu what=\"printers beyond devices.max are not read: "
			"raise it or use a second instance\"",
			roster.over_limit, a->conf->devices_max);
	if (roster.devices == 0 && a->discovery == NULL)
		log_line(LOG_WARN, "roster",
			"devices=0 what=\"nothing to read: fill devices.targets in %s\"",
			a->conf->file);
}

static void on_uplink_closed(void *owner);

int agent_open(struct agent *a, const struct agent_conf *conf, bool is_once)
{
	*a = (struct agent){.conf = conf, .is_once = is_once};
	int err = agent_open_parts(a);
	if (err == 0) {
		a->budget_bytes = agent_budget(a);
		log_start(a);
		return 0;
	}
	if (a->loop == NULL) {
		agent_close_knowledge(&a->knowledge);
		return err;
	}
	log_line(LOG_ERROR, "agent", "err=%s what=\"cannot start\"", err_text(err));
	a->is_closing = true;
	on_uplink_closed(a);
	if (loop_run(a->loop) < 0 || agent_close(a) < 0)
		log_line(LOG_ERROR, "agent", "what=\"unclean end\"");
	return err;
}

/* ---- closing ---------------------------------------------------------------------------- */

static void on_spool_closed(void *owner)
{
	struct agent *a = owner;
	a->spool = NULL;
	workers_close(a->workers);
	a->workers = NULL;
}

/* What was learned is written: its devices may go. */
static void on_device_store_closed(void *owner)
{
	struct agent *a = owner;
	a->device_store = NULL;
	agent_scan_close(a);
	snmp_client_close(a->client);
	a->client = NULL;
	fleet_close(a->fleet);
	a->fleet = NULL;
	roster_close(a->roster);
	a->roster = NULL;
	loop_signals_close(a->loop);
	if (a->spool != NULL)
		spool_close(a->spool, on_spool_closed, a);
	else
		on_spool_closed(a);
}

static void on_uplink_closed(void *owner)
{
	struct agent *a = owner;
	a->uplink = NULL;
	if (a->fleet != NULL && a->roster != NULL)
		agent_summarise(a);
	device_store_close(a->device_store, on_device_store_closed, a);
}

void agent_on_status_over(struct agent *a)
{
	if (a->uplink != NULL)
		uplink_close(a->uplink, on_uplink_closed, a);
	else
		on_uplink_closed(a);
}

void agent_shut_down(struct agent *a)
{
	if (a->is_closing)
		return;
	a->is_closing = true;
	if (!agent_scan_stop(a))
		fleet_stop(a->fleet); /* on_fleet_idle goes on */
}

int agent_close(struct agent *a)
{
	tls_close(a->tls);
	crypto_key_close(a->key);
	agent_reload_close(a);
	agent_keys_close(&a->keys);
	int err = loop_close(a->loop);
	agent_close_knowledge(&a->knowledge);
	return err;
}
