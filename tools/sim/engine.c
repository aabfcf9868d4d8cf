/* SPDX-License-Identifier: Apache-2.0
 * The SNMP engine of a printer: its engineID (RFC 3411 section 5), boots and time. */
#include "tools/sim/fleet.h"

#include "proto/smi/varbind.h"

#include <string.h>

enum { ENTERPRISES_ARC = 5, FORMAT_MAC = 3, FORMAT_OCTETS = 5, NO_VENDOR = 8072 };

/* The vendor's enterprise number from the profile's sysObjectID. */
static uint32_t vendor_of(const struct profile *p)
{
	static const uint8_t object_id[] = {0x2b, 6, 1, 2, 1, 1, 2, 0};
	static const uint8_t enterprises[ENTERPRISES_ARC] = {0x2b, 6, 1, 4, 1};
	struct oid_ber name = {object_id, sizeof object_id};
	size_t i = row_find(&p->table, name);
	if (i == p->table.count || !oid_ber_is_equal(p->table.rows[i].oid, name))
		return NO_VENDOR;
	const struct row *r = &p->table.rows[i];
	if (r->kind != ROW_STATIC || r->type != BER_OID || r->value_len <= ENTERPRISES_ARC ||
		memcmp(r->value, enterprises, ENTERPRISES_ARC) != 0)
		return NO_VENDOR;
	uint32_t number = 0;
	for (size_t at = ENTERPRISES_ARC; at < r->value_len; at++) {
		number = number << 7 | (r->value[at] & 0x7fu);
		if ((r->value[at] & 0x80) == 0)
			break;
	}
	return number;
}

/* Vendors use the MAC or octets of their own; here printers alternate. */
void engine_make(const struct fleet *f, struct printer *p)
{
	struct engine *e = &p->engine;
	uint32_t vendor = vendor_of(p->profile) | 0x80000000u;
	for (size_t i = 0; i < 4; i++)
		e->id[i] = (uint8_t)(vendor >> (24 - 8 * i));
	if (fleet_number(f, p) % 2 == 0) {
		e->id[4] = FORMAT_MAC;
		e->len = (uint8_t)(5 + fleet_mac(f, p, e->id + 5));
		return;
	}
	uint64_t own = fleet_hash(p->id, 0xe191e);
	e->id[4] = FORMAT_OCTETS;
	memcpy(e->id + 5, &own, sizeof own);
	e->len = 5 + sizeof own;
}

uint32_t engine_boots(const struct printer *p, const uint32_t *vars)
{
	int64_t boots = (int64_t)vars[VAR_BOOTS] + p->engine.boots_shift;
	return boots < 0 ? 0 : boots > INT32_MAX ? INT32_MAX : (uint32_t)boots;
}

uint32_t engine_time(const struct printer *p, uint64_t now_ms, uint64_t boot_ms)
{
	int64_t s = (int64_t)(now_ms - boot_ms) / 1000 + p->engine.time_shift_s;
	return s < 0 ? 0 : s > INT32_MAX ? INT32_MAX : (uint32_t)s;
}
