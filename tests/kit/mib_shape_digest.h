/* SPDX-License-Identifier: Apache-2.0
 * A reading as a list of numbers, one per row, to compare two readings row by row. */
#ifndef PLATEN_TESTS_KIT_MIB_SHAPE_DIGEST_H
#define PLATEN_TESTS_KIT_MIB_SHAPE_DIGEST_H

#include "tests/kit/mib_shape_check.h"

/* The content of a row as a number; kind, device and index identify the row. */
struct digest {
	uint8_t kind;
	uint32_t device, index;
	uint64_t sum;
};

enum {
	DIGEST_HEAD,
	DIGEST_METER,
	DIGEST_SUPPLY,
	DIGEST_ALERT,
	DIGEST_OPTION,
	DIGEST_SUBUNIT,
	DIGEST_PART,
	DIGESTS = 600
};

struct digests {
	unsigned count;
	struct digest row[DIGESTS];
};

#define MIX(v) sum = mix(sum, (uint64_t)(v))

void digest_reading(struct digests *d, const struct reading *r);

#endif
