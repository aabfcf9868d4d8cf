/* SPDX-License-Identifier: Apache-2.0
 * SNMP requests as lists of OIDs, and the numbers of RFC 1157, RFC 1901 and RFC 3416 that go with
 * them. engine/snmp encodes them with libnetsnmp. */
#ifndef PLATEN_SMI_REQUEST_H
#define PLATEN_SMI_REQUEST_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/oid.h"

#include <stddef.h>
#include <stdint.h>

enum snmp_version { SNMP_V1 = 0, SNMP_V2C = 1, SNMP_V3 = 3 };
/* "1", "2c", "3" */
const char *snmp_version_text(unsigned version);

enum snmp_pdu_type {
	SNMP_GET = 0xa0,
	SNMP_GETNEXT = 0xa1,
	SNMP_RESPONSE = 0xa2,
	SNMP_SET = 0xa3,
	SNMP_GETBULK = 0xa5,
	SNMP_REPORT = 0xa8
};

enum snmp_error_status {
	SNMP_NO_ERROR = 0,
	SNMP_TOO_BIG = 1,
	SNMP_NO_SUCH_NAME = 2,
	SNMP_BAD_VALUE = 3,
	SNMP_GEN_ERR = 5,
	SNMP_AUTHORIZATION_ERROR = 16 /* RFC 3416; access control, RFC 3415 */
};

/* An SNMP request, independent of the device. The OIDs are BER contents bytes in `ber`, one after
 * the other: the struct is self-contained and can be copied. */
struct snmp_request {
	uint8_t pdu;              /* SNMP_GET, SNMP_GETNEXT or SNMP_GETBULK */
	uint8_t non_repeaters;    /* GETBULK */
	uint16_t max_repetitions; /* GETBULK */
	uint16_t oids;            /* how many */
	uint16_t ber_len;         /* bytes of ber in use */
	uint16_t list_len;        /* bytes of the encoded varbind list */
	uint8_t oid_len[LIMIT_REQUEST_OIDS];
	uint8_t ber[LIMIT_REQUEST_BYTES];
};

/* Empties the request. */
void snmp_request_begin(struct snmp_request *q, uint8_t pdu);

/* Adds prefix followed by tail (either may be empty). ERR_FULL when there is no room for it within
 * `max_bytes` of encoded message, the community string not counted (at most LIMIT_REQUEST_BYTES -
 * LIMIT_COMMUNITY), or over LIMIT_REQUEST_OIDS. */
int snmp_request_add(struct snmp_request *q, struct oid_ber prefix, struct oid_ber tail,
	size_t max_bytes) MUST_USE;

/* The i-th OID; *ber_at is 0 before the first one, and the caller goes through them in order. */
struct oid_ber snmp_request_oid(const struct snmp_request *q, size_t i, size_t *ber_at);

#endif
