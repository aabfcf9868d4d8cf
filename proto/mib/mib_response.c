/* SPDX-License-Identifier: Apache-2.0
 * What an answer does to the plan of a poll: which columns moved, which have ended, what is
 * learned about the printer for next time, and the status of each group at the end. */
#include "proto/mib/mib_internal.h"

#include <string.h>

enum { GOOD_ANSWERS_TO_GROW = 4 };

/* ---- what is learned -------------------------------------------------------------------- */

/* Additive growth after a run of good answers; halving is in ask_for_less. */
static void learn_size(struct mib_plan *w, size_t n)
{
	struct mib_limits *m = w->memory;
	if (m->max_varbinds == 0)
		m->max_varbinds = w->max_varbinds;
	uint8_t most = mib_varbinds_limit(w);
	if (n + n / 4 < w->max_varbinds || w->max_varbinds >= most)
		return;
	if (++m->good_responses < GOOD_ANSWERS_TO_GROW)
		return;
	m->good_responses = 0;
	w->max_varbinds = (uint8_t)(w->max_varbinds + 4 < most ? w->max_varbinds + 4 : most);
	m->max_varbinds = w->max_varbinds;
}

/* ---- answers ---------------------------------------------------------------------------- */

/* The varbind that answers this name: at its own place, or anywhere if the agent changes the order.
 */
static const struct varbind *find_varbind(
	const struct varbind *vb, size_t n, size_t place, struct oid_ber name)
{
	if (place < n && oid_ber_is_equal(vb[place].name, name))
		return &vb[place];
	for (size_t i = 0; i < n; i++) {
		if (oid_ber_is_equal(vb[i].name, name))
			return &vb[i];
	}
	return NULL;
}

/* One scalar's value where it belongs. */
static void take_scalar(struct mib_plan *w, struct reading *r, unsigned n, const struct varbind *vb)
{
	uint64_t bit = UINT64_C(1) << n;
	if (w->asked_what == ASKED_GETS) {
		w->gets_open &= ~bit;
		if (varbind_has_value(vb) && !mib_store_get(w, r, n, vb))
			w->groups_broken |=
				(uint16_t)(1u << mib_get_group(
						   &w->models->get[w->model->first_get + n]));
		return;
	}
	w->scalars_open &= ~bit;
	if (varbind_has_value(vb))
		mib_store_scalar(w, r, (enum mib_scalar)n, vb);
	else
		w->scalars_failed |= bit;
}

static void fold_scalars(struct mib_plan *w, struct reading *r, const struct varbind *vb, size_t n)
{
	uint64_t missing = 0;
	uint16_t groups = 0;
	unsigned answered = 0;
	for (unsigned i = 0; i < w->asked_count; i++) {
		unsigned s = w->asked[i];
		const struct varbind *found =
			find_varbind(vb, n, i, mib_scalar_oid(w, (enum mib_asked)w->asked_what, s));
		if (found == NULL) {
			missing |= UINT64_C(1) << s;
			groups |= mib_group_asked(w, i);
			continue;
		}
		answered++;
		take_scalar(w, r, s, found);
	}
	/* What an answer leaves out is asked again, as long as each answer brings something. */
	if (answered > 0)
		return;
	w->groups_broken |= groups;
	if (w->asked_what == ASKED_GETS) {
		w->gets_open &= ~missing;
	} else {
		w->scalars_open &= ~missing;
		w->scalars_failed |= missing;
	}
}

/* What a varbind is to the column that asked for it. */
enum step {
	STEP_ROW,
	STEP_BLANK, /* a row without a value here: the rows behind it still count */
	STEP_END,
	STEP_BACK /* not behind what was asked: such a walk would never end */
};

/* Moves the cursor to where this varbind stands. */
static enum step advance(const struct mib_plan *w, struct mib_cursor *c, const struct varbind *vb)
{
	struct oid_ber column = mib_column_oid(w, c);
	if (vb->type == BER_END_OF_MIB_VIEW)
		return STEP_END;
	if (!oid_ber_has_prefix(vb->name, column))
		return oid_ber_compare(vb->name, column) < 0 ? STEP_BACK : STEP_END;
	struct oid_ber before = {c->tail, c->tail_len};
	struct oid_ber now = {vb->name.p + column.len, vb->name.len - column.len};
	if (oid_ber_compare(now, before) <= 0)
		return vb->type >= BER_NO_SUCH_OBJECT ? STEP_END : STEP_BACK;
	if (now.len <= c->fixed_len || memcmp(now.p, c->tail, c->fixed_len) != 0)
		return STEP_END;
	if (now.len > sizeof c->tail)
		return STEP_BACK; /* a row index longer than any of these tables has */
	memcpy(c->tail, now.p, now.len);
	c->tail_len = (uint8_t)now.len;
	return varbind_has_value(vb) ? STEP_ROW : STEP_BLANK;
}

static void count_row(struct mib_plan *w, struct mib_cursor *c)
{
	if (c->rows < UINT8_MAX - 1)
		c->rows++;
	if (w->rows[c->walk] < c->rows + 1)
		w->rows[c->walk] = (uint8_t)(c->rows + 1);
}

/* Rows under the Printer-MIB: what no other device has. */
static const uint8_t printer_mib[] = {0x2b, 6, 1, 2, 1, 0x2b};

static bool store_row(struct mib_plan *w, struct reading *r, const struct mib_cursor *c,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	if (vb->name.len > sizeof printer_mib &&
		memcmp(vb->name.p, printer_mib, sizeof printer_mib) == 0)
		w->has_printer_mib = true;
	if (c->column >= COLUMN_COUNT)
		return mib_store_family(w, r, c, sub, n, vb);
	return mib_store(w, r, (enum mib_column_name)c->column, sub, n, vb);
}

static void fold_row(
	struct mib_plan *w, struct reading *r, struct mib_cursor *c, const struct varbind *vb)
{
	uint16_t group = mib_column_group(c);
	uint32_t sub[8];
	enum step step = advance(w, c, vb);
	if (step == STEP_END || step == STEP_BACK) {
		c->state = CURSOR_DONE;
		if (step == STEP_BACK)
			w->groups_broken |= group;
		return;
	}
	count_row(w, c);
	if (c->is_scout)
		mib_found_rows(w, c);
	if (c->rows > LIMIT_COLUMN_ROWS) {
		/* No table of ours keeps so many: the others must have their turn. */
		c->state = CURSOR_DONE;
		w->groups_broken |= group;
		return;
	}
	int subs = oid_ber_tail(sub, 8, c->tail, c->tail_len);
	if (step == STEP_ROW && (subs < 0 || !store_row(w, r, c, sub, (size_t)subs, vb)))
		w->groups_broken |= group;
	if (c->column == COLUMN_CHARSET)
		c->state = CURSOR_DONE; /* one localization is in use; there are dozens */
}

static void fold_tables(struct mib_plan *w, struct reading *r, const struct varbind *vb, size_t n)
{
	bool has_moved = false;
	unsigned columns = w->asked_count;
	for (size_t k = 0; k < n; k++) {
		struct mib_cursor *c = &w->cursor[w->asked[k % columns]];
		if (c->state != CURSOR_WAITING)
			continue;
		fold_row(w, r, c, &vb[k]);
		has_moved = true;
	}
	if (has_moved && w->has_no_bulk)
		w->memory->has_no_bulk = true;
	if (has_moved)
		return;
	/* An answer without a single step: asked again it would be the same for ever. */
	for (unsigned i = 0; i < columns; i++)
		w->cursor[w->asked[i]].state = CURSOR_FAILED;
	w->groups_broken |= w->asked_groups;
}

/* Scalars that were asked for by GETNEXT: an answer with another name says that there is none. */
static void as_if_by_get(const struct mib_plan *w, struct varbind own[LIMIT_ASK_OIDS],
	const struct varbind *vb, size_t n)
{
	for (unsigned i = 0; i < w->asked_count; i++) {
		struct oid_ber name = mib_scalar_oid(w, (enum mib_asked)w->asked_what, w->asked[i]);
		if (i < n && oid_ber_is_equal(vb[i].name, name))
			own[i] = vb[i];
		else
			own[i] = (struct varbind){.name = name, .type = BER_NO_SUCH_INSTANCE};
	}
}

/* What it has taken, for the day when it falls silent (mib_enter_safe_mode). */
static void learn_shown(struct mib_plan *w)
{
	if (w->asked_count > w->memory->proven_oids && !w->memory->is_safe_mode)
		w->memory->proven_oids = w->asked_count;
	if (w->asked_what == ASKED_COLUMNS && mib_asks_bulk(w))
		w->memory->has_proven_bulk = true;
}

void mib_add_response(struct mib_plan *w, struct reading *r, const struct varbind *vb, size_t n)
{
	struct varbind own[LIMIT_ASK_OIDS];
	if (w->asked_count == 0)
		return;
	learn_shown(w);
	if (w->is_asked_by_next && n > 0) {
		as_if_by_get(w, own, vb, n);
		vb = own;
		n = w->asked_count;
	}
	if (n > 0)
		w->groups_seen |= w->asked_groups;
	w->retries_of_ask = 0;
	w->varbinds += (uint32_t)n;
	if (w->varbinds > LIMIT_POLL_VARBINDS) {
		mib_abort(w);
		return;
	}
	learn_size(w, n);
	if (w->asked_what == ASKED_COLUMNS)
		fold_tables(w, r, vb, n);
	else if (w->asked_what == ASKED_IDS || w->asked_what == ASKED_PROBES)
		mib_fold_probes(w, r, vb, n);
	else
		fold_scalars(w, r, vb, n);
	/* The vendors' words come with the first answers; later ones do not change who it is. */
	if (w->phase < PHASE_FAMILY)
		mib_recognise(w, r);
	if (r->arena.is_full)
		w->groups_broken |= w->asked_groups;
}

/* Whether this poll asked for the group at all. */
static bool is_left_out(const struct mib_plan *w, unsigned group)
{
	return w->is_incremental &&
	       (group == GROUP_OPTIONS || group == GROUP_MEDIA || group == GROUP_MAINTENANCE);
}

void mib_end(struct mib_plan *w, struct reading *r)
{
	mib_abort(w); /* what is still open now stays so; nothing, after the last answer */
	bool was_full = r->arena.is_full;
	r->sources |= SOURCE_SNMP;
	mib_conclude(w, r);
	if (r->arena.is_full && !was_full)
		w->groups_broken |= (1u << GROUP_COUNT) - 1;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		bool is_broken = (w->groups_broken & 1u << g) != 0;
		bool is_seen = (w->groups_seen & 1u << g) != 0;
		r->group[g].status = (uint8_t)(is_left_out(w, g) ? GROUP_NOT_REQUESTED
					       : !is_broken      ? GROUP_COMPLETE
					       : is_seen         ? GROUP_PARTIAL
								 : GROUP_FAILED);
	}
	if (w->groups_broken != 0)
		return;
	for (unsigned i = 0; i < MIB_WALKS; i++) {
		/* A brief poll says nothing of what it left out. */
		if (w->rows[i] != 0 || !w->is_incremental)
			w->memory->rows[i] = (uint8_t)(w->rows[i] == 0 ? 1 : w->rows[i]);
	}
	w->memory->was_polled = true;
}
