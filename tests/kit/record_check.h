/* SPDX-License-Identifier: Apache-2.0
 * The length of the first record in `bytes`, or the error of record_unpack; the reading is dropped.
 */
#ifndef PLATEN_KIT_RECORD_CHECK_H
#define PLATEN_KIT_RECORD_CHECK_H

#include <stddef.h>
#include <stdint.h>

int record_check(const uint8_t *bytes, size_t len);

#endif
