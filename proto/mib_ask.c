/* SPDX-License-Identifier: Apache-2.0
 * The next question: how much of the plan fits into it, and what to do when the printer refuses or
 * does not answer. */
#include "proto/mib_internal.h"

#include <string.h>

enum { LEAST_VARBINDS = 1, STEPS_MOST = 48 };

/* ---- what fits into one question -------------------------------------------------------- */

/* How many more steps a column is expected to take: its rows, and one that shows its end. */
static unsigned expected_steps(const struct mib_walk *w, const struct mib_cursor *c)
{
	unsigned known = w->memory->rows[c->walk];
	unsigned all = known > 0                  ? known - 1u
		       : c->column < COLUMN_COUNT ? mib_first_rows[mib_columns[c->column].table]
						  : mib_family_table(w, c->table)->first_rows;
	/* Further than ever before: a few at a time. */
	return all >= c->rows ? all - c->rows + 1 : 4;
}

/* Alerts come and go while they are asked for: a row whose columns come in several answers may be
 * half an alert. So their columns are asked side by side, whatever that does to the other columns
 * of the question. */
static bool is_volatile(const struct mib_cursor *c)
{
	return c->walk == TABLE_ALERT && c->state == CURSOR_WAITING;
}

static unsigned count_volatile(const struct mib_walk *w)
{
	unsigned n = 0;
	for (unsigned i = 0; i < w->cursor_count; i++)
		n += is_volatile(&w->cursor[i]);
	return n;
}

struct portion {
	unsigned repetitions;
	unsigned columns;
	uint8_t steps[MIB_CURSORS]; /* of each cursor; 0: not waiting */
};

/* The number of repetitions with which an answer of `budget` varbinds has the most of use: columns
 * near their end would only bring what lies behind it. */
static void choose_portion(const struct mib_walk *w, struct portion *p, unsigned budget)
{
	unsigned with[STEPS_MOST + 2] = {0}; /* with[n]: columns that want n steps or more */
	for (unsigned i = 0; i < w->cursor_count; i++) {
		const struct mib_cursor *c = &w->cursor[i];
		unsigned steps = c->state == CURSOR_WAITING ? expected_steps(w, c) : 0;
		if (steps > budget)
			steps = budget;
		p->steps[i] = (uint8_t)steps;
		if (steps > 0)
			with[steps]++;
	}
	for (unsigned n = STEPS_MOST; n > 0; n--)
		with[n] += with[n + 1];
	unsigned best = 0, together = count_volatile(w);
	unsigned most = together > 0 && together <= budget ? budget / together : budget;
	p->repetitions = 1;
	for (unsigned r = 1; r <= most; r++) {
		unsigned columns = budget / r, used = with[r] < columns ? with[r] : columns,
			 useful = used * r;
		for (unsigned n = r; n-- > 1 && used < columns;) {
			unsigned more = with[n] - with[n + 1];
			more = more < columns - used ? more : columns - used;
			useful += more * n;
			used += more;
		}
		if (useful > best) {
			best = useful;
			p->repetitions = r;
		}
	}
	p->columns = budget / p->repetitions;
}

static bool add_cursor(struct mib_walk *w, struct snmp_question *q, unsigned i, size_t max_bytes)
{
	struct mib_cursor *c = &w->cursor[i];
	if (snmp_question_add(
		    q, mib_column_oid(w, c), (struct oid_ber){c->tail, c->tail_len}, max_bytes) < 0)
		return false;
	w->asked[w->asked_count++] = (uint8_t)i;
	w->asked_groups |= mib_column_group(w, c);
	return true;
}

enum pass { PASS_TOGETHER, PASS_LONG, PASS_SHORT, PASS_COUNT };

static enum pass pass_of(const struct mib_walk *w, const struct portion *p, unsigned i)
{
	if (is_volatile(&w->cursor[i]))
		return PASS_TOGETHER;
	return !mib_asks_bulk(w) || p->steps[i] >= p->repetitions ? PASS_LONG : PASS_SHORT;
}

/* First the columns that belong together, then those that have enough rows for all repetitions,
 * then those with fewer. */
static void ask_tables(struct mib_walk *w, struct snmp_question *q, size_t max_bytes)
{
	struct portion p = {.repetitions = 1, .columns = w->max_varbinds};
	snmp_question_begin(q, mib_asks_bulk(w) ? SNMP_GETBULK : SNMP_GETNEXT);
	if (mib_asks_bulk(w)) {
		choose_portion(w, &p, w->max_varbinds);
		q->max_repetitions = (uint16_t)p.repetitions;
	}
	for (unsigned pass = 0; pass < PASS_COUNT; pass++) {
		for (unsigned i = 0; i < w->cursor_count && w->asked_count < p.columns; i++) {
			if (w->cursor[i].state == CURSOR_WAITING &&
				pass_of(w, &p, i) == (enum pass)pass &&
				!add_cursor(w, q, i, max_bytes))
				break;
		}
	}
	w->asked_repetitions = (uint8_t)p.repetitions;
}

/* Scalars of the standard or of the family, or what is asked of all families. */
static void ask_scalars(
	struct mib_walk *w, struct snmp_question *q, enum mib_asked what, size_t max_bytes)
{
	uint64_t open = *mib_open_bits(w, what);
	snmp_question_begin(q, what == ASKED_PROBES ? SNMP_GETNEXT : SNMP_GET);
	w->asked_what = (uint8_t)what;
	for (unsigned s = 0; open >> s != 0 && w->asked_count < w->max_varbinds; s++) {
		if ((open >> s & 1) == 0)
			continue;
		struct oid_ber none = {NULL, 0};
		if (snmp_question_add(q, mib_scalar_oid(w, what, s), none, max_bytes) < 0)
			break;
		w->asked[w->asked_count++] = (uint8_t)s;
		w->asked_groups |= mib_group_asked(w, w->asked_count - 1u);
		if (s == 63)
			break;
	}
}

int mib_ask(struct mib_walk *w, struct snmp_question *q, size_t max_bytes)
{
	w->asked_count = 0;
	w->asked_groups = 0;
	w->asked_what = ASKED_NOTHING;
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

/* ---- when it does not go well ----------------------------------------------------------- */

/* It is not there, or cannot be had. */
static void fail_asked(struct mib_walk *w, unsigned i)
{
	if (i >= w->asked_count)
		return;
	uint64_t bit = UINT64_C(1) << (w->asked[i] & 63);
	switch ((enum mib_asked)w->asked_what) {
	case ASKED_COLUMNS:
		w->cursor[w->asked[i]].state = CURSOR_DONE;
		break;
	case ASKED_SCALARS:
		w->scalars_open &= ~bit;
		w->scalars_failed |= bit;
		break;
	case ASKED_GETS:
	case ASKED_IDS:
	case ASKED_PROBES:
		*mib_open_bits(w, (enum mib_asked)w->asked_what) &= ~bit;
		break;
	case ASKED_NOTHING:
		break;
	}
}

/* In another context nothing more is to be had: what was read before stays as good as it was. */
static void leave_context(struct mib_walk *w)
{
	w->memory->has_no_context = true;
	w->cursor_count = 0;
	w->phase = PHASE_OVER;
}

static bool ask_for_fewer(struct mib_walk *w)
{
	if (w->max_varbinds <= LEAST_VARBINDS)
		return false;
	unsigned asked =
		w->asked_count * (w->asked_what == ASKED_COLUMNS ? w->asked_repetitions : 1u);
	unsigned less = (asked < w->max_varbinds ? asked : w->max_varbinds) / 2;
	w->max_varbinds = (uint8_t)(less > LEAST_VARBINDS ? less : LEAST_VARBINDS);
	return true;
}

/* The same, and the next visit knows. */
static bool ask_for_less(struct mib_walk *w)
{
	if (!ask_for_fewer(w))
		return false;
	w->memory->max_varbinds = w->max_varbinds;
	w->memory->good_answers = 0;
	return true;
}

void mib_refused(struct mib_walk *w, int error_status, int error_index)
{
	bool names_one = error_index > 0 && error_index <= w->asked_count;
	if (w->phase == PHASE_CONTEXT && error_status != SNMP_TOO_BIG) {
		leave_context(w);
		return;
	}
	if (error_status == SNMP_TOO_BIG && ask_for_less(w))
		return;
	if (error_status == SNMP_NO_SUCH_NAME && names_one) {
		/* SNMPv1: this one object is not there, or its column has ended; the rest again. */
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
	if (w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w)) {
		w->has_no_bulk = true;
		return;
	}
	if (names_one) {
		w->groups_broken |= mib_group_asked(w, (unsigned)error_index - 1);
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
	/* Which one it was is found by asking for fewer, at last one by one. */
	if (w->asked_count > 1 && ask_for_fewer(w))
		return;
	if (error_status != SNMP_NO_SUCH_NAME)
		w->groups_broken |= w->asked_groups;
	for (unsigned i = 0; i < w->asked_count; i++)
		fail_asked(w, i);
}

bool mib_unanswered(struct mib_walk *w)
{
	/* Silence to the very first question is a printer that is off; later it may be a printer
	 * that drops what is too large for it. */
	if (w->phase == PHASE_IDENTIFY)
		return false;
	if (w->phase == PHASE_CONTEXT) {
		leave_context(w);
		return true;
	}
	w->retries_of_ask++;
	if (w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w) && w->is_bulk_trial) {
		w->has_no_bulk = true;
		return true;
	}
	if (w->retries_of_ask == 1)
		return ask_for_less(w);
	if (w->retries_of_ask == 2 && w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w) &&
		!w->memory->is_met) {
		w->has_no_bulk = true;
		return true;
	}
	return false;
}

void mib_give_up(struct mib_walk *w)
{
	uint16_t slow =
		w->is_brief ? 0 : 1u << GROUP_OPTIONS | 1u << GROUP_MEDIA | 1u << GROUP_MAINTENANCE;
	for (unsigned i = 0; i < w->cursor_count; i++) {
		if (w->cursor[i].state == CURSOR_WAITING) {
			w->cursor[i].state = CURSOR_FAILED;
			w->groups_broken |= mib_column_group(w, &w->cursor[i]);
		}
	}
	if (w->phase < PHASE_TABLES)
		w->groups_broken |= 1u << GROUP_METERS | 1u << GROUP_SUPPLIES | 1u << GROUP_ALERTS |
				    1u << GROUP_STATE;
	if (w->phase < PHASE_PARTS)
		w->groups_broken |= (uint16_t)(slow | 1u << GROUP_IDENTITY);
	if (w->scalars_open != 0)
		w->groups_broken |= 1u << GROUP_IDENTITY;
	w->scalars_open = 0;
	w->gets_open = w->ids_open = w->probes_open = 0;
	w->phase = PHASE_OVER;
}
