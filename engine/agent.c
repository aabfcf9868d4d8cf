/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent_internal.h"

#include "engine/fleet/remember.h"

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Deadlines beside devices and questions: connections, lanes' owners, schedule, status. */
enum { OTHER_DEADLINES = 64, SCAN_DEADLINES = 3 * LIMIT_SCAN_VISITS + LIMIT_SCAN_KNOCKS };

/* ---- what is known only at the end ------------------------------------------------------ */

uint64_t agent_peak_bytes(void)
{
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

uint64_t agent_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t n = 0;
	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n > 3 ? n - 3 : 0; /* ".", ".." and the one that counts */
}

void agent_summarise(struct agent *a)
{
	struct agent_summary *s = &a->summary;
	struct roster_counts roster;
	const struct fleet_counters *fleet = fleet_counters(a->fleet);
	const struct harvest_counters *harvest = fleet_harvest(a->fleet);
	const struct poller_counters *poller = poller_counters(a->poller);
	roster_counts(a->roster, &roster);
	s->printers = roster.devices;
	s->over_limit = roster.over_limit;
	s->complete = fleet->complete;
	s->partial = fleet->partial;
	s->silent = fleet->silent;
	s->kept = harvest->kept;
	s->unchanged = harvest->unchanged;
	s->lost = harvest->lost;
	s->cycle_ms = a->cycle_ms;
	s->requests = poller->asked;
	s->resent = poller->resent;
	s->timeouts = poller->timeouts;
	s->strays = poller_counters_refused(poller) - poller->reports;
	s->budget_bytes = a->budget_bytes;
	s->peak_bytes = agent_peak_bytes();
	struct loop_lag lag;
	loop_get_lag(a->loop, &lag);
	s->lag_ms = lag.max_ms;
	s->lag_p50_ms = lag.p50_ms;
	s->lag_p99_ms = lag.p99_ms;
	s->lag_p999_ms = lag.p999_ms;
	s->slow_turns = lag.slow;
	s->fell_silent = fleet->fell_silent;
	s->careful = roster.careful;
	s->drops = poller_drops(a->poller);
	s->probes = poller->probes;
	s->halved = fleet_gate(a->fleet)->halved;
}

/* ---- memory ----------------------------------------------------------------------------- */

/* What is there before the first printer: the program, its libraries and their tables, the pool's
 * threads, SQLite's caches (measured, rounded up). */
enum { BASE_BYTES = 13 << 20 };

uint64_t agent_budget(const struct agent *a)
{
	uint64_t sum = BASE_BYTES;
	sum += poller_memory_ceiling(a->poller);
	sum += fleet_memory_ceiling(a->fleet);
	sum += roster_memory(a->roster);
	sum += models_memory(&a->knowledge.own);
	sum += 2 * (uint64_t)LIMIT_SPOOL_PENDING;
	if (a->discovery != NULL)
		sum += discovery_memory_ceiling(a->discovery);
	if (a->uplink != NULL)
		sum += 3 *
		       (uint64_t)LIMIT_BATCH_RAW; /* raw body, compressed, the compressor itself */
	return sum;
}

/* ---- opening ---------------------------------------------------------------------------- */

static void tell_visits(struct agent *a)
{
	const struct harvest_counters *h = fleet_harvest(a->fleet);
	const struct fleet_counters *f = fleet_counters(a->fleet);
	if (a->uplink != NULL)
		uplink_set_visits(
			a->uplink, h->made, h->unchanged, f->silent, (uint32_t)a->devices);
}

/* Another engineID than the pinned one: a new board, another printer, or somebody in between. */
static void tell_engine_change(struct agent *a, const struct device *dev)
{
	bool is_refused = a->conf->snmp_engine_change == CONF_ENGINE_REFUSE;
	struct known_event event = {
		.wall_ms = loop_wall_ms(a->loop), .kind = KNOWN_EVENT_ENGINE_CHANGED};
	/* Refused, it stays changed: said when its silence begins. */
	if (is_refused && dev->failures > 1)
		return;
	if (!is_refused)
		dev->peer.usm->is_engine_changed = false;
	device_address(dev, event.address, sizeof event.address);
	(void)str_copy(event.key, sizeof event.key, dev->key);
	(void)str_copy(event.detail, sizeof event.detail, is_refused ? "refused" : "taken");
	log_line(LOG_WARN, "usm", "dev=%s err=%s what=\"another engineID than before: %s\"",
		event.address, err_text(ERR_SNMP_ENGINE),
		is_refused ? "it is not read; to take the new one, set snmp.engine_change: warn"
			   : "the new one is asked from now on");
	if (a->known != NULL)
		known_event(a->known, &event);
}

static void on_visited(void *owner, const struct device *dev, enum device_outcome outcome, int err)
{
	struct agent *a = owner;
	(void)err;
	if (outcome != OUTCOME_SILENT && dev->last_read_wall_ms > a->last_data_ms)
		a->last_data_ms = dev->last_read_wall_ms;
	agent_reload_on_visited(a, dev);
	if (dev->peer.usm != NULL && dev->peer.usm->is_engine_changed)
		tell_engine_change(a, dev);
	if (++a->cycle_visits == 1 && !a->is_once)
		a->cycle_began_ms = loop_now_ms(a->loop);
	if (a->is_once)
		return;
	tell_visits(a);
	agent_status_soon(a);
	if (a->cycle_visits >= a->devices) {
		a->cycles++;
		a->cycle_ended_ms = loop_now_ms(a->loop);
		a->cycle_ms = a->cycle_ended_ms - a->cycle_began_ms;
		a->cycle_visits = 0;
	}
}

static void on_uplink_closed(void *owner);

static void sync_after_cycle(struct agent *a)
{
	if (a->uplink != NULL) {
		int err = uplink_sync_now(a->uplink);
		a->is_sync_wanted = err == ERR_BUSY;
		if (err == 0 || err == ERR_BUSY)
			return; /* on_sync_end goes on */
		a->summary.sync_err = err;
		(void)snprintf(
			a->summary.sync_why, sizeof a->summary.sync_why, "%s", err_text(err));
	}
	agent_shut_down(a);
}

static void on_fleet_idle(void *owner)
{
	struct agent *a = owner;
	if (a->is_closing) {
		agent_status_finish(a);
		return;
	}
	a->cycle_ended_ms = loop_now_ms(a->loop);
	a->cycle_ms = a->cycle_ended_ms - a->cycle_began_ms;
	a->cycles++;
	a->is_cycle_over = true;
	tell_visits(a);
	sync_after_cycle(a);
}

/* Readings wait for room in the spool: only what is sent can make it. At most so often, as a run
 * that fails has had its own tries and rests. */
enum { FULL_SYNC_EVERY_MS = 60000 };

static void on_spool_full(void *owner)
{
	struct agent *a = owner;
	uint64_t now = loop_now_ms(a->loop);
	if (a->is_closing || (a->full_sync_ms != 0 && now - a->full_sync_ms < FULL_SYNC_EVERY_MS))
		return;
	a->full_sync_ms = now;
	log_line(LOG_WARN, "spool", "what=\"full: printers wait until something was sent\"");
	int err = a->uplink == NULL ? ERR_FULL : uplink_sync_now(a->uplink);
	if (err == 0 || err == ERR_BUSY)
		return;
	log_line(LOG_ERROR, "spool", "err=%s what=\"nothing can be sent\"", err_text(err));
	if (a->is_once)
		agent_shut_down(a); /* it would wait for ever */
}

static void on_once_sync_end(struct agent *a, int err)
{
	if (err == 0 && !a->is_cycle_over)
		a->full_sync_ms = 0; /* there is room again, the cycle goes on */
	else if (err == 0 && a->is_sync_wanted)
		sync_after_cycle(a);
	else
		agent_shut_down(a);
}

static void on_sync_end(void *owner, int err, const struct uplink_summary *summary)
{
	struct agent *a = owner;
	struct agent_summary *s = &a->summary;
	s->sync_err = err;
	(void)snprintf(s->sync_why, sizeof s->sync_why, "%s", summary->why);
	s->sent += summary->records;
	s->batches += summary->batches;
	s->batch_bytes += summary->sent_bytes;
	s->sync_ms = loop_now_ms(a->loop) - a->cycle_ended_ms;
	if (a->is_once)
		on_once_sync_end(a, err);
	else
		agent_status_soon(a);
}

static void on_want_full(void *owner, struct text device_key)
{
	struct agent *a = owner;
	struct device *dev = roster_find_key(a->roster, device_key.p, device_key.len);
	if (dev != NULL)
		dev->wants_full = true;
}

static int open_uplink(struct agent *a)
{
	const struct agent_conf *c = a->conf;
	char why[LIMIT_WHY] = "";
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/agent.key", c->state_dir);
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	/* Ed25519 came into FIPS 186-5; no module that Debian 12's OpenSSL takes has it. */
	int err = seal_key_open(&a->key, path, c->is_fips ? SEAL_P256 : SEAL_ANY, why, sizeof why);
	struct tls_client_options tls = {.ca_file = c->ca_file, .crl_file = c->crl_file};
	if (err == 0)
		err = tls_client_open(&a->tls, &tls, why, sizeof why);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=%s why=\"%s\"", err_text(err), why);
		return err;
	}
	struct uplink_options o = {.host = c->hub_host,
		.port = c->hub_port,
		.path = c->hub_path,
		.tls = a->tls,
		.user = c->hub_user,
		.password = c->hub_password.bytes,
		.site = c->site,
		.software = "platen/" PLATEN_VERSION,
		.key = a->key,
		.interval_ms = a->is_once ? 0 : c->sync_interval_ms,
		/* Somebody waits for `once`; what is not sent stays in the spool. */
		.tries = a->is_once ? 2 : 0};
	struct uplink_events events = {.on_sync_end = on_sync_end, .on_want_full = on_want_full};
	return uplink_open(&a->uplink, a->loop, a->lanes, a->spool, &o, &events, a);
}

static int open_store(struct agent *a)
{
	char why[LIMIT_WHY] = "";
	struct spool_options o = {.dir = a->conf->state_dir,
		.max_bytes = a->conf->spool_max_bytes,
		.linger_ms = a->conf->spool_linger_ms};
	int err = spool_open(&a->spool, a->loop, a->lanes, &o, why, sizeof why);
	if (err < 0)
		log_line(LOG_ERROR, "spool", "err=%s why=\"%s\"", err_text(err), why);
	return err;
}

/* Without it the agent works all the same: it learns anew what printers take. */
static void open_known(struct agent *a)
{
	char why[LIMIT_WHY] = "";
	int err =
		known_open(&a->known, a->loop, a->lanes, a->conf->state_dir, true, why, sizeof why);
	if (err > 0)
		log_line(LOG_WARN, "known",
			"why=\"%s\" what=\"moved aside as discovery.db.damaged: printers are "
			"learned anew\"",
			why);
	if (err < 0)
		log_line(LOG_ERROR, "known", "err=%s why=\"%s\"", err_text(err), why);
}

static void load_known(struct agent *a)
{
	int count = a->known == NULL ? 0 : remember_load(a->roster, a->known);
	if (count < 0)
		log_line(LOG_ERROR, "known", "err=%s", err_text(count));
	else if (count > 0)
		log_line(LOG_INFO, "known", "devices=%d", count);
}

static void on_due(void *owner, struct device *dev)
{
	struct agent *a = owner;
	fleet_on_due(a->fleet, dev);
}

static int open_roster(struct agent *a)
{
	struct conf_error why = {0};
	struct roster_counts roster;
	int err = agent_keys_take(&a->keys, a->conf, NULL);
	if (err < 0)
		return err;
	err = roster_open(&a->roster, a->loop, a->conf, a->keys.users, on_due, a, &why);
	if (err == ERR_CONF)
		log_line(LOG_ERROR, "conf", "%s", why.text);
	if (err < 0)
		return err;
	roster_counts(a->roster, &roster);
	a->devices = roster.devices;
	err = agent_scan_open(a);
	if (err < 0)
		return err;
	/* A row that cannot be read is a printer that is learned anew. */
	load_known(a);
	return 0;
}

/* Discovery may bring more while the agent runs. */
static size_t most_devices(const struct agent *a)
{
	bool may_grow = a->discovery != NULL && a->conf->discovery_adopt && !a->is_once;
	return may_grow ? a->conf->devices_max : a->devices;
}

static size_t ipp_window(const struct agent *a)
{
	return most_devices(a) < LIMIT_IPP_VISITS ? most_devices(a) : LIMIT_IPP_VISITS;
}

/* More questions at once than there are printers would only be memory. */
static int open_fleet(struct agent *a)
{
	const struct agent_conf *c = a->conf;
	size_t window = c->snmp_window < most_devices(a) ? c->snmp_window : most_devices(a);
	struct poller_options poller = {.window = window > 0 ? window : 1,
		.deadline_ms = c->snmp_timeout_ms,
		.first_ms = LIMIT_SNMP_FIRST_MS,
		.tries = c->snmp_tries,
		.refuses_new_engine = c->snmp_engine_change == CONF_ENGINE_REFUSE,
		.lanes = a->lanes};
	int err = poller_open(&a->poller, a->loop, &poller);
	if (err < 0)
		return err;
	struct fleet_options options = {.interval_ms = a->is_once ? 0 : c->poll_interval_ms,
		.window = poller_window(a->poller),
		.ipp_window = c->has_ipp ? ipp_window(a) : 0,
		.models = a->knowledge.models,
		.known = a->known,
		.gate = {.min_interval_ms = c->snmp_min_interval_ms,
			.subnet_rate = c->snmp_subnet_rate}};
	struct fleet_events events = {
		.on_visited = on_visited, .on_idle = on_fleet_idle, .on_full = on_spool_full};
	return fleet_open(&a->fleet, a->loop, a->poller, a->spool, a->roster, &options, &events, a);
}

static void log_start(const struct agent *a)
{
	struct roster_counts roster;
	roster_counts(a->roster, &roster);
	log_line(LOG_INFO, "agent",
		"start=" PLATEN_VERSION " devices=%zu window=%zu budget_kib=%llu hub=%s",
		roster.devices, poller_window(a->poller),
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
			"raise it "
			"or use a second instance\"",
			roster.over_limit, a->conf->devices_max);
	if (roster.devices == 0 && a->discovery == NULL)
		log_line(LOG_WARN, "roster",
			"devices=0 what=\"nothing to read: fill devices.targets in %s\"",
			a->conf->file);
}

static int open_knowledge(struct agent *a)
{
	struct conf_error why;
	int err = agent_open_knowledge(&a->knowledge, a->conf->models_dir, &why);
	if (err < 0)
		log_line(LOG_ERROR, "conf", "%s", why.text);
	return err;
}

/* ---- starting --------------------------------------------------------------------------- */

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

static void on_keys(void *owner)
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

static int open_fips(const struct agent_conf *conf)
{
	bool is_loaded;
	char why[LIMIT_WHY] = "";
	if (!conf->is_fips)
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

int agent_open(struct agent *a, const struct agent_conf *conf, bool is_once)
{
	*a = (struct agent){.conf = conf, .is_once = is_once};
	/* Two heaps, for the loop and for the pool: more only spread the same memory thinner. */
	(void)mallopt(M_ARENA_MAX, 2);
	size_t deadlines =
		conf->devices_max + conf->snmp_window + LIMIT_IPP_VISITS + OTHER_DEADLINES +
		(conf->discovery_targets != NULL || conf->discovery_mdns ? SCAN_DEADLINES : 0);
	int err = open_fips(conf);
	if (err == 0)
		err = open_knowledge(a);
	if (err < 0)
		return err;
	err = loop_open(&a->loop, deadlines);
	if (err < 0) {
		agent_close_knowledge(&a->knowledge);
		return err;
	}
	a->started_wall_ms = loop_wall_ms(a->loop);
	agent_status_init(a);
	err = lanes_open(&a->lanes, a->loop);
	if (err == 0)
		err = open_store(a);
	if (err == 0) {
		agent_keys_open(&a->keys, a->lanes, on_keys, a);
		open_known(a);
		err = open_roster(a);
	}
	if (err == 0)
		err = open_fleet(a);
	if (err == 0 && conf->has_hub)
		err = open_uplink(a);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=%s what=\"cannot start\"", err_text(err));
		a->is_closing = true;
		on_uplink_closed(a);
		if (loop_run(a->loop) < 0 || agent_close(a) < 0)
			log_line(LOG_ERROR, "agent", "what=\"unclean end\"");
		return err;
	}
	a->budget_bytes = agent_budget(a);
	log_start(a);
	return 0;
}

/* ---- closing ---------------------------------------------------------------------------- */

static void on_spool_closed(void *owner)
{
	struct agent *a = owner;
	a->spool = NULL;
	lanes_close(a->lanes);
	a->lanes = NULL;
}

/* What was learned is written: its devices may go. */
static void on_known_closed(void *owner)
{
	struct agent *a = owner;
	a->known = NULL;
	agent_scan_close(a);
	poller_close(a->poller);
	a->poller = NULL;
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
	known_close(a->known, on_known_closed, a);
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
	seal_key_close(a->key);
	agent_reload_close(a);
	agent_keys_close(&a->keys);
	int err = loop_close(a->loop);
	agent_close_knowledge(&a->knowledge);
	return err;
}
