/* SPDX-License-Identifier: Apache-2.0
 * The printers of this instance: identity, next poll, profile. The roster owns the devices; they
 * live as long as it does and never move. A device is always in exactly one of three states; the
 * list (or the deadline heap) that it is in is that state, and only the functions here move it. */
#ifndef PLATEN_FLEET_ROSTER_H
#define PLATEN_FLEET_ROSTER_H

#include "engine/conf/range.h"
#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"
#include "engine/store/device_store.h"
#include "proto/mib/mib.h"
#include "proto/model/kind.h"
#include "proto/reading/reading.h"
#include "proto/reading/reading_merge.h"

#include <stddef.h>
#include <stdint.h>

/* Idle: in the loop's heap (or nowhere, when it is polled only once). */
enum device_state {
	DEVICE_RESTING, /* until its deadline */
	DEVICE_WAITING, /* due, for a slot (fleet/admission) */
	DEVICE_POLLED,  /* a poll is under way, or its reading is being kept */
	DEVICE_STATES
};

/* How the last poll ended. */
enum device_outcome {
	OUTCOME_NEVER,    /* not polled yet */
	OUTCOME_COMPLETE, /* every group complete */
	OUTCOME_PARTIAL,
	OUTCOME_SILENT, /* no response to a request; a Report of SNMPv3 may say why */
	OUTCOME_OTHER,  /* a response, but not of a printer: nothing of it is kept */
	OUTCOME_COUNT
};

/* How a device is polled by IPP: its settings. The results are in its profile. */
struct device_ipp {
	const char *path; /* `platen poll ipp://host/path`; NULL: the usual ones */
	uint16_t port;
	uint8_t mode; /* enum ipp_mode */
};

/* A silent printer's circuit breaker: closed: it responds; open: no poll before its time; half
 * open: a poll finds out whether it responds again. */
enum device_breaker { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN, BREAKER_STATES };

/* Its identity, as last read, for the device store. */
struct device_identity {
	char vendor[32];
	char model[LIMIT_TEXT_SHORT];
	char serial[48];
	char mac[24];
};

/* When its profile was saved last (fleet/profile). */
struct device_save {
	struct device_store_put put;
	uint64_t digest;     /* of what was kept last */
	uint64_t at_ms;      /* monotonic, when; 0: never */
	uint64_t key_digest; /* of who it is, as far as that is known; 0: not known */
	uint16_t srtt_ms;    /* then */
};

struct device {
	struct list node; /* roster: the list of its state */
	struct due due;
	struct roster *roster;
	struct snmp_peer peer; /* peer.usm: NULL, or this device's, of the roster's */
	const char *
		name; /* DNS, of the configuration in force; NULL: given by its address, or found */
	const struct conf_credential *credential; /* NULL: its target's own community */
	struct device_profile profile;            /* what it has taught us */
	struct device_ipp ipp;
	uint8_t state;
	uint8_t outcome;
	int err;                     /* why the last poll ended as it did; 0: it was whole */
	bool has_stopped_responding; /* in its last poll, on the newest quarantined request */
	bool was_slow;               /* roster: when it was last moved */
	uint8_t standing;            /* roster: enum device_standing after the last poll */
	bool is_range;    /* one of several addresses of a range: no device until it responds */
	bool is_retired;  /* see roster_retire */
	bool is_adopted;  /* discovery found it, and keeps its identity */
	bool is_accepted; /* it was read as a printer, or devices.accept names it; lasts */
	uint8_t kind;     /* enum device_kind, with OUTCOME_OTHER */
	uint64_t next_request_ms; /* monotonic: not sooner (fleet/rate_limit) */
	struct device_save save;
	bool wants_full;          /* the next record carries every group */
	uint64_t full_at_ms;      /* monotonic, of the last full record */
	uint64_t full_poll_at_ms; /* monotonic, of the last poll that asked for every group; 0 never
				   */
	uint64_t last_read_wall_ms;
	uint64_t attempt_wall_ms;     /* end of the last poll; 0: none since start */
	uint64_t complete_wall_ms;    /* end of the last complete one */
	uint64_t digest[GROUP_COUNT]; /* of each group as last kept; 0: never */
	/* Unix; when that content was last read, if that was after its record; 0: it was not. */
	uint64_t seen_at_ms[GROUP_COUNT];
	uint8_t awaited;            /* bit g: the next reading of group g is kept, changed or not */
	uint64_t mac_digest;        /* of the hardware address that came with the key; 0: none */
	char key[LIMIT_DEVICE_KEY]; /* "serial:xerox/3WX100"; empty before the first response */
	struct device_identity identity;
};

struct roster;

/* A device's time has come: it is in the waiting list now. */
typedef void roster_on_due(void *owner, struct device *dev);

/* The kind of host at a configured address. */
enum device_standing {
	STANDING_DEVICE,  /* a printer, or one that is named by its address or by devices.accept */
	STANDING_OTHER,   /* another device */
	STANDING_ABSENT,  /* an address of a range from which nothing has responded */
	STANDING_RETIRED, /* the configuration names it no more */
	STANDINGS
};

struct roster_counts {
	uint64_t devices;   /* of STANDING_DEVICE; those below too, unless they say more */
	uint64_t addresses; /* of all standings */
	uint64_t absent;    /* of STANDING_ABSENT */
	uint64_t others;    /* of STANDING_OTHER */
	uint64_t by_kind[KIND_COUNT]; /* of these */
	uint64_t over_limit;          /* configured beyond devices.max: not polled, counted */
	uint64_t duplicates;          /* the same address configured again */
	uint64_t denied;              /* by access.allow and access.deny: never in the roster */
	uint64_t v3;                  /* of the devices, polled by SNMPv3 */
	uint64_t by_outcome[OUTCOME_COUNT];
	uint64_t refused; /* not in by_outcome: they respond, but refuse our user (SNMPv3) */
	uint64_t by_breaker[BREAKER_STATES];
	uint64_t safe_mode; /* devices in safe mode: they stopped responding after a request */
	/* Of all devices, today (UTC). */
	uint64_t packets_out, packets_in, bytes_out, bytes_in;
	uint64_t max_packets_out; /* to one device */
};

/* The users that send requests, by the number of the credential; the array outlives the roster.
 * NULL in it: that credential is of v1 or v2c. */
typedef struct usm_user *const *roster_users;

/* Reads devices.targets; what may not be asked is left out, and names (fleet/names). ERR_CONF with
 * *err when a target cannot be read. `users` may be NULL if no credential is of version 3. */
int roster_open(struct roster **ret, struct loop *l, const struct agent_conf *conf,
	roster_users users, roster_on_due *on_due, void *owner, struct conf_error *err) MUST_USE;
void roster_close(struct roster *r);

/* One more device, found by discovery. 1 and *ret: it is new, and idle until its owner calls
 * roster_schedule or roster_wake; 0 and *ret: it was there already. 0 and *ret NULL: it was counted
 * as denied or over the limit. ERR_FULL: no room for its SNMPv3 state. ERR_BUSY: the places of
 * retired devices are free when their profiles are saved. */
int roster_add(struct roster *r, const struct conf_device *from, roster_users users,
	struct device **ret) MUST_USE;

/* The same for an entry of devices.targets: it replaces that of a range which was added before with
 * this address (conf_device_replaces), also in how the device is polled; not while it is polled. */
int roster_add_target(struct roster *r, const struct conf_device *from, roster_users users,
	struct device **ret) MUST_USE;

/* The device at this address and port, or NULL; a retired one is none. */
struct device *roster_find_address(struct roster *r, const struct sockaddr *sa);

/* The configuration names it no more: it is not polled and counts as nothing. Not while it is
 * polled. roster_add of its address brings it back, or of another one, if there is no room
 * otherwise, takes its place. */
void roster_retire(struct device *dev);

/* Before a changed devices.targets is added: what is left out is counted anew, beginning with so
 * many that are not even tried. */
void roster_reset_counts(struct roster *r, size_t over_limit);

/* Devices that are polled once an interval. */
size_t roster_regular(const struct roster *r);

/* The device is polled in this way from now on: version, community, credential, user. The data of
 * its engine stay if user and version do. A request in flight ends as it began. ERR_FULL: no room
 * for its SNMPv3 state; then nothing has changed. */
int roster_use(struct device *dev, const struct conf_device *from, roster_users users) MUST_USE;

/* Calls `each` for every device, in the order of configuration. */
void roster_each(struct roster *r, void (*each)(void *owner, struct device *dev), void *owner);

/* Every device becomes due: at once, or spread over `spread_ms` so that they do not come in step;
 * one whose circuit is open then waits for its time. */
int roster_start(struct roster *r, uint64_t spread_ms) MUST_USE;

/* The device that has waited longest, which is now polled; NULL if none may be. A slow one comes
 * first as long as fewer than so many of them (at least one) are polled. */
struct device *roster_next(struct roster *r, size_t slow_max);

/* Whether a device that is not slow waits. */
bool roster_has_prompt(const struct roster *r);

/* Back to the waiting list: it could not be polled now. */
void roster_put_back(struct device *dev);

/* The poll is over; sets the next one. interval_ms 0: none. A silent printer is polled again after
 * LIMIT_SILENT_FIRST_MS, then after twice as long each time, at least once an interval; a device
 * that is no printer after LIMIT_OTHER_POLL_MS, or an interval if that is longer or if it was a
 * printer before. */
void roster_schedule(struct device *dev, enum device_outcome outcome, uint64_t interval_ms);

size_t roster_in_state(const struct roster *r, enum device_state state);
void roster_counts(const struct roster *r, struct roster_counts *ret);

/* Whether its next record carries every group: asked for, or the last one is LIMIT_FULL_MS old. */
bool device_is_full_record_due(const struct device *dev, uint64_t now_ms);

/* The counters of the day (UTC) of wall_ms. */
struct device_traffic *device_traffic_today(struct device *dev, uint64_t wall_ms);

enum device_breaker device_breaker(const struct device *dev);

enum device_standing device_standing(const struct device *dev);
/* How many had it after their last poll. */
size_t roster_standing(const struct roster *r, enum device_standing standing);

/* Whether the error of a poll without a response means that nothing is at the address, as far as
 * SNMP tells: a timeout, or ICMP; not a refused credential. */
bool device_is_absence(int err);
/* It responds, but refuses our user, passphrase, level or context (SNMPv3). */
bool device_is_refused(const struct device *dev);

/* NULL if no device has this key. Scans: for the hub's rare requests. */
struct device *roster_find_key(struct roster *r, const char *key, size_t len);

/* "10.1.4.22:161", "[::1]:161"; dst has room for LIMIT_ADDRESS. */
struct address_text device_address(const struct device *dev);

/* Due now, unless it is waiting or polled. */
int roster_wake(struct device *dev) MUST_USE;

/* For `platen poll`: one device without a roster. Its peer.usm is the caller's to set. */
void device_init(struct device *dev, const struct conf_device *from);

struct loop *roster_loop(const struct roster *r);

size_t roster_memory(const struct roster *r);

#endif
