/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/ber.h"

#include "proto/smi/varbind.h"

size_t ber_put_i64(uint8_t *dst, int64_t v)
{
	size_t n = 1;
	while (n < 8 && (v >> (8 * n - 1)) != 0 && (v >> (8 * n - 1)) != -1)
		n++;
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)((uint64_t)v >> (8 * (n - 1 - i)));
	return n;
}

size_t ber_put_u64(uint8_t *dst, uint64_t v)
{
	if (v <= INT64_MAX)
		return ber_put_i64(dst, (int64_t)v);
	dst[0] = 0;
	for (size_t i = 0; i < 8; i++)
		dst[1 + i] = (uint8_t)(v >> (56 - 8 * i));
	return 9;
}

int ber_take_any(struct ber_in *in, uint8_t *tag, struct ber_in *ret)
{
	size_t left = (size_t)(in->end - in->p);
	if (left < 2)
		return ERR_SHORT;
	size_t len = in->p[1];
	size_t at = 2;
	if (len >= 0x80) {
		size_t n = len & 0x7f;
		if (n == 0 || n > 4)
			return ERR_FORMAT;
		if (left - at < n)
			return ERR_SHORT;
		len = 0;
		for (size_t i = 0; i < n; i++)
			len = len << 8 | in->p[at++];
	}
	if (len > left - at)
		return ERR_SHORT;
	*tag = in->p[0];
	*ret = (struct ber_in){in->p + at, in->p + at + len};
	in->p = ret->end;
	return 0;
}

int ber_take(struct ber_in *in, uint8_t tag, struct ber_in *ret)
{
	struct ber_in keep = *in;
	uint8_t got;
	int err = ber_take_any(in, &got, ret);
	if (err == 0 && got != tag) {
		*in = keep;
		return ERR_TYPE;
	}
	return err;
}

int ber_take_i32(struct ber_in *in, int32_t *ret)
{
	struct ber_in v;
	int err = ber_take(in, BER_INTEGER, &v);
	if (err < 0)
		return err;
	size_t n = (size_t)(v.end - v.p);
	if (n == 0)
		return ERR_FORMAT;
	int64_t value = (v.p[0] & 0x80) != 0 ? -1 : 0;
	for (size_t i = 0; i < n; i++) {
		if (i >= 5)
			return ERR_RANGE;
		value = (int64_t)((uint64_t)value << 8 | v.p[i]);
	}
	if (value < INT32_MIN || value > INT32_MAX)
		return ERR_RANGE;
	*ret = (int32_t)value;
	return 0;
}
