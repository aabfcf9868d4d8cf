/* SPDX-License-Identifier: Apache-2.0
 * The variable bindings of a response, decoded by libnetsnmp one by one. A list of its own
 * variables would be 1,136 bytes from the heap for each: the largest cost of a response. A name is
 * a view of the bytes at the place where the library decoded it, because names are compared as
 * bytes (oid.h); so are octets. A number is what the library made of it. */
#include "engine/snmp/library.h"

#include <endian.h>
#include <string.h>

/* The bytes of a header that the library has decoded. */
static size_t header_len(const u_char *p)
{
	return p[1] < 0x80 ? 2 : 2 + (p[1] & 0x7fu);
}

/* The library takes short unsigned values with a sign, and cuts long ones to 32 bits; neither is
 * the number that the device meant. */
bool snmp_is_exact(u_char type, const u_char *value, size_t len)
{
	if (type == ASN_INTEGER)
		return len <= 4 || (len == 5 && value[0] == 0);
	size_t width = type == ASN_COUNTER64 ? 8 : 4;
	return len >= width || (len > 0 && (value[0] & 0x80) == 0);
}

/* One element with its header, as the library's functions take it. */
struct element {
	u_char *p;
	size_t len;
	size_t header;
};

static bool parse_number(const struct element *e, u_char type, uint64_t *ret)
{
	u_char parsed;
	size_t left = e->len;
	if (!snmp_is_exact(type, e->p + e->header, e->len - e->header))
		return false;
	if (type == ASN_COUNTER64) {
		struct counter64 c;
		if (asn_parse_unsigned_int64(e->p, &left, &parsed, &c, sizeof c) == NULL)
			return false;
		*ret = (uint64_t)c.high << 32 | c.low;
		return true;
	}
	if (type == ASN_INTEGER) {
		long v;
		if (asn_parse_int(e->p, &left, &parsed, &v, sizeof v) == NULL)
			return false;
		*ret = (uint64_t)(int64_t)v;
		return true;
	}
	u_long v;
	if (asn_parse_unsigned_int(e->p, &left, &parsed, &v, sizeof v) == NULL)
		return false;
	*ret = v;
	return true;
}

static void view_number(struct varbind *vb, uint8_t number[8], const struct element *e)
{
	uint64_t n;
	size_t width = vb->type == ASN_COUNTER64 || vb->type == ASN_INTEGER ? 8 : 4;
	if (!parse_number(e, vb->type, &n))
		return;
	n = htobe64(width == 4 ? n << 32 : n);
	memcpy(number, &n, sizeof n);
	vb->value = number;
	vb->len = width;
}

/* Sub-identifiers that begin with 0x80 are not canonical: the library accepts them. */
static bool is_canonical(struct oid_ber ber)
{
	return ber.len > 0 && (memchr(ber.p, 0x80, ber.len) == NULL || oid_ber_check(ber) == 0);
}

static bool is_oid(const struct element *e)
{
	oid decoded[MAX_OID_LEN];
	size_t subids = MAX_OID_LEN, left = e->len;
	u_char type;
	return asn_parse_objid(e->p, &left, &type, decoded, &subids) != NULL &&
	       is_canonical((struct oid_ber){e->p + e->header, e->len - e->header});
}

/* `contents`: those of the element, where they outlive it. A value that its type does not allow
 * costs itself alone: it has no bytes. */
static void view_value(
	struct varbind *vb, uint8_t number[8], const struct element *e, const uint8_t *contents)
{
	size_t len = e->len - e->header;
	bool is_view = false;
	vb->value = contents;
	vb->len = 0;
	switch (vb->type) {
	case ASN_INTEGER:
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
	case ASN_UINTEGER:
	case ASN_COUNTER64:
		view_number(vb, number, e);
		break;
	case ASN_IPADDRESS:
		is_view = len == 4;
		break;
	case ASN_OBJECT_ID:
		is_view = is_oid(e);
		break;
	case ASN_OCTET_STR:
	case ASN_OPAQUE:
	case ASN_NSAP:
	case ASN_BIT_STR:
		is_view = true;
		break;
	default: /* no value, or a type that nothing here reads */
		break;
	}
	if (is_view)
		vb->len = len;
}

int snmp_decode_variables(
	struct snmp_incoming *in, struct snmp_decoded *d, u_char *p, size_t len, ptrdiff_t kept)
{
	oid name[MAX_OID_LEN];
	size_t count = 0;
	while (len > 0) {
		size_t i = count < LIMIT_VARBINDS ? count++ : LIMIT_VARBINDS;
		struct varbind *vb = &d->varbinds[i];
		size_t subids = MAX_OID_LEN, value_len;
		u_char *value;
		u_char *next =
			snmp_parse_var_op(p, name, &subids, &vb->type, &value_len, &value, &len);
		if (next == NULL)
			return ERR_FORMAT;
		p += header_len(p);
		p += header_len(p);
		vb->name = (struct oid_ber){p + kept, (size_t)(value - p)};
		if (!is_canonical(vb->name))
			return ERR_FORMAT;
		struct element e = {
			value, (size_t)(next - value), (size_t)(next - value) - value_len};
		view_value(vb, d->number[i], &e, value + e.header + kept);
		p = next;
	}
	in->varbinds = d->varbinds;
	in->count = count;
	return 0;
}
