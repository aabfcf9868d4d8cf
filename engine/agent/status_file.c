/* SPDX-License-Identifier: Apache-2.0
 * The agent's view of itself, as status.json: collected on the loop, written on a worker, at most
 * once in STATUS_EVERY_MS, and a last time when the agent stops. */
#include "engine/agent/agent_internal.h"

#include "proto/base/str.h"
#include "engine/loop/process.h"
#include "engine/ui/hint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The longest delay from a change to status.json, and its refresh without any change. */
enum { STATUS_EVERY_MS = 2000, STATUS_REFRESH_MS = 30000 };

static void put_schedule(const struct agent *a, struct agent_status *s)
{
	struct buf b;
	struct writer w;
	buf_over(&b, (uint8_t *)s->schedule, sizeof s->schedule - 1);
	writer_open(&w, &b);
	agent_conf_put_schedule(&w, agent_live_conf(a));
	s->schedule[writer_close(&w) < 0 ? 0 : b.len] = '\0';
}

static void collect_uplink(const struct agent *a, struct agent_status *s)
{
	struct uplink_status u;
	if (a->uplink == NULL || !agent_live_conf(a)->has_hub)
		return;
	uplink_get_status(a->uplink, &u);
	(void)str_copy(s->hub, sizeof s->hub, agent_live_conf(a)->hub_url);
	s->hub_contact_ms = u.last_contact_ms;
	s->hub_failure_ms = u.last_error_at_ms;
	(void)str_copy(s->hub_failure, sizeof s->hub_failure, u.last_error);
	(void)str_copy(s->hub_result, sizeof s->hub_result, u.last_err == 0 ? "ok" : u.last_error);
	(void)str_copy(s->hub_key, sizeof s->hub_key, u.hub_key);
	(void)str_copy(s->hub_issuer, sizeof s->hub_issuer, u.hub_issuer);
	s->hub_expires_ms = u.hub_certificate.at_ms;
	s->own_expires_ms = u.own_certificate.at_ms;
	s->heartbeat_interval_ms = agent_live_conf(a)->heartbeat_ms;
	s->heartbeat_last_ms = u.last_heartbeat_ms;
	if (u.has_skew)
		(void)snprintf(
			s->clock_skew, sizeof s->clock_skew, "%+.3f s", (double)u.skew_ms / 1000);
	s->sync_last_ms = u.last_success_ms;
	/* The scheduled time of a sync that is under way has passed: that is now. */
	s->sync_next_ms = u.state == UPLINK_IDLE || u.next_ms == 0 ? u.next_ms : s->written_ms;
	s->sync_sent = u.records;
	s->sync_missed = u.missed;
	s->sync_missed_ms = u.last_missed_ms;
	put_schedule(a, s);
	if (u.last_err != 0) {
		s->error_ms = u.last_error_at_ms;
		(void)str_copy(s->error, sizeof s->error, u.last_error);
	}
}

/* An error that keeps the agent from working goes before the hub's error. */
static void collect_disk(const struct agent *a, struct agent_status *s)
{
	int err = s->spool.disk_err < 0 ? s->spool.disk_err : a->status_err;
	if (err == 0)
		return;
	(void)str_copy(s->disk_error, sizeof s->disk_error, err_text(err));
	s->error_ms = s->spool.disk_err < 0 ? s->spool.failing_since_ms : s->written_ms;
	(void)snprintf(s->error, sizeof s->error,
		"%.120s cannot be written: %s: make room, or repair it", a->conf->state_dir,
		err_text(err));
}

static void collect_fleet(const struct agent *a, struct agent_status *s)
{
	roster_counts(a->roster, &s->roster);
	s->snmp_window = fleet_window(a->fleet);
	s->snmp_halved = fleet_rate_limit_counters(a->fleet)->halved;
	s->snmp_drops = fleet_rate_limit_counters(a->fleet)->drops;
	s->interval_ms = a->conf->poll_interval_ms;
	s->cycle = a->cycles;
	s->cycle_ms = a->cycle_ms;
	s->last_data_ms = a->last_data_ms;
}

/* The most frequent causes of silence, and how many printers have each. */
enum { CAUSES = 3, CAUSES_SEEN = 32 };

struct causes {
	struct cause {
		const struct device *example; /* the first one */
		uint64_t count;
	} all[CAUSES_SEEN];
	size_t used;
};

static void count_cause(void *owner, struct device *dev)
{
	struct causes *c = owner;
	size_t i = 0;
	if (dev->outcome != OUTCOME_SILENT || device_standing(dev) != STANDING_DEVICE)
		return;
	while (i < c->used && c->all[i].example->err != dev->err)
		i++;
	if (i == CAUSES_SEEN)
		return;
	if (i == c->used)
		c->all[c->used++] = (struct cause){.example = dev};
	c->all[i].count++;
}

static int by_count(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;
	return x->count > y->count ? -1 : x->count < y->count;
}

static void collect_causes(const struct agent *a, struct agent_status *s)
{
	struct causes c = {.used = 0};
	size_t len = 0;
	roster_each(a->roster, count_cause, &c);
	qsort(c.all, c.used, sizeof c.all[0], by_count);
	for (size_t i = 0; i < c.used && i < CAUSES && len < sizeof s->silent_reasons; i++) {
		const struct device *dev = c.all[i].example;
		len += (size_t)snprintf(s->silent_reasons + len, sizeof s->silent_reasons - len,
			"%s%ju %s, for example %s (%s)", i > 0 ? "; " : "", c.all[i].count,
			err_text(dev->err), device_address(dev).text,
			hint_snmp(dev->err, dev->peer.version));
	}
}

static void collect_conf(const struct agent *a, struct agent_status *s)
{
	const struct agent_reload *r = &a->reload;
	(void)str_copy(s->conf_file, sizeof s->conf_file, a->conf->file);
	s->conf_loaded_ms = r->taken_wall_ms != 0 ? r->taken_wall_ms : a->started_wall_ms;
	s->conf_refused_ms = r->refused_wall_ms;
	(void)str_copy(s->conf_error, sizeof s->conf_error, r->why);
}

static void collect_discovery(const struct agent *a, struct agent_status *s)
{
	struct discovery_status *d = &s->discovery;
	if (a->discovery == NULL)
		return;
	discovery_status(a->discovery, d);
	if (!d->is_running && d->next_ms != 0)
		s->discovery_next_ms = loop_wall_ms(a->loop) + d->next_ms - loop_now_ms(a->loop);
}

/* Logged when it begins and when it ends: until then the device profiles wait in memory. */
static void watch_device_store(struct agent *a)
{
	struct device_store_counts c;
	if (a->device_store == NULL)
		return;
	device_store_counts(a->device_store, &c);
	if (c.last_err < 0 && a->device_store_err == 0)
		log_line(LOG_WARN, "device_store",
			"file=\"%s/discovery.db\" err=\"%s\" what=\"device profiles are not on "
			"disk\" "
			"next=\"tried again\"",
			a->conf->state_dir, err_text(c.last_err));
	else if (c.last_err == 0 && a->device_store_err < 0)
		log_line(LOG_INFO, "device_store",
			"file=\"%s/discovery.db\" what=\"written again\"", a->conf->state_dir);
	a->device_store_err = c.last_err;
}

enum { LOST_TEXT = sizeof((struct agent_status){0}.rebuilt_lost) };

static const char *lost_text(char dst[LOST_TEXT], const struct spool_rebuild *r)
{
	if (r->is_lost_known)
		(void)snprintf(dst, LOST_TEXT, "%ju", r->lost);
	else
		(void)str_copy(dst, LOST_TEXT, "unknown");
	return dst;
}

static void collect_rebuild(const struct agent *a, struct agent_status *s)
{
	spool_last_rebuild(a->spool, &s->rebuild);
	if (s->rebuild.at_ms > 0)
		(void)lost_text(s->rebuilt_lost, &s->rebuild);
}

/* The quota costs the oldest 16th at a time, so this is seldom. */
static void watch_quota(struct agent *a, const struct spool_balance *b)
{
	uint64_t dropped = 0;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		dropped += b->dropped[i];
	/* Those that the store counts at the start were logged before. */
	if (a->roster != NULL && dropped > a->dropped)
		log_line(LOG_WARN, "spool",
			"dropped=%ju diagnostics=%ju supplies=%ju meters=%ju what=\"full: the "
			"oldest "
			"records were dropped\" next=\"raise spool.max_bytes, or look why nothing "
			"is "
			"sent\"",
			dropped - a->dropped, b->dropped[SPOOL_DIAGNOSTICS],
			b->dropped[SPOOL_SUPPLIES], b->dropped[SPOOL_METERS]);
	a->dropped = dropped;
}

static void want_full(void *owner, struct device *dev)
{
	(void)owner;
	dev->wants_full = true;
}

void agent_watch_spool(struct agent *a)
{
	struct spool_counts counts;
	struct spool_rebuild r;
	char lost[LOST_TEXT];
	spool_counts(a->spool, &counts);
	spool_last_rebuild(a->spool, &r);
	watch_quota(a, &counts.balance);
	if (counts.salvages == a->salvages)
		return;
	a->salvages = counts.salvages;
	/* The hub does not have what was lost, and changes alone would not bring it. */
	if (a->roster != NULL && (r.lost > 0 || !r.is_lost_known))
		roster_each(a->roster, want_full, NULL);
	log_line(LOG_ERROR, "spool",
		"file=\"%s/store.db\" records=%ju lost=%s damaged_file=\"%s/%s\" identity=%s "
		"what=\"the file was damaged and has been rebuilt from its intact records\" "
		"next=\"check the disk\"",
		a->conf->state_dir, r.records, lost_text(lost, &r), a->conf->state_dir, r.kept_as,
		r.is_id_kept ? "kept" : "new");
	if (r.removed > 0)
		log_line(LOG_WARN, "spool", "removed=%d what=\"oldest files %s/store.damaged-*\"",
			r.removed, a->conf->state_dir);
	if (r.removed < 0)
		log_line(LOG_WARN, "spool",
			"err=%s what=\"the oldest files %s/store.damaged-* could not be removed\"",
			err_text(r.removed), a->conf->state_dir);
}

void agent_status_collect(struct agent *a, struct agent_status *s)
{
	memset(s, 0, sizeof *s);
	s->pid = (uint64_t)getpid();
	(void)str_copy(s->state, sizeof s->state, daemon_state_name(a->daemon.state));
	(void)str_copy(s->version, sizeof s->version, PLATEN_VERSION);
	(void)str_copy(s->site, sizeof s->site, a->conf->site);
	str_hex(s->agent_id, spool_agent_id(a->spool), 16);
	s->once = a->is_once;
	s->started_ms = a->started_wall_ms;
	s->written_ms = loop_wall_ms(a->loop);
	collect_conf(a, s);
	collect_fleet(a, s);
	collect_causes(a, s);
	spool_counts(a->spool, &s->spool);
	s->spool_max_bytes = a->conf->spool_max_bytes;
	collect_rebuild(a, s);
	s->readings = *fleet_collect_counters(a->fleet);
	s->spool_lost = s->readings.lost + s->readings.refused;
	collect_uplink(a, s);
	collect_disk(a, s);
	s->snmp = *snmp_client_counters(a->client);
	collect_discovery(a, s);
	watch_device_store(a);
	agent_watch_spool(a);
	s->memory_budget_bytes = a->budget_bytes;
	s->memory_peak_bytes = process_peak_bytes();
	loop_get_lag(a->loop, &s->loop);
	s->loop_lag_ms = loop_take_lag_ms(a->loop);
	s->open_fds = process_open_fds();
}

static int on_worker(struct worker_job *job)
{
	struct agent *a = container_of(job, struct agent, status_job);
	return status_write(a->conf->state_dir, &a->status);
}

static void start(struct agent *a, enum status_stage stage);

static void set_due(struct agent *a, uint64_t in_ms)
{
	if (loop_due_set(a->loop, &a->status_due, loop_now_ms(a->loop) + in_ms) < 0)
		log_line(LOG_ERROR, "status", "err=%s what=\"the status timer cannot be set\"",
			err_text(ERR_FULL));
}

/* A folder that was removed takes the spool along: the open files of the daemon have no name. */
static const char *way_out(int err)
{
	return err == -ENOENT
		       ? "the folder is gone: restart the agent, which makes it anew, as a "
			 "new agent; what the next sync does not send before is lost"
		       : "make room on the disk, or repair it; platen status asks the daemon";
}

static void on_written(struct worker_job *job, int result)
{
	struct agent *a = container_of(job, struct agent, status_job);
	enum status_stage stage = a->status_stage;
	a->status_stage = STATUS_IDLE;
	if (result < 0 && a->status_err == 0)
		log_line(LOG_ERROR, "status",
			"file=\"%s/status.json\" err=\"%s\" what=\"cannot be written\" "
			"next=\"%s\"",
			a->conf->state_dir, err_text(result), way_out(result));
	else if (result == 0 && a->status_err < 0)
		log_line(LOG_INFO, "status", "file=\"%s/status.json\" what=\"written again\"",
			a->conf->state_dir);
	a->status_err = result;
	if (stage == STATUS_WRITING_LAST)
		agent_stop_next(a);
	else if (a->stop == STOP_STATUS)
		start(a, STATUS_WRITING_LAST);
	else if (!daemon_is_stopping(&a->daemon))
		set_due(a, STATUS_REFRESH_MS);
}

static void start(struct agent *a, enum status_stage stage)
{
	agent_status_collect(a, &a->status);
	a->status_stage = stage;
	worker_start(a->workers, WORKER_READ, &a->status_job, on_worker, on_written);
}

static void on_status_due(struct due *due)
{
	struct agent *a = container_of(due, struct agent, status_due);
	if (a->status_stage == STATUS_IDLE && !daemon_is_stopping(&a->daemon))
		start(a, STATUS_WRITING);
}

void agent_status_init(struct agent *a)
{
	due_init(&a->status_due, on_status_due);
}

void agent_status_soon(struct agent *a)
{
	uint64_t at = loop_now_ms(a->loop) + STATUS_EVERY_MS;
	if (a->status_stage != STATUS_IDLE || daemon_is_stopping(&a->daemon))
		return;
	if (!due_is_set(&a->status_due) || a->status_due.at_ms > at)
		set_due(a, STATUS_EVERY_MS);
}

void agent_status_finish(struct agent *a)
{
	loop_due_clear(a->loop, &a->status_due);
	if (a->status_stage == STATUS_IDLE)
		start(a, STATUS_WRITING_LAST);
	/* else on_written begins the last one */
}

/* ---- SIGUSR1 ------------------------------------------------------------------------------- */

static void dump_reload(const struct agent *a)
{
	const struct agent_reload *r = &a->reload;
	log_line(LOG_INFO, "agent", "dump=reload stage=%s reloads=%ju refused=%ju error=%s",
		agent_reload_stage(a), r->reloads, r->refused, r->why);
}

static void dump_uplink(const struct agent *a)
{
	struct uplink_status u;
	if (a->uplink == NULL)
		return;
	uplink_get_status(a->uplink, &u);
	log_line(LOG_INFO, "agent",
		"dump=uplink state=%s records=%ju batches=%ju next_ms=%ju success_ms=%ju "
		"contact_ms=%ju error=%s",
		uplink_state_name((enum uplink_state)u.state), u.records, u.batches, u.next_ms,
		u.last_success_ms, u.last_contact_ms, u.last_err == 0 ? "" : u.last_error);
}

/* The figures are of this moment; a status.json that a worker is writing is left alone. */
static void dump_figures(struct agent *a, const struct agent_status *s)
{
	log_line(LOG_INFO, "agent",
		"dump=printers devices=%ju complete=%ju partial=%ju silent=%ju refused=%ju "
		"waiting=%ju "
		"excluded=%ju denied=%ju backed_off=%ju others=%ju absent=%ju",
		s->roster.devices, s->roster.by_outcome[OUTCOME_COMPLETE],
		s->roster.by_outcome[OUTCOME_PARTIAL], s->roster.by_outcome[OUTCOME_SILENT],
		s->roster.refused, s->roster.by_outcome[OUTCOME_NEVER], s->roster.over_limit,
		s->roster.denied, s->roster.by_breaker[BREAKER_OPEN], s->roster.others,
		s->roster.absent);
	log_line(LOG_INFO, "agent",
		"dump=polls under_way=%zu window=%ju cycles=%ju cycle_ms=%ju packets_out=%ju "
		"packets_in=%ju",
		fleet_polls(a->fleet), s->snmp_window, s->cycle, s->cycle_ms, s->roster.packets_out,
		s->roster.packets_in);
	log_line(LOG_INFO, "agent",
		"dump=spool pending=%ju pending_bytes=%ju max_bytes=%ju kept=%ju "
		"quarantined=%ju",
		s->spool.pending, s->spool.pending_bytes, s->spool_max_bytes, s->spool.kept,
		s->spool.quarantined);
	log_line(LOG_INFO, "agent",
		"dump=process uptime_s=%ju memory_peak_kib=%ju open_fds=%ju loop_p99_ms=%ju "
		"loop_max_ms=%ju loop_slow=%ju",
		((s->written_ms - s->started_ms) / 1000), (s->memory_peak_bytes >> 10), s->open_fds,
		s->loop.p99_ms, s->loop.max_ms, s->loop.slow);
}

void agent_dump(struct agent *a)
{
	struct agent_status now;
	log_line(LOG_INFO, "agent", "dump=state state=%s stop_stage=%d keys_pending=%u",
		daemon_state_name(a->daemon.state), (int)a->stop, a->keys.pending);
	dump_reload(a);
	dump_uplink(a);
	if (a->fleet == NULL)
		return; /* it is stopping and has closed them */
	agent_status_collect(a, &now);
	dump_figures(a, &now);
}
