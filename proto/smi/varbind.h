/* SPDX-License-Identifier: Apache-2.0
 * One varbind as it lies in a datagram: nothing is copied, every pointer is into the bytes that
 * were received and is good only until the callback that brought it returns.
 * RFC 3416 (SNMPv2 protocol operations), RFC 2578 (types). */
#ifndef PLATEN_SMI_VARBIND_H
#define PLATEN_SMI_VARBIND_H

#include "proto/base/err.h"
#include "proto/smi/oid.h"

#include <stddef.h>
#include <stdint.h>

enum ber_type {
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_SEQUENCE = 0x30,
	BER_IPADDRESS = 0x40,
	BER_COUNTER32 = 0x41,
	BER_GAUGE32 = 0x42,
	BER_TIMETICKS = 0x43,
	BER_OPAQUE = 0x44,
	BER_COUNTER64 = 0x46,
	BER_NO_SUCH_OBJECT = 0x80,
	BER_NO_SUCH_INSTANCE = 0x81,
	BER_END_OF_MIB_VIEW = 0x82
};

struct varbind {
	struct oid_ber name;
	uint8_t type;         /* enum ber_type, or what else the peer sent */
	const uint8_t *value; /* contents bytes */
	size_t len;
};

/* Whether there is a value at all (not NULL, noSuchObject, noSuchInstance, endOfMibView). */
static inline bool varbind_has_value(const struct varbind *vb)
{
	return vb->type != BER_NULL && vb->type < BER_NO_SUCH_OBJECT;
}

/* INTEGER, two's complement, at most 8 bytes. ERR_TYPE for other types, ERR_RANGE if too wide. */
int varbind_integer(const struct varbind *vb, int64_t *ret) MUST_USE;

/* Counter32, Gauge32, TimeTicks, Counter64, and a non-negative INTEGER (some agents send those).
 * A 32-bit type with more than 32 bits, or a negative one, is ERR_RANGE. */
int varbind_unsigned(const struct varbind *vb, uint64_t *ret) MUST_USE;

/* OCTET STRING as scrubbed UTF-8 (core/str.h), cut to cap. Length, or ERR_TYPE. */
int varbind_text(const struct varbind *vb, char *dst, size_t cap) MUST_USE;

/* OBJECT IDENTIFIER, checked. 0, ERR_TYPE, or as oid_ber_check. */
int varbind_oid(const struct varbind *vb, struct oid_ber *ret) MUST_USE;

#endif
