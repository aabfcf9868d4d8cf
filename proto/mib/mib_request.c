/* SPDX-License-Identifier: Apache-2.0
 * The next question: how much of the plan fits into it. */
#include "proto/mib/mib_internal.h"

#include <string.h>

enum { STEPS_MAX = 48 };

/* ---- what fits into one question -------------------------------------------------------- */

/* How many more steps a column is expected to take: its rows, and one that shows its end. */
static unsigned expected_steps(const struct mib_cursor *c)
{
	/* Further than ever before: a few at a time. */
	return c->expected >= c->rows ? c->expected - c->rows + 1u : 4;
}

/* Alerts come and go while they are asked for: a row whose columns come in several answers may be
 * half an alert. So their columns are asked side by side, whatever that does to the other columns
 * of the question. */
static bool is_volatile(const struct mib_cursor *c)
{
	return c->walk == TABLE_ALERT && c->state == CURSOR_WAITING;
}

struct portion {
	unsigned repetitions;
	unsigned columns;
	uint8_t steps[MIB_CURSORS]; /* of each cursor; 0: not waiting */
};

/* The number of repetitions with which an answer of `budget` varbinds has the most of use: columns
 * near their end would only bring what lies behind it. */
static void choose_portion(const struct mib_plan *w, struct portion *p, unsigned budget)
{
	unsigned with[STEPS_MAX + 2] = {0};  /* with[n]: columns that want n steps or more */
	unsigned sum[MIB_CURSORS + 1] = {0}; /* sum[k]: steps of the k longest columns */
	unsigned best = 0, together = 0, longest = 0, waiting = 0;
	for (unsigned i = 0; i < w->cursor_count; i++) {
		const struct mib_cursor *c = &w->cursor[i];
		unsigned steps = c->state == CURSOR_WAITING ? expected_steps(c) : 0;
		if (steps > budget)
			steps = budget;
		p->steps[i] = (uint8_t)steps;
		together += is_volatile(c);
		with[steps]++;
		longest = steps > longest ? steps : longest;
	}
	for (unsigned n = longest; n > 0; n--) {
		for (unsigned k = 0; k < with[n]; k++, waiting++)
			sum[waiting + 1] = sum[waiting] + n;
		with[n] = waiting;
	}
	unsigned most = together > 0 && together <= budget ? budget / together : budget;
	p->repetitions = 1;
	/* More repetitions than the longest column has steps only leave out columns. Of those that
	 * are of equal use the most: the request is shorter by every column that is not in it. But
	 * while the steps are a guess, the fewest: a guess that is wrong costs the fewer rows. */
	most = most < longest ? most : longest;
	for (unsigned i = 1; i <= most && best < budget; i++) {
		unsigned r = w->memory->was_polled ? most + 1 - i : i;
		unsigned columns = budget / r < waiting ? budget / r : waiting;
		unsigned whole = with[r] < columns ? with[r] : columns;
		unsigned useful = whole * r + sum[columns] - sum[whole];
		if (useful > best) {
			best = useful;
			p->repetitions = r;
		}
	}
	p->columns = budget / p->repetitions;
}

static bool add_cursor(struct mib_plan *w, struct snmp_request *q, unsigned i, size_t max_bytes)
{
	struct mib_cursor *c = &w->cursor[i];
	if (snmp_request_add(
		    q, mib_column_oid(w, c), (struct oid_ber){c->tail, c->tail_len}, max_bytes) < 0)
		return false;
	w->asked[w->asked_count++] = (uint8_t)i;
	w->asked_groups |= mib_column_group(c);
	return true;
}

enum pass { PASS_TOGETHER, PASS_LONG, PASS_SHORT, PASS_COUNT };

/* The cursors that wait, each in its pass. */
struct passes {
	uint8_t count[PASS_COUNT];
	uint8_t cursor[PASS_COUNT][MIB_CURSORS];
};

static void divide(struct passes *ret, const struct mib_plan *w, const struct portion *p)
{
	memset(ret->count, 0, sizeof ret->count);
	for (unsigned i = 0; i < w->cursor_count; i++) {
		if (w->cursor[i].state != CURSOR_WAITING)
			continue;
		enum pass pass = is_volatile(&w->cursor[i])      ? PASS_TOGETHER
				 : p->steps[i] >= p->repetitions ? PASS_LONG
								 : PASS_SHORT;
		ret->cursor[pass][ret->count[pass]++] = (uint8_t)i;
	}
}

/* First the columns that belong together, then those that have enough rows for all repetitions,
 * then those with fewer. */
static void ask_tables(struct mib_plan *w, struct snmp_request *q, size_t max_bytes)
{
	struct portion p;
	struct passes passes;
	bool is_bulk = mib_asks_bulk(w);
	snmp_request_begin(q, is_bulk ? SNMP_GETBULK : SNMP_GETNEXT);
	choose_portion(w, &p, w->max_varbinds);
	if (is_bulk) {
		q->max_repetitions = (uint16_t)p.repetitions;
	} else {
		p.repetitions = 1; /* a GETNEXT is one step: every column has that */
		p.columns = w->max_varbinds;
	}
	divide(&passes, w, &p);
	for (unsigned pass = 0; pass < PASS_COUNT; pass++) {
		for (unsigned i = 0; i < passes.count[pass] && w->asked_count < p.columns; i++) {
			if (!add_cursor(w, q, passes.cursor[pass][i], max_bytes))
				break;
		}
	}
	w->asked_repetitions = (uint8_t)p.repetitions;
}

/* A printer that was never read whole, or that is asked with care, is first asked for what RFC 1213
 * makes every agent have: sysDescr, sysObjectID, sysUpTime. */
static unsigned max_scalars(const struct mib_plan *w)
{
	enum { MANDATORY = SCALAR_SYS_UPTIME + 1 };
	bool is_first = w->groups_seen == 0 && w->phase == PHASE_IDENTIFY;
	bool is_shy = !w->memory->was_polled || w->memory->is_safe_mode;
	return is_first && is_shy && w->max_varbinds > MANDATORY ? MANDATORY : w->max_varbinds;
}

/* The name that a GETNEXT has to start at to come to `oid`, if that is there: its last
 * sub-identifier less. */
static struct oid_ber before(struct oid_ber oid)
{
	do
		oid.len--;
	while (oid.len > 1 && (oid.p[oid.len - 1] & 0x80) != 0);
	return oid;
}

/* Scalars of the standard or of the family, or what is asked of all families. */
static void ask_scalars(
	struct mib_plan *w, struct snmp_request *q, enum mib_asked what, size_t max_bytes)
{
	uint64_t open = *mib_open_bits(w, what);
	unsigned most = max_scalars(w);
	/* A GET for what is not there is one of the things that devices die of. */
	w->is_asked_by_next =
		w->memory->is_safe_mode && w->groups_seen != 0 && what != ASKED_PROBES;
	bool is_next = w->is_asked_by_next || what == ASKED_PROBES;
	snmp_request_begin(q, is_next ? SNMP_GETNEXT : SNMP_GET);
	w->asked_what = (uint8_t)what;
	for (unsigned s = 0; s < 64 && open >> s != 0 && w->asked_count < most; s++) {
		if ((open >> s & 1) == 0)
			continue;
		struct oid_ber none = {NULL, 0}, oid = mib_scalar_oid(w, what, s);
		if (snmp_request_add(q, w->is_asked_by_next ? before(oid) : oid, none, max_bytes) <
			0)
			break;
		w->asked[w->asked_count++] = (uint8_t)s;
		w->asked_groups |= mib_group_asked(w, w->asked_count - 1u);
	}
}

int mib_next_request(struct mib_plan *w, struct snmp_request *q, size_t max_bytes)
{
	w->asked_count = 0;
	w->asked_groups = 0;
	w->asked_what = ASKED_NOTHING;
	w->is_asked_by_next = false;
	while (w->phase != PHASE_OVER) {
		enum mib_asked what = ASKED_SCALARS;
		while (what <= ASKED_PROBES && *mib_open_bits(w, what) == 0)
			what++;
		if (what <= ASKED_PROBES) {
			ask_scalars(w, q, what, max_bytes);
			return 1;
		}
		if (mib_has_waiting(w)) {
			w->asked_what = ASKED_COLUMNS;
			ask_tables(w, q, max_bytes);
			return 1;
		}
		mib_next_phase(w);
	}
	return 0;
}
