/* SPDX-License-Identifier: Apache-2.0
 * What message.c and session.c share, in the types of libnetsnmp: they alone include its headers.
 */
#ifndef PLATEN_SNMP_LIBRARY_H
#define PLATEN_SNMP_LIBRARY_H

#include "engine/snmp/accept.h"
#include "engine/snmp/message.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

/* Macros of the library that are members of struct snmp_request. */
#undef non_repeaters
#undef max_repetitions

/* Room for what one datagram is decoded into. */
struct snmp_room {
	struct varbind varbinds[LIMIT_VARBINDS];
	uint8_t number[LIMIT_VARBINDS][8]; /* values of integer types, big-endian */
	uint8_t oid[4 * LIMIT_OID_BER];    /* values of type OBJECT IDENTIFIER */
	size_t oid_len;
	uint8_t plain[LIMIT_DATAGRAM]; /* a decrypted scopedPDU */
};

/* A v1 or v2c message into the library's pdu. 0, ERR_FORMAT, ERR_VERSION, ERR_TYPE, ERR_RANGE. */
int snmp_decode_community(
	struct snmp_incoming *in, netsnmp_pdu *pdu, uint8_t *bytes, size_t len) MUST_USE;

/* A plain scopedPDU, which up to `padding` bytes may follow. As above. */
int snmp_decode_scoped(struct snmp_incoming *in, netsnmp_pdu *pdu, uint8_t *bytes, size_t len,
	size_t padding) MUST_USE;

/* The pdu's variables as in->varbinds. `bytes` has what was decoded: names are views of it, values
 * are the library's. */
int snmp_view_variables(struct snmp_incoming *in, struct snmp_room *room, const netsnmp_pdu *pdu,
	const uint8_t *bytes, size_t len) MUST_USE;

#endif
