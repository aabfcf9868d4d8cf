/* SPDX-License-Identifier: Apache-2.0
 * Learned from a device's responses: the limits of its SNMP agent, its round-trip time, its SNMPv3
 * engine, what protects it, its IPP, today's traffic. The device owns its profile
 * (engine/fleet/roster.h); the device store saves and loads it whole (device_store.h). A zeroed
 * profile is that of a device that was never polled. Pure.
 *
 * Times are of the loop's monotonic clock: a wall clock that is set right after the start neither
 * ends a quarantine nor prolongs it for years. On disk and in a device_store_view they are wall
 * time (Unix, ms), as the monotonic clock begins anew with the machine. */
#ifndef PLATEN_STORE_DEVICE_PROFILE_H
#define PLATEN_STORE_DEVICE_PROFILE_H

#include "engine/snmp/usm.h"
#include "engine/store/fields.h"
#include "proto/base/limits.h"
#include "proto/mib/mib.h"

#include <stdint.h>

/* RFC 6298 in milliseconds, as struct snmp_peer; 0: never measured. */
struct profile_rtt {
	uint16_t srtt_ms, rttvar_ms;
};

/* A request after which the device stopped responding: not sent again before until_ms. */
struct quarantined_request {
	uint64_t digest; /* mib_request_digest */
	uint64_t until_ms;
};

/* Beside limits.is_safe_mode. */
struct device_protection {
	struct quarantined_request quarantined[LIMIT_QUARANTINED];
	uint8_t quarantined_count;
	uint8_t failures; /* polls in a row without a response to a request, saturating */
	/* ERR_SNMP_USER .. ERR_SNMP_CONTEXT, if the last of them ended so: it refuses our user. */
	int refusal;
	uint64_t open_until_ms;              /* its circuit is open until then; 0: closed */
	uint64_t stopped_responding_wall_ms; /* after a request, the last time; 0: never */
};

/* The result of polling it by IPP. */
struct profile_ipp {
	uint64_t not_before_ms; /* it was of no use: not polled by IPP before */
	uint8_t path;           /* which of the usual paths it accepted last */
	uint8_t groups;         /* bit g: group g gained something by it last time */
	uint8_t failures;       /* in a row, saturating */
	bool is_tls;
};

/* Sent to a device and received from it, by SNMP (datagrams and what they carry) and IPP (TCP's
 * segments and what they carry), since the day (UTC) of that number began. */
struct device_traffic {
	uint32_t day;
	uint32_t packets_out, packets_in;
	uint64_t bytes_out, bytes_in;
};

struct device_profile {
	struct mib_limits limits;
	struct profile_rtt rtt;
	struct usm_engine engine; /* the pinned one; id_len 0: none */
	struct device_protection protection;
	struct profile_ipp ipp;
	struct device_traffic today;
	bool is_slow;   /* its last poll was long or silent: it must not keep others waiting */
	uint8_t blocks; /* arena blocks of its last reading; 0: never polled */
};

/* The profile belongs to the device that stood here before: another one responds now.
 * `stopped_responding`: that one did on the newest quarantined request, which stays. */
void device_profile_replace(struct device_profile *p, bool stopped_responding);

/* Of what is worth a commit: not of times, table sizes and traffic, which change at every poll. */
uint64_t device_profile_digest(const struct device_profile *p);

/* Monotonic times to wall times, and back. A wall time that has passed becomes 0, one that is
 * further away than its limit allows becomes that limit: the wall clock was set. */
void device_profile_to_wall(struct device_profile *p, uint64_t now_ms, uint64_t wall_ms);
void device_profile_from_wall(struct device_profile *p, uint64_t now_ms, uint64_t wall_ms);

enum { DEVICE_PROFILE_FORMAT = 3 };

/* All fields, in either direction. Formats 1 and 2 lack what came later; format 1 kept the engine
 * in a column of its own (device_profile_engine_fields). */
void device_profile_fields(struct fields *f, struct device_profile *p, unsigned format);
void device_profile_engine_fields(struct fields *f, struct usm_engine *e);

#endif
