/* SPDX-License-Identifier: Apache-2.0
 * The expected reading of a random printer, from its cells and independent of the code under test,
 * except for proto/text/charset. */
#ifndef PLATEN_TESTS_KIT_MIB_SHAPE_CHECK_H
#define PLATEN_TESTS_KIT_MIB_SHAPE_CHECK_H

#include "tests/kit/mib_shape.h"
#include "proto/text/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

extern struct shape shape;   /* the printer under test */
extern unsigned long number; /* of that printer, for messages */

void shape_check(bool is_right, const char *what, int line);
#define CHECK(claim) shape_check((claim), #claim, __LINE__)

struct media_columns {
	uint8_t table;
	int8_t type, unit, max, level, status, name, description, media; /* -1: has none */
};

/* Whether the agent has a value here; NULL is none. */
bool has_value(const struct shape_cell *c);
bool is_int32(const struct shape_cell *c);
int32_t int_of(const struct shape_cell *c);
bool is_count(const struct shape_cell *c);
/* The key of a row: hrDeviceIndex (0 where it is left out, as by Pantum) and its own index. */
uint32_t device_of(const struct shape_row *row);
uint32_t index_of(const struct shape_row *row);
/* `first` is the first part after the vendor's: every part that wears out is a supply. */
void check_maintenance(const struct reading *r, const struct maintenance *first);
bool is_complete(const struct reading *r, enum reading_group group);
void check_truth(const struct reading *r);

#endif
