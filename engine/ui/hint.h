/* SPDX-License-Identifier: Apache-2.0
 * One sentence for each SNMP error of a printer: the thing to check, for a reader who does not know
 * RFC 3414. */
#ifndef PLATEN_UI_HINT_H
#define PLATEN_UI_HINT_H

#include <stdint.h>

/* Without a capital and a full stop; never NULL. `version` as in enum snmp_version: a timeout has
 * other causes in each. */
const char *hint_snmp(int err, uint8_t version);

#endif
