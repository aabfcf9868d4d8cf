/* SPDX-License-Identifier: Apache-2.0
 * What a printer held at an instant, or during a window: for the tests that compare what a
 * collector brought home with what was there. Windows are inclusive at both ends; within one
 * millisecond in which something changed, both values were held. */
#ifndef PLATEN_SIM_TRUTH_H
#define PLATEN_SIM_TRUTH_H

#include "tools/sim/fleet.h"

#include <stddef.h>
#include <stdint.h>

enum {
	TRUTH_SPANS = 100000, /* polled for one request; a longer window is refused */
	TRUTH_MEMO = 16
};

/* One value. Bytes are the contents of its type. */
struct truth_value {
	bool is_there;
	uint8_t type;
	uint16_t len;
	const uint8_t *bytes; /* in `room`, or lasting */
	uint8_t room[PROFILE_VALUE];
};

/* Spans that were just looked at: claims come in groups with one window. */
struct truth {
	const struct fleet *fleet;
	const struct printer *printer;
	struct {
		uint64_t at_ms;
		struct instant in;
	} memo[TRUTH_MEMO];
	unsigned memo_count, memo_next;
};

/* Begins requests about one printer; nothing may change it until they are done. */
void truth_begin(struct truth *t, const struct fleet *f, const struct printer *p);

/* The value at `at_ms`, after all changes up to and including it. */
void truth_at(struct truth *t, struct oid_ber oid, uint64_t at_ms, struct truth_value *ret);

/* Calls `each` for each span of the window, which is [from_ms, until_ms] cut to it. It ends when
 * `each` returns nonzero, which is returned; else 0, or ERR_LIMIT for a window of too many spans.
 */
typedef int truth_span(void *owner, uint64_t from_ms, uint64_t until_ms, const struct instant *in);
int truth_spans(
	struct truth *t, uint64_t from_ms, uint64_t to_ms, truth_span *each, void *owner) MUST_USE;

/* Likewise with the value at the beginning and at the end of each span; the two differ only for
 * clocks. */
typedef int truth_each(void *owner, uint64_t from_ms, uint64_t until_ms,
	const struct truth_value *first, const struct truth_value *last);
int truth_window(struct truth *t, struct oid_ber oid, uint64_t from_ms, uint64_t to_ms,
	truth_each *each, void *owner) MUST_USE;

/* The value of a row or a fact's cell in a span, at a time in it. */
void truth_row_value(const struct truth *t, const struct row *r, const struct instant *in,
	uint64_t at_ms, struct truth_value *ret);

/* All rows of the printer at a time, in order. */
typedef void truth_row(void *owner, struct oid_ber oid, const struct truth_value *value);
void truth_table(struct truth *t, uint64_t at_ms, truth_row *row, void *owner);

#endif
