/* SPDX-License-Identifier: Apache-2.0
 * discovery_run.c (life, runs) and discovery_diff.c (a run against what was found before). Only for
 * them. */
#ifndef PLATEN_FLEET_DISCOVERY_INTERNAL_H
#define PLATEN_FLEET_DISCOVERY_INTERNAL_H

#include "proto/base/due.h"
#include "proto/base/slab.h"
#include "engine/fleet/discovery.h"
#include "engine/fleet/mdns_query.h"

/* A device that discovery found. */
struct discovered {
	struct device_store_put put;
	struct discovery *discovery;
	union address address;
	union address before; /* its address until it moved: that row becomes gone */
	bool has_before;
	bool is_locked;   /* it needs a credential */
	bool is_ipp_only; /* it answered by IPP alone; only of the last run */
	bool is_here;     /* heard in this run */
	uint8_t misses;   /* runs in a row that did not hear it */
	uint8_t version;
	uint64_t again_ms; /* monotonic: it is locked, and shown no credential before that */
	uint64_t first_seen_wall_ms, last_seen_wall_ms;
	uint64_t gone_wall_ms; /* 0: it is there */
	char key[LIMIT_DEVICE_KEY];
	char credential[LIMIT_CREDENTIAL_NAME];
	char vendor[32];
	char model[LIMIT_TEXT_SHORT];
	char serial[48];
	char mac[24];
};

struct discovery {
	struct loop *loop;
	struct discovery_options options;
	struct discovery_events events;
	void *owner;
	struct snmp_client *client;
	struct mdns *mdns; /* before the scan of a run */
	struct scan *scan; /* NULL: no run is under way, or it is at mdns */
	struct due due;
	struct slab devices; /* of struct discovered; they lie one behind the other */
	struct scan_credential credentials[LIMIT_CONF_CREDENTIALS + 1];
	size_t credential_count;
	roster_users users;
	struct discovery_status status;
	uint32_t *by_address; /* during a run: the devices in order of their addresses */
	size_t by_address_count;
	uint64_t run_began_ms;
	bool is_stopping;
};

static inline struct discovered *discovery_nth(const struct discovery *d, size_t i)
{
	return (struct discovered *)(void *)(d->devices.base + d->devices.size * i);
}

/* NULL: no room for more. */
struct discovered *discovery_add(struct discovery *d);

/* Into the roster, if discovery.adopt says so and it can be read. */
void discovery_adopt(struct discovery *d, struct discovered *device);

/* The run is over: events, rows, devices for the roster. False: no memory, nothing was compared. */
bool discovery_diff(struct discovery *d);

#endif
