/* SPDX-License-Identifier: Apache-2.0
 * Reading the archive, beside its owner or without one: never writes, never checkpoints. A view is
 * used by one thread at a time (WORKER_READ in the hub, the main thread of a verb). All calls
 * block.
 *
 * A group whose checksum does not fit is left out and counted in the device's `damaged`. */
#ifndef PLATEN_STORE_ARCHIVE_VIEW_H
#define PLATEN_STORE_ARCHIVE_VIEW_H

#include "engine/store/archive.h"
#include "proto/wire/pack.h"

struct archive_view;

/* ERR_STORE_VERSION when another version of the program made it, -ENOENT when there is none. */
int archive_view_open(
	struct archive_view **ret, const char *dir, char *why, size_t why_cap) MUST_USE;
void archive_view_close(struct archive_view *v);
const char *archive_view_why(const struct archive_view *v);

/* 1 and the account, 0 if there is none of that name. */
int archive_view_account(
	struct archive_view *v, const char *name, struct archive_account *ret) MUST_USE;

struct archive_group {
	const uint8_t *bytes; /* as packed: record_group_unpack */
	size_t len;           /* 0: nothing was ever said of this group */
	uint64_t read_at_ms;
};

/* One device as it is shown now. Everything is good during the callback. */
struct archive_device {
	struct text key, vendor, model, serial, address;
	uint8_t agent_id[ARCHIVE_AGENT_ID]; /* who saw it last */
	struct text account, site;          /* of that agent */
	uint64_t seq;
	uint64_t read_at_ms; /* newest record */
	uint64_t received_at_ms;
	uint64_t first_seen_ms;
	/* As agents reported (proto/wire/coverage.h): 0 if none did. */
	uint64_t complete_at_ms; /* last complete read */
	uint64_t attempt_at_ms;  /* last attempt, and how it ended: enum coverage_reason */
	uint8_t attempt_reason;
	struct archive_group group[GROUP_COUNT];
	const uint8_t *evaluation; /* proto/history/history's state, packed; len 0: none */
	size_t evaluation_len;
	unsigned damaged;
};

/* A negative return ends the walk and is passed on. */
typedef int archive_on_device(void *owner, const struct archive_device *d);

/* All devices by key, one after the other, each of one instant; the number of them. During the
 * callback nothing is locked. */
int archive_view_each(struct archive_view *v, archive_on_device *on_device, void *owner) MUST_USE;

/* The devices whose key, serial number or address is `id`; the number of them. */
int archive_view_find(
	struct archive_view *v, struct text id, archive_on_device *on_device, void *owner) MUST_USE;

/* Its groups into `r`, which the caller opened; *mask says which. A group that cannot be read is
 * left out. */
void archive_device_read(const struct archive_device *d, struct reading *r, unsigned *mask);

/* How completely the devices of a site are read. */
struct archive_site {
	struct text site;
	uint64_t known;    /* devices that the site's agents poll */
	uint64_t complete; /* of these, read completely since `since_ms` */
	uint64_t unread;   /* of these, never read */
	uint64_t reported_at_ms;
};
typedef int archive_on_site(void *owner, const struct archive_site *site);
int archive_view_sites(
	struct archive_view *v, uint64_t since_ms, archive_on_site *on_site, void *owner) MUST_USE;

/* The devices that were never read, at most LIMIT_COVERAGE_UNREAD of each agent. */
struct archive_unread {
	struct text site, address;
	uint64_t attempt_at_ms; /* 0: none */
	uint8_t reason;         /* enum coverage_reason */
};
typedef int archive_on_unread(void *owner, const struct archive_unread *unread);
int archive_view_unread(struct archive_view *v, archive_on_unread *on_unread, void *owner) MUST_USE;

/* One agent, as its batches tell. */
struct archive_agent {
	const uint8_t *agent_id; /* ARCHIVE_AGENT_ID */
	struct text account, site, software;
	uint64_t first_seen_ms, last_seen_ms; /* its batches */
	bool is_corporate;
	const uint8_t *information; /* site_information_unpack; len 0: none */
	size_t information_len;
	uint64_t information_at_ms;
	uint64_t coverage_at_ms;  /* its last coverage, by our clock; 0: none */
	uint64_t heartbeat_at_ms; /* its newest heartbeat, likewise */
	const uint8_t *heartbeat; /* heartbeat_unpack; len 0: none */
	size_t heartbeat_len;
};
typedef int archive_on_agent(void *owner, const struct archive_agent *agent);

/* All agents by site; the number of them. A negative return of `on_agent` ends it and is passed on.
 */
int archive_view_agents(struct archive_view *v, archive_on_agent *on_agent, void *owner) MUST_USE;

struct archive_counts {
	uint64_t devices, agents, accounts, records, rejected;
	uint64_t events_gone; /* the oldest, deleted beyond LIMIT_EVENT_ROWS */
};
int archive_view_counts(struct archive_view *v, struct archive_counts *ret) MUST_USE;

/* Events of devices (proto/history/history), newest first. */
struct archive_event {
	struct text device_key, vendor, model, address;
	uint8_t kind;                        /* enum history_kind */
	uint64_t from_ms, to_ms;             /* between which two readings; from 0: not known */
	uint64_t ended_from_ms, ended_to_ms; /* of an alert; 0: it is still there */
	struct text what, old_text, new_text;
	uint32_t cycle;
	uint8_t supply_type; /* PrtMarkerSuppliesTypeTC, of a supply; 0: none */
	struct text colorant, part;
	int32_t severity, training, group, group_index, code, location; /* of an alert */
};
typedef int archive_on_event(void *owner, const struct archive_event *h);

struct archive_event_filter {
	struct text key;   /* of one device; empty: of all */
	struct text site;  /* of the agent that read it; empty: of all */
	unsigned kinds;    /* bit n: enum history_kind n; 0: all */
	unsigned alerts;   /* bit n: raised alerts of enum alert_kind n too, besides kinds */
	uint64_t since_ms; /* still under way then, or later */
	size_t max;        /* the newest so many */
};
/* How many there were. */
int archive_view_events(struct archive_view *v, const struct archive_event_filter *f,
	archive_on_event *on_event, void *owner) MUST_USE;

#endif
