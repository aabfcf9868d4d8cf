/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/snmpmsg.h"

#include <string.h>

/* ---- out -------------------------------------------------------------------------------- */

void snmp_question_begin(struct snmp_question *q, uint8_t pdu)
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

int snmp_question_add(
	struct snmp_question *q, struct oid_ber prefix, struct oid_ber tail, size_t max_bytes)
{
	size_t n = prefix.len + tail.len;
	if (n == 0 || n > LIMIT_OID_BER)
		return ERR_LIMIT;
	if (max_bytes > LIMIT_REQUEST_BYTES - LIMIT_COMMUNITY)
		max_bytes = LIMIT_REQUEST_BYTES - LIMIT_COMMUNITY;
	size_t list = q->list_len + null_varbind_bytes(n);
	if (q->oids == LIMIT_ASK_OIDS || MESSAGE_OVERHEAD + list > max_bytes)
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

struct oid_ber snmp_question_oid(const struct snmp_question *q, size_t i, size_t *ber_at)
{
	struct oid_ber o = {q->ber + *ber_at, q->oid_len[i]};
	*ber_at += o.len;
	return o;
}

/* Tag and definite length at p; returns what follows. */
static uint8_t *put_head(uint8_t *p, uint8_t tag, size_t len)
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

static size_t head_bytes(size_t len)
{
	return len < 128 ? 2 : len < 256 ? 3 : 4;
}

static uint8_t *put_small_int(uint8_t *p, uint16_t v)
{
	*p++ = BER_INTEGER;
	if (v < 0x80) {
		*p++ = 1;
	} else if (v < 0x8000) {
		*p++ = 2;
		*p++ = (uint8_t)(v >> 8);
	} else {
		*p++ = 3;
		*p++ = 0;
		*p++ = (uint8_t)(v >> 8);
	}
	*p++ = (uint8_t)v;
	return p;
}

static size_t small_int_bytes(uint16_t v)
{
	return v < 0x80 ? 3 : v < 0x8000 ? 4 : 5;
}

int snmp_msg_encode(uint8_t *dst, size_t cap, enum snmp_version version, const char *community,
	size_t community_len, uint32_t request_id, const struct snmp_question *q)
{
	size_t list = q->list_len;
	bool is_bulk = q->pdu == SNMP_GETBULK;
	uint16_t a = is_bulk ? q->non_repeaters : 0;
	uint16_t b = is_bulk ? q->max_repetitions : 0;
	size_t pdu = 6 + small_int_bytes(a) + small_int_bytes(b) + head_bytes(list) + list;
	size_t message = 3 + head_bytes(community_len) + community_len + head_bytes(pdu) + pdu;
	if (head_bytes(message) + message > cap || message > 0xffff)
		return ERR_FULL;
	uint8_t *p = put_head(dst, BER_SEQUENCE, message);
	*p++ = BER_INTEGER;
	*p++ = 1;
	*p++ = (uint8_t)version;
	p = put_head(p, BER_OCTETS, community_len);
	if (community_len > 0)
		memcpy(p, community, community_len);
	p += community_len;
	p = put_head(p, q->pdu, pdu);
	*p++ = BER_INTEGER;
	*p++ = 4;
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(request_id >> shift);
	p = put_small_int(p, a);
	p = put_small_int(p, b);
	p = put_head(p, BER_SEQUENCE, list);
	const uint8_t *ber = q->ber;
	for (size_t i = 0; i < q->oids; i++) {
		size_t n = q->oid_len[i];
		p = put_head(p, BER_SEQUENCE, (n < 128 ? 2 : 3) + n + 2);
		p = put_head(p, BER_OID, n);
		memcpy(p, ber, n);
		p += n;
		ber += n;
		*p++ = BER_NULL;
		*p++ = 0;
	}
	return (int)(p - dst);
}

/* ---- in --------------------------------------------------------------------------------- */

struct cursor {
	const uint8_t *p;
	const uint8_t *end;
};

/* One tag and length; *ret is the contents, which the cursor has passed. */
static int take(struct cursor *c, uint8_t *tag, struct cursor *ret)
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
		if ((size_t)(c->end - c->p) < n)
			return ERR_SHORT;
		for (len = 0; n > 0; n--)
			len = len << 8 | *c->p++;
	}
	if (len > (size_t)(c->end - c->p))
		return ERR_SHORT;
	ret->p = c->p;
	c->p += len;
	ret->end = c->p;
	return 0;
}

static int take_tag(struct cursor *c, uint8_t want, struct cursor *ret)
{
	uint8_t tag;
	int err = take(c, &tag, ret);
	if (err < 0)
		return err;
	return tag == want ? 0 : ERR_FORMAT;
}

static int take_int(struct cursor *c, int64_t *ret)
{
	struct cursor in;
	int err = take_tag(c, BER_INTEGER, &in);
	if (err < 0)
		return err;
	struct varbind vb = {.type = BER_INTEGER, .value = in.p, .len = (size_t)(in.end - in.p)};
	return varbind_integer(&vb, ret);
}

/* As far as the request-id; *pdu is left behind it. */
static int take_header(struct snmp_msg *m, const uint8_t *bytes, size_t len, struct cursor *pdu)
{
	struct cursor all = {bytes, bytes + len};
	struct cursor msg, community;
	int err = take_tag(&all, BER_SEQUENCE, &msg);
	if (err < 0)
		return err;
	if (all.p != all.end)
		return ERR_FORMAT;
	if ((err = take_int(&msg, &m->version)) < 0)
		return err;
	if (m->version != SNMP_V1 && m->version != SNMP_V2C)
		return ERR_VERSION;
	if ((err = take_tag(&msg, BER_OCTETS, &community)) < 0)
		return err;
	m->community = community.p;
	m->community_len = (size_t)(community.end - community.p);
	if ((err = take(&msg, &m->pdu, pdu)) < 0)
		return err;
	if (msg.p != msg.end || (m->pdu & 0xe0) != 0xa0)
		return ERR_FORMAT;
	return take_int(pdu, &m->request_id);
}

static int take_varbind(struct cursor *list, struct varbind *vb)
{
	struct cursor one, name, value;
	int err = take_tag(list, BER_SEQUENCE, &one);
	if (err < 0)
		return err;
	if ((err = take_tag(&one, BER_OID, &name)) < 0)
		return err;
	vb->name = (struct oid_ber){name.p, (size_t)(name.end - name.p)};
	if ((err = oid_ber_check(vb->name)) < 0)
		return err;
	if ((err = take(&one, &vb->type, &value)) < 0)
		return err;
	if (one.p != one.end)
		return ERR_FORMAT;
	vb->value = value.p;
	vb->len = (size_t)(value.end - value.p);
	return 0;
}

int snmp_msg_parse(
	struct snmp_msg *ret, struct varbind *vb, size_t max, const uint8_t *bytes, size_t len)
{
	struct cursor pdu, list;
	*ret = (struct snmp_msg){0};
	int err = take_header(ret, bytes, len, &pdu);
	if (err < 0)
		return err;
	if ((err = take_int(&pdu, &ret->error_status)) < 0)
		return err;
	if ((err = take_int(&pdu, &ret->error_index)) < 0)
		return err;
	/* Both are small numbers; wider ones would turn into others in an int. */
	if (ret->error_status < 0 || ret->error_status > INT32_MAX || ret->error_index < 0 ||
		ret->error_index > INT32_MAX)
		return ERR_RANGE;
	if ((err = take_tag(&pdu, BER_SEQUENCE, &list)) < 0)
		return err;
	if (pdu.p != pdu.end)
		return ERR_FORMAT;
	while (list.p != list.end) {
		struct varbind extra;
		bool is_kept = ret->varbinds < max;
		if ((err = take_varbind(&list, is_kept ? &vb[ret->varbinds] : &extra)) < 0)
			return err;
		if (is_kept)
			ret->varbinds++;
		else
			ret->dropped++;
	}
	return 0;
}

int snmp_msg_peek_id(const uint8_t *bytes, size_t len, uint32_t *ret_request_id)
{
	struct snmp_msg m;
	struct cursor pdu;
	int err = take_header(&m, bytes, len, &pdu);
	if (err < 0)
		return err;
	if (m.request_id < INT32_MIN || m.request_id > INT32_MAX)
		return ERR_RANGE;
	*ret_request_id = (uint32_t)m.request_id;
	return 0;
}
