/* SPDX-License-Identifier: Apache-2.0
 * A small SNMP agent for tests of the receive path: it parses a request, makes the response
 * from a recording, and encrypts and signs SNMPv3 messages, also those that a test has altered. It
 * has its own BER and USM (HMAC-SHA-256-192 and AES-128, by RFC 7860 and 3826), so that a mistake
 * of the product cannot appear at both ends.
 *
 * For each datagram: agent_read, then agent_respond (or agent_report), perhaps damage, then
 * agent_sign. There is nothing to close. */
#ifndef PLATEN_TESTS_HOSTILE_AGENT_H
#define PLATEN_TESTS_HOSTILE_AGENT_H

#include "proto/smi/request.h"
#include "proto/recording/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AGENT_BYTES = 8192,
	AGENT_ENGINE = 17,
	AGENT_KEY = 32,
	AGENT_DIGEST = 24, /* of the message: 192 bits */
	AGENT_FLAG_AUTH = 1,
	AGENT_FLAG_PRIV = 2,
	AGENT_FLAG_REPORTABLE = 4
};

/* The engine and the user of the agent, for SNMPv3. */
struct agent_engine {
	uint8_t id[AGENT_ENGINE];
	uint32_t boots, time;
	const char *user;
	uint8_t auth_key[AGENT_KEY], priv_key[AGENT_KEY]; /* localized */
	uint64_t salt;
};

/* A parsed request; holds no pointer into the datagram. */
struct agent_request {
	uint8_t version; /* enum snmp_version */
	uint8_t community_len;
	uint8_t community[LIMIT_COMMUNITY];
	uint32_t msg_id; /* SNMPv3, as the next ones */
	uint8_t flags;
	uint8_t engine_len; /* 0: the probe for the engineID */
	uint8_t engine[64];
	uint8_t user_len;
	uint8_t user[64];
	uint8_t context_len;
	uint8_t context[64];
	uint32_t id;
	struct snmp_request snmp;
};

/* engine->id, boots and time are set; makes the keys of the two passphrases. */
void agent_engine_init(struct agent_engine *e, const char *user, const char *auth_password,
	const char *priv_password);

/* `e` may be NULL where no SNMPv3 comes. False: not a request of ours, or its digest is wrong. */
bool agent_read(
	struct agent_request *ret, const struct agent_engine *e, const uint8_t *bytes, size_t len);

/* The correct response, with at most as many varbinds as fit; SNMPv3: not yet encrypted and signed,
 * the digest zero and the scopedPDU plain in its OCTET STRING. Returns the length. */
size_t agent_respond(uint8_t dst[AGENT_BYTES], const struct agent_request *r,
	const struct agent_engine *e, const struct recording *recording);

/* Its two steps: the contents of the varbind list, which depend on the request only ... */
size_t agent_list(
	uint8_t dst[AGENT_BYTES], const struct snmp_request *q, const struct recording *recording);

/* ... and the message around it: the list and the PDU may differ from the correct ones. */
size_t agent_message(uint8_t dst[AGENT_BYTES], const struct agent_request *r,
	const struct agent_engine *e, uint8_t pdu, const uint8_t *list, size_t list_len);

/* usmStats.`number`.0 = 1 as a REPORT: 2 not in time window, 3 unknown user, 4 unknown engineID, 5
 * wrong digest, 6 decryption error. With the flags of *r. */
size_t agent_report(uint8_t dst[AGENT_BYTES], const struct agent_request *r,
	const struct agent_engine *e, unsigned number);

/* Encrypts and signs in place, as `flags` say. Does what is possible with a damaged message; false
 * if it has no digest. */
bool agent_sign(const struct agent_engine *e, uint8_t flags, uint8_t *bytes, size_t len);

#endif
