/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/truth.h"

#include <string.h>

void truth_begin(struct truth *t, const struct fleet *f, const struct printer *p)
{
	t->fleet = f;
	t->printer = p;
	t->memo_count = 0;
	t->memo_next = 0;
}

static const struct instant *span_at(struct truth *t, uint64_t at_ms, size_t changes)
{
	for (unsigned i = 0; i < t->memo_count; i++)
		if (t->memo[i].at_ms == at_ms && t->memo[i].in.changes == changes)
			return &t->memo[i].in;
	unsigned i = t->memo_next++ % TRUTH_MEMO;
	if (t->memo_count < TRUTH_MEMO)
		t->memo_count++;
	t->memo[i].at_ms = at_ms;
	fleet_at(t->fleet, t->printer, at_ms, changes, &t->memo[i].in);
	return &t->memo[i].in;
}

void truth_row_value(const struct truth *t, const struct row *r, const struct instant *in,
	uint64_t at_ms, struct truth_value *ret)
{
	ret->is_there = r->cond < 0 || (in->conds >> r->cond & 1) != 0;
	ret->type = r->type;
	ret->len = r->value_len;
	ret->bytes = r->value;
	if (!ret->is_there || r->kind == ROW_STATIC)
		return;
	struct moment m = {at_ms, in->boot_ms, in->from_ms, in->conds, in->vars};
	ret->len = (uint16_t)fleet_row_value(t->fleet, t->printer, r, &m, ret->room);
	ret->bytes = ret->room;
}

static void value_in(const struct truth *t, const struct row *r, struct oid_ber oid,
	const struct instant *in, uint64_t at_ms, struct truth_value *ret)
{
	const struct change *c = fleet_was_set(t->printer, oid, in->changes);
	ret->is_there = false;
	if (c != NULL) {
		ret->is_there = c->type != SET_ABSENT;
		ret->type = c->type;
		ret->len = c->len;
		ret->bytes = c->bytes + c->oid_len;
	} else if (r != NULL) {
		truth_row_value(t, r, in, at_ms, ret);
	}
}

static const struct row *find_row(const struct truth *t, struct oid_ber oid)
{
	const struct profile *p = t->printer->profile;
	const struct row_table *both[] = {&p->table, &p->context_table};
	for (size_t k = 0; k < 2; k++) {
		size_t i = row_find(both[k], oid);
		if (i < both[k]->count && oid_ber_is_equal(both[k]->rows[i].oid, oid))
			return &both[k]->rows[i];
	}
	return NULL;
}

void truth_at(struct truth *t, struct oid_ber oid, uint64_t at_ms, struct truth_value *ret)
{
	const struct instant *in = span_at(t, at_ms, fleet_changes_until(t->printer, at_ms));
	value_in(t, find_row(t, oid), oid, in, at_ms, ret);
}

int truth_spans(struct truth *t, uint64_t from_ms, uint64_t to_ms, truth_span *each, void *owner)
{
	size_t changes = fleet_changes_before(t->printer, from_ms);
	uint64_t at = from_ms;
	for (unsigned spans = 0; spans < TRUTH_SPANS; spans++) {
		const struct instant *in = span_at(t, at, changes);
		uint64_t end = in->until_ms;
		int done = each(owner, at, end > to_ms ? to_ms : end, in);
		if (done != 0)
			return done;
		if (end <= at) {
			changes++; /* the next change is in the same millisecond */
		} else if (end > to_ms) {
			return 0;
		} else {
			at = end;
		}
	}
	return ERR_LIMIT;
}

/* The value of one name in each span. */
struct window_query {
	const struct truth *truth;
	const struct row *row;
	struct oid_ber oid;
	truth_each *each;
	void *owner;
	struct truth_value first, last;
};

static int add_value_span(
	void *owner, uint64_t from_ms, uint64_t until_ms, const struct instant *in)
{
	struct window_query *l = owner;
	value_in(l->truth, l->row, l->oid, in, from_ms, &l->first);
	value_in(l->truth, l->row, l->oid, in, until_ms, &l->last);
	return l->each(l->owner, from_ms, until_ms, &l->first, &l->last);
}

int truth_window(struct truth *t, struct oid_ber oid, uint64_t from_ms, uint64_t to_ms,
	truth_each *each, void *owner)
{
	struct window_query l = {
		.truth = t, .row = find_row(t, oid), .oid = oid, .each = each, .owner = owner};
	return truth_spans(t, from_ms, to_ms, add_value_span, &l);
}

void truth_table(struct truth *t, uint64_t at_ms, truth_row *row, void *owner)
{
	size_t changes = fleet_changes_until(t->printer, at_ms);
	const struct instant *in = span_at(t, at_ms, changes);
	const struct row_table *p = &t->printer->profile->table;
	const struct history *h = t->printer->history;
	struct truth_value v;
	/* `now` holds each name with an override, except those set to SET_LIVE again. */
	size_t k = 0, n = h == NULL ? 0 : h->now_count;
	for (size_t i = 0; i < p->count || k < n;) {
		bool is_set = k < n && (i == p->count ||
					       oid_ber_compare(h->now[k].oid, p->rows[i].oid) <= 0);
		struct oid_ber oid = is_set ? h->now[k].oid : p->rows[i].oid;
		const struct row *r =
			i < p->count && oid_ber_is_equal(p->rows[i].oid, oid) ? &p->rows[i] : NULL;
		value_in(t, r, oid, in, at_ms, &v);
		if (v.is_there)
			row(owner, oid, &v);
		k += is_set;
		i += r != NULL;
	}
}
