/* SPDX-License-Identifier: Apache-2.0
 * Events of the agent's parts while it runs: a poll has ended, a cycle, a sync; the spool is full;
 * and what follows from each. */
#include "engine/agent/agent_internal.h"

#include "proto/base/str.h"

static void count_polls(struct agent *a)
{
	const struct collect_counters *h = fleet_collect_counters(a->fleet);
	const struct fleet_counters *f = fleet_counters(a->fleet);
	if (a->uplink != NULL)
		uplink_set_polls(a->uplink, h->made, h->unchanged, f->silent + f->refused,
			(uint32_t)roster_standing(a->roster, STANDING_DEVICE));
}

/* Another engineID than the pinned one: a new board, another printer, or a forger in between. */
static void report_engine_change(struct agent *a, const struct device *dev)
{
	bool is_refused = a->conf->snmp_engine_change == CONF_ENGINE_REFUSE;
	struct device_event event = {
		.wall_ms = loop_wall_ms(a->loop), .kind = DEVICE_EVENT_ENGINE_CHANGED};
	/* Refused, it stays changed: reported at the first failure only. */
	if (is_refused && dev->profile.protection.failures > 1)
		return;
	if (!is_refused)
		dev->peer.usm->is_engine_changed = false;
	(void)str_copy(event.address, sizeof event.address, device_address(dev).text);
	(void)str_copy(event.key, sizeof event.key, dev->key);
	(void)str_copy(event.detail, sizeof event.detail, is_refused ? "refused" : "accepted");
	log_line(LOG_WARN, "usm", "dev=%s err=%s what=\"the engineID has changed: %s\"",
		event.address, err_text(ERR_SNMP_ENGINE),
		is_refused ? "it is not read; to accept the new one, set snmp.engine_change: warn"
			   : "the new one is used from now on");
	if (a->device_store != NULL)
		device_store_add_event(a->device_store, &event);
}

void agent_on_polled(void *owner, const struct device *dev, enum device_outcome outcome, int err)
{
	struct agent *a = owner;
	(void)err;
	if (outcome != OUTCOME_SILENT && outcome != OUTCOME_OTHER &&
		dev->last_read_wall_ms > a->last_data_ms)
		a->last_data_ms = dev->last_read_wall_ms;
	agent_reload_on_polled(a);
	if (dev->peer.usm != NULL && dev->peer.usm->is_engine_changed)
		report_engine_change(a, dev);
	if (++a->cycle_polls == 1 && !a->is_once)
		a->cycle_began_ms = loop_now_ms(a->loop);
	if (a->is_once)
		return;
	count_polls(a);
	agent_status_soon(a);
	if (a->cycle_polls >= roster_regular(a->roster)) {
		a->cycles++;
		a->cycle_ended_ms = loop_now_ms(a->loop);
		a->cycle_ms = a->cycle_ended_ms - a->cycle_began_ms;
		a->cycle_polls = 0;
	}
}

static void sync_after_cycle(struct agent *a)
{
	int err = 0;
	bool is_due = a->uplink != NULL && uplink_is_due(a->uplink);
	a->once = ONCE_SYNC;
	a->summary.is_sync_due |=
		is_due || (a->uplink != NULL && a->is_forced && uplink_is_on(a->uplink));
	if (a->summary.is_sync_due) {
		err = is_due ? uplink_sync_due(a->uplink) : uplink_sync_now(a->uplink);
		if (err == ERR_BUSY)
			a->once = ONCE_SYNC_AGAIN;
		if (err == 0 || err == ERR_BUSY)
			return; /* agent_on_sync_end follows */
		a->summary.sync_err = err;
		(void)str_copy(a->summary.sync_why, sizeof a->summary.sync_why, err_text(err));
	}
	agent_shut_down(a);
}

void agent_on_fleet_idle(void *owner)
{
	struct agent *a = owner;
	if (daemon_is_stopping(&a->daemon)) {
		agent_stop_next(a);
		return;
	}
	a->cycle_ended_ms = loop_now_ms(a->loop);
	a->cycle_ms = a->cycle_ended_ms - a->cycle_began_ms;
	a->cycles++;
	count_polls(a);
	sync_after_cycle(a);
}

/* Readings wait for room in the spool, which only a sync can make. At most once in this time, as a
 * run that fails has had its own tries and pauses. */
enum { FULL_SYNC_EVERY_MS = 60000 };

/* `once` sends before it drops. Where that fails it drops, as its cycle could not end otherwise.
 * False: it drops already, and what fills the quota may not be dropped. */
static bool drop_from_now_on(struct agent *a)
{
	bool was_keeping = a->keeps_all;
	a->keeps_all = false;
	spool_set_dropping(a->spool, true);
	a->full_sync_ms = 0;
	return was_keeping;
}

void agent_on_spool_full(void *owner)
{
	struct agent *a = owner;
	uint64_t now = loop_now_ms(a->loop);
	if (daemon_is_stopping(&a->daemon) ||
		(a->full_sync_ms != 0 && now - a->full_sync_ms < FULL_SYNC_EVERY_MS))
		return;
	a->full_sync_ms = now;
	log_line(LOG_WARN, "spool", "what=\"full: printers wait until something was sent\"");
	int err = a->uplink == NULL ? ERR_FULL : uplink_sync_now(a->uplink);
	if (err == 0 || err == ERR_BUSY)
		return;
	log_line(LOG_ERROR, "spool", "err=%s what=\"nothing can be sent\"", err_text(err));
	if (a->is_once && !drop_from_now_on(a))
		agent_shut_down(a); /* its cycle could never end */
}

/* The commit that failed is repeated: until it succeeds nothing more is read that could not be
 * kept. */
void agent_on_disk(void *owner, int err)
{
	struct agent *a = owner;
	if (a->fleet != NULL)
		fleet_pause(a->fleet, err < 0 && !a->is_once);
	if (err < 0)
		log_line(LOG_ERROR, "spool",
			"file=\"%s/store.db\" err=\"%s\" what=\"cannot be written: %s\" "
			"next=\"make room on the disk, or repair it\"",
			a->conf->state_dir, err_text(err),
			a->is_once ? "readings are lost"
				   : "polling pauses, what was read waits in memory");
	else
		log_line(LOG_INFO, "spool",
			"file=\"%s/store.db\" what=\"written again: polling goes on\"",
			a->conf->state_dir);
	if (!a->is_once)
		agent_status_soon(a);
}

static void on_once_sync_end(struct agent *a, int err)
{
	if (err == 0 && a->once == ONCE_POLLS)
		a->full_sync_ms = 0; /* there is room again, the cycle goes on */
	else if (err == 0 && a->once == ONCE_SYNC_AGAIN)
		sync_after_cycle(a);
	else if (a->once == ONCE_POLLS && !daemon_is_stopping(&a->daemon) && drop_from_now_on(a))
		return; /* the cycle goes on */
	else
		agent_shut_down(a);
}

void agent_on_sync_end(void *owner, int err, const struct uplink_summary *summary)
{
	struct agent *a = owner;
	struct agent_summary *s = &a->summary;
	s->sync_err = err;
	(void)str_copy(s->sync_why, sizeof s->sync_why, summary->why);
	s->sent += summary->records;
	s->batches += summary->batches;
	s->batch_bytes += summary->sent_bytes;
	s->sync_ms = loop_now_ms(a->loop) - a->cycle_ended_ms;
	agent_audit_sync(a, err, summary); /* names those who wait for it */
	agent_control_synced(a, err, summary);
	agent_use_policy(a, agent_live_conf(a)); /* the host may have another address */
	if (a->is_once)
		on_once_sync_end(a, err);
	else
		agent_status_soon(a);
}

struct wanted {
	const struct policy *policy;
	struct text key;
};

static void want_if_named(void *owner, struct device *dev)
{
	const struct wanted *w = owner;
	char key[POLICY_KEY];
	if (text_is_equal(policy_device_key(w->policy, text_of(dev->key), key), w->key))
		dev->wants_full = true;
}

/* The hub knows a device by the key of its records, which a policy may have replaced. */
void agent_on_want_full(void *owner, struct text device_key)
{
	struct agent *a = owner;
	struct wanted wanted = {&a->policy, device_key};
	struct device *dev = roster_find_key(a->roster, device_key.p, device_key.len);
	if (dev != NULL)
		dev->wants_full = true;
	else if (text_starts_with(device_key, "id:"))
		roster_each(a->roster, want_if_named, &wanted);
}
