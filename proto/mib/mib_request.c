/* SPDX-License-Identifier: Apache-2.0
 * The next request: how much of the plan fits into it. */
#include "proto/mib/mib_internal.h"

#include <string.h>

enum { STEPS_MAX = 48 };

/* ---- what fits into one request -------------------------------------------------------- */

/* The expected number of further steps of a column: its rows, and one that shows its end. */
static unsigned expected_steps(const struct mib_cursor *c)
{
	/* More rows than expected: a few at a time. */
	return c->expected >= c->rows ? c->expected - c->rows + 1u : 4;
}

/* Alerts change while they are requested: a row whose columns come in several responses may mix two
 * alerts. So all their columns go into one request. */
static bool is_volatile(const struct mib_cursor *c)
{
	return c->walk == TABLE_ALERT && c->state == CURSOR_WAITING;
}

struct portion {
	unsigned repetitions;
	unsigned columns;
	uint8_t steps[MIB_CURSORS]; /* of each cursor; 0: not waiting */
};

/* Chooses the number of repetitions with which `budget` varbinds hold the most values: columns near
 * their end would return objects after it. */
static void choose_portion(const struct mib_plan *plan, struct portion *p, unsigned budget)
{
	unsigned with[STEPS_MAX + 2] = {0};  /* with[n]: columns with n steps or more */
	unsigned sum[MIB_CURSORS + 1] = {0}; /* sum[k]: steps of the k longest columns */
	unsigned best = 0, together = 0, longest = 0, waiting = 0;
	for (unsigned i = 0; i < plan->cursor_count; i++) {
		const struct mib_cursor *c = &plan->cursor[i];
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
	/* More repetitions than the longest column has steps only leave out columns. Of equally
	 * useful numbers the largest is best, as it makes the request shortest; but while the steps
	 * are a guess, the smallest, as a wrong guess costs fewer rows. */
	most = most < longest ? most : longest;
	for (unsigned i = 1; i <= most && best < budget; i++) {
		unsigned r = plan->limits->was_polled ? most + 1 - i : i;
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

static bool add_cursor(struct mib_plan *plan, struct snmp_request *q, unsigned i, size_t max_bytes)
{
	struct mib_cursor *c = &plan->cursor[i];
	if (snmp_request_add(q, mib_column_oid(plan, c), (struct oid_ber){c->tail, c->tail_len},
		    max_bytes) < 0)
		return false;
	plan->requested[plan->requested_count++] = (uint8_t)i;
	plan->requested_groups |= mib_column_group(c);
	return true;
}

enum pass { PASS_TOGETHER, PASS_LONG, PASS_SHORT, PASS_COUNT };

/* The waiting cursors by pass. */
struct passes {
	uint8_t count[PASS_COUNT];
	uint8_t cursor[PASS_COUNT][MIB_CURSORS];
};

static void divide(struct passes *ret, const struct mib_plan *plan, const struct portion *p)
{
	memset(ret->count, 0, sizeof ret->count);
	for (unsigned i = 0; i < plan->cursor_count; i++) {
		if (plan->cursor[i].state != CURSOR_WAITING)
			continue;
		enum pass pass = is_volatile(&plan->cursor[i])   ? PASS_TOGETHER
				 : p->steps[i] >= p->repetitions ? PASS_LONG
								 : PASS_SHORT;
		ret->cursor[pass][ret->count[pass]++] = (uint8_t)i;
	}
}

/* First the columns that must stay together, then those with rows for all repetitions, then the
 * others. */
static void request_columns(struct mib_plan *plan, struct snmp_request *q, size_t max_bytes)
{
	struct portion p;
	struct passes passes;
	bool is_bulk = mib_uses_getbulk(plan);
	snmp_request_begin(q, is_bulk ? SNMP_GETBULK : SNMP_GETNEXT);
	choose_portion(plan, &p, plan->max_varbinds);
	if (is_bulk) {
		q->max_repetitions = (uint16_t)p.repetitions;
	} else {
		p.repetitions = 1; /* GETNEXT returns one row of each column */
		p.columns = plan->max_varbinds;
	}
	divide(&passes, plan, &p);
	for (unsigned pass = 0; pass < PASS_COUNT; pass++) {
		for (unsigned i = 0; i < passes.count[pass] && plan->requested_count < p.columns;
			i++) {
			if (!add_cursor(plan, q, passes.cursor[pass][i], max_bytes))
				break;
		}
	}
	plan->repetitions = (uint8_t)p.repetitions;
}

/* The first request to a printer that was never polled, or is in safe mode, has only the objects
 * that RFC 1213 makes mandatory: sysDescr, sysObjectID, sysUpTime. */
static unsigned max_scalars(const struct mib_plan *plan)
{
	enum { MANDATORY = SCALAR_SYS_UPTIME + 1 };
	bool is_first = plan->groups_seen == 0 && plan->phase == PHASE_IDENTIFY;
	bool is_restricted = !plan->limits->was_polled || plan->limits->is_safe_mode;
	return is_first && is_restricted && plan->max_varbinds > MANDATORY ? MANDATORY
									   : plan->max_varbinds;
}

/* The name before `oid` in GETNEXT order, if `oid` exists: without its last sub-identifier. */
static struct oid_ber before(struct oid_ber oid)
{
	do
		oid.len--;
	while (oid.len > 1 && (oid.p[oid.len - 1] & 0x80) != 0);
	return oid;
}

/* Scalars of the standard or of the family, or the objects that all families are probed by. */
static void request_scalars(
	struct mib_plan *plan, struct snmp_request *q, enum mib_request_kind what, size_t max_bytes)
{
	uint64_t open = *mib_open_bits(plan, what);
	unsigned most = max_scalars(plan);
	/* Some devices crash on a GET of an object that they do not have, and SNMPv1 returns one
	 * error for each. */
	plan->is_by_getnext =
		what == REQUEST_SERIALS ||
		(plan->limits->is_safe_mode && plan->groups_seen != 0 && what != REQUEST_PROBES);
	bool is_next = plan->is_by_getnext || what == REQUEST_PROBES;
	snmp_request_begin(q, is_next ? SNMP_GETNEXT : SNMP_GET);
	plan->request_kind = (uint8_t)what;
	for (unsigned s = 0; s < 64 && open >> s != 0 && plan->requested_count < most; s++) {
		if ((open >> s & 1) == 0)
			continue;
		struct oid_ber none = {NULL, 0}, oid = mib_scalar_oid(plan, what, s);
		if (snmp_request_add(q, plan->is_by_getnext ? before(oid) : oid, none, max_bytes) <
			0)
			break;
		plan->requested[plan->requested_count++] = (uint8_t)s;
		plan->requested_groups |= mib_requested_group(plan, plan->requested_count - 1u);
	}
}

int mib_next_request(struct mib_plan *plan, struct snmp_request *q, size_t max_bytes)
{
	plan->requested_count = 0;
	plan->requested_groups = 0;
	plan->request_kind = REQUEST_NOTHING;
	plan->is_by_getnext = false;
	while (plan->phase != PHASE_OVER) {
		enum mib_request_kind what = REQUEST_SCALARS;
		while (what <= REQUEST_PROBES && *mib_open_bits(plan, what) == 0)
			what++;
		if (what <= REQUEST_PROBES) {
			request_scalars(plan, q, what, max_bytes);
			return 1;
		}
		if (mib_has_waiting(plan)) {
			plan->request_kind = REQUEST_COLUMNS;
			request_columns(plan, q, max_bytes);
			return 1;
		}
		mib_next_phase(plan);
	}
	return 0;
}
