/* SPDX-License-Identifier: Apache-2.0
 * The variables of a decoded pdu as struct varbind. A name is a view of the datagram's bytes at the
 * place where the library decoded it, because names are compared as bytes (oid.h); a value is what
 * the library made of it. */
#include "engine/snmp/library.h"

#include <endian.h>
#include <string.h>

/* The contents of the element at p, which the library has decoded; NULL: not inside the bytes. */
static const uint8_t *contents(const uint8_t *p, const uint8_t *end, size_t *ret_len)
{
	if (end - p < 2)
		return NULL;
	size_t len = p[1];
	p += 2;
	if (len >= 0x80) {
		size_t bytes = len & 0x7f;
		if (bytes > 4 || (size_t)(end - p) < bytes)
			return NULL;
		for (len = 0; bytes > 0; bytes--)
			len = len << 8 | *p++;
	}
	*ret_len = len;
	return len <= (size_t)(end - p) ? p : NULL;
}

static bool is_number(u_char type)
{
	return type == ASN_INTEGER || type == ASN_COUNTER || type == ASN_GAUGE ||
	       type == ASN_TIMETICKS || type == ASN_UINTEGER || type == ASN_COUNTER64;
}

/* The library takes short unsigned values with a sign, and cuts long ones to 32 bits; neither is
 * the number that the device meant. */
static bool is_exact(u_char type, const uint8_t *value, size_t len)
{
	if (type == ASN_INTEGER)
		return len <= 4 || (len == 5 && value[0] == 0);
	size_t width = type == ASN_COUNTER64 ? 8 : 4;
	return len >= width || (len > 0 && (value[0] & 0x80) == 0);
}

static void view_number(struct varbind *vb, uint8_t number[8], const netsnmp_variable_list *v)
{
	uint64_t n;
	size_t width = 8;
	if (v->type == ASN_COUNTER64)
		n = (uint64_t)v->val.counter64->high << 32 | v->val.counter64->low;
	else
		n = (uint64_t)*v->val.integer;
	if (v->type != ASN_COUNTER64 && v->type != ASN_INTEGER) {
		n <<= 32;
		width = 4;
	}
	n = htobe64(n);
	memcpy(number, &n, sizeof n);
	vb->value = number;
	vb->len = width;
}

static void view_oid(struct varbind *vb, struct snmp_room *room, const netsnmp_variable_list *v)
{
	struct oid o = {.len = (uint16_t)(v->val_len / sizeof(oid))};
	uint8_t *dst = room->oid + room->oid_len;
	for (size_t i = 0; i < o.len && i < LIMIT_OID_SUBIDS; i++)
		o.sub[i] = (uint32_t)v->val.objid[i];
	int n = oid_encode(dst, sizeof room->oid - room->oid_len, &o);
	if (n < 0)
		return; /* more OIDs than there is room for: without a value */
	vb->value = dst;
	vb->len = (size_t)n;
	room->oid_len += (size_t)n;
}

static void view_value(struct varbind *vb, struct snmp_room *room, size_t i,
	const netsnmp_variable_list *v, const uint8_t *value, size_t len)
{
	vb->type = v->type;
	vb->value = value;
	vb->len = 0;
	if (is_number(v->type)) {
		if (is_exact(v->type, value, len))
			view_number(vb, room->number[i], v);
	} else if (v->type == ASN_OBJECT_ID) {
		view_oid(vb, room, v);
	} else if (v->type == ASN_OCTET_STR || v->type == ASN_IPADDRESS || v->type == ASN_OPAQUE ||
		   v->type == ASN_NSAP || v->type == ASN_BIT_STR) {
		vb->value = v->val.string;
		vb->len = v->val_len;
	}
}

/* The name of the varbind at *p; *p is left at its value. */
static bool view_name(struct oid_ber *ret, const uint8_t **p, const uint8_t *end)
{
	size_t len;
	const uint8_t *inside = contents(*p, end, &len);
	if (inside == NULL || (inside = contents(inside, end, &len)) == NULL || len == 0)
		return false;
	*ret = (struct oid_ber){inside, len};
	*p = inside + len;
	/* The library knows that it ends well, but takes sub-identifiers that begin with 0x80. */
	return memchr(inside, 0x80, len) == NULL || oid_ber_check(*ret) == 0;
}

int snmp_view_variables(struct snmp_incoming *in, struct snmp_room *room, const netsnmp_pdu *pdu,
	const uint8_t *bytes, size_t len)
{
	const uint8_t *end = bytes + len, *p = bytes, *value;
	size_t n, count = 0;
	/* request-id, error-status, error-index; then into the list */
	for (int i = 0; i < 3; i++) {
		if ((p = contents(p, end, &n)) == NULL)
			return ERR_FORMAT;
		if (!is_exact(ASN_INTEGER, p, n))
			return ERR_RANGE;
		p += n;
	}
	if ((p = contents(p, end, &n)) == NULL || p + n != end)
		return ERR_FORMAT;
	room->oid_len = 0;
	for (const netsnmp_variable_list *v = pdu->variables; v != NULL && count < LIMIT_VARBINDS;
		v = v->next_variable) {
		struct varbind *vb = &room->varbinds[count];
		if (!view_name(&vb->name, &p, end) || (value = contents(p, end, &n)) == NULL)
			return ERR_FORMAT;
		view_value(vb, room, count++, v, value, n);
		p = value + n;
	}
	if (p != end && count < LIMIT_VARBINDS)
		return ERR_FORMAT;
	in->varbinds = room->varbinds;
	in->count = count;
	return 0;
}
