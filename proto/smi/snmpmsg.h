/* SPDX-License-Identifier: Apache-2.0
 * SNMPv1 and SNMPv2c messages: requests out, responses in. Bytes and structs only; used inside
 * libnetsnmp's build and parse hooks by engine/snmp/snmp_client. RFC 1157, RFC 1901, RFC 3416.
 * SNMPv3 puts the same PDUs into another envelope: snmp3.h. */
#ifndef PLATEN_SMI_SNMPMSG_H
#define PLATEN_SMI_SNMPMSG_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/oid.h"
#include "proto/smi/varbind.h"

#include <stddef.h>
#include <stdint.h>

enum snmp_version { SNMP_V1 = 0, SNMP_V2C = 1, SNMP_V3 = 3 };

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

/* What we ask, independent of whom. The OIDs are BER contents bytes in `ber`, one after the other:
 * the whole is self-contained, can be copied and kept. */
struct snmp_request {
	uint8_t pdu;              /* SNMP_GET, SNMP_GETNEXT or SNMP_GETBULK */
	uint8_t non_repeaters;    /* GETBULK */
	uint16_t max_repetitions; /* GETBULK */
	uint16_t oids;            /* how many */
	uint16_t ber_len;         /* bytes of ber in use */
	uint16_t list_len;        /* bytes of the encoded varbind list */
	uint8_t oid_len[LIMIT_ASK_OIDS];
	uint8_t ber[LIMIT_REQUEST_BYTES];
};

/* Empties the question. */
void snmp_question_begin(struct snmp_request *q, uint8_t pdu);

/* Adds prefix followed by tail (either may be empty). ERR_FULL when there is no room for it within
 * `max_bytes` of encoded message, the community string not counted (at most LIMIT_REQUEST_BYTES -
 * LIMIT_COMMUNITY), or over LIMIT_ASK_OIDS. */
int snmp_question_add(struct snmp_request *q, struct oid_ber prefix, struct oid_ber tail,
	size_t max_bytes) MUST_USE;

/* The i-th OID; *ber_at is 0 before the first one, and the caller goes through them in order. */
struct oid_ber snmp_question_oid(const struct snmp_request *q, size_t i, size_t *ber_at);

/* A question as it is on the way: the kind, the two numbers behind the request-id, and the encoded
 * varbind list. Enough to encode it again under another id, or to compare an answer's names. */
struct snmp_pdu_out {
	uint8_t pdu;
	uint16_t a, b; /* GETBULK: non-repeaters, max-repetitions; else 0 */
	uint16_t list_len;
	const uint8_t *list; /* without its SEQUENCE header */
};

/* Encodes the question's varbinds into dst, which *ret then points to. Length, or ERR_FULL. */
int snmp_question_list(
	uint8_t *dst, size_t cap, const struct snmp_request *q, struct snmp_pdu_out *ret) MUST_USE;

/* The next name of an encoded varbind list; false at its end. */
bool snmp_list_next(const uint8_t **p, const uint8_t *end, struct oid_ber *ret);

/* Encodes into dst; returns the length or ERR_FULL. The varbinds are the last q->list_len bytes. */
int snmp_msg_encode(uint8_t *dst, size_t cap, enum snmp_version version, const char *community,
	size_t community_len, uint32_t request_id, const struct snmp_request *q) MUST_USE;

/* A message as it came. Pointers are into the bytes parsed. */
struct snmp_msg {
	int64_t version;
	const uint8_t *community;
	size_t community_len;
	uint8_t pdu;
	int64_t request_id;
	int64_t error_status; /* GETBULK: non-repeaters */
	int64_t error_index;  /* GETBULK: max-repetitions */
	size_t varbinds;      /* stored */
	size_t dropped;       /* well-formed varbinds beyond `max` */
};

/* Checks every length before it is used, every OID, and that nothing follows the message.
 * 0, or ERR_SHORT / ERR_FORMAT / ERR_RANGE / ERR_LIMIT; then nothing of *ret is to be used. */
int snmp_msg_parse(struct snmp_msg *ret, struct varbind *vb, size_t max, const uint8_t *bytes,
	size_t len) MUST_USE;

/* Only the request-id of a v1/v2c message, for finding whose answer a datagram is. ERR_* if it is
 * not one (or is SNMPv3). */
int snmp_msg_peek_id(const uint8_t *bytes, size_t len, uint32_t *ret_request_id) MUST_USE;

#endif
