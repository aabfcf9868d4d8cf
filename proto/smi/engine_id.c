/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/engine_id.h"

#include "proto/base/str.h"

#include <stdio.h>
#include <string.h>

enum { LEAST = 5, MOST = 32, FIXED = 12, WORDS = 128 };

uint32_t engine_id_enterprise(const uint8_t *id, size_t len)
{
	if (len < LEAST)
		return 0;
	return (uint32_t)(id[0] & 0x7f) << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 |
	       id[3];
}

bool engine_id_mac(const uint8_t *engine, size_t len, uint8_t mac[6])
{
	enum { FORMAT_AT = 4, FORMAT_MAC = 3, MAC_AT = 5 };
	static const uint8_t none[6];
	bool is_new_kind = len >= MAC_AT && (engine[0] & 0x80) != 0;
	if (!is_new_kind || engine[FORMAT_AT] != FORMAT_MAC || len < MAC_AT + 6)
		return false;
	/* Never set, or a group's, as all ones: no card's own, and on many devices. */
	if (memcmp(engine + MAC_AT, none, sizeof none) == 0 || (engine[MAC_AT] & 1) != 0)
		return false;
	memcpy(mac, engine + MAC_AT, 6);
	return true;
}

enum vendor_kind enterprise_vendor(uint32_t enterprise, const char **ret_name)
{
	/* https://www.iana.org/assignments/enterprise-numbers. The number of a vendor of other
	 * things too proves nothing. */
	static const struct {
		uint32_t number;
		enum vendor_kind vendor;
		const char *name;
	} vendors[] = {{9, VENDOR_OTHER, "Cisco"}, {11, VENDOR_MIXED, "HP"},
		{122, VENDOR_MIXED, "Sony"}, {128, VENDOR_MIXED, "Tektronix"},
		{186, VENDOR_MIXED, "Toshiba"}, {232, VENDOR_OTHER, "Compaq"},
		{236, VENDOR_MIXED, "Samsung"}, {253, VENDOR_PRINTERS, "Xerox"},
		{297, VENDOR_PRINTERS, "Fuji Xerox"}, {311, VENDOR_OTHER, "Microsoft"},
		{318, VENDOR_OTHER, "APC"}, {367, VENDOR_PRINTERS, "Ricoh"},
		{641, VENDOR_PRINTERS, "Lexmark"}, {674, VENDOR_MIXED, "Dell"},
		{1129, VENDOR_PRINTERS, "Toshiba TEC"}, {1248, VENDOR_PRINTERS, "Epson"},
		{1347, VENDOR_PRINTERS, "Kyocera"}, {1602, VENDOR_MIXED, "Canon"},
		{1963, VENDOR_MIXED, "Intermec"}, {2001, VENDOR_PRINTERS, "OKI"},
		{2011, VENDOR_OTHER, "Huawei"}, {2021, VENDOR_SOFTWARE, "UCD-SNMP"},
		{2385, VENDOR_PRINTERS, "Sharp"}, {2435, VENDOR_PRINTERS, "Brother"},
		{2636, VENDOR_OTHER, "Juniper"}, {2699, VENDOR_PRINTERS, "PWG"},
		{8072, VENDOR_SOFTWARE, "Net-SNMP"}, {10504, VENDOR_PRINTERS, "Printronix"},
		{10642, VENDOR_PRINTERS, "Zebra"}, {10917, VENDOR_PRINTERS, "Datamax"},
		{12911, VENDOR_PRINTERS, "Oce"}, {14988, VENDOR_OTHER, "MikroTik"},
		{18334, VENDOR_PRINTERS, "Konica Minolta"}, {24807, VENDOR_PRINTERS, "Riso"},
		{25506, VENDOR_OTHER, "H3C"}, {40093, VENDOR_PRINTERS, "Pantum"},
		{42406, VENDOR_PRINTERS, "SATO"}, {43564, VENDOR_PRINTERS, "TSC"}};
	*ret_name = "";
	for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++) {
		if (vendors[i].number == enterprise) {
			*ret_name = vendors[i].name;
			return vendors[i].vendor;
		}
	}
	return VENDOR_UNKNOWN;
}

static void put_colons(char *dst, size_t cap, const uint8_t *p, size_t n)
{
	size_t len = 0;
	dst[0] = '\0';
	for (size_t i = 0; i < n && len + 4 < cap; i++)
		len += (size_t)snprintf(dst + len, cap - len, "%s%02x", i > 0 ? ":" : "", p[i]);
}

/* Describes the bytes behind the enterprise number, in an id of RFC 3411's own format. */
static void describe_rest(char *dst, size_t cap, const uint8_t *p, size_t n)
{
	char text[MOST * 3 + 1];
	uint8_t format = p[0];
	p++;
	n--;
	if (format == 1 && n == 4)
		(void)snprintf(dst, cap, "by its IPv4 address %u.%u.%u.%u", p[0], p[1], p[2], p[3]);
	else if (format == 2 && n == 16)
		(void)snprintf(dst, cap, "by its IPv6 address");
	else if (format == 3 && (n == 6 || n == 8)) {
		put_colons(text, sizeof text, p, n);
		(void)snprintf(dst, cap, "by its MAC address %s", text);
	} else if (format == 4) {
		(void)str_scrub(text, sizeof text, p, n);
		(void)snprintf(dst, cap, "by the text \"%s\"", text);
	} else if (format == 5)
		(void)snprintf(dst, cap, "by octets of its own");
	else if (format >= 128)
		(void)snprintf(dst, cap, "in the vendor's own format %u", format);
	else
		(void)snprintf(dst, cap, "in a format that RFC 3411 does not have (%u)", format);
}

const char *engine_id_describe(char *dst, size_t cap, const uint8_t *id, size_t len)
{
	char hex[2 * MOST + 1], rest[WORDS];
	size_t shown = len < MOST ? len : MOST;
	str_hex(hex, id, shown);
	if (len < LEAST || len > MOST) {
		(void)snprintf(dst, cap, "%s%s: %zu bytes, which RFC 3411 does not allow", hex,
			len > shown ? "..." : "", len);
		return dst;
	}
	const char *name;
	uint32_t enterprise = engine_id_enterprise(id, len);
	(void)enterprise_vendor(enterprise, &name);
	if ((id[0] & 0x80) != 0)
		describe_rest(rest, sizeof rest, id + 4, len - 4);
	else
		(void)snprintf(rest, sizeof rest, "in the old format%s",
			len == FIXED ? "" : ", which has 12 bytes");
	(void)snprintf(dst, cap, "%s: %s (enterprise %u), %s", hex,
		name[0] != '\0' ? name : "another vendor", enterprise, rest);
	return dst;
}
