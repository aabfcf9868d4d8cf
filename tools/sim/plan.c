/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/plan.h"

#include "proto/smi/request.h"
#include "tools/sim/responder.h"

#include <stdlib.h>
#include <string.h>

enum { NOT_WRITABLE = 17 };

struct plan *plan_new(void)
{
	struct plan *p = calloc(1, sizeof *p + PLAN_OPS * sizeof(struct plan_op) + PLAN_BLOB);
	if (p == NULL)
		return NULL;
	p->op = (struct plan_op *)(p + 1);
	p->blob = (uint8_t *)(p->op + PLAN_OPS);
	return p;
}

struct plan *plan_keep(const struct plan *p)
{
	struct plan *k = malloc(sizeof *k + p->ops * sizeof *p->op + p->blob_len + p->key_len);
	if (k == NULL)
		return NULL;
	*k = *p;
	k->op = (struct plan_op *)(k + 1);
	k->blob = (uint8_t *)(k->op + p->ops);
	k->key = k->blob + p->blob_len;
	memcpy(k->op, p->op, p->ops * sizeof *p->op);
	memcpy(k->blob, p->blob, p->blob_len);
	memcpy(k->key, p->key, p->key_len);
	return k;
}

void plan_free(struct plan *p)
{
	free(p);
}

/* A row: of the profile, or an override. */
struct found {
	struct oid_ber oid;
	const struct row *row; /* NULL: an override */
	const struct override *set;
};

static bool row_shows(const struct view *v, const struct row *r)
{
	if (r->cond >= 0) {
		*v->cond_mask |= 1ull << r->cond;
		if ((v->conds >> r->cond & 1) == 0)
			return false;
	}
	if (v->is_v1 && r->type == BER_COUNTER64)
		return false;
	if (v->history == NULL)
		return true;
	size_t i = fleet_find_override(v->history, r->oid);
	return i == v->history->now_count || !oid_ber_is_equal(v->history->now[i].oid, r->oid);
}

static bool set_shows(const struct view *v, const struct override *o)
{
	return o->type != SET_ABSENT && !(v->is_v1 && o->type == BER_COUNTER64);
}

/* The first row behind `oid`. */
static bool find_next(const struct view *v, struct oid_ber oid, struct found *ret)
{
	const struct row_table *t = v->rows;
	size_t i = row_find(t, oid);
	if (i < t->count && oid_ber_is_equal(t->rows[i].oid, oid))
		i++;
	while (i < t->count && !row_shows(v, &t->rows[i]))
		i++;
	*ret = (struct found){{NULL, 0}, NULL, NULL};
	if (i < t->count)
		*ret = (struct found){t->rows[i].oid, &t->rows[i], NULL};
	if (v->history == NULL)
		return ret->row != NULL;
	size_t k = fleet_find_override(v->history, oid);
	const struct override *o = v->history->now;
	if (k < v->history->now_count && oid_ber_is_equal(o[k].oid, oid))
		k++;
	while (k < v->history->now_count && !set_shows(v, &o[k]))
		k++;
	if (k < v->history->now_count &&
		(ret->row == NULL || oid_ber_compare(o[k].oid, ret->oid) < 0))
		*ret = (struct found){o[k].oid, NULL, &o[k]};
	return ret->row != NULL || ret->set != NULL;
}

static bool find_same(const struct view *v, struct oid_ber oid, struct found *ret)
{
	if (v->history != NULL) {
		size_t k = fleet_find_override(v->history, oid);
		if (k < v->history->now_count && oid_ber_is_equal(v->history->now[k].oid, oid)) {
			*ret = (struct found){oid, NULL, &v->history->now[k]};
			return set_shows(v, ret->set);
		}
	}
	size_t i = row_find(v->rows, oid);
	if (i == v->rows->count || !oid_ber_is_equal(v->rows->rows[i].oid, oid))
		return false;
	*ret = (struct found){v->rows->rows[i].oid, &v->rows->rows[i], NULL};
	return row_shows(v, ret->row);
}

enum { MADE_UP = 160, ENDLESS_ROW = 7 };

/* Increments the last sub-identifier of a name. The result is in `room`, which may overlap `oid`.
 */
static bool count_up(struct oid_ber oid, uint8_t room[MADE_UP], struct oid_ber *ret)
{
	size_t first = oid.len;
	while (first > 1 && (oid.p[first - 2] & 0x80) != 0)
		first--;
	if (oid.len < 2 || oid.len + 1 > MADE_UP)
		return false;
	first--;
	uint64_t last = 0;
	for (size_t i = first; i < oid.len; i++)
		last = last << 7 | (oid.p[i] & 0x7fu);
	last = last >= UINT32_MAX ? 0 : last + 1;
	memmove(room, oid.p, first);
	size_t n = 1;
	while (last >> (7 * n) != 0)
		n++;
	for (size_t i = 0; i < n; i++)
		room[first + i] =
			(uint8_t)((last >> (7 * (n - 1 - i)) & 0x7f) | (i + 1 < n ? 0x80 : 0));
	*ret = (struct oid_ber){room, first + n};
	return true;
}

/* True if the names differ in the last sub-identifier only. */
static bool are_beside(struct oid_ber a, struct oid_ber b)
{
	size_t n = a.len;
	while (n > 1 && (a.p[n - 2] & 0x80) != 0)
		n--;
	return n > 1 && b.len >= n - 1 && memcmp(a.p, b.p, n - 1) == 0;
}

/* The successor of `oid`, with the printer's walk faults. `room` belongs to this column until the
 * plan is built. */
static bool find_following(
	const struct view *v, struct oid_ber oid, uint8_t room[MADE_UP], struct found *ret)
{
	static const uint8_t one[] = {ENDLESS_ROW};
	static struct override made = {.type = BER_INTEGER, .len = 1, .value = one};
	if (v->way == WALK_SAME && find_same(v, oid, ret))
		return true;
	if (v->way == WALK_PAIR || v->way == WALK_DOWN) {
		size_t i = row_find(v->rows, oid), every = v->way == WALK_PAIR ? 2 : 4;
		bool is_row = i < v->rows->count && oid_ber_is_equal(v->rows->rows[i].oid, oid);
		if (is_row && i % every == every - 1) {
			const struct row *r = &v->rows->rows[i - (every - 1)];
			*ret = (struct found){r->oid, r, NULL};
			return true;
		}
	}
	bool is_there = find_next(v, oid, ret);
	if (v->way != WALK_ENDLESS || (is_there && are_beside(oid, ret->oid)))
		return is_there;
	struct oid_ber next;
	if (!count_up(oid, room, &next))
		return is_there;
	*ret = (struct found){next, NULL, &made};
	return true;
}

/* noSuchInstance where the column has rows, else noSuchObject. */
static uint8_t missing_kind(const struct view *v, struct oid_ber oid)
{
	size_t column = oid.len;
	while (column > 1 && (oid.p[column - 2] & 0x80) != 0)
		column--;
	if (column == 0)
		return BER_NO_SUCH_OBJECT;
	struct oid_ber prefix = {oid.p, column - 1};
	size_t i = row_find(v->rows, prefix);
	return i < v->rows->count && oid_ber_has_prefix(v->rows->rows[i].oid, prefix)
		       ? BER_NO_SUCH_INSTANCE
		       : BER_NO_SUCH_OBJECT;
}

struct build {
	struct plan *p;
	size_t in_op; /* bytes of the blob not covered by an op yet */
	size_t size;  /* max bytes of the varbinds */
	size_t room;
	const struct profile *profile;
};

static void end_op(struct build *b, const struct row *row)
{
	b->p->op[b->p->ops++] = (struct plan_op){(uint32_t)b->in_op, row};
	b->in_op = 0;
}

/* A varbind of a name and a value of `len` contents bytes. */
static bool add_fixed(
	struct build *b, struct oid_ber oid, uint8_t type, const uint8_t *value, size_t len)
{
	size_t inner = 1 + ber_len_size(oid.len) + oid.len + 1 + ber_len_size(len) + len;
	size_t whole = 1 + ber_len_size(inner) + inner;
	if (b->size + whole > b->room)
		return false;
	uint8_t *w = b->p->blob + b->p->blob_len;
	size_t at = 0;
	w[at++] = BER_SEQUENCE;
	at += ber_put_len(w + at, inner);
	w[at++] = BER_OID;
	at += ber_put_len(w + at, oid.len);
	memcpy(w + at, oid.p, oid.len);
	at += oid.len;
	w[at++] = type;
	at += ber_put_len(w + at, len);
	if (len > 0)
		memcpy(w + at, value, len);
	b->p->blob_len += (uint32_t)whole;
	b->in_op += whole;
	b->size += whole;
	b->p->varbinds++;
	return true;
}

static bool add_found(struct build *b, const struct found *f)
{
	if (f->set != NULL)
		return add_fixed(b, f->oid, f->set->type, f->set->value, f->set->len);
	const struct row *r = f->row;
	if (b->size + r->max_len > b->room || b->p->ops == PLAN_OPS - 1)
		return false;
	memcpy(b->p->blob + b->p->blob_len, r->wire, r->wire_len);
	b->p->blob_len += r->wire_len;
	b->in_op += r->wire_len;
	b->size += r->max_len;
	b->p->varbinds++;
	b->p->never_overrun += profile_is_never(b->profile, r->oid);
	if (r->kind != ROW_STATIC)
		end_op(b, r);
	return true;
}

static void begin(struct build *b, struct plan *p, size_t room)
{
	p->ops = 0;
	p->blob_len = 0;
	p->varbinds = 0;
	p->never_overrun = 0;
	p->error_status = SNMP_NO_ERROR;
	p->error_index = 0;
	b->p = p;
	b->in_op = b->size = 0;
	b->room = room < PLAN_BLOB ? room : PLAN_BLOB;
}

/* An error response. All but tooBig of v2c return the varbinds of the request. */
static void refuse(
	struct build *b, const struct request *q, size_t count, uint8_t status, size_t index)
{
	begin(b, b->p, b->room);
	b->p->error_status = status;
	b->p->error_index = (uint16_t)index;
	size_t n = (size_t)(q->list.end - q->list.p);
	if (status == SNMP_TOO_BIG && q->version != SNMP_V1)
		return;
	if (n > b->room)
		return;
	memcpy(b->p->blob, q->list.p, n);
	b->p->blob_len = (uint32_t)n;
	b->in_op = b->size = n;
	b->p->varbinds = (uint16_t)count;
}

/* Decodes the names of the request. Returns their number, or ERR_FORMAT. */
static int read_names(struct ber_in list, struct oid_ber names[REQUEST_VARBINDS_MAX])
{
	size_t n = 0;
	while (list.p < list.end) {
		struct ber_in vb, name, value;
		uint8_t tag;
		if (n == REQUEST_VARBINDS_MAX || ber_take(&list, BER_SEQUENCE, &vb) < 0 ||
			ber_take(&vb, BER_OID, &name) < 0 || ber_take_any(&vb, &tag, &value) < 0 ||
			vb.p != vb.end)
			return ERR_FORMAT;
		names[n] = (struct oid_ber){name.p, (size_t)(name.end - name.p)};
		if (oid_ber_check(names[n]) < 0)
			return ERR_FORMAT;
		n++;
	}
	return (int)n;
}

static void build_get(struct build *b, const struct view *v, const struct request *q,
	const struct oid_ber *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct found f;
		bool is_there = find_same(v, names[i], &f);
		b->p->missing += !is_there;
		if (!is_there && v->is_v1) {
			refuse(b, q, n, SNMP_NO_SUCH_NAME, i + 1);
			return;
		}
		if (!(is_there ? add_found(b, &f)
			       : add_fixed(b, names[i], missing_kind(v, names[i]), NULL, 0))) {
			refuse(b, q, n, SNMP_TOO_BIG, 0);
			return;
		}
	}
}

/* Invented names of WALK_ENDLESS: one per column. */
static uint8_t room[REQUEST_VARBINDS_MAX][MADE_UP];

static void build_next(struct build *b, const struct view *v, const struct request *q,
	const struct oid_ber *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct found f;
		bool is_there = find_following(v, names[i], room[i], &f);
		if (!is_there && v->is_v1) {
			refuse(b, q, n, SNMP_NO_SUCH_NAME, i + 1);
			return;
		}
		if (!(is_there ? add_found(b, &f)
			       : add_fixed(b, names[i], BER_END_OF_MIB_VIEW, NULL, 0))) {
			refuse(b, q, n, SNMP_TOO_BIG, 0);
			return;
		}
	}
}

/* GETBULK is never tooBig: varbinds that do not fit are left out at the end. */
static void build_bulk(struct build *b, const struct view *v, const struct request *q,
	struct oid_ber *names, size_t n)
{
	size_t fixed = q->first < 0 ? 0 : (size_t)q->first < n ? (size_t)q->first : n;
	size_t rounds = q->second < 0 ? 0 : (size_t)q->second;
	for (size_t round = 0; round < rounds + (fixed > 0 ? 1 : 0); round++) {
		bool is_first = fixed > 0 && round == 0;
		bool is_alive = false;
		for (size_t i = is_first ? 0 : fixed; i < (is_first ? fixed : n); i++) {
			struct found f;
			bool is_there = find_following(v, names[i], room[i], &f);
			if (!(is_there ? add_found(b, &f)
				       : add_fixed(b, names[i], BER_END_OF_MIB_VIEW, NULL, 0)))
				return;
			is_alive = is_alive || is_there;
			if (is_there && !is_first)
				names[i] = f.oid;
		}
		if (!is_first && !is_alive)
			return;
	}
}

int plan_build(struct plan *p, const struct view *v, const struct request *q)
{
	struct oid_ber names[REQUEST_VARBINDS_MAX];
	int n = read_names(q->list, names);
	if (n < 0)
		return n;
	struct build b = {.profile = v->profile};
	begin(&b, p, q->room);
	p->never_requested = 0;
	p->names = (uint16_t)n;
	p->missing = 0;
	for (int i = 0; i < n; i++)
		p->never_requested += profile_is_never(v->profile, names[i]);
	p->rows = v->rows;
	p->version = q->version;
	p->pdu = q->pdu;
	p->key = (uint8_t *)(uintptr_t)q->key; /* plan_keep copies it */
	p->key_len = (uint16_t)q->key_len;
	if (q->pdu == SNMP_SET)
		refuse(&b, q, (size_t)n, v->is_v1 ? SNMP_NO_SUCH_NAME : NOT_WRITABLE, 1);
	else if (q->pdu == SNMP_GET)
		build_get(&b, v, q, names, (size_t)n);
	else if (q->pdu == SNMP_GETNEXT)
		build_next(&b, v, q, names, (size_t)n);
	else
		build_bulk(&b, v, q, names, (size_t)n);
	if (b.in_op > 0)
		end_op(&b, NULL);
	if (p->never_requested > 0)
		p->never_overrun = 0;
	return 0;
}
