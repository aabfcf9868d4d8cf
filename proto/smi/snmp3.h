/* SPDX-License-Identifier: Apache-2.0
 * SNMPv3 messages with the User-based Security Model, as bytes: RFC 3412 section 6, RFC 3414
 * section 2.4. Pure: no keys, no clock; engine/snmp/usm fills in digests and ciphers. */
#ifndef PLATEN_SMI_SNMP3_H
#define PLATEN_SMI_SNMP3_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/security.h"
#include "proto/smi/snmpmsg.h"

#include <stddef.h>
#include <stdint.h>

/* What is around the PDU. Lengths beyond the maxima above are ERR_LIMIT. */
struct snmp3_out {
	uint32_t msg_id; /* 31 bits, as request_id */
	uint32_t request_id;
	uint8_t flags;         /* SNMP3_FLAG_* */
	uint8_t auth_len;      /* usm_auth_bytes; 0 without SNMP3_FLAG_AUTH */
	uint8_t engine_id_len; /* 0 only in the probe */
	uint8_t user_len;
	uint8_t context_len;
	bool is_padded;           /* DES */
	const uint8_t *engine_id; /* msgAuthoritativeEngineID and contextEngineID */
	uint32_t boots, time;
	const char *user;
	const char *context;
	const uint8_t *salt; /* SNMP3_SALT bytes; with SNMP3_FLAG_PRIV */
};

/* Where in an encoded message the security model has its work. */
struct snmp3_at {
	uint16_t auth_at;   /* auth_len zeroes, to be replaced by the digest over the whole */
	uint16_t scoped_at; /* the scopedPDU, plain, to be encrypted in place if it is to be */
	uint16_t scoped_len;
};

/* Encodes into dst; returns the length, or ERR_FULL / ERR_LIMIT. */
int snmp3_encode(uint8_t *dst, size_t cap, const struct snmp3_out *o,
	const struct snmp_pdu_out *pdu, struct snmp3_at *ret_at) MUST_USE;

/* The most bytes that such a message has beyond a community message with the same PDU and an empty
 * community. */
size_t snmp3_overhead(const struct snmp3_out *o);

/* The probe of RFC 3414 section 4: no user, no engine, no varbinds, reportable. A printer answers
 * with a REPORT that tells its engineID, whoever asks. Length, or ERR_FULL. */
int snmp3_encode_probe(uint8_t *dst, size_t cap, uint32_t msg_id, uint32_t request_id) MUST_USE;

/* A message as it came, up to what may be encrypted. Pointers are into the bytes parsed. */
struct snmp3_msg {
	uint32_t msg_id;
	uint32_t max_size;
	uint8_t flags; /* AUTH, PRIV, REPORTABLE; PRIV without AUTH is refused */
	uint32_t boots, time;
	const uint8_t *engine_id, *user, *auth, *salt;
	uint8_t engine_id_len, user_len, auth_len, salt_len;
	const uint8_t *data; /* the scopedPDU with its header, or what it became by encryption */
	size_t data_len;
};

/* Checks every length before it is used, the security model (3), and that nothing follows.
 * 0, or ERR_SHORT / ERR_FORMAT / ERR_RANGE / ERR_LIMIT, ERR_VERSION (not SNMPv3), ERR_TYPE (another
 * security model). */
int snmp3_parse_head(struct snmp3_msg *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* Only msgID. ERR_VERSION if it is not SNMPv3. */
int snmp3_peek_id(const uint8_t *bytes, size_t len, uint32_t *ret_msg_id) MUST_USE;

struct snmp3_scope {
	const uint8_t *engine_id, *context;
	size_t engine_id_len, context_len;
};

/* The scopedPDU, in plain. Up to `padding` bytes may follow it. `ret` as by snmp_msg_parse, with
 * version 3 and no community. */
int snmp3_parse_scoped(struct snmp3_scope *scope, struct snmp_msg *ret, struct varbind *vb,
	size_t max, const uint8_t *bytes, size_t len, size_t padding) MUST_USE;

/* What a REPORT's varbinds say. */
enum usm_trouble snmp3_report(const struct varbind *vb, size_t count);

/* An answer to the probe, wholly: a REPORT without authentication that names an engine (5 to 32
 * bytes, RFC 3411). `head` then has msgID, engineID, boots and time; nothing of it is authentic. */
int snmp3_parse_probed(struct snmp3_msg *head, const uint8_t *bytes, size_t len) MUST_USE;

#endif
