/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/agent_internal.h"

#include "proto/base/str.h"
#include "proto/smi/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct agent_conf *agent_live_conf(const struct agent *a)
{
	return a->reload.live != NULL ? a->reload.live : a->conf;
}

/* ---- reading, on a worker ------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	const struct agent_change *x = a, *y = b;
	const struct sockaddr_in *x4 = &x->to.address.in4, *y4 = &y->to.address.in4;
	const struct sockaddr_in6 *x6 = &x->to.address.in6, *y6 = &y->to.address.in6;
	if (x4->sin_family != y4->sin_family)
		return x4->sin_family < y4->sin_family ? -1 : 1;
	/* The ports of both families lie at the same place (RFC 3493 section 3.3). */
	if (x4->sin_port != y4->sin_port)
		return x4->sin_port < y4->sin_port ? -1 : 1;
	if (x4->sin_family == AF_INET)
		return memcmp(&x4->sin_addr, &y4->sin_addr, 4);
	if (x6->sin6_scope_id != y6->sin6_scope_id)
		return x6->sin6_scope_id < y6->sin6_scope_id ? -1 : 1;
	return memcmp(&x6->sin6_addr, &y6->sin6_addr, 16);
}

/* Only printers of the roster are looked at: a file that names a million others takes no memory. */
static int take_device(void *owner, const struct conf_device *device)
{
	struct agent_reload *r = owner;
	struct agent_change key = {.to = *device};
	struct agent_change *change =
		bsearch(&key, r->changes, r->change_count, sizeof key, by_address);
	/* Of an address that is there twice, the first counts, as at start. */
	if (change != NULL && change->to.version == UINT8_MAX)
		change->to = *device;
	return 0;
}

static int on_worker(struct worker_job *job)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	int err = agent_conf_load(r->next, a->conf->file, &r->error);
	if (err < 0)
		return err;
	err = conf_each_device(r->next, take_device, r, &r->error);
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
	free(r->changes);
	r->changes = NULL;
	r->change_count = 0;
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
	r->refused_wall_ms = loop_wall_ms(a->loop);
	(void)str_copy(r->why, sizeof r->why, why);
	log_line(LOG_ERROR, "conf", "err=%s what=\"the old configuration stays: %s\"",
		err_text(ERR_CONF), why);
	drop_conf(&r->next);
	finish(a);
	agent_status_soon(a);
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

/* How each device of the roster is asked by the next configuration. False, and why: one of them
 * cannot be. */
static bool plan(struct agent *a, char *why, size_t why_cap)
{
	struct agent_reload *r = &a->reload;
	char address[LIMIT_ADDRESS], name[2 * LIMIT_CREDENTIAL_NAME] = "";
	for (size_t i = 0; i < r->change_count; i++) {
		struct agent_change *change = &r->changes[i];
		if (change->to.version != UINT8_MAX || use_by_name(r, change))
			continue;
		const struct conf_credential *c = change->device->credential;
		device_address(change->device, address, sizeof address);
		if (c != NULL)
			(void)log_quote(name, sizeof name, c->name, strlen(c->name));
		(void)snprintf(why, why_cap,
			"%s is being read with %s%s, which the new one does "
			"not have: keep it, name the printer in devices.targets, or restart",
			address, c != NULL ? "credential " : "a community of devices.targets",
			name);
		return false;
	}
	return true;
}

/* ---- taking ------------------------------------------------------------------------------ */

/* Those that a poll is under way of wait for its end: its question may still be answered. */
static void apply(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	size_t left = 0;
	for (size_t i = 0; i < r->change_count; i++) {
		struct agent_change *change = &r->changes[i];
		if (change->device->state == DEVICE_POLLED)
			r->changes[left++] = *change;
		else if (roster_use(change->device, &change->to, a->keys.users) < 0)
			log_line(LOG_ERROR, "conf", "err=%s what=\"no room for SNMPv3\"",
				err_text(ERR_FULL));
	}
	r->change_count = left;
}

/* A printer that discovery brought meanwhile still points into the old one. If its credential has
 * gone, it is asked with a word that opens nothing, until somebody names another one. */
static void move_late(void *owner, struct device *dev)
{
	static const struct conf_device nothing = {.version = SNMP_V2C, .community = ""};
	struct agent *a = owner;
	struct agent_change change = {.device = dev};
	char address[LIMIT_ADDRESS];
	if (dev->credential == NULL ||
		dev->credential == agent_conf_credential(a->reload.next, dev->credential->name))
		return;
	if (use_by_name(&a->reload, &change) && roster_use(dev, &change.to, a->keys.users) == 0)
		return;
	device_address(dev, address, sizeof address);
	log_line(LOG_WARN, "conf", "dev=%s what=\"its credential has gone: it is not read\"",
		address);
	if (roster_use(dev, &nothing, a->keys.users) < 0)
		dev->credential = NULL;
}

/* Whoever changed a file wants to see what comes of it, not in an hour. */
static void wake_silent(void *owner, struct device *dev)
{
	(void)owner;
	if (dev->profile.protection.failures > 0 && roster_wake(dev) < 0)
		log_line(LOG_ERROR, "conf", "err=%s", err_text(ERR_FULL));
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
	r->taken_wall_ms = loop_wall_ms(a->loop);
	r->why[0] = '\0';
	log_line(LOG_INFO, "conf", "what=reloaded file=%s credentials=%zu", a->conf->file,
		r->live->credential_count);
	roster_each(a->roster, wake_silent, NULL);
	agent_scan_start(a, true);
	finish(a);
	agent_status_soon(a);
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

void agent_reload_on_polled(struct agent *a, const struct device *dev)
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

/* Of many messages, status has room for the first. */
static void first_line(char *dst, size_t cap, const char *text)
{
	size_t n = strcspn(text, "\n");
	size_t len = n < cap ? n : cap - 1;
	memcpy(dst, text, len);
	dst[len] = '\0';
}

static void on_read(struct worker_job *job, int result)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	char why[2 * LIMIT_WHY];
	r->is_reading = false;
	if (a->is_closing)
		return; /* agent_reload_close frees what is there */
	if (result < 0) {
		if (r->error.count == 0)
			(void)str_copy(r->error.text, sizeof r->error.text, err_text(result));
		agent_log_conf(&r->error);
		first_line(why, sizeof why, r->error.text);
		refuse(a, why);
		return;
	}
	if (a->conf->is_models_given)
		r->next->models_dir = a->conf->models_dir;
	agent_conf_differ(a->conf, r->next, say_restart, NULL);
	if (!plan(a, why, sizeof why)) {
		refuse(a, why);
		return;
	}
	r->is_taking = true;
	int pending = agent_keys_take(&a->keys, r->next, agent_live_conf(a));
	if (pending < 0)
		refuse(a, err_text(pending));
	else if (pending == 0)
		agent_reload_on_keys(a);
}

static void collect(void *owner, struct device *dev)
{
	struct agent_reload *r = owner;
	struct agent_change *change = &r->changes[r->change_count++];
	change->device = dev;
	memcpy(&change->to.address, &dev->peer.address, sizeof change->to.address);
	change->to.version = UINT8_MAX;
}

/* What the worker fills in: all printers there are, without a way to ask them yet. */
static int make_room(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	struct roster_counts counts;
	roster_counts(a->roster, &counts);
	r->next = calloc(1, sizeof *r->next);
	r->changes = calloc(counts.devices + 1, sizeof r->changes[0]);
	if (r->next == NULL || r->changes == NULL)
		return -ENOMEM;
	roster_each(a->roster, collect, r);
	qsort(r->changes, r->change_count, sizeof r->changes[0], by_address);
	return 0;
}

void agent_reload(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	if (r->is_reading || r->is_taking || !a->is_started) {
		r->is_wanted = true;
		return;
	}
	int err = make_room(a);
	if (err < 0) {
		refuse(a, err_text(err));
		return;
	}
	r->error = (struct conf_error){.count = 0};
	r->is_reading = true;
	r->job = (struct worker_job){.work = on_worker, .on_done = on_read};
	worker_submit(a->workers, WORKER_READ, &r->job);
}

void agent_reload_close(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	free(r->changes);
	drop_conf(&r->next);
	drop_conf(&r->live);
}
