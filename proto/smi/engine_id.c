/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/engine_id.h"

#include "proto/base/str.h"

#include <stdio.h>
#include <string.h>

enum { LEAST = 5, MOST = 32, FIXED = 12, WORDS = 128 };

/* IANA's private enterprise numbers of who makes printers, and of agents that are met in them. */
static const struct vendor {
	uint32_t enterprise;
	const char *name;
} vendors[] = {{11, "HP"}, {253, "Xerox"}, {236, "Samsung"}, {297, "FUJIFILM"}, {367, "Ricoh"},
	{641, "Lexmark"}, {674, "Dell"}, {1129, "Toshiba TEC"}, {1248, "Epson"}, {1347, "Kyocera"},
	{1602, "Canon"}, {2001, "OKI"}, {2021, "UCD-SNMP"}, {2385, "Sharp"}, {2435, "Brother"},
	{8072, "Net-SNMP"}, {10642, "Zebra"}, {18334, "Konica Minolta"}, {40093, "Pantum"}};

static const char *vendor_of(uint32_t enterprise)
{
	for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++) {
		if (vendors[i].enterprise == enterprise)
			return vendors[i].name;
	}
	return "another vendor";
}

static void put_colons(char *dst, size_t cap, const uint8_t *p, size_t n)
{
	size_t len = 0;
	dst[0] = '\0';
	for (size_t i = 0; i < n && len + 4 < cap; i++)
		len += (size_t)snprintf(dst + len, cap - len, "%s%02x", i > 0 ? ":" : "", p[i]);
}

/* What stands behind the enterprise number, in an id of RFC 3411's own shape. */
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
	uint32_t enterprise = (uint32_t)(id[0] & 0x7f) << 24 | (uint32_t)id[1] << 16 |
			      (uint32_t)id[2] << 8 | id[3];
	if ((id[0] & 0x80) != 0)
		describe_rest(rest, sizeof rest, id + 4, len - 4);
	else
		(void)snprintf(rest, sizeof rest, "in the old format%s",
			len == FIXED ? "" : ", which has 12 bytes");
	(void)snprintf(dst, cap, "%s: %s (enterprise %u), %s", hex, vendor_of(enterprise),
		enterprise, rest);
	return dst;
}
