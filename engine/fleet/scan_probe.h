/* SPDX-License-Identifier: Apache-2.0
 * The probes of a scan as bytes, and what an answer to one proves. The request-id of a probe is a
 * keyed hash of the address asked and of what was asked, so a response is accepted without a table
 * of requests. Pure. */
#ifndef PLATEN_FLEET_SCAN_PROBE_H
#define PLATEN_FLEET_SCAN_PROBE_H

#include "proto/base/err.h"
#include "proto/base/sip.h"
#include "engine/snmp/message.h"

#include <stddef.h>
#include <stdint.h>

enum { SCAN_PROBE_BYTES = 192 };

/* The probe of an address in one pass over all. */
struct scan_pass {
	uint8_t version; /* SNMP_V3: the probe without a credential */
	uint8_t nth;     /* which of the credentials that may be shown to the address */
};

/* 31 bits, never 0. */
uint32_t scan_cookie(const struct sip_key *key, uint32_t number, struct scan_pass pass);

/* GET of sysObjectID, hrDeviceDescr.1 and prtGeneralSerialNumber.1, or the SNMPv3 probe. The
 * length, or ERR_FULL. */
int scan_probe_encode(uint8_t dst[SCAN_PROBE_BYTES], struct scan_pass pass, const char *community,
	size_t community_len, uint32_t cookie) MUST_USE;

struct scan_answer {
	uint8_t version;
	uint32_t id;              /* to be compared with the cookie */
	const uint8_t *community; /* v1, v2c */
	size_t community_len;
	struct usm_message head; /* v3 */
};

/* 0, or an error: nothing that answers a probe of ours. */
int scan_answer_parse(struct scan_answer *ret, const uint8_t *bytes, size_t len) MUST_USE;

#endif
