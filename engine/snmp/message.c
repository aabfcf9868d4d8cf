/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/snmp/library.h"

#include <string.h>

/* RFC 3411: the number of the User-based Security Model, and the shortest engineID. */
enum { SECURITY_MODEL_USM = 3, ENGINE_ID_MIN = 5 };

/* msgMaxSize: the largest response that a device may send. */
enum { MAX_SIZE = LIMIT_DATAGRAM };

enum { SEQUENCE = ASN_SEQUENCE | ASN_CONSTRUCTOR };

/* ---- out: the library encodes from the end of the buffer to its front ------------------- */

struct out {
	u_char *p;
	size_t cap, used;
};

static bool put_int(struct out *o, long v)
{
	return asn_realloc_rbuild_int(&o->p, &o->cap, &o->used, 0, ASN_INTEGER, &v, sizeof v) == 1;
}

static bool put_octets(struct out *o, const void *bytes, size_t len)
{
	const u_char *p = len > 0 ? bytes : (const u_char *)"";
	return asn_realloc_rbuild_string(&o->p, &o->cap, &o->used, 0, ASN_OCTET_STR, p, len) == 1;
}

/* The header of all that was put since `before`. */
static bool put_head(struct out *o, u_char type, size_t before)
{
	return asn_realloc_rbuild_header(&o->p, &o->cap, &o->used, 0, type, o->used - before) == 1;
}

static bool put_raw(struct out *o, const uint8_t *bytes, size_t len)
{
	if (o->cap - o->used < len)
		return false;
	o->used += len;
	memcpy(o->p + o->cap - o->used, bytes, len);
	return true;
}

static int to_front(struct out *o)
{
	memmove(o->p, o->p + o->cap - o->used, o->used);
	return (int)o->used;
}

/* A name without a value. Its sub-identifiers are kept encoded (oid.h), as the library decoded or
 * the models hold them. */
static bool put_name(struct out *o, struct oid_ber name)
{
	size_t before = o->used;
	if (asn_realloc_rbuild_null(&o->p, &o->cap, &o->used, 0, ASN_NULL) != 1)
		return false;
	size_t behind = o->used;
	return put_raw(o, name.p, name.len) && put_head(o, ASN_OBJECT_ID, behind) &&
	       put_head(o, SEQUENCE, before);
}

enum { NULL_BYTES = 2 }; /* the value behind each name */

/* The last one first. from_end[i]: how far before the end of the buffer the i-th name begins. */
static bool put_names(struct out *o, const struct snmp_request *q, uint16_t *from_end)
{
	size_t at = q->ber_len;
	for (size_t i = q->oids; i-- > 0;) {
		at -= q->oid_len[i];
		size_t before = o->used;
		if (!put_name(o, (struct oid_ber){q->ber + at, q->oid_len[i]}))
			return false;
		if (from_end != NULL)
			from_end[i] = (uint16_t)(before + NULL_BYTES + q->oid_len[i]);
	}
	return put_head(o, SEQUENCE, 0);
}

static bool put_pdu(
	struct out *o, uint32_t request_id, const struct snmp_request *q, uint16_t *from_end)
{
	static const struct snmp_request nothing = {.pdu = SNMP_GET};
	const struct snmp_request *r = q != NULL ? q : &nothing;
	bool is_bulk = r->pdu == SNMP_GETBULK;
	return put_names(o, r, from_end) && put_int(o, is_bulk ? r->max_repetitions : 0) &&
	       put_int(o, is_bulk ? r->non_repeaters : 0) && put_int(o, request_id) &&
	       put_head(o, r->pdu, 0);
}

int snmp_message_encode(uint8_t *dst, size_t cap, uint8_t version, const char *community,
	size_t community_len, uint32_t request_id, const struct snmp_request *q, uint16_t *name_at)
{
	struct out o = {.p = dst, .cap = cap};
	if (!put_pdu(&o, request_id, q, name_at) || !put_octets(&o, community, community_len) ||
		!put_int(&o, version) || !put_head(&o, SEQUENCE, 0))
		return ERR_LIMIT;
	for (size_t i = 0; name_at != NULL && i < q->oids; i++)
		name_at[i] = (uint16_t)(o.used - name_at[i]);
	return to_front(&o);
}

int snmp_scoped_encode(uint8_t *dst, size_t cap, const struct usm_envelope *e, const char *context,
	size_t context_len, uint32_t request_id, const struct snmp_request *q)
{
	struct out o = {.p = dst, .cap = cap};
	if (context_len > SNMP3_CONTEXT || e->engine_id_len > SNMP3_ENGINE_ID ||
		!put_pdu(&o, request_id, q, NULL) || !put_octets(&o, context, context_len) ||
		!put_octets(&o, e->engine_id, e->engine_id_len) || !put_head(&o, SEQUENCE, 0))
		return ERR_LIMIT;
	return to_front(&o);
}

/* The USM parameters; *from_end as of a name. */
static bool put_usm(struct out *o, const struct usm_envelope *e, size_t *from_end)
{
	static const uint8_t zeroes[SNMP3_AUTH_MAX];
	size_t before = o->used;
	if (!put_octets(o, e->salt, (e->flags & SNMP3_FLAG_PRIV) != 0 ? SNMP3_SALT : 0))
		return false;
	*from_end = o->used + e->auth_len;
	return put_octets(o, zeroes, e->auth_len) && put_octets(o, e->user, e->user_len) &&
	       put_int(o, e->time) && put_int(o, e->boots) &&
	       put_octets(o, e->engine_id, e->engine_id_len) && put_head(o, SEQUENCE, before) &&
	       put_head(o, ASN_OCTET_STR, before);
}

static bool put_global(struct out *o, const struct usm_envelope *e)
{
	size_t before = o->used;
	return put_int(o, SECURITY_MODEL_USM) && put_octets(o, &e->flags, 1) &&
	       put_int(o, MAX_SIZE) && put_int(o, e->msg_id) && put_head(o, SEQUENCE, before);
}

int snmp_envelope_encode(uint8_t *dst, size_t cap, const struct usm_envelope *e,
	const uint8_t *data, size_t data_len, size_t *auth_at)
{
	struct out o = {.p = dst, .cap = cap};
	size_t from_end;
	if (e->engine_id_len > SNMP3_ENGINE_ID || e->user_len > SNMP3_USER ||
		e->auth_len > SNMP3_AUTH_MAX)
		return ERR_LIMIT;
	bool is_put = (e->flags & SNMP3_FLAG_PRIV) != 0 ? put_octets(&o, data, data_len)
							: put_raw(&o, data, data_len);
	if (!is_put || !put_usm(&o, e, &from_end) || !put_global(&o, e) || !put_int(&o, SNMP_V3) ||
		!put_head(&o, SEQUENCE, 0))
		return ERR_LIMIT;
	*auth_at = o.used - from_end;
	return to_front(&o);
}

int snmp_probe_encode(uint8_t *dst, size_t cap, uint32_t msg_id, uint32_t request_id)
{
	const struct usm_envelope e = {.msg_id = msg_id, .flags = SNMP3_FLAG_REPORTABLE};
	uint8_t scoped[LIMIT_REQUEST_BYTES];
	size_t auth_at;
	int n = snmp_scoped_encode(scoped, sizeof scoped, &e, NULL, 0, request_id, NULL);
	return n < 0 ? n : snmp_envelope_encode(dst, cap, &e, scoped, (size_t)n, &auth_at);
}

size_t snmp_envelope_overhead(const struct usm_envelope *e, size_t context_len, bool is_padded)
{
	/* Headers of the message, msgGlobalData with its four members, the parameters with their
	 * string and six members, scopedPDU, its two strings, and the encrypted string: each at its
	 * longest. */
	enum {
		GLOBAL = 2 + 6 + 4 + 3 + 3,
		USM = 3 + 3 + 2 + 6 + 6 + 2 + 2 + 2,
		REST = 2 + 4 + 2 + 2 + 4
	};
	bool is_private = (e->flags & SNMP3_FLAG_PRIV) != 0;
	return GLOBAL + USM + REST + 2u * e->engine_id_len + e->user_len + e->auth_len +
	       context_len + (is_private ? SNMP3_SALT : 0) +
	       (is_private && is_padded ? SNMP3_PADDING : 0);
}

/* ---- in --------------------------------------------------------------------------------- */

/* libnetsnmp takes pointers to what it only reads. */
struct in {
	u_char *p;
	size_t left;
};

static struct in in_of(const uint8_t *bytes, size_t len)
{
	return (struct in){(u_char *)(uintptr_t)bytes, len};
}

/* A header of this type; `in` is left at its contents, *ret behind them. */
static bool enter(struct in *in, u_char want, struct in *ret)
{
	u_char type;
	size_t len = in->left;
	u_char *p = asn_parse_header(in->p, &len, &type);
	if (p == NULL || type != want)
		return false;
	*ret = (struct in){p + len, in->left - (size_t)(p + len - in->p)};
	*in = (struct in){p, len};
	return true;
}

/* The library cuts a number to 32 bits, so a longer one is refused by its length. */
static bool take_number(struct in *in, long min, long max, long *ret)
{
	u_char type;
	u_char *p = asn_parse_int(in->p, &in->left, &type, ret, sizeof *ret);
	if (p == NULL || (size_t)(p - in->p) > snmp_header_len(in->p) + sizeof(int32_t) ||
		*ret < min || *ret > max)
		return false;
	in->p = p;
	return true;
}

static bool take_u31(struct in *in, uint32_t *ret)
{
	long v;
	if (!take_number(in, 0, INT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

static bool take_octets(struct in *in, size_t max, const uint8_t **ret, uint8_t *ret_len)
{
	struct in string = *in, rest;
	if (!enter(&string, ASN_OCTET_STR, &rest) || string.left > max)
		return false;
	*ret = string.p;
	*ret_len = (uint8_t)string.left;
	*in = rest;
	return true;
}

/* The version; `in` is left behind it. Nothing may follow the message. */
static int take_version(struct in *in, long *version)
{
	struct in rest;
	if (!enter(in, SEQUENCE, &rest) || rest.left != 0 ||
		!take_number(in, INT32_MIN, INT32_MAX, version))
		return ERR_FORMAT;
	return *version == SNMP_V1 || *version == SNMP_V2C || *version == SNMP_V3 ? 0 : ERR_VERSION;
}

int snmp_message_peek(const uint8_t *bytes, size_t len, uint8_t *ret_version, uint32_t *ret_id)
{
	struct in in = in_of(bytes, len), rest, id;
	long version, v;
	int err = take_version(&in, &version);
	if (err < 0)
		return err;
	*ret_version = (uint8_t)version;
	if (version == SNMP_V3)
		return enter(&in, SEQUENCE, &rest) && take_u31(&in, ret_id) ? 0 : ERR_FORMAT;
	if (!enter(&in, ASN_OCTET_STR, &rest))
		return ERR_FORMAT;
	u_char type;
	id = rest;
	id.p = asn_parse_header(rest.p, &id.left, &type);
	if (id.p == NULL || (type & 0xe0) != (ASN_CONTEXT | ASN_CONSTRUCTOR) ||
		!take_number(&id, INT32_MIN, INT32_MAX, &v))
		return ERR_FORMAT;
	*ret_id = (uint32_t)v;
	return 0;
}

static int take_global(struct in *in, struct usm_message *m)
{
	struct in rest;
	const uint8_t *flags;
	uint8_t flags_len;
	uint32_t max_size, model;
	if (!enter(in, SEQUENCE, &rest) || !take_u31(in, &m->msg_id) || !take_u31(in, &max_size) ||
		!take_octets(in, 1, &flags, &flags_len) || flags_len != 1 ||
		!take_u31(in, &model) || in->left != 0)
		return ERR_FORMAT;
	*in = rest;
	m->flags = flags[0] & (SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV | SNMP3_FLAG_REPORTABLE);
	if ((m->flags & SNMP3_FLAG_PRIV) != 0 && (m->flags & SNMP3_FLAG_AUTH) == 0)
		return ERR_FORMAT;
	return model == SECURITY_MODEL_USM ? 0 : ERR_TYPE;
}

static bool take_usm(struct in *in, struct usm_message *m)
{
	struct in behind, inside;
	if (!enter(in, ASN_OCTET_STR, &behind) || !enter(in, SEQUENCE, &inside) ||
		inside.left != 0 ||
		!take_octets(in, SNMP3_ENGINE_ID, &m->engine_id, &m->engine_id_len) ||
		!take_u31(in, &m->boots) || !take_u31(in, &m->time) ||
		!take_octets(in, SNMP3_USER, &m->user, &m->user_len) ||
		!take_octets(in, SNMP3_AUTH_MAX, &m->auth, &m->auth_len) ||
		!take_octets(in, SNMP3_SALT, &m->salt, &m->salt_len) || in->left != 0)
		return false;
	*in = behind;
	return true;
}

int usm_message_parse(struct usm_message *ret, const uint8_t *bytes, size_t len)
{
	struct in in = in_of(bytes, len), rest;
	long version;
	*ret = (struct usm_message){0};
	int err = take_version(&in, &version);
	if (err == 0 && version != SNMP_V3)
		err = ERR_VERSION;
	if (err == 0)
		err = take_global(&in, ret);
	if (err < 0)
		return err;
	if (!take_usm(&in, ret))
		return ERR_FORMAT;
	struct in data = in;
	bool is_private = (ret->flags & SNMP3_FLAG_PRIV) != 0;
	if (!enter(&data, is_private ? ASN_OCTET_STR : SEQUENCE, &rest) || rest.left != 0)
		return ERR_FORMAT;
	ret->data = is_private ? data.p : in.p;
	ret->data_len = is_private ? data.left : in.left;
	return 0;
}

/* Request-id, error-status and error-index, each by the library into its pdu. */
static int decode_head(netsnmp_pdu *pdu, struct in *at)
{
	long *const fields[] = {&pdu->reqid, &pdu->errstat, &pdu->errindex};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		u_char type;
		u_char *p = asn_parse_int(at->p, &at->left, &type, fields[i], sizeof *fields[i]);
		if (p == NULL)
			return ERR_FORMAT;
		u_char *contents = at->p + snmp_header_len(at->p);
		if (!snmp_is_exact(ASN_INTEGER, contents, (size_t)(p - contents)))
			return ERR_RANGE;
		at->p = p;
	}
	return pdu->errstat < 0 || pdu->errindex < 0 ? ERR_RANGE : 0;
}

/* The PDU that `at` consists of. */
static int decode_pdu(struct snmp_incoming *in, netsnmp_pdu *pdu, struct snmp_decoded *d,
	struct in at, ptrdiff_t kept)
{
	u_char type;
	size_t len = at.left;
	u_char *p = asn_parse_header(at.p, &len, &type);
	if (p == NULL || p + len != at.p + at.left ||
		(type & 0xe0) != (ASN_CONTEXT | ASN_CONSTRUCTOR))
		return ERR_FORMAT;
	in->pdu = type;
	pdu->command = type;
	if (type != SNMP_RESPONSE && type != SNMP_REPORT)
		return ERR_TYPE;
	pdu->flags |= UCD_MSG_FLAG_RESPONSE_PDU; /* by this the library looks for its request */
	struct in list = {p, len}, rest;
	int err = decode_head(pdu, &list);
	if (err < 0)
		return err;
	if (!enter(&list, SEQUENCE, &rest) || rest.left != 0)
		return ERR_FORMAT;
	in->request_id = pdu->reqid;
	in->error_status = (int)pdu->errstat;
	in->error_index = (int)pdu->errindex;
	return snmp_decode_variables(in, d, list.p, list.left, kept);
}

int snmp_decode_community(struct snmp_incoming *in, netsnmp_pdu *pdu, struct snmp_decoded *d,
	uint8_t *bytes, size_t len, ptrdiff_t kept)
{
	struct in at = in_of(bytes, len), rest;
	int err = take_version(&at, &pdu->version);
	if (err == 0 && pdu->version == SNMP_V3)
		err = ERR_VERSION;
	if (err < 0)
		return err;
	if (!enter(&at, ASN_OCTET_STR, &rest))
		return ERR_FORMAT;
	in->version = (uint8_t)pdu->version;
	in->community = at.p;
	in->community_len = at.left;
	return decode_pdu(in, pdu, d, rest, kept);
}

int snmp_decode_scoped(struct snmp_incoming *in, netsnmp_pdu *pdu, struct snmp_decoded *d,
	uint8_t *bytes, size_t len, ptrdiff_t kept, size_t padding)
{
	struct in at = in_of(bytes, len), rest;
	if (!enter(&at, SEQUENCE, &rest) || rest.left > padding)
		return ERR_FORMAT;
	pdu->contextEngineID = malloc(SNMP_MAX_ENG_SIZE); /* the library frees it with the pdu */
	pdu->contextEngineIDLen = SNMP_MAX_ENG_SIZE;
	if (pdu->contextEngineID == NULL)
		return ERR_FORMAT;
	size_t left = len - rest.left;
	u_char *p = snmpv3_scopedPDU_parse(pdu, bytes, &left);
	if (p == NULL)
		return ERR_FORMAT;
	in->scope_engine_id = pdu->contextEngineID;
	in->scope_engine_id_len = pdu->contextEngineIDLen;
	in->context = pdu->contextName;
	in->context_len = pdu->contextNameLen;
	return decode_pdu(in, pdu, d, (struct in){p, (size_t)(rest.p - p)}, kept);
}

int usm_probed_parse(struct usm_message *ret, const uint8_t *bytes, size_t len)
{
	struct snmp_incoming in = {.version = SNMP_V3};
	struct snmp_decoded d;
	int err = usm_message_parse(ret, bytes, len);
	if (err < 0)
		return err;
	if ((ret->flags & (SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV)) != 0)
		return ERR_TYPE;
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_REPORT);
	if (pdu == NULL)
		return ERR_FORMAT;
	err = snmp_decode_scoped(
		&in, pdu, &d, (uint8_t *)(uintptr_t)ret->data, ret->data_len, 0, 0);
	snmp_free_pdu(pdu);
	if (err < 0)
		return err;
	if (in.pdu != SNMP_REPORT)
		return ERR_TYPE;
	return ret->engine_id_len >= ENGINE_ID_MIN ? 0 : ERR_FORMAT;
}

int snmp_response_head_parse(struct snmp_response_head *ret, const uint8_t *bytes, size_t len)
{
	struct snmp_incoming in = {0};
	struct snmp_decoded d;
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_RESPONSE);
	if (pdu == NULL)
		return ERR_FORMAT;
	int err = snmp_decode_community(&in, pdu, &d, (uint8_t *)(uintptr_t)bytes, len, 0);
	snmp_free_pdu(pdu);
	if (err < 0)
		return err;
	if (in.pdu != SNMP_RESPONSE)
		return ERR_TYPE;
	if (in.request_id <= 0 || in.request_id > INT32_MAX)
		return ERR_RANGE;
	*ret = (struct snmp_response_head){
		in.version, (uint32_t)in.request_id, in.community, in.community_len};
	return 0;
}
