/* SPDX-License-Identifier: Apache-2.0
 * SNMPv1 and SNMPv2c messages: requests out, responses in. Bytes and structs only; used inside
 * libnetsnmp's build and parse hooks by engine/snmp/snmp_client. RFC 1157, RFC 1901, RFC 3416.
 * SNMPv3 puts the same PDUs into another envelope: snmp3.h. */
#ifndef PLATEN_SMI_SNMPMSG_H
#define PLATEN_SMI_SNMPMSG_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/request.h"
#include "proto/smi/varbind.h"

#include <stddef.h>
#include <stdint.h>

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
