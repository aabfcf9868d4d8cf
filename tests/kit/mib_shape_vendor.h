/* SPDX-License-Identifier: Apache-2.0
 * The expected values of the vendor tables of a random printer, as shape_model defines them. Only
 * of complete groups. */
#ifndef PLATEN_TESTS_KIT_MIB_SHAPE_VENDOR_H
#define PLATEN_TESTS_KIT_MIB_SHAPE_VENDOR_H

#include "tests/kit/mib_shape_check.h"

#include <strings.h>

void check_vendor(const struct reading *r);

#endif
