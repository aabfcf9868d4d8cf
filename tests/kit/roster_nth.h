/* SPDX-License-Identifier: Apache-2.0
 * A device by its place in the configuration. */
#ifndef PLATEN_TESTS_KIT_ROSTER_NTH_H
#define PLATEN_TESTS_KIT_ROSTER_NTH_H

#include "engine/fleet/roster.h"

/* NULL behind the last. */
struct device *roster_nth(struct roster *r, size_t i);

#endif
