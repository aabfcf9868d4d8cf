/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/snmp_internal.h"

/* ---- out -------------------------------------------------------------------------------- */

static uint8_t *put_list(uint8_t *p, const struct snmp_request *q)
{
	const uint8_t *ber = q->ber;
	for (size_t i = 0; i < q->oids; i++) {
		size_t n = q->oid_len[i];
		p = ber_put_head(p, BER_SEQUENCE, (n < 128 ? 2 : 3) + n + 2);
		p = ber_put_head(p, BER_OID, n);
		memcpy(p, ber, n);
		p += n;
		ber += n;
		*p++ = BER_NULL;
		*p++ = 0;
	}
	return p;
}

int snmp_question_list(
	uint8_t *dst, size_t cap, const struct snmp_request *q, struct snmp_pdu_out *ret)
{
	if (q->list_len > cap)
		return ERR_FULL;
	bool is_bulk = q->pdu == SNMP_GETBULK;
	*ret = (struct snmp_pdu_out){.pdu = q->pdu,
		.a = is_bulk ? q->non_repeaters : 0,
		.b = is_bulk ? q->max_repetitions : 0,
		.list_len = q->list_len,
		.list = dst};
	return (int)(put_list(dst, q) - dst);
}

static size_t pdu_inner(const struct snmp_pdu_out *pdu, uint32_t request_id)
{
	return 2 + ber_uint_len(request_id) + 2 + ber_uint_len(pdu->a) + 2 + ber_uint_len(pdu->b) +
	       ber_head_bytes(pdu->list_len) + pdu->list_len;
}

size_t snmp_pdu_bytes(const struct snmp_pdu_out *pdu, uint32_t request_id)
{
	size_t inner = pdu_inner(pdu, request_id);
	return ber_head_bytes(inner) + inner;
}

/* As far as the varbinds. */
static uint8_t *put_pdu_head(uint8_t *p, const struct snmp_pdu_out *pdu, uint32_t request_id)
{
	p = ber_put_head(p, pdu->pdu, pdu_inner(pdu, request_id));
	p = ber_put_uint(p, request_id);
	p = ber_put_uint(p, pdu->a);
	p = ber_put_uint(p, pdu->b);
	return ber_put_head(p, BER_SEQUENCE, pdu->list_len);
}

uint8_t *snmp_pdu_put(uint8_t *p, const struct snmp_pdu_out *pdu, uint32_t request_id)
{
	p = put_pdu_head(p, pdu, request_id);
	if (pdu->list_len > 0)
		memcpy(p, pdu->list, pdu->list_len);
	return p + pdu->list_len;
}

int snmp_msg_encode(uint8_t *dst, size_t cap, enum snmp_version version, const char *community,
	size_t community_len, uint32_t request_id, const struct snmp_request *q)
{
	bool is_bulk = q->pdu == SNMP_GETBULK;
	struct snmp_pdu_out pdu = {.pdu = q->pdu,
		.a = is_bulk ? q->non_repeaters : 0,
		.b = is_bulk ? q->max_repetitions : 0,
		.list_len = q->list_len};
	size_t message = 3 + ber_octets_bytes(community_len) + snmp_pdu_bytes(&pdu, request_id);
	if (ber_head_bytes(message) + message > cap || message > 0xffff)
		return ERR_FULL;
	uint8_t *p = ber_put_head(dst, BER_SEQUENCE, message);
	p = ber_put_uint(p, (uint32_t)version);
	p = ber_put_octets(p, community, community_len);
	p = put_pdu_head(p, &pdu, request_id);
	return (int)(put_list(p, q) - dst);
}

bool snmp_list_next(const uint8_t **p, const uint8_t *end, struct oid_ber *ret)
{
	if (*p == end)
		return false;
	struct ber_cursor list = {*p, end}, one, name;
	if (ber_take_tag(&list, BER_SEQUENCE, &one) < 0 || ber_take_tag(&one, BER_OID, &name) < 0)
		return false;
	*p = list.p;
	*ret = (struct oid_ber){name.p, ber_left(&name)};
	return true;
}

/* ---- in --------------------------------------------------------------------------------- */

static int take_varbind(struct ber_cursor *list, struct varbind *vb)
{
	struct ber_cursor one, name, value;
	int err = ber_take_tag(list, BER_SEQUENCE, &one);
	if (err < 0)
		return err;
	if ((err = ber_take_tag(&one, BER_OID, &name)) < 0)
		return err;
	vb->name = (struct oid_ber){name.p, ber_left(&name)};
	if ((err = oid_ber_check(vb->name)) < 0)
		return err;
	if ((err = ber_take(&one, &vb->type, &value)) < 0)
		return err;
	if (one.p != one.end)
		return ERR_FORMAT;
	vb->value = value.p;
	vb->len = ber_left(&value);
	return 0;
}

/* Tag and request-id of the PDU that `in` consists of; *pdu is left behind them. */
static int take_pdu_head(struct snmp_msg *m, struct ber_cursor *in, struct ber_cursor *pdu)
{
	int err = ber_take(in, &m->pdu, pdu);
	if (err < 0)
		return err;
	if (in->p != in->end || (m->pdu & 0xe0) != 0xa0)
		return ERR_FORMAT;
	return ber_take_int(pdu, &m->request_id);
}

static int take_pdu_rest(struct snmp_msg *m, struct varbind *vb, size_t max, struct ber_cursor *pdu)
{
	struct ber_cursor list;
	int err = ber_take_int(pdu, &m->error_status);
	if (err < 0)
		return err;
	if ((err = ber_take_int(pdu, &m->error_index)) < 0)
		return err;
	/* Both are small numbers; wider ones would turn into others in an int. */
	if (m->error_status < 0 || m->error_status > INT32_MAX || m->error_index < 0 ||
		m->error_index > INT32_MAX)
		return ERR_RANGE;
	if ((err = ber_take_tag(pdu, BER_SEQUENCE, &list)) < 0)
		return err;
	if (pdu->p != pdu->end)
		return ERR_FORMAT;
	while (list.p != list.end) {
		struct varbind extra;
		bool is_kept = m->varbinds < max;
		if ((err = take_varbind(&list, is_kept ? &vb[m->varbinds] : &extra)) < 0)
			return err;
		if (is_kept)
			m->varbinds++;
		else
			m->dropped++;
	}
	return 0;
}

int snmp_pdu_take(struct snmp_msg *ret, struct varbind *vb, size_t max, struct ber_cursor *in)
{
	struct ber_cursor pdu;
	int err = take_pdu_head(ret, in, &pdu);
	return err < 0 ? err : take_pdu_rest(ret, vb, max, &pdu);
}

/* As far as the request-id; *pdu is left behind it. */
static int take_header(struct snmp_msg *m, const uint8_t *bytes, size_t len, struct ber_cursor *pdu)
{
	struct ber_cursor all = {bytes, bytes + len};
	struct ber_cursor msg, community;
	int err = ber_take_tag(&all, BER_SEQUENCE, &msg);
	if (err < 0)
		return err;
	if (all.p != all.end)
		return ERR_FORMAT;
	if ((err = ber_take_int(&msg, &m->version)) < 0)
		return err;
	if (m->version != SNMP_V1 && m->version != SNMP_V2C)
		return ERR_VERSION;
	if ((err = ber_take_tag(&msg, BER_OCTETS, &community)) < 0)
		return err;
	m->community = community.p;
	m->community_len = ber_left(&community);
	return take_pdu_head(m, &msg, pdu);
}

int snmp_msg_parse(
	struct snmp_msg *ret, struct varbind *vb, size_t max, const uint8_t *bytes, size_t len)
{
	struct ber_cursor pdu;
	*ret = (struct snmp_msg){0};
	int err = take_header(ret, bytes, len, &pdu);
	return err < 0 ? err : take_pdu_rest(ret, vb, max, &pdu);
}

int snmp_msg_peek_id(const uint8_t *bytes, size_t len, uint32_t *ret_request_id)
{
	struct snmp_msg m;
	struct ber_cursor pdu;
	int err = take_header(&m, bytes, len, &pdu);
	if (err < 0)
		return err;
	if (m.request_id < INT32_MIN || m.request_id > INT32_MAX)
		return ERR_RANGE;
	*ret_request_id = (uint32_t)m.request_id;
	return 0;
}
