/* SPDX-License-Identifier: Apache-2.0
 * The effect of a response on the plan: cursors that advance or end, limits that are learned, and
 * at the end the status of each group. */
#include "proto/mib/mib_internal.h"

#include <string.h>

enum { GOOD_RESPONSES_TO_GROW = 4 };

/* ---- what is learned -------------------------------------------------------------------- */

/* Additive increase after a run of full-sized responses; halve_varbinds_limit decreases. */
static void learn_size(struct mib_plan *plan, size_t n)
{
	struct mib_limits *m = plan->limits;
	if (m->max_varbinds == 0)
		m->max_varbinds = plan->max_varbinds;
	uint8_t most = mib_varbinds_limit(plan);
	if (n + n / 4 < plan->max_varbinds || plan->max_varbinds >= most)
		return;
	if (++m->good_responses < GOOD_RESPONSES_TO_GROW)
		return;
	m->good_responses = 0;
	plan->max_varbinds =
		(uint8_t)(plan->max_varbinds + 4 < most ? plan->max_varbinds + 4 : most);
	m->max_varbinds = plan->max_varbinds;
}

/* ---- answers ---------------------------------------------------------------------------- */

/* The varbind with this name: at its own place, or anywhere if the agent changes the order. */
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

/* Stores the value of one scalar. */
static void store_scalar(
	struct mib_plan *plan, struct reading *r, unsigned n, const struct varbind *vb)
{
	uint64_t bit = UINT64_C(1) << n;
	if (plan->request_kind == REQUEST_GETS) {
		plan->gets_open &= ~bit;
		if (varbind_has_value(vb) && !mib_store_get(plan, r, n, vb))
			plan->groups_broken |=
				(uint16_t)(1u << mib_get_group(
						   &plan->models->get[plan->model->first_get + n]));
		return;
	}
	plan->scalars_open &= ~bit;
	if (varbind_has_value(vb))
		mib_store_scalar(plan, r, (enum mib_scalar)n, vb);
	else
		plan->scalars_failed |= bit;
}

static void decode_scalars(
	struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n)
{
	uint64_t missing = 0;
	uint16_t groups = 0;
	unsigned answered = 0;
	for (unsigned i = 0; i < plan->requested_count; i++) {
		unsigned s = plan->requested[i];
		const struct varbind *found = find_varbind(vb, n, i,
			mib_scalar_oid(plan, (enum mib_request_kind)plan->request_kind, s));
		if (found == NULL) {
			missing |= UINT64_C(1) << s;
			groups |= mib_requested_group(plan, i);
			continue;
		}
		answered++;
		store_scalar(plan, r, s, found);
	}
	/* Objects that a response leaves out are requested again, as long as each response brings
	 * something. */
	if (answered > 0)
		return;
	plan->groups_broken |= groups;
	if (plan->request_kind == REQUEST_GETS) {
		plan->gets_open &= ~missing;
	} else {
		plan->scalars_open &= ~missing;
		plan->scalars_failed |= missing;
	}
}

/* The relation of a varbind to the column that was requested. */
enum step {
	STEP_ROW,
	STEP_BLANK, /* a row without a value in this column: later rows still count */
	STEP_END,
	STEP_BACK /* not after the name in the request: such a walk would never end */
};

/* Advances the cursor to the row of this varbind. */
static enum step advance(
	const struct mib_plan *plan, struct mib_cursor *c, const struct varbind *vb)
{
	struct oid_ber column = mib_column_oid(plan, c);
	if (vb->type == BER_END_OF_MIB_VIEW)
		return STEP_END;
	if (!oid_ber_has_prefix(vb->name, column))
		return oid_ber_compare(vb->name, column) < 0 ? STEP_BACK : STEP_END;
	struct oid_ber before = {c->tail, c->tail_len};
	struct oid_ber now = {vb->name.p + column.len, vb->name.len - column.len};
	if (oid_ber_compare(now, before) <= 0)
		return vb->type >= BER_NO_SUCH_OBJECT ? STEP_END : STEP_BACK;
	if (now.len <= c->fixed_len ||
		(c->fixed_len > 0 && memcmp(now.p, c->tail, c->fixed_len) != 0))
		return STEP_END;
	if (now.len > sizeof c->tail)
		return STEP_BACK; /* longer than any index of these tables */
	memcpy(c->tail, now.p, now.len);
	c->tail_len = (uint8_t)now.len;
	return varbind_has_value(vb) ? STEP_ROW : STEP_BLANK;
}

static void count_row(struct mib_plan *plan, struct mib_cursor *c)
{
	if (c->rows < UINT8_MAX - 1)
		c->rows++;
	if (plan->rows[c->walk] < c->rows + 1)
		plan->rows[c->walk] = (uint8_t)(c->rows + 1);
}

/* 1.3.6.1.2.1.43: only printers have objects of the Printer-MIB. */
static const uint8_t printer_mib[] = {0x2b, 6, 1, 2, 1, 0x2b};

static bool store_row(struct mib_plan *plan, struct reading *r, const struct mib_cursor *c,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	if (vb->name.len > sizeof printer_mib &&
		memcmp(vb->name.p, printer_mib, sizeof printer_mib) == 0)
		plan->has_printer_mib = true;
	if (c->column >= COLUMN_COUNT)
		return mib_store_family(plan, r, c, sub, n, vb);
	return mib_store(plan, r, (enum mib_column_name)c->column, sub, n, vb);
}

static void decode_varbind(
	struct mib_plan *plan, struct reading *r, struct mib_cursor *c, const struct varbind *vb)
{
	uint16_t group = mib_column_group(c);
	uint32_t sub[8];
	enum step step = advance(plan, c, vb);
	if (step == STEP_END || step == STEP_BACK) {
		c->state = CURSOR_DONE;
		if (step == STEP_BACK)
			plan->groups_broken |= group;
		return;
	}
	count_row(plan, c);
	if (c->is_trial)
		mib_add_remaining_columns(plan, c);
	if (c->rows > (mib_is_endless(plan, c->walk) ? ENDLESS_ROWS : LIMIT_COLUMN_ROWS)) {
		/* More rows than any of these tables keeps: the other columns get their share. */
		plan->limits->endless_walks |= UINT64_C(1) << c->walk;
		c->state = CURSOR_DONE;
		plan->groups_broken |= group;
		plan->groups_endless |= group;
		return;
	}
	int subs = oid_ber_tail(sub, 8, c->tail, c->tail_len);
	if (step == STEP_ROW && (subs < 0 || !store_row(plan, r, c, sub, (size_t)subs, vb)))
		plan->groups_broken |= group;
	if (c->column == COLUMN_CHARSET)
		c->state =
			CURSOR_DONE; /* the current localization only; there are dozens of rows */
}

static void decode_columns(
	struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n)
{
	bool has_moved = false;
	unsigned columns = plan->requested_count, column = 0;
	for (size_t k = 0; k < n; k++) {
		struct mib_cursor *c = &plan->cursor[plan->requested[column]];
		if (++column == columns)
			column = 0;
		if (c->state != CURSOR_WAITING)
			continue;
		decode_varbind(plan, r, c, &vb[k]);
		has_moved = true;
	}
	if (has_moved && plan->has_no_bulk)
		plan->limits->has_no_bulk = true;
	if (has_moved)
		return;
	/* A response without progress: the same request would bring the same response for ever. */
	for (unsigned i = 0; i < columns; i++)
		plan->cursor[plan->requested[i]].state = CURSOR_FAILED;
	plan->groups_broken |= plan->requested_groups;
}

/* A response to GETNEXT as one to GET: another name means that the object does not exist. */
static void as_get_response(const struct mib_plan *plan, struct varbind own[LIMIT_REQUEST_OIDS],
	const struct varbind *vb, size_t n)
{
	for (unsigned i = 0; i < plan->requested_count; i++) {
		struct oid_ber name = mib_scalar_oid(
			plan, (enum mib_request_kind)plan->request_kind, plan->requested[i]);
		if (i < n && oid_ber_is_equal(vb[i].name, name))
			own[i] = vb[i];
		else
			own[i] = (struct varbind){.name = name, .type = BER_NO_SUCH_INSTANCE};
	}
}

/* Proven limits, for safe mode (mib_enter_safe_mode). */
static void learn_proven(struct mib_plan *plan)
{
	if (plan->requested_count > plan->limits->proven_oids && !plan->limits->is_safe_mode)
		plan->limits->proven_oids = plan->requested_count;
	if (plan->request_kind == REQUEST_COLUMNS && mib_uses_getbulk(plan))
		plan->limits->has_proven_bulk = true;
}

void mib_add_response(struct mib_plan *plan, struct reading *r, const struct varbind *vb, size_t n)
{
	struct varbind own[LIMIT_REQUEST_OIDS];
	if (plan->requested_count == 0)
		return;
	learn_proven(plan);
	if (plan->is_by_getnext && n > 0) {
		as_get_response(plan, own, vb, n);
		vb = own;
		n = plan->requested_count;
	}
	if (n > 0)
		plan->groups_seen |= plan->requested_groups;
	plan->request_retries = 0;
	plan->varbinds += (uint32_t)n;
	if (plan->varbinds > LIMIT_POLL_VARBINDS) {
		mib_abort(plan);
		return;
	}
	learn_size(plan, n);
	if (plan->request_kind == REQUEST_COLUMNS)
		decode_columns(plan, r, vb, n);
	else if (plan->request_kind >= REQUEST_DEVICE_IDS)
		mib_decode_probes(plan, r, vb, n);
	else
		decode_scalars(plan, r, vb, n);
	/* The texts that identify the vendor are in the first phases. */
	if (plan->phase < PHASE_FAMILY)
		mib_recognise(plan, r);
	if (plan->phase == PHASE_PROBE)
		mib_recognise_by_parts(plan, r);
	if (r->arena.is_full)
		plan->groups_broken |= plan->requested_groups;
}

/* Whether this poll asked for the group at all. */
static bool is_left_out(const struct mib_plan *plan, unsigned group)
{
	return plan->is_incremental &&
	       (group == GROUP_OPTIONS || group == GROUP_MEDIA || group == GROUP_MAINTENANCE);
}

void mib_end(struct mib_plan *plan, struct reading *r)
{
	mib_abort(
		plan); /* objects that are still to request stay so; none after the last response */
	bool was_full = r->arena.is_full;
	r->sources |= SOURCE_SNMP;
	mib_conclude(plan, r);
	if (r->arena.is_full && !was_full)
		plan->groups_broken |= (1u << GROUP_COUNT) - 1;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		bool is_broken = (plan->groups_broken & 1u << g) != 0;
		bool is_seen = (plan->groups_seen & 1u << g) != 0;
		r->group[g].status = (uint8_t)(is_left_out(plan, g) ? GROUP_NOT_REQUESTED
					       : !is_broken         ? GROUP_COMPLETE
					       : is_seen            ? GROUP_PARTIAL
								    : GROUP_FAILED);
	}
	if ((plan->groups_broken & ~plan->groups_endless) != 0)
		return;
	for (unsigned i = 0; i < MIB_WALKS; i++) {
		/* An incremental poll knows nothing of the groups that it leaves out. */
		if (plan->rows[i] != 0 || !plan->is_incremental)
			plan->limits->rows[i] = (uint8_t)(plan->rows[i] == 0 ? 1 : plan->rows[i]);
	}
	plan->limits->was_polled = true;
}
