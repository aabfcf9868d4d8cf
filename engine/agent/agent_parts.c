/* SPDX-License-Identifier: Apache-2.0
 * Opens the parts of the agent as the configuration says. On an error the caller (agent.c) closes
 * the parts that are open. */
#include "engine/agent/agent_internal.h"

#include "engine/agent/hub_options.h"

#include "engine/fleet/profile.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

/* Deadlines beside devices and requests: connections, workers' owners, schedule, status. A hub that
 * asks `once` to wait longer than this is left for the next call. */
enum {
	OTHER_DEADLINES = 64 + CTL_DUES,
	ONCE_RETRY_AFTER_MS = 60000,
	SCAN_DEADLINES = 3 * LIMIT_SCAN_POLLS + LIMIT_SCAN_PORT_PROBES
};

int agent_open_key(struct crypto_key **ret, const struct agent_conf *c, char *why, size_t cap)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/agent.key", c->state_dir);
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	/* Ed25519 came with FIPS 186-5; no module for Debian 12's OpenSSL has it. */
	return crypto_key_open(ret, path, c->is_fips ? CRYPTO_P256 : CRYPTO_ANY, why, cap);
}

int agent_open_uplink(
	struct agent *a, const struct agent_conf *live, const struct uplink_kept *kept)
{
	struct uplink_options o = {.hub = agent_hub_options(live),
		.tls = a->tls,
		.site = a->conf->site,
		.state_dir = a->conf->state_dir,
		.software = "platen/" PLATEN_VERSION,
		.policy = &a->policy,
		.is_off = !live->sends,
		.kept = kept,
		.key = a->key,
		.audit = a->audit,
		.interval_ms = live->sync_calendar.count > 0 ? 0 : live->sync_interval_ms,
		.calendar = &live->sync_calendar,
		.heartbeat_ms = live->heartbeat_ms,
		.is_on_request = a->is_once,
		/* `once` runs in the foreground; records that are not sent stay in the spool. */
		.tries = a->is_once ? 2 : 0,
		.retry_after_max_ms = a->is_once ? ONCE_RETRY_AFTER_MS : 0};
	struct uplink_events events = {.on_sync_start = agent_on_sync_start,
		.on_sync_end = agent_on_sync_end,
		.on_missed = agent_audit_missed,
		.on_want_full = agent_on_want_full,
		.on_coverage = agent_on_coverage,
		.on_heartbeat = agent_on_heartbeat,
		.on_heartbeat_end = agent_on_heartbeat_end,
		.on_refused = agent_on_refused};
	return uplink_open(&a->uplink, a->loop, a->workers, a->spool, &o, &events, a);
}

static int open_uplink(struct agent *a)
{
	const struct agent_conf *c = a->conf;
	char why[LIMIT_WHY] = "";
	if (!c->has_hub)
		return 0;
	int err = agent_open_key(&a->key, c, why, sizeof why);
	struct tls_client_options tls = agent_tls_options(c);
	if (err == 0)
		err = tls_client_open(&a->tls, &tls, why, sizeof why);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=%s why=\"%s\"", err_text(err), why);
		return err;
	}
	a->keeps_all = a->is_once && c->sends;
	spool_set_dropping(a->spool, !a->keeps_all);
	return agent_open_uplink(a, c, NULL);
}

static int open_store(struct agent *a)
{
	char why[LIMIT_WHY] = "";
	struct spool_options o = {.dir = a->conf->state_dir,
		.max_bytes = a->conf->spool_max_bytes,
		.max_devices = LIMIT_SPOOL_DEVICES / LIMIT_DEVICES_MAX * a->conf->devices_max,
		.linger_ms = a->conf->spool_linger_ms,
		.always = a->conf->has_hourly_meters ? 1u << GROUP_METERS : 0,
		/* `once` ends with an error instead. */
		.retry_ms = a->is_once ? 0 : LIMIT_SPOOL_RETRY_MS,
		.on_disk = agent_on_disk,
		.owner = a};
	int err = spool_open(&a->spool, a->loop, a->workers, &o, why, sizeof why);
	if (err < 0)
		log_line(LOG_ERROR, "spool", "err=%s why=\"%s\"", err_text(err), why);
	else
		agent_watch_spool(a);
	return err;
}

/* Without it the agent works all the same: device profiles are then learned anew. */
static int open_device_store(struct agent *a)
{
	char why[LIMIT_WHY] = "";
	int err = device_store_open(
		&a->device_store, a->loop, a->workers, a->conf->state_dir, true, why, sizeof why);
	if (err > 0)
		log_line(LOG_WARN, "device_store",
			"why=\"%s\" what=\"renamed to discovery.db.damaged: device profiles "
			"start empty\"",
			why);
	if (err < 0)
		log_line(LOG_ERROR, "device_store", "err=%s why=\"%s\"", err_text(err), why);
	return 0;
}

static void load_device_store(struct agent *a)
{
	int count = a->device_store == NULL ? 0 : profile_load(a->roster, a->device_store);
	if (count < 0)
		log_line(LOG_ERROR, "device_store", "err=%s", err_text(count));
	else if (count > 0)
		log_line(LOG_INFO, "device_store", "devices=%d", count);
}

static void on_due(void *owner, struct device *dev)
{
	struct agent *a = owner;
	fleet_on_due(a->fleet, dev);
}

static bool may_change(void *owner)
{
	const struct agent *a = owner;
	return a->daemon.state == DAEMON_RUN;
}

static void on_added(void *owner, struct device *dev)
{
	struct agent *a = owner;
	a->devices++;
	if (!daemon_is_starting(&a->daemon) && roster_wake(dev) < 0)
		log_line(LOG_ERROR, "names", "err=%s what=\"not read until a restart\"",
			err_text(ERR_FULL));
}

static int add_name(void *owner, const struct conf_device *device)
{
	struct agent *a = owner;
	int err = device->name == NULL
			  ? 0
			  : name_list_add(&a->reload.names, device, a->conf->devices_max);
	return err == ERR_FULL ? 0 : err;
}

/* Their devices come after those that are given by address. */
static int open_names(struct agent *a, struct conf_error *why)
{
	struct names_options o = {.loop = a->loop,
		.workers = a->workers,
		.roster = a->roster,
		.device_store = a->device_store,
		.conf = a->conf,
		.users = a->keys.users,
		.may_change = may_change,
		.on_added = on_added,
		.owner = a};
	int err = conf_each_device(a->conf, add_name, a, why);
	if (err < 0)
		return err;
	names_open(&a->names, &o, &a->reload.names);
	return 0;
}

static int open_roster(struct agent *a)
{
	struct conf_error why = {0};
	struct roster_counts roster;
	agent_keys_open(&a->keys, a->workers, agent_on_keys, a);
	int err = agent_keys_take(&a->keys, a->conf, NULL);
	if (err < 0)
		return err;
	err = roster_open(&a->roster, a->loop, a->conf, a->keys.users, on_due, a, &why);
	if (err == 0)
		err = open_names(a, &why);
	if (err == ERR_CONF)
		conf_log_error(&why, 0);
	if (err < 0)
		return err;
	roster_counts(a->roster, &roster);
	a->devices = roster.addresses;
	err = agent_scan_open(a);
	if (err < 0)
		return err;
	/* A row that cannot be read is a printer that is learned anew. */
	load_device_store(a);
	return 0;
}

/* Discovery may bring more while the agent runs, and names that are not known yet. */
static size_t max_devices(const struct agent *a)
{
	bool may_grow = a->discovery != NULL && a->conf->discovery_adopt && !a->is_once;
	size_t named = a->devices + names_unknown(&a->names);
	return may_grow || named > a->conf->devices_max ? a->conf->devices_max : named;
}

static size_t ipp_window(const struct agent *a)
{
	return max_devices(a) < LIMIT_IPP_POLLS ? max_devices(a) : LIMIT_IPP_POLLS;
}

/* More requests at once than there are printers would only be memory. */
static int open_fleet(struct agent *a)
{
	const struct agent_conf *c = a->conf;
	size_t window = c->snmp_window < max_devices(a) ? c->snmp_window : max_devices(a);
	struct snmp_client_options client = {.window = window > 0 ? window : 1,
		.deadline_ms = c->snmp_timeout_ms,
		.tries = c->snmp_tries,
		.refuses_new_engine = c->snmp_engine_change == CONF_ENGINE_REFUSE,
		.nets_have = conf_nets_has,
		.workers = a->workers};
	int err = snmp_client_open(&a->client, a->loop, &client);
	if (err < 0)
		return err;
	struct fleet_options options = {.interval_ms = a->is_once ? 0 : c->poll_interval_ms,
		.window = snmp_client_window(a->client),
		.ipp_window = c->has_ipp ? ipp_window(a) : 0,
		.accept = &c->accept,
		.models = a->knowledge.models,
		.device_store = a->device_store,
		.rate_limit = {.min_interval_ms = c->snmp_min_interval_ms,
			.subnet_rate = c->snmp_subnet_rate}};
	struct fleet_events events = {.on_polled = agent_on_polled,
		.on_idle = agent_on_fleet_idle,
		.on_full = agent_on_spool_full};
	err = fleet_open(&a->fleet, a->loop, a->client, a->spool, a->roster, &options, &events, a);
	if (err == 0)
		agent_use_policy(a, c);
	return err;
}

static int open_knowledge(struct agent *a)
{
	struct conf_error why;
	int err = agent_open_knowledge(&a->knowledge, a->conf->models_dir, &why);
	if (err < 0)
		conf_log_error(&why, 0);
	return err;
}

static int open_fips(struct agent *a)
{
	bool is_loaded;
	char why[LIMIT_WHY] = "";
	if (!a->conf->is_fips)
		return 0;
	int err = usm_fips_open(&is_loaded, why, sizeof why);
	log_line(err < 0     ? LOG_ERROR
		 : is_loaded ? LOG_INFO
			     : LOG_WARN,
		"fips", "provider=%s what=\"%s\"",
		err < 0     ? "broken"
		: is_loaded ? "loaded"
			    : "none",
		why);
	return err;
}

static int open_kept(struct agent *a)
{
	agent_load_kept(a);
	return 0;
}

/* ---- in order --------------------------------------------------------------------------- */

static int open_loop(struct agent *a)
{
	const struct agent_conf *c = a->conf;
	bool may_scan = c->discovery_targets != NULL || c->discovery_mdns;
	/* Two heaps, for the loop and for the pool: more only spread the same memory thinner. */
	(void)mallopt(M_ARENA_MAX, 2);
	int err = loop_open(&a->loop, c->devices_max + c->snmp_window + LIMIT_IPP_POLLS +
					      OTHER_DEADLINES + (may_scan ? SCAN_DEADLINES : 0));
	if (err < 0)
		return err;
	a->started_wall_ms = loop_wall_ms(a->loop);
	agent_status_init(a);
	return workers_open(&a->workers, a->loop);
}

int agent_open_parts(struct agent *a)
{
	static int (*const steps[])(struct agent *) = {open_fips, open_knowledge, open_loop,
		open_store, agent_audit_open, open_device_store, open_roster, open_fleet,
		open_uplink, open_kept, agent_control_open};
	int err = 0;
	for (size_t i = 0; err == 0 && i < sizeof steps / sizeof steps[0]; i++)
		err = steps[i](a);
	return err;
}
