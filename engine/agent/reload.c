/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/agent_internal.h"

#include "engine/agent/hub_options.h"
#include "engine/conf/load.h"

#include "engine/fleet/profile.h"

#include "proto/base/grow.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"
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
	struct address_key x = address_key_of(&((const struct agent_change *)a)->to.address.sa);
	struct address_key y = address_key_of(&((const struct agent_change *)b)->to.address.sa);
	return memcmp(&x, &y, sizeof x);
}

/* At most as many as the roster has room for: a file that names a million needs no more memory. */
static int add_device(struct agent_reload *r, const struct conf_device *device)
{
	if (r->added_count >= r->next->devices_max) {
		r->surplus++;
		return 0;
	}
	struct conf_device *added =
		grow_by_one(r->added, r->added_count, &r->added_cap, sizeof added[0]);
	if (added == NULL)
		return -ENOMEM;
	r->added = added;
	r->added[r->added_count++] = *device;
	return 0;
}

static int place_device(struct agent_reload *r, const struct conf_device *device)
{
	struct agent_change key = {.to = *device};
	struct agent_change *change =
		bsearch(&key, r->changes, r->change_count, sizeof key, by_address);
	if (change == NULL)
		return add_device(r, device);
	/* Of an address that is there twice, the same entry counts as at start. */
	if (change->to.version == UINT8_MAX || conf_device_replaces(device, change->to.is_range))
		change->to = *device;
	change->to.is_range &= device->is_range;
	return 0;
}

static int find_device(void *owner, const struct conf_device *device)
{
	struct agent_reload *r = owner;
	if (device->name == NULL)
		return place_device(r, device);
	int err = name_list_add(&r->names, device, r->next->devices_max);
	r->surplus += err == ERR_FULL;
	return err == ERR_FULL ? 0 : err;
}

/* After the addresses, as at start. A name keeps the address that it has; after the reload all are
 * looked up. No address changes while a reload is under way. */
static int place_names(struct agent_reload *r, const struct name_list *before)
{
	int err = 0;
	for (size_t i = 0; err == 0 && i < r->names.count; i++) {
		struct name *name = &r->names.names[i];
		const struct name *was = name_list_find(before, &name->device);
		if (was == NULL || !was->is_known)
			continue;
		name->device.address = was->device.address;
		name->is_known = true;
		err = place_device(r, &name->device);
	}
	return err;
}

/* Reads the certificates of the hub's section, also if only their contents have changed. */
static int open_tls(struct agent_reload *r)
{
	char why[LIMIT_CONF_VALUE + LIMIT_WHY] = "";
	struct tls_client_options o = agent_tls_options(r->next);
	int err = r->next->has_hub ? tls_client_open(&r->next_tls, &o, why, sizeof why) : 0;
	return err < 0 ? conf_error_say(&r->error, conf_in_file(r->next->file), "\"hub\": %s", why)
		       : 0;
}

static int on_worker(struct worker_job *job)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	int err = agent_conf_load(r->next, a->conf->file, &r->error);
	if (err < 0)
		return err;
	err = conf_each_device(r->next, find_device, r, &r->error);
	if (err >= 0)
		err = place_names(r, &a->names.list);
	/* Without them the added printers are polled as new ones. */
	if (err == 0 && r->added_count > 0 &&
		profile_set_read(&r->profiles, a->conf->state_dir, r->added, r->added_count) < 0)
		profile_set_free(&r->profiles);
	return err < 0 ? err : open_tls(r);
}

static void drop_conf(struct agent_conf **conf)
{
	if (*conf != NULL)
		agent_conf_free(*conf);
	free(*conf);
	*conf = NULL;
}

static void drop_hub(struct agent_reload *r)
{
	tls_close(r->next_tls);
	crypto_key_close(r->next_key);
	uplink_kept_free(r->kept);
	r->next_tls = NULL;
	r->next_key = NULL;
	r->kept = NULL;
}

static void finish(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	free(r->changes);
	free(r->added);
	r->changes = NULL;
	r->added = NULL;
	r->change_count = r->added_count = r->added_cap = r->retired = r->surplus = 0;
	name_list_free(&r->names);
	profile_set_free(&r->profiles);
	drop_hub(r);
	r->stage = RELOAD_NONE;
	agent_status_soon(a);
	daemon_event(&a->daemon, DAEMON_RELOADED);
}

static void refuse(struct agent *a, const char *why)
{
	struct agent_reload *r = &a->reload;
	r->refused++;
	r->refused_wall_ms = loop_wall_ms(a->loop);
	(void)str_copy(r->why, sizeof r->why, why);
	log_line(LOG_ERROR, "conf", "err=%s what=\"the old configuration stays\" why=%s",
		err_text(ERR_CONF), why);
	audit_queue_add_reload(a->audit, agent_live_conf(a)->digest, a->conf->file, ERR_CONF, why);
	drop_conf(&r->next);
	finish(a);
}

/* ---- comparing --------------------------------------------------------------------------- */

/* For a printer that discovery found: the credential of the same name. */
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

/* ---- applying ---------------------------------------------------------------------------- */

static void retire(struct agent *a, struct device *dev)
{
	log_line(LOG_INFO, "conf", "dev=%s what=\"removed: it is not polled any more\"",
		device_address(dev).text);
	roster_retire(dev);
	profile_retire(a->device_store, dev);
	a->reload.retired++;
}

/* Moves a device to its credential of the next configuration. A device that discovery found with
 * the community it tries without a credential keeps that community: no text of the old
 * configuration is kept. */
static void change_device(struct agent *a, struct agent_change *change)
{
	struct device *dev = change->device;
	bool is_named = change->to.version != UINT8_MAX;
	if (!is_named && dev->is_retired)
		return;
	bool is_public = !is_named && dev->is_adopted && dev->credential == NULL &&
			 a->reload.next->credentials == NULL;
	if (is_public) { /* a target may have named it until now */
		change->to = agent_scan_public;
	} else if (!is_named && !(dev->is_adopted && use_by_name(&a->reload, change))) {
		retire(a, dev);
		return;
	}
	if (dev->is_retired) {
		(void)add_device(&a->reload, &change->to); /* no memory: at the next reload */
		return;
	}
	if (is_named)
		dev->is_range = change->to.is_range;
	if (roster_use(dev, &change->to, a->keys.users) < 0)
		log_line(LOG_ERROR, "conf", "err=%s what=\"no room for SNMPv3\"",
			err_text(ERR_FULL));
}

/* A device with a poll under way waits for its end: the response to the old request may come. */
static void apply(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	size_t left = 0;
	for (size_t i = 0; i < r->change_count; i++) {
		struct agent_change *change = &r->changes[i];
		if (change->device->state == DEVICE_POLLED)
			r->changes[left++] = *change;
		else
			change_device(a, change);
	}
	r->change_count = left;
}

/* A printer that discovery added meanwhile still points into the old configuration. If its
 * credential has gone, it gets an empty community, which no printer accepts, until another one is
 * named. */
static void move_late(void *owner, struct device *dev)
{
	static const struct conf_device nothing = {.version = SNMP_V2C, .community = ""};
	struct agent *a = owner;
	struct agent_change change = {.device = dev};
	if (dev->credential == NULL ||
		dev->credential == agent_conf_credential(a->reload.next, dev->credential->name))
		return;
	if (use_by_name(&a->reload, &change) && roster_use(dev, &change.to, a->keys.users) == 0)
		return;
	log_line(LOG_WARN, "conf", "dev=%s what=\"its credential was removed: it is not read\"",
		device_address(dev).text);
	if (roster_use(dev, &nothing, a->keys.users) < 0)
		dev->credential = NULL;
}

/* A changed credential shows its effect now, not after the back-off of up to an hour. */
static void wake_silent(void *owner, struct device *dev)
{
	(void)owner;
	if (dev->profile.protection.failures > 0 && roster_wake(dev) < 0)
		log_line(LOG_ERROR, "conf", "err=%s", err_text(ERR_FULL));
}

/* The first hub since the start. */
static int open_hub(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	a->key = r->next_key;
	a->tls = r->next_tls;
	r->next_key = NULL;
	r->next_tls = NULL;
	int err = agent_open_uplink(a, r->next, r->kept);
	a->budget_bytes = agent_budget(a);
	return err;
}

static int use_other_hub(struct agent *a)
{
	struct uplink_status status;
	struct agent_reload *r = &a->reload;
	bool sends = r->next->sends;
	struct uplink_hub hub = agent_hub_options(r->next);
	uplink_set_hub(a->uplink, &hub, r->next_tls);
	r->next_tls = NULL;
	uplink_switch(a->uplink, sends);
	uplink_get_status(a->uplink, &status);
	int err = status.last_err == 0 || !sends ? 0 : uplink_sync_now(a->uplink);
	return err == ERR_BUSY ? 0 : err;
}

/* The same for the hub. Without one nothing is sent; the uplink stays for the next one. */
static void use_hub(struct agent *a)
{
	int err = 0;
	if (a->reload.next->has_hub)
		err = a->uplink == NULL ? open_hub(a) : use_other_hub(a);
	else if (a->uplink != NULL)
		uplink_switch(a->uplink, false);
	if (err < 0)
		log_line(LOG_ERROR, "uplink", "err=\"%s\" what=\"cannot start\"", err_text(err));
}

/* The next sync goes at the next time of the schedule. */
static void use_schedule(struct agent *a)
{
	const struct agent_conf *next = a->reload.next;
	bool is_by_calendar = next->sync_calendar.count > 0;
	spool_set_always(a->spool, next->has_hourly_meters ? 1u << GROUP_METERS : 0);
	if (a->uplink == NULL || a->is_once)
		return;
	uplink_set_schedule(
		a->uplink, is_by_calendar ? 0 : next->sync_interval_ms, &next->sync_calendar);
	uplink_set_heartbeat(a->uplink, next->heartbeat_ms);
}

/* Denied and surplus addresses are counted by the roster. Those without a place stay in the list.
 */
static size_t add_devices(struct agent *a, struct conf_device *devices, size_t *count)
{
	struct device *dev;
	size_t added = 0, left = 0;
	for (size_t i = 0; i < *count; i++) {
		int err = roster_add_target(a->roster, &devices[i], a->keys.users, &dev);
		if (err == ERR_BUSY) {
			devices[left++] = devices[i];
			continue;
		}
		if (err > 0)
			profile_set_apply(&a->reload.profiles, dev);
		if (err > 0)
			err = roster_wake(dev) < 0 ? ERR_FULL : 1;
		added += err > 0;
		if (err < 0)
			log_line(LOG_ERROR, "conf", "err=%s what=\"a new printer is not polled\"",
				err_text(err));
	}
	*count = left;
	a->devices += added;
	return added;
}

static void drop_waiting(struct agent_reload *r)
{
	free(r->waiting);
	r->waiting = NULL;
	r->waiting_count = 0;
}

static void wait_for_places(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	uint64_t at = loop_now_ms(a->loop) + LIMIT_DEVICE_STORE_LINGER_MS;
	int err = r->waiting_count > 0 ? loop_due_set(a->loop, &r->places_due, at) : 0;
	if (err < 0)
		log_line(LOG_ERROR, "conf", "err=%s what=\"new printers wait for SIGHUP\"",
			err_text(err));
}

static void on_places_due(struct due *due)
{
	struct agent *a = container_of(
		container_of(due, struct agent_reload, places_due), struct agent, reload);
	struct agent_reload *r = &a->reload;
	if (daemon_is_stopping(&a->daemon))
		return;
	/* A reload under way begins anew with what it has read. */
	size_t added =
		a->daemon.state == DAEMON_RUN ? add_devices(a, r->waiting, &r->waiting_count) : 0;
	if (added > 0)
		log_line(LOG_INFO, "conf", "added=%zu waiting=%zu what=\"places are free again\"",
			added, r->waiting_count);
	wait_for_places(a);
}

/* All places are taken if one reload follows another before the profiles of the devices that the
 * first one retired are saved: what is left of `added` is added then. */
static size_t add_new(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	roster_reset_counts(a->roster, r->surplus);
	size_t added = add_devices(a, r->added, &r->added_count);
	drop_waiting(r);
	loop_due_clear(a->loop, &r->places_due);
	due_init(&r->places_due, on_places_due);
	r->waiting = r->added;
	r->waiting_count = r->added_count;
	r->added = NULL;
	wait_for_places(a);
	return added;
}

/* The tables of requests were made for the printers at start. */
static void report_window(struct agent *a)
{
	size_t window = snmp_client_window(a->client), devices = roster_regular(a->roster);
	if (a->reload.is_window_reported || window >= a->conf->snmp_window || window >= devices)
		return;
	a->reload.is_window_reported = true;
	log_line(LOG_WARN, "conf",
		"window=%zu devices=%zu what=\"only so many printers are polled at once: restart "
		"for more\"",
		window, devices);
}

/* All devices have changed: the next configuration becomes the live one. */
static void put_in_force(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	roster_each(a->roster, move_late, a);
	size_t added = add_new(a);
	names_replace(&a->names, &r->names);
	use_schedule(a);
	use_hub(a);
	agent_keys_prune(&a->keys);
	agent_use_policy(a, r->next);
	fleet_accept(a->fleet, &r->next->accept);
	drop_conf(&r->live);
	r->live = r->next;
	r->next = NULL;
	r->reloads++;
	r->taken_wall_ms = loop_wall_ms(a->loop);
	r->why[0] = '\0';
	log_line(LOG_INFO, "conf",
		"what=reloaded file=%s credentials=%zu added=%zu removed=%zu waiting=%zu",
		a->conf->file, r->live->credential_count, added, r->retired, r->waiting_count);
	audit_queue_add_reload(a->audit, r->live->digest, a->conf->file, 0, "");
	report_window(a);
	roster_each(a->roster, wake_silent, NULL);
	agent_scan_start(a, true);
	finish(a);
}

static void apply_more(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	r->stage = RELOAD_POLLS;
	apply(a);
	if (r->change_count > 0)
		return;
	/* A run of discovery sends the old credentials: it is ended first. */
	r->stage = RELOAD_SCAN;
	if (a->discovery == NULL || !discovery_cancel(a->discovery))
		put_in_force(a);
}

void agent_reload_on_keys(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	if (r->stage != RELOAD_KEYS || daemon_is_stopping(&a->daemon))
		return;
	log_set_level(r->next->log_level);
	apply_more(a);
}

void agent_reload_on_polled(struct agent *a)
{
	if (a->reload.stage == RELOAD_POLLS && !daemon_is_stopping(&a->daemon))
		apply_more(a);
}

void agent_reload_on_run(struct agent *a)
{
	if (a->reload.stage == RELOAD_SCAN && !daemon_is_stopping(&a->daemon))
		put_in_force(a);
}

/* status.json has room for the first message only. */
static void first_line(char *dst, size_t cap, const char *text)
{
	size_t n = strcspn(text, "\n");
	size_t len = n < cap ? n : cap - 1;
	memcpy(dst, text, len);
	dst[len] = '\0';
}

/* The keys that SIGHUP makes effective, beside the files that they name. */
static const char *const live_keys[] = {"log.level", "devices.accept", "devices.targets",
	"snmp.credentials", "sync.interval", "sync.at", "sync.meters", "sync.heartbeat",
	"sync.weekdays", "sync.timezone", "send", "privacy.meters", "privacy.supplies",
	"privacy.diagnostics", "privacy.name", "privacy.location", "privacy.contact",
	"privacy.asset", "privacy.corporate", "privacy.policy_file", "hub.url", "hub.user",
	"hub.password_file", "hub.ca_file", "hub.crl_file", "hub.spki_pin", "hub.cert_file",
	"hub.key_file", "hub.proxy", "hub.proxy_user", "hub.proxy_password_file", "hub.no_proxy",
	NULL};

static bool is_live_key(const char *path)
{
	const char *const *keys = live_keys;
	while (*keys != NULL && strcmp(*keys, path) != 0)
		keys++;
	return *keys != NULL;
}

/* One line for each changed key. */
static void log_change(void *owner, const char *path)
{
	(void)owner;
	bool is_live = is_live_key(path);
	log_line(is_live ? LOG_INFO : LOG_WARN, "conf", "key=%s what=\"changed: %s\"", path,
		is_live ? "takes effect now" : "takes effect after a restart");
}

static bool is_same_secret(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && crypto_is_equal(a->bytes, b->bytes, a->len);
}

/* Against the configuration in force: a key that waits for a restart is named once. */
static void log_changes(struct agent *a)
{
	const struct agent_conf *now = agent_live_conf(a), *next = a->reload.next;
	static const char what[] = "its content has changed: takes effect now";
	agent_conf_differ(now, next, log_change, NULL);
	if (!now->has_hub || !next->has_hub)
		return;
	if (!is_same_secret(&now->hub_password, &next->hub_password))
		log_line(LOG_INFO, "conf", "key=hub.password_file what=\"%s\"", what);
	if (!is_same_secret(&now->proxy_password, &next->proxy_password))
		log_line(LOG_INFO, "conf", "key=hub.proxy_password_file what=\"%s\"", what);
}

static void take_keys(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	r->stage = RELOAD_KEYS;
	int pending = agent_keys_take(&a->keys, r->next, agent_live_conf(a));
	if (pending < 0)
		refuse(a, err_text(pending));
	else if (pending == 0)
		agent_reload_on_keys(a);
}

/* Opens the key and reads the spool's values for the first hub since the start, on WORKER_DISK,
 * which owns the spool. */
static int open_on_disk(struct worker_job *job)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	char why[LIMIT_WHY] = "";
	int err = agent_open_key(&r->next_key, a->conf, why, sizeof why);
	if (err == 0)
		err = uplink_kept_load(&r->kept, a->spool);
	return err < 0 ? conf_error_say(&r->error, conf_in_file(r->next->file), "\"hub\": %s",
				 why[0] != '\0' ? why : err_text(err))
		       : 0;
}

static void on_hub_opened(struct worker_job *job, int result)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	if (daemon_is_stopping(&a->daemon))
		return;
	if (result < 0) {
		conf_log_error(&a->reload.error, 1);
		refuse(a, a->reload.error.text);
		return;
	}
	take_keys(a);
}

static void on_read(struct worker_job *job, int result)
{
	struct agent *a =
		container_of(container_of(job, struct agent_reload, job), struct agent, reload);
	struct agent_reload *r = &a->reload;
	char why[2 * LIMIT_WHY];
	if (daemon_is_stopping(&a->daemon))
		return; /* agent_reload_close frees everything */
	if (result < 0) {
		if (r->error.count == 0)
			(void)str_copy(r->error.text, sizeof r->error.text, err_text(result));
		first_line(why, sizeof why, r->error.text);
		conf_log_error(&r->error, 1);
		refuse(a, why);
		return;
	}
	if (a->conf->is_models_given)
		r->next->models_dir = a->conf->models_dir;
	log_changes(a);
	if (a->uplink == NULL && r->next->has_hub)
		worker_start(a->workers, WORKER_DISK, &r->job, open_on_disk, on_hub_opened);
	else
		take_keys(a);
}

static void collect(void *owner, struct device *dev)
{
	struct agent_reload *r = owner;
	struct agent_change *change = &r->changes[r->change_count++];
	change->device = dev;
	memcpy(&change->to.address, &dev->peer.address, sizeof change->to.address);
	change->to.version = UINT8_MAX;
}

/* All printers of the roster, for the worker to fill in their credentials. */
static int list_devices(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	struct roster_counts counts;
	roster_counts(a->roster, &counts);
	r->next = calloc(1, sizeof *r->next);
	r->changes = calloc(counts.addresses + 1, sizeof r->changes[0]);
	if (r->next == NULL || r->changes == NULL)
		return -ENOMEM;
	roster_each(a->roster, collect, r);
	qsort(r->changes, r->change_count, sizeof r->changes[0], by_address);
	return 0;
}

void agent_reload(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	int err = list_devices(a);
	if (err < 0) {
		refuse(a, err_text(err));
		return;
	}
	r->error = (struct conf_error){.count = 0};
	r->stage = RELOAD_READING;
	worker_start(a->workers, WORKER_READ, &r->job, on_worker, on_read);
}

const char *agent_reload_stage(const struct agent *a)
{
	static const char *const names[] = {[RELOAD_NONE] = "none",
		[RELOAD_READING] = "reading",
		[RELOAD_KEYS] = "keys",
		[RELOAD_POLLS] = "polls",
		[RELOAD_SCAN] = "scan"};
	return names[a->reload.stage];
}

void agent_reload_stop(struct agent *a)
{
	loop_due_clear(a->loop, &a->reload.places_due);
}

void agent_reload_close(struct agent *a)
{
	struct agent_reload *r = &a->reload;
	free(r->changes);
	free(r->added);
	drop_waiting(r);
	name_list_free(&r->names);
	drop_hub(r);
	drop_conf(&r->next);
	drop_conf(&r->live);
}
