/* SPDX-License-Identifier: Apache-2.0
 * What an snmpEngineID says about its vendor (RFC 3411 section 5, SnmpEngineID). Pure. */
#ifndef PLATEN_SMI_ENGINE_ID_H
#define PLATEN_SMI_ENGINE_ID_H

#include <stddef.h>
#include <stdint.h>

/* "80000063031234567890ab: HP (enterprise 11), by its MAC address 12:34:56:78:90:ab"; a length that
 * RFC 3411 does not allow is said. Foreign text is scrubbed. Returns dst. */
const char *engine_id_describe(char *dst, size_t cap, const uint8_t *id, size_t len);

#endif
