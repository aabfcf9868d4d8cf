/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/mib_shape_agent.h"

static void agent_add(struct agent *a, const char *prefix, size_t len, const uint32_t *sub,
	unsigned subs, const struct shape_cell *cell)
{
	struct agent_object *o = &a->object[a->count++];
	memcpy(o->oid, prefix, len);
	for (unsigned i = 0; i < subs; i++)
		len += oid_put_sub(o->oid + len, sub[i]);
	o->len = (uint8_t)len;
	o->table = AGENT_NO_TABLE;
	o->cell = cell;
}

static void agent_add_table(struct agent *a, unsigned table)
{
	const struct shape *s = a->shape;
	const struct shape_def *def = &shape_defs[table];
	for (unsigned c = 0; c < def->columns; c++) {
		unsigned nth = 0;
		char prefix[16];
		memcpy(prefix, def->entry, def->entry_len);
		prefix[def->entry_len] = (char)def->column[c].number;
		a->first[table][c] = a->count;
		for (unsigned i = 0; i < s->rows[table] && a->count < AGENT_OBJECTS - 16; i++) {
			const struct shape_row *row = &s->row[table][i];
			if (!row->cell[c].is_there)
				continue;
			agent_add(
				a, prefix, def->entry_len + 1u, row->sub, row->subs, &row->cell[c]);
			struct agent_object *o = &a->object[a->count - 1];
			o->table = (uint8_t)table;
			o->column = (uint8_t)c;
			o->nth = (uint8_t)nth++;
		}
	}
}

void agent_open(struct agent *a, const struct shape *s)
{
	static struct shape_cell descr, object, uptime, memory, serial, one;
	a->shape = s;
	a->count = 0;
	shape_put_bytes(&descr, BER_OCTETS, "A printer", 9);
	shape_put_bytes(&object, BER_OID, SHAPE_VENDOR "\x01", sizeof SHAPE_VENDOR);
	shape_put_number(&uptime, BER_TIMETICKS, 123456);
	shape_put_number(&memory, BER_INTEGER, 262144);
	shape_put_bytes(&serial, BER_OCTETS, "TEST00042", 9);
	shape_put_number(&one, BER_INTEGER, 1);
	AGENT_SCALAR(a, "\x01\x01\x00", &descr);
	AGENT_SCALAR(a, "\x01\x02\x00", &object);
	AGENT_SCALAR(a, "\x01\x03\x00", &uptime);
	AGENT_SCALAR(a, "\x19\x02\x02\x00", &memory);
	agent_add_table(a, SHAPE_DEVICE);
	agent_add_table(a, SHAPE_PRINTER);
	AGENT_SCALAR(a, "\x2b\x05\x01\x01\x02\x01", &one); /* the current localization */
	AGENT_SCALAR(a, "\x2b\x05\x01\x01\x11\x01", &serial);
	AGENT_SCALAR(a, "\x2b\x05\x01\x01\x12\x01", &one);
	AGENT_SCALAR(a, "\x2b\x05\x01\x01\x13\x01", &one);
	agent_add_table(a, SHAPE_COVER);
	if (s->charset_cell.is_there)
		AGENT_SCALAR(a, "\x2b\x07\x01\x01\x04\x01\x01", &s->charset_cell);
	for (unsigned t = SHAPE_INPUT; t < SHAPE_TABLES; t++)
		agent_add_table(a, t);
}

static struct oid_ber agent_name(const struct agent *a, unsigned i)
{
	return (struct oid_ber){a->object[i].oid, a->object[i].len};
}

static struct varbind agent_varbind(const struct agent *a, unsigned i)
{
	const struct shape_cell *cell = a->object[i].cell;
	return (struct varbind){agent_name(a, i), cell->type, cell->bytes, cell->len};
}

/* The first object that is not before this name. In a response to GETBULK most names come from the
 * previous repetition and point into the objects themselves. */
static unsigned agent_find(const struct agent *a, struct oid_ber name)
{
	unsigned low = 0, high = a->count;
	uintptr_t at = (uintptr_t)name.p - (uintptr_t)a->object;
	if (at < a->count * sizeof a->object[0])
		return (unsigned)(at / sizeof a->object[0]);
	while (low < high) {
		unsigned mid = (low + high) / 2;
		if (oid_ber_compare(agent_name(a, mid), name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool agent_is_faulty(const struct agent *a, unsigned i)
{
	const struct agent_object *o = &a->object[i];
	return i < a->count && o->table == a->shape->fault_table &&
	       o->column == a->shape->fault_column;
}

/* The object that a faulty agent returns after `asked`; `next` is the correct one. */
static unsigned agent_fault(const struct agent *a, unsigned next, struct oid_ber asked)
{
	const struct shape *s = a->shape;
	unsigned first = a->first[s->fault_table][s->fault_column], at = first + s->fault_row;
	bool is_behind = agent_is_faulty(a, next) && a->object[next].nth >= s->fault_row;
	switch ((enum shape_fault)s->fault) {
	case FAULT_REPEATS:
		return is_behind ? next - 1 : next;
	case FAULT_RESTARTS:
		return is_behind ? first : next;
	case FAULT_LEAPS:
		return is_behind ? 0 : next;
	case FAULT_SWAPS:
		if (next == at)
			return at + 1;
		return next == at + 2 && oid_ber_is_equal(asked, agent_name(a, at + 1)) ? at : next;
	case FAULT_NONE:
	case FAULT_ENDLESS:
	case FAULT_ERROR:
	case FAULT_MANY:
	case FAULT_LONG_INDEX:
	case FAULT_TIMEOUT:
	case FAULT_COUNT:
		break;
	}
	return next;
}

/* The name after `asked` in an endless column: its last number plus one. False: none. */
static bool agent_make_name(
	struct agent *a, unsigned place, unsigned next, struct oid_ber asked, struct varbind *ret)
{
	const struct shape *s = a->shape;
	const struct shape_def *def = &shape_defs[s->fault_table];
	if (s->fault != FAULT_ENDLESS || agent_is_faulty(a, next) || asked.len <= def->entry_len ||
		memcmp(asked.p, def->entry, def->entry_len) != 0 ||
		asked.p[def->entry_len] != def->column[s->fault_column].number)
		return false;
	size_t prefix = def->entry_len + 1u;
	uint32_t sub[8];
	int n = oid_ber_tail(sub, 8, asked.p + prefix, asked.len - prefix);
	if (n <= 0 || sub[n - 1] == UINT32_MAX)
		return false;
	sub[n - 1]++;
	uint8_t *name = a->made[place];
	memcpy(name, asked.p, prefix);
	for (int i = 0; i < n; i++)
		prefix += oid_put_sub(name + prefix, sub[i]);
	const struct shape_cell *cell = a->object[a->first[s->fault_table][s->fault_column]].cell;
	*ret = (struct varbind){{name, prefix}, cell->type, cell->bytes, cell->len};
	return true;
}

/* The object after `asked` at this place of the response. */
static struct varbind agent_next(struct agent *a, unsigned place, struct oid_ber asked)
{
	struct varbind vb;
	unsigned next = agent_find(a, asked);
	if (next < a->count && oid_ber_is_equal(agent_name(a, next), asked))
		next++;
	if (a->shape->fault != FAULT_NONE) {
		if (agent_make_name(a, place, next, asked, &vb))
			return vb;
		next = agent_fault(a, next, asked);
	}
	if (next < a->count)
		return agent_varbind(a, next);
	return (struct varbind){.name = asked, .type = BER_END_OF_MIB_VIEW};
}

static size_t agent_respond_get(
	const struct agent *a, const struct snmp_request *q, struct varbind *vb)
{
	struct varbind straight[LIMIT_REQUEST_OIDS];
	size_t at = 0;
	for (size_t i = 0; i < q->oids; i++) {
		struct oid_ber oid = snmp_request_oid(q, i, &at);
		unsigned k = agent_find(a, oid);
		if (k < a->count && oid_ber_is_equal(agent_name(a, k), oid))
			straight[i] = agent_varbind(a, k);
		else
			straight[i] = (struct varbind){.name = oid, .type = BER_NO_SUCH_INSTANCE};
	}
	for (size_t i = 0; i < q->oids; i++)
		vb[i] = straight[(i + a->shape->behaviour.rotated) % q->oids];
	return q->oids;
}

static size_t agent_respond_next(struct agent *a, const struct snmp_request *q, struct varbind *vb)
{
	struct oid_ber at[LIMIT_REQUEST_OIDS];
	size_t ber_at = 0;
	unsigned n = 0, rounds = q->pdu == SNMP_GETBULK ? q->max_repetitions : 1;
	for (size_t i = 0; i < q->oids; i++)
		at[i] = snmp_request_oid(q, i, &ber_at);
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < q->oids && n < LIMIT_VARBINDS; i++) {
			vb[n] = agent_next(a, n, at[i]);
			at[i] = vb[n++].name;
		}
	}
	return n;
}

/* The error-status of the response; 0: none. */
static int agent_error_status(struct agent *a, const struct snmp_request *q, int *ret_index)
{
	const struct shape *s = a->shape;
	size_t at = 0;
	for (unsigned i = 0; i < q->oids; i++) {
		struct oid_ber oid = snmp_request_oid(q, i, &at);
		*ret_index = s->behaviour.names_no_object ? 0 : (int)i + 1;
		const struct shape_def *def = &shape_defs[s->fault_table];
		if (s->fault == FAULT_ERROR && oid.len > def->entry_len &&
			memcmp(oid.p, def->entry, def->entry_len) == 0 &&
			oid.p[def->entry_len] == def->column[s->fault_column].number)
			return SNMP_GEN_ERR;
		if (!s->behaviour.is_v1)
			continue;
		unsigned k = agent_find(a, oid);
		bool is_exact = k < a->count && oid_ber_is_equal(agent_name(a, k), oid);
		bool is_there = q->pdu == SNMP_GET
					? is_exact
					: agent_next(a, 0, oid).type != BER_END_OF_MIB_VIEW;
		if (!is_there)
			return SNMP_NO_SUCH_NAME;
	}
	return 0;
}

/* Sends one request of the plan to the agent; false: the plan ended. */
static bool agent_converse(
	struct agent *a, struct mib_plan *w, const struct snmp_request *q, struct reading *r)
{
	const struct shape_behaviour *m = &a->shape->behaviour;
	struct varbind vb[LIMIT_VARBINDS];
	int index = 0, status;
	a->requests++;
	if (a->shape->fault == FAULT_TIMEOUT && a->requests >= a->shape->timeout_from) {
		if (mib_add_timeout(w))
			return true;
		mib_abort(w);
		return false;
	}
	if (q->pdu == SNMP_GETBULK && m->has_no_bulk) {
		mib_add_error(w, SNMP_GEN_ERR, 0);
		return true;
	}
	status = agent_error_status(a, q, &index);
	if (status != 0) {
		mib_add_error(w, status, index);
		return true;
	}
	size_t n = q->pdu == SNMP_GET ? agent_respond_get(a, q, vb) : agent_respond_next(a, q, vb);
	a->varbinds += (unsigned)n;
	if (m->too_big != 0 && n > m->too_big)
		mib_add_error(w, SNMP_TOO_BIG, 0);
	else
		mib_add_response(w, r, vb, m->most != 0 && n > m->most ? m->most : n);
	return true;
}

bool agent_poll(struct agent *a, struct mib_limits *memory, struct reading *r,
	const struct models *models, bool is_incremental, unsigned max_requests)
{
	static struct mib_plan w;
	static struct snmp_request q;
	const struct shape_behaviour *m = &a->shape->behaviour;
	a->requests = a->varbinds = 0;
	mib_begin(&w, memory, m->is_v1 ? SNMP_V1 : SNMP_V2C, models, is_incremental);
	while (mib_next_request(&w, &q, m->max_bytes) == 1) {
		if (a->requests >= max_requests)
			return false;
		if (!agent_converse(a, &w, &q, r))
			break;
	}
	mib_end(&w, r);
	return true;
}
