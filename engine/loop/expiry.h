/* SPDX-License-Identifier: Apache-2.0
 * Warnings before a certificate expires: 30, 7 and 1 days ahead and afterwards, each once. Pure. */
#ifndef PLATEN_LOOP_EXPIRY_H
#define PLATEN_LOOP_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

/* Of one certificate; zeroed: none was seen yet. */
struct expiry {
	uint64_t at_ms;     /* Unix; 0: there is none */
	uint64_t warned_ms; /* the longest time ahead that is not warned of any more; 0: none was */
};

/* The certificate that is in use now. Whether a warning is due; *days are left, negative once it
 * has expired. Another certificate begins anew. */
bool expiry_note(struct expiry *e, uint64_t at_ms, uint64_t now_ms, int *days);

#endif
