/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/answer.h"

#include "engine/core/str.h"
#include "proto/snmpmsg.h"
#include "tools/sim/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int answer_open(struct answerer *a, struct fleet *f, const char *community, size_t max_response)
{
	*a = (struct answerer){.fleet = f,
		.community = community,
		.community_len = strlen(community),
		.max_response = max_response,
		.random = f->seed};
	a->plans = calloc(ANSWER_PLACES, sizeof *a->plans);
	a->scratch = plan_new();
	if (a->plans == NULL || a->scratch == NULL) {
		answer_close(a);
		return -ENOMEM;
	}
	return 0;
}

static void drop_first(struct answerer *a, size_t place)
{
	struct plan *k = a->plans[place];
	a->plans[place] = k->next;
	a->plan_count--;
	plan_free(k);
}

void answer_close(struct answerer *a)
{
	for (size_t i = 0; a->plans != NULL && i < ANSWER_PLACES; i++)
		while (a->plans[i] != NULL)
			drop_first(a, i);
	free(a->plans);
	plan_free(a->scratch);
	a->plans = NULL;
	a->scratch = NULL;
}

/* A message as far as the request-id. */
struct head {
	const uint8_t *before_pdu; /* version and community, copied into the answer */
	size_t before_pdu_len;
	struct text community;
	const uint8_t *id; /* the request-id with tag and length */
	size_t id_len;
	struct ask ask;
};

/* 0 or an error. */
static int read_head(const struct answerer *a, const uint8_t *bytes, size_t len, struct head *h)
{
	struct ber_in in = {bytes, bytes + len}, msg, community, pdu, list;
	int32_t version, id;
	if (ber_take(&in, BER_SEQUENCE, &msg) < 0 || in.p != in.end)
		return ERR_FORMAT;
	h->before_pdu = msg.p;
	if (ber_take_i32(&msg, &version) < 0 || version < SNMP_V1 || version > SNMP_V2C)
		return ERR_FORMAT;
	if (ber_take(&msg, BER_OCTETS, &community) < 0)
		return ERR_FORMAT;
	h->before_pdu_len = (size_t)(msg.p - h->before_pdu);
	struct ask *q = &h->ask;
	if (ber_take_any(&msg, &q->pdu, &pdu) < 0 || msg.p != msg.end)
		return ERR_FORMAT;
	q->version = (uint8_t)version;
	if (q->pdu != SNMP_GET && q->pdu != SNMP_GETNEXT && q->pdu != SNMP_SET &&
		!(q->pdu == SNMP_GETBULK && version == SNMP_V2C))
		return ERR_FORMAT;
	h->id = pdu.p;
	if (ber_take_i32(&pdu, &id) < 0)
		return ERR_FORMAT;
	h->id_len = (size_t)(pdu.p - h->id);
	q->key = pdu.p;
	q->key_len = (size_t)(pdu.end - pdu.p);
	if (ber_take_i32(&pdu, &q->first) < 0 || ber_take_i32(&pdu, &q->second) < 0 ||
		ber_take(&pdu, BER_SEQUENCE, &list) < 0 || pdu.p != pdu.end)
		return ERR_FORMAT;
	q->list = list;
	h->community =
		(struct text){(const char *)community.p, (size_t)(community.end - community.p)};
	/* Outer header 4, PDU header 4, error-status 3, error-index 4, list header 4. */
	size_t frame = h->before_pdu_len + h->id_len + 19;
	if (h->before_pdu_len + h->id_len + 19 > ANSWER_HEAD)
		return ERR_FORMAT;
	q->room = a->max_response > frame ? a->max_response - frame : 0;
	return 0;
}

/* The rows that a community gives access to: "COMMUNITY" or "COMMUNITY@CONTEXT", as many agents
 * that have SNMPv3 contexts offer them to SNMPv1 and v2c. NULL: it is none of ours. */
static const struct row_table *rows_for(
	const struct answerer *a, const struct profile *p, struct text community)
{
	size_t n = a->community_len;
	if (community.len < n || memcmp(community.p, a->community, n) != 0)
		return NULL;
	if (community.len == n)
		return &p->table;
	struct text context = {community.p + n + 1, community.len - n - 1};
	return community.p[n] == '@' && context.len > 0 && text_is(context, p->context)
		       ? &p->context_table
		       : NULL;
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
		drop_first(a, place);
	for (size_t i = 1; a->plan_count >= ANSWER_PLANS && i <= ANSWER_PLACES; i++)
		while (a->plans[(place + i) % ANSWER_PLACES] != NULL)
			drop_first(a, (place + i) % ANSWER_PLACES);
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
	if (is_own || p->broken == BROKEN_LOOP) {
		v.history = is_own ? p->history : NULL;
		v.is_looping = p->broken == BROKEN_LOOP;
		return plan_build(made, &v, q) < 0 ? NULL : made;
	}
	uint64_t start = (uint64_t)(uintptr_t)rows ^ (uint64_t)(q->pdu << 1 | q->version) << 40;
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

/* Writes a header of tag and length that ends at `end`, over contents up to `stop`. */
static uint8_t *put_header(uint8_t *end, const uint8_t *stop, uint8_t tag)
{
	uint8_t len[3];
	size_t n = ber_put_len(len, (size_t)(stop - end));
	end -= n;
	memcpy(end, len, n);
	*--end = tag;
	return end;
}

static void run_plan(const struct answerer *a, const struct printer *p, const struct plan *k,
	const struct head *h, const struct moment *m, uint8_t *room, struct answer *ret)
{
	uint8_t *at = room + ANSWER_HEAD;
	const uint8_t *blob = k->blob;
	for (size_t i = 0; i < k->ops; i++) {
		const struct plan_op *op = &k->op[i];
		memcpy(at, blob, op->len);
		at += op->len;
		blob += op->len;
		if (op->row != NULL)
			at = put_live(a->fleet, p, op->row, m, at);
	}
	uint8_t status = k->error_status;
	uint16_t index = k->error_index;
	if (p->broken == BROKEN_GEN_ERR || p->broken == BROKEN_TOO_BIG) {
		status = p->broken == BROKEN_GEN_ERR ? SNMP_GEN_ERR : SNMP_TOO_BIG;
		index = 0;
		at = room + ANSWER_HEAD;
	}
	uint8_t *start = put_header(room + ANSWER_HEAD, at, BER_SEQUENCE);
	*--start = (uint8_t)index;
	if (index > 0x7f)
		*--start = (uint8_t)(index >> 8);
	*--start = index > 0x7f ? 2 : 1;
	*--start = BER_INTEGER;
	*--start = status;
	*--start = 1;
	*--start = BER_INTEGER;
	start -= h->id_len;
	memcpy(start, h->id, h->id_len);
	if (p->broken == BROKEN_WRONG_ID)
		start[h->id_len - 1] ^= 0x55;
	start = put_header(start, at, SNMP_RESPONSE);
	start -= h->before_pdu_len;
	memcpy(start, h->before_pdu, h->before_pdu_len);
	start = put_header(start, at, BER_SEQUENCE);
	ret->start = start;
	ret->len = (size_t)(at - start);
}

static void spoil(struct answerer *a, const struct printer *p, struct answer *ret)
{
	if (p->broken == BROKEN_CUT)
		ret->len /= 2;
	if (p->broken == BROKEN_TWICE)
		ret->is_twice = true;
	if (p->broken != BROKEN_GARBAGE)
		return;
	for (size_t i = 0; i < ret->len; i++) {
		a->random = fleet_hash(a->random, i);
		ret->start[i] = (uint8_t)a->random;
	}
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

int answer_make(struct answerer *a, const uint8_t *request, size_t len, uint32_t address,
	uint64_t now_ms, uint8_t *room, struct answer *ret)
{
	struct answer_counts *c = &a->counts;
	struct fleet *f = a->fleet;
	if (address - f->base >= f->count) {
		c->not_ours++;
		return 0;
	}
	struct printer *p = &f->printers[address - f->base];
	const uint32_t *vars = fleet_now(f, p, now_ms);
	if (!p->is_up) {
		c->silent++;
		return 0;
	}
	struct head h;
	if (read_head(a, request, len, &h) < 0) {
		c->malformed++;
		return 0;
	}
	const struct row_table *rows = rows_for(a, p->profile, h.community);
	if (rows == NULL) {
		c->wrong_community++;
		return 0;
	}
	const struct plan *k = find_plan(a, p, rows, &h.ask);
	if (k == NULL) {
		c->malformed++;
		return 0;
	}
	count_kind(c, h.ask.pdu);
	struct moment m = {now_ms, p->boot_now_ms, p->from_ms, p->conds, vars};
	*ret = (struct answer){.printer = p};
	run_plan(a, p, k, &h, &m, room, ret);
	if (p->broken != BROKEN_NOT)
		spoil(a, p, ret);
	c->too_big += k->error_status == SNMP_TOO_BIG;
	c->varbinds += k->varbinds;
	c->in_context += rows != &p->profile->table;
	c->never_asked += k->never_asked;
	c->never_overrun += k->never_overrun;
	c->answers++;
	return 1;
}
