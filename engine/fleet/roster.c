/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/roster.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct roster {
	struct loop *loop;
	struct slab devices;
	size_t count;
	size_t max;
	size_t over_limit;
	size_t duplicates;
	struct list waiting;
	size_t in_state[DEVICE_STATES];
	uint32_t *by_address; /* open addressing, 1 + index of the device; only while opening */
	size_t by_address_mask;
	roster_on_due *on_due;
	void *owner;
};

/* The i-th device in the order of configuration: they lie one behind the other in the slab. */
static struct device *nth(const struct roster *r, size_t i)
{
	return (struct device *)(void *)(r->devices.base + r->devices.size * i);
}

/* ---- states ----------------------------------------------------------------------------- */

static void move(struct device *dev, enum device_state to)
{
	struct roster *r = dev->roster;
	if (!list_is_empty(&dev->node))
		list_remove(&dev->node);
	loop_due_clear(r->loop, &dev->due);
	r->in_state[dev->state]--;
	dev->state = (uint8_t)to;
	r->in_state[to]++;
	if (to == DEVICE_WAITING)
		list_push(&r->waiting, &dev->node);
}

static void on_device_due(struct due *due)
{
	struct device *dev = container_of(due, struct device, due);
	struct roster *r = dev->roster;
	move(dev, DEVICE_WAITING);
	r->on_due(r->owner, dev);
}

static void rest_until(struct device *dev, uint64_t at_ms)
{
	move(dev, DEVICE_RESTING);
	/* The loop was opened with room for every device. */
	if (loop_due_set(dev->roster->loop, &dev->due, at_ms) < 0)
		move(dev, DEVICE_WAITING);
}

struct device *roster_take(struct roster *r)
{
	if (list_is_empty(&r->waiting))
		return NULL;
	struct device *dev = container_of(r->waiting.next, struct device, node);
	move(dev, DEVICE_VISITED);
	return dev;
}

void roster_put_back(struct device *dev)
{
	move(dev, DEVICE_WAITING);
}

void roster_rest(struct device *dev, enum device_outcome outcome, uint64_t interval_ms)
{
	dev->outcome = (uint8_t)outcome;
	if (outcome != OUTCOME_SILENT)
		dev->failures = 0;
	else if (dev->failures < UINT8_MAX)
		dev->failures++;
	if (interval_ms == 0) {
		move(dev, DEVICE_RESTING);
		return;
	}
	uint64_t wait = interval_ms;
	if (outcome == OUTCOME_SILENT && dev->failures < 16) {
		uint64_t sooner = (uint64_t)LIMIT_SILENT_FIRST_MS << (dev->failures - 1);
		wait = sooner < interval_ms ? sooner : interval_ms;
	}
	rest_until(dev, loop_now_ms(dev->roster->loop) + wait);
}

int roster_start(struct roster *r, uint64_t spread_ms)
{
	uint64_t now = loop_now_ms(r->loop);
	for (size_t i = 0; i < r->count; i++) {
		struct device *dev = nth(r, i);
		int err = loop_due_set(r->loop, &dev->due, now + spread_ms * i / r->count);
		if (err < 0)
			return err;
	}
	return 0;
}

/* ---- life ------------------------------------------------------------------------------- */

void device_init(struct device *dev, const struct conf_device *from)
{
	memset(dev, 0, sizeof *dev);
	list_init(&dev->node);
	due_init(&dev->due, on_device_due);
	memcpy(&dev->peer.address, &from->address, sizeof dev->peer.address);
	dev->peer.version = from->version;
	dev->peer.community = from->community;
	dev->peer.community_len = from->community_len;
	dev->ipp.mode = from->ipp_mode;
	dev->ipp.port = from->ipp_port;
	dev->state = DEVICE_RESTING;
	dev->outcome = OUTCOME_NEVER;
}

static bool same_address(const struct snmp_peer *a, const struct conf_device *b)
{
	if (a->address.sa.sa_family != b->address.sa.sa_family)
		return false;
	if (a->address.sa.sa_family == AF_INET)
		return a->address.in4.sin_port == b->address.in4.sin_port &&
		       a->address.in4.sin_addr.s_addr == b->address.in4.sin_addr.s_addr;
	return a->address.in6.sin6_port == b->address.in6.sin6_port &&
	       memcmp(&a->address.in6.sin6_addr, &b->address.in6.sin6_addr, 16) == 0;
}

static size_t address_hash(const struct roster *r, const struct conf_device *d)
{
	const uint8_t *p = d->address.sa.sa_family == AF_INET
				   ? (const uint8_t *)&d->address.in4.sin_addr
				   : (const uint8_t *)&d->address.in6.sin6_addr;
	size_t n = d->address.sa.sa_family == AF_INET ? 4 : 16;
	uint64_t h = 14695981039346656037u; /* FNV-1a */
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return (size_t)(h >> 20) & r->by_address_mask;
}

static int add_device(void *owner, const struct conf_device *from)
{
	struct roster *r = owner;
	size_t at = address_hash(r, from);
	for (; r->by_address[at] != 0; at = (at + 1) & r->by_address_mask) {
		if (same_address(&nth(r, r->by_address[at] - 1)->peer, from)) {
			r->duplicates++;
			return 0;
		}
	}
	if (r->count == r->max) {
		r->over_limit++;
		return 0;
	}
	struct device *dev = slab_take(&r->devices);
	if (dev == NULL)
		return ERR_FULL;
	r->by_address[at] = (uint32_t)++r->count;
	device_init(dev, from);
	dev->roster = r;
	r->in_state[DEVICE_RESTING]++;
	return 0;
}

int roster_open(struct roster **ret, struct loop *l, const struct agent_conf *conf,
	roster_on_due *on_due, void *owner, struct conf_error *err)
{
	struct roster *r = calloc(1, sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	r->loop = l;
	r->max = conf->devices_max;
	r->on_due = on_due;
	r->owner = owner;
	list_init(&r->waiting);
	size_t places = 64;
	while (places < 2 * r->max)
		places *= 2;
	r->by_address_mask = places - 1;
	r->by_address = calloc(places, sizeof r->by_address[0]);
	int rc = r->by_address == NULL ? -ENOMEM
				       : slab_open(&r->devices, sizeof(struct device), r->max);
	if (rc == 0)
		rc = conf_each_device(conf, add_device, r, err);
	free(r->by_address);
	r->by_address = NULL;
	if (rc < 0) {
		roster_close(r);
		return rc;
	}
	*ret = r;
	return 0;
}

void roster_close(struct roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		loop_due_clear(r->loop, &nth(r, i)->due);
	slab_close(&r->devices);
	free(r);
}

/* ---- views ------------------------------------------------------------------------------ */

size_t roster_in_state(const struct roster *r, enum device_state state)
{
	return r->in_state[state];
}

void roster_counts(const struct roster *r, struct roster_counts *ret)
{
	*ret = (struct roster_counts){
		.devices = r->count, .over_limit = r->over_limit, .duplicates = r->duplicates};
	for (size_t i = 0; i < r->count; i++)
		ret->by_outcome[nth(r, i)->outcome]++;
}

struct device *roster_find_key(struct roster *r, const char *key, size_t len)
{
	for (size_t i = 0; i < r->count; i++) {
		struct device *dev = nth(r, i);
		if (strlen(dev->key) == len && memcmp(dev->key, key, len) == 0)
			return dev;
	}
	return NULL;
}

void device_address(const struct device *dev, char *dst, size_t cap)
{
	char host[INET6_ADDRSTRLEN] = "?";
	if (dev->peer.address.sa.sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &dev->peer.address.in6.sin6_addr, host, sizeof host);
		(void)snprintf(dst, cap, "[%s]:%u", host, ntohs(dev->peer.address.in6.sin6_port));
	} else {
		(void)inet_ntop(AF_INET, &dev->peer.address.in4.sin_addr, host, sizeof host);
		(void)snprintf(dst, cap, "%s:%u", host, ntohs(dev->peer.address.in4.sin_port));
	}
}

size_t roster_memory(const struct roster *r)
{
	return sizeof *r + r->count * r->devices.size;
}
