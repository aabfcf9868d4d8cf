/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent_internal.h"

#include "proto/snmpmsg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct agent_conf *agent_live_conf(const struct agent *a)
{
	return a->reload.live != NULL ? a->reload.live : a->conf;
}

/* ---- reading, on a lane ------------------------------------------------------------------ */

static int keep_device(void *owner, const struct conf_device *device)
{
	struct agent_reload *r = owner;
	if (r->device_count == r->device_room) {
		size_t room = r->device_room == 0 ? 256 : 2 * r->device_room;
		struct conf_device *more = realloc(r->devices, room * sizeof *more);
		if (more == NULL)
			return -ENOMEM;
		r->devices = more;
		r->device_room = room;
	}
	r->devices[r->device_count++] = *device;
	return 0;
}

static int on_lane(struct lane_job *job)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	int err = agent_conf_load(r->next, a->conf->file, &r->error);
	if (err < 0)
		return err;
	err = conf_each_device(r->next, keep_device, r, &r->error);
	return err < 0 ? err : 0;
}

static void drop_conf(struct agent_conf **conf)
{
	if (*conf != NULL)
		agent_conf_free(*conf);
	free(*conf);
	*conf = NULL;
}

/* This reload is over; what came meanwhile begins. */
static void finish(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	free(r->devices);
	free(r->changes);
	r->devices = NULL;
	r->changes = NULL;
	r->device_count = r->device_room = r->change_count = 0;
	r->is_reading = r->is_taking = false;
	if (r->is_wanted && !a->is_closing) {
		r->is_wanted = false;
		agent_reload(a);
	}
}

static void refuse(struct agent *a, const char *why)
{
	struct agent_reload *r = &a->reload;
	r->refused++;
	log_line(LOG_ERROR, "conf", "err=%s what=\"the old configuration stays: %s\"",
		err_text(ERR_CONF), why);
	drop_conf(&r->next);
	finish(a);
}

/* ---- comparing --------------------------------------------------------------------------- */

static bool is_live_key(const char *path)
{
	return strcmp(path, "log.level") == 0 || strcmp(path, "snmp.credentials") == 0;
}

static void say_restart(void *owner, const char *path)
{
	(void)owner;
	if (!is_live_key(path))
		log_line(LOG_WARN, "conf", "key=%s what=\"changed: takes effect after a restart\"",
			path);
}

static void collect(void *owner, struct device *dev)
{
	struct agent *a = owner;
	struct agent_reload *r = &a->reload;
	r->changes[r->change_count].device = dev;
	r->changes[r->change_count++].to.version = UINT8_MAX;
}

static int by_device(const void *a, const void *b)
{
	const struct agent_change *x = a, *y = b;
	return x->device < y->device ? -1 : x->device > y->device;
}

static struct agent_change *change_of(const struct agent_reload *r, struct device *dev)
{
	struct agent_change key = {.device = dev};
	return bsearch(&key, r->changes, r->change_count, sizeof key, by_device);
}

/* A printer that devices.targets no longer names, or that discovery found: its credential by name.
 */
static bool use_by_name(const struct agent_reload *r, struct agent_change *change)
{
	const struct conf_credential *old = change->device->credential;
	const struct conf_credential *c =
		old != NULL ? agent_conf_credential(r->next, old->name) : NULL;
	if (c == NULL)
		return false;
	change->to = (struct conf_device){.credential = c,
		.version = c->version,
		.community = c->community,
		.community_len = c->community_len};
	return true;
}

/* How each device of the roster is asked by the next configuration. False: one of them cannot be.
 */
static bool plan(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	struct roster_counts counts;
	roster_counts(a->roster, &counts);
	r->changes = calloc(counts.devices + 1, sizeof r->changes[0]);
	if (r->changes == NULL)
		return false;
	roster_each(a->roster, collect, a);
	qsort(r->changes, r->change_count, sizeof r->changes[0], by_device);
	for (size_t i = 0; i < r->device_count; i++) {
		struct device *dev = roster_find_address(a->roster, &r->devices[i].address.sa);
		struct agent_change *change = dev == NULL ? NULL : change_of(r, dev);
		/* Of an address that is there twice, the first counts, as at start. */
		if (change != NULL && change->to.version == UINT8_MAX)
			change->to = r->devices[i];
	}
	for (size_t i = 0; i < r->change_count; i++) {
		if (r->changes[i].to.version == UINT8_MAX && !use_by_name(r, &r->changes[i]))
			return false;
	}
	return true;
}

/* ---- taking ------------------------------------------------------------------------------ */

/* Those that a visit is under way of wait for its end: its question may still be answered. */
static void apply(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	size_t left = 0;
	for (size_t i = 0; i < r->change_count; i++) {
		struct agent_change *change = &r->changes[i];
		if (change->device->state == DEVICE_VISITED)
			r->changes[left++] = *change;
		else if (roster_use(change->device, &change->to, a->keys.users) < 0)
			log_line(LOG_ERROR, "conf", "err=%s what=\"no room for SNMPv3\"",
				err_text(ERR_FULL));
	}
	r->change_count = left;
}

/* A printer that came meanwhile still points into the old one. */
static void move_late(void *owner, struct device *dev)
{
	struct agent *a = owner;
	struct agent_change change = {.device = dev};
	if (dev->credential == NULL ||
		dev->credential == agent_conf_credential(a->reload.next, dev->credential->name))
		return;
	if (!use_by_name(&a->reload, &change) || roster_use(dev, &change.to, a->keys.users) < 0)
		dev->credential = NULL;
}

static void check_over(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	if (r->change_count > 0)
		return;
	/* A run of discovery shows the old credentials: it is ended, and on_run comes here again.
	 */
	if (a->discovery != NULL && discovery_cancel(a->discovery))
		return;
	roster_each(a->roster, move_late, a);
	agent_keys_prune(&a->keys);
	drop_conf(&r->live);
	r->live = r->next;
	r->next = NULL;
	r->reloads++;
	log_line(LOG_INFO, "conf", "what=reloaded credentials=%zu", r->live->credential_count);
	agent_scan_start(a, true);
	finish(a);
}

void agent_reload_on_keys(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	if (!r->is_taking || a->is_closing)
		return;
	log_set_level(r->next->log_level);
	apply(a);
	check_over(a);
}

void agent_reload_on_visited(struct agent *a, const struct device *dev)
{
	struct agent_reload *r = &a->reload;
	(void)dev;
	if (!r->is_taking || a->keys.pending > 0 || r->change_count == 0 || a->is_closing)
		return;
	apply(a);
	check_over(a);
}

void agent_reload_on_run(struct agent *a)
{
	if (a->reload.is_taking && a->keys.pending == 0 && !a->is_closing)
		check_over(a);
}

static void on_read(struct lane_job *job, int result)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	r->is_reading = false;
	if (a->is_closing)
		return; /* agent_reload_close frees what is there */
	if (result < 0) {
		log_line(LOG_ERROR, "conf", "%s",
			r->error.count > 0 ? r->error.text : err_text(result));
		refuse(a, "the file is wrong");
		return;
	}
	if (a->conf->is_models_given)
		r->next->models_dir = a->conf->models_dir;
	agent_conf_differ(a->conf, r->next, say_restart, NULL);
	if (!plan(a)) {
		refuse(a,
			"a printer that is being read is not in the new one; to take it, restart");
		return;
	}
	r->is_taking = true;
	int pending = agent_keys_take(&a->keys, r->next, agent_live_conf(a));
	if (pending < 0)
		refuse(a, err_text(pending));
	else if (pending == 0)
		agent_reload_on_keys(a);
}

void agent_reload(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	if (r->is_reading || r->is_taking || !a->is_started) {
		r->is_wanted = true;
		return;
	}
	r->next = calloc(1, sizeof *r->next);
	if (r->next == NULL) {
		log_line(LOG_ERROR, "conf", "err=%s", err_text(-ENOMEM));
		return;
	}
	r->error = (struct conf_error){.count = 0};
	r->is_reading = true;
	r->job = (struct lane_job){.work = on_lane, .on_done = on_read};
	lane_submit(a->lanes, LANE_READ, &r->job);
}

void agent_reload_close(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	free(r->devices);
	free(r->changes);
	drop_conf(&r->next);
	drop_conf(&r->live);
}
