/* SPDX-License-Identifier: Apache-2.0
 * SNMP messages as bytes, encoded and decoded by libnetsnmp: SNMPv1 and v2c (RFC 1157, RFC 1901),
 * the SNMPv3 envelope with its USM parameters (RFC 3412 section 6, RFC 3414 section 2.4), PDUs (RFC
 * 3416). No keys and no clock: usm_keys.c encrypts and signs. */
#ifndef PLATEN_SNMP_MESSAGE_H
#define PLATEN_SNMP_MESSAGE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/smi/request.h"
#include "proto/smi/security.h"
#include "proto/smi/varbind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- out -------------------------------------------------------------------------------- */

/* Encodes into dst; the length, or ERR_LIMIT if it does not fit. name_at may be NULL; else
 * name_at[i] is where in dst the i-th OID lies. */
int snmp_message_encode(uint8_t *dst, size_t cap, uint8_t version, const char *community,
	size_t community_len, uint32_t request_id, const struct snmp_request *q,
	uint16_t *name_at) MUST_USE;

/* The envelope of SNMPv3. Lengths beyond the limits of security.h are ERR_LIMIT. */
struct usm_envelope {
	uint32_t msg_id;       /* 31 bits */
	uint8_t flags;         /* SNMP3_FLAG_* */
	uint8_t auth_len;      /* usm_auth_bytes; 0 without SNMP3_FLAG_AUTH */
	uint8_t engine_id_len; /* 0 only in the probe */
	uint8_t user_len;
	uint32_t boots, time;
	const uint8_t *engine_id;
	const char *user;
	const uint8_t *salt; /* SNMP3_SALT bytes; with SNMP3_FLAG_PRIV */
};

/* The scopedPDU in plain; q NULL: a GET of nothing, as the probe of RFC 3414 section 4 has it. */
int snmp_scoped_encode(uint8_t *dst, size_t cap, const struct usm_envelope *e, const char *context,
	size_t context_len, uint32_t request_id, const struct snmp_request *q) MUST_USE;

/* The message around `data`, a scopedPDU or what it became by encryption. *auth_at is where
 * auth_len zeroes wait for the digest of the whole. */
int snmp_envelope_encode(uint8_t *dst, size_t cap, const struct usm_envelope *e,
	const uint8_t *data, size_t data_len, size_t *auth_at) MUST_USE;

/* The probe: no user, no engine, no varbinds, reportable. A device sends a Report that names
 * its engineID, without a credential. */
int snmp_probe_encode(uint8_t *dst, size_t cap, uint32_t msg_id, uint32_t request_id) MUST_USE;

/* The most bytes that an envelope has beyond a community message with an empty community. */
size_t snmp_envelope_overhead(const struct usm_envelope *e, size_t context_len, bool is_padded);

/* ---- in --------------------------------------------------------------------------------- */

/* By what a datagram finds its request: the request-id of v1 and v2c, the msgID of v3. ERR_* if it
 * is no SNMP message. */
int snmp_message_peek(
	const uint8_t *bytes, size_t len, uint8_t *ret_version, uint32_t *ret_id) MUST_USE;

/* The envelope of a v3 message. Pointers are into the bytes parsed. */
struct usm_message {
	uint32_t msg_id;
	uint8_t flags; /* AUTH, PRIV, REPORTABLE */
	uint32_t boots, time;
	const uint8_t *engine_id, *user, *auth, *salt;
	uint8_t engine_id_len, user_len, auth_len, salt_len;
	const uint8_t *data; /* the scopedPDU with its header, or what it became by encryption */
	size_t data_len;
};

/* 0, or ERR_FORMAT, ERR_VERSION (not SNMPv3), ERR_TYPE (another security model). */
int usm_message_parse(struct usm_message *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* A response to the probe: an unauthenticated Report of an engineID of 5 to 32 bytes (RFC 3411).
 * 0, or ERR_TYPE (something else), ERR_FORMAT. */
int usm_probed_parse(struct usm_message *ret, const uint8_t *bytes, size_t len) MUST_USE;

/* A response without its varbinds, for a sender that keeps no state of its requests. */
struct snmp_response_head {
	uint8_t version; /* SNMP_V1 or SNMP_V2C */
	uint32_t request_id;
	const uint8_t *community; /* in the bytes parsed */
	size_t community_len;
};

/* The whole message is decoded. 0, ERR_FORMAT, ERR_VERSION, ERR_TYPE (no response), ERR_RANGE. */
int snmp_response_head_parse(
	struct snmp_response_head *ret, const uint8_t *bytes, size_t len) MUST_USE;

#endif
