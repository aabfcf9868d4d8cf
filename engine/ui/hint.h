/* SPDX-License-Identifier: Apache-2.0
 * What to do about a printer that does not answer as it should: one sentence for each error of
 * SNMP, for people who cannot be expected to know RFC 3414. */
#ifndef PLATEN_UI_HINT_H
#define PLATEN_UI_HINT_H

#include <stdint.h>

/* What to check, without a capital and a full stop; never NULL. `version` as in enum snmp_version:
 * silence means something else in each. */
const char *hint_snmp(int err, uint8_t version);

#endif
