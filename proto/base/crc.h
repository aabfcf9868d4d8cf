/* SPDX-License-Identifier: Apache-2.0
 * CRC-32C (Castagnoli, the polynomial of RFC 3720), by the processor's instruction where it has
 * one. Chained: crc32c(crc32c(0, a), b) is the checksum of a followed by b. */
#ifndef PLATEN_BASE_CRC_H
#define PLATEN_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(uint32_t before, const void *bytes, size_t n);

#endif
