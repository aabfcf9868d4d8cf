/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/snmp3.h"

#include "proto/smi/snmp_internal.h"

/* RFC 3411: the number of the User-based Security Model, and the shortest engineID. */
enum { SECURITY_MODEL_USM = 3, ENGINE_ID_MIN = 5 };

/* ---- out -------------------------------------------------------------------------------- */

/* The largest message that we take: what a printer may answer with. */
enum { MAX_SIZE = LIMIT_DATAGRAM };

/* The parts of a message, from the inside out. */
struct sizes {
	size_t scoped;  /* contents of the scopedPDU */
	size_t data;    /* scopedPDU with its header, and padding */
	size_t usm;     /* contents of the USM parameters */
	size_t global;  /* contents of msgGlobalData */
	size_t message; /* contents of all */
};

static void measure(struct sizes *s, const struct snmp3_out *o, const struct snmp_pdu_out *pdu)
{
	bool is_private = (o->flags & SNMP3_FLAG_PRIV) != 0;
	s->scoped = ber_octets_bytes(o->engine_id_len) + ber_octets_bytes(o->context_len) +
		    snmp_pdu_bytes(pdu, o->request_id);
	s->data = ber_head_bytes(s->scoped) + s->scoped;
	if (is_private && o->is_padded)
		s->data = (s->data + SNMP3_PADDING - 1) / SNMP3_PADDING * SNMP3_PADDING;
	s->usm = ber_octets_bytes(o->engine_id_len) + 2 + ber_uint_len(o->boots) + 2 +
		 ber_uint_len(o->time) + ber_octets_bytes(o->user_len) +
		 ber_octets_bytes(o->auth_len) + ber_octets_bytes(is_private ? SNMP3_SALT : 0);
	s->global = 2 + ber_uint_len(o->msg_id) + 2 + ber_uint_len(MAX_SIZE) + 3 + 3;
	s->message = 3 + ber_octets_bytes(s->global) + ber_octets_bytes(ber_octets_bytes(s->usm)) +
		     (is_private ? ber_octets_bytes(s->data) : s->data);
}

static uint8_t *put_head(uint8_t *p, const struct sizes *s, const struct snmp3_out *o)
{
	p = ber_put_head(p, BER_SEQUENCE, s->message);
	p = ber_put_uint(p, SNMP_V3);
	p = ber_put_head(p, BER_SEQUENCE, s->global);
	p = ber_put_uint(p, o->msg_id);
	p = ber_put_uint(p, MAX_SIZE);
	p = ber_put_octets(p, &o->flags, 1);
	return ber_put_uint(p, SECURITY_MODEL_USM);
}

/* Returns what follows; *auth is where the digest belongs. */
static uint8_t *put_usm(
	uint8_t *p, const struct sizes *s, const struct snmp3_out *o, uint8_t **auth)
{
	static const uint8_t zeroes[SNMP3_AUTH_MAX];
	p = ber_put_head(p, BER_OCTETS, ber_octets_bytes(s->usm));
	p = ber_put_head(p, BER_SEQUENCE, s->usm);
	p = ber_put_octets(p, o->engine_id, o->engine_id_len);
	p = ber_put_uint(p, o->boots);
	p = ber_put_uint(p, o->time);
	p = ber_put_octets(p, o->user, o->user_len);
	p = ber_put_octets(p, zeroes, o->auth_len);
	*auth = p - o->auth_len;
	return ber_put_octets(p, o->salt, (o->flags & SNMP3_FLAG_PRIV) != 0 ? SNMP3_SALT : 0);
}

static uint8_t *put_scoped(uint8_t *p, const struct sizes *s, const struct snmp3_out *o,
	const struct snmp_pdu_out *pdu)
{
	const uint8_t *end = p + s->data;
	p = ber_put_head(p, BER_SEQUENCE, s->scoped);
	p = ber_put_octets(p, o->engine_id, o->engine_id_len);
	p = ber_put_octets(p, o->context, o->context_len);
	p = snmp_pdu_put(p, pdu, o->request_id);
	while (p < end)
		*p++ = 0;
	return p;
}

int snmp3_encode(uint8_t *dst, size_t cap, const struct snmp3_out *o,
	const struct snmp_pdu_out *pdu, struct snmp3_at *ret_at)
{
	if (o->engine_id_len > SNMP3_ENGINE_ID || o->user_len > SNMP3_USER ||
		o->context_len > SNMP3_CONTEXT || o->auth_len > SNMP3_AUTH_MAX)
		return ERR_LIMIT;
	struct sizes s;
	measure(&s, o, pdu);
	if (ber_head_bytes(s.message) + s.message > cap || s.message > 0xffff)
		return ERR_FULL;
	uint8_t *auth;
	uint8_t *p = put_usm(put_head(dst, &s, o), &s, o, &auth);
	if ((o->flags & SNMP3_FLAG_PRIV) != 0)
		p = ber_put_head(p, BER_OCTETS, s.data);
	*ret_at = (struct snmp3_at){.auth_at = (uint16_t)(auth - dst),
		.scoped_at = (uint16_t)(p - dst),
		.scoped_len = (uint16_t)s.data};
	return (int)(put_scoped(p, &s, o, pdu) - dst);
}

size_t snmp3_overhead(const struct snmp3_out *o)
{
	/* The widest: ids, boots and time of 4 bytes, two-byte lengths around a PDU of any size. */
	struct snmp3_out widest = *o;
	widest.msg_id = widest.boots = widest.time = 0x7fffffff;
	struct snmp_pdu_out none = {.pdu = SNMP_GET};
	struct sizes s;
	measure(&s, &widest, &none);
	size_t pdu = snmp_pdu_bytes(&none, o->request_id);
	size_t longer_heads = 2 * 4, padding = o->is_padded ? SNMP3_PADDING : 0;
	return s.message - 3 - ber_octets_bytes(0) - pdu + longer_heads + padding;
}

int snmp3_encode_probe(uint8_t *dst, size_t cap, uint32_t msg_id, uint32_t request_id)
{
	struct snmp3_out o = {
		.msg_id = msg_id, .request_id = request_id, .flags = SNMP3_FLAG_REPORTABLE};
	struct snmp_pdu_out none = {.pdu = SNMP_GET};
	struct snmp3_at at;
	return snmp3_encode(dst, cap, &o, &none, &at);
}

/* ---- in --------------------------------------------------------------------------------- */

/* 0 .. 2^31 - 1, as every number of the envelope is. */
static int take_number(struct ber_cursor *c, uint32_t *ret)
{
	int64_t v;
	int err = ber_take_int(c, &v);
	if (err < 0)
		return err;
	if (v < 0 || v > INT32_MAX)
		return ERR_RANGE;
	*ret = (uint32_t)v;
	return 0;
}

static int take_octets(struct ber_cursor *c, size_t most, const uint8_t **ret, uint8_t *ret_len)
{
	struct ber_cursor in;
	int err = ber_take_tag(c, BER_OCTETS, &in);
	if (err < 0)
		return err;
	if (ber_left(&in) > most)
		return ERR_LIMIT;
	*ret = in.p;
	*ret_len = (uint8_t)ber_left(&in);
	return 0;
}

/* The version and msgID; `msg` is left behind msgGlobalData's header, `global` behind msgID. */
static int take_start(struct ber_cursor *msg, struct ber_cursor *global, uint32_t *msg_id,
	const uint8_t *bytes, size_t len)
{
	struct ber_cursor all = {bytes, bytes + len};
	int64_t version;
	int err = ber_take_tag(&all, BER_SEQUENCE, msg);
	if (err < 0)
		return err;
	if (all.p != all.end)
		return ERR_FORMAT;
	if ((err = ber_take_int(msg, &version)) < 0)
		return err;
	if (version != SNMP_V3)
		return ERR_VERSION;
	if ((err = ber_take_tag(msg, BER_SEQUENCE, global)) < 0)
		return err;
	return take_number(global, msg_id);
}

static int take_global(struct snmp3_msg *m, struct ber_cursor *global)
{
	const uint8_t *flags;
	uint8_t flags_len;
	uint32_t model;
	int err = take_number(global, &m->max_size);
	if (err < 0)
		return err;
	if ((err = take_octets(global, 1, &flags, &flags_len)) < 0)
		return err;
	if (flags_len != 1)
		return ERR_FORMAT;
	m->flags = flags[0] & (SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV | SNMP3_FLAG_REPORTABLE);
	if ((m->flags & SNMP3_FLAG_PRIV) != 0 && (m->flags & SNMP3_FLAG_AUTH) == 0)
		return ERR_FORMAT;
	if ((err = take_number(global, &model)) < 0)
		return err;
	if (global->p != global->end)
		return ERR_FORMAT;
	return model == SECURITY_MODEL_USM ? 0 : ERR_TYPE;
}

static int take_usm(struct snmp3_msg *m, struct ber_cursor *msg)
{
	struct ber_cursor string, usm;
	int err = ber_take_tag(msg, BER_OCTETS, &string);
	if (err < 0)
		return err;
	if ((err = ber_take_tag(&string, BER_SEQUENCE, &usm)) < 0)
		return err;
	if (string.p != string.end)
		return ERR_FORMAT;
	if ((err = take_octets(&usm, SNMP3_ENGINE_ID, &m->engine_id, &m->engine_id_len)) < 0 ||
		(err = take_number(&usm, &m->boots)) < 0 ||
		(err = take_number(&usm, &m->time)) < 0 ||
		(err = take_octets(&usm, SNMP3_USER, &m->user, &m->user_len)) < 0 ||
		(err = take_octets(&usm, SNMP3_AUTH_MAX, &m->auth, &m->auth_len)) < 0 ||
		(err = take_octets(&usm, SNMP3_SALT, &m->salt, &m->salt_len)) < 0)
		return err;
	return usm.p == usm.end ? 0 : ERR_FORMAT;
}

int snmp3_parse_head(struct snmp3_msg *ret, const uint8_t *bytes, size_t len)
{
	struct ber_cursor msg, global, data;
	*ret = (struct snmp3_msg){0};
	int err = take_start(&msg, &global, &ret->msg_id, bytes, len);
	if (err < 0)
		return err;
	if ((err = take_global(ret, &global)) < 0 || (err = take_usm(ret, &msg)) < 0)
		return err;
	bool is_private = (ret->flags & SNMP3_FLAG_PRIV) != 0;
	ret->data = msg.p;
	err = ber_take_tag(&msg, is_private ? BER_OCTETS : BER_SEQUENCE, &data);
	if (err < 0)
		return err;
	if (msg.p != msg.end)
		return ERR_FORMAT;
	if (is_private)
		ret->data = data.p;
	ret->data_len = (size_t)(msg.end - ret->data);
	return 0;
}

int snmp3_peek_id(const uint8_t *bytes, size_t len, uint32_t *ret_msg_id)
{
	struct ber_cursor msg, global;
	return take_start(&msg, &global, ret_msg_id, bytes, len);
}

int snmp3_parse_scoped(struct snmp3_scope *scope, struct snmp_msg *ret, struct varbind *vb,
	size_t max, const uint8_t *bytes, size_t len, size_t padding)
{
	struct ber_cursor all = {bytes, bytes + len}, scoped, engine_id, context;
	*ret = (struct snmp_msg){.version = SNMP_V3};
	int err = ber_take_tag(&all, BER_SEQUENCE, &scoped);
	if (err < 0)
		return err;
	if (ber_left(&all) > padding)
		return ERR_FORMAT;
	if ((err = ber_take_tag(&scoped, BER_OCTETS, &engine_id)) < 0 ||
		(err = ber_take_tag(&scoped, BER_OCTETS, &context)) < 0)
		return err;
	*scope = (struct snmp3_scope){
		engine_id.p, context.p, ber_left(&engine_id), ber_left(&context)};
	return snmp_pdu_take(ret, vb, max, &scoped);
}

enum usm_trouble snmp3_report(const struct varbind *vb, size_t count)
{
	/* usmStats.N.0, snmpUnavailableContexts.0 and snmpUnknownContexts.0 */
	static const uint8_t usm_stats[] = {0x2b, 6, 1, 6, 3, 15, 1, 1};
	static const uint8_t targets[] = {0x2b, 6, 1, 6, 3, 12, 1};
	if (count == 0)
		return USM_TROUBLE_OTHER;
	struct oid_ber name = vb[0].name;
	if (name.len == sizeof usm_stats + 2 && memcmp(name.p, usm_stats, sizeof usm_stats) == 0) {
		uint8_t n = name.p[sizeof usm_stats];
		return n >= 1 && n <= 6 ? (enum usm_trouble)n : USM_TROUBLE_OTHER;
	}
	if (name.len == sizeof targets + 2 && memcmp(name.p, targets, sizeof targets) == 0) {
		uint8_t n = name.p[sizeof targets];
		return n == 4 || n == 5 ? USM_TROUBLE_CONTEXT : USM_TROUBLE_OTHER;
	}
	return USM_TROUBLE_OTHER;
}

int snmp3_parse_probed(struct snmp3_msg *head, const uint8_t *bytes, size_t len)
{
	struct snmp3_scope scope;
	struct snmp_msg msg;
	struct varbind none;
	int err = snmp3_parse_head(head, bytes, len);
	if (err < 0)
		return err;
	if ((head->flags & (SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV)) != 0)
		return ERR_TYPE;
	if ((err = snmp3_parse_scoped(&scope, &msg, &none, 0, head->data, head->data_len, 0)) < 0)
		return err;
	if (msg.pdu != SNMP_REPORT)
		return ERR_TYPE;
	return head->engine_id_len >= ENGINE_ID_MIN ? 0 : ERR_RANGE;
}
