/* SPDX-License-Identifier: Apache-2.0
 * Polling the printers: roster (which device is due), admission (a slot), poll (the reading),
 * collector (the record on disk), roster again. One poll at a time for a printer, as many printers
 * at once as the window of requests has room for. */
#ifndef PLATEN_FLEET_FLEET_H
#define PLATEN_FLEET_FLEET_H

#include "proto/base/err.h"
#include "engine/fleet/rate_limit.h"
#include "engine/fleet/collect.h"
#include "engine/fleet/roster.h"

struct fleet;

struct fleet_options {
	uint64_t interval_ms;             /* between polls of one printer; 0: each once */
	const struct conf_accept *accept; /* see fleet_accept; NULL: printers only */
	size_t window;                    /* polls at once; at most the client's window */
	size_t ipp_window;                /* of these, by IPP at once; 0: none */
	const struct models *models; /* device knowledge, the caller's; NULL: what is built in */
	struct device_store
		*device_store; /* where what was learned is kept, the caller's; NULL: nowhere */
	struct rate_limit_options rate_limit;
};

struct fleet_events {
	/* A poll is over and its record, if any, is on disk (err 0) or lost. */
	void (*on_polled)(
		void *owner, const struct device *dev, enum device_outcome outcome, int err);
	/* Nothing is due, polled or waiting any more (only with interval 0). */
	void (*on_idle)(void *owner);
	/* Readings wait because the spool's quota is used up; again and again, until it is not. */
	void (*on_full)(void *owner);
};

struct fleet_counters {
	uint64_t complete, partial, silent, refused;
	uint64_t others; /* polls of devices that are no printers */
	uint64_t absent; /* polls of addresses of ranges from which nothing has ever responded */
	uint64_t requests;
	uint64_t stopped_responding; /* printers that stopped responding after a request */
};

/* Snmp_client, spool and roster stay the caller's. Devices that are due come in by fleet_on_due,
 * which the roster's owner calls from the roster's on_due. */
int fleet_open(struct fleet **ret, struct loop *l, struct snmp_client *client, struct spool *spool,
	struct roster *roster, const struct fleet_options *o, const struct fleet_events *events,
	void *owner) MUST_USE;
void fleet_on_due(struct fleet *f, struct device *dev);

/* Devices that are read although they are no printers, from the next poll on; the caller's, until
 * the next call. Those that wait as other devices are polled at once. */
void fleet_accept(struct fleet *f, const struct conf_accept *accept);

const struct fleet_counters *fleet_counters(const struct fleet *f);
const struct collect_counters *fleet_collect_counters(const struct fleet *f);
const struct rate_limit_counters *fleet_rate_limit_counters(const struct fleet *f);
/* Requests that may be in flight now; at most the client's window. */
size_t fleet_window(const struct fleet *f);
size_t fleet_polls(const struct fleet *f);
size_t fleet_memory_ceiling(const struct fleet *f);

/* The policy of the next readings; the caller's, until the next call. */
void fleet_use_policy(struct fleet *f, const struct policy *policy);

/* While it is paused no poll begins; those under way end, and the others begin after it. */
void fleet_pause(struct fleet *f, bool is_paused);

/* No new polls; those under way are stopped and end as usual. on_idle comes when the last one has.
 */
void fleet_stop(struct fleet *f);
/* After on_idle, or when nothing was ever started. */
void fleet_close(struct fleet *f);

#endif
