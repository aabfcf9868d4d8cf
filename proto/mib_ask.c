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
enum { FIRST_VARBINDS = 24, MOST_VARBINDS = 48, LEAST_VARBINDS = 1, GOOD_ANSWERS_TO_GROW = 4 };

static uint8_t most_varbinds(const struct mib_memory *m)
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
	if (w->max_varbinds > most_varbinds(memory))
		w->max_varbinds = most_varbinds(memory);
	w->scalars_open = (1u << SCALAR_COUNT) - 1;
}

static bool is_bulk(const struct mib_walk *w)
{
	return w->version != SNMP_V1 && !w->memory->has_no_bulk;
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

static struct oid_ber column_oid(const struct mib_cursor *c)
{
	const struct mib_column_def *def = &mib_columns[c->column];
	return (struct oid_ber){(const uint8_t *)def->ber, def->ber_len};
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
	if (snmp_question_add(q, column_oid(c), (struct oid_ber){c->tail, c->tail_len}, max_bytes) <
		0)
		return false;
	w->asked[w->asked_count++] = (uint8_t)i;
	w->asked_groups |= (uint8_t)(1u << mib_columns[c->column].group);
	return true;
}

/* First the columns that have enough rows for all repetitions, then those with fewer. */
static void ask_tables(struct mib_walk *w, struct snmp_question *q, size_t max_bytes)
{
	struct portion p = {.repetitions = 1, .columns = w->max_varbinds};
	snmp_question_begin(q, is_bulk(w) ? SNMP_GETBULK : SNMP_GETNEXT);
	if (is_bulk(w)) {
		choose_portion(w, &p, w->max_varbinds);
		q->max_repetitions = (uint16_t)p.repetitions;
	}
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < w->cursor_count && w->asked_count < p.columns; i++) {
			if (w->cursor[i].state != CURSOR_WAITING)
				continue;
			bool is_long = !is_bulk(w) || p.steps[i] >= p.repetitions;
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
	for (unsigned i = 0; i < w->device_count; i++) {
		uint8_t base[8];
		size_t n = oid_put_sub(base, w->device_index[i]);
		n += oid_put_sub(base + n, 20);
		if (i < MIB_XEROX_ROWS)
			add_walk(w, TABLE_XEROX, TABLE_XEROX + i, base, n);
		else
			w->groups_broken |= 1u << GROUP_METERS;
	}
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
		if ((w->scalars_failed & 1u << SCALAR_SERIAL) != 0)
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

static bool ask_for_less(struct mib_walk *w)
{
	if (w->max_varbinds <= LEAST_VARBINDS)
		return false;
	unsigned asked = w->asked_count * (w->asked_is_bulk ? w->asked_repetitions : 1u);
	unsigned less = (asked < w->max_varbinds ? asked : w->max_varbinds) / 2;
	w->max_varbinds = (uint8_t)(less > LEAST_VARBINDS ? less : LEAST_VARBINDS);
	w->memory->max_varbinds = w->max_varbinds;
	w->memory->good_answers = 0;
	return true;
}

void mib_refused(struct mib_walk *w, int error_status, int error_index)
{
	w->groups_seen |= w->asked_groups;
	if (error_status == SNMP_TOO_BIG && ask_for_less(w))
		return;
	if (error_status == SNMP_NO_SUCH_NAME && error_index > 0 && error_index <= w->asked_count) {
		/* SNMPv1: this one object is not there, or its column has ended; the rest again. */
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
	if (w->asked_is_bulk && is_bulk(w)) {
		w->memory->has_no_bulk = true;
		return;
	}
	if (error_index > 0 && error_index <= w->asked_count) {
		w->groups_broken |= w->asked_groups;
		fail_asked(w, (unsigned)error_index - 1);
		return;
	}
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
	if (w->retries_of_ask == 1)
		return ask_for_less(w);
	if (w->retries_of_ask == 2 && w->asked_is_bulk && is_bulk(w) && !w->memory->is_met) {
		w->memory->has_no_bulk = true;
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
	if (w->scalars_open != 0)
		w->groups_broken |= 1u << GROUP_IDENTITY;
	w->scalars_open = 0;
	w->phase = PHASE_OVER;
}

/* ---- what is learned -------------------------------------------------------------------- */

/* Additive growth after a run of good answers; halving is in ask_for_less. */
static void learn_size(struct mib_walk *w, size_t n)
{
	struct mib_memory *m = w->memory;
	if (m->max_varbinds == 0)
		m->max_varbinds = w->max_varbinds;
	uint8_t most = most_varbinds(m);
	if (n + n / 4 < w->max_varbinds || w->max_varbinds >= most)
		return;
	if (++m->good_answers < GOOD_ANSWERS_TO_GROW)
		return;
	m->good_answers = 0;
	w->max_varbinds = (uint8_t)(w->max_varbinds + 4 < most ? w->max_varbinds + 4 : most);
	m->max_varbinds = w->max_varbinds;
}

/* ---- answers ---------------------------------------------------------------------------- */

static void fold_scalars(struct mib_walk *w, struct reading *r, const struct varbind *vb, size_t n)
{
	for (unsigned i = 0; i < w->asked_count; i++) {
		enum mib_scalar s = w->asked[i];
		const struct mib_scalar_def *def = &mib_scalars[s];
		struct oid_ber oid = {(const uint8_t *)def->ber, def->ber_len};
		w->scalars_open &= (uint16_t) ~(1u << s);
		if (i < n && oid_ber_is_equal(vb[i].name, oid) && varbind_has_value(&vb[i]))
			mib_store_scalar(w, r, s, &vb[i]);
		else
			w->scalars_failed |= (uint16_t)(1u << s);
	}
}

/* Moves the cursor to where this varbind stands. False: the column has ended. */
static bool advance(struct mib_walk *w, struct mib_cursor *c, const struct varbind *vb)
{
	struct oid_ber column = column_oid(c);
	if (!varbind_has_value(vb) || !oid_ber_has_prefix(vb->name, column))
		return false;
	const uint8_t *tail = vb->name.p + column.len;
	size_t len = vb->name.len - column.len;
	if (len <= c->fixed_len || memcmp(tail, c->tail, c->fixed_len) != 0)
		return false;
	struct oid_ber before = {c->tail, c->tail_len}, now = {tail, len};
	if (len > sizeof c->tail || oid_ber_compare(now, before) <= 0) {
		/* A row index longer than any of these tables has, or a walk that goes back. */
		w->groups_broken |= (uint8_t)(1u << mib_columns[c->column].group);
		return false;
	}
	memcpy(c->tail, tail, len);
	c->tail_len = (uint8_t)len;
	return true;
}

static void count_row(struct mib_walk *w, struct mib_cursor *c)
{
	if (c->rows < UINT8_MAX - 1)
		c->rows++;
	if (w->rows[c->walk] < c->rows + 1)
		w->rows[c->walk] = (uint8_t)(c->rows + 1);
}

static void fold_tables(struct mib_walk *w, struct reading *r, const struct varbind *vb, size_t n)
{
	bool has_moved = false;
	unsigned columns = w->asked_count;
	for (size_t k = 0; k < n; k++) {
		struct mib_cursor *c = &w->cursor[w->asked[k % columns]];
		if (c->state != CURSOR_WAITING)
			continue;
		if (!advance(w, c, &vb[k])) {
			c->state = CURSOR_DONE;
			has_moved = true;
			continue;
		}
		has_moved = true;
		const struct mib_column_def *def = &mib_columns[c->column];
		count_row(w, c);
		uint32_t sub[8];
		int subs = oid_ber_tail(sub, 8, c->tail, c->tail_len);
		if (subs < 0 || !mib_store(w, r, (enum mib_column_name)c->column, sub, (size_t)subs,
					&vb[k]))
			w->groups_broken |= (uint8_t)(1u << def->group);
	}
	if (has_moved)
		return;
	/* An answer without a single step: asked again it would be the same for ever. */
	for (unsigned i = 0; i < columns; i++)
		w->cursor[w->asked[i]].state = CURSOR_FAILED;
	w->groups_broken |= w->asked_groups;
}

void mib_fold(struct mib_walk *w, struct reading *r, const struct varbind *vb, size_t n)
{
	if (w->asked_count == 0)
		return;
	w->groups_seen |= w->asked_groups;
	w->retries_of_ask = 0;
	w->varbinds += (uint32_t)n;
	if (w->varbinds > LIMIT_VISIT_VARBINDS) {
		mib_give_up(w);
		return;
	}
	learn_size(w, n);
	if (w->asked_is_bulk)
		fold_tables(w, r, vb, n);
	else
		fold_scalars(w, r, vb, n);
}

void mib_end(struct mib_walk *w, struct reading *r)
{
	if (w->phase != PHASE_OVER)
		mib_give_up(w);
	mib_conclude(w, r);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		bool is_broken = (w->groups_broken & 1u << g) != 0;
		bool is_seen = (w->groups_seen & 1u << g) != 0;
		r->group[g].status = (uint8_t)(!is_broken ? GROUP_COMPLETE
					       : is_seen  ? GROUP_PARTIAL
							  : GROUP_FAILED);
	}
	if (w->groups_broken == 0) {
		for (unsigned i = 0; i < MIB_WALKS; i++)
			w->memory->rows[i] = (uint8_t)(w->rows[i] == 0 ? 1 : w->rows[i]);
		w->memory->is_met = true;
	}
}
