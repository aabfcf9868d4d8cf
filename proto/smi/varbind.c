/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/varbind.h"

#include "proto/base/str.h"

#include <endian.h>
#include <string.h>

int varbind_integer(const struct varbind *vb, int64_t *ret)
{
	if (vb->type != BER_INTEGER)
		return ERR_TYPE;
	if (vb->len == 0 || vb->len > 8)
		return ERR_RANGE;
	if (vb->len == sizeof *ret) { /* as the receive path delivers every INTEGER */
		uint64_t whole;
		memcpy(&whole, vb->value, sizeof whole);
		*ret = (int64_t)be64toh(whole);
		return 0;
	}
	uint64_t v = (vb->value[0] & 0x80) != 0 ? UINT64_MAX : 0;
	for (size_t i = 0; i < vb->len; i++)
		v = v << 8 | vb->value[i];
	*ret = (int64_t)v;
	return 0;
}

int varbind_unsigned(const struct varbind *vb, uint64_t *ret)
{
	if (vb->type == BER_INTEGER) {
		int64_t v;
		int err = varbind_integer(vb, &v);
		if (err < 0)
			return err;
		if (v < 0)
			return ERR_RANGE;
		*ret = (uint64_t)v;
		return 0;
	}
	if (vb->type != BER_COUNTER32 && vb->type != BER_GAUGE32 && vb->type != BER_TIMETICKS &&
		vb->type != BER_COUNTER64)
		return ERR_TYPE;
	const uint8_t *p = vb->value;
	size_t len = vb->len;
	if (len == 0 || len > 9)
		return ERR_RANGE;
	uint64_t v = 0;
	/* Some agents forget the leading zero, so a top bit is taken as part of the number only
	 * where the type has room for it: 4 bytes of a 32-bit type, 8 of Counter64. */
	size_t width = vb->type == BER_COUNTER64 ? 8 : 4;
	if (len > width && (len > width + 1 || p[0] != 0))
		return ERR_RANGE;
	if (len < width && (p[0] & 0x80) != 0)
		return ERR_RANGE;
	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	*ret = v;
	return 0;
}

int varbind_text(const struct varbind *vb, char *dst, size_t cap)
{
	if (vb->type != BER_OCTETS)
		return ERR_TYPE;
	return (int)str_scrub(dst, cap, vb->value, vb->len);
}

int varbind_oid(const struct varbind *vb, struct oid_ber *ret)
{
	if (vb->type != BER_OID)
		return ERR_TYPE;
	*ret = (struct oid_ber){vb->value, vb->len};
	return oid_ber_check(*ret);
}
