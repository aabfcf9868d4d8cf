/* SPDX-License-Identifier: Apache-2.0
 * The plan of a visit: which columns are still to walk, how many fit into the next question, and
 * what to do when the printer refuses or does not answer. */
#include "proto/mib.h"

#include <string.h>

enum phase {
	PHASE_IDENTIFY, /* the scalars, which tell the maker */
	PHASE_DEVICES,  /* hrDeviceTable and other small tables, which tell the device rows */
	PHASE_TABLES,   /* everything else */
	PHASE_OVER
};

/* What is asked of a printer about which nothing is known, and the most that one answer may have:
 * about 1,400 bytes of short varbinds. */
enum { FIRST_VARBINDS = 24, MOST_VARBINDS = 48, LEAST_VARBINDS = 1 };

/* A printer without GETBULK is asked so once more after as many visits: a single error must not
 * make it slow for ever. */
enum { NO_BULK_VISITS = 64 };

uint8_t mib_most_varbinds(const struct mib_memory *m)
{
	return m->most_varbinds != 0 && m->most_varbinds < MOST_VARBINDS ? m->most_varbinds
									 : MOST_VARBINDS;
}

void mib_begin(struct mib_walk *w, struct mib_memory *memory, enum snmp_version version)
{
	memset(w, 0, sizeof *w);
	w->memory = memory;
	w->version = (uint8_t)version;
	w->max_varbinds = memory->max_varbinds != 0 ? memory->max_varbinds : FIRST_VARBINDS;
	if (w->max_varbinds > mib_most_varbinds(memory))
		w->max_varbinds = mib_most_varbinds(memory);
	w->scalars_open = (1u << SCALAR_COUNT) - 1;
	if (memory->has_no_bulk && ++memory->no_bulk_visits >= NO_BULK_VISITS) {
		memory->has_no_bulk = false;
		memory->no_bulk_visits = 0;
		w->is_bulk_trial = true;
	}
}

/* ---- cursors ---------------------------------------------------------------------------- */

/* Adds the columns of a table to the plan; `base` is a fixed index part (0 bytes: none). */
static void add_walk(struct mib_walk *w, enum mib_table table, unsigned walk, const uint8_t *base,
	size_t base_len)
{
	for (uint8_t c = 0; c < COLUMN_COUNT; c++) {
		if (mib_columns[c].table != table)
			continue;
		if (w->cursor_count == MIB_CURSORS) {
			w->groups_broken |= (uint8_t)(1u << mib_columns[c].group);
			continue;
		}
		struct mib_cursor *cursor = &w->cursor[w->cursor_count++];
		*cursor = (struct mib_cursor){.column = c,
			.state = CURSOR_WAITING,
			.walk = (uint8_t)walk,
			.tail_len = (uint8_t)base_len,
			.fixed_len = (uint8_t)base_len};
		if (base_len > 0)
			memcpy(cursor->tail, base, base_len);
	}
}

static void add_table(struct mib_walk *w, enum mib_table table)
{
	add_walk(w, table, table, NULL, 0);
}

/* ---- what fits into one question -------------------------------------------------------- */

/* How many more steps a column is expected to take: its rows, and one that shows its end. */
static unsigned expected_steps(const struct mib_walk *w, const struct mib_cursor *c)
{
	unsigned known = w->memory->rows[c->walk];
	unsigned all = known > 0 ? known - 1u : mib_first_rows[mib_columns[c->column].table];
	/* Further than ever before: a few at a time. */
	return all >= c->rows ? all - c->rows + 1 : 4;
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
	unsigned with[MOST_VARBINDS + 2] = {0}; /* with[n]: columns that want n steps or more */
	for (unsigned i = 0; i < w->cursor_count; i++) {
		const struct mib_cursor *c = &w->cursor[i];
		unsigned steps = c->state == CURSOR_WAITING ? expected_steps(w, c) : 0;
		if (steps > budget)
			steps = budget;
		p->steps[i] = (uint8_t)steps;
		if (steps > 0)
			with[steps]++;
	}
	for (unsigned n = MOST_VARBINDS; n > 0; n--)
		with[n] += with[n + 1];
	unsigned best = 0;
	p->repetitions = 1;
	for (unsigned r = 1; r <= budget; r++) {
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
		    q, mib_column_oid(c), (struct oid_ber){c->tail, c->tail_len}, max_bytes) < 0)
		return false;
	w->asked[w->asked_count++] = (uint8_t)i;
	w->asked_groups |= (uint8_t)(1u << mib_columns[c->column].group);
	return true;
}

/* First the columns that have enough rows for all repetitions, then those with fewer. */
static void ask_tables(struct mib_walk *w, struct snmp_question *q, size_t max_bytes)
{
	struct portion p = {.repetitions = 1, .columns = w->max_varbinds};
	snmp_question_begin(q, mib_asks_bulk(w) ? SNMP_GETBULK : SNMP_GETNEXT);
	if (mib_asks_bulk(w)) {
		choose_portion(w, &p, w->max_varbinds);
		q->max_repetitions = (uint16_t)p.repetitions;
	}
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < w->cursor_count && w->asked_count < p.columns; i++) {
			if (w->cursor[i].state != CURSOR_WAITING)
				continue;
			bool is_long = !mib_asks_bulk(w) || p.steps[i] >= p.repetitions;
			if (is_long == (pass == 0) && !add_cursor(w, q, i, max_bytes))
				break;
		}
	}
	w->asked_repetitions = (uint8_t)p.repetitions;
}

static void ask_scalars(struct mib_walk *w, struct snmp_question *q, size_t max_bytes)
{
	snmp_question_begin(q, SNMP_GET);
	for (unsigned s = 0; s < SCALAR_COUNT && w->asked_count < w->max_varbinds; s++) {
		if ((w->scalars_open & 1u << s) == 0)
			continue;
		const struct mib_scalar_def *def = &mib_scalars[s];
		struct oid_ber oid = {(const uint8_t *)def->ber, def->ber_len};
		if (snmp_question_add(q, oid, (struct oid_ber){NULL, 0}, max_bytes) < 0)
			break;
		w->asked[w->asked_count++] = (uint8_t)s;
		w->asked_groups |= (uint8_t)(1u << def->group);
	}
}

static bool has_waiting(const struct mib_walk *w)
{
	for (unsigned i = 0; i < w->cursor_count; i++) {
		if (w->cursor[i].state == CURSOR_WAITING)
			return true;
	}
	return false;
}

/* xcmHrDevDetailTable.column.device.20: the usage counters of one device row. */
static void add_xerox_counters(struct mib_walk *w)
{
	unsigned walks = 0;
	if (w->printer_device == 0) {
		/* No row calls itself the printer: it is the first one everywhere else. */
		struct mib_device *first = mib_device_row(w, 1);
		if (first != NULL && first->role == ROLE_UNTOLD)
			first->role = ROLE_PRINTER;
	}
	for (unsigned i = 0; i < w->device_count; i++) {
		const struct mib_device *d = &w->device[i];
		uint8_t base[8];
		size_t n = oid_put_sub(base, d->index);
		n += oid_put_sub(base + n, 20);
		if (d->role == ROLE_UNTOLD || d->role == ROLE_NONE)
			continue;
		if (walks < MIB_XEROX_ROWS)
			add_walk(w, TABLE_XEROX, TABLE_XEROX + walks++, base, n);
		else
			w->groups_broken |= 1u << GROUP_METERS;
	}
}

/* Row 1 of prtGeneralTable was asked with the scalars; it need not be the printer's. */
static bool is_general_wanted(const struct mib_walk *w)
{
	return (w->scalars_failed & 1u << SCALAR_SERIAL) != 0 || w->printer_device > 1;
}

static void next_phase(struct mib_walk *w)
{
	w->cursor_count = 0;
	switch ((enum phase)w->phase) {
	case PHASE_IDENTIFY:
		w->phase = PHASE_DEVICES;
		add_table(w, TABLE_DEVICE);
		add_table(w, TABLE_IF);
		add_table(w, TABLE_PRINTER);
		add_table(w, TABLE_MARKER);
		break;
	case PHASE_DEVICES:
		w->phase = PHASE_TABLES;
		if (is_general_wanted(w))
			add_table(w, TABLE_GENERAL);
		add_table(w, TABLE_COLORANT);
		add_table(w, TABLE_SUPPLIES);
		add_table(w, TABLE_ALERT);
		if (w->vendor == VENDOR_XEROX)
			add_xerox_counters(w);
		break;
	case PHASE_TABLES:
	case PHASE_OVER:
		w->phase = PHASE_OVER;
		break;
	}
}

int mib_ask(struct mib_walk *w, struct snmp_question *q, size_t max_bytes)
{
	w->asked_count = 0;
	w->asked_groups = 0;
	while (w->phase != PHASE_OVER) {
		if (w->phase == PHASE_IDENTIFY && w->scalars_open != 0) {
			ask_scalars(w, q, max_bytes);
			w->asked_is_bulk = false;
			return 1;
		}
		if (w->phase != PHASE_IDENTIFY && has_waiting(w)) {
			ask_tables(w, q, max_bytes);
			w->asked_is_bulk = true;
			return 1;
		}
		next_phase(w);
	}
	return 0;
}

/* ---- when it does not go well ----------------------------------------------------------- */

/* Bit g: the group that the i-th OID of the open question belongs to. */
static uint8_t group_asked(const struct mib_walk *w, unsigned i)
{
	unsigned group = w->asked_is_bulk ? mib_columns[w->cursor[w->asked[i]].column].group
					  : mib_scalars[w->asked[i]].group;
	return (uint8_t)(1u << group);
}

static void fail_asked(struct mib_walk *w, unsigned i)
{
	if (i >= w->asked_count)
		return;
	if (w->asked_is_bulk) {
		struct mib_cursor *c = &w->cursor[w->asked[i]];
		c->state = CURSOR_DONE;
		return;
	}
	w->scalars_open &= (uint16_t) ~(1u << w->asked[i]);
	w->scalars_failed |= (uint16_t)(1u << w->asked[i]);
}

static bool ask_for_fewer(struct mib_walk *w)
{
	if (w->max_varbinds <= LEAST_VARBINDS)
		return false;
	unsigned asked = w->asked_count * (w->asked_is_bulk ? w->asked_repetitions : 1u);
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
	if (error_status == SNMP_TOO_BIG && ask_for_less(w))
		return;
	if (error_status == SNMP_NO_SUCH_NAME && names_one) {
		/* SNMPv1: this one object is not there, or its column has ended; the rest again. */
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
	if (w->asked_is_bulk && mib_asks_bulk(w)) {
		w->has_no_bulk = true;
		return;
	}
	if (names_one) {
		w->groups_broken |= group_asked(w, (unsigned)error_index - 1);
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
	w->retries_of_ask++;
	if (w->asked_is_bulk && mib_asks_bulk(w) && w->is_bulk_trial) {
		w->has_no_bulk = true;
		return true;
	}
	if (w->retries_of_ask == 1)
		return ask_for_less(w);
	if (w->retries_of_ask == 2 && w->asked_is_bulk && mib_asks_bulk(w) && !w->memory->is_met) {
		w->has_no_bulk = true;
		return true;
	}
	return false;
}

void mib_give_up(struct mib_walk *w)
{
	for (unsigned i = 0; i < w->cursor_count; i++) {
		if (w->cursor[i].state == CURSOR_WAITING) {
			w->cursor[i].state = CURSOR_FAILED;
			w->groups_broken |= (uint8_t)(1u << mib_columns[w->cursor[i].column].group);
		}
	}
	if (w->phase < PHASE_TABLES)
		w->groups_broken |= 1u << GROUP_METERS | 1u << GROUP_SUPPLIES | 1u << GROUP_ALERTS |
				    1u << GROUP_STATE;
	/* A serial number that was to be looked for elsewhere is missing too: a device must not get
	 * another key because of that. */
	if (w->scalars_open != 0 || (w->phase < PHASE_TABLES && is_general_wanted(w)))
		w->groups_broken |= 1u << GROUP_IDENTITY;
	w->scalars_open = 0;
	w->phase = PHASE_OVER;
}
