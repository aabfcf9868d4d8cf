/* SPDX-License-Identifier: Apache-2.0
 * One of the values of spool_set_value, read from the file of a store that may be closed. */
#ifndef PLATEN_TESTS_KIT_SPOOL_VALUE_H
#define PLATEN_TESTS_KIT_SPOOL_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* Its length; 0 if it is absent, or damaged. The test fails if the store cannot be read. */
size_t spool_value_read(const char *dir, const char *name, uint8_t *dst, size_t cap);

#endif
