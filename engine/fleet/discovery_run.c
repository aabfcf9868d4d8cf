/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/log.h"
#include "proto/base/str.h"
#include "engine/fleet/discovery_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 4, DEADLINE_MS = 5000 };

struct discovered *discovery_add(struct discovery *d)
{
	struct discovered *x = slab_take(&d->devices);
	if (x == NULL) {
		log_line(LOG_WARN, "discovery",
			"limit=%zu what=\"more printers were found than devices.max\"",
			d->devices.max);
		return NULL;
	}
	*x = (struct discovered){.discovery = d};
	return x;
}

/* ---- into the roster -------------------------------------------------------------------- */

static const struct scan_credential *credential_named(const struct discovery *d, const char *name)
{
	for (size_t i = 0; i < d->credential_count; i++) {
		if (strcmp(d->credentials[i].name, name) == 0)
			return &d->credentials[i];
	}
	return NULL;
}

void discovery_adopt(struct discovery *d, struct discovered *x)
{
	const struct agent_conf *conf = d->options.conf;
	const struct scan_credential *c = credential_named(d, x->credential);
	struct device *dev;
	if (!conf->discovery_adopt || x->is_locked || x->gone_wall_ms != 0 || c == NULL)
		return;
	struct conf_device from = {.version = x->version,
		.community = c->community,
		.community_len = c->community_len,
		.credential = c->bound,
		.ipp_mode = conf->ipp_mode,
		.ipp_port = conf->ipp_port};
	memcpy(&from.address, &x->address, sizeof from.address);
	int err = roster_add(d->options.roster, &from, d->users, &dev);
	if (err < 0)
		log_line(LOG_WARN, "discovery", "key=%s err=%s what=\"cannot be read\"", x->key,
			err_text(err));
	if (err >= 0 && dev != NULL)
		dev->is_adopted |= err > 0;
	if (err > 0)
		d->events.on_adopted(d->owner, dev);
}

static void take_credentials(struct discovery *d)
{
	d->credential_count = d->events.on_credentials(d->owner, d->credentials,
		sizeof d->credentials / sizeof d->credentials[0], &d->users);
}

static int on_row(void *owner, const struct device_row *row)
{
	struct discovery *d = owner;
	if (!row->is_found)
		return 0;
	struct discovered *x = discovery_add(d);
	if (x == NULL)
		return ERR_FULL;
	memcpy(&x->address, &row->address, sizeof x->address);
	memcpy(x->key, row->key, sizeof x->key);
	memcpy(x->credential, row->credential, sizeof x->credential);
	(void)str_copy(x->vendor, sizeof x->vendor, row->vendor);
	(void)str_copy(x->model, sizeof x->model, row->model);
	(void)str_copy(x->serial, sizeof x->serial, row->serial);
	(void)str_copy(x->mac, sizeof x->mac, row->mac);
	x->version = row->version;
	x->first_seen_wall_ms = row->first_seen_wall_ms;
	x->last_seen_wall_ms = row->last_seen_wall_ms;
	x->gone_wall_ms = row->gone_wall_ms;
	x->is_locked = credential_named(d, x->credential) == NULL;
	d->status.gone += x->gone_wall_ms != 0;
	d->status.devices += x->gone_wall_ms == 0;
	d->status.locked += x->gone_wall_ms == 0 && x->is_locked;
	discovery_adopt(d, x);
	return 0;
}

int discovery_load(struct discovery *d)
{
	if (d->options.device_store == NULL)
		return 0;
	take_credentials(d);
	int err = device_store_each(d->options.device_store, on_row, d);
	return err < 0 && err != ERR_FULL ? err : (int)d->devices.used;
}

/* ---- runs ------------------------------------------------------------------------------- */

static void rest(struct discovery *d)
{
	d->status.next_ms = loop_now_ms(d->loop) + d->options.conf->discovery_interval_ms;
	if (!d->is_stopping && loop_due_set(d->loop, &d->due, d->status.next_ms) < 0)
		log_line(
			LOG_ERROR, "discovery", "err=%s what=\"no more runs\"", err_text(ERR_FULL));
}

static void on_scan_end(void *owner)
{
	struct discovery *d = owner;
	struct discovery_status *s = &d->status;
	scan_counts(d->scan, &s->counts);
	s->runs++;
	s->last_wall_ms = loop_wall_ms(d->loop);
	/* A run that ended early lacks most responses. */
	bool is_whole = s->counts.pass == s->counts.passes && !scan_is_stopped(d->scan);
	if (is_whole && !d->is_stopping && !discovery_diff(d))
		log_line(LOG_ERROR, "discovery", "err=%s", err_text(-ENOMEM));
	if (is_whole)
		log_line(LOG_INFO, "discovery",
			"run=%ju addresses=%ju responded=%ju printers=%zu need_credential=%zu "
			"not_printers=%ju gone=%zu took_ms=%ju",
			s->runs, s->counts.addresses, s->counts.by_mark[SCAN_RESPONDED], s->devices,
			s->locked, s->counts.by_class[SCAN_NOT_PRINTER], s->gone,
			s->counts.took_ms);
	scan_close(d->scan);
	d->scan = NULL;
	rest(d);
	d->events.on_run(d->owner);
}

static bool is_read(void *owner, const struct sockaddr *sa)
{
	struct discovery *d = owner;
	return roster_find_address(d->options.roster, sa) != NULL;
}

static int by_address(const void *left, const void *right, void *owner)
{
	const struct discovery *d = owner;
	struct address_key a =
		address_key_of(&discovery_nth(d, *(const uint32_t *)left)->address.sa);
	struct address_key b =
		address_key_of(&discovery_nth(d, *(const uint32_t *)right)->address.sa);
	return memcmp(&a, &b, sizeof a);
}

static int index_addresses(struct discovery *d)
{
	free(d->by_address);
	d->by_address_count = d->devices.used;
	d->by_address = calloc(d->by_address_count + 1, sizeof d->by_address[0]);
	if (d->by_address == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < d->by_address_count; i++)
		d->by_address[i] = (uint32_t)i;
	qsort_r(d->by_address, d->by_address_count, sizeof d->by_address[0], by_address, d);
	return 0;
}

static int stored_credential(void *owner, const struct sockaddr *sa)
{
	const struct discovery *d = owner;
	struct address_key wanted = address_key_of(sa);
	size_t low = 0, high = d->by_address_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct discovered *x = discovery_nth(d, d->by_address[middle]);
		struct address_key p = address_key_of(&x->address.sa);
		int order = memcmp(&p, &wanted, sizeof p);
		if (order == 0) {
			const struct scan_credential *c = credential_named(d, x->credential);
			if (x->is_locked && d->run_began_ms < x->again_ms)
				return SCAN_NONE_WORKS;
			return c != NULL ? (int)(c - d->credentials) : SCAN_NONE_KNOWN;
		}
		low = order < 0 ? middle + 1 : low;
		high = order < 0 ? high : middle;
	}
	return SCAN_NONE_KNOWN;
}

/* discovery.targets, and the addresses that responded by multicast DNS, as ranges; the caller frees
 * them. They were checked with the configuration. */
static struct scan_range *make_ranges(const struct discovery *d, size_t *ret_count)
{
	enum { SNMP_PORT = 161 };
	const struct agent_conf *conf = d->options.conf;
	size_t heard = d->mdns != NULL ? mdns_count(d->mdns) : 0, count = heard;
	const struct conf_discovery_target *t;
	for (t = conf->discovery_targets; t != NULL;
		t = (const struct conf_discovery_target *)t->item.next)
		count++;
	struct scan_range *ranges = calloc(count + 1, sizeof ranges[0]);
	*ret_count = 0;
	for (t = conf->discovery_targets; t != NULL && ranges != NULL;
		t = (const struct conf_discovery_target *)t->item.next) {
		struct scan_range *r = &ranges[*ret_count];
		char why[LIMIT_WHY];
		if (conf_range_parse(&r->addresses, t->range, why, sizeof why) < 0)
			continue;
		r->port = r->addresses.port != 0 ? r->addresses.port : t->port;
		r->allows_v1 = t->is_v1_asked;
		++*ret_count;
	}
	for (size_t i = 0; i < heard && ranges != NULL; i++)
		ranges[(*ret_count)++] =
			(struct scan_range){.addresses = mdns_at(d->mdns, i), .port = SNMP_PORT};
	return ranges;
}

static int begin_run(struct discovery *d)
{
	const struct agent_conf *conf = d->options.conf;
	struct scan_options o = {.credentials = d->credentials,
		.per_s = conf->discovery_rate,
		.tries = conf->discovery_tries,
		.wait_ms = LIMIT_SCAN_WAIT_MS,
		.rounds = conf->discovery_rounds,
		.is_tcp = conf->discovery_tcp,
		.found_max = LIMIT_SCAN_FOUND,
		.models = d->options.models,
		.conf = conf,
		.is_read = is_read,
		.stored_credential = stored_credential};
	struct scan_events events = {.on_end = on_scan_end};
	struct scan_range *ranges = make_ranges(d, &o.range_count);
	mdns_close(d->mdns);
	d->mdns = NULL;
	if (ranges == NULL)
		return -ENOMEM;
	take_credentials(d);
	d->run_began_ms = loop_now_ms(d->loop);
	o.ranges = ranges;
	o.credential_count = d->credential_count;
	int err = index_addresses(d);
	if (err == 0)
		err = scan_start(&d->scan, d->loop, d->client, &o, &events, d);
	free(ranges);
	return err;
}

static void on_mdns_end(void *owner);

static void on_due(struct due *due)
{
	struct discovery *d = container_of(due, struct discovery, due);
	int err = 0;
	if (d->options.conf->discovery_mdns && d->mdns == NULL) {
		err = mdns_start(&d->mdns, d->loop, NULL, LIMIT_SCAN_WAIT_MS, on_mdns_end, d);
		if (err == 0)
			return;
		log_line(LOG_WARN, "discovery", "err=%s what=\"no multicast DNS this time\"",
			err_text(err));
	}
	err = begin_run(d);
	if (err == 0)
		return;
	log_line(LOG_ERROR, "discovery", "err=%s what=\"no run this time\"", err_text(err));
	rest(d);
}

/* The run goes on: its deadline is free now. */
static void on_mdns_end(void *owner)
{
	struct discovery *d = owner;
	on_due(&d->due);
}

int discovery_start(struct discovery *d, bool is_asked_for)
{
	if (d->scan != NULL || d->mdns != NULL || d->is_stopping)
		return 0;
	for (size_t i = 0; i < d->devices.used && is_asked_for; i++)
		discovery_nth(d, i)->again_ms = 0;
	bool may_wait = d->devices.used > 0 && !is_asked_for;
	uint64_t wait = may_wait ? d->options.conf->discovery_interval_ms : 0;
	d->status.next_ms = loop_now_ms(d->loop) + wait;
	return loop_due_set(d->loop, &d->due, d->status.next_ms);
}

bool discovery_cancel(struct discovery *d)
{
	if (d->scan == NULL)
		return false;
	scan_stop(d->scan);
	return true;
}

/* ---- life ------------------------------------------------------------------------------- */

int discovery_open(struct discovery **ret, struct loop *l, const struct discovery_options *o,
	const struct discovery_events *events, void *owner)
{
	struct discovery *d = calloc(1, sizeof *d);
	if (d == NULL)
		return -ENOMEM;
	d->loop = l;
	d->options = *o;
	d->events = *events;
	d->owner = owner;
	due_init(&d->due, on_due);
	struct snmp_client_options po = {
		.window = LIMIT_SCAN_POLLS, .deadline_ms = DEADLINE_MS, .tries = TRIES};
	int err = slab_open(&d->devices, sizeof(struct discovered), o->conf->devices_max);
	if (err == 0)
		err = snmp_client_open(&d->client, l, &po);
	if (err < 0) {
		discovery_close(d);
		return err;
	}
	*ret = d;
	return 0;
}

void discovery_status(const struct discovery *d, struct discovery_status *ret)
{
	*ret = d->status;
	ret->is_running = d->scan != NULL;
	if (d->scan != NULL)
		scan_counts(d->scan, &ret->counts);
}

size_t discovery_memory_ceiling(const struct discovery *d)
{
	uint64_t addresses = 0;
	const struct conf_discovery_target *t = d->options.conf->discovery_targets;
	for (; t != NULL; t = (const struct conf_discovery_target *)t->item.next) {
		struct conf_range r;
		char why[LIMIT_WHY];
		if (conf_range_parse(&r, t->range, why, sizeof why) == 0)
			addresses += r.count;
	}
	size_t asked = addresses < LIMIT_SCAN_ADDRESSES ? (size_t)addresses : LIMIT_SCAN_ADDRESSES;
	return sizeof *d + slab_ceiling(&d->devices) + snmp_client_memory_ceiling(d->client) +
	       scan_memory_ceiling(asked);
}

bool discovery_stop(struct discovery *d)
{
	d->is_stopping = true;
	loop_due_clear(d->loop, &d->due);
	mdns_close(d->mdns); /* its end would begin a scan */
	d->mdns = NULL;
	return discovery_cancel(d);
}

void discovery_close(struct discovery *d)
{
	if (d == NULL)
		return;
	loop_due_clear(d->loop, &d->due);
	mdns_close(d->mdns);
	snmp_client_close(d->client);
	free(d->by_address);
	slab_close(&d->devices);
	free(d);
}
