/* SPDX-License-Identifier: Apache-2.0
 * A datagram from a hostile printer: parsed, and every value in it read as every type. What was
 * believed must lie inside the datagram and be readable again. */
#include "proto/smi/snmpmsg.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void inside(const uint8_t *bytes, size_t len, const uint8_t *p, size_t n)
{
	if (n > len || p < bytes || p + n > bytes + len)
		abort();
}

static void read_every_way(const struct varbind *vb)
{
	int64_t i;
	uint64_t u;
	char text[64];
	struct oid_ber o;
	struct oid decoded;
	int is_integer = varbind_integer(vb, &i) == 0;
	if (is_integer && vb->type != BER_INTEGER)
		abort();
	if (varbind_unsigned(vb, &u) == 0 && is_integer && (uint64_t)i != u)
		abort();
	if (varbind_text(vb, text, sizeof text) >= (int)sizeof text)
		abort();
	if (varbind_oid(vb, &o) == 0 && oid_decode(&decoded, o) != 0)
		abort();
	/* A name that was accepted decodes, and encodes to the same bytes. */
	uint8_t again[5 * LIMIT_OID_SUBIDS];
	if (oid_decode(&decoded, vb->name) != 0)
		abort();
	int n = oid_encode(again, sizeof again, &decoded);
	if (n < 0 || !oid_ber_is_equal((struct oid_ber){again, (size_t)n}, vb->name))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct snmp_msg m;
	struct varbind vb[16];
	uint32_t id = 0;
	int peeked = snmp_msg_peek_id(bytes, len, &id);
	if (snmp_msg_parse(&m, vb, 16, bytes, len) < 0)
		return 0;
	if (peeked == 0 && id != (uint32_t)m.request_id)
		abort();
	inside(bytes, len, m.community, m.community_len);
	for (size_t i = 0; i < m.varbinds; i++) {
		inside(bytes, len, vb[i].name.p, vb[i].name.len);
		inside(bytes, len, vb[i].value, vb[i].len);
		read_every_way(&vb[i]);
		if (i > 0 && oid_ber_compare(vb[i - 1].name, vb[i].name) == 0 &&
			!oid_ber_is_equal(vb[i - 1].name, vb[i].name))
			abort();
	}
	return 0;
}
