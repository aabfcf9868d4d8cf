/* SPDX-License-Identifier: Apache-2.0
 * BER as SNMP uses it, for snmpmsg.c and snmp3.c: short definite lengths out; in, every length is
 * checked before it is used. Inline: this is what each datagram costs. */
#ifndef PLATEN_SMI_SNMP_INTERNAL_H
#define PLATEN_SMI_SNMP_INTERNAL_H

#include "proto/smi/snmpmsg.h"

#include <string.h>

/* ---- out -------------------------------------------------------------------------------- */

/* Tag and definite length at p; returns what follows. */
static inline uint8_t *ber_put_head(uint8_t *p, uint8_t tag, size_t len)
{
	*p++ = tag;
	if (len < 128) {
		*p++ = (uint8_t)len;
	} else if (len < 256) {
		*p++ = 0x81;
		*p++ = (uint8_t)len;
	} else {
		*p++ = 0x82;
		*p++ = (uint8_t)(len >> 8);
		*p++ = (uint8_t)len;
	}
	return p;
}

static inline size_t ber_head_bytes(size_t len)
{
	return len < 128 ? 2 : len < 256 ? 3 : 4;
}

/* Contents bytes of a number below 2^31. */
static inline size_t ber_uint_len(uint32_t v)
{
	return v < 0x80 ? 1 : v < 0x8000 ? 2 : v < 0x800000 ? 3 : 4;
}

static inline uint8_t *ber_put_uint(uint8_t *p, uint32_t v)
{
	size_t n = ber_uint_len(v);
	*p++ = BER_INTEGER;
	*p++ = (uint8_t)n;
	while (n-- > 0)
		*p++ = (uint8_t)(v >> 8 * n);
	return p;
}

static inline uint8_t *ber_put_octets(uint8_t *p, const void *bytes, size_t len)
{
	p = ber_put_head(p, BER_OCTETS, len);
	if (len > 0)
		memcpy(p, bytes, len);
	return p + len;
}

static inline size_t ber_octets_bytes(size_t len)
{
	return ber_head_bytes(len) + len;
}

/* ---- in --------------------------------------------------------------------------------- */

struct ber_cursor {
	const uint8_t *p;
	const uint8_t *end;
};

static inline size_t ber_left(const struct ber_cursor *c)
{
	return (size_t)(c->end - c->p);
}

/* One tag and length; *ret is the contents, which the cursor has passed. */
static inline int ber_take(struct ber_cursor *c, uint8_t *tag, struct ber_cursor *ret)
{
	if (c->end - c->p < 2)
		return ERR_SHORT;
	*tag = c->p[0];
	if ((*tag & 0x1f) == 0x1f)
		return ERR_FORMAT;
	size_t len = c->p[1];
	c->p += 2;
	if (len == 0x80)
		return ERR_FORMAT;
	if (len > 0x80) {
		size_t n = len & 0x7f;
		if (n > 4)
			return ERR_LIMIT;
		if (ber_left(c) < n)
			return ERR_SHORT;
		for (len = 0; n > 0; n--)
			len = len << 8 | *c->p++;
	}
	if (len > ber_left(c))
		return ERR_SHORT;
	ret->p = c->p;
	c->p += len;
	ret->end = c->p;
	return 0;
}

static inline int ber_take_tag(struct ber_cursor *c, uint8_t want, struct ber_cursor *ret)
{
	uint8_t tag;
	int err = ber_take(c, &tag, ret);
	if (err < 0)
		return err;
	return tag == want ? 0 : ERR_FORMAT;
}

static inline int ber_take_int(struct ber_cursor *c, int64_t *ret)
{
	struct ber_cursor in;
	int err = ber_take_tag(c, BER_INTEGER, &in);
	if (err < 0)
		return err;
	struct varbind vb = {.type = BER_INTEGER, .value = in.p, .len = ber_left(&in)};
	return varbind_integer(&vb, ret);
}

/* ---- PDUs (snmpmsg.c) ------------------------------------------------------------------- */

/* What an encoded PDU takes with this request-id. */
size_t snmp_pdu_bytes(const struct snmp_pdu_out *pdu, uint32_t request_id);
/* Writes it; there is room. Returns what follows. */
uint8_t *snmp_pdu_put(uint8_t *p, const struct snmp_pdu_out *pdu, uint32_t request_id);

/* Fills in all but version and community; nothing may follow in `in`. */
int snmp_pdu_take(
	struct snmp_msg *ret, struct varbind *vb, size_t max, struct ber_cursor *in) MUST_USE;

#endif
