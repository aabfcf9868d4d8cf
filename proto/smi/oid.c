/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/oid.h"

#include <endian.h>
#include <string.h>

int oid_from(struct oid *o, struct text text)
{
	const char *p = text.p, *end = p + text.len;
	o->len = 0;
	if (text.len > 0 && *p == '.')
		p++;
	for (;;) {
		if (p == end || *p < '0' || *p > '9')
			return ERR_FORMAT;
		uint64_t v = 0;
		while (p != end && *p >= '0' && *p <= '9') {
			v = v * 10 + (uint64_t)(*p++ - '0');
			if (v > UINT32_MAX)
				return ERR_RANGE;
		}
		if (o->len == LIMIT_OID_SUBIDS)
			return ERR_LIMIT;
		o->sub[o->len++] = (uint32_t)v;
		if (p == end)
			return 0;
		if (*p++ != '.')
			return ERR_FORMAT;
	}
}

int oid_from_text(struct oid *o, const char *text)
{
	return oid_from(o, text_of(text));
}

/* Decimal digits of v, backwards from end; returns where they begin. printf would be most of the
 * cost of a meter's source. */
static char *put_digits(char *end, uint32_t v)
{
	do {
		*--end = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	return end;
}

size_t oid_to_text(char *dst, size_t cap, const struct oid *o)
{
	size_t out = 0;
	if (cap == 0)
		return 0;
	for (size_t i = 0; i < o->len; i++) {
		char part[12];
		char *end = part + sizeof part;
		char *at = put_digits(end, o->sub[i]);
		if (i > 0)
			*--at = '.';
		size_t n = (size_t)(end - at);
		if (out + n >= cap)
			break;
		memcpy(dst + out, at, n);
		out += n;
	}
	dst[out] = '\0';
	return out;
}

bool oid_has_prefix(const struct oid *o, const struct oid *prefix)
{
	return o->len >= prefix->len &&
	       memcmp(o->sub, prefix->sub, prefix->len * sizeof prefix->sub[0]) == 0;
}

size_t oid_put_sub(uint8_t *dst, uint32_t sub)
{
	size_t n = sub < 1u << 7    ? 1
		   : sub < 1u << 14 ? 2
		   : sub < 1u << 21 ? 3
		   : sub < 1u << 28 ? 4
				    : 5;
	for (size_t i = n; i-- > 0; sub >>= 7)
		dst[i] = (uint8_t)((sub & 0x7f) | (i == n - 1 ? 0 : 0x80));
	return n;
}

int oid_encode(uint8_t *dst, size_t cap, const struct oid *o)
{
	if (o->len < 2 || o->sub[0] > 2 || (o->sub[0] < 2 && o->sub[1] > 39) ||
		o->sub[1] > UINT32_MAX - 80)
		return ERR_RANGE;
	size_t out = 0;
	for (size_t i = 1; i < o->len; i++) {
		uint8_t part[5];
		size_t n = oid_put_sub(part, i == 1 ? o->sub[0] * 40 + o->sub[1] : o->sub[i]);
		if (n > cap - out)
			return ERR_FULL;
		memcpy(dst + out, part, n);
		out += n;
	}
	return (int)out;
}

/* A sub-identifier of two bytes or more. */
static int next_long_sub(const uint8_t *p, size_t len, size_t *at, uint32_t *sub)
{
	uint64_t v = 0;
	if (p[*at] == 0x80)
		return ERR_FORMAT;
	while (*at < len) {
		uint8_t c = p[(*at)++];
		v = v << 7 | (c & 0x7f);
		if (v > UINT32_MAX)
			return ERR_RANGE;
		if ((c & 0x80) == 0) {
			*sub = (uint32_t)v;
			return 0;
		}
	}
	return ERR_FORMAT;
}

/* The next sub-identifier at *at, which moves on. 0, ERR_FORMAT or ERR_RANGE. Most are one byte. */
static inline int next_sub(const uint8_t *p, size_t len, size_t *at, uint32_t *sub)
{
	uint8_t c = p[*at];
	if ((c & 0x80) != 0)
		return next_long_sub(p, len, at, sub);
	*sub = c;
	++*at;
	return 0;
}

int oid_decode(struct oid *o, struct oid_ber ber)
{
	o->len = 0;
	for (size_t at = 0; at < ber.len;) {
		uint32_t sub;
		int err = next_sub(ber.p, ber.len, &at, &sub);
		if (err < 0)
			return err;
		if (o->len == LIMIT_OID_SUBIDS)
			return ERR_LIMIT;
		if (o->len == 0) {
			o->sub[0] = sub < 80 ? sub / 40 : 2;
			o->sub[1] = sub - o->sub[0] * 40;
			o->len = 2;
		} else {
			o->sub[o->len++] = sub;
		}
	}
	return o->len == 0 ? ERR_FORMAT : 0;
}

/* Every name of every answer goes through here: sub-identifiers of one byte are passed eight at a
 * time. */
int oid_ber_check(struct oid_ber ber)
{
	size_t subs = 1;
	for (size_t at = 0; at < ber.len;) {
		uint64_t eight, high;
		while (ber.len - at >= sizeof eight) {
			memcpy(&eight, ber.p + at, sizeof eight);
			high = le64toh(eight) & UINT64_C(0x8080808080808080);
			size_t ones = high == 0 ? sizeof eight : (size_t)__builtin_ctzll(high) / 8;
			at += ones;
			subs += ones;
			if (high != 0)
				break;
		}
		uint32_t sub;
		if (at == ber.len)
			break;
		int err = next_sub(ber.p, ber.len, &at, &sub);
		if (err < 0)
			return err;
		subs++;
	}
	if (ber.len == 0)
		return ERR_FORMAT;
	return subs > LIMIT_OID_SUBIDS ? ERR_LIMIT : 0;
}

int oid_ber_compare(struct oid_ber a, struct oid_ber b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	size_t i = 0;
	while (i < n && a.p[i] == b.p[i])
		i++;
	if (i == n)
		return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
	/* The first difference lies inside a sub-identifier. The one with
	 * more bytes is the larger number, as neither is padded; equal lengths compare by byte. */
	size_t na = i, nb = i;
	while (na < a.len && (a.p[na] & 0x80) != 0)
		na++;
	while (nb < b.len && (b.p[nb] & 0x80) != 0)
		nb++;
	if (na != nb)
		return na < nb ? -1 : 1;
	return a.p[i] < b.p[i] ? -1 : 1;
}

int oid_ber_tail(uint32_t *sub, size_t max, const uint8_t *p, size_t len)
{
	size_t n = 0;
	for (size_t at = 0; at < len;) {
		if (n == max)
			return ERR_LIMIT;
		int err = next_sub(p, len, &at, &sub[n]);
		if (err < 0)
			return err;
		n++;
	}
	return (int)n;
}
