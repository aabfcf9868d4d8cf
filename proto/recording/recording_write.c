/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recording/recording_write.h"

#include "proto/base/limits.h"

#include <ctype.h>
#include <string.h>

/* Standard MIBs and the vendors' status, counter and supply arcs. Left out on purpose: running
 * processes (25.4), and the arcs with jobs, users and addresses. */
static const char *const subtrees[] = {
	"1.3.6.1.2.1.1",    /* system */
	"1.3.6.1.2.1.2.2",  /* interfaces */
	"1.3.6.1.2.1.25.1", /* host resources: system, storage, devices, software */
	"1.3.6.1.2.1.25.2", "1.3.6.1.2.1.25.3", "1.3.6.1.2.1.25.6", "1.3.6.1.2.1.43", /* printer */
	"1.3.6.1.4.1.11.2.3.9",     /* HP, and print servers that use its arc */
	"1.3.6.1.4.1.236.11.5",     /* Samsung */
	"1.3.6.1.4.1.253.8.51.1.2", /* Xerox: identity */
	"1.3.6.1.4.1.253.8.51.10", "1.3.6.1.4.1.253.8.53", /* Xerox: counters, maintenance */
	"1.3.6.1.4.1.367.3.2.1",                           /* Ricoh */
	"1.3.6.1.4.1.641.2",                               /* Lexmark */
	"1.3.6.1.4.1.641.6", "1.3.6.1.4.1.674.10898.100",  /* Dell */
	"1.3.6.1.4.1.1129.2.3.50",                         /* Toshiba */
	"1.3.6.1.4.1.1248.1.2.2",                          /* Epson */
	"1.3.6.1.4.1.1347.40.10",                          /* Kyocera */
	"1.3.6.1.4.1.1347.42", "1.3.6.1.4.1.1347.43", "1.3.6.1.4.1.1347.46",
	"1.3.6.1.4.1.1602.1",                                     /* Canon */
	"1.3.6.1.4.1.2001.1.1",                                   /* OKI */
	"1.3.6.1.4.1.2385.1.1.19",                                /* Sharp */
	"1.3.6.1.4.1.2435.2.3.9.1",                               /* Brother */
	"1.3.6.1.4.1.2435.2.3.9.4.2.1.5", "1.3.6.1.4.1.2699.1.2", /* PWG port monitor */
	"1.3.6.1.4.1.10642",                                      /* Zebra */
	"1.3.6.1.4.1.18334.1.1.1",                                /* Konica Minolta */
};

const char *recording_subtree(size_t i)
{
	return i < sizeof subtrees / sizeof subtrees[0] ? subtrees[i] : NULL;
}

/* ---- what may be readable --------------------------------------------------------------- */

/* Objects with names of people and places: sysContact, sysName, sysLocation, and of prtGeneralTable
 * the operator, the service person and the printer's own name. */
static const char *const personal[] = {"1.3.6.1.2.1.1.4", "1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.6",
	"1.3.6.1.2.1.43.5.1.1.4", "1.3.6.1.2.1.43.5.1.1.5", "1.3.6.1.2.1.43.5.1.1.16"};

static bool is_personal(const struct oid *name)
{
	for (size_t i = 0; i < sizeof personal / sizeof personal[0]; i++) {
		struct oid prefix;
		if (oid_from_text(&prefix, personal[i]) == 0 && oid_has_prefix(name, &prefix))
			return true;
	}
	return false;
}

static void mask(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (isdigit(p[i]))
			p[i] = '0';
		else if (isalpha(p[i]) || p[i] >= 0x80)
			p[i] = 'x';
	}
}

static bool is_address_part(uint8_t c)
{
	return isalnum(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '%';
}

/* The words on both sides of each "@". */
static void mask_addresses(uint8_t *p, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		if (p[at] != '@')
			continue;
		size_t begin = at, end = at + 1;
		while (begin > 0 && is_address_part(p[begin - 1]))
			begin--;
		while (end < len && is_address_part(p[end]))
			end++;
		mask(p + begin, end - begin);
	}
}

static void mask_serial(uint8_t *p, size_t len, struct text serial)
{
	if (serial.len < 4)
		return;
	for (size_t i = 0; i + serial.len <= len; i++) {
		if (memcmp(p + i, serial.p, serial.len) == 0)
			mask(p + i, serial.len);
	}
}

/* ---- lines ------------------------------------------------------------------------------ */

static bool is_plain(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	}
	/* Editors drop outer blanks. */
	return len == 0 || (p[0] != ' ' && p[len - 1] != ' ');
}

static int put_octets(
	struct buf *dst, const struct oid *name, const struct varbind *vb, struct text serial)
{
	uint8_t text[LIMIT_DATAGRAM];
	char hex[2 * LIMIT_DATAGRAM + 1];
	size_t len = vb->len < sizeof text ? vb->len : sizeof text;
	memcpy(text, vb->value, len);
	if (is_personal(name))
		mask(text, len);
	mask_addresses(text, len);
	mask_serial(text, len, serial);
	if (is_plain(text, len))
		return buf_printf(dst, "4|%.*s\n", (int)len, (const char *)text);
	str_hex(hex, text, len);
	return buf_printf(dst, "4x|%s\n", hex);
}

static int put_value(
	struct buf *dst, const struct oid *name, const struct varbind *vb, struct text serial)
{
	struct oid_ber ber;
	struct oid oid;
	char text[2 * LIMIT_OID_SUBIDS * 6];
	uint64_t u;
	int64_t i;
	if (vb->type == BER_OCTETS)
		return put_octets(dst, name, vb, serial);
	if (vb->type == BER_INTEGER && varbind_integer(vb, &i) == 0)
		return buf_printf(dst, "2|%lld\n", (long long)i);
	if (vb->type == BER_OID && varbind_oid(vb, &ber) == 0 && oid_decode(&oid, ber) == 0) {
		(void)oid_to_text(text, sizeof text, &oid);
		return buf_printf(dst, "6|%s\n", text);
	}
	if (vb->type == BER_IPADDRESS && vb->len == 4)
		return buf_printf(dst, "64|%u.%u.%u.%u\n", vb->value[0], vb->value[1], vb->value[2],
			vb->value[3]);
	if (varbind_unsigned(vb, &u) == 0)
		return buf_printf(dst, "%u|%ju\n", vb->type, u);
	return ERR_TYPE;
}

int recording_write(struct buf *dst, const struct varbind *vb, struct text serial)
{
	struct oid name;
	char text[2 * LIMIT_OID_SUBIDS * 6];
	size_t before = dst->len;
	if (oid_decode(&name, vb->name) < 0)
		return 0;
	(void)oid_to_text(text, sizeof text, &name);
	int err = buf_printf(dst, "%s|", text);
	if (err == 0)
		err = put_value(dst, &name, vb, serial);
	if (err < 0)
		dst->len = before;
	return err == ERR_TYPE ? 0 : err;
}
