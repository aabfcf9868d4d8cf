/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/request.h"

#include <string.h>

const char *snmp_version_text(unsigned version)
{
	return version == SNMP_V1 ? "1" : version == SNMP_V2C ? "2c" : "3";
}

void snmp_request_begin(struct snmp_request *q, uint8_t pdu)
{
	q->pdu = pdu;
	q->non_repeaters = 0;
	q->max_repetitions = 0;
	q->oids = 0;
	q->ber_len = 0;
	q->list_len = 0;
}

/* Bytes around the varbinds: sequence, version, community's header, PDU, id, two integers, list. */
enum { MESSAGE_OVERHEAD = 4 + 3 + 2 + 4 + 6 + 5 + 5 + 4 };

/* One varbind with a NULL: sequence header, OID header, OID, 05 00. */
static size_t null_varbind_bytes(size_t oid_len)
{
	size_t inner = (oid_len < 128 ? 2 : 3) + oid_len + 2;
	return (inner < 128 ? 2u : 3u) + inner;
}

int snmp_request_add(
	struct snmp_request *q, struct oid_ber prefix, struct oid_ber tail, size_t max_bytes)
{
	size_t n = prefix.len + tail.len;
	if (n == 0 || n > LIMIT_OID_BER)
		return ERR_LIMIT;
	if (max_bytes > LIMIT_REQUEST_BYTES - LIMIT_COMMUNITY)
		max_bytes = LIMIT_REQUEST_BYTES - LIMIT_COMMUNITY;
	size_t list = q->list_len + null_varbind_bytes(n);
	if (q->oids == LIMIT_REQUEST_OIDS || MESSAGE_OVERHEAD + list > max_bytes)
		return ERR_FULL;
	q->list_len = (uint16_t)list;
	if (prefix.len > 0)
		memcpy(q->ber + q->ber_len, prefix.p, prefix.len);
	if (tail.len > 0)
		memcpy(q->ber + q->ber_len + prefix.len, tail.p, tail.len);
	q->oid_len[q->oids++] = (uint8_t)n;
	q->ber_len = (uint16_t)(q->ber_len + n);
	return 0;
}

struct oid_ber snmp_request_oid(const struct snmp_request *q, size_t i, size_t *ber_at)
{
	struct oid_ber o = {q->ber + *ber_at, q->oid_len[i]};
	*ber_at += o.len;
	return o;
}
