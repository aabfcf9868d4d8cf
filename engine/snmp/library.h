/* SPDX-License-Identifier: Apache-2.0
 * Shared by message.c and session.c, in the types of libnetsnmp: they alone include its headers.
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

/* The decoded form of one datagram. */
struct snmp_decoded {
	struct varbind varbinds[LIMIT_VARBINDS + 1]; /* the last one: those beyond the limit */
	uint8_t number[LIMIT_VARBINDS + 1][8];       /* values of integer types, big-endian */
};

/* Below, `kept` is added to a pointer into `bytes` for a view of it: the library's copy of a
 * datagram is gone when an owner looks at the variables. */

/* A v1 or v2c message into the library's pdu. 0, ERR_FORMAT, ERR_VERSION, ERR_TYPE, ERR_RANGE. */
int snmp_decode_community(struct snmp_incoming *in, netsnmp_pdu *pdu, struct snmp_decoded *d,
	uint8_t *bytes, size_t len, ptrdiff_t kept) MUST_USE;

/* A plain scopedPDU, which up to `padding` bytes may follow. As above. */
int snmp_decode_scoped(struct snmp_incoming *in, netsnmp_pdu *pdu, struct snmp_decoded *d,
	uint8_t *bytes, size_t len, ptrdiff_t kept, size_t padding) MUST_USE;

/* A list of variable bindings, to in->varbinds. 0 or ERR_FORMAT. */
int snmp_decode_variables(struct snmp_incoming *in, struct snmp_decoded *d, u_char *p, size_t len,
	ptrdiff_t kept) MUST_USE;

/* The bytes of a header that the library has decoded. */
static inline size_t snmp_header_len(const u_char *p)
{
	return p[1] < 0x80 ? 2 : 2 + (p[1] & 0x7fu);
}

/* Whether the library decodes the contents of an integer type to the number that they are. */
bool snmp_is_exact(u_char type, const u_char *value, size_t len);

#endif
