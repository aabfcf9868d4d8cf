/* SPDX-License-Identifier: Apache-2.0
 * A run against what was found before: devices that are new, moved, gone, back. */
#include "proto/base/log.h"
#include "proto/base/str.h"
#include "engine/fleet/discovery_internal.h"
#include "engine/fleet/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows and events -------------------------------------------------------------------- */

static unsigned fill(struct device_store_put *put, struct device_row *row)
{
	struct discovered *x = container_of(put, struct discovered, put);
	memcpy(&row->address, x->has_before ? &x->before : &x->address, sizeof row->address);
	memcpy(row->key, x->key, sizeof row->key);
	memcpy(row->credential, x->credential, sizeof row->credential);
	(void)str_copy(row->vendor, sizeof row->vendor, x->vendor);
	(void)str_copy(row->model, sizeof row->model, x->model);
	(void)str_copy(row->serial, sizeof row->serial, x->serial);
	(void)str_copy(row->mac, sizeof row->mac, x->mac);
	row->first_seen_wall_ms = x->first_seen_wall_ms;
	row->last_seen_wall_ms = x->last_seen_wall_ms;
	row->gone_wall_ms = x->has_before ? x->last_seen_wall_ms : x->gone_wall_ms;
	row->version = x->version;
	row->is_printer = true;
	row->is_found = true;
	if (x->has_before) {
		x->has_before = false;
		device_store_put(
			x->discovery->options.device_store, put); /* and then its own row */
	}
	return DEVICE_ROW_IDENTITY;
}

static void keep(struct discovery *d, struct discovered *x)
{
	if (d->options.device_store == NULL)
		return;
	x->put.fill = fill;
	device_store_put(d->options.device_store, &x->put);
}

static void tell(struct discovery *d, const struct discovered *x, enum device_event_kind kind,
	const char *detail)
{
	struct device_event e = {.wall_ms = loop_wall_ms(d->loop), .kind = (uint8_t)kind};
	(void)str_copy(e.address, sizeof e.address, address_text(&x->address.sa).text);
	memcpy(e.key, x->key, sizeof e.key);
	(void)str_copy(e.detail, sizeof e.detail, detail);
	log_line(kind == DEVICE_EVENT_GONE ? LOG_WARN : LOG_INFO, "discovery",
		"event=%s dev=%s key=%s what=\"%s\"", device_event_name(kind), e.address, e.key,
		detail);
	if (d->options.device_store != NULL)
		device_store_add_event(d->options.device_store, &e);
}

/* ---- who -------------------------------------------------------------------------------- */

/* A device from a record of the scan. */
static void describe(const struct discovery *d, const struct scan_found *f, struct discovered *ret)
{
	memset(ret, 0, sizeof *ret);
	scan_found_sockaddr(d->scan, f, &ret->address);
	(void)str_copy(ret->credential, sizeof ret->credential, scan_found_credential(d->scan, f));
	(void)str_copy(ret->vendor, sizeof ret->vendor, f->vendor);
	(void)str_copy(ret->model, sizeof ret->model, f->model);
	(void)str_copy(ret->serial, sizeof ret->serial, f->serial);
	if (f->has_mac)
		(void)str_mac(ret->mac, f->mac);
	ret->version = f->version;
	ret->is_locked = f->class == SCAN_LOCKED || f->credential == 0;
	ret->is_ipp_only = f->ways == 0;
	struct device dev;
	memcpy(&dev.peer.address, &ret->address, sizeof dev.peer.address);
	struct identity id = {.vendor = text_of(ret->vendor),
		.serial = text_of(ret->serial),
		.mac = text_of(ret->mac)};
	collect_device_key(ret->key, sizeof ret->key, &dev, &id);
}

static int by_key(const void *left, const void *right)
{
	const struct discovered *const *a = left, *const *b = right;
	return strcmp((*a)->key, (*b)->key);
}

struct index {
	struct discovered **list; /* by key */
	size_t count;
};

static struct discovered *find_key(const struct index *index, const struct discovered *like)
{
	struct discovered **found =
		bsearch(&like, index->list, index->count, sizeof index->list[0], by_key);
	return found != NULL ? *found : NULL;
}

/* Before its serial number was read, its key was its hardware or IP address. */
static struct discovered *find_unnamed(const struct index *index, const struct discovered *like)
{
	for (size_t i = 0; i < index->count; i++) {
		struct discovered *x = index->list[i];
		if (strncmp(x->key, "serial:", 7) != 0 &&
			address_is_same(&x->address.sa, &like->address.sa) &&
			(x->mac[0] == '\0' || like->mac[0] == '\0' ||
				strcmp(x->mac, like->mac) == 0))
			return x;
	}
	return NULL;
}

/* Whether it still responds at its last address. */
static bool is_there(const struct discovery *d, const struct discovered *x)
{
	const struct scan_found *f;
	const struct device *dev = roster_find_address(d->options.roster, &x->address.sa);
	if (dev != NULL)
		return dev->outcome != OUTCOME_SILENT &&
		       (dev->key[0] == '\0' || x->key[0] == '\0' ||
			       strncmp(x->key, "serial:", 7) != 0 || strcmp(dev->key, x->key) == 0);
	if (scan_mark_of(d->scan, &x->address.sa, &f) != SCAN_RESPONDED || f == NULL)
		return false;
	struct discovered now;
	describe(d, f, &now);
	/* A device there that is not identified may be it. */
	return strcmp(now.key, x->key) == 0 || now.serial[0] == '\0';
}

/* ---- one by one ------------------------------------------------------------------------- */

static void take_texts(struct discovery *d, struct discovered *x, const struct discovered *now)
{
	memcpy(x->key, now->key, sizeof x->key);
	memcpy(x->vendor, now->vendor, sizeof x->vendor);
	memcpy(x->model, now->model, sizeof x->model);
	memcpy(x->serial, now->serial, sizeof x->serial);
	memcpy(x->mac, now->mac, sizeof x->mac);
	memcpy(x->credential, now->credential, sizeof x->credential);
	x->version = now->version;
	x->is_locked = now->is_locked;
	x->is_ipp_only = now->is_ipp_only;
	if (x->is_locked && loop_now_ms(d->loop) >= x->again_ms)
		x->again_ms = loop_now_ms(d->loop) + LIMIT_DISCOVERY_AGAIN_MS;
}

static void name_it(char *dst, size_t cap, const struct discovered *x)
{
	(void)snprintf(dst, cap, "%s%s%s%s", x->vendor, x->model[0] != '\0' ? " " : "", x->model,
		x->is_ipp_only ? ", by IPP alone"
		: x->is_locked ? ", needs a credential"
			       : "");
}

static void begin(struct discovery *d, const struct discovered *now)
{
	char name[LIMIT_TEXT_SHORT * 2];
	struct device *read = roster_find_key(d->options.roster, now->key, strlen(now->key));
	if (read != NULL && read->outcome != OUTCOME_SILENT)
		return; /* a further address of a printer that is polled already */
	struct discovered *x = discovery_add(d);
	if (x == NULL)
		return;
	x->address = now->address;
	take_texts(d, x, now);
	x->first_seen_wall_ms = x->last_seen_wall_ms = loop_wall_ms(d->loop);
	x->is_here = true;
	name_it(name, sizeof name, x);
	if (read != NULL)
		(void)snprintf(name, sizeof name, "was at %s", device_address(read).text);
	tell(d, x, read != NULL ? DEVICE_EVENT_MOVED : DEVICE_EVENT_NEW, name);
	keep(d, x);
	discovery_adopt(d, x);
}

static void move(struct discovery *d, struct discovered *x, const struct discovered *now)
{
	char detail[LIMIT_TEXT_SHORT * 2];
	(void)snprintf(detail, sizeof detail, "was at %s", address_text(&x->address.sa).text);
	x->before = x->address;
	x->has_before = true;
	x->address = now->address;
	tell(d, x, DEVICE_EVENT_MOVED, detail);
}

static void meet(struct discovery *d, struct discovered *x, const struct discovered *now)
{
	if (x->is_here && !address_is_same(&x->address.sa, &now->address.sa))
		return; /* at its old address too: one of several */
	if (!address_is_same(&x->address.sa, &now->address.sa))
		move(d, x, now);
	else if (x->gone_wall_ms != 0)
		tell(d, x, DEVICE_EVENT_BACK, "it answers again");
	take_texts(d, x, now);
	x->gone_wall_ms = 0;
	x->misses = 0;
	x->is_here = true;
	x->last_seen_wall_ms = loop_wall_ms(d->loop);
	keep(d, x);
	discovery_adopt(d, x);
}

/* No response counts only if it was probed, or polled by the roster. */
static void miss(struct discovery *d, struct discovered *x)
{
	enum scan_mark mark = scan_mark_of(d->scan, &x->address.sa, NULL);
	bool is_asked = mark >= SCAN_SILENT || mark == SCAN_READ;
	if (!is_asked || x->gone_wall_ms != 0 || ++x->misses < LIMIT_DISCOVERY_MISSES)
		return;
	x->gone_wall_ms = loop_wall_ms(d->loop);
	tell(d, x, DEVICE_EVENT_GONE, "several runs did not hear it");
	keep(d, x);
}

static void count(struct discovery *d)
{
	struct discovery_status *s = &d->status;
	s->devices = s->locked = s->gone = 0;
	for (size_t i = 0; i < d->devices.used; i++) {
		const struct discovered *x = discovery_nth(d, i);
		s->gone += x->gone_wall_ms != 0;
		s->devices += x->gone_wall_ms == 0;
		s->locked += x->gone_wall_ms == 0 && x->is_locked;
	}
}

static void classify_found(struct discovery *d, const struct index *index)
{
	for (size_t i = 0; i < scan_found_count(d->scan); i++) {
		const struct scan_found *f = scan_found_at(d->scan, i);
		struct discovered now;
		bool is_printer = f->class == SCAN_PRINTER || f->class == SCAN_LOCKED;
		if (!is_printer || f->same_as != 0)
			continue;
		describe(d, f, &now);
		struct discovered *x = find_key(index, &now);
		x = x != NULL ? x : find_unnamed(index, &now);
		if (x != NULL)
			meet(d, x, &now);
		else
			begin(d, &now);
	}
}

bool discovery_diff(struct discovery *d)
{
	size_t known = d->devices.used;
	struct index index = {calloc(known + 1, sizeof index.list[0]), known};
	if (index.list == NULL)
		return false;
	for (size_t i = 0; i < known; i++) {
		index.list[i] = discovery_nth(d, i);
		index.list[i]->is_here =
			index.list[i]->gone_wall_ms == 0 && is_there(d, index.list[i]);
		if (index.list[i]->is_here)
			index.list[i]->misses = 0;
	}
	qsort(index.list, known, sizeof index.list[0], by_key);
	classify_found(d, &index);
	for (size_t i = 0; i < known; i++) {
		if (!discovery_nth(d, i)->is_here)
			miss(d, discovery_nth(d, i));
	}
	free(index.list);
	count(d);
	return true;
}
