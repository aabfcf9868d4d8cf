/* SPDX-License-Identifier: Apache-2.0
 * Whether a datagram is the response to a request: a pure function of the request, what libnetsnmp
 * and the security model made of the datagram, and where it came from. Deviations that devices are
 * known for are accepted (names left out, an error with an empty list, rows of one table in any
 * order); what only a forger sends is not. */
#ifndef PLATEN_SNMP_ACCEPT_H
#define PLATEN_SNMP_ACCEPT_H

#include "engine/snmp/message.h"
#include "engine/snmp/usm.h"

enum snmp_reason {
	SNMP_ACCEPTED,
	SNMP_MALFORMED,
	SNMP_OTHER_ID,
	SNMP_OTHER_SOURCE,
	SNMP_OTHER_VERSION,
	SNMP_OTHER_COMMUNITY,
	SNMP_OTHER_TYPE,
	SNMP_OTHER_NAMES,
	SNMP_OTHER_LEVEL,
	SNMP_OTHER_USER,
	SNMP_OTHER_ENGINE,
	SNMP_OTHER_CONTEXT,
	SNMP_WRONG_DIGEST,
	SNMP_WRONG_CIPHER,
	SNMP_GARBLED, /* authentic, decrypted, and no PDU: other privacy keys */
	SNMP_OUT_OF_WINDOW,
	SNMP_UNAUTHENTICATED_REPORT,
	SNMP_REPORT_OF_CLOCK, /* authentic: our clock of the engine is off */
	SNMP_REPORT_OF_ERROR, /* authentic: another error, or the response to a check */
	SNMP_PROBED,          /* the response to a probe */
	SNMP_REASONS
};

/* A datagram after its checks. Pointers are into it, or into the library's pdu. */
struct snmp_incoming {
	bool is_from_source; /* of the request, or one that the configuration names */
	uint8_t version;
	const uint8_t *community;
	size_t community_len;
	/* SNMPv3 */
	struct usm_message usm;
	bool is_authentic; /* valid HMAC by the keys of the request's device */
	bool is_decrypted; /* of a private one */
	bool is_probed;    /* usm_probed_parse accepts it */
	const uint8_t *scope_engine_id;
	const char *context;
	size_t scope_engine_id_len, context_len;
	/* As the library decoded them. */
	int err; /* 0, or why there is no PDU: ERR_FORMAT, ERR_VERSION, ERR_TYPE ... */
	uint8_t pdu;
	long request_id;
	int error_status, error_index;
	const struct varbind *varbinds;
	size_t count;
};

/* The names of a request: `count` OIDs in the bytes at `at`. */
struct snmp_names {
	const uint8_t *bytes;
	const uint16_t *at;
	const uint8_t *len;
	size_t count;
};

/* The message that a v3 request waits for. Communities only ever wait for a response. */
enum snmp_waiting {
	SNMP_WAITS_FOR_RESPONSE,
	SNMP_WAITS_FOR_ENGINE, /* a Report that names the engineID */
	SNMP_WAITS_FOR_KEYS    /* from WORKER_HASH */
};

struct snmp_expected {
	uint8_t version;
	uint8_t pdu;
	uint16_t non_repeaters;
	struct snmp_names names;
	uint32_t request_id;
	const char *community;
	size_t community_len;
	/* SNMPv3 */
	enum snmp_waiting waiting;
	uint8_t level;     /* SNMP3_FLAG_AUTH and _PRIV */
	uint32_t check_id; /* msgID of a check; 0: none */
	const struct usm_peer *usm;
	bool is_in_window; /* the message's clock against ours (usm_clock_is_within) */
};

enum snmp_reason snmp_accept(const struct snmp_expected *e, const struct snmp_incoming *in);

/* The error that a Report's varbinds name. */
enum usm_trouble usm_report_trouble(const struct varbind *vb, size_t count);

#endif
