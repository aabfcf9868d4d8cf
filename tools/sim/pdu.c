/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/pdu.h"

#include "proto/smi/request.h"
#include "tools/sim/crash.h"
#include "tools/sim/faults.h"

#include <string.h>

enum { LARGEST = 65507 }; /* a datagram of UDP over IPv4 */

int pdu_read(struct ber_in *in, uint8_t version, struct request *q)
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

/* Frees space for one more plan in a slot: drops the slot's list when it is long, and other slots'
 * lists when the cache is full. Rebuilding plans costs less than keeping an LRU order. */
static void make_room(struct responder *a, size_t place)
{
	size_t n = 0;
	for (const struct plan *k = a->plans[place]; k != NULL; k = k->next)
		n++;
	while (n >= PLAN_CHAIN_MAX && a->plans[place] != NULL)
		responder_drop_plan(a, place);
	for (size_t i = 1; a->plan_count >= PLAN_CACHE_MAX && i <= PLAN_SLOTS; i++)
		while (a->plans[(place + i) % PLAN_SLOTS] != NULL)
			responder_drop_plan(a, (place + i) % PLAN_SLOTS);
}

static bool is_plan_for(const struct plan *k, uint64_t hash, const struct printer *p,
	const struct row_table *rows, const struct request *q)
{
	return k->hash == hash && k->rows == rows && (p->conds & k->cond_mask) == k->conds &&
	       k->pdu == q->pdu && k->version == q->version && k->key_len == q->key_len &&
	       memcmp(k->key, q->key, q->key_len) == 0;
}

static enum walk_way way_of(const struct printer *p)
{
	if (p->broken == BROKEN_LOOP)
		return WALK_SAME;
	if (p->faults == NULL)
		return WALK_RIGHT;
	return fault(p, FAULT_SAME)      ? WALK_SAME
	       : fault(p, FAULT_PAIR)    ? WALK_PAIR
	       : fault(p, FAULT_DOWN)    ? WALK_DOWN
	       : fault(p, FAULT_ENDLESS) ? WALK_ENDLESS
					 : WALK_RIGHT;
}

/* The cached plan of this request, or a new one. NULL if the request is malformed. */
static const struct plan *find_plan(struct responder *a, const struct printer *p,
	const struct row_table *rows, const struct request *q)
{
	struct plan *made = a->scratch;
	made->cond_mask = 0;
	struct view v = {.profile = p->profile,
		.rows = rows,
		.conds = p->conds,
		.cond_mask = &made->cond_mask,
		.is_v1 = q->version == SNMP_V1};
	/* Overrides belong to the default context. */
	bool is_own = p->has_overrides && rows == &p->profile->table;
	v.way = way_of(p);
	if (is_own || v.way != WALK_RIGHT || q->is_size_limited) {
		v.history = is_own ? p->history : NULL;
		return plan_build(made, &v, q) < 0 ? NULL : made;
	}
	uint64_t start = (uint64_t)(uintptr_t)rows ^ (uint64_t)(q->pdu << 2 | q->version) << 40;
	uint64_t hash = traffic_hash(q->key, q->key_len, start);
	size_t place = hash & (PLAN_SLOTS - 1);
	for (struct plan *k = a->plans[place]; k != NULL; k = k->next)
		if (is_plan_for(k, hash, p, rows, q))
			return k;
	if (plan_build(made, &v, q) < 0)
		return NULL;
	a->counts.plans_made++;
	made->hash = hash;
	made->conds = p->conds & made->cond_mask;
	struct plan *k = plan_keep(made);
	if (k == NULL)
		return made;
	make_room(a, place);
	k->next = a->plans[place];
	a->plans[place] = k;
	a->plan_count++;
	return k;
}

/* Writes the value of a live row at `at`, behind its name and type. Returns the varbind's end. */
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

uint8_t *pdu_header(uint8_t *end, const uint8_t *stop, uint8_t tag)
{
	uint8_t len[3];
	size_t n = ber_put_len(len, (size_t)(stop - end));
	end -= n;
	memcpy(end, len, n);
	*--end = tag;
	return end;
}

static uint8_t *put_rows(const struct transaction *t, const struct plan *k)
{
	struct moment m = {t->now_ms, t->p->boot_now_ms, t->p->from_ms, t->p->conds, t->vars};
	uint8_t *at = t->room + RESPONSE_HEAD;
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

/* Replaces the first value by a string that makes the response as large as a datagram can be.
 * Returns the end of the varbinds. */
static uint8_t *make_huge(uint8_t *start, uint8_t *stop)
{
	struct ber_in rows = {start, stop}, vb, name;
	if (ber_take(&rows, BER_SEQUENCE, &vb) < 0 || ber_take(&vb, BER_OID, &name) < 0)
		return stop;
	size_t rest = (size_t)(stop - rows.p), name_len = (size_t)(name.end - name.p);
	size_t value = LARGEST - RESPONSE_HEAD - rest - name_len;
	uint8_t kept[256];
	if (rest + name_len + RESPONSE_HEAD > LARGEST / 2 || name_len > sizeof kept)
		return stop;
	memcpy(kept, name.p, name_len);
	size_t inner = 1 + ber_len_size(name_len) + name_len + 1 + 3 + value;
	uint8_t *behind = start + 4 + inner;
	memmove(behind, rows.p, rest);
	uint8_t *at = start;
	*at++ = BER_SEQUENCE;
	at += ber_put_len(at, inner);
	*at++ = BER_OID;
	at += ber_put_len(at, name_len);
	memcpy(at, kept, name_len);
	at += name_len;
	*at++ = BER_OCTETS;
	at += ber_put_len(at, value);
	memset(at, 'A', value);
	return behind + rest;
}

/* Writes the response's request-id before `end`; FAULT_ID16 keeps its low 16 bits only. */
static uint8_t *put_id(const struct printer *p, const struct request *q, uint8_t *end)
{
	if (fault(p, FAULT_ID16)) {
		struct ber_in in = {q->id, q->id + q->id_len};
		int32_t id = 0;
		if (ber_take_i32(&in, &id) == 0) {
			uint8_t bytes[5];
			size_t n = ber_put_u32(bytes, (uint32_t)id & 0xffff);
			memcpy(end - n, bytes, n);
			return pdu_header(end - n, end, BER_INTEGER);
		}
	}
	end -= q->id_len;
	memcpy(end, q->id, q->id_len);
	if (p->broken == BROKEN_WRONG_ID)
		end[q->id_len - 1] ^= 0x55;
	return end;
}

/* The error-status that the printer's faults return instead of values, or -1. */
static int error_of(const struct printer *p, const struct plan *k)
{
	if (p->broken == BROKEN_GEN_ERR)
		return SNMP_GEN_ERR;
	if (p->broken == BROKEN_TOO_BIG)
		return SNMP_TOO_BIG;
	if (p->faults == NULL)
		return -1;
	uint32_t most = fault(p, FAULT_MAX_VARBINDS);
	if (most > 0 && k->names > most)
		return SNMP_TOO_BIG;
	bool is_bulk = k->pdu == SNMP_GETBULK;
	return is_bulk && fault(p, FAULT_NO_BULK) == NO_BULK_ERROR ? SNMP_GEN_ERR : -1;
}

static void run_plan(const struct transaction *t, const struct plan *k, const struct request *q,
	struct pdu_bytes *ret)
{
	const struct printer *p = t->p;
	uint8_t *at = put_rows(t, k);
	uint8_t status = k->error_status;
	uint16_t index = k->error_index;
	int error = error_of(p, k);
	if (error >= 0) {
		status = (uint8_t)error;
		index = 0;
		at = t->room + RESPONSE_HEAD;
	}
	if (fault(p, FAULT_HUGE))
		at = make_huge(t->room + RESPONSE_HEAD, at);
	uint8_t *start = pdu_header(t->room + RESPONSE_HEAD, at, BER_SEQUENCE);
	*--start = (uint8_t)index;
	if (index > 0x7f)
		*--start = (uint8_t)(index >> 8);
	*--start = index > 0x7f ? 2 : 1;
	*--start = BER_INTEGER;
	*--start = status;
	*--start = 1;
	*--start = BER_INTEGER;
	start = put_id(p, q, start);
	*ret = (struct pdu_bytes){pdu_header(start, at, SNMP_RESPONSE), at};
}

void pdu_count(struct transaction *t, const struct request *q)
{
	struct responder_counts *c = &t->a->counts;
	struct traffic *l = t->traffic;
	uint64_t *kind[2] = {&c->set, &l->set};
	if (q->pdu == SNMP_GETBULK) {
		kind[0] = &c->get_bulk;
		kind[1] = &l->get_bulk;
	} else if (q->pdu == SNMP_GET) {
		kind[0] = &c->get;
		kind[1] = &l->get;
	} else if (q->pdu == SNMP_GETNEXT) {
		kind[0] = &c->get_next;
		kind[1] = &l->get_next;
	}
	++*kind[0];
	++*kind[1];
	uint64_t *version[2] = {&c->v2c, &l->v2c};
	if (q->version == SNMP_V1) {
		version[0] = &c->v1;
		version[1] = &l->v1;
	} else if (q->version == SNMP_V3) {
		version[0] = &c->v3;
		version[1] = &l->v3;
	}
	++*version[0];
	++*version[1];
}

/* Faults that suppress the response. */
static bool is_silenced(struct transaction *t, const struct request *q, const struct plan *k)
{
	struct faults *faults = t->p->faults;
	if (faults->is_crash_prone && crash_check(t, q, k))
		return true;
	uint32_t every = faults->value[FAULT_TRICKLE];
	if (every > 1 && ++faults->requests % every != 0)
		return true;
	return q->pdu == SNMP_GETBULK && faults->value[FAULT_NO_BULK] == NO_BULK_SILENT;
}

/* Applies FAULT_MAX_BYTES. */
static void limit_response_size(const struct transaction *t, struct request *q)
{
	uint32_t most = fault(t->p, FAULT_MAX_BYTES);
	if (most == 0 || most >= t->a->max_response)
		return;
	size_t less = t->a->max_response - most;
	q->room = q->room > less ? q->room - less : 0;
	q->is_size_limited = true;
}

int pdu_respond(struct transaction *t, const struct row_table *rows, struct request *q,
	struct pdu_bytes *ret)
{
	struct responder_counts *c = &t->a->counts;
	limit_response_size(t, q);
	const struct plan *k = find_plan(t->a, t->p, rows, q);
	if (k == NULL)
		return ERR_FORMAT;
	c->never_requested += k->never_requested;
	if (k->names > t->traffic->varbinds_peak)
		t->traffic->varbinds_peak = k->names;
	if (t->p->faults != NULL && is_silenced(t, q, k)) {
		c->silent++;
		return 0;
	}
	run_plan(t, k, q, ret);
	c->too_big += k->error_status == SNMP_TOO_BIG;
	c->varbinds += k->varbinds;
	c->in_context += rows != &t->p->profile->table;
	c->never_overrun += k->never_overrun;
	return 1;
}
