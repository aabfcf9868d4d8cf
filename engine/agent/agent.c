/* SPDX-License-Identifier: Apache-2.0
 * The life of an agent: opening, start, stop, closing. agent_parts.c opens the single parts,
 * cycle.c receives their events, reload.c takes a changed configuration. */
#include "engine/agent/agent_internal.h"

static void start_polls(struct agent *a)
{
	int err = roster_start(a->roster, a->spread_ms);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=\"%s\" what=\"cannot start\"", err_text(err));
		a->err = err;
		agent_shut_down(a);
		return;
	}
	a->cycle_began_ms = a->cycle_ended_ms = loop_now_ms(a->loop);
	agent_scan_start(a, false);
	if (!a->is_once)
		names_start(&a->names);
	daemon_event(&a->daemon, DAEMON_STARTED);
}

void agent_on_keys(void *owner)
{
	struct agent *a = owner;
	if (daemon_is_starting(&a->daemon))
		start_polls(a);
	else
		agent_reload_on_keys(a);
}

void agent_start(struct agent *a, uint64_t spread_ms)
{
	a->spread_ms = spread_ms;
	if (a->keys.pending == 0)
		start_polls(a);
}

static void log_start(const struct agent *a)
{
	struct roster_counts roster;
	const char *url = a->conf->has_hub ? a->conf->hub_url : "none";
	roster_counts(a->roster, &roster);
	log_line(LOG_INFO, "agent",
		"start=" PLATEN_VERSION " devices=%ju window=%zu budget_kib=%ju hub=%s",
		roster.devices, snmp_client_window(a->client), (a->budget_bytes >> 10), url);
	if (roster.denied > 0)
		log_line(LOG_WARN, "roster",
			"denied=%ju what=\"access.allow and access.deny exclude these printers: "
			"no "
			"packet is sent to them\"",
			roster.denied);
	if (roster.over_limit > 0)
		log_line(LOG_WARN, "roster",
			"over_limit=%ju limit=%zu what=\"printers beyond devices.max are not "
			"read: "
			"raise it or use a second instance\"",
			roster.over_limit, a->conf->devices_max);
	if (roster.devices == 0 && a->discovery == NULL)
		log_line(LOG_WARN, "roster",
			"devices=0 file=%s what=\"nothing to read: fill devices.targets\"",
			a->conf->file);
}

/* ---- stop --------------------------------------------------------------------------------- */

/* All polls have ended and all that they learned is written: their devices may go. */
static void close_fleet(struct agent *a)
{
	agent_scan_close(a);
	names_close(&a->names);
	agent_reload_stop(a);
	snmp_client_close(a->client);
	a->client = NULL;
	fleet_close(a->fleet);
	a->fleet = NULL;
	roster_close(a->roster);
	a->roster = NULL;
	if (!a->is_once)
		daemon_close_signals(a->loop);
}

static void on_uplink_closed(void *owner)
{
	struct agent *a = owner;
	a->uplink = NULL;
	agent_stop_next(a);
}

static void on_audit_closed(void *owner)
{
	struct agent *a = owner;
	a->audit = NULL;
	agent_stop_next(a);
}

static void on_control_closed(void *owner)
{
	struct agent *a = owner;
	a->control = NULL;
	agent_stop_next(a);
}

static void on_device_store_closed(void *owner)
{
	struct agent *a = owner;
	a->device_store = NULL;
	close_fleet(a);
	agent_stop_next(a);
}

static void on_spool_closed(void *owner)
{
	struct agent *a = owner;
	a->spool = NULL;
	agent_stop_next(a);
}

/* While it ran, they waited for the disk. */
static void log_lost(const struct agent *a)
{
	const struct collect_counters *c = fleet_collect_counters(a->fleet);
	if (c->lost + c->refused > 0)
		log_line(LOG_ERROR, "spool",
			"file=\"%s/store.db\" lost=%ju what=\"readings that could not be written; "
			"what was kept before is there\"",
			a->conf->state_dir, c->lost + c->refused);
}

/* Begins one stage. True: agent_stop_next is called when it has ended. */
static bool begin_stage(struct agent *a, enum agent_stop stage)
{
	switch (stage) {
	case STOP_NOT:
		return false;
	case STOP_SCAN:
		return agent_scan_stop(a);
	case STOP_POLLS:
		fleet_stop(a->fleet);
		spool_give_up(a->spool); /* polls wait for its commit */
		return true;
	case STOP_STATUS:
		log_lost(a);
		agent_status_finish(a);
		return true;
	case STOP_UPLINK:
		if (a->uplink == NULL)
			return false;
		uplink_close(a->uplink, on_uplink_closed, a);
		return true;
	case STOP_AUDIT:
		if (a->audit == NULL)
			return false;
		audit_queue_close(a->audit, on_audit_closed, a);
		return true;
	case STOP_CONTROL:
		if (a->control == NULL)
			return false;
		ctl_close(a->control, on_control_closed, a);
		return true;
	case STOP_DEVICE_STORE:
		if (a->fleet != NULL && a->roster != NULL)
			agent_summarise(a);
		device_store_close(a->device_store, on_device_store_closed, a);
		return true;
	case STOP_SPOOL:
		if (a->spool == NULL)
			return false;
		spool_close(a->spool, on_spool_closed, a);
		return true;
	case STOP_WORKERS:
		workers_close(a->workers);
		a->workers = NULL;
		return true; /* the loop ends when nothing is open */
	}
	return true;
}

void agent_stop_next(struct agent *a)
{
	do
		a->stop++;
	while (!begin_stage(a, a->stop));
}

static void on_stop(void *owner)
{
	agent_stop_next(owner);
}

void agent_shut_down(struct agent *a)
{
	daemon_event(&a->daemon, DAEMON_WANTS_STOP);
}

/* ---- opening and closing ------------------------------------------------------------------ */

static void on_reload(void *owner)
{
	agent_reload(owner);
}

static void on_dump(void *owner)
{
	agent_dump(owner);
}

int agent_open(struct agent *a, const struct agent_conf *conf, bool is_once)
{
	static const struct daemon_actions actions = {
		.reload = on_reload, .stop = on_stop, .dump = on_dump};
	*a = (struct agent){.conf = conf, .is_once = is_once};
	daemon_init(&a->daemon, "agent", &actions, a);
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
	log_line(LOG_ERROR, "agent", "err=\"%s\" what=\"cannot start\"", err_text(err));
	/* No poll has begun, and status.json stays as the last run left it. */
	a->stop = STOP_STATUS;
	agent_shut_down(a);
	if (loop_run(a->loop) < 0 || agent_close(a) < 0)
		log_line(LOG_ERROR, "agent", "what=\"something stayed open\"");
	return err;
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
