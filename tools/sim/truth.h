/* SPDX-License-Identifier: Apache-2.0
 * The values of a printer at a time or during a window, for tests that compare a collector's
 * readings with them. Windows include both ends; in the millisecond of a change both values are
 * true. */
#ifndef PLATEN_SIM_TRUTH_H
#define PLATEN_SIM_TRUTH_H

#include "tools/sim/fleet.h"

#include <stddef.h>
#include <stdint.h>

enum {
	TRUTH_SPANS = 100000, /* spans of one window; a longer window is refused */
	TRUTH_MEMO = 16
};

/* One value. Bytes are the contents of its type. */
struct truth_value {
	bool is_there;
	uint8_t type;
	uint16_t len;
	const uint8_t *bytes; /* in `room`, or the profile's or history's */
	uint8_t room[PROFILE_VALUE];
};

/* Caches the last spans, as claims come in groups with the same window. */
struct truth {
	const struct fleet *fleet;
	const struct printer *printer;
	struct {
		uint64_t at_ms;
		struct instant in;
	} memo[TRUTH_MEMO];
	unsigned memo_count, memo_next;
};

/* Begins a series of queries about one printer, which must not change meanwhile. */
void truth_begin(struct truth *t, const struct fleet *f, const struct printer *p);

/* The value at `at_ms`, after all changes up to and including it. */
void truth_at(struct truth *t, struct oid_ber oid, uint64_t at_ms, struct truth_value *ret);

/* Calls `each` for each span of the window, cut to the window. Stops at the first nonzero result of
 * `each` and returns it; else 0, or ERR_LIMIT for a window of more than TRUTH_SPANS. */
typedef int truth_span(void *owner, uint64_t from_ms, uint64_t until_ms, const struct instant *in);
int truth_spans(
	struct truth *t, uint64_t from_ms, uint64_t to_ms, truth_span *each, void *owner) MUST_USE;

/* Like truth_spans, with the value at the beginning and at the end of each span; they differ for
 * clocks only. */
typedef int truth_each(void *owner, uint64_t from_ms, uint64_t until_ms,
	const struct truth_value *first, const struct truth_value *last);
int truth_window(struct truth *t, struct oid_ber oid, uint64_t from_ms, uint64_t to_ms,
	truth_each *each, void *owner) MUST_USE;

/* The value of a row or a fact's cell at a time within a span. */
void truth_row_value(const struct truth *t, const struct row *r, const struct instant *in,
	uint64_t at_ms, struct truth_value *ret);

/* All rows of the printer at a time, in order. */
typedef void truth_row(void *owner, struct oid_ber oid, const struct truth_value *value);
void truth_table(struct truth *t, uint64_t at_ms, truth_row *row, void *owner);

#endif
