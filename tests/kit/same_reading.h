/* SPDX-License-Identifier: Apache-2.0
 * Asserts that two readings are equal, field by field. */
#ifndef PLATEN_TESTS_KIT_SAME_READING_H
#define PLATEN_TESTS_KIT_SAME_READING_H

#include "proto/reading/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SAME(a, b) assert_int_equal((a), (b))

void same_text(struct text a, struct text b);
void same_identity(const struct identity *a, const struct identity *b);
void same_reading(const struct reading *a, const struct reading *b, unsigned mask);

#endif
