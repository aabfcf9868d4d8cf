/* SPDX-License-Identifier: Apache-2.0
 * The vendor that an snmpEngineID names (RFC 3411 section 5, SnmpEngineID). Pure. */
#ifndef PLATEN_SMI_ENGINE_ID_H
#define PLATEN_SMI_ENGINE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "80000063031234567890ab: HP (enterprise 11), by its MAC address 12:34:56:78:90:ab"; a length that
 * RFC 3411 does not allow is said. Foreign text is scrubbed. Returns dst. */
const char *engine_id_describe(char *dst, size_t cap, const uint8_t *id, size_t len);

/* Whose engineIDs begin with an enterprise number (RFC 3411: SnmpEngineID). */
enum vendor_kind {
	VENDOR_UNKNOWN,
	VENDOR_PRINTERS,
	VENDOR_MIXED,    /* printers and other things */
	VENDOR_SOFTWARE, /* an agent that devices of all kinds run, printers too */
	VENDOR_OTHER
};

/* The engineID's enterprise number, 0 if it has none (or is of RFC 1910's kind), and into `mac`
 * what it says of a hardware address. */
uint32_t engine_id_enterprise(const uint8_t *engine, size_t len);
bool engine_id_mac(const uint8_t *engine, size_t len, uint8_t mac[6]);

/* The vendor of this enterprise number, and whether all its devices are printers. */
enum vendor_kind enterprise_vendor(uint32_t enterprise, const char **ret_name);

#endif
