/* SPDX-License-Identifier: Apache-2.0
 * The variable bindings of a response, decoded by libnetsnmp one by one. A list of its own
 * variables would be 1,136 bytes from the heap for each: the largest cost of a response. A name is
 * a view of the bytes at the place where the library decoded it, because names are compared as
 * bytes (oid.h); so are octets. A number is what the library made of it. */
#include "engine/snmp/library.h"

#include <endian.h>
#include <string.h>

/* The library takes short unsigned values with a sign, and cuts long ones to 32 bits; neither is
 * the number that the device meant. */
bool snmp_is_exact(u_char type, const u_char *value, size_t len)
{
	if (type == ASN_INTEGER)
		return len <= 4 || (len == 5 && value[0] == 0);
	size_t width = type == ASN_COUNTER64 ? 8 : 4;
	return len >= width || (len > 0 && (value[0] & 0x80) == 0);
}

/* The number of an element of this type, whatever its length; *ret: behind the element, or NULL. */
static uint64_t parse_number(u_char *p, size_t left, u_char type, u_char **ret)
{
	u_char parsed;
	if (type == ASN_INTEGER) {
		long v = 0;
		*ret = asn_parse_int(p, &left, &parsed, &v, sizeof v);
		return (uint64_t)(int64_t)v;
	}
	if (type == ASN_COUNTER64) {
		struct counter64 c = {0};
		*ret = asn_parse_unsigned_int64(p, &left, &parsed, &c, sizeof c);
		return (uint64_t)c.high << 32 | c.low;
	}
	u_long v = 0;
	*ret = asn_parse_unsigned_int(p, &left, &parsed, &v, sizeof v);
	return v;
}

/* An integer type. Returns the byte behind it, or NULL if it is malformed or too long. */
static u_char *view_number(struct varbind *vb, uint8_t number[8], u_char *p, size_t left)
{
	u_char *next, *contents;
	uint64_t n = parse_number(p, left, vb->type, &next);
	if (next == NULL)
		return NULL;
	contents = p + snmp_header_len(p);
	if (!snmp_is_exact(vb->type, contents, (size_t)(next - contents)))
		return next;
	size_t width = vb->type == ASN_COUNTER64 || vb->type == ASN_INTEGER ? 8 : 4;
	n = htobe64(width == 4 ? n << 32 : n);
	memcpy(number, &n, sizeof n);
	vb->value = number;
	vb->len = width;
	return next;
}

/* Sub-identifiers that begin with 0x80 are not canonical: the library accepts them. A name of as
 * many bytes as sub-identifiers has none; the first byte holds two. */
static bool is_canonical(struct oid_ber ber, size_t subids)
{
	return ber.len > 0 && (ber.len + 1 == subids || memchr(ber.p, 0x80, ber.len) == NULL ||
				      oid_ber_check(ber) == 0);
}

/* Parses an OID. Returns the byte behind it, or NULL. */
static u_char *view_oid(u_char *p, size_t *left, struct oid_ber *ret)
{
	oid decoded[MAX_OID_LEN];
	size_t subids = MAX_OID_LEN;
	u_char type;
	u_char *next = asn_parse_objid(p, left, &type, decoded, &subids);
	if (next == NULL)
		return NULL;
	u_char *contents = p + snmp_header_len(p);
	*ret = (struct oid_ber){contents, (size_t)(next - contents)};
	return is_canonical(*ret, subids) ? next : NULL;
}

/* A value other than a number, or one whose number is malformed. */
static u_char *view_other(struct varbind *vb, u_char *p, size_t left, ptrdiff_t kept)
{
	struct oid_ber ignored;
	size_t len = left;
	u_char *contents = asn_parse_header(p, &len, &vb->type);
	bool is_view = false;
	if (contents == NULL)
		return NULL;
	switch (vb->type) {
	case ASN_IPADDRESS:
		is_view = len == 4;
		break;
	case ASN_OBJECT_ID:
		is_view = view_oid(p, &left, &ignored) != NULL;
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
	vb->value = contents + kept;
	vb->len = is_view ? len : 0;
	return contents + len;
}

/* A value that its type does not allow costs itself alone: it has no bytes. Returns the byte behind
 * it, or NULL. */
static u_char *view_value(
	struct varbind *vb, uint8_t number[8], u_char *p, size_t left, ptrdiff_t kept)
{
	u_char *next = NULL;
	vb->value = p + kept;
	vb->len = 0;
	vb->type = *p;
	switch (vb->type) {
	case ASN_INTEGER:
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
	case ASN_UINTEGER:
	case ASN_COUNTER64:
		next = view_number(vb, number, p, left);
		break;
	default:
		break;
	}
	return next != NULL ? next : view_other(vb, p, left, kept);
}

/* Sequence, name, value: as snmp_parse_var_op does it, but a number's header is parsed once.
 * Returns the byte behind the variable, or NULL. */
static u_char *parse_variable(
	struct varbind *vb, uint8_t number[8], u_char *p, size_t left, ptrdiff_t kept)
{
	u_char type;
	p = asn_parse_header(p, &left, &type);
	if (p == NULL || type != (ASN_SEQUENCE | ASN_CONSTRUCTOR))
		return NULL;
	p = view_oid(p, &left, &vb->name);
	if (p == NULL || left == 0)
		return NULL;
	vb->name.p += kept;
	return view_value(vb, number, p, left, kept);
}

int snmp_decode_variables(
	struct snmp_incoming *in, struct snmp_decoded *d, u_char *p, size_t len, ptrdiff_t kept)
{
	size_t count = 0;
	while (len > 0) {
		size_t i = count < LIMIT_VARBINDS ? count++ : LIMIT_VARBINDS;
		u_char *next = parse_variable(&d->varbinds[i], d->number[i], p, len, kept);
		if (next == NULL)
			return ERR_FORMAT;
		len -= (size_t)(next - p);
		p = next;
	}
	in->varbinds = d->varbinds;
	in->count = count;
	return 0;
}
