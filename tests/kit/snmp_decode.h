/* SPDX-License-Identifier: Apache-2.0
 * Decodes one SNMP message after another into a PDU of libnetsnmp. The pointers in `in` are good
 * until the next call. */
#ifndef PLATEN_TESTS_KIT_SNMP_DECODE_H
#define PLATEN_TESTS_KIT_SNMP_DECODE_H

#include "engine/snmp/library.h"

/* A message of SNMPv1 or SNMPv2c. */
int decode_community(struct snmp_incoming *in, const uint8_t *bytes, size_t len);

/* The scoped PDU of an SNMPv3 message. */
int decode_scoped(struct snmp_incoming *in, const uint8_t *bytes, size_t len, size_t padding);

/* Frees the PDU of the last call. */
void decode_free(void);

#endif
