/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/body.h"

#include "proto/snmpmsg.h"

#include <string.h>

int body_read(struct ber_in *in, uint8_t version, struct ask *q)
{
	struct ber_in pdu;
	int32_t id;
	if (ber_take_any(in, &q->pdu, &pdu) < 0)
		return ERR_FORMAT;
	q->version = version;
	if (q->pdu != SNMP_GET && q->pdu != SNMP_GETNEXT && q->pdu != SNMP_SET &&
		!(q->pdu == SNMP_GETBULK && version != SNMP_V1))
		return ERR_FORMAT;
	q->id = pdu.p;
	if (ber_take_i32(&pdu, &id) < 0)
		return ERR_FORMAT;
	q->id_len = (size_t)(pdu.p - q->id);
	q->key = pdu.p;
	q->key_len = (size_t)(pdu.end - pdu.p);
	if (ber_take_i32(&pdu, &q->first) < 0 || ber_take_i32(&pdu, &q->second) < 0 ||
		ber_take(&pdu, BER_SEQUENCE, &q->list) < 0 || pdu.p != pdu.end)
		return ERR_FORMAT;
	return 0;
}

/* Eight bytes a step; the key is at most ANSWER_REQUEST bytes. */
static uint64_t hash_key(const uint8_t *p, size_t len, uint64_t h)
{
	uint64_t w;
	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0x9fb21c651e98df25ull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, p, len);
	h = (h ^ w ^ (uint64_t)len << 56) * 0x9fb21c651e98df25ull;
	return h ^ h >> 29;
}

/* Makes room for one more plan in a place: the whole list goes when it is long, and so does some
 * other one when there are too many plans. Making plans again costs less than keeping order. */
static void make_room(struct answerer *a, size_t place)
{
	size_t n = 0;
	for (const struct plan *k = a->plans[place]; k != NULL; k = k->next)
		n++;
	while (n >= ANSWER_CHAIN && a->plans[place] != NULL)
		answer_drop_plan(a, place);
	for (size_t i = 1; a->plan_count >= ANSWER_PLANS && i <= ANSWER_PLACES; i++)
		while (a->plans[(place + i) % ANSWER_PLACES] != NULL)
			answer_drop_plan(a, (place + i) % ANSWER_PLACES);
}

static bool is_plan_for(const struct plan *k, uint64_t hash, const struct printer *p,
	const struct row_table *rows, const struct ask *q)
{
	return k->hash == hash && k->rows == rows && (p->conds & k->looked_at) == k->conds &&
	       k->pdu == q->pdu && k->version == q->version && k->key_len == q->key_len &&
	       memcmp(k->key, q->key, q->key_len) == 0;
}

/* The plan for this request: found, or made and kept. NULL if the request is malformed. */
static const struct plan *find_plan(struct answerer *a, const struct printer *p,
	const struct row_table *rows, const struct ask *q)
{
	struct plan *made = a->scratch;
	made->looked_at = 0;
	struct view v = {.profile = p->profile,
		.rows = rows,
		.conds = p->conds,
		.looked_at = &made->looked_at,
		.is_v1 = q->version == SNMP_V1};
	/* Values that were set are of the default context. */
	bool is_own = p->has_overrides && rows == &p->profile->table;
	if (is_own || p->broken == BROKEN_LOOP || q->is_narrow) {
		v.history = is_own ? p->history : NULL;
		v.is_looping = p->broken == BROKEN_LOOP;
		return plan_build(made, &v, q) < 0 ? NULL : made;
	}
	uint64_t start = (uint64_t)(uintptr_t)rows ^ (uint64_t)(q->pdu << 2 | q->version) << 40;
	uint64_t hash = hash_key(q->key, q->key_len, start);
	size_t place = hash & (ANSWER_PLACES - 1);
	for (struct plan *k = a->plans[place]; k != NULL; k = k->next)
		if (is_plan_for(k, hash, p, rows, q))
			return k;
	if (plan_build(made, &v, q) < 0)
		return NULL;
	a->counts.plans_made++;
	made->hash = hash;
	made->conds = p->conds & made->looked_at;
	struct plan *k = plan_keep(made);
	if (k == NULL)
		return made;
	make_room(a, place);
	k->next = a->plans[place];
	a->plans[place] = k;
	a->plan_count++;
	return k;
}

/* The value of a live row behind its name and type, which are written already: `at` is behind
 * them. Returns where the varbind ends. */
static uint8_t *put_live(const struct fleet *f, const struct printer *p, const struct row *r,
	const struct moment *m, uint8_t *at)
{
	uint8_t *seq = at - r->wire_len + 1;
	if (r->kind == ROW_NUMBER && r->var != VAR_ENGINE_TIME) {
		size_t n = ber_put_u32(at + 1, m->vars[r->var]);
		at[0] = (uint8_t)n;
		at += 1 + n;
	} else {
		uint8_t value[PROFILE_VALUE];
		size_t n = fleet_row_value(f, p, r, m, value);
		at += ber_put_len(at, n);
		memcpy(at, value, n);
		at += n;
	}
	size_t inner = (size_t)(at - seq) - r->seq_size;
	if (r->seq_size == 1) {
		seq[0] = (uint8_t)inner;
	} else {
		seq[0] = 0x82;
		seq[1] = (uint8_t)(inner >> 8);
		seq[2] = (uint8_t)inner;
	}
	return at;
}

uint8_t *body_header(uint8_t *end, const uint8_t *stop, uint8_t tag)
{
	uint8_t len[3];
	size_t n = ber_put_len(len, (size_t)(stop - end));
	end -= n;
	memcpy(end, len, n);
	*--end = tag;
	return end;
}

static uint8_t *put_rows(const struct talk *t, const struct plan *k)
{
	struct moment m = {t->now_ms, t->p->boot_now_ms, t->p->from_ms, t->p->conds, t->vars};
	uint8_t *at = t->room + ANSWER_HEAD;
	const uint8_t *blob = k->blob;
	for (size_t i = 0; i < k->ops; i++) {
		const struct plan_op *op = &k->op[i];
		memcpy(at, blob, op->len);
		at += op->len;
		blob += op->len;
		if (op->row != NULL)
			at = put_live(t->a->fleet, t->p, op->row, &m, at);
	}
	return at;
}

static void run_plan(
	const struct talk *t, const struct plan *k, const struct ask *q, struct body *ret)
{
	const struct printer *p = t->p;
	uint8_t *at = put_rows(t, k);
	uint8_t status = k->error_status;
	uint16_t index = k->error_index;
	if (p->broken == BROKEN_GEN_ERR || p->broken == BROKEN_TOO_BIG) {
		status = p->broken == BROKEN_GEN_ERR ? SNMP_GEN_ERR : SNMP_TOO_BIG;
		index = 0;
		at = t->room + ANSWER_HEAD;
	}
	uint8_t *start = body_header(t->room + ANSWER_HEAD, at, BER_SEQUENCE);
	*--start = (uint8_t)index;
	if (index > 0x7f)
		*--start = (uint8_t)(index >> 8);
	*--start = index > 0x7f ? 2 : 1;
	*--start = BER_INTEGER;
	*--start = status;
	*--start = 1;
	*--start = BER_INTEGER;
	start -= q->id_len;
	memcpy(start, q->id, q->id_len);
	if (p->broken == BROKEN_WRONG_ID)
		start[q->id_len - 1] ^= 0x55;
	*ret = (struct body){body_header(start, at, SNMP_RESPONSE), at};
}

static void count_kind(struct answer_counts *c, uint8_t pdu)
{
	if (pdu == SNMP_GETBULK)
		c->get_bulk++;
	else if (pdu == SNMP_GET)
		c->get++;
	else if (pdu == SNMP_GETNEXT)
		c->get_next++;
	else
		c->set++;
}

int body_make(struct talk *t, const struct row_table *rows, const struct ask *q, struct body *ret)
{
	struct answer_counts *c = &t->a->counts;
	const struct plan *k = find_plan(t->a, t->p, rows, q);
	if (k == NULL)
		return ERR_FORMAT;
	count_kind(c, q->pdu);
	run_plan(t, k, q, ret);
	c->too_big += k->error_status == SNMP_TOO_BIG;
	c->varbinds += k->varbinds;
	c->in_context += rows != &t->p->profile->table;
	c->never_asked += k->never_asked;
	c->never_overrun += k->never_overrun;
	return 0;
}
