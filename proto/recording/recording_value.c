/* SPDX-License-Identifier: Apache-2.0
 * Values from text to the contents bytes of their type. */
#include "proto/recording/recording_internal.h"

#include <string.h>

/* A decimal number; -2^63 is not supported. */
static int read_decimal(struct text t, bool *is_negative, uint64_t *ret)
{
	uint64_t v = 0;
	*is_negative = t.len > 0 && t.p[0] == '-';
	size_t i = *is_negative ? 1 : 0;
	if (i == t.len)
		return ERR_FORMAT;
	for (; i < t.len; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return ERR_FORMAT;
		unsigned digit = (unsigned)(t.p[i] - '0');
		if (v > (UINT64_MAX - digit) / 10)
			return ERR_RANGE;
		v = v * 10 + digit;
	}
	*ret = v;
	return 0;
}

/* Two's complement in the fewest bytes; an unsigned value gets a leading 0 if its first bit is set.
 */
static int put_integer(uint8_t *dst, bool is_negative, uint64_t v)
{
	uint64_t bits = is_negative ? 0 - v : v;
	uint8_t wide[9] = {is_negative && v > 0 ? 0xff : 0};
	for (int i = 0; i < 8; i++)
		wide[1 + i] = (uint8_t)(bits >> (56 - 8 * i));
	int skip = 0;
	while (skip < 8 && ((wide[skip] == 0 && wide[skip + 1] < 0x80) ||
				   (wide[skip] == 0xff && wide[skip + 1] >= 0x80)))
		skip++;
	memcpy(dst, wide + skip, (size_t)(9 - skip));
	return 9 - skip;
}

static int encode_number(uint8_t type, struct text value, uint8_t *dst)
{
	bool is_negative;
	uint64_t v;
	int err = read_decimal(value, &is_negative, &v);
	if (err < 0)
		return err;
	if (type == BER_INTEGER) {
		if (v > (is_negative ? 0x80000000u : 0x7fffffffu))
			return ERR_RANGE;
	} else if ((is_negative && v > 0) || (type != BER_COUNTER64 && v > UINT32_MAX)) {
		return ERR_RANGE;
	}
	return put_integer(dst, is_negative, v);
}

static int encode_ip(struct text value, uint8_t *dst)
{
	struct oid o;
	int err = oid_from(&o, value);
	if (err < 0 || value.p[0] == '.' || o.len != 4)
		return ERR_FORMAT;
	for (size_t i = 0; i < 4; i++) {
		if (o.sub[i] > 255)
			return ERR_RANGE;
		dst[i] = (uint8_t)o.sub[i];
	}
	return 4;
}

/* Encodes a value given as text: the length of the contents bytes, or ERR_FORMAT, ERR_RANGE. */
static int recording_encode(uint8_t type, struct text value, uint8_t *dst, size_t cap)
{
	struct oid o;
	int err;
	if (cap < 16)
		return ERR_FULL;
	switch (type) {
	case BER_INTEGER:
	case BER_COUNTER32:
	case BER_GAUGE32:
	case BER_TIMETICKS:
	case BER_COUNTER64:
		return encode_number(type, value, dst);
	case BER_IPADDRESS:
		return encode_ip(value, dst);
	case BER_OID:
		err = oid_from(&o, value);
		return err < 0 ? err : oid_encode(dst, cap, &o);
	case BER_NULL:
		return value.len == 0 ? 0 : ERR_FORMAT;
	default:
		return ERR_TYPE;
	}
}

int recording_add_text(
	struct recording_reader *r, const struct oid *name, uint8_t type, struct text value)
{
	uint8_t bytes[LIMIT_OID_SUBIDS * 5];
	if (type == BER_OCTETS || type == BER_OPAQUE)
		return recording_add(r, name, type, value.p, value.len);
	int n = recording_encode(type, value, bytes, sizeof bytes);
	if (n == ERR_RANGE)
		return recording_fail(r, n, "a number outside of its type's range");
	if (n < 0)
		return recording_fail(r, n, "the value is not of its type");
	return recording_add(r, name, type, bytes, (size_t)n);
}

int recording_hex(struct buf *out, struct text t, size_t *ret_used)
{
	size_t i = 0;
	for (;;) {
		size_t at = i;
		while (at < t.len && (t.p[at] == ' ' || t.p[at] == ':' || t.p[at] == '\t'))
			at++;
		/* A third digit: a word, not a byte. */
		if (at + 2 > t.len || str_hex_digit(t.p[at]) < 0 ||
			str_hex_digit(t.p[at + 1]) < 0 ||
			(at > i && at + 2 < t.len && str_hex_digit(t.p[at + 2]) >= 0 &&
				t.p[at + 2] != ' '))
			break;
		uint8_t byte = (uint8_t)(str_hex_digit(t.p[at]) << 4 | str_hex_digit(t.p[at + 1]));
		int err = buf_put(out, &byte, 1);
		if (err < 0)
			return err;
		i = at + 2;
	}
	*ret_used = i;
	return 0;
}

static bool is_plain_number(struct text t)
{
	size_t sign = t.len > 0 && t.p[0] == '-' ? 1 : 0;
	if (t.len == sign || t.len > 20)
		return false;
	for (size_t i = sign; i < t.len; i++)
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
	/* 007 is an identifier, not a number. */
	return t.len - sign == 1 || t.p[sign] != '0';
}

int recording_add_typeless(struct recording_reader *r, const struct oid *name,
	struct text name_text, struct text value)
{
	uint8_t bytes[LIMIT_OID_SUBIDS * 5];
	bool is_mac;
	uint8_t type = recording_type_of(name_text, &is_mac);
	if (is_mac && str_to_mac(bytes, value))
		return recording_add(r, name, BER_OCTETS, bytes, 6);
	if (type == 0 && is_plain_number(value))
		type = BER_INTEGER;
	if (type != 0 && type != BER_OCTETS) {
		/* A number too large for INTEGER becomes a gauge; other values become text. */
		static const uint8_t wider[] = {BER_GAUGE32, BER_COUNTER64};
		int n = recording_encode(type, value, bytes, sizeof bytes);
		for (size_t i = 0; n == ERR_RANGE && is_plain_number(value) && i < sizeof wider;
			i++) {
			type = wider[i];
			n = recording_encode(type, value, bytes, sizeof bytes);
		}
		if (n < 0 && is_plain_number(value)) {
			type = BER_INTEGER;
			n = recording_encode(type, value, bytes, sizeof bytes);
		}
		if (n >= 0)
			return recording_add(r, name, type, bytes, (size_t)n);
	}
	return recording_add(r, name, BER_OCTETS, value.p, value.len);
}
